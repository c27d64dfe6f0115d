"""What they learn and practise, and in which fields of work: typed in the wizard, kept, and read by schools."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import translation

from employers.models import Sector
from hubs.errors import Refused
from opportunities import skills
from opportunities.domain import offers
from opportunities.models import Opportunity
from opportunities.templatetags.offers import skill_words
from tests import scenes
from tests.cast import NOW
from tests.opportunities.making import draft, kind, lead, published

NEW = reverse("employer-opportunity-new")


@pytest.fixture
def page(client, cast, monkeypatch):
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)
    client.force_login(cast.employer_lead)
    return client


@pytest.fixture
def fields():
    return [
        Sector.objects.get_or_create(code=code, defaults={"name": code.title()})[0] for code in ("energy", "health")
    ]


def what(cast, **more) -> dict:
    return {"encounter_type": kind(cast.hub).pk, "title": "Behind the scenes", "summary": "See it made."} | more


def test_the_wizard_asks_for_what_they_learn_practise_and_in_which_field(page, cast, fields):
    energy, health = fields
    cast.employer.sectors.set([health])
    assert list(page.get(NEW).context["form"]["sectors"].value()) == [health.pk]
    sent = what(cast, outcomes="They name three jobs.", sectors=[energy.pk], skills=["teamwork", "safety"])
    assert page.post(NEW, sent).status_code == 302
    row = Opportunity.objects.get()
    assert (row.outcomes, row.skills, list(row.sectors.all())) == (
        "They name three jobs.", ["teamwork", "safety"], [energy],
    )  # fmt: skip
    shown = page.get(reverse("employer-opportunity", args=[row.pk])).content.decode()
    assert "working with others, working safely" in shown
    assert energy.name in shown


def test_left_empty_they_are_as_usual(page, cast, fields):
    cast.employer.sectors.set(fields)
    kind(cast.hub, outcomes="They have seen a workplace.")
    page.post(NEW, what(cast))
    row = Opportunity.objects.get()
    assert (row.outcomes, row.skills, set(row.sectors.all())) == ("They have seen a workplace.", [], set(fields))


def test_what_was_said_in_other_words_is_kept(page, cast):
    row = draft(cast, skills=["beekeeping", "teamwork"])
    url = reverse("employer-opportunity-what", args=[row.pk])
    form = page.get(url).context["form"]
    assert form["skills"].value() == ["beekeeping", "teamwork"]
    page.post(url, what(cast, skills=["beekeeping"], seen_at=form["seen_at"].value()))
    row.refresh_from_db()
    assert row.skills == ["beekeeping"]
    assert page.post(url, what(cast, skills=["witchcraft"])).status_code == 200
    row.refresh_from_db()
    assert row.skills == ["beekeeping"]


def test_of_two_editors_the_second_sees_the_others_words(page, cast, fields):
    energy, health = fields
    row = draft(cast, sectors=[energy], skills=["teamwork"])
    url = reverse("employer-opportunity-what", args=[row.pk])
    seen = page.get(url).context["form"]["seen_at"].value()
    offers.change_opportunity(row, {"skills": ["safety"], "sectors": [health]}, by=lead(cast), now=NOW.replace(hour=23))
    shown = page.post(url, what(cast, skills=["digital"], sectors=[energy.pk], seen_at=seen))
    theirs = dict(shown.context["theirs"])
    assert (theirs["What they practise"], theirs["Fields of work"]) == ("working safely", health.name)
    row.refresh_from_db()
    assert row.skills == ["safety"]


@pytest.mark.parametrize("given", ["teamwork", [1], [" "], ["x" * 61], [f"skill {n}" for n in range(13)]])
def test_skills_are_a_few_short_words(cast, given):
    row = draft(cast)
    with pytest.raises(Refused, match="at most 12 skills"):
        offers.change_opportunity(row, {"skills": given}, by=lead(cast), now=NOW)


def test_each_is_said_once_and_in_the_readers_language(cast):
    row = draft(cast, skills=["teamwork", "safety", "teamwork"])
    assert row.skills == ["teamwork", "safety"]
    assert skill_words(["teamwork", "beekeeping"]) == "working with others, beekeeping"
    with translation.override("de"):
        assert len(skills.words(skills.SKILLS)) == len(skills.SKILLS)


def test_a_school_and_the_public_read_them(client, cast, fields, monkeypatch):
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)
    row = published(cast, skills=["problem-solving"], sectors=[fields[0]])
    scenes.group(cast.school)
    public = client.get(reverse("catalogue-opportunity", args=[row.pk])).content.decode()
    client.force_login(cast.coordinator)
    school = client.get(reverse("school-session", args=[row.sessions.get().pk])).content.decode()
    for text in (public, school):
        assert "solving problems" in text
        assert fields[0].name in text
