"""A plan is brought up to date without losing what was done; the hub sees how templates fare."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from hubs.domain.staff import sync_staff
from hubs.errors import CannotAct, Refused
from hubs.models import LogEntry
from opportunities.domain import offers, plans, templates, upgrades
from opportunities.models import ActionPlan, ActionPlanTemplate, TemplateStep
from schools.models import Closure
from tests.cast import NOW, actor
from tests.opportunities.making import kind, lead, staff

TITLES = ("Name a contact", "A talk", "A visit", "Look back")


@pytest.fixture
def template(cast):
    row = ActionPlanTemplate.objects.create(hub=cast.hub, name="A first year", state="published")
    for number, title in enumerate(TITLES):
        TemplateStep.objects.create(
            template=row, sort_order=number, title=title, week=10 + 4 * number, guidance="As ever.",
            encounter_type=kind(cast.hub) if title.startswith("A ") else None,
        )  # fmt: skip
    return row


@pytest.fixture
def plan(cast, template):
    return plans.adopt(template, cast.employer, by=lead(cast), now=NOW)


def newer_of(cast, template, *, drop=(), rename=None, later=None, add=None, publish=True):
    newer = templates.new_version(template, by=staff(cast), now=NOW)
    newer.steps.filter(title__in=drop).delete()
    for title, other in (rename or {}).items():
        newer.steps.filter(title=title).update(title=other)
    for title, week in (later or {}).items():
        newer.steps.filter(title=title).update(week=week)
    for title, week in (add or {}).items():
        TemplateStep.objects.create(template=newer, title=title, week=week, sort_order=9)
    newer = ActionPlanTemplate.objects.get(pk=newer.pk)
    if publish:
        templates.publish_template(newer, by=staff(cast), now=NOW)
    return newer


def step(plan, title):
    return plan.steps.get(title=title)


def test_a_draft_or_nothing_newer_is_no_upgrade(cast, plan, template):
    assert upgrades.newer_version(plan) is None
    newer_of(cast, template, publish=False)
    assert upgrades.newer_version(plan) is None


def test_the_difference_says_added_changed_dropped_and_kept(cast, plan, template):
    plans.complete_step(step(plan, "Name a contact"), by=lead(cast), now=NOW)
    offers.draft_opportunity(
        cast.employer, {"encounter_type": kind(cast.hub), "title": "One"}, plan_step=step(plan, "A visit"),
        by=lead(cast), now=NOW,
    )  # fmt: skip
    newer = newer_of(
        cast, template, drop=["A visit", "Look back"], rename={"A talk": "A short talk", "Name a contact": "Who?"},
        add={"Say thanks": 30},
    )  # fmt: skip
    found = upgrades.difference(plan, newer, now=NOW)
    assert [one.title for one, _day in found.added] == ["Say thanks"]
    assert [(one.step.title, one.fields, one.due_on) for one in found.changed] == [("A talk", ("title",), None)]
    assert [one.title for one in found.dropped] == ["Look back"]
    assert {one.title for one in found.kept} == {"Name a contact", "A visit"}


def test_an_upgrade_loses_nothing_that_was_done(cast, plan, template):
    done = step(plan, "Name a contact")
    plans.complete_step(done, by=lead(cast), now=NOW)
    plans.add_step(plan, title="Tea", due_on=dt.date(2026, 12, 1), by=lead(cast), now=NOW)
    before = {one.title: (one.state, one.due_on, one.done_at) for one in plan.steps.all()}
    newer = newer_of(cast, template, drop=["Name a contact", "Look back"], add={"Say thanks": 30})
    upgrades.upgrade_plan(plan, newer, by=lead(cast), now=NOW)
    after = {one.title: (one.state, one.due_on, one.done_at) for one in plan.steps.all()}
    assert after["Name a contact"] == ("done", before["Name a contact"][1], NOW)
    assert after["Tea"] == before["Tea"]
    assert after["A talk"] == before["A talk"]
    assert (after["Look back"][0], step(plan, "Look back").reason) == (
        "skipped", "Version 2 of the plan goes without it.",
    )  # fmt: skip
    assert after["Say thanks"][0] == "planned"
    plan.refresh_from_db()
    assert (plan.template, upgrades.newer_version(plan)) == (newer, None)
    assert step(plan, "A talk").template_step.template == newer
    assert LogEntry.objects.get(verb="upgraded").facts["added"] == 1


def test_an_upgrade_brings_the_standard_a_step_serves_by_now(client, cast, plan, template):
    plans.complete_step(step(plan, "Look back"), by=lead(cast), now=NOW)
    newer = newer_of(cast, template, add={"Say thanks": 30}, publish=False)
    newer.steps.update(standard="good-hosting:A2")
    templates.publish_template(newer, by=staff(cast), now=NOW)
    client.force_login(cast.employer_lead)
    shown = client.get(reverse("employer-plan-upgrade", args=[plan.pk])).content.decode()
    assert shown.count("serves another standard") == 3
    upgrades.upgrade_plan(plan, newer, by=lead(cast), now=NOW)
    assert dict(plan.steps.values_list("title", "standard")) == {
        **dict.fromkeys(("Name a contact", "A talk", "A visit", "Say thanks"), "good-hosting:A2"), "Look back": "",
    }  # fmt: skip


def test_days_follow_the_template_unless_moved_by_hand(cast, plan, template):
    plans.move_step(step(plan, "A visit"), dt.date(2026, 11, 24), by=lead(cast), now=NOW)
    newer = newer_of(cast, template, later={"A talk": 20, "A visit": 24})
    found = upgrades.difference(plan, newer, now=NOW)
    assert [(one.step.title, one.due_on) for one in found.changed] == [("A talk", dt.date(2027, 1, 19))]
    upgrades.upgrade_plan(plan, newer, by=lead(cast), now=NOW)
    assert step(plan, "A talk").due_on == dt.date(2027, 1, 19)
    assert step(plan, "A visit").due_on == dt.date(2026, 11, 24)


def test_a_step_with_something_offered_stays_until_that_is_withdrawn(cast, plan, template):
    mine = step(plan, "A visit")
    offer = offers.draft_opportunity(
        cast.employer, {"encounter_type": kind(cast.hub), "title": "One"}, plan_step=mine, by=lead(cast), now=NOW
    )
    before = {name: getattr(mine, name) for name in ("title", "encounter_type", "guidance", "due_on", "places")}
    newer = newer_of(cast, template, rename={"A visit": "A short visit"}, later={"A visit": 30, "A talk": 31})
    found = upgrades.upgrade_plan(plan, newer, by=lead(cast), now=NOW)
    assert ([one.step.title for one in found.changed], found.kept) == (["A talk"], [mine])
    mine.refresh_from_db()
    assert {name: getattr(mine, name) for name in before} == before
    newest = newer_of(cast, newer, add={"Say thanks": 32})
    offers.withdraw(offer, "Moving", by=lead(cast), now=NOW)
    assert [one.fields for one in upgrades.difference(plan, newest, now=NOW).changed] == [("title",)]


def test_who_may_not_and_what_is_not_the_newest(cast, plan, template):
    newer = newer_of(cast, template, add={"Say thanks": 30})
    with pytest.raises(CannotAct):
        upgrades.upgrade_plan(plan, newer, by=actor(cast.other_lead, cast.hub, cast.other_employer), now=NOW)
    newest = newer_of(cast, newer, add={"And cake": 31})
    with pytest.raises(Refused, match="once more"):
        upgrades.upgrade_plan(plan, newer, by=lead(cast), now=NOW)
    upgrades.upgrade_plan(plan, newest, by=lead(cast), now=NOW)
    with pytest.raises(Refused):
        upgrades.upgrade_plan(plan, newest, by=lead(cast), now=NOW)
    assert plan.steps.count() == 6


def test_the_page_shows_the_difference_and_does_it(client, cast, plan, template):
    client.force_login(cast.employer_lead)
    url = reverse("employer-plan-upgrade", args=[plan.pk])
    assert client.get(url).status_code == 302
    newer_of(cast, template, drop=["Look back"], add={"Say thanks": 30})
    assert client.get(reverse("employer-plan")).context["newer"].version == 2
    text = client.get(url).content.decode()
    assert [word for word in ("Say thanks", "Look back", "version 1", "newest is 2") if word not in text] == []
    client.post(url, {"version": "1"})
    assert plan.steps.count() == 4
    client.post(url, {"version": "2"})
    assert plan.steps.count() == 5
    client.force_login(cast.other_lead)
    assert (client.get(url).status_code, client.post(url).status_code) == (404, 404)


def test_steps_avoid_the_days_most_schools_are_closed(cast, template):
    # Week 10 begins on Tuesday 10 November.
    day = dt.date(2026, 11, 10)
    for school in (cast.school, cast.other_school):
        Closure.objects.create(
            hub=cast.hub, school=school, name="Closed", starts_on=day, ends_on=day + dt.timedelta(days=3)
        )
    found = plans.adopt(template, cast.employer, by=lead(cast), now=NOW)
    assert found.steps.get(title="Name a contact").due_on == dt.date(2026, 11, 16)
    Closure.objects.filter(school=cast.other_school).update(
        starts_on=dt.date(2026, 12, 21), ends_on=dt.date(2026, 12, 21)
    )
    assert day in plans.closed_days(cast.hub, day, day)  # of the one school whose closures are known then
    Closure.objects.create(
        hub=cast.hub, school=cast.school_b, name="Elsewhere", starts_on=day, ends_on=day + dt.timedelta(days=300)
    )
    assert dt.date(2026, 12, 1) not in plans.closed_days(cast.hub, day, dt.date(2026, 12, 31))


def test_the_hub_sees_drift(client, cast, plan, template):
    plans.complete_step(step(plan, "Name a contact"), by=lead(cast), now=NOW)
    plans.skip_step(step(plan, "A talk"), "Nobody free", by=lead(cast), now=NOW)
    other = plans.adopt(template, cast.other_employer, by=staff(cast), now=NOW)
    plans.abandon_plan(other, "Moved away", by=staff(cast), now=NOW)
    newer = newer_of(cast, template, add={"Say thanks": 30})
    found = upgrades.drift(newer, today=dt.date(2027, 6, 1))
    assert (dict(found.states), found.behind, found.old) == ({"active": 1, "abandoned": 1}, 1, 1)
    counts = dict(zip(TITLES, [(0, 1, 0), (0, 0, 1), (1, 0, 0), (1, 0, 0)], strict=True))
    assert {title: tuple(rest) for title, *rest in found.steps} == counts
    assert upgrades.drift(newer, today=NOW.date()).behind == 0
    sync_staff(cast.hub)
    client.force_login(cast.amina)
    text = client.get(reverse("templates:inspect", args=[newer.pk])).content.decode()
    assert "2 plans in all: 1 under way, 0 completed, 1 given up." in text
    assert ActionPlan.objects.count() == 2


def test_the_hub_lists_plans_that_are_behind_or_skip_steps(client, cast, plan, template, monkeypatch):
    other = plans.adopt(template, cast.other_employer, by=staff(cast), now=NOW)
    plans.skip_step(step(other, "A talk"), "Nobody free", by=staff(cast), now=NOW)
    plans.complete_step(step(plan, "Name a contact"), by=lead(cast), now=NOW)
    sync_staff(cast.hub)

    def listed(day: dt.datetime, **how) -> list:
        monkeypatch.setattr("hubs.middleware.timezone.now", lambda: day)
        client.force_login(cast.amina)  # nobody's session lasts until Christmas
        rows = client.get(reverse("plans:index"), how).context["object_list"]
        return [(one.employer, one.steps_done, one.steps_skipped, one.behind_since) for one in rows]

    # "Name a contact" was due on 10 November, "A talk" on 8 December, "A visit" on 5 January.
    late = dt.datetime(2026, 12, 23, 9, tzinfo=dt.UTC)
    mine = (cast.employer, 1, 0, dt.date(2026, 12, 8))
    theirs = (cast.other_employer, 0, 1, dt.date(2026, 11, 10))
    assert listed(NOW, standing="behind") == []
    assert listed(late, standing="behind") == [mine, theirs]
    assert listed(late, standing="skipped") == [theirs]
    assert listed(dt.datetime(2026, 12, 22, 9, tzinfo=dt.UTC), standing="behind") == [theirs]
    plans.abandon_plan(other, "Moved away", by=staff(cast), now=NOW)
    assert listed(late, standing="behind") == [mine]
    shown = client.get(reverse("plans:inspect", args=[other.pk])).content.decode()
    assert [words for words in ("Nobody free", f"{cast.other_employer}: A first year") if words not in shown] == []
    row = next(one for one in client.get(reverse("templates:index")).context["object_list"] if one == template)
    assert (row.plans_all, row.plans_done, row.plans_gone) == (2, 0, 1)


@pytest.mark.parametrize(("version", "name"), [(1, "Another"), (2, "A first year")])
def test_only_the_first_version_is_renamed(client, cast, plan, template, version, name):
    sync_staff(cast.hub)
    client.force_login(cast.amina)
    row = newer_of(cast, template, publish=False)
    if version == 1:
        row = ActionPlanTemplate.objects.create(hub=cast.hub, name="New")
    data = {
        "name": "Another", "about": "Better words.", "language": "en-gb", "steps-TOTAL_FORMS": "0",
        "steps-INITIAL_FORMS": "0", "steps-MIN_NUM_FORMS": "0", "steps-MAX_NUM_FORMS": "1000",
    }  # fmt: skip
    assert client.get(reverse("templates:edit", args=[row.pk])).status_code == 200
    assert client.post(reverse("templates:edit", args=[row.pk]), data).status_code == 302
    row.refresh_from_db()
    assert (row.version, row.name, row.about) == (version, name, "Better words.")
    if version == 2:
        templates.publish_template(ActionPlanTemplate.objects.get(pk=row.pk), by=staff(cast), now=NOW)
        assert upgrades.newer_version(plan) == row
