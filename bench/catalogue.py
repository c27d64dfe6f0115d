"""The public catalogue and search over 20,000 open sessions of 5,000 opportunities.

What Python, the database and the templates take, in this process. Means something on PostgreSQL alone.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.signal_handlers import disable_reference_index_auto_update

from cms.domain import open_site
from config.scale.size import write
from employers.domain import load_sectors
from employers.models import Employer, Sector, Site
from hubs.actors import system
from hubs.domain.people import create_hub
from hubs.models import Hub
from hubs.wallclock import instant
from opportunities.domain.library import load_types
from opportunities.models import EncounterType, Opportunity, Session
from opportunities.models.offer import folded_words

DATABASE = True
SLOW_MS, MANY = 100, 12
CASES: dict[str, Callable[[], None]] = {}
QUERIES: dict[str, int] = {}
EMPLOYERS, OPPORTUNITIES, SESSIONS = 1000, 5000, 20_000
TOWNS = ("Broadwater", "Eastmere", "Kettlehaven", "Saltby", "Thornwick", "Whitby", "Ashcombe", "Milford")
WORDS = ("forge", "bakery", "clinic", "harbour", "studio", "orchard", "laboratory", "theatre", "depot", "garden")
ASKED = {
    "everything": "/opportunities/",
    "the fiftieth page": "/opportunities/?page=50",
    "a kind and an age": "/opportunities/?type=visit&age=15",
    "a sector in a town": "/opportunities/?sector=health&place=in-Saltby",
    "within ten kilometres, without steps": "/opportunities/?km=10&near=Saltby&access=step_free",
    "from a day to a day": "/opportunities/?from={month}-01&to={month}-28",
    "the feed of a kind between days": "/opportunities.rss?type=visit&from={month}-01&to={month}-28",
    "one opportunity": "/opportunities/{pk}/",
    "a search": "/search/?q=harbour+visit",
    "the feed": "/opportunities.rss",
    "the calendar": "/opportunities.ics",
}


def prepare() -> None:
    now, dice = timezone.now(), random.Random(4)  # noqa: S311 - places on a map, no secrets
    hub = _hub(now)
    _rows(hub, now, dice)
    with connection.cursor() as cursor:  # the planner knows nothing of rows that came all at once
        cursor.execute("ANALYZE")
    found = Session.objects.filter(hub=hub, opportunity__state="published", starts_at__gt=now).count()
    if found != SESSIONS:
        raise RuntimeError(f"{found} sessions are open")
    month = (now + dt.timedelta(days=60)).strftime("%Y-%m")
    pk = Opportunity.objects.filter(hub=hub).order_by("pk").first().pk
    for name, address in ASKED.items():
        _add(name, address.format(month=month, pk=pk), hub.hostname)


def _add(name: str, address: str, host: str) -> None:
    client = Client(headers={"host": host})

    def case() -> None:
        response = client.get(address)
        if response.status_code != 200:
            raise RuntimeError(f"{address} answered {response.status_code}")

    case()
    with CaptureQueriesContext(connection) as queries:
        case()
    CASES[name], QUERIES[name] = case, len(queries)


def _hub(now: dt.datetime) -> Hub:
    load_sectors()
    with disable_reference_index_auto_update():
        hub = create_hub("Broadwater Careers Hub", "broadwater", "localhost", by=system(via="command"), now=now)
        open_site(hub, by=system(), now=now)
    load_types(hub)
    return Hub.objects.get(pk=hub.pk)


def _rows(hub: Hub, now: dt.datetime, dice: random.Random) -> None:
    employers = [
        Employer.objects.create(hub=hub, name=f"{dice.choice(WORDS).title()} {number} Ltd")
        for number in range(EMPLOYERS)
    ]
    sites = write(
        Site,
        [
            Site(
                hub=hub, employer=one, name="Works", town=dice.choice(TOWNS), latitude=51 + dice.random() / 2,
                longitude=-2 + dice.random() / 2, step_free=dice.random() < 0.5,
            )
            for one in employers
        ],
    )  # fmt: skip
    kinds, sectors = list(EncounterType.objects.filter(hub=hub)), list(Sector.objects.all())
    offers = write(Opportunity, [_offer(hub, dice, employers, sites, kinds, now) for _n in range(OPPORTUNITIES)])
    write(
        Opportunity.sectors.through,
        [Opportunity.sectors.through(opportunity=one, sector=dice.choice(sectors)) for one in offers],
    )
    write(Session, [_session(hub, dice, offers[n % OPPORTUNITIES], now) for n in range(SESSIONS)])


def _offer(hub, dice, employers, sites, kinds, now) -> Opportunity:
    number, kind = dice.randrange(EMPLOYERS), dice.choice(kinds)
    title, summary = f"{kind.name} at the {dice.choice(WORDS)}", f"An hour at the {dice.choice(WORDS)}, well spent."
    return Opportunity(
        hub=hub, employer=employers[number], encounter_type=kind, site=sites[number] if dice.random() < 0.7 else None,
        title=title, summary=summary, folded=folded_words(title, summary),
        min_age=kind.min_age, max_age=kind.max_age, state="published", published_at=now, created_at=now,
        updated_at=now, all_from=now.date() - dt.timedelta(days=1) if number % 3 == 0 else None,
    )  # fmt: skip


def _session(hub, dice, offer, now) -> Session:
    day = now.date() + dt.timedelta(days=dice.randint(2, 300))
    return Session(
        hub=hub, employer=offer.employer, opportunity=offer, time_zone="Europe/London", places=20,
        taken=dice.randint(0, 20), starts_at=instant(day, dt.time(9), hub.zone),
        ends_at=instant(day, dt.time(12), hub.zone), created_at=now,
    )  # fmt: skip
