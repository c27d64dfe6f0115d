"""When a school's calendar changes: which live placements and open wishes it no longer allows.

Found by a job that compares revisions, told once to the school and its hub, and left to them: nothing is
cancelled by the machine. Employers hear of it when the school has decided; why a school is closed is not theirs.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Sequence

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from hubs.outbox import queue
from hubs.recipients import hub_people
from hubs.words import days
from opportunities.models import Session
from placements.domain.fitting import fit_session, travel_minutes
from placements.domain.people import school_people
from placements.models import CalendarCheck, CalendarClash, Placement, Wish
from schools.domain.compile import compile_school, group_key
from schools.domain.foresight import COMING, Foretell, Hit
from schools.domain.words import sentence
from schools.fit import CompiledCalendar, Reason, fit
from schools.models import Group, School

AHEAD = ("held", "offered", "accepted", "ready")
#: What a calendar says of a day. Notice, caps and ages were settled when the places were asked for.
OF_THE_CALENDAR = frozenset(
    {"closure", "public_holiday", "staff_day", "short_day", "outside_term", "weekend", "protected_blocked",
     "release_weekday", "release_period", "release_hours", "protected_subject"}
)  # fmt: skip
SCHOOLS_AT_ONCE = 50


def check_changed_calendars(now: dt.datetime) -> int:
    """Hold every school whose calendar changed since the last time against what it has coming; how many
    clashes are new."""
    last = CalendarCheck.objects.filter(school=OuterRef("pk")).values("revision")[:1]
    changed = School.objects.exclude(calendar_revision="").annotate(seen=Coalesce(Subquery(last), Value("")))
    changed = changed.exclude(calendar_revision=F("seen")).select_related("hub").order_by("pk")
    return sum(check_school(school, now=now) for school in changed[:SCHOOLS_AT_ONCE])


@transaction.atomic
def check_school(school: School, *, now: dt.datetime) -> int:
    """Find, remember and tell. Safe twice and at once: the check's row is locked, and what stands is not told again."""
    check, _made = CalendarCheck.objects.get_or_create(school=school, defaults={"hub_id": school.hub_id})
    check = _locked(check)
    school = School.objects.select_related("hub").get(pk=school.pk)
    if check.revision == school.calendar_revision:
        return 0
    compiled = compile_school(school)
    standing = {(row.placement_id, row.wish_id): row for row in open_clashes(school)}
    new = 0
    for placement, wish, what in _clashing(school, compiled, now):
        known = standing.pop((placement.pk if placement else None, wish.pk if wish else None), None)
        if known is not None and known.what == what:
            continue
        if known is not None:
            _close([known], now)
        _open(school, placement, wish, what, now)
        new += 1
    _close(standing.values(), now)
    check.revision, check.checked_at = school.calendar_revision, now
    check.save(update_fields=["revision", "checked_at"])
    return new


def _locked(check: CalendarCheck) -> CalendarCheck:
    return CalendarCheck.objects.select_for_update(of=("self",), no_key=True).get(pk=check.pk)


def open_clashes(school: School) -> Iterable[CalendarClash]:
    """Those nobody has settled, of things that are still live."""
    live = Q(placement__state__in=AHEAD) | Q(wish__request__state="submitted")
    rows = CalendarClash.objects.filter(live, school=school, gone_at=None)
    return rows.select_related(
        "placement__session__opportunity__site", "placement__group", "placement__employer",
        "wish__session__opportunity__site", "wish__request__group", "wish__session__employer",
    ).prefetch_related("placement__session__days", "wish__session__days")  # fmt: skip


def _open(school: School, placement: Placement | None, wish: Wish | None, what: str, now: dt.datetime) -> None:
    row = CalendarClash.objects.create(
        hub_id=school.hub_id, school=school, placement=placement, wish=wish, what=what, found_at=now
    )
    people = school_people(school) + (hub_people(school.hub) if placement else [])
    for person in people:
        queue("calendar-clash", row, person, now=now, version=what)


def _close(rows: Iterable[CalendarClash], now: dt.datetime) -> None:
    CalendarClash.objects.filter(pk__in=[row.pk for row in rows], gone_at=None).update(gone_at=now)


