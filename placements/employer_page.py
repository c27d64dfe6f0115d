"""Everything the hub knows of one employer, for its page in the back office: a statement or two for each part."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.text import capfirst

from employers.models import Contact, Document, Employer, SelfAssessment, Site, Volunteer
from hubs.models import LogEntry, Message
from hubs.outbox import kind_words
from hubs.views_admin import LOG_LINES
from opportunities.models import ActionPlan, Opportunity, PlanStep, Pledge, Session
from placements.domain.asking import LATELY
from placements.models import Placement

#: Of each kind; the lists of the back office have the rest.
SHOWN = 8


def everything_of(employer: Employer, now: dt.datetime) -> dict[str, Any]:
    """What the template `placements/admin/employer.html` shows beyond people and notes."""
    placements = Placement.objects.filter(employer=employer)
    single = _single(employer, now)
    return {
        **single,
        "sites": list(Site.objects.filter(employer=employer)),
        "contacts": list(Contact.objects.filter(employer=employer)),
        "plans": _plans(employer),
        "offers": list(_offers(employer, now)[:SHOWN]),
        "sessions": list(_sessions(employer, now)[:SHOWN]),
        "placements": list(_newest_first(placements)[: SHOWN + 1]),  # one more says that there are more
        "documents": list(Document.objects.filter(employer=employer).exclude(state__in=["withdrawn", "refused"])),
        "standing": _standing(employer),
        "told": _told(employer),
        "merged": list(employer.merged.order_by("-merged_at")) if single["has_merged"] else [],
    }


def _single(employer: Employer, now: dt.datetime) -> dict[str, Any]:
    """What is one value each, in one statement: how often it was asked lately, volunteers, what it can give."""
    owner = OuterRef("pk")
    pledge = Pledge.objects.filter(employer=owner).order_by("-year_starts_on")
    lately = Placement.objects.filter(employer=owner, offered_at__gte=now - LATELY).order_by()
    ready = Volunteer.objects.filter(employer=owner, is_active=True).order_by()
    found = Employer.objects.values(
        asked=_number_of(lately), volunteers=_number_of(ready),
        has_merged=Exists(Employer.objects.filter(merged_into=owner)),
        pledge_id=Subquery(pledge.values("pk")[:1]), pledge_answer=Subquery(pledge.values("answer")[:1]),
        pledged_for=Subquery(pledge.values("year_starts_on")[:1]),
    ).get(pk=employer.pk)  # fmt: skip
    return {**found, "answer": dict(Pledge.Answer.choices).get(found["pledge_answer"], "")}


def _number_of(rows: QuerySet) -> Coalesce:
    return Coalesce(Subquery(rows.values("employer").annotate(n=Count("pk")).values("n")), 0)


def _plans(employer: Employer) -> list[ActionPlan]:
    """With how many steps are done, of how many, and the next that is to do."""
    rows = ActionPlan.objects.filter(employer=employer).select_related("template")
    to_do = PlanStep.objects.filter(plan=OuterRef("pk"), state="planned").order_by("due_on", "position", "pk")
    return list(
        rows.annotate(
            of=Count("steps", filter=~Q(steps__state="skipped")), done=Count("steps", filter=Q(steps__state="done")),
            next_title=Subquery(to_do.values("title")[:1]), next_on=Subquery(to_do.values("due_on")[:1]),
        )[:SHOWN]
    )  # fmt: skip


def _offers(employer: Employer, now: dt.datetime) -> QuerySet[Opportunity]:
    ahead = Count("sessions", filter=Q(sessions__state="planned", sessions__starts_at__gt=now))
    rows = Opportunity.objects.filter(employer=employer).exclude(state="withdrawn")
    return rows.select_related("encounter_type").annotate(ahead=ahead).order_by("-created_at", "-pk")


def _sessions(employer: Employer, now: dt.datetime) -> QuerySet[Session]:
    rows = Session.objects.filter(employer=employer).upcoming(now)
    return rows.select_related("hub", "opportunity").order_by("starts_at", "pk")


def _newest_first(rows: QuerySet[Placement]) -> QuerySet[Placement]:
    rows = rows.select_related("hub", "school", "group", "session__opportunity")
    return rows.order_by("-session__starts_at", "-pk")


def _standing(employer: Employer) -> list[SelfAssessment]:
    rows = SelfAssessment.objects.filter(employer=employer).select_related("framework")
    return list(rows.defer("framework__sealed", "framework__texts").order_by("-started_at", "-pk")[:3])


def _told(employer: Employer) -> list[tuple[str, Message]]:
    """What it was written last, and what is about to go."""
    rows = Message.objects.filter(organisation=employer.pk).exclude(state="skipped").order_by("-due_at", "-pk")
    return [(capfirst(kind_words(row.kind)), row) for row in rows[:SHOWN]]


def log_with_merged(employer: Employer) -> list[LogEntry]:
    """The latest entries about it, and about the records that were put into it."""
    pks = [employer.pk, *employer.merged.values_list("pk", flat=True)]
    labels = ["employers.employer", "hubs.organisation"]
    rows = LogEntry.objects.filter(hub_id=employer.hub_id, subject_type__in=labels, subject_id__in=pks)
    return list(rows.select_related("by", "on_behalf_of")[:LOG_LINES])
