"""What happens to a self-assessment: begun, answered by several, sent, handed back or confirmed, corrected."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from employers import framing, scoring
from employers.evidence import Figure
from employers.frameworks import Item
from employers.models import (
    Answer,
    AssessmentRound,
    Document,
    Employer,
    EvidenceFigure,
    SelfAssessment,
    StandardsFramework,
)
from employers.people import employer_people
from hubs.actors import SYSTEM, Actor
from hubs.errors import CannotAct, Refused
from hubs.languages import read_language
from hubs.log import record
from hubs.models import EMPLOYER_ROLES, HUB_STAFF
from hubs.moves import check, lock_state, move
from hubs.outbox import occasion, queue
from hubs.recipients import hub_people

ANSWERERS = EMPLOYER_ROLES | HUB_STAFF
LONGEST_REASON = 1000


@dataclass(frozen=True)
class Said:
    """One answer as somebody gave it. `seen` is the revision they had before them (0: none)."""

    item: str
    level: int | None = None
    not_applicable: bool = False
    reason: str = ""
    documents: tuple[int, ...] = ()
    seen: int = 0


@dataclass
class Saved:
    """Which items were written, and which somebody else had changed meanwhile: those stay as they
    are, and the person decides with both in view."""

    written: list[str] = field(default_factory=list)
    conflicts: list[Answer] = field(default_factory=list)


# ---- Read ---------------------------------------------------------------------------


def current_framework(employer: Employer) -> StandardsFramework | None:
    """What a new assessment is made with: the round's that asks this employer, else the one in use."""
    asked = open_round(employer)
    if asked is not None:
        return asked.framework
    return framing.in_use(employer.hub_id)


def open_round(employer: Employer) -> AssessmentRound | None:
    """That asks this employer: of several one without an answer of it yet, and the one that closes first."""
    answers = SelfAssessment.objects.answered().filter(employer=employer, round=OuterRef("pk"))
    rounds = AssessmentRound.objects.filter(state="open", places__employer=employer)
    rounds = rounds.annotate(has_answer=Exists(answers)).select_related("framework")
    return rounds.order_by("has_answer", "closes_on", "pk").first()


def answers_of(assessment: SelfAssessment) -> dict[str, scoring.Given]:
    return {row.item: scoring.Given(row.level) for row in assessment.answers.all()}


def _answers_now(assessment: SelfAssessment) -> dict[str, scoring.Given]:
    """As the database has them: the row may have been read together with answers that changed since."""
    rows = Answer.objects.filter(assessment=assessment)
    return {row.item: scoring.Given(row.level) for row in rows}


def before(assessment: SelfAssessment) -> SelfAssessment | None:
    """The last one the employer sent in before this one, by the same framework in any version; of a
    corrected assessment the correction. Not the one this row itself corrects."""
    rows = SelfAssessment.objects.standing().filter(
        employer=assessment.employer_id,
        framework__code=assessment.framework.code,
        started_at__lte=assessment.started_at,
    )
    own, row = [assessment.pk], assessment
    while row.corrects is not None:
        row = row.corrects
        own.append(row.pk)
    return rows.exclude(pk__in=own).select_related("framework").newest_first().first()


def correction_under_way(assessment: SelfAssessment) -> SelfAssessment | None:
    """The correction of it that was begun and not sent yet."""
    return SelfAssessment.objects.filter(corrects=assessment, state="open").first()


def is_newest(assessment: SelfAssessment) -> bool:
    """Whether the employer has sent in nothing since, a correction of this one aside."""
    newest = SelfAssessment.objects.standing().filter(employer=assessment.employer_id).newest_first().first()
    return newest is not None and assessment.pk in (newest.pk, newest.corrects_id)


def figures_of(employer: Employer) -> dict[str, Figure]:
    """What the record shows now, by code."""
    rows = EvidenceFigure.objects.filter(employer=employer)
    return {row.code: Figure(row.code, row.part, row.whole, row.since, row.until) for row in rows}


def kept_figures(assessment: SelfAssessment) -> dict[str, Figure]:
    """What the record showed on the day it was sent in."""
    day = dt.date.fromisoformat
    return {
        code: Figure(code, part, whole, day(since), day(until))
        for code, (part, whole, since, until) in assessment.evidence.items()
    }


def result_of(assessment: SelfAssessment) -> tuple[dict, str]:
    """The result and its fingerprint, worked out anew from the answers and the sealed framework."""
    return _scored(assessment, answers_of(assessment))


def _scored(assessment: SelfAssessment, answers: dict[str, scoring.Given]) -> tuple[dict, str]:
    framework = framing.document_of(assessment.framework)
    result = scoring.as_data(framework, scoring.score(framework, answers, assessment.size))
    return result, scoring.fingerprint(assessment.framework.sealed_sha256, answers, assessment.size, result)


