"""Quartiles of groups of employers, frozen once a month, as far as nobody can be singled out by them.

Which groups may be shown is decided by `employers.comparing`, against everything shown of the same
measure before. A group that may not be shown anew keeps what was shown of it last.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from random import SystemRandom

from django.db import transaction
from django.utils.translation import gettext as _

from employers.comparing import OVERALL, Guard, Member, Quartiles, drawn, quartiles
from employers.models import Comparison, Employer, SelfAssessment
from employers.models.figures import period_of
from hubs.locks import lock_rows
from hubs.models import Hub

FRESH = dt.timedelta(days=548)  # eighteen months: what is older is nobody's present
#: Most important first: what is shown of one may keep the next from being shown.
KINDS = ("hub", "all", "size", "region", "sector")
BATCH = 500
LOT = SystemRandom()  # one that nobody can draw again

Key = tuple[str, str]


@dataclass(frozen=True)
class Answered:
    """One assessment as it counts: which groups it is in, and its exact scores by measure."""

    pk: int
    groups: tuple[Key, ...]
    scores: dict[str, Fraction]


def freeze(now: dt.datetime) -> int:
    """Publish this month's comparisons, once. Safe twice and at once. Returns how many are new."""
    period = period_of(now.date())
    with transaction.atomic():
        # One at a time: what may be shown depends on all that was.
        lock_rows(Hub.objects.all())
        done = set(Comparison.objects.filter(period=period).values_list("framework_sha256", flat=True))
        return sum(_freeze(sha, rows, period, now) for sha, rows in _answered(now).items() if sha not in done)


def _answered(now: dt.datetime) -> dict[str, list[Answered]]:
    """The newest of each employer in eighteen months, by the framework it answered. Only what the hub has
    confirmed: what may still be handed back comes again under its number with other scores, and a member
    has one score for good."""
    rows = SelfAssessment.objects.confirmed().filter(submitted_at__gt=now - FRESH, hub__is_active=True)
    rows = (
        rows.select_related("employer__hub", "framework")
        .prefetch_related("employer__sectors")
        .defer("evidence", "framework__sealed", "framework__texts")
    )
    newest: dict[tuple[int, str], SelfAssessment] = {}
    for row in rows.order_by("submitted_at", "pk").iterator(chunk_size=BATCH):
        newest[row.employer_id, row.framework.sealed_sha256] = row
    found: dict[str, list[Answered]] = defaultdict(list)
    for (_employer, sha), row in newest.items():
        found[sha].append(Answered(row.pk, tuple(groups_of(row.employer, row.size)), _scores(row.result)))
    return dict(found)


def _scores(result: dict) -> dict[str, Fraction]:
    parts = {**result["pillars"], **result["standards"], OVERALL: result["overall"]}
    return {code: Fraction(one["exact"]) for code, one in parts.items() if one["exact"] is not None}


def groups_of(employer: Employer, size: str) -> Iterator[Key]:
    """(kind, key) of the groups an employer belongs to."""
    yield "hub", str(employer.hub_id)
    yield "all", ""
    yield "size", size
    yield "region", employer.hub.jurisdiction
    for sector in employer.sectors.all():
        yield "sector", sector.code


def _freeze(sha: str, rows: list[Answered], period: str, now: dt.datetime) -> int:
    before: dict[str, dict[Key, frozenset]] = defaultdict(dict)
    ever: dict[str, dict[frozenset, Quartiles]] = defaultdict(dict)
    for old in Comparison.objects.filter(framework_sha256=sha).order_by("pk").iterator(chunk_size=BATCH):
        members = frozenset(old.members)
        before[old.measure][old.kind, old.key] = members
        ever[old.measure][members] = Quartiles(old.lower, old.middle, old.upper)
    made, owners = [], _owners(sha)
    for measure in sorted({code for row in rows for code in row.scores}):
        scores = {row.pk: row.scores[measure] for row in rows if measure in row.scores}
        # The same members twice, as a hub and a region of one hub, are drawn once: of many drawings one could tell.
        told = ever[measure]
        guard = Guard(told, owners)
        for key, members in _groups(rows, measure):
            if members != before[measure].get(key) and guard.show(members):
                if members not in told:
                    told[members] = quartiles(scores[pk] for pk in drawn(members, LOT))
                made.append(_row(sha, period, measure, key, told[members], members, now))
    Comparison.objects.bulk_create(made, batch_size=BATCH)
    return len(made)


def _owners(sha: str) -> dict[Member, Key]:
    """Which organisation each assessment is of: those of several hubs that share a number are one."""
    rows = SelfAssessment.objects.filter(framework__sealed_sha256=sha)
    return {
        pk: ("number", number) if (number := "".join(given.split()).casefold()) else ("employer", str(employer))
        for pk, employer, given in rows.values_list("pk", "employer_id", "employer__number")
    }


def _groups(rows: list[Answered], measure: str) -> list[tuple[Key, frozenset]]:
    members: dict[Key, set[int]] = defaultdict(set)
    for row in rows:
        if measure in row.scores:
            for key in row.groups:
                members[key].add(row.pk)
    ordered = sorted(members, key=lambda key: (KINDS.index(key[0]), -len(members[key]), key[1]))
    return [(key, frozenset(members[key])) for key in ordered]


def _row(
    sha: str, period: str, measure: str, key: Key, found: Quartiles, members: frozenset, now: dt.datetime
) -> Comparison:
    return Comparison(
        framework_sha256=sha, period=period, measure=measure, kind=key[0], key=key[1], lower=found.lower,
        middle=found.middle, upper=found.upper, members=sorted(members), made_at=now,
    )  # fmt: skip


@dataclass(frozen=True)
class Group:
    """One group an employer may set itself beside: its name and its quartiles by measure."""

    name: str
    figures: dict[str, Comparison]


def beside(assessment: SelfAssessment, now: dt.datetime) -> list[Group]:
    """The newest figures of each of the employer's groups, as far as any were shown in eighteen months, and each
    said once. One query."""
    keys = list(groups_of(assessment.employer, assessment.size))
    rows = Comparison.objects.filter(
        framework_sha256=assessment.framework.sealed_sha256,
        kind__in=KINDS,
        key__in={key for _kind, key in keys},
        made_at__gt=now - FRESH,
    )
    newest: dict[Key, dict[str, Comparison]] = defaultdict(dict)
    for row in rows.defer("members").order_by("period", "pk"):
        newest[row.kind, row.key][row.measure] = row
    names, found, seen = _names(assessment), [], []
    for key in keys:
        said = {code: (row.lower, row.middle, row.upper) for code, row in newest.get(key, {}).items()}
        # With one hub, its region and all hubs are the hub once more.
        if said and not (key[0] in ("all", "region") and said in seen):
            seen.append(said)
            found.append(Group(names[key], newest[key]))
    return found


def _names(assessment: SelfAssessment) -> dict[Key, str]:
    sizes = dict(Employer.Size.choices)
    names = {
        ("hub", str(assessment.hub_id)): str(assessment.hub),
        ("all", ""): _("All hubs"),
        ("size", assessment.size): str(sizes[assessment.size]),
        ("region", assessment.hub.jurisdiction): _("Hubs in %(code)s") % {"code": assessment.hub.jurisdiction},
    }
    return names | {("sector", one.code): one.name for one in assessment.employer.sectors.all()}
