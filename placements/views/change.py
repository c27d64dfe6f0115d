"""Changing what was agreed, for both sides: what would differ, who still has to agree, one answer."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from hubs.actors import by_link
from hubs.edges import may_act, portal_page, refused, refused_on
from hubs.errors import Refused
from hubs.forms import PlainWords
from hubs.models import Message, SignedLink
from hubs.once import once
from hubs.words import day
from opportunities.models import Session
from placements import changes
from placements.domain import amending
from placements.models import Amendment, Placement
from placements.views import employer_rows
from placements.views.acting import placement_or_404
from placements.views.employer_rows import own_placement
from placements.views.links import back_to_link, link_page

MOST_SHOWN = 20


class ChangeForm(PlainWords, forms.Form):
    session = forms.TypedChoiceField(label=lazy("Another day"), coerce=int, empty_value=None, required=False)
    supervisor = forms.CharField(label=lazy("Who looks after the students instead"), max_length=120, required=False)
    reason = forms.CharField(
        label=lazy("Why? The other side reads it."), widget=forms.Textarea(attrs={"rows": 3}), max_length=1000
    )

    def __init__(self, data=None, *, sessions) -> None:
        super().__init__(data)
        self.rows = {row.pk: row for row in sessions}
        choices = [(pk, _("%(day)s, %(left)s places left") % {"day": day(row.first_on), "left": row.left})
                   for pk, row in self.rows.items()]  # fmt: skip
        self.fields["session"].choices = [("", _("As agreed")), *choices]

    def asked(self) -> dict:
        cleaned = self.cleaned_data
        return {**cleaned, "session": self.rows.get(cleaned["session"])}


class AnswerForm(PlainWords, forms.Form):
    reason = forms.CharField(label=lazy("Why not?"), widget=forms.Textarea(attrs={"rows": 3}), required=False)


@portal_page("school")
@once
def school_change(request, pk: int):
    return _change(request, placement_or_404(request, pk), "school")


@portal_page("employer")
@once
def employer_change(request, pk: int):
    return _change(request, own_placement(request, pk), "employer")


def _change(request, row: Placement, side: str):
    """GET shows what is asked, or the form to ask; POST asks, agrees (`yes`) or says no."""
    amendment = row.amendments.filter(state="proposed").first()
    if amendment is not None:
        return _answer(request, row, amendment, side)
    form = ChangeForm(request.POST if request.method == "POST" else None, sessions=_others(row, request.now))
    if request.method == "POST" and form.is_valid():
        try:
            made = amending.propose(row, **form.asked(), by=request.actor, now=request.now)
        except Refused as refusal:
            refused_on(request, form, refusal)
        else:
            asked = _("Asked. What was agreed stands until everybody concerned has said yes.")
            messages.success(request, asked if made.state == "proposed" else _("Changed. Everybody concerned is told."))
            return redirect(f"{side}-placement", row.pk)
    return _page(request, row, side, form=form)


def _answer(request, row: Placement, amendment, side: str):
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            if "yes" in request.POST:
                amending.agree(amendment, by=request.actor, now=request.now)
            else:
                amending.refuse(amendment, form.cleaned_data["reason"], by=request.actor, now=request.now)
            messages.success(request, _("Done. Everybody concerned is told."))
        except Refused as refusal:
            refused(request, refusal)
            return redirect(f"{side}-placement-change", row.pk)
        return redirect(f"{side}-placement", row.pk)
    return _page(request, row, side, form=form, amendment=amendment)


@link_page("change", Amendment)
def change_link(request, link: SignedLink, amendment: Amendment, message: Message | None):
    """The employer's answer without an account; afterwards what became of the change."""
    form = AnswerForm(request.POST if request.method == "POST" else None)
    problem = _by_link(request, link, amendment, form) if request.method == "POST" else ""
    if problem is None:
        return back_to_link(request, link)
    placement = amendment.placement
    stands = amendment.state == "proposed" and placement.state in amending.CHANGEABLE
    context = {
        "title": _("A change of what was agreed"),
        "placement": placement,
        "amendment": amendment,
        "facts": employer_rows.facts(placement),
        "difference": amending.difference(amendment),
        "why": amending.reason_of(amendment),
        "asked": stands and "employer" in amendment.asks,
        "over": amendment.state == "proposed" and not stands,
        "form": form,
        "problem": problem,
    }
    return render(request, "placements/links/change.html", context)


def _by_link(request, link: SignedLink, amendment: Amendment, form: AnswerForm) -> str | None:
    """None when the answer was taken, else the sentence to say."""
    if not form.is_valid():
        return ""
    by = by_link(link, "employer", amendment.placement.employer_id)
    try:
        if "yes" in request.POST:
            amending.agree(amendment, by=by, now=request.now)
        else:
            amending.refuse(amendment, form.cleaned_data["reason"], by=by, now=request.now)
    except Refused as refusal:
        amendment.refresh_from_db(fields=["state", "asks"])  # what was undone must not be shown
        return refusal.sentence
    return None


def _page(request, row: Placement, side: str, *, form, amendment=None):
    back = reverse(f"{side}-placement", args=[row.pk])
    title = _("A change of what was agreed") if amendment else _("Ask for a change")
    context = {
        "title": title,
        "form": form,
        "amendment": amendment,
        "difference": amending.difference(amendment) if amendment else [],
        "why": amending.reason_of(amendment) if amendment else "",
        "waits": changes.waits(amendment) if amendment else [],
        "asked_of_me": bool(amendment) and side in amendment.asks and may_act(request),
        "may": _may(request, row, amendment, side),
        "back": back,
        "breadcrumb": [{"label": row.session.opportunity.title, "url": back}, {"label": title, "url": ""}],
    }
    return render(request, "placements/change.html", context)


def _may(request, row: Placement, amendment, side: str) -> bool:
    """Whether this side may say no, take it back or ask: a move of the whole session is taken back on its own page."""
    if amendment is not None and amendment.session_move_id:
        return may_act(request) and side in amendment.asks
    return may_act(request) and row.state in amending.CHANGEABLE


def _others(row: Placement, now) -> list[Session]:
    """Other sessions of the same offer with places enough, the next first."""
    rows = Session.objects.upcoming(now).filter(opportunity=row.session.opportunity_id).exclude(pk=row.session_id)
    return [one for one in rows.order_by("starts_at", "pk")[:MOST_SHOWN] if one.left >= row.places]
