"""Mails about opportunities and plan steps."""

from __future__ import annotations

import datetime as dt

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hubs.mail import Mail
from hubs.models import Message
from hubs.outbox import Kind, register
from hubs.words import day as say
from opportunities.models import Opportunity, PlanStep


def _facts(opportunity: Opportunity, now: dt.datetime) -> tuple[tuple[str, str], ...]:
    rows = [
        (_("Opportunity"), opportunity.title),
        (_("Employer"), opportunity.employer.name),
        (_("Kind"), opportunity.encounter_type.name),
    ]
    first = opportunity.sessions.upcoming(now).order_by("starts_at").first()
    if first is not None:
        rows.append((_("First session"), say(timezone.localtime(first.starts_at, first.zone))))
    return tuple((str(name), str(value)) for name, value in rows)


def _desk(opportunity: Opportunity) -> str:
    """The hub's own page about it; the admin's front when that page is not there."""
    try:
        return reverse("opportunities:inspect", args=[opportunity.pk])
    except NoReverseMatch:
        return "/admin/"


def _submitted(opportunity: Opportunity, message: Message, now: dt.datetime) -> Mail:
    return Mail(
        subject=_("To approve: %(title)s, %(employer)s")
        % {"title": opportunity.title, "employer": opportunity.employer},
        paragraphs=(_("An employer has sent an opportunity. Schools see it once you approve it."),),
        facts=_facts(opportunity, now),
        action=(_("Look at it"), opportunity.hub.url(_desk(opportunity))),
    )


def _approved(opportunity: Opportunity, message: Message, now: dt.datetime) -> Mail:
    return Mail(
        subject=_("Published: %(title)s") % {"title": opportunity.title},
        paragraphs=(_("Schools can see it and ask for places. You are asked before anything is binding."),),
        facts=_facts(opportunity, now),
        action=(_("See it"), opportunity.hub.url(reverse("employer-opportunity", args=[opportunity.pk]))),
    )


def _returned(opportunity: Opportunity, message: Message, now: dt.datetime) -> Mail:
    return Mail(
        subject=_("Please change: %(title)s") % {"title": opportunity.title},
        paragraphs=(_("The hub has read it and asks for a change:"), opportunity.comment),
        facts=_facts(opportunity, now),
        action=(_("Change it"), opportunity.hub.url(reverse("employer-opportunity", args=[opportunity.pk]))),
    )


def _step_due(step: PlanStep, message: Message, now: dt.datetime) -> Mail:
    late = step.due_on < step.hub.today(now)
    if late:
        subject = _("Late: %(step)s")
        sentence = _("This step of your plan was due on %(day)s. Move it to a day that suits, or skip it and say why.")
    else:
        subject = _("Next in your plan: %(step)s")
        sentence = _("This step of your plan is due on %(day)s.")
    day = say(step.due_on)
    return Mail(
        subject=subject % {"step": step.title},
        paragraphs=tuple(text for text in (sentence % {"day": day}, step.guidance) if text),
        facts=((str(_("Step")), step.title), (str(_("By")), day)),
        action=(_("Open the step"), step.hub.url(reverse("employer-plan-step", args=[step.pk]))),
    )


def _step_waits(step: PlanStep, message: Message, now: dt.datetime) -> bool:
    """Still planned, for the day the message was written about."""
    return step.state == "planned" and step.plan.state == "active" and message.version.startswith(str(step.due_on))


register(
    Kind(
        "opportunity-submitted",
        about=gettext_lazy("an opportunity to approve"),
        audience="hub",
        urgency="normal",
        compose=_submitted,
        live=lambda opportunity, message, now: opportunity.state == "submitted",
    )
)
register(
    Kind(
        "opportunity-approved",
        about=gettext_lazy("an opportunity was approved"),
        audience="employer",
        urgency="normal",
        compose=_approved,
        live=lambda opportunity, message, now: opportunity.state == "published",
    )
)
register(
    Kind(
        "opportunity-returned",
        about=gettext_lazy("an opportunity was sent back"),
        audience="employer",
        urgency="normal",
        compose=_returned,
        live=lambda opportunity, message, now: opportunity.state == "draft",
    )
)
register(
    Kind(
        "plan-step-due",
        about=gettext_lazy("a plan step is due"),
        audience="employer",
        urgency="low",
        compose=_step_due,
        live=_step_waits,
        may_opt_out=True,
    )
)
