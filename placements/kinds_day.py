"""Kinds of message of the day itself."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from hubs.models import Message
from hubs.outbox import Kind, register
from hubs.texting import BY_MAIL_OR_TEXT
from placements import grounds, kinds, messages_day
from placements.domain.people import STANDING
from placements.models import Placement

STANDS = ("accepted", "ready", "under_way", "completed", "not_attended")


def still_absent(placement: Placement, message: Message, now: dt.datetime) -> bool:
    """As many are still marked absent on that day as when it was written."""
    zone = placement.session.zone
    rows = placement.student_days.filter(present=False, live=True)
    day = dt.date.fromisoformat(message.facts["day"])
    return sum(row.starts_at.astimezone(zone).date() == day for row in rows) == message.facts["count"]


for kind in (
    Kind(
        "absence",
        _("somebody did not come"),
        "school",
        "now",
        messages_day.absence,
        still_absent,
        rests_on=grounds.rests_on,
        channels=BY_MAIL_OR_TEXT,
        mail_too=True,
        placeholders=kinds.PLACEMENT_WORDS,
        words=kinds.words,
        told=messages_day.missing,
        when=_("When the workplace marks somebody absent on the day itself."),
        why=_("A school has to know at once where its students are."),
    ),
    Kind(
        "incident",
        _("something happened at the workplace"),
        "school",
        "now",
        messages_day.incident,
        kinds.in_state(*STANDS),
        rests_on=grounds.rests_on,
        channels=BY_MAIL_OR_TEXT,
        mail_too=True,
        placeholders=(*kinds.PLACEMENT_WORDS, "what", "phone"),
        words=kinds.words,
        told=messages_day.reported,
        when=_("When the workplace reports an accident or a worry; the hub hears it too."),
        why=_("The school rings back; no details are kept here."),
    ),
    Kind(
        "ended-early",
        _("it ends early"),
        "both",
        "now",
        messages_day.ended_early,
        kinds.in_state(*STANDS),
        rests_on=grounds.rests_on,
        channels=BY_MAIL_OR_TEXT,
        mail_too=True,
        placeholders=(*kinds.PLACEMENT_WORDS, "reason"),
        words=kinds.words,
        told=messages_day.early,
        when=_("When a placement ends before its last day; the hub hears it too."),
        why=_("Nobody expects the students on the days after."),
    ),
    Kind(
        "students-changed",
        _("other students come"),
        "employer",
        "today",
        messages_day.students_changed,
        kinds.in_state("accepted", "ready"),
        rests_on=grounds.rests_on,
        readers=STANDING,
        placeholders=kinds.PLACEMENT_WORDS,
        words=kinds.words,
        when=_("When a school names others than those it had named for what is agreed."),
        why=_("Whoever looks after the students prepares for those who come."),
    ),
):
    register(kind)
