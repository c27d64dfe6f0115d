"""Every code has its sentence, and no sentence shows its seams."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from schools.domain import words_files, words_roster
from schools.domain.words import SENTENCES, fit_sentence, listed, misses, sentence
from schools.fit import Fit, Missed, Reason

HERE = Path(words_files.__file__).resolve().parents[1]
D = dt.date(2026, 10, 6)
FACTS = {
    "name": "Mocks", "from": D, "to": D, "date": D, "have": 3, "need": 6, "weekday": 1, "allowed": (2, 3),
    "period": "P1", "out": 4, "cap": 30, "times": 2, "subject": "PE", "from_age": 14, "to_age": None, "count": 2,
    "minutes": 120, "earliest": dt.time(9), "latest": dt.time(15), "next_start": D,
}  # fmt: skip


def codes(pattern: str, *files: str) -> set[str]:
    sources = [path.read_text() for name in files for path in HERE.glob(name)]
    return {code for text in sources for code in re.findall(pattern, text)}


def test_every_refusal_of_a_calendar_has_a_sentence():
    assert codes(r'CannotReadCalendar\("(\w+)"', "ical*.py", "sandbox.py") - set(words_files.CALENDAR_REFUSALS) == set()


def test_every_refusal_of_a_timetable_has_a_sentence():
    found = codes(r'CannotReadTimetable\(\s*"(\w+)"', "timetable*.py")
    assert found - set(words_files.TIMETABLE_REFUSALS) == set()


def test_every_notice_has_a_sentence():
    assert codes(r'Notice\("(\w+)"', "ical*.py") - set(words_files.CALENDAR_NOTICES) == set()
    set_aside = {"too_few_columns", "too_many_columns"}  # about a line: the words of refusals
    assert codes(r'Notice\("(\w+)"', "timetable*.py") - set(words_files.TIMETABLE_NOTICES) == set_aside


def test_everything_said_of_class_lists_has_a_sentence():
    found = codes(r'CannotReadRoster\("(\w+)"', "oneroster*.py", "sandbox.py")
    assert found - set(words_roster.ROSTER_REFUSALS) == set()
    found = codes(
        r'(?:set_aside|Notice)\("(bad_\w+|missing_value|too_many_columns)"', "oneroster*.py", "domain/roster*.py"
    )
    assert found == set(words_roster.ROSTER_PROBLEMS)
    found = codes(r'(?:warn|Notice)\("(\w+)"', "oneroster*.py") - {"orphans"}
    assert found - set(words_roster.ROSTER_NOTICES) == set()


def test_every_reason_of_the_fit_has_a_sentence():
    assert codes(r'Reason\("(\w+)"', "fit.py", "years.py") - {*SENTENCES, "lessons_missed"} == set()


@pytest.mark.parametrize("code", [*SENTENCES, "lessons_missed"])
def test_reasons_show_no_seams(code):
    said = sentence(Reason(code, FACTS))
    assert "?" not in said
    assert "None" not in said
    assert "%" not in said


def test_reasons_are_said_as_a_teacher_would():
    assert sentence(Reason("notice", {"have": 3, "need": 6})) == "Notice 3 of 6 school weeks"
    assert sentence(Reason("release_weekday", FACTS)) == "Not on a Tuesday; may be out on Wednesday and Thursday"
    full = Reason("too_many_out", {"date": D, "out": 22, "students": 6, "cap": 25})
    assert sentence(full) == "28 of 25 students out on Tue 6 October: 22 are out already"
    again = Reason("subject_again", {"subject": "Maths", "times": 3}, "costs")
    assert sentence(again) == "Would be the third Maths missed this term"
    assert sentence(Reason("lessons_missed", FACTS)) == "PE: 2 lessons, 120 minutes"
    assert sentence(Reason("year_group_too_young", FACTS)) == "Too young: it is for ages from 14"


def test_fit_is_one_sentence():
    rank = (0, 0, 0, 0)
    assert fit_sentence(Fit("fits", 0, rank, ((), ()))) == "Fits."
    assert fit_sentence(Fit("fits_at_cost", 60, rank, ((), (Missed("PE", 1, 60),)))) == "Fits. Misses PE."
    two = (Missed("Art", 1, 60), Missed("Maths", 1, 60))
    assert fit_sentence(Fit("fits_at_cost", 120, rank, ((), two))) == "Misses Art and Maths."
    blocked = (Reason("staff_day", {"name": "INSET", "from": D, "to": D}),)
    assert fit_sentence(Fit("cannot", 0, rank, (blocked, ()))) == "Cannot: INSET, Tue 6 October: staff only."


def test_lists_are_joined_by_words():
    assert [listed([]), listed(["A"]), listed(["A", "B", "C"])] == ["", "A", "A, B and C"]
    assert misses(["A", "B", "C", "D", "E"]) == "Misses A, B, C and 2 other subjects"
