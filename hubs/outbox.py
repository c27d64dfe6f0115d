"""Rows, not messages: the domain queues here, a sender drains (HOUSE.md rule 5).

What a kind is and how a row is written stands here; how a row is sent, in `hubs.delivery`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.apps import apps
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from hubs import quiet, texting
from hubs.mail import Mail
from hubs.models.hub import Hub
from hubs.models.message import Message
from hubs.models.preference import MessagePreference
from hubs.models.text_choice import TextChoice
from hubs.wallclock import WallTime

#: "now" goes at once; "today" within office hours; "digest" waits for the next morning.
URGENCIES = ("now", "today", "digest")
#: What is written down of a row whose reader stands there no more.
NOT_THE_READER = "no longer the reader's"
#: How long a gathered message is worth telling.
STALE_AFTER = dt.timedelta(days=7)


class Recipient(NamedTuple):
    """Whom to reach: an address, and the account or organisation behind it when there is one."""

    address: str
    name: str
    language: str
    user_id: int | None = None
    organisation_id: int | None = None


class Readers(NamedTuple):
    """`find(subject, message)`: who is to read it now. Whoever has one of the `roles` in the message's organisation
    is among them, so that most need not be looked for."""

    find: Callable[[Any, Message], list[Recipient]]
    roles: frozenset[str]


def itself(subject: models.Model) -> tuple[models.Model, ...]:
    return (subject,)


def nothing(message: Message, now: dt.datetime) -> None:
    """What follows from a refusal for good, for most kinds."""


def wordless(subject: models.Model) -> dict[str, str]:
    return {}


def untold(subject: models.Model, message: Message, now: dt.datetime) -> dict[str, str]:
    """What was written with a message, as words: for most kinds the row it is about says all."""
    return {}


def reason(subject: models.Model, message: Message, now: dt.datetime) -> dict[str, str]:
    """Why, in the words of whoever did it."""
    return {"reason": message.facts.get("reason", "")}


def always(subject: models.Model, now: dt.datetime) -> bool:
    return True


@dataclass(frozen=True)
class Kind:
    """One kind of message: who gets it (`audience`), when and why, as sentences; how urgent it
    is (`URGENCIES`); whether a reader may have it gathered with others, or not at all.
    `words(subject)` and `told(subject, message, now)` fill the `placeholders` a hub may use in its own wording.

    `about` is what the back office calls it; `compose(subject, message,
    now)` makes the mail; `live(subject, message, now)` says whether it should still go;
    `rests_on(subject)` names the rows whose change makes it untrue, which nobody changes while
    it is handed over; `refused(message, now)` is called in the transaction that records a refusal for good.
    `channels` with text messages among them: it goes to the telephone of a reader who chose that (`hubs.texting`),
    when `worth_a_text(subject, now)`, instead of by mail or, with `mail_too`, besides.
    `readers` stand now where its reader stood when it was written: at sending a row for anybody else is passed over
    and written for them. Without it a row is for its address alone.
    `signs_in`: its button leads to a page behind a sign-in, which whoever is a contact and no more does not have.
    `after`: the entry of the log with which it is written, as "app.model:verb"; where there is none, none is missed."""

    name: str
    about: Promise | str
    audience: str
    urgency: str
    compose: Callable[[Any, Message, dt.datetime], Mail]
    live: Callable[[Any, Message, dt.datetime], bool]
    may_opt_out: bool = False
    may_digest: bool = False
    when: Promise | str = ""
    why: Promise | str = ""
    channels: tuple[str, ...] = ("email",)
    rests_on: Callable[[Any], tuple[models.Model, ...]] = itself
    placeholders: tuple[str, ...] = ()
    words: Callable[[Any], dict[str, str]] = wordless
    told: Callable[[Any, Message, dt.datetime], dict[str, str]] = untold
    refused: Callable[[Message, dt.datetime], None] = nothing
    readers: Readers | None = None
    mail_too: bool = False
    worth_a_text: Callable[[Any, dt.datetime], bool] = always
    signs_in: bool = False
    after: str = ""


KINDS: dict[str, Kind] = {}


def said_to_contacts(mail: Mail, kind: Kind, message: Message) -> Mail:
    """With what somebody without an account does instead of signing in: the button would lead them to a closed door."""
    if not kind.signs_in or message.user_id is not None:
        return mail
    way = _("The page asks you to sign in. If you have no account, answer this mail: the hub invites you, or does it "
            "for you.")  # fmt: skip
    return dataclasses.replace(mail, small_print=f"{mail.small_print} {way}".strip())


def register(kind: Kind) -> Kind:
    """Called once per kind from the owning app's `messages.py`."""
    if kind.urgency not in URGENCIES:
        raise RuntimeError(f"message kind {kind.name!r}: urgency is one of {', '.join(URGENCIES)}")
    if kind.name in KINDS:
        raise RuntimeError(f"message kind {kind.name!r} is registered twice")
    KINDS[kind.name] = kind
    return kind


