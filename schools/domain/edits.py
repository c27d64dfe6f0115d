"""Changing a calendar by hand. What a person changed, an import leaves alone (`edited`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hubs.actors import Actor
from hubs.errors import Refused
from hubs.log import record
from hubs.words import days as days_of
from schools.domain.imports import lock
from schools.domain.removals import take_out
from schools.domain.revision import calendar_changed
from schools.domain.rights import needs_keeper
from schools.models import (
    BellPeriod,
    BellSchedule,
    Closure,
    Group,
    Lesson,
    ProtectedPeriod,
    ReleaseRule,
    School,
    Term,
    WeekMark,
    WeekPattern,
    YearGroup,
)
from schools.models.calendar import Imported
from schools.slips import BACKWARDS, FAR_OFF, TOO_LONG, slip_of, slip_of_day

SLIPS = {
    BACKWARDS: gettext_lazy("The last day is before the first."),
    TOO_LONG: gettext_lazy("This is longer than a year. Check the years of both days."),
    FAR_OFF: gettext_lazy("A day lies in the year %(year)s. Write the year with four digits, such as 2026."),
}


def save_term(
    school: School, values: Mapping[str, Any], *, by: Actor, now: dt.datetime, term: Term | None = None
) -> Term:
    """Add or change a term: `name`, `starts_on`, `ends_on`. Terms of a school never overlap."""
    _span(values)
    needs_keeper(school, by)
    others = Term.objects.filter(school=school).exclude(pk__in=[term.pk] if term else [])
    with transaction.atomic():
        lock(school)
        if clash := others.filter(starts_on__lte=values["ends_on"], ends_on__gte=values["starts_on"]).first():
            raise Refused(
                _("It overlaps %(name)s (%(days)s). Change one of the two.")
                % {"name": clash.name, "days": days_of(clash.starts_on, clash.ends_on)}
            )
        return _save(term or Term(school=school, hub_id=school.hub_id), values, by=by, now=now)


def save_closure(
    school: School, values: Mapping[str, Any], *, by: Actor, now: dt.datetime, closure: Closure | None = None
) -> Closure:
    """Add or change a holiday, staff day, public holiday or short day: `kind`, `name`, `starts_on`, `ends_on`, and of a
    short day `begins_at` or `ends_at`."""
    _span(values)
    return _save(closure or Closure(school=school, hub_id=school.hub_id), values, by=by, now=now)


def save_protected(
    school: School,
    values: Mapping[str, Any],
    *,
    by: Actor,
    now: dt.datetime,
    period: ProtectedPeriod | None = None,
) -> ProtectedPeriod:
    """Add or change a protected period. `values` holds its fields, `year_groups` and `groups`."""
    _span(values)
    lists = {name: list(values.get(name, ())) for name in ("year_groups", "groups")}
    if any(row.school_id != school.pk for rows in lists.values() for row in rows):
        raise Refused(_("Choose year groups and groups of this school."))
    fields = {name: value for name, value in values.items() if name not in lists}
    with transaction.atomic():
        row = _save(period or ProtectedPeriod(school=school, hub_id=school.hub_id), fields, by=by, now=now)
        for name, rows in lists.items():
            getattr(row, name).set(rows)
        calendar_changed(school)
    return row


def remove(row: Imported | BellSchedule | ReleaseRule, *, by: Actor, now: dt.datetime) -> None:
    """Take a row out of the calendar; the log keeps what it was, and no file brings it back unasked."""
    needs_keeper(row, by)
    with transaction.atomic():
        record(row, "removed", by=by, now=now, what=str(row)[:120], **_dates(row))
        if isinstance(row, Imported):
            take_out([row], now=now)
        row.delete()
        calendar_changed(row.school_id)


def set_week_pattern(
    school: School,
    letters: Sequence[str],
    anchor_on: dt.date,
    *,
    holidays_advance: bool,
    by: Actor,
    now: dt.datetime,
) -> WeekPattern:
    """How lessons repeat. Lessons follow: those of the first old letter get the first new one."""
    needs_keeper(school, by)
    if not letters or len(set(letters)) != len(letters) or any(len(letter) > 8 for letter in letters):
        raise Refused(_("Give each week of the cycle its own short name."))
    if slip := slip_of_day(anchor_on):
        raise Refused(str(SLIPS[slip]) % {"year": anchor_on.year})
    with transaction.atomic():
        lock(school)
        old = WeekPattern.objects.filter(school=school).first()
        if old and list(letters) != old.letters:
            _rename_weeks(school, old.letters, letters)
        pattern, _made = WeekPattern.objects.update_or_create(
            school=school,
            defaults={
                "hub_id": school.hub_id,
                "letters": list(letters),
                "anchor_on": anchor_on,
                "holidays_advance": holidays_advance,
            },
        )
        record(pattern, "set", by=by, now=now, letters=list(letters), anchor=anchor_on.isoformat())
    return pattern


def forget_marks(school: School, *, by: Actor, now: dt.datetime) -> int:
    """From now on the pattern alone says which week is which; how many weeks the school's calendar had marked.

    A later file does not mark them again unasked.
    """
    needs_keeper(school, by)
    with transaction.atomic():
        lock(school)
        rows = list(WeekMark.objects.filter(school=school).order_by("pk"))
        take_out(rows, now=now)
        WeekMark.objects.filter(pk__in=[row.pk for row in rows]).delete()
        if rows:
            record(school, "week_marks_forgotten", by=by, now=now, weeks=len(rows))
    return len(rows)


def _rename_weeks(school: School, old: Sequence[str], new: Sequence[str]) -> None:
    names = dict(zip(old, new, strict=False))
    rows = list(Lesson.objects.filter(school=school).exclude(week_letter=""))
    for row in rows:
        row.week_letter = names.get(row.week_letter, row.week_letter)
    Lesson.objects.bulk_update(rows, ["week_letter"], batch_size=500)


def set_bell_schedule(
    school: School,
    name: str,
    periods: Iterable[tuple[str, dt.time, dt.time]],
    *,
    by: Actor,
    now: dt.datetime,
    weekdays: Iterable[int] = (),
    week_letter: str = "",
    schedule: BellSchedule | None = None,
) -> BellSchedule:
    """The day's periods, (name, from, until). They follow one another; two may not overlap.

    Lessons that stood in a period of the schedule move with it.
    """
    needs_keeper(school, by)
    ordered = sorted(periods, key=lambda period: period[1])
    _check_periods(ordered)
    row = schedule or BellSchedule(school=school, hub_id=school.hub_id)
    row.name, row.weekdays, row.week_letter = name, sorted(set(weekdays)), week_letter
    try:
        with transaction.atomic():
            lock(school)
            moved = _move_lessons(row, {label: (start, end) for label, start, end in ordered}) if row.pk else 0
            row.save()
            row.periods.all().delete()
            BellPeriod.objects.bulk_create(
                BellPeriod(schedule=row, name=label, starts_at=start, ends_at=end) for label, start, end in ordered
            )
            record(row, "set", by=by, now=now, periods=len(ordered), lessons=moved)
    except IntegrityError as clash:
        raise Refused(_("There is a bell schedule “%(name)s” already.") % {"name": name}) from clash
    return row


def _move_lessons(schedule: BellSchedule, new: Mapping[str, tuple[dt.time, dt.time]]) -> int:
    """A lesson is in a period when it has its name and its hours, on a day and in a week the schedule rules."""
    rows = []
    for old in schedule.periods.all():
        there = Lesson.objects.filter(
            school=schedule.school_id, period=old.name, starts_at=old.starts_at, ends_at=old.ends_at
        )  # fmt: skip
        if schedule.weekdays:
            there = there.filter(weekday__in=schedule.weekdays)
        if schedule.week_letter:
            there = there.filter(week_letter=schedule.week_letter)
        starts, ends = new.get(old.name, (old.starts_at, old.ends_at))
        if (starts, ends) != (old.starts_at, old.ends_at):
            for row in there:
                row.starts_at, row.ends_at = starts, ends
                rows.append(row)
    Lesson.objects.bulk_update(rows, ["starts_at", "ends_at"], batch_size=500)
    return len(rows)


def _check_periods(ordered: Sequence[tuple[str, dt.time, dt.time]]) -> None:
    if not ordered:
        raise Refused(_("Give at least one period."))
    names = [label for label, _start, _end in ordered]
    twice = next((label for label in names if names.count(label) > 1), None)
    if twice is not None:
        raise Refused(_("Two periods are called “%(name)s”. Give each its own name.") % {"name": twice})
    for label, start, end in ordered:
        if end <= start:
            raise Refused(_("“%(name)s” ends before it begins.") % {"name": label})
    for (first, _start, end), (second, start, _end) in pairwise(ordered):
        if start < end:
            raise Refused(_("“%(first)s” and “%(second)s” overlap.") % {"first": first, "second": second})


def save_release_rule(
    school: School, whom: YearGroup | Group | None, values: Mapping[str, Any], *, by: Actor, now: dt.datetime
) -> ReleaseRule:
    """When students may be out: one rule for the school (`whom` None), and one for each year group and each group that
    differs. What a group's rule fills in takes the place of its year group's, and that of the school's."""
    needs_keeper(school, by)
    if whom is not None and whom.school_id != school.pk:
        raise Refused(_("Choose year groups and groups of this school."))
    if whom is not None and values.get("most_out_per_day"):
        raise Refused(_("How many may be out a day is counted over the whole school: set it in the school's rule."))
    year = whom if isinstance(whom, YearGroup) else None
    group = whom if isinstance(whom, Group) else None
    with transaction.atomic():
        rule, _made = ReleaseRule.objects.update_or_create(
            school=school, year_group=year, group=group, defaults={"hub_id": school.hub_id, **values}
        )
        record(rule, "set", by=by, now=now, year=year.number if year else 0, group=group.name if group else "")
        calendar_changed(school)
    return rule


def _save(row: Any, values: Mapping[str, Any], *, by: Actor, now: dt.datetime) -> Any:
    needs_keeper(row, by)
    was = _dates(row) if row.pk else {}
    for name, value in values.items():
        setattr(row, name, value)
    row.edited = True
    with transaction.atomic():
        row.save()
        record(row, "changed" if was else "added", by=by, now=now, **_dates(row), was=was)
        calendar_changed(row.school_id)
    return row


def _dates(row: Any) -> dict[str, Any]:
    return {
        name: getattr(row, name).isoformat()
        for name in ("starts_on", "ends_on")
        if getattr(row, name, None) is not None
    }


def _span(values: Mapping[str, Any]) -> None:
    first, last = values["starts_on"], values["ends_on"]
    if slip := slip_of(first, last):
        odd = first if slip_of_day(first) else last
        raise Refused(str(SLIPS[slip]) % {"year": odd.year})
