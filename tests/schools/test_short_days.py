"""Days that end early or begin late: typed, read from a calendar, and what they mean for going out."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from hubs.errors import Refused
from schools.domain import edits
from schools.domain.calendar import apply_calendar_import, plan_calendar_import
from schools.domain.compile import compile_school
from schools.domain.event_rules import save_rule
from schools.domain.public_holidays import offered
from schools.domain.undo import undo_import
from schools.domain.words import sentence
from schools.fit import FitSession, SchoolYear, ShortDay, Span, YearGroupOf, YearLesson, compile_year, fit, free_map
from schools.fit_hours import school_week
from schools.ical_short import short_hours, why_unread
from schools.ical_types import CalendarEvent
from schools.models import BellSchedule, Closure, Group, ProtectedPeriod, School
from tests import scenes
from tests.cast import NOW, actor
from tests.schools import files

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 12, 18)
NOON, LATE = dt.time(12, 30), dt.time(10, 30)
YEAR = SchoolYear(
    zone="Europe/London",
    terms=(Span(dt.date(2026, 9, 1), DAY),),
    short_days=(ShortDay(DAY, DAY, "Last day", ends_at=NOON), ShortDay(dt.date(2026, 12, 11), dt.date(2026, 12, 11),
                                                                      "Staff meeting", begins_at=LATE)),
    groups=(YearGroupOf("10A", 10),),
    lessons=tuple(YearLesson("10A", name, dt.time(hour), dt.time(hour + 1), 4)
                  for name, hour in (("Maths", 9), ("Art", 12), ("PE", 14))),
)  # fmt: skip


@pytest.fixture
def page(client, cast):
    client.force_login(cast.coordinator)
    return client


def judged(day: dt.date, start: int, end: int):
    session = FitSession(((day, dt.time(start), dt.time(end)),), "Europe/London")
    found = fit(compile_year(YEAR), "10A", session, now=NOW)
    return found.verdict, [sentence(r) for r in found.reasons if r.level == "blocks"], found.minutes_missed


@pytest.mark.parametrize(
    ("day", "hours", "expected"),
    [
        (DAY, (9, 12), ("fits_at_cost", [], 60)),
        (DAY, (10, 15), ("cannot", ["Last day, Fri 18 December: lessons until 12:30 only"], 30)),
        (DAY, (13, 15), ("cannot", ["Last day, Fri 18 December: lessons until 12:30 only"], 0)),
        (dt.date(2026, 12, 11), (11, 15), ("fits_at_cost", [], 120)),
        (
            dt.date(2026, 12, 11),
            (9, 15),
            ("cannot", ["Staff meeting, Fri 11 December: lessons from 10:30 on only"], 120),
        ),
        (dt.date(2026, 12, 4), (9, 15), ("fits_at_cost", [], 180)),
    ],
)
def test_a_group_goes_out_while_there_are_lessons_and_misses_what_is_taught(day, hours, expected):
    assert judged(day, *hours) == expected


def test_a_short_day_closes_neither_the_day_on_the_map_nor_the_week():
    calendar = compile_year(YEAR)
    (state,) = free_map(calendar, "10A", DAY, DAY)
    assert (state.state, [reason.code for reason in state.reasons]) == ("cost", ["short_day"])
    assert school_week(calendar, ["10A"], dt.date(2026, 12, 14)).able == (1, 1, 1, 1, 1)


# ---- on screen ---------------------------------------------------------------

TYPED = {"kind": "short_day", "name": "Last day", "starts_on": "2026-12-18", "ends_on": "2026-12-18"}


def test_a_coordinator_types_it_and_fit_knows_it(cast, page):
    group = scenes.group(cast.school)
    answer = page.post("/school/calendar/closures/new/", {**TYPED, "ends_at": "12:30"})
    assert answer.status_code == 302
    row = Closure.objects.get()
    assert (row.kind, row.begins_at, row.ends_at) == ("short_day", None, NOON)
    compiled = compile_school(School.objects.get(pk=cast.school.pk))
    session = FitSession(((DAY, dt.time(10), dt.time(15)),), "Europe/London")
    reasons = fit(compiled, str(group.pk), session, now=NOW).reasons
    assert "short_day" in [reason.code for reason in reasons]
    text = page.get("/school/calendar/?year=2026-09-01").content.decode()
    assert "until 12:30" in text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (TYPED, "Say when lessons end that day"),
        ({**TYPED, "begins_at": "12:00", "ends_at": "11:00"}, "This is not after the beginning."),
        ({**TYPED, "kind": "closure", "ends_at": "12:30"}, "Only a short day has hours"),
    ],
)
def test_a_short_day_needs_its_hour_and_no_other_day_has_one(cast, page, typed, words):
    answer = page.post("/school/calendar/closures/new/", typed)
    assert words in answer.content.decode()
    assert not Closure.objects.exists()


def test_the_database_keeps_hours_to_short_days(cast):
    own = {"hub": cast.hub, "school": cast.school, "name": "x", "starts_on": DAY, "ends_on": DAY}
    for values in ({"kind": "short_day"}, {"kind": "staff_day", "ends_at": NOON},
                   {"kind": "short_day", "begins_at": NOON, "ends_at": LATE}):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            Closure.objects.create(**own, **values)


def test_a_public_holiday_is_offered_on_a_short_day_all_the_same(cast):
    christmas = dt.date(2026, 12, 25)
    Closure.objects.create(hub=cast.hub, school=cast.school, kind="short_day", name="x", starts_on=christmas,
                           ends_on=christmas, ends_at=NOON)  # fmt: skip
    assert [day for day, _name in offered(cast.school, christmas, christmas)] == [christmas]


# ---- from a calendar -----------------------------------------------------------


def event(summary: str, kind: str = "ignore", **fields) -> CalendarEvent:
    return CalendarEvent("k", DAY, fields.pop("end", DAY), summary, kind, **fields)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (event("Early finish 12:30"), (None, NOON)),
        (event("Early closure (1pm)"), (None, dt.time(13))),
        (event("School closes at 1.30"), (None, dt.time(13, 30))),
        (event("Last day of term - 12.30pm finish", "term_end"), (None, NOON)),
        (event("Early finish", start_time=NOON, end_time=dt.time(15, 30)), (None, NOON)),
        (event("Late start 10:30"), (LATE, None)),
        (event("Late start", start_time=dt.time(8, 30), end_time=LATE), (LATE, None)),
        (event("Early finish"), None),
        (event("Early finish 12:30 or 13:15"), None),
        (event("Early finish 19:00"), None),
        (event("Year 11 early finish 12:30", year_groups=(11,)), (None, NOON)),
        (event("Early finish 12:30", rule="ignore: early finish 12 30"), None),
        (event("Mocks: early finish 12:30", "protected"), None),
        (event("Early finish 12:30", end=DAY + dt.timedelta(days=1)), None),
        (event("Last day of term", "term_end", start_time=NOON), None),
        (event("Carol concert 12:30"), None),
    ],
)
def test_an_hour_is_taken_only_where_it_is_clear(one, expected):
    assert short_hours(one) == expected


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (event("Early finish"), "hours"),
        (event("Early finish 12:30 or 13:15"), "hours"),
        (event("Year 11 early finish", year_groups=(11,)), "hours"),
        (event("Early finish 12:30", end=DAY + dt.timedelta(days=1)), "days"),
        (event("Early finish 12:30, all but Year 11", year_groups=(11,)), "whom"),
        (event("Early finish 12:30 (not Year 7)", year_groups=(7,)), "whom"),
        (event("10A early finish 12:30"), "whom"),
        (event("Sixth form early finish 12:30"), "whom"),
        (event("Library closes early 12:30"), "whom"),
        (event("Early finish 12:30"), ""),
        (event("Early finish 1pm, Fri 18th"), ""),
        (event("Early finish", rule="ignore: early finish"), ""),
        (event("Mocks: early finish", "protected"), ""),
        (event("Carol concert"), ""),
    ],
)
def test_what_says_short_and_is_not_read_is_named_with_what_is_missing(one, why):
    assert why_unread(one) == why


FILE = b"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//x//
BEGIN:VEVENT
UID:early@school
DTSTART;VALUE=DATE:20261218
SUMMARY:Early finish %b
END:VEVENT
END:VCALENDAR
"""


