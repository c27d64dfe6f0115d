"""What is asked of whoever looks after the students: who that is, what they have still to do, and their link."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from employers.models import Volunteer
from employers.preparing import required, with_preparation
from hubs.edges import LEADING_ROLES, may_act, refused_on
from hubs.errors import Refused
from placements.domain import hosting, prepared
from placements.forms_employer import HostChoiceForm
from placements.models import Clearance
from placements.models.ready import BLOCKING


def page(request, row: Clearance, breadcrumb: list[dict]):
    """Name one of the volunteers, or send the link to whoever is named."""
    meant = {person.pk for person in prepared.people(row.placement)}
    everybody = _volunteers(request)
    others = everybody.exclude(pk__in=meant)
    form = HostChoiceForm(request.POST or None, volunteers=others) if others else None
    if request.method == "POST" and form is not None and form.is_valid():
        name = form.cleaned_data["volunteer"].name
        try:
            hosting.name_supervisor(row.placement, name, by=request.actor, now=request.now)
        except Refused as refusal:
            refused_on(request, form, refusal)
        else:
            messages.success(request, _("%(name)s looks after the students.") % {"name": name})
            return redirect("employer-placement", row.placement_id)
    return _shown(request, row, breadcrumb, form, everybody.filter(pk__in=meant))


def _volunteers(request):
    rows = Volunteer.objects.visible_to(request.user).filter(hub=request.hub, employer=request.acting.pk)
    return with_preparation(rows.filter(is_active=True), required(request.hub), request.hub.today(request.now))


def _shown(request, row: Clearance, breadcrumb: list[dict], form, people):
    here = reverse("employer-placement-clearance", args=[row.placement_id, row.pk])
    context = {
        "title": row.requirement.title,
        "breadcrumb": breadcrumb,
        "clearance": row,
        "placement": row.placement,
        "people": people,
        "blocks": row.blocks in BLOCKING,
        "form": form,
        "may_act": may_act(request),
        "may_keep": request.actor.hat in LEADING_ROLES["employer"],
        "new_url": f"{reverse('employer-volunteer-new')}?{urlencode({'next': here})}",
        "here": urlencode({"next": here}),
    }
    return render(request, "placements/employer/preparing.html", context)
