"""Rows a test starts from, each made in one call."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from employers.models import Employer, Site
from hubs.actors import Actor
from hubs.models import Hub
from hubs.wallclock import instant
from opportunities.models import EncounterType, Opportunity, Session, SessionDay
from placements.domain import answers, brokering, requests
from placements.models import Placement
from schools.models import Enrolment, Group, School, Student, Term, YearGroup
from tests.cast import NOW, actor

#: A Tuesday six weeks after `NOW`, in term.
DAY = dt.date(2026, 10, 20)


def encounter_type(hub: Hub, code: str = "visit", **fields) -> EncounterType:
    defaults = {"name": "Workplace visit", "stage": 2, "hours": 2, "tier": "T2", "min_age": 11, "max_age": 18}
    return EncounterType.objects.get_or_create(hub=hub, code=code, defaults={**defaults, **fields})[0]


def opportunity(employer: Employer, *, state: str = "published", kind: EncounterType | None = None, **fields):
    site, _new = Site.objects.get_or_create(hub=employer.hub, employer=employer, name="Main works")
    defaults = {
        "title": "See how it is made",
        "summary": "A tour, three people and a small task.",
        "min_age": 13,
        "max_age": 16,
        "site": site,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Opportunity.objects.create(
        hub=employer.hub,
        employer=employer,
        encounter_type=kind or encounter_type(employer.hub),
        state=state,
        **{**defaults, **fields},
    )


def session(
    offer: Opportunity,
    *,
    on: dt.date = DAY,
    days: int = 1,
    starts: dt.time = dt.time(9, 30),
    ends: dt.time = dt.time(12),
    places: int = 20,
    **fields,
) -> Session:
    zone = ZoneInfo(offer.hub.time_zone)
    dates = [on + dt.timedelta(days=n) for n in range(days)]
    row = Session.objects.create(
        hub=offer.hub,
        employer=offer.employer,
        opportunity=offer,
        time_zone=offer.hub.time_zone,
        starts_at=instant(dates[0], starts, zone),
        ends_at=instant(dates[-1], ends, zone),
        places=places,
        created_at=NOW,
        **fields,
    )
    for date in dates:
        SessionDay.objects.create(session=row, on=date, starts_at=starts, ends_at=ends)
    return row


def group(school: School, name: str = "10A", *, size: int = 6, year: int = 10) -> Group:
    """A group with a class list of aliases, in a school whose autumn term is known."""
    Term.objects.get_or_create(
        school=school,
        starts_on=dt.date(2026, 9, 1),
        defaults={"hub": school.hub, "name": "Autumn", "ends_on": dt.date(2026, 12, 18)},
    )
    year_group, _new = YearGroup.objects.get_or_create(
        school=school, number=year, defaults={"hub": school.hub, "name": f"Year {year}", "age": year + 5}
    )
    row = Group.objects.create(hub=school.hub, school=school, name=name, key=name, year_group=year_group, size=size)
    for number in range(1, size + 1):
        student = Student.objects.create(
            hub=school.hub, school=school, alias=f"{name}-{number:02}", year_group=year_group
        )
        Enrolment.objects.create(student=student, group=row)
    return row


def desk(cast) -> Actor:
    return actor(cast.amina, cast.hub)


def request(cast, wanted: Session, *, of: Group | None = None, places: int | None = None, now=NOW, **fields):
    """A request of cast.school for the whole group, sent by its coordinator."""
    of = of or group(cast.school)
    return requests.request_places(
        of.school,
        group=of,
        places=places or of.size,
        wished=[wanted],
        by=actor(cast.coordinator, cast.hub, of.school),
        now=now,
        **fields,
    )


def placement(cast, *, state: str = "held", wanted: Session | None = None, of: Group | None = None) -> Placement:
    """A placement brought to `state` through the verbs: held, offered, accepted or ready."""
    wanted = wanted or session(opportunity(cast.employer))
    row = brokering.hold(request(cast, wanted, of=of), wanted, by=desk(cast), now=NOW)
    if state in ("offered", "accepted", "ready"):
        brokering.offer(row, by=desk(cast), now=NOW)
    if state in ("accepted", "ready"):
        answers.accept(row, by=actor(cast.employer_lead, cast.hub, cast.employer), now=NOW)
    row.refresh_from_db()
    assert row.state == state or state == "accepted", f"it is {row.state}"
    return row
