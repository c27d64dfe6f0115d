"""Loading a timetable and looking after groups, on pages and through the API."""

from __future__ import annotations

import base64

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from config.urls import urlpatterns as everything
from schools.api import ROUTES
from schools.models import BellSchedule, Closure, Group, Import, Lesson, PendingImport, Student, Term
from tests.schools.files import AUTUMN, HALF_TERM, TIMED, TIMETABLE, calendar
from tests.schools.rosters import small

pytestmark = pytest.mark.django_db
UPLOAD = "/school/groups/import/"

router = SimpleRouter()
for prefix, viewset in ROUTES.items():
    router.register(prefix, viewset, basename=f"test-{prefix}")
urlpatterns = [path("test-api/", include(router.urls)), *everything]


@pytest.fixture
def page(client, cast):
    client.force_login(cast.coordinator)
    return client


def send(client, data: bytes):
    return client.post(UPLOAD, {"file": SimpleUploadedFile("week.csv", data)})


def load(client, data: bytes = TIMED, **extra):
    return client.post(send(client, data)["Location"], {"confirm": "yes", **extra})


def text(response) -> str:
    return " ".join(response.content.decode().split())


def test_timetable_is_drawn_before_it_is_loaded(page):
    response = page.get(send(page, TIMED)["Location"])
    assert "Maths" in text(response)
    assert [group.key for group in response.context["plan"].new_groups] == ["10A", "10B"]
    assert Group.objects.count() == 0


def test_confirmed_timetable_takes_the_years_as_corrected(page):
    load(page, year_0="10", year_1="11")
    assert list(Group.objects.values_list("name", "year_group__number")) == [("10A", 10), ("10B", 11)]
    assert (Lesson.objects.count(), BellSchedule.objects.count(), PendingImport.objects.count()) == (3, 1, 0)


def test_unknown_columns_are_asked_then_read(page):
    check = send(page, b"A,B,C,D\n10A,Monday,09:00-10:00,Maths\n")["Location"]
    assert "Which column is which?" in text(page.get(check))
    page.post(check, {"columns": "yes", "group": "A", "day": "B", "hour": "C", "subject": "D"})
    assert page.get(check).context["plan"].counts["added"] == 1


def test_unread_labels_are_asked_and_nothing_is_loaded_before(page):
    check = send(page, TIMETABLE)["Location"]
    assert "The file names hours without saying when they are." in text(page.get(check))
    assert page.post(check, {"confirm": "yes"}).status_code == 200
    assert Lesson.objects.count() == 0
    hours = {"from_0": "09:00", "until_0": "10:00", "from_1": "10:00", "until_1": "11:00", "from_2": "11:00"}
    assert "Fill this in." in text(page.post(check, {"labels": "yes", **hours}))
    page.post(check, {"labels": "yes", **hours, "until_2": "12:00"})
    page.post(check, {"confirm": "yes"})
    assert Lesson.objects.count() == 4


@pytest.mark.parametrize("data", [b"\x00\x01", b"just words", b"Class,Day,Hour\n10A,Monday\n"])
def test_broken_timetable_is_said_and_nothing_kept(page, data):
    response = send(page, data)
    assert response.status_code == 200
    assert "to mend" in text(response)
    assert (PendingImport.objects.count(), Group.objects.count()) == (0, 0)


def test_sizes_are_saved_on_one_page(page):
    load(page, year_0="10", year_1="10")
    first, second = Group.objects.order_by("name")
    given = {f"year_{first.pk}": "10", f"size_{first.pk}": "3", f"year_{second.pk}": "11", f"size_{second.pk}": "0"}
    assert page.post("/school/groups/", given).status_code == 302
    assert list(Group.objects.order_by("name").values_list("size", "year_group__number")) == [(3, 10), (0, 11)]
    assert Student.objects.count() == 3
    response = page.post("/school/groups/", {**given, f"size_{first.pk}": "401"})
    assert "400 at most; you gave 401." in text(response)
    assert Student.objects.count() == 3


