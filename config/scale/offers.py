"""Employers with their papers, and what they offer from last year to the next."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from config.scale.size import Ground, write
from employers.models import Contact, Document, Employer, Sector, Site, Volunteer
from hubs.actors import actor_for
from hubs.wallclock import instant
from opportunities.domain.plans import adopt
from opportunities.models import ActionPlanTemplate, EncounterType, Opportunity, Session, SessionDay

SIZES = ("micro", "micro", "small", "small", "small", "medium", "medium", "large")
#: Encounter type, days, begin, end, places.
SHAPES = (
    ("talk", 1, "11:20", "12:20", 60),
    ("visit", 1, "09:30", "12:00", 30),
    ("insight-day", 1, "09:15", "15:00", 24),
    ("mock-int", 1, "13:05", "15:05", 40),
    ("wex-block", 5, "09:00", "16:00", 24),
)
EACH = 4  # sessions of an opportunity
BACK, AHEAD = 250, 120  # school days from today
ADOPTED = 100  # employers with a plan


@dataclass
class Dated:
    """One session with its local days and the instants of each."""

    session: Session
    days: list[dt.date]
    spans: list[tuple[dt.datetime, dt.datetime]]

    @property
    def is_over(self) -> bool:
        return self.session.state == Session.State.OVER


@dataclass
class Market:
    employers: list[Employer]
    sessions: list[Dated] = field(default_factory=list)


def build(ground: Ground) -> Market:
    market = Market([_employer(ground, number) for number in range(ground.size.employers)])
    sites = _records(ground, market)
    opportunities = _opportunities(ground, market, sites)
    market.sessions = _sessions(ground, opportunities)
    template = ActionPlanTemplate.objects.filter(hub=ground.hub, state="published").order_by("pk").first()
    for employer in market.employers[:ADOPTED]:
        by = actor_for(ground.manager, ground.hub, employer, via="command")
        adopt(template, employer, year_starts_on=ground.days.today, by=by, now=ground.now)
    return market


def _employer(ground: Ground, number: int) -> Employer:
    return Employer.objects.create(
        name=f"Broadwater Firm {number + 1}",
        number=f"BW{number:06}",
        size=SIZES[number % len(SIZES)],
        manager=ground.manager,
        **ground.common,
    )


def _records(ground: Ground, market: Market) -> list[Site]:
    """Sites, contacts, volunteers, papers and sectors of every employer."""
    sectors = list(Sector.objects.order_by("pk"))
    tag = Employer.sectors.through
    write(
        tag,
        (tag(employer=one, sector=sectors[number % len(sectors)]) for number, one in enumerate(market.employers)),
    )
    owned = [({"employer": one, **ground.common}, number) for number, one in enumerate(market.employers)]
    write(
        Contact,
        (
            Contact(name=f"Contact {n + 1}", email=f"contact{n + 1}@scale.example", is_main=True, **own)
            for own, n in owned
        ),
    )
    write(Volunteer, (Volunteer(name=f"Volunteer {n + 1}", prepared_on=ground.days.today, **own) for own, n in owned))
    write(
        Document,
        (
            Document(
                kind=kind,
                state="held",
                reference=f"BW-{n}",
                issued_on=ground.days.today - dt.timedelta(days=300),
                expires_on=ground.days.today + dt.timedelta(days=n % 400 - 30),
                added_at=ground.now,
                **own,
            )
            for own, n in owned
            for kind in ("liability", "risk")
        ),
    )
    return write(
        Site,
        (
            Site(
                name="Main site",
                town=f"Ward {n % 24 + 1}",
                latitude=round(54 + ground.dice.uniform(-0.4, 0.4), 5),
                longitude=round(-1.5 + ground.dice.uniform(-0.6, 0.6), 5),
                **own,
            )
            for own, n in owned
        ),
    )


def _opportunities(ground: Ground, market: Market, sites: list[Site]) -> list[tuple[Opportunity, tuple]]:
    types = {row.code: row for row in EncounterType.objects.filter(hub=ground.hub)}
    count = -(-ground.size.sessions // EACH)
    shapes = [SHAPES[number % len(SHAPES)] for number in range(count)]
    rows = write(
        Opportunity,
        (
            Opportunity(
                employer=market.employers[number % len(market.employers)],
                encounter_type=types[shape[0]],
                site=sites[number % len(sites)],
                title=f"{types[shape[0]].name}, no. {number + 1}",
                summary="What the work is like, shown by the people who do it.",
                min_age=types[shape[0]].min_age,
                max_age=types[shape[0]].max_age,
                state="published",
                published_at=ground.now - dt.timedelta(days=300),
                confirmed_at=ground.now - dt.timedelta(days=number % 90),
                created_at=ground.now - dt.timedelta(days=310),
                updated_at=ground.now - dt.timedelta(days=300),
                supervisor="The shift lead",
                **ground.common,
            )
            for number, shape in enumerate(shapes)
        ),
    )
    return list(zip(rows, shapes, strict=True))


def _sessions(ground: Ground, opportunities: list[tuple[Opportunity, tuple]]) -> list[Dated]:
    dated = []
    for number in range(ground.size.sessions):
        opportunity, (_code, length, begin, end, places) = opportunities[number // EACH]
        days = _days(ground, ground.dice.randint(-BACK, AHEAD), length)
        clock = dt.time.fromisoformat(begin), dt.time.fromisoformat(end)
        spans = [(instant(day, clock[0], ground.hub.zone), instant(day, clock[1], ground.hub.zone)) for day in days]
        session = Session(
            employer_id=opportunity.employer_id,
            opportunity=opportunity,
            state="over" if spans[-1][1] < ground.now else "planned",
            time_zone=ground.hub.time_zone,
            starts_at=spans[0][0],
            ends_at=spans[-1][1],
            places=places,
            created_at=ground.now - dt.timedelta(days=300),
            **ground.common,
        )
        dated.append(Dated(session, days, spans))
    write(Session, (one.session for one in dated))
    clocks = [opportunities[number // EACH][1][2:4] for number in range(len(dated))]
    write(
        SessionDay,
        (
            SessionDay(session=one.session, on=day, starts_at=begin, ends_at=end)
            for one, (begin, end) in zip(dated, clocks, strict=True)
            for day in one.days
        ),
    )
    return dated


def _days(ground: Ground, start: int, length: int) -> list[dt.date]:
    if length > 1:
        monday = ground.days.monday(start // 5)
        return [monday + dt.timedelta(days=n) for n in range(length)]
    return [ground.days.at(start)]
