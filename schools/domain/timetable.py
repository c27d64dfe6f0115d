"""Importing a school's timetable: read, place in the week, ask what nobody can know, write, remember."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubs.actors import Actor
from hubs.log import record
from schools.domain import words_files
from schools.domain.compile import bell_of
from schools.domain.diff import Change, Overwrite, Wanted, alike_by, diff, overwrite_from, tally
from schools.domain.groups import guess_year
from schools.domain.imports import lock, set_pattern, write
from schools.domain.removals import taken_out
from schools.domain.rights import CannotApplyYet, CannotImport, needs_keeper
from schools.domain.timetable_answers import answers_as_json
from schools.domain.timetable_rows import Answers, PlacedLesson, place, same_week_names, weeks_in
from schools.domain.timetable_times import moved
from schools.domain.timetable_write import NewGroup, anchor_of, create_groups, write_bell
from schools.hours import BellPeriod, bell_from_hours
from schools.models import (
    Group,
    Import,
    Lesson,
    School,
    WeekPattern,
)
from schools.models.calendar import Imported
from schools.sandbox import parse_timetable_safely
from schools.timetables import CannotReadTimetable, ParsedTimetable

NAMED = 6


class Weeks(NamedTuple):
    """`names`: the file's week → the school's. `letters`: the school's weeks. `unread`: what nobody knows yet. `new`:
    the pattern the file brings to a school without one."""

    names: Mapping[str, str]
    letters: tuple[str, ...]
    unread: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class TimetablePlan:
    """What a file would do to a school's lessons. Nothing is written until `apply_timetable_import`.

    `unread_hours`, `unread_days` and `unread_weeks` (`known_weeks` are the school's) must be answered
    first. `bell` is a schedule to be made, read off the file or given, for a school without one.
    `names`: the file's name of each group → the key of the group it is taken for, "" when it is left out.
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
    names: Mapping[str, str]
    new_groups: tuple[NewGroup, ...]
    unread_hours: tuple[str, ...]
    unread_days: tuple[str, ...]
    unread_weeks: tuple[str, ...]
    known_weeks: tuple[str, ...]
    letters: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def asks_problems(self) -> bool:
        """Whether somebody must say that the rest may be loaded without the lines that cannot be read."""
        return bool(self.parsed.problems) and not self.answers.without_problems

    @property
    def is_settled(self) -> bool:
        return not self.asks_labels and not self.asks_problems

    @property
    def asks_labels(self) -> bool:
        return bool(self.unread_hours or self.unread_days or self.unread_weeks)

    @property
    def counts(self) -> dict[str, int]:
        return tally(self.changes)

    @property
    def groups(self) -> list[str]:
        return list(dict.fromkeys(lesson.group for lesson in self.lessons))


def read_timetable(
    data: bytes,
    *,
    format: str | None = None,  # noqa: A002 - the word everybody uses
    mapping: Mapping[str, str] | None = None,
) -> ParsedTimetable:
    """Parse in a process of its own. Raises `CannotImport`."""
    try:
        return parse_timetable_safely(data, format=format, mapping=mapping)
    except CannotReadTimetable as refusal:
        raise CannotImport(words_files.timetable_refusal(refusal), code=refusal.code) from refusal


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
    parsed: ParsedTimetable | None = None,
) -> TimetablePlan:
    """Compare a timetable with what is stored. Raises `CannotImport`; writes nothing.

    `format`: one of `schools.timetables.FORMATS`, None to look at the file. `mapping`: columns of a
    generic CSV. `bell_schedule`: periods that explain the hours, instead of the school's own.
    `parsed`: what `read_timetable` gave for the same bytes and columns, when it is at hand.
    """
    answers = answers or Answers()
    columns = dict(mapping or answers.columns) or None
    parsed = parsed or read_timetable(data, format=format, mapping=columns)
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
    groups = {row.key: row for row in Group.objects.filter(school=school)}
    names = _names(parsed, groups, answers)
    weeks = _weeks(school, () if parsed.times_only else weeks_in(parsed, answers), answers)
    placed = moved(school, parsed) if parsed.times_only else place(parsed, given or own, answers, names, weeks.names)
    changes = _changes(school, placed.lessons, groups, parsed.times_only, overwrite_from(answers.overwrite))
    new = _new_groups(parsed, groups, names, answers)
    notes_on_others = [] if parsed.times_only else _left_alone(groups, names.values())
    return TimetablePlan(
        school=school,
        parsed=parsed,
        file_name=file_name,
        sha256=sha256,
        answers=answers,
        given_bell=given,
        bell=() if own else _new_bell(parsed, given, answers),
        lessons=placed.lessons,
        changes=tuple(changes),
        names=names,
        new_groups=tuple(new),
        unread_hours=placed.unread_hours,
        unread_days=placed.unread_days,
        unread_weeks=weeks.unread,
        known_weeks=weeks.letters,
        letters=weeks.new,
        warnings=(*(words_files.timetable_notice(n) for n in parsed.warnings), *weeks.notes, *notes_on_others),
    )


