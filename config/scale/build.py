"""The hub as a whole, with three people to sign in as."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from wagtail.signal_handlers import disable_reference_index_auto_update

from cms.domain import open_site
from config.demo.people import PASSWORD
from config.demo.year import Days
from config.scale import offers, placements, schools
from config.scale.size import HUB, SEED, Ground, Size
from employers.domain import load_sectors
from hubs.actors import system
from hubs.domain.people import create_hub, enrol
from hubs.domain.staff import sync_staff
from hubs.models import Hub, Organisation, Role
from hubs.rulepacks import load_packs
from opportunities.domain.library import load_day_plans, load_pathways, load_templates, load_types

SIGN_INS = ("lead@scale.example", "coordinator@scale.example", "employer@scale.example")


def build(now: dt.datetime, size: Size = HUB, *, say: Callable[[str], object] = lambda line: None) -> Hub:
    """Fill an empty database with one hub of that size, in one transaction."""
    with disable_reference_index_auto_update(), transaction.atomic():
        hub = _hub(now)
        today = hub.today(now)
        ground = Ground(
            hub=hub,
            now=now,
            size=size,
            days=Days(today, hub.academic_year_of(today)[0].year),
            dice=random.Random(SEED),
            manager=_person(hub, None, Role.HUB_LEAD, SIGN_INS[0], now),
        )
        campus = schools.build(ground)
        say(f"{len(campus)} schools, {sum(len(one.students) for one in campus)} students")
        market = offers.build(ground)
        say(f"{len(market.employers)} employers, {len(market.sessions)} sessions")
        say(f"{placements.build(ground, campus, market)} placements")
        _person(hub, campus[0].school, Role.COORDINATOR, SIGN_INS[1], now)
        _person(hub, market.employers[0], Role.EMPLOYER_LEAD, SIGN_INS[2], now)
        with connection.cursor() as cursor:  # else the foreign keys, checked at the end, are looked up row by row
            cursor.execute("ANALYZE")
    sync_staff(hub)
    return hub


def _hub(now: dt.datetime) -> Hub:
    load_packs()
    load_sectors()
    by = system(via="command")
    hub = create_hub("Broadwater Careers Hub", "broadwater", "localhost", by=by, now=now)
    open_site(hub, by=by, now=now)
    hub.refresh_from_db()
    load_types(hub)
    load_day_plans(hub)
    load_templates(hub, by=system(hub.pk, via="command"), now=now)
    load_pathways(hub, by=system(hub.pk, via="command"), now=now)
    return hub


def _person(hub: Hub, organisation: Organisation | None, role: str, email: str, now: dt.datetime):
    by = system(hub.pk, via="command")
    user = enrol(hub, organisation, email=email, name="", role=role, by=by, now=now).user
    user.password = make_password(PASSWORD)
    user.save(update_fields=["password"])
    EmailAddress.objects.get_or_create(user=user, email=email, defaults={"primary": True, "verified": True})
    return user
