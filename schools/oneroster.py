"""Reading a OneRoster 1.1 or 1.2 archive (1EdTech, CSV binding): terms, classes, students and who is in which class.

Pure: no database, no clock, no settings. An archive that cannot be read raises ``CannotReadRoster`` with a code and
facts; single rows that cannot be are set aside in ``problems`` and everything else is kept. Only the columns below are
ever picked out of a row: passwords, addresses, telephones, marks and demographics stay in the bytes they came in.

Codes of CannotReadRoster: empty · too_large, zip_bomb (bytes, most) · not_a_zip · too_many_members (found, most) ·
unsafe_name, nested_archive, encrypted, member_twice, broken_zip (file) · no_roster (found) · missing_columns (file,
line, missing, found) · bad_row (file, line, detail) · not_text (file, line) · too_many_rows (file, line, most) ·
no_students · too_costly

Codes of problems (all with file, line): missing_value (column) · too_many_columns (found, needed) · bad_status

Codes of warnings: not_utf8 (file) · column_guessed (file, column, found) · no_manifest · manifest_lacks (file) ·
listed_not_there (file) · status_empty (count) · duplicates (file, count, example) · orphans (what, count, example) ·
switched_off (count) · without_students (count)
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable

from schools.oneroster_table import Findings, Row, each_row
from schools.oneroster_types import (
    ABSENT,
    BULK,
    DELTA,
    CannotReadRoster,
    Notice,
    ParsedRoster,
    RosterClass,
    RosterSchool,
    RosterStudent,
    RosterTerm,
    guess_order,
)
from schools.oneroster_zip import LARGEST_ARCHIVE, Archive

__all__ = ["LARGEST_ARCHIVE", "CannotReadRoster", "Notice", "ParsedRoster", "parse_roster"]

FILES = ("orgs", "academicSessions", "courses", "classes", "users", "roles", "enrollments")
SCHOOL_TYPES = ("school", "")
GONE = ("tobedeleted", "inactive", "deleted")
HERE = ("", "active")
TERM_TYPES = ("term", "semester", "gradingperiod", "schoolyear", "")


def parse_roster(data: bytes, *, names: bool = False) -> ParsedRoster:
    """Read an archive of at most 20 MiB (200 MiB unpacked, 500,000 rows).

    ``names``: whether to take students' given and family names along; without it they are not read at all.
    """
    archive = Archive(data)
    reader = _Reader(archive, names)
    reader.read()
    return reader.result()


class _Reader:
    def __init__(self, archive: Archive, names: bool) -> None:
        self.archive = archive
        self.names = names
        self.found = Findings()
        self.modes: dict[str, str] = {}
        self.version = ""
        self.rows: dict[str, dict[str, tuple[str, object]]] = {name: {} for name in FILES}
        self.gone: dict[str, set[str]] = {name: set() for name in FILES}
        self.twice: dict[str, list[str]] = {}
        self.roles: dict[str, list[str]] = {}
        self.enrolments: dict[tuple[str, str], str] = {}
        self.gone_enrolments: dict[tuple[str, str], None] = {}
        self.blank_status = self.switched_off = 0
        self.other_users: set[str] = set()

    def read(self) -> None:
        if not any(f"{name}.csv" in self.archive for name in ("users", "classes", "enrollments")):
            raise CannotReadRoster("no_roster", {"found": ", ".join(sorted(self.archive.members))[:160]})
        self.manifest()
        self.table("orgs", ("sourcedId", "name"), ("status", "type", "identifier"), self.org)
        self.table("academicSessions", ("sourcedId", "startDate", "endDate"), ("status", "title", "type"), self.session)
        self.table("courses", ("sourcedId",), ("status", "title"), self.course)
        columns = ("status", "title", "grades", "classCode", "classType", "schoolSourcedId", "courseSourcedId")
        self.table("classes", ("sourcedId",), (*columns, "dateLastModified"), self.group)
        self.table("roles", ("userSourcedId", "role"), ("status", "orgSourcedId"), self.role)
        person = ("givenName", "familyName") if self.names else ()
        of_user = ("status", "enabledUser", "orgSourcedIds", "primaryOrgSourcedId", "role", "grades")
        self.table("users", ("sourcedId",), (*of_user, "dateLastModified", *person), self.user)
        self.table("enrollments", ("classSourcedId", "userSourcedId"), ("status", "role", "endDate"), self.enrolment)

    # ---- the manifest ----

    def manifest(self) -> None:
        listed: dict[str, str] = {}
        columns = (("propertyName",), ("value",))

        def take(_line: int, row: Row) -> None:
            listed[row["propertyName"].casefold()] = row["value"].casefold()

        if "manifest.csv" in self.archive:
            with contextlib.suppress(CannotReadRoster):  # without one it is all complete lists; that is said
                each_row(self.archive, "manifest.csv", *columns, Findings(), take)
        if not listed:
            self.found.warnings.append(Notice("no_manifest"))
        self.version = listed.get("oneroster.version", "")[:10]
        for name in FILES:
            there, said = f"{name}.csv" in self.archive, listed.get(f"file.{name}".casefold(), "")
            if there and listed and said not in (BULK, DELTA):
                self.found.warnings.append(Notice("manifest_lacks", {"file": f"{name}.csv"}))
            if not there and said in (BULK, DELTA):
                self.found.warnings.append(Notice("listed_not_there", {"file": f"{name}.csv"}))
            self.modes[name] = (DELTA if said == DELTA else BULK) if there else ABSENT

    # ---- one file after the other ----

    def table(self, name: str, needed: tuple[str, ...], wanted: tuple[str, ...], take) -> None:
        if self.modes[name] == ABSENT:
            return
        file = f"{name}.csv"

        def one(line: int, row: Row) -> None:
            status = re.sub(r"[^a-z]", "", row["status"].casefold())
            if status not in HERE and status not in GONE:
                # Not what it says: in a row that slipped sideways it may be a password.
                self.found.set_aside("bad_status", file, line)
                return
            if not status and self.modes[name] == DELTA:
                self.blank_status += 1
            take(line, row, status in GONE)

        each_row(self.archive, file, needed, wanted, self.found, one)

    def keep(self, name: str, row: Row, gone: bool, value: object) -> None:
        """The latest of several rows of one sourcedId: by date when both have one, else the later row."""
        key, when = row["sourcedId"], row.get("dateLastModified", "")
        known = self.rows[name].get(key)
        if known is not None or key in self.gone[name]:
            self.twice.setdefault(name, []).append(key)
            if known is not None and when and known[0] > when:
                return
        if gone:
            self.gone[name].add(key)
            self.rows[name].pop(key, None)
        else:
            self.gone[name].discard(key)
            self.rows[name][key] = (when, value)

    def org(self, _line: int, row: Row, gone: bool) -> None:
        if row["type"].casefold() in SCHOOL_TYPES:
            self.keep("orgs", row, gone, RosterSchool(row["sourcedId"], row["name"], row["identifier"]))

    def session(self, line: int, row: Row, gone: bool) -> None:
        kind = re.sub(r"[^a-z]", "", row["type"].casefold())
        if kind in TERM_TYPES:
            term = RosterTerm(row["sourcedId"], row["title"], kind, row["startDate"], row["endDate"], line)
            self.keep("academicSessions", row, gone, term)

    def course(self, _line: int, row: Row, gone: bool) -> None:
        self.keep("courses", row, gone, row["title"])

    def group(self, _line: int, row: Row, gone: bool) -> None:
        title = row["title"] or row["classCode"] or str(self.rows["courses"].get(row["courseSourcedId"], ("", ""))[1])
        homeroom = row["classType"].casefold() == "homeroom"
        made = RosterClass(
            row["sourcedId"], title or row["sourcedId"], row["classCode"], homeroom, grade_number(row["grades"]),
            row["schoolSourcedId"],
        )  # fmt: skip
        self.keep("classes", row, gone, made)

    def role(self, _line: int, row: Row, gone: bool) -> None:
        if not gone and row["role"].casefold() == "student":
            self.roles.setdefault(row["userSourcedId"], []).append(row["orgSourcedId"])

    def user(self, _line: int, row: Row, gone: bool) -> None:
        key = row["sourcedId"]
        is_student = row["role"].casefold() == "student" or (not row["role"] and key in self.roles)
        if not is_student:
            self.other_users.add(key)
            if gone and not row["role"]:
                self.gone["users"].add(key)
            return
        if row["enabledUser"].casefold() in ("false", "0", "no", "n"):
            self.switched_off += 1
            gone = True
        at = [*re.split(r"[,;]\s*", row["orgSourcedIds"]), row["primaryOrgSourcedId"], *self.roles.get(key, ())]
        name = " ".join(filter(None, (row.get("givenName", ""), row.get("familyName", ""))))
        schools = tuple(dict.fromkeys(filter(None, at)))
        self.keep("users", row, gone, RosterStudent(key, name, grade_number(row["grades"]), schools))

    def enrolment(self, _line: int, row: Row, gone: bool) -> None:
        if row["role"].casefold() not in ("student", ""):
            return
        pair = (row["userSourcedId"], row["classSourcedId"])
        if gone:
            self.gone_enrolments[pair] = None
        elif pair not in self.enrolments or not row["endDate"]:
            self.enrolments[pair] = row["endDate"]

    # ---- together ----

    def result(self) -> ParsedRoster:
        students = [value for _when, value in self.rows["users"].values() if isinstance(value, RosterStudent)]
        groups = [value for _when, value in self.rows["classes"].values() if isinstance(value, RosterClass)]
        enrolments = self.without_orphans()
        if not students and not self.gone["users"] and not enrolments and not self.gone_enrolments:
            raise CannotReadRoster("no_students")
        terms = [value for _when, value in self.rows["academicSessions"].values() if isinstance(value, RosterTerm)]
        texts = [text for term in terms for text in (term.starts, term.ends)]
        order, example = guess_order([*texts, *(until for _s, _g, until in enrolments if until)])
        self.say_what_was_odd()
        return ParsedRoster(
            version=self.version,
            modes=self.modes,
            schools=tuple(v for _when, v in self.rows["orgs"].values() if isinstance(v, RosterSchool)),
            terms=tuple(terms),
            classes=tuple(groups),
            students=tuple(students),
            enrolments=enrolments,
            gone_students=tuple(sorted(self.gone["users"])),
            gone_classes=tuple(sorted(self.gone["classes"])),
            gone_enrolments=tuple(self.gone_enrolments),
            dates=order,
            date_example=example,
            rows=self.found.rows,
            problems=tuple(self.found.problems),
            problem_count=self.found.problem_count,
            warnings=tuple(self.found.warnings),
        )

    def without_orphans(self) -> tuple[tuple[str, str, str], ...]:
        """A delta leans on what came before, so there an unknown student or class may well be known to the school."""
        users, groups = self.rows["users"], self.rows["classes"]
        check_users, check_groups = self.modes["users"] == BULK, self.modes["classes"] == BULK
        kept, no_user, no_group = [], list[str](), list[str]()
        for (student, group), until in self.enrolments.items():
            if student in self.other_users:
                continue  # a teacher's row without a role
            if check_users and student not in users:
                if student not in self.gone["users"]:
                    no_user.append(student)
            elif check_groups and group not in groups:
                if group not in self.gone["classes"]:
                    no_group.append(group)
            else:
                kept.append((student, group, until))
        for what, missing in (("student", no_user), ("class", no_group)):
            if missing:
                self.warn("orphans", what=what, count=len(missing), example=missing[0][:60])
        return tuple(kept)

    def warn(self, code: str, **facts: str | int) -> None:
        self.found.warnings.append(Notice(code, {**facts}))

    def say_what_was_odd(self) -> None:
        for name, keys in self.twice.items():
            self.warn("duplicates", file=f"{name}.csv", count=len(keys), example=keys[0][:60])
        for code, count in (("status_empty", self.blank_status), ("switched_off", self.switched_off)):
            if count:
                self.found.warnings.append(Notice(code, {"count": count}))


_GRADE = re.compile(r"(?<!\d)(\d{1,2})(?!\d)")


def grade_number(text: str) -> int | None:
    """The year group of a ``grades`` cell: "10", "09", "Year 10", "10,11" (the first). None for "KG", "UG", "99"."""
    numbers: Iterable[int] = (int(found) for found in _GRADE.findall(text))
    return next((number for number in numbers if 1 <= number <= 13), None)
