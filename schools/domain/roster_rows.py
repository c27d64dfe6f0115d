"""Comparing a roster with the school's students and groups. Reads rows, writes none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schools.domain.diff import ADDED, KEPT, SAME, Change, Wanted, diff
from schools.domain.groups import guess_year
from schools.models import Enrolment, Group, School, Student, Term
from schools.oneroster_types import Notice, ParsedRoster, RosterClass, read_date
from schools.slips import slip_of

#: The finest the file has: a semester is cut into terms where there are any.
TERM_KINDS = ("term", "gradingperiod", "semester")
PREFIX = "oneroster/"
NEW, LEFT_OUT = "new", "out"
ALL = "all"


@dataclass(frozen=True)
class RosterChoices:
    """What a person said about an archive.

    `school`: key of the organisation in it that is this school. `order`: how its dates are written. `leavers`: those
    who are not in it any more have left. `overwrite`: keys of students changed by hand whom the file may change
    nevertheless, or "all". `without_problems`: load the rest although rows were set aside. `classes`: key of a class
    whose group is not known from an earlier file → the id of the group it is, NEW, or LEFT_OUT.
    """

    school: str = ""
    order: str = ""
    leavers: bool = False
    overwrite: tuple[str, ...] = ()
    without_problems: bool = False
    classes: Mapping[str, str] = field(default_factory=dict)

    def may_overwrite(self, key: str) -> bool:
        return key in self.overwrite or ALL in self.overwrite


@dataclass
class People:
    """What becomes of whom. Keys are the file's own. `by_hand`: all whom the file would change and a person did."""

    new: list[tuple[str, str, int | None]] = field(default_factory=list)
    changed: list[tuple[Student, dict[str, Any]]] = field(default_factory=list)
    kept: list[Student] = field(default_factory=list)
    by_hand: list[Student] = field(default_factory=list)
    back: list[Student] = field(default_factory=list)
    leavers: list[Student] = field(default_factory=list)
    same: int = 0


@dataclass
class Classes:
    new: list[tuple[RosterClass, int | None]] = field(default_factory=list)
    matched: list[tuple[Group, RosterClass]] = field(default_factory=list)
    gone: list[Group] = field(default_factory=list)
    known: dict[str, Group] = field(default_factory=dict)
    left_out: list[RosterClass] = field(default_factory=list)
    same: int = 0


@dataclass
class Lists:
    """`add`: (student key, class key). `remove`: (id, student, group)."""

    add: list[tuple[str, str]] = field(default_factory=list)
    remove: list[tuple[int, int, int]] = field(default_factory=list)
    same: int = 0


def of_school(parsed: ParsedRoster, key: str) -> ParsedRoster:
    """The part of a roster of several schools that is one's own; all of it when it names one school at most."""
    if len(parsed.schools) < 2:
        return parsed
    students = tuple(s for s in parsed.students if key in s.schools or not s.schools)
    classes = tuple(c for c in parsed.classes if c.school in (key, ""))
    mine, groups = {s.key for s in students}, {c.key for c in classes}
    pairs = tuple(pair for pair in parsed.enrolments if pair[0] in mine and pair[1] in groups)
    return ParsedRoster(
        **{
            **{name: getattr(parsed, name) for name in ParsedRoster.__slots__},
            "students": students, "classes": classes, "enrolments": pairs,
        }
    )  # fmt: skip


def compare_terms(school: School, parsed: ParsedRoster, order: str, problems: list[Notice]) -> tuple[Change, ...]:
    """Terms the file adds where no other source has one; its own of the last time are brought up to date."""
    kind = next((kind for kind in TERM_KINDS if any(term.kind == kind for term in parsed.terms)), "")
    stored = list(Term.objects.filter(school=school))
    by_key = {row.key: row for row in stored if row.key}
    wanted, kept = [], []
    for term in parsed.terms:
        if term.kind != kind or not order:
            continue
        first, last = read_date(term.starts, order), read_date(term.ends, order)
        if first is None or last is None or slip_of(first, last):
            facts: dict[str, str | int | None] = {"file": "academicSessions.csv", "line": term.line}
            problems.append(Notice("bad_dates", {**facts, "value": f"{term.starts} – {term.ends}"[:60]}))
            continue
        values = {"name": term.title[:60] or str(first.year), "starts_on": first, "ends_on": last}
        one = Wanted(f"{PREFIX}{term.key}"[:200], values)
        others = (row for row in stored if row.key != one.key)
        if any(row.starts_on <= last and first <= row.ends_on for row in others):
            kept.append(Change(Term, KEPT, one.key, one.values))
        else:
            wanted.append(one)
    changes = diff(Term, stored, wanted, find=lambda one: by_key.get(one.key), gone=lambda row: False)
    return (*changes, *kept)


