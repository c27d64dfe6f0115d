"""OneRoster archives: what is read, what is never read, what is refused, what is set aside."""

from __future__ import annotations

import io
import zipfile

import pytest

from schools.oneroster import CannotReadRoster, Notice, parse_roster
from schools.oneroster_table import each_row
from schools.oneroster_types import guess_order, pack_roster, read_date, unpack_roster
from schools.sandbox import parse_roster_safely
from tests.schools.rosters import (
    CLASSES,
    ENROLLMENTS,
    ORGS,
    SECRETS,
    SESSIONS,
    USERS,
    archive,
    enrolment,
    group,
    manifest,
    session,
    small,
    user,
)


def refused(data: bytes) -> tuple[str, dict]:
    with pytest.raises(CannotReadRoster) as caught:
        parse_roster(data)
    return caught.value.code, caught.value.facts


def students(data: bytes, **options) -> list[tuple]:
    return [(s.key, s.name, s.year, s.schools) for s in parse_roster(data, **options).students]


def test_classes_students_and_lists_are_read():
    parsed = parse_roster(small())
    assert [(c.key, c.title, c.homeroom) for c in parsed.classes] == [
        ("c1", "10A", True),
        ("c2", "9B", True),
        ("c3", "10 Maths 1", False),
    ]
    assert students(small()) == [("s1", "", 10, ("o1",)), ("s2", "", 10, ("o1",)), ("s3", "", 9, ("o1",))]
    assert parsed.enrolments == (("s1", "c1", ""), ("s2", "c1", ""), ("s3", "c2", ""), ("s1", "c3", ""))
    assert [(t.title, t.starts) for t in parsed.terms] == [("Autumn", "2026-09-01")]
    assert (parsed.version, parsed.dates, parsed.problem_count, parsed.warnings) == ("1.1", "ymd", 0, ())


def test_names_only_when_asked():
    assert "Adeyemi" not in repr(parse_roster(small()))
    assert students(small(), names=True)[1] == ("s2", "Lee Adeyemi", 10, ("o1",))


@pytest.mark.parametrize("names", [True, False])
def test_no_password_address_or_telephone_survives(names):
    parsed = repr(parse_roster(small(), names=names))
    assert [secret for secret in SECRETS if secret in parsed] == []


def test_no_problem_says_what_stands_in_the_row():
    slipped = "x,hunter2,,true,o1,student,u\n" + ",kim@home.example,,,,,,,,,,,,,,,,,hunter2\n"
    parsed = parse_roster(small(users_csv=USERS + user("s1") + slipped))
    assert parsed.problem_count == 2
    assert [secret for secret in SECRETS if secret in repr(parsed)] == []


def test_no_refusal_says_what_stands_in_the_row():
    without_header = user("s1")
    assert refused(small(users_csv=without_header)) == (
        "missing_columns",
        {"file": "users.csv", "line": 1, "missing": "sourcedId", "found": ""},
    )


def test_only_wanted_columns_are_ever_handed_on():
    seen: set[str] = set()

    class Archived:
        members = {"users.csv": None}

        def text(self, name, encoding):
            return io.StringIO(USERS + user("s1"))

    from schools.oneroster_table import Findings

    each_row(Archived(), "users.csv", ("sourcedId",), ("grades",), Findings(), lambda _line, row: seen.update(row))
    assert seen == {"sourcedId", "grades"}


def test_survives_the_pipe():
    parsed = parse_roster(small(), names=True)
    assert unpack_roster(pack_roster(parsed)) == parsed
    assert parse_roster_safely(small(), names=True) == parsed


def test_one_roster_1_2_has_roles_in_a_file_of_their_own():
    users = "sourcedId,status,dateLastModified,enabledUser,username,givenName,familyName,grades,primaryOrgSourcedId\n"
    data = small(
        manifest_csv=manifest(version="1.2") + "file.roles,bulk\n",
        users_csv=users + "s1,,,true,a,A,B,10,o1\nt1,,,true,b,C,D,,o1\n",
        roles_csv="sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId\n"
        "r1,,,s1,primary,student,,,o1\nr2,,,t1,primary,teacher,,,o1\n",
        enrollments_csv=ENROLLMENTS + enrolment("c1", "s1"),
    )
    assert students(data) == [("s1", "", 10, ("o1",))]


def test_delta_takes_away_what_it_says():
    data = small(
        manifest_csv=manifest("delta"),
        users_csv=USERS + user("s1", status="tobedeleted") + user("s9", status="active"),
        classes_csv=CLASSES + group("c2", "9B", status="tobedeleted"),
        enrollments_csv=ENROLLMENTS
        + enrolment("c1", "s9", status="active")
        + enrolment("c1", "s2", status="tobedeleted")
        + enrolment("c7", "s8"),
    )
    parsed = parse_roster(data)
    assert (parsed.gone_students, parsed.gone_classes) == (("s1",), ("c2",))
    assert parsed.gone_enrolments == (("s2", "c1"),)
    # Somebody the school knows from the last full export is no orphan here.
    assert parsed.enrolments == (("s9", "c1", ""), ("s8", "c7", ""))
    assert parsed.warnings == (Notice("status_empty", {"count": 1 + 1 + 1}),)


