"""The invented county's school year, on any day."""

from __future__ import annotations

import datetime as dt

import pytest

from config.demo.year import Days, SchoolYear


def test_school_year_is_an_english_one():
    year = SchoolYear(2026)
    assert year.terms[0] == (dt.date(2026, 9, 2), dt.date(2026, 10, 23))
    assert year.terms[1] == (dt.date(2026, 11, 2), dt.date(2026, 12, 18))
    assert year.terms[2] == (dt.date(2027, 1, 4), dt.date(2027, 2, 12))
    assert 185 <= len(year.days) <= 195


@pytest.mark.parametrize("today", [dt.date(2026, 1, 1), dt.date(2026, 8, 15), dt.date(2026, 9, 1), dt.date(2027, 5, 3)])
def test_days_are_counted_on_any_day(today):
    days = Days(today, today.year if today.month >= 9 else today.year - 1)
    assert days.at(-1) < today < days.at(1)
    assert days.at(47) < days.at(48)
    assert days.monday(-1) < today < days.monday(8)
    assert days.monday(8).weekday() == 0
