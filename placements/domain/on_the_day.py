"""What a host tells the school on the day: something happened, somebody goes home for good."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from employers.people import employer_people
from hubs.actors import Actor
from hubs.errors import CannotAct, Refused
from hubs.log import record
from hubs.models import HUB_STAFF, LogEntry
from hubs.moves import lock_state
from hubs.outbox import occasion, queue
from hubs.recipients import hub_people
from hubs.wallclock import instant
from placements.domain import calendar, reminders
from placements.domain.people import school_people
from placements.models import Placement
from placements.models.placement import EMPLOYER_SIDE
from placements.models.request import COORDINATORS

HOSTS = EMPLOYER_SIDE | {"link:host"}
#: What happened, in the few words that are kept. What exactly is said on the telephone.
INCIDENTS = {
    "accident": gettext_lazy("Somebody was hurt or is ill"),
    "worry": gettext_lazy("I am worried about a student"),
    "conduct": gettext_lazy("Something went wrong between people"),
    "other": gettext_lazy("Something else"),
}
BEFORE, AFTER = dt.timedelta(days=1), dt.timedelta(days=7)


def report_incident(placement: Placement, kind: str, phone: str, *, by: Actor, now: dt.datetime) -> None:
    """Route an incident to the school and the hub at once: its kind and whom to ring back.

    Nothing more is asked or kept: details of a child belong to the school's own record. The
    telephone number stands in the message alone. Raises `CannotAct`, `Refused`.
    """
    if not by.may(placement, HOSTS | HUB_STAFF):
        raise CannotAct(_("Only the employer reports from the workplace."))
    if kind not in INCIDENTS:
        raise Refused(_("Choose what happened."))
    if not may_report(placement, now):
        raise Refused(_("This page is for the days of the placement. Please ring the school."))
    with transaction.atomic():
        for person in [*school_people(placement.school), *hub_people(placement.hub, placement.school)]:
            queue(
                "incident", placement, person, now=now, not_after=now + AFTER, version=occasion(now),
                what=kind, phone=phone.strip(),
            )  # fmt: skip
        record(placement, "incident_reported", by=by, now=now, what=kind)


def may_report(placement: Placement, now: dt.datetime) -> bool:
    """From the day before the start to a week after the end."""
    session = placement.session
    around = session.starts_at - BEFORE <= now <= session.ends_at + AFTER
    return around and placement.state in ("accepted", "ready", "under_way", "completed")


def told(placement: Placement) -> list[dt.datetime]:
    """When something was reported, oldest first: so that nobody reports twice for want of an answer."""
    rows = LogEntry.objects.about(placement).filter(verb="incident_reported").order_by("pk")
    return list(rows.values_list("at", flat=True))


def end_early(placement: Placement, last_day: dt.date, reason: str, *, by: Actor, now: dt.datetime) -> int:
    """The placement ends after `last_day` (a local date): later days are nobody's any more.

    They stay in the register as days missed, so that hours are credited for what was had, and
    free the students for anything else; calendars lose them. Returns how many days of students that are.
    Both sides and the hub are told. Raises `CannotAct`, `Refused`.
    """
    if not by.may(placement, HOSTS | COORDINATORS | HUB_STAFF):
        raise CannotAct(_("Only the employer, the school or the hub ends a placement early."))
    if not reason.strip():
        raise Refused(_("Say why: the other side reads it."))
    with transaction.atomic():
        lock_state(placement)
        if placement.state != "under_way":
            raise Refused(_("Only a placement that has begun ends early. Before that, call it off."))
        zone = placement.session.zone
        first = placement.session.first_on
        if not first <= last_day:
            raise Refused(_("The last day cannot lie before the first."))
        after = instant(last_day + dt.timedelta(days=1), dt.time(), zone)
        rows = placement.student_days.filter(starts_at__gte=after, live=True)
        count = rows.update(live=False, present=False, marked_at=now)
        if not count:
            raise Refused(_("Nobody is expected after that day, so nothing would change."))
        placement.ended_on = last_day
        placement.save(update_fields=["ended_on"])
        calendar.tell(placement, now=now)
        reminders.ask_at_early_end(placement, now=now)
        record(placement, "ended_early", by=by, now=now, reason=reason, last_day=last_day.isoformat(), days=count)
        people = [*school_people(placement.school), *employer_people(placement.employer)]
        for person in [*people, *hub_people(placement.hub, placement.school)]:
            queue(
                "ended-early", placement, person, now=now, version=occasion(now),
                last_day=last_day.isoformat(), why=reason.strip(),
                changes=[calendar.MOVED], gone=calendar.gone_from(placement),
            )  # fmt: skip
    return count


def tell_absence(placement: Placement, day: dt.date, absent: list[int], *, by: Actor, now: dt.datetime) -> None:
    """Tell the school at once that somebody it expects there is not; its own word needs no telling.

    Once for each day and set of absent students; nobody is named in the mail.
    """
    if not absent or by.hat in COORDINATORS or day != now.astimezone(placement.session.zone).date():
        return
    which = "-".join(str(pk) for pk in sorted(absent))
    for person in school_people(placement.school):
        queue(
            "absence", placement, person, now=now, not_after=now + dt.timedelta(days=1),
            version=f"{day.isoformat()}.{which}"[:80], day=day.isoformat(), count=len(absent),
        )  # fmt: skip
