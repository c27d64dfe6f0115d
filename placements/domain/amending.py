"""Changing what was agreed: what would differ is shown, and only those it touches agree again.

Students are the school's own affair (`days.name_students`): the employer is told and not asked.
A date touches both sides, who looks after the students only the employer. Other days for the whole session are
asked for in `moving`; each school says yes or no to them here.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from hubs.actors import Actor
from hubs.errors import CannotAct
from hubs.log import record
from hubs.models import HUB_STAFF, LogEntry
from hubs.moves import lock_state, move
from hubs.outbox import queue
from hubs.words import day as say
from hubs.words import times
from opportunities.models import Session
from placements.domain import agreements, calendar, capacity, days, hours, moving, preparing, waiting
from placements.domain.sides import CannotChange, people_of, side_of
from placements.models import Amendment, Placement
from placements.models.placement import CHANGEABLE, EMPLOYER_SIDE
from placements.models.request import COORDINATORS
from placements.rules import begun

MAY = COORDINATORS | EMPLOYER_SIDE | HUB_STAFF
TOUCHED = {"session": ("school", "employer"), "supervisor": ("employer",)}


@transaction.atomic
def propose(
    placement: Placement, *, session: Session | None = None, supervisor: str = "", reason: str, by: Actor,
    now: dt.datetime,
) -> Amendment:  # fmt: skip
    """Ask for another date (a session of the same opportunity), somebody else to look after them, or both.

    Whoever is touched and did not ask is asked; when that is nobody, it holds at once. Raises
    `CannotChange`, `capacity.CannotPlace`, `days.CannotAttendBoth`, `hours.CannotExceedHours`.
    """
    if not by.may(placement, MAY):
        raise CannotAct(_("Only the school, the employer or the hub changes what was agreed."))
    if not reason.strip():
        raise CannotChange(_("Say why: the other side reads it."))
    _need_agreed(placement)
    if placement.amendments.filter(state="proposed").exists():
        raise CannotChange(_("A change is being asked about already. Wait for the answer, or take it back."))
    changes: dict[str, list] = {}
    if session is not None and session.pk != placement.session_id:
        _check_session(placement, session, now)
        changes["session"] = [placement.session_id, session.pk]
    if supervisor.strip() and supervisor.strip() != placement.supervisor:
        changes["supervisor"] = [placement.supervisor, supervisor.strip()]
    if not changes:
        raise CannotChange(_("Nothing would be different. Choose another day, or name somebody else."))
    asks = sorted({side for name in changes for side in TOUCHED[name]} - {side_of(by)})
    made = Amendment.objects.create(
        hub_id=placement.hub_id, school_id=placement.school_id, placement=placement, changes=changes, asks=asks,
        proposed_by=by.user, proposed_at=now,
    )  # fmt: skip
    record(made, "change_asked", by=by, now=now, reason=reason, what=sorted(changes), asks=asks)
    for side in asks:
        for person in people_of(placement, side):
            queue("change-asked", made, person, now=now, not_after=placement.session.starts_at, reason=reason)
    if not asks:
        _apply(made, by=by, now=now)
    return made


@transaction.atomic
def agree(amendment: Amendment, *, by: Actor, now: dt.datetime) -> None:
    """One side says yes; when nobody is left to ask, the change holds. The hub answers for whom it acts."""
    _need_party(amendment, by)
    if amendment.session_move is not None:
        capacity.lock([amendment.session_move.session_id])  # before the amendment: whoever moves it locks so
    lock_state(amendment, "asks")
    if amendment.state != "proposed":
        raise CannotChange(_("This change is settled already."))
    side = side_of(by)
    answered = list(amendment.asks) if side == "hub" else [side]
    if not set(answered) <= set(amendment.asks) or not answered:
        raise CannotChange(_("Nothing is asked of you here."))
    amendment.asks = [one for one in amendment.asks if one not in answered]
    amendment.save(update_fields=["asks"])
    if amendment.asks:
        record(amendment, "change_agreed_by_one", by=by, now=now, side=side)
    elif amendment.session_move is not None:
        moving.agreed_by_both(amendment, amendment.session_move, by=by, now=now)
    else:
        _apply(amendment, by=by, now=now)


@transaction.atomic
def refuse(amendment: Amendment, reason: str, *, by: Actor, now: dt.datetime) -> None:
    """One side says no, or whoever asked takes it back: what was agreed stands as it was."""
    _need_party(amendment, by)
    if not reason.strip():
        raise CannotChange(_("Say why: the other side reads it."))
    if amendment.session_move is not None and side_of(by) not in (*amendment.asks, "hub"):
        raise CannotChange(_("The whole session is to move. Take that back on the page of the session."))
    move(amendment, "refused", by=by, now=now, reason=reason)
    placement = amendment.placement
    for side in {"school", "employer"} - {side_of(by)}:
        for person in people_of(placement, side):
            queue("change-refused", amendment, person, now=now, not_after=placement.session.starts_at, reason=reason)


def break_changed(session: Session, shorter: bool, now: dt.datetime) -> None:
    """Hold another break against the limits on hours of everybody who has agreed to come, and have agreements that
    say the old one signed anew. A longer break breaks nothing, so it is never refused for what was wrong before.

    The caller's transaction holds the session. Raises `hours.CannotExceedHours` with the day and the rule.
    """
    rows = Placement.objects.filter(session=session, state__in=(*CHANGEABLE, "under_way")).order_by("pk")
    for placement in rows.select_related("hub", "school__hub", "group__year_group", "session__opportunity"):
        lock_state(placement)
        if shorter and placement.state in (*CHANGEABLE, "under_way"):
            hours.refuse_broken(hours.of_placement(placement, now), now)
        if placement.state in CHANGEABLE:
            agreements.renew(placement, changed=True, now=now)


def with_reasons(rows: QuerySet) -> QuerySet:
    """Adds `reason`, why it was asked for, and `refusal`, why somebody said no or took it back, as the log has them."""
    return rows.annotate(reason=_said("change_asked"), refusal=_said("refused"))


def _said(verb: str) -> Coalesce:
    about = LogEntry.objects.filter(
        subject_type=Amendment._meta.label_lower, subject_id=OuterRef("pk"), verb=verb
    ).values("reason")
    return Coalesce(Subquery(about[:1]), Value(""), output_field=TextField())


def reason_of(amendment: Amendment) -> str:
    """Why it was asked for, as the log has it."""
    return with_reasons(Amendment.objects.filter(pk=amendment.pk)).values_list("reason", flat=True)[0]


def difference(amendment: Amendment) -> list[tuple[str, str, str]]:
    """What would differ: (what, as it is, as it would be). A session is said by its first day."""
    found: list[tuple[str, str, str]] = []
    for name, (before, after) in amendment.changes.items():
        if name == "session":
            rows = Session.objects.in_bulk([before, after])
            old, new = (say(rows[pk].first_on) if pk in rows else "" for pk in (before, after))
            found.append((_("First day"), old, new))
        elif name == "days":
            found.append((_("When"), _days(before), _days(after)))
        else:
            found.append((_("Looks after the students"), before or "–", after))
    return found


def _days(rows: list[list[str]]) -> str:
    at = dt.time.fromisoformat
    return "; ".join(f"{say(dt.date.fromisoformat(on))}, {times(at(start), at(end))}" for on, start, end in rows)


def _apply(amendment: Amendment, *, by: Actor, now: dt.datetime) -> None:
    placement = amendment.placement
    ids = amendment.changes.get("session", [])
    sessions = capacity.lock(ids) if ids else {}
    _need_agreed(placement)
    move(amendment, "agreed", by=by, now=now)
    fields: dict = {}
    if "supervisor" in amendment.changes:
        fields["supervisor"] = amendment.changes["supervisor"][1]
    if ids:
        fields["session"] = sessions[ids[1]]
        _check_session(placement, sessions[ids[1]], now)
        # First back, then taken: a cap over both days counts the places once. Nobody sees between the two.
        capacity.give_back({ids[0]: placement.places})
        capacity.take({ids[1]: placement.places})
    Placement.objects.filter(pk=placement.pk).update(**fields)
    placement.refresh_from_db()
    if ids:
        moving.follow(placement, now=now)
    preparing.look_at_preparation(placement, now=now)
    # Other days also write the reminders anew.
    calendar.tell_people(placement, calendar.tell(placement, now=now), now=now)
    if ids:
        waiting.promote(ids[0], now=now)


def _check_session(placement: Placement, session: Session, now: dt.datetime) -> None:
    if session.opportunity_id != placement.session.opportunity_id or session.state != Session.State.PLANNED:
        raise CannotChange(_("Choose another session of the same offer."))
    if sentence := begun(session, now) or begun(placement.session, now):
        raise CannotChange(sentence)
    if session.left < placement.places:
        raise capacity.CannotPlace(_("Too few places are left on that day."), session=session.pk, left=session.left)
    students = [row.student for row in placement.students.select_related("student__year_group")]
    if elsewhere := days.clashing(students, session, but=placement):
        raise days.CannotAttendBoth(
            _("Already somewhere else at that time: %(aliases)s.") % {"aliases": ", ".join(elsewhere[:8])},
            aliases=elsewhere,
        )
    group, school = placement.group, placement.school
    hours.refuse_broken(hours.broken(session, school, group=group, students=students, but=placement, now=now), now)


def _need_agreed(placement: Placement) -> None:
    lock_state(placement)
    if placement.state not in CHANGEABLE:
        raise CannotChange(_("Only what is agreed and has not begun can be changed."))


def _need_party(amendment: Amendment, by: Actor) -> None:
    if not by.may(amendment, MAY):
        raise CannotAct(_("Only the school, the employer or the hub changes what was agreed."))
