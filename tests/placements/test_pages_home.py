"""Home for each kind of person, and the private calendar."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from hubs.models import LogEntry
from placements.domain import answers, attendance, brokering, feeds, jobs
from placements.models import Feed
from placements.needs import school_needs
from schools.models import Term
from tests import scenes
from tests.cast import NOW, actor, person
from tests.placements.pages import lesson

HOME = reverse("home")


def titles(cast, now=NOW) -> list[str]:
    return [need.title for need in school_needs(cast.school, now=now)]


def test_home_sends_people_where_they_belong(client, cast, clock):
    client.force_login(cast.amina)
    assert client.get(HOME).url == reverse("wagtailadmin_home")
    client.post(reverse("switch"), {"organisation": cast.school.pk})
    assert client.get(HOME).context["title"] == "Quayside School"
    client.force_login(cast.employer_lead)
    assert client.get(HOME).status_code == 200
    client.logout()
    assert client.get(HOME).url == f"{reverse('account_login')}?next={HOME}"


def test_home_tells_somebody_without_a_role_what_to_do(client, cast, clock):
    client.force_login(person("nobody@else.example", "Nobody Else"))
    answer = client.get(HOME)
    assert (answer.status_code, "desk@harbour.example" in answer.content.decode()) == (200, True)


def test_a_new_school_is_told_the_first_steps(page, cast):
    assert titles(cast) == ["Load your term dates", "Load your timetable, to see which sessions fit"]
    answer = page.get(HOME)
    assert (answer.status_code, answer.content.decode().count('class="count"')) == (200, 1)


def test_a_school_with_a_calendar_has_nothing_waiting(page, cast):
    lesson(scenes.group(cast.school))
    assert titles(cast) == []
    assert "All done. Nothing waits for you." in page.get(HOME).content.decode()


def test_the_end_of_the_known_terms_asks_for_the_next_year(cast):
    lesson(scenes.group(cast.school))
    Term.objects.filter(school=cast.school).update(ends_on=dt.date(2026, 10, 16))
    assert titles(cast) == ["Load next year's term dates"]


def test_groups_without_a_size_are_asked_about(cast):
    group = scenes.group(cast.school, size=0)
    lesson(group)
    assert titles(cast) == ["Say how many students are in 1 group"]


def test_what_waits_follows_the_placement(cast):
    group = scenes.group(cast.school)
    lesson(group)
    placement = scenes.placement(cast, state="ready", of=group)
    assert titles(cast) == []
    placement.students.first().delete()
    assert titles(cast) == ["Name 1 student: See how it is made, Brightwater Engineering"]
    after = placement.session.ends_at + dt.timedelta(hours=1)
    jobs.begin_due(after)
    placement.refresh_from_db()
    assert titles(cast, after) == ["Who was there? See how it is made, Brightwater Engineering"]
    school = actor(cast.coordinator, cast.hub, cast.school)
    attendance.mark(placement, scenes.DAY, [], by=school, now=after)
    placement.refresh_from_db()
    attendance.complete(placement, {}, by=school, now=after)
    assert titles(cast, after) == []


def test_refused_requests_and_a_lone_no_wait_for_the_school(cast):
    group = scenes.group(cast.school)
    lesson(group)
    row = scenes.request(cast, scenes.session(scenes.opportunity(cast.employer)), of=group)
    assert titles(cast) == []
    brokering.refuse(row, "Full", by=scenes.desk(cast), now=NOW)
    assert titles(cast) == ["No places found for 10A"]


def test_an_employers_no_waits_only_when_no_wish_is_left(cast):
    group = scenes.group(cast.school)
    lesson(group)
    placement = scenes.placement(cast, state="offered", of=group)
    answers.decline(placement, "Stock-take", by=actor(cast.employer_lead, cast.hub, cast.employer), now=NOW)
    assert titles(cast) == ["The employer said no to 10A"]


def test_home_counts_who_had_nothing_yet(page, cast, clock):
    first = scenes.group(cast.school, "10A")
    scenes.group(cast.school, "10B", size=4)
    placement = scenes.placement(cast, state="ready", of=first)
    clock.now = placement.session.ends_at
    everyone = list(placement.students.values_list("student_id", flat=True))
    school = actor(cast.coordinator, cast.hub, cast.school)
    attendance.mark(placement, scenes.DAY, everyone[:5], by=school, now=clock.now)
    placement.refresh_from_db()
    attendance.complete(placement, {}, by=school, now=clock.now)
    rows = page.get(HOME).context["coverage"]
    assert [(row.group.name, row.without, row.students) for row in rows] == [("10B", 4, 4), ("10A", 1, 6)]


# ---- Private calendars --------------------------------------------------------


def feed_url(token: str) -> str:
    return reverse("feed", args=[token])


@pytest.fixture
def token(cast):
    _feed, token = feeds.make_feed(cast.school, by=actor(cast.coordinator, cast.hub, cast.school), now=NOW)
    return token


def test_a_calendar_needs_no_sign_in_and_is_not_sent_twice(client, cast, clock, token):
    scenes.placement(cast, state="accepted")
    first = client.get(feed_url(token))
    assert (first.status_code, first["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert first["Cache-Control"] == "private, no-cache"
    assert b"10A-0" not in first.content
    for known in (first["ETag"], f"W/{first['ETag']}", f'"other", W/{first["ETag"]}'):
        again = client.get(feed_url(token), headers={"if-none-match": known})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert client.get(feed_url(token), headers={"if-none-match": 'W/"other"'}).status_code == 200
    assert client.head(feed_url(token)).status_code == 200
    assert client.post(feed_url(token)).status_code == 405


def test_a_change_gives_the_calendar_another_tag(client, cast, clock, token):
    placement = scenes.placement(cast, state="offered")
    before = client.get(feed_url(token))["ETag"]
    brokering.withdraw(placement, by=actor(cast.coordinator, cast.hub, cast.school), now=NOW)
    assert client.get(feed_url(token))["ETag"] != before


def test_reading_is_noted_once_an_hour(client, cast, clock, token):
    client.get(feed_url(token))
    assert Feed.objects.get().last_read_at == NOW
    clock.now = NOW + dt.timedelta(minutes=59)
    client.get(feed_url(token))
    assert Feed.objects.get().last_read_at == NOW
    clock.now = NOW + dt.timedelta(minutes=60)
    client.get(feed_url(token))
    assert Feed.objects.get().last_read_at == clock.now


def test_unknown_revoked_and_foreign_addresses_answer_nothing(client, cast, clock, token):
    assert client.get(feed_url("nothing")).status_code == 404
    assert client.get(feed_url(token), headers={"host": cast.hub_b.hostname}).status_code == 404
    feeds.revoke_feed(Feed.objects.get(), by=actor(cast.coordinator, cast.hub, cast.school), now=NOW)
    assert client.get(feed_url(token)).status_code == 404


def test_no_token_reaches_the_log(client, cast, clock, caplog):
    client.get(feed_url("a-secret-token"))
    assert "a-secret-token" not in caplog.text


def test_the_address_is_shown_once(page, cast):
    group = scenes.group(cast.school)
    answer = page.post(reverse("school-feeds"), {"what": f"group-{group.pk}"})
    address = answer.context["address"]
    made = Feed.objects.get()
    assert (made.group, answer["Cache-Control"], address in answer.content.decode()) == (group, "no-store", True)
    later = page.get(reverse("school-feeds")).content.decode()
    assert address not in later
    page.post(reverse("feed-revoke", args=[made.pk]))
    made.refresh_from_db()
    assert made.revoked_at == NOW


def test_a_group_of_another_school_has_no_calendar_here(page, cast):
    foreign = scenes.group(cast.other_school)
    answer = page.post(reverse("school-feeds"), {"what": f"group-{foreign.pk}"})
    assert (list(answer.context["form"].errors), Feed.objects.count()) == (["what"], 0)


def test_strangers_and_viewers_revoke_no_calendar(client, cast, clock, token):
    row = Feed.objects.get()
    before = LogEntry.objects.count()
    for who in (cast.other_coordinator, cast.employer_lead, cast.coordinator_b):
        client.force_login(who)
        assert client.post(reverse("feed-revoke", args=[row.pk])).status_code == 404
    client.force_login(cast.ben)
    client.post(reverse("switch"), {"organisation": cast.school.pk})
    assert client.post(reverse("feed-revoke", args=[row.pk])).status_code == 403
    row.refresh_from_db()
    assert (row.revoked_at, LogEntry.objects.count()) == (None, before)


@pytest.mark.parametrize("rows", [1, 3])
def test_calendars_cost_the_same_for_one_and_for_three(client, cast, clock, rows, django_assert_num_queries, token):
    for number in range(rows):
        wanted = scenes.session(scenes.opportunity(cast.employer), on=scenes.DAY + dt.timedelta(days=number))
        scenes.placement(cast, wanted=wanted, of=scenes.group(cast.school, f"10{number}"))
    client.get(feed_url(token))
    with django_assert_num_queries(6):
        client.get(feed_url(token))


def test_an_employer_has_its_own_calendar(client, cast, clock):
    client.force_login(cast.employer_lead)
    assert client.get(reverse("employer-feeds")).status_code == 200
    answer = client.post(reverse("employer-feeds"))
    assert Feed.objects.get().organisation_id == cast.employer.pk
    assert client.get(reverse("school-feeds")).status_code == 404
    assert answer.status_code == 200
