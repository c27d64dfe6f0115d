"""Text messages and WhatsApp, against a server that answers as the providers document."""

from __future__ import annotations

import base64
import datetime as dt

import pytest

from hubs import delivery, outbox
from hubs.domain.messages import resend
from hubs.errors import Refused
from hubs.models import Message
from tests.cast import actor
from tests.hubs.outbox_kind import KIND, TO, note
from tests.hubs.providers import Gateway

NUMBER = TO._replace(address="+447700900123")
URL = "http://testserver:8000/l/answer/abc/?a=1&b=2"
SMS, WHATSAPP = "sms", "whatsapp"


@pytest.fixture
def gateway(settings):
    with Gateway() as server:
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC1", "secret"
        settings.TWILIO_FROM, settings.TWILIO_URL = "+447700900000", server.url
        settings.WHATSAPP_PHONE_ID, settings.WHATSAPP_TOKEN = "55", "bearer"
        settings.WHATSAPP_TEMPLATE, settings.WHATSAPP_URL = "notice", server.url
        yield server


def text(cast, now, channel=SMS, said="the open day") -> Message:
    return outbox.queue(KIND, note(cast.hub, cast.school, said, now), NUMBER, now=now, channel=channel)


def row() -> tuple:
    found = Message.objects.get()
    return found.state, found.attempts, found.problem, found.provider_id


def test_text_message_speaks_twilio(cast, now, gateway):
    text(cast, now)
    delivery.drain(lambda: now)
    assert row() == ("sent", 1, "", "SM0")
    assert gateway.calls == [
        {
            "path": "/2010-04-01/Accounts/AC1/Messages.json",
            "auth": "Basic " + base64.b64encode(b"AC1:secret").decode(),
            "given": {
                "To": "+447700900123",
                "From": "+447700900000",
                "Body": f"Harbour Careers Hub: About the open day {URL}",
            },
        }
    ]


def test_whatsapp_speaks_the_cloud_api(cast, now, gateway):
    text(cast, now, WHATSAPP)
    delivery.drain(lambda: now)
    assert row() == ("sent", 1, "", "SM0")
    body = [{"type": "text", "text": f"Harbour Careers Hub: About the open day {URL}"}]
    assert gateway.calls == [
        {
            "path": "/v21.0/55/messages",
            "auth": "Bearer bearer",
            "given": {
                "messaging_product": "whatsapp",
                "to": "447700900123",
                "type": "template",
                "template": {
                    "name": "notice",
                    "language": {"code": "en_gb"},
                    "components": [{"type": "body", "parameters": body}],
                },
            },
        }
    ]


def test_long_text_is_cut_and_its_address_is_not(cast, now, gateway):
    text(cast, now, said="x" * 400)
    delivery.drain(lambda: now)
    body = gateway.calls[0]["given"]["Body"]
    assert (len(body), body.endswith(f"x… {URL}")) == (300, True)


def test_busy_provider_is_left_alone_as_long_as_it_asks_and_nothing_is_counted(cast, now, gateway):
    gateway.answers = [(429, {"code": 20429}, {"Retry-After": "7"})]
    text(cast, now)
    assert delivery.drain(lambda: now) == 1
    assert row() == ("due", 0, "", "")
    assert Message.objects.get().due_at == now + dt.timedelta(seconds=7)
    delivery.drain(lambda: now + dt.timedelta(seconds=7))
    assert row() == ("sent", 1, "", "SM0")


@pytest.mark.parametrize("channel", [SMS, WHATSAPP])
@pytest.mark.parametrize("answer", [(500, {}, {}), (503, {"error": {"code": 2}}, {}), (400, {"code": 30001}, {})])
def test_failing_provider_is_tried_again(cast, now, gateway, channel, answer):
    gateway.answers = [answer]
    text(cast, now, channel)
    delivery.drain(lambda: now)
    assert row()[:3] == ("due", 1, "")
    delivery.drain(lambda: now + dt.timedelta(minutes=1))
    assert row()[:3] == ("sent", 2, "")


@pytest.mark.parametrize(
    ("channel", "answer"),
    [
        (SMS, (400, {"code": 21211, "message": "Invalid 'To' Phone Number"}, {})),
        (WHATSAPP, (400, {"error": {"code": 131026, "message": "Message undeliverable"}}, {})),
    ],
)
def test_number_that_will_never_do_waits_on_the_desk(cast, now, gateway, channel, answer):
    gateway.answers = [answer]
    message = text(cast, now, channel)
    delivery.drain(lambda: now)
    assert row()[:3] == ("failed", 1, "refused")
    message.refresh_from_db()
    lead = actor(cast.amina, cast.hub)
    with pytest.raises(Refused, match=r"“07700” is no telephone number\. Write one such as \+447700900123\."):
        resend(message, "07700", by=lead, now=now)
    resend(message, "+447700900999", by=lead, now=now)
    delivery.drain(lambda: now)
    assert row()[:3] == ("sent", 1, "")
    assert len(gateway.accepted) == 1


def test_answer_that_never_came_is_asked_for_again_with_the_same_key(cast, now, gateway):
    text(cast, now)
    gateway.hang = True
    delivery.drain(lambda: now)
    assert row()[:2] == ("due", 1)
    gateway.hang = False
    delivery.drain(lambda: now + dt.timedelta(minutes=1))
    assert (row(), len(gateway.calls), len(gateway.accepted)) == (("sent", 2, "", "SM0"), 2, 1)


def test_channel_that_is_off_sends_nothing(cast, now):
    text(cast, now)
    delivery.drain(lambda: now)
    message = Message.objects.get()
    assert (message.problem, message.problem_text) == ("refused", "sms is not set up on this install")
