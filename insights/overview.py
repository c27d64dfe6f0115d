"""The standards across a hub: uptake, how they fell, where answers and record differ, whom to visit, what steps did.

For the hub's own people alone, who see every assessment anyway: nothing is held back here. What others
see of groups is in `insights.comparisons`.
"""

from __future__ import annotations

import datetime as dt
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from employers import framing
from employers.comparing import LEAST_GROUP
from employers.evidence import Figure, disagreement
from employers.frameworks import Framework, originals
from employers.models import Answer, AssessmentRound, Employer, SelfAssessment, StandardsFramework
from employers.next_steps import step_places
from employers.rounds import unanswered
from hubs.models import Hub
from hubs.words import day
from insights.comparisons import FRESH
from opportunities.models import PlanStep

WEAKEST = 3
FELL_BY = 10  # points overall since last time that are worth a question
BATCH = 500


@dataclass
class Mine:
    """One employer as it stands: its newest assessment, that before it, and what was noticed."""

    employer: Employer
    row: SelfAssessment | None = None
    before: SelfAssessment | None = None
    above: list[str] = field(default_factory=list)  # items whose answer says more than the record
    below: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def percent(self, standard: str) -> int | None:
        return self.row.result["standards"].get(standard, {}).get("percent") if self.row else None

    @property
    def overall(self) -> int | None:
        return self.row.result["overall"]["percent"] if self.row else None


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
    """`pairs`: how many employers were scored before the step was put on the plan and again after it was done."""

    title: str
    standard: str
    planned: int
    done: int
    pairs: int
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Overview:
    framework: Framework
    employers: list[Mine]
    standards: list[StandardLine]
    sizes: list[GroupLine]
    sectors: list[GroupLine]
    items: list[ItemLine]
    steps: list[StepLine]

    @property
    def answered(self) -> list[Mine]:
        return [one for one in self.employers if one.row]

    def visits(self) -> list[Mine]:
        """Those with most reasons first; of equals, those heard from longest ago; then by name. No
        reason counts more than another, and none is a score."""
        named = [one for one in self.employers if one.reasons]
        return sorted(named, key=lambda one: (-len(one.reasons), _sent(one), one.employer.name))


def _sent(one: Mine) -> dt.datetime:
    return one.row.submitted_at if one.row and one.row.submitted_at else dt.datetime.min.replace(tzinfo=dt.UTC)


def framework_of(hub: Hub, code: str = "") -> StandardsFramework | None:
    """The standards for employers with this code, else those in use; the newest version that was published."""
    rows = StandardsFramework.objects.filter(hub=hub, side="employer").exclude(state="draft").order_by("-pk")
    if code:
        return rows.filter(code=code).first()
    return framing.in_use(hub.pk) or rows.first()


def overview(hub: Hub, chosen: StandardsFramework, *, now: dt.datetime, language: str) -> Overview:
    """A constant number of statements, whatever the number of employers."""
    framework = framing.document_of(chosen, language)
    employers = _employers(hub, chosen.code, now)
    _differences(hub, employers, now)
    steps = list(PlanStep.objects.filter(hub=hub, standard__startswith=f"{chosen.code}:").order_by("pk"))
    _reasons(hub, framework, employers, steps, now)
    answered = [one for one in employers if one.row]
    sizes = dict(Employer.Size.choices)
    by_size = ((str(sizes[size]), [one for one in answered if one.row and one.row.size == size]) for size in sizes)
    return Overview(
        framework=framework,
        employers=employers,
        standards=[_standard(framework, one.code, one.name, answered) for one in framework.standards()],
        sizes=list(_groups(framework, by_size)),
        sectors=list(_groups(framework, _by_sector(answered))),
        items=_items(framework, answered),
        steps=_steps(hub, chosen, framework, steps),
    )


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


def _items(framework: Framework, answered: list[Mine]) -> list[ItemLine]:
    above = Counter(code for one in answered for code in one.above)
    below = Counter(code for one in answered for code in one.below)
    asked = [one.row.size for one in answered if one.row]
    lines = [
        ItemLine(code, item.statement, above[code], below[code], sum(item.asked_of(size) for size in asked))
        for code, item in framework.items().items()
        if above[code] or below[code]
    ]
    return sorted(lines, key=lambda one: (-(one.above + one.below), one.code))


# ---- How they fell ------------------------------------------------------------------------


def _middle(percents: Iterable[int]) -> int | None:
    found = sorted(percents)
    return statistics.median_low(found) if found else None


def _standard(framework: Framework, code: str, name: str, answered: list[Mine]) -> StandardLine:
    scores = [one.row.result["standards"].get(code, {}) for one in answered if one.row]
    bands = Counter(score["band"] for score in scores if score.get("band"))
    percents = [score["percent"] for score in scores if score.get("percent") is not None]
    return StandardLine(code, name, [bands[band.code] for band in framework.bands], len(percents), _middle(percents))


def _by_sector(answered: list[Mine]) -> Iterator[tuple[str, list[Mine]]]:
    found: dict[str, list[Mine]] = defaultdict(list)
    for one in answered:
        for sector in one.employer.sectors.all():
            found[sector.name].append(one)
    yield from sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))


def _groups(framework: Framework, groups: Iterable[tuple[str, list[Mine]]]) -> Iterator[GroupLine]:
    for name, members in groups:
        if not members:
            continue
        middles = []
        for standard in framework.standards():
            middle = _middle(p for one in members if (p := one.percent(standard.code)) is not None)
            if middle is not None:
                middles.append((standard.name, middle))
        weakest = sorted(middles, key=lambda pair: pair[1])[:WEAKEST]  # stable: the framework's order in ties
        yield GroupLine(name, len(members), weakest, len(members) < LEAST_GROUP)


