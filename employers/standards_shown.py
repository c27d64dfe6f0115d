"""What pages say of an assessment: progress, answers in words, last year's, the record's line."""

from __future__ import annotations

from django.utils.translation import gettext as _

from employers import assessing, framing
from employers.evidence import Figure, disagreement
from employers.frameworks import Framework
from employers.models import Answer, Employer, SelfAssessment
from employers.next_steps import chosen
from employers.scoring import asked, from_data


def overview(framework: Framework, answers: dict[str, Answer], size: str) -> list[dict]:
    """[{pillar, standards: [{standard, done, all, people}]}], only what is asked of the size."""
    found = []
    for pillar in framework.pillars:
        lines = []
        for standard in pillar.standards:
            items = asked(standard, size)
            if not items:
                continue
            given = [answers[item.code] for item in items if item.code in answers]
            people = sorted({str(answer.answered_by) for answer in given if answer.answered_by})
            lines.append({"standard": standard, "done": len(given), "all": len(items), "people": people})
        found.append({"pillar": pillar, "standards": lines})
    return found


def answer_words(framework: Framework, answer: Answer | None) -> str:
    if answer is None:
        return _("not answered")
    if answer.not_applicable:
        return _("does not apply: %(reason)s") % {"reason": answer.reason}
    return next((one.label for one in framework.scale if one.level == answer.level), str(answer.level))


def words_language(framework: Framework, answer: Answer | None) -> str:
    """The language of what `answer_words` says: the framework's of a level, "" for a sentence of the page."""
    return framework.language if answer is not None and not answer.not_applicable else ""


def last_year_line(framework: Framework, answer: Answer | None, last: SelfAssessment | None) -> str:
    """Last time's answer, to look at; never filled in."""
    if answer is None or last is None or last.submitted_at is None:
        return ""
    when = last.hub.today(last.submitted_at)
    return _("Last time, %(year)s: %(answer)s") % {"year": when.year, "answer": answer_words(framework, answer)}


def differs_for(framework: Framework, answer: Answer | None, figure: Figure | None) -> str:
    """ "above" or "below" when answer and record differ, else ""."""
    if answer is None or answer.level is None:
        return ""
    points = {level.level: level.points for level in framework.scale}
    return disagreement(points[answer.level], max(points.values()), figure)


def standing(employer: Employer, language: str) -> dict | None:
    """{row, framework, steps}: the newest result sent in with its three next steps; no row when there is none yet,
    None when the hub has no standards in use."""
    rows = SelfAssessment.objects.standing().filter(employer=employer).select_related("framework")
    row = rows.prefetch_related("answers").newest_first().first()
    if row is None:
        return {"row": None, "steps": []} if framing.in_use(employer.hub_id) else None
    framework = framing.document_of(row.framework, language)
    steps = chosen(framework, from_data(row.result), assessing.answers_of(row), row.size)
    return {"row": row, "framework": framework, "steps": steps}
