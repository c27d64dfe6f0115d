"""What partners' systems are told: entries of the log, read after the fact.

A change costs nothing more for it: no verb knows of partners. A job reads what the log has after `told_until` and
writes one row of the outbox for each endpoint and entry of interest.

Ids of the log are given out when a row is inserted and seen when its transaction commits, so that 7 may appear after
8 was told. A cursor that went to 8 would lose 7 for good. So `told_until` only goes to entries older than
`LONGEST_CHANGE`, which no transaction outlives, everything above it is looked at each time, and what has its row
already is left out by that row's key. Two jobs at once meet on the same key.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hubs.actors import system
from hubs.languages import speaking
from hubs.log import record
from hubs.mail import Mail
from hubs.models import LogEntry, Message, PartnerEndpoint
from hubs.models.message import MessageQuerySet
from hubs.outbox import Kind, register
from hubs.partner_calls import ID, TIMESTAMP

KIND = "partner-event"
LABEL = PartnerEndpoint._meta.label_lower
#: No transaction of ours lives as long: statements end after seconds, and rosters are loaded in a minute or two.
LONGEST_CHANGE = dt.timedelta(minutes=10)
BATCH = 1000  # entries for each endpoint and round


@dataclass(frozen=True)
class Family:
    """Entries a partner may ask for under `name`: those about rows of `subject_type`, whatever was done (`only` and
    `but` narrow it to verbs). `noun` is what the API calls such a row, `read` the name of its address there."""

    name: str
    words: Promise | str
    subject_type: str
    noun: str
    read: str
    only: frozenset[str] = frozenset()
    but: frozenset[str] = frozenset()

    @property
    def entries(self) -> Q:
        narrowed = Q(verb__in=self.only) if self.only else Q()
        return Q(subject_type=self.subject_type) & narrowed & ~Q(verb__in=self.but)


#: Filled by the apps whose rows they are.
FAMILIES: dict[str, Family] = {}


def tell_of(*families: Family) -> None:
    """Called once by the owning app."""
    FAMILIES.update({family.name: family for family in families})


def of_interest(endpoint: PartnerEndpoint) -> Q:
    wanted = [FAMILIES[name].entries for name in endpoint.kinds if name in FAMILIES]
    return reduce(or_, wanted, Q(pk__in=[]))


def tell_all(now: dt.datetime) -> int:
    """Write what every endpoint has not been told yet; how many rows. Safe twice, at once and killed."""
    until = settled(now)
    listening = PartnerEndpoint.objects.filter(is_active=True, hub__is_active=True).select_related("hub")
    return sum(tell(endpoint, until, now=now) for endpoint in listening.order_by("pk"))


def settled(now: dt.datetime) -> int:
    """The id up to which every entry that will ever be seen can be seen now."""
    old = LogEntry.objects.filter(at__lte=now - LONGEST_CHANGE).order_by("-pk")
    return old.values_list("pk", flat=True).first() or 0


def newest() -> int:
    return LogEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


@transaction.atomic
def tell(endpoint: PartnerEndpoint, until: int, *, now: dt.datetime) -> int:
    entries = list(untold(endpoint)[:BATCH])
    write_calls(endpoint, entries, now=now)
    if len(entries) == BATCH:
        until = min(until, entries[-1].pk)  # the rest is for the next round
    PartnerEndpoint.objects.filter(pk=endpoint.pk, told_until__lt=until).update(told_until=until)
    return len(entries)


def untold(endpoint: PartnerEndpoint) -> models.QuerySet:
    before, after = _key_around(endpoint)
    key = Concat(Value(before), Cast("pk", models.CharField()), Value(after))
    rows = LogEntry.objects.filter(of_interest(endpoint), hub=endpoint.hub_id, pk__gt=endpoint.told_until)
    told = Message.objects.filter(key=OuterRef("key"))
    return rows.alias(key=key).filter(~Exists(told)).order_by("pk")


def _key_around(endpoint: PartnerEndpoint) -> tuple[str, str]:
    """Without the address, unlike the keys of other messages: one that moved is not told everything anew."""
    return f"{KIND}|{LABEL}|{endpoint.pk}|", "||webhook"


def write_calls(
    endpoint: PartnerEndpoint, entries: Iterable[LogEntry], *, now: dt.datetime, occasion: str = ""
) -> None:
    """One row for each entry; what has its row for this occasion already is left as it is."""
    also = f".{occasion}" if occasion else ""
    facts = [(f"{entry.pk}{also}", {"entry": entry.pk, "type": type_of(entry)}) for entry in entries]
    Message.objects.bulk_create(
        [call(endpoint, version, fact, now=now) for version, fact in facts], ignore_conflicts=True, batch_size=500
    )


def call(endpoint: PartnerEndpoint, version: str, facts: dict, *, now: dt.datetime) -> Message:
    """A row not yet written. It keeps the host alone: addresses of partners have secrets in them."""
    return Message(
        hub_id=endpoint.hub_id, key=version.join(_key_around(endpoint)), kind=KIND, subject_type=LABEL,
        subject_id=endpoint.pk, version=version, address=endpoint.host, name=endpoint.name,
        language=endpoint.hub.language, channel=Message.Channel.WEBHOOK, due_at=now, created_at=now, facts=facts,
    )  # fmt: skip


def calls_of(endpoint: PartnerEndpoint) -> MessageQuerySet:
    return Message.objects.of_hub(endpoint.hub_id).about(endpoint).order_by("-pk")


def family_of(entry: LogEntry) -> Family | None:
    return next((one for one in FAMILIES.values() if one.subject_type == entry.subject_type), None)


def type_of(entry: LogEntry) -> str:
    family = family_of(entry)
    return f"{family.noun if family else entry.subject_type}.{entry.verb}"


def _data(entry: LogEntry, endpoint: PartnerEndpoint) -> dict:
    """Codes and numbers: no name of anybody and nothing anybody typed."""
    family = family_of(entry)
    noun = family.noun if family else entry.subject_type
    data = {"hub": endpoint.hub.slug, "subject_type": noun, "subject_id": entry.subject_id}
    if entry.to_state:
        data |= {"state_before": entry.from_state, "state_after": entry.to_state}
    if family:
        data["url"] = endpoint.hub.url(reverse(family.read, args=[entry.subject_id]))
    return data


def _compose(endpoint: PartnerEndpoint, message: Message, now: dt.datetime) -> Mail:
    """A call in the shape of a mail: what it is of, its body, its headers. The id is that of the entry, however often
    it is sent, so that a partner may drop what it has."""
    if "entry" in message.facts:
        entry = LogEntry.objects.get(pk=message.facts["entry"], hub=endpoint.hub_id)
        identifier, kind, at = f"evt_{endpoint.pk}_{entry.pk}", type_of(entry), entry.at
        data = _data(entry, endpoint)
    else:
        identifier, kind, at = f"test_{message.pk}", "test", message.created_at
        data = {"hub": endpoint.hub.slug}
    body = json.dumps({"type": kind, "timestamp": at.astimezone(dt.UTC).isoformat(), "data": data})
    return Mail(kind, (body,), facts=((ID, identifier), (TIMESTAMP, str(int(now.timestamp())))))


def _live(endpoint: PartnerEndpoint, message: Message, now: dt.datetime) -> bool:
    return endpoint.is_active and endpoint.hub.is_active


def _wants_no_more(message: Message, now: dt.datetime) -> None:
    """It answered 410: nothing goes there until the hub switches it on again, and the desk says why."""
    endpoint = PartnerEndpoint.objects.get(pk=message.subject_id, hub=message.hub_id)
    with speaking(message.language):
        said = _("The partner's system answered 410: it wants no more. It was switched off.")
    Message.objects.filter(pk=message.pk).update(problem_text=said[:300])
    if PartnerEndpoint.objects.filter(pk=endpoint.pk, is_active=True).update(is_active=False):
        record(endpoint, "switched_off", by=system(endpoint.hub_id), now=now)


register(
    Kind(
        name=KIND,
        about=gettext_lazy("what a partner's system is told"),
        audience="partner",
        urgency="now",
        when=gettext_lazy("When the log has an entry of a kind the partner asked for."),
        why=gettext_lazy("Other systems follow what happens without asking all day."),
        compose=_compose,
        live=_live,
        channels=("webhook",),
        rests_on=lambda endpoint: (),
        refused=_wants_no_more,
    )
)
