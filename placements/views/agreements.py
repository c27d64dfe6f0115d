"""The agreement of a placement, for the school and the employer, and the page one signs on."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hubs.actors import by_link
from hubs.edges import may_act, no_store, number_or_404, portal_page, refused, refused_on
from hubs.errors import Refused
from hubs.links import mark_used
from placements.agreement_file import as_file
from placements.agreement_text import form_of
from placements.domain import agreements
from placements.forms_signing import AskForm, PaperForm, SignForm, WithdrawForm
from placements.models import Agreement, Placement, Signature
from placements.models.placement import NAMES_KNOWN
from placements.register import may_know
from placements.views import employer_rows
from placements.views.acting import placement_or_404
from placements.views.links import languages_offered, link_page


def _one(placement: Placement, pk: int) -> Agreement:
    row = placement.agreements.select_related("student").filter(pk=pk).first()
    if row is None:
        raise Http404
    row.placement = placement
    return row


def _line(placement: Placement, text: str | None) -> Signature:
    try:
        return agreements.line_in(placement, number_or_404(text))
    except Signature.DoesNotExist:
        raise Http404 from None


# ---- The school -------------------------------------------------------------------


@portal_page("school")
def school_agreements(request, pk):
    """Every current agreement with its lines; POST draws up, asks, signs, records paper, takes back."""
    placement = placement_or_404(request, pk)
    forms: dict = {}
    if request.method == "POST":
        act = {"draw": _draw, "ask": _ask, "sign": _sign, "paper": _paper, "withdraw": _withdraw}.get(
            request.POST.get("act", "")
        )
        if act is None:
            return redirect("school-agreements", pk)
        answer = act(request, placement, forms)
        if answer is not None:
            return answer
    return render(request, "placements/agreements/school.html", _school_context(request, placement, forms))


def _school_context(request, placement: Placement, forms: dict) -> dict:
    rows = agreements.current(placement)
    may = may_act(request) and placement.state in agreements.OPEN_STATES
    return {
        "title": _("Agreement"),
        "placement": placement,
        "agreements": [_shown(row, forms, may=may, own="school") for row in rows],
        "form": form_of(placement.hub.jurisdiction),
        "stale": may and (not rows or any(agreements.is_stale(row) for row in rows) or _unmade(placement, rows)),
        "named": placement.students.exists(),
        "may": may,
        "breadcrumb": [
            {"label": _("Requests and placements"), "url": reverse("school-requests")},
            {"label": placement.session.opportunity.title, "url": reverse("school-placement", args=[placement.pk])},
            {"label": _("Agreement"), "url": ""},
        ],
    }


def _unmade(placement: Placement, rows: list[Agreement]) -> bool:
    """A student was named since, of whom there is no agreement yet."""
    covered = {row.student_id for row in rows}
    return None not in covered and not covered >= set(placement.students.values_list("student_id", flat=True))


def _shown(agreement: Agreement, forms: dict, *, may: bool, own: str) -> dict:
    """One agreement with its lines, each with the forms it still takes."""
    lines = sorted(agreement.signatures.all(), key=lambda line: line.pk)
    return {
        "row": agreement,
        "open": sum(line.signed_at is None for line in lines),
        "lines": [
            {
                "row": line,
                "sign": _form(forms, "sign", line, SignForm) if may and line.party == own else None,
                "ask": _form(forms, "ask", line, AskForm) if may and own == "school" else None,
                "paper": _form(forms, "paper", line, PaperForm) if may and own == "school" else None,
            }
            for line in lines
        ],
    }


def _form(forms: dict, act: str, line: Signature, kind):
    """The form that was sent for this line and has to be mended, or a fresh one; none once signed."""
    if line.signed_at is not None:
        return None
    return forms.get((act, line.pk)) or kind(auto_id=f"id_{act}{line.pk}_%s")


def _draw(request, placement: Placement, forms: dict):
    try:
        agreements.draw_up(placement, by=request.actor, now=request.now)
        messages.success(request, _("Drawn up. Nothing is signed yet: ask for the signatures below."))
    except Refused as refusal:
        refused(request, refusal)
    return redirect("school-agreements", placement.pk)


def _sent(request, placement: Placement, forms: dict, act: str, kind, verb: Callable, done: str):
    """Check the form of one line, do it, say so. None: the form has to be mended."""
    line = _line(placement, request.POST.get("line"))
    form = kind(request.POST, request.FILES or None, auto_id=f"id_{act}{line.pk}_%s")
    forms[(act, line.pk)] = form
    if not form.is_valid():
        return None
    try:
        verb(line, form)
    except Refused as refusal:
        refused_on(request, form, refusal)
        return None
    messages.success(request, done)
    return redirect(request.path)


def _ask(request, placement: Placement, forms: dict):
    def verb(line, form):
        agreements.ask(line, form.cleaned_data["email"], by=request.actor, now=request.now)

    return _sent(request, placement, forms, "ask", AskForm, verb, _("Asked. They sign by a link of their own."))


def _sign(request, placement: Placement, forms: dict):
    def verb(line, form):
        agreements.sign(line, **form.values(), by=request.actor, now=request.now)

    return _sent(request, placement, forms, "sign", SignForm, verb, _("Signed."))


def _paper(request, placement: Placement, forms: dict):
    def verb(line, form):
        agreements.sign_outside(line, **form.values(), by=request.actor, now=request.now)

    return _sent(request, placement, forms, "paper", PaperForm, verb, _("Noted as signed on paper."))


def _withdraw(request, placement: Placement, forms: dict):
    def verb(line, form):
        agreements.withdraw(line, form.cleaned_data["reason"], by=request.actor, now=request.now)

    return _sent(request, placement, forms, "withdraw", WithdrawForm, verb, _("Taken back. It is asked for again."))


@portal_page("school")
@require_safe
def school_agreement_pdf(request, pk, agreement):
    return as_file(_one(placement_or_404(request, pk), agreement), named=True)


@portal_page("school")
@require_safe
def signature_scan(request, pk, line):
    """The paper that was signed outside, always as an attachment."""
    row = _line(placement_or_404(request, pk), str(line))
    if not row.scan:
        raise Http404
    response = HttpResponse(row.scan.open("rb").read(), content_type=row.scan_type)
    response["Content-Disposition"] = f'attachment; filename="signed-{row.pk}"'
    response["X-Content-Type-Options"] = "nosniff"
    return no_store(response)


# ---- The employer -------------------------------------------------------------------


@portal_page("employer")
def employer_agreements(request, pk):
    """The agreements with the employer's own line; POST signs it."""
    placement = _hosted(request, pk)
    forms: dict = {}
    if request.method == "POST":
        answer = _sign(request, placement, forms)
        if answer is not None:
            return answer
    may = may_act(request) and placement.state in agreements.OPEN_STATES
    rows = agreements.current(placement)
    context = {
        "title": _("Agreement"),
        "placement": placement,
        "agreements": [_shown(row, forms, may=may, own="host") for row in rows],
        "breadcrumb": [
            {"label": _("Placements"), "url": reverse("employer-placements")},
            {"label": placement.school.name, "url": reverse("employer-placement", args=[placement.pk])},
            {"label": _("Agreement"), "url": ""},
        ],
    }
    return render(request, "placements/agreements/employer.html", context)


