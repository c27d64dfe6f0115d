"""The employer's pages: the wizard, the list, the plan; who sees them; how many statements."""

import datetime as dt

import pytest
from django.urls import reverse

from employers import framing
from hubs.actors import system
from hubs.models import HUB_STAFF
from opportunities.domain import library, offers, plans
from opportunities.models import ActionPlan, ActionPlanTemplate, DayPlan, EncounterType, Opportunity, PlanStep, Session
from tests import scenes
from tests.opportunities.making import draft, in_state, kind, lead, published, session, site, staff

#: Statements of a page, whatever the number of rows.
LIST, DETAIL, PLAN, CHOOSE = 6, 8, 8, 8


@pytest.fixture
def page(client, cast):
    client.force_login(cast.employer_lead)
    return client


@pytest.fixture(autouse=True)
def _at_now(monkeypatch, now):
    """Pages read the clock of the tests."""
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: now)


def days(*rows):
    data = {"days-TOTAL_FORMS": len(rows), "days-INITIAL_FORMS": 0}
    for number, (on, start, end) in enumerate(rows):
        data |= {f"days-{number}-on": on, f"days-{number}-start": start, f"days-{number}-end": end}
    return data


def what(cast, **fields):
    return {
        "encounter_type": kind(cast.hub).pk,
        "title": "Behind the scenes",
        "summary": "See how a gearbox is made.",
    } | fields


def test_the_wizard_leads_from_nothing_to_the_hub(page, cast):
    dock = site(cast)
    library = DayPlan.objects.create(hub=cast.hub, title="A day", items=[{"at": "09:00", "what": "Welcome"}])
    first = page.post(reverse("employer-opportunity-new"), what(cast))
    row = Opportunity.objects.get()
    assert (first.status_code, first.url) == (302, reverse("employer-opportunity-dates", args=[row.pk]))
    assert page.get(first.url).status_code == 200
    second = page.post(
        first.url, days(("2026-10-13", "09:30", "11:30")) | {"places": 12, "group_min": 6, "then": "onward"}
    )
    assert second.url == reverse("employer-opportunity-practical", args=[row.pk])
    shown = page.get(second.url)
    given = {
        "seen_at": shown.context["form"]["seen_at"].value(),
        "place": f"site-{dock.pk}",
        "supervisor": "The workshop lead",
        "day_plan": library.pk,
        "clothing": "Closed shoes",
    }
    third = page.post(second.url, given)
    assert third.url == reverse("employer-opportunity-review", args=[row.pk])
    review = page.get(third.url)
    assert review.context["gaps"] == []
    assert "desk" not in review.content.decode()
    done = page.post(third.url, follow=True)
    row.refresh_from_db()
    assert (row.state, row.site, row.day_plan, row.clothing) == ("submitted", dock, library.items, "Closed shoes")
    assert "Harbour Careers Hub reads it" in done.content.decode()


def test_the_wizard_asks_for_fewer_than_twenty_five_things(page, cast):
    row = draft(cast)
    count = 0
    for name in ("what", "dates", "practical"):
        context = page.get(reverse(f"employer-opportunity-{name}", args=[row.pk])).context
        count += len(context["form"].visible_fields())
    assert count + 3 <= 25  # and the three of a day


def test_the_wizard_is_left_and_continued(page, cast):
    left = page.post(reverse("employer-opportunity-new"), what(cast, then="leave"))
    row = Opportunity.objects.get()
    assert left.url == reverse("employer-opportunity", args=[row.pk])
    shown = page.get(left.url)
    assert shown.context["next_url"] == reverse("employer-opportunity-dates", args=[row.pk])
    session(row, cast)
    shown = page.get(left.url)
    assert shown.context["next_url"] == reverse("employer-opportunity-practical", args=[row.pk])
    again = page.get(reverse("employer-opportunity-what", args=[row.pk]))
    assert again.context["form"]["title"].value() == "Behind the scenes"


