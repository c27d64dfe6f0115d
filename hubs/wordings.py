"""A hub's own words in the place of the shipped ones, which stay the fallback.

`{school}` and the like are replaced as text and nothing more: no attributes, no formats, no
code. No kind offers a student's name, so that none can reach a subject.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping

from django.utils.translation import gettext as _

from hubs.mail import Mail
from hubs.models import Hub, Message, MessageTemplate
from hubs.outbox import KINDS, Kind

_NAMED = re.compile(r"\{([^{}]*)\}")
#: What a preview shows for each name any kind offers.
SAMPLES = {
    "title": "See how it is made",
    "employer": "Brightwater Engineering",
    "school": "Quayside School",
    "day": "Tuesday 20 October",
    "count": "6",
    "task": "Risk assessment",
    "document": "Insurance certificate",
}


def names_of(kind: str) -> tuple[str, ...]:
    """What may stand in braces in the words of this kind."""
    return ("hub", "name", *(KINDS[kind].placeholders if kind in KINDS else ()))


def wrong_with(text: str, kind: str) -> str | None:
    """A sentence about the first thing in `text` that could not be filled in, or None."""
    known = names_of(kind)
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


def in_own_words(mail: Mail, kind: Kind, subject, message: Message, known: Known) -> Mail:
    """The mail in the hub's words for this kind and language, or as it is. `known`: what was found already for other
    messages of the same round."""
    key = (message.hub_id, kind.name, message.language)
    if key not in known:
        rows = MessageTemplate.objects.filter(hub=message.hub_id, kind=kind.name, language=message.language)
        known[key] = rows.first()
    found = known[key]
    if found is None:
        return mail
    return worded(mail, found, {"hub": message.hub.name, "name": message.name, **kind.words(subject)})


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


def preview(template: MessageTemplate, hub: Hub, name: str) -> Mail:
    """The words as a reader would see them, with invented facts."""
    values = {"hub": hub.name, "name": name, **SAMPLES}
    shipped = Mail(
        subject="",
        paragraphs=(),
        facts=((_("What"), SAMPLES["title"]), (_("When"), SAMPLES["day"]), (_("Who"), SAMPLES["school"])),
        action=(_("Open it"), hub.url()),
    )
    return worded(shipped, template, values)
