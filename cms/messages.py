"""The mail with which a volunteer prepares."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.preparing import ASKED, PURPOSE, has_to_do
from employers.models import Employer, Volunteer
from hubs.links import link_for
from hubs.mail import Mail
from hubs.models import Hub, Message
from hubs.outbox import Kind, register
from hubs.shipped import Row, invents
from hubs.words import day as say

LINK_DAYS = 60


def _prepare(volunteer: Volunteer, message: Message, now: dt.datetime) -> Mail:
    _link, token = link_for(volunteer, PURPOSE, now=now, days=LINK_DAYS, address=message.address, name=volunteer.name)
    facts = [(_("Employer"), volunteer.employer.name)]
    if volunteer.prepared_until:
        facts.append((_("Prepared until"), say(volunteer.prepared_until)))
    return Mail(
        subject=_("A few minutes before you meet young people"),
        paragraphs=(
            _("%(employer)s has you down as somebody who meets students. Please read a short page and answer a few "
              "questions first; a telephone is enough, and no account is needed.")
            % {"employer": volunteer.employer.name},
        ),
        facts=tuple(facts),
        action=(_("Begin"), volunteer.hub.url(reverse("preparation-link", args=[token]))),
    )  # fmt: skip


def still_asked(volunteer: Volunteer, message: Message, now: dt.datetime) -> bool:
    """Only while there is something to do, and to the address that stands there now."""
    return volunteer.is_active and volunteer.email == message.address and has_to_do(volunteer, now)


register(
    Kind(
        ASKED,
        about=gettext_lazy("a volunteer is asked to prepare"),
        audience="volunteer",
        urgency="today",
        when=gettext_lazy("When the employer or the hub sends it, and 30 and 7 days before a preparation lapses."),
        why=gettext_lazy("Nobody meets young people unprepared."),
        compose=_prepare,
        placeholders=("employer",),
        words=lambda volunteer: {"employer": volunteer.employer.name},
        live=still_asked,
    )
)


def _invented(hub: Hub, now: dt.datetime) -> Row:
    firm = Employer(pk=0, hub=hub, name=_("Brightwater Engineering"))
    return Row(Volunteer(pk=0, hub=hub, employer=firm, name=_("A speaker"), email="speaker@example.org"), {}, firm.pk)


invents(_invented, ASKED)