def test_a_calendar_brings_it_again_changes_it_and_takes_it_away(cast):
    by = actor(cast.coordinator, cast.hub, cast.school)

    def load(data: bytes) -> list[tuple]:
        apply_calendar_import(plan_calendar_import(cast.school, data.replace(b"\n", b"\r\n"), now=NOW), by=by, now=NOW)
        return list(Closure.objects.values_list("kind", "name", "starts_on", "begins_at", "ends_at"))

    assert load(FILE % b"12:30") == [("short_day", "Early finish 12:30", DAY, None, NOON)]
    assert load(FILE % b"1 pm") == [("short_day", "Early finish 1 pm", DAY, None, dt.time(13))]


def test_an_import_older_than_short_days_can_be_undone(cast):
    """What it took away was kept without the hours that no row had then."""
    by = actor(cast.coordinator, cast.hub, cast.school)
    half_term = event_file(b"20261026", b"20261031", b"Half term")
    apply_calendar_import(plan_calendar_import(cast.school, half_term, now=NOW), by=by, now=NOW)
    renamed = half_term.replace(b"Half term", b"Autumn half term")
    done = apply_calendar_import(plan_calendar_import(cast.school, renamed, now=NOW), by=by, now=NOW)
    for saved in done.before["changed"]:
        for name in ("begins_at", "ends_at"):
            saved["fields"].pop(name)
    done.save(update_fields=["before"])
    undo_import(done, by=by, now=NOW)
    assert list(Closure.objects.values_list("name", "begins_at")) == [("Half term", None)]


