"""One student's own data: everything that is held, and erasing it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from hubs.actors import Actor
from hubs.errors import CannotAct, Refused
from hubs.log import record
from hubs.models import HUB_STAFF, Message, SignedLink
from placements.domain import named_words, retention
from placements.models import Agreement, Clearance, Encounter, Feedback, PlacementStudent, Signature, StudentDay
from placements.models.placement import LIVE
from placements.models.request import COORDINATORS, PlacementRequest
from schools.models import Enrolment, Import, PendingImport, Student


def export(student: Student, *, by: Actor, now: dt.datetime) -> dict[str, Any]:
    """Everything held about a student, ready for JSON; times in ISO 8601, UTC. It is logged."""
    _need_keeper(student, by)
    found = {
        "made_at": now.isoformat(),
        "student": {
            "alias": student.alias,
            "name": student.name,
            "key": student.key,
            "year_group": str(student.year_group or ""),
            "priority": student.is_priority,
            "shared_needs": student.shared_needs,
            "left_on": student.left_on and student.left_on.isoformat(),
            "groups": list(student.groups.order_by("name").values_list("name", flat=True)),
        },
        "requests": list(student.placementrequest_set.order_by("pk").values("pk", "state", "places")),
        "placements": [_placement(row) for row in _placements(student)],
        "clearances": [
            {"what": row.requirement.title, "state": row.state, "evidence": row.evidence}
            for row in Clearance.objects.filter(student=student).select_related("requirement").order_by("pk")
        ],
        "agreements": [_agreement(row) for row in Agreement.objects.filter(student=student).order_by("pk")],
        "encounters": [_encounter(row) for row in _encounters(student)],
        "feedback": [
            {"given_at": row.given_at.isoformat(), "answers": row.answers}
            for row in Feedback.objects.filter(student=student).order_by("pk")
        ],
        # Words about others' placements too, which do not name this student, are others' data.
        "words": [
            {"where": str(one.words.where), "text": one.text}
            for one in named_words.of_student(student)
            if one.theirs and one.text
        ],
    }
    record(student, "exported", by=by, now=now)
    return found


def _placements(student: Student):
    rows = PlacementStudent.objects.filter(student=student).order_by("pk")
    return rows.select_related("placement__session__opportunity", "placement__employer")


def _placement(row: PlacementStudent) -> dict[str, Any]:
    placement = row.placement
    days = StudentDay.objects.filter(placement=placement, student_id=row.student_id).order_by("starts_at")
    return {
        "what": placement.session.opportunity.title,
        "employer": placement.employer.name,
        "state": placement.state,
        "days": [{"from": d.starts_at.isoformat(), "until": d.ends_at.isoformat(), "present": d.present} for d in days],
    }


def _agreement(row: Agreement) -> dict[str, Any]:
    signed = row.signatures.exclude(signed_at=None).order_by("pk")
    return {
        "version": row.version,
        "text": row.facts,
        "signatures": [{"as": s.label, "name": s.name, "at": s.signed_at and s.signed_at.isoformat()} for s in signed],
    }


def _encounters(student: Student):
    return Encounter.objects.filter(student=student).select_related("encounter_type", "employer").order_by("on", "pk")


def _encounter(row: Encounter) -> dict[str, Any]:
    return {
        "on": row.on.isoformat(),
        "type": row.encounter_type.name,
        "employer": row.employer.name if row.employer else "",
        "attended": row.attended,
        "hours": str(row.hours),
        "meaningful": row.meaningful,
    }


def erase(student: Student, reason: str, *, by: Actor, now: dt.datetime) -> None:
    """Erase somebody: children before the student, all in one transaction.

    What is left is a row that counts, under an alias that says nothing: attendance and hours
    stay true in the sums. What was written about placements shared with others goes where it names
    the student; the log says how many such words stay, for a person to read. Raises `Refused`
    while a placement is live, and `CannotAct`.
    """
    _need_keeper(student, by)
    if not reason.strip():
        raise Refused(_("Say who asked, and when: the record of it stays. Please write no name."))
    with transaction.atomic():
        Student.objects.select_for_update(of=("self",), no_key=True).get(pk=student.pk)
        if PlacementStudent.objects.filter(student=student, placement__state__in=LIVE).exists():
            raise Refused(_("This student is named for a placement that is not over. Take them off it first."))
        left = _erase_words(student)  # found through the rows that go next
        _erase_children(student)
        Enrolment.objects.filter(student=student).delete()
        for request in PlacementRequest.objects.filter(students=student):
            request.students.remove(student)
        retention.forget_names([student.pk])
        if student.left_on is None:
            Student.objects.filter(pk=student.pk).update(left_on=student.school.hub.today(now))
        record(student, "erased", by=by, now=now, reason=reason, words_left=left)
    student.refresh_from_db()


def _erase_words(student: Student) -> int:
    """Empty what was written about the student; how many words about shared placements, or with a name that may be
    anybody's, stay. A class list that nobody confirmed goes: it would bring the student back."""
    left = 0
    for one in named_words.of_student(student):
        if one.theirs:
            one.words.empty([one.pk])
        else:
            left += 1
    for row in Import.objects.filter(school=student.school_id, before__has_key="people"):
        people = row.before["people"]
        if any(pk == student.pk for pk, _values in people["students"]):
            kept = [saved for saved in people["students"] if saved[0] != student.pk]
            Import.objects.filter(pk=row.pk).update(before={**row.before, "people": {**people, "students": kept}})
    at_work = Import.objects.filter(file=OuterRef("pk"), state__in=["waiting", "running"])
    PendingImport.objects.filter(~Exists(at_work), school=student.school_id, kind="roster").delete()
    return left


def _erase_children(student: Student) -> None:
    clearances = Clearance.objects.filter(student=student)
    agreements = Agreement.objects.filter(student=student)
    lines = Signature.objects.filter(Q(agreement__in=agreements) | Q(student=student))
    named = PlacementStudent.objects.filter(student=student)
    for label, rows in (
        ("placements.clearance", clearances), ("placements.signature", lines), ("placements.placementstudent", named)
    ):  # fmt: skip
        keys = list(rows.values_list("pk", flat=True))
        SignedLink.objects.filter(subject_type=label, subject_id__in=keys).delete()
        Message.objects.filter(subject_type=label, subject_id__in=keys).delete()
    retention.empty_signatures(lines)
    lines.delete()
    agreements.delete()
    Feedback.objects.filter(student=student).delete()
    clearances.delete()
    named.delete()


def _need_keeper(student: Student, by: Actor) -> None:
    if not by.may(student, COORDINATORS | HUB_STAFF):
        raise CannotAct(_("Only a coordinator of the school, or the hub, does this."))