def _hosted(request, pk: int) -> Placement:
    """From acceptance on; before, there is nothing to read."""
    placement = employer_rows.own_placement(request, pk)
    if placement.state not in NAMES_KNOWN:
        raise Http404
    return placement


@portal_page("employer")
@require_safe
def employer_agreement_pdf(request, pk, agreement):
    placement = _hosted(request, pk)
    return as_file(_one(placement, agreement), named=may_know(placement, request.now))


# ---- By signed link -------------------------------------------------------------------


@link_page("sign", Signature)
def sign(request, link, line: Signature, message):
    """Read, sign, take back. Looking signs nothing."""
    act, placement = request.POST.get("act", ""), line.agreement.placement
    form = SignForm(request.POST if act == "sign" else None)
    back = WithdrawForm(request.POST if act == "withdraw" else None)
    who = {"by": by_link(link, *_side_of(line)), "now": request.now}
    done = False
    if act == "sign" and form.is_valid():
        done = _tried(form, lambda: agreements.sign(line, **form.values(), **who))
    elif act == "withdraw" and back.is_valid():
        done = _tried(back, lambda: agreements.withdraw(line, back.cleaned_data["reason"], **who))
    if done:
        mark_used(link, now=request.now)
        return redirect(request.get_full_path())
    return render(request, "placements/links/sign.html", _sign_context(request, line, placement, form, back))


def _side_of(line: Signature) -> tuple[str, int]:
    placement = line.agreement.placement
    return agreements.SIDES[line.party], placement.employer_id if line.party == "host" else placement.school_id


def _tried(form, verb: Callable) -> bool:
    try:
        verb()
    except Refused as refusal:
        form.add_error(None, refusal.sentence)
        return False
    return True


def _sign_context(request, line: Signature, placement: Placement, form, back) -> dict:
    newer = placement.agreements.filter(student_id=line.agreement.student_id, version__gt=line.agreement.version)
    return {
        "title": _("Agreement"),
        "languages_offered": languages_offered(),
        "line": line,
        "agreement": line.agreement,
        "placement": placement,
        "school": placement.school,
        "pdf_url": request.path + "agreement.pdf",
        "replaced": line.signed_at is None and newer.exists(),
        "open": line.signed_at is None and placement.state in agreements.OPEN_STATES and not newer.exists(),
        "form": form,
        "back": back if line.signed_at and not line.withdrawn_at else None,
    }


@link_page("sign", Signature)
def sign_pdf(request, link, line: Signature, message):
    """The host's line shows names while the employer may know them; everybody else's is their own child."""
    named = line.party != "host" or may_know(line.agreement.placement, request.now)
    return as_file(line.agreement, named=named)
