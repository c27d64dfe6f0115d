"""Server time and statements of the pages people open daily, in a hub of the largest size.

Rows come from `seed --scale hub`: 110 schools, 80,000 students, 3,000 employers, 20,000 sessions and 160,000
placements. How long they take to make is a figure of its own.
"""

from __future__ import annotations

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
from hubs.models import Hub
from placements import desk_memory
from placements.models import Placement, PlacementRequest
from schools.models import School, Student
from tests.journey.crawl import client_of

DATABASE = True
SLOW_MS, MANY = 300, 25
CASES: dict[str, Callable[[], None]] = {}
QUERIES: dict[str, int] = {}
#: What was measured once, while the rows were made, in milliseconds.
ONCE: dict[str, float] = {}
MAKING = "made from nothing"
LIMITS = {MAKING: 600_000}
LEAD, COORDINATOR, EMPLOYER = SIGN_INS


def prepare() -> None:
    began = time.perf_counter()
    hub = build(timezone.now(), HUB)
    ONCE[MAKING] = (time.perf_counter() - began) * 1000
    with connection.cursor() as cursor:  # the planner knows nothing of rows that came all at once
        cursor.execute("ANALYZE")
    desk_memory.remember(hub, now=timezone.now())
    settings.HUB_STAFF_NEED_MFA = False  # for the rest of this process, which only measures
    for who, pages in _pages(hub).items():
        client = client_of(who, hub.hostname)
        for name, path in pages.items():
            _add(f"{name} ({who.split('@')[0]})", client, path)


def _pages(hub: Hub) -> dict[str, dict[str, str]]:
    """Who opens what: a name for each page, and its path."""
    school = School.objects.get(memberships__user__email=COORDINATOR)
    employer = Employer.objects.get(memberships__user__email=EMPLOYER)
    asked = PlacementRequest.objects.filter(hub=hub, state="submitted").order_by("pk").last()
    ahead = Placement.objects.filter(state__in=("accepted", "ready"))
    theirs, hosted = ahead.filter(school=school).first(), ahead.filter(employer=employer).first()
    student = Student.objects.filter(school=school, encounters__isnull=False).first()
    if not (asked and theirs and hosted and student):
        raise RuntimeError("the hub has no request, placement or student to open")
    session = reverse("school-session", args=[theirs.session_id])
    return {
        LEAD: {
            "home": reverse("wagtailadmin_home"),
            "desk": reverse("desk:index"),
            "a request with its matches": reverse("desk:request", args=[asked.pk]),
            "requests": reverse("requests:index"),
            "placements": reverse("placements:index"),
            "employers": reverse("employers:index"),
            "an employer": reverse("employers:inspect", args=[employer.pk]),
            "schools": reverse("schools:index"),
            "opportunities": reverse("opportunities:index"),
            "messages": reverse("messages:index"),
            "log": reverse("log:index"),
        },
        COORDINATOR: {
            "home": reverse("home"),
            "sessions that fit": reverse("school-sessions"),
            "a session": session,
            "requests": reverse("school-requests"),
            "a new request": reverse("school-request-new") + f"?session={theirs.session_id}&group={theirs.group_id}",
            "a placement": reverse("school-placement", args=[theirs.pk]),
            "coverage": reverse("school-coverage"),
            "a student's ledger": reverse("school-ledger", args=[student.pk]),
        },
        EMPLOYER: {
            "home": reverse("home"),
            "placements": reverse("employer-placements"),
            "a placement": reverse("employer-placement", args=[hosted.pk]),
        },
    }


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
