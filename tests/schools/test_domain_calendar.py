"""Importing a calendar: planned, applied, applied again, undone."""

from __future__ import annotations

import datetime as dt

import pytest

from hubs.errors import CannotAct, Refused
from hubs.models import LogEntry
from schools.domain import edits
from schools.domain.calendar import apply_calendar_import, plan_calendar_import
from schools.domain.diff import token
from schools.domain.event_rules import remember_kinds
from schools.domain.rights import CannotApplyYet, CannotImport
from schools.domain.undo import undo_import
from schools.models import Closure, Import, ProtectedPeriod, Term, WeekMark, WeekPattern, YearGroup
from tests.cast import actor
from tests.schools.files import AUTUMN, HALF_TERM, MOCKS, SAMPLES, STAFF_DAY, calendar, event

pytestmark = pytest.mark.django_db
D = dt.date


@pytest.fixture
def by(cast):
    return actor(cast.coordinator, cast.hub, cast.school)


def load(cast, by, now, data, **options):
    plan = plan_calendar_import(cast.school, data, now=now, file_name="dates.ics", **options)
    return apply_calendar_import(plan, by=by, now=now)


def closures(school):
    return list(Closure.objects.filter(school=school).values_list("kind", "name", "starts_on", "ends_on"))


def test_import_writes_terms_closures_and_protected_periods(cast, by, now):
    load(cast, by, now, calendar(*AUTUMN, HALF_TERM, STAFF_DAY, MOCKS))
    assert list(Term.objects.values_list("name", "starts_on", "ends_on")) == [
        ("Term 1", D(2026, 9, 1), D(2026, 10, 23)),
        ("Term 2", D(2026, 11, 2), D(2026, 12, 18)),
    ]
    assert closures(cast.school) == [
        ("staff_day", "INSET day", D(2026, 9, 1), D(2026, 9, 1)),
        ("closure", "Autumn half term", D(2026, 10, 24), D(2026, 11, 1)),
    ]
    period = ProtectedPeriod.objects.get()
    assert (period.name, period.hardness) == ("Year 11 mock exams", "blocked")
    assert [year.number for year in period.year_groups.all()] == [11]
    cast.school.refresh_from_db()
    assert cast.school.calendar_checked_at == now


def test_same_file_twice_changes_nothing(cast, by, now):
    data = calendar(*AUTUMN, HALF_TERM, STAFF_DAY, MOCKS)
    load(cast, by, now, data)
    plan = plan_calendar_import(cast.school, data, now=now)
    assert {change.what for change in plan.changes} == {"same"}


def test_next_file_of_a_source_moves_and_removes(cast, by, now):
    load(cast, by, now, calendar(*AUTUMN, HALF_TERM, STAFF_DAY))
    load(cast, by, now, calendar(*AUTUMN, event("h1", "20261024", "20261103", "Autumn half term")))
    assert closures(cast.school) == [("closure", "Autumn half term", D(2026, 10, 24), D(2026, 11, 2))]


def test_file_of_another_source_removes_nothing(cast, by, now):
    load(cast, by, now, calendar(*AUTUMN, HALF_TERM))
    load(cast, by, now, calendar(STAFF_DAY))
    assert [row[1] for row in closures(cast.school)] == ["INSET day", "Autumn half term"]
    assert Term.objects.count() == 2


def test_rows_edited_by_hand_are_kept_unless_told(cast, by, now):
    load(cast, by, now, calendar(*AUTUMN, HALF_TERM))
    row = Closure.objects.get()
    values = {"kind": "closure", "name": "Half term", "starts_on": row.starts_on, "ends_on": D(2026, 11, 3)}
    edits.save_closure(cast.school, values, closure=row, by=by, now=now)
    plan = plan_calendar_import(cast.school, calendar(*AUTUMN, HALF_TERM), now=now)
    assert [change.what for change in plan.of(Closure)] == ["kept"]
    load(cast, by, now, calendar(*AUTUMN, HALF_TERM))
    assert Closure.objects.get().name == "Half term"
    load(cast, by, now, calendar(*AUTUMN, HALF_TERM), overwrite=True)
    assert Closure.objects.get().name == "Autumn half term"


