"""Employers come with their workplaces, people, papers and the plans they adopt."""

from __future__ import annotations

import datetime as dt

from django.utils.text import slugify

from cms import preparing
from config.demo.firms import Firm
from config.demo.places import TOWNS
from config.demo.story import Story
from config.demo.world import World
from employers.domain import add_contact, add_employer, add_site, add_volunteer
from employers.models import Employer, Sector, Volunteer
from employers.paperwork import add_document, hold_document
from employers.preparing import SIDE, called
from hubs.actors import by_link
from hubs.domain.notes import write_note
from hubs.domain.people import invite
from hubs.links import link_for
from hubs.models import Role
from opportunities.domain.plans import abandon_plan, adopt, assign_step, complete_step, skip_step
from opportunities.domain.pledges import pledge
from opportunities.models import ActionPlanTemplate, EncounterType

FIRST_NAMES = ("Joan", "Tariq", "Ellen", "Marek", "Sofia", "Douglas", "Ife", "Hannah", "Leon", "Maud", "Kenji", "Rosa")
LAST_NAMES = ("Ashby", "Bramwell", "Corder", "Dunmore", "Eastwell", "Farrow", "Garrick", "Hale", "Inkpen", "Jessop",
              "Kell", "Lorimer", "Mabey")  # fmt: skip
TITLES = ("Office manager", "Owner", "Operations manager", "Personnel officer", "Workshop lead", "Director")
HOUR_A_TERM, TO_A_WEEK, COURSE = (
    "A first year in an hour a term", "From talks to a work-experience week", "A course inside the company",
)  # fmt: skip
ADOPTED = {
    "brightwater": TO_A_WEEK, "saffron": HOUR_A_TERM, "tidewater": HOUR_A_TERM, "marram": COURSE, "council": TO_A_WEEK,
    "kettle-hospital": TO_A_WEEK, "norbeck": TO_A_WEEK, "plumb": HOUR_A_TERM, "lanternlight": HOUR_A_TERM,
    "pixelwright": TO_A_WEEK, "ropewalk": TO_A_WEEK, "quay-radio": HOUR_A_TERM, "millrace": TO_A_WEEK,
    "hillfoot": HOUR_A_TERM, "seawall": TO_A_WEEK, "tallow": HOUR_A_TERM, "silverline": TO_A_WEEK,
    "joinery": HOUR_A_TERM,
}  # fmt: skip
#: Answer, formats, and what else is said of the year, roughly.
PLEDGED: dict[str, tuple[str, tuple[str, ...], dict]] = {
    "brightwater": ("yes", ("visit", "wex-block"), {"hours": 60, "places": 24, "min_age": 14, "months": [2, 3, 6]}),
    "saffron": ("yes", ("talk", "insight-day"), {"hours": 8, "places": 10, "months": [11, 3]}),
    "marram": ("yes", ("on-site-course", "visit"), {"hours": 400, "places": 16, "min_age": 15, "max_age": 18}),
    "council": ("yes", ("mock-int", "wex-block"), {"hours": 80, "places": 40, "months": [1, 2, 7]}),
    "beacon": ("maybe", ("shadow",), {"places": 2, "reasons": ["people"], "reason": "If the second nurse comes."}),
    "plumb": ("maybe", ("insight-day",), {"reasons": ["time"]}),
    "fire": ("no", (), {"reasons": ["people", "papers"], "reason": "New station this year; ask us in summer."}),
}
NOTES = {
    "greenfold": ("Met at the farmers' market. Would like to begin small; invitation sent.", 2),
    "clearstream": ("Insurance ran out. Asked for the new certificate; they promised it for this week.", -1),
    "sandpiper": ("New manager since spring. Ring about insight days in the quiet months.", 0),
    "nettle": ("Open day went well, wants Year 9 first.", 12),
    "rail": ("Season ends soon: workshop visits are possible in winter.", 5),
}


