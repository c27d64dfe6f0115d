"""What the base templates may count on."""

from __future__ import annotations

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from hubs.middleware import own_organisations

PLACES = {
    "employer": (
        (_("Home"), "home"),
        (_("Plan"), "employer-plan"),
        (_("Opportunities"), "employer-opportunities"),
        (_("Placements"), "employer-placements"),
        (_("Organisation"), "employer-organisation"),
    ),
    "school": (
        (_("Home"), "home"),
        (_("Sessions that fit"), "school-sessions"),
        (_("Requests"), "school-requests"),
        (_("Groups"), "school-groups"),
        (_("Calendar"), "school-calendar"),
    ),
}


def portal(request) -> dict:
    """hub, acting, organisations, on_behalf, places, now, demo (see portal/base.html)."""
    hub = getattr(request, "hub", None) or None
    if hub is None or not hasattr(request, "user"):
        # At an address that is nobody's there is still one's own account, which tells the time.
        return {"hub": hub, "demo": settings.DEMO, "places": [], "now": getattr(request, "now", None)}
    acting = request.acting if request.user.is_authenticated and request.acting else None
    actor = request.actor if acting else None
    return {
        "hub": hub,
        "acting": acting,
        "organisations": own_organisations(request) if request.user.is_authenticated else [],
        "on_behalf": bool(actor and actor.on_behalf_of),
        "is_hub_staff": bool(
            request.user.is_authenticated and (request.user.is_superuser or request.user.hub_role(hub.pk))
        ),
        "places": list(_places(request, acting.kind)) if acting else [],
        "now": request.now,
        "demo": settings.DEMO,
    }


def _places(request, kind: str):
    for label, name in PLACES[kind]:
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        current = request.path == url or (name != "home" and request.path.startswith(url))
        yield {"label": label, "url": url, "current": current}
