"""Class lists on screen: upload, look, answer, confirm, watch, undo."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from schools.domain import roster_jobs
from schools.models import Group, Import, PendingImport, Student, YearGroup
from tests.cast import NOW
from tests.schools.rosters import ENROLLMENTS, ORGS, SESSIONS, USERS, enrolment, session, small, user

pytestmark = pytest.mark.django_db
UPLOAD = "/school/groups/students/import/"


@pytest.fixture
def page(client, cast):
    client.force_login(cast.coordinator)
    return client


def send(client, data: bytes, **extra) -> str:
    return client.post(UPLOAD, {"file": SimpleUploadedFile("lists.zip", data), **extra})["Location"]


def text(response) -> str:
    return " ".join(response.content.decode().split())


def test_upload_shows_what_was_read_and_changes_nothing_yet(page):
    shown = text(page.get(send(page, small())))
    assert ("Load these lists" in shown, "10 Maths 1" in shown, Student.objects.count()) == (True, True, 0)


def test_confirm_loads_and_the_file_is_gone_and_undo_takes_it_back(page):
    done = page.post(send(page, small()), {"confirm": "yes"})["Location"]
    assert "The class lists are in" in text(page.get(done))
    assert (Student.objects.count(), PendingImport.objects.count()) == (3, 0)
    page.post(f"{done}undo/")
    assert Student.objects.count() == 0


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"not a zip", "This is not a zip file."),
        (small(users_csv=USERS + '"open\n'), "users.csv, line 2 cannot be read as a row"),
        (small(enrollments_csv="sourcedId,role\n1,student\n"), "no column “classSourcedId, userSourcedId”"),
    ],
)
def test_refusal_is_a_sentence_and_nothing_is_kept(page, data, sentence):
    response = page.post(UPLOAD, {"file": SimpleUploadedFile("lists.zip", data)})
    assert (response.status_code, sentence in text(response), PendingImport.objects.count()) == (200, True, 0)


def test_broken_rows_are_listed_and_the_rest_needs_a_word(page):
    check = send(page, small(users_csv=USERS + user("s1") + user(""), enrollments_csv=ENROLLMENTS))
    assert "users.csv, line 3 has nothing in the column “sourcedId”." in text(page.get(check))
    assert "Tick this to go on." in text(page.post(check, {"confirm": "yes"}))
    assert Student.objects.count() == 0
    page.post(check, {"confirm": "yes", "without_problems": "on"})
    assert Student.objects.count() == 1


def test_dates_are_asked_for_in_words(page):
    check = send(page, small(academicSessions_csv=SESSIONS + session("t1", "Autumn", "1/09/2026", "12/12/2026")))
    shown = text(page.get(check))
    assert ("1 September 2026" in shown, "9 January 2026" in shown, "Load these lists" in shown) == (True, True, False)
    page.post(check, {"look": "yes", "order": "dmy"})
    assert "Load these lists" in text(page.get(check))


def test_school_is_asked_for_when_there_are_several(page):
    check = send(
        page,
        small(
            orgs_csv=ORGS + "o1,,,Hillside,school,,\no2,,,Riverside,school,,\n",
            users_csv=USERS + user("s1") + user("s2", org="o2"),
            enrollments_csv=ENROLLMENTS + enrolment("c1", "s1"),
        ),
    )
    assert "Which of these is your school?" in text(page.get(check))
    page.post(check, {"look": "yes", "school": "o1"})
    page.post(check, {"confirm": "yes"})
    assert [s.key for s in Student.objects.all()] == ["s1"]


def test_names_only_with_the_tick(page):
    page.post(send(page, small(), names="on"), {"confirm": "yes"})
    assert Student.objects.get(key="s1").name == "Kim Adeyemi"


def test_changed_by_hand_is_asked_about_row_by_row(page):
    page.post(send(page, small()), {"confirm": "yes"})
    Student.objects.filter(key__in=["s1", "s2"]).update(year_group=None, edited=True)
    check = send(page, small())
    assert "S-0001" in text(page.get(check))
    page.post(check, {"look": "yes", "overwrite": "s1"})
    page.post(check, {"confirm": "yes", "overwrite": "s1"})
    years = dict(Student.objects.values_list("key", "year_group__number"))
    assert years == {"s1": 10, "s2": None, "s3": 9}


def test_large_file_is_watched(page, monkeypatch):
    monkeypatch.setattr("schools.domain.roster.DIRECT_ROWS", 3)
    done = page.post(send(page, small()), {"confirm": "yes"})["Location"]
    shown = text(page.get(done))
    assert ("The lists are being loaded" in shown, 'hx-trigger="every 3s"' in shown) == (True, True)
    roster_jobs.run_due(NOW)
    shown = text(page.get(done))
    assert ("The class lists are in" in shown, 'hx-trigger="every 3s"' in shown) == (True, False)


def test_failed_one_says_why_and_is_tried_again(page, cast):
    kept = PendingImport.objects.create(hub=cast.hub, school=cast.school, kind="roster", data=b"", uploaded_at=NOW)
    row = Import.objects.create(
        hub=cast.hub, school=cast.school, kind="roster", state="failed", format="oneroster", sha256="", imported_at=NOW,
        problem="Loading stopped in the middle.", file=kept,
    )  # fmt: skip
    assert "Loading stopped in the middle." in text(page.get(f"/school/calendar/imports/{row.pk}/"))
    page.post(f"/school/groups/students/imports/{row.pk}/again/")
    row.refresh_from_db()
    assert (row.state, row.problem) == ("waiting", "")


def test_put_aside_forgets_the_file(page):
    page.post(send(page, small()), {"put_aside": "yes"})
    assert (PendingImport.objects.count(), Student.objects.count()) == (0, 0)


def test_tutor_may_look_but_not_load(client, cast):
    client.force_login(cast.school_member)
    assert client.get(UPLOAD).status_code == 200
    assert client.post(UPLOAD, {}).status_code == 403


# ---- classes nobody could tell -----------------------------------------------------


def field_of(response, title: str) -> str:
    """The name of the choice about a class of the file."""
    return next(line["field"].html_name for line in response.context["classes"] if line["name"] == title)


@pytest.fixture
def other_name(cast):
    """The school's timetable calls the set of the file by another name."""
    year = YearGroup.objects.create(hub=cast.hub, school=cast.school, name="Year 10", number=10, age=15)
    return Group.objects.create(
        hub=cast.hub, school=cast.school, name="Ma/10x", key="Ma/10x", kind="set", year_group=year
    )  # fmt: skip


