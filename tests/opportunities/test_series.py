"""A series is looked at before it is added; an offer is made again; what nobody confirms is hidden."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hubs.errors import Refused
from hubs.models import LogEntry, Message
from opportunities.domain import offers, sessions
from opportunities.models import Opportunity, Session
from schools.models import Term
from tests import scenes
from tests.cast import NOW
from tests.opportunities.making import DAY, NINE, THREE, draft, in_state, lead, published, session

DAYS = dt.timedelta(days=1)
#: Tuesdays: the clocks change on 25 October, half term is the week after.
CHANGED, HALF_TERM = dt.date(2026, 10, 27), (dt.date(2026, 10, 26), dt.date(2026, 10, 30))


@pytest.fixture
def page(client, cast, monkeypatch, settings):
    settings.SESSION_COOKIE_AGE = 365 * 24 * 3600
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)
    client.force_login(cast.employer_lead)
    return client


def typed(*days, **more) -> dict:
    given = {"days-TOTAL_FORMS": len(days), "days-INITIAL_FORMS": 0, "places": 9, "group_min": 1}
    for number, (on, start, end) in enumerate(days):
        given |= {f"days-{number}-on": on, f"days-{number}-start": start, f"days-{number}-end": end}
    return given | more


def as_posted(answer) -> dict:
    """What the page of dates would send when its button is pressed."""
    rows = answer.context["turns"]
    carried = {field.html_name: field.value() for field in answer.context["form"]}
    given = dict(answer.context["typed"]) | {name: "" if value is None else value for name, value in carried.items()}
    given |= {"turns-TOTAL_FORMS": len(rows.forms), "turns-INITIAL_FORMS": 0}
    for form in rows.forms:
        for name in ("on", "start", "end"):
            given[form.add_prefix(name)] = form[name].value()
        if form["keep"].value():
            given[form.add_prefix("keep")] = "on"
    return given


def half_term(cast) -> None:
    """Autumn in two halves, with a week of holiday between."""
    scenes.group(cast.school)
    Term.objects.filter(school=cast.school).update(ends_on=HALF_TERM[0] - 3 * DAYS)
    Term.objects.create(
        hub=cast.hub, school=cast.school, name="Autumn, second half", starts_on=HALF_TERM[1] + 3 * DAYS,
        ends_on=dt.date(2026, 12, 18),
    )  # fmt: skip


def test_days_somebody_was_asked_about_are_not_held_against_every_calendar_again(cast):
    half_term(cast)
    row, days = draft(cast), [((CHANGED, NINE, THREE),), ((CHANGED + DAYS, NINE, THREE),)]

    def read(sure: list[dt.date]) -> bool:
        """Whether adding them reads schools' terms."""
        with CaptureQueriesContext(connection) as asked, transaction.atomic():
            try:
                sessions.add_sessions(row, days, 9, sure=sure, by=lead(cast), now=NOW)
            except Refused:
                transaction.set_rollback(True)
        return any("schools_term" in query["sql"] for query in asked.captured_queries)

    assert [read([CHANGED]), read([CHANGED, CHANGED + DAYS])] == [True, False]
    assert Session.objects.count() == 2


def test_a_series_over_a_clock_change_and_a_closure_is_shown_before_it_is_added(page, cast):
    half_term(cast)
    row = draft(cast)
    url = reverse("employer-opportunity-dates", args=[row.pk])
    shown = page.post(url, typed((DAY, "09:00", "15:00"), times=4, then="onward"))
    assert (shown.status_code, Session.objects.count()) == (200, 0)
    found = [(form.initial["on"], form.initial["keep"], said) for form, said in shown.context["rows"]]
    assert found == [
        (DAY, True, ""), (DAY + 7 * DAYS, True, ""), (CHANGED, False, "No group of this age could come."),
        (CHANGED + 7 * DAYS, True, ""), (CHANGED + 14 * DAYS, True, ""),
    ]  # fmt: skip
    done = page.post(reverse("employer-opportunity-series", args=[row.pk]), as_posted(shown) | {"then": "onward"})
    assert done.url == reverse("employer-opportunity-practical", args=[row.pk])
    made = list(Session.objects.order_by("starts_at"))
    assert [one.first_on for one in made] == [DAY, DAY + 7 * DAYS, CHANGED + 7 * DAYS, CHANGED + 14 * DAYS]
    assert {(day.starts_at, day.ends_at) for one in made for day in one.days.all()} == {(NINE, THREE)}
    assert [one.starts_at.hour for one in made] == [8, 8, 9, 9]


