"""A hub's own words in the place of the shipped ones, which stay the fallback.

`{school}` and the like are replaced as text and nothing more: no attributes, no formats, no
code. No kind offers a student's name, so that none can reach a subject.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from hubs.mail import Mail
from hubs.models import Message, MessageTemplate
from hubs.outbox import KINDS, Kind

_NAMED = re.compile(r"\{([^{}]*)\}")


def names_of(kind: str) -> tuple[str, ...]:
    """What may stand in braces in the words of this kind."""
    return ("hub", "name", *(KINDS[kind].placeholders if kind in KINDS else ()))


#: What somebody typed may name a student, and stays out of subjects and text messages.
TYPED = frozenset({"reason"})


def wrong_with(text: str, kind: str, *, short: bool = False) -> str | None:
    """A sentence about the first thing in `text` that could not be filled in, or None. `short`: a subject, a button
    or a text message, where nothing may stand that somebody typed."""
    known = [name for name in names_of(kind) if not (short and name in TYPED)]
    for name in _NAMED.findall(text):
        if name not in known:
            said = ", ".join(f"{{{one}}}" for one in known)
            return _("“{%(name)s}” is not known here. You can write %(known)s.") % {"name": name, "known": said}
    if set(_NAMED.sub("", text)) & set("{}"):
        return _("A brace stands alone. Write names between two, such as {hub}, and no other braces.")
    return None


def filled(text: str, values: Mapping[str, str]) -> str:
    """Names in braces replaced; one that has no value stays as it is written."""
    return _NAMED.sub(lambda found: str(values.get(found.group(1), found.group(0))), text)


Known = dict[tuple[int, str, str], MessageTemplate | None]


def in_own_words(
    mail: Mail, kind: Kind, subject: Any, message: Message, known: Known, now: dt.datetime
) -> Mail:  # fmt: skip
    """The mail in the hub's words for this kind and language, or as it is. `known`: what was found already for other
    messages of the same round."""
    key = (message.hub_id, kind.name, message.language)
    if key not in known:
        rows = MessageTemplate.objects.filter(hub=message.hub_id, kind=kind.name, language=message.language)
        known[key] = rows.first()
    found = known[key]
    if found is None:
        return mail
    return worded(mail, found, values_of(kind, subject, message, now))


def values_of(kind: Kind, subject: Any, message: Message, now: dt.datetime) -> dict[str, str]:
    """What each name becomes in this message: of what the row is about, and of what was written with it."""
    return {"hub": message.hub.name, "name": message.name, **kind.words(subject), **kind.told(subject, message, now)}


def worded(mail: Mail, template: MessageTemplate, values: Mapping[str, str]) -> Mail:
    paragraphs = [part.strip() for part in re.split(r"\r?\n\s*\r?\n", filled(template.body, values))]
    action = (template.button, mail.action[1]) if mail.action and template.button else mail.action
    return dataclasses.replace(
        mail,
        subject=filled(template.subject, values),
        paragraphs=tuple(part for part in paragraphs if part),
        action=action,
        language=template.language,
        short=filled(template.text_line, values) or mail.short,
    )