def test_what_was_typed_survives_an_error(page, cast):
    shown = page.post(reverse("employer-opportunity-new"), what(cast, title="", summary="Kept words", min_age="x"))
    assert (shown.status_code, Opportunity.objects.count()) == (200, 0)
    assert shown.context["form"]["summary"].value() == "Kept words"
    assert sorted(shown.context["form"].errors) == ["min_age", "title"]


def test_a_stale_edit_shows_both_and_the_second_save_decides(page, cast, now):
    row = draft(cast)
    url = reverse("employer-opportunity-what", args=[row.pk])
    seen = page.get(url).context["form"]["seen_at"].value()
    other = Opportunity.objects.get(pk=row.pk)
    offers.change_opportunity(other, {"title": "Theirs"}, by=staff(cast), now=now + dt.timedelta(minutes=5))
    mine = what(cast, title="Mine", seen_at=seen, min_age=11, max_age=18)
    shown = page.post(url, mine)
    assert (shown.status_code, Opportunity.objects.get(pk=row.pk).title) == (200, "Theirs")
    assert shown.context["theirs"] == [
        ("Title", "Theirs"),
        ("In one sentence", "See how a gearbox is made and make a small part yourself."),
    ]
    assert shown.context["form"]["title"].value() == "Mine"
    saved = page.post(url, mine | {"seen_at": shown.context["form"]["seen_at"].value()})
    assert (saved.status_code, Opportunity.objects.get(pk=row.pk).title) == (302, "Mine")


def test_what_is_published_is_edited_though_its_type_is_out_of_use(page, cast):
    row = published(cast)
    EncounterType.objects.filter(pk=row.encounter_type_id).update(is_active=False)
    url = reverse("employer-opportunity-what", args=[row.pk])
    shown = page.get(url)
    assert shown.context["form"]["encounter_type"].value() == row.encounter_type_id
    given = what(cast, title="Behind more scenes", seen_at=shown.context["form"]["seen_at"].value())
    assert page.post(url, given).status_code == 302
    row.refresh_from_db()
    assert (row.title, row.encounter_type.code) == ("Behind more scenes", "visit")


def test_days_are_added_and_taken_away_without_losing_what_was_typed(page, cast):
    url = reverse("employer-opportunity-dates", args=[draft(cast).pk])
    typed = days(("2026-10-16", "09:00", "15:00")) | {"places": 7}
    more = page.post(url, typed | {"more": 1})
    rows = [one.initial for one in more.context["days"]]
    # Friday is followed by Monday.
    assert [str(row["on"]) for row in rows] == ["2026-10-16", "2026-10-19"]
    assert (more.context["form"]["places"].value(), Session.objects.count()) == ("7", 0)
    fewer = page.post(url, days(*[("2026-10-16", "09:00", "15:00")] * 2) | {"fewer": 1})
    assert len(fewer.context["days"].forms) == 1


def test_a_bad_day_is_said_beside_it(page, cast):
    url = reverse("employer-opportunity-dates", args=[draft(cast).pk])
    shown = page.post(url, days(("2026-02-30", "09:00", "10:00")) | {"places": 7})
    assert shown.context["days"].forms[0].errors == {"on": ["Write the day as 2026-06-09."]}
    past = page.post(url, days(("2026-09-01", "09:00", "15:00")) | {"places": 7})
    assert past.context["form"].non_field_errors() == ["Tue 1 September has passed. Choose a day that lies ahead."]
    assert Session.objects.count() == 0


def test_a_broken_formset_is_no_error_page(page, cast):
    url = reverse("employer-opportunity-dates", args=[draft(cast).pk])
    for data in ({}, {"places": 3}, {"days-TOTAL_FORMS": "x"}, {"days-TOTAL_FORMS": 0, "days-INITIAL_FORMS": 0}):
        for press in ({}, {"more": 1}, {"fewer": 1}):
            assert page.post(url, data | press | {"q": 1}).status_code == 200


