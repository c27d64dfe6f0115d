"""The mails of floor 0. Imported once, from the app's `ready()`."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from typing import cast

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hubs.domain.people import INVITATION
from hubs.domain.texting import CODE, code_of
from hubs.links import link_for
from hubs.mail import Mail
from hubs.models import Hub, Invitation, Message, MessageTemplate, Organisation, Role, TextChoice, User
from hubs.outbox import Kind, register
from hubs.shipped import Row, invents, preview
from hubs.texting import TEXTS
from hubs.words import in_full

ONE_DAY = dt.timedelta(days=1)


def _invitation(row: models.Model, message: Message, now: dt.datetime) -> Mail:
    invitation = cast(Invitation, row)
    hub = invitation.hub
    days = max(1, math.ceil((invitation.expires_at - now) / ONE_DAY))
    _link, token = link_for(invitation, INVITATION, now=now, days=days, address=invitation.email, name=invitation.name)
    place = str(invitation.organisation or hub)
    until = in_full(hub.today(invitation.expires_at), year=True)
    host = str(invitation.invited_by or hub)
    return Mail(
        subject=_("Join %(place)s on %(hub)s") % {"place": place, "hub": hub.name}
        if invitation.organisation
        else _("Join the team of %(hub)s") % {"hub": hub.name},
        paragraphs=(
            _("%(host)s invites you to work with schools and employers in one place.") % {"host": host},
            _("Open the page, choose a password, and you are in. It takes a minute."),
        ),
        facts=(
            (_("For"), place),
            (_("Your role"), str(invitation.get_role_display())),
            (_("The invitation holds until"), until),
        ),
        action=(_("Accept the invitation"), hub.url(reverse("invitation", args=[token]))),
        small_print=_(
            "The link is yours alone: do not pass it on. If you did not expect it, do nothing and it will lapse."
        ),
    )


def _still_open(row: models.Model, message: Message, now: dt.datetime) -> bool:
    invitation = cast(Invitation, row)
    return invitation.state == Invitation.State.OPEN and invitation.expires_at > now


def _invited_to(invitation: Invitation) -> dict[str, str]:
    return {
        "place": str(invitation.organisation or invitation.hub),
        "host": str(invitation.invited_by or invitation.hub),
    }


def _invented(hub: Hub, now: dt.datetime) -> Row:
    place = Organisation(pk=0, hub=hub, name=_("Quayside School"), kind="school")
    host = User(pk=0, name=_("Sam Reed"), email="sam@example.org")
    return Row(
        Invitation(
            pk=0, hub=hub, organisation=place, invited_by=host, email="nobody@example.org",
            role=Role.COORDINATOR, expires_at=now + 14 * ONE_DAY,
        )
    )  # fmt: skip


register(
    Kind(
        name=INVITATION,
        about=gettext_lazy("an invitation to join"),
        audience="invitee",
        urgency="now",
        when=gettext_lazy("When somebody is invited, and when the invitation is sent again."),
        why=gettext_lazy("Nobody joins without one."),
        compose=_invitation,
        live=_still_open,
        placeholders=("place", "host"),
        words=_invited_to,
    )
)


invents(_invented, INVITATION)


def _code(row: models.Model, message: Message, now: dt.datetime) -> Mail:
    return Mail(
        subject=_("%(code)s is the code for urgent messages to this number.") % {"code": code_of(row)}, paragraphs=()
    )


def _code_refused(message: Message, now: dt.datetime) -> None:
    """A mistyped number is its owner's affair and not the hub's."""
    rows = Message.objects.filter(pk=message.pk)
    said = {"stopped_at": now, "refusal": rows.values_list("problem_text", flat=True).get()[:200]}
    TextChoice.objects.filter(pk=message.subject_id, agreed_at=None).update(**said)
    rows.update(settled_at=now)


register(
    Kind(
        name=CODE,
        about=gettext_lazy("a code for a telephone number"),
        audience="whoever gives a number",
        urgency="now",
        when=gettext_lazy("When somebody gives a number for urgent messages."),
        why=gettext_lazy("Nobody agrees for somebody else's telephone."),
        compose=_code,
        live=lambda choice, message, now: choice.agreed_at is None and message.address == choice.number,
        channels=TEXTS,
        refused=_code_refused,
    )
)


def _test(row: models.Model, message: Message, now: dt.datetime) -> Mail:
    template = cast(MessageTemplate, row)
    mail = preview(template, template.hub, message.name, now)
    return dataclasses.replace(mail, subject=_("Test: %(subject)s") % {"subject": mail.subject})


register(
    Kind(
        name="wording-test",
        about=gettext_lazy("a wording tried out"),
        audience="hub",
        urgency="now",
        when=gettext_lazy("When somebody of the hub tries its own wording."),
        why=gettext_lazy("Words are best read where they will be read."),
        compose=_test,
        live=lambda template, message, now: True,
    )
)
