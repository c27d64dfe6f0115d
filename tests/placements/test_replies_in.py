"""Answers of calendars, and the ways a mail comes in: nothing of it believed."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import io
import sys

import pytest
from django.core.management import call_command
from django.utils import timezone

from hubs import threads as signed
from hubs import webhooks
from hubs.delivery import drain
from hubs.models import Message
from placements import threads
from placements.domain import answers, calendar, replies
from placements.models import CalendarAnswer, Placement, Reply
from placements.roads import history
from tests import scenes
from tests.calendars import reading
from tests.cast import NOW
from tests.placements.mails import SENDER, mail, with_calendar
from tests.placements.mails import calendar as said

KEY = "gateway-key"
LATER = NOW + dt.timedelta(hours=2)


@pytest.fixture(autouse=True)
def taken_in(settings):
    settings.INBOUND_ADDRESS, settings.INBOUND_KEY = "reply@in.hub.example", KEY
    settings.DEFAULT_FROM_EMAIL = f"Throughline <{SENDER}>"


@pytest.fixture
def placement(cast) -> Placement:
    return scenes.placement(cast, state="accepted")


def receive(placement, message, *, side="employer", now=LATER) -> str:
    return replies.receive_mail(bytes(message), threads.address_of(placement, side), now=now)


# ---- Calendars -------------------------------------------------------------------
def answered(placement, said_, **how) -> str:
    event, side = placement.events.get(), how.pop("side", "employer")
    address = how.pop("address", "lead@brightwater.example")
    return receive(placement, with_calendar(said(event, address, said_, **how)), side=side)


def test_answer_of_a_calendar_is_written_down_and_binds_nobody(placement, mailoutbox):
    drain(lambda: NOW)
    state = Placement.objects.values().get(pk=placement.pk)
    assert answered(placement, "ACCEPTED") == "calendar"
    kept = CalendarAnswer.objects.get()
    assert (kept.address, kept.said, kept.sequence) == ("lead@brightwater.example", "ACCEPTED", 1)
    entry = history(placement)[0]
    assert (entry["who"], entry["what"], entry["reason"]) == (
        "Brightwater Engineering", "answered the invitation in a calendar", "will come",
    )  # fmt: skip
    assert Placement.objects.values().get(pk=placement.pk) == state
    assert not Message.objects.filter(kind="mail-received").exists()
    assert answered(placement, "DECLINED", at="20260915T093000Z") == "calendar"
    assert CalendarAnswer.objects.get().said == "DECLINED"
    assert Message.objects.filter(kind="mail-received").count() == 2
    assert Placement.objects.values().get(pk=placement.pk) == state


def test_earlier_repeated_or_outdated_answers_change_nothing(placement):
    drain(lambda: NOW)
    assert answered(placement, "ACCEPTED", at="20260915T093000Z") == "calendar"
    assert answered(placement, "ACCEPTED", at="20260915T093000Z") == "again"
    assert answered(placement, "DECLINED", at="20260915T090000Z") == "again"
    assert answered(placement, "DECLINED", sequence=0) == "stale"
    assert answered(placement, "DECLINED", sequence=99) == "stale"
    assert CalendarAnswer.objects.get().said == "ACCEPTED"


def test_answer_for_somebody_else_is_not_believed(placement, cast):
    drain(lambda: NOW)
    assert answered(placement, "ACCEPTED", address="stranger@else.example") == "empty"
    other = scenes.placement(
        cast, state="accepted", of=scenes.group(placement.school, "11Z"),
        wanted=scenes.session(placement.session.opportunity, on=scenes.DAY + dt.timedelta(days=7)),
    )  # fmt: skip
    content = said(other.events.get(), "lead@brightwater.example", "ACCEPTED")
    assert receive(placement, with_calendar(content)) == "empty"
    assert CalendarAnswer.objects.count() == 0


def test_another_time_asked_for_is_told(placement):
    drain(lambda: NOW)
    assert answered(placement, "NEEDS-ACTION", method="COUNTER") == "calendar"
    assert history(placement)[0]["reason"] == "asks for another time"
    assert (CalendarAnswer.objects.count(), Message.objects.filter(kind="mail-received").count()) == (0, 2)


@pytest.fixture
def series(cast) -> Placement:
    """Three mornings, one event in calendars."""
    return scenes.placement(cast, state="accepted", wanted=scenes.session(scenes.opportunity(cast.employer), days=3))


ONE_DAY = (
    "RECURRENCE-ID:20261021T083000Z", "RECURRENCE-ID;VALUE=DATE:20261021", "RECURRENCE-ID:20261021T093000",
    "RECURRENCE-ID;RANGE=THISANDFUTURE:20261021T083000Z",
)  # fmt: skip


@pytest.mark.parametrize("of", ONE_DAY)
def test_declining_one_day_of_a_series_declines_that_day_alone(series, of):
    drain(lambda: NOW)
    assert answered(series, "ACCEPTED") == "calendar"
    assert answered(series, "DECLINED", at="20260915T093000Z", of=of) == "calendar"
    assert replies.said_by(series.events.get(), "lead@brightwater.example") == "ACCEPTED"
    assert CalendarAnswer.objects.count() == 1
    assert history(series)[0]["reason"] == "Wed 21 October: will not come"
    assert Message.objects.filter(kind="mail-received").count() == 2


def test_accepting_one_day_of_a_series_is_no_word_on_the_others(series):
    drain(lambda: NOW)
    assert answered(series, "ACCEPTED", of=ONE_DAY[0]) == "calendar"
    assert replies.said_by(series.events.get(), "lead@brightwater.example") == "NEEDS-ACTION"
    assert history(series)[0]["reason"] == "Wed 21 October: will come"
    assert not Message.objects.filter(kind="mail-received").exists()


def test_answer_for_a_day_the_series_does_not_have_is_not_taken(series):
    drain(lambda: NOW)
    assert answered(series, "DECLINED", of="RECURRENCE-ID:20261024T083000Z") == "empty"
    assert CalendarAnswer.objects.count() == 0
    assert "calendar" not in history(series)[0]["what"]


def test_answer_for_the_one_day_there_is_counts_as_the_whole(placement):
    drain(lambda: NOW)
    assert answered(placement, "DECLINED", of="RECURRENCE-ID:20261020T083000Z") == "calendar"
    assert CalendarAnswer.objects.get().said == "DECLINED"
    assert history(placement)[0]["reason"] == "will not come"


def test_invitation_comes_from_the_thread_and_knows_the_answer_until_it_moves(placement, mailoutbox):
    drain(lambda: NOW)
    assert {(organiser, said_) for _to, organiser, said_ in invited(mailoutbox)} == {
        (threads.address_of(placement, side), "NEEDS-ACTION") for side in ("school", "employer")
    }
    answered(placement, "ACCEPTED")
    event = placement.events.get()
    assert replies.said_by(event, "Lead@Brightwater.example") == "ACCEPTED"
    placement.session.days.update(on=scenes.DAY + dt.timedelta(days=7))
    calendar.true_up(LATER)
    mailoutbox.clear()
    drain(lambda: LATER)
    assert {said_ for _to, _organiser, said_ in invited(mailoutbox)} == {"NEEDS-ACTION"}


def test_cancellation_says_what_was_answered(placement, cast, mailoutbox):
    drain(lambda: NOW)
    answered(placement, "ACCEPTED")
    mailoutbox.clear()
    answers.cancel(placement, "The hall flooded", by=scenes.desk(cast), now=LATER)
    drain(lambda: LATER)
    assert len(invited(mailoutbox)) == 2


def invited(mails) -> list[tuple[str, str, str]]:
    """(reader, organiser, answer so far) of every invitation."""
    found = []
    for one in mails:
        for part in one.message().walk():
            if part.get_content_type() == "text/calendar":
                (event,) = reading.raw(part.get_payload(decode=True))
                organiser = str(event["ORGANIZER"]).removeprefix("mailto:")
                found.append((one.to[0], organiser, event["ATTENDEE"].params["PARTSTAT"]))
    return found


@pytest.mark.parametrize(
    "content", [b"BEGIN:VCALENDAR", b"\xff\xfe", b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR\r\n"]
)
def test_nonsense_for_a_calendar_is_an_ordinary_mail(placement, content):
    message = mail("Words.")
    message.add_attachment(content, maintype="text", subtype="calendar", filename="x.ics")
    assert receive(placement, message) == "kept"


# ---- The ways in -----------------------------------------------------------------
def signed_call(placement, raw: bytes, *, key=KEY, at=None, recipient=None) -> dict[str, str]:
    """The headers a gateway sends."""
    timestamp = str(int(at or timezone.now().timestamp()))
    recipient = recipient or threads.address_of(placement, "employer")
    signature = hmac.new(key.encode(), f"{timestamp}.{recipient}.".encode() + raw, hashlib.sha256).hexdigest()
    return {"X-Timestamp": timestamp, "X-Recipient": recipient, "X-Signature": signature}


def posted(client, raw: bytes, headers: dict[str, str]) -> tuple[int, str]:
    answer = client.post("/hooks/mail/", raw, content_type="message/rfc822", headers=headers)
    return answer.status_code, answer.content.decode()


def hand_in(client, placement, raw: bytes, **how) -> tuple[int, str]:
    return posted(client, raw, signed_call(placement, raw, **how))


def test_gateway_hands_in_a_signed_mail(client, placement):
    assert hand_in(client, placement, bytes(mail())) == (200, "kept")
    assert hand_in(client, placement, bytes(mail())) == (200, "again")
    assert Reply.objects.count() == 1


@pytest.mark.parametrize("forged", [{"key": "wrong"}, {"at": 1_700_000_000}, {"recipient": "reply+e.x@in.hub.example"}])
def test_forged_old_or_misdirected_mail_is_refused(client, placement, forged):
    assert hand_in(client, placement, bytes(mail()), **forged) == (406, "")
    assert Reply.objects.count() == 0


def test_signature_covers_time_recipient_and_body(client, placement):
    raw = bytes(mail())
    headers = signed_call(placement, raw)
    other = threads.address_of(placement, "school")
    later = str(int(headers["X-Timestamp"]) + 1)
    for changed in ({"X-Recipient": other}, {"X-Timestamp": later}, {"X-Signature": ""}):
        assert posted(client, raw, headers | changed) == (406, "")
    assert posted(client, raw.replace(b"side", b"back"), headers) == (406, "")
    assert Reply.objects.count() == 0
    assert posted(client, raw, headers) == (200, "kept")


def test_without_a_key_nothing_is_taken_in(client, placement, settings):
    settings.INBOUND_KEY = ""
    assert hand_in(client, placement, bytes(mail()), key="") == (406, "")


def test_mail_that_is_too_large_is_said_to_be(client, placement, monkeypatch):
    monkeypatch.setattr(webhooks, "MOST_MAIL", 2000)
    assert hand_in(client, placement, bytes(mail("x" * 3000)))[0] == 413


def test_mail_server_hands_in_by_command(placement, monkeypatch, capsys):
    def run(recipient: str, raw: bytes):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        call_command("receive_mail", recipient)

    run(threads.address_of(placement, "school"), bytes(mail()))
    assert capsys.readouterr().out == "kept\n"
    for recipient, raw, code in (("nobody@in.hub.example", bytes(mail()), 67), (signed.address_of("x"), b"", 67)):
        with pytest.raises(SystemExit) as ended:
            run(recipient, raw)
        assert ended.value.code == code
    with pytest.raises(SystemExit) as ended:
        run(threads.address_of(placement, "school"), b"nothing")
    assert ended.value.code == 65
