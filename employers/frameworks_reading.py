"""A framework's document, read and checked: the first thing wrong is named by its place."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any, NoReturn

from employers.frameworks import (
    FORMAT,
    MOST_BYTES,
    SIDES,
    Band,
    CannotReadFramework,
    Framework,
    Item,
    Level,
    NextStep,
    Pillar,
    Standard,
    originals,
)

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,11}")
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,49}")
#: What a JSON escape can spell and no text holds: control characters and halves of a pair.
UNKEPT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
LONGEST = 2000
MOST_ITEMS = 400


class At:
    """One object of the document and where it stands."""

    def __init__(self, value: Any, place: str, keys: Collection[str], optional: Collection[str] = ()) -> None:
        self.place = place
        if not isinstance(value, dict):
            raise CannotReadFramework(place, "not_object")
        for key in keys:
            if key not in value:
                raise CannotReadFramework(self.of(key), "missing")
        for key in value:
            if key not in keys and key not in optional:
                raise CannotReadFramework(self.of(key), "unknown_key")
        self.value = value

    def of(self, key: str) -> str:
        return f"{self.place}.{key}" if self.place else key

    def text(self, key: str, *, longest: int = LONGEST, empty: bool = False) -> str:
        found = self.value.get(key, "")
        if not isinstance(found, str):
            raise CannotReadFramework(self.of(key), "not_text")
        if not found.strip() and not empty:
            raise CannotReadFramework(self.of(key), "empty")
        if UNKEPT.search(found):
            raise CannotReadFramework(self.of(key), "unkept")
        if len(found) > longest:
            raise CannotReadFramework(self.of(key), "too_long", most=longest)
        return found

    def code(self, key: str, shape: re.Pattern = CODE) -> str:
        found = self.text(key)
        if not shape.fullmatch(found):
            raise CannotReadFramework(self.of(key), "not_code", value=found)
        return found

    def number(self, key: str, least: int, most: int, default: int | None = None) -> int:
        found = self.value.get(key, default)
        if not isinstance(found, int) or isinstance(found, bool) or not least <= found <= most:
            raise CannotReadFramework(self.of(key), "not_number", least=least, most=most)
        return found

    def one_of(self, key: str, known: Collection[str] | None, *, empty: bool = False) -> str:
        found = self.text(key, empty=empty)
        if known is not None and found and found not in known:
            raise CannotReadFramework(self.of(key), "unknown", value=found, known=", ".join(sorted(known)))
        return found

    def parts(self, key: str, read: Callable[[Any, str], Any], *, least: int = 1, most: int = 100) -> tuple:
        found = self.value.get(key, [])
        if not isinstance(found, list):
            raise CannotReadFramework(self.of(key), "not_list")
        if not least <= len(found) <= most:
            raise CannotReadFramework(self.of(key), "how_many", least=least, most=most)
        return tuple(read(one, f"{self.of(key)}[{n}]") for n, one in enumerate(found))

    def sizes(self, known: Collection[str] | None) -> tuple[str, ...]:
        def read(one: Any, place: str) -> str:
            if not isinstance(one, str) or (known is not None and one not in known):
                raise CannotReadFramework(place, "unknown", value=str(one), known=", ".join(known or ()))
            return one

        found = self.parts("sizes", read, least=0)
        _once(found, self.of("sizes"))
        return found


def _once(codes: Collection, place: str) -> None:
    seen: set = set()
    for code in codes:
        if code in seen:
            raise CannotReadFramework(place, "twice", value=str(code))
        seen.add(code)


def read(text: str, *, sizes: Collection[str] | None, evidence: Collection[str] | None) -> Framework:
    """The framework a document describes. `sizes` and `evidence` are the codes this install knows; None takes
    any, as for what was sealed when it knew others.

    Raises `CannotReadFramework`."""
    if len(text.encode(errors="replace")) > MOST_BYTES:
        raise CannotReadFramework("", "too_big")
    try:
        document = json.loads(text, parse_constant=_refuse, object_pairs_hook=_pairs)
    except CannotReadFramework:
        raise
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 0)
        raise CannotReadFramework("", "not_json", line=line) from error
    return _Reader(sizes, evidence).framework(document)


def _refuse(name: str) -> NoReturn:
    raise CannotReadFramework("", "not_json", line=0)


def _pairs(pairs: list[tuple[str, Any]]) -> dict:
    _once([key for key, _value in pairs], "")
    return dict(pairs)


class _Reader:
    def __init__(self, sizes: Collection[str] | None, evidence: Collection[str] | None) -> None:
        self.known_sizes, self.known_evidence = sizes, evidence
        self.bands: frozenset[str] = frozenset()

    def framework(self, document: Any) -> Framework:
        at = At(
            document, "",
            ("format", "code", "version", "side", "language", "name", "scale", "bands", "pillars"),
            ("about", "enough_percent", "texts"),
        )  # fmt: skip
        at.one_of("format", (FORMAT,))
        scale = self.scale(at)
        bands = self.bands_of(at)
        pillars = at.parts("pillars", self.pillar, most=20)
        self.whole(pillars)
        found = Framework(
            code=at.code("code", SLUG),
            version=at.text("version", longest=20),
            side=at.one_of("side", SIDES),
            language=at.code("language", SLUG),
            name=at.text("name", longest=160),
            about=at.text("about", empty=True),
            enough_percent=at.number("enough_percent", 1, 100, 60),
            scale=scale,
            bands=bands,
            pillars=pillars,
        )
        return self.with_texts(found, at)

    def scale(self, at: At) -> tuple[Level, ...]:
        def level(value: Any, place: str) -> Level:
            one = At(value, place, ("level", "label"), ("points",))
            number = one.number("level", 0, 20)
            return Level(number, one.number("points", 0, 1000, number), one.text("label", longest=160))

        scale = at.parts("scale", level, least=2, most=21)
        _once([one.level for one in scale], at.of("scale"))
        ordered = sorted(scale, key=lambda one: one.level)
        if list(scale) != ordered or any(a.points >= b.points for a, b in itertools.pairwise(ordered)):
            raise CannotReadFramework(at.of("scale"), "not_rising")
        return scale

    def bands_of(self, at: At) -> tuple[Band, ...]:
        def band(value: Any, place: str) -> Band:
            one = At(value, place, ("code", "least", "label"))
            return Band(one.code("code"), one.number("least", 0, 100), one.text("label", longest=60))

        bands = at.parts("bands", band, most=10)
        _once([one.code for one in bands], at.of("bands"))
        if bands[0].least != 0 or any(a.least >= b.least for a, b in itertools.pairwise(bands)):
            raise CannotReadFramework(at.of("bands"), "not_from_zero")
        self.bands = frozenset(one.code for one in bands)
        return bands

    def pillar(self, value: Any, place: str) -> Pillar:
        at = At(value, place, ("code", "name", "standards"))
        return Pillar(at.code("code"), at.text("name", longest=120), at.parts("standards", self.standard, most=40))

    def standard(self, value: Any, place: str) -> Standard:
        at = At(value, place, ("code", "name", "items"), ("about", "next_steps"))
        items = at.parts("items", self.item)
        codes = {item.code for item in items}
        return Standard(
            code=at.code("code"),
            name=at.text("name", longest=160),
            about=at.text("about", empty=True),
            items=items,
            next_steps=at.parts("next_steps", lambda one, here: self.next_step(one, here, codes), least=0),
        )

    def item(self, value: Any, place: str) -> Item:
        at = At(value, place, ("code", "statement"), ("help", "weight", "sizes", "variants", "evidence"))
        given = at.value.get("variants", {})
        variants = At(given, at.of("variants"), (), given if self.known_sizes is None else self.known_sizes)
        return Item(
            code=at.code("code"),
            statement=at.text("statement"),
            help=at.text("help", empty=True),
            weight=at.number("weight", 1, 1000, 1),
            sizes=at.sizes(self.known_sizes),
            variants={size: variants.text(size) for size in sorted(variants.value)},
            evidence=at.one_of("evidence", self.known_evidence, empty=True),
        )

    def next_step(self, value: Any, place: str, items: set[str]) -> NextStep:
        at = At(value, place, ("band", "title", "text", "hours"), ("sizes", "item"))
        return NextStep(
            band=at.one_of("band", self.bands),
            title=at.text("title", longest=120),
            text=at.text("text"),
            hours=at.number("hours", 1, 1000),
            sizes=at.sizes(self.known_sizes),
            item=at.one_of("item", items, empty=True),
        )

    def whole(self, pillars: tuple[Pillar, ...]) -> None:
        standards = [s for p in pillars for s in p.standards]
        items = [i.code for s in standards for i in s.items]
        _once([p.code for p in pillars], "pillars")
        _once([s.code for s in standards], "pillars")
        _once(items, "pillars")
        if len(items) > MOST_ITEMS:
            raise CannotReadFramework("pillars", "how_many", least=1, most=MOST_ITEMS)

    def with_texts(self, framework: Framework, at: At) -> Framework:
        texts = at.value.get("texts", {})
        places = originals(framework)
        found: dict[str, dict[str, str]] = {}
        for language, given in At(texts, "texts", (), texts if isinstance(texts, dict) else ()).value.items():
            if not SLUG.fullmatch(language):
                raise CannotReadFramework("texts", "not_code", value=language)
            one = At(given, f"texts.{language}", (), places)
            found[language] = {place: one.text(place) for place in sorted(one.value)}
        return replace(framework, texts=dict(sorted(found.items())))
