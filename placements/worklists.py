"""What waits for the hub: one list for each kind of thing, and all of them by what is due first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from employers.models import Document, Interest, SelfAssessment
from hubs.models import Hub, Message, Note, User
from hubs.outbox import kind_words
from hubs.wallclock import working_days_from
from opportunities.models import Opportunity, Session
from placements.models import Placement, PlacementRequest, PlacesAlarm
from schools.models import School, Term

Rows = TypeVar("Rows", bound=QuerySet)

MOST = 50  # rows read of each list; a longer one says "50 or more"
HOLD_SOON = dt.timedelta(days=2)
#: Working days in which the hub answers: what the pages promise employers and schools.
APPROVE_DAYS, BROKER_DAYS, REVIEW_DAYS = 2, 5, 10


class Waiting(NamedTuple):
    """One thing. `since` is when it began to wait, `due` when it should be settled (aware
    datetimes or local dates; None: whenever there is time)."""

    title: str
    who: str
    since: dt.datetime | dt.date
    due: dt.datetime | dt.date | None
    action: str
    url: str


@dataclass(frozen=True)
class Worklist:
    """`items` are at most `MOST`, oldest first."""

    key: str
    title: str
    items: tuple[Waiting, ...]

    @property
    def count(self) -> str:
        return f"{MOST}+" if len(self.items) == MOST else str(len(self.items))


def worklists(hub: Hub, now: dt.datetime, manager: User | None = None) -> list[Worklist]:
    """Every list of the hub at the instant `now`, narrowed to one manager's caseload.

    One query a list, thirteen in all, however many rows there are.
    """
    made = (
        ("opportunities", gettext_lazy("Opportunities to approve"), _opportunities),
        ("requests", gettext_lazy("Requests to broker"), _requests),
        ("answers", gettext_lazy("Employers who have not answered"), _answers),
        ("assessments", gettext_lazy("Self-assessments to look at"), _assessments),
        ("interests", gettext_lazy("Employers who would like to take part"), _interests),
        ("papers", gettext_lazy("Documents to look at"), _papers),
        ("clearances", gettext_lazy("Clearances overdue"), _clearances),
        ("holds", gettext_lazy("Holds about to run out"), _holds),
        ("over-committed", gettext_lazy("More taken than there are places"), _over_committed),
        ("alarms", gettext_lazy("Counts of places that came apart"), _alarms),
        ("calendars", gettext_lazy("Schools without a calendar"), _calendars),
        ("messages", gettext_lazy("Messages that did not arrive"), _messages),
        ("contacts", gettext_lazy("People to be in touch with"), _contacts),
    )
    return [Worklist(key, str(title), tuple(make(hub, now, manager))) for key, title, make in made]


def soonest_due(lists: list[Worklist], hub: Hub) -> list[tuple[Worklist, Waiting]]:
    """All items of all lists, what is due first at the top; what is due at no time comes last,
    oldest first. A date counts from its midnight in the hub's zone."""

    def instant(at: dt.datetime | dt.date) -> dt.datetime:
        return at if isinstance(at, dt.datetime) else dt.datetime.combine(at, dt.time(), hub.zone)

    def order(pair: tuple[Worklist, Waiting]) -> tuple[bool, dt.datetime, dt.datetime]:
        item = pair[1]
        return item.due is None, instant(item.due or item.since), instant(item.since)

    return sorted(((one, item) for one in lists for item in one.items), key=order)


def _promised(hub: Hub, since: dt.datetime, days: int) -> dt.date:
    """The day by which the hub said it would have answered, by its own working days."""
    return working_days_from(hub.today(since), days, hub.jurisdiction)


def _of(rows: Rows, path: str, manager: User | None) -> Rows:
    return rows.filter(**{path: manager}) if manager else rows


def _opportunities(hub: Hub, now: dt.datetime, manager: User | None):
    rows = Opportunity.objects.filter(hub=hub, state="submitted").select_related("employer", "encounter_type")
    for row in _of(rows, "employer__manager", manager).order_by("submitted_at", "pk")[:MOST]:
        since = row.submitted_at or row.created_at
        yield Waiting(
            _("%(title)s (%(type)s)") % {"title": row.title, "type": row.encounter_type}, row.employer.name,
            since, _promised(hub, since, APPROVE_DAYS), _("Look and decide"),
            reverse("opportunities:inspect", args=[row.pk]),
        )  # fmt: skip


