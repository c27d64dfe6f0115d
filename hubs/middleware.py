"""Which hub, which organisation, which policy: settled once per request, read by every edge."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject

from hubs.actors import Actor, actor_for
from hubs.languages import asked_by_browser, frame, reading
from hubs.models import Hub, Organisation

ADMIN_PREFIX = "/admin/"
NO_HUB = ("/healthz", "/readyz")  # must answer while the database does not
ACTING = "acting_organisation"


class HubMiddleware:
    """Sets `request.hub`, `request.now`, `request.acting` and `request.actor`.

    `acting` is the organisation the person works for now (None: the hub itself, or nobody);
    `actor` is who that makes them, or None. Both are lazy: public pages pay nothing.
    Pages speak the person's language when they chose one, and the hub's wall-clock time.
    """

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        request.now = timezone.now()
        request.hub = SimpleLazyObject(lambda: hub_of(request))
        request.acting = SimpleLazyObject(lambda: acting_of(request))
        request.actor = SimpleLazyObject(lambda: actor_of(request, via="page"))
        if request.path in NO_HUB:
            return self.get_response(request)
        with reading(language_of(request)), timezone.override(request.hub.zone if request.hub else None):
            response = self.get_response(request)
        if request.path.startswith(ADMIN_PREFIX):
            response._csp_replace = settings.ADMIN_CONTENT_SECURITY_POLICY
        return response


def language_of(request) -> str:
    """What the person chose, which frames the page too where it can; else what the browser asks for."""
    if SESSION_KEY in request.session and request.user.is_authenticated and request.user.language:
        # Over what LocaleMiddleware read from the browser; it resets both for each request.
        translation.activate(frame(request.user.language))
        return request.user.language
    return asked_by_browser(request.headers.get("Accept-Language", ""))


def hub_of(request) -> Hub | None:
    """The active hub with this hostname; on a one-hub install, that hub for any hostname."""
    host = request.get_host().partition(":")[0].lower()
    hub = Hub.objects.filter(hostname__iexact=host, is_active=True).select_related("logo").first()
    if hub is None:
        hubs = list(Hub.objects.filter(is_active=True).select_related("logo")[:2])
        hub = hubs[0] if len(hubs) == 1 else None
    return hub


def acting_of(request) -> Organisation | None:
    """The organisation chosen in this session when still allowed, else the person's only one."""
    if not request.user.is_authenticated or not request.hub:
        return None
    chosen = request.session.get(ACTING)
    if chosen:
        visible = Organisation.objects.visible_to(request.user).filter(hub_id=request.hub.pk, pk=chosen, is_active=True)
        if organisation := visible.first():
            return organisation
    own = own_organisations(request)
    return own[0] if own and not request.user.hub_role(request.hub.pk) else None


def own_organisations(request) -> list[Organisation]:
    """Organisations of this hub the person is a member of, in order of joining."""
    return [
        m.organisation
        for m in request.user.live_memberships
        if m.hub_id == request.hub.pk and m.organisation_id and m.organisation.is_active
    ]


def actor_of(request, *, via: str) -> Actor | None:
    if not request.user.is_authenticated or not request.hub:
        return None
    # Unwrap the lazy object: `None` behind it has to be None.
    acting = request.acting if request.acting else None
    return actor_for(request.user, request.hub, acting, via=via)
