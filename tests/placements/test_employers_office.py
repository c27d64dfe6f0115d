"""An employer's page in the back office, and two records put together there."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from cms.domain import open_site
from employers import domain, framing
from employers.models import Document, Employer, SelfAssessment
from hubs.actors import system
from hubs.domain.notes import write_note
from hubs.domain.staff import sync_staff
from opportunities.models import ActionPlan, ActionPlanTemplate, PlanStep, Pledge
from placements.domain.merging import merge
from tests import scenes
from tests.cast import NOW, actor


@pytest.fixture(autouse=True)
def _at_now(monkeypatch):
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)


@pytest.fixture
def office(client, cast):
    open_site(cast.hub, by=system(), now=NOW)
    cast.hub.refresh_from_db()
    sync_staff(cast.hub)
    client.force_login(cast.amina)
    return client


def words(answer) -> str:
    return " ".join(answer.content.decode().split())


def page_of(employer: Employer) -> str:
    return reverse("employers:inspect", args=[employer.pk])


def merge_page(employer: Employer) -> str:
    return reverse("employers:merge", args=[employer.pk])


def much(cast, number: int) -> None:
    """One more of everything an employer has."""
    hub, employer, desk = cast.hub, cast.employer, actor(cast.amina, cast.hub)
    offer = scenes.opportunity(employer, title=f"Tour {number}")
    scenes.placement(
        cast, state="offered", wanted=scenes.session(offer), of=scenes.group(cast.school, f"9{number}", size=2)
    )
    template = ActionPlanTemplate.objects.create(hub=hub, name=f"Year {number}")
    plan = ActionPlan.objects.create(
        hub=hub, employer=employer, template=template, year_starts_on=dt.date(2026, 9, 1), adopted_at=NOW,
        year_ends_on=dt.date(2027, 8, 31),
    )  # fmt: skip
    for title, state in (("Talk", "done"), (f"Visit {number}", "planned")):
        PlanStep.objects.create(
            hub=hub, employer=employer, plan=plan, title=title, state=state, due_on=dt.date(2026, 11, 2)
        )
    Pledge.objects.create(
        hub=hub, employer=employer, year_starts_on=dt.date(2025 + number, 9, 1), answer="yes", answered_at=NOW
    )
    Document.objects.create(
        hub=hub, employer=employer, kind="risk", state="held", expires_on=dt.date(2026, 9, number), added_at=NOW
    )
    domain.add_site(employer, {"name": f"Yard {number}"}, by=desk, now=NOW)
    domain.add_contact(employer, {"name": f"Person {number}", "phone": "0114"}, by=desk, now=NOW)
    domain.add_volunteer(employer, {"name": f"Vi {number}"}, by=desk, now=NOW)
    write_note(employer, f"Call {number}", next_contact_on=dt.date(2026, 10, 5), by=desk, now=NOW)
    SelfAssessment.objects.create(
        hub=hub, employer=employer, framework=framing.load_framework(hub, by=system(), now=NOW), size="small",
        started_at=NOW, state="final", submitted_at=NOW, fingerprint="x",
    )  # fmt: skip


@pytest.mark.slow
def test_an_employers_page_has_everything(office, cast, django_assert_num_queries):
    much(cast, 1)
    office.get(page_of(cast.employer))  # what is kept for the process
    with django_assert_num_queries(PAGE):
        shown = words(office.get(page_of(cast.employer)))
    for said in (
        "Be in touch again on Mon 5 October", "Asked 1 time in the last 30 days; it wants at most 4 a month.",
        "What it can give in the year from 2026: yes", "Year 1 2026", "1 of 2 steps done", "Next: Visit 1, by",
        "Tour 1", "1 session to come", "2 of 20 places taken", "offered to the employer", "Quayside School · 91",
        "Risk assessment covering young people", 'class="tl-late">lapsed on', "Good hosting", "Yard 1",
        "Person 1", "main contact", "1 volunteer", "Call 1", "Lead Brightwater · employer lead", "What it was written",
        "What was done",
    ):  # fmt: skip
        assert (said, said in shown) == (said, True)
    for number in (2, 3):
        much(cast, number)
    with django_assert_num_queries(PAGE):
        office.get(page_of(cast.employer))


PAGE = 25


@pytest.mark.slow
def test_a_record_like_it_is_found_compared_and_put_into_it(office, cast):
    desk = actor(cast.amina, cast.hub)
    domain.change_employer(cast.other_employer, {"number": "77"}, by=desk, now=NOW)
    twin = Employer.objects.create(hub=cast.hub, name="Brightwater Engineering Ltd", number="12")
    assert merge_page(cast.employer) in words(office.get(page_of(cast.employer)))
    found = words(office.get(merge_page(cast.employer)))
    assert ("same name" in found, "Saffron" in found) == (True, False)
    assert "Saffron Bakery" in words(office.get(merge_page(cast.employer), {"q": "saffron"}))
    assert "No other employer is called “zzz”." in words(office.get(merge_page(cast.employer), {"q": "zzz"}))
    compared = words(office.get(merge_page(cast.employer), {"with": twin.pk}))
    for said in ("<strong>Brightwater Engineering Ltd</strong> goes into it", "Which is kept", "Memberships"):
        assert (said, said in compared) == (said, True)
    answer = office.post(merge_page(cast.employer), {"with": twin.pk, "name": "goes", "number": "goes"}, follow=True)
    assert "“Brightwater Engineering Ltd” was put into this record." in words(answer)
    cast.employer.refresh_from_db()
    twin.refresh_from_db()
    assert (cast.employer.name, cast.employer.number) == ("Brightwater Engineering Ltd", "12")
    assert (twin.name, twin.merged_into, twin.is_active) == ("Brightwater Engineering", cast.employer, False)


@pytest.mark.slow
def test_the_record_put_away_points_on_and_is_not_changed(office, cast):
    merge(cast.employer, cast.other_employer, by=actor(cast.amina, cast.hub), now=NOW)
    shown = words(office.get(page_of(cast.other_employer)))
    assert "it is the same employer as" in shown
    for gone in (merge_page(cast.other_employer), "Act for Saffron Bakery"):
        assert (gone, gone in shown) == (gone, False)
    edit = office.get(reverse("employers:edit", args=[cast.other_employer.pk]), follow=True)
    assert "was put together with “Brightwater Engineering”" in words(edit).replace("&quot;", '"')
    assert "put another record of the same employer into it" in words(office.get(page_of(cast.employer)))
    lists = [words(office.get(reverse("employers:index"), {"q": text})) for text in ("", "saffron")]
    assert ["Saffron Bakery" in shown for shown in lists] == [False, True]


def test_what_cannot_be_is_said_and_nothing_is_done(office, cast):
    merge(cast.employer, cast.other_employer, by=actor(cast.amina, cast.hub), now=NOW)
    third = Employer.objects.create(hub=cast.hub, name="Third")
    for ask in (office.get, office.post):
        shown = words(ask(merge_page(third), {"with": cast.other_employer.pk}))
        assert "“Saffron Bakery” was put together with “Brightwater Engineering” already" in shown
    assert "This is one record." in words(office.get(merge_page(third), {"with": third.pk}))
    twin = Employer.objects.create(hub=cast.hub, name="Fourth")
    assert "This field is required." in words(office.post(merge_page(third), {"with": twin.pk}))
    assert Employer.objects.exclude(merged_into=None).count() == 1


def test_another_hubs_record_is_not_there_and_a_viewer_may_not(office, cast):
    for stays, goes in ((cast.employer, cast.employer_b), (cast.employer_b, cast.employer)):
        for ask in (office.get, office.post):
            assert ask(merge_page(stays), {"with": goes.pk}).status_code == 404
    assert office.get(merge_page(cast.employer), {"with": "x"}).status_code == 404
    office.force_login(cast.ben)
    for ask in (office.get, office.post):
        assert ask(merge_page(cast.employer), {"with": cast.other_employer.pk}).status_code == 403
    assert not Employer.objects.exclude(merged_into=None).exists()
