"""From rows to the compiled calendar, against what the rows say to somebody who reads them slowly."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schools.domain.compile import compile_school, group_key
from schools.fit import CompiledCalendar, FitSession, fit
from schools.models import (
    BellPeriod,
    BellSchedule,
    Closure,
    Enrolment,
    Group,
    Lesson,
    ProtectedPeriod,
    ReleaseRule,
    School,
    Student,
    Term,
    WeekMark,
    WeekPattern,
    YearGroup,
)
from tests.examples import examples
from tests.schools.fit_reference import minute_of
from tests.schools.rows_reference import Rows
from tests.schools.test_fit_properties import FIRST, LAST, ZONES, hours, sessions

pytestmark = pytest.mark.django_db

days = st.dates(FIRST, LAST)
mondays = st.integers(0, 46).map(lambda n: date(2025, 9, 1) + timedelta(days=7 * n))
weekday_lists = st.sampled_from(([], [], [0, 1, 2, 3], [4], [1, 3]))
letters = st.sampled_from(("", "", "A", "B", "left"))
maybe = st.sampled_from


@dataclass
class Drawn:
    """A school's rows as plain values; `write` makes them."""

    zone: str
    terms: list[tuple[date, date]]
    closures: list[dict[str, Any]]
    protected: list[tuple[dict[str, Any], str]]
    pattern: dict[str, Any] | None
    marks: dict[date, str]
    bells: list[tuple[dict[str, Any], int]]
    lessons: list[tuple[str, dict[str, Any]]]
    rules: list[tuple[int | str | None, dict[str, Any]]]
    left: bool
    groups: dict[str, Group] = field(default_factory=dict)

    def write(self, school: School) -> None:
        own = {"hub": school.hub, "school": school}
        School.objects.filter(pk=school.pk).update(time_zone=self.zone, calendar_revision="")
        years = {n: YearGroup.objects.create(name=f"Year {n}", number=n, age=n + 5, **own) for n in (10, 11)}
        for name, kind, year in (("10A", "class", 10), ("11A", "class", 11), ("Art", "set", None)):
            self.groups[name] = Group.objects.create(name=name, key=name, kind=kind, year_group=years.get(year), **own)
        student = Student.objects.create(alias="one", left_on=FIRST if self.left else None, **own)
        for name in ("10A", "Art"):
            Enrolment.objects.create(student=student, group=self.groups[name])
        for number, (first, last) in enumerate(self.terms):
            Term.objects.create(name=str(number), starts_on=first, ends_on=last, **own)
        for values in self.closures:
            Closure.objects.create(name="closed", **values, **own)
        for values, whom in self.protected:
            row = ProtectedPeriod.objects.create(name="exams", **values, **own)
            row.year_groups.set([years[int(whom)]] if whom in ("10", "11") else [])
            row.groups.set([self.groups[whom]] if whom in self.groups and whom != "Art" else [])
        if self.pattern:
            WeekPattern.objects.create(**self.pattern, **own)
        for monday, letter in self.marks.items():
            WeekMark.objects.create(monday=monday, letter=letter, **own)
        for number, (values, begins) in enumerate(self.bells):
            schedule = BellSchedule.objects.create(name=f"bell {number}", **values, **own)
            for name, hour in (("P1", begins), ("Break", begins + 1), ("P2", begins + 2), ("P3", begins + 3)):
                BellPeriod.objects.create(schedule=schedule, name=name, starts_at=time(hour), ends_at=time(hour, 55))
        for name, values in self.lessons:
            Lesson.objects.create(group=self.groups[name], **values, **own)
        for whom, values in self.rules:
            ReleaseRule.objects.create(year_group=years.get(whom), group=self.groups.get(whom), **values, **own)


@st.composite
def timed(draw) -> dict[str, Any]:
    start, end = draw(hours())
    return draw(maybe(({}, {"starts_at": start, "ends_at": end})))


@st.composite
def spans(draw, most: int) -> dict[str, Any]:
    start = draw(days)
    return {"starts_on": start, "ends_on": start + timedelta(days=draw(st.integers(0, most)))}


@st.composite
def closures(draw) -> dict[str, Any]:
    return {"kind": draw(maybe(("closure", "staff_day", "public_holiday"))), **draw(spans(20))}


@st.composite
def protections(draw) -> tuple[dict[str, Any], str]:
    values = {
        "hardness": draw(maybe(("blocked", "avoid"))), "weekdays": draw(weekday_lists), "week_letter": draw(letters),
        **draw(spans(60)), **draw(timed()),
    }  # fmt: skip
    return values, draw(maybe(("", "10", "11", "10A", "11A")))


@st.composite
def lessons(draw) -> tuple[str, dict[str, Any]]:
    start, end = draw(hours(90))
    values = {
        "subject": draw(maybe(("Maths", "English", "PE"))), "weekday": draw(maybe((0, 1, 2, 3, 4, 0, 1, 2, 3, 5))),
        "week_letter": draw(letters), "starts_at": start, "ends_at": end,
    }  # fmt: skip
    return draw(maybe(("10A", "10A", "Art", "11A"))), values


