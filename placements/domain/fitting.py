"""Which sessions fit a group: the school's compiled calendar met with the hub's open sessions."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from django.db.models import BigIntegerField, QuerySet, Value

from employers.models import Site
from opportunities.models import Session
from placements.models import Placement, StudentDay
from schools.domain.compile import compile_school, group_key
from schools.domain.words import fit_sentence
from schools.fit import CompiledCalendar, Fit, FitSession, fit_many
from schools.models import Group, School

KM_PER_HOUR = 30  # a coach in town traffic, door to door
ROADS_LONGER = 1.3  # roads are longer than the line on the map
BOARDING_MINUTES = 10


@dataclass(frozen=True)
class SessionFit:
    """One session for one group; minutes are one way."""

    session: Session
    fit: Fit
    travel_minutes: int

    @property
    def sentence(self) -> str:
        """What the card says. Made when asked for: a list shows twenty of the hundreds judged."""
        return fit_sentence(self.fit)

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
    asking = Asking(school, [group], now=now)
    return sorted(asking.judge(group, rows, students=students), key=_best_first)


class Asking:
    """One school's calendar, compiled once, with who is out already and how often."""

    def __init__(self, school: School, groups: Sequence[Group], *, now: dt.datetime) -> None:
        self.school, self.groups, self.now = school, groups, now
        self.compiled = compile_school(school)
        self.out, days = outings(school, groups, now=now)
        self.times = times_out(days, self.compiled)

    def each_group(self, session: Session) -> list[tuple[Group, SessionFit]]:
        """The session judged for each of the groups: the best fitting first, but a group whose
        lessons nobody knows after those that can."""
        found = [(group, fit) for group in self.groups for fit in self.judge(group, [session])]
        return sorted(found, key=lambda pair: (not pair[1].can, _unknown(pair[1].fit), pair[1].fit.rank))

    def judge(self, group: Group, rows: Sequence[Session], *, students: int | None = None) -> list[SessionFit]:
        key = group_key(group)
        if key not in self.compiled.groups:
            return []
        minutes = [travel_minutes(self.school, session.opportunity.site) for session in rows]
        asked = [
            _fit_session(session, students or group.size or 1, travel)
            for session, travel in zip(rows, minutes, strict=True)
        ]
        fits = fit_many(
            self.compiled,
            key,
            asked,
            now=self.now,
            out_that_day=self.out,
            times_this_term=lambda day: self.times(group.pk, day),
        )
        return [SessionFit(session, fit, travel) for session, fit, travel in zip(rows, fits, minutes, strict=True)]


def _unknown(fit: Fit) -> bool:
    return any(reason.code == "no_timetable" for reason in fit.reasons)


def _best_first(one: SessionFit) -> tuple:
    return one.fit.rank, one.session.starts_at, one.session.pk


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


def outings(
    school: School, groups: Iterable[Group], *, now: dt.datetime
) -> tuple[dict[dt.date, int], dict[int, list[dt.date]]]:
    """How many students of the school are out already by local date, from today on; and the local
    dates on which each of the groups (by id) is or was out. One statement."""
    students = StudentDay.objects.filter(school=school, live=True, ends_at__gte=now).order_by()
    taking = Placement.objects.taking().filter(school=school, group__in=list(groups)).order_by()
    nobody = Value(None, output_field=BigIntegerField())
    rows = taking.values_list("group_id", "session__starts_at").union(
        students.values_list(nobody, "starts_at"), all=True
    )
    out: dict[dt.date, int] = Counter()
    days: dict[int, list[dt.date]] = {}
    for group_id, start in rows:
        day = start.astimezone(school.zone).date()
        if group_id is None:
            out[day] += 1
        else:
            days.setdefault(group_id, []).append(day)
    return out, days


def times_out(days: dict[int, list[dt.date]], compiled: CompiledCalendar) -> Callable[[int, dt.date], int]:
    """How often a group (by id) is or was out in the term that holds a date."""
    terms = compiled.year.terms

    def in_term(group_id: int, day: dt.date) -> int:
        term = next((t for t in terms if t.start <= day <= t.end), None)
        return sum(term.start <= d <= term.end for d in days.get(group_id, ())) if term else 0

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
