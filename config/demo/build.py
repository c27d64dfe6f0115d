"""The whole demo, told once from its first day to now."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import transaction
from wagtail.signal_handlers import disable_reference_index_auto_update

from cms.domain import open_site
from cms.preparing import ask_before_contact
from config.demo import asks, employers, firms, library, offers, people, places, post, schools, script, standards
from config.demo.story import Timeline
from config.demo.world import World
from config.demo.year import Days
from employers.domain import load_sectors
from employers.framing import load_framework
from employers.rounds import finalise_confirmed, run_rounds
from hubs.actors import system
from hubs.domain.people import create_hub
from hubs.domain.staff import sync_staff
from hubs.models import Hub
from hubs.rulepacks import load_packs
from insights.comparisons import freeze
from insights.evidence import refresh_all
from opportunities.domain.library import load_day_plans, load_pathways, load_templates, load_types
from opportunities.domain.offers import resume_due
from opportunities.domain.plans import queue_step_reminders
from opportunities.domain.pledges import queue_pledge_reminders
from opportunities.domain.sessions import finish_past
from placements.desk_memory import remember_all
from placements.domain import jobs

SIGN_INS = "demo-sign-ins.txt"
HISTORY = dt.timedelta(days=205)
DAILY, CLOSELY = dt.timedelta(days=1), dt.timedelta(hours=3)
MORNING = 6
REMEMBERED = dt.timedelta(days=4)  # mornings on which the desk's memory was written
SEED = 20260901
HUBS = (
    {"name": "Harbour & Hills Careers Hub", "slug": "harbour", "hostname": "localhost", "colour": "#12606e",
     "contact_email": "desk@harbour.example", "contact_phone": "01632 960001"},
    {"name": "Fells Careers Hub", "slug": "fells", "hostname": "fells.localhost", "colour": "#7a3b1d",
     "contact_email": "desk@fells.example", "contact_phone": "01632 960002"},
)  # fmt: skip


def build(
    now: dt.datetime, *, scale: int = 1, say: Callable[[str], object] = lambda line: None
) -> list[tuple[str, str]]:
    """Fill an empty database. Returns the stories that could not be told to their end, with why.

    All of it is one transaction, whose last step is the sheet of sign-ins: stopped at any moment, it leaves a
    database without a hub, which the next start fills anew, and never one that only looks whole.
    """
    post.clear()
    with disable_reference_index_auto_update(), transaction.atomic():
        morning = now.replace(hour=MORNING, minute=0, second=0, microsecond=0)
        time = Timeline(morning - HISTORY, now)
        load_packs()
        load_sectors()
        worlds = [world for fields in HUBS for world in _worlds(fields, time, now, scale)]
        say("Two hubs, their sites and their staff")
        for world in worlds:
            _begin(world)
        time.run(lambda tick: _jobs(tick, now), lambda tick: CLOSELY if tick > now - post.KEPT else DAILY)
        _jobs(now, now)
        people.open_doors()
        hubs = list(Hub.objects.order_by("pk"))
        for hub in hubs:
            sync_staff(hub)
        mails = post.thin()
        folder = Path(settings.VAR_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / SIGN_INS).write_text(people.sign_in_sheet(hubs), encoding="utf-8")
    say(f"{mails} mails of the last two weeks are in the mailbox")
    return time.broken


def _worlds(fields: dict, time: Timeline, now: dt.datetime, scale: int) -> list[World]:
    by = system(via="command")
    hub = create_hub(**fields, by=by, now=time.now)
    open_site(hub, by=by, now=time.now)
    hub = Hub.objects.get(pk=hub.pk)
    ask_before_contact(hub, by=by, now=time.now, blocks="none")
    load_types(hub)
    load_day_plans(hub)
    load_templates(hub, by=system(hub.pk, via="command"), now=time.now)
    load_pathways(hub, by=system(hub.pk, via="command"), now=time.now)
    load_framework(hub, by=system(hub.pk, via="command"), now=time.now)
    today = hub.today(now)
    days = Days(today, hub.academic_year_of(today)[0].year)
    main = hub.slug == "harbour"
    worlds: list[World] = []
    for copy in range(scale if main else 1):
        world = World(
            hub=hub, time=time, days=days, dice=random.Random(f"{SEED}/{hub.slug}/{copy}"),
            firms=firms.HARBOUR if main else firms.FELLS,
            plans=library.HARBOUR if main else library.FELLS,
            places=places.HARBOUR if main else places.FELLS,
            copy=copy,
        )  # fmt: skip
        if copy == 0:
            people.hire(world)
        else:
            world.managers = worlds[0].managers
        worlds.append(world)
    return worlds


def _begin(w: World) -> None:
    tell, wishes = w.time.tell, script.HARBOUR if w.hub.slug == "harbour" else script.FELLS
    for number, place in enumerate(w.places):
        tell(f"school {place.key}", schools.founded(w, place, number))
    for number, firm in enumerate(w.firms):
        tell(f"employer {firm.key}", employers.founded(w, firm, number))
        if firm.key in employers.ADOPTED:
            tell(f"plan {firm.key}", employers.planned(w, firm, number))
        if firm.key in employers.PLEDGED:
            tell(f"pledge {firm.key}", employers.pledged(w, firm, number))
    for number, plan in enumerate(w.plans):
        tell(f"offer {plan.key}", offers.offered(w, plan, number))
    for number, ask in enumerate(wishes):
        tell(f"{ask.end} {ask.offer} {ask.start}", asks.asked(w, ask, number))
    if w.hub.slug == "harbour" and w.copy == 0:
        people.link_two(w)
        tell("standards round", standards.opened(w))
        for key in standards.ANSWERS:
            tell(f"standards {key}", standards.answered(w, key))


def _jobs(tick: dt.datetime, end: dt.datetime) -> None:
    """What the platform does by itself, as beat would have it done, only more seldom."""
    post.carry(tick, end)
    if tick.hour != MORNING and tick != end:
        return
    jobs.release_expired_holds(tick)
    jobs.begin_due(tick)
    finish_past(tick)
    resume_due(tick)
    if tick.weekday() == 0 or tick > end - post.KEPT:
        queue_step_reminders(tick)
        queue_pledge_reminders(tick)
        run_rounds(tick)
        finalise_confirmed(tick)
    if tick == end or (tick.weekday() == 0 and tick > end - standards.ROUND):
        refresh_all(tick)
    if tick > end - REMEMBERED:
        remember_all(tick)
    if tick == end:
        freeze(tick)
