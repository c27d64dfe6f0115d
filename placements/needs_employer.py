"""What needs an employer now: the first thing on its home."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from employers.models import Document, Employer, RoundPlace, SelfAssessment, Volunteer
from employers.preparing import required, with_preparation
from hubs.models import Requirement
from opportunities.models import ActionPlan, Opportunity, PlanStep
from opportunities.translating import speak_steps
from placements.models import Amendment, Clearance, Feedback, Placement
from placements.models.placement import KNOWN_TO_EMPLOYER, over
from placements.needs import Need

STEP_AHEAD = dt.timedelta(days=14)  # as far ahead as the reminder of a step goes out
SEEN_AHEAD = dt.timedelta(days=90)  # a document that lapses is shown so early
LAPSE_AHEAD = dt.timedelta(days=30)  # as far ahead as the reminder of a document goes out
FEEDBACK_WITHIN = dt.timedelta(days=30)


def employer_needs(
    employer: Employer, *, now: dt.datetime, leads: bool, papers: list[Document] | None = None
) -> list[Need]:
    """The oldest due first; a constant number of queries. `leads`: may also publish and keep
    documents; nobody else is asked for what they cannot do. `papers`: what `lapsing` said, where the page has it."""
    today = employer.hub.today(now)
    needs = [
        *_requests(employer), *_changes(employer, now), *_host_clearances(employer), *_steps(employer, today),
        *_feedback(employer, now), *_standards(employer),
    ]  # fmt: skip
    if leads:
        needs += [
            *_beginnings(employer), *_returned(employer), *_unprepared(employer, today),
            *_documents(lapsing(employer, today) if papers is None else papers, today),
        ]  # fmt: skip
    return sorted(needs, key=lambda need: (not need.first, need.due or dt.date.max, need.since or now))


def lapsing(employer: Employer, today: dt.date) -> list[Document]:
    """Held documents that have run out or will within `SEEN_AHEAD`, unless a later one of the kind
    is held or waits to be checked. Soonest first."""
    later = Document.objects.filter(employer=employer, kind=OuterRef("kind"), state__in=["held", "quarantined"]).filter(
        Q(expires_on__gt=OuterRef("expires_on")) | Q(expires_on__isnull=True)
    )
    rows = Document.objects.filter(employer=employer, state="held", expires_on__lte=today + SEEN_AHEAD)
    return list(rows.filter(~Exists(later)).order_by("expires_on", "pk"))


def _page(placement: Placement) -> str:
    return reverse("employer-placement", args=[placement.pk])


def _what(placement: Placement) -> str:
    return _("%(title)s, %(day)s") % {
        "title": placement.session.opportunity.title,
        "day": date_format(placement.session.first_on, "D j F"),
    }


def _beginnings(employer: Employer) -> Iterable[Need]:
    if ActionPlan.objects.filter(employer=employer).exclude(state="abandoned").exists():
        return
    if not Opportunity.objects.filter(employer=employer).exclude(state="withdrawn").exists():
        yield Need(_("Choose a plan for the year"), _("See plans"), reverse("employer-plan"), first=True)


def _requests(employer: Employer) -> Iterable[Need]:
    rows = Placement.objects.filter(employer=employer, state="offered", offered_at__isnull=False)
    for row in rows.select_related("session__opportunity", "school", "hub"):
        asked = ngettext("%(n)s student for %(what)s", "%(n)s students for %(what)s", row.places)
        yield Need(
            asked % {"n": row.places, "what": _what(row)},
            _("Answer"),
            _page(row),
            url=_page(row),
            who=row.school.name,
            since=row.offered_at,
            due=row.hub.today(row.answer_by) if row.answer_by else None,
        )


def _changes(employer: Employer, now: dt.datetime) -> Iterable[Need]:
    """Changes of what was agreed that wait for the employer's answer; on the first day it is too late for one."""
    rows = Amendment.objects.standing(now).filter(
        placement__employer=employer, placement__state__in=KNOWN_TO_EMPLOYER, placement__offered_at__isnull=False
    )
    for row in rows.select_related("placement__session__opportunity", "placement__school"):
        if "employer" in row.asks:
            yield Need(
                _("May this be changed? %(what)s") % {"what": _what(row.placement)},
                _("See the change and answer"),
                reverse("employer-placement-change", args=[row.placement_id]),
                url=_page(row.placement),
                who=row.placement.school.name,
                since=row.proposed_at,
                due=row.placement.session.first_on,
            )


