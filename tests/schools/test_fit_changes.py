"""What would make a session fit: tried before it is said, the nearest first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

from schools.domain.words import change_sentence
from schools.fit import ReleaseRule, compile_year
from schools.fit_changes import Change, changes
from tests.schools.test_fit import MONDAY, NOW, YEAR, session, with_rule


def mended(wanted, year=YEAR, **options):
    return list(changes(compile_year(year), "10A", wanted, now=NOW, **options))


def test_what_fits_needs_nothing():
    assert mended(session(MONDAY, "11:00", "12:00")) == []


def test_another_day_is_named_the_nearest_first():
    found = mended(session(date(2025, 10, 24), "11:00", "12:00"))
    assert [change.facts["date"] for change in found] == [date(2025, 10, 23), date(2025, 10, 22)]
    assert change_sentence(found[0]) == "On Thu 23 October, at no cost"


def test_fewer_students_when_a_day_is_nearly_full():
    wanted = session(MONDAY, "11:00", "12:00", students=10)
    found = mended(wanted, with_rule(max_out_per_day=25), out_that_day={MONDAY: 20})
    assert found[0] == Change("fewer_students", {"students": 5, "was": 10})
    assert change_sentence(found[0]) == "With 5 students instead of 10"


def test_notice_alone_names_the_first_day_that_is_far_enough_ahead():
    found = mended(session(date(2025, 9, 8), "11:00", "12:00"), with_rule(min_notice_weeks=3))
    codes = [change.code for change in found]
    assert codes == ["other_day", "other_day", "more_notice", "rule"]
    assert found[2].facts == {"next": date(2025, 9, 22)}
    assert change_sentence(found[3]) == "If the school allows a shorter notice, just this once"


def test_one_rule_in_the_way_is_named_and_two_are_not():
    found = mended(session(MONDAY, "11:00", "12:00"), with_rule(weekdays=frozenset({1})))
    assert [change.code for change in found] == ["other_day", "other_day", "rule"]
    year = replace(YEAR, release=(ReleaseRule(weekdays=frozenset({1}), earliest=time(11, 30)),))
    assert [c.code for c in mended(session(MONDAY, "11:00", "12:00"), year)] == []


def test_nobody_grows_older_by_another_day():
    assert mended(session(MONDAY, "11:00", "12:00", min_age=18)) == []


def test_a_term_adds_up_by_subject():
    wanted = session(MONDAY, "09:00", "10:00")
    year = with_rule(max_missed_per_subject=3)
    found = mended(wanted, year, missed_before=lambda day: {"Maths": 3})
    assert found[-1].code == "rule"
    assert change_sentence(found[-1]) == "If the school allows missing Maths once more"


def test_a_year_groups_own_rule_takes_the_place_of_what_the_school_says():
    """The school lets nobody out on a Friday and asks six weeks; Year 10 goes on Fridays at two weeks."""
    school = ReleaseRule(weekdays=frozenset({0, 1, 2}), min_notice_weeks=6, latest=time(15))
    own = ReleaseRule(year_groups=frozenset({10}), weekdays=frozenset({4}), min_notice_weeks=2)
    rules = compile_year(replace(YEAR, release=(school, own))).rules_for("10A")
    assert (rules.weekdays, rules.min_notice_weeks, rules.latest) == (frozenset({4}), 2, time(15))
    others = compile_year(replace(YEAR, release=(school, own))).rules_for("11B")
    assert (others.weekdays, others.min_notice_weeks) == (frozenset({0, 1, 2}), 6)
