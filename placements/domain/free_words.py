"""Words people wrote freely about a placement, which may name a child: where they stand, and how they are emptied.

Retention empties them when their time is over, erasing one student at once, and the export of a
student's data shows them. What was said goes; that something was said, when and by which side, stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hubs.models import LogEntry, Message
from placements.models import (
    Amendment,
    Clearance,
    Feedback,
    Placement,
    PlacementRequest,
    Reply,
    ReplyFile,
    Signature,
    Turn,
    Wish,
)
from schools.models import Student

#: What of a clearance's evidence is somebody's name or words.
EVIDENCE = ("name", "note", "words")
#: What of a message's facts is somebody's own words, or a telephone number they typed.
SAID = ("message", "phone", "reason", "why")
#: States in which a message may still be sent, or read for sending.
UNSENT = ("due", "leased")


# ---- Rows that have words left, and emptying them -------------------------------------------


def worded_requests(rows: QuerySet[PlacementRequest]) -> QuerySet[PlacementRequest]:
    refused = Wish.objects.filter(request=OuterRef("pk")).exclude(refused_reason="")
    return rows.filter(~Q(note="") | ~Q(needs="") | Exists(refused))


def empty_requests(keys: list[int]) -> None:
    Wish.objects.filter(request__in=keys).exclude(refused_reason="").update(refused_reason="")
    PlacementRequest.objects.filter(pk__in=keys).update(note="", needs="")


def worded_placements(rows: QuerySet[Placement]) -> QuerySet[Placement]:
    return rows.exclude(reason="", supervisor="")


def empty_placements(keys: list[int]) -> None:
    Placement.objects.filter(pk__in=keys).update(reason="", supervisor="")


def worded_turns(rows: QuerySet[Turn]) -> QuerySet[Turn]:
    return rows.exclude(words="")


def empty_turns(keys: list[int]) -> None:
    Turn.objects.filter(pk__in=keys).update(words="")


def worded_amendments(rows: QuerySet[Amendment]) -> QuerySet[Amendment]:
    return rows.filter(changes__has_key="supervisor").exclude(changes__supervisor=["", ""])


def empty_amendments(keys: list[int]) -> None:
    for row in Amendment.objects.filter(pk__in=keys):
        Amendment.objects.filter(pk=row.pk).update(changes={**row.changes, "supervisor": ["", ""]})


def worded_replies(rows: QuerySet[Reply]) -> QuerySet[Reply]:
    return rows.filter(~Q(text="") | ~Q(sender="") | Exists(ReplyFile.objects.filter(reply=OuterRef("pk"))))


def empty_replies(keys: list[int]) -> None:
    """That an answer came stays, and from which side; files leave the disk once that is committed."""
    for file in ReplyFile.objects.filter(reply__in=keys).order_by("pk"):
        if file.file:
            transaction.on_commit(partial(file.file.storage.delete, str(file.file.name)))
        file.delete()
    Reply.objects.filter(pk__in=keys).update(text="", sender="", known=False)


def worded_clearances(rows: QuerySet[Clearance]) -> QuerySet[Clearance]:
    return rows.filter(evidence__has_any_keys=list(EVIDENCE))


def empty_clearances(keys: list[int]) -> None:
    for row in Clearance.objects.filter(pk__in=keys):
        kept = {name: value for name, value in row.evidence.items() if name not in EVIDENCE}
        Clearance.objects.filter(pk=row.pk).update(evidence=kept)


def worded_feedback(rows: QuerySet[Feedback]) -> QuerySet[Feedback]:
    return rows.filter(answers__has_key="words").exclude(answers__words="")


def empty_feedback(keys: list[int]) -> None:
    for row in Feedback.objects.filter(pk__in=keys):
        Feedback.objects.filter(pk=row.pk).update(answers={**row.answers, "words": ""})


def worded_messages(rows: QuerySet[Message]) -> QuerySet[Message]:
    return rows.exclude(state__in=UNSENT).filter(facts__has_any_keys=list(SAID))


def empty_messages(keys: list[int]) -> None:
    for row in Message.objects.filter(pk__in=keys):
        Message.objects.filter(pk=row.pk).update(facts={k: v for k, v in row.facts.items() if k not in SAID})


def worded_log(rows: QuerySet[LogEntry]) -> QuerySet[LogEntry]:
    return rows.exclude(reason="")


def empty_log(keys: list[int]) -> None:
    """The one thing the database lets go of in the log: why, in words. Who did what, and when, stays."""
    LogEntry.objects.filter(pk__in=keys).update(reason="")


# ---- The same, of certain requests and placements -------------------------------------------


def about(rows: QuerySet, requests: QuerySet[PlacementRequest], placements: QuerySet[Placement]) -> QuerySet:
    """Those of `rows` (messages, log entries) whose subject is one of these, or hangs from it."""
    of = {"placement__in": placements.values("pk")}
    subjects: tuple[QuerySet[models.Model], ...] = (
        requests,
        placements,
        Amendment.objects.filter(**of),
        Clearance.objects.filter(**of),
        Signature.objects.filter(agreement__placement__in=placements.values("pk")),
    )
    wanted = Q(pk=None)
    for some in subjects:
        wanted |= Q(subject_type=some.model._meta.label_lower, subject_id__in=some.order_by().values("pk"))
    return rows.filter(wanted)


Found = Callable[[QuerySet[PlacementRequest], QuerySet[Placement]], QuerySet]


@dataclass(frozen=True)
class Words:
    """One place where words stand: the rows of some requests and placements that have any, what
    a row says, and emptying rows by their primary keys."""

    where: Promise | str
    of: Found
    says: Callable[..., str]
    empty: Callable[[list[int]], None]


def _lines(*texts: object) -> str:
    return "\n".join(str(text) for text in texts if text)


def _says_request(row: PlacementRequest) -> str:
    return _lines(row.note, row.needs, *row.wishes.order_by("rank").values_list("refused_reason", flat=True))


def _says_reply(row: Reply) -> str:
    return _lines(row.text, *row.files.order_by("pk").values_list("shown_name", flat=True))


EVERYWHERE: tuple[Words, ...] = (
    Words(_("request"), lambda r, p: worded_requests(r), _says_request, empty_requests),
    Words(_("placement"), lambda r, p: worded_placements(p), lambda row: row.reason, empty_placements),
    Words(
        _("words to an employer not asked yet"),
        lambda r, p: worded_turns(Turn.objects.filter(placement__in=p.values("pk"))),
        lambda row: row.words,
        empty_turns,
    ),
    Words(
        _("answer by mail"),
        lambda r, p: worded_replies(Reply.objects.filter(placement__in=p.values("pk"))),
        _says_reply,
        empty_replies,
    ),
    Words(
        _("note beside what was to be done"),
        lambda r, p: worded_clearances(Clearance.objects.filter(placement__in=p.values("pk"), student=None)),
        lambda row: _lines(row.evidence.get("note"), row.evidence.get("words")),
        empty_clearances,
    ),
    Words(
        _("feedback"),
        lambda r, p: worded_feedback(Feedback.objects.filter(placement__in=p.values("pk"), student=None)),
        lambda row: row.answers["words"],
        empty_feedback,
    ),
    Words(
        _("message"),
        lambda r, p: worded_messages(about(Message.objects.all(), r, p)),
        lambda row: _lines(*(row.facts.get(name) for name in SAID)),
        empty_messages,
    ),
    Words(_("log"), lambda r, p: worded_log(about(LogEntry.objects.all(), r, p)), lambda row: row.reason, empty_log),
)


# ---- One student ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """One row's words, and where they stand. `theirs`: it is about this student, because it was
    for them alone or names them; otherwise only a person can tell."""

    words: Words
    pk: int
    text: str
    theirs: bool


def of_student(student: Student) -> list[Said]:
    """All that was said freely about requests and placements the student is or was part of."""
    placements = Placement.objects.filter(
        Q(students__student=student) | Q(student_days__student=student) | Q(encounters__student=student)
    )
    placements = Placement.objects.filter(pk__in=placements.order_by().values("pk"))
    asked = Q(students=student) | Q(group__enrolments__student=student) | Q(placements__in=placements.values("pk"))
    requests = PlacementRequest.objects.filter(asked).order_by().values("pk")
    rows = PlacementRequest.objects.filter(pk__in=requests)
    names = names_of(student)
    found: list[Said] = []
    for words in EVERYWHERE:
        alone = rows.filter(students=student, places=1), placements.filter(places=1)
        own = set(words.of(*alone).values_list("pk", flat=True))
        for row in words.of(rows, placements).order_by("pk"):
            text = words.says(row)
            found.append(Said(words, row.pk, text, row.pk in own or mentions(text, names)))
    return [one for one in found if one.text or one.theirs]


def mentions(text: str, names: Iterable[str]) -> bool:
    """Whether one of the names stands in the text, as a word of its own."""
    pattern = "|".join(re.escape(name.casefold()) for name in names)
    return bool(pattern) and re.search(rf"(?<!\w)(?:{pattern})(?!\w)", text.casefold()) is not None


#: Parts of names that are words of every text in some language.
PARTICLES = frozenset(
    {"al", "bin", "bint", "da", "das", "de", "del", "della", "den", "der", "des", "di", "do", "dos", "du", "e", "el"}
    | {"ibn", "la", "las", "le", "les", "los", "of", "te", "ter", "the", "van", "vom", "von", "y", "zu", "zum", "zur"}
)


def names_of(student: Student) -> list[str]:
    """What somebody may be called in a text: the alias, and every part of the name that is neither an initial nor a
    word of every text."""
    parts = [one for one in re.split(r"[\s,]+", student.name) if one.casefold() not in PARTICLES]
    return [one for one in (student.alias, *parts) if len(one) > 1]