def test_group_page_draws_the_week_and_puts_the_group_aside(page):
    load(page)
    group = Group.objects.get(name="10A")
    response = page.get(f"/school/groups/{group.pk}/")
    assert "The week of 10A" in text(response)
    page.post(f"/school/groups/{group.pk}/", {"name": "Red", "year": "9", "size": "2"})
    group.refresh_from_db()
    assert (group.name, group.year_group.number, group.size) == ("Red", 9, 2)
    page.post(f"/school/groups/{group.pk}/", {"active": "no"})
    group.refresh_from_db()
    assert group.is_active is False


def test_group_by_hand(page):
    assert page.post("/school/groups/new/", {"name": "12 Art", "year": "12", "size": "5"}).status_code == 302
    assert Student.objects.count() == 5
    assert "There is a group “12 Art” already." in text(
        page.post("/school/groups/new/", {"name": "12 Art", "year": "12", "size": "5"})
    )


def test_another_schools_group_does_not_exist(client, cast, page):
    load(page)
    address = f"/school/groups/{Group.objects.first().pk}/"
    for person in (cast.other_coordinator, cast.coordinator_b, cast.employer_lead):
        client.force_login(person)
        assert client.get(address).status_code == 404
        assert client.post(address, {"active": "no"}).status_code == 404
    assert Group.objects.filter(is_active=False).count() == 0


def test_members_may_look_only(client, cast, page):
    load(page)
    group = Group.objects.first()
    client.force_login(cast.school_member)
    assert client.get("/school/groups/").status_code == 200
    for address in (UPLOAD, "/school/groups/", f"/school/groups/{group.pk}/", "/school/groups/new/"):
        assert client.post(address, {"name": "x"}).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_groups_cost_the_same_queries_with_more_rows(page, cast, rows, django_assert_num_queries):
    for n in range(rows):
        Group.objects.create(hub=cast.hub, school=cast.school, name=f"G{n}", key=f"G{n}")
    page.get("/school/groups/")
    with django_assert_num_queries(6):
        page.get("/school/groups/")


# ---- API -----------------------------------------------------------------------


@pytest.fixture
def api(page, settings):
    settings.ROOT_URLCONF = __name__
    return page


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def resize(client, group):
    return client.patch(f"/test-api/groups/{group.pk}/", {"size": 3}, content_type="application/json")


