"""Opportunities are drafted, sent, approved; some are sent back, paused or withdrawn."""

from __future__ import annotations

import datetime as dt

from config.demo.library import SHAPES, Plan
from config.demo.story import Story
from config.demo.world import World
from employers.models import Employer, Site, Volunteer
from opportunities.domain.offers import (
    approve,
    confirm_still_true,
    draft_opportunity,
    pause,
    send_back,
    submit,
    withdraw,
)
from opportunities.domain.sessions import Day, add_session
from opportunities.models import DayPlan, EncounterType, Opportunity, PlanStep
from schools.models import School

LEAD = 27  # school days from draft to the first session, so that schools can ask in time
#: Offers that ask some schools first: which by name. The schools the hub gives priority may ask from a day that was,
#: all others from one that is not far.
TIERED = {"tidewater/insight-day": ("Quayside School", "Harbour Technical College")}
ASKED_FIRST = {"priority_from": -6, "all_from": 12}
FRESH = {"submitted": -2, "returned": -6, "draft": -2}
UNACCOMPANIED_FROM = 15  # the last two years of compulsory schooling
SUPERVISORS = ("Maeve Tolland", "Arjun Nair", "Beth Larkin", "Cory Whit", "Dilys Penn", "Ewan Stroud")
SKILLS = ("listening", "speaking", "problem-solving", "creativity", "adapting", "planning", "teamwork")


def offered(w: World, plan: Plan, number: int) -> Story:
    yield _begin(w, plan, number)
    employer = w.employers[plan.firm]
    opportunity = _draft(w, employer, plan, number)
    for start in plan.days:
        _session(w, opportunity, plan, start)
    if plan.end == "draft":
        return
    yield w.now + dt.timedelta(minutes=35)
    submit(opportunity, by=w.side(employer), now=w.now)
    if plan.end == "submitted":
        return
    yield w.later(1 + number % 2, "10:15")
    if plan.end == "returned":
        comment = (
            "Lovely idea. Please say who looks after the two students while you are on air, and give a second date."
        )
        send_back(opportunity, comment, by=w.manager(employer), now=w.now)
        return
    approve(opportunity, by=w.manager(employer), now=w.now)
    yield from _afterwards(w, plan, opportunity, employer)


def _begin(w: World, plan: Plan, number: int) -> dt.datetime:
    clock = f"{9 + number % 7:02}:{number * 7 % 60:02}"
    if plan.end in FRESH:
        return w.working(FRESH[plan.end] - number % 3, clock)
    first = min(w.dates(plan, start)[0] for start in plan.days)
    latest = w.days.before(first, LEAD + number % 6)
    return w.at(min(latest, w.today - dt.timedelta(days=34 + number % 40)), clock)


def _afterwards(w: World, plan: Plan, opportunity: Opportunity, employer: Employer) -> Story:
    if plan.end == "paused":
        yield w.working(-6, "13:30")
        until = w.today + dt.timedelta(days=40) if plan.firm == "gannet" else None
        pause(opportunity, until=until, by=w.side(employer), now=w.now)
    elif plan.end == "withdrawn":
        yield w.working(-9, "11:00")
        withdraw(opportunity, "The van is sold; the next one comes in spring.", by=w.side(employer), now=w.now)
    elif min(plan.days) < 0:
        yield w.working(-12, "08:45")
        confirm_still_true(opportunity, by=w.side(employer), now=w.now)


def _draft(w: World, employer: Employer, plan: Plan, number: int) -> Opportunity:
    kind = EncounterType.objects.get(hub=w.hub, code=plan.kind)
    where = SHAPES[plan.kind][5]
    site = Site.objects.filter(employer=employer).order_by("pk").first() if where == "site" else None
    fields = {
        "encounter_type": kind,
        "site": site,
        "is_online": where == "online",
        "title": plan.title,
        "summary": plan.summary,
        "description": f"{plan.summary} You meet people who do the work, hear how they came to it, and ask what you like.",
        "day_plan": _day_plan(w, employer) if kind.hours >= 4 and where == "site" else [],
        "min_age": max(kind.min_age, UNACCOMPANIED_FROM) if kind.tier in ("T3", "T4") else kind.min_age,
        "skills": [SKILLS[(number + n) % len(SKILLS)] for n in range(3)],
        "supervisor": _host(employer) or SUPERVISORS[number % len(SUPERVISORS)],
        "stand_in": SUPERVISORS[(number + 2) % len(SUPERVISORS)],
        "clothing": "Closed shoes and long sleeves; we lend the rest." if where == "site" else "",
        "food": "Lunch is on us; tell us about allergies." if kind.hours >= 4 and where == "site" else "",
        "costs_covered": "We pay the bus." if number % 4 == 0 and where == "site" else "",
        "access": "Step-free, with a quiet room. Tell us what would help." if where == "site" else "",
    }
    if plan.key in TIERED:
        named = School.objects.filter(hub=w.hub, name__in=TIERED[plan.key])
        days = {name: w.today + dt.timedelta(days=on) for name, on in ASKED_FIRST.items()}
        fields |= {"first_schools": list(named), **days}
    step = PlanStep.objects.filter(employer=employer, encounter_type=kind, state="planned").order_by("due_on").first()
    return draft_opportunity(employer, fields, plan_step=step, by=w.side(employer), now=w.now)


def _host(employer: Employer) -> str:
    """The employer's first volunteer, who has prepared or has yet to."""
    return Volunteer.objects.filter(employer=employer).order_by("pk").values_list("name", flat=True).first() or ""


def _day_plan(w: World, employer: Employer) -> list:
    plans = DayPlan.objects.filter(hub=w.hub)
    found = plans.filter(sector__in=employer.sectors.all()).first() or plans.order_by("pk").first()
    return found.items if found else []


def _session(w: World, opportunity: Opportunity, plan: Plan, start: int) -> None:
    begins, ends, _length, _gap, usual, _where = SHAPES[plan.kind]
    times = dt.time.fromisoformat(begins), dt.time.fromisoformat(ends)
    days: list[Day] = [(day, *times) for day in w.dates(plan, start)]
    places = plan.places or usual
    session = add_session(opportunity, days, places, by=w.side(opportunity.employer), now=w.now)
    w.sessions[plan.key, start] = session
