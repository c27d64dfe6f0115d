"""Server time and statements of every page of the demonstration, for everybody who signs in to it.

In this process, without a socket: what Python, the database and the templates take.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings

from tests.journey.crawl import Visit, client_of, walk

DATABASE = True
#: What a page may take, in milliseconds and in statements; one that takes more is marked.
SLOW_MS, MANY = 300, 25
CASES: dict[str, Callable[[], None]] = {}
QUERIES: dict[str, int] = {}


def prepare() -> None:
    with override_settings(DEMO=True, HUB_STAFF_NEED_MFA=False):
        call_command("seed", verbosity=0)
    settings.DEMO, settings.HUB_STAFF_NEED_MFA = True, False  # for the rest of this process, which only measures
    clients: dict[tuple[str, str], Client] = {}
    for visit in walk():
        key = visit.who, visit.host
        if key not in clients:
            clients[key] = client_of(*key)
        _add(visit, clients[key])


def _add(visit: Visit, client: Client) -> None:
    name = f"{visit.who or 'anybody'} {visit.path}"

    def case() -> None:
        response = client.get(visit.path)
        if response.status_code != visit.status:
            raise RuntimeError(f"{visit.path} answered {response.status_code}")

    CASES[name] = case
    case()
    with CaptureQueriesContext(connection) as queries:
        case()
    QUERIES[name] = len(queries)
