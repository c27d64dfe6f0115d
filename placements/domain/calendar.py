"""What calendars are told: the rows behind feeds and invitations, kept true.

A verb that changes what a calendar shows calls `tell` in its own transaction. What changes
elsewhere (a title, an address, the days of a session) is found by `true_up`, which looks at
every placement that lies ahead, so that a change is told however it was made.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from django.db import transaction
from django.db.models import Count, Sum

from employers.people import employer_people
from hubs.actors import system
from hubs.locks import lock_rows
from hubs.log import record
from hubs.models import Message
from hubs.outbox import queue
from opportunities.models import SessionDay
from placements.domain import reminders
from placements.domain.people import asked_people, school_people
from placements.domain.sequences import following, with_others
from placements.models import CalendarEvent, Placement
from placements.models.calendar import new_stamp
from placements.models.placement import TAKING

AGREED = ("accepted", "ready", "under_way")
ASKED = ("held", "offered")
#: What changes in a row are, in words of the log and of the message.
MOVED, PLACE, SUPERVISOR, OTHER = "moved", "place", "supervisor", "other"
DAYS = ("on", "starts_at", "ends_at", "time_zone", "step", "count")
#: Follows from the days of the event and of the one after it.
ORDER = ("last_on", "followed_by", "gap_days")

TOLD_BY = ("placement-accepted", "placement-changed", "ended-early")
#: A message in one of these was not read; one that was passed over said what a later one says too.
UNSENT = (Message.State.DUE, Message.State.LEASED, Message.State.FAILED)

#: First day, from, until, days from one to the next, how many.
Run = tuple[dt.date, dt.time, dt.time, int, int]


def runs(days: Sequence[tuple[dt.date, dt.time, dt.time]]) -> list[Run]:
    """The days as few runs of equal hours, daily or weekly: clients show a run as one series."""
    found: list[Run] = []
    for on, starts, ends in days:
        if found:
            first, run_starts, run_ends, step, count = found[-1]
            apart = (on - first).days
            if (starts, ends) == (run_starts, run_ends):
                if count == 1 and apart in (1, 7):
                    found[-1] = (first, starts, ends, apart, 2)
                    continue
                if count > 1 and apart == step * count:
                    found[-1] = (first, starts, ends, step, count + 1)
                    continue
        found.append((on, starts, ends, 1, 1))
    return found


def tell(placement: Placement, *, now: dt.datetime, first: bool = False) -> frozenset[str]:
    """Bring the placement's events up to its present days, place and state; which kinds of
    change there were (`MOVED`, `PLACE`, `SUPERVISOR`, `OTHER`), none when calendars know all.

    Call it in the transaction of the change; the placement's row should be locked or just
    updated. An event keeps its UID through every change; one that is no longer meant is
    cancelled and may come back. `first`: there are none yet, and the days that its session has
    at hand were read under the session's lock.
    """
    known: list[CalendarEvent] = []
    days = placement.session.days.all()
    if not first:
        known = list(placement.events.select_for_update(of=("self",), no_key=True).order_by("on", "starts_at", "pk"))
        days = placement.session.days.order_by("on", "starts_at")
    wanted = _wanted(placement, days)
    pairs = _paired(known, wanted, placement, now)
    events = [event for event, _run in pairs]
    changes: set[str] = set()
    facts, status = facts_of(placement), status_of(placement)
    nexts = {id(a): b for a, b in pairwise(events)}
    own = {str(event.uid) for event in (*known, *events)}
    for event, (on, starts, ends, step, count) in pairs:
        after = nexts.get(id(event))
        last_on = on + dt.timedelta(days=step * (count - 1))
        followed_by, gap = _next(pairs, after, placement, status, last_on, first=first)
        new = {
            "on": on,
            "starts_at": starts,
            "ends_at": ends,
            "time_zone": placement.session.time_zone,
            "step": step,
            "count": count,
            "last_on": last_on,
            "status": status,
            "facts": facts,
            "followed_by": followed_by,
            "gap_days": gap,
        }
        changes |= _write(event, new, now, own)
    for event in known:
        if event not in events and event.status != "CANCELLED":
            changes |= _write(event, {"status": "CANCELLED", "followed_by": "", "gap_days": 0}, now, own)
    return frozenset(changes if known else ())  # the first events change nothing that was told


def _wanted(placement: Placement, days: Iterable[SessionDay]) -> list[Run]:
    """Those of its days that are not after the one on which it ended early."""
    last = placement.ended_on
    return runs([(day.on, day.starts_at, day.ends_at) for day in days if last is None or day.on <= last])


def _next(
    pairs: list[tuple[CalendarEvent, Run]], after: CalendarEvent | None, placement: Placement, status: str,
    last_on: dt.date, *, first: bool,
) -> tuple[str, int]:  # fmt: skip
    """What follows an event, and the whole days between: the next of its placement, or of the series it is in. When a
    placement is told for the first time nobody can say what its series is: `true_up` asks then."""
    if after is not None:
        return str(after.uid), max((after_on(pairs, after) - last_on).days - 1, 0)
    if first:
        return "", 0
    return following(placement, last_on) if status != "CANCELLED" else ("", 0)


def after_on(pairs: list[tuple[CalendarEvent, Run]], event: CalendarEvent) -> dt.date:
    return next(run[0] for one, run in pairs if one is event)


def _paired(
    known: list[CalendarEvent], wanted: list[Run], placement: Placement, now: dt.datetime
) -> list[tuple[CalendarEvent, Run]]:
    """Each run with the event that stood for it: by its first day, else in order, else a new one."""
    free = list(known)
    by_day = {}
    for run in wanted:
        same = next((event for event in free if event.on == run[0]), None)
        if same is not None:
            by_day[run] = same
            free.remove(same)
    free.sort(key=lambda event: (event.status == "CANCELLED", event.on))
    found = []
    for run in wanted:
        event = by_day.get(run) or (free.pop(0) if free else None)
        if event is None:
            event = CalendarEvent(hub_id=placement.hub_id, placement=placement, changed_at=now)
        found.append((event, run))
    return found


def _write(event: CalendarEvent, new: dict, now: dt.datetime, own: set[str]) -> set[str]:
    """Save what differs; the sequence rises once. A new event is another day. `own`: the UIDs of the placement's
    events. That another placement of the series comes next, or no longer does, is shown with another stamp under the
    same sequence: nobody answers an invitation anew for it, and a mail about this placement stays the latest."""
    changes = _kinds(event, new) if event.pk else {MOVED}
    if event.pk and not any(getattr(event, name) != value for name, value in new.items()):
        return set()
    elsewhere = bool(event.pk) and _links_elsewhere(event, new, own)
    for name, value in new.items():
        setattr(event, name, value)
    if event.pk:
        event.sequence += not elsewhere
        event.stamp = new_stamp()
        event.changed_at = now
        event.save(update_fields=[*new, "sequence", "stamp", "changed_at"])
    else:
        event.save()
    return changes


def _links_elsewhere(event: CalendarEvent, new: dict, own: set[str]) -> bool:
    differs = {name for name, value in new.items() if getattr(event, name) != value}
    return differs <= {"followed_by", "gap_days"} and not own & {event.followed_by, new["followed_by"]}


def _kinds(event: CalendarEvent, new: dict) -> set[str]:
    differs = {name for name, value in new.items() if getattr(event, name) != value}
    found = set()
    comes_or_goes = "status" in differs and "CANCELLED" in (event.status, new["status"])
    if comes_or_goes or differs.intersection(DAYS):
        found.add(MOVED)
    if "facts" in differs:
        for name, kind in (("place", PLACE), ("supervisor", SUPERVISOR)):
            if event.facts.get(name) != new["facts"][name]:
                found.add(kind)
    return found or ({OTHER} if differs.difference(ORDER) else set())


def facts_of(placement: Placement) -> dict:
    """What an event says, in no language: never a student's name."""
    session = placement.session
    opportunity, site = session.opportunity, session.opportunity.site
    parts = (site.name, site.address, site.town, site.postcode) if site is not None else ()
    return {
        "title": opportunity.title,
        "summary": opportunity.summary,
        "employer": placement.employer.name,
        "school": placement.school.name,
        "group": placement.group.name if placement.group else "",
        "places": placement.places,
        "supervisor": placement.supervisor,
        "place": ", ".join(part for part in parts if part),
        "online": opportunity.is_online,
    }


