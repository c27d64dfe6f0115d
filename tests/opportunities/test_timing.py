"""Steps that count from the academic year or from one another: pure, then in a plan, then in the back office's form."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from hubs.domain.staff import sync_staff
from hubs.errors import Refused
from hubs.wallclock import is_working_day
from opportunities.domain import plans, templates, upgrades
from opportunities.models import ActionPlanTemplate, TemplateStep
from opportunities.timing import Circle, Timed, dates_for, followers, in_order, weeks
from schools.models import Closure
from tests.cast import NOW
from tests.examples import examples
from tests.opportunities.making import lead, staff

FIRST, LAST = dt.date(2026, 9, 1), dt.date(2027, 8, 31)
CHAIN = [Timed("week", 4, "plan"), Timed("plan", 2, "name"), Timed("name", 10), Timed("talk", 12)]


def test_weeks_add_up_along_the_road():
    assert weeks(CHAIN) == {"name": 10, "plan": 12, "week": 16, "talk": 12}
    assert [one.key for one in in_order(CHAIN)] == ["name", "talk", "plan", "week"]
    assert followers("name", CHAIN) == {"plan", "week"}
    assert followers("talk", CHAIN) == set()


def test_who_follows_what_is_not_there_counts_from_the_year():
    assert weeks([Timed("a", 3, "gone")]) == {"a": 3}


@pytest.mark.parametrize("steps", [[Timed(1, 0, 1)], [Timed(1, 0, 2), Timed(2, 1, 1), Timed(3, 0, 1)]])
def test_a_circle_is_named(steps):
    for ask in (weeks, in_order):
        with pytest.raises(Circle) as circle:
            ask(steps)
        assert set(circle.value.keys) == {one.key for one in steps if one.key != 3}


def test_what_follows_counts_from_the_day_that_was_found():
    # Closed from Tuesday 10 to Friday 13 November: the plan is made on the 16th, two weeks on is the 30th.
    shut = {dt.date(2026, 11, 10) + dt.timedelta(days=n) for n in range(4)}
    steps = [Timed("plan", 10), Timed("do", 2, "plan"), Timed("late", 0, "do")]
    found = dates_for(steps, FIRST, FIRST, "GB-ENG", shut, last=LAST)
    assert found == [dt.date(2026, 11, 16), dt.date(2026, 11, 30), dt.date(2026, 11, 30)]


@settings(max_examples=examples(200), deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 51), st.integers(0, 9)), min_size=1, max_size=9),
    st.sets(st.integers(0, 364), max_size=40), st.integers(-10, 330),
)  # fmt: skip
def test_days_are_open_in_order_and_in_the_year_whatever_follows_what(rows, shut, into):
    steps = [Timed(n, week, after if after < n else None) for n, (week, after) in enumerate(rows)]
    closed, today = {FIRST + dt.timedelta(days=n) for n in shut}, FIRST + dt.timedelta(days=into)
    order = in_order(steps)
    days = dates_for(order, FIRST, today, "GB-ENG", closed, last=LAST)
    assert (days == sorted(days), days[-1] <= LAST, days[0] >= max(FIRST, today)) == (True, True, True)
    assert [day for day in days if day in closed or not is_working_day(day, "GB-ENG")] == []
    found = dict(zip((one.key for one in order), days, strict=True))
    early = [one for one in steps if one.after is not None and found[one.key] < found[one.after]]
    assert early == []


# ---- In a plan ---------------------------------------------------------------------


@pytest.fixture
def template(cast):
    """Plan the week (week 20); hold it four weeks later; look back two weeks after that; say thanks in week 40."""
    row = ActionPlanTemplate.objects.create(hub=cast.hub, name="A week", state="published")
    after = None
    for number, (title, week) in enumerate([("Plan", 20), ("Hold", 4), ("Look back", 2), ("Thanks", 40)]):
        step = TemplateStep.objects.create(
            template=row, sort_order=number, title=title, week=week, after=None if title == "Thanks" else after
        )
        after = step.key
    return row


def days(plan):
    return dict(plan.steps.values_list("title", "due_on"))


def test_adopting_counts_from_the_step_before(cast, template):
    Closure.objects.create(
        hub=cast.hub, school=cast.school, name="Half term", starts_on=dt.date(2027, 2, 15), ends_on=dt.date(2027, 2, 19)
    )
    plan = plans.adopt(template, cast.employer, by=lead(cast), now=NOW)
    assert days(plan) == {
        "Plan": dt.date(2027, 1, 19), "Hold": dt.date(2027, 2, 22), "Look back": dt.date(2027, 3, 8),
        "Thanks": dt.date(2027, 6, 8),
    }  # fmt: skip


def test_what_follows_moves_along_if_wanted_all_of_it_or_nothing(cast, template):
    plan = plans.adopt(template, cast.employer, by=lead(cast), now=NOW)
    hold, before = plan.steps.get(title="Hold"), days(plan)
    assert [one.title for one in plans.following(hold)] == ["Look back"]
    plans.replan_step(hold, dt.date(2027, 2, 23), hold.owner, by=lead(cast), now=NOW)
    assert days(plan) == before | {"Hold": dt.date(2027, 2, 23)}
    plans.replan_step(hold, dt.date(2027, 3, 2), hold.owner, True, by=lead(cast), now=NOW)
    assert days(plan) == before | {"Hold": dt.date(2027, 3, 2), "Look back": dt.date(2027, 3, 9)}
    with pytest.raises(Refused, match="“Look back”, which follows"):
        plans.replan_step(hold, dt.date(2027, 8, 30), hold.owner, True, by=lead(cast), now=NOW)
    assert days(plan)["Hold"] == dt.date(2027, 3, 2)
    # Nothing lands before today, and a done step stays where it is.
    late = dt.datetime(2027, 2, 25, 9, tzinfo=dt.UTC)
    hold.refresh_from_db()
    plans.replan_step(hold, dt.date(2027, 2, 25), hold.owner, True, by=lead(cast), now=late)
    assert days(plan)["Look back"] == dt.date(2027, 3, 4)
    plans.complete_step(plan.steps.get(title="Look back"), by=lead(cast), now=late)
    assert plans.following(hold) == []


def test_the_page_of_a_step_offers_to_move_what_follows(client, cast, template, monkeypatch):
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)
    plan = plans.adopt(template, cast.employer, by=lead(cast), now=NOW)
    client.force_login(cast.employer_lead)
    hold, thanks = plan.steps.get(title="Hold"), plan.steps.get(title="Thanks")
    words = "Move what follows it as well: Look back"
    shown = [client.get(reverse("employer-plan-step", args=[one.pk])).content.decode() for one in (hold, thanks)]
    assert [words in page for page in shown] == [True, False]
    given = {"move-due_on": "2027-02-23", "move-owner": "", "move-along": "on"}
    client.post(reverse("employer-plan-step-move", args=[hold.pk]), given)
    assert days(plan)["Look back"] == dt.date(2027, 3, 9)


def test_an_upgrade_dates_by_the_road_of_the_newer_version(cast, template):
    plan = plans.adopt(template, cast.employer, by=lead(cast), now=NOW)
    newer = templates.new_version(template, by=staff(cast), now=NOW)
    newer.steps.filter(title="Plan").update(week=22)
    newer = ActionPlanTemplate.objects.get(pk=newer.pk)
    templates.publish_template(newer, by=staff(cast), now=NOW)
    found = upgrades.difference(plan, newer, now=NOW)
    assert [(one.step.title, one.due_on) for one in found.changed] == [
        ("Plan", dt.date(2027, 2, 2)), ("Hold", dt.date(2027, 3, 2)), ("Look back", dt.date(2027, 3, 16)),
    ]  # fmt: skip


def test_a_circle_is_not_published(cast, template):
    newer = templates.new_version(template, by=staff(cast), now=NOW)
    newer.steps.filter(title="Plan").update(after=newer.steps.get(title="Look back").key)
    newer = ActionPlanTemplate.objects.get(pk=newer.pk)
    with pytest.raises(Refused, match="“Plan”, “Look back”, “Hold”"):
        templates.publish_template(newer, by=staff(cast), now=NOW)
    assert [week for _step, week, _after in templates.timetable(newer)] == [None, None, None, None]


# ---- In the back office ------------------------------------------------------------


def test_the_form_refuses_circles_what_goes_and_what_comes_after_the_year(client, cast, template):
    sync_staff(cast.hub)
    client.force_login(cast.amina)
    draft = templates.new_version(template, by=staff(cast), now=NOW)
    plan, hold, back, thanks = draft.steps.order_by("sort_order")
    data = {
        "name": draft.name, "about": "", "language": "en-gb", "steps-TOTAL_FORMS": "4", "steps-INITIAL_FORMS": "4",
        "steps-MIN_NUM_FORMS": "0", "steps-MAX_NUM_FORMS": "1000",
    }  # fmt: skip
    for number, step in enumerate((plan, hold, back, thanks)):
        data |= {
            f"steps-{number}-id": step.pk, f"steps-{number}-title": step.title, f"steps-{number}-week": step.week,
            f"steps-{number}-after": str(step.after or ""), f"steps-{number}-staff_hours": "1",
            f"steps-{number}-places": "0", f"steps-{number}-ORDER": number + 1,
        }  # fmt: skip
    edit = reverse("templates:edit", args=[draft.pk])
    for change, words in [
        ({"steps-0-after": str(back.key)}, "These steps count from one another."),
        ({"steps-0-after": str(plan.key)}, "Select a valid choice."),
        ({"steps-1-DELETE": "on"}, "That step is taken out."),
        ({"steps-2-week": "40"}, "That is week 64, after the academic year."),
    ]:
        answer = client.post(edit, data | change)
        assert (answer.status_code, words in answer.content.decode()) == (200, True), words
    assert client.post(edit, data | {"steps-3-after": str(back.key), "steps-3-week": "5"}).status_code == 302
    thanks.refresh_from_db()
    assert (thanks.after, thanks.week) == (back.key, 5)
    shown = client.get(reverse("templates:inspect", args=[draft.pk])).content.decode()
    assert "5 weeks after “Look back”" in shown


def test_a_draft_is_previewed_with_real_dates_unless_its_steps_go_in_a_circle(client, cast, template, monkeypatch):
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)
    sync_staff(cast.hub)
    client.force_login(cast.ben)
    draft = templates.new_version(template, by=staff(cast), now=NOW)
    preview = reverse("templates:preview", args=[draft.pk])
    page = client.get(preview)
    assert [row["due"] for row in page.context["steps"]] == [
        dt.date(2027, 1, 19), dt.date(2027, 2, 16), dt.date(2027, 3, 2), dt.date(2027, 6, 8),
    ]  # fmt: skip
    assert ("A preview" in page.content.decode(), "Adopt this plan" in page.content.decode()) == (True, False)
    draft.steps.filter(title="Plan").update(after=draft.steps.get(title="Look back").key)
    assert client.get(preview)["Location"] == reverse("templates:inspect", args=[draft.pk])
