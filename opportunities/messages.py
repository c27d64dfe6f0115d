"""Mails about opportunities and plan steps."""

from __future__ import annotations

import datetime as dt

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from employers.models import Employer, Site
from hubs.mail import Mail
from hubs.models import Hub, Message
from hubs.outbox import Kind, register
from hubs.partners import Family, tell_of
from hubs.shipped import Row, invents
from hubs.words import day as say
from opportunities.models import EncounterType, Opportunity, PlanStep
from opportunities.translating import spoken


def invented_offer(hub: Hub, **fields) -> Opportunity:
    """What a hub's pages about wordings speak of: in no table."""
    firm = Employer(pk=0, hub=hub, name=_("Brightwater Engineering"))
    site = Site(pk=0, hub=hub, employer=firm, name=_("Main works"))
    kind = EncounterType(pk=0, hub=hub, name=_("Workplace visit"))
    given = {"title": _("See how it is made"), "encounter_type": kind, "site": site}
    return Opportunity(pk=0, hub=hub, employer=firm, **given | fields)


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


def _words(opportunity: Opportunity) -> dict[str, str]:
    return {
        "title": opportunity.title,
        "employer": opportunity.employer.name,
        "reason": opportunity.comment,
    }


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
    step, day = spoken(step), say(step.due_on)
    return Mail(
        subject=subject % {"step": step.title},
        paragraphs=tuple(text for text in (sentence % {"day": day}, step.guidance) if text),
        facts=((str(_("Step")), step.title), (str(_("By")), day)),
        action=(_("Open the step"), step.hub.url(reverse("employer-plan-step", args=[step.pk]))),
    )


def _step_words(step: PlanStep) -> dict[str, str]:
    said = spoken(step)
    return {"step": said.title, "day": say(said.due_on), "guidance": said.guidance}


def _step_waits(step: PlanStep, message: Message, now: dt.datetime) -> bool:
    """Still planned, for the day the message was written about."""
    return step.state == "planned" and step.plan.state == "active" and message.version.startswith(str(step.due_on))


register(
    Kind(
        "opportunity-submitted",
        about=gettext_lazy("an opportunity to approve"),
        audience="hub",
        urgency="today",
        may_digest=True,
        when=gettext_lazy("When an employer sends an opportunity."),
        why=gettext_lazy("Schools see it once the hub approves it."),
        compose=_submitted,
        placeholders=("title", "employer"),
        words=_words,
        live=lambda opportunity, message, now: opportunity.state == "submitted",
        after="opportunities.opportunity:submitted",
    )
)
register(
    Kind(
        "opportunity-approved",
        about=gettext_lazy("an opportunity was approved"),
        audience="employer",
        urgency="today",
        may_digest=True,
        signs_in=True,
        when=gettext_lazy("When the hub approves an opportunity."),
        why=gettext_lazy("The employer knows that schools can ask now."),
        compose=_approved,
        placeholders=("title", "employer"),
        words=_words,
        live=lambda opportunity, message, now: opportunity.state == "published",
        after="opportunities.opportunity:published",
    )
)
register(
    Kind(
        "opportunity-returned",
        about=gettext_lazy("an opportunity was sent back"),
        audience="employer",
        urgency="today",
        signs_in=True,
        when=gettext_lazy("When the hub asks for a change."),
        why=gettext_lazy("Schools see nothing until it is changed."),
        compose=_returned,
        placeholders=("title", "employer", "reason"),
        words=_words,
        live=lambda opportunity, message, now: opportunity.state == "draft",
    )
)


def _stale(opportunity: Opportunity, message: Message, now: dt.datetime) -> Mail:
    return Mail(
        subject=_("Still true? %(title)s") % {"title": opportunity.title},
        paragraphs=(_("Schools look at it, but nobody has said for a while that it still holds, or it has no dates."),),
        facts=_facts(opportunity, now),
        action=(_("Confirm or change it"), opportunity.hub.url(reverse("employer-opportunity", args=[opportunity.pk]))),
    )


def _still_stale(opportunity: Opportunity, message: Message, now: dt.datetime) -> bool:
    """Not confirmed since the message was written about it."""
    confirmed = opportunity.confirmed_at or opportunity.created_at
    return opportunity.state == "published" and message.version.removesuffix("-last") == f"{confirmed:%Y%m%d}"


register(
    Kind(
        "opportunity-stale",
        about=gettext_lazy("an offer nobody has confirmed for long"),
        audience="employer",
        urgency="digest",
        may_opt_out=True,
        may_digest=True,
        signs_in=True,
        when=gettext_lazy("When an offer was not confirmed for ninety days, and once more after a hundred and ten."),
        why=gettext_lazy("Schools trust what they see."),
        compose=_stale,
        placeholders=("title", "employer"),
        words=_words,
        live=_still_stale,
    )
)


def _hidden(opportunity: Opportunity, message: Message, now: dt.datetime) -> Mail:
    return Mail(
        subject=_("Paused: %(title)s") % {"title": opportunity.title},
        paragraphs=(
            _("Nobody has said for long that it still holds, so schools do not see it any more."),
            _("If it does, one press shows it again. Places already given stay as they are."),
        ),
        facts=_facts(opportunity, now),
        action=(_("Show it again"), opportunity.hub.url(reverse("employer-opportunity", args=[opportunity.pk]))),
    )


register(
    Kind(
        "opportunity-hidden",
        about=gettext_lazy("an offer schools no longer see"),
        audience="employer",
        urgency="today",
        may_digest=True,
        signs_in=True,
        when=gettext_lazy("When an offer was not confirmed for a hundred and twenty days and is paused."),
        why=gettext_lazy("What schools see holds."),
        compose=_hidden,
        placeholders=("title", "employer"),
        words=_words,
        live=lambda opportunity, message, now: opportunity.state == "paused",
    )
)
register(
    Kind(
        "plan-step-due",
        about=gettext_lazy("a plan step is due"),
        audience="employer",
        urgency="digest",
        may_digest=True,
        signs_in=True,
        when=gettext_lazy("Before and after the day a step of the plan is due."),
        why=gettext_lazy("A plan is kept in small steps."),
        compose=_step_due,
        placeholders=("step", "day", "guidance"),
        words=_step_words,
        live=_step_waits,
        may_opt_out=True,
    )
)


def _invented(hub: Hub, now: dt.datetime) -> Row:
    comment = _("Please say which floor, and who meets the students.")
    return Row(invented_offer(hub, comment=comment), {}, 0)


def _invented_step(hub: Hub, now: dt.datetime) -> Row:
    due = hub.today(now) + dt.timedelta(days=7)
    step = PlanStep(pk=0, hub=hub, title=_("Agree a date with a school"), due_on=due, state="planned")
    step.guidance = _("A class that comes once is a beginning.")
    return Row(step, {}, 0)


invents(
    _invented, "opportunity-submitted", "opportunity-approved", "opportunity-returned", "opportunity-stale",
    "opportunity-hidden",
)  # fmt: skip
invents(_invented_step, "plan-step-due")
tell_of(
    Family(
        "opportunity", gettext_lazy("Opportunities"), "opportunities.opportunity", "opportunity",
        "api-opportunities-detail",
    ),
    Family("session", gettext_lazy("Sessions"), "opportunities.session", "session", "api-sessions-detail"),
)  # fmt: skip
