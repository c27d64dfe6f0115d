"""What a lead of the hub does with partners' systems."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hubs import partners
from hubs.actors import Actor
from hubs.addresses import CannotFetch, read_address
from hubs.domain.fields import only
from hubs.errors import CannotAct, Refused
from hubs.locks import lock_rows
from hubs.log import record
from hubs.models import Hub, LogEntry, PartnerEndpoint, Role
from hubs.outbox import occasion

LEADS = frozenset({Role.HUB_LEAD})
FIELDS = frozenset({"name", "address", "kinds"})
MOST_REPLAYED = 1000  # entries, in one replay
SAME_REPLAY = dt.timedelta(minutes=10)

ADDRESS = {
    "address": gettext_lazy("This is no web address. It begins with https://."),
    "scheme": gettext_lazy("The address must begin with https://."),
    "userinfo": gettext_lazy("Leave the name and password out of the address: calls are signed."),
    "port": gettext_lazy("Leave the port out of the address: partners are called on 443 alone."),
    "name": gettext_lazy("The address needs a name such as partner.example.org after https://, not a number."),
}


def check_address(address: str) -> str:
    """The address, read. Raises `Refused` with a sentence; whether it is public is asked at each call."""
    try:
        read = read_address(address)
    except CannotFetch as error:
        raise Refused(str(ADDRESS[error.code]), code=error.code) from error
    if not address.strip().lower().startswith("https://"):  # calendars have schemes of their own
        raise Refused(str(ADDRESS["scheme"]), code="scheme")
    return read.url


def add_endpoint(hub: Hub, fields: dict, *, by: Actor, now: dt.datetime) -> PartnerEndpoint:
    """It is told what happens from now on."""
    endpoint = PartnerEndpoint(hub=hub, added_at=now, told_until=partners.newest())
    _keep(endpoint, fields, "added", by=by, now=now)
    return endpoint


def change_endpoint(endpoint: PartnerEndpoint, fields: dict, *, by: Actor, now: dt.datetime) -> None:
    _keep(endpoint, fields, "changed", by=by, now=now)


def _keep(endpoint: PartnerEndpoint, fields: dict, verb: str, *, by: Actor, now: dt.datetime) -> None:
    _leads(endpoint, by)
    for name, value in only(fields, FIELDS).items():
        setattr(endpoint, name, value)
    endpoint.address = check_address(endpoint.address)
    if not endpoint.kinds or set(endpoint.kinds) - partners.FAMILIES.keys():
        raise Refused(_("Choose at least one thing the partner is told about."))
    with transaction.atomic():
        endpoint.save(update_fields=sorted(FIELDS) if endpoint.pk else None)
        record(endpoint, verb, by=by, now=now, fields=sorted(fields))


def renew_secret(endpoint: PartnerEndpoint, *, by: Actor, now: dt.datetime) -> None:
    """The old secret signs nothing from now on."""
    _leads(endpoint, by)
    with transaction.atomic():
        PartnerEndpoint.objects.filter(pk=endpoint.pk).update(generation=F("generation") + 1)
        record(endpoint, "secret_renewed", by=by, now=now)


def switch(endpoint: PartnerEndpoint, *, on: bool, by: Actor, now: dt.datetime) -> None:
    """Switched on again it is told from now on; what it missed is a replay."""
    _leads(endpoint, by)
    also = {"told_until": partners.newest()} if on else {}
    with transaction.atomic():
        if not PartnerEndpoint.objects.filter(pk=endpoint.pk, is_active=not on).update(is_active=on, **also):
            raise Refused(_("It is so already."))
        record(endpoint, "switched_on" if on else "switched_off", by=by, now=now)


def send_test(endpoint: PartnerEndpoint, *, by: Actor, now: dt.datetime) -> None:
    _listening(endpoint, by)
    with transaction.atomic():
        row = partners.call(endpoint, f"test.{occasion(now)}", {"type": "test"}, now=now)
        type(row).objects.bulk_create([row], ignore_conflicts=True)
        record(endpoint, "tried", by=by, now=now)


def send_again(endpoint: PartnerEndpoint, number: str, *, by: Actor, now: dt.datetime) -> None:
    """The call of this number once more, as a row of its own; the old one leaves the desk."""
    _listening(endpoint, by)
    sent = partners.calls_of(endpoint).filter(pk=int(number)).first() if number.isdecimal() else None
    if sent is None or "entry" not in sent.facts:
        raise Refused(_("There is no such call. Use the number in the table."))
    entry = LogEntry.objects.get(pk=sent.facts["entry"], hub=endpoint.hub_id)
    with transaction.atomic():
        partners.write_calls(endpoint, [entry], now=now, occasion=occasion(now))
        partners.calls_of(endpoint).on_desk().filter(pk=sent.pk).update(settled_at=now)
        record(endpoint, "called_again", by=by, now=now, entry=entry.pk)


def read_since(text: str, endpoint: PartnerEndpoint, now: dt.datetime) -> dt.datetime:
    """A moment as somebody of the hub writes it, on the hub's wall clock. Raises `Refused`."""
    try:
        since = parse_datetime(text.strip())
    except ValueError:
        since = None
    if since is None:
        raise Refused(_("Write the day and the time as in 2026-09-15 08:00."))
    since = since if since.tzinfo else since.replace(tzinfo=endpoint.hub.zone)
    if since > now:
        raise Refused(_("That is still to come."))
    return since


def replay(endpoint: PartnerEndpoint, since: dt.datetime, *, by: Actor, now: dt.datetime) -> int:
    """Tell once more what happened since then, the first `MOST_REPLAYED` entries; how many. Asked for again within
    `SAME_REPLAY`, it is the same replay and writes nothing."""
    _listening(endpoint, by)
    with transaction.atomic():
        lock_rows(PartnerEndpoint.objects.filter(pk=endpoint.pk))
        said = LogEntry.objects.about(endpoint).filter(verb="replayed", at__gt=now - SAME_REPLAY)
        if same := said.filter(facts__since=since.isoformat()).first():
            return same.facts["entries"]
        rows = LogEntry.objects.filter(partners.of_interest(endpoint), hub=endpoint.hub_id, at__gte=since)
        entries = list(rows.order_by("at", "pk")[:MOST_REPLAYED])
        partners.write_calls(endpoint, entries, now=now, occasion=f"since.{since:%Y%m%d%H%M%S}.{occasion(now)}")
        until = entries[-1].at if len(entries) == MOST_REPLAYED else now
        record(
            endpoint, "replayed", by=by, now=now, since=since.isoformat(), until=until.isoformat(), entries=len(entries)
        )  # fmt: skip
    return len(entries)


def last_replay(endpoint: PartnerEndpoint) -> LogEntry | None:
    return LogEntry.objects.of_hub(endpoint.hub_id).about(endpoint).filter(verb="replayed").first()


def _leads(endpoint: PartnerEndpoint, by: Actor) -> None:
    if not by.may(endpoint, LEADS):
        raise CannotAct(_("Only a lead of the hub decides what partners are told."))


def _listening(endpoint: PartnerEndpoint, by: Actor) -> None:
    _leads(endpoint, by)
    if not endpoint.is_active:
        raise Refused(_("It is switched off. Switch it on first."))