def founded(w: World, firm: Firm, number: int) -> Story:
    employer = _add(w, firm, number)
    w.employers[firm.key] = employer
    contact = _contact(w, firm, number)
    if firm.people == "lead":
        w.join(employer, Role.EMPLOYER_LEAD, w.address(contact[0], firm.key), contact[1])
    yield w.now + dt.timedelta(hours=1)
    by = w.side(employer)
    if firm.people != "invited":
        _site(w, employer, firm, number)
        fields = {"name": contact[1], "job_title": TITLES[number % len(TITLES)],
                  "email": w.address(contact[0], firm.key), "phone": f"01632 960{400 + number}"}  # fmt: skip
        add_contact(employer, fields, by=by, now=w.now)
    _papers(w, employer, firm)
    if firm.people == "lead":
        _volunteer(w, employer, firm, number)
    if firm.key in NOTES:
        text, due = NOTES[firm.key]
        yield w.working(-8, "16:10")
        write_note(employer, text, next_contact_on=w.today + dt.timedelta(days=due), by=w.manager(employer), now=w.now)
    if firm.people == "invited":
        yield w.working(-1, "11:25")
        invite(w.hub, employer, email=w.address("hello", firm.key), name="Wren Holloway",
               role=Role.EMPLOYER_LEAD, by=w.manager(employer), now=w.now)  # fmt: skip


def _add(w: World, firm: Firm, number: int) -> Employer:
    fields = {
        "name": firm.name + (f" {w.copy + 1}" if w.copy else ""),
        "number": f"KH{number + 1000 * w.copy:06}",
        "size": firm.size,
        "about": firm.about,
        "website": f"https://{firm.key}.example/",
        "sectors": list(Sector.objects.filter(code__in=firm.sectors.split())),
        "wants_asking_per_month": {"sole": 1, "micro": 2, "small": 3}.get(firm.size, 6),
        "manager": w.managers[number % len(w.managers)],
    }
    return add_employer(w.hub, fields, by=w.platform, now=w.now)


def _contact(w: World, firm: Firm, number: int) -> tuple[str, str]:
    first, last = FIRST_NAMES[number % len(FIRST_NAMES)], LAST_NAMES[number % len(LAST_NAMES)]
    return first.lower(), f"{first} {last}"


def _site(w: World, employer: Employer, firm: Firm, number: int) -> None:
    district, latitude, longitude = TOWNS[firm.town]
    spread = 0.004 if "Docks" in firm.town else 0.009
    fields = {
        "name": {"sole": "Workshop", "micro": "Workshop"}.get(firm.size, "Main site"),
        "address": f"{number * 3 + 1} {('Quay Street', 'Mill Road', 'Station Yard', 'High Street')[number % 4]}",
        "town": firm.town.removesuffix(" Docks"),
        "postcode": f"{district} {number % 9 + 1}TH",
        # The sea is to the north and east.
        "latitude": round(latitude - w.dice.uniform(0, spread), 5),
        "longitude": round(longitude - w.dice.uniform(0, spread), 5),
        "access": "Step-free entrance and an accessible toilet. Five minutes from the bus stop."
        if number % 3 else "One step at the door; a ramp is there. Ask for parking.",
    }  # fmt: skip
    by = w.side(employer)
    add_site(employer, fields, by=by, now=w.now)
    if firm.size == "large":
        district, latitude, longitude = TOWNS["Saltersgate"]
        second = {"name": "Training centre", "address": "Unit 4, Saltersgate Park", "town": "Saltersgate",
                  "postcode": f"{district} 4TC", "latitude": latitude, "longitude": longitude}  # fmt: skip
        add_site(employer, second, by=by, now=w.now)


