"""What is forgotten when: personal data of students, families and whom the hub spoke
to, category by category.

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

from employers import importing
from employers.models import EmployerImport
from hubs.actors import system
from hubs.log import record
from hubs.models import Hub, LogEntry, Message, Note, SignedLink
from placements.domain import free_words
from placements.models import (
    Amendment,
    CalendarAnswer,
    Clearance,
    Feedback,
    Placement,
    PlacementRequest,
    PlacementStudent,
    Reply,
    SessionMove,
    Signature,
    Turn,
    Wish,
)
from placements.models.placement import LIVE
from schools.domain import pending
from schools.models import Import, PendingImport, Student

BATCH = 200
MONTH, YEAR, YEARS_3 = dt.timedelta(days=30), dt.timedelta(days=365), dt.timedelta(days=3 * 365)
#: Messages and links that went to an address a school typed, not to an account.
ASKED_BY_ADDRESS = ("consent-asked", "signature-asked")
FAMILY_LINKS = ("consent", "sign", "reflection")
GONE = "erased@invalid"


@dataclass(frozen=True)
class Category:
    """`due(hub, now)`: rows with something left to forget; `forget(primary keys)` empties them.

    `fields` are the columns it empties, as "app.Model.field": a test holds them against every column
    of ours where somebody's words can stand.
    """

    key: str
    title: Promise | str
    after: dt.timedelta
    due: Callable[[Hub, dt.datetime], QuerySet]
    forget: Callable[[list[int]], None]
    fields: tuple[str, ...]


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


# ---- What requests say: a month after it is of no use to anybody -------------------------


def _asked(hub: Hub, now: dt.datetime) -> QuerySet[PlacementRequest]:
    """Settled for a month, or left lying for a year, and nothing of it still to come or just over."""
    ends = now - MONTH
    ahead = Placement.objects.filter(request=OuterRef("pk")).filter(
        Q(state__in=LIVE) | Q(closed_at__gte=ends) | Q(closed_at=None, session__ends_at__gte=ends)
    )
    wished = Wish.objects.filter(request=OuterRef("pk"), session__ends_at__gte=ends)
    settled = Q(state__in=["placed", "withdrawn"], created_at__lt=ends) | (
        Q(state="refused", created_at__lt=ends) & ~Exists(wished)
    )
    left_lying = Q(state__in=["draft", "submitted"], created_at__lt=now - YEAR) & ~Exists(wished)
    rows = PlacementRequest.objects.filter(settled | left_lying, ~Exists(ahead), hub=hub)
    return free_words.worded_requests(rows.exclude(submitted_at__gte=ends))


# ---- What messages carried, once nobody sends them any more -----------------------------


def _told(hub: Hub, now: dt.datetime) -> QuerySet[Message]:
    old = Q(sent_at__lt=now - MONTH) | Q(sent_at=None, due_at__lt=now - MONTH)
    return free_words.worded_messages(Message.objects.filter(old, hub=hub, subject_type__startswith="placements."))


# ---- Answers by mail --------------------------------------------------------------------


def _calendar_answers(hub: Hub, now: dt.datetime) -> QuerySet[CalendarAnswer]:
    return CalendarAnswer.objects.filter(hub=hub, event__placement__in=_over(hub, now - MONTH))


def _forget_calendar_answers(keys: list[int]) -> None:
    CalendarAnswer.objects.filter(pk__in=keys).delete()


def _replies(hub: Hub, now: dt.datetime) -> QuerySet[Reply]:
    return free_words.worded_replies(Reply.objects.filter(hub=hub, placement__in=_over(hub, now - YEAR)))


# ---- Class lists: what was uploaded, and what was there before it -------------------------


def _uploads(hub: Hub, now: dt.datetime) -> QuerySet[PendingImport]:
    """What came from an address waits as long as it must, and what a job is to load for the job."""
    busy = Import.objects.filter(file=OuterRef("pk"), state__in=["waiting", "running"])
    rows = PendingImport.objects.filter(hub=hub, uploaded_at__lt=now - pending.KEPT_FOR, subscription=None)
    return rows.filter(~Exists(busy))


def _forget_uploads(keys: list[int]) -> None:
    PendingImport.objects.filter(pk__in=keys).delete()


def _lists(hub: Hub, now: dt.datetime) -> QuerySet[EmployerImport]:
    """Lists of employers, with the people in them, that nobody went on with."""
    return EmployerImport.objects.filter(hub=hub, state="waiting", uploaded_at__lt=now - importing.KEPT_FOR)


def _forget_lists(keys: list[int]) -> None:
    EmployerImport.objects.filter(pk__in=keys, state="waiting").delete()


def _before(hub: Hub, now: dt.datetime) -> QuerySet[Import]:
    return Import.objects.filter(hub=hub, imported_at__lt=now - YEAR).exclude(before={})


def _forget_before(keys: list[int]) -> None:
    Import.objects.filter(pk__in=keys).update(before={})


# ---- What families and schools signed: three years after the end ------------------------------


def _consents(hub: Hub, now: dt.datetime) -> QuerySet[Clearance]:
    return free_words.worded_clearances(Clearance.objects.filter(hub=hub, placement__in=_over(hub, now - YEARS_3)))


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
    return free_words.worded_feedback(Feedback.objects.filter(hub=hub, given_at__lt=now - YEARS_3))


# ---- Why things were done, in words -------------------------------------------------------


def _changes(hub: Hub, now: dt.datetime) -> QuerySet[Amendment]:
    return free_words.worded_amendments(Amendment.objects.filter(hub=hub, placement__in=_over(hub, now - YEARS_3)))


def _moves(hub: Hub, now: dt.datetime) -> QuerySet[SessionMove]:
    rows = SessionMove.objects.filter(hub=hub, asked_at__lt=now - YEARS_3)
    return rows.exclude(state=SessionMove.State.ASKED).exclude(reason="")


def _forget_moves(keys: list[int]) -> None:
    SessionMove.objects.filter(pk__in=keys).update(reason="")


def _reasons(hub: Hub, now: dt.datetime) -> QuerySet[Placement]:
    return free_words.worded_placements(_over(hub, now - YEARS_3))


def _turns(hub: Hub, now: dt.datetime) -> QuerySet[Turn]:
    return free_words.worded_turns(Turn.objects.filter(hub=hub, placement__in=_over(hub, now - MONTH)))


def _log(hub: Hub, now: dt.datetime) -> QuerySet[LogEntry]:
    young = Q(subject_type__startswith="placements.") | Q(subject_type__startswith="schools.")
    return free_words.worded_log(LogEntry.objects.filter(young, hub=hub, at__lt=now - YEARS_3))


def _notes(hub: Hub, now: dt.datetime) -> QuerySet[Note]:
    """What was written of a call, three years after it and after the day to be in touch again."""
    before = now - YEARS_3
    rows = Note.objects.filter(hub=hub, written_at__lt=before).exclude(text="")
    return rows.exclude(next_contact_on__gte=hub.today(before))


def _forget_notes(keys: list[int]) -> None:
    """That somebody was in touch, and who and when, stays; a call nobody made in three years is not asked for again."""
    Note.objects.filter(pk__in=keys).update(text="", next_contact_on=None)


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
    Category(
        "addresses", _("Addresses of families and signers"), MONTH, _addresses, _forget_addresses,
        ("hubs.Message.address", "hubs.Message.name", "hubs.SignedLink.address", "hubs.SignedLink.name"),
    ),
    Category("told", _("Words and telephone numbers in messages"), MONTH, _told, free_words.empty_messages,
             ("hubs.Message.facts",)),
    Category("needs", _("Needs shared with employers"), MONTH, _needs, _forget_needs,
             ("schools.Student.shared_needs",)),
    Category(
        "asked", _("Notes and needs in requests"), MONTH, _asked, free_words.empty_requests,
        ("placements.PlacementRequest.note", "placements.PlacementRequest.needs", "placements.Wish.refused_reason"),
    ),
    Category("calendars", _("Whose calendar answered"), MONTH, _calendar_answers, _forget_calendar_answers,
             ("placements.CalendarAnswer.address",)),
    Category("uploads", _("Files nobody confirmed"), pending.KEPT_FOR, _uploads, _forget_uploads,
             ("schools.PendingImport.data", "schools.PendingImport.parsed", "schools.PendingImport.choices",
              "schools.PendingImport.file_name")),
    Category("lists", _("Lists of employers nobody confirmed"), importing.KEPT_FOR, _lists, _forget_lists,
             ("employers.EmployerImport.header", "employers.EmployerImport.lines", "employers.EmployerImport.choices")),
    Category("before", _("What was there before a file was loaded"), YEAR, _before, _forget_before,
             ("schools.Import.before",)),
    Category(
        "replies", _("Answers by mail, and the files in them"), YEAR, _replies, free_words.empty_replies,
        ("placements.Reply.text", "placements.Reply.sender", "placements.ReplyFile.file",
         "placements.ReplyFile.shown_name"),
    ),
    Category("consents", _("Who agreed, and notes beside it"), YEARS_3, _consents, free_words.empty_clearances,
             ("placements.Clearance.evidence",)),
    Category(
        "signatures", _("Names, drawings and scans under agreements"), YEARS_3, _signatures, _forget_signatures,
        ("placements.Signature.name", "placements.Signature.capacity", "placements.Signature.drawing",
         "placements.Signature.scan"),
    ),
    Category("words", _("Free words of feedback"), YEARS_3, _words, free_words.empty_feedback,
             ("placements.Feedback.answers",)),
    Category("changes", _("Who was to look after students"), YEARS_3, _changes, free_words.empty_amendments,
             ("placements.Amendment.changes",)),
    Category("moves", _("Why sessions were moved"), YEARS_3, _moves, _forget_moves, ("placements.SessionMove.reason",)),
    Category("reasons", _("Reasons, and who looked after students"), YEARS_3, _reasons, free_words.empty_placements,
             ("placements.Placement.reason", "placements.Placement.supervisor")),
    Category("turns", _("Words to employers who were never asked"), MONTH, _turns, free_words.empty_turns,
             ("placements.Turn.words",)),
    Category("notes", _("What the hub noted of calls"), YEARS_3, _notes, _forget_notes, ("hubs.Note.text",)),
    Category("log", _("Reasons in the log"), YEARS_3, _log, free_words.empty_log, ("hubs.LogEntry.reason",)),
    Category(
        "names", _("Names and keys of students who left"), YEARS_3, _names, forget_names,
        ("schools.Student.name", "schools.Student.key", "schools.Student.alias"),
    ),
)  # fmt: skip
