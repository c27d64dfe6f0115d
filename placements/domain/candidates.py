"""Sessions as the fit reads them: a few columns of thousands. The rows themselves are read for those that are shown."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import QuerySet

from opportunities.models import Session, SessionDay
from opportunities.release import Release
from schools.fit import FitSession
from schools.models import School
from schools.travel import travel_minutes


@dataclass
class Place:
    """Degrees; none where nobody put the site on the map."""

    latitude: float | None
    longitude: float | None


class Candidate(NamedTuple):
    """`days`: (date, from, until) on the wall where the session is held, in their order."""

    pk: int
    time_zone: str
    starts_at: dt.datetime
    places: int
    taken: int
    employer_id: int
    opportunity_id: int
    encounter_type_id: int
    min_age: int
    max_age: int
    priority_from: dt.date | None
    all_from: dt.date | None
    site: Place
    days: tuple[tuple[dt.date, dt.time, dt.time], ...]

    @property
    def left(self) -> int:
        return max(0, self.places - self.taken)

    @property
    def release(self) -> Release:
        return Release(self.priority_from, self.all_from)

    def asked(self, students: int, travel: int) -> FitSession:
        """What the fit is asked, for so many students and minutes one way."""
        return FitSession(
            days=self.days, zone=self.time_zone, travel_minutes=travel, students=students,
            min_age=self.min_age, max_age=self.max_age,
        )  # fmt: skip


COLUMNS = (
    "session_id", "session__time_zone", "session__starts_at", "session__places", "session__taken",
    "session__employer_id", "session__opportunity_id", "session__opportunity__encounter_type_id",
    "session__opportunity__min_age", "session__opportunity__max_age", "session__opportunity__priority_from",
    "session__opportunity__all_from", "session__opportunity__site__latitude", "session__opportunity__site__longitude",
)  # fmt: skip
DAY = ("on", "starts_at", "ends_at")


def read(sessions: QuerySet[Session]) -> list[Candidate]:
    """In no order; one statement, which gives a row for each day."""
    plain = sessions.order_by().select_related(None).prefetch_related(None).values("pk")
    rows = SessionDay.objects.filter(session__in=plain).order_by("on", "starts_at").values_list(*COLUMNS, *DAY)
    found: dict[int, tuple] = {}
    days: defaultdict[int, list] = defaultdict(list)
    for row in rows.iterator():
        found[row[0]] = row
        days[row[0]].append(row[-3:])
    return [Candidate._make((*row[:12], Place(*row[12:14]), tuple(days[pk]))) for pk, row in found.items()]


def ways(school: School, candidates: list[Candidate]) -> list[int]:
    """Minutes one way to each; several sessions are at one site."""
    known: dict[tuple, int] = {}
    found = []
    for one in candidates:
        point = one.site.latitude, one.site.longitude
        if point not in known:
            known[point] = travel_minutes(school, one.site)
        found.append(known[point])
    return found
