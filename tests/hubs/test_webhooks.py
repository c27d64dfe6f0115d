"""Reports of providers: taken in once, when they are theirs."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest
from django.core import mail
from django.utils import timezone

from hubs import delivery
from hubs.models import Message, ProviderCall
from tests.hubs.outbox_kind import queued

KEY = "signing-key"


@pytest.fixture(autouse=True)
def keys(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.MAILGUN_SIGNING_KEY = settings.TWILIO_AUTH_TOKEN = settings.WHATSAPP_APP_SECRET = KEY
    settings.WHATSAPP_VERIFY_TOKEN = "are-you-there"


@pytest.fixture
def sent(cast, now) -> Message:
    message = queued(cast.hub, cast.school, "the open day", now)
    delivery.drain(lambda: now)
    message.refresh_from_db()
    return message


def report(event: dict, *, token="t1", key=KEY, at=None) -> dict:
    timestamp = str(int(at or timezone.now().timestamp()))
    signature = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    return {"signature": {"timestamp": timestamp, "token": token, "signature": signature}, "event-data": event}


def failed(event="failed", **more) -> dict:
    identifier = mail.outbox[0].extra_headers["Message-ID"].strip("<>")
    status = {"code": 550, "description": "no such reader"}
    return {
        "event": event, "severity": "permanent", "message": {"headers": {"message-id": identifier}},
        "delivery-status": status, **more,
    }  # fmt: skip


def post(client, body: dict) -> int:
    return client.post("/hooks/mailgun/", json.dumps(body), content_type="application/json").status_code


def state() -> tuple[str, str, str]:
    return Message.objects.values_list("state", "problem", "problem_text").get()


def test_bounce_lands_on_the_row_and_the_desk(client, sent):
    assert post(client, report(failed())) == 200
    assert state() == ("failed", "bounced", "550 no such reader")
    assert list(Message.objects.on_desk()) == [sent]


def test_complaint_lands_on_the_desk_and_the_row_stays_sent(client, sent):
    assert post(client, report(failed("complained"))) == 200
    assert state()[:2] == ("sent", "complained")


@pytest.mark.parametrize("event", [{"severity": "temporary"}, {"event": "delivered"}, {"message": {}}])
def test_other_reports_change_nothing(client, sent, event):
    assert (post(client, report(failed() | event)), state()) == (200, ("sent", "", ""))


@pytest.mark.parametrize("forged", [{"key": "wrong"}, {"at": 1_700_000_000}])
def test_forged_or_old_report_is_refused(client, sent, forged):
    assert (post(client, report(failed(), **forged)), state()) == (406, ("sent", "", ""))
    assert ProviderCall.objects.count() == 0


def test_replayed_report_is_refused(client, sent):
    first = report(failed(severity="temporary"))
    assert [post(client, first), post(client, {**first, "event-data": failed()})] == [200, 406]
    assert state() == ("sent", "", "")


def test_without_a_key_nothing_is_believed(client, sent, settings):
    settings.MAILGUN_SIGNING_KEY = ""
    assert (post(client, report(failed(), key="")), state()[0]) == (406, "sent")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"signature": 1}', b'{"signature": {"timestamp": "x"}}'])
def test_nonsense_is_refused(client, db, body):
    assert client.post("/hooks/mailgun/", body, content_type="application/json").status_code == 406


def test_report_about_an_earlier_edition_changes_nothing(client, sent):
    body = report(failed())
    Message.objects.update(edition=1)
    assert (post(client, body), state()[0]) == (200, "sent")


# ---- Before our own word is written --------------------------------------------
@pytest.mark.parametrize("event", ["failed", "complained"])
@pytest.mark.parametrize("before", ["leased", "due"])
def test_report_that_is_quicker_than_our_own_record_may_come_again(client, sent, event, before):
    """Still leased, or due again because the provider's yes was lost."""
    Message.objects.update(state=before, leased_until=timezone.now())
    body = report(failed(event))
    answer = client.post("/hooks/mailgun/", json.dumps(body), content_type="application/json")
    assert (answer.status_code, answer["Retry-After"], state()) == (503, "60", (before, "", ""))
    assert ProviderCall.objects.count() == 0
    Message.objects.update(state="sent", leased_until=None)
    assert [post(client, body), post(client, body)] == [200, 406]
    assert state()[1:] == ("bounced" if event == "failed" else "complained", "550 no such reader")