@st.composite
def rules(draw) -> dict[str, Any]:
    return {
        "weekdays": draw(weekday_lists), "earliest": draw(maybe((None, time(9)))),
        "latest": draw(maybe((None, time(15, 30)))), "periods": draw(maybe(([], [], ["P1", "P2"]))),
        "most_out_per_day": draw(maybe((None, 20))), "notice_weeks": draw(maybe((0, 0, 3, 6))),
        "protected_subjects": draw(maybe(([], [], ["MATHS"]))),
    }  # fmt: skip


TERMS = [
    (FIRST, date(2025, 10, 24)), (date(2025, 11, 3), date(2025, 12, 19)), (date(2026, 1, 5), date(2026, 2, 13)),
    (date(2026, 2, 23), date(2026, 4, 1)), (date(2026, 4, 20), LAST),
]  # fmt: skip


@st.composite
def rows(draw) -> Drawn:
    labels = draw(maybe((None, ["A"], ["A", "B"], ["B", "A", "C"])))
    pattern = labels and {"letters": labels, "anchor_on": draw(days), "holidays_advance": draw(st.booleans())}
    schedules = st.fixed_dictionaries({"weekdays": weekday_lists, "week_letter": letters})
    return Drawn(
        zone=draw(maybe(ZONES)),
        terms=draw(maybe((TERMS, [(FIRST, LAST)]))),
        closures=draw(st.lists(closures(), max_size=3)),
        protected=draw(st.lists(protections(), max_size=3)),
        pattern=pattern,
        marks=draw(st.dictionaries(mondays, maybe(("A", "B", "1", "2", "39", "X")), max_size=3)),
        bells=draw(st.lists(st.tuples(schedules, st.integers(8, 11)), min_size=1, max_size=4)),
        lessons=draw(st.lists(lessons(), max_size=10)),
        rules=[(whom, draw(rules())) for whom in draw(st.lists(maybe((None, 10, 11, "10A", "Art")), unique=True))],
        left=draw(st.booleans()),
    )


nows = st.datetimes(datetime(2025, 8, 25), datetime(2026, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001 - UTC


quiet = settings(deadline=None, suppress_health_check=list(HealthCheck))


@contextmanager
def written(cast, drawn: Drawn) -> Iterator[tuple[CompiledCalendar, Rows]]:
    """The rows in the database for as long as they are looked at: compiled, and to be read slowly."""
    with transaction.atomic():
        drawn.write(cast.school)
        school = School.objects.select_related("hub").get(pk=cast.school.pk)
        yield compile_school(school), Rows(school)
        transaction.set_rollback(True)


@settings(quiet, max_examples=examples(20))
@given(drawn=rows(), asked=st.lists(sessions(), min_size=2, max_size=3), now=nows)
def test_a_session_is_judged_as_the_rows_say(cast, drawn, asked, now):
    """Two zones, with both their clock changes in the year; most sessions come from another zone than the school's."""
    with written(cast, drawn) as (compiled, slowly):
        for group, session in product(drawn.groups.values(), asked):
            found = fit(compiled, group_key(group), session, now=now)
            totals, minutes = slowly.missed(group, session)
            assert {one.subject: (one.count, one.minutes) for one in found.lessons_missed} == totals
            assert found.minutes_missed == minutes
            assert found.verdict == slowly.verdict(group, session, now=now)


@settings(quiet, max_examples=examples(60))
@given(drawn=rows(), monday=mondays)
def test_every_day_has_the_week_the_bell_and_the_lessons_the_rows_say(cast, drawn, monday):
    with written(cast, drawn) as (compiled, slowly):
        for day in (monday + timedelta(days=number) for number in range(14)):
            assert compiled.letter(day) == slowly.letter(day)
            bell = [(minute_of(one.start), minute_of(one.end), one.label) for one in compiled.bell_on(day)]
            assert bell == slowly.periods_on(day)
            assert (compiled.day_reason(day) is None) == slowly.teaches(day)
            for group in drawn.groups.values():
                assert set(compiled.slots(group_key(group), day)) == slowly.lessons_on(group, day)


def test_without_a_pattern_the_bell_of_all_weeks_holds(cast):
    """A bell of week A waits for the pattern; until then nobody knows a week A."""
    own = {"hub": cast.hub, "school": cast.school}
    for letter, hour in (("A", 12), ("", 9)):
        schedule = BellSchedule.objects.create(name=f"bell {letter}", week_letter=letter, **own)
        BellPeriod.objects.create(schedule=schedule, name="P1", starts_at=time(hour), ends_at=time(hour + 1))
    group = Group.objects.create(name="10A", key="10A", **own)
    ReleaseRule.objects.create(periods=["P2"], **own)
    session = FitSession(((date(2026, 10, 6), time(9), time(10)),), "Europe/London")
    found = fit(compile_school(cast.school), group_key(group), session, now=datetime(2026, 9, 1, tzinfo=UTC))
    assert [reason.code for reason in found.reasons if reason.level == "blocks"] == ["release_period"]
