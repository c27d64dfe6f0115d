"""Mails to a contact who has no account: the button leads to a sign-in, so that they are told what to do instead."""

from __future__ import annotations

import pytest
from django.core import mail

from employers.models import Contact, Document
from employers.people import employer_people
from hubs import delivery, digest
from hubs.mail import Mail
from hubs.models import Membership
from hubs.outbox import KINDS, queue
from tests.cast import NOW

WAY = "If you have no account, answer this mail"


@pytest.mark.parametrize("has_account", [True, False])
def test_contact_without_account_is_told_what_to_do_instead_of_signing_in(cast, settings, has_account):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    if not has_account:
        Membership.objects.filter(organisation=cast.employer).delete()
        Contact.objects.create(hub=cast.hub, employer=cast.employer, name="Jo", email="jo@brightwater.example")
    paper = Document.objects.create(
        hub=cast.hub, employer=cast.employer, kind="liability", state="refused", added_at=NOW
    )  # fmt: skip
    (person,) = employer_people(cast.employer)
    queue("document-refused", paper, person, now=NOW, reason="It is cut off.")
    delivery.drain(lambda: NOW)
    (sent,) = mail.outbox
    html = sent.alternatives[0][0]
    assert [WAY in " ".join(text.split()) for text in (sent.body, html)] == [not has_account] * 2
    assert sent.to == [person.address]


def test_what_comes_in_one_mail_says_it_once(cast):
    said = Mail("A", ("x",), small_print=WAY)
    assert digest.together([said, Mail("B", ("y",)), said], cast.hub).small_print == WAY


def test_kinds_for_employers_say_whether_their_button_needs_a_sign_in():
    """Those below placements lead to the employer's own pages; those of placements come in by signed link."""
    behind = sorted(name for name, kind in KINDS.items() if kind.signs_in)
    assert behind == [
        "assessment-confirmed", "assessment-handed-back", "document-lapses", "document-refused",
        "opportunity-approved", "opportunity-hidden", "opportunity-returned", "opportunity-stale", "plan-step-due",
        "pledge-again", "pledge-asked", "round-opened", "round-reminder",
    ]  # fmt: skip