def test_single_dates_are_changed_and_left_out(page, cast):
    row = draft(cast)
    shown = page.post(reverse("employer-opportunity-dates", args=[row.pk]), typed((DAY, "09:00", "15:00"), times=3))
    given = as_posted(shown)
    del given["turns-0-keep"]
    given |= {"turns-1-on": "2026-10-21", "turns-1-start": "10:00", "turns-1-end": "12:00"}
    page.post(reverse("employer-opportunity-series", args=[row.pk]), given)
    found = [(day.on, day.starts_at) for one in Session.objects.order_by("starts_at") for day in one.days.all()]
    assert found == [(dt.date(2026, 10, 21), dt.time(10)), (dt.date(2026, 10, 27), NINE)]


def test_split_days_move_together(page, cast):
    row = draft(cast)
    split = ((DAY, "09:00", "15:00"), (DAY + 2 * DAYS, "13:00", "15:00"))
    shown = page.post(reverse("employer-opportunity-dates", args=[row.pk]), typed(*split, times=2))
    page.post(reverse("employer-opportunity-series", args=[row.pk]), as_posted(shown))
    found = [[(day.on - DAY).days for day in one.days.all()] for one in Session.objects.order_by("starts_at")]
    assert found == [[0, 2], [7, 9]]


@pytest.mark.parametrize("times", [1, 2])
def test_who_leaves_the_dates_takes_along_what_was_typed(page, cast, times):
    row = draft(cast)
    url = reverse("employer-opportunity-dates", args=[row.pk])
    words = page.get(url).content.decode()
    assert 'name="then" value="leave"' in words
    assert "Leave without adding" in words
    half = page.post(url, typed((DAY, "09:00", ""), then="leave"))
    assert (half.status_code, half.context["form"]["places"].value()) == (200, "9")
    done = page.post(url, typed((DAY, "09:00", "15:00"), times=times, then="leave"))
    if times > 1:
        assert done.context["then"] == "leave"
        done = page.post(
            reverse("employer-opportunity-series", args=[row.pk]), as_posted(done) | {"then": done.context["then"]}
        )
    assert done.url == reverse("employer-opportunity", args=[row.pk])
    assert [one.places for one in row.sessions.all()] == [9] * times


def test_what_was_said_of_each_session_holds_for_the_whole_series(page, cast):
    row = draft(cast)
    for minutes in (45, 0, ""):
        given = typed((DAY, "09:00", "15:00"), times=2, group_min=4, group_max=7, break_minutes=minutes)
        shown = page.post(reverse("employer-opportunity-dates", args=[row.pk]), given)
        page.post(reverse("employer-opportunity-series", args=[row.pk]), as_posted(shown))
    found = list(Session.objects.order_by("pk").values_list("places", "group_min", "group_max", "break_minutes"))
    assert found == [(9, 4, 7, minutes) for minutes in (45, 45, 0, 0, None, None)]


def test_bad_dates_of_a_series_are_said_and_nothing_is_added(page, cast):
    row = draft(cast)
    url = reverse("employer-opportunity-series", args=[row.pk])
    shown = page.post(reverse("employer-opportunity-dates", args=[row.pk]), typed((DAY, "09:00", "15:00"), times=3))
    given = as_posted(shown)
    for change, said in (
        ({"turns-1-on": "2026-02-30"}, "Write the day as 2026-06-09."),
        ({"turns-1-end": "08:00"}, "It has to end after it begins."),
        ({"turns-1-on": "2026-01-05"}, "has passed"),
        ({"turns-0-keep": "", "turns-1-keep": "", "turns-2-keep": ""}, "Every date is left out."),
    ):
        answer = page.post(url, given | change)
        assert (answer.status_code, said in answer.content.decode(), Session.objects.count()) == (200, True, 0), change
    assert page.post(url, {}).status_code == 200
    assert page.get(url).status_code == 405


def test_weeks_in_vain_are_not_shown_forever(cast):
    turns = sessions.plan_series([(DAY, NINE, THREE)], 3, jurisdiction="GB-ENG", closed=lambda days: "Closed.")
    assert [turn.skipped for turn in turns] == [""]


def test_what_was_offered_is_offered_again_with_nothing_lost(page, cast):
    row = published(cast, clothing="Closed shoes", access="A lift at the back.", day_plan=[{"at": "09:00"}])
    row.first_schools.add(cast.school)
    Opportunity.objects.update(all_from=DAY - 30 * DAYS)
    row.refresh_from_db()
    answer = page.post(reverse("employer-opportunity-again", args=[row.pk]))
    made = Opportunity.objects.exclude(pk=row.pk).get()
    for name in offers.FIELDS - {"sectors", "first_schools", "all_from"}:
        assert getattr(made, name) == getattr(row, name), name
    assert made.all_from == row.all_from + dt.timedelta(weeks=52)
    assert list(made.first_schools.all()) == list(row.first_schools.all()) == [cast.school]
    assert (made.state, made.sessions.count(), list(made.sectors.all())) == ("draft", 0, list(row.sectors.all()))
    shown = page.get(answer.url)
    assert [form.initial["on"] for form in shown.context["days"]] == [DAY + dt.timedelta(weeks=52)]
    assert shown.context["form"]["places"].value() == 12
    # Three presses: add and go on, look it over, send.
    dates = typed((DAY + dt.timedelta(weeks=52), "09:00", "15:00"), times=1, then="onward")
    page.post(reverse("employer-opportunity-dates", args=[made.pk]), dates)
    page.post(reverse("employer-opportunity-review", args=[made.pk]))
    made.refresh_from_db()
    assert made.state == "submitted"


