"""A framework is a document: read, refused by place, written back byte for byte."""

from __future__ import annotations

import copy
import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from employers.evidence import CODES
from employers.frameworks import CannotReadFramework, followed, originals, sha256, translated, written
from employers.frameworks_reading import read
from employers.scoring import Given, score

SIZES = ("sole", "micro", "small", "medium", "large")
SHIPPED = (Path(__file__).parents[2] / "employers" / "data" / "good_hosting.json").read_text(encoding="utf-8")

LANGUAGES = ("de", "es", "fr", "pt-br")
#: Places whose words are the same in English and in a translation: none so far.
ALIKE: set[str] = set()
SHA256_OF_2026_1 = "a72845f4583b7c7bcda13b463d15e5a487944c8d14b56406c1d469233fd4745c"


def reading(text: str):
    return read(text, sizes=SIZES, evidence=CODES)


def test_the_shipped_framework_is_written_as_it_was_read():
    assert written(reading(SHIPPED)) == SHIPPED


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_the_shipped_framework_is_there_in_each_language(language):
    framework = reading(SHIPPED)
    own = {place: text for place, text in originals(framework).items() if text}
    there = framework.texts[language]
    assert {place for place, text in there.items() if text == own[place]} == ALIKE
    shown = translated(framework, language)
    assert (set(there), originals(shown), shown.language) == (set(own), originals(framework) | there, language)


def test_a_translation_with_one_text_missing_is_not_shown():
    framework = reading(SHIPPED)
    there = dict(framework.texts["de"])
    del there["item.A1.1.statement"]
    half = replace(framework, texts={"de": there})
    assert (translated(framework, "de").language, translated(half, "de")) == ("de", half)


@pytest.mark.parametrize("language", LANGUAGES)
def test_translated_words_fit_where_they_are_written_to(language):
    """As the format asks of the original: a title becomes that of a plan's step, a name a row of a new version."""
    most = {"title": 120, "name": 160, "label": 60}
    texts = reading(SHIPPED).texts[language]
    assert [place for place, text in texts.items() if len(text) > most.get(place.rpartition(".")[2], 2000)] == []
    assert [place for place, text in texts.items() if place.startswith("pillar.") and len(text) > 120] == []
    # The picture of a badge has room for so many letters of name and version.
    assert len(str(translated(reading(SHIPPED), language))) <= 22


def test_the_version_with_translations_asks_what_the_one_before_it_asked():
    before = replace(reading(SHIPPED), version="2026.1", texts={})
    assert sha256(written(before)) == SHA256_OF_2026_1


def test_every_band_and_size_of_the_shipped_framework_has_a_next_step():
    framework = reading(SHIPPED)
    missing = [
        (standard.code, band.code, size)
        for standard in framework.standards()
        for band in framework.bands
        for size in SIZES
        if not any(step.band == band.code and step.suits(size) for step in standard.next_steps)
    ]
    # The best of a size nobody has a harder step for is told so; everybody below is told what next.
    assert [gap for gap in missing if gap[1] != "leading"] == []


def changed(change) -> str:
    document = copy.deepcopy(json.loads(SHIPPED))
    change(document)
    return json.dumps(document)


def set_at(*path, value):
    def change(document):
        for key in path[:-1]:
            document = document[key]
        if value is None:
            del document[path[-1]]
        else:
            document[path[-1]] = value

    return change


BROKEN = [
    (set_at("pillars", 0, "standards", 1, "items", 2, "weight", value=0),
     "pillars[0].standards[1].items[2].weight", "not_number"),
    (set_at("pillars", 0, "standards", 1, "items", 2, "weight", value=True),
     "pillars[0].standards[1].items[2].weight", "not_number"),
    (set_at("pillars", 2, "name", value=None), "pillars[2].name", "missing"),
    (set_at("pillars", 1, "standards", 0, "items", 0, "evidence", value="rumour"),
     "pillars[1].standards[0].items[0].evidence", "unknown"),
    (set_at("pillars", 1, "standards", 0, "items", 0, "sizes", value=["tiny"]),
     "pillars[1].standards[0].items[0].sizes[0]", "unknown"),
    (set_at("pillars", 1, "standards", 0, "items", 0, "statment", value="x"),
     "pillars[1].standards[0].items[0].statment", "unknown_key"),
    (set_at("pillars", 1, "standards", 0, "items", 3, "code", value="A1.1"), "pillars", "twice"),
    (set_at("pillars", 0, "standards", 0, "next_steps", 0, "band", value="gold"),
     "pillars[0].standards[0].next_steps[0].band", "unknown"),
    (set_at("pillars", 0, "standards", 0, "items", value=[]), "pillars[0].standards[0].items", "how_many"),
    (set_at("bands", 0, "least", value=5), "bands", "not_from_zero"),
    (set_at("scale", 3, "points", value=1), "scale", "not_rising"),
    (set_at("format", value="other/1"), "format", "unknown"),
    (set_at("name", value=7), "name", "not_text"),
    (set_at("code", value="Good Hosting"), "code", "not_code"),
    (set_at("texts", value={"de": {"item.Z9.statement": "x"}}), "texts.de.item.Z9.statement", "unknown_key"),
    (set_at("texts", value=[]), "texts", "not_object"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "place", "problem"), BROKEN)
def test_a_broken_document_is_refused_by_its_place(change, place, problem):
    with pytest.raises(CannotReadFramework) as bad:
        reading(changed(change))
    assert (bad.value.place, bad.value.problem) == (place, problem)


