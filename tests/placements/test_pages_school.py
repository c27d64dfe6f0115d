"""The coordinator's pages: sessions that fit, asking for places, what became of it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from hubs.models import LogEntry
from placements.domain import brokering
from placements.models import Placement, PlacementRequest
from schools.models import ProtectedPeriod
from tests import scenes
from tests.cast import NOW
from tests.placements.pages import lesson, whole_calendar

SESSIONS = reverse("school-sessions")


def ask_url(session, group) -> str:
    return f"{reverse('school-request-new')}?session={session.pk}&group={group.pk}"


def test_sessions_teach_the_first_step_without_groups(page):
    answer = page.get(SESSIONS)
    assert answer.status_code == 200
    assert reverse("school-groups") in answer.content.decode()


def test_sessions_say_what_each_costs(page, cast):
    group = scenes.group(cast.school)
    lesson(group, "Maths")
    scenes.session(scenes.opportunity(cast.employer))
    text = page.get(SESSIONS).content.decode()
    assert "1 session fits 10A" in text
    assert "Misses Maths." in text


def test_sessions_that_cannot_be_are_folded_with_the_reason(page, cast):
    group = scenes.group(cast.school)
    scenes.session(scenes.opportunity(cast.employer))
    blocked = ProtectedPeriod.objects.create(
        hub=cast.hub, school=cast.school, name="Mocks", starts_on=scenes.DAY, ends_on=scenes.DAY
    )
    answer = page.get(SESSIONS, {"group": group.pk})
    assert [why for _card, why in answer.context["hidden"]] == ["Cannot: Mocks, Tue 20 October."]
    blocked.delete()
    assert page.get(SESSIONS).context["hidden"] == []


def test_full_sessions_are_hidden_and_say_so(page, cast):
    group = scenes.group(cast.school)
    full = scenes.session(scenes.opportunity(cast.employer), places=6)
    scenes.placement(cast, wanted=full, of=scenes.group(cast.school, "10B"))
    answer = page.get(SESSIONS, {"group": group.pk})
    assert [why for _card, why in answer.context["hidden"]] == ["All 6 places are taken."]


def test_the_filter_lives_in_the_address(page, cast):
    scenes.group(cast.school)
    talk = scenes.encounter_type(cast.hub, "talk", name="Talk", stage=1)
    scenes.session(scenes.opportunity(cast.employer))
    scenes.session(scenes.opportunity(cast.employer, kind=talk, title="Ask an engineer"))
    titles = [card["session"]["title"] for card in page.get(SESSIONS, {"type": "talk"}).context["cards"]]
    assert titles == ["Ask an engineer"]
    assert [c["session"]["title"] for c in page.get(SESSIONS, {"stage": "1"}).context["cards"]] == ["Ask an engineer"]


def test_only_sessions_without_missed_lessons(page, cast):
    group = scenes.group(cast.school)
    lesson(group)
    scenes.session(scenes.opportunity(cast.employer))
    free = scenes.session(scenes.opportunity(cast.employer), starts=dt.time(13), ends=dt.time(14))
    answer = page.get(SESSIONS, {"cost": "none"})
    assert [card["session"]["starts"] for card in answer.context["cards"]] == [dt.time(13)]
    assert (answer.context["costly"], free.places) == (1, 20)


def test_a_window_that_ends_before_it_begins_is_said(page, cast):
    scenes.group(cast.school)
    answer = page.get(SESSIONS, {"start": "2026-10-01", "end": "2026-09-01"})
    assert (answer.status_code, "This is before the first day." in answer.content.decode()) == (200, True)


@pytest.mark.parametrize("query", ["?group=x&page=9999", "?start=nonsense", "?stage=9&type=none", "?view=calendar"])
def test_odd_addresses_are_pages_all_the_same(page, cast, query):
    scenes.group(cast.school)
    scenes.session(scenes.opportunity(cast.employer))
    assert page.get(SESSIONS + query).status_code == 200


def test_htmx_gets_the_list_alone(page, cast):
    scenes.group(cast.school)
    whole = page.get(SESSIONS)
    part = page.get(SESSIONS, headers={"hx-request": "true"})
    assert [answer["Vary"].partition(",")[0] for answer in (whole, part)] == ["HX-Request", "HX-Request"]
    assert ("<html" in whole.content.decode(), "<html" in part.content.decode()) == (True, False)
    back = page.get(SESSIONS, headers={"hx-request": "true", "hx-history-restore-request": "true"})
    assert "<html" in back.content.decode()


def test_a_session_says_how_it_fits_each_group_of_the_right_age(page, cast):
    group = scenes.group(cast.school, "10A")
    scenes.group(cast.school, "7C", year=7)
    lesson(group, "PE", starts=dt.time(10), ends=dt.time(11))
    session = scenes.session(scenes.opportunity(cast.employer))
    answer = page.get(reverse("school-session", args=[session.pk]))
    assert [(row["group"].name, row["fit"]["sentence"]) for row in answer.context["fits"]] == [
        ("10A", "Fits. Misses PE.")
    ]
    cells = [row["cells"] for row in answer.context["week"]["rows"]]
    assert cells == [[None, {"subject": "PE", "out": True}, None, None, None]]


def test_a_session_of_another_hub_or_a_draft_is_not_found(page, cast):
    scenes.group(cast.school)
    foreign = scenes.session(scenes.opportunity(cast.employer_b))
    draft = scenes.session(scenes.opportunity(cast.employer, state="draft"))
    for row in (foreign, draft):
        assert page.get(reverse("school-session", args=[row.pk])).status_code == 404
        assert page.get(f"{reverse('school-request-new')}?session={row.pk}").status_code == 404


def test_asking_without_a_group_leads_to_the_groups(page, cast):
    session = scenes.session(scenes.opportunity(cast.employer))
    answer = page.get(f"{reverse('school-request-new')}?session={session.pk}")
    assert answer.url == f"{reverse('school-session', args=[session.pk])}#groups"


def test_asking_for_the_whole_group_sends_the_request(page, cast):
    group = scenes.group(cast.school)
    session = scenes.session(scenes.opportunity(cast.employer))
    other = scenes.session(scenes.opportunity(cast.employer, title="Second"), on=scenes.DAY + dt.timedelta(days=1))
    assert page.get(ask_url(session, group)).status_code == 200

    answer = page.post(ask_url(session, group), {"who": "whole", "second": other.pk, "note": "By tram"})

    row = PlacementRequest.objects.get()
    assert answer.url == reverse("school-request-sent", args=[row.pk])
    assert (row.state, row.places, row.note, row.requested_by) == ("submitted", 6, "By tram", cast.coordinator)
    assert list(row.wishes.values_list("session_id", flat=True)) == [session.pk, other.pk]
    assert "Nothing is binding yet" in page.get(answer.url).content.decode()


def test_asking_for_named_students_asks_for_as_many_places(page, cast):
    group = scenes.group(cast.school)
    session = scenes.session(scenes.opportunity(cast.employer))
    two = list(group.students.order_by("alias")[:2])
    page.post(ask_url(session, group), {"who": "named", "students": [s.pk for s in two]})
    row = PlacementRequest.objects.get()
    assert (row.places, list(row.students.order_by("alias"))) == (2, two)


def test_a_refused_request_keeps_everything_typed(page, cast):
    group = scenes.group(cast.school)
    session = scenes.session(scenes.opportunity(cast.employer), places=4)
    answer = page.post(ask_url(session, group), {"who": "some", "places": "5", "note": "We come by tram"})
    text = answer.content.decode()
    assert (answer.status_code, PlacementRequest.objects.count()) == (200, 0)
    assert "This session has 4 places in all." in text
    assert "We come by tram" in text
    assert 'value="5"' in text


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "who"),
        ({"who": "some"}, "places"),
        ({"who": "some", "places": "x"}, "places"),
        ({"who": "named"}, "students"),
        ({"who": "named", "students": ["999999"]}, "students"),
        ({"who": "whole", "second": "999999"}, "second"),
    ],
)
def test_an_incomplete_request_says_what_is_missing(page, cast, data, field):
    group = scenes.group(cast.school)
    session = scenes.session(scenes.opportunity(cast.employer))
    answer = page.post(ask_url(session, group), data)
    assert (answer.status_code, field in answer.context["form"].errors) == (200, True)


def test_a_student_of_another_school_is_not_a_choice(page, cast):
    group, foreign = scenes.group(cast.school), scenes.group(cast.other_school)
    session = scenes.session(scenes.opportunity(cast.employer))
    answer = page.post(ask_url(session, group), {"who": "named", "students": [foreign.students.first().pk]})
    assert list(answer.context["form"].errors) == ["students"]
    assert page.get(ask_url(session, foreign)).status_code == 404


def test_a_request_is_taken_back_and_sent_again(page, cast):
    session = scenes.session(scenes.opportunity(cast.employer))
    row = scenes.request(cast, session)
    placement = brokering.hold(row, session, by=scenes.desk(cast), now=NOW)
    withdraw = reverse("school-request-withdraw", args=[row.pk])
    assert page.get(withdraw).status_code == 200
    page.post(withdraw, {"reason": "Trip moved"})
    row.refresh_from_db()
    placement.refresh_from_db()
    session.refresh_from_db()
    assert (row.state, placement.state, session.taken) == ("withdrawn", "withdrawn", 0)

    second = scenes.request(cast, session, of=scenes.group(cast.school, "10B"))
    brokering.refuse(second, "All are full", by=scenes.desk(cast), now=NOW)
    assert "All are full" in page.get(reverse("school-request", args=[second.pk])).content.decode()
    page.post(reverse("school-request-again", args=[second.pk]))
    second.refresh_from_db()
    assert second.state == "submitted"


def test_a_move_that_came_too_late_is_a_sentence(page, cast):
    placement = scenes.placement(cast, state="accepted")
    answer = page.post(reverse("school-request-withdraw", args=[placement.request_id]), {}, follow=True)
    assert "This is placed now" in answer.content.decode()


REQUEST_PAGES = ("school-request", "school-request-sent", "school-request-withdraw", "school-request-again")


@pytest.mark.parametrize("name", REQUEST_PAGES)
def test_strangers_find_no_request(client, cast, clock, name):
    row = scenes.request(cast, scenes.session(scenes.opportunity(cast.employer)))
    before = LogEntry.objects.count()
    for person in (cast.other_coordinator, cast.employer_lead, cast.coordinator_b, cast.chloe):
        client.force_login(person)
        url = reverse(name, args=[row.pk])
        assert (client.get(url).status_code, client.post(url).status_code) == (404, 404)
    assert LogEntry.objects.count() == before


@pytest.mark.parametrize("name", ["school-request-withdraw", "school-request-again"])
def test_a_plain_member_changes_no_request(client, cast, clock, name):
    row = scenes.request(cast, scenes.session(scenes.opportunity(cast.employer)))
    client.force_login(cast.school_member)
    assert client.get(reverse("school-request", args=[row.pk])).status_code == 200
    assert client.post(reverse(name, args=[row.pk])).status_code == 403
    row.refresh_from_db()
    assert row.state == "submitted"


def test_a_plain_member_asks_for_nothing(client, cast, clock):
    group = scenes.group(cast.school)
    session = scenes.session(scenes.opportunity(cast.employer))
    client.force_login(cast.school_member)
    assert client.get(ask_url(session, group)).status_code == 403
    assert client.post(ask_url(session, group), {"who": "whole"}).status_code == 403
    assert PlacementRequest.objects.count() == 0


def test_hub_staff_ask_for_a_school_and_the_log_says_so(client, cast, clock):
    group = scenes.group(cast.school)
    session = scenes.session(scenes.opportunity(cast.employer))
    client.force_login(cast.amina)
    client.post(reverse("switch"), {"organisation": cast.school.pk})
    client.post(ask_url(session, group), {"who": "whole"})
    entry = LogEntry.objects.get(verb="requested")
    assert (entry.by, entry.on_behalf_of_id) == (cast.amina, cast.school.pk)


def test_the_list_says_what_each_request_has_come_to(page, cast):
    scenes.placement(cast, state="ready")
    scenes.request(cast, scenes.session(scenes.opportunity(cast.employer)), of=scenes.group(cast.school, "10B"))
    rows = page.get(reverse("school-requests")).context["rows"]
    assert [(line["row"].group.name, line["state"]["word"]) for line in rows] == [
        ("10B", "With the hub"),
        ("10A", "Ready"),
    ]
    narrowed = page.get(reverse("school-requests"), {"state": "agreed"}).context["rows"]
    assert [line["row"].group.name for line in narrowed] == ["10A"]


def test_the_list_begins_with_what_the_school_has_to_do(page, cast):
    offer = scenes.opportunity(cast.employer)
    for day, (name, state) in enumerate((("A", "refused"), ("B", "submitted"), ("C", "withdrawn"), ("D", "draft"))):
        wanted = scenes.session(offer, on=scenes.DAY + dt.timedelta(days=day))
        row = scenes.request(cast, wanted, of=scenes.group(cast.school, name))
        PlacementRequest.objects.filter(pk=row.pk).update(state=state, created_at=NOW + dt.timedelta(days=day))
    rows = page.get(reverse("school-requests")).context["rows"]
    assert [line["row"].group.name for line in rows] == ["D", "A", "B", "C"]


@pytest.mark.parametrize(("asked", "names"), [
    ("agreed", ["A"]), ("over", ["B"]), ("submitted", ["C"]), ("draft", []), ("nonsense", ["C", "B", "A"]),
])  # fmt: skip
def test_the_filter_asks_in_the_words_of_the_list(page, cast, asked, names):
    offer = scenes.opportunity(cast.employer)
    for day, (name, state) in enumerate((("A", "ready"), ("B", "completed"))):
        wanted = scenes.session(offer, on=scenes.DAY + dt.timedelta(days=day))
        row = scenes.placement(cast, state="ready", wanted=wanted, of=scenes.group(cast.school, name))
        Placement.objects.filter(pk=row.pk).update(state=state)
    scenes.request(cast, scenes.session(offer), of=scenes.group(cast.school, "C"))
    rows = page.get(reverse("school-requests"), {"state": asked}).context["rows"]
    assert [line["row"].group.name for line in rows] == names


def count(cast, rows: int) -> None:
    whole_calendar(cast.school)
    for number in range(rows):
        wanted = scenes.session(scenes.opportunity(cast.employer), on=scenes.DAY + dt.timedelta(days=number))
        scenes.placement(cast, state="ready", wanted=wanted, of=scenes.group(cast.school, f"10{number}"))


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_ask_the_same_number_of_questions_for_one_row_and_for_three(page, cast, rows, django_assert_num_queries):
    count(cast, rows)
    with django_assert_num_queries(24):
        page.get(SESSIONS)
    with django_assert_num_queries(10):
        page.get(reverse("school-requests"))


@pytest.mark.parametrize("rows", [1, 3])
def test_details_ask_the_same_number_of_questions_whatever_the_groups(page, cast, rows, django_assert_num_queries):
    count(cast, rows)
    placement = cast.school.placements.select_related("request").order_by("pk").first()
    with django_assert_num_queries(23):
        page.get(reverse("school-session", args=[placement.session_id]))
    ask = ask_url(placement.session, placement.group)
    with django_assert_num_queries(42):
        page.get(ask)
    with django_assert_num_queries(12):
        page.get(reverse("school-request", args=[placement.request_id]))
