"""Timetables out of FET, Untis and spreadsheets."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from schools.hours import bell_from_hours
from schools.timetables import CannotReadTimetable, Notice, ParsedTimetable, parse_timetable

FET = shutil.which("fet-cl")
EXAMPLES = Path("/usr/share/doc/fet-data/examples/FET-5-official")


def needs_fet(test):
    missing = not FET or not EXAMPLES.is_dir()
    reason = "no fet-cl (Debian packages fet and fet-data)"
    return pytest.mark.needs_fet(pytest.mark.skipif(missing, reason=reason)(test))


HEADER = '"Activity Id","Day","Hour","Students Sets","Subject","Teachers","Activity Tags","Room","Comments"\n'


def rows(timetable: ParsedTimetable) -> list[tuple]:
    return [(x.key, x.groups, x.weekday, x.week, x.hour_label, x.subject, x.room) for x in timetable.lessons]


def refused(data: bytes | str, **options) -> tuple[str, dict]:
    with pytest.raises(CannotReadTimetable) as caught:
        parse_timetable(data.encode() if isinstance(data, str) else data, **options)
    return caught.value.code, caught.value.facts


def test_fet_csv_is_recognised_and_read():
    parsed = parse_timetable(
        (
            "\ufeff"
            + HEADER
            + '"1","Mo","1","10A+10B","Maths","Teacher X","","R1",""\n"1","Mo","2","10A+10B","Maths","","","R1",""\n'
            '"2","Di","1","","Duty","Teacher X","","",""\n'
        ).encode()
    )
    assert (parsed.format, parsed.group_names, parsed.hour_labels) == ("fet-csv", ("10A", "10B"), ("1", "2"))
    assert rows(parsed) == [
        ("1", ("10A", "10B"), 0, None, "1", "Maths", "R1"),
        ("1.2", ("10A", "10B"), 0, None, "2", "Maths", "R1"),
    ]
    assert parsed.warnings == (Notice("rows_without_group", {"count": 1}),)


def test_no_teacher_survives():
    parsed = parse_timetable((HEADER + '"1","Mon","1","10A","Maths","Somebody","","",""\n').encode())
    assert "Somebody" not in repr(parsed)


def test_fet_activity_without_a_time_is_counted():
    parsed = parse_timetable((HEADER + '"1","Mon","1","A","Ma","","","",""\n"2","","","A","Ma","","","",""\n').encode())
    assert parsed.warnings == (Notice("rows_unplaced", {"count": 1}),)


def test_numbered_days_are_a_cycle_and_said():
    parsed = parse_timetable((HEADER + '"1","DAY 6","1","1A","Maths","","","",""\n').encode())
    assert (parsed.cycle_days, parsed.lessons[0].cycle_day, parsed.lessons[0].weekday) == (6, 6, None)
    assert parsed.warnings == (Notice("days_numbered", {"days": 6, "example": "DAY 6"}),)


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
@pytest.mark.parametrize("mark", [",", ";"])
def test_untis_joint_lesson_is_one(encoding, mark):
    text = (
        '7,"10ä","MUE","MA","R1",1,3,,\n7,"10b","MUE","MA","R1",1,3,,\n7,"10ä","SCH","MA","R2",1,3,,\n'
        '7,"10ä","MUE","MA","R1",2,1,,\n'
    ).replace(",", mark)
    parsed = parse_timetable(text.encode(encoding))
    assert parsed.format == "gpu001"
    assert rows(parsed) == [
        ("7-MA-1-3", ("10ä", "10b"), 0, None, "3", "MA", "R1, R2"),
        ("7-MA-2-1", ("10ä",), 1, None, "1", "MA", "R1"),
    ]


def test_untis_lengths_are_named_and_not_used():
    """Column H is hh:mm, and filled only where lessons are planned by the minute."""
    text = b'7,"10A","MUE","MA","R1",1,3,00:45,\n8,"10A","MUE","EN","R1",1,4,01:30,\n9,"10A","MUE","PE","R1",1,5,,\n'
    parsed = parse_timetable(text)
    assert Notice("lengths_not_used", {"count": 2}) in parsed.warnings
    assert "lengths_not_used" not in [
        one.code for one in parse_timetable(text.replace(b"00:45", b"").replace(b"01:30", b"")).warnings
    ]


def test_csv_with_a_mapping():
    parsed = parse_timetable(
        b"Form,When,Slot,What,Cycle\n10A,Mon,P1,Maths,A\n10A,Mon,P1,PE,Week B\n10B+10C,Tue,P2,Art,\n",
        mapping={"group": "Form", "day": "When", "hour": "Slot", "subject": "What", "week": "Cycle"},
    )
    assert rows(parsed) == [
        ("10A/Maths/A/Mon/P1", ("10A",), 0, "A", "P1", "Maths", ""),
        ("10A/PE/Week B/Mon/P1", ("10A",), 0, "B", "P1", "PE", ""),
        ("10B/10C/Art//Tue/P2", ("10B", "10C"), 1, None, "P2", "Art", ""),
    ]


def test_csv_headers_are_guessed():
    parsed = parse_timetable(b"Klasse;Tag;Stunde;Fach\n10A;Mi;1;Mathe\n")
    assert rows(parsed) == [("10A/Mathe//Mi/1", ("10A",), 2, None, "1", "Mathe", "")]


@pytest.mark.parametrize(
    ("text", "code", "facts"),
    [
        ("", "empty", {}),
        ("foo,bar\n1,2\n", "unknown_format", {"missing": "group, day, hour", "found": "foo, bar", "line": 1}),
        ("PK\x03\x04\x00", "not_text", {"line": 1}),
        (HEADER, "no_lessons", {}),
        (HEADER + '"1","","1","A","B","","","",""\n', "missing_value", {"line": 2, "column": "Day"}),
        (HEADER + '"1","Mon"\n', "too_few_columns", {"line": 2, "found": 2, "needed": 5}),
        ("Class,Day,Hour\nB,Tue\n", "too_few_columns", {"line": 2, "found": 2, "needed": 3}),
        ("Class,Day,Hour\nB,Tue,1,x\n", "too_many_columns", {"line": 2, "found": 4, "needed": 3}),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><fet/>", "unsafe_xml", {"line": 1}),
        ("<other/>", "unknown_format", {"line": 1, "found": "other"}),
    ],
)
def test_broken_table_is_refused_by_line(text, code, facts):
    assert refused(text) == (code, facts)


@pytest.mark.parametrize(
    ("text", "code", "facts"),
    [
        ("Class,Day,Hour\nA,Mon,1\nB,Tue\n", "too_few_columns", {"line": 3, "found": 2, "needed": 3}),
        ("Class,Day,Hour\nA,Mon,1\nB,Tue,1,x\n", "too_many_columns", {"line": 3, "found": 4, "needed": 3}),
        ("Class,Day,Hour\nA,Mon,1\nB,,1\n", "missing_value", {"line": 3, "column": "Day"}),
        (HEADER + '"1","Mon","1","A","","","","",""\n"2","Mon","","A","","","","",""\n', "missing_value",
         {"line": 3, "column": "Hour"}),
        ('7,"A","M","MA","R",1,3\n7,"A","M","MA","R",Mo,3\n', "bad_number",
         {"line": 2, "column": "F", "value": "Mo"}),
    ],
)  # fmt: skip
def test_broken_line_is_set_aside_and_the_rest_kept(text, code, facts):
    parsed = parse_timetable(text.encode())
    assert (len(parsed.lessons), parsed.problems) == (1, (Notice(code, facts),))


def test_open_quote_is_refused_where_it_opens():
    assert refused(HEADER + '"1","Mon,"1"\n')[1]["line"] == 2


def test_untis_day_that_is_no_number_is_refused():
    assert refused('1,"10a","M","MA","R1",Mo,3,,\n', format="gpu001") == (
        "bad_number",
        {"line": 1, "column": "F", "value": "Mo"},
    )


def test_untis_number_in_superscript_is_refused():
    assert refused('1,"10a","M","MA","R1",1,³,,\n', format="gpu001")[0] == "bad_number"


def test_mapping_must_name_what_is_needed():
    assert refused("a,b\n1,2\n", mapping={"group": "a"})[0] == "mapping_incomplete"


def test_unknown_format_name_is_refused():
    assert refused("a", format="sims")[0] == "unknown_option"


def test_broken_xml_names_its_line():
    assert refused("<?xml version='1.0'?>\n<fet>\n<a></b></fet>")[1]["line"] == 3


def saved_fet(*, solved: bool) -> bytes:
    time = "<ConstraintActivityPreferredStartingTime><Weight_Percentage>100</Weight_Percentage><Activity_Id>5"
    time += "</Activity_Id><Preferred_Day>Mon</Preferred_Day><Preferred_Hour>H1</Preferred_Hour><Active>true</Active>"
    time += "</ConstraintActivityPreferredStartingTime>"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
    <fet version="6.1.5"><Days_List><Day><Name>Mon</Name></Day></Days_List>
    <Hours_List><Hour><Name>H1</Name></Hour><Hour><Name>H2</Name></Hour></Hours_List>
    <Students_List><Year><Name>10</Name><Group><Name>10A</Name></Group></Year></Students_List>
    <Activities_List><Activity><Teacher>T</Teacher><Subject>Art</Subject><Students>10A</Students>
    <Duration>2</Duration><Id>5</Id><Active>true</Active></Activity></Activities_List>
    <Time_Constraints_List>{time if solved else ""}</Time_Constraints_List></fet>""".encode()