def status_of(placement: Placement) -> str:
    if placement.state in ("held", "offered"):
        return "TENTATIVE"
    return "CONFIRMED" if placement.state in TAKING else "CANCELLED"


def version_of(placement: Placement) -> str:
    """What a message about the events was written for; it differs after every change, and an
    event that was added is one: it may change no other."""
    told = placement.events.aggregate(total=Sum("sequence"), count=Count("pk"))
    return f"{placement.sequence}.{(told['total'] or 0) + max(told['count'] - 1, 0)}"


def tell_people(placement: Placement, changes: frozenset[str], *, now: dt.datetime) -> None:
    """Write the messages of a change: feeds are read once a day or less. While nothing is
    agreed, only other days or another place are worth a mail, to those who know of it. A mail
    takes the place of one that was not sent yet, and says what that would have said."""
    if not changes:
        return
    if placement.state in AGREED:
        if MOVED in changes:
            reminders.write_anew(placement, now=now)
        people = [*school_people(placement.school), *employer_people(placement.employer)]
    elif placement.state in ASKED:
        changes &= {MOVED, PLACE}
        people = [*school_people(placement.school), *(asked_people(placement) if placement.state == "offered" else ())]
    else:
        return
    untold, version, gone = _untold(placement), version_of(placement), gone_from(placement)
    for person in people:
        if said := changes | untold[person.address.lower()]:
            queue(
                "placement-changed",
                placement,
                person,
                now=now,
                not_after=placement.session.ends_at,
                version=version,
                changes=sorted(said),
                gone=gone,
            )


