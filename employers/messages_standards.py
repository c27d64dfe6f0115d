"""Mails about self-assessments and rounds."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from employers import rounds
from employers.framing import document_of
from employers.models import AssessmentRound, Employer, SelfAssessment, StandardsFramework
from hubs.languages import read_language
from hubs.mail import Mail
from hubs.models import Hub, Message
from hubs.outbox import Kind, register
from hubs.shipped import Row, invents
from hubs.words import day as say


def _standards_url(row) -> str:
    return row.hub.url(reverse("employer-standards"))


def _to_review(row: SelfAssessment, message: Message, now: dt.datetime) -> Mail:
    framework = document_of(row.framework, read_language())
    return Mail(
        subject=_("To look at: standards of %(employer)s") % {"employer": row.employer},
        paragraphs=(_("A self-assessment was sent. Confirm it, or hand it back with a comment."),),
        facts=((_("Employer"), row.employer.name), (_("Standards"), str(framework))),
        action=(_("Open the assessment"), row.hub.url(reverse("assessments:inspect", args=[row.pk]))),
    )


def _handed_back(row: SelfAssessment, message: Message, now: dt.datetime) -> Mail:
    return Mail(
        subject=_("Please look again at your standards"),
        paragraphs=(_("%(hub)s has read your answers and asks:") % {"hub": row.hub}, row.comment),
        facts=((_("Employer"), row.employer.name),),
        action=(_("Go on"), _standards_url(row)),
    )


def _confirmed(row: SelfAssessment, message: Message, now: dt.datetime) -> Mail:
    said = (_("It writes:"), row.comment) if row.comment else ()
    return Mail(
        subject=_("Your standards are confirmed"),
        paragraphs=(
            _("%(hub)s has read your answers and agrees.") % {"hub": row.hub},
            *said,
            _("Your result shows three next steps; each goes on your plan with one press."),
        ),
        facts=((_("Employer"), row.employer.name),),
        action=(_("See the result"), row.hub.url(reverse("employer-results", args=[row.pk]))),
    )


def _round_facts(row: AssessmentRound, message: Message) -> tuple[tuple[str, str], ...]:
    employer = Employer.objects.filter(pk=message.facts.get("employer"), hub=row.hub_id).first()
    return ((_("Employer"), employer.name if employer else ""), (_("Last day"), say(row.closes_on)))


def _opened(row: AssessmentRound, message: Message, now: dt.datetime) -> Mail:
    return Mail(
        subject=_("%(round)s: twenty minutes on how you work with schools") % {"round": row.name},
        paragraphs=(
            _("You answer for yourselves; beside each answer stands what your record shows."),
            _("At the end there are three next steps. Nobody is ranked."),
        ),
        facts=_round_facts(row, message),
        action=(_("Begin"), _standards_url(row)),
    )


def _reminder(row: AssessmentRound, message: Message, now: dt.datetime) -> Mail:
    return Mail(
        subject=_("%(round)s: open until %(day)s") % {"round": row.name, "day": say(row.closes_on)},
        paragraphs=(_("Your answers have not been sent yet. What you began is kept."),),
        facts=_round_facts(row, message),
        action=(_("Go on"), _standards_url(row)),
    )


def _still_asked(row: AssessmentRound, message: Message, now: dt.datetime) -> bool:
    return row.state == "open" and rounds.unanswered(row).filter(pk=message.facts.get("employer")).exists()


def _of_caseload(row: AssessmentRound, message: Message) -> list[Employer]:
    """Who has not answered, of this manager's employers and of those that no manager at work looks after."""
    waiting = rounds.unanswered(row)
    return [e for e in waiting if e.manager is None or not e.manager.is_active or e.manager_id == message.user_id]


def _missing(row: AssessmentRound, message: Message, now: dt.datetime) -> Mail:
    mine = _of_caseload(row, message)
    said = ngettext("%(n)s employer has not answered yet.", "%(n)s employers have not answered yet.", len(mine))
    return Mail(
        subject=_("%(round)s: who has not answered") % {"round": row.name},
        paragraphs=(said % {"n": len(mine)}, ", ".join(e.name for e in mine[:20])),
        facts=((_("Last day"), say(row.closes_on)),),
        action=(_("Open the round"), row.hub.url(reverse("rounds:inspect", args=[row.pk]))),
    )


def _report(row: AssessmentRound, message: Message, now: dt.datetime) -> Mail:
    return Mail(
        subject=_("%(round)s is closed") % {"round": row.name},
        paragraphs=(_("What the hub had confirmed is final now. The report shows where help is needed most."),),
        facts=(
            (_("Asked"), str(row.report.get("asked", 0))),
            (_("Answered"), str(row.report.get("answered", 0))),
        ),
        action=(_("Read the report"), row.hub.url(reverse("rounds:inspect", args=[row.pk]))),
    )


