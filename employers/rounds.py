"""Rounds: opened, reminded, escalated and closed by the calendar, safely run twice, late or killed.

Every step asks the rows what is still to do: places and messages have unique keys, states move by
compare-and-swap, scores are worked out from answers that no longer change. So a run that was killed
half-way is finished by the next, and one that comes late sends the one reminder that still makes
sense and none that does not.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Subquery
from django.utils.translation import gettext as _

from employers import assessing, framing
from employers.models import AssessmentRound, Employer, RoundPlace, SelfAssessment
from hubs.actors import SYSTEM, Actor, system
from hubs.errors import CannotAct, CannotMove, Refused
from hubs.log import record
from hubs.models import HUB_STAFF, Hub, Role
from hubs.moves import move
from hubs.outbox import queue
from hubs.recipients import hub_people, members
from hubs.wallclock import MORNING, WallTime, instant

log = logging.getLogger(__name__)

REMIND_DAYS = (21, 7, 2)  # before the last day; each once for that day
ESCALATE_DAYS = 5  # before the last day the hub hears who has not answered
STANDS_AFTER = dt.timedelta(days=14)  # what is confirmed outside a round becomes final
KEEPERS = HUB_STAFF | {SYSTEM}
FIELDS = ("framework", "name", "opens_on", "closes_on", "sizes", "sectors")


def plan_round(hub: Hub, fields: dict, *, by: Actor, now: dt.datetime) -> AssessmentRound:
    """A round that opens by itself on its day. Dates are local days of the hub."""
    row = AssessmentRound(hub=hub)
    _need_keeper(row, by)
    return _saved(row, fields, "planned", by=by, now=now)


def change_round(row: AssessmentRound, fields: dict, *, by: Actor, now: dt.datetime) -> None:
    """While planned everything; once open only its name and its last day."""
    _need_keeper(row, by)
    if row.state == "closed":
        raise Refused(_("This round is closed. Plan another."))
    if row.state == "open" and set(fields) - {"name", "closes_on"}:
        raise Refused(_("The round is open: only its name and its last day can change now."))
    _saved(row, fields, "changed", by=by, now=now)


def _saved(row: AssessmentRound, fields: dict, verb: str, *, by: Actor, now: dt.datetime) -> AssessmentRound:
    fields = {name: value for name, value in fields.items() if name in FIELDS}
    for name, value in fields.items():
        if name != "sectors":
            setattr(row, name, value)
    # Once open it goes on with its own standards, as everything under way does.
    if row.state == "planned" and not _may_ask_by(row):
        raise Refused(_("Choose standards that are in use and meant for employers."))
    if row.closes_on < row.opens_on:
        raise Refused(_("The last day comes before the first. Look at the two days again."))
    if row.closes_on < row.hub.today(now):
        raise Refused(_("The last day has passed already. Choose a later one."))
    same = AssessmentRound.objects.filter(hub=row.hub_id, name=row.name).exclude(pk=row.pk)
    if same.exists():
        raise Refused(_("There is a round called “%(name)s” already.") % {"name": row.name})
    with transaction.atomic():
        row.save()
        if "sectors" in fields:
            row.sectors.set(fields["sectors"])
        record(row, verb, by=by, now=now, fields=sorted(fields))
    return row


def call_off(row: AssessmentRound, *, by: Actor, now: dt.datetime) -> None:
    """A round that has not opened is put away: it asks nobody, and there is nothing to report."""
    _need_keeper(row, by)
    if row.state == "open":
        raise Refused(_("The round is open already. Close it instead."))
    move(row, "closed", by=by, now=now, also={"closed_at": now})


def _may_ask_by(row: AssessmentRound) -> bool:
    framework = row.framework
    return framework.hub_id == row.hub_id and framework.state == "published" and framework.side == "employer"


def asked_employers(row: AssessmentRound):
    """Active employers of the sizes and sectors the round names; all when it names none."""
    found = Employer.objects.filter(hub=row.hub_id, is_active=True)
    if row.sizes:
        found = found.filter(size__in=row.sizes)
    sectors = list(row.sectors.values_list("pk", flat=True))
    return found.filter(sectors__in=sectors).distinct() if sectors else found


# ---- What the calendar does -----------------------------------------------------------


def run_rounds(now: dt.datetime) -> int:
    """Open, remind, escalate and close what is due in every hub. Returns how many rounds it touched."""
    rows = AssessmentRound.objects.filter(hub__is_active=True).exclude(state="closed")
    touched = 0
    for row in rows.select_related("hub", "framework").order_by("pk"):
        try:
            touched += _run(row, now)
        except CannotMove:
            continue  # another run was a moment quicker; what it leaves undone the next one finishes
        except Exception:  # one round must not stop those of others; the next run tries it again
            log.exception("round %s could not be run", row.pk)
    return touched


def _run(row: AssessmentRound, now: dt.datetime) -> bool:
    today, by = row.hub.today(now), system(row.hub_id)
    if row.state == "planned" and row.opens_on <= today:
        open_round(row, by=by, now=now)
    if row.state == "open" and today <= row.closes_on:
        remind(row, now=now)
    if row.state == "open" and today > row.closes_on:
        close_round(row, by=by, now=now)
    return row.state != "planned"


def open_round(row: AssessmentRound, *, by: Actor, now: dt.datetime) -> None:
    """Ask everybody it is for: their places first, then the state, then the invitations, which every
    later run completes. What an employer has open already, or with the hub, counts for the round: by
    these standards nothing else can be begun beside it."""
    with transaction.atomic():
        _take_places(row)
        move(row, "open", by=by, now=now, also={"opened_at": now})
    invite(row, now=now)


def _take_places(row: AssessmentRound) -> None:
    RoundPlace.objects.bulk_create(
        [RoundPlace(hub_id=row.hub_id, employer=e, round=row) for e in asked_employers(row).order_by("pk")],
        ignore_conflicts=True,
    )
    begun = SelfAssessment.objects.loose().filter(framework=row.framework, hub=row.hub_id)
    begun.filter(employer__in=row.places.values("employer")).update(round=row)


def unanswered(row: AssessmentRound):
    """Employers asked in the round and active still that have sent nothing that counts for it."""
    sent = SelfAssessment.objects.answered().filter(round=row)
    return (
        Employer.objects.filter(pk__in=row.places.values("employer"), is_active=True)
        .exclude(pk__in=sent.values("employer"))
        .select_related("hub", "manager")
        .order_by("pk")
    )


def missing(row: AssessmentRound):
    """As `unanswered`; of a closed round those of its last day, as what was left of it may count for the next."""
    if "missing" not in row.report:
        return unanswered(row)
    return Employer.objects.filter(pk__in=row.report["missing"]).select_related("hub", "manager").order_by("pk")


def asked_of(employer: Employer) -> list[dict[str, Any]]:
    """[{round, answered, assessment}] that this employer was asked in, the newest first: whether it has sent what
    counts for the round, and the number of the newest of it, begun or sent, or None. Two statements."""
    own = SelfAssessment.objects.filter(employer=employer, round=OuterRef("pk"))
    rows = (
        AssessmentRound.objects.filter(places__employer=employer)
        .exclude(state="planned")
        .annotate(
            answered=Exists(SelfAssessment.objects.answered().filter(employer=employer, round=OuterRef("pk"))),
            assessment=Subquery(own.order_by("-started_at", "-pk").values("pk")[:1]),
        )
    )
    rows = rows.prefetch_related("sectors").order_by("-opens_on", "-pk")
    return [{"round": row, "answered": row.answered, "assessment": row.assessment} for row in rows]


def invite(row: AssessmentRound, *, now: dt.datetime) -> int:
    return _tell(row, "round-opened", "", now)


def remind(row: AssessmentRound, *, now: dt.datetime) -> int:
    """The invitation to whoever has none yet; then the newest reminder that is due, once to each
    person; then, near the end, one message to each manager. Both once for each last day: a round that is
    extended is reminded of anew. Returns how many rows were new."""
    left = (row.closes_on - row.hub.today(now)).days
    made = invite(row, now=now)
    due = [days for days in REMIND_DAYS if left <= days]
    # An invitation of the last hours is reminder enough.
    if due and row.opened_at and now - row.opened_at >= dt.timedelta(days=1):
        made += _tell(row, "round-reminder", f"{min(due)}-{row.closes_on}", now)
    return made + (escalate(row, now=now) if left <= ESCALATE_DAYS else 0)


def _tell(row: AssessmentRound, kind: str, version: str, now: dt.datetime) -> int:
    """To those who can sign in and answer; where nobody can, the hub hears of it and answers on behalf."""
    made = 0
    due = WallTime(row.hub.today(now), MORNING)
    until = instant(row.closes_on + dt.timedelta(days=1), dt.time(0), row.hub.zone)
    for employer in unanswered(row):
        with transaction.atomic():
            for person in members(employer, [Role.EMPLOYER_LEAD]):
                # One person may lead several employers: each is asked for by its own message.
                key = f"{employer.pk}-{version}"
                made += bool(
                    queue(kind, row, person, now=now, due_at=due, not_after=until, version=key, employer=employer.pk)
                )
    return made


def escalate(row: AssessmentRound, *, now: dt.datetime) -> int:
    """Each careers manager hears once who of the caseload has not answered; the list is made when
    the mail is."""
    people = {}
    for employer in unanswered(row):
        for person in hub_people(row.hub, employer):
            people[person.address.lower()] = person
    until = row.closes_on.isoformat()
    return sum(bool(queue("round-missing", row, people[a], now=now, version=until)) for a in sorted(people))


def close_round(row: AssessmentRound, *, by: Actor, now: dt.datetime) -> None:
    """What the hub has confirmed becomes final; every score is worked out again and compared; the
    report is kept and sent to the hub. An assessment at a time, so that a killed run is gone on with."""
    confirmed = row.assessments.filter(state="reviewed").select_related("employer")
    for one in confirmed.prefetch_related("framework").order_by("pk"):
        try:
            assessing.finalise(one, by=by, now=now)
        except CannotMove:
            continue  # somebody else did
    with transaction.atomic():
        move(row, "closed", by=by, now=now, also={"closed_at": now, "report": report(row)})
        for person in hub_people(row.hub):
            queue("round-report", row, person, now=now)


def report(row: AssessmentRound) -> dict:
    """How many were asked and answered, how the bands fell in each standard by the newest of each employer,
    which employers (by number) sent nothing, and which assessments (by number) no longer prove their score:
    none, unless somebody wrote into the database."""
    framework = framing.document_of(row.framework)
    standing = SelfAssessment.objects.standing().filter(round=row)
    # A sealed text in five languages is large: once for all, and not once a row.
    rows = list(standing.prefetch_related("framework", "answers").order_by("submitted_at", "pk"))
    # Whoever was confirmed may send another while the round is open; each employer counts once.
    newest = {one.employer_id: one for one in rows}
    bands = {s.code: Counter({band.code: 0 for band in framework.bands}) for s in framework.standards()}
    for one in newest.values():
        for code, score in one.result["standards"].items():
            if score["band"]:
                bands[code][score["band"]] += 1
    return {
        "asked": row.places.count(),
        "answered": len(newest),
        "states": dict(Counter(one.state for one in newest.values())),
        "missing": list(unanswered(row).values_list("pk", flat=True)),
        "bands": {code: dict(counts) for code, counts in bands.items()},
        "unproved": [one.pk for one in rows if not assessing.proves(one)],
    }


def finalise_confirmed(now: dt.datetime) -> int:
    """What was confirmed outside an open round two weeks ago stands from now on."""
    rows = SelfAssessment.objects.filter(state="reviewed", reviewed_at__lte=now - STANDS_AFTER)
    done = 0
    for one in rows.exclude(round__state="open").order_by("pk"):
        try:
            assessing.finalise(one, by=system(one.hub_id), now=now)
        except CannotMove:
            continue
        except Exception:  # one must not stop the others
            log.exception("self-assessment %s could not be made final", one.pk)
            continue
        done += 1
    return done


def _need_keeper(row: AssessmentRound, by: Actor) -> None:
    if not by.may(row, KEEPERS):
        raise CannotAct(_("Only the hub opens rounds."))