def event_file(start: bytes, end: bytes, summary: bytes) -> bytes:
    lines = (b"BEGIN:VCALENDAR", b"VERSION:2.0", b"PRODID:-//x//x//", b"BEGIN:VEVENT", b"UID:one@school",
             b"DTSTART;VALUE=DATE:" + start, b"DTEND;VALUE=DATE:" + end, b"SUMMARY:" + summary, b"END:VEVENT",
             b"END:VCALENDAR", b"")  # fmt: skip
    return b"\r\n".join(lines)


# ---- the school's own words ----------------------------------------------------

FOUNDERS = files.calendar(
    files.event("f@x", "20261016", "20261017", "Founders Day"),
    files.event("g@x", "20261120", "20261121", "Founders Day (13:15)"),
)


@pytest.fixture
def short_bell(cast):
    by, periods = actor(cast.coordinator, cast.hub, cast.school), [("1", dt.time(9), dt.time(10))]
    edits.set_bell_schedule(cast.school, "School day", [*periods, ("6", dt.time(14), dt.time(15))], by=by, now=NOW)
    return edits.set_bell_schedule(cast.school, "Short", [*periods, ("4", dt.time(11), NOON)], by=by, now=NOW)


def test_words_a_school_calls_a_short_day_are_one_by_the_bell_it_chose(cast, page, short_bell):
    school = School.objects.select_related("hub").get(pk=cast.school.pk)
    row = {"words_0": "Founders Day", "kind_0": "short_day", "years_0": "", "bell_0": str(short_bell.pk)}
    assert page.post("/school/calendar/rules/", row).status_code == 302
    apply_calendar_import(plan_calendar_import(school, FOUNDERS, now=NOW),
                          by=actor(cast.coordinator, cast.hub, school), now=NOW)  # fmt: skip
    found = Closure.objects.filter(kind="short_day").order_by("starts_on")
    assert list(found.values_list("starts_on", "begins_at", "ends_at")) == [
        (dt.date(2026, 10, 16), dt.time(9), NOON),
        (dt.date(2026, 11, 20), None, dt.time(13, 15)),
    ]


# ---- of single year groups -----------------------------------------------------

YEAR_11 = files.calendar(
    files.event("t@x", "20260901", "20261219", "Autumn term"),
    files.event("e@x", "20261204", "20261205", "Year 11 early finish 12:30"),
    files.event("l@x", "20261207", "20261208", "Late start 10:30 for Years 10 and 11"),
)


def loaded(cast, data: bytes):
    """The import, and the calendar as fit sees it."""
    school, by = (
        School.objects.select_related("hub").get(pk=cast.school.pk),
        actor(cast.coordinator, cast.hub, cast.school),
    )
    done = apply_calendar_import(plan_calendar_import(school, data, now=NOW), by=by, now=NOW)
    return done, compile_school(School.objects.select_related("hub").get(pk=cast.school.pk))


def test_a_short_day_of_a_year_group_keeps_only_that_year_group_in_and_only_then(cast):
    scenes.group(cast.school, "10A", year=10)
    scenes.group(cast.school, "11A", year=11)
    keys = {group.name: str(group.pk) for group in Group.objects.filter(school=cast.school)}
    _done, compiled = loaded(cast, YEAR_11)

    def why(name: str, day: int, start: int, end: int) -> list[str]:
        session = FitSession(((dt.date(2026, 12, day), dt.time(start), dt.time(end)),), "Europe/London")
        found = fit(compiled, keys[name], session, now=NOW)
        return [sentence(reason) for reason in found.reasons if reason.level == "blocks"]

    early = "Year 11 early finish 12:30, Fri 4 December, from 12:30 on"
    late = "Late start 10:30 for Years 10 and 11, Mon 7 December, until 10:30"
    assert [why(*asked) for asked in (("11A", 4, 11, 15), ("11A", 4, 9, 12), ("10A", 4, 11, 15))] == [[early], [], []]
    assert [why(*asked) for asked in (("10A", 7, 9, 15), ("11A", 7, 9, 15), ("11A", 7, 11, 15))] == [[late], [late], []]
    (state,) = free_map(compiled, keys["11A"], dt.date(2026, 12, 4), dt.date(2026, 12, 4))
    assert state.state == "cost"


