"""Filters of the back office's lists that are typed."""

from __future__ import annotations

import django_filters
from django.utils.translation import gettext_lazy as _


class NameFilter(django_filters.CharFilter):
    """Rows of whoever is called as was typed, else of those in whose names it stands. A list to choose from would be as
    long as the hub has employers."""

    def __init__(self, *args, **kwargs) -> None:
        kwargs.setdefault("help_text", _("The name, or a part of it."))
        super().__init__(*args, **kwargs)

    def filter(self, qs, value):
        if not value:
            return qs
        exactly = qs.filter(**{f"{self.field_name}__name__iexact": value})
        return exactly if exactly.exists() else qs.filter(**{f"{self.field_name}__name__icontains": value})
