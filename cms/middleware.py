"""Whose site a request is for: the hub's, never a guess from hostname and port."""

from __future__ import annotations

from django.utils.functional import SimpleLazyObject
from wagtail.contrib.redirects.middleware import RedirectMiddleware
from wagtail.models import Site


class _NoSite:
    """Stands for "no site" behind a lazy object, which itself is never None."""

    id = pk = root_page = root_page_id = root_url = None

    def __bool__(self) -> bool:
        return False


NO_SITE = _NoSite()


class HubSiteMiddleware:
    """Make Wagtail serve the site of `request.hub` and no other; it follows HubMiddleware.

    Wagtail's own rule falls back to a default site for unknown hostnames and ports: one hub's
    pages would then be shown under another's name. Lazy, so that other pages pay nothing.
    """

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        request._wagtail_site = SimpleLazyObject(lambda: site_of(request.hub) or NO_SITE)
        return self.get_response(request)


def site_of(hub) -> Site | None:
    """The hub's site with its root page, or None: an unknown hostname, a hub without a site."""
    if not hub or hub.site_id is None:
        return None
    site = Site.objects.select_related("root_page").filter(pk=hub.site_id).first()
    hub.site = site  # so that whoever asks the hub for it later does not read it again
    return site


class SiteRedirectMiddleware(RedirectMiddleware):
    """Leads on from pages of the site that moved. Any other address stays 404, and pays nothing for looking."""

    def process_response(self, request, response):
        match = request.resolver_match
        if match is not None and match.view_name != "wagtail_serve":
            return response
        return super().process_response(request, response)
