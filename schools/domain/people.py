"""Writing many students and class lists at once, remembering what was there before, and taking it back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from django.db.models import Count, ProtectedError

from schools.domain.diff import plain
from schools.models import Enrolment, Group, Import, School, Student

AT_ONCE = 1_000
Pair = tuple[int, int]
T = TypeVar("T")

#: Asked about students who leave: ids, now → id → what they are still named for. Upper floors add to it.
STANDING: list[Callable[[Sequence[int], dt.datetime], Mapping[int, list[str]]]] = []


def standing(students: Sequence[int], now: dt.datetime) -> dict[int, list[str]]:
    """What each of these students is named for and has not been yet, in words; only those with something."""
    found: dict[int, list[str]] = {}
    for asked in STANDING:
        for pk, words in asked(students, now).items():
            found.setdefault(pk, []).extend(words)
    return found


def chunks(rows: Iterable[T], size: int = AT_ONCE) -> Iterator[list[T]]:
    rest = iter(rows)
    while part := list(islice(rest, size)):
        yield part


class Ledger:
    """What was there before. `as_json` is what `take_back` reads."""

    def __init__(self) -> None:
        self.created: dict[str, list[int]] = {}
        self.students: list[tuple[int, dict[str, Any]]] = []
        self.groups: dict[int, dict[str, Any]] = {}
        self.enrolled: list[Pair] = []
        self.unenrolled: list[Pair] = []

    def as_json(self) -> dict[str, Any]:
        people = {
            "students": self.students,
            "groups": list(self.groups.items()),
            "enrolled": self.enrolled,
            "unenrolled": self.unenrolled,
        }
        return {"created": self.created, "people": people}

    # ---- writing; all of it in the caller's transaction ----

    def create_students(self, rows: Iterable[Student]) -> None:
        for part in chunks(rows):
            made = Student.objects.bulk_create(part)
            self.created.setdefault("schools.student", []).extend(row.pk for row in made)

    def change_students(self, changes: Iterable[tuple[Student, dict[str, Any]]]) -> None:
        for part in chunks(changes):
            names: set[str] = set()
            for row, values in part:
                self.students.append((row.pk, {name: plain(getattr(row, name)) for name in values}))
                names |= set(values)
                for name, value in values.items():
                    setattr(row, name, value)
            fields = sorted(name.removesuffix("_id") for name in names)
            Student.objects.bulk_update([row for row, _values in part], fields)

    def create_groups(self, rows: Iterable[Group]) -> list[Group]:
        made = [group for part in chunks(rows) for group in Group.objects.bulk_create(part)]
        self.created.setdefault("schools.group", []).extend(group.pk for group in made)
        return made

    def change_group(self, group: Group, **values: Any) -> None:
        self.remember(group)
        for name, value in values.items():
            setattr(group, name, value)
        group.save(update_fields=[name.removesuffix("_id") for name in values])

    def remember(self, group: Group) -> None:
        was = {name: getattr(group, name) for name in ("size", "roster_key", "is_active", "year_group_id")}
        self.groups.setdefault(group.pk, was)

    def enrol(self, pairs: Iterable[Pair]) -> None:
        for part in chunks(pairs, 2 * AT_ONCE):
            Enrolment.objects.bulk_create(
                [Enrolment(student_id=student, group_id=group) for student, group in part], ignore_conflicts=True
            )
            self.enrolled += part

    def unenrol(self, rows: Iterable[tuple[int, int, int]]) -> None:
        """`rows`: (id of the enrolment, student, group)."""
        for part in chunks(rows):
            Enrolment.objects.filter(pk__in=[pk for pk, _student, _group in part]).delete()
            self.unenrolled += [(student, group) for _pk, student, group in part]

    def count_groups(self, groups: Iterable[Group]) -> None:
        """Each group's number of students is what its list says."""
        for part in chunks(groups, 500):
            sizes = sizes_of(group.pk for group in part)
            changed = [group for group in part if group.size != sizes.get(group.pk, 0)]
            for group in changed:
                self.remember(group)
                group.size = min(sizes.get(group.pk, 0), 400)
            Group.objects.bulk_update(changed, ["size"])


def sizes_of(groups: Iterable[int]) -> dict[int, int]:
    here = Enrolment.objects.filter(group__in=list(groups), student__left_on=None)
    return dict(here.values_list("group_id").annotate(n=Count("pk")).order_by())


def take_back(done: Import, people: Mapping[str, Any], created: Sequence[int]) -> None:
    """Undo a `Ledger`, except what people changed by hand since and what something leans on by now."""
    school = done.school
    for part in chunks(people["enrolled"]):
        pairs = {tuple(pair) for pair in part}
        rows = Enrolment.objects.filter(student__in={student for student, _group in pairs}, student__school=school)
        mine = [
            pk for pk, student, group in rows.values_list("pk", "student_id", "group_id") if (student, group) in pairs
        ]
        Enrolment.objects.filter(pk__in=mine).delete()
    _restore_students(school, people["students"])
    for part in chunks(created):
        _delete_unused(school, part, done)
    known = set(Group.objects.filter(school=school).values_list("pk", flat=True))
    there = set(Student.objects.filter(school=school).values_list("pk", flat=True))
    for part in chunks(people["unenrolled"]):
        back = [Enrolment(student_id=s, group_id=g) for s, g in part if s in there and g in known]
        Enrolment.objects.bulk_create(back, ignore_conflicts=True)
    for pk, values in people["groups"]:
        Group.objects.filter(school=school, pk=pk).update(**values)


def _restore_students(school: School, saved: Sequence[Sequence[Any]]) -> None:
    """Latest first, so that the earliest state is the last one written."""
    for part in chunks(reversed(saved)):
        rows = Student.objects.filter(school=school, edited=False).in_bulk([pk for pk, _values in part])
        names: set[str] = set()
        for pk, values in part:
            if pk in rows:
                names |= set(values)
                for name, value in values.items():
                    setattr(rows[pk], name, dt.date.fromisoformat(value) if name == "left_on" and value else value)
        if names:
            Student.objects.bulk_update(rows.values(), sorted(name.removesuffix("_id") for name in names))


def _delete_unused(school: School, keys: Sequence[int], done: Import) -> None:
    """Somebody with a placement or a record stays, as one who has left."""
    rows = Student.objects.filter(school=school, pk__in=keys, edited=False)
    try:
        rows.delete()
    except ProtectedError:
        today = done.imported_at.astimezone(school.zone).date()
        for row in rows:
            try:
                row.delete()
            except ProtectedError:
                Student.objects.filter(pk=row.pk).update(left_on=today)