def test_the_reach_of_days_and_of_sessions_is_shown(page, cast):
    row = draft(cast)
    url = reverse("employer-opportunity-dates", args=[row.pk])
    assert page.get(url).context["reach"] is None
    scenes.group(cast.school, "10A")
    shown = page.get(url)
    assert (shown.context["reach"].groups, shown.context["reach"].able) == (1, 1)
    assert "1 of 1 group of this age could come." in shown.content.decode()


def test_the_hubs_comment_stands_on_top(page, cast, now):
    row = in_state(cast, "submitted")
    offers.send_back(row, "Say what to wear.", by=staff(cast), now=now)
    for name in ("employer-opportunity", "employer-opportunity-practical"):
        assert "Say what to wear." in page.get(reverse(name, args=[row.pk])).content.decode()


def test_moves_by_buttons(page, cast):
    row = published(cast)

    def press(name, data=None, **kwargs):
        page.post(reverse(name, args=[row.pk, *kwargs.values()]), data or {})
        row.refresh_from_db()
        return row.state

    assert press("employer-opportunity-pause", {"until": ""}) == "paused"
    assert press("employer-opportunity-move", verb="resume") == "published"
    assert press("employer-opportunity-withdraw", {"reason": ""}) == "published"
    assert press("employer-opportunity-withdraw", {"reason": "Moving"}) == "withdrawn"
    assert page.post(reverse("employer-opportunity-move", args=[row.pk, "burn"])).status_code == 404


def test_a_session_page_changes_places_and_calls_off(page, cast):
    one = session(published(cast), cast, on=dt.date(2026, 10, 20))
    Session.objects.filter(pk=one.pk).update(taken=5)
    url = reverse("employer-session", args=[one.pk])
    refused = page.post(url, {"places": 4})
    assert "5 places are taken already" in refused.content.decode()
    assert page.post(url, {"places": 5}).status_code == 302
    Session.objects.filter(pk=one.pk).update(taken=0)
    page.post(reverse("employer-session-cancel", args=[one.pk]), {"reason": "Flood"})
    one.refresh_from_db()
    assert (one.places, one.state) == (5, "cancelled")


# ---- The plan ----------------------------------------------------------------


@pytest.fixture
def template(cast, now):
    library.load_types(cast.hub)
    library.load_templates(cast.hub, by=staff(cast), now=now)
    return ActionPlanTemplate.objects.get(hub=cast.hub, name__startswith="A first year")


def test_a_step_with_a_draft_goes_on_with_it_and_publishes_another_only_after(page, cast, template, now):
    page.post(reverse("employer-plan-template", args=[template.pk]))
    step = PlanStep.objects.filter(encounter_type__isnull=False).order_by("due_on", "position", "pk").first()
    draft = offers.draft_from_step(
        step, title="Bread", on=dt.date(2026, 10, 20), places=4, by=staff(cast), now=now,
    )  # fmt: skip
    shown = page.get(reverse("employer-plan")).content.decode()
    assert (shown.count("Go on with the draft"), "Publish another" in shown) == (1, False)
    Opportunity.objects.filter(pk=draft.pk).update(state="published")
    shown = page.get(reverse("employer-plan")).content.decode()
    assert (shown.count("Publish another"), "Go on with the draft" in shown) == (1, False)


def test_the_plan_page_offers_templates_then_shows_the_road(page, cast, template):
    shown = page.get(reverse("employer-plan"))
    assert [one.name for one in shown.context["templates"]] == [
        "A first year in an hour a term",
        "From talks to a work-experience week",
        "A course inside the company",
    ]
    url = reverse("employer-plan-template", args=[template.pk])
    assert page.get(url).status_code == 200
    page.post(url)
    shown = page.get(reverse("employer-plan"))
    assert [step["state"] for step in shown.context["road"]] == ["now", *["ahead"] * 5]
    again = page.post(url, follow=True)
    assert "already" in again.content.decode()
    assert ActionPlan.objects.count() == 1


