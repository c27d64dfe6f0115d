"""Pages of an employer about itself: facts, sites, contacts, volunteers, documents."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from employers import domain, paperwork
from employers.forms import ContactForm, DocumentForm, EmployerForm, SiteForm, VolunteerForm
from employers.models import Contact, Document, Site, Volunteer
from employers.preparing import required, with_preparation
from hubs.edges import portal_page, refused, refused_on, way_back
from hubs.errors import Refused
from hubs.geography import kilometres, point_of, towns
from hubs.models import Role

FORM_METHODS = ["GET", "HEAD", "POST"]


def _own(request, model):
    return model.objects.visible_to(request.user).filter(hub=request.hub, employer=request.acting.pk)


def _may_keep(request) -> bool:
    return bool(request.actor and (request.actor.is_hub_staff or request.actor.hat == Role.EMPLOYER_LEAD))


@portal_page("employer")
@require_safe
def organisation(request):
    today, needed = request.hub.today(request.now), required(request.hub)
    context = {
        "title": request.acting.name,
        "employer": request.acting.employer,
        **_sites(_own(request, Site)),
        "towns": towns(Site.objects.of_hub(request.hub)),
        "contacts": _own(request, Contact),
        "volunteers": with_preparation(_own(request, Volunteer).filter(is_active=True), needed, today),
        "asks_preparation": bool(needed),
        "documents": [
            (row, _standing(row, today))
            for row in _own(request, Document).exclude(state="withdrawn").select_related("site")
        ],
        "may_keep": _may_keep(request),
    }
    return render(request, "employers/organisation.html", context)


def _sites(rows) -> dict:
    """The sites, each with how many kilometres it is from the first that is on the map."""
    sites = list(rows)
    first = next((site for site in sites if point_of(site)), None)
    away = [kilometres(site, first) if first and site != first and point_of(site) else None for site in sites]
    return {"sites": list(zip(sites, away, strict=True)), "first_site": first}


def _standing(document: Document, today) -> dict:
    """What a document counts for today, as a badge."""
    if document.state != "held":
        tone = "waiting" if document.state == "quarantined" else "stop"
        return {"tone": tone, "word": document.get_state_display()}
    if document.expires_on is None:
        return {"tone": "good", "word": _("valid")}
    left = (document.expires_on - today).days
    if left < 0:
        return {"tone": "stop", "word": _("run out")}
    return {"tone": "attention", "word": _("runs out soon")} if left <= 30 else {"tone": "good", "word": _("valid")}


def _form_page(request, form, save, *, title: str, done: str, submit_label: str = "", **more):
    """Show a form, or save it with one domain call and go back to the organisation."""
    if request.method == "POST" and form.is_valid():
        try:
            save(form)
        except Refused as refusal:
            refused_on(request, form, refusal)
        else:
            messages.success(request, done)
            return redirect(way_back(request, reverse("employer-organisation")))
    crumbs = [
        {"label": _("Organisation"), "url": reverse("employer-organisation")},
        {"label": title, "url": ""},
    ]
    context = {
        "title": title,
        "form": form,
        "breadcrumb": crumbs,
        "submit_label": submit_label or _("Save"),
        "cancel_url": way_back(request, reverse("employer-organisation")),
        **more,
    }
    return render(request, "employers/form.html", context)


@portal_page("employer", lead=True)
@require_http_methods(FORM_METHODS)
def edit(request):
    employer = request.acting.employer
    form = EmployerForm(request.POST or None, instance=employer)
    return _form_page(
        request,
        form,
        lambda f: domain.change_employer(employer, f.values(), by=request.actor, now=request.now),
        title=_("About us"),
        done=_("Saved."),
    )


#: For each kind of row: model, form, verbs to add and to change, and words.
_KINDS = {
    "site": (Site, SiteForm, domain.add_site, domain.change_site),
    "contact": (Contact, ContactForm, domain.add_contact, domain.change_contact),
    "volunteer": (Volunteer, VolunteerForm, domain.add_volunteer, domain.change_volunteer),
}


def _new_title(kind: str) -> str:
    return {"site": _("Add a site"), "contact": _("Add a contact"), "volunteer": _("Add a volunteer")}[kind]


@portal_page("employer", lead=True)
@require_http_methods(FORM_METHODS)
def add(request, kind: str):
    _model, form_class, add_verb, _change = _KINDS[kind]
    employer = request.acting.employer
    return _form_page(
        request,
        form_class(request.POST or None),
        lambda f: add_verb(employer, f.values(), by=request.actor, now=request.now),
        title=_new_title(kind),
        done=_("Added."),
        submit_label=_("Add"),
        **_map_of(request, kind),
    )


def _map_of(request, kind: str) -> dict:
    """The map on which a site's place is set, with the hub's towns to go by; nothing for what has no place."""
    if kind != "site":
        return {}
    return {"inside": "portal/pieces/map_pick.html", "towns": towns(Site.objects.of_hub(request.hub))}


@portal_page("employer", lead=True)
@require_http_methods(FORM_METHODS)
def change(request, kind: str, pk: int):
    model, form_class, _add, change_verb = _KINDS[kind]
    row = get_object_or_404(_own(request, model), pk=pk)
    return _form_page(
        request,
        form_class(request.POST or None, instance=row),
        lambda f: change_verb(row, f.values(), by=request.actor, now=request.now),
        title=row.name,
        done=_("Saved."),
        remove_url=reverse("employer-contact-remove", args=[row.pk]) if kind == "contact" else "",
        **_map_of(request, kind),
    )


@portal_page("employer", lead=True)
@require_POST
def contact_remove(request, pk: int):
    row = get_object_or_404(_own(request, Contact), pk=pk)
    try:
        domain.remove_contact(row, by=request.actor, now=request.now)
        messages.success(request, _("Removed."))
    except Refused as refusal:
        refused(request, refusal)
    return redirect("employer-organisation")


@portal_page("employer", lead=True)
@require_http_methods(FORM_METHODS)
def document_new(request):
    employer = request.acting.employer
    form = DocumentForm(request.POST or None, request.FILES or None, sites=_own(request, Site))
    return _form_page(
        request,
        form,
        lambda f: paperwork.add_document(employer, **f.values(), by=request.actor, now=request.now),
        title=_("Add a document"),
        done=_("Added. It is kept once and used wherever it is asked for."),
        submit_label=_("Add"),
    )


@portal_page("employer", lead=True)
@require_POST
def document_withdraw(request, pk: int):
    row = get_object_or_404(_own(request, Document), pk=pk)
    try:
        paperwork.withdraw_document(row, by=request.actor, now=request.now)
        messages.success(request, _("Withdrawn. It no longer counts."))
    except Refused as refusal:
        refused(request, refusal)
    return redirect("employer-organisation")


@login_required
@require_safe
def document_file(request, pk: int):
    """The file itself, to the employer's people and the hub; always as a download."""
    if not request.hub:
        raise Http404
    row = get_object_or_404(Document.objects.visible_to(request.user).filter(hub=request.hub), pk=pk)
    if not row.file or not row.file.storage.exists(row.file.name):
        raise Http404
    try:
        file = paperwork.open_document(row)
    except Refused as refusal:
        return render(request, "employers/waiting.html", {"title": _("Not yet"), "said": refusal.sentence}, status=409)
    response = FileResponse(file, as_attachment=True, filename=row.shown_name, content_type=row.mimetype)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
