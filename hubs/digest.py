"""Several things in one mail: what can wait, once a day for each reader."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubs.mail import Item, Mail
from hubs.models.hub import Hub

MOST = 10  # things in one mail; more are not read


def together(mails: Sequence[Mail], hub: Hub) -> Mail:
    """One mail of two or more, in their order; attachments come along."""
    count = len(mails)
    return Mail(
        subject=ngettext("%(count)s thing for you from %(hub)s", "%(count)s things for you from %(hub)s", count)
        % {"count": count, "hub": hub.name},
        paragraphs=(_("None of this is urgent, so it comes in one mail."),),
        items=tuple(_item(mail) for mail in mails),
        action=(_("See everything that waits for you"), hub.url(reverse("home"))),
        small_print="\n".join(dict.fromkeys(mail.small_print for mail in mails if mail.small_print)),
        attachments=tuple(one for mail in mails for one in mail.attachments),
    )


def _item(mail: Mail) -> Item:
    return Item(" ".join(mail.subject.split()), mail.paragraphs[0] if mail.paragraphs else "", mail.action)
