"""The standards across a hub, counted: uptake, how they fell, where answers and record differ, whom to visit, what
steps did.

For the hub's own people alone, who see every assessment anyway: nothing is held back here. What others
see of groups is in `insights.comparisons`. Counted in codes and numbers alone, so that what is kept of it
(`insights.overview_kept`) is said in any language (`insights.overview_words`).
"""

from __future__ import annotations

import datetime as dt
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from employers import framing
from employers.evidence import Figure, disagreement
from employers.frameworks import Framework
from employers.models import Answer, AssessmentRound, Employer, SelfAssessment, StandardsFramework
from employers.rounds import unanswered
from hubs.models import Hub
from insights import overview_steps
from insights.comparisons import FRESH
from opportunities.models import PlanStep

WEAKEST = 3
FELL_BY = 10  # points overall since last time that are worth a question
BATCH = 500
MOST_VISITS = 30

Reason = tuple[str | int, ...]  # a code, and what its sentence fills in (see `insights.overview_words.reason`)


@dataclass
class Mine:
    """One employer as it stands: its newest assessment, that before it, and what was noticed."""

    employer: Employer
    row: SelfAssessment | None = None
    before: SelfAssessment | None = None
    above: list[str] = field(default_factory=list)  # items whose answer says more than the record
    below: list[str] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)

    def percent(self, standard: str) -> int | None:
        return self.row.result["standards"].get(standard, {}).get("percent") if self.row else None

    @property
    def overall(self) -> int | None:
        return self.row.result["overall"]["percent"] if self.row else None


def framework_of(hub: Hub, code: str = "") -> StandardsFramework | None:
    """The standards for employers with this code, else those in use; of versions the one in use, else the newest."""
    rows = StandardsFramework.objects.filter(hub=hub, side="employer").exclude(state="draft")
    rows = rows.order_by("state", "-pk")  # "published" before "retired"
    if code:
        return rows.filter(code=code).first()
    return framing.in_use(hub.pk) or rows.first()


def notice(hub: Hub, chosen: StandardsFramework, *, now: dt.datetime) -> tuple[list[Mine], list[PlanStep]]:
    """Every employer of the hub by name, with what was noticed of it, and the steps of plans that serve a standard.
    A constant number of statements, whatever the number of employers; each employer takes time."""
    framework = framing.document_of(chosen)
    employers = _employers(hub, chosen.code, now)
    _differences(hub, employers, now)
    steps = list(
        PlanStep.objects.filter(hub=hub, standard__startswith=f"{chosen.code}:").select_related("plan").order_by("pk")
    )
    _reasons(hub, framework, employers, steps)
    return employers, steps


def visits(employers: Iterable[Mine]) -> list[Mine]:
    """Those with most reasons first; of equals, those heard from longest ago; then by name. No
    reason counts more than another, and none is a score."""
    named = [one for one in employers if one.reasons]
    return sorted(named, key=lambda one: (-len(one.reasons), _sent(one), one.employer.name))


def _sent(one: Mine) -> dt.datetime:
    return one.row.submitted_at if one.row and one.row.submitted_at else dt.datetime.min.replace(tzinfo=dt.UTC)


def count(hub: Hub, chosen: StandardsFramework, *, now: dt.datetime) -> dict:
    """What the hub's page says, as JSON:

    {employers, answered, silent: numbers; visits: [[employer, assessment, [reason, …]]], the first thirty of those
    who answered; more_visits; standards: [[code, [how many by band], scored, middle or None]]; sizes, sectors:
    [[code, members, [[standard, middle], …]]]; items: [[code, above, below, answered]]; steps: as
    `insights.overview_steps.lines` gives them}."""
    framework = framing.document_of(chosen)
    employers, steps = notice(hub, chosen, now=now)
    answered = [one for one in employers if one.row]
    named = visits(employers)
    # Who never answered and was only asked is a number: the round's page has their names.
    heard = [one for one in named if one.row]
    sizes = ((size, [one for one in answered if one.row and one.row.size == size]) for size in Employer.Size.values)
    return {
        "employers": len(employers),
        "answered": len(answered),
        "silent": len(named) - len(heard),
        "visits": [[one.employer.pk, one.row.pk, one.reasons] for one in heard[:MOST_VISITS] if one.row],
        "more_visits": max(0, len(heard) - MOST_VISITS),
        "standards": [_standard(framework, one.code, answered) for one in framework.standards()],
        "sizes": list(_groups(framework, sizes)),
        "sectors": list(_groups(framework, _by_sector(answered))),
        "items": _items(framework, answered),
        "steps": overview_steps.lines(hub, chosen.code, steps, _changes(employers)),
    }


def _employers(hub: Hub, code: str, now: dt.datetime) -> list[Mine]:
    found = {
        one.pk: Mine(one)
        for one in Employer.objects.filter(hub=hub, is_active=True)
        .select_related("manager")
        .prefetch_related("sectors")
        .order_by("name", "pk")
    }
    rows = SelfAssessment.objects.standing().filter(hub=hub, framework__code=code).exclude(result={})
    rows = rows.filter(submitted_at__gt=now - FRESH).select_related("framework")
    rows = rows.defer("framework__sealed", "framework__texts")
    for row in rows.order_by("submitted_at", "pk").iterator(chunk_size=BATCH):
        if (mine := found.get(row.employer_id)) is not None:
            mine.row, mine.before = row, mine.row
    return list(found.values())


# ---- Answers and record -----------------------------------------------------------------


