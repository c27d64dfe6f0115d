"""Each mail has one button, to the page on which its reader acts or sees: by signed link where there is no account."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from employers.models import Contact
from hubs.delivery import drain
from hubs.models import Membership, Message
from placements.domain import answers, brokering
from tests import scenes
from tests.cast import NOW, actor

CONTACT = "ada@brightwater.example"


def reach(cast, kind: str):
    """The placement, brought to where the kind is written."""
    row = scenes.placement(cast, state="offered")
    if kind == "placement-withdrawn":
        brokering.withdraw(row, by=actor(cast.coordinator, cast.hub, cast.school), now=NOW)
        return row
    answers.accept(row, by=actor(cast.employer_lead, cast.hub, cast.employer), now=NOW)
    if kind == "placement-cancelled":
        answers.cancel(row, "The line stopped", by=actor(cast.coordinator, cast.hub, cast.school), now=NOW)
    return row


def links(mail) -> list[str]:
    """Every address in the plain text that leads to a page about the placement."""
    return [one for one in re.findall(r"https?://\S+", mail.body) if "/l/" in one or "/placements/" in one]


KINDS = {
    "placement-accepted": "What happens next",
    "starts-tomorrow": "Who comes",
    "placement-cancelled": "It was called off: nobody comes. The line stopped",
    "placement-withdrawn": "The places are not needed any more.",
}


@pytest.mark.parametrize("kind", KINDS)
def test_reader_without_an_account_comes_in_by_the_button(cast, client, mailoutbox, monkeypatch, kind):
    row = reach(cast, kind)
    Message.objects.exclude(kind=kind).delete()
    Membership.objects.filter(organisation=cast.employer).delete()
    Contact.objects.create(hub=cast.hub, employer=cast.employer, name="Ada", email=CONTACT, is_main=True)
    Message.objects.filter(organisation=cast.employer).update(address=CONTACT, user=None, name="Ada", due_at=NOW)
    drain(lambda: NOW)
    mail = next(mail for mail in mailoutbox if mail.to == [CONTACT])
    assert len(set(links(mail))) == 1
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    page = client.get(links(mail)[0])
    assert page.status_code == 200
    assert KINDS[kind] in page.content.decode()
    assert row.school.name in page.content.decode()


@pytest.mark.parametrize("kind", KINDS)
def test_reader_with_an_account_sees_the_placement(cast, client, mailoutbox, monkeypatch, kind):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    row = reach(cast, kind)
    Message.objects.exclude(kind=kind).delete()
    Message.objects.update(due_at=NOW)
    drain(lambda: NOW)
    pages = {mail.to[0]: links(mail)[0] for mail in mailoutbox}
    school = reverse("school-placement", args=[row.pk])
    assert kind == "placement-withdrawn" or pages["coordinator@quayside.example"].endswith(school)
    own = {"starts-tomorrow": "/l/host/", "placement-withdrawn": "/l/answer/"}
    assert own.get(kind, reverse("employer-placement", args=[row.pk])) in pages["lead@brightwater.example"]
    client.force_login(cast.employer_lead)
    assert client.get(pages["lead@brightwater.example"]).status_code == 200