def _requests(hub: Hub, now: dt.datetime, manager: User | None):
    asked = Placement.objects.filter(request=OuterRef("pk"), state="offered")
    rows = PlacementRequest.objects.filter(~Exists(asked), hub=hub, state="submitted").select_related("school", "group")
    for row in _of(rows, "school__manager", manager).order_by("submitted_at", "pk")[:MOST]:
        since = row.submitted_at or row.created_at
        yield Waiting(
            request_title(row), row.school.name, since, _promised(hub, since, BROKER_DAYS), _("Broker"),
            reverse("desk:request", args=[row.pk]),
        )  # fmt: skip


def _assessments(hub: Hub, now: dt.datetime, manager: User | None):
    rows = SelfAssessment.objects.filter(hub=hub, state="submitted").select_related("employer", "framework")
    for row in _of(rows, "employer__manager", manager).order_by("submitted_at", "pk")[:MOST]:
        since = row.submitted_at or row.started_at
        yield Waiting(
            row.framework.name, row.employer.name, since, _promised(hub, since, REVIEW_DAYS), _("Read and confirm"),
            reverse("assessments:inspect", args=[row.pk]),
        )  # fmt: skip


def _interests(hub: Hub, now: dt.datetime, manager: User | None):
    if manager is not None:
        return  # nobody's caseload yet
    for row in Interest.objects.filter(hub=hub, state="open").order_by("written_at", "pk")[:MOST]:
        yield Waiting(
            row.name, row.person, row.written_at, _promised(hub, row.written_at, APPROVE_DAYS),
            _("Look and decide"), reverse("interests:inspect", args=[row.pk]),
        )  # fmt: skip


def _papers(hub: Hub, now: dt.datetime, manager: User | None):
    rows = Document.objects.filter(hub=hub, state="quarantined").select_related("employer")
    for row in _of(rows, "employer__manager", manager).order_by("added_at", "pk")[:MOST]:
        yield Waiting(
            row.get_kind_display(), row.employer.name, row.added_at, _promised(hub, row.added_at, APPROVE_DAYS),
            _("Look and decide"), reverse("papers:inspect", args=[row.pk]),
        )  # fmt: skip


def _answers(hub: Hub, now: dt.datetime, manager: User | None):
    rows = Placement.objects.filter(hub=hub, state="offered", answer_by__lte=now)
    rows = _of(rows, "employer__manager", manager).select_related("school", "employer", "session__opportunity")
    for row in rows.order_by("answer_by", "pk")[:MOST]:
        yield Waiting(
            placement_title(row),
            row.school.name,
            row.offered_at or row.created_at,
            row.answer_by,
            _("Ring the employer"),
            reverse("placements:inspect", args=[row.pk]),
        )


def _clearances(hub: Hub, now: dt.datetime, manager: User | None):
    overdue = Q(clearances__state="open", clearances__due_on__lt=hub.today(now))
    rows = Placement.objects.filter(hub=hub, state__in=["accepted", "ready"]).annotate(
        overdue=Count("clearances", filter=overdue), first_due=Min("clearances__due_on", filter=overdue)
    )
    rows = rows.filter(overdue__gt=0).select_related("school", "employer", "session__opportunity")
    for row in _of(rows, "school__manager", manager).order_by("first_due", "pk")[:MOST]:
        missing = ngettext("%(n)d clearance", "%(n)d clearances", row.overdue) % {"n": row.overdue}
        yield Waiting(
            f"{placement_title(row)}: {missing}",
            row.school.name,
            row.first_due,
            row.first_due,
            _("See what is missing"),
            reverse("placements:inspect", args=[row.pk]),
        )


def _holds(hub: Hub, now: dt.datetime, manager: User | None):
    rows = Placement.objects.filter(hub=hub, state="held", held_until__lte=now + HOLD_SOON)
    rows = _of(rows, "school__manager", manager).select_related("school", "employer", "session__opportunity")
    for row in rows.order_by("created_at", "pk")[:MOST]:
        url = reverse("desk:request", args=[row.request_id]) if row.request_id else ""
        yield Waiting(
            placement_title(row),
            row.school.name,
            row.created_at,
            row.held_until,
            _("Offer or give back"),
            url or reverse("placements:inspect", args=[row.pk]),
        )


