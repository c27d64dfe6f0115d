"""Messages about what must be ready, and about signatures: no student's name or alias in any."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubs.links import link_for
from hubs.mail import Mail
from hubs.models import Message
from placements.doors import answer_page, own_page
from placements.messages import facts, short
from placements.models import Clearance, Placement, Signature
from placements.models.ready import BLOCKING


def host_open(placement: Placement):
    """What still keeps the placement from starting and is the host's to do."""
    return placement.clearances.filter(state="open", blocks__in=BLOCKING, responsible="host", student__isnull=True)


def host_clearances_open(placement: Placement, message: Message, now: dt.datetime) -> Mail:
    count = host_open(placement).count()
    return Mail(
        subject=ngettext("%(count)s thing to do before %(title)s", "%(count)s things to do before %(title)s", count)
        % {**short(placement), "count": count},
        paragraphs=(
            _("Students of %(school)s come on %(day)s. They cannot start before this is done.") % short(placement),
        ),
        facts=((_("To do"), "; ".join(_titles(placement))), *facts(placement)),
        action=(_("See what is asked"), answer_page(placement, message, now)),
        small_print=_("The link is for you alone. Opening it changes nothing."),
    )


def _titles(placement: Placement) -> list[str]:
    return [row.requirement.title for row in host_open(placement).select_related("requirement").order_by("due_on")]


def start_blocked(placement: Placement, message: Message, now: dt.datetime) -> Mail:
    """To everybody who can do something about it, each with their own page."""
    rows = placement.clearances.blocking().select_related("requirement")
    return Mail(
        subject=_("Not cleared: %(title)s cannot start") % short(placement),
        paragraphs=(
            _("It was to begin on %(day)s, and something that has to be done first is still open.") % short(placement),
            _("Do it now, or call the placement off. Nobody starts before."),
        ),
        facts=((_("Still open"), "; ".join(sorted({_who_and_what(row) for row in rows}))), *facts(placement)),
        action=(_("See the placement"), own_page(placement, message, now)),
    )


def _who_and_what(row: Clearance) -> str:
    return f"{row.requirement.title} ({row.get_responsible_display()})"


def signature_asked(line: Signature, message: Message, now: dt.datetime) -> Mail:
    placement = line.agreement.placement
    days = max(1, (placement.session.ends_at - now).days + 1)
    _link, token = link_for(line, "sign", now=now, days=days, address=message.address, name=message.name)
    return Mail(
        subject=_("%(school)s asks for your signature") % short(placement),
        paragraphs=(_("Read the agreement and sign it on the page, on a phone too. No account is needed."),),
        facts=(*facts(placement)[:3], (_("You sign as"), line.label)),
        action=(_("Read and sign"), placement.hub.url(reverse("sign-link", args=[token]))),
        small_print=_("The link is for you alone. Opening it signs nothing."),
    )


def signature_withdrawn(line: Signature, message: Message, now: dt.datetime) -> Mail:
    placement = line.agreement.placement
    return Mail(
        subject=_("A signature was taken back: %(title)s") % short(placement),
        paragraphs=(
            _("It is asked for again, and nobody starts before it is there."),
            _("The page of the agreement shows whose it was."),
        ),
        facts=facts(placement)[:3],
        action=(_("See the agreement"), placement.hub.url(reverse("school-agreements", args=[placement.pk]))),
    )


def consent_withdrawn(clearance: Clearance, message: Message, now: dt.datetime) -> Mail:
    placement = clearance.placement
    return Mail(
        subject=_("A parent or carer withdrew: %(title)s") % short(placement),
        paragraphs=(
            _("Somebody who had agreed does not agree any more. The placement page shows whose child it is."),
            _("Nobody starts without agreement: talk with the family, or name another student."),
        ),
        facts=facts(placement)[:3],
        action=(_("See the task list"), placement.hub.url(reverse("school-placement", args=[placement.pk]))),
    )
