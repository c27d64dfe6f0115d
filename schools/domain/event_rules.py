"""What a school has said its events mean: rules corrected once and remembered, shown and edited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db import IntegrityError, transaction
from django.db.models import Max, Min
from django.utils.translation import gettext as _

from hubs.actors import Actor
from hubs.errors import Refused
from hubs.log import record
from schools import ical_rules
from schools.domain.rights import needs_keeper
from schools.ical import DEFAULT_RULES, CalendarEvent, Rule
from schools.ical_short import Hours
from schools.models import BellSchedule, EventRule, School

AVOID_KIND = "avoid"
#: What a person may say an event is (`EventRule.kind`): the parser's kinds, and "avoid".
EVENT_KINDS = (
    ical_rules.CLOSURE,
    ical_rules.STAFF_DAY,
    ical_rules.PUBLIC_HOLIDAY,
    ical_rules.SHORT_DAY,
    ical_rules.PROTECTED,
    AVOID_KIND,
    ical_rules.TERM,
    ical_rules.TERM_DAY,
    ical_rules.TERM_START,
    ical_rules.TERM_END,
    ical_rules.IGNORE,
)


def school_rules(school: School) -> tuple[Rule, ...]:
    """What this school has said events mean, the longest words first, before what everybody means."""
    own = sorted(EventRule.objects.filter(school=school), key=lambda rule: -len(rule.words))
    return (*(_rule(rule) for rule in own), *DEFAULT_RULES)


def bells_of_short_days(school: School) -> dict[str, Hours]:
    """When lessons are on days the school calls short, by the name of the rule that says so, as its bell has them."""
    rules = EventRule.objects.filter(school=school, kind=ical_rules.SHORT_DAY).exclude(bell=None)
    periods = Min("bell__periods__starts_at"), Max("bell__periods__ends_at")
    rows = rules.annotate(begins=periods[0], ends=periods[1]).exclude(begins=None)
    return {_rule(row).name: (row.begins, row.ends) for row in rows}


def _rule(row: EventRule) -> Rule:
    kind, hardness = (
        (ical_rules.PROTECTED, ical_rules.AVOID) if row.kind == AVOID_KIND else (row.kind, ical_rules.BLOCKED)
    )
    return Rule(kind, (row.words,), hardness, tuple(row.years))


def remember_kinds(school: School, kinds: Mapping[str, str], *, by: Actor, now: dt.datetime) -> None:
    """Keep what a person said events mean: summary → one of EVENT_KINDS, or "" to forget it."""
    needs_keeper(school, by)
    with transaction.atomic():
        for summary, kind in kinds.items():
            words = ical_rules.plain(summary)[:120].strip()
            if not words:
                continue
            if kind not in EVENT_KINDS:
                EventRule.objects.filter(school=school, words=words).delete()
                continue
            EventRule.objects.update_or_create(
                school=school, words=words, defaults={"hub_id": school.hub_id, "kind": kind}
            )
        record(school, "events_reclassified", by=by, now=now, count=len(kinds))


def save_rule(
    school: School,
    words: str,
    kind: str,
    years: Sequence[int] = (),
    *,
    by: Actor,
    now: dt.datetime,
    rule: EventRule | None = None,
    bell: BellSchedule | None = None,
) -> EventRule:
    """Add a rule or change one. It counts from the next file on. `kind`: one of EVENT_KINDS. `years`: whom a protected
    period is for. `bell`: whose hours a short day has. Raises `Refused` when the words say nothing or are a rule
    already, and for another school's bell."""
    needs_keeper(rule or school, by)
    if bell is not None and bell.school_id != school.pk:
        raise Refused(_("Choose a bell schedule of this school."))
    plain = ical_rules.plain(words)[:120].strip()
    if not plain:
        raise Refused(_("Write the words as they stand in the event: letters or numbers."))
    row = rule or EventRule(hub_id=school.hub_id, school=school)
    row.words, row.kind, row.years = plain, kind, sorted(set(years))
    row.bell = bell if kind == ical_rules.SHORT_DAY else None
    try:
        with transaction.atomic():
            row.save()
            record(row, "changed" if rule else "added", by=by, now=now)
    except IntegrityError as clash:
        raise Refused(_("There is a rule for “%(words)s” already.") % {"words": plain}) from clash
    return row


def forget_rule(rule: EventRule, *, by: Actor, now: dt.datetime) -> None:
    needs_keeper(rule, by)
    with transaction.atomic():
        record(rule, "removed", by=by, now=now)
        rule.delete()


def kind_of(event: CalendarEvent) -> str:
    """The kind as a person chooses it, one of EVENT_KINDS."""
    if event.kind == ical_rules.PROTECTED and event.hardness == ical_rules.AVOID:
        return AVOID_KIND
    return event.kind
