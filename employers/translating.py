"""The words of a draft in another language, part by part: the frame, then each standard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
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
    return [Part(code, name, list(words_of(places, given))) for code, name, places in found]


def words_of(places: Mapping[str, str], given: Mapping[str, str]) -> Iterator[Words]:
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

    def known() -> Mapping[str, str]:
        framework.refresh_from_db(fields=["state"])
        if framework.state != StandardsFramework.State.DRAFT:
            raise Refused(_("A framework in use is sealed, because scores rest on it. Make a new version."))
        return data.originals(framing.document_of(framework))

    keep_words(framework, language, texts, known, longest=LONGEST, by=by, now=now)


def keep_words(
    row,
    language: str,
    texts: Mapping[str, str],
    known: Callable[[], Mapping[str, str]],
    *,
    longest: int,
    by: Actor,
    now: dt.datetime,
) -> None:
    """Keep them in the row's `texts`, under its lock. `known` is asked there for the places there are, with their own
    words, and refuses what is closed. `longest` is how many characters a text may have."""
    with transaction.atomic():
        lock_state(row)
        row.refresh_from_db(fields=["texts"])
        there = known()
        if any(place not in there for place in texts):
            raise Refused(_("Somebody changed the original meanwhile. Look at it again before you translate."))
        if any(len(text) > longest for text in texts.values()):
            raise Refused(_("A text is longer than %(most)s characters. Shorten it.") % {"most": longest})
        kept = row.texts.get(language, {}) | {place: text.strip() for place, text in texts.items()}
        kept = {place: text for place, text in kept.items() if text and place in there}
        others = {one: words for one, words in row.texts.items() if one != language}
        row.texts = dict(sorted((others | ({language: kept} if kept else {})).items()))
        row.save(update_fields=["texts"])
        record(row, "translated", by=by, now=now, language=language)


@contextmanager
def following(framework: StandardsFramework) -> Iterator[None]:
    with follow(framework, lambda: _originals(framework)):
        yield


@contextmanager
def follow(row, originals: Callable[[], Mapping[str, str]]) -> Iterator[None]:
    """While the words of a draft are edited: what was translated goes with the words it translates, and is the
    original again where those changed, so that nobody reads a sentence that says something else. `originals` reads
    them from the database."""
    with transaction.atomic():
        lock_state(row)
        before = originals()
        yield
        after, kept = originals(), type(row).objects.get(pk=row.pk)
        found = {language: data.followed(texts, before, after) for language, texts in kept.texts.items()}
        kept.texts = {language: texts for language, texts in found.items() if texts}
        kept.save(update_fields=["texts"])


def _originals(framework: StandardsFramework) -> dict[str, str]:
    """As the database has them: a form has put its own words into the row it holds."""
    return data.originals(framing.document_of(StandardsFramework.objects.get(pk=framework.pk)))
