"""The rows of each worklist of the desk, and how a row is said. One statement a list."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import Truncator
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from employers.framing import document_of
from employers.models import Document, Employer, SelfAssessment
from hubs.models import Hub, Message, Note
from hubs.outbox import kind_words
from hubs.wallclock import working_days_from
from opportunities.models import Opportunity, Session
from placements.domain.ladder import ladder_of
from placements.models import Clearance, Placement, PlacementRequest, PlacementStudent, PlacesAlarm
from placements.models.placement import TAKING, over
from placements.worklists_employers import interests, papers, say_interest, say_paper
from placements.worklists_kinds import Source, Waiting, placement_title, promised
from placements.worklists_requests import nobody_fits, requests, say_nobody_fits, say_request
from schools.models import School, Term

HOLD_SOON = dt.timedelta(days=2)
#: Working days in which the hub answers: what the pages promise employers and schools.
APPROVE_DAYS, REVIEW_DAYS = 2, 10
LAPSES_SOON = dt.timedelta(days=30)
NOBODY_CAME_LATELY = dt.timedelta(days=14)
UNUSED_AFTER = dt.timedelta(days=30)


# ---- What waits for the hub itself ----------------------------------------------------


def opportunities(hub: Hub, now: dt.datetime) -> QuerySet:
    rows = Opportunity.objects.filter(hub=hub, state="submitted").select_related("employer", "encounter_type")
    return rows.order_by("submitted_at", "pk")


def say_opportunity(row: Opportunity, hub: Hub, now: dt.datetime) -> Waiting:
    since = row.submitted_at or row.created_at
    return Waiting(
        _("%(title)s (%(type)s)") % {"title": row.title, "type": row.encounter_type}, row.employer.name,
        since, promised(hub, since, APPROVE_DAYS), _("Look and decide"),
        reverse("opportunities:inspect", args=[row.pk]),
    )  # fmt: skip


def assessments(hub: Hub, now: dt.datetime) -> QuerySet:
    rows = SelfAssessment.objects.filter(hub=hub, state="submitted").select_related("employer", "framework")
    rows = rows.defer("framework__texts")
    return rows.order_by("submitted_at", "pk")


def say_assessment(row: SelfAssessment, hub: Hub, now: dt.datetime) -> Waiting:
    since = row.submitted_at or row.started_at
    framework = document_of(row.framework, get_language() or "")
    return Waiting(
        framework.name, row.employer.name, since, promised(hub, since, REVIEW_DAYS), _("Read and confirm"),
        reverse("assessments:inspect", args=[row.pk]),
    )  # fmt: skip


def holds(hub: Hub, now: dt.datetime) -> QuerySet:
    """Those in line to be asked come round by themselves."""
    rows = _placements(hub, state="held", held_until__lte=now + HOLD_SOON, turn__isnull=True)
    return rows.order_by("created_at", "pk")


def say_hold(row: Placement, hub: Hub, now: dt.datetime) -> Waiting:
    url = reverse("desk:request", args=[row.request_id]) if row.request_id else ""
    return Waiting(
        placement_title(row), row.school.name, row.created_at, row.held_until, _("Offer or give back"),
        url or reverse("placements:inspect", args=[row.pk]),
    )  # fmt: skip


def ran_out(rows: QuerySet, now: dt.datetime) -> QuerySet:
    """Holds that nobody ended: the job that releases them left no closing before their time."""
    return rows.filter(state="released", closed_at__gte=F("held_until"))


def over_committed(hub: Hub, now: dt.datetime) -> QuerySet:
    rows = Session.objects.filter(hub=hub, over_committed=True, state="planned", starts_at__gt=now)
    rows = rows.filter(taken__gt=F("places"))
    return rows.select_related("opportunity", "employer").order_by("starts_at", "pk")


def say_over_committed(row: Session, hub: Hub, now: dt.datetime) -> Waiting:
    more = row.taken - row.places
    words = ngettext("%(n)d more taken in %(title)s than it has", "%(n)d more taken in %(title)s than it has", more)
    return Waiting(
        words % {"n": more, "title": row.opportunity.title}, row.employer.name, row.created_at, row.starts_at,
        _("Find other places"), reverse("placements:index") + f"?{urlencode({'employer': row.employer.name})}",
    )  # fmt: skip


def alarms(hub: Hub, now: dt.datetime) -> QuerySet:
    rows = PlacesAlarm.objects.filter(hub=hub, gone_at=None)
    return rows.select_related("session__opportunity", "session__employer").order_by("found_at", "pk")


def say_alarm(row: PlacesAlarm, hub: Hub, now: dt.datetime) -> Waiting:
    words = _("%(title)s says %(kept)s places taken, its placements say %(counted)s") % {
        "title": row.session.opportunity.title, "kept": row.kept, "counted": row.counted,
    }  # fmt: skip
    return Waiting(
        words, row.session.employer.name, row.found_at, row.found_at, _("Find out why"),
        reverse("alarms:inspect", args=[row.pk]),
    )  # fmt: skip


def messages(hub: Hub, now: dt.datetime) -> QuerySet:
    return Message.objects.filter(hub=hub).on_desk().select_related("organisation").order_by("due_at", "pk")


def say_message(row: Message, hub: Hub, now: dt.datetime) -> Waiting:
    if row.channel == Message.Channel.WEBHOOK:
        return _say_call(row)
    who = f"{row.organisation.name} ({row.address})" if row.organisation else row.address
    return Waiting(
        _("“%(kind)s”: %(problem)s") % {"kind": kind_words(row.kind), "problem": row.get_problem_display()},
        who, row.created_at, row.due_at, _("Correct the address and send again"),
        reverse("messages:inspect", args=[row.pk]),
    )  # fmt: skip


def _say_call(row: Message) -> Waiting:
    """The address it went to is a matter of the hub's leads, on the page of the partner's system."""
    said = row.problem_text if row.problem == Message.Problem.REFUSED else row.get_problem_display()
    return Waiting(
        f"{row.name}: {said}", row.address, row.created_at, row.due_at, _("See what it was not told"),
        reverse("messages:inspect", args=[row.pk]),
    )  # fmt: skip


def contacts(hub: Hub, now: dt.datetime) -> QuerySet:
    newer = Note.objects.filter(organisation=OuterRef("organisation"), pk__gt=OuterRef("pk"))
    rows = Note.objects.filter(~Exists(newer), hub=hub, next_contact_on__lte=hub.today(now))
    return rows.select_related("organisation").order_by("next_contact_on", "pk")


def say_contact(row: Note, hub: Hub, now: dt.datetime) -> Waiting:
    route = "employers:inspect" if row.organisation.kind == "employer" else "schools:inspect"
    return Waiting(
        Truncator(row.text).chars(100), row.organisation.name, row.next_contact_on or hub.today(now),
        row.next_contact_on, _("Be in touch"), reverse(route, args=[row.organisation_id]),
    )  # fmt: skip


# ---- What somebody else does not do ---------------------------------------------------


def answers(hub: Hub, now: dt.datetime) -> QuerySet:
    return _placements(hub, state="offered", answer_by__lte=now).order_by("answer_by", "pk")


def say_answer(row: Placement, hub: Hub, now: dt.datetime) -> Waiting:
    return Waiting(
        placement_title(row), row.school.name, row.offered_at or row.created_at, row.answer_by,
        _("Ring the employer"), reverse("placements:inspect", args=[row.pk]),
    )  # fmt: skip


def stale(hub: Hub, now: dt.datetime) -> QuerySet:
    """Offers whose answer is so late, by the hub's own steps, that the school should hear no, or somebody else be
    asked."""
    last = working_days_from(hub.today(now), -ladder_of(hub).lead_after, hub.jurisdiction)
    before = dt.datetime.combine(last, dt.time(23, 59, 59), hub.zone)
    return _placements(hub, state="offered", answer_by__lte=before).order_by("answer_by", "pk")


def say_stale(row: Placement, hub: Hub, now: dt.datetime) -> Waiting:
    return Waiting(
        _("%(what)s: asked, rung, and still no answer") % {"what": placement_title(row)}, row.school.name,
        row.offered_at or row.created_at, row.answer_by, _("Take it back or ask another"),
        reverse("placements:inspect", args=[row.pk]),
    )  # fmt: skip


def has_begun(rows: QuerySet, now: dt.datetime) -> QuerySet:
    """Placements whose first day came before anybody settled them."""
    return rows.filter(session__starts_at__lte=now, state__in=["offered", "accepted", "ready"])


def clearances(hub: Hub, now: dt.datetime) -> QuerySet:
    late = Clearance.objects.filter(hub=hub, state="open", due_on__lt=hub.today(now)).order_by()
    of_one = late.filter(placement=OuterRef("pk")).values("placement")
    rows = _placements(hub, state__in=["accepted", "ready"], pk__in=late.values("placement")).annotate(
        overdue=Subquery(of_one.annotate(n=Count("pk")).values("n")),
        first_due=Subquery(of_one.annotate(first=Min("due_on")).values("first")),
    )
    return rows.order_by("first_due", "pk")


def say_clearances(row: Any, hub: Hub, now: dt.datetime) -> Waiting:
    missing = ngettext("%(n)d clearance", "%(n)d clearances", row.overdue) % {"n": row.overdue}
    return Waiting(
        f"{placement_title(row)}: {missing}", row.school.name, row.first_due, row.first_due,
        _("See what is missing"), reverse("placements:inspect", args=[row.pk]),
    )  # fmt: skip


def unnamed(hub: Hub, now: dt.datetime) -> QuerySet:
    """Agreed, and the school has named nobody though the day for it has come; or a register nobody closed."""
    soon = dt.datetime.combine(working_days_from(hub.today(now), 10, hub.jurisdiction), dt.time(), hub.zone)
    late = dt.datetime.combine(working_days_from(hub.today(now), -2, hub.jurisdiction), dt.time(), hub.zone)
    named = PlacementStudent.objects.filter(placement=OuterRef("pk"))
    waits = Placement.objects.filter(
        ~Exists(named), hub=hub, state="accepted", session__starts_at__range=(now, soon)
    )  # apart, so that the database begins with the few that start soon
    register = Q(state__in=["ready", "under_way"]) & over(late)
    rows = _placements(hub, state__in=["accepted", "ready", "under_way"])
    return rows.filter(Q(pk__in=waits.values("pk")) | register).order_by("session__starts_at", "pk")


def say_unnamed(row: Placement, hub: Hub, now: dt.datetime) -> Waiting:
    ended = row.ends_at <= now
    what = _("%(what)s: the register is open") if ended else _("%(what)s: nobody is named")
    due = row.ends_at if ended else row.session.starts_at
    return Waiting(
        what % {"what": placement_title(row)}, row.school.name, row.answered_at or row.created_at, due,
        _("Ring the school"), reverse("placements:inspect", args=[row.pk]),
    )  # fmt: skip


def lapsing(hub: Hub, now: dt.datetime) -> QuerySet:
    """Papers that end within a month, or before the last day of a placement they are for."""
    newer = Document.objects.filter(
        employer=OuterRef("employer"), kind=OuterRef("kind"), state="held", expires_on__gt=OuterRef("expires_on")
    )
    today = hub.today(now)
    rows = Document.objects.filter(~Exists(newer), hub=hub, state="held", expires_on__lte=today + LAPSES_SOON)
    live = Placement.objects.live().filter(employer=OuterRef("employer"), session__ends_at__gt=now)
    return rows.filter(Exists(live)).select_related("employer").order_by("expires_on", "pk")


def say_lapsing(row: Document, hub: Hub, now: dt.datetime) -> Waiting:
    return Waiting(
        _("%(paper)s ends") % {"paper": str(row.get_kind_display()).capitalize()}, row.employer.name, row.added_at,
        row.expires_on, _("Ask for the next one"), reverse("employers:inspect", args=[row.employer_id]),
    )  # fmt: skip


def nobody_came(hub: Hub, now: dt.datetime) -> QuerySet:
    rows = _placements(hub, state="not_attended", closed_at__gte=now - NOBODY_CAME_LATELY)
    return rows.order_by("closed_at", "pk")


def say_nobody_came(row: Placement, hub: Hub, now: dt.datetime) -> Waiting:
    return Waiting(
        _("Nobody came: %(what)s") % {"what": placement_title(row)}, row.school.name, row.closed_at or row.created_at,
        None, _("Ask both what happened"), reverse("placements:inspect", args=[row.pk]),
    )  # fmt: skip


def too_old(rows: QuerySet, now: dt.datetime) -> QuerySet:
    return rows.filter(closed_at__lt=now - NOBODY_CAME_LATELY)


# ---- Who is left out -------------------------------------------------------------------


def unused(hub: Hub, now: dt.datetime) -> QuerySet:
    """Employers with open places that nobody has been given, a month after they were offered."""
    given = Placement.objects.filter(employer=OuterRef("pk"))
    waits = Session.objects.filter(
        employer=OuterRef("pk"), state="planned", starts_at__gt=now, opportunity__state="published",
        opportunity__published_at__lte=now - UNUSED_AFTER,
    )  # fmt: skip
    rows = Employer.objects.filter(~Exists(given), Exists(waits), hub=hub, is_active=True)
    return rows.order_by("created_at", "pk")


def say_unused(row: Employer, hub: Hub, now: dt.datetime) -> Waiting:
    return Waiting(
        _("Offers places, and was never asked"), row.name, row.created_at, None, _("Find them a school"),
        reverse("employers:inspect", args=[row.pk]),
    )  # fmt: skip


def with_nothing(hub: Hub, now: dt.datetime) -> QuerySet:
    """Schools that have no place this academic year and ask for none."""
    first, last = hub.academic_year_of(hub.today(now))
    span = (dt.datetime.combine(first, dt.time(), hub.zone), dt.datetime.combine(last, dt.time.max, hub.zone))
    placed = Placement.objects.filter(school=OuterRef("pk"), state__in=TAKING, session__starts_at__range=span)
    asking = PlacementRequest.objects.filter(hub=hub, state="submitted").order_by()
    rows = School.objects.filter(~Exists(placed), hub=hub, is_active=True).exclude(pk__in=asking.values("school"))
    return rows.order_by("created_at", "pk")


def say_with_nothing(row: School, hub: Hub, now: dt.datetime) -> Waiting:
    return Waiting(
        _("No place this year, and no request"), row.name, row.created_at, None, _("Ask or act for them"),
        reverse("schools:inspect", args=[row.pk]),
    )  # fmt: skip


def calendars(hub: Hub, now: dt.datetime) -> QuerySet:
    ahead = Term.objects.filter(school=OuterRef("pk"), ends_on__gte=hub.today(now))
    return School.objects.filter(~Exists(ahead), hub=hub, is_active=True).order_by("created_at", "pk")


def say_calendar(row: School, hub: Hub, now: dt.datetime) -> Waiting:
    return Waiting(
        _("No terms are known from today on, so nothing can fit"), row.name, row.created_at, None,
        _("Ask or act for them"), reverse("schools:inspect", args=[row.pk]),
    )  # fmt: skip


#: What a line says of a placement: the home shows some hundreds, each of six tables.
SAID = (
    "places", "request", "created_at", "held_until", "offered_at", "answer_by", "answered_at", "closed_at", "ended_on",
    "school__name", "employer__name", "session__starts_at", "session__ends_at", "session__time_zone",
    "session__opportunity__title",
)  # fmt: skip


def _placements(hub: Hub, **narrow) -> QuerySet:
    rows = Placement.objects.filter(hub=hub, **narrow).select_related("school", "employer", "session__opportunity")
    return rows.only(*SAID)


SOURCES: tuple[Source, ...] = (
    Source("opportunities", gettext_lazy("Opportunities to approve"), opportunities, say_opportunity,
           "employer__manager"),
    Source("requests", gettext_lazy("Requests to broker"), requests, say_request, "school__manager",
           costly=True),
    Source("nofit", gettext_lazy("Requests to find something else for"), nobody_fits, say_nobody_fits,
           "school__manager"),
    Source("answers", gettext_lazy("Employers who have not answered"), answers, say_answer, "employer__manager",
           has_begun),
    Source("stale", gettext_lazy("Offers gone stale"), stale, say_stale, "employer__manager", has_begun),
    Source("schools", gettext_lazy("Schools who have not answered"), unnamed, say_unnamed, "school__manager",
           has_begun),
    Source("assessments", gettext_lazy("Self-assessments to look at"), assessments, say_assessment,
           "employer__manager"),
    Source("interests", gettext_lazy("Employers who would like to take part"), interests, say_interest, ""),
    Source("papers", gettext_lazy("Documents to look at"), papers, say_paper, "employer__manager"),
    Source("clearances", gettext_lazy("Clearances overdue"), clearances, say_clearances, "school__manager", has_begun),
    Source("documents", gettext_lazy("Documents about to lapse"), lapsing, say_lapsing, "employer__manager"),
    Source("holds", gettext_lazy("Holds about to run out"), holds, say_hold, "school__manager", ran_out),
    Source(
        "over-committed",
        gettext_lazy("More taken than there are places"),
        over_committed,
        say_over_committed,
        "employer__manager",
    ),
    Source("alarms", gettext_lazy("Counts of places that came apart"), alarms, say_alarm, "session__employer__manager"),
    Source("noshows", gettext_lazy("Nobody came"), nobody_came, say_nobody_came, "school__manager", too_old),
    Source("unused", gettext_lazy("Employers never used"), unused, say_unused, "manager"),
    Source("nothing", gettext_lazy("Schools with nothing"), with_nothing, say_with_nothing, "manager"),
    Source("calendars", gettext_lazy("Schools without a calendar"), calendars, say_calendar, "manager"),
    Source("messages", gettext_lazy("Messages that did not arrive"), messages, say_message, "organisation__manager"),
    Source("contacts", gettext_lazy("People to be in touch with"), contacts, say_contact, "organisation__manager"),
)  # fmt: skip
