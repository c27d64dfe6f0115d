"""What surrounds every page of the public site: its menu, its foot, its language and clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Page, Site

from hubs.languages import speaking


@contextmanager
def voice_of(hub) -> Iterator[None]:
    """Speak the hub's language and read the hub's clock.

    The public site is written in the hub's language, so its frame is too: a page in two
    languages is read aloud wrongly.
    """
    if not hub:
        yield
        return
    with speaking(hub.language), timezone.override(hub.zone):
        yield


def public_page(view: Callable) -> Callable:
    """A page of the hub this hostname belongs to; 404 where there is no hub."""

    @wraps(view)
    def inner(request, *args, **kwargs):
        if not request.hub:
            raise Http404
        with voice_of(request.hub):
            response = view(request, *args, **kwargs)
            return response.render() if hasattr(response, "render") else response

    return inner


def site_context(request) -> dict:
    """`site_menu` and `foot_links` for site/base.html: live pages straight below the home page."""
    site = Site.find_for_request(request)
    pages = list(_below_home(site)) if site else []
    root_path = site.root_page.url_path if site else "/"
    menu = [_entry(request, page, root_path) for page in pages if page.show_in_menus]
    catalogue = reverse("catalogue")
    menu.insert(
        min(2, len(menu)),
        {"label": _("What is open"), "url": catalogue, "current": request.path.startswith(catalogue)},
    )
    search = reverse("search")
    menu.append({"label": _("Search"), "url": search, "current": request.path == search})
    return {
        "site_menu": menu,
        "foot_links": [_entry(request, page, root_path) for page in pages if not page.show_in_menus],
    }


def _below_home(site: Site):
    # The base rows are enough: title, path and the tick of the menu. Pages out of the menu (accessibility, privacy)
    # stand in the foot; what volunteers prepare by is reached by their own links.
    return Page.objects.child_of(site.root_page).live().exclude(content_type__model="preparationpage").order_by("path")


def _entry(request, page: Page, root_path: str) -> dict:
    url = reverse("wagtail_serve", args=[page.url_path[len(root_path) :]])
    return {"label": page.title, "url": url, "current": request.path.startswith(url)}