def _untold(placement: Placement) -> defaultdict[str, set[str]]:
    """The changes written for each address, in lower case, since the last mail it was sent, or
    since it was agreed, which says all anew. A sender that has one in hand holds the placement, as we do."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    rows = Message.objects.about(placement).filter(kind__in=TOLD_BY)
    for kind, address, state, facts in rows.order_by("pk").values_list("kind", "address", "state", "facts"):
        if state == Message.State.SENT or kind == "placement-accepted":
            found[address.lower()].clear()
        elif state in UNSENT:
            found[address.lower()].update(facts.get("changes", ()))
    return found


def gone_from(placement: Placement) -> dict[str, int]:
    """The sequence of each event that is called off, by UID: what a mail written now takes out of calendars."""
    return {str(event.uid): event.sequence for event in placement.events.filter(status="CANCELLED")}


def told_gone(placement: Placement, address: str) -> dict[str, int]:
    """The same as the mails say that this reader was sent. By the rows and not by the hour: a
    mail that is handed over was written for the events as they stand, whenever that was."""
    rows = Message.objects.about(placement).filter(kind__in=TOLD_BY, state=Message.State.SENT, address__iexact=address)
    found: dict[str, int] = {}
    for facts in rows.order_by("pk").values_list("facts", flat=True):
        found.update(facts.get("gone", {}))
    return found


def true_up(now: dt.datetime, *, batch: int = 200) -> int:
    """Find what calendars do not know yet of anything that lies ahead, and tell it.

    Returns how many placements had changed. Each is its own transaction.
    """
    done, last = 0, 0
    ahead = Placement.objects.with_all().filter(session__ends_at__gt=now)
    while rows := list(ahead.filter(pk__gt=last).prefetch_related("events").order_by("pk")[:batch]):
        last = rows[-1].pk
        many = with_others({row.request_id for row in rows})
        done += sum(_true_up_one(row.pk, now) for row in rows if _differs(row, in_series=row.request_id in many))
    return done


def _differs(placement: Placement, *, in_series: bool) -> bool:
    """A cheap look, without a lock, at whether `tell` would write anything."""
    facts, status = facts_of(placement), status_of(placement)
    wanted = _wanted(placement, placement.session.days.all())
    live = [event for event in placement.events.all() if status == "CANCELLED" or event.status != "CANCELLED"]
    told = [(event.on, event.starts_at, event.ends_at, event.step, event.count) for event in live]
    if status == "CANCELLED":
        return any(event.status != "CANCELLED" for event in live)
    zone = placement.session.time_zone
    last = live[-1] if live else None
    # What followed may be called off, and none be left of the series.
    led_on = last is not None and bool(last.followed_by)
    if (
        last is not None
        and (in_series or led_on)
        and (last.followed_by, last.gap_days) != following(placement, last.last_on)
    ):
        return True
    return told != wanted or any(
        (event.facts, event.status, event.time_zone) != (facts, status, zone) for event in live
    )


@transaction.atomic
def _true_up_one(pk: int, now: dt.datetime) -> int:
    lock_rows(Placement.objects.filter(pk=pk))
    placement = Placement.objects.with_all().get(pk=pk)
    changes = tell(placement, now=now)
    if not changes:
        return 0
    record(placement, "calendar_changed", by=system(placement.hub_id), now=now, changes=sorted(changes))
    tell_people(placement, changes, now=now)
    return 1
