"""What was counted of the standards across a hub, said in a reader's language: a page, and a row for each employer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from employers import framing
from employers.comparing import LEAST_GROUP
from employers.frameworks import Framework, originals
from employers.models import Employer, Sector, StandardsFramework
from employers.next_steps import step_places
from hubs.models import Hub
from hubs.words import day
from insights.overview import Mine
from insights.overview_steps import LEAST_PAIRS


@dataclass(frozen=True)
class StandardLine:
    code: str
    name: str
    bands: list[int]
    scored: int
    middle: int | None


@dataclass(frozen=True)
class GroupLine:
    """`small`: fewer members than are ever shown to others, so what stands here stays in the hub."""

    name: str
    members: int
    weakest: list[tuple[str, int]]
    small: bool


@dataclass(frozen=True)
class ItemLine:
    code: str
    statement: str
    above: int
    below: int
    answered: int


@dataclass(frozen=True)
class StepLine:
    """`pairs`: how many employers were scored before the step was done and again after; the rest is None where they
    are too few to say anything."""

    title: str
    standard: str
    planned: int
    done: int
    pairs: int
    before: int | None
    after: int | None
    higher: int | None
    same: int | None
    lower: int | None
    elsewhere: int | None

    @property
    def elsewhere_points(self) -> int:
        return abs(self.elsewhere or 0)

    @property
    def elsewhere_signed(self) -> str:
        return f"{self.elsewhere or 0:+d}".replace("-", "−")


@dataclass(frozen=True)
class Visit:
    employer: Employer
    assessment: int
    reasons: list[str]


@dataclass(frozen=True)
class Overview:
    framework: Framework
    employers: int
    answered: int
    silent: int
    visits: list[Visit]
    more_visits: int
    standards: list[StandardLine]
    sizes: list[GroupLine]
    sectors: list[GroupLine]
    items: list[ItemLine]
    steps: list[StepLine]
    least_pairs: int = LEAST_PAIRS

    @property
    def told_steps(self) -> list[StepLine]:
        return [one for one in self.steps if one.higher is not None]

    @property
    def untold_steps(self) -> list[StepLine]:
        return [one for one in self.steps if one.higher is None]


def shown(found: Mapping[str, Any], hub: Hub, chosen: StandardsFramework, language: str, now: dt.datetime) -> Overview:
    """`found` is what `insights.overview.count` made of the framework `chosen`. Two statements."""
    framework = framing.document_of(chosen, language)
    names = {one.code: one.name for one in framework.standards()}
    items, sizes = framework.items(), {value: str(label) for value, label in Employer.Size.choices}
    sectors = dict(Sector.objects.values_list("code", "name"))
    sector_lines = [_group(line, sectors, names) for line in found["sectors"]]
    return Overview(
        framework=framework,
        employers=found["employers"],
        answered=found["answered"],
        silent=found["silent"],
        visits=_visits(found["visits"], hub, now),
        more_visits=found["more_visits"],
        standards=[StandardLine(code, names[code], *numbers) for code, *numbers in found["standards"]],
        sizes=[_group(line, sizes, names) for line in found["sizes"]],
        sectors=sorted(sector_lines, key=lambda one: (-one.members, one.name)),
        items=[ItemLine(code, items[code].statement, *numbers) for code, *numbers in found["items"]],
        steps=_steps(found["steps"], framework, framing.document_of(chosen), names),
    )


def _visits(lines: Iterable[Sequence[Any]], hub: Hub, now: dt.datetime) -> list[Visit]:
    """Who has left since it was counted is left out."""
    kept = list(lines)
    there = Employer.objects.filter(hub=hub, is_active=True).select_related("manager")
    found = there.in_bulk([employer for employer, *_rest in kept])
    return [
        Visit(found[employer], row, [reason(one, now) for one in reasons])
        for employer, row, reasons in kept
        if employer in found
    ]


def _group(line: Sequence[Any], names: Mapping[str, str], standards: Mapping[str, str]) -> GroupLine:
    code, members, weakest = line
    low = [(standards[standard], middle) for standard, middle in weakest]
    return GroupLine(names.get(code, code), members, low, members < LEAST_GROUP)


def reason(one: Sequence[Any], now: dt.datetime) -> str:
    """Why to visit, in a sentence: `one` is a code and what it fills in."""
    code, *facts = one
    if code == "asked":
        name, last = facts
        return _("asked in “%(name)s” and has sent nothing yet; the last day is %(day)s") % {
            "name": name, "day": day(dt.date.fromisoformat(last), now),
        }  # fmt: skip
    if code == "waits":
        return _("waits for your word since %(day)s") % {"day": day(dt.date.fromisoformat(facts[0]), now)}
    if code == "unplanned":
        return _("no step of its plan serves a standard in the lowest band")
    (n,) = facts
    sentences = {
        "above": ngettext("%(n)s answer says more than the record shows",
                          "%(n)s answers say more than the record shows", n),
        "low": ngettext("%(n)s standard in the lowest band", "%(n)s standards in the lowest band", n),
        "fell": _("fell by %(n)s points since last time"),
    }  # fmt: skip
    return sentences[code] % {"n": n}


def _steps(
    lines: Iterable[Sequence[Any]], framework: Framework, sealed: Framework, names: Mapping[str, str]
) -> list[StepLine]:
    words, spoken, places = originals(framework), [originals(sealed), *sealed.texts.values()], step_places(sealed)
    found = [
        StepLine(_title(places.get(key, ""), title, spoken, words), names.get(standard, standard), *numbers)
        for key, title, standard, *numbers in lines
    ]
    return sorted(found, key=lambda one: (-one.pairs, -one.done, -one.planned, one.title))


def _title(place: str, title: str, spoken: Iterable[Mapping[str, str]], words: Mapping[str, str]) -> str:
    """A step stands on a plan in the words of whoever put it there: in the reader's, unless somebody reworded it."""
    return words[place] if any(one.get(place) == title for one in spoken) else title


def table(employers: Iterable[Mine], framework: Framework, hub: Hub, now: dt.datetime) -> Iterator[list[Any]]:
    """Every employer as a row, a header first; what was not scored is empty."""
    standards = list(framework.standards())
    yield [
        _("Employer"), _("Size"), _("Sectors"), _("Careers manager"), _("Sent on"), _("State"), _("Version"),
        _("Overall, percent"), *(f"{one.code} {one.name}" for one in standards), _("Answers above the record"),
        _("Answers below the record"), _("Reasons to visit"),
    ]  # fmt: skip
    for one in employers:
        row = one.row
        yield [
            one.employer.name,
            one.employer.get_size_display(),
            ", ".join(sector.name for sector in one.employer.sectors.all()),
            str(one.employer.manager or ""),
            hub.today(row.submitted_at).isoformat() if row and row.submitted_at else "",
            str(row.get_state_display()) if row else "",
            row.framework.version if row else "",
            "" if one.overall is None else one.overall,
            *("" if (percent := one.percent(s.code)) is None else percent for s in standards),
            len(one.above) if row else "",
            len(one.below) if row else "",
            "; ".join(reason(why, now) for why in one.reasons),
        ]
