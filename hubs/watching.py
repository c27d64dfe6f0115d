"""Is everything being sent? Answers from the rows alone, for the hub's page, an alarm and machines.

What was expected is what was written: a row that is due and not sent shows here, whatever
stopped it. A kind that nobody writes any more leaves no row at all; it is found by comparing
the last week with the four before it. Where a kind names the entry of the log it is written with
(`Kind.after`), a week with fewer of these is expected to bring fewer messages, and one without any none.
"""

from __future__ import annotations

import datetime as dt
import functools
import operator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min, Q
from django.db.models.functions import Coalesce

from hubs import heartbeat
from hubs.models import Heartbeat, Hub, LogEntry, Message
from hubs.outbox import KINDS, kind_words

#: A row due for longer than this means that sending has stopped for it.
STUCK_AFTER = dt.timedelta(minutes=30)
#: Rows a week, on average over four weeks, from which a week without any is an alarm.
USUAL = 5
WEEK = dt.timedelta(days=7)
#: In so many of those four weeks something was written: what comes in bursts, as a round does, is quiet in between.
REGULAR = 3
BEFORE = range(1, 5)
WAITING = Q(state__in=["due", "leased"])
#: When a row was due first, however often it was put off since.
FIRST_DUE = Coalesce("first_due_at", "due_at")


@dataclass(frozen=True)
class KindToday:
    """One kind of one hub. `expected` were due today until now, `done` of them are settled;
    `usual` is how many a week were written on average in the four weeks before the last seven days, `weeks`
    in how many of those weeks there were any, and `wanted` how many the last seven days should have brought."""

    name: str
    words: str
    expected: int
    done: int
    sent: int
    failed: int
    oldest: dt.datetime | None
    week: int
    usual: float
    weeks: int
    wanted: float
    stuck: bool

    @property
    def silent(self) -> bool:
        return self.week == 0 and self.wanted >= USUAL and self.weeks >= REGULAR


@dataclass(frozen=True)
class JobState:
    """`at` is its last success or, when it has never run (`ever`), since when it should have."""

    name: str
    at: dt.datetime
    late: bool
    ever: bool = True


def kinds_today(hub: Hub, now: dt.datetime) -> list[KindToday]:
    """Every kind this hub has written in five weeks or waits for today, by its words."""
    local = now.astimezone(hub.zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    today = Q(first_due__gte=midnight, first_due__lte=now)
    overdue = WAITING & Q(first_due__lte=now)
    rows = (
        Message.objects.filter(hub=hub)
        .alias(first_due=FIRST_DUE)
        .filter(Q(created_at__gte=now - 5 * WEEK) | today | overdue)
    )
    found = (
        rows.values("kind")
        .annotate(
            expected=Count("pk", filter=today),
            done=Count("pk", filter=today & ~WAITING),
            sent=Count("pk", filter=today & Q(state="sent")),
            failed=Count("pk", filter=today & Q(state="failed")),
            oldest=Min("first_due", filter=overdue),
            week=Count("pk", filter=Q(created_at__gte=now - WEEK)),
            **{
                f"before_{back}": Count(
                    "pk", filter=Q(created_at__lt=now - back * WEEK, created_at__gte=now - (back + 1) * WEEK)
                )
                for back in BEFORE
            },
        )
        .order_by("kind")
    )
    causes = _causes(hub, now)
    made = [
        KindToday(
            row["kind"], kind_words(row["kind"]), row["expected"], row["done"], row["sent"], row["failed"],
            row["oldest"], row["week"], sum(_before(row)) / len(BEFORE),
            sum(count > 0 for count in _before(row)),
            sum(_before(row)) / len(BEFORE) * _share(causes, row["kind"]),
            row["oldest"] is not None and now - row["oldest"] > STUCK_AFTER,
        )
        for row in found
    ]  # fmt: skip
    return sorted(made, key=lambda one: one.words)


def _before(row: Any) -> list[int]:
    """How many were written in each of the weeks that this one is compared with."""
    return [row[f"before_{back}"] for back in BEFORE]


def _causes(hub: Hub, now: dt.datetime) -> dict[str, tuple[int, float]]:
    """What kinds are written with: how often it was done in the last week, and a week on average before."""
    named = {kind.after for kind in KINDS.values() if kind.after}
    pairs = [Q(subject_type=thing, verb=verb) for thing, _colon, verb in (one.partition(":") for one in named)]
    if not pairs:
        return {}
    this_week = Q(at__gte=now - WEEK)
    rows = (
        LogEntry.objects.filter(functools.reduce(operator.or_, pairs), hub=hub, at__gte=now - 5 * WEEK, at__lte=now)
        .order_by()
        .values_list("subject_type", "verb")
        .annotate(week=Count("pk", filter=this_week), before=Count("pk", filter=~this_week))
    )
    return {f"{thing}:{verb}": (week, before / len(BEFORE)) for thing, verb, week, before in rows}


def _share(causes: dict[str, tuple[int, float]], name: str) -> float:
    """Which part of the usual the last week should have brought; all of it where nothing tells."""
    after = KINDS[name].after if name in KINDS else ""
    if not after:
        return 1.0
    week, usual = causes.get(after, (0, 0.0))
    return week / usual if usual else 1.0


def alarms(hub: Hub, now: dt.datetime) -> list[KindToday]:
    """Kinds that are stuck or have fallen silent. What no app registers any more may be silent."""
    return [one for one in kinds_today(hub, now) if one.stuck or (one.silent and one.name in KINDS)]


def oldest_due(now: dt.datetime, hub: Hub | None = None) -> dt.timedelta:
    """How long the oldest unsent message has been due."""
    rows = Message.objects.overdue(now)
    if hub is not None:
        rows = rows.filter(hub=hub)
    oldest = rows.aggregate(oldest=Min(FIRST_DUE))["oldest"]
    return now - oldest if oldest else dt.timedelta(0)


def jobs(now: dt.datetime) -> list[JobState]:
    """When each job last succeeded; late when three of its turns have passed without it. For one that never
    has, since the database was last brought up to date."""
    beats = {beat.job: beat for beat in Heartbeat.objects.all()}
    found = [JobState(name, beat.at, _late(beat.at, beat.every, now)) for name, beat in beats.items()]
    missing = {name: every for name, every in heartbeat.EXPECTED.items() if name not in beats}
    since = (heartbeat.deployed_at() if missing else None) or now
    found += [JobState(name, since, _late(since, every, now), ever=False) for name, every in missing.items()]
    return sorted(found, key=lambda job: job.name)


def _late(since: dt.datetime, every: int, now: dt.datetime) -> bool:
    return bool(every) and now - since > dt.timedelta(seconds=3 * every + 60)