def _over_committed(hub: Hub, now: dt.datetime, manager: User | None):
    rows = Session.objects.filter(hub=hub, over_committed=True, state="planned", starts_at__gt=now)
    rows = rows.filter(taken__gt=F("places"))
    if manager:
        rows = rows.filter(employer__manager=manager)
    for row in rows.select_related("opportunity", "employer").order_by("starts_at", "pk")[:MOST]:
        more = row.taken - row.places
        words = ngettext(
            "%(n)d more taken in %(title)s than it has", "%(n)d more taken in %(title)s than it has", more
        ) % {"n": more, "title": row.opportunity.title}
        url = reverse("placements:index") + f"?employer={row.employer_id}"
        yield Waiting(words, row.employer.name, row.created_at, row.starts_at, _("Find other places"), url)


def _alarms(hub: Hub, now: dt.datetime, manager: User | None):
    rows = PlacesAlarm.objects.filter(hub=hub, gone_at=None)
    if manager:
        rows = rows.filter(session__employer__manager=manager)
    for row in rows.select_related("session__opportunity", "session__employer").order_by("found_at", "pk")[:MOST]:
        words = _("%(title)s says %(kept)s places taken, its placements say %(counted)s") % {
            "title": row.session.opportunity.title, "kept": row.kept, "counted": row.counted,
        }  # fmt: skip
        url = reverse("alarms:inspect", args=[row.pk])
        yield Waiting(words, row.session.employer.name, row.found_at, row.found_at, _("Find out why"), url)


def _calendars(hub: Hub, now: dt.datetime, manager: User | None):
    ahead = Term.objects.filter(school=OuterRef("pk"), ends_on__gte=hub.today(now))
    rows = School.objects.filter(~Exists(ahead), hub=hub, is_active=True)
    for row in _of(rows, "manager", manager).order_by("created_at", "pk")[:MOST]:
        yield Waiting(
            _("No terms are known from today on, so nothing can fit"),
            row.name,
            row.created_at,
            None,
            _("Ask or act for them"),
            reverse("schools:inspect", args=[row.pk]),
        )


def _messages(hub: Hub, now: dt.datetime, manager: User | None):
    rows = Message.objects.filter(hub=hub).on_desk().select_related("organisation")
    if manager:
        rows = rows.filter(Q(organisation__manager=manager) | Q(organisation__isnull=True))
    for row in rows.order_by("due_at", "pk")[:MOST]:
        who = f"{row.organisation.name} ({row.address})" if row.organisation else row.address
        yield Waiting(
            _("“%(kind)s”: %(problem)s") % {"kind": kind_words(row.kind), "problem": row.get_problem_display()},
            who,
            row.created_at,
            row.due_at,
            _("Correct the address and send again"),
            reverse("messages:inspect", args=[row.pk]),
        )


def _contacts(hub: Hub, now: dt.datetime, manager: User | None):
    newer = Note.objects.filter(organisation=OuterRef("organisation"), pk__gt=OuterRef("pk"))
    rows = Note.objects.filter(~Exists(newer), hub=hub, next_contact_on__lte=hub.today(now))
    rows = _of(rows.select_related("organisation"), "organisation__manager", manager)
    for row in rows.order_by("next_contact_on", "pk")[:MOST]:
        route = "employers:inspect" if row.organisation.kind == "employer" else "schools:inspect"
        yield Waiting(
            Truncator(row.text).chars(100),
            row.organisation.name,
            row.next_contact_on or hub.today(now),
            row.next_contact_on,
            _("Be in touch"),
            reverse(route, args=[row.organisation_id]),
        )


def request_title(row: PlacementRequest) -> str:
    places = ngettext("%(n)d place", "%(n)d places", row.places) % {"n": row.places}
    return _("%(places)s for %(group)s") % {"places": places, "group": row.group} if row.group else places


def placement_title(row: Placement) -> str:
    places = ngettext("%(n)d place", "%(n)d places", row.places) % {"n": row.places}
    return _("%(places)s in %(title)s, %(employer)s") % {
        "places": places, "title": row.session.opportunity.title, "employer": row.employer.name,
    }  # fmt: skip