def test_a_step_becomes_an_opportunity_in_three_fields(page, cast, template, now):
    plan = plans.adopt(template, cast.employer, by=lead(cast), now=now)
    step = plan.steps.get(title__startswith="Open your doors")
    url = reverse("employer-plan-step", args=[step.pk])
    form = page.get(url).context["quick"]
    assert len(form.visible_fields()) == 3
    answer = page.post(url, {"title": "An hour with us", "on": "2027-03-02", "places": 12})
    row = Opportunity.objects.get()
    assert answer.url == reverse("employer-opportunity-practical", args=[row.pk])
    assert (row.plan_step, row.encounter_type.code, row.sessions.get().places) == (step, "visit", 12)
    past = page.post(url, {"title": "Late", "on": "2026-01-02", "places": 12})
    assert (past.status_code, Opportunity.objects.count()) == (200, 1)


def test_a_step_says_which_standard_it_serves_and_what_makes_it_meaningful(page, cast, template, now):
    framing.load_framework(cast.hub, by=system(), now=now)
    plan = plans.adopt(template, cast.employer, by=lead(cast), now=now)
    step = plan.steps.get(title__startswith="Open your doors")
    for url in (reverse("employer-plan-template", args=[template.pk]), reverse("employer-plan-step", args=[step.pk])):
        shown = page.get(url).content.decode()
        assert [words for words in ("B2 Days that teach something", "a real task done") if words not in shown] == []


def test_steps_are_moved_skipped_done_and_added(page, cast, template, now):
    plan = plans.adopt(template, cast.employer, by=lead(cast), now=now)
    first, second, third = plan.steps.order_by("position")[:3]
    page.post(reverse("employer-plan-step-verb", args=[first.pk, "done"]))
    page.post(reverse("employer-plan-step-skip", args=[second.pk]), {"skip-reason": "Known already"})
    moved = {"move-due_on": "2026-11-10", "move-owner": cast.employer_member.pk}
    page.post(reverse("employer-plan-step-move", args=[third.pk]), moved)
    page.post(reverse("employer-plan-step-new", args=[plan.pk]), {"title": "Tea", "due_on": "2026-12-01"})
    found = list(PlanStep.objects.order_by("position").values_list("state", "due_on", "owner__email")[:3])
    assert [row[0] for row in found] == ["done", "skipped", "planned"]
    assert found[2][1:] == (dt.date(2026, 11, 10), cast.employer_member.email)
    assert plan.steps.filter(title="Tea", position=6).count() == 1
    bad = page.post(reverse("employer-plan-step-move", args=[third.pk]), {"move-due_on": "2020-01-01"})
    assert "That day has passed" in bad.content.decode()


# ---- Who, and how many statements --------------------------------------------


def addresses(cast, template, now):
    row = published(cast)
    plan = plans.adopt(template, cast.employer, by=lead(cast), now=now)
    step, one = plan.steps.first(), row.sessions.get()
    of_row = ["", "-what", "-dates", "-practical", "-review", "-pause", "-withdraw"]
    return [
        *(reverse(f"employer-opportunity{name}", args=[row.pk]) for name in of_row),
        reverse("employer-opportunity-move", args=[row.pk, "confirm"]),
        reverse("employer-session", args=[one.pk]),
        reverse("employer-session-cancel", args=[one.pk]),
        reverse("employer-plan-step", args=[step.pk]),
        reverse("employer-plan-step-move", args=[step.pk]),
        reverse("employer-plan-step-skip", args=[step.pk]),
        reverse("employer-plan-step-verb", args=[step.pk, "done"]),
        reverse("employer-plan-step-new", args=[plan.pk]),
        reverse("employer-plan-end", args=[plan.pk]),
    ]


