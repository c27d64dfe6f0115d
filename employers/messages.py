"""Mails about an employer's own papers."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from employers.models import Document, Employer, Interest
from employers.people import employer_people
from hubs.mail import Mail
from hubs.models import Hub, Message
from hubs.outbox import Kind, queue, reason, register
from hubs.shipped import Row, invents
from hubs.wallclock import MORNING, WallTime
from hubs.words import day as say

REMIND_DAYS = (30, 7)  # before a document lapses


def _facts(document: Document) -> tuple[tuple[str, str], ...]:
    rows = [(_("Document"), document.get_kind_display()), (_("Employer"), document.employer.name)]
    if document.expires_on:
        rows.append((_("Valid until"), say(document.expires_on)))
    return tuple((str(name), str(value)) for name, value in rows)


def _words(document: Document) -> dict[str, str]:
    return {
        "document": document.get_kind_display(),
        "employer": document.employer.name,
        "day": say(document.expires_on),
    }


def _to_check(document: Document, message: Message, now: dt.datetime) -> Mail:
    return Mail(
        subject=_("To check: %(kind)s of %(employer)s")
        % {"kind": document.get_kind_display(), "employer": document.employer},
        paragraphs=(_("A document was added and counts once you have looked at it."),),
        facts=_facts(document),
        action=(_("Look at the document"), document.hub.url(reverse("papers:inspect", args=[document.pk]))),
    )


def _refused(document: Document, message: Message, now: dt.datetime) -> Mail:
    return Mail(
        subject=_("Please send another %(kind)s") % {"kind": document.get_kind_display()},
        paragraphs=(_("The hub could not use the document."), message.facts.get("reason", "")),
        facts=_facts(document),
        action=(_("Send another"), document.hub.url(reverse("employer-document-new"))),
    )


def _lapses(document: Document, message: Message, now: dt.datetime) -> Mail:
    return Mail(
        subject=_("Your %(kind)s runs out on %(day)s")
        % {"kind": document.get_kind_display(), "day": say(document.expires_on)},
        paragraphs=(
            _("Students cannot start after that day without a current one. Send the new one when you have it."),
        ),
        facts=_facts(document),
        action=(_("Send the new one"), document.hub.url(reverse("employer-document-new"))),
    )


def _still_lapsing(document: Document, message: Message, now: dt.datetime) -> bool:
    """Not when a newer one of the same kind is held already."""
    newer = Document.objects.filter(
        employer=document.employer_id, kind=document.kind, state="held", expires_on__gt=document.expires_on
    )
    return document.state == "held" and not newer.exists()


def _interest(interest: Interest, message: Message, now: dt.datetime) -> Mail:
    return Mail(
        subject=_("Would like to take part: %(name)s") % {"name": interest.name},
        paragraphs=(_("An employer wrote on your site. It waits on the desk; nobody else sees it."),),
        facts=((str(_("Organisation")), interest.name), (str(_("Size")), str(interest.get_size_display()))),
        action=(_("Look at it"), interest.hub.url(reverse("interests:inspect", args=[interest.pk]))),
    )


register(
    Kind(
        "interest-written",
        about=gettext_lazy("an employer who would like to take part"),
        audience="hub",
        urgency="today",
        may_digest=True,
        when=gettext_lazy("When somebody fills in the form on the public site."),
        why=gettext_lazy("Goodwill cools."),
        compose=_interest,
        placeholders=("employer",),
        words=lambda interest: {"employer": interest.name},
        live=lambda interest, message, now: interest.state == "open",
    )
)
register(
    Kind(
        "document-to-check",
        about=gettext_lazy("a document to look at"),
        audience="hub",
        urgency="today",
        may_digest=True,
        when=gettext_lazy("When an employer adds a document."),
        why=gettext_lazy("It counts once the hub has looked at it."),
        compose=_to_check,
        placeholders=("document", "employer", "day"),
        words=_words,
        live=lambda document, message, now: document.state == "quarantined",
    )
)
register(
    Kind(
        "document-refused",
        about=gettext_lazy("a document was refused"),
        audience="employer",
        urgency="today",
        signs_in=True,
        when=gettext_lazy("When the hub cannot use a document."),
        why=gettext_lazy("The employer sends another."),
        compose=_refused,
        placeholders=("document", "employer", "day", "reason"),
        words=_words,
        told=reason,
        live=lambda document, message, now: document.state == "refused",
    )
)
register(
    Kind(
        "document-lapses",
        about=gettext_lazy("a document lapses soon"),
        audience="employer",
        urgency="today",
        may_digest=True,
        signs_in=True,
        when=gettext_lazy("Thirty and seven days before a document runs out, at eight."),
        why=gettext_lazy("Students cannot start without a current one."),
        compose=_lapses,
        placeholders=("document", "employer", "day"),
        words=_words,
        live=_still_lapsing,
    )
)


def _invented(hub: Hub, now: dt.datetime) -> Row:
    firm = Employer(pk=0, hub=hub, name=_("Brightwater Engineering"))
    ends = hub.today(now) + dt.timedelta(days=30)
    paper = Document(pk=0, hub=hub, employer=firm, kind=Document.Kind.LIABILITY, expires_on=ends)
    return Row(paper, {"reason": _("The date cannot be read.")}, firm.pk)


invents(_invented, "document-to-check", "document-refused", "document-lapses")
invents(lambda hub, now: Row(Interest(pk=0, hub=hub, name=_("Brightwater Engineering"))), "interest-written")


def queue_document_reminders(now: dt.datetime) -> int:
    """One message at 30 and one at 7 days before a held document lapses, at 8 in the morning
    of the hub. Safe to run as often as one likes. Returns how many rows were new."""
    made = 0
    for hub in Hub.objects.filter(is_active=True):
        today = hub.today(now)
        lapsing = Document.objects.filter(
            hub=hub, state="held", expires_on__gte=today, expires_on__lte=today + dt.timedelta(days=max(REMIND_DAYS))
        )
        for document in lapsing.select_related("employer", "hub").order_by("pk"):
            if document.expires_on is None:
                continue  # valid without end
            left = (document.expires_on - today).days
            version = f"{document.expires_on}-{min(d for d in REMIND_DAYS if left <= d)}"
            for person in employer_people(document.employer):
                due = WallTime(today, MORNING)
                made += bool(queue("document-lapses", document, person, now=now, due_at=due, version=version))
    return made
