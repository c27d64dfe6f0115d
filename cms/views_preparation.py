"""A volunteer prepares by signed link, without an account; their employer sends it. Looking changes nothing."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cms import preparing
from cms.forms_preparation import CheckForm
from cms.models import PreparationPage
from cms.shell import voice_of
from employers.models import Preparation, Volunteer
from employers.preparing import REMIND_DAYS, SIDE
from hubs.actors import by_link
from hubs.edges import no_store, portal_page, refused, refused_on, way_back
from hubs.errors import Refused
from hubs.links import mark_used, open_link
from hubs.words import day


class ModuleRow(NamedTuple):
    """A module, what was made of it (it may have lapsed), whether that holds today, and whether not for long."""

    page: PreparationPage
    done: Preparation | None
    holds: bool
    lapses: bool


def _behind(request, token: str):
    """The link and the volunteer it is of, or (None, None): unknown, lapsed, of another hub."""
    link = open_link(token, preparing.PURPOSE, now=request.now)
    if link is None or not request.hub or link.hub_id != request.hub.pk:
        return None, None
    rows = Volunteer.objects.of_hub(request.hub).select_related("employer", "hub__site__root_page")
    return link, rows.filter(pk=link.subject_id, is_active=True).first()


def _over(request):
    return no_store(render(request, "cms/preparation/over.html", {"title": _("This link no longer works")}, status=404))


def _rows(volunteer: Volunteer, today: dt.date) -> list[ModuleRow]:
    done = preparing.history(volunteer)
    soon = today + dt.timedelta(days=max(REMIND_DAYS))
    rows = []
    for page in preparing.modules(volunteer.hub):
        made = done.get(page.pk)
        holds = made is not None and made.valid_until >= today
        rows.append(ModuleRow(page, made, holds, holds and made.valid_until <= soon))
    return rows


@require_http_methods(["GET", "HEAD", "POST"])
def prepare(request, token: str):
    """What there is to do, and what is done until when."""
    _link, volunteer = _behind(request, token)
    if volunteer is None:
        return _over(request)
    rows = _rows(volunteer, request.hub.today(request.now))
    needed = [row for row in rows if row.page.is_required] or rows
    context = {
        "title": _("Before you meet young people"),
        "volunteer": volunteer,
        "rows": rows,
        "token": token,
        "ready": bool(needed) and all(row.holds for row in needed),
        "left": sum(not row.holds for row in needed),
        "until": min((row.done.valid_until for row in needed if row.done), default=None),
    }
    with voice_of(request.hub):
        return no_store(render(request, "cms/preparation/home.html", context))


@require_http_methods(["GET", "HEAD", "POST"])
def module(request, token: str, pk: int):
    """One module: read it, answer its questions. Answers that are not right come back with the reason."""
    link, volunteer = _behind(request, token)
    if volunteer is None:
        return _over(request)
    page = next((one for one in preparing.modules(request.hub) if one.pk == pk), None)
    if page is None:
        raise Http404
    form = CheckForm(request.POST if request.method == "POST" else None, questions=page.questions)
    if request.method == "POST" and form.is_valid() and _passed(request, link, volunteer, page, form):
        return no_store(redirect("preparation-link", token))
    held = preparing.done(volunteer, request.hub.today(request.now)).get(page.pk)
    context = {"title": page.title, "page": page, "form": form, "token": token, "held": held}
    with voice_of(request.hub):
        return no_store(render(request, "cms/preparation/module.html", context))


def _passed(request, link, volunteer: Volunteer, page, form: CheckForm) -> bool:
    try:
        by = by_link(link, SIDE, volunteer.employer_id)
        made = preparing.pass_module(volunteer, page, by=by, now=request.now)
    except Refused as refusal:
        refused_on(request, form, refusal)
        return False
    mark_used(link, now=request.now)
    messages.success(request, _("Well done. It holds until %(day)s.") % {"day": day(made.valid_until)})
    return True


@portal_page("employer", lead=True)
@require_POST
def send(request, pk: int):
    """The employer sends a volunteer their link."""
    rows = Volunteer.objects.visible_to(request.user).filter(hub=request.hub, employer=request.acting.pk)
    row = get_object_or_404(rows.select_related("employer", "hub__site__root_page"), pk=pk)
    try:
        preparing.ask(row, by=request.actor, now=request.now)
        messages.success(request, _("The link is on its way to %(name)s.") % {"name": row.name})
    except Refused as refusal:
        refused(request, refusal)
    return redirect(way_back(request, reverse("employer-organisation") + "#volunteers"))
