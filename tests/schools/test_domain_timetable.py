"""Importing a timetable, groups and their lists, and the compiled year."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from hubs.errors import CannotAct, Refused
from schools import fit
from schools.domain import edits
from schools.domain.calendar import apply_calendar_import, plan_calendar_import
from schools.domain.compile import bell_of, compile_school, group_key
from schools.domain.groups import guess_year, set_group_size, usual_age
from schools.domain.pending import answer, confirm_timetable_file, keep_timetable, timetable_plan
from schools.domain.revision import calendar_changed
from schools.domain.rights import CannotApplyYet, CannotImport
from schools.domain.timetable import apply_timetable_import, plan_timetable_import
from schools.domain.timetable_rows import Answers
from schools.domain.undo import undo_import
from schools.domain.words import fit_sentence
from schools.models import (
    BellSchedule,
    Closure,
    Enrolment,
    Group,
    Import,
    Lesson,
    ReleaseRule,
    Student,
    WeekPattern,
    YearGroup,
)
from tests import scenes
from tests.cast import actor
from tests.schools.files import AUTUMN, HALF_TERM, MOCKS, TIMED, TIMETABLE, calendar

pytestmark = pytest.mark.django_db
T = dt.time
MORNING, AFTERNOON = T(9, 30), T(15)
PERIODS = [("P1", T(9), T(10)), ("P2", T(10), T(11)), ("P3", T(11, 20), T(12, 20))]
FET = Path("/usr/share/doc/fet-data/examples/FET-5-official")


@pytest.fixture
def by(cast):
    return actor(cast.coordinator, cast.hub, cast.school)


def load(cast, by, now, data, **options):
    return apply_timetable_import(plan_timetable_import(cast.school, data, now=now, **options), by=by, now=now)


def lessons(school):
    rows = Lesson.objects.filter(school=school).order_by("group__name", "weekday")
    return list(rows.values_list("group__name", "weekday", "starts_at", "subject", "period"))


def test_import_creates_groups_year_groups_and_timed_lessons(cast, by, now):
    edits.set_bell_schedule(cast.school, "School day", PERIODS, by=by, now=now)
    load(cast, by, now, TIMETABLE)
    assert lessons(cast.school) == [
        ("10A", 0, T(9), "Maths", "P1"),
        ("10A", 1, T(10), "PE", "P2"),
        ("10B", 1, T(9), "Maths", "P1"),
        ("Y9 Red", 4, T(11, 20), "Art", "P3"),
    ]
    assert list(Group.objects.values_list("name", "year_group__number")) == [("Y9 Red", 9), ("10A", 10), ("10B", 10)]
    assert list(YearGroup.objects.values_list("number", "age")) == [(9, 14), (10, 15)]


def test_hours_without_times_are_listed_and_nothing_is_imported(cast, by, now):
    plan = plan_timetable_import(cast.school, TIMETABLE, now=now)
    assert plan.unread_hours == ("1", "2", "3")
    with pytest.raises(CannotApplyYet, match="from when until when these hours last: “1”, “2”, “3”"):
        apply_timetable_import(plan, by=by, now=now)
    assert (Group.objects.count(), Lesson.objects.count(), Import.objects.count()) == (0, 0, 0)


def test_hours_said_by_hand_become_the_bell_schedule(cast, by, now):
    hours = {"1": (T(9), T(10)), "2": (T(10), T(11)), "3": (T(11), T(12))}
    load(cast, by, now, TIMETABLE, answers=Answers(hours=hours))
    assert [(p.label, p.start, p.end) for p in bell_of(cast.school)] == [(k, *v) for k, v in hours.items()]
    assert plan_timetable_import(cast.school, TIMETABLE, now=now).is_settled


def test_hours_with_times_propose_a_bell_schedule(cast, by, now):
    load(cast, by, now, TIMED)
    assert [(p.label, p.start) for p in bell_of(cast.school)] == [("09:00-10:00", T(9)), ("10:00-11:00", T(10))]


def test_next_timetable_replaces_the_lessons_of_its_groups(cast, by, now):
    load(cast, by, now, TIMED)
    load(cast, by, now, b"Class,Day,Hour,Subject\n10A,Monday,09:00-10:00,Maths\n10A,Friday,09:00-10:00,Art\n")
    assert lessons(cast.school) == [
        ("10A", 0, T(9), "Maths", "09:00-10:00"),
        ("10A", 4, T(9), "Art", "09:00-10:00"),
        ("10B", 1, T(9), "History", "09:00-10:00"),
    ]


def test_undo_takes_groups_and_lessons_away_again(cast, by, now):
    first = load(cast, by, now, TIMED)
    undo_import(first, by=by, now=now)
    counts = [model.objects.count() for model in (Lesson, Group, YearGroup, BellSchedule)]
    assert counts == [0, 0, 0, 0]


def test_undo_of_a_second_timetable_brings_the_first_back(cast, by, now):
    load(cast, by, now, TIMED)
    before = lessons(cast.school)
    second = load(cast, by, now, b"Class,Day,Hour,Subject\n10A,Friday,09:00-10:00,Art\n")
    undo_import(second, by=by, now=now)
    assert lessons(cast.school) == before


def test_two_week_timetable_makes_a_pattern_and_keeps_its_letters(cast, by, now):
    data = b"Class,Day,Hour,Subject,Week\n10A,Monday,09:00-10:00,Maths,A\n10A,Monday,09:00-10:00,Art,B\n"
    load(cast, by, now, data)
    assert WeekPattern.objects.get().letters == ["A", "B"]
    assert sorted(Lesson.objects.values_list("subject", "week_letter")) == [("Art", "B"), ("Maths", "A")]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "This file is empty. Choose the file your timetable program exported."),
        (
            b"Class,Day,Hour,Subject\n10A,Monday\n",
            "Line 2 has 2 columns where 4 are needed. Mend the line or export again.",
        ),
        (
            b"Class,Day,Hour,Subject\n10A,,09:00-10:00,Maths\n",
            "Line 2 has nothing in the column “Day”. Fill it in and try again.",
        ),
        (b"<fet><Activities_List></fet>", None),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><fet>&b;</fet>", None),
        (b"\x00\x01\x02\x03", None),
    ],
)
def test_broken_timetable_is_refused_with_a_sentence(cast, by, now, data, sentence):
    with pytest.raises(CannotImport) as refusal:
        load(cast, by, now, data)
    assert sentence in (None, refusal.value.sentence)
    assert "?" not in refusal.value.sentence
    assert Group.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "year"),
    [
        ("10A", 10), ("Year 10", 10), ("Y9 Red", 9), ("3eB", 3), ("10-A", 10), ("9th", 9), ("Grade 12 B", 12),
        ("VIII B", 8), ("XI A", 11), ("101", 1), ("1001", 10), ("Klasse 7b", 7), ("6º A", 6), ("7", 7),
        ("Drama", None), ("BA_Eco-2014 Sem 4", None), ("B Com fin 4", None), ("IT", None), ("99x", None),
    ],
)  # fmt: skip
def test_year_is_guessed_from_the_name(name, year):
    assert guess_year(name) == year


def test_usual_ages_follow_the_country():
    assert [usual_age(10, "GB"), usual_age(10, "DE"), usual_age(3, "FR")] == [15, 16, 15]


def test_group_size_makes_aliases_and_retires_them_again(cast, by, now):
    load(cast, by, now, TIMED)
    group = Group.objects.get(name="10A")
    set_group_size(group, 3, by=by, now=now)
    assert list(Student.objects.values_list("alias", flat=True)) == ["10A-01", "10A-02", "10A-03"]
    set_group_size(group, 1, by=by, now=now)
    assert list(Student.objects.filter(left_on=None).values_list("alias", flat=True)) == ["10A-01"]
    set_group_size(group, 4, by=by, now=now)
    assert list(Student.objects.filter(left_on=None).values_list("alias", flat=True)) == [
        "10A-01", "10A-02", "10A-03", "10A-04",
    ]  # fmt: skip
    assert (Enrolment.objects.count(), Group.objects.get(name="10A").size) == (4, 4)


def test_named_students_are_not_retired_by_a_number(cast, by, now):
    load(cast, by, now, TIMED)
    group = Group.objects.get(name="10A")
    set_group_size(group, 2, by=by, now=now)
    Student.objects.update(name="Somebody")
    with pytest.raises(Refused, match="2 named students"):
        set_group_size(group, 1, by=by, now=now)


def test_member_may_not_size_a_group(cast, by, now):
    load(cast, by, now, TIMED)
    with pytest.raises(CannotAct):
        set_group_size(Group.objects.first(), 3, by=actor(cast.school_member, cast.hub, cast.school), now=now)


@pytest.fixture
def whole(cast, by, now):
    data = calendar(*AUTUMN, HALF_TERM, MOCKS)
    apply_calendar_import(plan_calendar_import(cast.school, data, now=now), by=by, now=now)
    load(cast, by, now, TIMED)
    return cast.school


def verdict(school, name, day, now, start=MORNING, end=AFTERNOON):
    compiled = compile_school(school)
    session = fit.FitSession(days=((day, start, end),), zone="Europe/London")
    found = fit.fit(compiled, group_key(Group.objects.get(school=school, name=name)), session, now=now)
    return found.verdict, fit_sentence(found)


def test_compiled_school_says_what_a_session_costs(whole, now):
    assert verdict(whole, "10A", dt.date(2026, 10, 5), now) == ("fits_at_cost", "Fits. Misses Maths.")
    assert verdict(whole, "10A", dt.date(2026, 10, 7), now) == ("fits", "Fits.")
    assert verdict(whole, "10A", dt.date(2026, 10, 28), now) == (
        "cannot",
        "Cannot: Autumn half term, Sat 24 October – Sun 1 November.",
    )


def test_protected_period_holds_for_its_year_group_only(whole, now):
    assert verdict(whole, "10A", dt.date(2026, 12, 2), now)[0] == "fits"
    Group.objects.filter(name="10A").update(year_group=YearGroup.objects.get(number=11))
    calendar_changed(whole)
    assert verdict(whole, "10A", dt.date(2026, 12, 2), now) == (
        "cannot",
        "Cannot: Year 11 mock exams, Mon 30 November – Fri 4 December.",
    )


def test_the_rule_of_a_group_goes_before_its_years_and_that_before_the_schools(whole, by, now):
    group = Group.objects.get(school=whole, name="10A")
    empty = {"weekdays": [], "notice_weeks": 0}
    for whom, values in (
        (None, {"weekdays": [0], "latest": dt.time(15), "most_out_per_day": 20}),
        (group.year_group, {"weekdays": [1], "notice_weeks": 3}),
        (group, {"weekdays": [2]}),
    ):
        edits.save_release_rule(whole, whom, empty | values, by=by, now=now)
    whole.refresh_from_db()
    rules = compile_school(whole).rules_for(group_key(group))
    assert (rules.weekdays, rules.min_notice_weeks, rules.latest) == (frozenset({2}), 3, dt.time(15))
    assert rules.max_out_per_day == 20


def test_a_release_rule_is_for_one_and_of_this_school(whole, cast, by, now):
    group = Group.objects.get(school=whole, name="10A")
    with pytest.raises(Refused, match="whole school"):
        edits.save_release_rule(whole, group, {"most_out_per_day": 5}, by=by, now=now)
    with pytest.raises(Refused, match="of this school"):
        edits.save_release_rule(whole, scenes.group(cast.other_school), {}, by=by, now=now)
    own = {"hub": cast.hub, "school": whole, "group": group}
    with pytest.raises(IntegrityError), transaction.atomic():
        ReleaseRule.objects.create(**own, year_group=group.year_group)
    ReleaseRule.objects.create(**own)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReleaseRule.objects.create(**own)


def test_release_hours_and_notice_are_told(whole, by, now):
    values = {"weekdays": [1, 2], "earliest": T(10), "latest": None, "notice_weeks": 6, "most_out_per_day": None,
              "most_times_a_term": None, "protected_subjects": ["PE"]}  # fmt: skip
    edits.save_release_rule(whole, None, values, by=by, now=now)
    assert verdict(whole, "10A", dt.date(2026, 10, 7), now)[1] == "Cannot: notice 3 of 6 school weeks."
    assert verdict(whole, "10A", dt.date(2026, 12, 7), now)[1] == (
        "Cannot: not on a Monday; may be out on Tuesday and Wednesday."
    )
    assert verdict(whole, "10A", dt.date(2026, 12, 8), now, T(9), T(10))[1] == (
        "Cannot: may be out from 10:00 on only."
    )
    assert verdict(whole, "10A", dt.date(2026, 12, 8), now, T(10))[1] == (
        "Cannot: PE on Tue 8 December must not be missed."
    )


def test_compiling_costs_the_same_queries_however_much_there_is(whole, django_assert_num_queries):
    whole.calendar_revision = ""  # so that nothing is at hand
    with django_assert_num_queries(10):
        compile_school(whole)
    for n in range(4):
        Closure.objects.create(
            hub=whole.hub,
            school=whole,
            name=f"Day {n}",
            starts_on=dt.date(2026, 9, 21 + n),
            ends_on=dt.date(2026, 9, 21 + n),
        )
    with django_assert_num_queries(10):
        compile_school(whole)


def exported(tmp_path, name: str) -> Path:
    source = next(FET.glob(f"{name}/*.fet"))
    subprocess.run(
        ["fet-cl", f"--inputfile={source}", f"--outputdir={tmp_path}", "--exportcsv=true"],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return tmp_path


@pytest.mark.needs_fet
class TestFet:
    def test_a_college_with_times_in_its_hours_imports_as_it_is(self, cast, by, now, tmp_path):
        folder = exported(tmp_path, "India/St-Marys-College")
        load(cast, by, now, next(folder.glob("csv/*/*_timetable.csv")).read_bytes())
        assert (Lesson.objects.count(), Group.objects.count()) == (734, 34)
        saved = next(folder.glob("timetables/*/*_data_and_timetable.fet")).read_bytes()
        assert plan_timetable_import(cast.school, saved, now=now).counts["same"] == 734
        times = next(folder.glob("timetables/*/*_activities.xml")).read_bytes()
        assert plan_timetable_import(cast.school, times, now=now).counts["same"] == 734

    @pytest.mark.slow
    def test_a_school_with_bare_hour_numbers_needs_the_bell(self, cast, by, now, tmp_path):
        data = next(exported(tmp_path, "Brazil/1").glob("csv/*/*_timetable.csv")).read_bytes()
        assert plan_timetable_import(cast.school, data, now=now).unread_hours == ("0", "1", "2", "3", "4")
        five = [(f"{n}º", T(7 + n), T(7 + n, 50)) for n in range(1, 6)]
        edits.set_bell_schedule(cast.school, "Manhã", five, by=by, now=now)
        load(cast, by, now, data)
        assert (Lesson.objects.count(), Group.objects.count()) == (400, 16)


# ---- what the file's names mean -------------------------------------------------


def test_name_that_is_nearly_a_groups_is_that_group(cast, by, now):
    load(cast, by, now, TIMED)
    load(cast, by, now, TIMED.replace(b"10A", b"10 a"))
    assert list(Group.objects.values_list("key", flat=True)) == ["10A", "10B"]
    assert Lesson.objects.count() == 3


def test_names_mean_what_somebody_says_and_some_are_left_out(cast, by, now):
    load(cast, by, now, TIMED)
    said = Answers(groups={"Blue": "10A", "Staff": "", "Green": "10 Green"}, parts={"Green": True}, years={"Green": 10})
    file = b"Class,Day,Hour,Subject\nBlue,Friday,09:00-10:00,Art\nStaff,Friday,09:00-10:00,Duty\n"
    file += b"Green,Friday,10:00-11:00,Art\nBlue+Green,Friday,11:00-12:00,PE\n"
    load(cast, by, now, file, answers=said)
    assert list(Group.objects.order_by("key").values_list("key", "kind", "year_group__number")) == [
        ("10 Green", "set", 10),
        ("10A", "class", 10),
        ("10B", "class", 10),
    ]
    rows = Lesson.objects.filter(weekday=4).order_by("group__key", "starts_at")
    assert list(rows.values_list("group__key", "subject")) == [
        ("10 Green", "Art"),
        ("10 Green", "PE"),
        ("10A", "Art"),
        ("10A", "PE"),
    ]


def test_lessons_changed_by_hand_are_kept_until_somebody_says_which_go(cast, by, now):
    load(cast, by, now, TIMED)
    Lesson.objects.update(edited=True, subject="Ours")
    changed = TIMED.replace(b"Maths", b"Physics").replace(b"History", b"Music")
    plan = plan_timetable_import(cast.school, changed, now=now)
    kept = next(change.row for change in plan.changes if change.what == "kept")
    load(cast, by, now, changed, answers=Answers(overwrite=(f"lesson-{kept.pk}",)))
    assert Lesson.objects.filter(edited=True).count() == 2


def test_broken_lines_are_said_and_the_rest_waits_for_a_word(cast, by, now):
    data = TIMED + b"10B,Tuesday\n"
    with pytest.raises(CannotApplyYet, match="1 line or event could not be read"):
        load(cast, by, now, data)
    assert Lesson.objects.count() == 0
    load(cast, by, now, data, answers=Answers(without_problems=True))
    assert Lesson.objects.count() == 3


def test_next_file_of_the_same_columns_is_read_the_same_way(cast, by, now):
    odd = b"A,B,C,D\n10A,Monday,first,Maths\n"
    kept = keep_timetable(cast.school, odd, file_name="a.csv", by=by, now=now)
    columns = {"group": "A", "day": "B", "hour": "C", "subject": "D"}
    answer(kept, Answers(columns=columns, hours={"first": (T(9), T(10))}, groups={"10A": "10 Red"}), by=by)
    confirm_timetable_file(kept, by=by, now=now)
    again = keep_timetable(cast.school, odd.replace(b"Maths", b"Art"), file_name="b.csv", by=by, now=now)
    plan = timetable_plan(again, now=now)
    assert (plan.is_settled, plan.groups, plan.answers.like) == (True, ["10 Red"], "2026-09-15")
    other = keep_timetable(cast.school, odd.replace(b"A,B", b"X,Y"), file_name="c.csv", by=by, now=now)
    with pytest.raises(CannotImport):
        timetable_plan(other, now=now)
