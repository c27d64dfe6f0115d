"""What the record shows of employers: one definition for each code gives the number and the list behind it.

Counted for twelve months to a day, over the rows of one hub, in a few statements for all its
employers at once. Shown beside answers, and nowhere turned into a score.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import BooleanField, Case, Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Sum, Value, When
from django.db.models.functions import TruncDate

from employers import assessing
from employers.evidence import PRESENT, Figure
from employers.models import Contact, Document, Employer, EvidenceFigure, SelfAssessment, Volunteer
from employers.preparing import prepared_on
from hubs.models import EMPLOYER_ROLES, Hub, LogEntry
from hubs.wallclock import instant
from opportunities.models import ActionPlan, Opportunity, PlanStep, Session
from placements.models import Encounter, Feedback, Placement

log = logging.getLogger(__name__)

NOTICE = dt.timedelta(weeks=8)
ANSWER_WITHIN = dt.timedelta(days=7)
HEARD_AHEAD = dt.timedelta(weeks=2)  # what was called off, in local days before it would have begun
DAY = dt.timedelta(days=1)
HAPPENED = ("under_way", "completed", "not_attended")
AGREED = ("accepted", "ready", *HAPPENED, "cancelled")
#: Codes of encounter types as they are loaded; a hub that renames them loses two lines beside answers.
APPLYING = ("mock-int", "cv-ws", "apply-support")
PROJECTS = ("project-brief", "curric-talk")
BATCH = 2000

Counts = dict[int, tuple[int, int]]  # by employer: part, whole


@dataclass(frozen=True)
class Period:
    """Twelve months to and including `until`, in local days of the hub, and as instants."""

    hub: Hub
    now: dt.datetime
    since: dt.date
    until: dt.date

    @classmethod
    def of(cls, hub: Hub, now: dt.datetime) -> Period:
        until = hub.today(now)
        try:
            since = until.replace(year=until.year - 1)
        except ValueError:  # 29 February
            since = until.replace(year=until.year - 1, day=28)
        return cls(hub, now, since + DAY, until)

    @classmethod
    def kept(cls, row: SelfAssessment, code: str) -> Period | None:
        """The one a figure was of on the day the assessment was sent in; None where none was kept."""
        found = assessing.kept_figures(row).get(code)
        if found is None or row.submitted_at is None:
            return None
        return cls(row.hub, row.submitted_at, found.since, found.until)

    @property
    def starts(self) -> dict[str, dt.datetime]:
        """The instants between which something begins in the period."""
        zone = self.hub.zone
        return {"gte": instant(self.since, dt.time(0), zone), "lt": instant(self.until + DAY, dt.time(0), zone)}

    def within(self, field: str) -> Q:
        return Q(**{f"{field}__{op}": value for op, value in self.starts.items()})


@dataclass(frozen=True)
class Measure:
    """`rows` is all that could count, `part` what does; `amount` adds up a field instead of rows."""

    code: str
    rows: Callable[[Period], QuerySet]
    part: Callable[[Period], Q | Exists]
    amount: str = ""

    def counts(self, period: Period, employer: Employer | None = None) -> Counts:
        rows = self._of(period, employer)
        how: Any = Sum(self.amount, default=0) if self.amount else Count("pk")
        # The flag is worked out first: a filtered aggregate cannot hold a subquery on every database.
        rows = rows.annotate(counted=_flag(self.part(period)))
        only: Any = (
            Sum(self.amount, filter=Q(counted=True), default=0) if self.amount else Count("pk", filter=Q(counted=True))
        )
        found = rows.order_by().values("employer_id").annotate(some=only, every=how)
        return {row["employer_id"]: (row["some"], row["every"]) for row in found}

    def listed(self, period: Period, employer: Employer) -> QuerySet:
        """The rows behind the number, each with `counted`."""
        return self._of(period, employer).annotate(counted=_flag(self.part(period)))

    def _of(self, period: Period, employer: Employer | None) -> QuerySet:
        rows = self.rows(period).filter(hub=period.hub)
        return rows.filter(employer=employer) if employer else rows


def _flag(condition: Q | Exists) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


# ---- What could count -------------------------------------------------------------------


def _begun(period: Period) -> QuerySet:
    rows = Placement.objects.filter(period.within("session__starts_at"), state__in=HAPPENED)
    return rows.annotate(began_on=TruncDate("session__starts_at", tzinfo=period.hub.zone))


def _agreed(period: Period) -> QuerySet:
    return Placement.objects.filter(period.within("session__starts_at"), state__in=AGREED, answered_at__isnull=False)


def _called_off(period: Period) -> QuerySet:
    """What the employer called off, by itself or through the hub."""
    rows = _agreed(period).filter(state="cancelled", closed_at__isnull=False, pk__in=_called_off_by_employer(period))
    zone = period.hub.zone
    return rows.annotate(
        off_on=TruncDate("closed_at", tzinfo=zone), began_on=TruncDate("session__starts_at", tzinfo=zone)
    )


def _asked(period: Period) -> QuerySet:
    """Requests with an answer, or whose week is over without one; not those taken back within the week."""
    rows = Placement.objects.filter(period.within("offered_at"))
    rows = rows.exclude(state="withdrawn", closed_at__lte=F("offered_at") + ANSWER_WITHIN)
    return rows.filter(Q(answered_at__isnull=False) | Q(offered_at__lt=period.now - ANSWER_WITHIN))


def held(period: Period) -> QuerySet:
    return Session.objects.filter(period.within("starts_at"), opportunity__published_at__isnull=False).exclude(
        state="cancelled"
    )


def _offers(period: Period) -> QuerySet:
    return Opportunity.objects.filter(state__in=["published", "paused"], published_at__isnull=False)


def attended(period: Period) -> QuerySet:
    return Encounter.objects.filter(attended=True, employer__isnull=False, on__gte=period.since, on__lte=period.until)


def _steps(period: Period) -> QuerySet:
    return PlanStep.objects.filter(due_on__gte=period.since, due_on__lte=period.until, state__in=["planned", "done"])


def _volunteers(period: Period) -> QuerySet:
    return Volunteer.objects.filter(is_active=True)


# ---- What counts -----------------------------------------------------------------------


def _called_off_by_employer(period: Period) -> QuerySet:
    """Numbers of placements an employer cancelled, by itself or through the hub on its behalf."""
    hats = [*EMPLOYER_ROLES, "link:employer"]
    entries = LogEntry.objects.filter(hub=period.hub, subject_type="placements.placement", to_state="cancelled")
    return entries.filter(Q(hat__in=hats) | Q(on_behalf_of__kind="employer")).values("subject_id")


def _insured(period: Period) -> Exists:
    """A liability insurance that covered the first day: one taken back later did, one taken back before did not."""
    day = OuterRef("began_on")
    papers = Document.objects.filter(employer=OuterRef("employer_id"), kind__in=["liability", "public"])
    papers = papers.filter(Q(state="held") | Q(state="withdrawn", withdrawn_at__gt=OuterRef("session__starts_at")))
    papers = papers.filter(Q(issued_on__isnull=True) | Q(issued_on__lte=day))
    return Exists(papers.filter(Q(expires_on__isnull=True) | Q(expires_on__gte=day)))


def _school_said(period: Period) -> Exists:
    return Exists(Feedback.objects.filter(placement=OuterRef("pk"), side="school"))


MEASURES: dict[str, Measure] = {
    one.code: one
    for one in (
        Measure("notice_given", held, lambda period: Q(
            opportunity__published_at__lte=F("starts_at") - NOTICE, created_at__lte=F("starts_at") - NOTICE)),
        Measure("answered_in_time", _asked, lambda period: Q(answered_at__lte=F("offered_at") + ANSWER_WITHIN)),
        Measure("kept", _agreed, lambda period: ~Q(state="cancelled") | ~Q(pk__in=_called_off_by_employer(period))),
        Measure("called_off_early", _called_off, lambda period: Q(off_on__lte=F("began_on") - HEARD_AHEAD)),
        Measure("needy_schools", _begun, lambda period: Q(school__is_priority=True), "places"),
        Measure("documents_valid", _begun, _insured),
        Measure("asked_how_it_was", _begun, _school_said),
        Measure("access_said", _offers, lambda period: ~Q(access="")),
        Measure("costs_covered", _offers, lambda period: ~Q(costs_covered="")),
        Measure("outcomes_said", _offers, lambda period: ~Q(outcomes="")),
        Measure("skills_named", _offers, lambda period: ~Q(skills=[])),
        Measure("day_plan_ready", _offers, lambda period: ~Q(day_plan=[]) & ~Q(supervisor="") & ~Q(stand_in="")),
        Measure("short_formats", held, lambda period: Q(ends_at__lte=F("starts_at") + DAY)),
        Measure("range_of_people", attended, lambda period: Q(range_of_people=True)),
        Measure("two_way", attended, lambda period: Q(two_way=True)),
        Measure("task_and_feedback", attended, lambda period: Q(task=True, feedback=True)),
        Measure("purpose_shared", attended, lambda period: Q(purpose=True)),
        Measure("outcomes_suited", attended, lambda period: Q(outcomes=True)),
        Measure("reflection_held", attended, lambda period: Q(reflection=True)),
        Measure("meaningful", attended, lambda period: Q(meaningful=True)),
        Measure("feedback_given", attended, lambda period: Q(feedback=True)),
        Measure("volunteers_prepared", _volunteers, lambda period: prepared_on(period.until)),
        Measure("steps_done", _steps, lambda period: Q(state="done")),
    )
}  # fmt: skip


# ---- What is there or not, and what is counted otherwise ----------------------------------------


def present(period: Period) -> dict[str, QuerySet]:
    """By code, the rows of which one is enough."""
    first, _last = period.hub.academic_year_of(period.until)
    sessions = held(period).filter(starts_at__lte=period.now)
    return {
        "contact_named": Contact.objects.filter(is_main=True).exclude(email=""),
        "plan_of_year": ActionPlan.objects.filter(state__in=["active", "completed"], year_starts_on=first),
        "practised_applying": sessions.filter(opportunity__encounter_type__code__in=APPLYING),
        "class_project": sessions.filter(opportunity__encounter_type__code__in=PROJECTS),
    }


def _one(rows: QuerySet, period: Period, employer: Employer | None) -> QuerySet:
    rows = rows.filter(hub=period.hub).order_by()
    return rows.filter(employer=employer) if employer else rows


def _since(code: str, period: Period) -> dt.date:
    """The first day a figure looks at: schools come again over three academic years."""
    if code != "repeat_schools":
        return period.since
    first, _last = period.hub.academic_year_of(period.until)
    return first.replace(year=first.year - 2)


def _came(period: Period) -> QuerySet:
    since = instant(_since("repeat_schools", period), dt.time(0), period.hub.zone)
    return Placement.objects.filter(
        state__in=HAPPENED, session__starts_at__gte=since, session__starts_at__lt=period.starts["lt"]
    )


def _schools(period: Period, employer: Employer | None) -> Iterator[tuple[int, int, bool]]:
    """(employer, school, whether it came in two academic years) of the last three."""
    years: dict[dt.date, dt.date] = {}

    def year(at: dt.datetime) -> dt.date:
        day = period.hub.today(at)
        if day not in years:
            years[day] = period.hub.academic_year_of(day)[0]
        return years[day]

    pairs = _one(_came(period), period, employer).values("employer_id", "school_id")
    spans = pairs.annotate(begin=Min("session__starts_at"), end=Max("session__starts_at"))
    for row in spans.iterator(chunk_size=BATCH):
        yield row["employer_id"], row["school_id"], year(row["begin"]) != year(row["end"])


def _repeat_schools(period: Period, employer: Employer | None) -> Counts:
    counts: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for pk, _school, again in _schools(period, employer):
        counts[pk][0] += again
        counts[pk][1] += 1
    return {pk: (part, whole) for pk, (part, whole) in counts.items()}


def came_again(period: Period, employer: Employer) -> QuerySet:
    """The placements behind `repeat_schools`; those of schools that came again are `counted`."""
    again = [school for _employer, school, again in _schools(period, employer) if again]
    return _came(period).annotate(counted=_flag(Q(school__in=again)))


def _students_reached(period: Period, employer: Employer | None) -> Counts:
    rows = _one(attended(period), period, employer).values("employer_id").annotate(n=Count("student_id", distinct=True))
    return {row["employer_id"]: (row["n"], row["n"]) for row in rows}


def _schools_reached(period: Period, employer: Employer | None) -> Counts:
    """Schools that came in the period; `part` are those the hub gives priority."""
    needy = Count("school", filter=Q(school__is_priority=True), distinct=True)
    rows = _one(_begun(period), period, employer).values("employer_id")
    found = rows.annotate(needy=needy, every=Count("school", distinct=True))
    return {row["employer_id"]: (row["needy"], row["every"]) for row in found}


def reached(period: Period) -> QuerySet:
    """The placements behind `schools_reached`; those of schools with priority are `counted`."""
    return _begun(period).annotate(counted=_flag(Q(school__is_priority=True)))


_APART = {
    "repeat_schools": _repeat_schools,
    "schools_reached": _schools_reached,
    "students_reached": _students_reached,
}


def count(period: Period, employer: Employer | None = None) -> dict[str, Counts]:
    """Every code, for one employer or all of the hub."""
    everybody = Employer.objects.filter(hub=period.hub, is_active=True)
    ids = [employer.pk] if employer else list(everybody.values_list("pk", flat=True))
    return {code: _counts(code, period, employer, ids) for code in (*MEASURES, *_APART, *present(period))}


def _counts(code: str, period: Period, employer: Employer | None, ids: list[int]) -> Counts:
    if code in MEASURES:
        return MEASURES[code].counts(period, employer)
    if code in _APART:
        return _APART[code](period, employer)
    there = set(_one(present(period)[code], period, employer).values_list("employer_id", flat=True))
    return {pk: (int(pk in there), 1) for pk in ids}


def count_one(code: str, period: Period, employer: Employer) -> Figure | None:
    """One figure of one employer, counted now."""
    part, whole = _counts(code, period, employer, [employer.pk]).get(employer.pk, (0, 0))
    return Figure(code, part, whole, _since(code, period), period.until) if whole or code in PRESENT else None


def figure(row: EvidenceFigure) -> Figure:
    return Figure(row.code, row.part, row.whole, row.since, row.until)


# ---- Kept ------------------------------------------------------------------------------


def refresh(hub: Hub, *, now: dt.datetime, employer: Employer | None = None) -> int:
    """Count and keep; what no longer has anything to count goes. Safe twice and at once: rows are
    written in one order and replaced by key. Returns how many figures there are."""
    period = Period.of(hub, now)
    found = count(period, employer)
    rows = [
        EvidenceFigure(
            hub=hub, employer_id=pk, code=code, part=part, whole=whole, since=_since(code, period),
            until=period.until, counted_at=now,
        )
        for code, counts in found.items()
        for pk, (part, whole) in counts.items()
        if whole or code in PRESENT
    ]  # fmt: skip
    rows.sort(key=lambda row: (row.employer_id, row.code))
    with transaction.atomic():
        EvidenceFigure.objects.bulk_create(
            rows, batch_size=BATCH, update_conflicts=True, unique_fields=["employer", "code"],
            update_fields=["part", "whole", "since", "until", "counted_at"],
        )  # fmt: skip
        stale = EvidenceFigure.objects.filter(hub=hub, counted_at__lt=now)
        (stale.filter(employer=employer) if employer else stale).delete()
    return len(rows)


def refresh_all(now: dt.datetime) -> int:
    """Every active hub. Returns how many figures there are."""
    done = 0
    for hub in Hub.objects.filter(is_active=True).order_by("pk"):
        try:
            done += refresh(hub, now=now)
        except Exception:  # one hub must not stop the others, nor the comparisons of all; it keeps its last figures
            log.exception("the record of hub %s could not be counted", hub.slug)
    return done
