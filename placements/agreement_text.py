"""The text of an agreement: the form of a jurisdiction filled with one placement, and its PDF.

Forms are data (`placements/agreements/*.json`), each in the language of its law. The text names
a student by alias; the name is printed only by whoever may know it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.utils import translation
from django.utils.formats import date_format, time_format

from placements.models import Agreement, Placement, Signature
from schools.models import Student

HERE = Path(__file__).parent
TEMPLATE = HERE / "typst" / "agreement.typ"
BOX = (400, 120)  # what a signature is drawn in


@cache
def form_of(jurisdiction: str) -> dict[str, Any] | None:
    """The form in use there, or in what it inherits from ("FR" for "FR-IDF"); None: nobody wrote one."""
    while jurisdiction:
        path = HERE / "agreements" / f"{jurisdiction}.json"
        if path.exists():
            return {"name": jurisdiction, **json.loads(path.read_text(encoding="utf-8"))}
        jurisdiction = jurisdiction.rpartition("-")[0]
    return None


def text_of(placement: Placement, form: Mapping[str, Any], students: Sequence[Student]) -> dict[str, Any]:
    """The sealed text: {title, labels, terms, articles}, in the form's language."""
    with translation.override(form["language"]):
        terms = [
            {"key": key, "label": form["labels"][key], "value": value}
            for key, value in _terms(placement, form["labels"], students)
            if value
        ]
    return {"title": form["title"], "labels": form["labels"], "terms": terms, "articles": form["articles"]}


def _terms(placement: Placement, labels: Mapping[str, str], students: Sequence[Student]) -> Iterable[tuple[str, str]]:
    offer, school, employer = placement.session.opportunity, placement.school, placement.employer
    site = offer.site
    yield "school", ", ".join(part for part in (school.name, school.address, school.town) if part)
    yield "employer", employer.name
    yield "number", employer.number
    yield "site", ", ".join(part for part in (site.name, site.address, site.town) if part) if site else ""
    group = f"{placement.group.name}: " if placement.group else ""
    yield "student", group + ", ".join(student.alias for student in students)
    yield "schedule", "\n".join(_days(placement, labels))
    yield "supervisor", placement.supervisor
    yield "contact", school.safeguarding_contact
    yield "phone", school.emergency_phone
    yield "aims", offer.outcomes or offer.summary


def _days(placement: Placement, labels: Mapping[str, str]) -> Iterable[str]:
    pause = placement.session.break_minutes
    for day in placement.session.days.all():
        hours = f"{time_format(day.starts_at, 'H:i')}–{time_format(day.ends_at, 'H:i')}"
        rest = f", {labels['break'] % pause}" if pause else ""
        yield f"{date_format(day.on, 'l j F Y')}, {hours}{rest}"


def fingerprint(text: Mapping[str, Any]) -> str:
    """SHA-256 of the text, the same for the same words whoever computes it."""
    canonical = json.dumps(text, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, str]]:
    """What differs between two versions, term by term: {label, before, after}."""
    before = {one["key"]: one["value"] for one in old["terms"]}
    after = {one["key"]: one["value"] for one in new["terms"]}
    labels = {one["key"]: one["label"] for one in [*old["terms"], *new["terms"]]}
    return [
        {"label": label, "before": before.get(key, "–"), "after": after.get(key, "–")}
        for key, label in labels.items()
        if before.get(key) != after.get(key)
    ]


def pdf(
    agreement: Agreement,
    signatures: Iterable[Signature],
    *,
    names: Mapping[str, str],
    previous: Agreement | None = None,
) -> bytes:
    """The agreement as it stands. `names` gives names for aliases the reader may know."""
    text, hub = agreement.facts, agreement.placement.hub
    with translation.override(agreement.language):
        made = date_format(agreement.made_at.astimezone(hub.zone), "j F Y")
        lines = [_signed(one, text["labels"], hub) for one in signatures]
    terms = [{**one, "value": _named(one["value"], names)} if one["key"] == "student" else one for one in text["terms"]]
    facts = {
        **text,
        "terms": terms,
        "hub": hub.name,
        "language": agreement.language[:2],
        "version": agreement.version,
        "fingerprint": agreement.text_sha256[:16],
        "made": made,
        "changes": changes(previous.facts, text) if previous else [],
        "signatures": lines,
    }
    return typst.compile(str(TEMPLATE), root=str(TEMPLATE.parent), sys_inputs={"facts": json.dumps(facts)})


def _named(aliases: str, names: Mapping[str, str]) -> str:
    group, colon, listed = aliases.rpartition(": ")
    said = [f"{names[one]} ({one})" if names.get(one) else one for one in listed.split(", ")]
    return f"{group}{colon}{', '.join(said)}"


def _signed(one: Signature, labels: Mapping[str, str], hub) -> dict[str, str]:
    if one.signed_at is None:
        return {"label": one.label, "who": "", "when": labels["open"], "drawing": ""}
    when = f"{labels['paper' if one.outside else 'signed']} {_moment(one.signed_at, hub)}"
    if one.withdrawn_at:
        when = f"{labels['withdrawn']} {_moment(one.withdrawn_at, hub)}"
    who = ", ".join(part for part in (one.name, one.capacity) if part)
    return {"label": one.label, "who": who, "when": when, "drawing": svg(one.drawing) if one.drawing else ""}


def _moment(at: dt.datetime, hub) -> str:
    return date_format(at.astimezone(hub.zone), "j F Y, H:i")


def svg(strokes: Sequence[Sequence[Sequence[float]]]) -> str:
    """The drawn signature as a picture. Points are numbers, so nothing else can be in it."""
    paths = "".join(
        "<path d='M" + "L".join(f"{float(x):.1f} {float(y):.1f}" for x, y in stroke) + "'/>" for stroke in strokes
    )
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {BOX[0]} {BOX[1]}' fill='none' stroke='black' "
        f"stroke-width='2.5' stroke-linecap='round' stroke-linejoin='round'>{paths}</svg>"
    )
