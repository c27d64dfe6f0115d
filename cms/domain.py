"""Opening a hub's site."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Collection, Page, Site

from cms import starter
from hubs.actors import Actor
from hubs.domain.staff import sync_staff
from hubs.errors import CannotAct
from hubs.languages import speaking
from hubs.log import record
from hubs.models import Hub


@transaction.atomic
def open_site(hub: Hub, *, by: Actor, now: dt.datetime) -> Site:
    """Give the hub its page tree with starter words, its site and its collection.

    Safe to call again: what is there stays as its editors left it; only the site's hostname,
    port and name follow the hub. Raises `CannotAct` unless `by` is the platform or a superuser.
    """
    if by.hat not in ("system", "superuser"):
        raise CannotAct(_("Only the platform's own staff may open a site."))
    hub.refresh_from_db(from_queryset=Hub.objects.select_for_update(of=("self",), no_key=True))
    _clear_placeholder()
    hub.collection = hub.collection or _root_collection().add_child(name=hub.name)
    is_new = hub.site is None
    hub.site = _site_in_step(hub, hub.site.root_page if hub.site else _plant(hub, now))
    hub.save(update_fields=["site", "collection"])
    sync_staff(hub)
    if is_new:
        record(hub, "site_opened", by=by, now=now, hostname=hub.hostname)
    return hub.site


def _site_in_step(hub: Hub, home: Page) -> Site:
    site = hub.site or Site(root_page=home)
    site.hostname, site.port, site.site_name = hub.hostname, settings.PUBLIC_PORT, hub.name
    # Never the default: a default site answers for hostnames that are nobody's.
    site.is_default_site = False
    site.save()
    return site


def _plant(hub: Hub, now: dt.datetime) -> Page:
    with speaking(hub.language):
        home = _add(Page.get_first_root_node(), starter.home(hub), now)
        for draft in starter.below_home(hub, hub.today(now)):
            _add(home, draft, now)
    return home


def _add(parent: Page, draft: starter.Draft, now: dt.datetime) -> Page:
    page = draft.model(
        **draft.fields, slug=draft.slug, show_in_menus=draft.in_menu, first_published_at=now, last_published_at=now
    )
    parent.add_child(instance=page)
    for child in draft.below:
        _add(page, child, now)
    return page


def _root_collection() -> Collection:
    return Collection.get_first_root_node()


def _clear_placeholder() -> None:
    """Remove the welcome page and default site that Wagtail's first migration makes.

    Left alone, they would answer every hostname no hub has.
    """
    for site in Site.objects.filter(hub=None, is_default_site=True).select_related("root_page"):
        page = site.root_page
        if type(page.specific) is Page and page.get_children_count() == 0:
            site.delete()
            page.delete()
