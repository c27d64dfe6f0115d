"""The words of a draft in another language, part by part: the frame, then each standard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from employers import frameworks as data
from employers import framing
from employers.models import StandardsFramework
from hubs.actors import Actor
from hubs.errors import CannotAct, Refused
from hubs.log import record
from hubs.moves import lock_state

LONGEST = 2000
FRAME = "frame"


@dataclass(frozen=True)
class Words:
    place: str
    original: str
    translation: str


@dataclass(frozen=True)
class Part:
    """`code` is that of the standard, or `FRAME` for the name, the scale, the bands and the pillars."""

    code: str
    name: str
    words: list[Words]

    @property
    def done(self) -> int:
        return sum(bool(one.translation) for one in self.words)


def parts(framework: StandardsFramework, language: str) -> list[Part]:
    """What there is to translate; empty words are left out."""
    document = framing.document_of(framework)
    given = document.texts.get(language, {})
    standards = {s.code: data.originals(s) for s in document.standards()}
    theirs = {place for places in standards.values() for place in places}
    frame = {place: text for place, text in data.originals(document).items() if place not in theirs}
    found = [(FRAME, _("Name, answers, bands and pillars"), frame)]
    found += [(s.code, s.name, standards[s.code]) for s in document.standards()]
    return [Part(code, name, list(_words(places, given))) for code, name, places in found]


def _words(places: Mapping[str, str], given: Mapping[str, str]) -> Iterator[Words]:
    for place, text in places.items():
        if text.strip():
            yield Words(place, text, given.get(place, ""))


def translate(
    framework: StandardsFramework, language: str, texts: Mapping[str, str], *, by: Actor, now: dt.datetime
) -> None:
    """Keep these words of a draft by their place; an empty one is the original again. What belongs to places that
    are no more goes. Raises `Refused` for what is sealed, too long or unknown."""
    if not by.may(framework, framing.KEEPERS):
        raise CannotAct(_("Only the hub keeps frameworks."))
    with transaction.atomic():
        lock_state(framework)
        framework.refresh_from_db(fields=["texts"])
        if framework.state != StandardsFramework.State.DRAFT:
            raise Refused(_("A framework in use is sealed, because scores rest on it. Make a new version."))
        known = data.originals(framing.document_of(framework))
        if any(place not in known for place in texts):
            raise Refused(_("Somebody changed the framework meanwhile. Look at it again before you translate."))
        if any(len(text) > LONGEST for text in texts.values()):
            raise Refused(_("A text is longer than %(most)s characters. Shorten it.") % {"most": LONGEST})
        kept = framework.texts.get(language, {}) | {place: text.strip() for place, text in texts.items()}
        kept = {place: text for place, text in kept.items() if text and place in known}
        others = {one: words for one, words in framework.texts.items() if one != language}
        framework.texts = dict(sorted((others | ({language: kept} if kept else {})).items()))
        framework.save(update_fields=["texts"])
        record(framework, "translated", by=by, now=now, language=language)


@contextmanager
def following(framework: StandardsFramework) -> Iterator[None]:
    """While the words of a draft are edited: what was translated goes with the words it translates, and is the
    original again where those changed, so that nobody reads a sentence that says something else."""
    with transaction.atomic():
        lock_state(framework)
        before = _originals(framework)
        yield
        row = StandardsFramework.objects.get(pk=framework.pk)
        after = _originals(row)
        kept = {language: data.followed(texts, before, after) for language, texts in row.texts.items()}
        row.texts = {language: texts for language, texts in kept.items() if texts}
        row.save(update_fields=["texts"])


def _originals(framework: StandardsFramework) -> dict[str, str]:
    """As the database has them: a form has put its own words into the row it holds."""
    return data.originals(framing.document_of(StandardsFramework.objects.get(pk=framework.pk)))
