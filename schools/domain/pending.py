"""A file from upload to confirmation."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import asdict

from django.db import transaction
from django.utils.translation import gettext as _

from hubs.actors import Actor
from hubs.errors import Refused
from hubs.sheets import guess_delimiter
from schools.domain.calendar import (
    CalendarPlan,
    apply_calendar_import,
    plan_calendar_import,
    read_calendar,
)
from schools.domain.diff import Overwrite
from schools.domain.event_rules import remember_kinds
from schools.domain.rights import CannotImport, needs_keeper
from schools.domain.roster import RosterPlan, apply_roster, choices_from, packed, plan_roster, read_roster, unpacked
from schools.domain.roster_jobs import queue_roster
from schools.domain.roster_rows import RosterChoices
from schools.domain.timetable import (
    TimetablePlan,
    apply_timetable_import,
    plan_timetable_import,
    read_timetable,
)
from schools.domain.timetable_answers import answers_as_json, answers_from_json, remembered
from schools.domain.timetable_rows import Answers
from schools.ical_json import pack_calendar, unpack_calendar
from schools.models import Import, PendingImport, School
from schools.timetable_json import pack_timetable, unpack_timetable
from schools.timetable_types import decode, table
from schools.timetables import CannotReadTimetable, guess_mapping

LARGEST_UPLOAD = 2 * 1024 * 1024
KEPT_FOR = dt.timedelta(days=7)
FEWEST_COLUMNS = 3
#: Refusals that a choice of columns may mend.
MENDABLE = frozenset({"unknown_format", "mapping_incomplete", "missing_columns", "missing_value"})


def keep_calendar(school: School, data: bytes, *, file_name: str, by: Actor, now: dt.datetime) -> PendingImport:
    """Read an uploaded calendar and keep it for confirmation. Raises `CannotImport`; then nothing is kept."""
    needs_keeper(school, by)
    _check_size(data)
    parsed = read_calendar(school, data, now=now)
    return _keep(school, PendingImport.Kind.CALENDAR, data, file_name, by, now, parsed=pack_calendar(parsed))


def keep_timetable(school: School, data: bytes, *, file_name: str, by: Actor, now: dt.datetime) -> PendingImport:
    """Read an uploaded timetable and keep it, with what was said about the last of its shape. A table whose columns
    are not known is kept too: see `columns_of`."""
    needs_keeper(school, by)
    _check_size(data)
    known, parsed, header = None, None, columns_of(data)
    try:
        parsed = read_timetable(data)
        known = remembered(school, parsed.format, parsed.header)
        if known and known.columns:
            parsed = read_timetable(data, mapping=known.columns)
    except CannotImport as refusal:
        if refusal.code not in MENDABLE or len(header) < FEWEST_COLUMNS:
            raise
        known = remembered(school, "csv", header)
        parsed = read_timetable(data, mapping=known.columns) if known else None
    return _keep(
        school, PendingImport.Kind.TIMETABLE, data, file_name, by, now, choices=answers_as_json(known or Answers()),
        parsed=pack_timetable(parsed) if parsed else None,
    )  # fmt: skip


def _check_size(data: bytes) -> None:
    if not data.strip():
        raise CannotImport(_("This file is empty. Choose the file your program exported."), code="empty")
    if len(data) > LARGEST_UPLOAD:
        raise CannotImport(
            _("This file has %(size)s MB; the most is 2 MB. Export less of it.") % {"size": round(len(data) / 1e6, 1)},
            code="too_large",
        )


def _keep(
    school: School, kind: str, data: bytes, file_name: str, by: Actor, now: dt.datetime, **fields: object
) -> PendingImport:
    with transaction.atomic():
        old = PendingImport.objects.filter(school=school, uploaded_at__lt=now - KEPT_FOR)
        # What came from an address is not sent again until it changes again: it waits as long as it must.
        old.filter(subscription=None).delete()
        return PendingImport.objects.create(
            hub_id=school.hub_id,
            school=school,
            kind=kind,
            data=data,
            file_name=file_name[:160],
            uploaded_by=by.user,
            uploaded_at=now,
            **fields,
        )


# ---- a calendar --------------------------------------------------------------


def calendar_plan(
    pending: PendingImport,
    *,
    now: dt.datetime,
    cycle: int | None = None,
    overwrite: Overwrite = False,
    without_problems: bool = False,
) -> CalendarPlan:
    return plan_calendar_import(
        pending.school,
        bytes(pending.data),
        now=now,
        file_name=pending.file_name,
        cycle=cycle,
        overwrite=overwrite,
        without_problems=without_problems,
        parsed=unpack_calendar(pending.parsed or {}),
    )


def reclassify(pending: PendingImport, kinds: dict[str, str], *, by: Actor, now: dt.datetime) -> None:
    """Remember what events mean and read the kept file again with it."""
    with transaction.atomic():
        remember_kinds(pending.school, kinds, by=by, now=now)
        pending.parsed = pack_calendar(read_calendar(pending.school, bytes(pending.data), now=now))
        pending.save(update_fields=["parsed"])


def confirm_calendar_file(
    pending: PendingImport,
    *,
    cycle: int | None,
    overwrite: Overwrite,
    without_problems: bool,
    by: Actor,
    now: dt.datetime,
) -> Import:
    """Import it and forget the file, all or nothing. Raises `Refused` on a second tap."""
    with transaction.atomic():
        _claim(pending)
        plan = calendar_plan(pending, now=now, cycle=cycle, overwrite=overwrite, without_problems=without_problems)
        done = apply_calendar_import(plan, by=by, now=now)
        pending.delete()
    return done


# ---- class lists ----


def keep_roster(
    school: School, data: bytes, *, names: bool, file_name: str, by: Actor, now: dt.datetime
) -> PendingImport:
    """Read an uploaded OneRoster archive and keep what was read of it, never the archive. Raises `CannotImport`."""
    needs_keeper(school, by)
    read = packed(read_roster(data, names=names))
    return _keep(school, PendingImport.Kind.ROSTER, read, file_name, by, now)


def roster_plan(pending: PendingImport, *, now: dt.datetime) -> RosterPlan:
    data = bytes(pending.data)
    return plan_roster(
        pending.school, unpacked(data), now=now, choices=choices_from(pending.choices), file_name=pending.file_name,
        sha256=hashlib.sha256(data).hexdigest(),
    )  # fmt: skip


def choose_for_roster(pending: PendingImport, choices: RosterChoices, *, by: Actor) -> None:
    """Keep what was said about the file so far."""
    needs_keeper(pending, by)
    pending.choices = asdict(choices)
    pending.save(update_fields=["choices"])


def confirm_roster_file(pending: PendingImport, *, by: Actor, now: dt.datetime) -> Import:
    """Load it, or leave a large one to the job. Raises `Refused` on a second tap, `CannotApplyYet`."""
    with transaction.atomic():
        _claim(pending)
        plan = roster_plan(pending, now=now)
        if plan.nothing_in_it:
            raise CannotImport(_("Everything in this file is there already: nothing would change."))
        if plan.is_large:
            return queue_roster(pending, plan, by=by, now=now)
        done = apply_roster(plan, by=by, now=now)
        pending.delete()
    return done


# ---- a timetable -------------------------------------------------------------


def timetable_plan(pending: PendingImport, *, now: dt.datetime) -> TimetablePlan:
    """Raises `CannotImport` while nobody has said which column is which."""
    return plan_timetable_import(
        pending.school, bytes(pending.data), now=now, answers=answers_of(pending), file_name=pending.file_name,
        parsed=unpack_timetable(pending.parsed) if pending.parsed else None,
    )  # fmt: skip


def answers_of(pending: PendingImport) -> Answers:
    return answers_from_json(pending.choices)


def answer(pending: PendingImport, answers: Answers, *, by: Actor) -> None:
    """Keep what was said about the file so far; other columns mean reading it again. Raises `CannotImport`."""
    needs_keeper(pending, by)
    if dict(answers.columns) != dict(answers_of(pending).columns) or not pending.parsed:
        parsed = read_timetable(bytes(pending.data), mapping=answers.columns or None)
        pending.parsed = pack_timetable(parsed)
    pending.choices = answers_as_json(answers)
    pending.save(update_fields=["choices", "parsed"])


def confirm_timetable_file(pending: PendingImport, *, by: Actor, now: dt.datetime) -> Import:
    """Import it and forget the file, all or nothing. Raises `Refused` on a second tap, `CannotApplyYet`."""
    with transaction.atomic():
        _claim(pending)
        done = apply_timetable_import(timetable_plan(pending, now=now), by=by, now=now)
        pending.delete()
    return done


def columns_of(data: bytes) -> list[str]:
    """The header of a table, for choosing columns; empty when the file is no table."""
    try:
        text, _notes = decode(data)
        return next(table(text, guess_delimiter(text)), (1, []))[1]
    except CannotReadTimetable:
        return []


def guessed_columns(data: bytes) -> dict[str, str]:
    return guess_mapping(columns_of(data))


def _claim(pending: PendingImport) -> None:
    """A second tap on "Import" finds the file gone."""
    if not PendingImport.objects.select_for_update(of=("self",)).filter(pk=pending.pk).exists():
        raise Refused(_("This file was imported or put aside already."))


def put_aside(pending: PendingImport, *, by: Actor) -> None:
    needs_keeper(pending, by)
    pending.delete()