def kind_words(name: str) -> str:
    """What people call a kind; its bare name when no app sends it any more."""
    return str(KINDS[name].about) if name in KINDS else name


def queue(
    kind: str,
    subject: models.Model,
    to: Recipient,
    *,
    now: dt.datetime,
    due_at: dt.datetime | WallTime | None = None,
    not_after: dt.datetime | None = None,
    version: str = "",
    channel: str = "email",
    **facts,
) -> Message | None:
    """Insert the row in the caller's transaction; None when its key is there already.

    `due_at` is an instant, or a time on a wall clock, which follows when the rules of its
    zone or the hub's zone change; a time that has passed means now. Unless the kind goes at
    once, a time at a bad hour gives way to the next good one (`hubs.quiet`) that is not past
    `not_after`. Without `due_at`, what the reader wants gathered waits for the next morning.
    """
    if kind not in KINDS:
        raise KeyError(f"unknown message kind {kind!r}")
    if channel == "email" and (text := _text_for(KINDS[kind], subject, to, now)):
        given = {"now": now, "due_at": due_at, "not_after": not_after, "version": version, "channel": text.channel}
        if _told_already(kind, subject, version, to):
            return None
        made = queue(kind, subject, to._replace(address=text.number), **given, **facts)
        if not KINDS[kind].mail_too:
            return made
    gathered = wants_gathered(KINDS[kind], _hub_of(subject).pk, to)
    due_at = _moment(KINDS[kind], subject, to, now, due_at, gathered=gathered, not_after=not_after)
    due = _due(due_at, subject, now)
    if gathered and not_after is None:
        not_after = due["due_at"] + STALE_AFTER
    return _insert(
        KINDS[kind], subject, to, due=due, now=now, not_after=not_after, version=version, channel=channel,
        gathered=gathered, facts=facts,
    )  # fmt: skip


def _insert(
    kind: Kind, subject: models.Model, to: Recipient, *, due: dict[str, Any], now: dt.datetime,
    not_after: dt.datetime | None, version: str, facts: dict, channel: str = "email", gathered: bool = False,
) -> Message | None:  # fmt: skip
    message, made = Message.objects.get_or_create(
        key=key_of(kind.name, subject._meta.label_lower, subject.pk, version, to.address, channel),
        defaults={
            "hub_id": subject.hub_id,
            "kind": kind.name,
            "subject_type": subject._meta.label_lower,
            "subject_id": subject.pk,
            "version": version,
            "organisation_id": to.organisation_id,
            "user_id": to.user_id,
            "address": to.address,
            "name": to.name,
            "language": to.language,
            **due,
            "not_after": not_after,
            "gathered": gathered,
            "channel": channel,
            "facts": facts,
            "created_at": now,
        },
    )
    return message if made else None


def _text_for(kind: Kind, subject: models.Model, to: Recipient, now: dt.datetime) -> TextChoice | None:
    choice = texting.choice_of(kind, _hub_of(subject), to.user_id)
    return choice if choice is not None and kind.worth_a_text(subject, now) else None


def _told_already(kind: str, subject: models.Model, version: str, to: Recipient) -> bool:
    """Whether this person has it by whichever channel: they may have chosen another since."""
    rows = Message.objects.about(subject).filter(kind=kind, version=version, user=to.user_id)
    return rows.filter(organisation=to.organisation_id).exists()


def by_mail(message: Message, subject: models.Model, *, now: dt.datetime) -> None:
    """Write as a mail what did not reach its reader's telephone; nothing where the mail goes anyway."""
    kind, user = KINDS[message.kind], message.user
    if user is None or kind.mail_too:
        return
    to = Recipient(user.email, message.name, message.language, user.pk, message.organisation_id)
    _insert(
        kind, subject, to, due={"due_at": now}, now=now, not_after=message.not_after, version=message.version,
        facts=message.facts,
    )  # fmt: skip


