"""What a timetable means for a school that has parts of classes, bells of its own and names for its weeks."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from schools.domain import edits
from schools.domain.compile import compile_school
from schools.domain.lessons import Cell, set_lessons
from schools.domain.rights import CannotApplyYet
from schools.domain.timetable import apply_timetable_import, plan_timetable_import
from schools.domain.timetable_rows import Answers
from schools.models import BellPeriod, BellSchedule, Group, Lesson, School, WeekPattern
from tests import scenes
from tests.cast import NOW, actor

pytestmark = pytest.mark.django_db
NINE, TEN = dt.time(9), dt.time(10)
HEAD = b"Class,Day,Hour,Subject,Week\n"


@pytest.fixture
def by(cast):
    return actor(cast.coordinator, cast.hub, cast.school)


def plan(cast, data: bytes, **answers):
    return plan_timetable_import(cast.school, data, now=NOW, answers=Answers(**answers))


def load(cast, by, data: bytes, **answers):
    return apply_timetable_import(plan(cast, data, **answers), by=by, now=NOW)


def bell(cast, name: str, week: str, hour: int) -> None:
    schedule = BellSchedule.objects.create(hub=cast.hub, school=cast.school, name=name, week_letter=week)
    BellPeriod.objects.create(schedule=schedule, name="P1", starts_at=dt.time(hour), ends_at=dt.time(hour + 1))


def weeks(cast, *letters: str) -> None:
    WeekPattern.objects.create(
        hub=cast.hub, school=cast.school, letters=list(letters), anchor_on=dt.date(2026, 9, 7)
    )  # fmt: skip


def taught(cast, group: str) -> list[tuple]:
    rows = Lesson.objects.filter(school=cast.school, group__key=group).order_by("weekday", "starts_at", "subject")
    return [(row.weekday, row.starts_at.hour, row.week_letter, row.subject) for row in rows]


def test_a_class_misses_what_its_halves_are_taught_and_a_half_what_the_class_is(cast, by):
    load(cast, by, b"Class,Day,Hour,Subject\n10A,Monday,10:00-11:00,Maths\n10A/fr,Monday,09:00-10:00,French\n"
                   b"10A/de,Monday,09:00-10:00,German\n")  # fmt: skip
    assert taught(cast, "10A") == [(0, 9, "", "French"), (0, 9, "", "German"), (0, 10, "", "Maths")]
    assert taught(cast, "10A/fr") == [(0, 9, "", "French"), (0, 10, "", "Maths")]
    whole = Group.objects.get(key="10A")
    slots = compile_school(School.objects.get(pk=cast.school.pk)).slots(str(whole.pk), dt.date(2026, 9, 14))
    assert [subject for _start, _end, subject in slots] == ["French", "German", "Maths"]


def test_the_bell_of_a_week_is_read_by_the_schools_name_of_it(cast, by):
    weeks(cast, "A", "B")
    bell(cast, "Week A", "A", 9)
    bell(cast, "Week B", "B", 11)
    found = plan(cast, HEAD + b"10A,Monday,P1,Maths,1\n10A,Monday,P1,Art,2\n")
    assert found.unread_hours == ()
    apply_timetable_import(found, by=by, now=NOW)
    assert taught(cast, "10A") == [(0, 9, "A", "Maths"), (0, 11, "B", "Art")]


UNKNOWN = HEAD + b"10A,Monday,09:00-10:00,Maths,X\n10A,Monday,09:00-10:00,Art,Y\n"


def test_weeks_nobody_knows_are_asked_for_and_the_schools_pattern_stays(cast, by):
    weeks(cast, "Red", "Blue", "Green")
    found = plan(cast, UNKNOWN)
    assert (found.unread_weeks, found.known_weeks, found.is_settled) == (("X", "Y"), ("Red", "Blue", "Green"), False)
    with pytest.raises(CannotApplyYet, match="Red/Blue/Green"):
        apply_timetable_import(found, by=by, now=NOW)
    load(cast, by, UNKNOWN, weeks={"X": "Green", "Y": ""})
    assert taught(cast, "10A") == [(0, 9, "", "Art"), (0, 9, "Green", "Maths")]
    assert WeekPattern.objects.get().letters == ["Red", "Blue", "Green"]


WORDS = (
    HEAD + b"10A,Monday,09:00-10:00,Maths,left\n10A,Monday,09:00-10:00,Art,Right week\n10A,Monday,10:00-11:00,PE,all\n"
)


def test_weeks_in_words_are_asked_for(cast, by):
    """They were read as every week, and nobody saw it."""
    weeks(cast, "A", "B")
    found = plan(cast, WORDS)
    assert (found.unread_weeks, found.is_settled) == (("left", "right"), False)
    load(cast, by, WORDS, weeks={"left": "A", "right": "B"})
    assert taught(cast, "10A") == [(0, 9, "B", "Art"), (0, 9, "A", "Maths"), (0, 10, "", "PE")]


def test_weeks_in_words_are_the_schools_of_that_name(cast, by):
    weeks(cast, "Right", "Left")
    load(cast, by, WORDS)
    assert taught(cast, "10A") == [(0, 9, "Right", "Art"), (0, 9, "Left", "Maths"), (0, 10, "", "PE")]


def test_a_word_is_no_place_in_the_order_of_weeks(cast):
    """ "blue" begins with a B, and is not for that the second week."""
    weeks(cast, "X", "Y")
    file = HEAD + b"10A,Monday,09:00-10:00,Maths,blue\n10A,Monday,09:00-10:00,Art,amber\n"
    assert plan(cast, file).unread_weeks == ("amber", "blue")


@pytest.mark.parametrize(
    ("rows", "letters"),
    [
        (WORDS, ["left", "right"]),
        (HEAD + b"10A,Monday,09:00-10:00,Maths,left\n", ["left", "other"]),
        (HEAD + b"10A,Monday,09:00-10:00,Maths,upper half\n10A,Monday,09:00-10:00,Art,lower half\n",
         ["lower ha", "upper ha"]),
        (HEAD + b"10A,Monday,09:00-10:00,Maths,A\n", ["A", "B"]),
    ],
)  # fmt: skip
def test_a_school_without_a_pattern_gets_the_weeks_of_the_file(cast, by, rows, letters):
    load(cast, by, rows)
    assert WeekPattern.objects.get().letters == letters
    assert set(Lesson.objects.exclude(week_letter="").values_list("week_letter", flat=True)) <= set(letters)


@pytest.mark.parametrize("cell", ["", "-", "A/B", "all", "every week", "Both weeks", "alle Wochen", "1-38"])
def test_every_week_has_many_names(cast, by, cell):
    load(cast, by, HEAD + f"10A,Monday,09:00-10:00,Maths,{cell}\n".encode())
    assert taught(cast, "10A") == [(0, 9, "", "Maths")]


def test_weeks_are_asked_for_on_the_page(client, cast):
    weeks(cast, "Red", "Blue")
    client.force_login(cast.coordinator)
    asked = client.post(reverse("school-timetable-import"), {"text": UNKNOWN.decode()}, follow=True)
    here = asked.redirect_chain[-1][0]
    assert "Week “X” of the file is your week" in asked.content.decode()
    shy = client.post(here, {"labels": "yes", "letter_0": "?", "letter_1": "Red"})
    assert "Say which week it is." in shy.content.decode()
    client.post(here, {"labels": "yes", "letter_0": "Blue", "letter_1": "Red"})
    client.post(here, {"confirm": "yes", "means_0": "10A", "year_0": "10"})
    assert taught(cast, "10A") == [(0, 9, "Red", "Art"), (0, 9, "Blue", "Maths")]
    assert plan_timetable_import(cast.school, UNKNOWN, now=NOW).unread_weeks == ("X", "Y")


def test_weeks_are_asked_for_by_the_command(cast, tmp_path):
    weeks(cast, "Red", "Blue")
    (tmp_path / "t.csv").write_bytes(UNKNOWN)
    with pytest.raises(CommandError, match='--weeks "1=A,2=B"'):
        call_command("import_timetable", cast.school.name, str(tmp_path / "t.csv"))
    call_command("import_timetable", cast.school.name, str(tmp_path / "t.csv"), weeks="X=Red,Y=Blue")
    assert taught(cast, "10A") == [(0, 9, "Blue", "Art"), (0, 9, "Red", "Maths")]


def untis(*lines: str) -> bytes:
    return "".join(f'7,"10A","MUE","MA","R1",{line},,\n' for line in lines).encode()


def test_a_lesson_less_in_the_next_export_of_untis_moves_no_other(cast, by):
    bell(cast, "Day", "", 9)
    load(cast, by, untis("1,1", "3,1", "4,1"))
    group = Group.objects.get(key="10A")
    set_lessons(group, "", {Cell(2, NINE, TEN): ["Further maths"]}, by=by, now=NOW)
    load(cast, by, untis("3,1", "4,1"))
    assert taught(cast, "10A") == [(2, 9, "", "Further maths"), (3, 9, "", "MA")]


def test_rows_of_an_earlier_numbering_are_known_by_their_place(cast, by):
    scenes.group(cast.school)
    bell(cast, "Day", "", 9)
    load(cast, by, untis("1,1", "3,1"))
    for number, row in enumerate(Lesson.objects.order_by("weekday"), 1):
        Lesson.objects.filter(pk=row.pk).update(key=f"7-MA-{number}")
    assert {change.what for change in plan(cast, untis("1,1", "3,1")).changes} == {"same"}


def test_lessons_move_with_the_bell_and_only_those_that_stood_in_it(cast, by):
    periods = [("1", NINE, TEN), ("2", TEN, dt.time(11))]
    bell_ = edits.set_bell_schedule(cast.school, "Day", periods, by=by, now=NOW)
    load(cast, by, untis("1,1", "2,2"))
    group = Group.objects.get(key="10A")
    set_lessons(group, "", {Cell(4, dt.time(9, 15), TEN): ["Club"]}, by=by, now=NOW)
    later = [("1", dt.time(9, 30), dt.time(10, 15)), ("2", dt.time(10, 15), dt.time(11))]
    edits.set_bell_schedule(cast.school, "Day", later, schedule=bell_, by=by, now=NOW)
    rows = Lesson.objects.order_by("weekday").values_list("weekday", "starts_at", "ends_at")
    assert list(rows) == [
        (0, dt.time(9, 30), dt.time(10, 15)), (1, dt.time(10, 15), dt.time(11)), (4, dt.time(9, 15), TEN),
    ]  # fmt: skip
    assert {change.what for change in plan(cast, untis("1,1", "2,2")).changes if change.row and change.row.key} == {
        "same"
    }


def test_lessons_of_days_another_schedule_rules_stay(cast, by):
    edits.set_bell_schedule(cast.school, "Day", [("1", NINE, TEN)], by=by, now=NOW)
    friday = edits.set_bell_schedule(cast.school, "Friday", [("1", NINE, TEN)], weekdays=[4], by=by, now=NOW)
    load(cast, by, untis("1,1", "5,1"))
    edits.set_bell_schedule(
        cast.school, "Friday", [("1", dt.time(8), NINE)], weekdays=[4], schedule=friday, by=by, now=NOW
    )
    rows = Lesson.objects.order_by("weekday").values_list("weekday", "starts_at")
    assert list(rows) == [(0, NINE), (4, dt.time(8))]
