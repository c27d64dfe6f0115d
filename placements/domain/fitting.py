"""Which sessions fit a group: the school's compiled calendar met with the hub's open sessions."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from django.db.models import QuerySet

from employers.models import Site
from opportunities.models import Session
from placements.models import Placement, StudentDay
from schools.domain.compile import compile_school
from schools.domain.words import fit_sentence
from schools.fit import CompiledCalendar, Fit, FitSession, fit_many
from schools.models import Group, School

KM_PER_HOUR = 30  # a coach in town traffic, door to door
ROADS_LONGER = 1.3  # roads are longer than the line on the map
BOARDING_MINUTES = 10


@dataclass(frozen=True)
class SessionFit:
    """One session for one group. `sentence` is what the card says; minutes are one way."""

    session: Session
    fit: Fit
    sentence: str
    travel_minutes: int

    @property
    def can(self) -> bool:
        return self.fit.verdict != "cannot"


def travel_minutes(school: School, site: Site | None) -> int:
    """Minutes one way, rounded up to five; 0 when either place is not on the map."""
    if site is None or None in (site.latitude, site.longitude, school.latitude, school.longitude):
        return 0
    minutes = BOARDING_MINUTES + kilometres(school, site) * ROADS_LONGER / KM_PER_HOUR * 60
    return int(-(-minutes // 5) * 5)


def kilometres(a, b) -> float:
    """Great-circle distance between two rows with latitude and longitude in degrees."""
    lat_a, lat_b = radians(a.latitude), radians(b.latitude)
    h = sin((lat_b - lat_a) / 2) ** 2
    h += cos(lat_a) * cos(lat_b) * sin(radians(b.longitude - a.longitude) / 2) ** 2
    return 2 * 6371 * asin(sqrt(h))


def fits_for_group(
    group: Group,
    *,
    now: dt.datetime,
    start: dt.date | None = None,
    end: dt.date | None = None,
    students: int | None = None,
    sessions: Iterable[Session] | None = None,
) -> list[SessionFit]:
    """Every open session of the hub (or `sessions`) judged for the group, best first.

    `start` and `end` are local dates, inclusive. `students` defaults to the whole group.
    Those that cannot be are in the list too, last, each with its reason.
    """
    school = group.school
    if sessions is None:
        sessions = open_sessions(school, now=now, start=start, end=end)
    rows = list(sessions)
    if not rows:
        return []
    compiled = compile_school(school)
    if group.key not in compiled.groups:
        return []
    minutes = [travel_minutes(school, session.opportunity.site) for session in rows]
    asked = [
        _fit_session(session, students or group.size or 1, travel)
        for session, travel in zip(rows, minutes, strict=True)
    ]
    fits = fit_many(
        compiled,
        group.key,
        asked,
        now=now,
        out_that_day=out_by_day(school, now=now),
        times_this_term=times_out(group, compiled),
    )
    found = [
        SessionFit(session, fit, fit_sentence(fit), travel)
        for session, fit, travel in zip(rows, fits, minutes, strict=True)
    ]
    return sorted(found, key=lambda one: (one.fit.rank, one.session.starts_at, one.session.pk))


def fit_of(group: Group, session: Session, *, now: dt.datetime, students: int | None = None) -> Fit:
    """The fit of one session; a group the calendar does not know has no lessons to miss."""
    found = fits_for_group(group, now=now, sessions=[session], students=students)
    return found[0].fit if found else Fit("fits", (), (), 0, (0, 0, 0, session.first_on.toordinal()))


def open_sessions(
    school: School, *, now: dt.datetime, start: dt.date | None = None, end: dt.date | None = None
) -> QuerySet[Session]:
    """Sessions the school may ask for, whose first day is in the window."""
    sessions = Session.objects.offered_to_schools(school.hub, now).with_all()
    if start:
        sessions = sessions.filter(starts_at__gte=dt.datetime.combine(start, dt.time(), school.zone))
    if end:
        after = dt.datetime.combine(end + dt.timedelta(days=1), dt.time(), school.zone)
        sessions = sessions.filter(starts_at__lt=after)
    return sessions


def out_by_day(school: School, *, now: dt.datetime) -> dict[dt.date, int]:
    """How many students of the school are out already, by local date, from today on."""
    starts = StudentDay.objects.filter(school=school, live=True, ends_at__gte=now).values_list("starts_at", flat=True)
    zone = school.zone
    return Counter(start.astimezone(zone).date() for start in starts)


def times_out(group: Group, compiled: CompiledCalendar) -> Callable[[dt.date], int]:
    """How often the group is or was out, as a function of a date in the term asked about."""
    zone = group.school.zone
    placements = Placement.objects.taking().filter(group=group).select_related("session")
    days = sorted(p.session.starts_at.astimezone(zone).date() for p in placements)
    terms = compiled.year.terms

    def in_term(day: dt.date) -> int:
        term = next((t for t in terms if t.start <= day <= t.end), None)
        return sum(term.start <= d <= term.end for d in days) if term else 0

    return in_term


def _fit_session(session: Session, students: int, travel: int) -> FitSession:
    opportunity = session.opportunity
    return FitSession(
        days=tuple((day.on, day.starts_at, day.ends_at) for day in session.days.all()),
        zone=session.time_zone,
        travel_minutes=travel,
        students=students,
        min_age=opportunity.min_age,
        max_age=opportunity.max_age,
    )
