"""Urgent messages to a telephone: chosen and proved by its owner, and by mail whenever that fails."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from hubs import delivery, mailbox, outbox
from hubs.domain import texting
from hubs.errors import Refused
from hubs.mail import Mail
from hubs.models import LogEntry, Message, MessageTemplate, TextChoice
from hubs.recipients import members
from hubs.texting import BY_MAIL_OR_TEXT
from hubs.webhooks import _status
from tests.cast import NOW, actor
from tests.hubs.outbox_kind import note
from tests.hubs.providers import Gateway

NUMBER = "+447700900123"
DAY = dt.timedelta(days=1)
MINUTE = dt.timedelta(minutes=1)
URGENT, BOTH_WAYS, LONG_AHEAD = "test-urgent", "test-both-ways", "test-long-ahead"


def _compose(row, message, now) -> Mail:
    return Mail(subject=f"About {row.text}", paragraphs=(row.text,), action=("Open", row.hub.url("/x/")))


if URGENT not in outbox.KINDS:
    for name, more in (
        (URGENT, {}),
        (BOTH_WAYS, {"mail_too": True}),
        (LONG_AHEAD, {"worth_a_text": lambda row, now: False}),
    ):
        outbox.register(
            outbox.Kind(
                name, name, "school", "now", _compose, lambda *a: True, channels=BY_MAIL_OR_TEXT,
                placeholders=("title",), words=lambda row: {"title": row.text}, **more,
            )
        )  # fmt: skip


@pytest.fixture
def gateway(settings, cast):
    with Gateway() as server:
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC1", "secret"
        settings.TWILIO_FROM, settings.TWILIO_URL = "+447700900000", server.url
        settings.WHATSAPP_PHONE_ID, settings.WHATSAPP_TOKEN = "55", "bearer"
        settings.WHATSAPP_TEMPLATE, settings.WHATSAPP_URL = "notice", server.url
        cast.hub.texts_by_sms = cast.hub.texts_by_whatsapp = True
        cast.hub.save()
        yield server


def mine(cast):
    return actor(cast.coordinator, cast.hub, cast.school)


def agreed(cast, channel="sms", now=NOW - DAY) -> TextChoice:
    choice = texting.give_number(cast.coordinator, cast.hub, NUMBER, channel, by=mine(cast), now=now)
    texting.agree(choice, texting.code_of(choice), by=mine(cast), now=now)
    Message.objects.all().delete()
    choice.refresh_from_db()
    return choice


def queued(cast, kind=URGENT, said="the open day", now=NOW, **more) -> Message | None:
    (to,) = members(cast.school, ["coordinator"])
    return outbox.queue(kind, note(cast.hub, cast.school, said, now), to, now=now, **more)


def rows() -> set[tuple]:
    return set(Message.objects.values_list("channel", "address", "state"))


TEXT, MAIL = ("sms", NUMBER), ("email", "coordinator@quayside.example")


def test_urgent_message_goes_to_the_telephone_instead_of_by_mail(cast, gateway, mailoutbox):
    agreed(cast)
    queued(cast)
    delivery.drain(lambda: NOW)
    assert (rows(), len(mailoutbox)) == ({(*TEXT, "sent")}, 0)
    assert gateway.calls[0]["given"]["Body"].startswith("Harbour Careers Hub: About the open day http")


def test_whatsapp_when_that_was_chosen(cast, gateway):
    agreed(cast, "whatsapp")
    queued(cast)
    delivery.drain(lambda: NOW)
    assert rows() == {("whatsapp", NUMBER, "sent")}


def test_what_carries_a_calendar_goes_both_ways_and_what_can_wait_by_mail(cast, gateway):
    agreed(cast)
    queued(cast, BOTH_WAYS)
    delivery.drain(lambda: NOW)
    assert rows() == {(*TEXT, "sent"), (*MAIL, "sent")}
    Message.objects.all().delete()
    queued(cast, LONG_AHEAD)
    assert rows() == {(*MAIL, "due")}


def test_nobody_gets_texts_who_did_not_agree_or_whose_hub_sends_none(cast, gateway):
    choice = texting.give_number(cast.coordinator, cast.hub, NUMBER, "sms", by=mine(cast), now=NOW - DAY)
    Message.objects.all().delete()
    queued(cast)
    assert rows() == {(*MAIL, "due")}
    Message.objects.all().delete()
    texting.agree(choice, texting.code_of(choice), by=mine(cast), now=NOW - DAY)
    cast.hub.texts_by_sms = False
    cast.hub.save()
    queued(cast)
    assert Message.objects.filter(state="due", channel="email").count() == 1


@pytest.mark.parametrize("answer", [(400, {"code": 21211, "message": "Invalid"}, {}), (400, {"code": 21610}, {})])
def test_refused_number_stops_and_the_message_goes_by_mail(cast, gateway, mailoutbox, answer):
    choice = agreed(cast)
    queued(cast)
    gateway.answers = [answer]
    delivery.drain(lambda: NOW)
    assert rows() == {(*TEXT, "skipped"), (*MAIL, "sent")}
    choice.refresh_from_db()
    assert (choice.holds, str(answer[1]["code"]) in choice.refusal) == (False, True)
    assert (len(mailoutbox), Message.objects.on_desk().count()) == (1, 0)
    queued(cast, said="another")
    assert Message.objects.filter(channel="sms").count() == 1


def test_provider_that_fails_twice_or_cannot_be_reached_for_long_gives_way_to_mail(cast, gateway, settings):
    agreed(cast)
    queued(cast)
    gateway.answers = [(500, {}, {}), (500, {}, {})]
    delivery.drain(lambda: NOW)
    assert rows() == {(*TEXT, "due")}
    delivery.drain(lambda: NOW + MINUTE)
    assert rows() == {(*TEXT, "skipped"), (*MAIL, "sent")}
    Message.objects.all().delete()
    queued(cast, said="another")
    settings.TWILIO_URL = "http://127.0.0.1:1"
    delivery.drain(lambda: NOW)
    assert rows() == {(*TEXT, "due")}
    delivery.drain(lambda: NOW + 11 * MINUTE)
    assert rows() == {(*TEXT, "skipped"), (*MAIL, "sent")}


def test_text_that_did_not_arrive_is_told_by_mail(cast, gateway):
    agreed(cast)
    queued(cast)
    delivery.drain(lambda: NOW)
    assert _status("twilio", "sms", Message.objects.get().provider_id, "undelivered", True, "30005", NOW)
    assert rows() == {(*TEXT, "failed"), (*MAIL, "due")}
    assert Message.objects.on_desk().count() == 0


def test_telephone_does_not_ring_at_night(cast, gateway, mailoutbox):
    agreed(cast)
    night = dt.datetime(2026, 10, 12, 21, 30, tzinfo=dt.UTC)
    queued(cast, now=night)
    queued(cast, said="soon over", now=night, not_after=night + dt.timedelta(hours=3))
    delivery.drain(lambda: night)
    waits = Message.objects.get(channel="sms", state="due")
    assert waits.due_at == dt.datetime(2026, 10, 13, 7, 0, tzinfo=dt.UTC)  # eight on the wall
    assert [mail.subject for mail in mailoutbox] == ["About soon over"]
    delivery.drain(lambda: waits.due_at)
    assert rows() == {(*TEXT, "sent"), (*TEXT, "skipped"), (*MAIL, "sent")}


def test_stopping_or_leaving_takes_what_waits_off_the_telephone(cast, gateway, mailoutbox):
    choice = agreed(cast)
    queued(cast)
    texting.stop(choice, by=mine(cast), now=NOW)
    delivery.drain(lambda: NOW)
    assert (rows(), gateway.calls) == ({(*TEXT, "skipped"), (*MAIL, "sent")}, [])


def test_whoever_lost_the_role_is_not_texted(cast, gateway):
    agreed(cast)
    queued(cast)
    cast.coordinator.memberships.all().delete()
    delivery.drain(lambda: NOW)
    assert (rows(), gateway.calls) == ({(*TEXT, "skipped")}, [])


def test_reminder_written_before_goes_to_the_telephone_and_is_not_told_twice(cast, gateway, mailoutbox):
    message = queued(cast)
    choice = texting.give_number(cast.coordinator, cast.hub, NUMBER, "sms", by=mine(cast), now=NOW)
    texting.agree(choice, texting.code_of(choice), by=mine(cast), now=NOW)
    (to,) = members(cast.school, ["coordinator"])
    assert outbox.queue(URGENT, outbox.subject_of(message), to, now=NOW) is None
    delivery.drain(lambda: NOW)
    assert set(Message.objects.filter(kind=URGENT).values_list("channel", "state")) == {("sms", "sent")}
    assert len(mailoutbox) == 0


def test_line_in_the_hubs_own_words(cast, gateway):
    MessageTemplate.objects.create(
        hub=cast.hub, kind=URGENT, language="en-gb", subject="S", body="B", text_line="Look: {title}"
    )
    agreed(cast)
    queued(cast)
    delivery.drain(lambda: NOW)
    assert "Look: the open day http" in gateway.calls[0]["given"]["Body"]


def test_code_is_sent_to_the_number_and_asked_for(client, cast, gateway):
    client.force_login(cast.coordinator)
    page = reverse("texts")
    given = {"act": "number", "number": "+44 7700 900123", "channel": "sms"}
    client.post(page, given)
    assert not TextChoice.objects.exists()
    client.post(page, given | {"consent": "on"})
    choice = TextChoice.objects.get()
    assert (choice.number, choice.holds) == (NUMBER, False)
    delivery.drain(lambda: choice.asked_at)
    code = gateway.calls[0]["given"]["Body"].split(": ")[1][:6]
    assert code == texting.code_of(choice)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert "This is not the code" in client.post(page, {"act": "code", "code": wrong}).content.decode()
    client.post(page, {"act": "code", "code": code})
    choice.refresh_from_db()
    assert choice.holds
    assert NUMBER in client.get(page).content.decode()
    client.post(page, {"act": "stop"})
    choice.refresh_from_db()
    assert not choice.holds
    assert set(LogEntry.objects.about(choice).values_list("verb", flat=True)) == {
        "number_given", "texts_agreed", "texts_stopped",
    }  # fmt: skip


def test_code_is_not_guessed_nor_sent_again_and_again(cast, gateway):
    choice = texting.give_number(cast.coordinator, cast.hub, NUMBER, "sms", by=mine(cast), now=NOW)
    with pytest.raises(Refused, match="Wait a minute"):
        texting.give_number(cast.coordinator, cast.hub, NUMBER, "sms", by=mine(cast), now=NOW)
    wrong = f"{(int(texting.code_of(choice)) + 1) % 1_000_000:06d}"
    for _try in range(5):
        with pytest.raises(Refused, match="not the code"):
            texting.agree(choice, wrong, by=mine(cast), now=NOW)
    with pytest.raises(Refused, match="no longer holds"):
        texting.agree(choice, texting.code_of(choice), by=mine(cast), now=NOW)


def test_mistyped_number_is_its_owners_affair(cast, gateway):
    choice = texting.give_number(cast.coordinator, cast.hub, NUMBER, "sms", by=mine(cast), now=NOW)
    gateway.answers = [(400, {"code": 21211, "message": "Invalid"}, {})]
    delivery.drain(lambda: NOW)
    choice.refresh_from_db()
    assert ("21211" in choice.refusal, Message.objects.on_desk().count()) == (True, 0)


@pytest.mark.parametrize("number", ["07700", "+44 7700 900 12x", "", "+0123456789"])
def test_what_is_no_number(cast, gateway, number):
    with pytest.raises(Refused, match="is no telephone number"):
        texting.give_number(cast.coordinator, cast.hub, number, "sms", by=mine(cast), now=NOW)


def test_page_is_not_there_while_the_hub_sends_none(client, cast):
    client.force_login(cast.coordinator)
    assert client.get(reverse("texts")).status_code == 404
    assert reverse("texts") not in client.get(reverse("account")).content.decode()


def test_demonstration_shows_texts_beside_the_mails(client, cast, settings, tmp_path):
    settings.DEMO, settings.TEXTS_AS_FILES, settings.MAILBOX_DIR = True, True, tmp_path
    cast.hub.texts_by_sms = True
    cast.hub.save()
    agreed(cast)
    queued(cast)
    delivery.drain(lambda: NOW)
    (mail,) = mailbox.newest()
    assert (mail.to, mail.subject) == (NUMBER, "Harbour Careers Hub: About the open day")
    shown = client.get(reverse("demo-mail-one", args=[mail.key])).content.decode()
    assert (URGENT in shown, "/x/" in shown) == (True, True)