def apply_timetable_import(plan: TimetablePlan, *, by: Actor, now: dt.datetime) -> Import:
    """Write a plan, all of it or nothing. Raises `CannotApplyYet` while a label of the file is unread."""
    school = plan.school
    needs_keeper(school, by)
    if not plan.is_settled:
        raise CannotApplyYet(unsettled(plan))
    with transaction.atomic():
        lock(school)
        before: dict[str, Any] = {"created": {}}
        bell = write_bell(school, plan.bell) if plan.bell and not bell_of(school) else []
        years = create_groups(school, plan.new_groups, before)
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
            mapping={**answers_as_json(plan.answers), "header": list(plan.parsed.header)},
            summary={"counts": plan.counts, "groups": len(plan.groups)},
        )  # fmt: skip
        done.save()
        written = write(done, plan.changes)
        pattern = WeekPattern.objects.filter(school=school).first()
        written |= {"taken_up": taken_up, "letters": pattern.letters if pattern else []}
        if plan.letters:
            written["pattern"] = set_pattern(school, plan.letters, anchor_of(school, plan.letters, now))
        written["created"] |= {**before["created"], "schools.bellschedule": bell, "schools.yeargroup": years}
        done.before = written
        done.save(update_fields=["before"])
        record(done, "imported", by=by, now=now, kind="timetable", counts=plan.counts)
    return done


def unsettled(plan: TimetablePlan) -> str:
    """What still has to be said about a file, in one sentence."""
    if not plan.asks_labels:
        return words_files.problems_unsettled(len(plan.parsed.problems))
    if plan.unread_weeks:
        return _("Say which of the school's weeks %(known)s these are: %(labels)s.") % {
            "known": "/".join(plan.known_weeks), "labels": _some(plan.unread_weeks)
        }  # fmt: skip
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


def _names(parsed: ParsedTimetable, groups: Mapping[str, Group], answers: Answers) -> dict[str, str]:
    """The group each name of the file means: as somebody said, else the one of that key, else of nearly that name."""
    near: dict[str, str] = {}
    for row in groups.values():
        for name in (row.key, row.name):
            near.setdefault(_bare(name), row.key)
    found = {}
    for name in parsed.group_names:
        key = name[:120]
        found[name] = answers.groups.get(name, key if key in groups else near.get(_bare(name), key))
    return found


def _bare(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def _new_groups(
    parsed: ParsedTimetable, groups: Mapping[str, Group], names: Mapping[str, str], answers: Answers
) -> list[NewGroup]:
    """A name with a stroke in it, or inside another of the file, is part of a class unless somebody says no."""
    named = set(parsed.group_names)
    inside = {child for child, parent in parsed.parents if parent in named}
    found: dict[str, NewGroup] = {}
    for name, key in names.items():
        if key and key not in groups and key not in found:
            part = answers.parts.get(name, "/" in name or name in inside)
            found[key] = NewGroup(key, answers.years.get(name, guess_year(key)), part)
    return list(found.values())


def _changes(
    school: School,
    lessons: Sequence[PlacedLesson],
    groups: Mapping[str, Group],
    times_only: bool,
    overwrite: Overwrite,
) -> list[Change]:
    """The lessons of the groups in the file become those of the file; other groups keep theirs."""
    touched = {groups[name].pk for name in {lesson.group for lesson in lessons} if name in groups}
    stored = list(Lesson.objects.filter(school=school, group_id__in=touched))
    by_key = {(row.group_id, row.key): row for row in stored if row.key}

    def find(one: Wanted) -> Imported | None:
        return by_key.get((one.values["group_id"], one.key))

    wanted = [Wanted(lesson.key, _values(lesson, groups)) for lesson in lessons]
    return diff(
        Lesson, stored, wanted, find=find, alike=SAME_PLACE, taken=taken_out(school, Lesson), overwrite=overwrite,
        gone=lambda row: row.source_id is not None and not times_only,
    )  # fmt: skip


#: The same subject at the same time is the same lesson, whatever number a program gives it the next time.
SAME_PLACE = alike_by("group_id", "subject", "weekday", "week_letter", "starts_at")


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


def _weeks(school: School, weeks: tuple[str, ...], answers: Answers) -> Weeks:
    """What the weeks of the file are. A pattern of several weeks is the school's own: a file may not replace it, and
    weeks that are neither its letters nor their numbers are asked for."""
    pattern = WeekPattern.objects.filter(school=school).first()
    letters = tuple(pattern.letters) if pattern else ()
    if not weeks:
        return Weeks({}, letters)
    if len(letters) > 1:
        said = {week: answers.weeks[week] for week in weeks if answers.weeks.get(week) in ("", *letters)}
        names = {**same_week_names(weeks, letters), **said}
        return Weeks(names, letters, unread=tuple(week for week in weeks if week not in names))
    names = {week: week[:8].strip() for week in weeks}
    new = tuple(dict.fromkeys(names.values())) if len(weeks) > 1 else _pair(names[weeks[0]])
    note = _("The timetable has the weeks %(weeks)s. Check on the calendar page which week comes first.")
    return Weeks(names, letters, new=new, notes=(note % {"weeks": "/".join(new)},))


def _pair(week: str) -> tuple[str, ...]:
    usual = ("1", "2") if week.isdecimal() else ("A", "B")
    return usual if week in usual else (week, _("other")[:8])


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
