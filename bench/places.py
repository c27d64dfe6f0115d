"""Places held for requests, one named student each, by several processes at once: over many sessions and
all in one, beside a bare SQL transaction that takes the same lock and writes the same rows."""

from __future__ import annotations

import datetime as dt
import os
import uuid
from collections.abc import Callable, Iterator

from django.db import connection, connections, models, transaction
from django.utils import timezone

from hubs.models import LogEntry
from placements.domain import brokering, capacity
from placements.models import CalendarEvent, Placement, PlacementRequest, PlacementStudent, StudentDay
from schools.models import Student
from tests import scenes
from tests.cast import two_hubs

DATABASE = True
RUNS = 3
COUNT = 200  # places a case gives
AT_ONCE = 4  # processes
SESSIONS = 50
CASES: dict[str, Callable[[], None]] = {}
COUNTS: dict[str, int] = {}
made: dict = {}


def prepare() -> None:
    cast, now = two_hubs(), timezone.now()
    offer, first = scenes.opportunity(cast.employer), now.date() + dt.timedelta(days=30)
    made["cast"], made["now"] = cast, now
    made["sessions"] = [scenes.session(offer, on=first + dt.timedelta(days=n), places=999) for n in range(SESSIONS)]
    made["requests"] = _requests(cast, now, 2 * COUNT * (RUNS + 1))
    model, one = next(made["requests"]), made["sessions"][0]
    made["model"] = brokering.hold(model, one, by=scenes.desk(cast), now=now)
    CASES.update(
        {
            "held over fifty sessions": lambda: _together(_held(SESSIONS)),
            "held in one session": lambda: _together(_held(1)),
        }
    )
    if connection.vendor == "postgresql":
        CASES["bare SQL over fifty sessions"] = lambda: _together(_bare(SESSIONS))
        CASES["bare SQL in one session"] = lambda: _together(_bare(1))
    COUNTS.update(dict.fromkeys(CASES, COUNT))
    with connection.cursor() as cursor:  # the planner knows nothing of rows that came all at once
        cursor.execute("ANALYZE")


def _requests(cast, now: dt.datetime, count: int) -> Iterator[PlacementRequest]:
    """Waiting requests, each with a student of its own."""
    students = Student.objects.bulk_create(
        Student(hub=cast.hub, school=cast.school, alias=f"S{n:05}") for n in range(count + 1)
    )
    rows = PlacementRequest.objects.bulk_create(
        PlacementRequest(
            hub=cast.hub, school=cast.school, places=1, state="submitted", created_at=now, submitted_at=now
        )
        for _n in students
    )
    through = PlacementRequest.students.through
    pairs = zip(rows, students, strict=True)
    through.objects.bulk_create(through(placementrequest=row, student=student) for row, student in pairs)
    return iter(PlacementRequest.objects.select_related("hub", "school", "group").filter(pk__in=[r.pk for r in rows]))


def _held(sessions: int) -> list[Callable[[], object]]:
    """`COUNT` holds, each of its own request, spread over so many sessions."""
    by, now = scenes.desk(made["cast"]), timezone.now()
    pairs = [(next(made["requests"]), made["sessions"][n % sessions]) for n in range(COUNT)]
    return [lambda pair=pair: brokering.hold(*pair, by=by, now=now) for pair in pairs]


def _bare(sessions: int) -> list[Callable[[], object]]:
    # From the other end, so that the one session of each kind does not become full.
    chosen = [made["sessions"][-1 - n % sessions].pk for n in range(COUNT)]
    return [lambda pk=pk: _one_bare(pk) for pk in chosen]


def _one_bare(session: int) -> None:
    """What a hold writes, copied row by row from one that was made by the service."""
    model = made["model"]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT id FROM opportunities_session WHERE id = %s FOR NO KEY UPDATE", [session])
        cursor.execute(
            "UPDATE opportunities_session SET taken = taken + 1, version = version + 1"
            " WHERE id = %s AND state = 'planned' AND taken <= places - 1",
            [session],
        )
        if not cursor.rowcount:
            raise RuntimeError("the session is full")
        mine = {"session_id": session, "request_id": None, "uid": uuid.uuid4()}
        pk = _copy(cursor, Placement, model.pk, mine)
        student = model.students.values_list("pk", flat=True)
        days = model.student_days.values_list("pk", flat=True)
        _copy(cursor, PlacementStudent, _first(student), {"placement_id": pk})
        _copy(cursor, StudentDay, _first(days), {"placement_id": pk, "live": False})
        _copy(cursor, CalendarEvent, _first(model.events.values_list("pk", flat=True)),
              {"placement_id": pk, "uid": uuid.uuid4()})  # fmt: skip
        entry = LogEntry.objects.filter(subject_type="placements.placement", subject_id=model.pk).order_by("pk")
        _copy(cursor, LogEntry, _first(entry.values_list("pk", flat=True)), {"subject_id": pk})


_known: dict[str, int] = {}


def _first(rows) -> int:
    """Asked once, so that the copy is a write and nothing else."""
    name = rows.model._meta.label
    if name not in _known:
        _known[name] = rows[0]
    return _known[name]


def _copy(cursor, model: type[models.Model], pk: int, other: dict) -> int:
    columns = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    values = ", ".join("%s" if column in other else f'"{column}"' for column in columns)
    named = ", ".join(f'"{column}"' for column in columns)
    table = model._meta.db_table
    given = [other[column] for column in columns if column in other]
    # Names of our own tables and columns; values are parameters.
    copied = f'INSERT INTO "{table}" ({named}) SELECT {values} FROM "{table}" WHERE id = %s RETURNING id'  # noqa: S608 - ours
    cursor.execute(copied, [*given, pk])
    return cursor.fetchone()[0]


def _together(calls: list[Callable[[], object]]) -> None:
    """All calls, shared by `AT_ONCE` processes; a failed one fails the measure."""
    if connection.vendor != "postgresql":
        for call in calls:  # one writer at a time anyway
            call()
        return
    connections.close_all()
    children = []
    for number in range(AT_ONCE):
        pid = os.fork()
        if not pid:
            code = 1
            try:
                for call in calls[number::AT_ONCE]:
                    call()
                code = 0
            finally:
                os._exit(code)
        children.append(pid)
    if any(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children):
        raise RuntimeError("a booking failed")
    if capacity.recount():
        raise RuntimeError("the count is wrong")
