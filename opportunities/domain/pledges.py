"""What an employer thinks it can give in a year, before any date: said, changed, asked for again at the right time."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from employers.models import Employer
from employers.people import employer_people, people_of_each
from hubs.actors import Actor
from hubs.errors import CannotAct, Refused
from hubs.locks import lock_rows
from hubs.log import record
from hubs.models import EMPLOYER_ROLES, HUB_STAFF, Hub, Message
from hubs.outbox import Recipient, queue
from hubs.wallclock import MORNING, WallTime
from opportunities.domain.plans import TOO_LITTLE_YEAR, year_for
from opportunities.models import EncounterType, Pledge

PLEDGERS = EMPLOYER_ROLES | HUB_STAFF
#: What a person may fill in.
FIELDS = frozenset(
    {
        "answer", "reasons", "reason", "hours", "places", "min_age", "max_age", "months", "encounter_types", "sites",
        "ask_again_on",
    }
)  # fmt: skip
#: How long a "maybe" has to become one or the other.
MAYBE_FOR = dt.timedelta(weeks=4)
YOUNGEST, OLDEST = 5, 25
MOST_HOURS, MOST_PLACES = 2000, 999


class CannotPledge(Refused):
    """What was said does not hold together, or somebody else has said something meanwhile."""

    code = "cannot_pledge"


def asked_for(hub: Hub, now: dt.datetime) -> dt.date:
    """First day of the academic year that is asked about now: this one, or the next near its end."""
    return year_for(hub, now)


def pledge_of(employer: Employer, year: dt.date) -> Pledge | None:
    return Pledge.objects.filter(employer=employer, year_starts_on=year).first()


def as_read(row: Pledge | None) -> str:
    """A mark of what was read: another one once somebody has answered again."""
    return row.answered_at.isoformat() if row else ""


@transaction.atomic
def pledge(employer: Employer, fields: dict, *, seen: str | None = None, by: Actor, now: dt.datetime) -> Pledge:
    """The employer's answer for the year asked about now, new or instead of the one before.

    `fields` holds names of `FIELDS`, all of what is said: what is left out is said no longer. `seen` is the `as_read`
    of what the writer had before them. Raises `CannotPledge` ("stale" when that is no longer so), `CannotAct`.
    """
    if unknown := set(fields) - FIELDS:
        raise KeyError(f"not a field of a pledge: {', '.join(sorted(unknown))}")
    lock_rows(Employer.objects.filter(pk=employer.pk))  # two answers at once come one after the other
    year = asked_for(employer.hub, now)
    before = pledge_of(employer, year)
    row = before or Pledge(hub=employer.hub, employer=employer, year_starts_on=year)
    if not by.may(row, PLEDGERS):
        raise CannotAct(_("Only people of the employer or the hub say what it can give."))
    if seen is not None and seen != as_read(before):
        raise CannotPledge(_("Somebody else answered meanwhile. Look at that first, then save yours."), code="stale")
    kinds, sites = list(fields.get("encounter_types") or ()), list(fields.get("sites") or ())
    for name in FIELDS - {"encounter_types", "sites"}:
        given = fields.get(name)
        setattr(row, name, [] if given is None and name in ("reasons", "months") else given)
    row.reason, row.answered_at = (row.reason or "").strip(), now
    _check(row, kinds, sites)
    row.ask_again_on = _again_on(row, now)
    row.save()
    row.encounter_types.set(kinds)
    row.sites.set(sites)
    record(row, "pledged", by=by, now=now, answer=row.answer, hours=row.hours, places=row.places)
    return row


def _check(row: Pledge, kinds: Sequence, sites: Sequence) -> None:
    if row.answer not in Pledge.Answer.values:
        raise CannotPledge(_("Say yes, maybe or not this year."))
    if row.answer == Pledge.Answer.NO and not row.reasons and not row.reason:
        raise CannotPledge(_("Say why not this year: the hub looks for something simpler, or asks again later."))
    if not set(row.reasons) <= set(Pledge.Reason.values):
        raise CannotPledge(_("Choose reasons from the list, or write yours in words."))
    if not set(row.months) <= set(range(1, 13)):
        raise CannotPledge(_("Months are numbers from 1 to 12."))
    row.months, row.reasons = sorted(set(row.months)), sorted(set(row.reasons))
    low, high = row.min_age, row.max_age
    given = [age for age in (low, high) if age is not None]
    if any(not YOUNGEST <= age <= OLDEST for age in given) or given != sorted(given):
        raise CannotPledge(
            _("Ages go from %(youngest)s to %(oldest)s, the youngest first.") % {"youngest": YOUNGEST, "oldest": OLDEST}
        )
    if (row.hours or 0) > MOST_HOURS or (row.places or 0) > MOST_PLACES:
        raise CannotPledge(
            _("At most %(hours)s hours and %(places)s places.") % {"hours": MOST_HOURS, "places": MOST_PLACES}
        )
    if any(kind.hub_id != row.hub_id for kind in kinds) or any(site.employer_id != row.employer_id for site in sites):
        raise CannotPledge(_("Choose formats and sites from the list."))


def _again_on(row: Pledge, now: dt.datetime) -> dt.date:
    """The day the employer named, if it lies ahead; a maybe in four weeks; else when the next year is planned."""
    today = row.hub.today(now)
    if row.ask_again_on is not None:
        if row.ask_again_on <= today:
            raise CannotPledge(_("Ask again on a day that lies ahead, or leave it to us."))
        return row.ask_again_on
    return _usual(row, today)


def usual_day(row: Pledge) -> dt.date:
    """When somebody who named no day is asked again, seen from the day of the answer."""
    return _usual(row, row.hub.today(row.answered_at))


def _usual(row: Pledge, today: dt.date) -> dt.date:
    _first, last = row.hub.academic_year_of(row.year_starts_on)
    planned = last - TOO_LITTLE_YEAR + dt.timedelta(days=1)
    return min(planned, today + MAYBE_FOR) if row.answer == Pledge.Answer.MAYBE else planned


# ---- Asking ------------------------------------------------------------------


def latest(hub: Hub) -> dict[int, Pledge]:
    """The newest answer of each employer of the hub."""
    rows = Pledge.objects.filter(hub=hub).order_by("year_starts_on")
    return {row.employer_id: row for row in rows.select_related("employer")}


def queue_pledge_reminders(now: dt.datetime) -> int:
    """Ask again whose day has come, at eight in the morning of the hub; how many rows are new. Safe as often as one
    likes: the row's key names the day."""
    return sum(_ask_again(hub, now) for hub in Hub.objects.filter(is_active=True))