@pytest.mark.parametrize(
    "header",
    [
        "\ufeffSOURCEDID,Status,dateLastModified,EnabledUser,orgSourcedIds,ROLE,Grades,Password\n",
        "sourced_id,status,date_last_modified,enabled_user,org_sourced_ids,role,grades,password\n",
        "Sourced Id;Status;Date Last Modified;Enabled User;Org Sourced Ids;Role;Grades;Password\n",
        "sourcdId,staus,dateLastModifed,enabledUser,orgSourceIds,rol,grade,pasword\n",
    ],
)
def test_headers_as_they_really_come(header):
    mark = ";" if ";" in header else ","
    text = header + mark.join(("s1", "active", "", "true", "o1", "Student", "10", "hunter2")) + "\r\n"
    parsed = parse_roster(small(users_csv=text, enrollments_csv=ENROLLMENTS + enrolment("c1", "s1")))
    assert [(s.key, s.year, s.schools) for s in parsed.students] == [("s1", 10, ("o1",))]
    assert "hunter2" not in repr(parsed)
    assert "pass" not in repr(parsed).casefold()


def test_misspelt_header_is_said():
    parsed = parse_roster(small(orgs_csv="sourcedId,status,nam,type\no1,,Quayside,school\n"))
    assert parsed.warnings == (Notice("column_guessed", {"file": "orgs.csv", "column": "name", "found": "nam"}),)


def test_a_standard_column_is_never_taken_for_another():
    text = "sourcedId,status,classSourcedId,courseSourcedId,role\ne1,,c1,s1,student\n"
    assert refused(small(enrollments_csv=text)) == (
        "missing_columns",
        {
            "file": "enrollments.csv",
            "line": 1,
            "missing": "userSourcedId",
            "found": "sourcedId, status, classSourcedId, courseSourcedId, role",
        },
    )


def test_rows_that_cannot_be_read_are_set_aside_by_line_and_the_rest_kept():
    text = (
        USERS + user("s1") + user("s2").rstrip("\n") + ",extra\n" + user("") + user("s3", status="perhaps") + user("s4")
    )
    parsed = parse_roster(small(users_csv=text, enrollments_csv=ENROLLMENTS))
    assert [s.key for s in parsed.students] == ["s1", "s4"]
    assert parsed.problems == (
        Notice("too_many_columns", {"file": "users.csv", "line": 3, "found": 19, "needed": 18}),
        Notice("missing_value", {"file": "users.csv", "line": 4, "column": "sourcedId"}),
        Notice("bad_status", {"file": "users.csv", "line": 5}),
    )


def test_empty_columns_beyond_the_header_do_not_matter():
    assert students(small(users_csv=USERS + user("s1").rstrip("\n") + ",,,\n"))[0][0] == "s1"


def test_short_rows_are_read_as_far_as_they_go():
    text = "sourcedId,role,grades,orgSourcedIds\ns1,student\n"
    assert students(small(users_csv=text)) == [("s1", "", None, ())]


def test_of_two_rows_of_one_student_the_latest_counts_and_it_is_said():
    text = (
        USERS
        + user("s1", grade="11", when="2026-09-09T10:00:00Z")
        + user("s1", grade="10", when="2025-09-09T10:00:00Z")
    )
    parsed = parse_roster(small(users_csv=text, enrollments_csv=ENROLLMENTS))
    assert [(s.key, s.year) for s in parsed.students] == [("s1", 11)]
    assert parsed.warnings == (Notice("duplicates", {"file": "users.csv", "count": 1, "example": "s1"}),)


def test_orphans_are_left_out_and_said():
    text = ENROLLMENTS + enrolment("c1", "s1") + enrolment("c1", "nobody") + enrolment("nothing", "s2")
    parsed = parse_roster(small(enrollments_csv=text))
    assert parsed.enrolments == (("s1", "c1", ""),)
    assert parsed.warnings == (
        Notice("orphans", {"what": "student", "count": 1, "example": "nobody"}),
        Notice("orphans", {"what": "class", "count": 1, "example": "nothing"}),
    )


def test_switched_off_account_is_nobody():
    parsed = parse_roster(small(users_csv=USERS + user("s1") + user("s2", enabled="FALSE")))
    assert ([s.key for s in parsed.students], parsed.gone_students) == (["s1"], ("s2",))


def test_missing_manifest_is_said_and_the_files_are_complete_lists():
    parsed = parse_roster(small(manifest_csv=None))
    assert (parsed.warnings, parsed.is_bulk("users")) == ((Notice("no_manifest"),), True)


def test_manifest_that_promises_too_much_or_too_little():
    parsed = parse_roster(small(manifest_csv="propertyName,value\nfile.users,bulk\nfile.courses,bulk\n"))
    assert [notice.code for notice in parsed.warnings] == [
        "manifest_lacks", "manifest_lacks", "listed_not_there", "manifest_lacks", "manifest_lacks",
    ]  # fmt: skip


