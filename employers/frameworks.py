"""A standards framework as data: pillars → standards → items, with scale, bands and next steps.

Pure: a document (JSON) is read into frozen dataclasses and written again byte for byte. What is
wrong in a document is named by its place in it (`pillars[0].standards[2].items[1].weight`).
The engine knows nothing of employers: a framework for schools is another document.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

FORMAT = "throughline-standards/1"
SIDES = ("employer", "school")
MOST_BYTES = 1_000_000


class CannotReadFramework(ValueError):
    """`place` in the document; `problem` is one of a few words the caller has sentences for."""

    def __init__(self, place: str, problem: str, **facts) -> None:
        super().__init__(f"{place or 'document'}: {problem}")
        self.place, self.problem, self.facts = place, problem, facts


@dataclass(frozen=True)
class Level:
    level: int
    points: int
    label: str


@dataclass(frozen=True)
class Band:
    """From `least` percent up to where the next begins."""

    code: str
    least: int
    label: str


@dataclass(frozen=True)
class Item:
    """`sizes` asked, all when empty; `variants`: another wording by size; `evidence`: a code of the
    record shown beside the answer."""

    code: str
    statement: str
    help: str = ""
    weight: int = 1
    sizes: tuple[str, ...] = ()
    variants: Mapping[str, str] = field(default_factory=dict)
    evidence: str = ""

    def asked_of(self, size: str) -> bool:
        return not self.sizes or size in self.sizes

    def wording(self, size: str) -> str:
        return self.variants.get(size, self.statement)


@dataclass(frozen=True)
class NextStep:
    """What to do next: for a band, for sizes (all when empty), with the effort in whole hours;
    `item` names the item it improves, if one."""

    band: str
    title: str
    text: str
    hours: int
    sizes: tuple[str, ...] = ()
    item: str = ""

    def suits(self, size: str) -> bool:
        return not self.sizes or size in self.sizes


@dataclass(frozen=True)
class Standard:
    code: str
    name: str
    about: str
    items: tuple[Item, ...]
    next_steps: tuple[NextStep, ...] = ()


@dataclass(frozen=True)
class Pillar:
    code: str
    name: str
    standards: tuple[Standard, ...]


@dataclass(frozen=True)
class Framework:
    """`texts`: language → place of a text → its translation (see `translated`)."""

    code: str
    version: str
    side: str
    language: str
    name: str
    about: str
    enough_percent: int
    scale: tuple[Level, ...]
    bands: tuple[Band, ...]
    pillars: tuple[Pillar, ...]
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    def standards(self) -> Iterable[Standard]:
        return (standard for pillar in self.pillars for standard in pillar.standards)

    def items(self) -> dict[str, Item]:
        return {item.code: item for standard in self.standards() for item in standard.items}

    def standard(self, code: str) -> Standard:
        """Raises KeyError when there is none."""
        for standard in self.standards():
            if standard.code == code:
                return standard
        raise KeyError(code)


# ---- Translations -------------------------------------------------------------------


def _walk(value, place: str, texts: Mapping[str, str]):
    """A copy of one dataclass with every text that has a translation exchanged."""
    changed: dict[str, Any] = {}
    for name in getattr(value, "__dataclass_fields__", ()):
        part, here = getattr(value, name), f"{place}.{name}"
        if name in _TEXTS and isinstance(part, str):
            changed[name] = texts.get(here, part)
        elif name == "variants":
            changed[name] = {size: texts.get(f"{here}.{size}", text) for size, text in part.items()}
        elif name == "next_steps":
            changed[name] = tuple(_walk(one, f"{place}.next_steps.{n}", texts) for n, one in enumerate(part))
        elif name in _PARTS:
            changed[name] = tuple(_walk(one, _key(one), texts) for one in part)
    return replace(value, **changed)


_TEXTS = frozenset({"name", "about", "label", "statement", "help", "title", "text"})
_PARTS = frozenset({"scale", "bands", "pillars", "standards", "items"})
_KINDS = {Level: "level", Band: "band", Pillar: "pillar", Standard: "standard", Item: "item"}


def _key(part) -> str:
    return f"{_KINDS[type(part)]}.{part.level if isinstance(part, Level) else part.code}"


def translated(framework: Framework, language: str) -> Framework:
    """With the texts of `language` ("de-ch" falls back to "de") where they are whole, else as it is: nobody reads
    two languages in one sentence, and `language` of what comes back is that of every word in it.

    A place is `framework.name`, `band.<code>.label`, `level.<n>.label`, `pillar.<code>.name`,
    `standard.<code>.about`, `standard.<code>.next_steps.<n>.text`, `item.<code>.statement`,
    `item.<code>.variants.<size>` …
    """
    for one in (language, language.partition("-")[0]):
        if one != framework.language and whole(framework, one):
            return replace(_walk(framework, "framework", framework.texts[one]), language=one)
    return framework


def whole(framework: Framework, language: str) -> bool:
    """Whether everything that has words has them in `language` too."""
    given = framework.texts.get(language, {})
    return bool(given) and all(place in given for place, words in originals(framework).items() if words)


def originals(part: Framework | Standard) -> dict[str, str]:
    """Every place of the framework, or of one standard of it, that can be translated, with its own words, in the
    order they are read."""
    found: dict[str, str] = {}

    class Recorder(dict):
        def get(self, key, default=None):
            found[key] = default
            return default

    _walk(part, "framework" if isinstance(part, Framework) else _key(part), Recorder())
    return found


def followed(texts: Mapping[str, str], before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """The translations of one language once the originals are `after` and no more `before` (as `originals` gives
    them): they go with the words they translate to another place, and away where those changed."""
    by_words = {before[place]: text for place, text in texts.items() if place in before}
    stayed = {place: text for place, text in texts.items() if place in before and before[place] == after.get(place)}
    return {place: by_words[words] for place, words in after.items() if words in by_words} | stayed


def without_strays(framework: Framework) -> Framework:
    """Without translations of what is not in it any more."""
    places = originals(framework)
    texts = {
        language: {place: text for place, text in given.items() if place in places}
        for language, given in framework.texts.items()
    }
    return replace(framework, texts={language: given for language, given in texts.items() if given})


# ---- Written -----------------------------------------------------------------------


def as_document(framework: Framework) -> dict:
    return {
        "format": FORMAT,
        "code": framework.code,
        "version": framework.version,
        "side": framework.side,
        "language": framework.language,
        "name": framework.name,
        "about": framework.about,
        "enough_percent": framework.enough_percent,
        "scale": [{"level": s.level, "points": s.points, "label": s.label} for s in framework.scale],
        "bands": [{"code": b.code, "least": b.least, "label": b.label} for b in framework.bands],
        "pillars": [
            {"code": p.code, "name": p.name, "standards": [_standard_document(s) for s in p.standards]}
            for p in framework.pillars
        ],
        "texts": {language: dict(sorted(texts.items())) for language, texts in sorted(framework.texts.items())},
    }


def _standard_document(standard: Standard) -> dict:
    return {
        "code": standard.code,
        "name": standard.name,
        "about": standard.about,
        "items": [
            {
                "code": i.code,
                "statement": i.statement,
                "help": i.help,
                "weight": i.weight,
                "sizes": list(i.sizes),
                "variants": dict(sorted(i.variants.items())),
                "evidence": i.evidence,
            }
            for i in standard.items
        ],
        "next_steps": [
            {"band": n.band, "title": n.title, "text": n.text, "hours": n.hours, "sizes": list(n.sizes), "item": n.item}
            for n in standard.next_steps
        ],
    }


def written(framework: Framework) -> str:
    """The document as text: one spelling, so that what is exported can be compared."""
    return json.dumps(as_document(framework), indent=1, ensure_ascii=False) + "\n"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
