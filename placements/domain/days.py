"""Which student is where on which day: the rows behind "never in two places at once"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from employers.people import employer_people
from hubs.actors import Actor
from hubs.errors import CannotAct, Refused
from hubs.locks import lock_rows
from hubs.log import record
from hubs.models import HUB_STAFF
from hubs.moves import lock_state
from hubs.outbox import queue
from hubs.wallclock import instant
from opportunities.models import Session
from placements.domain import agreements, clearances, hours
from placements.models import Placement, PlacementStudent, StudentDay
from placements.models.placement import LIVE
from placements.models.request import COORDINATORS
from schools.models import Student


class CannotAttendBoth(Refused):
    """A student is already somewhere else at that time."""

    code = "student_clash"


Span = tuple[dt.datetime, dt.datetime]


def instants(session: Session) -> list[Span]:
    """Begin and end of each day of the session, in UTC."""
    zone = session.zone
    return [(instant(day.on, day.starts_at, zone), instant(day.on, day.ends_at, zone)) for day in session.days.all()]


def clashing(students: Iterable[Student], session: Session, *, but: Placement | None = None) -> list[str]:
    """Aliases of the students who have a live day overlapping the session, sorted."""
    return _elsewhere(students, instants(session), but=but)


def _elsewhere(students: Iterable[Student], spans: list[Span], *, but: Placement | None) -> list[str]:
    if not spans:
        return []
    overlapping = Q()
    for starts_at, ends_at in spans:
        overlapping |= Q(starts_at__lt=ends_at, ends_at__gt=starts_at)
    days = StudentDay.objects.filter(overlapping, student__in=list(students), live=True)
    if but is not None:
        days = days.exclude(placement=but)
    return sorted(set(days.order_by().values_list("student__alias", flat=True)))


@transaction.atomic
def name_students(placement: Placement, students: list[Student], *, by: Actor, now: dt.datetime) -> None:
    """Set who comes. At most as many as there are places; nobody who is elsewhere then. Where others
    were named for what is agreed, the employer is told how many come now and no longer come.

    Raises `CannotAttendBoth` (naming aliases only), `hours.CannotExceedHours` for somebody who was not named
    before, `Refused`, `CannotAct`.
    """
    if not by.may(placement, COORDINATORS | HUB_STAFF):
        raise CannotAct(_("Only the school or the hub names students."))
    lock_state(placement, "session")  # one called off meanwhile must not block anybody's days
    if placement.state == "under_way":
        raise Refused(_("It has begun, so who comes stands in the register. Mark there who is present."), code="begun")
    if placement.state not in LIVE:
        raise Refused(_("Students can be named only while the placement is live."))
    if len(students) > placement.places:
        raise Refused(
            _("You named %(named)s students for %(places)s places. Take some off the list.")
            % {"named": len(students), "places": placement.places}
        )
    if any(student.school_id != placement.school_id for student in students):
        raise Refused(_("One of these students belongs to another school."))
    before = set(placement.students.values_list("student_id", flat=True))
    added = [student for student in students if student.pk not in before]
    place(placement, students, now=now)
    if added:  # taking somebody off is never refused for what the others do already
        group, school = placement.group, placement.school
        found = hours.broken(placement.session, school, group=group, students=added, but=placement, now=now)
        hours.refuse_broken(found, now)
    entry = record(placement, "students_named", by=by, now=now, count=len(students))
    if placement.state in ("accepted", "ready"):
        clearances.renew_for(placement, by=by, now=now)
        agreements.renew(placement, changed=bool(added), now=now)
        _tell_host(placement, before, {student.pk for student in students}, version=str(entry.pk), now=now)


def _tell_host(placement: Placement, before: set[int], after: set[int], *, version: str, now: dt.datetime) -> None:
    if not before or before == after:
        return  # the first names are no change: the page of the day has them
    for person in employer_people(placement.employer):
        queue(
            "students-changed", placement, person, now=now, not_after=placement.session.ends_at,
            version=version, joined=len(after - before), left=len(before - after), count=len(after),
        )  # fmt: skip


def place(placement: Placement, students: list[Student], *, now: dt.datetime) -> None:
    """Write the rows of the students; the database has the last word on overlaps.

    Raises `CannotAttendBoth`, naming aliases only. The caller's transaction holds the students until it ends.
    """
    # Held in one order, last of all locks: two places for one student are then asked for one after
    # the other, instead of each waiting for the other's row in the exclusion constraint.
    lock_rows(Student.objects.filter(pk__in=[s.pk for s in students]))
    spans = instants(placement.session)
    _refuse_both(students, spans, but=placement)
    placement.students.exclude(student__in=students).delete()
    placement.student_days.exclude(student__in=students).delete()
    have = set(placement.student_days.values_list("student_id", "starts_at"))
    _write(placement, students, spans, now=now, have=have)


def place_first(placement: Placement, students: list[Student], *, now: dt.datetime) -> None:
    """The same for a placement that has no rows yet. The caller holds the students already."""
    spans = instants(placement.session)
    _refuse_both(students, spans)
    _write(placement, students, spans, now=now)


def _refuse_both(students: list[Student], spans: list[Span], *, but: Placement | None = None) -> None:
    if elsewhere := _elsewhere(students, spans, but=but):
        raise CannotAttendBoth(
            _("Already somewhere else at that time: %(aliases)s.") % {"aliases": ", ".join(elsewhere[:8])},
            aliases=elsewhere,
        )


def _write(
    placement: Placement,
    students: list[Student],
    spans: list[Span],
    *,
    have: Collection[tuple[int, dt.datetime]] = (),
    now: dt.datetime,
) -> None:
    """The rows that are not there yet: `have` are (student, begin) of the days that are."""
    common = {"hub_id": placement.hub_id, "school_id": placement.school_id, "placement": placement}
    # No savepoint: whoever goes on after a refusal has one around the whole verb.
    try:
        PlacementStudent.objects.bulk_create(
            [PlacementStudent(student=s, added_at=now, **common) for s in students], ignore_conflicts=True
        )
        StudentDay.objects.bulk_create(
            StudentDay(student=s, starts_at=start, ends_at=end, **common)
            for s in students
            for start, end in spans
            if (s.pk, start) not in have
        )
    except IntegrityError as error:
        raise CannotAttendBoth(
            _("A student was placed elsewhere a moment ago. Look again before you go on.")
        ) from error


def replace(placement: Placement, *, now: dt.datetime) -> None:
    """The same students on the days the placement's session has now. Raises `CannotAttendBoth`."""
    students = [row.student for row in placement.students.select_related("student").order_by("student")]
    placement.student_days.all().delete()
    place(placement, students, now=now)


def free(placement: Placement) -> None:
    """The placement no longer blocks its students' days."""
    placement.student_days.update(live=False)