def _host_clearances(employer: Employer) -> Iterable[Need]:
    rows = Clearance.objects.filter(
        placement__employer=employer,
        placement__state__in=["accepted", "ready"],
        responsible="host",
        student__isnull=True,
        state="open",
    ).select_related("requirement", "placement__session__opportunity", "placement__school")
    for row in rows:
        prepares = row.requirement.kind == Requirement.Kind.PREPARATION
        task = _to_prepare(row.placement) if prepares else row.requirement.title
        yield Need(
            _("%(task)s: %(what)s") % {"task": task, "what": _what(row.placement)},
            _("Send the link") if prepares and row.placement.supervisor else _("Do it"),
            reverse("employer-placement-clearance", args=[row.placement_id, row.pk]),
            url=_page(row.placement),
            who=row.placement.school.name,
            due=row.due_on,
        )


def _to_prepare(placement: Placement) -> str:
    if placement.supervisor:
        return _("%(name)s still has to prepare") % {"name": placement.supervisor}
    return _("Say who looks after the students")


def _steps(employer: Employer, today: dt.date) -> Iterable[Need]:
    rows = PlanStep.objects.filter(
        employer=employer, state="planned", plan__state="active", due_on__lte=today + STEP_AHEAD
    )
    steps = list(rows.select_related("owner", "plan__template", "template_step"))
    speak_steps(steps)
    for row in steps:
        page = reverse("employer-plan-step", args=[row.pk])
        owner = str(row.owner) if row.owner else ""
        yield Need(row.title, _("Open the step"), page, url=page, who=owner, due=row.due_on, language=row.language)


def _feedback(employer: Employer, now: dt.datetime) -> Iterable[Need]:
    given = Feedback.objects.filter(placement=OuterRef("pk"), side="employer", student=None)
    rows = Placement.objects.filter(
        over(now),
        ~Exists(given),
        employer=employer,
        state__in=["under_way", "completed"],
        session__ends_at__gt=now - FEEDBACK_WITHIN,
    )
    for row in rows.select_related("session__opportunity", "school"):
        yield Need(
            _("How was it? %(what)s") % {"what": _what(row)},
            _("Give feedback"),
            f"{_page(row)}#feedback",
            url=_page(row),
            since=row.ends_at,
        )


def _standards(employer: Employer) -> Iterable[Need]:
    """What the hub handed back, else the round that waits for answers."""
    rows = SelfAssessment.objects.filter(employer=employer, state="open").exclude(comment="")
    for row in rows.select_related("hub"):
        page = reverse("employer-assessment", args=[row.pk])
        title = _("A question about your answers to the standards")
        yield Need(title, _("Go on"), page, url=page, who=row.hub.name, since=row.submitted_at)
        return
    sent = SelfAssessment.objects.answered().filter(round=OuterRef("round"), employer=employer)
    asked = RoundPlace.objects.filter(~Exists(sent), employer=employer, round__state="open")
    for place in asked.select_related("round", "hub").order_by("round__closes_on")[:1]:
        page = reverse("employer-standards")
        yield Need(place.round.name, _("Answer"), page, url=page, who=place.hub.name, due=place.round.closes_on)


def _unprepared(employer: Employer, today: dt.date) -> Iterable[Need]:
    """Volunteers who have still to go through what the hub requires, named on a placement or not."""
    needed = required(employer.hub)
    if not needed:
        return
    rows = with_preparation(Volunteer.objects.filter(employer=employer, is_active=True), needed, today)
    missing = rows.exclude(preparation__in=["prepared", "lapsing"]).count()
    if missing:
        said = ngettext("%(n)s volunteer still has to prepare", "%(n)s volunteers still have to prepare", missing)
        page = reverse("employer-organisation") + "#volunteers"
        yield Need(said % {"n": missing}, _("Send the links"), page, url=page)


def _returned(employer: Employer) -> Iterable[Need]:
    rows = Opportunity.objects.filter(employer=employer, state="draft").exclude(comment="").select_related("hub")
    for row in rows:
        page = reverse("employer-opportunity", args=[row.pk])
        title = _("A change is asked for: %(title)s") % {"title": row.title}
        yield Need(title, _("Go on"), page, url=page, who=row.hub.name, since=row.updated_at)


def _documents(papers: list[Document], today: dt.date) -> Iterable[Need]:
    for row in (row for row in papers if row.expires_on and row.expires_on <= today + LAPSE_AHEAD):
        yield Need(
            _("Renew: %(document)s") % {"document": row.get_kind_display()},
            _("Send the new one"),
            reverse("employer-document-new"),
            url=reverse("employer-organisation"),
            due=row.expires_on,
        )
