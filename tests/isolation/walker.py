"""One persona's browser, and what an answer tells."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from typing import Any

from django.apps import apps
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client

from hubs.api import ACTING_HEADER
from hubs.middleware import ACTING
from tests.isolation.canaries import in_text
from tests.isolation.personas import PUBLIC, Persona
from tests.isolation.routes import Route
from tests.isolation.rows import SHARED, kinds_of
from tests.isolation.world import World

SIGN_IN = "/accounts/login/"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
#: What a person's own screens remember of themselves; it belongs to no tenant.
SESSIONS = (
    "django_session",
    "wagtailadmin_editingsession",
    "wagtailadmin_formstate",
    "wagtailcore_pagesubscription",
)
WRITES = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
#: Whose words a token shows: those of its placement's two sides, or of the team that invites.
SIDES = {"quayside": "brightwater", "northgate": "saffron", "tarn": "fellside"}
TOLD = {"invitation_token*": ("PERSON", "PRIVATE", "SHARED", "OPEN")}
TOLD_OF_PLACEMENT = ("SHARED", "HOSTED", "PERSON")
#: Where an employer chooses among the schools of its own hub, it reads what they are called.
NAMES_SCHOOLS = frozenset({"employer-opportunity-release"})


class Answer:
    """What came back: `cell` for the table, the canaries met, the tables written to."""

    changed = False  # looked at only where nothing may change: it reads every table

    def __init__(self, response, written: set[str]) -> None:
        self.status = response.status_code
        self.location = response.headers.get("Location", "")
        self.policy = response.headers.get("Content-Security-Policy", "")
        body = b"".join(response.streaming_content) if response.streaming else response.content
        self.canaries = in_text(body.decode(errors="replace") + " ".join(map(str, response.headers.values())))
        self.written = written

    @property
    def cell(self) -> str:
        return f"{self.status}:in" if self.location.startswith(SIGN_IN) else str(self.status)

    @property
    def is_refusal(self) -> bool:
        return self.status in (401, 403, 404, 405) or self.cell == "302:in"


class Walker:
    def __init__(self, persona: Persona, world: World, host: str = "testserver") -> None:
        self.persona, self.world = persona, world
        self.client = Client(raise_request_exception=False, SERVER_NAME=host)
        self.cookies: dict[str, SimpleCookie] = {}
        user = persona.user(world)
        if user is not None:
            self.client.force_login(user)
        for side in ("", "school", "employer"):
            self.cookies[side] = self._acting(side)
        self.before = fingerprint()

    def _acting(self, side: str) -> SimpleCookie:
        """Cookies of a session in which hub staff work for hub A's own school or employer."""
        if not self.persona.is_staff or not side:
            return SimpleCookie(self.client.cookies.output(header="", sep=";"))
        other = Client()
        other.force_login(self.persona.user(self.world))
        session = other.session
        session[ACTING] = self.world.organisations[self._tenant(side)].pk
        session.save()
        return SimpleCookie(other.cookies.output(header="", sep=";"))

    def cookies_for(self, side: str) -> SimpleCookie:
        """As they were at first: a POST to sign out must not sign the next call out."""
        return SimpleCookie(self.cookies[side if side in self.cookies else ""].output(header="", sep=";"))

    def _tenant(self, side: str) -> str:
        return {"school": "quayside", "employer": "brightwater"}.get(side, self.persona.tenant)

    # ---- Whose rows ------------------------------------------------------------

    def side_of(self, route: Route) -> str:
        """For whom hub staff work at this address; everybody else works for their own."""
        if not self.persona.is_staff:
            return ""
        first = route.pattern.partition("/")[0]
        return first if first in ("school", "employer") else "school" if route.name == "feed-revoke" else ""

    def own(self, route: Route) -> dict[str, Any]:
        kinds = kinds_of(route)
        return {argument: self._own_row(kind, self.side_of(route)) for argument, kind in kinds.items()}

    def _own_row(self, kind: str, side: str) -> Any:
        if kind.startswith("="):
            return kind[1:]
        kind = kind.rstrip("*")
        tenant = self._tenant(side)
        hub = self.world.hub_of(tenant) if tenant else ""
        for one in (tenant, hub, "quayside", "brightwater", "harbour"):
            if kind in self.world.rows.get(one, {}):
                return self.world.rows[one][kind]
        raise LookupError(f"The world has no row of kind {kind}: add it in tests/isolation/world.py.")

    def has_own(self, route: Route) -> bool:
        """Whether any row in the address is the persona's own, or their hub's."""
        tenant = self._tenant(self.side_of(route))
        if not tenant:
            return False
        theirs = {*self.world.rows[tenant], *self.world.rows[self.world.hub_of(tenant)]}
        if self.persona.is_staff:
            theirs |= {kind for one in self.world.tenants_in("harbour") for kind in self.world.rows[one]}
        elif route.pattern.startswith("admin/"):
            return False
        return any(kind.rstrip("*") in theirs for kind in kinds_of(route).values())

    def foreign(self, route: Route) -> Iterator[dict[str, Any]]:
        """Arguments in which everything, and then one thing at a time, is somebody else's.

        Nothing is to the superuser.
        """
        if self.persona.is_root:
            return
        kinds = {a: k for a, k in kinds_of(route).items() if not k.startswith("=") and k.rstrip("*") not in SHARED}
        own, seen = self.own(route), set()
        for tenant, rows in self._others(route):
            near = self.world.hub_of(tenant) == "harbour"
            theirs = {
                argument: rows[kind.rstrip("*")]
                for argument, kind in kinds.items()
                if kind.rstrip("*") in rows and not (near and kind.endswith("*"))
            }
            theirs = {argument: row for argument, row in theirs.items() if row != own[argument]}
            for some in (theirs, *({argument: row} for argument, row in theirs.items())):
                values = own | some
                if some and tuple(values.values()) not in seen:
                    seen.add(tuple(values.values()))
                    yield values

    def _others(self, route: Route) -> Iterator[tuple[str, dict[str, Any]]]:
        """(tenant, rows) of everybody whose rows are not the persona's to reach at this address."""
        world, side = self.world, self.side_of(route)
        mine = {self._tenant(side)} if side or not self.persona.is_staff else set(world.tenants_in("harbour"))
        if self.persona.tenant and not self.persona.is_staff:
            mine.add(world.hub_of(self.persona.tenant))
        yield from ((tenant, rows) for tenant, rows in world.rows.items() if tenant not in mine)
        if not self.persona.is_staff:
            yield self.persona.tenant or "fells", world.hidden.get(self.persona.tenant, {})

    # ---- Asking ----------------------------------------------------------------

    def ask(self, route: Route, method: str, values: dict[str, Any], said: dict[str, Any] | None = None) -> Answer:
        """Whatever it does is undone. `said` is sent to the API."""
        side = self.side_of(route)
        self.client.cookies = self.cookies_for(side)
        cache.clear()  # limits on attempts are not what is asked here
        extra: dict[str, Any] = {}
        if route.pattern.startswith("api/") and method not in SAFE:
            extra = {"content_type": "application/json", "data": json.dumps(said or {})}
            if self.persona.is_staff:
                extra["headers"] = {ACTING_HEADER: str(self._own_row(self._api_side(route), ""))}
        with undone(), writes() as written:
            response = self.client.generic(method, route.address(values), **extra)
            answer = Answer(response, written)
            if written and (answer.is_refusal or method in SAFE):
                answer.changed = fingerprint() != self.before
        return answer

    def _api_side(self, route: Route) -> str:
        """The kind of organisation hub staff name in the header of a call that changes something."""
        app = route.view.cls.__module__.partition(".")[0]
        return "school" if app in ("schools", "placements") else "employer"

    def may_read(self, route: Route) -> set[str]:
        """The canaries the persona may meet at the address, with whose token is in it."""
        tokens = [kind for kind in kinds_of(route).values() if kind.endswith("_token*")]
        tenant = self.persona.tenant if self.persona.tenant in self.world.organisations else "quayside"
        sides = {tenant, SIDES.get(tenant, ""), *(school for school, one in SIDES.items() if one == tenant)}
        told = {sight: sides for kind in tokens for sight in TOLD.get(kind, TOLD_OF_PLACEMENT)}
        if route.name in NAMES_SCHOOLS:
            hub = self.world.organisations[tenant].hub_id
            told["SHARED"] = {one for one in SIDES if self.world.organisations[one].hub_id == hub}
        return {*PUBLIC, *self.persona.reads} | {
            f"{one}-{sight}".upper() for sight, places in told.items() for one in places
        }


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def writes() -> Iterator[set[str]]:
    """The tables written to meanwhile, sessions apart."""
    tables: set[str] = set()

    def watch(execute, sql, params, many, context):
        found = WRITES.match(sql)
        if found and found.group(1) not in SESSIONS:
            tables.add(found.group(1))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield tables


def fingerprint() -> str:
    """Every row of every table there is, sessions apart: what must not have changed."""
    digest = hashlib.sha256()
    with connection.cursor() as cursor:
        for model in sorted(apps.get_models(include_auto_created=True), key=lambda one: one._meta.db_table):
            table = model._meta.db_table
            if model._meta.managed and not model._meta.proxy and table not in SESSIONS:
                key = connection.ops.quote_name(model._meta.pk.column)
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY {key}")
                digest.update(repr((table, cursor.fetchall())).encode())
    return digest.hexdigest()
