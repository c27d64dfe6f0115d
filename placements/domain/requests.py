"""What a school asks for, and taking it back."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from hubs.actors import Actor
from hubs.errors import CannotAct, CannotMove, Refused
from hubs.log import record
from hubs.models import HUB_STAFF
from hubs.moves import check, lock_state, move
from hubs.outbox import occasion, queue
from hubs.recipients import hub_people
from opportunities.models import Session
from placements.domain import brokering, capacity, eligibility, wishes
from placements.domain.windows import Window, are_over
from placements.domain.windows import check as check_windows
from placements.domain.windows import of as windows_of
from placements.domain.windows import put as put_windows
from placements.domain.wishes import Wished
from placements.models import PlacementRequest
from placements.models.request import COORDINATORS
from schools.models import Group, School, Student


class CannotRequest(Refused):
    """A wish that could never be granted, said before it is sent."""

    code = "cannot_request"


def _cannot(sentence: str, facts: dict[str, int]) -> CannotRequest:
    refusal = CannotRequest(sentence)
    refusal.facts = facts
    return refusal


def request_places(
    school: School,
    *,
    group: Group | None,
    places: int,
    wished: Sequence[Wished],
    windows: Sequence[Window] = (),
    students: Sequence[Student] = (),
    note: str = "",
    needs: str = "",
    is_provisional: bool = False,
    max_travel: int | None = None,
    draft: bool = False,
    by: Actor,
    now: dt.datetime,
) -> PlacementRequest:
    """Send a request for what is `wished`, in that order; or keep it as a `draft`. `windows` are the days on which it
    may be met, none meaning any.

    `students` empty and `places` equal to the group's size means the whole group. Each wish
    is checked before it is sent; raises `CannotRequest` with the reason of every one that cannot be
    and the nearest that could. `max_travel` is in minutes one way. For `is_provisional` the hub holds places,
    but asks no employer before `make_firm`. Nothing is binding for the
    school until the employer accepts; the hub brokers.
    """
    _check(school, group=group, places=places, wished=wished, windows=windows, students=students, by=by)
    with transaction.atomic():
        request = PlacementRequest.objects.create(
            hub=school.hub,
            school=school,
            group=group,
            places=places,
            note=note,
            needs=needs,
            is_provisional=is_provisional,
            max_travel=max_travel,
            requested_by=by.user,
            created_at=now,
        )
        request.students.set(students)
        wishes.put(request, wished)
        put_windows(request, windows)
        record(request, "requested", by=by, now=now, places=places, wishes=[s.pk for s in wishes.sessions_of(wished)])
        if not draft:
            _submit(request, wished, windows, students, by=by, now=now)
    return request


def as_read(request: PlacementRequest, windows: Sequence[Window] | None = None) -> str:
    """A mark of everything a draft says, as this row was read: another one when anybody has changed it since.
    `windows`: as read a moment ago, by whoever shows them too."""
    own = (request.places, request.is_provisional, request.max_travel, request.note, request.needs)
    ranked = sorted(request.wishes.all(), key=lambda wish: wish.rank)
    said = [(wish.session_id, wish.encounter_type_id, wish.sector_id, wish.step_id) for wish in ranked]
    students = sorted(student.pk for student in request.students.all())
    days = [
        (one.first.isoformat(), one.last.isoformat()) for one in (windows_of(request) if windows is None else windows)
    ]
    return hashlib.sha256(repr((own, said, students, days)).encode()).hexdigest()[:24]


def change_draft(
    request: PlacementRequest,
    *,
    seen: str,
    places: int,
    wished: Sequence[Wished],
    windows: Sequence[Window] = (),
    students: Sequence[Student] = (),
    note: str = "",
    needs: str = "",
    is_provisional: bool = False,
    max_travel: int | None = None,
    draft: bool = False,
    by: Actor,
    now: dt.datetime,
) -> None:
    """Put this in place of all that a draft says but its group; send it, or keep it as a `draft`.

    `seen` is what `as_read` said when its editor read it: when somebody has changed it since, nothing is written and
    a `Refused` with the code "stale" is raised. Otherwise raises what `request_places` does, and then nothing of it
    is written either.
    """
    school = request.school
    _check(school, group=request.group, places=places, wished=wished, windows=windows, students=students, by=by)
    said = {"places": places, "note": note, "needs": needs, "is_provisional": is_provisional, "max_travel": max_travel}
    with transaction.atomic():
        lock_state(request, *said)
        if request.state != "draft":
            raise CannotMove(_("This is no draft any more: somebody has sent it, or taken it back."))
        # Read anew: what the caller's row had at hand may be what they looked at.
        if as_read(PlacementRequest.objects.get(pk=request.pk)) != seen:
            raise Refused(
                _("Somebody else changed this draft after you opened it. Nothing of yours is saved yet."), code="stale"
            )
        for name, value in said.items():
            setattr(request, name, value)
        request.save(update_fields=list(said))
        request.students.set(students)
        wishes.put(request, wished)
        put_windows(request, windows)
        record(request, "changed", by=by, now=now, places=places, wishes=[s.pk for s in wishes.sessions_of(wished)])
        if not draft:
            _submit(request, wished, windows, students, by=by, now=now)


@transaction.atomic
def request_for_groups(
    school: School, groups: Sequence[Group], *, by: Actor, now: dt.datetime, **asked
) -> list[PlacementRequest]:
    """The same wishes for each of several groups, for all of each group: every request, or none.

    Raises `CannotRequest` naming the first group that cannot.
    """
    if not groups:
        raise CannotRequest(_("Choose at least one group."))
    made = []
    for group in groups:
        try:
            made.append(request_places(school, group=group, places=group.size, by=by, now=now, **asked))
        except CannotRequest as refusal:
            said = _("%(group)s: %(why)s") % {"group": group.name, "why": refusal.sentence}
            raise _cannot(said, refusal.facts | {"group": group.pk}) from refusal
    return made


def submit(request: PlacementRequest, *, by: Actor, now: dt.datetime) -> None:
    """Hand a draft, or a request refused before, to the hub. All that a new one is asked is asked of it now: days pass,
    places fill, kinds are retired, students leave.

    Raises `CannotRequest` as `request_places` does, `CannotMove`, `CannotAct`.
    """
    check(request, "submitted", by=by, now=now)
    with transaction.atomic():
        lock_state(request, "places", "max_travel")  # whoever changes the draft now is waited for
        students = list(request.students.order_by("pk"))
        windows = windows_of(PlacementRequest.objects.get(pk=request.pk))
        _refuse_gone(request, students)
        _submit(request, wishes.read(request), windows, students, by=by, now=now)


def _refuse_gone(request: PlacementRequest, students: Sequence[Student]) -> None:
    """Raise `CannotRequest` when those it is for are no longer at the school, or no longer a group."""
    mend = (
        _("Change the draft.") if request.state == "draft" else _("Ask for the same again, and say who comes now.")
    )  # fmt: skip
    if gone := sorted(one.alias for one in students if one.left_on is not None):
        left = _("No longer at the school: %(aliases)s.") % {"aliases": ", ".join(gone)}
        raise CannotRequest(f"{left} {mend}")
    if request.group is not None and not request.group.is_active:
        raise CannotRequest(
            _("%(group)s is not in use any more. Ask for the group that follows it.") % {"group": request.group.name}
        )


def _submit(
    request: PlacementRequest,
    wished: Sequence[Wished],
    windows: Sequence[Window],
    students: Sequence[Student],
    *,
    by: Actor,
    now: dt.datetime,
) -> None:
    """Send it when every wish could be granted, or raise `CannotRequest`."""
    if _asked_already(request, wished, students):
        raise CannotRequest(
            _("Exactly this is with the hub already: look under Requests. For more places, take that one back first.")
        )
    if are_over(windows, request.hub.today(now)):
        raise CannotRequest(_("The days this request names are over. Name others, or none."))
    found = eligibility.eligible(
        request.school, group=request.group, places=request.places, wished=wished, windows=windows,
        students=students, max_travel=request.max_travel, now=now,
    )  # fmt: skip
    if refused := [answer for answer in found if answer.why]:
        raise _cannot(" ".join(one.sentence for one in refused), refused[0].facts)
    _hand_over(request, by=by, now=now)


def _hand_over(request: PlacementRequest, *, by: Actor, now: dt.datetime) -> None:
    with transaction.atomic():
        move(request, "submitted", by=by, now=now, also={"submitted_at": now})
        for person in hub_people(request.hub, request.school):
            queue("request-submitted", request, person, now=now, version=occasion(now))


@transaction.atomic
def make_firm(request: PlacementRequest, *, by: Actor, now: dt.datetime) -> None:
    """The school has decided: from now on its employers may be asked, and a yes of theirs binds it.

    There is no way back but to take the request back. Raises `Refused`, `CannotAct`.
    """
    if not by.may(request, COORDINATORS | HUB_STAFF):
        raise CannotAct(_("Only a coordinator of the school, or the hub for it, says that a request is firm."))
    lock_state(request, "is_provisional")
    if not request.is_provisional:
        raise Refused(_("This request is firm already."))
    if request.state not in ("draft", "submitted"):
        raise Refused(_("This request is not open any more."))
    request.is_provisional = False
    request.save(update_fields=["is_provisional"])
    record(request, "made_firm", by=by, now=now)
    if request.state == "submitted":
        for person in hub_people(request.hub, request.school):
            queue("request-firm", request, person, now=now)


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


def _asked_already(request: PlacementRequest, wished: Sequence[Wished], students: Sequence[Student]) -> bool:
    """Whether the same is waiting with the hub: a page gone back to and sent again, as a rule."""
    if not isinstance(wished[0], Session):
        return False
    same = PlacementRequest.objects.filter(
        school=request.school, group=request.group, places=request.places, state="submitted",
        wishes__rank=1, wishes__session=wished[0],
    ).exclude(pk=request.pk)  # fmt: skip
    wanted = {student.pk for student in students}
    return any({student.pk for student in row.students.all()} == wanted for row in same.prefetch_related("students"))


def _check(school: School, *, group, places, wished, windows, students, by) -> None:
    """What even a draft has to keep: whose it is, and that it says something."""
    if not by.may(school, COORDINATORS | HUB_STAFF):
        raise CannotAct(_("Only a coordinator of the school, or the hub for it, requests places."))
    if group is not None and group.school_id != school.pk:
        raise CannotRequest(_("This group belongs to another school."))
    if any(student.school_id != school.pk for student in students):
        raise CannotRequest(_("One of these students belongs to another school."))
    if not wished:
        raise CannotRequest(_("Choose at least one session."))
    if len(set(wished)) < len(wished) or len(set(students)) < len(students):
        raise CannotRequest(_("A wish or a student is named twice. Leave one of them out."))
    check_windows(windows)
    if students and places != len(students):
        raise CannotRequest(
            _("You named %(named)s students but ask for %(places)s places.")
            % {"named": len(students), "places": places}
        )
    if places < 1:
        raise CannotRequest(_("Ask for at least one place. A group's number of students is set on its page."))
    if any(session.hub_id != school.hub_id for session in wishes.sessions_of(wished)):
        raise CannotRequest(_("This session is no longer offered."))
    for kind in wishes.kinds_of(wished):
        if sentence := wishes.not_offered(kind, school.hub_id):
            raise CannotRequest(sentence)