def test_another_employers_session_is_no_model(page, cast):
    row, other = draft(cast), scenes.session(scenes.opportunity(cast.other_employer))
    for like in (other.pk, "x", "9" * 30, ""):
        shown = page.get(reverse("employer-opportunity-dates", args=[row.pk]), {"like": like})
        assert shown.context["form"]["places"].value() == 12


# ---- What nobody confirms ------------------------------------------------------


def test_an_offer_is_asked_about_twice_then_hidden_and_shown_again_by_a_press(cast, page):
    row = published(cast)
    at = {days: NOW + days * DAYS for days in (89, 90, 109, 110, 119, 120)}
    assert [offers.queue_stale_reminders(at[days]) for days in (89, 90, 109, 110, 119)] == [0, 1, 0, 1, 0]
    assert [offers.hide_stale(at[days]) for days in (119, 120, 120)] == [0, 1, 0]
    row.refresh_from_db()
    assert (row.state, row.paused_until) == ("paused", None)
    assert Message.objects.filter(kind="opportunity-hidden").count() == 1
    entry = LogEntry.objects.filter(verb="paused").get()
    assert (entry.by, entry.why) == (None, "Nobody has said for 120 days that it still holds.")
    assert offers.resume_due(at[120]) == 0
    offers.resume(row, by=lead(cast), now=at[120])
    assert (row.state, row.confirmed_at, offers.hide_stale(at[120])) == ("published", at[120], 0)


def test_what_was_confirmed_is_left_alone(cast):
    row = published(cast)
    offers.confirm_still_true(row, by=lead(cast), now=NOW + 100 * DAYS)
    assert (offers.queue_stale_reminders(NOW + 130 * DAYS), offers.hide_stale(NOW + 130 * DAYS)) == (0, 0)


def test_what_comes_back_by_itself_is_asked_about_before_it_is_hidden(cast):
    row = published(cast)
    at = {days: NOW + days * DAYS for days in (50, 130, 159, 160)}
    offers.pause(row, until=at[130].date(), by=lead(cast), now=at[50])
    assert offers.resume_due(at[130]) == 1
    assert (offers.hide_stale(at[130]), offers.queue_stale_reminders(at[130])) == (0, 1)
    assert [offers.hide_stale(at[days]) for days in (159, 160)] == [0, 1]
    row.refresh_from_db()
    assert (row.state, row.confirmed_at) == ("paused", NOW)


@pytest.mark.parametrize("state", ["draft", "submitted", "paused", "withdrawn"])
def test_only_what_schools_see_is_hidden(cast, state):
    row = in_state(cast, state)
    Opportunity.objects.update(confirmed_at=NOW)
    assert offers.hide_stale(NOW + 500 * DAYS) == 0
    row.refresh_from_db()
    assert row.state == state


# ---- One day, and the next -----------------------------------------------------


def test_a_suggested_day_keeps_what_was_typed(page, cast):
    row = draft(cast)
    scenes.group(cast.school, "10A")
    url = reverse("employer-opportunity-dates", args=[row.pk])
    drawn = page.get(url).content.decode()
    assert '<button class="button plain" name="on" value="2026-10-20"' in drawn
    given = typed(("2026-10-13", "10:00", "12:00"), ("2026-10-14", "10:00", "11:00"))
    chosen = page.post(url, given | {"places": 20, "break_minutes": 10, "on": "2026-10-20"})
    said = [(str(one["on"].value()), f"{one['start'].value():%H:%M}") for one in chosen.context["days"]]
    assert said == [("2026-10-20", "10:00"), ("2026-10-21", "10:00")]
    assert [chosen.context["form"][name].value() for name in ("places", "break_minutes")] == ["20", "10"]
    assert Session.objects.count() == 0
    bare = page.post(url, typed(("", "10:00", "12:00")) | {"on": "2026-10-20"})
    assert [str(one["on"].value()) for one in bare.context["days"]] == ["2026-10-20"]
    for odd in ({}, typed(("2026-10-13", "", "x"))):
        assert page.post(url, odd | {"on": "2026-10-20"}).status_code == 200