def test_saved_fet_file_has_hours_and_parents():
    parsed = parse_timetable(saved_fet(solved=True))
    assert rows(parsed) == [
        ("5", ("10A",), 0, None, "H1", "Art", ""),
        ("5.2", ("10A",), 0, None, "H2", "Art", ""),
    ]
    assert parsed.parents == (("10A", "10"),)


def test_fet_file_without_a_timetable_is_refused():
    assert refused(saved_fet(solved=False)) == ("not_solved", {"activities": 1})


def test_bare_activity_times_say_so():
    parsed = parse_timetable(
        b"<Activities_Timetable><Activity><Id>1</Id><Day>Mon</Day><Hour>1</Hour><Room/></Activity></Activities_Timetable>"
    )
    assert (parsed.times_only, parsed.group_names) == (True, ())


# What FET itself writes for real schools


@needs_fet
@pytest.mark.parametrize(
    ("example", "lessons", "groups", "hours", "bell"),
    [
        pytest.param("Brazil/1/Brazil", 400, 16, 5, 0, marks=pytest.mark.slow),
        ("India/St-Marys-College/St-Marys-College-Puthanagadi", 718, 34, 7, 7),
        ("United-Kingdom/Hopwood/Hopwood", 169, 52, 5, 5),
        pytest.param("Namibia/by-Willy/Highlands_Christian_School", 594, 16, 9, 9, marks=pytest.mark.slow),
    ],
)
def test_export_is_read_whole(tmp_path, example, lessons, groups, hours, bell):
    name = Path(example).name
    subprocess.run(
        [FET, f"--inputfile={EXAMPLES / example}.fet", f"--outputdir={tmp_path}", "--exportcsv=true"],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        check=True,
        timeout=60,
    )
    from_csv = parse_timetable((tmp_path / "csv" / name / f"{name}_timetable.csv").read_bytes())
    assert (len(from_csv.lessons), len(from_csv.group_names)) == (lessons, groups)
    # FET solves anew each time, so the days and hours it uses may differ; their names do not.
    assert all(lesson.weekday is not None for lesson in from_csv.lessons)
    folder = tmp_path / "timetables" / name
    saved = parse_timetable((folder / f"{name}_data_and_timetable.fet").read_bytes())
    assert sorted(rows(saved)) == sorted(rows(from_csv))
    assert (len(saved.hour_labels), len(bell_from_hours(saved.hour_labels))) == (hours, bell)
    assert parse_timetable((folder / f"{name}_activities.xml").read_bytes()).times_only
    weeks = parse_timetable((folder / f"{name}_subgroups.xml").read_bytes())
    assert {x.key for x in weeks.lessons} == {x.key for x in from_csv.lessons}