def test_undo_puts_everything_back(cast, by, now):
    load(cast, by, now, calendar(*AUTUMN, HALF_TERM))
    before = closures(cast.school)
    second = load(cast, by, now, calendar(*AUTUMN, event("h1", "20261026", "20261031", "Half term"), STAFF_DAY))
    assert closures(cast.school) != before
    undo_import(second, by=by, now=now)
    assert closures(cast.school) == before
    with pytest.raises(Refused, match="undone already"):
        undo_import(second, by=by, now=now)


def test_only_the_latest_import_can_be_undone(cast, by, now):
    first = load(cast, by, now, calendar(*AUTUMN))
    load(cast, by, now, calendar(STAFF_DAY))
    with pytest.raises(Refused, match="later one first"):
        undo_import(first, by=by, now=now)


def test_undo_keeps_what_was_edited_since(cast, by, now):
    done = load(cast, by, now, calendar(*AUTUMN, HALF_TERM))
    row = Closure.objects.get()
    values = {"kind": "closure", "name": "Ours", "starts_on": row.starts_on, "ends_on": row.ends_on}
    edits.save_closure(cast.school, values, closure=row, by=by, now=now)
    undo_import(done, by=by, now=now)
    assert Closure.objects.get().name == "Ours"
    assert Term.objects.count() == 0


def test_remembered_meaning_decides_the_next_reading(cast, by, now):
    data = calendar(*AUTUMN, event("x", "20261120", "20261121", "Founders day"))
    assert plan_calendar_import(cast.school, data, now=now).of(Closure) == []
    remember_kinds(cast.school, {"Founders day": "closure"}, by=by, now=now)
    load(cast, by, now, data)
    assert closures(cast.school) == [("closure", "Founders day", D(2026, 11, 20), D(2026, 11, 20))]


def test_numbered_weeks_ask_for_the_cycle_then_set_the_letters(cast, by, now):
    days = [
        event(f"d{n}", f"{day:%Y%m%d}", f"{day + dt.timedelta(days=5):%Y%m%d}", f"School open (Week {n})")
        for n, day in enumerate((D(2026, 9, 7) + dt.timedelta(weeks=w) for w in range(12)), start=1)
    ]
    plan = plan_calendar_import(cast.school, calendar(*days), now=now)
    assert plan.asks_cycle
    load(cast, by, now, calendar(*days), cycle=2)
    pattern = WeekPattern.objects.get()
    assert (pattern.letters, pattern.anchor_on) == (["A", "B"], D(2026, 9, 7))
    assert WeekMark.objects.count() == 12


def test_broken_file_is_refused_and_nothing_is_half_imported(cast, by, now):
    with pytest.raises(CannotImport) as refusal:
        load(cast, by, now, calendar(*AUTUMN)[:-17])
    assert refusal.value.sentence == (
        "The file stops in the middle: the VCALENDAR begun in line 1 never ends. Download it again."
    )
    assert (Term.objects.count(), Import.objects.count()) == (0, 0)


def test_a_bad_date_names_the_event(cast, by, now):
    with pytest.raises(CannotImport, match=r"Event “Trip” \(line 4\): DTSTART is “20261399”"):
        load(cast, by, now, calendar(event("x", "20261399", "20261401", "Trip")))


def test_a_bad_date_among_good_ones_is_said_and_the_rest_waits_for_a_word(cast, by, now):
    data = calendar(*AUTUMN, event("x", "20261399", "20261401", "Trip"))
    with pytest.raises(CannotApplyYet, match="1 line or event could not be read"):
        load(cast, by, now, data)
    assert Term.objects.count() == 0
    load(cast, by, now, data, without_problems=True)
    assert Term.objects.count() == 2


