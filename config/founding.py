"""A new hub with everything it needs on its first day."""

from __future__ import annotations

import datetime as dt

from cms.domain import open_site
from cms.preparing import ask_before_contact
from employers.domain import load_sectors
from employers.framing import load_framework
from hubs.actors import Actor, system
from hubs.domain.people import create_hub
from hubs.models import Hub
from hubs.rulepacks import load_packs
from opportunities.domain.library import load_day_plans, load_pathways, load_templates, load_types


def found_hub(*, by: Actor, now: dt.datetime, **fields) -> Hub:
    """The hub, its site, encounter types, day plans, action-plan templates, the standards framework, the rules of
    every jurisdiction, and one of its own: whoever looks after students is prepared. `fields` are those of
    `hubs.domain.people.create_hub`."""
    load_packs()
    load_sectors()
    hub = create_hub(**fields, by=by, now=now)
    open_site(hub, by=by, now=now)
    ask_before_contact(Hub.objects.get(pk=hub.pk), by=system(hub.pk, via=by.via), now=now)
    load_types(hub)
    load_day_plans(hub)
    load_templates(hub, by=system(hub.pk, via=by.via), now=now)
    load_pathways(hub, by=system(hub.pk, via=by.via), now=now)
    load_framework(hub, by=system(hub.pk, via=by.via), now=now)
    return Hub.objects.get(pk=hub.pk)