@pytest.mark.parametrize(
    "text", ["", "{", "[" * 100_000, '{"a": NaN}', '"text"', "null", '{"a": 1, "a": 2}', "9" * 5000, "{}"]
)
def test_what_is_no_framework_is_refused(text):
    with pytest.raises(CannotReadFramework):
        reading(text)


@pytest.mark.parametrize("text", ["\x00", "\x1b", "\ud800"])
def test_a_character_that_no_text_holds_is_refused_by_its_place(text):
    document = json.loads(SHIPPED)
    document["pillars"][0]["name"] += text
    with pytest.raises(CannotReadFramework) as caught:
        reading(json.dumps(document))
    assert (caught.value.place, caught.value.problem) == ("pillars[0].name", "unkept")


def test_a_translation_is_in_a_language():
    document = json.loads(SHIPPED)
    document["texts"]["DE_ch"] = document["texts"].pop("de")
    with pytest.raises(CannotReadFramework) as caught:
        reading(json.dumps(document))
    assert (caught.value.place, caught.value.problem) == ("texts", "not_code")


@given(st.integers(0, 2**64))
def test_any_damage_is_a_refusal_or_a_framework_never_an_error(seed):
    chance = random.Random(seed)
    document = json.loads(SHIPPED)
    for _n in range(chance.randint(1, 3)):
        at = document
        while isinstance(at, dict | list) and at and chance.random() < 0.85:
            key = chance.choice(list(at) if isinstance(at, dict) else range(len(at)))
            if chance.random() < 0.3 or not isinstance(at[key], dict | list):
                at[key] = chance.choice([None, 3.5, -1, "", "x" * 3000, [], {}, [[]], True, 10**30])
                break
            at = at[key]
    try:
        framework = reading(json.dumps(document))
    except CannotReadFramework:
        return
    assert reading(written(framework)) == framework


def test_a_translation_finds_every_kind_of_text():
    texts = {"item.A1.1.statement": "Jemand kümmert sich.", "item.B2.2.help": "Hilfe", "band.steady.label": "Gefestigt",
             "level.0.label": "Noch nicht", "pillar.A.name": "Verlässlich", "standard.A1.next_steps.0.title": "Wer?",
             "item.A1.2.variants.sole": "Allein"}  # fmt: skip
    plain = reading(SHIPPED)
    rest = {place: text for place, text in originals(plain).items() if text} | texts
    framework = replace(plain, texts={"de": rest})
    german = translated(framework, "de-ch")
    items = german.items()
    assert (items["A1.1"].statement, items["B2.2"].help, items["A1.2"].wording("sole"), items["A1.3"].statement) == (
        "Jemand kümmert sich.", "Hilfe", "Allein", framework.items()["A1.3"].statement,
    )  # fmt: skip
    assert (german.bands[1].label, german.scale[0].label, german.pillars[0].name) == (
        "Gefestigt", "Noch nicht", "Verlässlich",
    )  # fmt: skip
    assert german.standard("A1").next_steps[0].title == "Wer?"
    assert (translated(framework, "fr"), translated(framework, "en-gb")) == (framework, framework)
    assert set(texts) <= set(originals(framework))


def test_translations_go_with_their_words_and_away_where_those_changed():
    before = {"a": "One", "b": "Two", "c": "Three", "d": "Four"}
    texts = {"a": "Eins", "b": "Zwei", "c": "Drei"}
    moved = {"a": "Two", "b": "Three", "c": "Another", "d": "Four"}
    assert followed(texts, before, before) == texts
    assert followed(texts, before, moved) == {"a": "Zwei", "b": "Drei"}
    # The same words twice, translated in two ways: each keeps its own.
    twice = {"a": "One", "b": "One"}
    assert followed({"a": "Ein", "b": "Eins"}, twice, twice) == {"a": "Ein", "b": "Eins"}


def school_framework() -> str:
    """Eight benchmarks with ten keys between them, answered by yes, partly or no."""
    keys = {1: 2, 2: 1, 3: 1, 4: 1, 5: 1, 6: 1, 7: 2, 8: 1}
    return json.dumps(
        {
            "format": "throughline-standards/1",
            "code": "school-programme",
            "version": "1",
            "side": "school",
            "language": "en-gb",
            "name": "Careers programme of a school",
            "scale": [{"level": 0, "label": "no"}, {"level": 1, "label": "partly"}, {"level": 2, "label": "yes"}],
            "bands": [{"code": "open", "least": 0, "label": "Open"}, {"code": "met", "least": 100, "label": "Met"}],
            "pillars": [
                {
                    "code": "ALL",
                    "name": "Benchmarks",
                    "standards": [
                        {
                            "code": f"B{number}",
                            "name": f"Benchmark {number}",
                            "items": [
                                {"code": f"B{number}.{k + 1}", "statement": f"Key {k + 1}"} for k in range(count)
                            ],
                        }
                        for number, count in keys.items()
                    ],
                }
            ],
        }
    )


def test_the_engine_carries_a_framework_for_schools():
    framework = reading(school_framework())
    answers = {code: Given(2) for code in framework.items()} | {"B1.2": Given(1), "B8.1": Given(0)}
    result = score(framework, answers, "")
    assert (len(framework.items()), {code: one.percent for code, one in result.standards.items()}) == (
        10, {"B1": 75, "B2": 100, "B3": 100, "B4": 100, "B5": 100, "B6": 100, "B7": 100, "B8": 0},
    )  # fmt: skip
    assert result.overall.percent == 84
    assert reading(written(framework)) == framework
