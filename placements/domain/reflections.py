"""What students and their teacher say afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from hubs.actors import Actor
from hubs.errors import CannotAct, Refused
from hubs.links import link_for
from hubs.log import record
from hubs.models import HUB_STAFF
from placements.domain.attendance import is_meaningful
from placements.models import Encounter, Feedback, Placement, PlacementStudent
from placements.models.request import COORDINATORS

ASKED_FOR = 60  # days after the last day that a student's link works
PURPOSE = "reflection"


def may_reflect(placement: Placement) -> bool:
    """Once the register is closed: then there is an encounter that it can be part of."""
    return placement.state == "completed"


def make_links(placement: Placement, *, by: Actor, now: dt.datetime) -> list[tuple[PlacementStudent, str]]:
    """Each student who has said nothing yet, with the token of a link of their own.

    The school hands them out: no address of a student is known. The same link comes again
    while it works. Raises `CannotAct`, `Refused`.
    """
    if not by.may(placement, COORDINATORS | HUB_STAFF):
        raise CannotAct(_("Only the school or the hub hands out these links."))
    if not may_reflect(placement):
        raise Refused(_("Students are asked once it is over."))
    said = placement.feedback.filter(side="student").values("student")
    rows = placement.students.exclude(student__in=said).select_related("student").order_by("student__alias", "pk")
    with transaction.atomic():
        return [(row, link_for(row, PURPOSE, now=now, days=ASKED_FOR)[1]) for row in rows]


def reflect(row: PlacementStudent, answers: Mapping[str, Any], *, by: Actor, now: dt.datetime) -> None:
    """One student's own words, once. Having reflected is one of the flags of a meaningful encounter."""
    placement = row.placement
    if not by.may(placement, frozenset({"link:student"})):
        raise CannotAct(_("Only the student says this."))
    if not may_reflect(placement):
        raise Refused(_("Come back when it is over."))
    with transaction.atomic():
        PlacementStudent.objects.select_for_update(of=("self",), no_key=True).get(pk=row.pk)
        if placement.feedback.filter(side="student", student=row.student_id).exists():
            raise Refused(_("You have told us already. Thank you."))
        _write(placement, "student", answers, student_id=row.student_id, again=answers.get("again"), now=now)
        for encounter in placement.encounters.filter(student=row.student_id).select_related("encounter_type"):
            _reflected(encounter)
        record(placement, "reflected", by=by, now=now)


def teacher_feedback(placement: Placement, *, again: bool, words: str, by: Actor, now: dt.datetime) -> None:
    """How it was for the school, and whether it would send students again; the last word counts."""
    if not by.may(placement, COORDINATORS | HUB_STAFF):
        raise CannotAct(_("Only the school says this."))
    if not may_reflect(placement):
        raise Refused(_("Feedback comes once the placement is over."))
    with transaction.atomic():
        placement.feedback.filter(side="school", student=None).delete()
        _write(placement, "school", {"words": words.strip()}, student_id=None, again=again, now=now)
        record(placement, "feedback_given", by=by, now=now, again=again)


def _write(
    placement: Placement,
    side: str,
    answers: Mapping[str, Any],
    *,
    student_id: int | None,
    again: bool | None,
    now: dt.datetime,
) -> None:
    Feedback.objects.create(
        hub_id=placement.hub_id,
        school_id=placement.school_id,
        placement=placement,
        side=side,
        student_id=student_id,
        answers={name: value for name, value in answers.items() if name != "again"},
        again=again,
        given_at=now,
    )


def _reflected(encounter: Encounter) -> None:
    encounter.reflection = True
    encounter.meaningful = is_meaningful(encounter)
    encounter.save(update_fields=["reflection", "meaningful"])


def said_so_far(placement: Placement) -> dict[str, Any]:
    """How many students answered, and their mean of 1 to 5; None when fewer than three did, so
    that nobody is singled out."""
    rows = [row.answers for row in placement.feedback.filter(side="student")]
    marks = [int(row["liked"]) for row in rows if "liked" in row]
    return {"answered": len(rows), "mean": round(sum(marks) / len(marks), 1) if len(marks) >= 3 else None}
