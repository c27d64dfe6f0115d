"""Assessments for tests, brought about by the verbs."""

from __future__ import annotations

from employers import assessing, framing
from employers.assessing import Said
from employers.models import Employer, SelfAssessment
from employers.scoring import asked
from hubs.actors import system
from tests.cast import NOW


def said_all(row: SelfAssessment, level: int, **levels: int) -> list[Said]:
    """Every item that is asked, at `level`; `levels` names others as A1_1=4."""
    framework = framing.document_of(row.framework)
    there = {a.item: a.revision for a in row.answers.all()}
    return [
        Said(item.code, levels.get(item.code.replace(".", "_"), level), seen=there.get(item.code, 0))
        for standard in framework.standards()
        for item in asked(standard, row.size)
    ]


def sent(employer: Employer, by, level: int = 2, *, now=NOW, **levels: int) -> SelfAssessment:
    framing.load_framework(employer.hub, by=system(), now=now)
    row = assessing.start(employer, by=by, now=now)
    assessing.save_answers(row, said_all(row, level, **levels), by=by, now=now)
    assessing.submit(row, by=by, now=now)
    return row


def confirmed(employer: Employer, by, hub_by, level: int = 2, *, now=NOW, **levels: int) -> SelfAssessment:
    row = sent(employer, by, level, now=now, **levels)
    assessing.confirm(row, by=hub_by, now=now)
    return row
