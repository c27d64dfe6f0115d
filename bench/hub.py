"""Server time and statements of the pages people open daily, in a hub of the largest size.

Rows come from `seed --scale hub`: 110 schools, 80,000 students, 3,000 employers, 20,000 sessions and 160,000
placements. How long they take to make is a figure of its own.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from config.scale.build import SIGN_INS, build
from config.scale.size import HUB
from employers.models import Employer
from hubs.links import link_for
from hubs.models import Hub, User
from placements import desk_memory
from placements.domain import feeds
from placements.models import Placement, PlacementRequest
from schools.models import School, Student
from tests.cast import actor
from tests.journey.crawl import client_of

DATABASE = True
SLOW_MS, MANY = 300, 25
CASES: dict[str, Callable[[], None]] = {}
QUERIES: dict[str, int] = {}
#: What was measured once, while the rows were made, in milliseconds.
ONCE: dict[str, float] = {}
MAKING, REMEMBERING = "made from nothing", "the desk's lists remembered for the first time"
LIMITS = {MAKING: 600_000, REMEMBERING: 5_000}
LEAD, COORDINATOR, EMPLOYER = SIGN_INS
#: Lists of the back office, by their names in addresses.
SEARCHED = ("requests", "placements", "employers", "schools", "opportunities")
LISTS = (
    *SEARCHED, "papers", "interests", "plans", "pledges", "pledges-overview", "caps", "pathways", "calendars",
    "assessments", "alarms", "messages", "log", "map", "standards-overview",
)  # fmt: skip


def prepare() -> None:
    began = time.perf_counter()
    hub = build(timezone.now(), HUB)
    ONCE[MAKING] = (time.perf_counter() - began) * 1000
    began = time.perf_counter()
    desk_memory.remember(hub, now=timezone.now())
    ONCE[REMEMBERING] = (time.perf_counter() - began) * 1000
    settings.HUB_STAFF_NEED_MFA = False  # for the rest of this process, which only measures
    for who, pages in _pages(hub).items():
        client = client_of(who, hub.hostname)
        for name, path in pages.items():
            _add(f"{name} ({who.split('@')[0] or 'anybody'})", client, path)


def _pages(hub: Hub) -> dict[str, dict[str, str]]:
    """Who opens what: a name for each page, and its path."""
    school = School.objects.get(memberships__user__email=COORDINATOR)
    employer = Employer.objects.get(memberships__user__email=EMPLOYER)
    asked = PlacementRequest.objects.filter(hub=hub, state="submitted").order_by("pk").last()
    ahead = Placement.objects.filter(state__in=("accepted", "ready"))
    group = school.group_set.order_by("pk").first()
    theirs, hosted = ahead.filter(school=school).first(), ahead.filter(employer=employer).first()
    student = Student.objects.filter(school=school, encounters__isnull=False).first()
    if not (asked and theirs and hosted and student and group):
        raise RuntimeError("the hub has no request, placement or student to open")
    session, offer, now = (
        reverse("school-session", args=[theirs.session_id]),
        hosted.session.opportunity_id,
        timezone.now(),
    )
    return {
        LEAD: {
            "home": reverse("wagtailadmin_home"),
            "home, mine": reverse("wagtailadmin_home") + "?whose=mine",
            "desk": reverse("desk:index"),
            "desk, mine": reverse("desk:index") + "?whose=mine",
            "desk, left over": reverse("desk:index") + "?left=over",
            "a request with its matches": reverse("desk:request", args=[asked.pk]),
            **{name: reverse(f"{name}:index") for name in LISTS},
            **{f"{name}, searched": reverse(f"{name}:index") + "?q=north" for name in SEARCHED},
            "a placement": reverse("placements:inspect", args=[theirs.pk]),
            "a request": reverse("requests:inspect", args=[asked.pk]),
            "an employer": reverse("employers:inspect", args=[employer.pk]),
            "a school": reverse("schools:inspect", args=[school.pk]),
            "an opportunity": reverse("opportunities:inspect", args=[offer]),
        },
        COORDINATOR: {
            "home": reverse("home"),
            "sessions that fit": reverse("school-sessions"),
            "a session": session,
            "requests": reverse("school-requests"),
            "a new request": reverse("school-request-new") + f"?session={theirs.session_id}&group={group.pk}",
            "a placement": reverse("school-placement", args=[theirs.pk]),
            "coverage": reverse("school-coverage"),
            "a student's ledger": reverse("school-ledger", args=[student.pk]),
            "groups": reverse("school-groups"),
            "students": reverse("school-students"),
            "pathways": reverse("school-pathways"),
            "feeds": reverse("school-feeds"),
        },
        EMPLOYER: {
            "home": reverse("home"),
            "placements": reverse("employer-placements"),
            "a placement": reverse("employer-placement", args=[hosted.pk]),
            "opportunities": reverse("employer-opportunities"),
            "an opportunity with its sessions": reverse("employer-opportunity", args=[offer]),
            "a session": reverse("employer-session", args=[hosted.session_id]),
            "organisation": reverse("employer-organisation"),
            "feeds": reverse("employer-feeds"),
            "the page of the day": reverse("host-link", args=[link_for(hosted, "host", now=now, days=1)[1]]),
        },
        "": {
            "catalogue": reverse("catalogue"),
            "catalogue as a calendar": reverse("catalogue-calendar"),
            "catalogue as a feed": reverse("catalogue-feed"),
            "a school's calendar": reverse("feed", args=[_feed_of(school, now)]),
        },
    }


def _feed_of(school: School, now: dt.datetime) -> str:
    """The token of a calendar of everything the school has."""
    by = actor(User.objects.get(email=COORDINATOR), school.hub, school)
    return feeds.make_feed(school, by=by, now=now)[1]


def _add(name: str, client: Client, path: str) -> None:
    def case() -> None:
        response = client.get(path)
        if response.status_code != 200:
            raise RuntimeError(f"{path} answered {response.status_code}")

    CASES[name] = case
    case()
    with CaptureQueriesContext(connection) as queries:
        case()
    QUERIES[name] = len(queries)
