"""Server time of the pages people open most, over the demonstration's rows.

In this process, without a socket: what Python, the database and the templates take.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.management import call_command
from django.test.utils import override_settings

from tests.journey.crawl import WALKERS, client_of, crawl

DATABASE = True
#: A page slower than this, in milliseconds, is marked in the table.
SLOW_MS = 300
CASES: dict[str, Callable[[], None]] = {}
#: Lists, homes and the pages that judge fit; forms cost next to nothing.
MEASURED = {
    "": ("wagtail_serve", "catalogue", "catalogue-opportunity", "search"),
    "careers@quayside.example": (
        "home", "school-sessions", "school-session ?group", "school-request-new ?group ?session", "school-requests",
        "school-request", "school-placement", "school-groups", "school-group", "school-calendar",
    ),
    "joan@brightwater.example": (
        "home", "employer-plan", "employer-opportunities", "employer-opportunity", "employer-placements",
        "employer-placement", "employer-organisation",
    ),
    "amina@harbour.example": (
        "wagtailadmin_home", "desk:index", "desk:request", "placements:index", "placements:inspect",
        "opportunities:index", "employers:index", "schools:index", "messages:index", "log:index",
    ),
}  # fmt: skip


def prepare() -> None:
    with override_settings(DEMO=True, HUB_STAFF_NEED_MFA=False):
        call_command("seed", verbosity=0)
        for who, routes in MEASURED.items():
            found: dict[str, str] = {}
            for visit in crawl(who, WALKERS[who], set()):
                found.setdefault(visit.route, visit.path)
            for route in routes:
                if route in found:
                    _add(who, route, found[route])
    settings.HUB_STAFF_NEED_MFA = False  # for the rest of this process, which only measures


def _add(who: str, route: str, path: str) -> None:
    client = client_of(who, "localhost:8000")

    def case() -> None:
        response = client.get(path)
        if response.status_code != 200:
            raise RuntimeError(f"{path} answered {response.status_code}")

    CASES[f"{who.partition('@')[2].partition('.')[0] or 'public'} {route}"] = case
