"""What the school's API views share."""

from __future__ import annotations

from django.utils.translation import gettext as _

from hubs.api import Rows
from schools.models import School


class ActingSchool(Rows):
    """For views that create: the school the caller acts for."""

    def school(self) -> School:
        return self.acting_for(School, _("Name the school you act for."))