def test_files_in_a_folder_and_what_a_mac_adds():
    data = archive({f"export/{n}": t for n, t in (("users.csv", USERS + user("s1")), ("classes.csv", CLASSES))})
    assert students(data)[0][0] == "s1"
    junk = archive({"users.csv": USERS + user("s1"), "__MACOSX/._users.csv": b"\x00\x05\x16\x07", ".DS_Store": b"\0"})
    assert students(junk)[0][0] == "s1"


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_other_encodings(encoding):
    parsed = parse_roster(small(users_csv=(USERS + user("s1", given="Zoë")).encode(encoding)), names=True)
    assert parsed.students[0].name == "Zoë Adeyemi"
    assert Notice("not_utf8", {"file": "users.csv"}) in parsed.warnings


# Dates


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["2026-09-01", "2026/12/18"], ("ymd", "")),
        (["1/05/2023", "2/06/2023"], ("", "1/05/2023")),
        (["1/05/2023", "13/06/2023"], ("dmy", "")),
        (["1/05/2023", "6/13/2023"], ("mdy", "")),
        (["13/05/2023", "6/13/2023"], ("", "13/05/2023")),
        (["1.05.2023"], ("dmy", "")),
        (["5/5/2023"], ("ymd", "")),
        (["soon", ""], ("ymd", "")),
    ],
)
def test_order_of_dates_is_known_or_asked(texts, found):
    assert guess_order(texts) == found


@pytest.mark.parametrize(
    ("text", "order", "iso"),
    [
        ("1/05/2023", "dmy", "2023-05-01"),
        ("1/05/2023", "mdy", "2023-01-05"),
        ("2023-05-01T00:00:00Z", "mdy", "2023-05-01"),
        ("31/02/2023", "dmy", None),
        ("1/2-2023", "dmy", None),
        ("0000-00-00", "ymd", None),
    ],
)
def test_dates(text, order, iso):
    found = read_date(text, order)
    assert (found.isoformat() if found else None) == iso


def test_dates_that_could_be_either_are_asked_for():
    parsed = parse_roster(small(academicSessions_csv=SESSIONS + session("t1", "Autumn", "1/09/2026", "12/12/2026")))
    assert (parsed.dates, parsed.date_example) == ("", "1/09/2026")


# What is refused


def test_not_a_zip():
    assert refused(b"sourcedId,status\n1,\n") == ("not_a_zip", {})
    assert refused(b"  ") == ("empty", {})
    assert refused(b"PK\x03\x04" + b"\0" * 40)[0] == "not_a_zip"


def test_zip_without_lists():
    assert refused(archive({"holiday.jpg": b"x"})) == ("no_roster", {"found": "holiday.jpg"})


@pytest.mark.parametrize("name", ["../users.csv", "/etc/users.csv", "a/../../users.csv", "C:users.csv"])
def test_names_that_point_outside(name):
    assert refused(archive({name: USERS})) == ("unsafe_name", {"file": name})


def test_nested_archives_under_any_name():
    assert refused(archive({"more.zip": b"x", "users.csv": USERS})) == ("nested_archive", {"file": "more.zip"})
    assert refused(archive({"users.csv": small()})) == ("nested_archive", {"file": "users.csv"})


def test_bombs():
    assert refused(archive({"users.csv": b"," * 30_000_000}))[0] == "zip_bomb"
    many = {f"{n}.csv": b"abcdefgh" for n in range(65)}
    assert refused(archive(many)) == ("too_many_members", {"found": 65, "most": 64})


def test_directory_that_lies_about_sizes_gives_no_more_than_it_says():
    data = bytearray(archive({"users.csv": (USERS + user("s1") * 2_000)}))
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = (100).to_bytes(4, "little")
    assert refused(bytes(data))[0] in ("broken_zip", "no_students", "missing_columns")


def test_locked_zip():
    data = bytearray(archive({"users.csv": USERS + user("s1")}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(mark) + offset] |= 1
    assert refused(bytes(data)) == ("encrypted", {"file": "users.csv"})


def test_a_file_twice():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr("users.csv", USERS)
        made.writestr("a/Users.csv", USERS)
    assert refused(stream.getvalue()) == ("member_twice", {"file": "users.csv"})


def test_damaged_content():
    data = bytearray(small())
    at = data.find(b"users.csv") + 30
    data[at : at + 40] = b"\xff" * 40
    assert refused(bytes(data)) == ("broken_zip", {"file": "users.csv"})


def test_open_quote_names_its_line():
    code, facts = refused(small(users_csv=USERS + user("s1") + '"s2,,\n'))
    assert (code, facts["file"], facts["line"]) == ("bad_row", "users.csv", 3)


def test_no_students():
    assert refused(small(users_csv=USERS + user("t1", role="teacher"), enrollments_csv=ENROLLMENTS)) == (
        "no_students",
        {},
    )


def test_orgs_that_are_no_schools_are_not_offered():
    parsed = parse_roster(small(orgs_csv=ORGS + "d,,,The Trust,district,,\no1,,,Quayside School,school,,d\n"))
    assert [(one.key, one.name) for one in parsed.schools] == [("o1", "Quayside School")]