def test_a_class_of_another_name_is_told_by_hand(page, other_name):
    check = send(page, small())
    field = field_of(page.get(check), "10 Maths 1")
    page.post(check, {"look": "yes", field: str(other_name.pk)})
    lines = {line["name"]: line["word"] for line in page.get(check).context["classes"]}
    assert lines["10 Maths 1"] == "Is Ma/10x"
    page.post(check, {"confirm": "yes"})
    other_name.refresh_from_db()
    assert (other_name.roster_key != "", other_name.name, other_name.students.count() > 0) == (True, "Ma/10x", True)
    assert not Group.objects.filter(name="10 Maths 1").exists()


def test_a_class_is_left_out_and_taken_in_again(page):
    check = send(page, small())
    page.post(check, {"look": "yes", field_of(page.get(check), "10 Maths 1"): "out"})
    shown = page.get(check)
    assert [line["word"] for line in shown.context["classes"] if line["name"] == "10 Maths 1"] == ["Left out"]
    before = shown.context["plan"].counts["lists"]["added"]
    page.post(check, {"look": "yes", field_of(shown, "10 Maths 1"): "new"})
    assert page.get(check).context["plan"].counts["lists"]["added"] > before
    page.post(check, {"confirm": "yes", field_of(page.get(check), "10 Maths 1"): "out"})
    assert not Group.objects.filter(name="10 Maths 1").exists()
    assert Student.objects.count() == 3


def test_two_classes_are_not_one_group(page, other_name):
    check = send(page, small())
    fields = [line["field"].html_name for line in page.get(check).context["classes"]][:2]
    response = page.post(check, {"confirm": "yes", **dict.fromkeys(fields, str(other_name.pk))})
    assert "Two classes of the file cannot be the same group." in text(response)
    assert (Student.objects.count(), Import.objects.count()) == (0, 0)


def test_a_group_of_another_school_is_no_choice(page, cast):
    theirs = Group.objects.create(hub=cast.hub, school=cast.other_school, name="Ma", key="Ma", kind="set")
    check = send(page, small())
    response = page.post(check, {"confirm": "yes", field_of(page.get(check), "10 Maths 1"): str(theirs.pk)})
    assert (response.status_code, Student.objects.count()) == (200, 0)


def test_a_list_that_waits_is_reached_from_the_calendar_unless_it_is_at_work(client, cast):
    client.force_login(cast.coordinator)
    kept = PendingImport.objects.create(hub=cast.hub, school=cast.school, kind="roster", data=b"", uploaded_at=NOW)
    address = f"/school/groups/students/import/{kept.pk}/"
    page = client.get("/school/calendar/").content.decode()
    assert address in page
    Import.objects.create(
        hub=cast.hub, school=cast.school, kind="roster", format="oneroster", file=kept, imported_at=NOW
    )
    assert "waits to be confirmed" not in client.get("/school/calendar/").content.decode()
