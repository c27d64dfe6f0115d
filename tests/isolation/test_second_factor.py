"""Hub staff without a second factor reach no row, by a page or by the API, whenever they signed in."""

from __future__ import annotations

import pytest
from django.test import override_settings

from hubs.actors import oneself
from hubs.domain.accounts import make_token
from hubs.second_factor import SecondFactorMiddleware
from tests.cast import NOW
from tests.isolation.personas import PERSONAS
from tests.isolation.routes import all_routes
from tests.isolation.walker import SAFE, Walker, undone, writes

pytestmark = pytest.mark.django_db

SET_UP = "/accounts/2fa/totp/activate/"
STAFF = [one for one in PERSONAS if one.is_staff]


def closed_routes():
    """Every address but those that ask nobody who they are."""
    open_ones = tuple(one.lstrip("/") for one in SecondFactorMiddleware.OPEN)
    return [one for one in all_routes() if not one.pattern.startswith(open_ones)]


@pytest.mark.long
@pytest.mark.parametrize("persona", STAFF, ids=lambda persona: persona.name)
def test_a_session_from_before_leads_to_setting_one_up_from_everywhere(world, persona):
    walker = Walker(persona, world)
    elsewhere = []
    with override_settings(HUB_STAFF_NEED_MFA=True):
        for route in closed_routes():
            for method in route.methods:
                answer = walker.ask(route, method, walker.own(route))
                if answer.location != SET_UP or answer.written:
                    elsewhere.append(f"{method} {route.pattern} answers {answer.cell} {answer.location}")
    assert elsewhere == []


@pytest.mark.slow
@pytest.mark.parametrize("persona", STAFF, ids=lambda persona: persona.name)
def test_a_token_from_before_opens_nothing_of_the_api(world, persona):
    walker = Walker(persona, world)
    opened, met = [], 0
    with undone():
        by = oneself(persona.user(world), world.cast.hub.pk, via="page")
        _row, secret = make_token(by.user, "From before", by=by, now=NOW)
        headers = {"Authorization": f"Bearer {secret}"}
        walker.client.logout()
        assert walker.client.get("/api/v1/groups/", headers=headers).status_code == 200  # the setting is off
        with override_settings(HUB_STAFF_NEED_MFA=True):
            for route in (one for one in all_routes() if one.pattern.startswith("api/v1/")):
                for method in route.methods:
                    with undone(), writes() as written:
                        body = {} if method in SAFE else {"data": "{}", "content_type": "application/json"}
                        answer = walker.client.generic(
                            method, route.address(walker.own(route)), headers=headers, **body
                        )
                    met += 1
                    if answer.status_code != 403 or written:
                        opened.append(f"{method} {route.pattern} answers {answer.status_code}, writes {written}")
    assert (opened, met > 50) == ([], True)