# ---- Whom to visit, and why ---------------------------------------------------------------


def _reasons(hub: Hub, framework: Framework, employers: list[Mine], steps: list[PlanStep], now: dt.datetime) -> None:
    late = {}
    for asked in AssessmentRound.objects.filter(hub=hub, state="open").order_by("closes_on", "pk"):
        late.update({pk: asked for pk in unanswered(asked).order_by().values_list("pk", flat=True) if pk not in late})
    planned = {step.employer_id for step in steps if step.state != "skipped"}
    lowest = framework.bands[0].code
    for one in employers:
        one.reasons = list(_why(one, late.get(one.employer.pk), one.employer.pk in planned, lowest, now))


def _why(one: Mine, late: AssessmentRound | None, planned: bool, lowest: str, now: dt.datetime) -> Iterator[str]:
    if late is not None:
        yield _("asked in “%(name)s” and has sent nothing yet; the last day is %(day)s") % {
            "name": late.name, "day": day(late.closes_on, now),
        }  # fmt: skip
    if one.row is None:
        return
    if one.row.state == "submitted" and one.row.submitted_at:
        yield _("waits for your word since %(day)s") % {"day": day(one.row.submitted_at, now)}
    if one.above:
        n = len(one.above)
        yield ngettext(
            "%(n)s answer says more than the record shows", "%(n)s answers say more than the record shows", n
        ) % {"n": n}  # fmt: skip
    low = sum(score["band"] == lowest for score in one.row.result["standards"].values())
    if low:
        yield ngettext("%(n)s standard in the lowest band", "%(n)s standards in the lowest band", low) % {"n": low}
    fell = _fell(one)
    if fell >= FELL_BY:
        yield _("fell by %(n)s points since last time") % {"n": fell}
    if low and not planned:
        yield _("none of its next steps is on a plan")


def _fell(one: Mine) -> int:
    was = one.before.result["overall"]["percent"] if one.before else None
    return was - one.overall if was is not None and one.overall is not None else 0


# ---- What steps did -----------------------------------------------------------------------


def _steps(hub: Hub, chosen: StandardsFramework, framework: Framework, steps: list[PlanStep]) -> list[StepLine]:
    """By recommendation: the standard's percent in the last assessment sent before the step was done, and in the
    first one sent after. What else changed meanwhile nobody knows: it is no proof of an effect."""
    done = [step for step in steps if step.state == "done" and step.done_at]
    sent = SelfAssessment.objects.standing().filter(
        hub=hub, framework__code=chosen.code, employer__in={step.employer_id for step in done}
    )
    history: dict[int, list[tuple[dt.datetime, dict]]] = defaultdict(list)
    for employer, at, result in sent.order_by("submitted_at", "pk").values_list("employer", "submitted_at", "result"):
        history[employer].append((at, result))
    groups: dict[str, list[PlanStep]] = defaultdict(list)
    for step in steps:
        if step.state != "skipped":
            groups[step.standard].append(step)
    names = {one.code: one.name for one in framework.standards()}
    sealed, shown = framing.document_of(chosen), originals(framework)
    spoken, places = [originals(sealed), *sealed.texts.values()], step_places(sealed)
    lines = []
    for key, own in groups.items():
        standard = key.split(":")[1] if key.count(":") == 2 else ""
        pairs = [pair for step in own if (pair := _pair(history[step.employer_id], step, standard))]
        lines.append(
            StepLine(
                _title(places.get(key, ""), own[-1].title, spoken, shown), names.get(standard, standard), len(own),
                sum(one.state == "done" for one in own),
                len(pairs), _middle(one for one, _after in pairs), _middle(after for _one, after in pairs),
            )
        )  # fmt: skip
    return sorted(lines, key=lambda one: (-one.pairs, -one.done, -one.planned, one.title))


def _title(place: str, title: str, spoken: Iterable[Mapping[str, str]], shown: Mapping[str, str]) -> str:
    """A step stands on a plan in the words of whoever put it there: in the reader's, unless somebody reworded it."""
    return shown[place] if any(words.get(place) == title for words in spoken) else title


def _pair(history: list[tuple[dt.datetime, dict]], step: PlanStep, standard: str) -> tuple[int, int] | None:
    if step.state != "done" or step.done_at is None:
        return None
    percents = [(at, result["standards"].get(standard, {}).get("percent")) for at, result in history]
    known = [(at, percent) for at, percent in percents if percent is not None]
    before = [percent for at, percent in known if at <= step.done_at]
    after = [percent for at, percent in known if at > step.done_at]
    return (before[-1], after[0]) if before and after else None


# ---- Export -------------------------------------------------------------------------------


def table(found: Overview, *, hub: Hub) -> Iterator[list[Any]]:
    """Every employer as a row, a header first; what was not scored is empty."""
    standards = list(found.framework.standards())
    yield [
        _("Employer"), _("Size"), _("Sectors"), _("Careers manager"), _("Sent on"), _("State"), _("Version"),
        _("Overall, percent"), *(f"{one.code} {one.name}" for one in standards), _("Answers above the record"),
        _("Answers below the record"), _("Reasons to visit"),
    ]  # fmt: skip
    for one in found.employers:
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
            "; ".join(one.reasons),
        ]
