"""What every page of the portal starts with: who is it, for which organisation, may they act."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

from hubs.errors import CannotAct, Refused
from hubs.models import HUB_STAFF, Role

ACTING_ROLES = {
    "employer": frozenset({Role.EMPLOYER_LEAD, Role.EMPLOYER_MEMBER}) | HUB_STAFF | {"superuser"},
    "school": frozenset({Role.COORDINATOR}) | HUB_STAFF | {"superuser"},
}
LEADING_ROLES = {
    "employer": frozenset({Role.EMPLOYER_LEAD}) | HUB_STAFF | {"superuser"},
    "school": ACTING_ROLES["school"],
}


def caller(request) -> str:
    """The address somebody calls from, for counting calls: as our proxy saw it, where there is one."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.BEHIND_PROXY else ""
    return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")


def portal_page(kind: str, *, lead: bool = False) -> Callable:
    """A page of an employer or a school (`kind`).

    Strangers and people acting for another kind of organisation get 404. Unsafe methods need
    a role that may act: viewers and plain members get 403, and nothing changes.
    """
    roles = (LEADING_ROLES if lead else ACTING_ROLES)[kind]

    def wrap(view):
        @wraps(view)
        @login_required
        def inner(request, *args, **kwargs):
            if not request.acting or request.acting.kind != kind or not request.actor:
                raise Http404
            if request.method not in ("GET", "HEAD", "OPTIONS") and request.actor.hat not in roles:
                raise PermissionDenied
            return view(request, *args, **kwargs)

        inner.portal_kind = kind
        return inner

    return wrap


def may_act(request) -> bool:
    """Whether to show buttons at all."""
    actor = request.actor
    return bool(actor and request.acting and actor.hat in ACTING_ROLES[request.acting.kind])


def refused(request, refusal: Refused) -> None:
    """Say a refusal on the next page; a missing role is a 403."""
    if isinstance(refusal, CannotAct):
        raise PermissionDenied(refusal.sentence) from refusal
    messages.error(request, refusal.sentence)


def refused_on(request, form, refusal: Refused) -> None:
    """Say a refusal above the form that was sent; a missing role is a 403."""
    if isinstance(refusal, CannotAct):
        refused(request, refusal)
    form.add_error(None, refusal.sentence)


def number_or_404(text: str | None) -> int:
    """A row's number as a client sent it. What is no number names no row."""
    if not text or not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise Http404
    return int(text)


def no_store(response: HttpResponse) -> HttpResponse:
    """For pages behind a signed link: kept by no cache, named to no other site."""
    response["Cache-Control"] = "no-store"
    # Not "no-referrer": browsers then send "Origin: null" with the form, and it is refused.
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def way_back(request, otherwise: str) -> str:
    """Where the person came from (`?next=`) when it is a page of ours, else `otherwise`."""
    wanted = request.GET.get("next", "")
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else otherwise
