"""What a school asks for, and taking it back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from hubs.actors import Actor
from hubs.errors import CannotMove, NotYours, Refused
from hubs.log import record
from hubs.models import HUB_STAFF
from hubs.moves import move
from hubs.outbox import occasion, queue
from hubs.recipients import hub_people
from hubs.words import day as say
from opportunities.models import Session
from placements.domain import brokering, capacity
from placements.domain.days import clashing
from placements.domain.fitting import fits_for_group
from placements.models import PlacementRequest, Wish
from placements.models.request import COORDINATORS
from schools.domain.words import fit_sentence
from schools.fit import Fit
from schools.models import Group, School, Student


class CannotRequest(Refused):
    """A wish that could never be granted, said before it is sent."""

    code = "cannot_request"


def request_places(
    school: School,
    *,
    group: Group | None,
    places: int,
    sessions: Sequence[Session],
    students: Sequence[Student] = (),
    note: str = "",
    needs: str = "",
    is_provisional: bool = False,
    by: Actor,
    now: dt.datetime,
) -> PlacementRequest:
    """Send a request with `sessions` as wishes in order of rank.

    `students` empty and `places` equal to the group's size means the whole group. Each wish
    is checked first; raises `CannotRequest` with the reason of the first that cannot be.
    Nothing is binding for the school until the employer accepts; the hub brokers.
    """
    _check(school, group=group, places=places, sessions=sessions, students=students, by=by, now=now)
    with transaction.atomic():
        request = PlacementRequest.objects.create(
            hub=school.hub,
            school=school,
            group=group,
            places=places,
            note=note,
            needs=needs,
            is_provisional=is_provisional,
            requested_by=by.user,
            created_at=now,
        )
        request.students.set(students)
        Wish.objects.bulk_create(
            Wish(hub=school.hub, school=school, request=request, rank=rank, session=session)
            for rank, session in enumerate(sessions, start=1)
        )
        record(request, "requested", by=by, now=now, places=places, wishes=[s.pk for s in sessions])
        submit(request, by=by, now=now)
    return request


def submit(request: PlacementRequest, *, by: Actor, now: dt.datetime) -> None:
    """Hand a draft, or a request refused before, to the hub."""
    with transaction.atomic():
        move(request, "submitted", by=by, now=now, also={"submitted_at": now})
        for person in hub_people(request.hub, request.school):
            queue("request-submitted", request, person, now=now, version=occasion(now))


def withdraw_request(request: PlacementRequest, *, by: Actor, now: dt.datetime, reason: str = "") -> None:
    """Take a request back before anything was accepted; places held for it are given back.

    Raises `CannotMove` once a placement is accepted, or when places were held meanwhile.
    """
    with transaction.atomic():
        given = request.placements.filter(state__in=["held", "offered"]).order_by("pk")
        capacity.lock(given.values_list("session_id", flat=True))
        for placement in given:
            brokering.withdraw(placement, by=by, now=now, reason=reason)
        request.refresh_from_db()
        move(request, "withdrawn", by=by, now=now, reason=reason)
        request.waiting.filter(left_at=None).update(left_at=now)
        if request.placements.live().exists():
            raise CannotMove(_("Somebody else changed this a moment ago. Look again before you go on."))


def why_not(
    session: Session, *, fit: Fit | None, places: int, students: Sequence[Student], now: dt.datetime
) -> str | None:
    """Why these places cannot be asked for in this session, or None. `fit` is the group's."""
    opportunity = session.opportunity
    if opportunity.state != "published" or session.state != "planned" or session.starts_at <= now:
        return _("This session is no longer offered.")
    today = session.hub.today(now)
    if session.opens_on and today < session.opens_on:
        return _("Requests open on %(day)s.") % {"day": say(session.opens_on, now)}
    if session.closes_on and today > session.closes_on:
        return _("Requests closed on %(day)s.") % {"day": say(session.closes_on, now)}
    if places > session.places:
        return _("This session has %(places)s places in all.") % {"places": session.places}
    if places < session.group_min:
        return _("This session needs at least %(least)s students.") % {"least": session.group_min}
    if fit is not None and fit.verdict == "cannot":
        return fit_sentence(fit)
    elsewhere = clashing(students, session)
    if elsewhere:
        return _("Already somewhere else at that time: %(aliases)s.") % {"aliases": ", ".join(elsewhere[:8])}
    return None


def _asked_already(school, *, group, places, first, students) -> bool:
    """Whether the same is waiting with the hub: a page gone back to and sent again, as a rule."""
    same = PlacementRequest.objects.filter(
        school=school, group=group, places=places, state="submitted", wishes__rank=1, wishes__session=first
    )
    wanted = {student.pk for student in students}
    return any({student.pk for student in row.students.all()} == wanted for row in same.prefetch_related("students"))


def _check(school, *, group, places, sessions, students, by, now) -> None:
    if not by.may(school, COORDINATORS | HUB_STAFF):
        raise NotYours(_("Only a coordinator of the school, or the hub for it, requests places."))
    if group is not None and group.school_id != school.pk:
        raise CannotRequest(_("This group belongs to another school."))
    if any(student.school_id != school.pk for student in students):
        raise CannotRequest(_("One of these students belongs to another school."))
    if not sessions:
        raise CannotRequest(_("Choose at least one session."))
    if students and places != len(students):
        raise CannotRequest(
            _("You named %(named)s students but ask for %(places)s places.")
            % {"named": len(students), "places": places}
        )
    if places < 1:
        raise CannotRequest(_("Ask for at least one place. A group's number of students is set on its page."))
    if any(session.hub_id != school.hub_id for session in sessions):
        raise CannotRequest(_("This session is no longer offered."))
    if _asked_already(school, group=group, places=places, first=sessions[0], students=students):
        raise CannotRequest(
            _("Exactly this is with the hub already: look under Requests. For more places, take that one back first.")
        )
    found = fits_for_group(group, now=now, sessions=sessions, students=places) if group else []
    fits = {one.session.pk: one.fit for one in found}
    for session in sessions:
        sentence = why_not(session, fit=fits.get(session.pk), places=places, students=students, now=now)
        if sentence:
            raise CannotRequest(
                _("%(session)s: %(why)s") % {"session": session.opportunity.title, "why": sentence},
                session=session.pk,
            )
