"""Moving a whole session to other days: whom that touches is shown first, only those are asked, and nothing moves
before all of them have said yes.

Nobody loses a place by it: it stays the same session, with the places taken in it. Whoever cannot come says no and
keeps what was agreed, until the move is taken back or that placement is called off.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from hubs.actors import Actor, system
from hubs.errors import Refused
from hubs.locks import lock_rows
from hubs.log import record
from hubs.moves import lock_state, move
from hubs.outbox import queue
from opportunities.domain import sessions
from opportunities.domain.sessions import Day
from opportunities.models import Session
from placements.domain import agreements, calendar, capacity, clearances, days, hours, preparing
from placements.domain.people import school_people
from placements.domain.sides import CannotChange, people_of, side_of
from placements.models import Amendment, Placement, PlacementRequest, PlacementStudent, SessionMove
from placements.models.placement import KNOWN_TO_EMPLOYER, LIVE
from schools.models import Student

AGREED = ("accepted", "ready")


@dataclass(frozen=True)
class Touched:
    """Placements whose schools are asked, and requests for this session without one, whose schools are told."""

    placements: list[Placement]
    requests: list[PlacementRequest]
    mark: str

    @property
    def places(self) -> int:
        return sum(one.places for one in self.placements)


def touched(session: Session) -> Touched:
    """Whom other days of this session touch. `mark` is another one once that, or the session, is no longer so."""
    placed = list(session.placements.live().with_all().order_by("school__name", "pk"))
    wishing = PlacementRequest.objects.filter(hub=session.hub_id, state="submitted", wishes__session=session)
    asked = wishing.exclude(school__in=[one.school_id for one in placed]).select_related("school")
    asking = list(asked.order_by("pk").distinct())
    facts = [sorted((one.pk, one.state, one.places) for one in placed), [one.pk for one in asking], as_it_is(session)]
    return Touched(placed, asking, hashlib.sha256(repr(facts).encode()).hexdigest()[:16])


def as_it_is(session: Session) -> list[Day]:
    return [(day.on, day.starts_at, day.ends_at) for day in session.days.order_by("on", "starts_at")]


def asked_of(session: Session) -> SessionMove | None:
    """The move that is being asked about, or None."""
    return session.moves.filter(state="asked").first()


@transaction.atomic
def move_session(
    session: Session, to: Sequence[Day], *, reason: str = "", seen: str | None = None, by: Actor, now: dt.datetime
) -> SessionMove:
    """Put a session on other days (local, on its own wall clock), or ask for it where schools have places in it.

    `seen` is the `mark` of what the mover was shown. Raises `Refused` with code "stale" when that is no longer so,
    `CannotChange`, `CannotAct`, `capacity.CannotPlace` when a cap would be broken.
    """
    sessions.need_writer(session.opportunity, by)
    session = capacity.lock([session.pk])[session.pk]
    check_movable(session, to, now)
    found = touched(session)
    if seen is not None and seen != found.mark:
        raise Refused(_("Something changed since you looked. See whom it touches now, then decide."), code="stale")
    if found.placements and not reason.strip():
        raise CannotChange(_("Say why: the schools read it."))
    _hold(found.placements)
    if Amendment.objects.filter(placement__in=found.placements, state="proposed").exists():
        raise CannotChange(_("One of these placements is being changed already. Wait for that answer first."))
    asked = SessionMove.objects.create(
        hub_id=session.hub_id, employer_id=session.employer_id, session=session, reason=reason.strip(),
        days=[[on.isoformat(), f"{start:%H:%M}", f"{end:%H:%M}"] for on, start, end in to],
        asked_by=by.user, asked_at=now,
    )  # fmt: skip
    record(asked, "move_asked", by=by, now=now, reason=reason, placements=len(found.placements))
    with on_days(session, to) as tried:
        capacity.keep_caps([tried])  # said now, and not to the school that answers last
    for placement in found.placements:
        _ask(asked, placement, by=by, now=now)
    settle(asked, now=now)
    return asked


def _hold(placements: Sequence[Placement]) -> None:
    """Whoever asks for another change of one of them holds its row while looking whether one is asked about."""
    lock_rows(Placement.objects.filter(pk__in=[one.pk for one in placements]))


def check_movable(session: Session, to: Sequence[Day], now: dt.datetime) -> None:
    """Raise `Refused` unless the session can be put on these days at all, whomever that touches."""
    sessions.check_days(to, session.zone, now)
    if session.state != Session.State.PLANNED or session.starts_at <= now:
        raise CannotChange(_("Only a session that is planned and has not begun can be moved."))
    if list(to) == as_it_is(session):
        raise CannotChange(_("These are the days it has. Choose others."))
    if asked_of(session) is not None:
        raise CannotChange(_("Schools are being asked about other days already. Take that back first."))


def _ask(asked: SessionMove, placement: Placement, *, by: Actor, now: dt.datetime) -> None:
    sides = {"school", "employer"} if placement.state in KNOWN_TO_EMPLOYER else {"school"}
    asks = sorted(sides - {side_of(by)})
    made = Amendment.objects.create(
        hub_id=placement.hub_id, school_id=placement.school_id, placement=placement, session_move=asked, asks=asks,
        changes={"days": [_as_text(as_it_is(asked.session)), asked.days]}, proposed_by=by.user, proposed_at=now,
    )  # fmt: skip
    record(made, "change_asked", by=by, now=now, reason=asked.reason, what=["days"], asks=asks)
    for side in asks:
        for person in people_of(placement, side):
            queue("change-asked", made, person, now=now, not_after=asked.session.starts_at, reason=asked.reason)


def _as_text(found: Sequence[Day]) -> list[list[str]]:
    return [[on.isoformat(), f"{start:%H:%M}", f"{end:%H:%M}"] for on, start, end in found]


@contextmanager
def on_days(session: Session, to: Sequence[Day]) -> Iterator[Session]:
    """The session as if it were on these days already, while the block lasts; then nothing has changed."""
    with transaction.atomic():
        tried = sessions.put_days(session, to)
        yield tried
        transaction.set_rollback(True)


def hindrance(placement: Placement, tried: Session, now: dt.datetime) -> Refused | None:
    """What keeps this placement from the days of `tried`, or None."""
    students = [row.student for row in placement.students.select_related("student__year_group").order_by("pk")]
    if elsewhere := days.clashing(students, tried, but=placement):
        return days.CannotAttendBoth(
            _("Already somewhere else at that time: %(aliases)s.") % {"aliases": ", ".join(elsewhere[:8])},
            aliases=elsewhere,
        )
    school, group = placement.school, placement.group
    try:
        hours.refuse_broken(hours.broken(tried, school, group=group, students=students, but=placement, now=now), now)
    except hours.CannotExceedHours as refusal:
        return refusal
    return None


def agreed_by_both(amendment: Amendment, asked: SessionMove, *, by: Actor, now: dt.datetime) -> None:
    """Both sides of one placement have said yes; when all have, the session moves. The caller holds the session.
    Raises what keeps the students of this placement from the new days."""
    if asked.state != "asked":
        raise CannotChange(_("This change is settled already."))
    with on_days(asked.session, asked.dates()) as tried:
        found = hindrance(amendment.placement, tried, now)
    if found is not None:
        raise found
    move(amendment, "agreed", by=by, now=now)
    try:
        with transaction.atomic():
            settle(asked, now=now)
    except capacity.CannotPlace:
        pass  # a cap is reached by now: the yes stands, and `settle_due` looks again for room


def settle(asked: SessionMove, *, now: dt.datetime) -> bool:
    """Move the session if nobody is left to say yes; whether it moved. The caller holds the session's lock.

    A school whose students are elsewhere by now has not agreed to that: it counts as a no, and is told.
    """
    session = Session.objects.select_related("opportunity__encounter_type", "hub").get(pk=asked.session_id)
    lock_state(asked)
    if asked.state != "asked":
        return False
    lock_rows(Placement.objects.filter(session=session).live())
    placed = list(session.placements.live().with_all().order_by("pk"))
    said_yes = {one.placement_id: one for one in asked.amendments.filter(state="agreed")}
    if any(one.pk not in said_yes for one in placed):
        return False
    # All at once and before they are looked at: one placement after the other would lock them out of order.
    coming = PlacementStudent.objects.filter(placement__in=placed).values("student")
    lock_rows(Student.objects.filter(pk__in=coming))
    if _hindered(asked, session, placed, said_yes, now):
        return False
    _carry_out(asked, session, placed, now=now)
    return True


def _hindered(
    asked: SessionMove, session: Session, placed: list[Placement], said_yes: dict[int, Amendment], now: dt.datetime
) -> bool:
    with on_days(session, asked.dates()) as tried:
        found = {one.pk: refusal for one in placed if (refusal := hindrance(one, tried, now))}
    for placement in placed:
        if refusal := found.get(placement.pk):
            # The employer reads that it cannot be, and not who is where.
            others = _("Somebody who was to come cannot come on these days.")
            said = {"school": refusal.sentence, "employer": others}
            _let_fall(said_yes[placement.pk], said, now=now)
    return bool(found)


def _carry_out(asked: SessionMove, session: Session, placed: list[Placement], *, now: dt.datetime) -> None:
    by, before, told = system(session.hub_id), as_it_is(session), touched(session).requests
    session = sessions.put_days(session, asked.dates())
    capacity.keep_caps([session])
    move(asked, "done", by=by, now=now)
    record(session, "session_moved", by=by, now=now, before=_as_text(before), after=asked.days)
    for placement in placed:
        placement.session = session
        follow(placement, now=now)
        calendar.tell_people(placement, calendar.tell(placement, now=now), now=now)
    for school in {one.school_id: one.school for one in told}.values():
        for person in school_people(school):
            queue("session-moved", asked, person, now=now, not_after=session.starts_at)


def follow(placement: Placement, *, now: dt.datetime) -> None:
    """What hangs from the date follows the placement to its new days: students' days, consent, the agreement."""
    days.replace(placement, now=now)
    if placement.state in AGREED:
        clearances.after_move(placement, by=system(placement.hub_id), now=now)
        preparing.look_at_preparation(placement, now=now)
        agreements.renew(placement, changed=True, now=now)


