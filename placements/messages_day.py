"""Mails of the day itself, and of who comes. Nobody is named in them: the page says who."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubs.mail import Mail
from hubs.models import Message
from hubs.words import in_full
from placements.domain.on_the_day import INCIDENTS
from placements.doors import own_page
from placements.messages import facts, in_calendar, short
from placements.models import Placement


def _register(placement: Placement) -> str:
    return placement.hub.url(reverse("school-register", args=[placement.pk]))


def _day(written: str) -> str:
    return in_full(dt.date.fromisoformat(written))


def missing(placement: Placement, message: Message, now: dt.datetime) -> dict[str, str]:
    return {"day": _day(message.facts["day"]), "count": str(message.facts.get("count", 1))}


def reported(placement: Placement, message: Message, now: dt.datetime) -> dict[str, str]:
    return {"what": str(INCIDENTS[message.facts["what"]]), "phone": message.facts.get("phone", "")}


def early(placement: Placement, message: Message, now: dt.datetime) -> dict[str, str]:
    return {"day": _day(message.facts["last_day"]), "reason": message.facts.get("why", "")}


def absence(placement: Placement, message: Message, now: dt.datetime) -> Mail:
    count = int(message.facts.get("count", 1))
    return Mail(
        subject=ngettext(
            "%(count)s student is not at %(employer)s", "%(count)s students are not at %(employer)s", count
        )
        % {**short(placement), "count": count},
        paragraphs=(
            _("The register of %(day)s was just taken at the workplace.") % {"day": _day(message.facts["day"])},
            _("See who is missing, and ring home as your school does."),
        ),
        facts=facts(placement)[:3],
        action=(_("See who is missing"), _register(placement)),
    )


def incident(placement: Placement, message: Message, now: dt.datetime) -> Mail:
    phone = message.facts.get("phone", "")
    return Mail(
        subject=_("Please ring %(employer)s now") % short(placement),
        short=_("Please ring %(employer)s now: %(phone)s") % {**short(placement), "phone": phone} if phone else "",
        paragraphs=(
            _("The workplace reports: %(what)s.") % {"what": INCIDENTS[message.facts["what"]]},
            _("No details are kept here. Ring them, and record it as your school does."),
        ),
        facts=(*([(_("Ring back"), phone)] if phone else []), *facts(placement)),
        action=(_("See the placement"), own_page(placement, message, now)),
    )


def ended_early(placement: Placement, message: Message, now: dt.datetime) -> Mail:
    attached = in_calendar(placement, message) if message.organisation_id else ()
    return Mail(
        subject=_("It ends early: %(title)s") % short(placement),
        paragraphs=(
            _("The last day is %(day)s.") % {"day": _day(message.facts["last_day"])},
            message.facts.get("why", ""),
            _("Nobody comes on the days after. There is nothing for you to do.")
            if message.organisation_id == placement.employer_id
            else _("The students are free on the days after. Close the register when you are ready."),
            *([_("The change for your calendar is attached.")] if attached else []),
        ),
        facts=facts(placement)[:3],
        action=(_("See the placement"), own_page(placement, message, now)),
        attachments=attached,
    )


def students_changed(placement: Placement, message: Message, now: dt.datetime) -> Mail:
    joined, left, count = (int(message.facts[name]) for name in ("joined", "left", "count"))
    changes = (
        (_("Come now"), ngettext("%(n)d student", "%(n)d students", joined) % {"n": joined}),
        (_("No longer come"), ngettext("%(n)d student", "%(n)d students", left) % {"n": left}),
        (_("In all"), ngettext("%(n)d student", "%(n)d students", count) % {"n": count}),
    )
    return Mail(
        subject=_("Other students come: %(title)s, %(day)s") % short(placement),
        paragraphs=(
            _("%(school)s has changed who comes. Days, times and places stay as agreed.") % short(placement),
            _("Nobody is named here: the page says who comes."),
        ),
        facts=(*changes, *facts(placement)[:3]),
        action=(_("See who comes"), own_page(placement, message, now)),
    )
