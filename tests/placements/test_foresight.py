"""Before a school loads a file it reads which requests and placements the new dates would hit."""

from __future__ import annotations

import base64
import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hubs.models import LogEntry, Message
from placements.domain.clashes import check_changed_calendars
from placements.models import CalendarClash
from schools.domain.calendar import apply_calendar_import, plan_calendar_import
from schools.domain.foresight import would_hit
from schools.domain.roster import plan_roster, read_roster
from schools.domain.timetable import plan_timetable_import
from schools.models import Closure, Group, Import, Lesson, ProtectedPeriod, ReleaseRule, School, Term, YearGroup
from tests import scenes
from tests.cast import NOW, actor
from tests.schools.files import calendar, event
from tests.schools.rosters import small

pytestmark = pytest.mark.django_db
LATER = NOW + dt.timedelta(hours=1)
CLOSED = calendar(event("c@x", "20261020", "20261021", "INSET day"))
ELSEWHERE = calendar(event("c@x", "20261021", "20261022", "INSET day"))
WHY = "INSET day, Tue 20 October: staff only."


@pytest.fixture
def by(cast):
    return actor(cast.coordinator, cast.hub, cast.school)


def school(cast) -> School:
    return School.objects.select_related("hub").get(pk=cast.school.pk)


def hits(cast, by, data: bytes) -> list[tuple]:
    plan = plan_calendar_import(school(cast), data, now=NOW)
    return [(one.kind, one.what, one.when, one.who, one.state, one.why) for one in would_hit(plan, by=by, now=NOW)]


def everything(cast) -> list:
    """All that loading a file might have left behind."""
    models = (Closure, Term, ProtectedPeriod, Lesson, Group, YearGroup, Import, LogEntry, Message, CalendarClash)
    rows = [sorted(model.objects.values_list("pk", flat=True)) for model in models]
    return [*rows, School.objects.values_list("calendar_revision", "calendar_checked_at").get(pk=cast.school.pk)]


def test_a_placement_and_a_wish_on_a_day_the_file_closes_are_named_and_nothing_is_written(cast, by):
    scenes.placement(cast, state="accepted")
    other = scenes.session(scenes.opportunity(cast.employer, title="Meet the makers"))
    scenes.request(cast, other, of=scenes.group(cast.school, "10B"))
    before = everything(cast)
    assert hits(cast, by, CLOSED) == [
        ("placement", "See how it is made", "Tue 20 October", "10A", "ready", WHY),
        ("request", "Meet the makers", "Tue 20 October", "10B", "asked for", WHY),
    ]
    assert everything(cast) == before


def test_what_comes_first_stands_first(cast, by):
    offer = scenes.opportunity(cast.employer)
    for days, name in ((2, "10B"), (0, "10C")):
        scenes.request(
            cast, scenes.session(offer, on=scenes.DAY + dt.timedelta(days=days)), of=scenes.group(cast.school, name)
        )
    scenes.placement(cast, wanted=scenes.session(offer, on=scenes.DAY + dt.timedelta(days=1)))
    week = calendar(event("c@x", "20261019", "20261024", "School closed"))
    assert [one[3] for one in hits(cast, by, week)] == ["10C", "10A", "10B"]


def test_the_job_afterwards_finds_what_the_preview_named(cast, by):
    scenes.placement(cast, state="accepted")
    scenes.request(cast, scenes.session(scenes.opportunity(cast.employer)), of=scenes.group(cast.school, "10B"))
    named = hits(cast, by, CLOSED)
    apply_calendar_import(plan_calendar_import(school(cast), CLOSED, now=NOW), by=by, now=NOW)
    assert check_changed_calendars(LATER) == len(named) == 2
    assert hits(cast, by, CLOSED) == []


def test_a_place_held_for_a_wish_still_open_is_named_once(cast, by):
    scenes.placement(cast)
    assert [one[0] for one in hits(cast, by, CLOSED)] == ["placement"]


def test_a_day_nobody_goes_on_and_another_school_hit_nothing(cast, by):
    scenes.placement(cast, state="accepted")
    assert hits(cast, by, ELSEWHERE) == []
    theirs = School.objects.select_related("hub").get(pk=cast.other_school.pk)
    plan = plan_calendar_import(theirs, CLOSED, now=NOW)
    assert would_hit(plan, by=actor(cast.other_coordinator, cast.hub, theirs), now=NOW) == []


def test_what_clashes_already_is_no_news_and_another_reason_is(cast, by):
    scenes.placement(cast, state="accepted")
    Closure.objects.create(
        hub=cast.hub, school=cast.school, kind="staff_day", name="INSET day", starts_on=scenes.DAY, ends_on=scenes.DAY
    )
    assert hits(cast, by, CLOSED) == []
    assert [one[-1] for one in hits(cast, by, CLOSED.replace(b"INSET day", b"School closed"))] == [
        "School closed, Tue 20 October."
    ]


