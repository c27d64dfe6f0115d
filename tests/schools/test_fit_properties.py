"""The engine against the slow reference, over years nobody thought of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schools.fit import (
    AVOID,
    BLOCKS,
    FitSession,
    Judge,
    ProtectedPeriod,
    ReleaseRule,
    SchoolYear,
    Span,
    WeekPattern,
    YearGroupOf,
    YearLesson,
    compile_year,
    fit,
    fit_many,
    missed_on,
)
from schools.fit_changes import changes
from schools.fit_reach import Asker, reach, shifted
from tests.examples import examples
from tests.schools import fit_reference as slow

#: Both clock changes of Europe and both of America lie in it, and one summer.
FIRST, LAST = date(2025, 9, 1), date(2026, 7, 24)
ZONES = ("Europe/London", "Europe/Berlin", "America/New_York", "Asia/Kolkata")
SUBJECTS = ("maths", "english", "art", "pe")
days = st.dates(FIRST, LAST)
quiet = settings(max_examples=examples(150), deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def spans(draw, most: int = 10) -> Span:
    start = draw(days)
    return Span(start, start + timedelta(days=draw(st.integers(0, most))), draw(st.sampled_from(("a", "b"))))


@st.composite
def hours(draw, longest: int = 360) -> tuple[time, time]:
    start = draw(st.integers(7 * 12, 16 * 12)) * 5
    end = min(start + draw(st.integers(1, longest // 5)) * 5, 23 * 60)
    return time(*divmod(start, 60)), time(*divmod(end, 60))


@st.composite
def lessons(draw, labels: tuple[str, ...]) -> YearLesson:
    start, end = draw(hours(90))
    week = draw(st.sampled_from((None, *labels)))
    return YearLesson("g", draw(st.sampled_from(SUBJECTS)), start, end, draw(st.integers(0, 5)), week)


@st.composite
def protected(draw) -> ProtectedPeriod:
    span, timed = draw(spans()), draw(st.booleans())
    start, end = draw(hours()) if timed else (None, None)
    years = draw(st.sampled_from((frozenset(), frozenset({10}), frozenset({11}))))
    hardness = draw(st.sampled_from(("blocked", AVOID)))
    return ProtectedPeriod(span.start, span.end, span.name, hardness, years, frozenset(), start, end)


@st.composite
def rules(draw) -> ReleaseRule:
    whole, ten, eleven = (frozenset(), frozenset()), (frozenset({10}), frozenset()), (frozenset({11}), frozenset())
    mine, another = (frozenset(), frozenset({"g"})), (frozenset(), frozenset({"h"}))
    years, groups = draw(st.sampled_from((whole, ten, eleven, mine, another)))
    return ReleaseRule(
        year_groups=years,
        groups=groups,
        weekdays=draw(st.sampled_from((frozenset(), frozenset({0, 1, 2, 3}), frozenset({4})))),
        earliest=draw(st.sampled_from((None, time(9)))),
        latest=draw(st.sampled_from((None, time(15, 30)))),
        max_out_per_day=draw(st.sampled_from((None, 20, 60))),
        min_notice_weeks=draw(st.sampled_from((None, 0, 3, 6))),
        protected_subjects=draw(st.sampled_from((frozenset(), frozenset({"maths"})))),
    )


@st.composite
def years(draw) -> SchoolYear:
    labels = draw(st.sampled_from((("A",), ("A", "B"), ("1", "2", "3"), ("A", "B", "C", "D", "E"))))
    pattern = WeekPattern(labels, anchor=draw(days), counts_holiday_weeks=draw(st.booleans()))
    terms = tuple(
        Span(*pair) for pair in (
            (FIRST, date(2025, 10, 24)), (date(2025, 11, 3), date(2025, 12, 19)), (date(2026, 1, 5), date(2026, 2, 13)),
            (date(2026, 2, 23), date(2026, 4, 1)), (date(2026, 4, 20), LAST),
        )
    )  # fmt: skip
    return SchoolYear(
        zone=draw(st.sampled_from(ZONES)),
        terms=draw(st.sampled_from((terms, (Span(FIRST, LAST),)))),
        closures=tuple(draw(st.lists(spans(20), max_size=3))),
        public_holidays=tuple(draw(st.lists(spans(0), max_size=3))),
        staff_days=tuple(draw(st.lists(spans(2), max_size=3))),
        protected=tuple(draw(st.lists(protected(), max_size=3))),
        pattern=pattern,
        groups=(YearGroupOf("g", 10, (14, 15)),),
        lessons=tuple(draw(st.lists(lessons(labels), max_size=12))),
        release=tuple(draw(st.lists(rules(), max_size=3))),
        weekdays=draw(st.sampled_from(((0, 1, 2, 3, 4), (0, 1, 2, 3, 4, 5)))),
    )


@st.composite
def sessions(draw) -> FitSession:
    first = draw(days)
    offsets = draw(st.sampled_from(((0,), (0,), (0, 1, 2, 3, 4), (0, 7), (0, 3))))
    start, end = draw(hours())
    if draw(st.integers(0, 9)) == 0:
        start, end = time(22), time(2)  # over midnight
    return FitSession(
        days=tuple((first + timedelta(days=n), start, end) for n in offsets),
        zone=draw(st.sampled_from(ZONES)),
        travel_minutes=draw(st.sampled_from((0, 0, 10, 45))),
        students=draw(st.sampled_from((1, 25))),
    )


nows = st.datetimes(datetime(2025, 8, 25), datetime(2026, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001 - UTC


@quiet
@given(year=years(), session=sessions(), now=nows, full=st.lists(days, max_size=5))
def test_verdict_lessons_and_minutes_are_those_of_the_reference(year, session, now, full):
    out = dict.fromkeys([*full, session.days[0][0]], 40)
    found = fit(compile_year(year), "g", session, now=now, out_that_day=out)
    totals, minutes = slow.missed(year, "g", session)
    assert found.verdict == slow.verdict(year, "g", session, now=now, out=out)
    assert {one.subject: (one.count, one.minutes) for one in found.lessons_missed} == totals
    assert found.minutes_missed == minutes


@quiet
@given(year=years(), day=days)
def test_week_letters_are_those_of_the_reference(year, day):
    assert compile_year(year).letter(day) == slow.letter(year, day)


@quiet
@given(year=years(), today=st.dates(date(2025, 8, 20), LAST), ahead=st.integers(0, 120))
def test_notice_in_school_weeks_is_that_of_the_reference(year, today, ahead):
    day = today + timedelta(days=ahead)
    assert compile_year(year).notice(today, day) == slow.notice(year, today, day)


@quiet
@given(year=years(), wanted=st.lists(sessions(), min_size=1, max_size=6), now=nows)
def test_many_are_judged_as_one_by_one_and_the_same_again(year, wanted, now):
    calendar = compile_year(year)
    once = list(fit_many(calendar, "g", wanted, now=now))
    assert once == [fit(compile_year(year), "g", one, now=now) for one in wanted]
    assert once == list(fit_many(calendar, "g", reversed(wanted), now=now))[::-1]


@quiet
@given(year=years(), session=sessions(), now=nows)
def test_verdict_follows_from_the_reasons(year, session, now):
    found = fit(compile_year(year), "g", session, now=now)
    blocked = any(reason.level == BLOCKS for reason in found.reasons)
    assert (found.verdict == "cannot") == blocked
    assert found.lessons_missed == missed_on(compile_year(year), "g", session)


@quiet
@given(year=years(), session=sessions(), now=nows)
def test_a_day_that_is_named_instead_is_one_the_group_can_go_on(year, session, now):
    calendar = compile_year(year)
    for change in changes(calendar, "g", session, now=now):
        if change.code == "other_day":
            moved = change.facts["date"] - session.days[0][0]
            days = tuple((day + moved, start, end) for day, start, end in session.days)
            other = FitSession(days, session.zone, session.travel_minutes, session.students)
            assert fit(calendar, "g", other, now=now).verdict == change.facts["verdict"]
            assert slow.verdict(year, "g", other, now=now, out={}) != "cannot"


@quiet
@given(day=days, start=st.integers(7 * 60, 16 * 60), zone=st.sampled_from(ZONES))
def test_wall_clock_survives_both_clock_changes(day, start, zone):
    lesson = YearLesson("g", "maths", time(*divmod(start, 60)), time(*divmod(start + 60, 60)), day.weekday())
    year = SchoolYear(zone=zone, groups=(YearGroupOf("g", 10),), lessons=(lesson,), weekdays=tuple(range(7)))
    session = FitSession(((day, lesson.start, lesson.end),), zone)
    (one,) = missed_on(compile_year(year), "g", session)
    assert (one.count, one.minutes) == (1, 60)


@quiet
@given(year=years(), session=sessions(), now=nows, full=st.lists(days, max_size=3))
def test_the_count_for_choosing_dates_agrees_with_the_verdict(year, session, now, full):
    calendar, out = compile_year(year), dict.fromkeys(full, 40)
    judge = Judge(calendar, "g", now, out)
    code = judge.why_not(session, judge.away(session), session.students)
    found = fit(calendar, "g", session, now=now, out_that_day=out)
    assert (code == "") == (found.verdict != "cannot")
    assert code in ("", *(reason.code for reason in found.reasons))


@settings(quiet, max_examples=examples(40))
@given(year=years(), session=sessions(), now=nows, full=st.lists(days, max_size=3), weeks=st.integers(0, 40))
def test_how_many_could_come_is_counted_day_by_day_and_group_by_group(year, session, now, full, weeks):
    """Days of one kind are asked once; the reference asks each of them, and each group, anew."""
    groups = (YearGroupOf("g", 10, (14, 15)), YearGroupOf("h", 11, (15, 16)))
    year = replace(year, groups=groups, lessons=(*year.lessons, *(replace(one, group="h") for one in year.lessons[:2])))
    out, asked = dict.fromkeys(full, 40), (("g", 25), ("h", 1))
    starts = [FIRST + timedelta(days=7 * weeks + n) for n in range(21)]
    asker = Asker(compile_year(year), asked, session.travel_minutes, out)
    for found in reach([asker], session.days, session.zone, starts, now=now):
        moved = replace(session, days=shifted(session.days, found.day))
        able = [
            key for key, students in asked
            if slow.verdict(year, key, replace(moved, students=students), now=now, out=out) != "cannot"
        ]  # fmt: skip
        assert (found.day, found.groups, found.able) == (found.day, 2, len(able))
        assert sum(found.why.values()) == 2 - len(able)
