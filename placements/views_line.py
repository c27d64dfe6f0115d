"""The line in which the employers of a request are asked: who is asked earlier, later, or not by itself any more."""

from __future__ import annotations

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import View
from wagtail.admin import messages

from hubs.errors import Refused
from hubs.views_admin import hub_actor
from placements.domain import turns
from placements.models import Placement, PlacementRequest
from placements.views_desk import OpenRequests


class LineForm(forms.Form):
    """`before` whom (nobody: as the last), or `out` of the line."""

    placement = forms.IntegerField()
    before = forms.IntegerField(required=False)
    out = forms.BooleanField(required=False)


class LineView(OpenRequests, View):
    """POST only, and as often as one likes: twice is as once."""

    http_method_names = ["post"]

    def post(self, request, pk: int):
        row = get_object_or_404(self.rows(), pk=pk)
        by = hub_actor(request)
        if not by.is_hub_staff:
            raise PermissionDenied
        form = LineForm(request.POST)
        placement = get_object_or_404(row.placements, pk=form.cleaned_data["placement"]) if form.is_valid() else None
        try:
            said = _move(row, placement, form.cleaned_data, by, request.now)
        except Refused as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, said)
        here = f"#line-{placement.pk}" if placement else ""
        return HttpResponseRedirect(reverse("desk:request", args=[row.pk]) + here)


def _move(row: PlacementRequest, placement: Placement | None, asked: dict, by, now) -> str:
    """What was done, in a sentence."""
    before = row.placements.filter(pk=asked.get("before")).first()
    if placement is None or (before is None and asked["before"]):
        raise Refused(_("Something changed meanwhile. Look at the line again."))
    if asked["out"]:
        turns.leave_line(placement, by=by, now=now)
        return _("%(employer)s is out of the line. The places stay held.") % {"employer": placement.employer}
    rank = turns.put_before(placement, before, by=by, now=now)
    return _("%(employer)s is number %(n)s in line now.") % {"employer": placement.employer, "n": rank}
