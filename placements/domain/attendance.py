"""On the day and after: who was there, and what it was worth."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from employers.people import employer_people
from hubs.actors import Actor, system
from hubs.errors import CannotAct, Refused
from hubs.log import record
from hubs.models import HUB_STAFF
from hubs.moves import lock_state, move
from hubs.outbox import queue
from hubs.wallclock import MORNING, WallTime, working_days_from
from opportunities.domain.plans import complete_step
from opportunities.models import FLAGS
from placements.domain import on_the_day
from placements.models import Encounter, Feedback, Placement, StudentDay
from placements.models.placement import EMPLOYER_SIDE
from placements.models.request import COORDINATORS

FEEDBACK_AFTER = 5  # working days that an employer's feedback is waited for in silence
#: What each side is in a position to know.
FLAGS_OF = {
    "employer": ("two_way", "range_of_people", "task", "feedback"),
    "school": ("purpose", "outcomes", "two_way", "reflection"),
}


def begin(placement: Placement, *, by: Actor, now: dt.datetime) -> None:
    """The session has begun. Raises `CannotBegin` before that, `CannotMove` when not ready."""
    move(placement, "under_way", by=by, now=now)


@transaction.atomic
def mark(placement: Placement, day: dt.date, present: Collection[int], *, by: Actor, now: dt.datetime) -> None:
    """The register of one local date: ids of the students present; the others are absent.

    The host and the school may both mark; the last word counts and the log keeps both.
    Raises `CannotAct`, and `Refused` before the day begins or when nobody is expected on it.
    """
    if not by.may(placement, EMPLOYER_SIDE | {"link:host"} | COORDINATORS | HUB_STAFF):
        raise CannotAct(_("Only the employer, the school or the hub marks who came."))
    lock_state(placement)  # a register that is closed meanwhile stays as it was closed
    if placement.state not in ("ready", "under_way"):
        raise Refused(_("Presence is marked while the placement is under way."))
    zone = placement.session.zone
    rows = [row for row in placement.student_days.filter(live=True) if row.starts_at.astimezone(zone).date() == day]
    if not rows:
        raise Refused(_("Nobody is expected on that day."))
    if min(row.starts_at for row in rows) > now:
        raise Refused(_("That day has not begun yet."))
    if placement.state == "ready":
        begin(placement, by=system(placement.hub_id), now=now)
    for row in rows:
        row.present, row.marked_at = row.student_id in present, now
    placement.student_days.bulk_update(rows, ["present", "marked_at"])
    on_the_day.tell_absence(placement, day, [row.student_id for row in rows if not row.present], by=by, now=now)
    came = sum(bool(row.present) for row in rows)
    record(placement, "marked", by=by, now=now, day=day.isoformat(), present=came, absent=len(rows) - came)


@transaction.atomic
def complete(placement: Placement, flags: Mapping[str, bool | None], *, by: Actor, now: dt.datetime) -> list[Encounter]:
    """Close the register: every student gets an encounter, present or not.

    `flags` maps names of `FLAGS` to what the school can say; None is "not known". Days not
    marked must be marked first. Nobody there at all ends as "not attended". Raises `CannotAct`,
    `Refused` while somebody is not named or a day not marked, and `CannotMove`.
    """
    if not by.may(placement, COORDINATORS | HUB_STAFF):
        raise CannotAct(_("Only the school or the hub closes the register."))
    lock_state(placement)  # what is marked meanwhile is counted
    rows = list(placement.student_days.order_by("student_id", "starts_at"))
    if not rows:
        raise Refused(_("Name the students first."))
    if any(row.present is None for row in rows):
        raise Refused(_("Mark who was there on each day first."))
    came = {row.student_id for row in rows if row.present}
    said = _flags_so_far(placement, flags)
    move(placement, "completed" if came else "not_attended", by=by, now=now, also={"closed_at": now})
    encounters = [
        _encounter(placement, student, [row for row in rows if row.student_id == student], said, now=now)
        for student in sorted({row.student_id for row in rows})
    ]
    Encounter.objects.bulk_create(encounters)
    placement.student_days.update(live=False)
    _finish_step(placement, now=now)
    for person in employer_people(placement.employer) if came else []:
        queue("thanks", placement, person, now=now, not_after=now + dt.timedelta(days=14))
        day = working_days_from(placement.hub.today(now), FEEDBACK_AFTER, placement.hub.jurisdiction)
        queue("feedback-reminder", placement, person, now=now, due_at=WallTime(day, MORNING))
    return encounters


def employer_feedback(
    placement: Placement, flags: Mapping[str, bool], *, again: bool | None, words: str = "", by: Actor, now: dt.datetime
) -> None:
    """What the employer can say of the quality; it completes the flags of the encounters."""
    if not by.may(placement, EMPLOYER_SIDE | {"link:host"} | HUB_STAFF):
        raise CannotAct(_("Only the employer says this."))
    said = {name: bool(flags.get(name)) for name in FLAGS_OF["employer"]}
    with transaction.atomic():
        lock_state(placement)  # a register that is being closed has its encounters by then
        if placement.state not in ("under_way", "completed"):
            raise Refused(_("Feedback comes once the placement has begun."))
        Feedback.objects.update_or_create(
            placement=placement,
            side="employer",
            student=None,
            defaults={
                "hub_id": placement.hub_id,
                "school_id": placement.school_id,
                "answers": {"flags": said, "words": words},
                "again": again,
                "given_at": now,
            },
        )
        encounters = list(placement.encounters.select_related("encounter_type"))
        for encounter in encounters:
            for name, value in said.items():
                setattr(encounter, name, value)
            encounter.meaningful = is_meaningful(encounter)
        Encounter.objects.bulk_update(encounters, [*said, "meaningful"])
        record(placement, "feedback_given", by=by, now=now, again=again, flags=said)


def is_meaningful(encounter: Encounter) -> bool:
    """Attended, and every flag the type requires is true."""
    required = encounter.encounter_type.required_flags
    return encounter.attended and all(getattr(encounter, name) for name in required)


def _flags_so_far(placement: Placement, flags: Mapping[str, bool | None]) -> dict[str, bool | None]:
    unknown = set(flags) - set(FLAGS)
    if unknown:
        raise ValueError(f"not flags: {sorted(unknown)}")
    said: dict[str, bool | None] = {name: flags.get(name) for name in FLAGS}
    feedback = placement.feedback.filter(side="employer", student=None).first()
    if feedback is not None:
        said.update(feedback.answers.get("flags", {}))
    return said


def _encounter(placement: Placement, student_id: int, rows: list, said: dict, *, now: dt.datetime) -> Encounter:
    kind = placement.session.opportunity.encounter_type
    present = [row for row in rows if row.present]
    # Hours credited are the type's, for the share of the days the student was there, and never more
    # than those days had.
    share = kind.hours * Decimal(len(present)) / Decimal(len(rows))
    hours = min(share, _hours_had(placement, present)).quantize(Decimal("0.1"))
    encounter = Encounter(
        hub_id=placement.hub_id,
        school_id=placement.school_id,
        placement=placement,
        student_id=student_id,
        encounter_type=kind,
        employer_id=placement.employer_id,
        on=placement.session.first_on,
        attended=bool(present),
        hours=hours,
        recorded_at=now,
        **said,
    )
    encounter.meaningful = is_meaningful(encounter)
    return encounter


def _hours_had(placement: Placement, present: list[StudentDay]) -> Decimal:
    """Hours of the days a student was there, as planned and less the break of each."""
    pause = dt.timedelta(minutes=placement.session.break_minutes or 0)
    had = sum((max(row.ends_at - row.starts_at - pause, dt.timedelta()) for row in present), dt.timedelta())
    return Decimal(int(had.total_seconds())) / 3600


def _finish_step(placement: Placement, *, now: dt.datetime) -> None:
    step = placement.session.opportunity.plan_step
    if step is not None and step.state == "planned":
        complete_step(step, by=system(placement.hub_id), now=now)