def test_it_comes_again_as_the_same_and_goes_with_its_undoing(cast):
    done, _compiled = loaded(cast, YEAR_11)
    assert Closure.objects.filter(kind="short_day").count() == 0
    found = ProtectedPeriod.objects.order_by("starts_on").values_list(
        "name", "starts_at", "ends_at", "year_groups__number"
    )
    assert list(found) == [
        ("Year 11 early finish 12:30", NOON, dt.time(23, 59), 11),
        ("Late start 10:30 for Years 10 and 11", dt.time(0), LATE, 10),
        ("Late start 10:30 for Years 10 and 11", dt.time(0), LATE, 11),
    ]
    school = School.objects.select_related("hub").get(pk=cast.school.pk)
    again = plan_calendar_import(school, YEAR_11, now=NOW)
    assert {change.what for change in again.changes} == {"same"}
    assert again.warnings == ()
    undo_import(done, by=actor(cast.coordinator, cast.hub, cast.school), now=NOW)
    assert not ProtectedPeriod.objects.exists()


def test_the_preview_says_for_whom_and_when_and_what_is_not_read(cast, page):
    unread = files.event("u@x", "20261210", "20261211", "10A early finish 12:30")
    vague = [files.event(f"v{n}@x", f"2026111{n}", f"2026111{n + 1}", "Early finish") for n in (2, 3, 4)]
    data = YEAR_11.replace(b"END:VCALENDAR", (unread + "".join(vague)).encode() + b"END:VCALENDAR")
    answer = page.post("/school/calendar/import/", {"text": data.decode()}, follow=True)
    text = answer.content.decode()
    assert "blocked, year 11, from 12:30 on" in text
    assert "blocked, years 10 and 11, until 10:30" in text
    assert [words for words in answer.context["plan"].warnings if "short day" in words] == [
        "“Early finish” on Thu 12 November and 2 other days is a short day, but nobody says from when or until when: "
        "choose its bell under “What events mean”, or type the day.",
        "“10A early finish 12:30” on Thu 10 December is a short day, but not clearly of whom: type it as a short day "
        "of the school, or as a protected period of those it is for.",
    ]


def test_a_bell_of_a_short_day_holds_for_the_year_groups_of_its_rule(cast, short_bell):
    school, by = School.objects.get(pk=cast.school.pk), actor(cast.coordinator, cast.hub, cast.school)
    save_rule(school, "Founders Day", "short_day", (9,), bell=short_bell, by=by, now=NOW)
    loaded(cast, files.calendar(files.event("f@x", "20261016", "20261017", "Founders Day")))
    found = ProtectedPeriod.objects.order_by("starts_at").values_list("starts_at", "ends_at", "year_groups__number")
    assert list(found) == [(dt.time(0), dt.time(9), 9), (NOON, dt.time(23, 59), 9)]


def test_many_short_days_that_are_not_read_are_counted(cast):
    names = [f"Early finish {word}" for word in "abcdefghijklmno"]
    data = files.calendar(*(files.event(f"{n}@x", "20261112", "20261113", name) for n, name in enumerate(names)))
    school = School.objects.select_related("hub").get(pk=cast.school.pk)
    said = [words for words in plan_calendar_import(school, data, now=NOW).warnings if "short day" in words]
    assert (len(said), said[-1]) == (13, "3 more short days are not read.")


def test_a_short_day_without_a_time_is_said_and_not_lost(cast):
    by, school = actor(cast.coordinator, cast.hub, cast.school), School.objects.get(pk=cast.school.pk)
    save_rule(school, "Founders Day", "short_day", by=by, now=NOW)
    plan = plan_calendar_import(school, FOUNDERS, now=NOW)
    assert [words for words in plan.warnings if "short day" in words] == [
        "“Founders Day” on Fri 16 October is a short day, but nobody says from when or until when: "
        "choose its bell under “What events mean”, or type the day."
    ]


def test_a_bell_belongs_to_a_short_day_of_its_own_school(cast, short_bell):
    by = actor(cast.coordinator, cast.hub, cast.school)
    rule = save_rule(cast.school, "Founders Day", "short_day", bell=short_bell, by=by, now=NOW)
    assert save_rule(cast.school, "Founders Day", "closure", rule=rule, bell=short_bell, by=by, now=NOW).bell is None
    theirs = BellSchedule.objects.create(hub=cast.hub, school=cast.other_school, name="Theirs")
    with pytest.raises(Refused, match="of this school"):
        save_rule(cast.school, "Sports", "short_day", bell=theirs, by=by, now=NOW)


def test_without_a_bell_the_time_of_the_event_counts():
    one = CalendarEvent("k", DAY, DAY, "Founders Day", "short_day", start_time=dt.time(13))
    assert short_hours(one) == (None, dt.time(13))
    assert short_hours(CalendarEvent("k", DAY, DAY, "Founders Day", "short_day")) is None
