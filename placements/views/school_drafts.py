"""A draft of a request, opened again: changed, kept or sent."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from hubs.edges import may_act, portal_page, refused_on
from hubs.errors import Refused
from hubs.once import once
from opportunities.models import Session
from placements import cards
from placements.domain import requests, windows, wishes
from placements.domain.coverage import class_list
from placements.domain.fitting import SessionFit, fits_for_group, open_sessions
from placements.domain.student_costs import student_costs
from placements.domain.wishes import label
from placements.forms_draft import DraftForm
from placements.forms_request import RANKED, Open
from placements.models import PlacementRequest
from placements.views.acting import request_or_404
from placements.views.school_requests import AROUND, OTHERS_SHOWN, steps_open, terms_ahead


@portal_page("school")
@once
def request_change(request, pk):
    """Everything that a new request asks. What somebody else saved meanwhile is shown before it is overwritten."""
    row = request_or_404(request, pk)
    if not may_act(request):
        raise PermissionDenied
    if row.state != "draft":
        messages.info(request, _("This is with the hub, or taken back: only a draft can be changed."))
        return redirect("school-request", row.pk)
    form, theirs = _form(request, row), None
    if request.method == "POST" and form.is_valid():
        try:
            requests.change_draft(
                row, seen=form.cleaned_data["seen"], **form.asked(), by=request.actor, now=request.now
            )
        except Refused as refusal:
            refused_on(request, form, refusal)
            row = request_or_404(request, pk)
            theirs = _as_saved(request, row, form) if refusal.code == "stale" else None
        else:
            return _saved(request, row)
    return render(request, "placements/school/request_change.html", _context(row, form) | {"theirs": theirs})


def _saved(request, row: PlacementRequest):
    if row.state == "submitted":
        return redirect("school-request-sent", row.pk)
    messages.success(request, _("Saved. It is a draft until you send it."))
    return redirect("school-request", row.pk)


def _form(request, row: PlacementRequest) -> DraftForm:
    posted = request.POST if request.method == "POST" else None
    days = windows.of(row)
    seen = requests.as_read(row, days)  # before what it vouches for: what is saved from here on is told apart
    wished, listed = wishes.read(row), _class_list(request, row)
    students = [*listed, *_named_beside(row, listed)]
    first = next(iter(wishes.sessions_of(wished)), None)
    costs = student_costs(row.school, [one.pk for one in students], first, now=request.now) if first else {}
    open_to = Open(
        others=_others(request, row, first), steps=steps_open(request), terms=terms_ahead(row.school, request.now)
    )
    return DraftForm(
        posted, draft=row, wished=wished, gone=[one for one in wished if wishes.is_gone(one, row, request.now)],
        students=students, open_to=open_to, chosen=_chosen(request, row), costs=costs, seen=seen, days=days,
        size=len(listed),
    )  # fmt: skip


def _class_list(request, row: PlacementRequest) -> list:
    if row.group is None:
        return []
    row.group.school = row.school
    return list(class_list(row.group, now=request.now))


def _named_beside(row: PlacementRequest, listed: list) -> list:
    """Whoever the draft names and the group has no longer."""
    known = {one.pk for one in listed}
    return [one for one in row.students.filter(left_on__isnull=True) if one.pk not in known]


def _chosen(request, row: PlacementRequest) -> list[Session]:
    """What the reader chose from the form as it was shown to them: somebody may have saved other wishes since, and
    other sessions stand around those."""
    keys = {int(value) for name in RANKED if (value := request.POST.get(name, "")).isdecimal() and len(value) < 16}
    if not keys:
        return []
    rows = Session.objects.open_to(row.school, request.now).filter(pk__in=keys)
    return list(rows.select_related("opportunity__employer").prefetch_related("days"))


def _others(request, row: PlacementRequest, first) -> list[SessionFit]:
    """The best sessions around the first wish, or of the next weeks where it wishes for none."""
    if row.group is None:
        return []
    about = first.first_on if first else row.hub.today(request.now)
    around = open_sessions(row.school, now=request.now, start=about - AROUND, end=about + AROUND)
    found = fits_for_group(row.group, now=request.now, sessions=list(around))
    return [one for one in found if one.can and one.session.left][:OTHERS_SHOWN]


def _as_saved(request, row: PlacementRequest, form: DraftForm) -> list[tuple[str, str]]:
    """What the other person saved; once it was shown, saving again is a decision."""
    form.data = form.data.copy()
    form.data["seen"] = requests.as_read(row)
    students = ", ".join(one.alias for one in row.students.order_by("alias"))
    said = [
        (_("Who comes?"), students or cards.students(row.places)),
        (_("Wishes"), "; ".join(map(label, wishes.read(row)))),
        (_("Only in these weeks"), "; ".join(map(str, windows.of(row)))),
        (_("Provisional"), _("yes") if row.is_provisional else _("no")),
        (_("At most so many minutes each way"), str(row.max_travel or "")),
        (_("For the hub to know"), row.note),
        (_("Needs to plan for"), row.needs),
    ]
    return [(label, value) for label, value in said if value]


def _context(row: PlacementRequest, form: DraftForm) -> dict:
    title, back = _("Change this draft"), reverse("school-request", args=[row.pk])
    return {
        "title": title,
        "row": row,
        "group": row.group,
        "form": form,
        "back": back,
        "breadcrumb": [
            {"label": _("Requests and placements"), "url": reverse("school-requests")},
            {"label": _("Request"), "url": back},
            {"label": title, "url": ""},
        ],
    }
