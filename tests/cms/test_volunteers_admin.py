"""The hub's overview of volunteers: prepared, lapsing, missing by employer; the starter module; the rule."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cms import preparing
from cms.models import PreparationPage
from employers.models import Preparation, Volunteer
from hubs.domain.staff import sync_staff
from hubs.errors import CannotAct, Refused
from hubs.models import Message, Requirement
from tests.cast import NOW, actor

TODAY = dt.date(2026, 9, 15)
LIST = "volunteers:index"


def volunteer(employer, name: str, *, until: dt.date | None = None, **fields) -> Volunteer:
    row = Volunteer.objects.create(hub=employer.hub, employer=employer, name=name, email="v@x.example", **fields)
    if until:
        (page,) = preparing.modules(employer.hub)
        done = {"hub": employer.hub, "employer": employer, "page": page, "done_on": TODAY - dt.timedelta(days=700)}
        Preparation.objects.create(volunteer=row, valid_until=until, **done)
    return row


@pytest.fixture
def office(client, cast, sites, public_now):
    sync_staff(cast.hub)
    for row in (cast.employer, cast.other_employer):
        row.hub = cast.hub
    client.force_login(cast.amina)
    return client


@pytest.fixture
def four(cast, office):
    volunteer(cast.employer, "Prepared", until=TODAY + dt.timedelta(days=31))
    volunteer(cast.employer, "Lapsing", until=TODAY + dt.timedelta(days=30))
    volunteer(cast.other_employer, "Lapsed", until=TODAY - dt.timedelta(days=1))
    volunteer(cast.other_employer, "Missing")
    volunteer(cast.other_employer, "Gone", is_active=False)


def names(client, **filters) -> list[str]:
    return [row.name for row in client.get(reverse(LIST), filters).context["object_list"]]


def test_the_list_says_who_is_prepared_lapsing_or_missing_by_employer(cast, office, four, sites):
    volunteer(cast.employer_b, "Theirs")
    assert names(office) == ["Lapsing", "Prepared", "Lapsed", "Missing"]
    for state in ("prepared", "lapsing", "lapsed", "missing"):
        assert names(office, preparation=state) == [state.capitalize()]
    assert names(office, employer=cast.other_employer.pk) == ["Lapsed", "Missing"]
    assert names(office, employer=cast.other_employer.pk, preparation="missing") == ["Missing"]


def test_the_list_costs_the_same_with_one_and_three_rows(cast, office):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert office.get(reverse(LIST)).status_code == 200
        return len(queries)

    volunteer(cast.employer, "One", until=TODAY)
    count()
    first = count()
    for name in ("Two", "Three"):
        volunteer(cast.other_employer, name)
    assert (first, count()) == (15, 15)


def test_a_volunteers_page_says_what_was_done_and_sends_the_link(cast, office):
    row = volunteer(cast.employer, "Missing")
    page = office.get(reverse("volunteers:inspect", args=[row.pk])).content.decode()
    assert "Before you meet young people" in page
    assert "still to do" in page
    assert office.post(reverse("volunteers:act", args=[row.pk, "send"])).status_code == 302
    assert Message.objects.get().kind == preparing.ASKED
    office.force_login(cast.ben)
    assert office.post(reverse("volunteers:act", args=[row.pk, "send"])).status_code == 403


def test_a_hub_without_a_module_adds_the_starter_as_a_draft(cast, office):
    page = reverse("volunteers:asked")
    assert "Add the starter module" not in office.get(page).content.decode()
    with pytest.raises(Refused, match="has “Before you meet young people” already"):
        preparing.add_starter_module(cast.hub, by=actor(cast.amina, cast.hub), now=NOW)
    PreparationPage.objects.descendant_of(cast.hub.site.root_page).get().delete()
    assert "Add the starter module as a draft" in office.get(page).content.decode()
    answer = office.post(page, {"starter": "1"})
    made = PreparationPage.objects.descendant_of(cast.hub.site.root_page).get()
    assert answer.url == reverse("wagtailadmin_pages:edit", args=[made.pk])
    assert (made.live, made.is_required, preparing.modules(cast.hub)) == (False, True, [])
    assert office.get(answer.url).status_code == 200
    made.get_latest_revision().publish()
    assert preparing.modules(cast.hub) == [made]
    assert len(made.questions) == 3


def test_a_lead_asks_for_it_by_a_rule(cast, office):
    page = reverse("volunteers:asked")
    assert "Ask for it before the start" in office.get(page).content.decode()
    assert office.post(page, {"rule": "1"}).url == page
    rule = Requirement.objects.get(hub=cast.hub)
    assert (rule.kind, rule.blocks, rule.is_legal, len(rule.tiers)) == ("preparation", "start", False, 7)
    shown = office.get(page).content.decode()
    assert (rule.title in shown, "Ask for it before the start" in shown) == (True, False)
    assert "every encounter" in shown
    Requirement.objects.update(tiers=["T5", "T6"])
    assert "paid work; mentoring" in office.get(page).content.decode()
    with pytest.raises(Refused, match="asks for it already"):
        preparing.ask_before_contact(cast.hub, by=actor(cast.amina, cast.hub), now=NOW)


def test_who_only_reads_adds_neither(cast, office):
    PreparationPage.objects.descendant_of(cast.hub.site.root_page).get().delete()
    by = actor(cast.ben, cast.hub)
    for verb in (preparing.add_starter_module, preparing.ask_before_contact):
        with pytest.raises(CannotAct):
            verb(cast.hub, by=by, now=NOW)
    office.force_login(cast.ben)
    page = reverse("volunteers:asked")
    shown = office.get(page).content.decode().partition("What they go through")[2].partition("</main>")[0]
    assert "<button" not in shown
    assert office.post(page, {"starter": "1"}).status_code == 403