def test_report_that_would_change_nothing_is_taken_in_at_once(client, sent):
    Message.objects.update(state="leased", leased_until=timezone.now())
    assert post(client, report(failed(severity="temporary"))) == 200


@pytest.mark.parametrize("ended", ["skipped", "expired", "failed"])
def test_report_about_what_ended_changes_nothing(client, sent, ended):
    Message.objects.update(state=ended)
    assert (post(client, report(failed())), state()) == (200, (ended, "", ""))


def test_status_of_a_text_that_is_quicker_than_our_own_record(client, sent):
    """Until then nobody knows the provider's name for it: any text in hand may be the one."""
    texted(sent, "sms")
    Message.objects.update(state="leased", leased_until=timezone.now(), provider_id="")
    assert [twilio(client, "undelivered"), twilio(client, "delivered")] == [503, 200]
    Message.objects.update(state="sent", leased_until=None, provider_id="SM9")
    assert [twilio(client, "undelivered"), state()[1]] == [200, "bounced"]


def test_status_of_a_stranger_s_text_is_taken_in_while_none_is_in_hand(client, sent):
    texted(sent, "sms")
    Message.objects.update(provider_id="SM8")
    assert (twilio(client, "undelivered"), state()[0]) == (200, "sent")


def test_whatsapp_repeats_what_could_not_be_taken_in(client, sent):
    texted(sent, "whatsapp")
    Message.objects.update(state="leased", leased_until=timezone.now(), provider_id="")
    assert whatsapp(client, "delivered", "failed") == 503
    Message.objects.update(state="sent", leased_until=None, provider_id="SM9")
    assert [whatsapp(client, "delivered", "failed"), state()[1]] == [200, "bounced"]


# ---- Text messages and WhatsApp ------------------------------------------------
def texted(sent, channel) -> None:
    Message.objects.update(channel=channel, provider_id="SM9")


def twilio(client, status, key=KEY) -> int:
    fields = {"MessageSid": "SM9", "MessageStatus": status, "ErrorCode": "30003"}
    signed = "http://testserver/hooks/twilio/" + "".join(name + fields[name] for name in sorted(fields))
    signature = base64.b64encode(hmac.new(key.encode(), signed.encode(), hashlib.sha1).digest()).decode()
    return client.post("/hooks/twilio/", fields, headers={"X-Twilio-Signature": signature}).status_code


def test_status_of_a_text_message(client, sent):
    texted(sent, "sms")
    assert [twilio(client, "delivered"), state()[0]] == [200, "sent"]
    assert [twilio(client, "undelivered", "wrong"), state()[0]] == [406, "sent"]
    assert [twilio(client, "undelivered"), state()] == [200, ("failed", "bounced", "undelivered 30003")]
    assert twilio(client, "undelivered") == 406


def whatsapp(client, *statuses: str, key=KEY) -> int:
    found = [{"id": "SM9", "status": status, "errors": [{"title": "Undeliverable"}]} for status in statuses]
    body = json.dumps({"entry": [{"changes": [{"value": {"statuses": found}}]}]})
    signature = "sha256=" + hmac.new(key.encode(), body.encode(), hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature-256": signature}
    return client.post("/hooks/whatsapp/", body, content_type="application/json", headers=headers).status_code


def test_status_of_a_whatsapp_message(client, sent):
    texted(sent, "whatsapp")
    assert [whatsapp(client, "failed", key="wrong"), state()[0]] == [406, "sent"]
    assert [whatsapp(client, "delivered", "failed"), state()] == [200, ("failed", "bounced", "failed Undeliverable")]
    assert Message.objects.get().history.count() == 2
    whatsapp(client, "failed")
    assert Message.objects.get().history.count() == 2


def test_whatsapp_asks_whether_the_address_is_ours(client, db):
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158", "hub.verify_token": "are-you-there"}
    assert client.get("/hooks/whatsapp/", asked).content == b"1158"
    assert client.get("/hooks/whatsapp/", asked | {"hub.verify_token": ""}).status_code == 404
