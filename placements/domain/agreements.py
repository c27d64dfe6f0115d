"""The written agreement: drawn up in the form of the jurisdiction, signed, renewed, withdrawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from employers.files import MOST_BYTES, CannotScan, passed, why
from hubs.actors import Actor, system
from hubs.errors import CannotAct, CannotMove, Refused
from hubs.links import revoke_links
from hubs.log import record
from hubs.models import HUB_STAFF, Requirement
from hubs.moves import lock_state
from hubs.outbox import Recipient, occasion, queue
from placements.agreement_text import BOX, fingerprint, form_of, text_of
from placements.domain import clearances
from placements.domain.people import school_people
from placements.models import Agreement, Clearance, Placement, Signature
from placements.models.placement import EMPLOYER_SIDE
from placements.models.request import COORDINATORS
from schools.models import Student

OPEN_STATES = ("accepted", "ready", "under_way")  # of a placement, in which somebody may still sign
WRITTEN = ("session", "supervisor")  # of a placement, what its agreement says and may change
OF_AGE = 18
MOST_POINTS = 2000
MOST_ASKED = 4  # addresses one line may be sent to
SIDES = {"host": "employer", "school": "school", "parent": "parent", "student": "student"}


def draw_up(placement: Placement, *, by: Actor, now: dt.datetime) -> list[Agreement]:
    """The current agreements: one of the placement, or one of each student where the form asks so.

    Nothing is written when the text is as it was. A changed text is a new version, which nobody
    has signed yet: lines of the old one that are still open lose their links. Raises `CannotAct`, `Refused`.
    """
    if not by.may(placement, COORDINATORS | HUB_STAFF):
        raise CannotAct(_("Only the school or the hub draws up the agreement."))
    if placement.state not in OPEN_STATES:
        raise Refused(_("An agreement is drawn up once the employer has said yes."))
    form = form_of(placement.hub.jurisdiction)
    if form is None:
        raise Refused(_("There is no form of agreement for this country yet. Use your own and note that it is done."))
    students = [row.student for row in placement.students.select_related("student__year_group").order_by("pk")]
    if not students:
        raise Refused(_("Name the students first."))
    with transaction.atomic():
        lock_state(placement, *WRITTEN)
        if not form["per_student"]:
            return [_version(placement, form, None, students, by=by, now=now)]
        return [_version(placement, form, student, [student], by=by, now=now) for student in students]


def current(placement: Placement) -> list[Agreement]:
    """The newest version of each, of the students still named; in the order of their aliases."""
    newest: dict[int | None, Agreement] = {}
    named = set(placement.students.values_list("student_id", flat=True))
    rows = placement.agreements.select_related("student").prefetch_related("signatures").order_by("version")
    for row in rows:
        row.placement = placement
        if row.student_id is None or row.student_id in named:
            newest[row.student_id] = row
    return sorted(newest.values(), key=lambda row: (row.student.alias if row.student else "", row.pk))


def is_stale(agreement: Agreement) -> bool:
    """Whether the placement no longer is what the newest text says."""
    placement = agreement.placement
    form = form_of(placement.hub.jurisdiction)
    if form is None or form["name"] != agreement.form:
        return False
    students = [agreement.student] if agreement.student else _named(placement)
    return fingerprint(text_of(placement, form, students)) != agreement.text_sha256


def renew(placement: Placement, *, changed: bool, now: dt.datetime) -> None:
    """After another date or other students: the requirement stays met only while everybody named is
    under a signed text that says what is so now.

    `changed` is whether a paper nobody drew up here says something else now. What was outdated and is
    signed as it stands again, for example after going back, is met again. The caller's transaction has
    locked the placement.
    """
    form = form_of(placement.hub.jurisdiction)
    if form is None or not form["settles"]:
        return
    drawn = current(placement)
    if _is_signed(placement, form):
        for clearance in _clearances(placement, form, "open"):
            if not clearance.evidence or "outdated" in clearance.evidence:
                clearances.complete(clearance, by=system(placement.hub_id), now=now, signed=True)
    elif (drawn and _is_outdated(placement, form, drawn)) or (changed and not drawn):
        for clearance in _open_again(placement, form, because="agreement_outdated", now=now):
            clearance.evidence = {**clearance.evidence, "outdated": True}
            clearance.save(update_fields=["evidence"])


def _is_outdated(placement: Placement, form: dict[str, Any], drawn: Sequence[Agreement]) -> bool:
    """Whether a student named has none, or one says what is no longer so."""
    named = set(placement.students.values_list("student_id", flat=True))
    uncovered = form["per_student"] and not named <= {row.student_id for row in drawn}
    return uncovered or any(is_stale(row) for row in drawn)


def _named(placement: Placement) -> list[Student]:
    return [row.student for row in placement.students.select_related("student").order_by("pk")]


def _version(
    placement: Placement, form: dict[str, Any], student: Student | None, students: Sequence[Student], *, by, now
) -> Agreement:
    text = text_of(placement, form, students)
    sha256 = fingerprint(text)
    old = placement.agreements.filter(student=student).order_by("-version").first()
    if old is not None and old.text_sha256 == sha256:
        return old
    row = Agreement.objects.create(
        hub_id=placement.hub_id,
        school_id=placement.school_id,
        placement=placement,
        student=student,
        form=form["name"],
        language=form["language"],
        version=old.version + 1 if old else 1,
        text_sha256=sha256,
        facts=text,
        made_at=now,
    )
    for party, label in form["signatories"].items():
        if party != "parent" or _minor(student):
            _line(row, party, label)
    record(row, "drawn_up", by=by, now=now, version=row.version, text=sha256)
    if old is not None:
        for line in old.signatures.filter(signed_at__isnull=True):
            revoke_links(line, now=now)
        _open_again(placement, form, because="agreement_changed", now=now)
    return row


def _line(agreement: Agreement, party: str, label: str) -> Signature:
    return Signature.objects.create(
        hub_id=agreement.hub_id,
        school_id=agreement.school_id,
        agreement=agreement,
        party=party,
        label=label,
        student_id=agreement.student_id,
    )


def _minor(student: Student | None) -> bool:
    """Somebody whose year group may still be under age; without a year group: yes."""
    return student is None or student.year_group is None or student.year_group.age - 1 < OF_AGE


def ask(line: Signature, address: str, *, by: Actor, now: dt.datetime, name: str = "", language: str = "") -> None:
    """Send a signed link for one line. The address stands in the message and the link only."""
    placement = line.agreement.placement
    if not by.may(placement, COORDINATORS | HUB_STAFF):
        raise CannotAct(_("Only the school or the hub asks for signatures."))
    _check_open(line)
    person = Recipient(address, name, language or line.agreement.language)
    with transaction.atomic():
        queue("signature-asked", line, person, now=now, not_after=placement.session.ends_at, version=f"{now:%Y%m%d}")
        record(line, "signature_asked", by=by, now=now, party=line.party)


def sign(
    line: Signature,
    *,
    name: str,
    capacity: str = "",
    drawing: Sequence[Sequence[Sequence[float]]] = (),
    by: Actor,
    now: dt.datetime,
) -> None:
    """Sign one line, by whoever holds its link or works for that side.

    What is kept: name, role, time, the fingerprint of the text and, when drawn, the strokes.
    Raises `CannotAct`, `Refused`, and `CannotMove` when somebody signed a moment ago.
    """
    if not by.may(line, _may_sign(line)):
        raise CannotAct(_("Somebody else signs here."))
    if not name.strip():
        raise Refused(_("Write your name."))
    _check_open(line)
    _write(line, by=by, now=now, name=name.strip(), capacity=capacity.strip(), drawing=_strokes(drawing), signed_at=now)


def sign_outside(
    line: Signature,
    *,
    name: str,
    signed_on: dt.date,
    capacity: str = "",
    upload: UploadedFile | None = None,
    by: Actor,
    now: dt.datetime,
) -> None:
    """Record a signature on paper, with a scan (PDF, JPEG or PNG) when there is one."""
    placement = line.agreement.placement
    if not by.may(placement, COORDINATORS | HUB_STAFF):
        raise CannotAct(_("Only the school or the hub records what was signed on paper."))
    _check_open(line)
    if signed_on > placement.hub.today(now):
        raise Refused(_("That day has not come yet. Write the day it was signed."))
    at = dt.datetime.combine(signed_on, dt.time(12), placement.hub.zone)
    fields: dict[str, Any] = {"name": name.strip(), "capacity": capacity.strip(), "signed_at": min(at, now)}
    if upload is not None:
        fields |= {"scan": upload, "scan_type": _checked(upload)}
    _write(line, by=by, now=now, outside=True, **fields)


def withdraw(line: Signature, reason: str, *, by: Actor, now: dt.datetime) -> None:
    """Take a signature back: a fresh line is open, and the start waits again. The school is told."""
    placement = line.agreement.placement
    if not (by.may(line, _may_sign(line)) or by.may(placement, COORDINATORS | HUB_STAFF)):
        raise CannotAct(_("Only whoever signed, the school or the hub takes this back."))
    if _is_replaced(line.agreement):
        raise Refused(_("There is a newer version of this agreement. Take back what you signed there."))
    with transaction.atomic():
        lock_state(placement)  # before the line, as in `_write`
        rows = Signature.objects.filter(pk=line.pk, signed_at__isnull=False, withdrawn_at__isnull=True)
        if not rows.update(withdrawn_at=now):
            raise CannotMove(_("There is no signature to take back here."))
        line.withdrawn_at = now
        _line(line.agreement, line.party, line.label)
        record(line, "signature_withdrawn", by=by, now=now, party=line.party, reason=reason)
        form = form_of(line.agreement.form)
        if form is not None:
            _open_again(placement, form, reason, because="" if reason else "signature_withdrawn", now=now)
        for person in school_people(placement.school):
            queue("signature-withdrawn", line, person, now=now, version=occasion(now))


def missing(placement: Placement) -> int:
    """Lines still open under the current agreements."""
    return sum(1 for row in current(placement) for line in row.signatures.all() if line.signed_at is None)


def _write(line: Signature, *, by: Actor, now: dt.datetime, **fields) -> None:
    sha256 = line.agreement.text_sha256
    with transaction.atomic():
        lock_state(line.agreement.placement, *WRITTEN)  # the last two lines at once each see the other
        fresh = Signature.objects.select_for_update(of=("self",), no_key=True).get(pk=line.pk)
        if fresh.signed_at is not None:
            raise CannotMove(_("This is signed already."))
        for field, value in {**fields, "text_sha256": sha256}.items():
            setattr(line, field, value)
        line.save(update_fields=[*fields, "text_sha256"])
        outside = bool(fields.get("outside"))
        record(line, "signed", by=by, now=now, party=line.party, text=sha256, outside=outside, drawn=bool(line.drawing))
        _settle(line.agreement.placement, line.agreement.form, now=now)


def _settle(placement: Placement, form_name: str, *, now: dt.datetime) -> None:
    """When every line of every current agreement is signed, the requirement is met."""
    form = form_of(form_name)
    if form is None or not form["settles"] or not _is_signed(placement, form):
        return
    for clearance in _clearances(placement, form, "open"):
        clearances.complete(clearance, by=system(placement.hub_id), now=now, signed=True)


def _is_signed(placement: Placement, form: dict[str, Any]) -> bool:
    """Whether everybody named is under a text that says what is so now, with every line signed."""
    drawn = current(placement)
    if not drawn or any(line.signed_at is None for row in drawn for line in row.signatures.all()):
        return False
    return not _is_outdated(placement, form, drawn)


def _open_again(
    placement: Placement, form: dict[str, Any], reason: str = "", *, because: str = "", now: dt.datetime
) -> Iterable[Clearance]:
    rows = _clearances(placement, form, "done")
    for clearance in rows:
        clearances.reopen(clearance, reason, by=system(placement.hub_id), now=now, because=because)
    return rows


def _clearances(placement: Placement, form: dict[str, Any], state: str) -> Iterable[Clearance]:
    rows = placement.clearances.filter(requirement__code=form["settles"], state=state)
    return list(rows.select_related("requirement", "placement__session", "placement__hub").order_by("pk"))


def _may_sign(line: Signature) -> frozenset[str]:
    link = frozenset({f"link:{SIDES[line.party]}"})
    if line.party == Requirement.Party.HOST:
        return link | EMPLOYER_SIDE
    return link | COORDINATORS if line.party == Requirement.Party.SCHOOL else link


def _is_replaced(agreement: Agreement) -> bool:
    newer = agreement.placement.agreements.filter(student=agreement.student, version__gt=agreement.version)
    return newer.exists()


def _check_open(line: Signature) -> None:
    agreement = line.agreement
    if agreement.placement.state not in OPEN_STATES:
        raise Refused(_("This placement is over or called off, so nobody signs any more."))
    if _is_replaced(agreement):
        raise Refused(_("There is a newer version of this agreement. Sign that one."))
    if line.signed_at is not None:
        raise Refused(_("This is signed already."))


def _strokes(drawing: Sequence[Sequence[Sequence[float]]]) -> list[list[list[float]]]:
    """The strokes as numbers inside the box; anything else is refused."""
    wrong = Refused(_("The drawing could not be read. Draw again, or write your name only."))
    if not isinstance(drawing, list | tuple):
        raise wrong
    try:
        strokes = [[[float(x), float(y)] for x, y in stroke] for stroke in drawing]
    except (TypeError, ValueError, OverflowError) as error:
        raise wrong from error
    points = [point for stroke in strokes for point in stroke]
    if len(points) > MOST_POINTS or any(not stroke for stroke in strokes):
        raise wrong
    if any(not (0 <= x <= BOX[0] and 0 <= y <= BOX[1]) for x, y in points):
        raise wrong
    return strokes


def _checked(upload: UploadedFile) -> str:
    if upload.size is None or upload.size > MOST_BYTES:
        raise Refused(_("The file is larger than 5 MB. Scan it smaller."))
    upload.seek(0)
    try:
        mimetype = passed(upload.read())
    except CannotScan as error:
        raise Refused(why("unscanned"), code="unscanned") from error
    upload.seek(0)
    return mimetype


def line_in(placement: Placement, pk: int) -> Signature:
    """One line of the placement's agreements; DoesNotExist otherwise."""
    row = Signature.objects.select_related("agreement", "student").get(pk=pk, agreement__placement=placement)
    row.agreement.placement = placement
    return row