def _differences(hub: Hub, employers: list[Mine], now: dt.datetime) -> None:
    """Where what was answered and what was recorded on that day differ, by the framework each was asked by."""
    by_row = {one.row.pk: one for one in employers if one.row}
    used = {one.row.framework_id for one in employers if one.row}
    documents = {one.pk: framing.document_of(one) for one in StandardsFramework.objects.filter(pk__in=used)}
    evidence = {pk: {code: item.evidence for code, item in d.items().items()} for pk, d in documents.items()}
    named = sorted({code for items in evidence.values() for code, name in items.items() if name})
    points = {pk: {one.level: one.points for one in d.scale} for pk, d in documents.items()}
    answers = Answer.objects.filter(
        hub=hub, assessment__framework__in=used, assessment__submitted_at__gt=now - FRESH, item__in=named,
        level__isnull=False,
    )  # fmt: skip
    figures: dict[int, dict[str, Figure]] = {}
    for pk, item, level in answers.order_by("assessment", "item").values_list("assessment", "item", "level"):
        mine = by_row.get(pk)
        if mine is None or mine.row is None or level is None:
            continue
        if pk not in figures:
            figures[pk] = _kept(mine.row)
        worth = points[mine.row.framework_id]
        kind = disagreement(
            worth[level], max(worth.values()), figures[pk].get(evidence[mine.row.framework_id].get(item, ""))
        )
        if kind:
            (mine.above if kind == "above" else mine.below).append(item)


def _kept(row: SelfAssessment) -> dict[str, Figure]:
    """As `assessing.kept_figures`, without reading two days for each: shares need none."""
    some = dt.date.min
    return {code: Figure(code, part, whole, some, some) for code, (part, whole, *_days) in row.evidence.items()}


def _items(framework: Framework, answered: list[Mine]) -> list[list]:
    above = Counter(code for one in answered for code in one.above)
    below = Counter(code for one in answered for code in one.below)
    asked = [one.row.size for one in answered if one.row]
    lines: list[list[Any]] = [
        [code, above[code], below[code], sum(item.asked_of(size) for size in asked)]
        for code, item in framework.items().items()
        if above[code] or below[code]
    ]
    return sorted(lines, key=lambda line: (-(line[1] + line[2]), line[0]))


# ---- How they fell ------------------------------------------------------------------------


def _middle(percents: Iterable[int]) -> int | None:
    found = sorted(percents)
    return statistics.median_low(found) if found else None


def _standard(framework: Framework, code: str, answered: list[Mine]) -> list:
    scores = [one.row.result["standards"].get(code, {}) for one in answered if one.row]
    bands = Counter(score["band"] for score in scores if score.get("band"))
    percents = [score["percent"] for score in scores if score.get("percent") is not None]
    return [code, [bands[band.code] for band in framework.bands], len(percents), _middle(percents)]


def _by_sector(answered: list[Mine]) -> Iterator[tuple[str, list[Mine]]]:
    found: dict[str, list[Mine]] = defaultdict(list)
    for one in answered:
        for sector in one.employer.sectors.all():
            found[sector.code].append(one)
    yield from found.items()


def _changes(employers: Iterable[Mine]) -> Iterator[tuple[int, dict[str, int]]]:
    """(employer, points by standard between its last two answers) of those who answered twice."""
    for one in employers:
        if one.row and one.before:
            was = one.before.result["standards"]
            moved = {
                code: score["percent"] - was[code]["percent"]
                for code, score in one.row.result["standards"].items()
                if score["percent"] is not None and was.get(code, {}).get("percent") is not None
            }
            yield one.employer.pk, moved


def _groups(framework: Framework, groups: Iterable[tuple[str, list[Mine]]]) -> Iterator[list]:
    for code, members in groups:
        if not members:
            continue
        middles: list[list[Any]] = []
        for standard in framework.standards():
            middle = _middle(p for one in members if (p := one.percent(standard.code)) is not None)
            if middle is not None:
                middles.append([standard.code, middle])
        # Stable: the framework's order in ties.
        yield [code, len(members), sorted(middles, key=lambda pair: pair[1])[:WEAKEST]]


# ---- Whom to visit, and why ---------------------------------------------------------------


def _reasons(hub: Hub, framework: Framework, employers: list[Mine], steps: list[PlanStep]) -> None:
    late = {}
    for asked in AssessmentRound.objects.filter(hub=hub, state="open").order_by("closes_on", "pk"):
        late.update({pk: asked for pk in unanswered(asked).order_by().values_list("pk", flat=True) if pk not in late})
    planned: dict[int, set[str]] = defaultdict(set)
    for step in steps:
        if step.state != "skipped" and step.plan.state == "active":
            planned[step.employer_id].add(overview_steps.standard_of(step.standard))
    lowest = framework.bands[0].code
    for one in employers:
        one.reasons = list(_why(one, hub, late.get(one.employer.pk), planned[one.employer.pk], lowest))


def _why(one: Mine, hub: Hub, late: AssessmentRound | None, planned: set[str], lowest: str) -> Iterator[Reason]:
    """`planned`: the standards that a plan under way has a step for."""
    if late is not None:
        yield "asked", late.name, late.closes_on.isoformat()
    if one.row is None:
        return
    if one.row.state == "submitted" and one.row.submitted_at:
        yield "waits", hub.today(one.row.submitted_at).isoformat()
    if one.above:
        yield "above", len(one.above)
    low = {code for code, score in one.row.result["standards"].items() if score["band"] == lowest}
    if low:
        yield "low", len(low)
    fell = _fell(one)
    if fell >= FELL_BY:
        yield "fell", fell
    if low and not low & planned:
        yield ("unplanned",)


def _fell(one: Mine) -> int:
    was = one.before.result["overall"]["percent"] if one.before else None
    return was - one.overall if was is not None and one.overall is not None else 0
