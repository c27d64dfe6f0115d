"""What happened, and what a partner's system was told of it."""

from __future__ import annotations

from hubs import delivery, partners
from hubs.log import record
from hubs.models import LogEntry, Message
from tests.hubs.web_server import NAME

URL = f"https://{NAME}/in/k3y"
ALL = ["opportunity", "session", "placement_request", "placement", "encounter"]


def happened(placement, lead, now, verb="accepted", **more) -> LogEntry:
    return record(placement, verb, by=lead, now=now, reason="Ada Byron rang", pupil="Ada Byron", **more)


def sent(server) -> list[tuple[dict, bytes]]:
    """(headers, body) of each call the server took."""
    calls = []
    for request in server.requests:
        head, _blank, body = request.partition(b"\r\n\r\n")
        lines = [line.split(": ", 1) for line in head.decode().split("\r\n")[1:]]
        calls.append(({name.lower(): value for name, value in lines}, body))
    return calls


def call_all(now) -> None:
    partners.tell_all(now)
    delivery.drain(lambda: now, partners=True)


def rows() -> list[tuple]:
    return list(Message.objects.filter(channel="webhook").order_by("pk").values_list("state", "attempts"))