@transaction.atomic
def take_back(asked: SessionMove, reason: str, *, by: Actor, now: dt.datetime) -> None:
    """Ask no longer: the session stays on its days, and schools that were asked are told."""
    sessions.need_writer(asked.session.opportunity, by)
    if not reason.strip():
        raise CannotChange(_("Say why: the schools read it."))
    _drop(asked, reason.strip(), by=by, now=now)


def _drop(asked: SessionMove, reason: str, *, by: Actor, now: dt.datetime) -> None:
    capacity.lock([asked.session_id])
    move(asked, "dropped", by=by, now=now, reason=reason)
    for amendment in asked.amendments.filter(state__in=("proposed", "agreed")).order_by("pk"):
        amendment.session_move = asked
        _let_fall(amendment, dict.fromkeys({"school", *amendment.asks}, reason), now=now)


def _let_fall(amendment: Amendment, said: Mapping[str, str], *, now: dt.datetime) -> None:
    """It is not made; `said` is why, for each side. Of what is over nobody is told that it stands."""
    placement = amendment.placement
    move(amendment, "refused", by=system(amendment.hub_id), now=now, reason=said["school"])
    if placement.state not in LIVE:
        return
    for side, reason in sorted(said.items()):
        for person in people_of(placement, side):
            queue("change-refused", amendment, person, now=now, not_after=placement.session.starts_at, reason=reason)


def settle_due(now: dt.datetime) -> int:
    """Carry out moves nobody is left to answer (somebody called the placement off that said no), and drop those of
    sessions that have begun or are called off; how many. Each is its own transaction: safe twice."""
    done = 0
    for asked in SessionMove.objects.filter(state="asked").select_related("session").order_by("pk"):
        try:
            with transaction.atomic():
                session = capacity.lock([asked.session_id])[asked.session_id]
                if session.state != Session.State.PLANNED or session.starts_at <= now:
                    began = session.state == Session.State.PLANNED
                    why = _("The day has come.") if began else _("The session was called off.")
                    _drop(asked, why, by=system(asked.hub_id), now=now)
                    done += 1
                else:
                    done += settle(asked, now=now)
        except Refused:
            continue  # a cap is reached by now: it waits for room
    return done
