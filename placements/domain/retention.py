"""What is forgotten when: personal data of students and families, category by category.

Each batch is its own transaction and picks rows that still have something to forget, so a run
that was killed goes on where it stopped. Children before parents: what hangs from a student's
rows is emptied before the student is. Counts, hours and flags stay; nobody is in them by name.

Periods are proposals of the field (2025), to be confirmed by each hub's own schedule.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hubs.actors import system
from hubs.log import record
from hubs.models import Hub, Message, SignedLink
from placements.models import Clearance, Feedback, Placement, PlacementStudent, Signature
from placements.models.placement import LIVE
from schools.models import Student

BATCH = 200
MONTH, YEARS_3 = dt.timedelta(days=30), dt.timedelta(days=3 * 365)
#: Messages and links that went to an address a school typed, not to an account.
ASKED_BY_ADDRESS = ("consent-asked", "signature-asked")
FAMILY_LINKS = ("consent", "sign", "reflection")
GONE = "erased@invalid"


@dataclass(frozen=True)
class Category:
    """`due(hub, now)`: rows with something left to forget; `forget(primary keys)` empties them."""

    key: str
    title: Promise | str
    after: dt.timedelta
    due: Callable[[Hub, dt.datetime], QuerySet]
    forget: Callable[[list[int]], None]


def run(now: dt.datetime, *, batch: int = BATCH, most: int = 50) -> int:
    """Forget what is due in every hub, at most `most` batches of each category; how many rows."""
    return sum(
        _category(hub, category, now, batch=batch, most=most)
        for hub in Hub.objects.order_by("pk")
        for category in CATEGORIES
    )


def _category(hub: Hub, category: Category, now: dt.datetime, *, batch: int, most: int) -> int:
    done = 0
    for _turn in range(most):
        found = _batch(hub, category, now, batch)
        done += found
        if found < batch:
            break
    return done


@transaction.atomic
def _batch(hub: Hub, category: Category, now: dt.datetime, batch: int) -> int:
    keys = list(category.due(hub, now).order_by("pk").values_list("pk", flat=True)[:batch])
    if keys:
        category.forget(keys)
        record(hub, "forgotten", by=system(hub.pk), now=now, category=category.key, count=len(keys))
    return len(keys)


# ---- Addresses: as soon as nobody is asked any more -------------------------------------


def _over(hub: Hub, before: dt.datetime) -> QuerySet[Placement]:
    """Placements that ended, or were called off, before that instant."""
    ended = Q(session__ends_at__lt=before) & ~Q(state__in=LIVE)
    return Placement.objects.filter(ended | Q(closed_at__lt=before), hub=hub)


def _addresses(hub: Hub, now: dt.datetime) -> QuerySet[Message]:
    over = _over(hub, now - MONTH)
    asked = Q(
        subject_type="placements.clearance", subject_id__in=Clearance.objects.filter(placement__in=over).values("pk")
    )
    lines = Signature.objects.filter(agreement__placement__in=over)
    signed = Q(subject_type="placements.signature", subject_id__in=lines.values("pk"))
    return Message.objects.filter(asked | signed, hub=hub, kind__in=ASKED_BY_ADDRESS).exclude(address=GONE)


def _forget_addresses(keys: list[int]) -> None:
    for message in Message.objects.filter(pk__in=keys):
        links = SignedLink.objects.filter(subject_type=message.subject_type, subject_id=message.subject_id)
        for link in links.filter(purpose__in=FAMILY_LINKS):
            # Two links of one row must not end at one address while both are live: they are over.
            closed = link.revoked_at or link.expires_at
            SignedLink.objects.filter(pk=link.pk).update(address=GONE, name="", revoked_at=closed)
        Message.objects.filter(pk=message.pk).update(address=GONE, name="", key=f"forgotten|{message.pk}")


# ---- Needs: a month after the last placement --------------------------------------------


def _needs(hub: Hub, now: dt.datetime) -> QuerySet[Student]:
    placed = PlacementStudent.objects.filter(student=OuterRef("pk"))
    recent = placed.filter(placement__session__ends_at__gte=now - MONTH)
    had = Student.objects.filter(Exists(placed), ~Exists(recent), hub=hub)
    return had.exclude(shared_needs="")


def _forget_needs(keys: list[int]) -> None:
    Student.objects.filter(pk__in=keys).update(shared_needs="")


# ---- What families and schools signed: three years after the end ------------------------------


def _consents(hub: Hub, now: dt.datetime) -> QuerySet[Clearance]:
    rows = Clearance.objects.filter(hub=hub, placement__in=_over(hub, now - YEARS_3))
    return rows.filter(Q(evidence__has_key="name") | Q(evidence__has_key="note") | Q(evidence__has_key="words"))


def _forget_consents(keys: list[int]) -> None:
    for row in Clearance.objects.filter(pk__in=keys):
        kept = {name: value for name, value in row.evidence.items() if name not in ("name", "note", "words")}
        Clearance.objects.filter(pk=row.pk).update(evidence=kept)


def _signatures(hub: Hub, now: dt.datetime) -> QuerySet[Signature]:
    rows = Signature.objects.filter(hub=hub, agreement__placement__in=_over(hub, now - YEARS_3))
    return rows.exclude(name="", capacity="", drawing=[], scan="")


def _forget_signatures(keys: list[int]) -> None:
    empty_signatures(Signature.objects.filter(pk__in=keys))


def empty_signatures(rows: QuerySet[Signature]) -> None:
    """Who signed is gone; that it was signed, when, and which text, stays. Scans leave the disk
    once that is committed."""
    for row in rows.exclude(scan=""):
        transaction.on_commit(partial(row.scan.storage.delete, str(row.scan.name)))
    rows.update(name="", capacity="", drawing=[], scan="", scan_type="")


def _words(hub: Hub, now: dt.datetime) -> QuerySet[Feedback]:
    rows = Feedback.objects.filter(hub=hub, given_at__lt=now - YEARS_3)
    return rows.filter(answers__has_key="words").exclude(answers__words="")


def _forget_words(keys: list[int]) -> None:
    for row in Feedback.objects.filter(pk__in=keys):
        Feedback.objects.filter(pk=row.pk).update(answers={**row.answers, "words": ""})


# ---- Names: three years after leaving ----------------------------------------------------------


def _names(hub: Hub, now: dt.datetime) -> QuerySet[Student]:
    """Leavers in no placement since then: the parents of all that is above come last."""
    last = Max("placements__placement__session__ends_at")
    rows = Student.objects.filter(hub=hub, left_on__lt=hub.today(now - YEARS_3)).annotate(last=last)
    rows = rows.filter(Q(last__isnull=True) | Q(last__lt=now - YEARS_3))
    return rows.exclude(name="", key="", alias__startswith=FORGOTTEN)


FORGOTTEN = "–"


def forget_names(keys: list[int]) -> None:
    """The student stays as a row that counts, under an alias that says nothing."""
    for pk in keys:
        Student.objects.filter(pk=pk).update(
            alias=f"{FORGOTTEN}{pk}", name="", key="", shared_needs="", is_priority=False, edited=False
        )


CATEGORIES: tuple[Category, ...] = (
    Category("addresses", _("Addresses of families and signers"), MONTH, _addresses, _forget_addresses),
    Category("needs", _("Needs shared with employers"), MONTH, _needs, _forget_needs),
    Category("consents", _("Who agreed, and notes beside it"), YEARS_3, _consents, _forget_consents),
    Category("signatures", _("Names, drawings and scans under agreements"), YEARS_3, _signatures, _forget_signatures),
    Category("words", _("Free words of feedback"), YEARS_3, _words, _forget_words),
    Category("names", _("Names and keys of students who left"), YEARS_3, _names, forget_names),
)