def proves(assessment: SelfAssessment) -> bool:
    """Whether what is kept is what the answers and the framework still give."""
    return result_of(assessment) == (assessment.result, assessment.fingerprint)


def scored_now(assessment: SelfAssessment) -> set[str]:
    """Codes of the standards that would have a score if it were sent now."""
    result, _fingerprint = _scored(assessment, _answers_now(assessment))
    return {code for code, one in result["standards"].items() if one["exact"] is not None}


# ---- Verbs --------------------------------------------------------------------------


def start(employer: Employer, *, by: Actor, now: dt.datetime) -> SelfAssessment:
    """Begin, or go on with the one that is open. Raises `Refused` while one is with the hub."""
    asked, framework = open_round(employer), current_framework(employer)
    if framework is None:
        raise Refused(_("The hub has no standards in use at the moment. Ask it when they will be."))
    row = SelfAssessment(
        hub=employer.hub, employer=employer, framework=framework, round=asked, size=employer.size, started_at=now
    )
    _need_answerer(row, by)
    live = SelfAssessment.objects.filter(employer=employer, framework=framework, state__in=["open", "submitted"])
    there = live.first()
    if there is not None:
        if there.state == "submitted":
            raise Refused(_("Your answers are with the hub. You can correct them once it has looked."))
        return _joined(there, asked)
    try:
        with transaction.atomic():
            row.save()
            record(row, "begun", by=by, now=now, framework=framework.pk, round=asked.pk if asked else None)
    except IntegrityError:  # a colleague pressed the same button
        return live.get()
    return row


def _joined(row: SelfAssessment, asked: AssessmentRound | None) -> SelfAssessment:
    """What was begun before the round, or is left of one that closed, counts for the round."""
    if asked is not None and SelfAssessment.objects.loose().filter(pk=row.pk).update(round=asked):
        row.round = asked
    return row


