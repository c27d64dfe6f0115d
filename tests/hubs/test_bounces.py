"""What came back: every thing that was in the mail, and what else waits for the wrong address."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail

from hubs import delivery, outbox
from hubs.domain.messages import bounced, complained, resend, settle
from hubs.models import Message, SignedLink
from hubs.webhooks import by_message_id
from tests.cast import actor
from tests.hubs.outbox_kind import GATHERED, KIND, TO, note

#: The morning after `now`, a Wednesday in summer time.
NEXT = dt.datetime(2026, 9, 16, 7, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
RIGHT = "right@quayside.example"


@pytest.fixture(autouse=True)
def box(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def thing(cast, now, text, to=TO, kind=GATHERED, **fields) -> Message:
    return outbox.queue(kind, note(cast.hub, cast.school, text, now), to, now=now, **fields)


def states(field="state") -> list:
    return list(Message.objects.order_by("pk").values_list(field, flat=True))


def came_back(cast, now, *texts) -> Message:
    """The row a provider's report of a digest names, which came back as a whole."""
    for text in texts:
        thing(cast, now, text)
    delivery.drain(lambda: NEXT)
    message = by_message_id(mail.outbox[-1].extra_headers["Message-ID"])
    assert bounced(message, "550 no such reader", now=NEXT)
    mail.outbox.clear()
    return Message.objects.get(pk=message.pk)


# ---- Everything in one mail ----------------------------------------------------
def test_mail_that_came_back_fails_everything_in_it_once(cast, now):
    message = came_back(cast, now, "one", "two", "three")
    other = thing(cast, now, "other", TO._replace(address="other@quayside.example"))
    assert (states(), states("problem")) == (["failed"] * 3 + ["due"], ["bounced"] * 3 + [""])
    assert Message.objects.on_desk().count() == 3
    assert not bounced(message, "550 no such reader", now=NEXT)
    assert not bounced(other, "550 no such reader", now=NEXT)
    assert [row.history.count() for row in Message.objects.order_by("pk")] == [2, 2, 2, 0]


def test_complaint_about_a_digest_is_one_thing_on_the_desk(cast, now):
    for text in ("one", "two"):
        thing(cast, now, text)
    delivery.drain(lambda: NEXT)
    for _report in range(2):
        complained(by_message_id(mail.outbox[0].extra_headers["Message-ID"]), "spam", now=NEXT)
    assert (states(), states("problem")) == (["sent"] * 2, ["complained", ""])


def test_report_of_a_digest_is_about_what_went_in_it(cast, now):
    """The row whose key it bears may have been left behind and be another mail by now."""
    rows = [thing(cast, now, text) for text in ("one", "two")]
    type(outbox.subject_of(rows[0])).objects.filter(text="one").update(text="poison")
    delivery.drain(lambda: NEXT)
    assert by_message_id(mail.outbox[0].extra_headers["Message-ID"]) == rows[1]


def test_what_came_back_together_goes_again_together(cast, now):
    message = came_back(cast, now, "one", "two", "three")
    before = message.provider_id
    resend(message, RIGHT, by=actor(cast.amina, cast.hub), now=NEXT)
    assert Message.objects.on_desk().count() == 0
    delivery.drain(lambda: NEXT)
    assert [(one.subject[:8], one.to) for one in mail.outbox] == [("3 things", [RIGHT])]
    assert (states(), set(states("address"))) == (["sent"] * 3, {RIGHT})
    assert mail.outbox[0].extra_headers["Message-ID"] != before
    assert bounced(by_message_id(mail.outbox[0].extra_headers["Message-ID"]), "550", now=NEXT)
    assert states() == ["failed"] * 3


def test_what_is_settled_or_written_there_already_does_not_go_again(cast, now):
    message = came_back(cast, now, "one", "two", "three")
    _one, two, three = Message.objects.order_by("pk")
    by = actor(cast.amina, cast.hub)
    settle(two, by=by, now=NEXT)
    outbox.queue(GATHERED, outbox.subject_of(three), TO._replace(address=RIGHT), now=now)
    resend(message, RIGHT, by=by, now=NEXT)
    delivery.drain(lambda: NEXT)
    assert states() == ["sent", "failed", "failed", "sent"]
    assert [one.subject[:8] for one in mail.outbox] == ["2 things"]
    assert Message.objects.on_desk().count() == 0


