"""Requests, placements, who goes where, and what came of it."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from config.scale.offers import Dated, Market
from config.scale.schools import Campus
from config.scale.size import Ground, write
from hubs.models import LogEntry, Requirement
from opportunities.models import Session
from placements.models import (
    Clearance,
    Encounter,
    Feedback,
    Placement,
    PlacementRequest,
    PlacementStudent,
    StudentDay,
    Wish,
)
from placements.models.placement import LIVE, TAKING
from schools.models import Student

PAST = ("completed",) * 84 + ("not_attended",) * 4 + ("cancelled",) * 6 + ("declined",) * 3 + ("withdrawn",) * 3
AHEAD = (
    ("held",) * 10 + ("offered",) * 15 + ("accepted",) * 35 + ("ready",) * 30 + ("declined",) * 5 + ("cancelled",) * 5
)
UNDER_WAY = ("under_way",)
NEVER_OFFERED = ("held", "withdrawn")
CHUNK = 10_000  # placements written at once, so that memory stays flat
OPEN_FOR_EACH = 100  # one request nobody has placed for so many placements
CLEARED = 3  # requirements of a placement ahead
DAY = dt.timedelta(days=1)


@dataclass
class Planned:
    """One placement to be written, with where and who."""

    row: Placement
    at: Dated
    students: list[Student]


@dataclass
class Rota:
    """The next students of each school in turn; nobody is in two places on one day."""

    turn: Counter = field(default_factory=Counter)
    busy: defaultdict = field(default_factory=lambda: defaultdict(set))

    def pick(self, campus: Campus, count: int, days: list[dt.date]) -> list[Student]:
        chosen: list[Student] = []
        while len(chosen) < count:
            student = campus.students[self.turn[campus.school.pk] % len(campus.students)]
            self.turn[campus.school.pk] += 1
            if self.busy[student.pk].isdisjoint(days):
                self.busy[student.pk].update(days)
                chosen.append(student)
        return chosen


def build(ground: Ground, campuses: list[Campus], market: Market) -> int:
    """Returns how many placements were written."""
    rota, taken, rules = Rota(), Counter(), list(Requirement.objects.order_by("pk")[:CLEARED])
    done = 0
    while done < ground.size.placements:
        numbers = range(done, min(done + CHUNK, ground.size.placements))
        planned = [_plan(ground, campuses, market, rota, number) for number in numbers]
        _requests(ground, planned)
        write(Placement, (one.row for one in planned))
        taken.update({one.at.session.pk: 0 for one in planned})
        for one in planned:
            taken[one.at.session.pk] += one.row.places if one.row.state in TAKING else 0
        _people(ground, planned)
        _after(ground, planned)
        _clearances(ground, planned, rules)
        done = numbers.stop
    _count(market, taken)
    _still_open(ground, campuses, market)
    return done


def _plan(ground: Ground, campuses: list[Campus], market: Market, rota: Rota, number: int) -> Planned:
    at = market.sessions[number % len(market.sessions)]
    campus = campuses[ground.dice.randrange(len(campuses))]
    states = PAST if at.is_over else UNDER_WAY if at.spans[0][0] <= ground.now else AHEAD
    state = states[ground.dice.randrange(len(states))]
    students = rota.pick(campus, ground.dice.randint(1, 2), at.days)
    asked = min(at.spans[0][0] - ground.dice.randint(21, 90) * DAY, ground.now - ground.dice.randint(1, 20) * DAY)
    row = Placement(
        session=at.session,
        employer_id=at.session.employer_id,
        school=campus.school,
        places=len(students),
        state=state,
        held_until=ground.now + 5 * DAY if state == "held" else None,
        offered_at=None if state in NEVER_OFFERED else asked + 2 * DAY,
        answer_by=None if state in NEVER_OFFERED else asked + 9 * DAY,
        answered_at=None if state in (*NEVER_OFFERED, "offered") else asked + 5 * DAY,
        closed_at=None if state in LIVE else max(asked + 6 * DAY, at.spans[-1][1] if at.is_over else asked),
        created_at=asked,
        **ground.common,
    )
    return Planned(row, at, students)


def _requests(ground: Ground, planned: list[Planned]) -> None:
    requests = write(
        PlacementRequest,
        (
            PlacementRequest(
                school=one.row.school,
                places=one.row.places,
                state="withdrawn" if one.row.state == "withdrawn" else "placed",
                created_at=one.row.created_at,
                submitted_at=one.row.created_at,
                **ground.common,
            )
            for one in planned
        ),
    )
    pairs = list(zip(planned, requests, strict=True))
    for one, request in pairs:
        one.row.request = request
    write(
        Wish,
        (
            Wish(request=request, school=one.row.school, rank=1, session=one.at.session, **ground.common)
            for one, request in pairs
        ),
    )


def _people(ground: Ground, planned: list[Planned]) -> None:
    write(
        PlacementStudent,
        (
            PlacementStudent(
                placement=one.row, student=student, school=one.row.school, added_at=one.row.created_at, **ground.common
            )
            for one in planned
            for student in one.students
        ),
    )
    write(
        StudentDay,
        (
            StudentDay(
                placement=one.row,
                student=student,
                school=one.row.school,
                starts_at=start,
                ends_at=end,
                live=one.row.state in LIVE,
                present=True if one.row.state == "completed" else None,
                marked_at=end if one.row.state == "completed" else None,
                **ground.common,
            )
            for one in planned
            for student in one.students
            for start, end in one.at.spans
        ),
    )


def _after(ground: Ground, planned: list[Planned]) -> None:
    """Encounters, what both sides said, and an entry in the log for each placement."""
    past = [one for one in planned if one.row.state in ("completed", "not_attended")]
    write(Encounter, (_encounter(ground, one, student) for one in past for student in one.students))
    write(
        Feedback,
        (
            Feedback(
                placement=one.row,
                school=one.row.school,
                side=side,
                again=ground.dice.random() < 0.8,
                given_at=one.at.spans[-1][1] + DAY,
                **ground.common,
            )
            for one in past[::3]
            for side in ("employer", "school")
        ),
    )
    write(
        LogEntry,
        (
            LogEntry(
                at=one.row.closed_at or one.row.created_at,
                hat="system",
                via="command",
                verb=one.row.state,
                subject_type="placements.placement",
                subject_id=one.row.pk,
                to_state=one.row.state,
                **ground.common,
            )
            for one in planned
        ),
    )


def _encounter(ground: Ground, one: Planned, student: Student) -> Encounter:
    kind, attended = one.at.session.opportunity.encounter_type, one.row.state == "completed"
    flags = {flag: attended and ground.dice.random() < 0.85 for flag in kind.required_flags}
    return Encounter(
        student=student,
        placement=one.row,
        school=one.row.school,
        encounter_type=kind,
        employer_id=one.row.employer_id,
        on=one.at.days[-1],
        attended=attended,
        hours=kind.hours if attended else 0,
        meaningful=attended and all(flags.values()),
        recorded_at=one.at.spans[-1][1] + DAY,
        **flags,
        **ground.common,
    )


def _clearances(ground: Ground, planned: list[Planned], rules: list[Requirement]) -> None:
    """Ready ones are cleared; of the accepted ones, the last rule is still to do."""
    ahead = [one for one in planned if one.row.state in ("accepted", "ready")]
    write(
        Clearance,
        (
            Clearance(
                placement=one.row,
                school=one.row.school,
                requirement=rule,
                responsible=rule.responsible,
                blocks=rule.blocks,
                due_on=one.at.days[0] - 14 * DAY,
                state="open" if one.row.state == "accepted" and rule == rules[-1] else "done",
                **ground.common,
            )
            for one in ahead
            for rule in rules
        ),
    )


def _count(market: Market, taken: Counter) -> None:
    sessions = [one.session for one in market.sessions]
    for session in sessions:
        session.taken = taken[session.pk]
    Session.objects.bulk_update(sessions, ["taken"], batch_size=CHUNK // 10)


def _still_open(ground: Ground, campuses: list[Campus], market: Market) -> None:
    """Requests that nobody has placed yet: the hub's desk."""
    ahead = [one.session for one in market.sessions if one.spans[0][0] > ground.now + 30 * DAY]
    requests = write(
        PlacementRequest,
        (
            PlacementRequest(
                school=campuses[n % len(campuses)].school,
                group=campuses[n % len(campuses)].groups[n % len(campuses[n % len(campuses)].groups)],
                places=ground.dice.randint(1, 4),
                state="submitted",
                created_at=ground.now - (n % 20) * DAY,
                submitted_at=ground.now - (n % 20) * DAY,
                **ground.common,
            )
            for n in range(ground.size.placements // OPEN_FOR_EACH)
        ),
    )
    write(
        Wish,
        (
            Wish(request=one, school=one.school, rank=rank, session=session, **ground.common)
            for one in requests
            for rank, session in enumerate(ground.dice.sample(ahead, min(3, len(ahead))), 1)
        ),
    )