def snapshot():
    models = (Opportunity, Session, ActionPlan, PlanStep)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.parametrize("persona", ["other_lead", "employer_lead_b", "coordinator", "other_coordinator"])
def test_strangers_get_404_and_change_nothing(client, cast, template, now, persona):
    urls = addresses(cast, template, now)
    before = snapshot()
    client.force_login(getattr(cast, persona))
    for url in urls:
        got = {client.get(url).status_code, client.post(url, {"reason": "x", "title": "x"}).status_code}
        assert got - {405} == {404}, url
    assert snapshot() == before


def test_a_viewer_of_the_hub_acting_for_the_employer_reads_and_changes_nothing(client, cast, template, now):
    urls = addresses(cast, template, now)
    before = snapshot()
    client.force_login(cast.ben)
    chosen = client.session
    chosen["acting_organisation"] = cast.employer.pk
    chosen.save()
    assert {client.post(url, {"reason": "x"}).status_code for url in urls} == {403}
    assert client.get(reverse("employer-opportunities")).status_code == 200
    assert snapshot() == before


def test_members_get_403_where_only_leads_may(client, cast, now):
    row = published(cast)
    ready = in_state(cast, "draft")
    client.force_login(cast.employer_member)
    assert client.post(reverse("employer-opportunity-withdraw", args=[row.pk]), {"reason": "x"}).status_code == 403
    assert client.post(reverse("employer-opportunity-review", args=[ready.pk])).status_code == 403
    assert "employer_lead" not in HUB_STAFF
    states = list(Opportunity.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["published", "draft"]


def test_nobody_is_sent_to_sign_in(client, cast):
    for name in ("employer-plan", "employer-opportunities"):
        assert client.get(reverse(name)).status_code == 302


def test_hub_staff_act_on_behalf_and_the_log_says_so(client, cast, template):
    client.force_login(cast.amina)
    chosen = client.session
    chosen["acting_organisation"] = cast.employer.pk
    chosen.save()
    client.post(reverse("employer-plan-template", args=[template.pk]))
    assert ActionPlan.objects.get().adopted_by == cast.amina


@pytest.mark.parametrize("rows", [1, 3])
def test_list_of_opportunities_takes_the_same_statements(page, cast, rows, django_assert_num_queries):
    for _number in range(rows):
        published(cast)
    with django_assert_num_queries(LIST):
        assert len(page.get(reverse("employer-opportunities")).context["page"]) == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_an_opportunity_takes_the_same_statements(page, cast, rows, now, django_assert_num_queries):
    row = published(cast)
    for number in range(1, rows):
        session(row, cast, on=dt.date(2026, 10, 13) + dt.timedelta(days=number))
    with django_assert_num_queries(DETAIL):
        assert len(page.get(reverse("employer-opportunity", args=[row.pk])).context["cards"]) == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_a_plan_takes_the_same_statements(page, cast, rows, template, now, django_assert_num_queries):
    plan = plans.adopt(template, cast.employer, by=lead(cast), now=now)
    keep = list(plan.steps.order_by("position").values_list("pk", flat=True)[:rows])
    plan.steps.exclude(pk__in=keep).delete()
    for step in plan.steps.all():
        offers.draft_opportunity(
            cast.employer, {"encounter_type": kind(cast.hub), "title": "One"}, plan_step=step, by=lead(cast), now=now
        )
    with django_assert_num_queries(PLAN):
        assert len(page.get(reverse("employer-plan")).context["steps"]) == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_templates_take_the_same_statements(page, cast, rows, template, django_assert_num_queries):
    extra = ActionPlanTemplate.objects.filter(hub=cast.hub).exclude(pk=template.pk)
    if rows == 1:
        extra.update(state="retired")
    with django_assert_num_queries(CHOOSE):
        assert len(page.get(reverse("employer-plan")).context["templates"]) == rows
