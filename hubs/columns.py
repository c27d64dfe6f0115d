"""Columns of the back office's lists that say days and hours as a wall calendar does.

Wagtail's own date column says how long ago something was, and "just now" of all that is
still to come.
"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.formats import date_format
from wagtail.admin.ui.tables import Column


class WhenColumn(Column):
    """A local date, or an instant in the current time zone; nothing where there is none."""

    def get_value(self, instance) -> str:
        value = super().get_value(instance)
        if not value:
            return ""
        if isinstance(value, dt.datetime):
            return date_format(timezone.localtime(value), "D j M Y, H:i")
        return date_format(value, "D j M Y")
