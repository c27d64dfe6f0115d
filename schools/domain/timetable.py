"""Importing a school's timetable: read, place in the week, ask what nobody can know, write, remember."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubs.actors import Actor
from hubs.log import record
from schools.domain import words_files
from schools.domain.compile import bell_of
from schools.domain.diff import Change, Wanted, diff, tally
from schools.domain.groups import guess_year, year_groups_for
from schools.domain.imports import lock, set_pattern, write, year_groups_made
from schools.domain.rights import CannotImport, NotSettled, needs_keeper
from schools.domain.timetable_rows import Answers, PlacedLesson, place, same_week_names, weeks_of
from schools.domain.timetable_times import moved
from schools.hours import BellPeriod, bell_from_hours
from schools.models import (
    BellPeriod as BellPeriodRow,
)
from schools.models import (
    BellSchedule,
    Group,
    Import,
    Lesson,
    School,
    Term,
    WeekMark,
    WeekPattern,
)
from schools.models.calendar import Imported
from schools.timetables import CannotReadTimetable, ParsedTimetable, parse_timetable
from schools.weeks import labels_for_marks

NAMED = 6


@dataclass(frozen=True)
class NewGroup:
    key: str
    year: int | None


@dataclass(frozen=True)
class TimetablePlan:
    """What a file would do to a school's lessons. Nothing is written until `apply_timetable_import`.

    `unread_hours` and `unread_days` must be answered first. `bell` is a schedule to be made, read
    off the file or given, for a school without one.
    """

    school: School
    parsed: ParsedTimetable
    file_name: str
    sha256: str
    answers: Answers
    given_bell: tuple[BellPeriod, ...]
    bell: tuple[BellPeriod, ...]
    lessons: tuple[PlacedLesson, ...]
    changes: tuple[Change, ...]
    new_groups: tuple[NewGroup, ...]
    unread_hours: tuple[str, ...]
    unread_days: tuple[str, ...]
    letters: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def is_settled(self) -> bool:
        return not self.unread_hours and not self.unread_days

    @property
    def counts(self) -> dict[str, int]:
        return tally(self.changes)

    @property
    def groups(self) -> list[str]:
        return list(dict.fromkeys(lesson.group for lesson in self.lessons))


def plan_timetable_import(
    school: School,
    data: bytes,
    *,
    now: dt.datetime,
    format: str | None = None,  # noqa: A002 - the word everybody uses
    mapping: Mapping[str, str] | None = None,
    bell_schedule: Sequence[BellPeriod] | None = None,
    answers: Answers | None = None,
    file_name: str = "",
) -> TimetablePlan:
    """Compare a timetable with what is stored. Raises `CannotImport`; writes nothing.

    `format`: one of `schools.timetables.FORMATS`, None to look at the file. `mapping`: columns of a
    generic CSV. `bell_schedule`: periods that explain the hours, instead of the school's own.
    """
    answers = answers or Answers()
    columns = dict(mapping or answers.columns) or None
    try:
        parsed = parse_timetable(data, format=format, mapping=columns)
    except CannotReadTimetable as refusal:
        raise CannotImport(words_files.timetable_refusal(refusal), code=refusal.code) from refusal
    answers = replace(answers, columns=columns or {})
    digest = hashlib.sha256(data).hexdigest()
    return _compare(school, parsed, answers, tuple(bell_schedule or ()), file_name=file_name[:160], sha256=digest)


def _compare(
    school: School,
    parsed: ParsedTimetable,
    answers: Answers,
    given: tuple[BellPeriod, ...],
    *,
    file_name: str,
    sha256: str,
) -> TimetablePlan:
    own = bell_of(school)
    placed = moved(school, parsed) if parsed.times_only else place(parsed, given or own, answers)
    groups = {row.key: row for row in Group.objects.filter(school=school)}
    lessons, letters, notes = _weeks(school, list(placed.lessons))
    changes = _changes(school, lessons, groups, parsed.times_only)
    names = dict.fromkeys(name[:120] for name in parsed.group_names)
    new = [NewGroup(key, answers.years.get(key, guess_year(key))) for key in names if key not in groups]
    notes_on_others = [] if parsed.times_only else _left_alone(groups, names)
    return TimetablePlan(
        school=school,
        parsed=parsed,
        file_name=file_name,
        sha256=sha256,
        answers=answers,
        given_bell=given,
        bell=() if own else _new_bell(parsed, given, answers),
        lessons=tuple(lessons),
        changes=tuple(changes),
        new_groups=tuple(new),
        unread_hours=placed.unread_hours,
        unread_days=placed.unread_days,
        letters=letters,
        warnings=(*(words_files.timetable_notice(n) for n in parsed.warnings), *notes, *notes_on_others),
    )


def apply_timetable_import(plan: TimetablePlan, *, by: Actor, now: dt.datetime) -> Import:
    """Write a plan, all of it or nothing. Raises `NotSettled` while a label of the file is unread."""
    school = plan.school
    needs_keeper(school, by)
    if not plan.is_settled:
        raise NotSettled(unsettled(plan))
    with transaction.atomic():
        lock(school)
        before: dict[str, Any] = {"created": {}}
        bell = _write_bell(school, plan.bell) if plan.bell and not bell_of(school) else []
        years = _create_groups(school, plan.new_groups, before)
        aside = Group.objects.filter(school=school, key__in=plan.groups, is_active=False)
        taken_up = list(aside.values_list("pk", flat=True))
        aside.update(is_active=True)
        plan = _compare(
            school, plan.parsed, plan.answers, plan.given_bell, file_name=plan.file_name, sha256=plan.sha256
        )
        if not plan.changes:
            raise CannotImport(_("No lesson of this file belongs to a lesson imported before: nothing would change."))
        done = Import(
            hub_id=school.hub_id, school=school, kind=Import.Kind.TIMETABLE, format=plan.parsed.format,
            file_name=plan.file_name, sha256=plan.sha256, imported_by=by.user, imported_at=now,
            state=Import.State.DONE,
            mapping=answers_as_json(plan.answers),
            summary={"counts": plan.counts, "groups": len(plan.groups)},
        )  # fmt: skip
        done.save()
        written = write(done, plan.changes)
        pattern = WeekPattern.objects.filter(school=school).first()
        written |= {"taken_up": taken_up, "letters": pattern.letters if pattern else []}
        if plan.letters:
            written["pattern"] = set_pattern(school, plan.letters, _anchor(school, plan.letters, now))
        written["created"] |= {**before["created"], "schools.bellschedule": bell, "schools.yeargroup": years}
        done.before = written
        done.save(update_fields=["before"])
        record(done, "imported", by=by, now=now, kind="timetable", counts=plan.counts)
    return done


def unsettled(plan: TimetablePlan) -> str:
    """What still has to be said about a file, in one sentence."""
    if plan.unread_days:
        return ngettext(
            "Say which weekday this is: %(labels)s.", "Say which weekdays these are: %(labels)s.", len(plan.unread_days)
        ) % {"labels": _some(plan.unread_days)}
    return ngettext(
        "Say from when until when this hour lasts: %(labels)s.",
        "Say from when until when these hours last: %(labels)s.",
        len(plan.unread_hours),
    ) % {"labels": _some(plan.unread_hours)}


def _some(labels: Sequence[str]) -> str:
    """A few of them by name, and how many more there are."""
    quoted = ", ".join(f"“{label[:60]}”" for label in labels[:NAMED])
    more = len(labels) - NAMED
    return _("%(names)s and %(n)s more") % {"names": quoted, "n": more} if more > 0 else quoted


# ---- comparing ----------------------------------------------------------------


def _changes(
    school: School, lessons: Sequence[PlacedLesson], groups: Mapping[str, Group], times_only: bool
) -> list[Change]:
    """The lessons of the groups in the file become those of the file; other groups keep theirs."""
    touched = {groups[name].pk for name in {lesson.group for lesson in lessons} if name in groups}
    stored = list(Lesson.objects.filter(school=school, group_id__in=touched))
    by_key = {(row.group_id, row.key): row for row in stored if row.key}

    def find(one: Wanted) -> Imported | None:
        return by_key.get((one.values["group_id"], one.key))

    wanted = [Wanted(lesson.key, _values(lesson, groups)) for lesson in lessons]
    return diff(Lesson, stored, wanted, find=find, gone=lambda row: row.source_id is not None and not times_only)


def _values(lesson: PlacedLesson, groups: Mapping[str, Group]) -> dict[str, Any]:
    group = groups.get(lesson.group)
    return {
        "group_id": group.pk if group else None,
        "subject": lesson.subject,
        "weekday": lesson.weekday,
        "week_letter": lesson.week,
        "starts_at": lesson.starts,
        "ends_at": lesson.ends,
        "period": lesson.period,
        "room": lesson.room,
    }


def _weeks(school: School, lessons: list[PlacedLesson]) -> tuple[list[PlacedLesson], tuple[str, ...], list[str]]:
    """The file's week names in the school's letters; letters of a new pattern when it has none yet."""
    weeks = weeks_of(lessons)
    if not weeks:
        return lessons, (), []
    pattern = WeekPattern.objects.filter(school=school).first()
    letters = tuple(pattern.letters) if pattern else ()
    names = same_week_names(weeks, letters) if len(letters) > 1 else {}
    new: tuple[str, ...] = ()
    notes = []
    if not names:
        new = weeks if len(weeks) > 1 else _pair(weeks[0])
        names = {week: week for week in weeks}
        notes.append(
            _("The timetable has the weeks %(weeks)s. Check on the calendar page which week comes first.")
            % {"weeks": "/".join(new)}
        )
    return [replace(lesson, week=names.get(lesson.week, lesson.week)) for lesson in lessons], new, notes


def _pair(week: str) -> tuple[str, ...]:
    return ("1", "2") if week.isdecimal() else ("A", "B")


def _left_alone(groups: Mapping[str, Group], names: Iterable[str]) -> list[str]:
    absent = [row.name for key, row in groups.items() if row.is_active and key not in set(names)]
    if not absent:
        return []
    return [
        ngettext(
            "%(count)s group is not in this file and keeps its lessons: %(names)s.",
            "%(count)s groups are not in this file and keep their lessons: %(names)s.",
            len(absent),
        )
        % {"count": len(absent), "names": _some(absent)}
    ]


def _new_bell(parsed: ParsedTimetable, given: tuple[BellPeriod, ...], answers: Answers) -> tuple[BellPeriod, ...]:
    if given:
        return given
    if answers.hours:
        return tuple(BellPeriod(label, *times) for label, times in answers.hours.items())
    return bell_from_hours(parsed.hour_labels)


# ---- writing ------------------------------------------------------------------


def _write_bell(school: School, periods: Iterable[BellPeriod]) -> list[int]:
    schedule = BellSchedule.objects.create(hub_id=school.hub_id, school=school, name=_("School day"))
    rows = {
        period.label[:40]: BellPeriodRow(
            schedule=schedule, name=period.label[:40], starts_at=period.start, ends_at=period.end
        )
        for period in periods
        if period.end > period.start
    }
    BellPeriodRow.objects.bulk_create(rows.values())
    return [schedule.pk]


def _create_groups(school: School, groups: Sequence[NewGroup], before: dict[str, Any]) -> list[int]:
    """Makes the groups; returns the ids of year groups made for them."""
    numbers = {group.year for group in groups if group.year}
    made, years = year_groups_made(school, numbers), year_groups_for(school, numbers)
    created = Group.objects.bulk_create(
        Group(
            hub_id=school.hub_id,
            school=school,
            key=group.key,
            name=group.key[:60],
            kind=Group.Kind.SET if "/" in group.key else Group.Kind.CLASS,
            year_group=years.get(group.year) if group.year else None,
        )
        for group in groups
    )
    before["created"]["schools.group"] = [group.pk for group in created]
    return made


def _anchor(school: School, letters: tuple[str, ...], now: dt.datetime) -> dt.date:
    """The first letter falls on the first week the calendar marks so, else on its first term."""
    marks = WeekMark.objects.filter(school=school).values_list("monday", "letter")
    marked = [monday for monday, letter in labels_for_marks(marks, letters) if letter == letters[0]]
    term = Term.objects.filter(school=school).order_by("starts_on").first()
    year = school.hub.academic_year_of(now.astimezone(school.zone).date())[0]
    return marked[0] if marked else term.starts_on if term else year


def answers_as_json(answers: Answers) -> dict[str, Any]:
    return {
        "columns": dict(answers.columns),
        "hours": {label: [start.isoformat(), end.isoformat()] for label, (start, end) in answers.hours.items()},
        "days": {label: list(day) for label, day in answers.days.items()},
        "years": dict(answers.years),
    }


def answers_from_json(saved: Mapping[str, Any]) -> Answers:
    """As `Import.mapping` keeps them. Raises KeyError, TypeError or ValueError on anything else."""
    return Answers(
        columns=dict(saved.get("columns", {})),
        hours={
            label: (dt.time.fromisoformat(times[0]), dt.time.fromisoformat(times[1]))
            for label, times in saved.get("hours", {}).items()
        },
        days={label: (int(day[0]), str(day[1])) for label, day in saved.get("days", {}).items()},
        years=dict(saved.get("years", {})),
    )
