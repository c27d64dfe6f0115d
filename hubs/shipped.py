"""The words a kind ships with, as a hub reads them before it writes its own.

They are made by the code that makes the mail, of rows that nobody has: the apps say how such a row looks
(`invents`). What a kind names then stands in braces, as a hub would write it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from django.db import models, transaction
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from hubs.languages import writing
from hubs.mail import Mail
from hubs.models import Hub, Message, MessageTemplate
from hubs.outbox import KINDS, Kind, kind_words
from hubs.wordings import names_of, values_of, worded


class Row(NamedTuple):
    """A row that is in no table, what a message about it carries, for which organisation, and what a preview says
    where only rows in tables could be counted."""

    subject: models.Model
    facts: dict[str, Any] = {}
    organisation_id: int | None = None
    version: str = ""
    instead: Mapping[str, str] = MappingProxyType({})


Invented = Callable[[Hub, dt.datetime], Row]
_INVENTED: dict[str, Invented] = {}
#: What each name stands for, as a sentence to the hub.
MEANINGS = {
    "hub": lazy("your hub's name"),
    "name": lazy("the reader's name"),
    "title": lazy("what is offered"),
    "employer": lazy("the employer"),
    "school": lazy("the school"),
    "day": lazy("the day it is about"),
    "count": lazy("how many students or places"),
    "task": lazy("what has to be done"),
    "tasks": lazy("how many things are to do"),
    "document": lazy("the kind of paper"),
    "round": lazy("the round of self-assessments"),
    "step": lazy("the step of the plan"),
    "guidance": lazy("what is asked, in full"),
    "left": lazy("how many working days are left"),
    "reason": lazy("what somebody wrote with it; in the text only"),
    "who": lazy("who answered"),
    "employers": lazy("the employers it is about"),
    "changes": lazy("what has changed, in one sentence each"),
    "what": lazy("what was reported"),
    "phone": lazy("the number to ring"),
    "place": lazy("the organisation, or the hub"),
    "host": lazy("who invites"),
    "question": lazy("the question that follows their last answer"),
    "clash": lazy("why the calendar no longer allows it"),
    "first": lazy("the year it begins in"),
    "last": lazy("the year it ends in"),
}


@dataclasses.dataclass(frozen=True)
class Shipped:
    """`mail` as a reader would have it; `subject`, `body`, `button` with names in braces; `text_line` the same for
    kinds that go to telephones. `names`: (name, what it stands for, what it becomes here)."""

    mail: Mail
    subject: str
    body: str
    button: str
    text_line: str
    names: tuple[tuple[str, str, str], ...]
    values: Mapping[str, str]


def invents(invented: Invented, *kinds: str) -> None:
    """Called once for each kind a hub may word, by the app that sends it."""
    for kind in kinds:
        if kind in _INVENTED:
            raise RuntimeError(f"an invented row for {kind!r} is registered twice")
        _INVENTED[kind] = invented


def may_be_worded() -> list[tuple[str, str]]:
    """Every kind a hub may say in its own words, with what people call it, in order of that."""
    found = [(name, capfirst(kind_words(name))) for name in _INVENTED if name in KINDS]
    return sorted(found, key=lambda one: one[1])


def shipped(kind: str, language: str, hub: Hub, reader: str, now: dt.datetime) -> Shipped | None:
    """The shipped words of this kind in this language; None when no app says how its row looks."""
    if kind not in KINDS or kind not in _INVENTED:
        return None
    with writing(language), timezone.override(hub.zone), transaction.atomic():
        try:
            row = _INVENTED[kind](hub, now)
            message = Message(hub=hub, kind=kind, name=reader, language=language, address="nobody@example.org")
            message.facts, message.organisation_id = row.facts, row.organisation_id
            message.version = row.version
            mail = KINDS[kind].compose(row.subject, message, now)
            values = values_of(KINDS[kind], row.subject, message, now)
        finally:
            transaction.set_rollback(True)  # a link in the mail is a row: this one leads nowhere and is not kept
        return _in_braces(KINDS[kind], mail, values, row.instead)


def _in_braces(kind: Kind, mail: Mail, values: Mapping[str, str], instead: Mapping[str, str]) -> Shipped:
    known, said = names_of(kind.name), {**values, **instead}
    named = {name: values[name] for name in known if values.get(name)}

    def braced(text: str) -> str:
        # The longest first: an employer's name may hold a school's.
        for name, value in sorted(named.items(), key=lambda one: (-len(one[1]), one[0])):
            text = re.sub(rf"(?<![\w{{]){re.escape(value)}(?![\w}}])", f"{{{name}}}", text)
        return text

    return Shipped(
        mail,
        subject=braced(mail.subject),
        body="\n\n".join(braced(part) for part in mail.paragraphs if part),
        button=mail.action[0] if mail.action else "",
        text_line=braced(mail.short),
        names=tuple((f"{{{name}}}", str(MEANINGS.get(name, "")), said.get(name, "")) for name in known),
        values=said,
    )


def preview(template: MessageTemplate, hub: Hub, reader: str, now: dt.datetime) -> Mail:
    """A hub's words as a reader would see them, with invented facts; its button leads to the hub's first page."""
    found = shipped(template.kind, template.language, hub, reader, now)
    mail = found.mail if found else Mail("", ())
    button = mail.action[0] if mail.action else _("Open it")
    plain = dataclasses.replace(mail, action=(button, hub.url()), attachments=())
    return worded(plain, template, found.values if found else {"hub": hub.name, "name": reader})
