"""The school of a request, and what its pages share."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from hubs.edges import may_act
from schools.models import School


def school_of(request) -> School:
    """The school the person acts for, with its hub; 404 when it is not one they see."""
    rows = School.objects.visible_to(request.user).select_related("hub")
    return get_object_or_404(rows, pk=request.acting.pk, hub=request.hub)


def own(request, model):
    """The rows of this school the person sees."""
    return model.objects.visible_to(request.user).filter(school_id=request.acting.pk)


def page(request, title: str, *crumbs: tuple[str, str], **context: Any) -> dict[str, Any]:
    """Context every page starts from. `crumbs`: (label, name of the address) above this page."""
    trail = [{"label": label, "url": reverse(name)} for label, name in crumbs]
    breadcrumb = [*trail, {"label": title, "url": ""}] if trail else []
    return {"title": title, "breadcrumb": breadcrumb, "may_act": may_act(request), **context}


def calendar_crumb() -> tuple[str, str]:
    return _("Calendar"), "school-calendar"


def groups_crumb() -> tuple[str, str]:
    return _("Groups"), "school-groups"


def posted(request):
    """What was sent, even when it is empty; None when the form is only looked at."""
    return request.POST if request.method == "POST" else None


def students_crumb() -> tuple[str, str]:
    return _("Students"), "school-students"
