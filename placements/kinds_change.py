"""Messages about changing what was agreed: whoever is touched is asked, and hears a no."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from hubs.mail import Mail
from hubs.models import Message
from hubs.outbox import Kind, reason, register
from hubs.words import day, times
from placements import grounds, messages
from placements.domain.amending import difference
from placements.doors import change_page, own_page
from placements.kinds import PLACEMENT_WORDS, words
from placements.models import Amendment, SessionMove
from placements.models.placement import LIVE


def rests_on(row: Amendment) -> tuple:
    return row, *grounds.rests_on(row.placement)


def _facts(amendment: Amendment) -> tuple[tuple[str, str], ...]:
    changes = tuple(
        (what, _("%(before)s → %(after)s") % {"before": before, "after": after})
        for what, before, after in difference(amendment)
    )
    return (*changes, *messages.facts(amendment.placement))


def change_asked(amendment: Amendment, message: Message, now: dt.datetime) -> Mail:
    said = messages.short(amendment.placement)
    return Mail(
        subject=_("May this be changed? %(title)s, %(day)s") % said,
        paragraphs=(message.facts.get("reason", ""), _("What was agreed stands until you say yes.")),
        facts=_facts(amendment),
        action=(_("See the change and answer"), change_page(amendment, message, now)),
    )


def change_refused(amendment: Amendment, message: Message, now: dt.datetime) -> Mail:
    said = messages.short(amendment.placement)
    return Mail(
        subject=_("It stays as agreed: %(title)s, %(day)s") % said,
        paragraphs=(message.facts.get("reason", ""), _("The change that was asked about is not made.")),
        facts=messages.facts(amendment.placement),
        action=(_("See the placement"), own_page(amendment.placement, message, now)),
    )


def asked_still(amendment: Amendment, message: Message, now: dt.datetime) -> bool:
    side = "school" if message.organisation_id == amendment.school_id else "employer"
    return amendment.state == "proposed" and side in amendment.asks


def session_moved(asked: SessionMove, message: Message, now: dt.datetime) -> Mail:
    session = asked.session
    offer = session.opportunity
    return Mail(
        subject=_("Other days: %(title)s") % {"title": offer.title},
        paragraphs=(
            *((asked.reason,) if asked.reason else ()),
            _("You asked for places in it. Your request stands; take it back if these days do not suit."),
        ),
        facts=(
            (_("Employer"), offer.employer.name),
            (_("When"), "; ".join(f"{day(on)}, {times(start, end)}" for on, start, end in asked.dates())),
        ),
        action=(_("See the session"), asked.hub.url(reverse("school-session", args=[session.pk]))),
    )


def _moved(asked: SessionMove) -> dict[str, str]:
    offer = asked.session.opportunity
    return {"title": offer.title, "employer": offer.employer.name, "reason": asked.reason}


def still_there(asked: SessionMove, message: Message, now: dt.datetime) -> bool:
    """The session is still planned for the days this is about."""
    kept = [[day.on.isoformat(), f"{day.starts_at:%H:%M}", f"{day.ends_at:%H:%M}"] for day in asked.session.days.all()]
    return asked.session.state == "planned" and kept == asked.days


for kind in (
    Kind(
        "session-moved",
        lazy("a session you asked for is on other days"),
        "school",
        "today",
        session_moved,
        still_there,
        rests_on=lambda asked: (asked, asked.session),
        may_digest=True,
        placeholders=("title", "employer", "reason"),
        words=_moved,
        when=lazy("When a session is moved, to schools that asked for places in it and have none yet."),
        why=lazy("A wish is for a day; whoever wished hears that it is another one."),
    ),
    Kind(
        "change-asked",
        lazy("a change of what was agreed"),
        "both",
        "now",
        change_asked,
        asked_still,
        rests_on=rests_on,
        placeholders=(*PLACEMENT_WORDS, "reason"),
        words=lambda amendment: words(amendment.placement),
        told=reason,
        when=lazy("When another date or supervisor is asked for, to the sides it touches."),
        why=lazy("What was agreed changes only with those it touches."),
    ),
    Kind(
        "change-refused",
        lazy("a change that is not made"),
        "both",
        "now",
        change_refused,
        lambda row, message, now: row.state == "refused" and row.placement.state in LIVE,
        rests_on=rests_on,
        placeholders=(*PLACEMENT_WORDS, "reason"),
        words=lambda amendment: words(amendment.placement),
        told=reason,
        when=lazy("When a side says no to a change, or whoever asked takes it back."),
        why=lazy("Everybody knows that the date stands."),
    ),
):
    register(kind)
