"""A OneRoster zip of 100,000 rows: read, compared, written, and a second time, which changes nothing.

Every person in it is made up of numbers. The peak of memory is of this process and of the one that reads the zip.
"""

from __future__ import annotations

import datetime as dt
import io
import resource
import zipfile
from collections.abc import Callable
from pathlib import Path

from django.utils import timezone

from hubs.actors import system
from hubs.models import Hub
from schools.domain.roster import RosterPlan, apply_roster, plan_roster, read_roster
from schools.models import Enrolment, School, Student

DATABASE = True
#: Five minutes, and half a gigabyte.
SLOW_MS = 300_000
MOST_KB = 500 * 1024
STUDENTS, CLASSES, LISTS = 18_000, 1_500, 80_496
RUNS = 1
CLEAR, STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")
NOW = dt.datetime(2026, 9, 15, 9, tzinfo=dt.UTC)
CASES: dict[str, Callable[[], None]] = {}


def archive() -> bytes:
    """Rows of users.csv, classes.csv, enrollments.csv and the small files, 100,000 in all without their headers."""
    users = ["sourcedId,status,enabledUser,orgSourcedIds,role,givenName,familyName,email,grades,password"]
    users += [f"u{n},,true,o1,student,Given{n},Family{n},u{n}@school.example,{7 + n % 7},p{n}" for n in range(STUDENTS)]
    classes = ["sourcedId,status,title,grades,classCode,classType,schoolSourcedId"]
    classes += [
        f"c{n},,{7 + n % 7}{'ABCDEFGH'[n // 7 % 8]} {n},{7 + n % 7},c{n},{'homeroom' if n < 56 else 'scheduled'},o1"
        for n in range(CLASSES)
    ]
    lists = ["sourcedId,status,classSourcedId,userSourcedId,role,beginDate,endDate"]
    lists += [f"e{n},,c{(n * 7 + n // STUDENTS) % CLASSES},u{n % STUDENTS},student,," for n in range(LISTS)]
    files = {
        "manifest.csv": ["propertyName,value", "oneroster.version,1.1", *(f"file.{n},bulk" for n in (
            "orgs", "academicSessions", "users", "classes", "enrollments"))],
        "orgs.csv": ["sourcedId,status,name,type", "o1,,Quayside School,school"],
        "academicSessions.csv": [
            "sourcedId,status,title,type,startDate,endDate",
            "t1,,Autumn,term,2026-09-01,2026-12-18", "t2,,Spring,term,2027-01-04,2027-03-25",
            "t3,,Summer,term,2027-04-12,2027-07-20",
        ],
        "users.csv": users, "classes.csv": classes, "enrollments.csv": lists,
    }  # fmt: skip
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, lines in files.items():
            made.writestr(name, "\n".join(lines) + "\n")
    return stream.getvalue()


def prepare() -> None:
    data = archive()
    hub = Hub.objects.create(slug="bench-roster", name="Bench", hostname="bench-roster.localhost")
    school = School.objects.create(hub=hub, name="Quayside School")

    def load() -> RosterPlan:
        _forget_peak()
        plan = plan_roster(school, read_roster(data, names=True), now=NOW)
        apply_roster(plan, by=system(hub.pk, via="command"), now=timezone.now())
        return plan

    def first() -> None:
        Student.objects.filter(school=school).delete()
        school.group_set.all().delete()
        school.term_set.all().delete()
        plan = load()
        if plan.parsed.rows != 100_000:
            raise RuntimeError(f"The zip has {plan.parsed.rows} rows.")
        _within_memory()

    def again() -> None:
        before = (Student.objects.count(), Enrolment.objects.count())
        plan = load()
        if not plan.nothing_in_it or before != (Student.objects.count(), Enrolment.objects.count()):
            raise RuntimeError("The second time was not the same.")
        _within_memory()

    CASES.update({"100,000 rows, the first time": first, "100,000 rows, the second time": again})


def _forget_peak() -> None:
    """So that what other measures took in this process is not counted (Linux)."""
    if CLEAR.exists():
        CLEAR.write_text("5")


def _within_memory() -> None:
    """Peaks of this process since `_forget_peak`, and of the largest child there ever was."""
    status = STATUS.read_text().split("\n") if STATUS.exists() else []
    own = next((int(line.split()[1]) for line in status if line.startswith("VmHWM")), 0)
    for peak in (own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss):
        if peak > MOST_KB:
            raise RuntimeError(f"{peak} KB of memory; the most is {MOST_KB} KB.")