def test_rows_changed_by_hand_are_chosen_one_by_one(cast, by, now):
    load(cast, by, now, calendar(*AUTUMN, HALF_TERM))
    first, second = Term.objects.all()
    for term in (first, second):
        edits.save_term(cast.school, {"name": "Ours", "starts_on": term.starts_on, "ends_on": term.ends_on}, term=term,
                        by=by, now=now)  # fmt: skip
    load(cast, by, now, calendar(*AUTUMN, HALF_TERM), overwrite=(token(second),))
    assert list(Term.objects.values_list("name", "edited")) == [("Ours", True), ("Term 2", False)]


def test_calendar_without_school_days_is_refused(cast, by, now):
    with pytest.raises(CannotImport, match="The one event is no term"):
        load(cast, by, now, calendar(event("x", "20261120", "20261121", "Cake sale")))
    assert Import.objects.count() == 0


def test_member_and_stranger_may_not_import(cast, now):
    plan = plan_calendar_import(cast.school, calendar(*AUTUMN), now=now)
    for person, school in ((cast.school_member, cast.school), (cast.other_coordinator, cast.other_school)):
        with pytest.raises(CannotAct):
            apply_calendar_import(plan, by=actor(person, cast.hub, school), now=now)
    assert Term.objects.count() == 0


def test_hub_lead_imports_on_behalf_and_the_log_names_both(cast, now):
    load(cast, actor(cast.amina, cast.hub, cast.school), now, calendar(*AUTUMN))
    entry = LogEntry.objects.get(verb="imported")
    assert (entry.by, entry.on_behalf_of_id) == (cast.amina, cast.school.pk)


def test_year_groups_of_exams_get_the_age_of_the_country(cast, by, now):
    load(cast, by, now, calendar(*AUTUMN, MOCKS))
    assert list(YearGroup.objects.values_list("number", "name", "age")) == [(11, "Year 11", 16)]


def test_terms_by_hand_never_overlap(cast, by, now):
    values = {"name": "Term 1", "starts_on": D(2026, 9, 1), "ends_on": D(2026, 10, 23)}
    edits.save_term(cast.school, values, by=by, now=now)
    with pytest.raises(Refused, match="overlaps Term 1"):
        edits.save_term(cast.school, {**values, "name": "Again"}, by=by, now=now)


@pytest.mark.needs_samples
class TestSamples:
    def test_sheffield_gives_half_terms_and_letters(self, cast, by, now):
        data = (SAMPLES / "calendars" / "sheffield_term_dates.ics").read_bytes()
        load(cast, by, now, data, cycle=2)
        year = Term.objects.filter(starts_on__gte=D(2026, 9, 1), starts_on__lt=D(2027, 8, 1))
        assert list(year.values_list("name", "starts_on", "ends_on"))[:3] == [
            ("Term 1", D(2026, 9, 1), D(2026, 10, 23)),
            ("Term 2", D(2026, 11, 2), D(2026, 12, 18)),
            ("Term 3", D(2027, 1, 4), D(2027, 2, 12)),
        ]
        assert [row[2] for row in closures(cast.school)] == [D(2026, 5, 4), D(2027, 5, 3), D(2028, 5, 1)]
        assert {row[0] for row in closures(cast.school)} == {"public_holiday"}

    def test_the_schools_own_closures_leave_the_councils_terms_alone(self, cast, by, now):
        folder = SAMPLES / "calendars"
        load(cast, by, now, (folder / "sheffield_term_dates.ics").read_bytes(), cycle=2)
        terms = list(Term.objects.values_list("starts_on", "ends_on"))
        load(cast, by, now, (folder / "output_schools_sutc_school_holidays.ics").read_bytes())
        assert list(Term.objects.values_list("starts_on", "ends_on")) == terms
        staff = Closure.objects.filter(kind="staff_day", starts_on__year=2026, starts_on__month=10)
        assert list(staff.values_list("name", "starts_on", "ends_on")) == [
            ("INSET day", D(2026, 10, 21), D(2026, 10, 21)),
            ("Disaggregated Day", D(2026, 10, 22), D(2026, 10, 23)),
        ]
