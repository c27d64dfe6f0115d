"""Importing a school's calendar: read, compare with what is stored, ask, write, remember."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

from django.db import transaction

from hubs.actors import Actor
from hubs.log import record
from schools.domain import calendar_rows as rows_of
from schools.domain import words_files
from schools.domain.diff import KEPT, Change, Overwrite, Wanted, alike_by, diff, index, is_firm, tally
from schools.domain.event_rules import bells_of_short_days, school_rules
from schools.domain.imports import MOST_MARKS_OF_A_FILE, lock, set_pattern, write, year_groups_made
from schools.domain.removals import taken_out
from schools.domain.rights import CannotApplyYet, CannotImport, needs_keeper
from schools.ical import CannotReadCalendar, ParsedCalendar
from schools.ical_short import Hours
from schools.models import (
    Closure,
    Import,
    ProtectedPeriod,
    School,
    Term,
    WeekMark,
    WeekPattern,
)
from schools.models.calendar import Imported
from schools.sandbox import parse_calendar_safely
from schools.weeks import guess_labels, labels_for_marks

WINDOW_BACK, WINDOW_AHEAD = dt.timedelta(days=3 * 366), dt.timedelta(days=4 * 366)
CYCLES = (1, 2, 3, 4)


@dataclass(frozen=True)
class CalendarPlan:
    """What a file would do to a school's calendar. Nothing is written until `apply_calendar_import`.

    `asks_cycle`: the file numbers its school weeks and nobody has said how many weeks the
    timetable's cycle has. `letters` and `anchor` are the week pattern to be written, or empty.
    """

    school: School
    parsed: ParsedCalendar
    file_name: str
    sha256: str
    changes: tuple[Change, ...]
    letters: tuple[str, ...]
    anchor: dt.date | None
    asks_cycle: bool
    cycle: int | None
    overwrite: Overwrite
    without_problems: bool
    warnings: tuple[str, ...]

    @property
    def asks_problems(self) -> bool:
        """Whether somebody must say that the rest may be loaded without the events that cannot be read."""
        return bool(self.parsed.problems) and not self.without_problems

    def of(self, model: type[Imported]) -> list[Change]:
        return [change for change in self.changes if change.model is model]

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        return {model._meta.label_lower: tally(self.of(model)) for model in MODELS}

    @property
    def nothing_in_it(self) -> bool:
        return not any(change.row is None or change.values for change in self.changes)


MODELS: tuple[type[Imported], ...] = (Term, Closure, ProtectedPeriod, WeekMark)


def read_calendar(school: School, data: bytes, *, now: dt.datetime) -> ParsedCalendar:
    """Parse in the child process with the school's own rules. Raises `CannotImport`.

    Seven years around now are kept; a file that lies wholly outside them is read whole.
    """
    today = now.astimezone(school.zone).date()
    zone, rules = school.zone.key, school_rules(school)
    try:
        parsed = parse_calendar_safely(data, zone=zone, rules=rules, window=(today - WINDOW_BACK, today + WINDOW_AHEAD))
        if not parsed.events and any(notice.code == "outside_window" for notice in parsed.warnings):
            parsed = parse_calendar_safely(data, zone=zone, rules=rules)
    except CannotReadCalendar as refusal:
        raise CannotImport(words_files.calendar_refusal(refusal), code=refusal.code) from refusal
    return parsed


def plan_calendar_import(
    school: School,
    data: bytes,
    *,
    now: dt.datetime,
    file_name: str = "",
    cycle: int | None = None,
    overwrite: Overwrite = False,
    without_problems: bool = False,
    parsed: ParsedCalendar | None = None,
) -> CalendarPlan:
    """Compare a file with what is stored. Raises `CannotImport`; writes nothing.

    `cycle`: weeks in the timetable's cycle, for calendars that number their school weeks.
    `overwrite`: which rows edited by hand the file may replace. `without_problems`: load the rest when
    events cannot be read. `parsed`: what `read_calendar` gave for
    the same bytes, when it is at hand.
    """
    parsed = parsed or read_calendar(school, data, now=now)
    digest = hashlib.sha256(data).hexdigest()
    return _compare(
        school, parsed, file_name=file_name, sha256=digest, cycle=cycle, overwrite=overwrite,
        without_problems=without_problems,
    )  # fmt: skip


def _compare(
    school: School,
    parsed: ParsedCalendar,
    *,
    file_name: str,
    sha256: str,
    cycle: int | None,
    overwrite: Overwrite,
    without_problems: bool,
) -> CalendarPlan:
    parsed, odd = rows_of.without_slips(parsed)
    prefix, hub = rows_of.common_prefix(parsed.events), school.hub
    ours = _same_source(school, parsed)
    extent, bells = _extent(parsed), bells_of_short_days(school)
    changes = [
        *_terms(school, parsed, rows_of.term_rows(parsed, prefix, hub), ours, extent, overwrite),
        *_closures(school, rows_of.closure_rows(parsed, prefix, hub, bells), ours, extent, overwrite),
        *_protected(school, _protected_rows(parsed, prefix, bells), ours, extent, overwrite),
        *_marks(school, rows_of.mark_rows(parsed), ours, extent, overwrite),
    ]
    letters, anchor, asks = _pattern(school, parsed, cycle)
    known = Term.objects.filter(school=school).exists()
    notices = (notice for notice in parsed.warnings if not (known and notice.code == "no_terms"))
    warnings = [words_files.calendar_notice(notice) for notice in notices]
    warnings += [words_files.set_aside(span) for span in odd]
    warnings += words_files.short_unread(rows_of.short_unread(parsed, bells))
    if asks:
        warnings.append(words_files.asks_cycle(len(parsed.week_marks)))
    return CalendarPlan(
        school=school,
        parsed=parsed,
        file_name=file_name[:160],
        sha256=sha256,
        changes=tuple(changes),
        letters=letters,
        anchor=anchor,
        asks_cycle=asks,
        cycle=cycle,
        overwrite=overwrite,
        without_problems=without_problems,
        warnings=tuple(warnings),
    )


def apply_calendar_import(plan: CalendarPlan, *, by: Actor, now: dt.datetime) -> Import:
    """Write a plan, all of it or nothing. Compares again under a lock: somebody may have edited since."""
    school = plan.school
    needs_keeper(school, by)
    if plan.asks_problems:
        raise CannotApplyYet(words_files.problems_unsettled(len(plan.parsed.problems)))
    with transaction.atomic():
        lock(school)
        plan = _compare(
            school, plan.parsed, file_name=plan.file_name, sha256=plan.sha256, cycle=plan.cycle,
            overwrite=plan.overwrite, without_problems=plan.without_problems,
        )  # fmt: skip
        if plan.nothing_in_it:
            raise CannotImport(words_files.nothing_in_calendar(plan.parsed))
        done = Import(
            hub_id=school.hub_id, school=school, kind=Import.Kind.CALENDAR, format="ics", file_name=plan.file_name,
            sha256=plan.sha256, imported_by=by.user, imported_at=now,
            state=Import.State.DONE,
            mapping={"events": rows_of.fingerprints(plan.parsed, MOST_MARKS_OF_A_FILE), "cycle": plan.cycle},
            summary={"counts": plan.counts, "terms_from": plan.parsed.terms_from},
        )  # fmt: skip
        done.save()
        years = year_groups_made(school, {n for change in plan.of(ProtectedPeriod) for n in change.years})
        before = write(done, plan.changes)
        before["created"]["schools.yeargroup"] = years
        before["checked_at"] = school.calendar_checked_at and school.calendar_checked_at.isoformat()
        if plan.letters and plan.anchor:
            before["pattern"] = set_pattern(school, plan.letters, plan.anchor)
        done.before = before
        done.save(update_fields=["before"])
        confirm_calendar(school, by=by, now=now, log=False)
        record(done, "imported", by=by, now=now, kind="calendar", counts=plan.counts)
    return done


def confirm_calendar(school: School, *, by: Actor, now: dt.datetime, log: bool = True) -> None:
    """Say that the calendar is right as of now: how fresh it is, everybody sees."""
    needs_keeper(school, by)
    with transaction.atomic():
        School.objects.filter(pk=school.pk).update(calendar_checked_at=now)
        if log:
            record(school, "calendar_confirmed", by=by, now=now)
    school.calendar_checked_at = now


# ---- comparing, kind by kind -------------------------------------------------


def _same_source(school: School, parsed: ParsedCalendar) -> set[int]:
    """Imports that came from the same source as this file: those that share an event with it."""
    mine = set(rows_of.fingerprints(parsed, MOST_MARKS_OF_A_FILE))
    earlier = Import.objects.filter(school=school, kind=Import.Kind.CALENDAR, undone_at=None)
    return {pk for pk, mapping in earlier.values_list("pk", "mapping") if mine & set(mapping.get("events", ()))}


def _extent(parsed: ParsedCalendar) -> tuple[dt.date, dt.date]:
    """First and last day the file speaks of: outside it, it cannot take anything away."""
    days = [day for event in parsed.events for day in (event.start, event.end)]
    return (min(days), max(days)) if days else (dt.date.max, dt.date.min)


def _terms(
    school: School,
    parsed: ParsedCalendar,
    wanted: Sequence[Wanted],
    ours: set[int],
    extent: tuple[dt.date, dt.date],
    overwrite: Overwrite,
) -> list[Change]:
    """Terms never overlap. The new file's replace those it overlaps, unless a person set them, or
    unless the file only implies its terms (by its holidays) and another source states them."""
    stored = list(Term.objects.filter(school=school))
    firm = [
        row for row in stored
        if is_firm(row, overwrite) or (parsed.terms_from == "closures" and row.source_id not in ours)
    ]  # fmt: skip
    kept = [w for w in wanted if any(_overlaps(row, w) for row in firm)]
    usable = [w for w in wanted if w not in kept]
    by_start = index(stored, lambda row: row.starts_on)

    def find(one: Wanted) -> Imported | None:
        same = by_start.get(one.values["starts_on"])
        return same or next((row for row in stored if row not in firm and _overlaps(row, one)), None)

    def gone(row: Any) -> bool:
        if row in firm or not row.source_id:
            return False
        replaced = any(_overlaps(row, one) for one in usable)
        return replaced or (row.source_id in ours and _within(row, extent))

    taken = taken_out(school, Term)
    changes = diff(Term, stored, usable, find=find, gone=gone, taken=taken, overwrite=overwrite)
    over = ((w, next(row for row in firm if _overlaps(row, w))) for w in kept)
    return [*changes, *(Change(Term, KEPT, w.key, w.values, row) for w, row in over)]


def _overlaps(row: Any, one: Wanted) -> bool:
    return row.starts_on <= one.values["ends_on"] and one.values["starts_on"] <= row.ends_on


def _within(row: Any, extent: tuple[dt.date, dt.date]) -> bool:
    return extent[0] <= row.ends_on and row.starts_on <= extent[1]


def _closures(
    school: School, wanted: Sequence[Wanted], ours: set[int], extent: tuple[dt.date, dt.date], overwrite: Overwrite
) -> list[Change]:
    stored = list(Closure.objects.filter(school=school))
    by_key = index((row for row in stored if row.key), lambda row: row.key)
    days = ("kind", "starts_on", "ends_on")
    # A day nobody teaches needs no second reason: gaps of a term-day file give way to named closures.
    needed = [w for w in wanted if not w.key.startswith(rows_of.GAP) or w.key in by_key or not _named(stored, w)]
    return diff(
        Closure, stored, needed, find=lambda one: by_key.get(one.key), alike=alike_by(*days), overwrite=overwrite,
        taken=taken_out(school, Closure), gone=lambda row: row.source_id in ours and _within(row, extent),
    )  # fmt: skip


def _named(stored: Iterable[Closure], one: Wanted) -> bool:
    return any(_overlaps(row, one) for row in stored if row.kind != Closure.Kind.SHORT_DAY)


def _protected_rows(parsed: ParsedCalendar, prefix: str, bells: Mapping[str, Hours]) -> list[Wanted]:
    return [*rows_of.protected_rows(parsed, prefix), *rows_of.short_of_years(parsed, prefix, bells)]


def _protected(
    school: School, wanted: Sequence[Wanted], ours: set[int], extent: tuple[dt.date, dt.date], overwrite: Overwrite
) -> list[Change]:
    stored = list(ProtectedPeriod.objects.filter(school=school).prefetch_related("year_groups"))
    for row in stored:
        row.known_years = tuple(sorted(year.number for year in row.year_groups.all()))  # type: ignore[attr-defined]  # for `differs`
    by_key = index((row for row in stored if row.key), lambda row: row.key)
    same = ("name", "starts_on", "ends_on", "starts_at")
    return diff(
        ProtectedPeriod, stored, wanted, find=lambda one: by_key.get(one.key), alike=alike_by(*same),
        overwrite=overwrite, taken=taken_out(school, ProtectedPeriod),
        gone=lambda row: row.source_id in ours and _within(row, extent),
    )  # fmt: skip


def _marks(
    school: School, wanted: Sequence[Wanted], ours: set[int], extent: tuple[dt.date, dt.date], overwrite: Overwrite
) -> list[Change]:
    stored = list(WeekMark.objects.filter(school=school))
    by_monday = index(stored, lambda row: row.monday)

    def gone(row: Any) -> bool:
        return row.source_id in ours and extent[0] <= row.monday <= extent[1]

    return diff(
        WeekMark, stored, wanted, find=lambda one: by_monday.get(one.values["monday"]), overwrite=overwrite,
        taken=taken_out(school, WeekMark), gone=gone,
    )  # fmt: skip


def _pattern(school: School, parsed: ParsedCalendar, cycle: int | None) -> tuple[tuple[str, ...], dt.date | None, bool]:
    """(letters, a day of the first week, whether the length of the cycle must be asked)."""
    marks = [(mark.monday, mark.text) for mark in parsed.week_marks]
    current = WeekPattern.objects.filter(school=school).first()
    if current is not None and cycle in (None, len(current.letters)):
        return (), None, False
    letters = tuple(ascii_uppercase[:cycle]) if cycle else guess_labels(marks)
    if not letters:
        return (), None, bool(marks)
    placed = [monday for monday, letter in labels_for_marks(marks, letters) if letter == letters[0]]
    starts = [*placed, *(span.start for span in parsed.terms)]
    return (letters, starts[0], False) if starts else ((), None, False)
