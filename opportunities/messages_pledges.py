"""Mails that ask what an employer can give."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from employers.models import Employer
from hubs.mail import Mail
from hubs.models import Hub, Message
from hubs.outbox import Kind, register
from hubs.shipped import Row, invents
from hubs.words import day as say
from opportunities.domain import pledges
from opportunities.models import Pledge


def _action(hub: Hub) -> tuple[str, str]:
    return _("Say what you can give"), hub.url(reverse("employer-pledge"))


def _question(row: Pledge) -> str:
    return {
        Pledge.Answer.YES: _("Last time you said yes. What can you give this time? Roughly is enough; no dates yet."),
        Pledge.Answer.MAYBE: _("You said maybe, and that we may ask again. Has it become a yes?"),
        Pledge.Answer.NO: _("You said not this year, and that we may ask again. A single hour helps, too."),
    }[Pledge.Answer(row.answer)]


def _again(row: Pledge, message: Message, now: dt.datetime) -> Mail:
    return Mail(
        subject=_("What can you give? %(employer)s") % {"employer": row.employer},
        paragraphs=(_question(row),),
        facts=((_("You said"), row.get_answer_display()), (_("On"), say(row.answered_at, now))),
        action=_action(row.hub),
    )


def _still_open(row: Pledge, message: Message, now: dt.datetime) -> bool:
    """Nobody has answered again since the message was written."""
    newer = Pledge.objects.filter(employer=row.employer_id, year_starts_on__gt=row.year_starts_on)
    return message.version == str(row.ask_again_on) and row.employer.is_active and not newer.exists()


def _asked(employer: Employer, message: Message, now: dt.datetime) -> Mail:
    first, last = employer.hub.academic_year_of(pledges.asked_for(employer.hub, now))
    return Mail(
        subject=_("What can you give? %(employer)s") % {"employer": employer},
        paragraphs=(
            _("Will you work with schools in the year %(first)s–%(last)s? Yes, maybe and not this year all help.")
            % {"first": first.year, "last": last.year},
            _("No dates yet: formats, hours, places and months, as roughly as you like. It binds you to nothing."),
        ),
        facts=(),
        action=_action(employer.hub),
    )


def _years(employer: Employer, message: Message, now: dt.datetime) -> dict[str, str]:
    first, last = employer.hub.academic_year_of(dt.date.fromisoformat(message.version[:10]))
    return {"first": str(first.year), "last": str(last.year)}


def _still_silent(employer: Employer, message: Message, now: dt.datetime) -> bool:
    year = pledges.asked_for(employer.hub, now)
    asked_about = message.version.startswith(str(year))
    return asked_about and employer.is_active and pledges.pledge_of(employer, year) is None


register(
    Kind(
        "pledge-again",
        about=gettext_lazy("what an employer can give, asked again"),
        audience="employer",
        urgency="digest",
        may_opt_out=True,
        may_digest=True,
        signs_in=True,
        when=gettext_lazy("On the day the employer named, four weeks after a maybe, or when the next year is planned."),
        why=gettext_lazy("Not this year is not never."),
        compose=_again,
        placeholders=("employer", "question"),
        words=lambda row: {"employer": row.employer.name, "question": _question(row)},
        live=_still_open,
    )
)
register(
    Kind(
        "pledge-asked",
        about=gettext_lazy("what an employer can give"),
        audience="employer",
        urgency="digest",
        may_opt_out=True,
        may_digest=True,
        signs_in=True,
        when=gettext_lazy("When the hub asks the employers that have not answered for the year."),
        why=gettext_lazy("A rough yes comes before dates."),
        compose=_asked,
        placeholders=("employer", "first", "last"),
        words=lambda employer: {"employer": str(employer)},
        told=_years,
        live=_still_silent,
    )
)


def _firm(hub: Hub) -> Employer:
    return Employer(pk=0, hub=hub, name=_("Brightwater Engineering"))


invents(
    lambda hub, now: Row(
        Pledge(pk=0, hub=hub, employer=_firm(hub), answer=Pledge.Answer.MAYBE, answered_at=now), {}, 0
    ),
    "pledge-again",
)
invents(lambda hub, now: Row(_firm(hub), {}, 0, version=str(pledges.asked_for(hub, now))), "pledge-asked")