def compare_classes(
    school: School, parsed: ParsedRoster, pairs: Sequence[tuple[str, str]], said: Mapping[str, str] | None = None
) -> Classes:
    """Each class with somebody in it, or a form group, as a group: the one of its key, else the one somebody `said`
    (see `RosterChoices.classes`), else the one of its name."""
    found, said = Classes(), said or {}
    stored = list(Group.objects.filter(school=school).select_related("year_group"))
    by_roster = {row.roster_key: row for row in stored if row.roster_key}
    by_pk = {str(row.pk): row for row in stored if not row.roster_key}
    by_name: dict[str, Group] = {}
    for row in stored:
        if not row.roster_key:
            by_name.setdefault(row.key.casefold(), row)
            by_name.setdefault(row.name.casefold(), row)
    attended = {group for _student, group in pairs}
    seen, taken = set[str](), set[int]()
    for one in parsed.classes:
        seen.add(one.key)
        match: Group | None = by_roster.get(one.key)
        if match is None and one.key not in attended and not one.homeroom:
            continue
        if match is None and said.get(one.key) == LEFT_OUT:
            found.left_out.append(one)
            continue
        if match is None and said.get(one.key) != NEW:
            names = (one.title.casefold(), one.code.casefold())
            meant = (by_pk.get(said.get(one.key, "")), *(by_name.get(name) for name in names))
            match = next((known for known in meant if known and known.pk not in taken), None)
        if match is None:
            found.new.append((one, one.year or guess_year(one.title)))
        elif match.roster_key != one.key or not match.is_active:
            found.matched.append((match, one))
            found.known[one.key] = match
            taken.add(match.pk)
        else:
            found.same += 1
            found.known[one.key] = match
    gone = set(parsed.gone_classes)
    if parsed.is_bulk("classes"):
        gone |= set(by_roster) - seen
    found.gone = [by_roster[key] for key in sorted(gone) if key in by_roster and by_roster[key].is_active]
    for key, row in by_roster.items():
        if key not in gone:
            found.known.setdefault(key, row)
    return found


def compare_people(school: School, parsed: ParsedRoster, choices: RosterChoices, years: Mapping[str, int]) -> People:
    """`years`: student → year group its form group says, for those whose own row says none."""
    found = People()
    stored = {
        row.key: row for row in Student.objects.filter(school=school).exclude(key="").select_related("year_group")
    }
    here: set[str] = set()
    for one in parsed.students:
        key = one.key[:120]
        here.add(key)
        row, year = stored.get(key), one.year or years.get(one.key)
        if row is None:
            found.new.append((key, one.name[:120], year))
            continue
        values = _differing(row, one.name[:120], year)
        if row.left_on is not None:
            found.back.append(row)
            values["left_on"] = None
        if row.edited and values and "left_on" not in values:
            found.by_hand.append(row)
        if not values:
            found.same += 1
        elif row.edited and not choices.may_overwrite(key) and "left_on" not in values:
            found.kept.append(row)
        else:
            found.changed.append((row, values))
    gone = {key[:120] for key in parsed.gone_students}
    if parsed.is_bulk("users"):
        gone |= set(stored) - here
    found.leavers = [stored[key] for key in sorted(gone - here) if key in stored and stored[key].left_on is None]
    return found


def _differing(row: Student, name: str, year: int | None) -> dict[str, Any]:
    """`year` stands for the year group until it has been made."""
    values: dict[str, Any] = {}
    if name and name != row.name:
        values["name"] = name
    if year is not None and year != (row.year_group.number if row.year_group else None):
        values["year"] = year
    return values


def current_pairs(parsed: ParsedRoster, order: str, today: dt.date) -> list[tuple[str, str]]:
    """Who is in which class today: without those whose last day is over."""
    pairs = []
    for student, group, until in parsed.enrolments:
        last = read_date(until, order) if until else None
        if last is None or last >= today:
            pairs.append((student, group))
    return pairs


def compare_lists(school: School, parsed: ParsedRoster, pairs: Sequence[tuple[str, str]], classes: Classes) -> Lists:
    """Only lists of classes this file knows are touched; a group made by hand keeps its own."""
    found = Lists()
    stored = Enrolment.objects.filter(student__school=school).exclude(student__key="").values_list(
        "pk", "student_id", "group_id", "student__key"
    )  # fmt: skip
    ours = {group.pk: key for key, group in classes.known.items()}
    left_out = {one.key for one in classes.left_out}
    there: dict[tuple[str, str], tuple[int, int, int]] = {}
    for pk, student, group, key in stored.iterator(chunk_size=5_000):
        if group in ours:
            there[key, ours[group]] = (pk, student, group)
    wanted = {(student[:120], group) for student, group in pairs if group not in left_out}
    found.add = sorted(wanted - set(there))
    found.same = len(wanted) - len(found.add)
    going = {(student[:120], group) for student, group in parsed.gone_enrolments} - wanted
    if parsed.is_bulk("enrollments"):
        going |= set(there) - wanted
    found.remove = [there[pair] for pair in sorted(going) if pair in there]
    return found


def nothing_in(terms: Sequence[Change], classes: Classes, people: People, lists: Lists, *, leavers: bool) -> bool:
    """Whether the school is as the file says already."""
    moving = any(change.what not in (SAME, KEPT) for change in terms)
    going = people.leavers if leavers else []
    rows: list[Sequence[Any]] = [
        classes.new, classes.matched, classes.gone, people.new, people.changed, going, lists.add, lists.remove,
    ]  # fmt: skip
    return not moving and not any(rows)


def term_counts(terms: Sequence[Change]) -> int:
    return sum(change.what == ADDED for change in terms)
