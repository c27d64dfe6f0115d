"""Reminders written when it was agreed reach whoever stands for a side when they go, each once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from employers.models import Contact
from hubs.delivery import drain
from hubs.domain.messages import bounced
from hubs.domain.staff import sync_staff
from hubs.models import LogEntry, Membership, Message, Role
from placements.domain import answers, newcomers
from tests import scenes
from tests.cast import NOW, actor, join, person

DAY = dt.timedelta(days=1)
#: The session of the scenes is on Tuesday 20 October: moments at which its reminders have been due.
FIVE_BEFORE = dt.datetime(2026, 10, 13, 9, 0, tzinfo=dt.UTC)
EVE = dt.datetime(2026, 10, 19, 9, 0, tzinfo=dt.UTC)
ADA, BEA = "ada@brightwater.example", "bea@brightwater.example"


def only(*kinds) -> None:
    Message.objects.exclude(kind__in=kinds).filter(state="due").delete()


def sent(mailoutbox) -> list[str]:
    """Who was written to since the last look."""
    found = sorted(mail.to[0] for mail in mailoutbox)
    mailoutbox.clear()
    return found


def states(kind: str) -> dict[str, str]:
    return dict(Message.objects.filter(kind=kind).order_by("pk").values_list("address", "state"))


@pytest.fixture
def contact(cast):
    """Of an employer without accounts, which is reminded through it of what was agreed."""
    row = scenes.placement(cast, state="offered")
    by = actor(cast.employer_lead, cast.hub, cast.employer)
    Membership.objects.filter(organisation=cast.employer).delete()
    contact = Contact.objects.create(hub=cast.hub, employer=cast.employer, name="Ada", email=ADA, is_main=True)
    answers.accept(row, by=by, now=NOW)
    return contact


def become(contact: Contact, address: str) -> None:
    contact.email = address
    contact.save()


def replaced(cast) -> None:
    """Another coordinator in the place of the one whom the reminders were written to."""
    Membership.objects.filter(user=cast.coordinator).delete()
    join(person("new@quayside.example", "New Coordinator"), cast.hub, Role.COORDINATOR, cast.school)


def test_page_of_the_day_goes_to_the_present_contact_alone(contact, mailoutbox):
    only("host-page")
    become(contact, BEA)
    drain(lambda: FIVE_BEFORE)
    assert sent(mailoutbox) == [BEA]
    assert states("host-page") == {ADA: "skipped", BEA: "sent"}
    drain(lambda: EVE)
    assert sent(mailoutbox) == []


def test_contact_who_comes_back_before_it_goes_is_reminded_once(contact, mailoutbox):
    only("host-page")
    become(contact, BEA)
    become(contact, ADA)
    drain(lambda: FIVE_BEFORE)
    assert sent(mailoutbox) == [ADA]


def test_contact_who_comes_back_after_being_passed_over_is_reminded_once(contact, mailoutbox):
    """The row of the second waits for an hour after a failure, and in it the first is back."""
    only("host-page")
    become(contact, BEA)
    drain(lambda: FIVE_BEFORE, limit=1)
    assert states("host-page") == {ADA: "skipped", BEA: "due"}
    become(contact, ADA)
    drain(lambda: FIVE_BEFORE)
    assert sent(mailoutbox) == [ADA]
    assert states("host-page") == {ADA: "sent", BEA: "skipped"}
    become(contact, BEA)
    drain(lambda: EVE)
    assert sent(mailoutbox) == []


def test_reminder_sent_before_the_change_is_not_sent_again(contact, mailoutbox):
    only("host-page")
    drain(lambda: FIVE_BEFORE)
    become(contact, BEA)
    drain(lambda: EVE)
    assert sent(mailoutbox) == [ADA]


def test_new_coordinator_is_reminded_of_what_was_agreed_before(cast, mailoutbox):
    scenes.placement(cast, state="ready")
    only("starts-tomorrow")
    replaced(cast)
    drain(lambda: EVE)
    assert sent(mailoutbox) == ["lead@brightwater.example", "new@quayside.example"]


def test_coordinator_who_is_a_colleague_now_is_no_longer_reminded(cast, mailoutbox):
    scenes.placement(cast, state="ready")
    only("starts-tomorrow")
    Membership.objects.filter(user=cast.coordinator).update(role=Role.SCHOOL_MEMBER)
    drain(lambda: EVE)
    assert sent(mailoutbox) == ["lead@brightwater.example"]


def test_reminders_follow_an_account_to_its_new_address(cast, mailoutbox):
    scenes.placement(cast, state="ready")
    only("starts-tomorrow")
    cast.coordinator.email = "moved@quayside.example"
    cast.coordinator.save()
    assert newcomers.write_missing(NOW + DAY) == 0
    drain(lambda: EVE)
    assert sent(mailoutbox) == ["lead@brightwater.example", "moved@quayside.example"]


def test_first_coordinator_of_a_school_is_reminded_of_what_the_hub_agreed_for_it(cast, mailoutbox):
    row = scenes.placement(cast, state="offered")
    Membership.objects.filter(user=cast.coordinator).delete()
    answers.accept(row, by=actor(cast.employer_lead, cast.hub, cast.employer), now=NOW)
    assert list(states("starts-tomorrow")) == ["lead@brightwater.example"]
    join(cast.coordinator, cast.hub, Role.COORDINATOR, cast.school)
    assert newcomers.write_missing(NOW + DAY) == 1
    assert newcomers.write_missing(NOW + DAY) == 0
    only("starts-tomorrow")
    drain(lambda: EVE)
    assert sent(mailoutbox) == ["coordinator@quayside.example", "lead@brightwater.example"]


def test_second_coordinator_is_reminded_beside_the_first(cast, mailoutbox):
    scenes.placement(cast, state="ready")
    join(person("second@quayside.example", "Second"), cast.hub, Role.COORDINATOR, cast.school)
    newcomers.write_missing(NOW + DAY)
    only("starts-tomorrow")
    drain(lambda: EVE)
    assert sent(mailoutbox) == ["coordinator@quayside.example", "lead@brightwater.example", "second@quayside.example"]


def test_what_is_over_or_not_agreed_is_written_for_nobody_new(cast):
    row = scenes.placement(cast, state="offered")
    join(person("second@quayside.example", "Second"), cast.hub, Role.COORDINATOR, cast.school)
    assert newcomers.write_missing(NOW + DAY) == 0
    answers.accept(row, by=actor(cast.employer_lead, cast.hub, cast.employer), now=NOW)
    join(person("third@quayside.example", "Third"), cast.hub, Role.COORDINATOR, cast.school)
    assert newcomers.write_missing(row.session.ends_at + DAY) == 0
    assert newcomers.write_missing(NOW + DAY) == 1


def test_address_corrected_on_a_message_is_corrected_where_it_came_from(cast, contact, mailoutbox, client, monkeypatch):
    """What came back is sent again, later reminders go there as well, and the contact is the right one from now on."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: FIVE_BEFORE)
    Message.objects.exclude(kind__in=["host-page", "starts-tomorrow"]).delete()
    other = Contact.objects.create(hub=cast.hub, employer=cast.other_employer, name="Ada", email=ADA)
    drain(lambda: FIVE_BEFORE)
    assert sent(mailoutbox) == [ADA]
    row = Message.objects.get(kind="host-page")
    bounced(row, "550 no such reader", now=FIVE_BEFORE)
    sync_staff(cast.hub)
    client.force_login(cast.amina)
    page = reverse("messages:act", args=[row.pk, "resend"])
    shown = client.get(page).content.decode()
    assert ("contact is corrected as well" in shown, ADA in shown.split('name="text"')[1]) == (True, True)
    assert client.post(page, {"text": BEA}).status_code == 302
    contact.refresh_from_db()
    other.refresh_from_db()
    assert (contact.email, other.email) == (BEA, ADA)
    entry = LogEntry.objects.about(contact).get()
    assert (entry.verb, entry.by) == ("changed", cast.amina)
    drain(lambda: EVE)
    assert sent(mailoutbox) == [BEA, BEA, "coordinator@quayside.example"]
    assert states("starts-tomorrow")[BEA] == "sent"