def correct(assessment: SelfAssessment, *, by: Actor, now: dt.datetime) -> SelfAssessment:
    """A new version that begins with the same answers; the old one stays as it was.

    Raises `Refused` when it is still open or with the hub, corrected already, or not the newest: what is
    sent last counts as the present, and a correction of an older one would take its place."""
    _need_answerer(assessment, by)
    if assessment.state not in ("reviewed", "final"):
        raise Refused(_("Only what the hub has confirmed is corrected. This one can still be changed or handed back."))
    if not is_newest(assessment):
        raise Refused(_("You have sent newer answers since. Correct those: they are what counts now."))
    copy = SelfAssessment(
        hub=assessment.hub, employer=assessment.employer, framework=assessment.framework, round=assessment.round,
        corrects=assessment, version=assessment.version + 1, size=assessment.size, started_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            copy.save()
            for answer in assessment.answers.prefetch_related("documents"):
                papers = list(answer.documents.all())
                answer.pk, answer.assessment, answer.revision = None, copy, 1
                answer._state.adding = True
                answer.save()
                answer.documents.set(papers)
            record(copy, "begun", by=by, now=now, corrects=assessment.pk)
    except IntegrityError as error:
        raise Refused(_("A correction, or another assessment, has been begun already. Go on with that one.")) from error
    return copy


def save_answers(assessment: SelfAssessment, said: Iterable[Said], *, by: Actor, now: dt.datetime) -> Saved:
    """Write what each item now says, unless somebody else changed it since it was shown.

    Raises `Refused` for a level that does not exist, a missing reason, or an assessment that is
    not open any more; then nothing is written."""
    _need_answerer(assessment, by)
    framework = framing.document_of(assessment.framework, read_language())
    items, levels = framework.items(), {level.level for level in framework.scale}
    given = {one.item: one for one in said}
    for one in given.values():
        _check(one, items.get(one.item), assessment.size, levels)
    papers = set(Document.objects.filter(employer=assessment.employer_id, state="held").values_list("pk", flat=True))
    saved, changes = Saved(), []
    with transaction.atomic():
        lock_state(assessment)
        if assessment.state != "open":
            raise Refused(_("This was sent to the hub meanwhile, so it cannot be changed. Nothing was saved."))
        there = {a.item: a for a in assessment.answers.prefetch_related("documents").select_related("answered_by")}
        for code in sorted(given):
            one, old = given[code], there.get(code)
            if old is not None and _same(one, old):
                continue
            if (old.revision if old else 0) != one.seen and old is not None:
                saved.conflicts.append(old)
                continue
            changes.append({"item": code, "from": _short(old), "to": _short(one)})
            _write(assessment, one, old, papers, by=by, now=now)
            saved.written.append(code)
        if changes:
            record(assessment, "answered", by=by, now=now, items=changes)
    return saved


def _check(one: Said, item: Item | None, size: str, levels: set[int]) -> None:
    """The sentences name the question in its own words, as a person knows it; the code is beside them for clients."""
    if item is None:
        raise Refused(_("There is no question %(code)s here.") % {"code": one.item}, code="not_asked", item=one.item)
    question = {"question": item.wording(size)}
    if not item.asked_of(size):
        raise Refused(
            _("“%(question)s” is not asked of organisations of this size.") % question, code="not_asked", item=one.item
        )
    if one.not_applicable and not one.reason.strip():
        raise Refused(
            _("“%(question)s”: say in a few words why it does not apply to you.") % question,
            code="no_reason", item=one.item,
        )  # fmt: skip
    if one.not_applicable and len(one.reason) > LONGEST_REASON:
        raise Refused(
            _("“%(question)s”: the reason has more than %(most)s characters. Shorten it.")
            % {**question, "most": LONGEST_REASON},
            code="no_reason", item=one.item,
        )  # fmt: skip
    if not one.not_applicable and one.level not in levels:
        raise Refused(_("“%(question)s”: choose one of the answers.") % question, code="no_level", item=one.item)


def _short(one: Said | Answer | None) -> str | int | None:
    if one is None:
        return None
    return "n/a" if one.not_applicable else one.level


def _same(one: Said, old: Answer) -> bool:
    return (
        (None if one.not_applicable else one.level) == old.level
        and one.not_applicable == old.not_applicable
        and (one.reason.strip() if one.not_applicable else "") == old.reason
        and set(one.documents) == {paper.pk for paper in old.documents.all()}
    )


def _write(
    assessment: SelfAssessment, one: Said, old: Answer | None, papers: set[int], *, by: Actor, now: dt.datetime
) -> None:
    row = old or Answer(hub=assessment.hub, employer=assessment.employer, assessment=assessment, item=one.item)
    row.level = None if one.not_applicable else one.level
    row.not_applicable = one.not_applicable
    row.reason = one.reason.strip() if one.not_applicable else ""
    row.answered_by, row.answered_at = by.user, now
    row.revision = row.revision + 1 if old else 1
    row.save()
    row.documents.set([pk for pk in one.documents if pk in papers])


def submit(assessment: SelfAssessment, *, by: Actor, now: dt.datetime) -> None:
    """Score it, keep the result and what the record shows today, and give it to the hub.

    Raises `Refused` when no standard has enough answers."""
    check(assessment, "submitted", by=by, now=now)
    with transaction.atomic():
        lock_state(assessment)
        result, fingerprint = _scored(assessment, _answers_now(assessment))
        if all(one["exact"] is None for one in result["standards"].values()):
            raise Refused(_("No standard has enough answers yet. Answer at least one of them, then send."))
        kept = {
            code: [one.part, one.whole, one.since.isoformat(), one.until.isoformat()]
            for code, one in figures_of(assessment.employer).items()
        }
        also = {
            "result": result, "fingerprint": fingerprint, "evidence": kept, "submitted_at": now,
            "submitted_by": by.user, "comment": "",
        }  # fmt: skip
        move(assessment, "submitted", by=by, now=now, also=also, fingerprint=fingerprint)
        for person in hub_people(assessment.hub, assessment.employer):
            queue("assessment-to-review", assessment, person, now=now, version=occasion(now))


def hand_back(assessment: SelfAssessment, comment: str, *, by: Actor, now: dt.datetime) -> None:
    """The employer reads the comment and goes on. Raises `Refused` without one."""
    if not comment.strip():
        raise Refused(_("Say what to look at again. The employer reads it."))
    with transaction.atomic():
        also = {"comment": comment.strip(), "result": {}, "fingerprint": "", "evidence": {}}
        move(assessment, "open", by=by, now=now, reason=comment.strip(), also=also)
        for person in employer_people(assessment.employer):
            queue("assessment-handed-back", assessment, person, now=now, version=occasion(now))


def confirm(assessment: SelfAssessment, comment: str = "", *, by: Actor, now: dt.datetime) -> None:
    """The hub has looked and agrees; it becomes final with its round, or two weeks later."""
    also = {"comment": comment.strip(), "reviewed_at": now}
    with transaction.atomic():
        move(assessment, "reviewed", by=by, now=now, reason=comment.strip(), also=also)
        for person in employer_people(assessment.employer):
            queue("assessment-confirmed", assessment, person, now=now, version=occasion(now))


def finalise(assessment: SelfAssessment, *, by: Actor, now: dt.datetime) -> None:
    """It stands; what changes after is a correction."""
    move(assessment, "final", by=by, now=now)


def _need_answerer(row: SelfAssessment, by: Actor) -> None:
    if not by.may(row, ANSWERERS | {SYSTEM}):
        raise CannotAct(_("Only people of the employer or the hub answer here."))
