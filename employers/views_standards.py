"""The employer's own pages of the standards: begin, answer page by page, send."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from employers import assessing, framing
from employers.evidence_words import said_beside
from employers.forms_answers import AnswersForm
from employers.frameworks import Framework, Item, Standard
from employers.models import Answer, AssessmentRound, Document, Employer, SelfAssessment, StandardsFramework
from employers.scoring import asked
from employers.standards_shown import last_year_line, overview, words_language
from hubs.edges import may_act, portal_page, refused
from hubs.errors import Refused
from hubs.languages import read_language

FORM_METHODS = ["GET", "HEAD", "POST"]


def own(request):
    rows = SelfAssessment.objects.visible_to(request.user).filter(hub=request.hub, employer=request.acting.pk)
    return rows.select_related("framework", "round", "hub", "employer", "submitted_by")


def _document(framework: StandardsFramework) -> Framework:
    return framing.document_of(framework, read_language())


def _crumbs(row: SelfAssessment | None, title: str, language: str = "") -> list[dict]:
    found = [{"label": _("Standards"), "url": reverse("employer-standards")}]
    if row is not None:
        found.append({"label": _("Questions"), "url": reverse("employer-assessment", args=[row.pk])})
    return [*found, {"label": title, "url": "", "language": language}]


@portal_page("employer")
@require_safe
def home(request):
    """What is asked, what is open, and every year's result."""
    employer = request.acting.employer
    rows = list(own(request).order_by("-started_at", "-pk"))
    replaced = {row.corrects_id for row in rows if row.state != "open"}
    current, asked_in = assessing.current_framework(employer), _still_asked(employer, rows)
    # What is left of older standards is no answer to a round that asks by newer ones.
    live = [row for row in rows if asked_in is None or row.framework_id == asked_in.framework_id]
    opened = next((row for row in live if row.state == "open"), None)
    context = {
        "title": _("Standards"),
        "open": opened,
        "open_framework": _document(opened.framework) if opened else None,
        "progress": _progress(opened) if opened else None,
        "waiting": next((row for row in live if row.state == "submitted"), None),
        "past": [(row, row.pk in replaced, _document(row.framework)) for row in rows if row.state != "open"],
        "round": asked_in,
        "framework": _document(current) if current else None,
        "may_act": may_act(request),
    }
    return render(request, "employers/standards/home.html", context)


def _progress(row: SelfAssessment) -> dict[str, int]:
    """{done, all}: how many of the questions asked of it are answered."""
    codes = {item.code for one in _document(row.framework).standards() for item in asked(one, row.size)}
    return {"done": len(codes & set(row.answers.values_list("item", flat=True))), "all": len(codes)}


def _still_asked(employer: Employer, rows: list[SelfAssessment]) -> AssessmentRound | None:
    """The open round, until it has been answered."""
    found = assessing.open_round(employer)
    answered = {row.round_id for row in rows if row.state != "open"}
    return found if found and found.pk not in answered else None


@portal_page("employer")
@require_POST
def start(request):
    try:
        row = assessing.start(request.acting.employer, by=request.actor, now=request.now)
    except Refused as refusal:
        refused(request, refusal)
        return redirect("employer-standards")
    return redirect("employer-assessment", row.pk)


@portal_page("employer")
@require_safe
def assessment(request, pk: int):
    """The standards with how far each is answered; the next page to fill in stands first."""
    row = get_object_or_404(own(request), pk=pk)
    if row.state != "open":
        return redirect("employer-results", row.pk)
    framework = _document(row.framework)
    answers = {a.item: a for a in row.answers.select_related("answered_by")}
    parts = overview(framework, answers, row.size)
    context = {
        "title": framework.name,
        "breadcrumb": _crumbs(None, framework.name, framework.language),
        "row": row,
        "framework": framework,
        "pillars": parts,
        "done": sum(one["done"] for pillar in parts for one in pillar["standards"]),
        "all": sum(one["all"] for pillar in parts for one in pillar["standards"]),
        "next": next((s for p in parts for s in p["standards"] if s["done"] < s["all"]), None),
        "may_act": may_act(request),
    }
    return render(request, "employers/standards/assessment.html", context)


@portal_page("employer")
@require_http_methods(FORM_METHODS)
def questions(request, pk: int, code: str):
    """The items of one standard. What nobody touched is not written; what a colleague changed
    meanwhile is shown beside what was typed, and nothing of either is lost."""
    row = get_object_or_404(own(request), pk=pk)
    if row.state != "open":
        return redirect("employer-results", row.pk)
    framework = _document(row.framework)
    standard = _standard(framework, code)
    items = asked(standard, row.size)
    form = _form(request, row, framework, items)
    if request.method == "POST" and form.is_valid() and _save(request, row, form):
        return redirect(_after(request, row, framework, standard))
    return render(request, "employers/standards/questions.html", _page(request, row, framework, standard, form))


def _standard(framework: Framework, code: str) -> Standard:
    try:
        return framework.standard(code)
    except KeyError as error:
        raise Http404 from error


