"""Hour and day labels as real timetable programs write them."""

from datetime import time

import pytest

from schools.days import DayGuess, guess_days
from schools.hours import BellPeriod, bell_from_hours, in_order, resolve_hour, resolve_hours

BELL = (
    BellPeriod("P1", time(9), time(10)),
    BellPeriod("P2", time(10), time(11)),
    BellPeriod("Break", time(11), time(11, 20), is_break=True),
    BellPeriod("P3", time(11, 20), time(12, 20)),
)


@pytest.mark.parametrize(
    ("label", "start", "end", "period"),
    [
        ("P3", time(11, 20), time(12, 20), "P3"),
        ("3", time(11, 20), time(12, 20), "P3"),
        ("Period 3", time(11, 20), time(12, 20), "P3"),
        ("Period 3/Break", time(11, 20), time(12, 20), "P3"),
        ("3ª", time(11, 20), time(12, 20), "P3"),
        ("1st", time(9), time(10), "P1"),
        ("1. Stunde", time(9), time(10), "P1"),
        ("Tiết 2", time(10), time(11), "P2"),
        ("09:00", time(9), time(10), "P1"),
        ("9.30 - 11.00", time(9, 30), time(11), "P1"),
        ("(1)*@07:35-08:25", time(7, 35), time(8, 25), None),
        ("8h00-8h50", time(8), time(8, 50), None),
        ("8h-9h", time(8), time(9), None),
        ("9:30-10-30", time(9, 30), time(10, 30), "P1"),
        ("1:30-2:30", time(13, 30), time(14, 30), None),
        ("12:10 - 01.00", time(12, 10), time(13), "P3"),
        ("13:30~14:10", time(13, 30), time(14, 10), None),
        ("Pd1 08h00-08h40", time(8), time(8, 40), None),
        ("9am - 10am", time(9), time(10), "P1"),
        ("Break", time(11), time(11, 20), "Break"),
    ],
)
def test_hour_label_resolves(label, start, end, period):
    found = resolve_hour(label, BELL)
    assert found is not None
    assert (found.start, found.end, found.period and found.period.label) == (start, end, period)


@pytest.mark.parametrize("label", ["", "lunch duty", "1.5", "P9", "H97", "14:00"])
def test_hour_label_without_meaning_is_none(label):
    assert resolve_hour(label, BELL) is None


def test_hour_numbers_follow_the_order_when_the_bell_has_none():
    bell = (BellPeriod("first", time(8), time(9)), BellPeriod("second", time(9), time(10)))
    assert resolve_hour("2", bell).period == bell[1]


def test_hours_numbered_from_zero_shift():
    found = resolve_hours(["0", "1", "2"], BELL)
    assert {label: hour.period.label for label, hour in found.items()} == {"0": "P1", "1": "P2", "2": "P3"}


def test_hours_with_a_start_only_end_at_the_next():
    found = resolve_hours(["19:00", "19:40", "20:30", "21:10"])
    assert [(hour.start, hour.end) for hour in found.values()] == [
        (time(19), time(19, 40)),
        (time(19, 40), time(20, 20)),
        (time(20, 30), time(21, 10)),
        (time(21, 10), time(21, 50)),
    ]


def test_bell_is_read_off_labels_with_times():
    assert [(p.start, p.end) for p in bell_from_hours(["10:00-11:00", "9:00-10:00"])] == [
        (time(9), time(10)),
        (time(10), time(11)),
    ]


def test_bell_is_not_made_up_from_numbers():
    assert bell_from_hours(["1", "2"]) == ()


def test_hours_sort_by_time_then_number():
    assert (in_order(["10:00", "9:00"]), in_order(["10", "9"])) == (("9:00", "10:00"), ("9", "10"))


@pytest.mark.parametrize(
    ("labels", "weekdays"),
    [
        (["Luni", "Marti", "Miercuri", "Joi", "Vineri"], [0, 1, 2, 3, 4]),
        (["Mo", "Di", "Mi", "Do", "Fr"], [0, 1, 2, 3, 4]),
        (["Lu", "Ma", "Me", "Je", "Ve"], [0, 1, 2, 3, 4]),
        (["Segunda", "Terça", "Quarta", "Quinta", "Sexta", "Sábado"], [0, 1, 2, 3, 4, 5]),
        (["Lunes", "Martes", "Miércoles", "Jueves", "Viernes"], [0, 1, 2, 3, 4]),
        (["Mon", "Tues", "Wed", "Thurs", "Fri"], [0, 1, 2, 3, 4]),
        (["Monday", "Tueday"], [0, 1]),
        (["Thứ 2", "Thứ 7"], [0, 5]),
        (["Δευτέρα", "Τρίτη"], [0, 1]),
        (["الأحد", "الاثنين"], [6, 0]),
        (["2ª-feira", "3ª feira"], [0, 1]),
        (["LuMA", "k1"], [None, None]),
    ],
)
def test_day_labels_become_weekdays(labels, weekdays):
    assert [guess.weekday for guess in guess_days(labels).values()] == weekdays


@pytest.mark.parametrize(
    ("labels", "guesses"),
    [
        (["А-Понедельник", "В-Среда"], [(0, "A"), (2, "B")]),
        (["Monday", "Monday2"], [(0, "1"), (0, "2")]),
        (["Mon A", "Tue B", "Fri (B)", "Week A Wed"], [(0, "A"), (1, "B"), (4, "B"), (2, "A")]),
        (["MonA", "1Tue"], [(0, "A"), (1, "1")]),
    ],
)
def test_day_labels_carry_the_week(labels, guesses):
    assert [(guess.weekday, guess.week) for guess in guess_days(labels).values()] == guesses


def test_numbered_days_are_a_cycle():
    assert guess_days(["DAY 1", "Day 6"])["Day 6"] == DayGuess("Day 6", cycle_day=6)
