"""What the nightly count of the record, the monthly comparisons and a result page take in a large hub.

Rows come from `seed --scale hub` (3,000 employers, 160,000 placements); on top of them an answered
assessment of every employer, written in bulk. Means something on PostgreSQL alone, where the nightly
count runs as the process it is at night, so that its memory is its own.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from config.scale.build import build
from config.scale.size import HUB, SEED, write
from employers import framing, scoring
from employers.models import Answer, Comparison, Employer, EvidenceFigure, SelfAssessment, StandardsFramework
from employers.scoring import Given, asked
from hubs.actors import system
from hubs.models import Hub
from insights import comparisons, evidence, overview_kept
from insights.overview import framework_of
from tests.journey.crawl import client_of

DATABASE = True
CASES: dict[str, Callable[[], None]] = {}
NIGHTLY, PAGE, HUB_PAGE = "record of 3,000 employers", "result page", "hub's page of 3,000"
#: What a case may take, in milliseconds and in MB of its process at its largest.
LIMITS = {NIGHTLY: 60_000, PAGE: 300, HUB_PAGE: 300}
MEMORY: dict[str, float] = {}
QUERIES: dict[str, int] = {}
MANY = 25
MOST_MB = 500
ALONE = """
import django, resource
django.setup()
from django.utils import timezone
from insights import evidence
evidence.refresh_all(timezone.now())
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
WHO = "employer@scale.example"


def prepare() -> None:
    now = timezone.now()
    hub = build(now, HUB)
    framework = framing.load_framework(hub, by=system(hub.pk), now=now)
    evidence.refresh(hub, now=now)
    _answered(hub, framework, now)
    with connection.cursor() as cursor:  # the planner knows nothing of rows that came all at once
        cursor.execute("ANALYZE")
    settings.HUB_STAFF_NEED_MFA = False  # for the rest of this process, which only measures
    comparisons.freeze(now)
    row = SelfAssessment.objects.filter(employer__memberships__user__email=WHO).first()
    if row is None:
        raise RuntimeError(f"{WHO} has no assessment")
    client, desk = client_of(WHO, hub.hostname), client_of("lead@scale.example", hub.hostname)

    def result_page() -> None:
        response = client.get(reverse("employer-results", args=[row.pk]))
        if response.status_code != 200:
            raise RuntimeError(f"the result page answered {response.status_code}")

    def hub_page() -> None:
        response = desk.get(reverse("standards-overview:index"))
        if response.status_code != 200:
            raise RuntimeError(f"the hub's page answered {response.status_code}")

    def month() -> None:
        Comparison.objects.all().delete()
        comparisons.freeze(timezone.now())

    def counted() -> None:
        chosen = framework_of(hub)
        if chosen is None:
            raise RuntimeError("the hub has no standards")
        overview_kept.keep(hub, chosen, now=timezone.now())

    counted()
    CASES.update(
        {
            NIGHTLY: nightly, "comparisons of 3,000": month, "hub's page of 3,000 counted": counted,
            HUB_PAGE: hub_page, PAGE: result_page,
        }
    )  # fmt: skip
    QUERIES.update({name: statements(CASES[name]) for name in (HUB_PAGE, PAGE)})


def statements(case: Callable[[], None]) -> int:
    with CaptureQueriesContext(connection) as queries:
        case()
    return len(queries)


def nightly() -> None:
    if connection.vendor != "postgresql":
        evidence.refresh_all(timezone.now())
        return
    of = connection.settings_dict
    address = f"postgres://{of['USER']}:{of['PASSWORD']}@{of['HOST']}:{of['PORT'] or 5432}/{of['NAME']}"
    done = subprocess.run(  # noqa: S603 - this very program
        [sys.executable, "-c", ALONE],
        env={**os.environ, "DATABASE_URL": address},
        check=True,
        capture_output=True,
        text=True,
    )
    MEMORY[NIGHTLY] = round(float(done.stdout.split()[-1]), 1)


def _answered(hub: Hub, framework: StandardsFramework, now: dt.datetime) -> None:
    """One assessment of every employer, scored as the verb would, without its log and mails."""
    document, dice = framing.document_of(framework), random.Random(SEED)  # noqa: S311 - figures, no secrets
    rows, given, kept = [], [], defaultdict(dict)
    for one in EvidenceFigure.objects.filter(hub=hub):
        kept[one.employer_id][one.code] = [one.part, one.whole, one.since.isoformat(), one.until.isoformat()]
    for employer in Employer.objects.filter(hub=hub).order_by("pk"):
        near = dice.randint(0, 4)
        answers = {
            item.code: Given(max(0, min(4, near + dice.choice((-1, 0, 0, 1)))))
            for standard in document.standards()
            for item in asked(standard, employer.size)
        }
        result = scoring.as_data(document, scoring.score(document, answers, employer.size))
        rows.append(
            SelfAssessment(
                hub=hub, employer=employer, framework=framework, size=employer.size, state="reviewed", started_at=now,
                submitted_at=now, reviewed_at=now, result=result, evidence=kept[employer.pk],
                fingerprint=scoring.fingerprint(framework.sealed_sha256, answers, employer.size, result),
            )
        )  # fmt: skip
        given.append(answers)
    write(SelfAssessment, rows)
    write(
        Answer,
        (
            Answer(hub=hub, employer=row.employer, assessment=row, item=code, level=one.level, answered_at=now)
            for row, answers in zip(rows, given, strict=True)
            for code, one in answers.items()
        ),
    )
