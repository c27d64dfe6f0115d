"""Answers given while somebody else sends: what is kept is scored by what the hub then reads."""

from __future__ import annotations

import threading

import pytest
from django.db import connections
from rest_framework.test import APIClient

from employers import assessing, framing
from employers.models import SelfAssessment
from hubs.actors import system
from tests.cast import NOW, actor
from tests.employers.assessments import said_all

pytestmark = [
    pytest.mark.needs_postgresql,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


@pytest.fixture
def row(cast) -> SelfAssessment:
    """Everything answered at level 1, and not sent yet."""
    framing.load_framework(cast.hub, by=system(), now=NOW)
    by = actor(cast.employer_lead, cast.hub, cast.employer)
    made = assessing.start(cast.employer, by=by, now=NOW)
    assessing.save_answers(made, said_all(made, 1), by=by, now=NOW)
    return made


def sent_while_answered(cast, row: SelfAssessment, monkeypatch) -> tuple[dict, SelfAssessment]:
    """A client sends; after its row was read and before it is locked a colleague answers level 3 throughout.
    What the client is told, and the row in the end."""
    locks = assessing.lock_state

    def answer() -> None:
        try:
            member = actor(cast.employer_member, cast.hub, cast.employer)
            theirs = SelfAssessment.objects.get(pk=row.pk)
            assessing.save_answers(theirs, said_all(theirs, 3), by=member, now=NOW)
        finally:
            connections.close_all()

    def lock(assessment, *fields) -> None:
        if threading.current_thread() is threading.main_thread():
            colleague = threading.Thread(target=answer)
            colleague.start()
            colleague.join(timeout=60)
        locks(assessment, *fields)

    monkeypatch.setattr(assessing, "lock_state", lock)
    client = APIClient()
    client.force_authenticate(cast.employer_lead)
    told = client.post(f"/api/v1/self-assessments/{row.pk}/submit/")
    assert told.status_code == 200, told.content
    return told.json(), SelfAssessment.objects.get(pk=row.pk)


def test_what_a_colleague_answered_before_it_was_sent_is_scored(cast, row, monkeypatch):
    told, kept = sent_while_answered(cast, row, monkeypatch)
    assert (kept.result["overall"]["percent"], assessing.proves(kept)) == (75, True)
    assert (told["result"], {one["level"] for one in told["answers"]}) == (kept.result, {3})


def test_scored_by_the_answers_the_row_was_read_with_it_proves_nothing(cast, row, monkeypatch):
    """The negative control."""
    monkeypatch.setattr(assessing, "_answers_now", assessing.answers_of)
    _told, kept = sent_while_answered(cast, row, monkeypatch)
    assert (kept.result["overall"]["percent"], assessing.proves(kept)) == (25, False)
