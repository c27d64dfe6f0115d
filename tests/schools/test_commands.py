"""The commands on files nobody has seen before."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from schools.models import Import, Lesson, Term
from tests.schools.files import AUTUMN, TIMED, TIMETABLE, calendar

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path):
    def write(name: str, data: bytes) -> str:
        path = tmp_path / name
        path.write_bytes(data)
        return str(path)

    return write


def run(*args: str, **options) -> str:
    out = StringIO()
    call_command(*args, stdout=out, **options)
    return out.getvalue()


def test_import_calendar_says_what_it_did(cast, file):
    said = run("import_calendar", "quayside school", file("dates.ics", calendar(*AUTUMN)))
    assert said.splitlines() == ["Quayside School: imported", "  term: 2 added"]
    assert Term.objects.filter(school=cast.school).count() == 2


def test_dry_run_changes_nothing(cast, file):
    run("import_calendar", str(cast.school.pk), file("dates.ics", calendar(*AUTUMN)), dry_run=True)
    assert (Term.objects.count(), Import.objects.count()) == (0, 0)


def test_broken_calendar_is_one_sentence(cast, file):
    with pytest.raises(CommandError) as error:
        run("import_calendar", "Quayside School", file("broken.ics", calendar(*AUTUMN)[:-17]))
    assert str(error.value) == (
        "The file stops in the middle: the VCALENDAR begun in line 1 never ends. Download it again."
    )
    assert error.value.returncode == 1


def test_unknown_school_and_missing_file_are_said(cast):
    with pytest.raises(CommandError, match="There is no school “Nowhere”"):
        run("import_calendar", "Nowhere", "x.ics")
    with pytest.raises(CommandError, match=r"none\.ics cannot be opened"):
        run("import_calendar", "Quayside School", "none.ics")


def test_name_in_two_hubs_asks_for_the_number(cast, file):
    cast.school_b.name = "Quayside School"
    cast.school_b.save()
    with pytest.raises(CommandError, match="could be several"):
        run("import_calendar", "Quayside School", "x.ics")


def test_import_timetable_needs_the_bell_and_takes_it(cast, file):
    path = file("week.csv", TIMETABLE)
    with pytest.raises(CommandError, match="these hours last: “1”, “2”, “3”"):
        run("import_timetable", "Quayside School", path)
    run("import_timetable", "Quayside School", path, bell="1=09:00-10:00,2=10:00-11:00,3=11:20-12:20")
    assert Lesson.objects.count() == 4


def test_columns_and_days_can_be_named(cast, file):
    data = b"A,B,C,D\n10A,D1,09:00-10:00,Maths\n10A,Rest,09:00-10:00,Art\n"
    path = file("week.csv", data)
    run("import_timetable", "Quayside School", path, map="group=A,day=B,hour=C,subject=D", days="D1=Mon,Rest=Tue")
    assert sorted(Lesson.objects.values_list("weekday", "subject")) == [(0, "Maths"), (1, "Art")]


@pytest.mark.parametrize(
    "option", [{"bell": "nonsense"}, {"bell": "P1=10:00"}, {"days": "D1=Blursday"}, {"map": "group"}]
)
def test_options_nobody_understands_are_said(cast, file, option):
    with pytest.raises(CommandError, match="Write it as"):
        run("import_timetable", "Quayside School", file("week.csv", TIMED), **option)


def test_fit_as_json_lists_open_sessions(cast, file):
    run("import_timetable", "Quayside School", file("week.csv", TIMED))
    found = json.loads(run("fit", "Quayside School", "10A", json=True))
    assert (found["group"]["name"], found["sessions"]) == ("10A", [])
    with pytest.raises(CommandError, match="There is no group “12Z”"):
        run("fit", "Quayside School", "12Z")
