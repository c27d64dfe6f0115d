"""Finding a school or a group by what a person types at a command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from django.db.models import Q
from django.utils.translation import gettext as _

from hubs.errors import Refused
from schools.models import Group, School

Row = TypeVar("Row", School, Group)


def find_school(text: str) -> School:
    """By id, exact name or school number. Raises `Refused` when none or several match."""
    wanted = Q(name__iexact=text.strip()) | Q(number=text.strip())
    if text.strip().isdecimal():
        wanted |= Q(pk=int(text))
    return _one(list(School.objects.filter(wanted).select_related("hub")[:5]), text, _("school"))


def find_group(school: School, text: str) -> Group:
    """By name, by name in the timetable, or by id."""
    groups = Group.objects.filter(school=school).select_related("school__hub", "year_group")
    named = list(groups.filter(Q(name__iexact=text.strip()) | Q(key=text.strip()))[:5])
    if not named and text.strip().isdecimal():
        named = list(groups.filter(pk=int(text)))
    return _one(named, text, _("group"))


def _one(found: Sequence[Row], text: str, what: str) -> Row:
    if not found:
        raise Refused(_("There is no %(what)s “%(text)s”.") % {"what": what, "text": text})
    if len(found) > 1:
        names = ", ".join(f"{row} ({row.pk})" for row in found)
        raise Refused(
            _("“%(text)s” could be several: %(names)s. Give the number in brackets.") % {"text": text, "names": names}
        )
    return found[0]