CAN_WAIT = ("assessment-confirmed",)
_KINDS = (
    ("assessment-to-review", gettext_lazy("a self-assessment to look at"), "hub", _to_review,
     lambda row, message, now: row.state == "submitted",
     gettext_lazy("When an employer sends its answers."), gettext_lazy("The hub confirms them or hands them back.")),
    ("assessment-handed-back", gettext_lazy("a self-assessment was handed back"), "employer", _handed_back,
     lambda row, message, now: row.state == "open" and bool(row.comment),
     gettext_lazy("When the hub asks for a change."), gettext_lazy("The employer answers again.")),
    ("assessment-confirmed", gettext_lazy("a self-assessment was confirmed"), "employer", _confirmed,
     lambda row, message, now: row.state in ("reviewed", "final"),
     gettext_lazy("When the hub confirms the answers."), gettext_lazy("The employer goes on with the next steps.")),
    ("round-opened", gettext_lazy("a round of self-assessments opened"), "employer", _opened, _still_asked,
     gettext_lazy("When the hub opens a round."), gettext_lazy("Every employer looks at itself once a round.")),
    ("round-reminder", gettext_lazy("a self-assessment is due soon"), "employer", _reminder, _still_asked,
     gettext_lazy("Before the last day of a round, until the answers are sent."),
     gettext_lazy("A round counts by how many answer.")),
    ("round-missing", gettext_lazy("employers who have not answered a round"), "hub", _missing,
     lambda row, message, now: row.state == "open" and bool(_of_caseload(row, message)),
     gettext_lazy("Near the end of a round, when somebody has not answered."),
     gettext_lazy("The hub helps those who have not.")),
    ("round-report", gettext_lazy("the report of a round"), "hub", _report,
     lambda row, message, now: row.state == "closed",
     gettext_lazy("When a round is closed."), gettext_lazy("It shows where help is needed most.")),
)  # fmt: skip

#: What a hub may name in its own wording of each.
_NAMED = {
    "assessment-to-review": ("employer",),
    "assessment-handed-back": ("employer", "reason"),
    "assessment-confirmed": ("employer", "reason"),
    "round-opened": ("round", "day", "employer"),
    "round-reminder": ("round", "day", "employer"),
    "round-missing": ("round", "day", "count", "employers"),
    "round-report": ("round", "day"),
}


def _words(row: SelfAssessment | AssessmentRound) -> dict[str, str]:
    if isinstance(row, AssessmentRound):
        return {"round": row.name, "day": say(row.closes_on)}
    return {"employer": row.employer.name, "reason": row.comment}


def _told(row: SelfAssessment | AssessmentRound, message: Message, now: dt.datetime) -> dict[str, str]:
    if not isinstance(row, AssessmentRound):
        return {}
    if message.kind == "round-missing":
        mine = _of_caseload(row, message)
        return {"count": str(len(mine)), "employers": ", ".join(e.name for e in mine[:20])}
    employer = Employer.objects.filter(pk=message.facts.get("employer"), hub=row.hub_id).first()
    return {"employer": employer.name if employer else ""}


for name, about, audience, compose, live, when, why in _KINDS:
    waits = audience == "hub" or name in CAN_WAIT
    register(
        Kind(
            name, about, audience, "today", compose, live, may_digest=waits, when=when, why=why,
            placeholders=_NAMED[name], words=_words, told=_told, signs_in=audience == "employer",
        )
    )  # fmt: skip


def _invented_round(hub: Hub, now: dt.datetime) -> Row:
    ends = hub.today(now) + dt.timedelta(days=14)
    row = AssessmentRound(pk=0, hub=hub, name=_("Spring round"), closes_on=ends, state="open", framework_id=0)
    firms = _("Brightwater Engineering, Saffron Bakery")
    return Row(row, instead={"employer": _("Brightwater Engineering"), "employers": firms, "count": "2"})


def _invented_assessment(hub: Hub, now: dt.datetime) -> Row:
    firm = Employer(pk=0, hub=hub, name=_("Brightwater Engineering"))
    framework = StandardsFramework(pk=0, hub=hub, name=_("Standards"), side="employer")
    said = _("Please say more about how students were prepared.")
    return Row(SelfAssessment(pk=0, hub=hub, employer=firm, framework=framework, comment=said), {}, firm.pk)


invents(_invented_round, "round-opened", "round-reminder", "round-missing", "round-report")
invents(_invented_assessment, "assessment-to-review", "assessment-handed-back", "assessment-confirmed")
