"""Groups, year groups and the class lists behind them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from hubs.actors import Actor
from hubs.errors import Refused
from hubs.log import record
from schools.domain.revision import calendar_changed
from schools.domain.rights import needs_keeper
from schools.models import Enrolment, Group, School, Student, YearGroup

LARGEST_GROUP = 400
HIGHEST_YEAR = 13
_WORD = r"(?:years?|yr|y|grade|gr|class|klasse|kl|jahrgang|jg|stufe|form|std|standard|ano|annee|année|curso)"
_WORDED = re.compile(rf"(?<![^\W\d_]){_WORD}[\s._-]*(\d{{1,2}})(?!\d)", re.IGNORECASE)
_LEADING = re.compile(r"(\d{1,2})(?:e|º|ª|°|th|st|nd|rd)?(?:[\s._/-]*[^\W\d_].*|)$", re.IGNORECASE)
_HUNDREDS = re.compile(r"(\d{1,2})\d{2}$")
_ROMAN = re.compile(r"(X{0,1}(?:IX|IV|V?I{0,3}))(?=[\s._/-]|$)")
_ROMANS = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10, "XI": 11,
           "XII": 12, "XIII": 13}  # fmt: skip
# Age most turn in the school year of year n: n + this. Elsewhere school begins a year later.
STARTS_AT_FIVE = frozenset({"GB", "NZ", "MT"})
# France counts the years of secondary school down: 6e is the first.
FRENCH_AGES = {6: 12, 5: 13, 4: 14, 3: 15, 2: 16, 1: 17}


def guess_year(name: str) -> int | None:
    """The year group a group's name speaks of: "10A", "Year 10 Red", "Y9", "3eB", "VIII B", "101" (year 1).

    None when the name says nothing certain.
    """
    text = " ".join(name.split())
    worded = _WORDED.search(text)
    if worded:
        return _sane(int(worded[1]))
    leading = _LEADING.match(text)
    if leading:
        return _sane(int(leading[1]))
    hundreds = _HUNDREDS.match(text)
    if hundreds:
        return _sane(int(hundreds[1]))
    roman = _ROMAN.match(text)
    return _ROMANS.get(roman[1]) if roman and roman[1] else None


def _sane(number: int) -> int | None:
    return number if 1 <= number <= HIGHEST_YEAR else None


def usual_age(number: int, country: str) -> int:
    """The age most turn during the school year `number` in a country (ISO code)."""
    if country == "FR" and number in FRENCH_AGES:
        return FRENCH_AGES[number]
    return min(max(number + (5 if country in STARTS_AT_FIVE else 6), 5), 25)


def year_groups_for(school: School, numbers: Iterable[int]) -> dict[int, YearGroup]:
    """The school's year groups by number; those asked for and missing are made."""
    known = {row.number: row for row in YearGroup.objects.filter(school=school)}
    for number in sorted(set(numbers) - set(known)):
        known[number] = YearGroup.objects.create(
            hub_id=school.hub_id,
            school=school,
            number=number,
            name=_("Year %(n)s") % {"n": number},
            age=usual_age(number, school.hub.country),
        )
    return known


def set_group_size(group: Group, size: int, *, by: Actor, now: dt.datetime) -> None:
    """How many students a group has, 0 to 400: its list of aliases grows or shrinks to it.

    Nobody is deleted: who leaves keeps the record of what they did. Students with a name, from
    the school's own list, are never taken out here; `Refused` says so.
    """
    needs_keeper(group, by)
    if not 0 <= size <= LARGEST_GROUP:
        raise Refused(
            _("A group has 0 to %(most)s students; you gave %(size)s.") % {"most": LARGEST_GROUP, "size": size}
        )
    with transaction.atomic():
        group = Group.objects.select_for_update(of=("self",), no_key=True).get(pk=group.pk)
        here = list(Student.objects.filter(groups=group, left_on=None).order_by("alias", "pk"))
        if size < len(here):
            _retire(group, here, len(here) - size, now)
        elif size > len(here):
            _enrol(group, size - len(here))
        if group.size != size:
            record(group, "size_set", by=by, now=now, size=size, was=group.size)
            group.size = size
            group.save(update_fields=["size"])