def _clashing(
    school: School, compiled: CompiledCalendar, now: dt.datetime
) -> Iterator[tuple[Placement | None, Wish | None, str]]:
    for placement, wish in _coming(school, now):
        group, session = _of(placement, wish)
        if what := _digest(day_reasons(school, compiled, group, session, now=now)):
            yield placement, wish, what


def _of(placement: Placement | None, wish: Wish | None) -> tuple[Group | None, Session | None]:
    """Who goes, and where to."""
    if placement is not None:
        return placement.group, placement.session
    return (wish.request.group, wish.session) if wish is not None else (None, None)


def _coming(school: School, now: dt.datetime) -> Iterator[tuple[Placement | None, Wish | None]]:
    """Live placements and open wishes of sessions that have not begun."""
    placements = Placement.objects.filter(school=school, state__in=AHEAD, session__starts_at__gt=now)
    for placement in placements.select_related(
        "group", "session__opportunity__site"
    ).prefetch_related("session__days").order_by("pk"):  # fmt: skip
        yield placement, None
    wishes = Wish.objects.filter(school=school, request__state="submitted", session__starts_at__gt=now)
    for wish in wishes.select_related(
        "request__group", "session__opportunity__site"
    ).prefetch_related("session__days").order_by("pk"):  # fmt: skip
        yield None, wish


def day_reasons(
    school: School, compiled: CompiledCalendar, group: Group | None, session: Session | None, *, now: dt.datetime
) -> list[Reason]:
    """What the calendar says against a session, whoever is out already and however short the notice. For
    named students of no group, what it says of the whole school."""
    key = group_key(group) if group else ""
    if session is None or key not in compiled.groups:
        return []
    asked = fit_session(session, 1, travel_minutes(school, session.opportunity.site))
    found = fit(compiled, key, asked, now=now)
    return [reason for reason in found.reasons if reason.code in OF_THE_CALENDAR]


def _digest(reasons: list[Reason]) -> str:
    if not reasons:
        return ""
    text = "|".join(sorted(f"{reason.code} {sorted(map(str, reason.facts.items()))}" for reason in reasons))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def would_clash(school: School, foretell: Foretell, now: dt.datetime) -> list[Hit]:
    """What the job above would find after a file is loaded and does not find now, said in its preview; and what is of
    a group the file puts aside."""
    coming = list(_coming(school, now))
    future = foretell() if coming else None
    if future is None:
        return []
    compiled, said = compile_school(school), set[tuple[Group | None, Session | None]]()
    found: list[tuple[dt.datetime, Hit]] = []
    for placement, wish in coming:
        group, session = _of(placement, wish)
        if (group, session) in said:  # a place held for a wish that is still open
            continue
        then = day_reasons(school, future.compiled, group, session, now=now)
        if then and _digest(then) == _digest(day_reasons(school, compiled, group, session, now=now)):
            then = []
        why = [sentence(reason) for reason in then]
        if group is not None and group.pk in future.aside:
            why.append(_("%(group)s is put aside") % {"group": group.name})
        if why and session is not None:
            said.add((group, session))
            found.append((session.starts_at, _hit(placement, wish, group, session, why)))
    return [hit for _starts_at, hit in sorted(found, key=lambda one: one[0])]


def _hit(
    placement: Placement | None, wish: Wish | None, group: Group | None, session: Session, why: Sequence[str]
) -> Hit:
    """Three reasons are enough to see what is meant."""
    said = f"{'; '.join(why[:3])}."
    last = session.ends_at.astimezone(session.zone).date()
    words = (session.opportunity.title, days(session.first_on, last), group.name if group else "")
    if placement is not None:
        return Hit("placement", placement.pk, *words, placement.get_state_display(), said)
    if wish is not None:
        return Hit("request", wish.request_id, *words, _("asked for"), said)
    raise ValueError("neither a placement nor a wish")


COMING.append(would_clash)


def clash_sentence(clash: CalendarClash, *, now: dt.datetime) -> str:
    """The first reason as it stands now, in a teacher's words; "" when the calendar allows it again."""
    group, session = _of(clash.placement, clash.wish)
    reasons = day_reasons(clash.school, compile_school(clash.school), group, session, now=now)
    return sentence(reasons[0]) if reasons else ""