def _ask_again(hub: Hub, now: dt.datetime) -> int:
    today, made = hub.today(now), 0
    for row in latest(hub).values():
        if row.ask_again_on is None or row.ask_again_on > today or not row.employer.is_active:
            continue
        for person in employer_people(row.employer):
            due, version = WallTime(today, MORNING), f"{row.ask_again_on}"
            made += bool(queue("pledge-again", row, person, now=now, due_at=due, version=version))
    return made


def unanswered(hub: Hub, now: dt.datetime) -> QuerySet[Employer]:
    """Employers in use that have not said anything about the year asked about now."""
    said = Pledge.objects.filter(hub=hub, year_starts_on=asked_for(hub, now)).values("employer")
    return Employer.objects.filter(hub=hub, is_active=True).exclude(pk__in=said).order_by("name", "pk")


def to_ask(hub: Hub, now: dt.datetime) -> list[tuple[Employer, list[Recipient]]]:
    """Employers that have not answered for the year, each with those who would get a mail now. Nobody is asked about
    the same year a second time in one month."""
    queued = Message.objects.filter(hub=hub, kind="pledge-asked", version=_round(hub, now))
    asked = set(queued.values_list("subject_id", "address"))
    employers = list(unanswered(hub, now).select_related("hub"))
    people = people_of_each(employers)
    return [(one, [who for who in people[one.pk] if (one.pk, who.address) not in asked]) for one in employers]


def _round(hub: Hub, now: dt.datetime) -> str:
    return f"{asked_for(hub, now)}-{hub.today(now):%Y-%m}"


@transaction.atomic
def ask(hub: Hub, *, by: Actor, now: dt.datetime) -> int:
    """Ask those of `to_ask`; how many mails are new."""
    made, year, version = 0, asked_for(hub, now), _round(hub, now)
    for employer, people in to_ask(hub, now):
        if not by.may(employer, HUB_STAFF):
            raise CannotAct(_("Only the hub asks its employers."))
        new = [queue("pledge-asked", employer, person, now=now, version=version) for person in people]
        if any(new):
            record(employer, "pledge_asked", by=by, now=now, year=str(year))
        made += sum(map(bool, new))
    return made


# ---- All of a hub ------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """What those who said yes (and, apart from it, maybe) would give of one format, or in one month."""

    name: str
    yes: int
    maybe: int
    places: int


@dataclass(frozen=True)
class Overview:
    """`counts` by answer; `places` and `hours` of those who said yes. A pledge with two formats counts in both lines,
    so lines do not add up to the whole. `silent`: (id, name) of who has not answered, by name."""

    year: dt.date
    rows: list[Pledge]
    counts: dict[str, int]
    places: int
    hours: int
    formats: list[Line]
    months: list[tuple[int, Line]]
    reasons: list[tuple[str, int]]
    silent: list[tuple[int, str]]


def overview(hub: Hub, now: dt.datetime) -> Overview:
    """What employers of the hub have said about the year asked about now, in three statements."""
    year = asked_for(hub, now)
    found = Pledge.objects.filter(hub=hub, year_starts_on=year).select_related("employer")
    rows = list(found.prefetch_related("encounter_types").order_by("employer__name", "pk"))
    sure = [row for row in rows if row.answer == Pledge.Answer.YES]
    why = Counter(reason for row in rows for reason in row.reasons)
    kinds = {kind.pk: kind for row in rows for kind in row.encounter_types.all()}
    formats = [
        _line(kind.name, [row for row in rows if kind in row.encounter_types.all()])
        for kind in sorted(kinds.values(), key=lambda kind: (kind.stage, kind.name))
    ]
    months = [(month, _line("", [row for row in rows if month in row.months])) for month in _of_year(year)]
    return Overview(
        year=year,
        rows=rows,
        counts={answer: sum(row.answer == answer for row in rows) for answer in Pledge.Answer.values},
        places=sum(row.places or 0 for row in sure),
        hours=sum(row.hours or 0 for row in sure),
        formats=formats,
        months=[(month, line) for month, line in months if line.yes or line.maybe],
        reasons=[(str(Pledge.Reason(code).label), count) for code, count in why.most_common() if code in WORDS],
        silent=list(unanswered(hub, now).values_list("pk", "name")),
    )


WORDS = frozenset(Pledge.Reason.values)


def _of_year(year: dt.date) -> list[int]:
    """Numbers of the months in the order the academic year has them."""
    return [(year.month - 1 + after) % 12 + 1 for after in range(12)]


def _line(name: str, rows: list[Pledge]) -> Line:
    sure = [row for row in rows if row.answer == Pledge.Answer.YES]
    maybe = sum(row.answer == Pledge.Answer.MAYBE for row in rows)
    return Line(name, len(sure), maybe, sum(row.places or 0 for row in sure))


def kinds_to_choose(hub: Hub) -> QuerySet[EncounterType]:
    return EncounterType.objects.filter(hub=hub, is_active=True)