def test_api_loads_a_calendar_once_for_one_key(api):
    body = {"kind": "calendar", "content": encoded(calendar(*AUTUMN, HALF_TERM)), "file_name": "dates.ics"}
    headers = {"Idempotency-Key": "k1"}
    first = api.post("/test-api/imports/", body, content_type="application/json", headers=headers)
    again = api.post("/test-api/imports/", body, content_type="application/json", headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert (Import.objects.count(), Term.objects.count()) == (1, 2)


def test_api_takes_multipart_and_undoes(api):
    sent = api.post("/test-api/imports/", {"kind": "timetable", "file": SimpleUploadedFile("w.csv", TIMED)})
    assert sent.status_code == 201, sent.json()
    assert Lesson.objects.count() == 3
    assert api.post(f"/test-api/imports/{sent.json()['id']}/undo/").status_code == 200
    assert Lesson.objects.count() == 0


def test_api_refuses_a_broken_file_with_a_sentence(api):
    body = {"kind": "calendar", "content": encoded(b"hello")}
    answer = api.post("/test-api/imports/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "not_a_calendar")
    answer = api.post("/test-api/imports/", {**body, "content": "!!"}, content_type="application/json")
    assert answer.status_code == 400
    body = {"kind": "timetable", "content": encoded(TIMETABLE)}
    assert api.post("/test-api/imports/", body, content_type="application/json").status_code == 409
    assert Import.objects.count() == 0


def test_api_changes_and_removes_calendar_rows(api):
    body = {"kind": "staff_day", "name": "Inset", "starts_on": "2026-10-01", "ends_on": "2026-10-01"}
    made = api.post("/test-api/closures/", body, content_type="application/json")
    assert made.status_code == 201
    address = f"/test-api/closures/{made.json()['id']}/"
    changed = api.patch(address, {"ends_on": "2026-10-02"}, content_type="application/json")
    assert (changed.status_code, changed.json()["ends_on"]) == (200, "2026-10-02")
    assert api.patch(address, {"ends_on": "2026-09-02"}, content_type="application/json").status_code == 409
    assert api.delete(address).status_code == 204
    assert Closure.objects.count() == 0


def test_api_says_when_a_group_is_free(api):
    load(api)
    body = {"kind": "calendar", "content": encoded(calendar(*AUTUMN, HALF_TERM))}
    api.post("/test-api/imports/", body, content_type="application/json")
    group = Group.objects.get(name="10A")
    days = api.get(f"/test-api/groups/{group.pk}/free/?from=2026-10-05&to=2026-10-06").json()
    assert [(day["date"], day["state"], day["lessons"]) for day in days] == [
        ("2026-10-05", "open", 1),
        ("2026-10-06", "open", 1),
    ]
    assert api.get(f"/test-api/groups/{group.pk}/free/?from=2026-10-05&to=2020-10-06").status_code == 400
    assert len(api.get(f"/test-api/groups/{group.pk}/lessons/").json()) == 2


def test_api_hides_another_school(api, client, cast):
    load(api)
    group = Group.objects.first()
    client.force_login(cast.other_coordinator)
    assert client.get(f"/test-api/groups/{group.pk}/").status_code == 404
    assert client.get(f"/test-api/groups/{group.pk}/free/").status_code == 404
    assert client.get("/test-api/groups/").json()["results"] == []
    assert resize(client, group).status_code == 404


def test_api_refuses_members(api, client, cast):
    load(api)
    group = Group.objects.first()
    client.force_login(cast.school_member)
    assert client.get(f"/test-api/groups/{group.pk}/").status_code == 200
    assert resize(client, group).status_code == 403
    body = {"kind": "calendar", "content": encoded(calendar(*AUTUMN))}
    assert client.post("/test-api/imports/", body, content_type="application/json").status_code == 403
    assert Term.objects.count() == 0


def test_api_loads_class_lists_by_the_same_verbs(api):
    body = {"kind": "roster", "content": encoded(small()), "file_name": "lists.zip", "names": True}
    dry = api.post("/test-api/imports/", {**body, "dry_run": True}, content_type="application/json")
    assert (dry.status_code, dry.json()["counts"]["students"]["added"], Student.objects.count()) == (200, 3, 0)
    made = api.post("/test-api/imports/", body, content_type="application/json")
    assert (made.status_code, made.json()["state"], Student.objects.count()) == (201, "done", 3)
    assert api.post(f"/test-api/imports/{made.json()['id']}/undo/").status_code == 200
    assert Student.objects.count() == 0


def test_api_leaves_a_large_roster_to_the_job(api, monkeypatch):
    monkeypatch.setattr("schools.domain.roster.DIRECT_ROWS", 3)
    body = {"kind": "roster", "content": encoded(small())}
    made = api.post("/test-api/imports/", body, content_type="application/json")
    assert (made.status_code, made.json()["state"], Student.objects.count()) == (202, "waiting", 0)


def test_api_keeps_students(api, cast):
    made = api.post("/test-api/students/", {"alias": "K.A.", "year": 10}, content_type="application/json")
    assert (made.status_code, made.json()["year"]) == (201, 10)
    address = f"/test-api/students/{made.json()['id']}/"
    changed = api.patch(address, {"is_priority": True, "year": 11}, content_type="application/json").json()
    assert (changed["alias"], changed["is_priority"], changed["year"], changed["edited"]) == ("K.A.", True, 11, True)
    assert api.post("/test-api/students/", {"alias": "K.A."}, content_type="application/json").status_code == 409
    gone = api.post(f"{address}leave/", {"on": "2026-09-20"}, content_type="application/json").json()
    assert (gone["left_on"], gone["named_for"]) == ("2026-09-20", [])
    assert api.post(f"{address}come-back/").json()["left_on"] is None


def test_api_begins_a_new_year(api):
    api.post("/test-api/students/", {"alias": "K.A.", "year": 10}, content_type="application/json")
    address = "/test-api/students/roll-over/"
    dry = api.post(address, {"dry_run": True, "leaving_year": 0}, content_type="application/json").json()
    assert (dry["counts"]["students"]["changed"], Student.objects.get().year_group.number) == (1, 10)
    assert api.post(address, {"leaving_year": 0}, content_type="application/json").status_code == 201
    assert Student.objects.get().year_group.number == 11
    assert api.post(address, {"leaving_year": 0}, content_type="application/json").status_code == 409


def test_api_shows_students_to_nobody_else(api, client, cast):
    made = api.post("/test-api/students/", {"alias": "K.A."}, content_type="application/json")
    for person in (cast.other_coordinator, cast.employer_lead):
        client.force_login(person)
        assert client.get(f"/test-api/students/{made.json()['id']}/").status_code == 404
        assert client.get("/test-api/students/").json()["results"] == []


def test_api_keeps_rules_for_events(api):
    body = {"words": "Founders Day", "kind": "protected", "years": [10]}
    made = api.post("/test-api/event-rules/", body, content_type="application/json")
    assert (made.status_code, made.json()["words"]) == (201, "founders day")
    address = f"/test-api/event-rules/{made.json()['id']}/"
    assert api.patch(address, {"kind": "closure"}, content_type="application/json").json()["kind"] == "closure"
    assert api.post("/test-api/event-rules/", body, content_type="application/json").status_code == 409
    assert (api.delete(address).status_code, api.get(address).status_code) == (204, 404)


# ---- who is who ------------------------------------------------------------------


def test_names_of_the_file_are_matched_on_the_page(page, cast):
    load(page)
    check = send(page, TIMED.replace(b"10A", b"Blue"))["Location"]
    page.post(check, {"look": "yes", "means_0": "10A", "year_0": "", "part_0": ""})
    assert page.get(check).context["plan"].groups == ["10A", "10B"]
    page.post(check, {"confirm": "yes", "means_0": "10A"})
    assert list(Group.objects.values_list("key", flat=True)) == ["10A", "10B"]


def test_name_left_empty_leaves_its_lessons_out(page):
    check = send(page, TIMED)["Location"]
    page.post(check, {"confirm": "yes", "means_0": "", "means_1": "10 Red", "year_1": "10", "part_1": "on"})
    assert list(Group.objects.values_list("key", "kind")) == [("10 Red", "set")]


def test_broken_line_is_listed_and_the_rest_needs_a_word(page):
    check = send(page, TIMED + b"10B,Tuesday\n")["Location"]
    assert "Line 5 has 2 columns where 4 are needed." in text(page.get(check))
    assert "Tick this to go on." in text(page.post(check, {"confirm": "yes"}))
    assert Lesson.objects.count() == 0
    page.post(check, {"confirm": "yes", "without_problems": "on"})
    assert Lesson.objects.count() == 3


def test_second_file_of_the_same_columns_needs_no_answers(page):
    odd = b"A,B,C,D\n10A,Monday,09:00-10:00,Maths\n"
    check = send(page, odd)["Location"]
    page.post(check, {"columns": "yes", "group": "A", "day": "B", "hour": "C", "subject": "D"})
    page.post(check, {"confirm": "yes", "means_0": "10 Red", "year_0": "10"})
    shown = page.get(send(page, odd.replace(b"Maths", b"Art"))["Location"])
    assert ("It is read like your file of" in text(shown), shown.context["plan"].groups) == (True, ["10 Red"])


def test_lesson_changed_by_hand_is_asked_about(page):
    load(page)
    Lesson.objects.filter(subject="Maths").update(subject="Ours", edited=True)
    check = send(page, TIMED.replace(b"09:00-10:00,Maths", b"08:00-09:00,Maths"))["Location"]
    row = Lesson.objects.get(subject="Ours")
    assert "Ours, 10A, Monday 09:00" in text(page.get(check))
    page.post(check, {"confirm": "yes", "overwrite": f"lesson-{row.pk}"})
    assert sorted(Lesson.objects.values_list("subject", flat=True)) == ["History", "Maths", "PE"]