def test_a_school_with_nothing_coming_is_not_loaded_for_it(cast, by):
    plan = plan_calendar_import(school(cast), CLOSED, now=NOW)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert would_hit(plan, by=by, now=NOW) == []
    assert not [query for query in asked.captured_queries if "INSERT" in query["sql"]]


def test_events_that_cannot_be_read_do_not_hide_what_the_rest_hits(cast, by):
    scenes.placement(cast, state="accepted")
    broken = event("b@x", "2026abcd", "20261022", "Broken")
    data = calendar(event("c@x", "20261020", "20261021", "INSET day"), broken)
    assert plan_calendar_import(school(cast), data, now=NOW).asks_problems
    assert [one[-1] for one in hits(cast, by, data)] == [WHY]


def test_nobody_waits_for_class_lists_that_are_being_loaded(cast, by):
    scenes.placement(cast, state="accepted")
    fields = {"hub": cast.hub, "school": cast.school, "kind": "roster", "format": "oneroster", "imported_at": NOW}
    Import.objects.create(state="running", **fields)
    assert hits(cast, by, CLOSED) == []
    Import.objects.update(state="done")
    assert len(hits(cast, by, CLOSED)) == 1


# ---- a timetable, class lists -------------------------------------------------------


def test_a_timetable_that_puts_a_protected_subject_there_is_said(cast, by):
    placed = scenes.placement(cast, state="accepted")
    ReleaseRule.objects.create(hub=cast.hub, school=cast.school, protected_subjects=["Maths"])
    data = b"Class,Day,Hour,Subject\n10A,Tuesday,10:00-11:00,%s\n"
    plans = [plan_timetable_import(school(cast), data % word, now=NOW) for word in (b"Maths", b"Art")]
    found = [would_hit(plan, by=by, now=NOW) for plan in plans]
    assert [[(one.pk, one.why) for one in some] for some in found] == [
        [(placed.pk, "Maths on Tue 20 October must not be missed.")], []
    ]  # fmt: skip
    assert not Lesson.objects.exists()


def test_class_lists_that_put_the_group_aside_are_said(cast, by, monkeypatch):
    placed = scenes.placement(cast, state="accepted")
    Group.objects.filter(pk=placed.group_id).update(roster_key="gone")
    plan = plan_roster(school(cast), read_roster(small()), now=NOW)
    assert [group.pk for group in plan.classes.gone] == [placed.group_id]
    assert [(one.pk, one.why) for one in would_hit(plan, by=by, now=NOW)] == [(placed.pk, "10A is put aside.")]
    assert Group.objects.get(pk=placed.group_id).is_active
    monkeypatch.setattr("schools.domain.roster.DIRECT_ROWS", 1)
    assert plan.is_large
    assert [one.why for one in would_hit(plan, by=by, now=NOW)] == ["10A is put aside."]


# ---- where it is read ---------------------------------------------------------------


@pytest.fixture
def school_page(client, cast, clock):
    client.force_login(cast.coordinator)
    return client


def test_the_coordinator_reads_it_before_loading(school_page, cast):
    placed = scenes.placement(cast, state="accepted")
    file = SimpleUploadedFile("dates.ics", CLOSED)
    shown = school_page.post("/school/calendar/import/", {"file": file}, follow=True).content.decode()
    assert "1 thing you asked for or agreed would no longer fit" in shown
    assert f'href="/school/placements/{placed.pk}/"' in shown
    assert WHY in shown
    file = SimpleUploadedFile("dates.ics", ELSEWHERE)
    assert (
        "would no longer fit"
        not in school_page.post("/school/calendar/import/", {"file": file}, follow=True).content.decode()
    )


def test_the_command_says_it_too(cast, tmp_path, capsys, monkeypatch):
    scenes.placement(cast, state="accepted")
    monkeypatch.setattr("schools.management.commands.import_calendar.timezone.now", lambda: NOW)
    (tmp_path / "dates.ics").write_bytes(CLOSED)
    call_command("import_calendar", str(cast.school.pk), str(tmp_path / "dates.ics"), dry_run=True)
    said = f"note: no longer fits: See how it is made, Tue 20 October, 10A (ready): {WHY}"
    assert said in capsys.readouterr().out


def test_the_api_says_it_in_a_dry_run(client, cast, clock):
    placed = scenes.placement(cast, state="accepted")
    client.force_login(cast.coordinator)
    body = {"kind": "calendar", "content": base64.b64encode(CLOSED).decode(), "dry_run": True}
    answer = client.post("/api/v1/imports/", body, content_type="application/json")
    assert [(one["kind"], one["pk"], one["why"]) for one in answer.json()["would_hit"]] == [
        ("placement", placed.pk, WHY)
    ]
