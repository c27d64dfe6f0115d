"""Who is told when something keeps a placement from starting; a parent who withdraws."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse

from hubs.links import link_for
from hubs.models import Message
from placements.domain import clearances
from tests import scenes
from tests.cast import NOW
from tests.placements.agreed import agreed
from tests.placements.sending import deliver


def test_a_parent_withdraws_by_the_link_they_agreed_by(client, cast, clock):
    placement = agreed(cast, "GB-ENG")
    consent = placement.clearances.filter(requirement__code="ENG-09").first()
    _link, token = link_for(consent, "consent", now=NOW, days=30, address="a@home.example")
    page = reverse("consent-link", args=[token])
    client.post(page, {"answer": "yes", "name": "Ada Quill", "relation": "parent"})
    consent.refresh_from_db()
    assert consent.state == "done"
    assert "Withdraw my agreement" in client.get(page).content.decode()
    _other, stranger = link_for(consent, "consent", now=NOW, days=30, address="b@home.example")
    client.post(reverse("consent-link", args=[stranger]), {"answer": "withdraw"})
    consent.refresh_from_db()
    assert consent.state == "done"
    client.post(page, {"answer": "withdraw"})
    consent.refresh_from_db()
    assert (consent.state, consent.evidence["agreed"]) == ("open", False)
    assert Message.objects.filter(kind="consent-withdrawn").count() == 1


def test_who_can_mend_a_blocked_start_is_told(cast):
    placement = agreed(cast, "GB-ENG")
    asked = Message.objects.about(placement)
    assert asked.filter(kind="host-clearances-open", organisation=cast.employer).count() >= 3
    blocked = asked.filter(kind="start-blocked")
    assert {cast.school.pk, cast.employer.pk, None} == set(blocked.values_list("organisation", flat=True))
    first = blocked.filter(organisation=cast.employer).first()
    assert first.due_at == dt.datetime(2026, 10, 20, 7, tzinfo=dt.UTC)
    assert deliver(first, first.due_at) == "sent"
    for clearance in placement.clearances.filter(state="open", blocks="start"):
        clearances.waive(clearance, "not here", by=scenes.desk(cast), now=NOW)
    last = blocked.filter(organisation=cast.school).first()
    assert deliver(last, last.due_at) == "skipped"
