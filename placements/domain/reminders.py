"""What is said before and after the days of an agreed placement, each row written with the moment it is due.

A row is for one `sequence` of the placement: when the days move, `write_anew` raises it, so that
what was written for the old days is no longer true, and writes the rest for the new ones.
"""

from __future__ import annotations

import datetime as dt

from employers.people import employer_people
from hubs.outbox import Recipient, queue
from hubs.recipients import hub_people
from hubs.wallclock import MORNING, WallTime, working_days_from
from placements.domain.people import school_people
from placements.models import Placement

REGISTER_LATE = (2, 5)  # working days after the end that an open register is asked for again
REGISTER_ASKED_FOR = dt.timedelta(days=30)
#: Whoever is reminded of anything before it has a row of this kind, for each `sequence`.
FOR_EVERYBODY = "starts-tomorrow"
HOST_LINK_DAYS = 5  # working days before the start that the host gets the page of the day


def write(placement: Placement, *, now: dt.datetime) -> None:
    """Reminders on working days at eight; the register when it is over."""
    write_for(placement, school_people(placement.school), employer_people(placement.employer), now=now)
    for person in hub_people(placement.hub, placement.school):
        _on_the_day(placement, person, now=now)


def write_for(placement: Placement, school: list[Recipient], employer: list[Recipient], *, now: dt.datetime) -> None:
    """The same for these people of the two sides. What each of them has already is not written again."""
    start, version = placement.session.starts_at, str(placement.sequence)
    for person in [*school, *employer]:
        _before_it(placement, "starts-soon", person, (10, 5, 2) if person in school else (10, 2), now=now)
        due_at = _morning(placement, -1)
        queue(FOR_EVERYBODY, placement, person, now=now, due_at=due_at, not_after=start, version=version)
    for person in employer:
        _before_it(placement, "host-clearances-open", person, (10, 5, 2), now=now)
        due_at, over = _morning(placement, -HOST_LINK_DAYS), placement.session.ends_at
        queue("host-page", placement, person, now=now, due_at=due_at, not_after=over, version=version)
    for person in [*school, *employer]:
        _on_the_day(placement, person, now=now)
    for person in school:
        _before_it(placement, "clearances-open", person, (10, 5, 2), now=now)
        _ask_for_register(placement, person, now=now)


def write_anew(placement: Placement, *, now: dt.datetime) -> None:
    """For new days, in the transaction that tells of them. The placement's row is locked."""
    placement.sequence += 1
    placement.save(update_fields=["sequence"])
    write(placement, now=now)


def _on_the_day(placement: Placement, person: Recipient, *, now: dt.datetime) -> None:
    due_at, over, version = _morning(placement, 0), placement.session.ends_at, str(placement.sequence)
    queue("start-blocked", placement, person, now=now, due_at=due_at, not_after=over, version=version)


def _before_it(
    placement: Placement, kind: str, person: Recipient, mornings: tuple[int, ...], *, now: dt.datetime
) -> None:
    """One message for each number of working days before the start, except mornings that have passed."""
    for left in mornings:
        due_at = _morning(placement, -left)
        if due_at.instant(placement.hub.zone) > now:
            queue(
                kind,
                placement,
                person,
                now=now,
                due_at=due_at,
                not_after=placement.session.starts_at,
                version=f"{placement.sequence}.{left}",
            )


def _ask_for_register(placement: Placement, person: Recipient, *, now: dt.datetime) -> None:
    """An hour after the end, and again on later mornings while it is open."""
    session, over, version = placement.session, placement.ends_at, end_of(placement)
    last_on = over.astimezone(session.zone).date()
    due: dict[str, dt.datetime | WallTime] = {version: over + dt.timedelta(hours=1)}
    for late in REGISTER_LATE:
        day = working_days_from(last_on, late, placement.hub.jurisdiction)
        due[f"{version}.{late}"] = WallTime(day, MORNING, session.time_zone)
    for name, due_at in due.items():
        not_after = over + REGISTER_ASKED_FOR
        queue("register-due", placement, person, now=now, due_at=due_at, not_after=not_after, version=name)


def end_of(placement: Placement) -> str:
    """What a row about the end was written for: another end, when it ends early, is another row."""
    early = f".{placement.ended_on:%Y%m%d}" if placement.ended_on else ""
    return f"{placement.sequence}{early}"


def ask_at_early_end(placement: Placement, *, now: dt.datetime) -> None:
    """The register is asked for after the last day that remains; what was written for the old end skips itself."""
    for person in school_people(placement.school):
        _ask_for_register(placement, person, now=now)


def _morning(placement: Placement, working_days: int) -> WallTime:
    """Eight o'clock where the session is, that many working days from its first day."""
    session = placement.session
    day = working_days_from(session.first_on, working_days, placement.hub.jurisdiction)
    return WallTime(day, MORNING, session.time_zone)