# ---- What else waits for the wrong address -------------------------------------
def test_corrected_address_takes_along_what_waits_for_the_wrong_one(cast, now):
    message = came_back(cast, now, "one")
    later = thing(cast, now, "later", TO._replace(address="READER@quayside.example"), KIND, due_at=NEXT + 9 * DAY)
    far = thing(cast, now, "far", kind=KIND, due_at=NEXT + 20 * DAY)
    others = thing(cast, now, "others", TO._replace(address="other@quayside.example"), KIND, due_at=NEXT + 9 * DAY)
    subject = outbox.subject_of(later)
    link = SignedLink.objects.create(
        hub=cast.hub, purpose="x", subject_type=subject._meta.label_lower, subject_id=subject.pk,
        address=TO.address, nonce="n", token_hash="t", created_at=now, expires_at=NEXT + 30 * DAY,
    )  # fmt: skip
    keys = {row.pk: (row.key, row.idempotency_key) for row in (later, far)}
    resend(message, RIGHT, by=actor(cast.amina, cast.hub), now=NEXT)
    assert states("address") == [RIGHT, RIGHT, RIGHT, "other@quayside.example"]
    assert (states("due_at")[1:], states()[1:]) == ([NEXT + 9 * DAY, NEXT + 20 * DAY, NEXT + 9 * DAY], ["due"] * 3)
    for row in (later, far):
        row.refresh_from_db()
        assert {row.key, row.idempotency_key}.isdisjoint(keys[row.pk])
    link.refresh_from_db()
    assert link.revoked_at == NEXT
    for days in (0, 20):
        delivery.drain(lambda days=days: NEXT + days * DAY)
    assert sorted(one.to[0] for one in mail.outbox) == [others.address, RIGHT, RIGHT, RIGHT]
    # What is written from now on to the right address is the same message.
    assert outbox.queue(KIND, subject, TO._replace(address=RIGHT), now=now) is None


def test_part_of_a_digest_that_waits_to_be_tried_again_is_another_mail_now(cast, now):
    message = came_back(cast, now, "one")
    waiting = thing(cast, now, "two", due_at=NEXT + DAY)
    Message.objects.filter(pk=waiting.pk).update(digest=waiting.idempotency_key, attempts=3)
    resend(message, RIGHT, by=actor(cast.amina, cast.hub), now=NEXT)
    waiting.refresh_from_db()
    assert (waiting.address, waiting.digest, waiting.edition, waiting.attempts) == (RIGHT, "", 1, 0)


def test_what_waits_for_both_addresses_goes_to_the_right_one_only(cast, now):
    message = came_back(cast, now, "one")
    twice = thing(cast, now, "twice", kind=KIND, due_at=NEXT + DAY)
    outbox.queue(KIND, outbox.subject_of(twice), TO._replace(address=RIGHT), now=now, due_at=NEXT + DAY)
    resend(message, RIGHT, by=actor(cast.amina, cast.hub), now=NEXT)
    delivery.drain(lambda: NEXT + DAY)
    assert (states(), [one.to for one in mail.outbox]) == (["sent", "expired", "sent"], [[RIGHT], [RIGHT]])


@pytest.mark.parametrize("how", ["same address", "other hub", "other channel", "sent"])
def test_what_does_not_wait_for_the_wrong_address_stays(cast, now, how):
    message = came_back(cast, now, "one")
    hub, organisation = (cast.hub_b, cast.school_b) if how == "other hub" else (cast.hub, cast.school)
    row = outbox.queue(KIND, note(hub, organisation, "two", now), TO, now=now, due_at=NEXT + DAY)
    if how == "other channel":
        Message.objects.filter(pk=row.pk).update(channel="sms")
    if how == "sent":
        Message.objects.filter(pk=row.pk).update(state="sent", sent_at=now)
    to = TO.address if how == "same address" else RIGHT
    resend(message, to, by=actor(cast.amina, cast.hub), now=NEXT)
    row.refresh_from_db()
    assert (row.address, row.edition, row.due_at) == (TO.address, 0, NEXT + DAY)
