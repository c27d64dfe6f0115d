"""The hub's desk: the open requests, and one request met with what could answer it."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Prefetch
from django.http import HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View
from wagtail.admin import messages
from wagtail.admin.utils import get_valid_next_url_from_request
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from hubs.errors import CannotAct, Refused
from hubs.once import once
from hubs.views_admin import HubAccess, hub_actor
from opportunities.models import Session
from placements.domain import asking, brokering, windows
from placements.domain.ladder import ladder_of
from placements.domain.matching import matches
from placements.in_line import waiting
from placements.models import Placement, PlacementRequest, Wish
from placements.worklists import request_title

LEFT_OVER = dt.timedelta(days=7)
SHOWN = 100


class OpenRequests(HubAccess):
    """Requests of this hub, with all that a line or a page of the desk shows."""

    def rows(self):
        named = ("session__opportunity__employer", "encounter_type", "sector", "step__pathway")
        wishes = Wish.objects.select_related(*named).order_by("rank")
        placements = Placement.objects.select_related("session__opportunity", "employer", "turn").order_by("pk")
        return (
            PlacementRequest.objects.visible_to(self.request.user)
            .filter(hub_id=self.request.hub.pk)
            .select_related("hub", "school__manager", "school__hub", "group__year_group", "group__school__hub")
            .prefetch_related(Prefetch("wishes", wishes), Prefetch("placements", placements))
        )


class DeskView(OpenRequests, WagtailAdminTemplateMixin, TemplateView):
    """The open requests in three lists, each line with the step that moves it to the next one.

    Filters are kept in the address: `whose` (mine, all) and `left` (over)."""

    template_name = "placements/admin/desk.html"
    header_icon = "tasks"
    page_title = gettext_lazy("Desk")

    def get_breadcrumbs_items(self):
        return [{"url": "", "label": _("Desk")}]

    def get_context_data(self, **kwargs):
        mine, left = self.request.GET.get("whose") == "mine", self.request.GET.get("left") == "over"
        rows = self.rows().filter(state="submitted").order_by("submitted_at", "pk")
        if mine:
            rows = rows.filter(school__manager=self.request.user)
        if left:
            asked = Placement.objects.live().filter(request=OuterRef("pk"))
            rows = rows.filter(~Exists(asked), submitted_at__lte=self.request.now - LEFT_OVER)
        found = list(rows[: SHOWN + 1])
        more = {
            "names": LISTS.items(),
            "lists": _lists([_line(row) for row in found[:SHOWN]]),
            "may_act": hub_actor(self.request).is_hub_staff,
            "here": self.request.get_full_path(),
            "mine": mine,
            "left": left,
            "cut": len(found) > SHOWN,
            "now": self.request.now,
        }
        return super().get_context_data(**kwargs) | more


class Line(NamedTuple):
    """A request in the list it stands in: `open`, `held` or `asked`. `placement` is what put it there; `wished` the
    session of the first wish while it can still be had whole."""

    standing: str
    row: PlacementRequest
    title: str
    placement: Placement | None
    wished: Session | None


LISTS = {
    "open": gettext_lazy("To find places for"),
    "held": gettext_lazy("Held: to be asked"),
    "asked": gettext_lazy("Asked: the answer is to come"),
}


def _line(row: PlacementRequest) -> Line:
    standing = {placement.state: placement for placement in reversed(row.placements.all())}
    title = request_title(row)
    if "offered" in standing:
        return Line("asked", row, title, standing["offered"], None)
    if "held" in standing:
        return Line("held", row, title, standing["held"], None)
    first = next((wish.session for wish in row.wishes.all()), None)
    return Line("open", row, title, None, first if first is not None and first.left >= row.places else None)


def _lists(lines: list[Line]) -> list[tuple[str, str, list[Line]]]:
    """(key, title, lines) of each list that has some."""
    by_list = [(key, str(title), [one for one in lines if one.standing == key]) for key, title in LISTS.items()]
    return [one for one in by_list if one[2]]


class Held(NamedTuple):
    """A held placement, how often its employer was asked lately and how often it wants to be; its number in line and
    whether it is ticked in the form that asks."""

    placement: Placement
    asked: int
    most: int
    number: str
    is_ticked: bool


class RequestView(OpenRequests, WagtailAdminTemplateMixin, TemplateView):
    template_name = "placements/admin/request.html"
    header_icon = "tasks"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.object = get_object_or_404(self.rows().prefetch_related("windows"), pk=kwargs["pk"])

    def get_page_title(self):
        return f"{self.object.school}: {request_title(self.object)}"

    def get_breadcrumbs_items(self):
        return [{"url": reverse("desk:index"), "label": _("Desk")}, {"url": "", "label": self.get_page_title()}]

    @cached_property
    def found(self):
        return matches(self.object, now=self.request.now) if self.object.state == "submitted" else []

    def get_context_data(self, **kwargs):
        request, by = self.object, hub_actor(self.request)
        judged = {match.session_fit.session.pk for match in self.found}
        more = {
            "row": request,
            "title": request_title(request),
            "windows": windows.of(request),
            "wished": [match for match in self.found if match.wish_rank],
            "others": [match for match in self.found if not match.wish_rank],
            "unjudged": [wish for wish in request.wishes.all() if wish.session_id not in judged],
            "live": [p for p in request.placements.all() if p.state in ("held", "offered", "accepted", "ready")],
            "held": self._held(),
            "line": waiting(request.placements.all()),
            "said_no": {p.session_id: p.reason for p in request.placements.all() if p.state == "declined"},
            "words": asking.WORDS.items(),
            "typed": self.typed,
            "answer_days": ladder_of(request.hub).answer_days,
            "may_act": by.is_hub_staff and request.state == "submitted",
            "here": reverse("desk:request", args=[request.pk]),
            "now": self.request.now,
        }
        return super().get_context_data(**kwargs) | more

    @cached_property
    def typed(self) -> QueryDict | None:
        """What was sent to ask the employers, when it was refused; None: nothing was."""
        return None

    def _held(self) -> list[Held]:
        rows = [row for row in self.object.placements.all() if row.state == "held"]
        lately = asking.asked_lately([row.employer_id for row in rows], self.request.now) if rows else {}
        return [
            Held(row, lately[row.employer_id], row.employer.wants_asking_per_month, *self._as_typed(row, number))
            for number, row in enumerate(rows, 1)
        ]

    def _as_typed(self, row: Placement, number: int) -> tuple[str, bool]:
        """Its number in line, and whether it is ticked."""
        if self.typed is None:
            turn = getattr(row, "turn", None)
            return str(turn.rank if turn else number), True
        return self.typed.get(f"turn-{row.pk}", ""), str(row.pk) in self.typed.getlist("placements")


class HoldForm(forms.Form):
    session = forms.IntegerField()
    places = forms.IntegerField(min_value=1, max_value=400, required=False)


class HoldView(OpenRequests, View):
    """POST only: binds nobody outside the hub, and runs out by itself."""

    http_method_names = ["post"]

    @method_decorator(once)
    def post(self, request, pk: int):
        row = get_object_or_404(self.rows(), pk=pk)
        by = hub_actor(request)
        if not by.is_hub_staff:
            raise PermissionDenied
        form = HoldForm(request.POST)
        if form.is_valid():
            self._hold(request, row, form.cleaned_data, by)
        else:
            messages.error(request, _("Write the number of places as a whole number from 1 to 400."))
        here = get_valid_next_url_from_request(request) or reverse("desk:request", args=[row.pk])
        return HttpResponseRedirect(here)

    def _hold(self, request, row: PlacementRequest, asked: dict, by) -> None:
        sessions = Session.objects.visible_to(request.user).filter(hub_id=request.hub.pk)
        session = get_object_or_404(sessions.select_related("opportunity", "hub"), pk=asked["session"])
        try:
            brokering.hold(row, session, asked["places"], by=by, now=request.now)
        except CannotAct as refusal:
            raise PermissionDenied from refusal
        except Refused as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, _("Held. Offer the places to the employer, or give them back."))
