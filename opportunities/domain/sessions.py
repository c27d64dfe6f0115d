"""Dated occasions with places: added, repeated, resized, called off.

Local dates, times and the zone are the truth; the envelope as instants follows from them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import EllipsisType
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubs.actors import Actor, system
from hubs.errors import CannotAct, Refused
from hubs.log import record
from hubs.models import EMPLOYER_ROLES, HUB_STAFF
from hubs.moves import lock_state, move
from hubs.wallclock import instant, is_public_holiday
from hubs.words import day as say
from opportunities import reach
from opportunities.models import Opportunity, Session, SessionDay
from opportunities.models.offer import LEADS

MOST_DAYS = 60
MOST_PLACES = 999
MOST_REPEATS = 40
#: Weeks a series looks ahead for those it keeps.
MOST_WEEKS = 100
MOST_BREAK = 240  # minutes
#: Code of the refusal that asks once more before it is done.
NOBODY_COMES = "nobody_comes"
FURTHEST = dt.timedelta(days=731)
WEEK = dt.timedelta(days=7)

#: A local date, and from when until when on its wall clock.
Day = tuple[dt.date, dt.time, dt.time]


def may_write(opportunity: Opportunity, by: Actor) -> bool:
    """Anybody of the employer drafts; what the hub or schools look at, leads and the hub change."""
    return by.may(opportunity, (EMPLOYER_ROLES if opportunity.state == "draft" else LEADS) | HUB_STAFF)


def need_writer(opportunity: Opportunity, by: Actor) -> None:
    """Raise `CannotAct` or `Refused` unless this actor may change it in its present state."""
    if not may_write(opportunity, by):
        raise CannotAct(_("Only a lead of the employer or the hub changes what is offered."))
    if opportunity.state == "submitted" and not by.is_hub_staff:
        raise Refused(_("The hub is looking at this now. Take it back first, then change it."))
    if opportunity.state == "withdrawn":
        raise Refused(_("This opportunity is withdrawn. Make a new one instead."))


def envelope(days: Sequence[Day], zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
    """First and last instant of the days, as UTC. A time the clocks skip moves forward; of
    two equal times the first is meant."""
    return instant(days[0][0], days[0][1], zone), instant(days[-1][0], days[-1][2], zone)


def check_days(days: Sequence[Day], zone: ZoneInfo, now: dt.datetime) -> None:
    """Raise `Refused` unless the days are 1 to 60, in order, apart, ahead, and make sense."""
    if not days:
        raise Refused(_("Give at least one day."))
    if len(days) > MOST_DAYS:
        raise Refused(
            _("A session has at most %(most)s days. Make a second session of the rest.") % {"most": MOST_DAYS}
        )
    for before, after in pairwise(days):
        if before[0] == after[0]:
            raise Refused(_("%(day)s is there twice. Remove one of the two.") % {"day": say(after[0], now)})
        if after[0] < before[0]:
            raise Refused(
                _("%(day)s comes before the day above it. Put the days in order.") % {"day": say(after[0], now)}
            )
    for on, start, end in days:
        if end <= start or instant(on, end, zone) <= instant(on, start, zone):
            raise Refused(_("On %(day)s the end is not after the beginning.") % {"day": say(on, now)})
    if instant(days[0][0], days[0][1], zone) <= now:
        raise Refused(_("%(day)s has passed. Choose a day that lies ahead.") % {"day": say(days[0][0], now)})
    if days[-1][0] > now.astimezone(zone).date() + FURTHEST:
        raise Refused(_("%(day)s is more than two years away. Look at the year.") % {"day": say(days[-1][0], now)})


@transaction.atomic
def add_session(
    opportunity: Opportunity, days: Sequence[Day], places: int, *, group_min: int = 1, group_max: int | None = None,
    break_minutes: int | None = None, opens_on: dt.date | None = None, closes_on: dt.date | None = None,
    zone: str = "", by: Actor, now: dt.datetime,
) -> Session:  # fmt: skip
    """A session of 1 to 60 local days with `places` for students.

    `zone` names the time zone of the wall clock (default: the hub's). `opens_on` and
    `closes_on` bound the days on which schools may ask, both included. `break_minutes` is the
    break on each day; None is "nobody said". A group of one school is `group_min` to `group_max` students; None is
    "as many as there are places".
    """
    need_writer(opportunity, by)
    zone = zone or opportunity.hub.time_zone
    check_days(days, ZoneInfo(zone), now)
    _check_places(places, group_min)
    check_largest(group_min, group_max)
    _check_window(opens_on, closes_on, days[0][0])
    starts_at, ends_at = envelope(days, ZoneInfo(zone))
    session = Session.objects.create(
        hub=opportunity.hub,
        employer=opportunity.employer,
        opportunity=opportunity,
        time_zone=zone,
        starts_at=starts_at,
        ends_at=ends_at,
        places=places,
        group_min=group_min,
        group_max=group_max,
        break_minutes=break_minutes,
        opens_on=opens_on,
        closes_on=closes_on,
        created_at=now,
    )
    _write_days(session, days)
    record(session, "added", by=by, now=now, places=places, days=len(days))
    return session


def _write_days(session: Session, days: Sequence[Day]) -> None:
    SessionDay.objects.bulk_create(
        SessionDay(session=session, on=on, starts_at=start, ends_at=end) for on, start, end in days
    )


def put_days(session: Session, days: Sequence[Day]) -> Session:
    """Other days for a session, on the same wall clock; the session as it is then. The time in which schools ask ends
    on the new first day at the latest. The caller holds the session's lock, and has checked and told what follows."""
    first_on = days[0][0]
    starts_at, ends_at = envelope(days, session.zone)
    session.days.all().delete()
    _write_days(session, days)
    Session.objects.filter(pk=session.pk).update(
        starts_at=starts_at,
        ends_at=ends_at,
        opens_on=min(session.opens_on, first_on) if session.opens_on else None,
        closes_on=min(session.closes_on, first_on) if session.closes_on else None,
        version=F("version") + 1,
    )
    return Session.objects.get(pk=session.pk)


@dataclass(frozen=True)
class Turn:
    """One week of a series. `skipped` says why it is left out."""

    days: tuple[Day, ...]
    skipped: str = ""


def nobody_comes(opportunity: Opportunity, *, now: dt.datetime) -> Callable[[Sequence[Day]], str]:
    """Why a week of a series is left out: no group of the right age could come on its days. "" where one could, or
    while no school in reach has such a group."""
    calendars = reach.calendars_of(opportunity, now=now)

    def closed(shifted: Sequence[Day]) -> str:
        found = calendars.reach(shifted)
        return found.sentence if found is not None and not found.able else ""

    return closed


def plan_series(
    days: Sequence[Day], times: int, *, jurisdiction: str, closed: Callable[[Sequence[Day]], str] = lambda days: ""
) -> list[Turn]:
    """The same days again each week until `times` of them are kept; wall-clock times stay the same when clocks
    change. A week with a public holiday, or of which `closed` says why not, is skipped and does not count.

    The first one is what was typed: it is taken or refused as it is. Raises `Refused`.
    """
    if not 1 <= times <= MOST_REPEATS:
        raise Refused(_("Repeat it 1 to %(most)s times.") % {"most": MOST_REPEATS})
    if times > 1 and days and (days[-1][0] - days[0][0]) >= WEEK:
        raise Refused(_("Days that span more than a week cannot repeat every week. Add the sessions one by one."))
    turns = [Turn(tuple(days))]
    for week in range(1, MOST_WEEKS):
        if sum(not turn.skipped for turn in turns) == times:
            break
        shifted = tuple((on + week * WEEK, start, end) for on, start, end in days)
        holiday = any(is_public_holiday(on, jurisdiction) for on, _start, _end in shifted)
        turns.append(Turn(shifted, _("A public holiday.") if holiday else closed(shifted)))
    while turns[-1].skipped:  # weeks looked at in vain
        turns.pop()
    return turns


@transaction.atomic
def add_sessions(
    opportunity: Opportunity,
    turns: Sequence[Sequence[Day]],
    places: int,
    *,
    sure: Collection[dt.date] = (),
    by: Actor,
    now: dt.datetime,
    **options,
) -> list[Session]:
    """A session of each: all of them, or none. `options` are those of `add_session`.

    Raises `Refused` with code "nobody_comes" and the `days` in doubt for a public holiday and for days on which no
    group could come, unless `sure` names them all: somebody was asked about those already.
    """
    if not turns:
        raise Refused(_("Every date is left out. Keep at least one."))
    made = [add_session(opportunity, days, places, by=by, now=now, **options) for days in turns]
    asked = reach.doubts(opportunity, [days for days in turns if not set(sure).issuperset(_dates(days))], now=now)
    if doubtful := [days for days, doubt in asked.items() if doubt]:
        sentence = " ".join([*dict.fromkeys(filter(None, asked.values())), _("Offer it all the same?")])
        raise Refused(sentence, code=NOBODY_COMES, days=[str(on) for days in doubtful for on in _dates(days)])
    return made


def _dates(days: Sequence[Day]) -> list[dt.date]:
    return [on for on, _start, _end in days]


@transaction.atomic
def add_series(
    opportunity: Opportunity,
    days: Sequence[Day],
    places: int,
    *,
    times: int,
    by: Actor,
    now: dt.datetime,
    **options,
) -> list[Session]:
    """What `plan_series` finds, a week on which `nobody_comes` being skipped too. Fewer than `times` are made where
    the schools' calendars end before."""
    rule = {"closed": nobody_comes(opportunity, now=now)} if times > 1 else {}
    turns = plan_series(days, times, jurisdiction=opportunity.hub.jurisdiction, **rule)
    return add_sessions(
        opportunity, [turn.days for turn in turns if not turn.skipped], places, by=by, now=now, **options
    )


#: Called with a session that has more places than before, and whose lock is held: upper floors add
#: what they have waiting for it.
ROOM_MADE: list[Callable[[Session, dt.datetime], object]] = []


@transaction.atomic
def change_places(
    session: Session,
    places: int,
    *,
    places_seen: int | None = None,
    anyway: bool = False,
    reason: str = "",
    by: Actor,
    now: dt.datetime,
) -> None:
    """More or fewer places. Below those already taken only `anyway`, with a reason: the session is then
    over-committed, nothing more can be taken in it, and the hub finds other places for those too many.

    Raises `Refused` with code "below_taken" otherwise, and with "stale" when there are no longer `places_seen`,
    which the editor read.
    """
    need_writer(session.opportunity, by)
    _check_places(places, session.group_min)
    lock_state(session, "taken", "places")
    before = session.places
    if session.state != "planned":
        raise Refused(_("This session is %(state)s.") % {"state": session.get_state_display()})
    if places_seen is not None and places_seen != session.places:
        raise Refused(_stale(session), code="stale", places=session.places)
    if places < session.taken and not anyway:
        raise Refused(_below_taken(session), code="below_taken", taken=session.taken)
    if places < session.taken and not reason.strip():
        raise Refused(_("Say why: the hub reads it, and finds other places."), code="below_taken", taken=session.taken)
    Session.objects.filter(pk=session.pk).update(
        places=places, over_committed=session.taken > places, version=F("version") + 1
    )
    session.refresh_from_db()
    record(session, "places_changed", by=by, now=now, reason=reason, before=before, after=places)
    if places > before:
        for told in ROOM_MADE:
            told(session, now)


def _stale(session: Session) -> str:
    return ngettext(
        "Somebody else changed this meanwhile: it has %(places)s place now. Save once more if yours is right.",
        "Somebody else changed this meanwhile: it has %(places)s places now. Save once more if yours is right.",
        session.places,
    ) % {"places": session.places}


def _below_taken(session: Session) -> str:
    return ngettext(
        "%(taken)s place is taken already. Keep at least as many, or say why you cannot.",
        "%(taken)s places are taken already. Keep at least as many, or say why you cannot.",
        session.taken,
    ) % {"taken": session.taken}


#: Called with a session whose break is another one, its lock held, and whether it is a shorter one: upper
#: floors refuse what those who come already may not be asked to do.
BREAK_CHANGED: list[Callable[[Session, bool, dt.datetime], object]] = []


@transaction.atomic
def set_break(
    session: Session, minutes: int | None, *, seen: int | EllipsisType | None = ..., by: Actor, now: dt.datetime
) -> None:
    """How long the break is on each day, in minutes; None when nobody knows yet. Refused, with code "stale", when it
    is no longer what the editor read (`seen`); refused as well when it would break a limit on hours for students
    whose placement is agreed."""
    need_writer(session.opportunity, by)
    if minutes is not None and not 0 <= minutes <= MOST_BREAK:
        raise Refused(_("A break is 0 to %(most)s minutes.") % {"most": MOST_BREAK})
    lock_state(session, "break_minutes")
    before = session.break_minutes
    if session.state != "planned":
        raise Refused(_("This session is over or called off."))
    if seen is not ... and seen != before:
        raise Refused(_("Somebody else set the break meanwhile. Look again, then save yours."), code="stale")
    Session.objects.filter(pk=session.pk).update(break_minutes=minutes)
    session.break_minutes = minutes
    record(session, "break_set", by=by, now=now, before=before, after=minutes)
    if minutes != before:
        for told in BREAK_CHANGED:
            told(session, (minutes or 0) < (before or 0), now)


def kept_by_places(session: Session) -> str | None:
    """Why the session cannot be called off while schools hold places in it, or None."""
    if not session.taken:
        return None
    return ngettext(
        "%(taken)s place is given to a school. Call off that placement first; the school is then told.",
        "%(taken)s places are given to schools. Call off those placements first; the schools are then told.",
        session.taken,
    ) % {"taken": session.taken}


#: Called with a session that was called off and why, its lock held: upper floors end what waits for it.
CALLED_OFF: list[Callable[[Session, str, dt.datetime], object]] = []


@transaction.atomic
def cancel_session(session: Session, reason: str, *, by: Actor, now: dt.datetime) -> None:
    """Call off a session nobody is placed in. With places taken it is refused: the
    placements are called off first, so that everybody is told."""
    if not reason.strip():
        raise Refused(_("Say why: schools that looked at it may ask."))
    if not by.may(session, LEADS | HUB_STAFF):
        raise CannotAct(_("Only a lead of the employer or the hub calls a session off."))
    lock_state(session, "taken", "places", "version")
    if sentence := kept_by_places(session):
        raise Refused(sentence, code="has_placements", taken=session.taken)
    move(session, "cancelled", by=by, now=now, reason=reason, also={"version": session.version + 1})
    for told in CALLED_OFF:
        told(session, reason.strip(), now)


def finish_past(now: dt.datetime) -> int:
    """Mark sessions whose last day has ended as over; how many. Each is its own transaction."""
    done = 0
    for session in Session.objects.filter(state="planned", ends_at__lte=now).order_by("pk"):
        try:
            move(session, "over", by=system(session.hub_id), now=now)
        except Refused:
            continue  # somebody called it off a moment ago
        done += 1
    return done


def _check_places(places: int, group_min: int) -> None:
    if not 1 <= places <= MOST_PLACES:
        raise Refused(_("Offer 1 to %(most)s places.") % {"most": MOST_PLACES})
    if not 1 <= group_min <= places:
        raise Refused(_("The smallest group is at least 1 and no larger than the places."))


def check_largest(group_min: int, group_max: int | None) -> None:
    """Raise `Refused` unless the largest group is None, or `group_min` to `MOST_PLACES` students."""
    if group_max is not None and not group_min <= group_max <= MOST_PLACES:
        raise Refused(_("The largest group cannot be smaller than the smallest."))


def _check_window(opens_on: dt.date | None, closes_on: dt.date | None, first_on: dt.date) -> None:
    if opens_on and closes_on and closes_on < opens_on:
        raise Refused(_("Requests cannot close before they open."))
    if closes_on and closes_on > first_on:
        raise Refused(_("Requests have to close by the day it begins."))
    if opens_on and opens_on > first_on:
        raise Refused(_("Requests have to open before the day it begins."))
