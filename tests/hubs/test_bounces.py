"""What came back: every thing that was in the mail, and what else waits for the wrong address."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail

from hubs import delivery, outbox
from hubs.domain.messages import bounced, complained, resend, settle
from hubs.models import Message
from hubs.webhooks import by_message_id
from tests.cast import actor
from tests.hubs.outbox_kind import GATHERED, TO, note

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
