"""The result of a self-assessment as a page, a print and a client show it: one picture, no wording of its own."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Subquery
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from employers import assessing, framing
from employers.comparing import OVERALL, Quartiles, place
from employers.evidence_words import differs, said_beside
from employers.frameworks import Framework, Item
from employers.models import Answer, SelfAssessment
from employers.next_steps import chosen, step_key, strengths
from employers.scoring import NOT_ENOUGH, asked, band_of, changes, from_data
from employers.standards_shown import answer_words, differs_for, words_language
from insights.comparisons import beside
from insights.planning import active_plans
from opportunities.models import PlanStep

MOST_YEARS = 5
WIDE, HIGH, EDGE = 96, 32, 3  # of the line through the years, in pixels
TONES = ("attention", "information", "good")  # by band, from the lowest; the highest for all above


@dataclass(frozen=True)
class Line:
    """A pillar or standard: whole percent or None, the band's name and tone, points since last time, and how many
    of the questions that apply were answered."""

    code: str
    name: str
    percent: int | None
    band: str
    tone: str
    change: int | None
    why: str
    answered: int
    applicable: int


def picture(row: SelfAssessment, language: str) -> dict[str, Any]:
    """Everything a result says. The assessment has to be sent in; a constant number of queries."""
    framework = framing.document_of(row.framework, language)
    result, last = from_data(row.result), assessing.before(row)
    moved = changes(result, from_data(last.result)) if last and last.result else {}
    answers = {a.item: a for a in row.answers.select_related("answered_by").prefetch_related("documents")}
    steps = chosen(framework, result, assessing.answers_of(row), row.size)
    standards = {s.code: s for s in framework.standards()}
    lines = {
        code: _line(framework, code, s.name, result.standards[code], moved.get(code)) for code, s in standards.items()
    }
    given = [
        (lines[s.code], [_answered(framework, item, answers.get(item.code), row) for item in asked(s, row.size)])
        for s in standards.values()
        if asked(s, row.size)
    ]
    return {
        "framework": framework,
        "overall": _line(framework, OVERALL, _("Overall"), result.overall, None),
        "pillars": [
            (
                _line(framework, p.code, p.name, result.pillars[p.code], None),
                [lines[s.code] for s in p.standards if result.standards[s.code].applicable or asked(s, row.size)],
            )
            for p in framework.pillars
        ],
        "strengths": [lines[s.code] for s in strengths(framework, result)],
        "steps": _steps(row, steps),
        "answers": given,
        "differing": [one for _line, items in given for one in items if one["kind"]],
        "unscored": sum(one.why == NOT_ENOUGH for one in result.standards.values()),
        "last": last,
        "bands": [(band.label, band.least) for band in framework.bands],
    }


def _line(framework: Framework, code: str, name: str, score, change: int | None) -> Line:
    band = band_of(framework, score.percent)
    tone = TONES[min(framework.bands.index(band), len(TONES) - 1)] if band else "waiting"
    why = {"not_enough": _("not enough answers"), "not_applicable": _("does not apply")}.get(score.why, "")
    return Line(
        code, name, score.percent, band.label if band else "", tone, change, why, score.answered, score.applicable
    )


def _steps(row: SelfAssessment, steps) -> list[dict]:
    """The next steps, and whether each is on the plan under way already."""
    plan = active_plans(row).values("pk")[:1]
    planned = set(
        PlanStep.objects.filter(plan=Subquery(plan), standard__startswith=f"{row.framework.code}:")
        .exclude(state="skipped")
        .values_list("standard", flat=True)
    )
    sealed = framing.document_of(row.framework)
    return [
        {"standard": one.standard, "number": one.number, "step": one.step,
         "planned": step_key(sealed, one.standard.code, one.number) in planned}
        for one in steps
    ]  # fmt: skip


def _answered(framework: Framework, item: Item, answer: Answer | None, row: SelfAssessment) -> dict:
    figures = assessing.kept_figures(row)
    kind = differs_for(framework, answer, figures.get(item.evidence))
    return {
        "item": item,
        "statement": item.wording(row.size),
        "answer": answer_words(framework, answer),
        "language": words_language(framework, answer),
        "who": answer.answered_by if answer else None,
        "papers": list(answer.documents.all()) if answer else [],
        "record": said_beside(item.evidence, figures),
        "differs": differs(kind),
        "kind": kind,
    }


def disagreements(row: SelfAssessment, framework: Framework, answers: dict[str, Answer]) -> list[tuple[Item, str]]:
    """(item, "above" or "below") where what was answered and what was recorded that day differ."""
    kept, found = assessing.kept_figures(row), []
    for item in framework.items().values():
        kind = differs_for(framework, answers.get(item.code), kept.get(item.evidence))
        if kind:
            found.append((item, kind))
    return found


def compared(row: SelfAssessment, lines: list[Line], now: dt.datetime) -> dict[str, Any]:
    """{groups: names, rows: [(line, [None or {low, mid, high, place}])]}: quartiles beside each standard."""
    groups, own = [group for group in beside(row, now) if group.figures], from_data(row.result).standards
    table = []
    for line in lines:
        cells = []
        for group in groups:
            figure = group.figures.get(line.code)
            where = ""
            if figure and (score := own[line.code].exact) is not None:
                where = place(score, Quartiles(figure.lower, figure.middle, figure.upper))
            cells.append({"figure": figure, "where": where, "group": group.name} if figure else None)
        table.append((line, cells))
    return {"groups": [group.name for group in groups], "rows": table}


def trend(row: SelfAssessment, lines: list[Line]) -> dict[str, Any]:
    """{columns: [{row, when}], rows: [(line, percents, curves)]}: the last five the employer sent in by this
    framework, oldest first. `when` is the year, or the day where two of them are of one year."""
    rows = SelfAssessment.objects.standing().filter(employer=row.employer_id, framework__code=row.framework.code)
    sent = list(rows.exclude(result={}).order_by("-submitted_at", "-pk")[:MOST_YEARS])[::-1]
    days = [row.hub.today(one.submitted_at) for one in sent if one.submitted_at]
    written = "Y" if len({day.year for day in days}) == len(days) else "j M Y"
    columns = [{"row": one, "when": date_format(day, written)} for one, day in zip(sent, days, strict=True)]
    table = []
    for line in lines:
        percents = [one.result["standards"].get(line.code, {}).get("percent") for one in sent]
        table.append((line, percents, curves(percents)))
    return {"columns": columns, "rows": table}


def curves(percents: list[int | None]) -> list[str]:
    """The points of a line through the percents in a field of `WIDE` by `HIGH`, from left to right; where one has
    no score the line breaks off, and nothing is drawn of a score that stands alone."""
    found: list[list[str]] = [[]]
    for number, percent in enumerate(percents):
        if percent is None:
            found.append([])
            continue
        across = EDGE + (WIDE - 2 * EDGE) * number // max(1, len(percents) - 1)
        found[-1].append(f"{across},{HIGH - EDGE - (HIGH - 2 * EDGE) * percent // 100}")
    return [" ".join(points) for points in found if len(points) > 1]
