"""Which sessions fit a group, what they cost, and the true reason why others do not."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schools.fit import (
    AVOID,
    CANNOT,
    FITS,
    FITS_AT_COST,
    FitSession,
    Missed,
    ProtectedPeriod,
    Reason,
    ReleaseRule,
    SchoolYear,
    Span,
    WeekPattern,
    YearGroupOf,
    YearLesson,
    compile_year,
    day_plan,
    fit,
    free_map,
)
from schools.fit_times import stretches
from schools.hours import BellPeriod
from tests.examples import examples

NOW = datetime(2025, 9, 1, 8, tzinfo=UTC)
MONDAY = date(2025, 10, 6)  # week B: 1 September is week A
SATURDAY = date(2025, 10, 11)
BELL = tuple(BellPeriod(f"P{n}", time(8 + n), time(9 + n)) for n in range(1, 6))
YEAR = SchoolYear(
    zone="Europe/London",
    terms=(Span(date(2025, 9, 1), date(2025, 12, 19), "Autumn"), Span(date(2026, 1, 5), date(2026, 3, 27), "Spring")),
    closures=(Span(date(2025, 10, 25), date(2025, 11, 2), "Half term"),),
    public_holidays=(Span(date(2026, 1, 6), date(2026, 1, 6), "Bank holiday"),),
    staff_days=(Span(date(2025, 10, 24), date(2025, 10, 24), "INSET"),),
    bell=BELL,
    pattern=WeekPattern(("A", "B"), anchor=date(2025, 9, 1)),
    groups=(
        YearGroupOf("10A", 10, (14, 15), also_in=("Year 10",)),
        YearGroupOf("7A", 7, (11, 12)),
    ),
    lessons=(
        YearLesson("10A", "Maths", time(9), time(10), weekday=0),
        YearLesson("10A", "PE", time(10), time(11), weekday=0, week="B"),
        YearLesson("10A", "Art", time(10), time(11), weekday=0, week="A"),
        YearLesson("Year 10", "Assembly", time(13), time(14), weekday=0),
        YearLesson("10A", "English", time(9), time(10), weekday=1),
    ),
)


def session(day: date, start: str = "09:00", end: str = "15:00", **options) -> FitSession:
    days = ((day, time.fromisoformat(start), time.fromisoformat(end)),)
    return FitSession(days=days, **{"zone": "Europe/London", **options})


def judge(wanted: FitSession, year: SchoolYear = YEAR, group: str = "10A", **options):
    return fit(compile_year(year), group, wanted, **{"now": NOW, **options})


def codes(found) -> list[str]:
    return [reason.code for reason in found.reasons]


def with_rule(**rule) -> SchoolYear:
    return replace(YEAR, release=(ReleaseRule(**rule),))


# What it costs


def test_day_out_names_the_lessons_missed():
    found = judge(session(MONDAY))
    assert (found.verdict, found.minutes_missed) == (FITS_AT_COST, 180)
    assert found.lessons_missed == (Missed("Assembly", 1, 60), Missed("Maths", 1, 60), Missed("PE", 1, 60))


def test_other_week_has_other_lessons():
    found = judge(session(MONDAY + timedelta(days=7)))
    assert [missed.subject for missed in found.lessons_missed] == ["Art", "Assembly", "Maths"]


def test_lesson_is_missed_for_the_minutes_away():
    assert judge(session(MONDAY, "09:45", "10:00")).lessons_missed == (Missed("Maths", 1, 15),)


def test_travel_makes_a_group_miss_more():
    assert judge(session(MONDAY, "11:00", "12:00", travel_minutes=30)).lessons_missed == (Missed("PE", 1, 30),)


def test_free_hour_fits():
    assert judge(session(MONDAY, "11:00", "12:00")).verdict == FITS


def test_parallel_options_count_their_minutes_once():
    year = replace(YEAR, lessons=(*YEAR.lessons, YearLesson("10A", "French", time(9), time(10), weekday=0)))
    assert judge(session(MONDAY, "09:00", "10:00"), year).minutes_missed == 60


def test_several_days_add_up():
    days = tuple((MONDAY + timedelta(days=n), time(9), time(10)) for n in (0, 1))
    found = judge(FitSession(days=days, zone="Europe/London"))
    assert found.lessons_missed == (Missed("English", 1, 60), Missed("Maths", 1, 60))


def test_group_without_timetable_fits_with_a_note():
    found = judge(session(MONDAY), group="7A")
    assert (found.verdict, codes(found)) == (FITS, ["no_timetable"])


def test_avoid_costs_and_names_the_period():
    mocks = ProtectedPeriod(MONDAY, MONDAY + timedelta(days=4), "Mocks", AVOID, year_groups=frozenset({10}))
    found = judge(session(MONDAY, "11:00", "12:00"), replace(YEAR, protected=(mocks,)))
    assert (found.verdict, found.reasons) == (
        FITS_AT_COST,
        (Reason("protected_avoid", {"name": "Mocks", "from": MONDAY, "to": MONDAY + timedelta(days=4)}, "costs"),),
    )


def test_rank_puts_cheaper_first():
    ranks = [
        judge(session(MONDAY, *hours)).rank for hours in (("11:00", "12:00"), ("09:00", "10:00"), ("09:00", "15:00"))
    ]
    assert ranks == sorted(ranks)


# Why not


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2025, 10, 27), ("closure", {"name": "Half term", "from": date(2025, 10, 25), "to": date(2025, 11, 2)})),
        (date(2025, 10, 24), ("staff_day", {"name": "INSET", "from": date(2025, 10, 24), "to": date(2025, 10, 24)})),
        (
            date(2026, 1, 6),
            ("public_holiday", {"name": "Bank holiday", "from": date(2026, 1, 6), "to": date(2026, 1, 6)}),
        ),
        (SATURDAY, ("weekend", {"date": SATURDAY})),
        (
            date(2025, 12, 22),
            (
                "outside_term",
                {"date": date(2025, 12, 22), "previous_end": date(2025, 12, 19), "next_start": date(2026, 1, 5)},
            ),
        ),
    ],
)
def test_closed_day_says_why(day, reason):
    found = judge(session(day))
    assert (found.verdict, found.reasons) == (CANNOT, (Reason(*reason),))


def test_saturday_the_school_opens_fits():
    assert judge(session(SATURDAY), replace(YEAR, open_days=frozenset({SATURDAY}))).verdict == FITS


def test_past_session_cannot():
    assert codes(judge(session(MONDAY), now=datetime(2025, 10, 6, 8, 0, tzinfo=UTC))) == [
        "past",
        "lessons_missed",
        "lessons_missed",
        "lessons_missed",
    ]


def test_session_later_today_is_not_past():
    assert judge(session(MONDAY, "11:00", "12:00"), now=datetime(2025, 10, 6, 9, 59, tzinfo=UTC)).verdict == FITS


def test_notice_counts_school_weeks_only():
    found = judge(
        session(date(2025, 11, 3), "11:00", "12:00"), with_rule(min_notice_weeks=5), now=NOW + timedelta(days=28)
    )
    assert found.reasons == (Reason("notice", {"have": 4, "need": 5}),)


def test_session_may_ask_for_more_notice_than_the_school():
    found = judge(session(MONDAY, "11:00", "12:00", min_notice_weeks=6), with_rule(min_notice_weeks=5))
    assert found.reasons == (Reason("notice", {"have": 5, "need": 6}),)


def test_blocked_period_holds_for_its_year_group_only():
    exams = ProtectedPeriod(MONDAY, MONDAY, "Exams", year_groups=frozenset({10}))
    year = replace(YEAR, protected=(exams,))
    assert [judge(session(MONDAY, "11:00", "12:00"), year, group).verdict for group in ("10A", "7A")] == [CANNOT, FITS]


def test_blocked_period_with_hours_leaves_the_rest_of_the_day():
    exam = ProtectedPeriod(MONDAY, MONDAY, "Exam", start_time=time(9), end_time=time(10, 30))
    year = replace(YEAR, protected=(exam,))
    verdicts = [judge(session(MONDAY, *hours), year).verdict for hours in (("10:00", "11:00"), ("11:00", "12:00"))]
    assert verdicts == [CANNOT, FITS]


@pytest.mark.parametrize(
    ("rule", "options", "reason"),
    [
        (
            {"weekdays": frozenset({1, 2})},
            {},
            Reason("release_weekday", {"date": MONDAY, "weekday": 0, "allowed": (1, 2)}),
        ),
        (
            {"periods": frozenset({"P4", "P5"})},
            {},
            Reason("release_period", {"date": MONDAY, "period": "P3", "allowed": ("P4", "P5")}),
        ),
        (
            {"max_out_per_day": 30},
            {"out_that_day": {MONDAY: 30}},
            Reason("too_many_out", {"date": MONDAY, "out": 30, "students": 1, "cap": 30}),
        ),
        ({"max_times_per_term": 2}, {"times_this_term": 2}, Reason("times_this_term", {"times": 2, "cap": 2})),
    ],
)
def test_release_rule_is_kept(rule, options, reason):
    found = judge(session(MONDAY, "11:00", "12:00"), with_rule(**rule), **options)
    assert (found.verdict, found.reasons) == (CANNOT, (reason,))


def test_release_rule_of_another_group_does_not_hold():
    assert (
        judge(session(MONDAY, "11:00", "12:00"), with_rule(groups=frozenset({"7A"}), max_out_per_day=0)).verdict == FITS
    )


def test_protected_subject_cannot_be_missed():
    found = judge(session(MONDAY, "09:00", "10:00"), with_rule(protected_subjects=frozenset({"maths"})))
    assert found.reasons[0] == Reason("protected_subject", {"subject": "Maths", "date": MONDAY})
    assert found.verdict == CANNOT


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ({"min_year": 11}, ["year_group_too_young"]),
        ({"max_year": 9}, ["year_group_too_old"]),
        ({"min_age": 16}, ["year_group_too_young"]),
        ({"max_age": 13}, ["year_group_too_old"]),
        ({"min_year": 10, "max_year": 10, "min_age": 15}, []),
    ],
)
def test_year_and_age_limits(limits, code):
    assert codes(judge(session(MONDAY, "11:00", "12:00", **limits))) == code


def test_one_exam_period_is_one_reason_for_a_week():
    exams = ProtectedPeriod(MONDAY, MONDAY + timedelta(days=4), "Exams")
    days = tuple((MONDAY + timedelta(days=n), time(15), time(16)) for n in range(5))
    found = judge(FitSession(days=days, zone="Europe/London"), replace(YEAR, protected=(exams,)))
    assert codes(found) == ["protected_blocked"]


def test_unknown_group_is_a_key_error():
    with pytest.raises(KeyError):
        judge(session(MONDAY), group="11Z")


def test_naive_now_is_refused():
    with pytest.raises(ValueError, match="aware"):
        judge(session(MONDAY), now=datetime(2025, 9, 1))  # noqa: DTZ001 - refused


def test_year_with_a_backward_span_is_refused():
    with pytest.raises(ValueError, match="Half term"):
        compile_year(replace(YEAR, closures=(Span(date(2025, 11, 2), date(2025, 10, 25), "Half term"),)))


# Clocks


def test_session_in_another_zone_is_seen_on_the_school_clock():
    found = judge(session(MONDAY, "10:00", "11:00", zone="Europe/Paris"))
    assert found.lessons_missed == (Missed("Maths", 1, 60),)


def test_between_the_clock_changes_of_two_zones_the_gap_is_an_hour_less():
    # On 10 March 2026 New York has changed its clocks and London has not: 4 hours, not 5.
    assert stretches(
        ((date(2026, 3, 10), time(9), time(10)),), zone="America/New_York", school_zone="Europe/London"
    ) == ((date(2026, 3, 10), 13 * 60, 14 * 60),)


@pytest.mark.parametrize("day", [date(2025, 10, 24), date(2025, 10, 27), date(2026, 3, 27), date(2026, 3, 30)])
def test_wall_clock_stays_across_both_clock_changes(day):
    assert stretches(((day, time(9), time(15)),), zone="Europe/London", school_zone="Europe/London") == (
        (day, 540, 900),
    )


def test_night_shift_is_two_days():
    assert stretches(((MONDAY, time(22), time(2)),), zone="Europe/London", school_zone="Europe/London") == (
        (MONDAY, 1320, 1440),
        (MONDAY + timedelta(days=1), 0, 120),
    )


@settings(max_examples=examples(200), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    day=st.dates(date(2025, 1, 1), date(2026, 12, 31)),
    start=st.integers(6 * 60, 18 * 60),
    length=st.integers(15, 300),
    zones=st.tuples(*[st.sampled_from(["Europe/London", "Europe/Paris", "America/Sao_Paulo", "Asia/Kolkata"])] * 2),
)
def test_conversion_equals_the_clock_on_the_wall(day, start, length, zones):
    away, home = zones
    begins = datetime.combine(day, time(*divmod(start, 60)), ZoneInfo(away)).astimezone(ZoneInfo(home))
    end = time(*divmod(start + length, 60))
    (first, minute, _), *_ = stretches(((day, time(*divmod(start, 60)), end),), zone=away, school_zone=home)
    assert (first, minute) == (begins.date(), begins.hour * 60 + begins.minute)


# Maps and plans


def test_free_map_shows_each_day_with_its_reason():
    days = free_map(compile_year(YEAR), "10A", date(2025, 10, 23), date(2025, 10, 25))
    assert [(state.day.day, state.state, [r.code for r in state.reasons], state.lessons) for state in days] == [
        (23, "open", [], 0),
        (24, "blocked", ["staff_day"], 0),
        (25, "blocked", ["closure"], 0),
    ]


def test_free_map_counts_what_a_day_out_misses():
    (state,) = free_map(compile_year(YEAR), "10A", MONDAY, MONDAY)
    assert (state.state, state.lessons, state.minutes, state.letter) == ("open", 3, 180, "B")


def test_free_map_marks_what_is_better_avoided():
    mocks = ProtectedPeriod(MONDAY, MONDAY, "Mocks", AVOID)
    (state,) = free_map(compile_year(replace(YEAR, protected=(mocks,))), "10A", MONDAY, MONDAY)
    assert state.state == "cost"


def test_free_map_asks_for_no_longer_a_day_than_the_group_may_be_out():
    hours = (ReleaseRule(earliest=time(9, 30), latest=time(13, 30)),)
    (state,) = free_map(compile_year(replace(YEAR, release=hours)), "10A", MONDAY, MONDAY)
    assert (state.state, state.reasons, state.minutes) == ("open", (), 120)
    never = (ReleaseRule(earliest=time(14)), ReleaseRule(latest=time(10)))
    (state,) = free_map(compile_year(replace(YEAR, release=never)), "10A", MONDAY, MONDAY)
    assert (state.state, [reason.code for reason in state.reasons]) == ("blocked", ["release_hours"])


def test_day_plan_lists_lessons_in_order():
    assert [subject for _, _, subject in day_plan(compile_year(YEAR), "10A", MONDAY)] == ["Maths", "PE", "Assembly"]


def test_cycle_of_days_finds_its_lessons():
    year = replace(
        YEAR,
        pattern=WeekPattern(cycle_days=6, anchor=date(2025, 9, 1)),
        lessons=(YearLesson("10A", "Maths", time(9), time(10), cycle_day=6),),
    )
    calendar = compile_year(year)
    taught = [day.day for day in (date(2025, 9, n) for n in range(1, 20)) if day_plan(calendar, "10A", day)]
    assert taught == [8, 16]


# A term adds up


def test_the_third_lesson_of_a_subject_in_a_term_is_said_and_ranks_lower():
    once = judge(session(MONDAY, "09:00", "10:00"))
    third = judge(session(MONDAY, "09:00", "10:00"), missed_before={"Maths": 2})
    assert third.reasons[0] == Reason("subject_again", {"subject": "Maths", "times": 3}, "costs")
    assert (third.verdict, third.rank > once.rank) == (FITS_AT_COST, True)


def test_more_of_a_subject_than_the_school_allows_cannot():
    found = judge(session(MONDAY, "09:00", "10:00"), with_rule(max_missed_per_subject=3), missed_before={"Maths": 3})
    assert found.reasons[0] == Reason("subject_too_often", {"subject": "Maths", "times": 4, "cap": 3})
    assert found.verdict == CANNOT


def test_other_subjects_missed_before_are_no_matter():
    assert judge(session(MONDAY, "09:00", "10:00"), missed_before={"PE": 9}) == judge(session(MONDAY, "09:00", "10:00"))


def test_protected_hours_may_hold_in_one_week_of_the_cycle_only():
    period = ProtectedPeriod(MONDAY, MONDAY + timedelta(days=11), "Assembly", week="A")
    year = replace(YEAR, protected=(period,))
    days = (MONDAY, MONDAY + timedelta(days=7))
    assert [judge(session(day, "11:00", "12:00"), year).verdict for day in days] == [FITS, CANNOT]
