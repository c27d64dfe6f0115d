"""Which schools' calendars are missing or old, and who can mend them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from hubs.models import Hub, Membership, Role, User
from schools.models import CalendarSubscription, Group, Lesson, School

#: A calendar nobody has looked at for longer than this is asked about again.
STALE_AFTER = dt.timedelta(days=120)
#: So long before the last known day somebody should load the next year.
ENDS_SOON = dt.timedelta(days=60)


@dataclass(frozen=True)
class Freshness:
    """What is known of one school's calendar. `last_on`: the last day of its last term, None without terms.

    `missing`: no term reaches today. `ends_soon`: none reaches two months on. `stale`: nobody has confirmed it
    for four months, or ever. `without_lessons`: classes whose timetable is not known. `failing`: addresses that
    could not be read the last time.
    """

    school: School
    last_on: dt.date | None
    missing: bool
    ends_soon: bool
    stale: bool
    classes: int
    without_lessons: int
    failing: tuple[CalendarSubscription, ...] = ()
    ask: tuple[User, ...] = ()

    @property
    def is_fresh(self) -> bool:
        return not (self.missing or self.ends_soon or self.stale or self.failing or self.no_timetable)

    @property
    def no_timetable(self) -> bool:
        """No class at all, or classes without a lesson."""
        return not self.classes or self.without_lessons > 0

    @property
    def urgency(self) -> tuple[bool, bool, bool, str]:
        """Missing calendars first, then failing and old ones, by name."""
        return not self.missing, not (self.failing or self.ends_soon), not self.stale, self.school.name


def is_stale(school: School, now: dt.datetime) -> bool:
    return school.calendar_checked_at is None or now - school.calendar_checked_at > STALE_AFTER


def freshness(hub: Hub, now: dt.datetime, *, manager: User | None = None) -> list[Freshness]:
    """Every active school of the hub, what is most pressing first. Five queries, however many schools."""
    today = hub.today(now)
    schools = School.objects.filter(hub=hub, is_active=True, **({"manager": manager} if manager else {}))
    rows = list(schools.select_related("manager").annotate(last_on=Max("term__ends_on")).order_by("name", "pk"))
    classes, failing, people = _classes(schools), _failing(schools), _people(schools)
    found = []
    for row in rows:
        row.hub = hub
        last, (of, without) = row.last_on, classes.get(row.pk, (0, 0))
        missing = last is None or last < today
        found.append(
            Freshness(
                row, last, missing, not missing and last < today + ENDS_SOON, is_stale(row, now), of, without,
                tuple(failing.get(row.pk, ())), tuple(people.get(row.pk, ())),
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: one.urgency)


def _classes(schools: QuerySet[School]) -> dict[int, tuple[int, int]]:
    """(classes, those without a lesson) by school."""
    taught = Exists(Lesson.objects.filter(group=OuterRef("pk")))
    rows = Group.objects.filter(school__in=schools.values("pk"), is_active=True, kind=Group.Kind.CLASS)
    counted = rows.annotate(taught=taught).order_by().values("school").annotate(
        of=Count("pk"), without=Count("pk", filter=Q(taught=False))
    )  # fmt: skip
    return {row["school"]: (row["of"], row["without"]) for row in counted}


def _failing(schools: QuerySet[School]) -> dict[int, list[CalendarSubscription]]:
    rows = CalendarSubscription.objects.filter(school__in=schools.values("pk"), is_active=True, failures__gt=0)
    found: dict[int, list[CalendarSubscription]] = {}
    for row in rows.defer("last_good").order_by("pk"):
        found.setdefault(row.school_id, []).append(row)
    return found


def _people(schools: QuerySet[School]) -> dict[int, list[User]]:
    """The coordinators of each school: they keep its calendar."""
    rows = Membership.objects.filter(organisation__in=schools.values("pk"), role=Role.COORDINATOR)
    found: dict[int, list[User]] = {}
    for row in rows.filter(user__is_active=True).select_related("user").order_by("pk"):
        found.setdefault(row.organisation_id or 0, []).append(row.user)
    return found