def hand_on(message: Message, subject: models.Model, readers: list[Recipient], *, now: dt.datetime) -> None:
    """Write for those who read it now what was written for somebody who no longer does, whoever has it already
    apart. One whose own row was passed over before, and who is back, gets that one."""
    channel = "email" if message.channel in texting.TEXTS else message.channel  # each by their own way
    for person in readers:
        made = queue(
            message.kind, subject, person, now=now, not_after=message.not_after, version=message.version,
            channel=channel, **message.facts,
        )  # fmt: skip
        if made is None:
            key = key_of(
                message.kind, message.subject_type, message.subject_id, message.version, person.address, channel
            )
            for row in Message.objects.filter(key=key, state=Message.State.SKIPPED):
                _call_back(row, subject, person, now)


def _call_back(row: Message, subject: models.Model, person: Recipient, now: dt.datetime) -> None:
    last = row.history.last()
    if last is None or last.detail != NOT_THE_READER:
        return
    due = _moment(KINDS[row.kind], subject, person, now, None, gathered=row.gathered, not_after=row.not_after)
    also = {"attempts": 0, "edition": row.edition + bool(row.digest), "digest": ""}
    Message.objects.filter(pk=row.pk, state=Message.State.SKIPPED).update(
        state=Message.State.DUE, **_due(due, subject, now), **also
    )


def key_of(kind: str, subject_type: str, subject_id: int, version: str, address: str, channel: str = "email") -> str:
    """What makes a row the same message as another."""
    key = f"{kind}|{subject_type}|{subject_id}|{version}|{address.lower()}|{channel}"
    if len(key) > 200:
        raise ValueError("message key too long")
    return key


def _due(due: dt.datetime | WallTime | None, subject: models.Model, now: dt.datetime) -> dict[str, Any]:
    if not isinstance(due, WallTime):
        return {"due_at": due or now}
    at = due.instant(_hub_of(subject).zone)
    if at <= now:
        return {"due_at": now}
    return {"due_at": at, "due_on": due.on, "due_time": due.at, "due_zone": due.zone}


def wants_gathered(kind: Kind, hub_id: int, to: Recipient | Message) -> bool:
    """Whether this reader has it gathered, by their last word: asked when it is written, and
    again when it is claimed."""
    if not kind.may_digest:
        return False
    said = MessagePreference.objects.word(
        kind.name,
        hub_id=hub_id,
        user_id=to.user_id,
        address=to.address,
        organisation_id=to.organisation_id,
    )
    return said == "gathered" or (kind.urgency == "digest" and said != "at_once")


def _moment(
    kind: Kind, subject: models.Model, to: Recipient, now: dt.datetime, wanted: dt.datetime | WallTime | None,
    *, gathered: bool, not_after: dt.datetime | None,
) -> dt.datetime | WallTime | None:  # fmt: skip
    """`wanted`, or the first good hour after it."""
    if kind.urgency == "now" and not gathered:
        return wanted
    hub = _hub_of(subject)
    at = max(now, wanted.instant(hub.zone) if isinstance(wanted, WallTime) else wanted or now)
    good = quiet.next_morning if gathered and wanted is None else quiet.today_or_next
    wait = good(hub, to.organisation_id, at)
    too_late = wait is not None and not_after is not None and wait.instant(hub.zone) >= not_after
    return wanted if wait is None or too_late else wait  # better at an odd hour than never


def _hub_of(subject: models.Model) -> Hub:
    return subject if isinstance(subject, Hub) else subject.hub


def recompute_due(now: dt.datetime) -> int:
    """Set the instant of every waiting row that is due at a time on a wall clock anew: rules
    of zones change (São Paulo gave up summer time within a few months), and hubs move zone.

    Rows already tried keep the moment of their next attempt. Returns how many changed.
    """
    untried = Message.objects.filter(state=Message.State.DUE, attempts=0, first_due_at__isnull=True)
    waiting = untried.filter(due_on__isnull=False, due_at__gt=now)
    fields = ("due_on", "due_time", "due_zone", "hub", "due_at")
    changed = 0
    hubs = {hub.pk: hub for hub in Hub.objects.all()}
    for on, at, zone, hub, due_at in waiting.order_by().values_list(*fields).distinct():
        right = WallTime(on, at, zone).instant(hubs[hub].zone)
        if right != due_at:
            rows = waiting.filter(due_on=on, due_time=at, due_zone=zone, hub=hub, due_at=due_at)
            changed += rows.update(due_at=right)
    return changed


def occasion(now: dt.datetime) -> str:
    """A version that makes each sending its own: what is sent back and sent again is said again."""
    return f"{now:%Y%m%d%H%M%S}"


def subject_of(message: Message) -> models.Model | None:
    # No `first()`: sorting one row costs more than reading it.
    return next(iter(apps.get_model(message.subject_type)._base_manager.filter(pk=message.subject_id)), None)