def _papers(w: World, employer: Employer, firm: Firm) -> None:
    until = {"valid": 240, "lapsing": 20, "lapsed": -12}.get(firm.papers)
    if until is None:
        return
    by = w.side(employer)
    for kind, reference, days in (
        ("liability", f"Coastal Mutual, policy CM-{employer.pk:05}", until),
        ("risk", "Risk assessment with a section on under-18s", max(until, 60)),
    ):
        document = add_document(
            employer, kind=kind, reference=reference, issued_on=w.hub.today(w.now) - dt.timedelta(days=20),
            expires_on=w.today + dt.timedelta(days=days), by=by, now=w.now,
        )  # fmt: skip
        document.refresh_from_db()
        if document.state == "quarantined":
            hold_document(document, by=w.manager(employer), now=w.now)


def _volunteer(w: World, employer: Employer, firm: Firm, number: int) -> None:
    """Most have prepared by their link; every fourth has yet to."""
    first, last = FIRST_NAMES[(number + 5) % len(FIRST_NAMES)], LAST_NAMES[(number + 7) % len(LAST_NAMES)]
    fields = {"name": f"{first} {last}", "job_title": "Team member", "email": w.address(first.lower(), firm.key)}
    volunteer = add_volunteer(employer, fields, by=w.side(employer), now=w.now)
    if number % 4 != 3:
        _prepare(w, volunteer)


def _prepare(w: World, volunteer: Volunteer) -> None:
    link, _token = link_for(volunteer, preparing.PURPOSE, now=w.now, days=60, address=volunteer.email)
    for page in preparing.modules(w.hub):
        by = by_link(link, SIDE, volunteer.employer_id)
        preparing.pass_module(volunteer, page, by=by, now=w.now)


def prepare_host(w: World, employer: Employer, name: str) -> None:
    """Whoever is called so has prepared by now; put on the employer's list when on none."""
    people = called(employer.pk, name)
    if not people:
        address = w.address(name.split()[0].lower(), slugify(employer.name))
        fields = {"name": name, "job_title": "Team member", "email": address}
        people = [add_volunteer(employer, fields, by=w.side(employer), now=w.now)]
    for volunteer in people:
        _prepare(w, volunteer)


def planned(w: World, firm: Firm, number: int) -> Story:
    """The year ahead is chosen early; steps are done, late, skipped."""
    yield w.at(w.today - dt.timedelta(days=150 - number), "14:05")
    employer = w.employers[firm.key]
    by = w.side(employer)
    template = ActionPlanTemplate.objects.get(hub=w.hub, name=ADOPTED[firm.key], state="published")
    plan = adopt(template, employer, year_starts_on=w.today, by=by, now=w.now)
    steps = list(plan.steps.order_by("position"))
    lead = w.leader(employer)
    for step in steps if lead else ():
        assign_step(step, lead, by=by, now=w.now)
    for step in steps:
        late = number % 3 == 0 and step.encounter_type_id
        if step.due_on >= w.today or late:
            continue
        yield max(w.now, w.at(step.due_on, "15:40"))
        step.refresh_from_db()
        if step.state == "planned":
            complete_step(step, by=by, now=w.now)
    if firm.key == "silverline":
        yield w.working(-15, "09:05")
        abandon_plan(plan, "Two people left the workshop. We start again with one talk.", by=by, now=w.now)
        return
    ahead = [step for step in steps if step.due_on > w.today]
    if firm.key in ("saffron", "norbeck") and ahead:
        yield w.working(-6, "12:00")
        ahead[0].refresh_from_db()
        if ahead[0].state == "planned":  # a placement may have finished it meanwhile
            skip_step(ahead[0], "We have no room for a whole class; we do two visits instead.", by=by, now=w.now)


def pledged(w: World, firm: Firm, number: int) -> Story:
    """Some say roughly what they can give before any date; some not yet, or not this year."""
    answer, codes, said = PLEDGED[firm.key]
    yield w.at(w.today - dt.timedelta(days=25 + number), "11:10")
    employer = w.employers[firm.key]
    kinds = EncounterType.objects.filter(hub=w.hub, code__in=codes)
    sites = employer.site_set.all() if answer == "yes" else []
    fields = {"answer": answer, "encounter_types": kinds, "sites": sites, **said}
    pledge(employer, fields, by=w.side(employer), now=w.now)