def _retire(group: Group, here: list[Student], count: int, now: dt.datetime) -> None:
    unnamed = [student for student in here if not student.name and not student.key]
    if len(unnamed) < count:
        raise Refused(
            _("%(group)s has %(n)s named students. Take them off the list by name first.")
            % {"group": group.name, "n": len(here) - len(unnamed)}
        )
    leaving = [student.pk for student in unnamed[-count:]]
    Student.objects.filter(pk__in=leaving).update(left_on=now.astimezone(group.school.zone).date())
    calendar_changed(group.school_id)  # the option sets they sat in are the class's no longer


def _enrol(group: Group, count: int) -> None:
    back = list(Student.objects.filter(groups=group, name="", key="").exclude(left_on=None).order_by("alias", "pk"))
    returning = [student.pk for student in back[:count]]
    Student.objects.filter(pk__in=returning).update(left_on=None)
    taken = set(Student.objects.filter(school_id=group.school_id).values_list("alias", flat=True))
    stem, number = group.name[:34], 0
    fresh: list[Student] = []
    while len(fresh) < count - len(returning):
        number += 1
        alias = f"{stem}-{number:02}"
        if alias not in taken:
            fresh.append(_alias(group, alias))
    created = Student.objects.bulk_create(fresh)
    Enrolment.objects.bulk_create([Enrolment(student=student, group=group) for student in created])


def _alias(group: Group, alias: str) -> Student:
    return Student(hub_id=group.hub_id, school_id=group.school_id, alias=alias, year_group_id=group.year_group_id)


def change_group(
    group: Group,
    *,
    by: Actor,
    now: dt.datetime,
    name: str | None = None,
    year: int | None = None,
    keep_year: bool = False,
) -> None:
    """Rename a group or move it to a year group (`year`: its number; None: no year group)."""
    needs_keeper(group, by)
    with transaction.atomic():
        facts: dict[str, Any] = {}
        if name is not None and name.strip() and name.strip() != group.name:
            facts["name"] = group.name = name.strip()[:60]
        if not keep_year:
            wanted = year_groups_for(group.school, {year})[year] if year else None
            if (wanted.pk if wanted else None) != group.year_group_id:
                group.year_group = wanted
                facts["year"] = str(year or "")
                Student.objects.filter(groups=group, name="", key="").update(year_group=wanted)
        if facts:
            group.save(update_fields=["name", "year_group"])
            record(group, "changed", by=by, now=now, **facts)
            calendar_changed(group.school_id)


def add_group(
    school: School, name: str, *, by: Actor, now: dt.datetime, year: int | None = None, size: int = 0
) -> Group:
    """A group typed by hand, for a school without a timetable to import."""
    needs_keeper(school, by)
    name = " ".join(name.split())[:60]
    try:
        with transaction.atomic():
            wanted = year_groups_for(school, {year})[year] if year else None
            group = Group.objects.create(hub_id=school.hub_id, school=school, name=name, key=name, year_group=wanted)
            record(group, "added", by=by, now=now)
            calendar_changed(school)
            if size:
                set_group_size(group, size, by=by, now=now)
    except IntegrityError as clash:
        raise Refused(_("There is a group “%(name)s” already.") % {"name": name}) from clash
    group.refresh_from_db()
    return group


def set_group_active(group: Group, active: bool, *, by: Actor, now: dt.datetime) -> None:
    """Put a group aside, or take it up again. Its record stays."""
    needs_keeper(group, by)
    with transaction.atomic():
        if Group.objects.filter(pk=group.pk, is_active=not active).update(is_active=active):
            group.is_active = active
            record(group, "taken_up" if active else "put_aside", by=by, now=now)
            calendar_changed(group.school_id)


def classes(rows: QuerySet[Group]) -> list[Group]:
    """The active classes, or all groups where a school has sets alone: sets are the same people once more."""
    found = list(rows.filter(is_active=True).select_related("year_group").order_by("year_group__number", "name", "pk"))
    return [row for row in found if row.kind == Group.Kind.CLASS] or found