def _answers(row: SelfAssessment) -> dict[str, Answer]:
    return {a.item: a for a in row.answers.select_related("answered_by").prefetch_related("documents")}


def _form(request, row: SelfAssessment, framework: Framework, items: list[Item]) -> AnswersForm:
    papers = Document.objects.filter(employer=row.employer_id, state="held").order_by("kind", "pk")
    return AnswersForm(request.POST or None, framework=framework, items=items, answers=_answers(row), papers=papers)


def _save(request, row: SelfAssessment, form: AnswersForm) -> bool:
    """Whether everything typed is kept; else the form says what is in the way."""
    try:
        saved = assessing.save_answers(row, form.said(), by=request.actor, now=request.now)
    except Refused as refusal:
        row.refresh_from_db(fields=["state"])
        if row.state == "open":
            form.add_error(None, str(refusal))
            return False
        refused(request, refusal)
        return True  # sent meanwhile: the overview says so
    for theirs in saved.conflicts:
        form.add_error(
            f"level-{theirs.item}",
            _(
                "%(who)s answered this a moment ago, and theirs is kept. Yours is still chosen below: save again to "
                "put it in its place."
            )
            % {"who": theirs.answered_by or _("Somebody")},
        )
        form.conflicts = {**getattr(form, "conflicts", {}), theirs.item: theirs}
    if saved.written and not saved.conflicts:
        messages.success(request, _("Saved."))
    return not saved.conflicts


def _after(request, row: SelfAssessment, framework: Framework, standard: Standard) -> str:
    """The next standard that asks something; after the last, the overview."""
    here = reverse("employer-assessment", args=[row.pk])
    if "later" in request.POST:
        return here
    codes = [one.code for one in framework.standards() if asked(one, row.size)]
    following = codes[codes.index(standard.code) + 1 :] if standard.code in codes else []
    return reverse("employer-questions", args=[row.pk, following[0]]) if following else here


def _page(request, row: SelfAssessment, framework: Framework, standard: Standard, form: AnswersForm) -> dict:
    codes = [one.code for one in framework.standards() if asked(one, row.size)]
    last, figures = assessing.before(row), assessing.figures_of(row.employer)
    earlier = {a.item: a for a in last.answers.all()} if last else {}
    then = _document(last.framework) if last else framework  # levels may have been named otherwise
    conflicts = getattr(form, "conflicts", {})
    lines = [
        {
            "item": item,
            "statement": item.wording(row.size),
            "level": form[f"level-{item.code}"],
            "reason": form[f"reason-{item.code}"],
            "papers": form[f"papers-{item.code}"],
            # After a conflict the page has the other's answer before it, so the next save may replace it.
            "seen": conflicts[item.code].revision if item.code in conflicts else form[f"seen-{item.code}"].value(),
            "was": "" if item.code in conflicts else form[f"was-{item.code}"].value(),
            "answer": form.answers.get(item.code),
            "last": last_year_line(then, earlier.get(item.code), last),
            "last_language": words_language(then, earlier.get(item.code)),
            "record": said_beside(item.evidence, figures),
        }
        for item in form.items
    ]
    place = codes.index(standard.code) + 1 if standard.code in codes else 0
    return {
        "title": standard.name,
        "breadcrumb": _crumbs(row, standard.name, framework.language),
        "row": row,
        "framework": framework,
        "standard": standard,
        "pillar": next(p for p in framework.pillars if standard in p.standards),
        "form": form,
        "lines": lines,
        "place": place,
        "of": len(codes),
        "has_papers": bool(form.papers),
        "may_act": may_act(request),
    }


@portal_page("employer")
@require_http_methods(FORM_METHODS)
def send(request, pk: int):
    """Says what follows and what is still open, then sends."""
    row = get_object_or_404(own(request), pk=pk)
    if request.method == "POST":
        try:
            assessing.submit(row, by=request.actor, now=request.now)
        except Refused as refusal:
            refused(request, refusal)
            return redirect("employer-assessment", row.pk)
        messages.success(request, _("Sent. Your result is here at once; the hub looks at it as well."))
        return redirect("employer-results", row.pk)
    if row.state != "open":
        return redirect("employer-results", row.pk)
    framework = _document(row.framework)
    parts, scored = overview(framework, _answers(row), row.size), assessing.scored_now(row)
    missing = [
        {**one, "counts": one["standard"].code in scored}
        for pillar in parts
        for one in pillar["standards"]
        if one["done"] < one["all"]
    ]
    context = {
        "title": _("Send your answers"),
        "breadcrumb": _crumbs(row, _("Send")),
        "row": row,
        "framework": framework,
        "missing": missing,
        "blocked": not scored,
    }
    return render(request, "employers/standards/send.html", context)


@portal_page("employer")
@require_POST
def correct(request, pk: int):
    row = get_object_or_404(own(request), pk=pk)
    try:
        made = assessing.correct(row, by=request.actor, now=request.now)
    except Refused as refusal:
        refused(request, refusal)
        return redirect("employer-results", row.pk)
    messages.success(request, _("A new version with your answers. The old one stays until you send this."))
    return redirect("employer-assessment", made.pk)
