"""The whole road of importing, by clicking, on a desk and on a phone: dates, timetable, class lists, a new year."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from schools.models import Group, Lesson, Student, Term
from tests.cast import PASSWORD, two_hubs
from tests.journey.promises import nothing_is_wider_than_the_screen
from tests.journey.stage import DESK, PATIENCE, PHONE, Stage, said
from tests.schools.files import AUTUMN, HALF_TERM, MOCKS, calendar, event
from tests.schools.rosters import CLASSES, ENROLLMENTS, SESSIONS, USERS, enrolment, group, session, small, user

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

SUBJECTS = ("Maths", "English", "Science", "History", "French", "PE", "Art", "Geography")
HEAD = "Set;When;Slot;What;Cycle;Where\n"


def week(form: str, shift: int) -> str:
    """A two-week timetable of five periods a day, with a broken line at its end."""
    lines = []
    for number, day in enumerate(("Mon", "Tue", "Wed", "Thu", "Fri")):
        for slot in range(5):
            for cycle in "AB":
                what = SUBJECTS[(number * 5 + slot + shift + (cycle == "B")) % len(SUBJECTS)]
                lines.append(f"{form};{day};Period {slot + 1};{what};{cycle};R{slot + shift}\n")
    return "".join(lines)


TIMETABLE = (HEAD + week("10 A", 0) + week("Year 9 Blue", 3) + "10 A;Mon\n").encode()
ROSTER = small(
    academicSessions_csv=SESSIONS + session("t9", "Spring", "4/01/2027", "12/03/2027"),
    classes_csv=CLASSES + group("c1", "10A") + group("c2", "9B") + group("c3", "10 Maths 1", kind="scheduled"),
    users_csv=USERS + user("s1") + user("s2", given="Lee") + user("s3", grade="09") + user(""),
    enrollments_csv=ENROLLMENTS + enrolment("c1", "s1") + enrolment("c1", "s2") + enrolment("c2", "s3"),
)


def choose(page: Page, name: str, data: bytes) -> None:
    page.locator("[name=file]").set_input_files({"name": name, "mimeType": "text/plain", "buffer": data})
    page.get_by_role("button", name="Read the file").click()


def dates(stage: Stage, page: Page) -> None:
    page.goto("/school/calendar/import/")
    page.get_by_label("Or paste its text").fill(
        calendar(*AUTUMN, HALF_TERM, MOCKS, event("x", "20261399", "20261401", "Trip")).decode().replace("\r\n", "\n")
    )
    page.get_by_role("button", name="Read the file").click()
    said(page, "1 event cannot be read")
    nothing_is_wider_than_the_screen(page)
    stage.shot(page, "20-dates-check")
    page.get_by_label("Load the rest without what cannot be read").check()
    page.get_by_role("button", name="Load these dates").click()
    said(page, "The dates are in")
    page.goto("/school/calendar/rules/")
    nothing_is_wider_than_the_screen(page)
    stage.shot(page, "21-rules")


def timetable(stage: Stage, page: Page) -> None:
    page.goto("/school/groups/import/")
    choose(page, "timetable.csv", TIMETABLE)
    said(page, "Which column is which?")
    columns = {"group": "Set", "day": "When", "hour": "Slot", "subject": "What", "week": "Cycle", "room": "Where"}
    for name, column in columns.items():
        page.locator(f"[name={name}]").select_option(column)
    stage.shot(page, "22-columns")
    page.get_by_role("button", name="Go on").click()
    for number in range(5):
        page.get_by_label(f"“Period {number + 1}” from").fill(f"{9 + number:02}:00")
        page.get_by_label(f"“Period {number + 1}” until").fill(f"{9 + number:02}:50")
    nothing_is_wider_than_the_screen(page)
    stage.shot(page, "23-hours")
    page.get_by_role("button", name="Go on").click()
    said(page, "10 A, week B")
    said(page, "Line 102 has 2 columns")
    page.get_by_label("“10 A” is", exact=True).fill("10A")
    page.get_by_role("button", name="Draw the week like this").click()
    said(page, "10A, week B")
    expect(page.get_by_label("“10 A” is", exact=True)).to_have_value("10A")
    nothing_is_wider_than_the_screen(page)
    stage.shot(page, "24-timetable-check")
    page.get_by_label("Load the rest without what cannot be read").check()
    page.get_by_role("button", name="Load this timetable").click()
    said(page, "The timetable is in")
    nothing_is_wider_than_the_screen(page)
    stage.shot(page, "25-timetable-done")


def class_lists(stage: Stage, page: Page) -> None:
    page.goto("/school/groups/students/")
    stage.shot(page, "26-students-none")
    page.get_by_role("link", name="Load class lists").first.click()
    choose(page, "lists.zip", ROSTER)
    said(page, "What day is 4/01/2027?")
    nothing_is_wider_than_the_screen(page)
    stage.shot(page, "27-roster-asks")
    page.get_by_label("4 January 2027").check()
    page.get_by_label("Load the rest without the rows that cannot be read").check()
    page.get_by_role("button", name="Read it like this").click()
    expect(page.locator("option[selected]", has_text="Is 10A").first).to_be_attached(timeout=PATIENCE)
    nothing_is_wider_than_the_screen(page)
    stage.shot(page, "28-roster-check")
    page.get_by_role("button", name="Load these lists").click()
    said(page, "The class lists are in")
    stage.shot(page, "29-roster-done")


def students(stage: Stage, page: Page) -> None:
    page.goto("/school/groups/students/add/")
    page.get_by_label("The list").fill("M.C., 10, 10A\nN.D., 12, 10A")
    page.get_by_role("button", name="Look at the list").click()
    said(page, "Add 2 students")
    nothing_is_wider_than_the_screen(page)
    stage.shot(page, "30-students-add")
    page.get_by_role("button", name="Add 2 students").click()
    nothing_is_wider_than_the_screen(page)
    stage.shot(page, "31-students")
    page.get_by_role("link", name="M.C.").click()
    page.get_by_label("Access needs, in the words the employer may read").fill("Needs a step-free entrance.")
    nothing_is_wider_than_the_screen(page)
    stage.shot(page, "32-student")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Has left the school").click()
    stage.shot(page, "33-leave")
    page.get_by_role("button", name="They have left").click()
    said(page, "Left on")


def new_year(stage: Stage, page: Page) -> None:
    page.goto("/school/groups/students/new-year/")
    nothing_is_wider_than_the_screen(page)
    stage.shot(page, "34-new-year")
    page.get_by_role("button", name="Begin the new year").click()
    said(page, "The new school year has begun")
    stage.shot(page, "35-new-year-done")
    page.get_by_role("button", name="Undo: back to the old year").click()
    said(page, "This import was undone on")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "without-scripts"])
def test_a_teacher_loads_everything_in_one_sitting(stage, size, scripts):
    cast = two_hubs()
    cast.hub.hostname = "localhost"
    cast.hub.save()
    page = stage.stranger(viewport=size, java_script_enabled=scripts)
    page.goto("/home/")
    stage.sign_in(page, cast.coordinator.email, PASSWORD)
    for scene in (dates, timetable, class_lists, students, new_year):
        scene(stage, page)
    assert (Term.objects.count(), Lesson.objects.count()) == (3, 100)
    assert (Group.objects.filter(key="10A").count(), Student.objects.count()) == (1, 5)
    assert stage.complaints == []