@pytest.mark.parametrize("times", [1, 2])
def test_one_more_session_begins_as_the_one_just_added(page, cast, times):
    row = draft(cast)
    scenes.group(cast.school, "10A")
    url = reverse("employer-opportunity-dates", args=[row.pk])
    given = typed(("2026-10-15", "10:00", "12:00"), ("2026-10-16", "10:30", "12:00"))
    given |= {"places": 20, "group_min": 4, "group_max": 8, "break_minutes": 10, "then": "again", "times": times}
    answer = page.post(url, given)
    if times > 1:
        rows = answer.context["turns"]
        turns = {f"{one.prefix}-{name}": one[name].value() for one in rows for name in ("keep", "on", "start", "end")}
        counted = {"turns-TOTAL_FORMS": times, "turns-INITIAL_FORMS": times}
        answer = page.post(reverse("employer-opportunity-series", args=[row.pk]), given | turns | counted)
    again = page.get(answer.url)
    said = [(one["on"].value(), f"{one['start'].value():%H:%M}") for one in again.context["days"]]
    last = Session.objects.order_by("-starts_at").first().days.last().on
    monday = last + dt.timedelta(days=3)  # a Friday is followed by a Monday
    assert said == [(monday, "10:00"), (monday + dt.timedelta(days=1), "10:30")]
    form = again.context["form"]
    carried = ("places", "group_min", "group_max", "break_minutes", "times")
    assert [form[name].value() for name in carried] == [20, 4, 8, 10, 1]
    assert not form["group_max"].is_hidden
    asked = ["Largest group" in shown.content.decode() for shown in (again, page.get(url))]
    assert asked == [True, False]


# ---- Days on which nobody could come --------------------------------------------

CHRISTMAS = dt.date(2026, 12, 25)
ASKED = "Fri 25 December is a public holiday: Christmas Day. Offer it all the same?"


def test_a_public_holiday_is_asked_about_once_and_nothing_typed_is_lost(page, cast):
    url = reverse("employer-opportunity-dates", args=[published(cast).pk])
    before = Session.objects.count()
    given = typed((CHRISTMAS, "10:00", "12:00"), places=20, break_minutes=10)
    asked = page.post(url, given)
    assert asked.context["form"].non_field_errors() == [ASKED]
    assert '<input type="checkbox" id="anyway" name="anyway" value="2026-12-25">' in asked.content.decode()
    assert [asked.context["form"][name].value() for name in ("places", "break_minutes")] == ["20", "10"]
    # The yes is to the days that were shown.
    other = page.post(url, typed((CHRISTMAS + 3 * DAYS, "10:00", "12:00"), anyway="2026-12-25"))
    assert "Mon 28 December is a public holiday" in other.context["form"].non_field_errors()[0]
    assert Session.objects.count() == before
    assert page.post(url, given | {"anyway": "2026-12-25"}).status_code == 302
    assert Session.objects.count() == before + 1


def test_days_nobody_could_come_on_are_asked_about_while_a_calendar_says_so(page, cast):
    url = reverse("employer-opportunity-dates", args=[draft(cast).pk])
    half_term(cast)
    asked = page.post(url, typed((CHANGED, "10:00", "12:00")))
    assert asked.context["form"].non_field_errors() == ["No group of this age could come. Offer it all the same?"]
    # Of a year nobody has loaded yet nobody knows.
    assert page.post(url, typed((DAY + dt.timedelta(weeks=52), "10:00", "12:00"))).status_code == 302


def test_a_series_asks_about_its_dates_and_not_about_weeks_it_left_out_itself(page, cast):
    half_term(cast)
    row = draft(cast)
    url = reverse("employer-opportunity-series", args=[row.pk])
    days = (CHANGED - DAYS, "09:00", "15:00"), (CHANGED, "09:00", "15:00")
    shown = page.post(reverse("employer-opportunity-dates", args=[row.pk]), typed(*days, times=2))
    assert shown.context["shown"] == ""
    asked = page.post(url, as_posted(shown))
    assert asked.context["form"].asks == "2026-10-26 2026-10-27"
    assert page.post(url, as_posted(asked) | {"anyway": asked.context["form"].asks}).status_code == 302
    assert Session.objects.count() == 2
    shown = page.post(
        reverse("employer-opportunity-dates", args=[row.pk]), typed((CHANGED - 7 * DAYS, "09:00", "15:00"), times=2)
    )
    assert f'name="anyway" value="{CHANGED}"' in shown.content.decode()
    kept = as_posted(shown) | {"turns-1-keep": "on", "anyway": shown.context["shown"]}
    assert page.post(url, kept).status_code == 302
    assert Session.objects.count() == 5


def test_too_many_weeks_are_refused(cast):
    with pytest.raises(Refused):
        sessions.plan_series([(DAY, NINE, THREE)], 41, jurisdiction="GB-ENG")
    with pytest.raises(Refused):
        sessions.add_sessions(draft(cast), [], 5, by=lead(cast), now=NOW)
    assert session(draft(cast), cast).places == 12
