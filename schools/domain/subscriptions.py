"""Calendar addresses a school subscribes to: read again and again, the last good copy kept.

A changed calendar waits for somebody to look, as a file that was uploaded does. Where the school has said
so, changes apply themselves as long as they add or move what came from a file before: nothing goes away
and nothing made by hand is touched without a person. What a person set stays in any case.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from collections.abc import Callable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from hubs.actors import Actor, system
from hubs.addresses import CannotFetch, read_address
from hubs.errors import Refused
from hubs.fetch import Fetched, fetch
from hubs.languages import speaking
from hubs.log import record
from schools.domain.calendar import CalendarPlan, apply_calendar_import, plan_calendar_import, read_calendar
from schools.domain.diff import ADDED, CHANGED, KEPT, REMOVED, SAME
from schools.domain.rights import needs_keeper
from schools.domain.words_files import fetch_refusal
from schools.ical_json import pack_calendar
from schools.models import CalendarSubscription, PendingImport, School

FIELDS = ("name", "url", "applies_itself", "is_active")
MOST_OF_A_SCHOOL = 10
#: Hours until the next try, by failures in a row: a server that is down is not knocked at all day.
RETRY_HOURS = (1, 3, 6, 12)
AT_ONCE = 20

Fetcher = Callable[..., Fetched]
log = logging.getLogger(__name__)


def subscribe(school: School, values: Mapping[str, Any], *, by: Actor, now: dt.datetime) -> CalendarSubscription:
    """Read this address from now on: `url`, `name`, `applies_itself`. The first reading is the job's."""
    needs_keeper(school, by)
    if CalendarSubscription.objects.filter(school=school).count() >= MOST_OF_A_SCHOOL:
        raise Refused(_("A school reads at most %(n)s addresses. Remove one first.") % {"n": MOST_OF_A_SCHOOL})
    row = CalendarSubscription(hub_id=school.hub_id, school=school)
    return _save(row, values, "added", by=by, now=now)


def change_subscription(row: CalendarSubscription, values: Mapping[str, Any], *, by: Actor, now: dt.datetime) -> None:
    """Another name or address, or on and off. It is read again at once."""
    needs_keeper(row, by)
    _save(row, values, "changed", by=by, now=now)


def unsubscribe(row: CalendarSubscription, *, by: Actor, now: dt.datetime) -> None:
    """Read it no more. What came from it stays in the calendar."""
    needs_keeper(row, by)
    with transaction.atomic():
        record(row, "removed", by=by, now=now)
        row.delete()


def _save(
    row: CalendarSubscription, values: Mapping[str, Any], verb: str, *, by: Actor, now: dt.datetime
) -> CalendarSubscription:
    try:
        url = read_address(values.get("url", row.url)).url
    except CannotFetch as refusal:
        raise Refused(fetch_refusal(refusal)) from refusal
    for name in FIELDS:
        setattr(row, name, values.get(name, getattr(row, name)))
    if row.url != url or verb == "added":
        row.etag = row.last_modified = row.sha256 = ""
    row.url, row.due_at, row.failures = url, now, 0
    try:
        with transaction.atomic():
            row.save()
            # The address is a secret of whoever shares by link: it stays out of the log.
            record(row, verb, by=by, now=now, fields=sorted(set(values) & set(FIELDS)))
    except IntegrityError as clash:
        raise Refused(_("This address is read already.")) from clash
    return row


# ---- reading -------------------------------------------------------------------


def read_due(now: dt.datetime, *, fetcher: Fetcher = fetch) -> int:
    """Read every address that is due, at most `AT_ONCE`; how many. Safe twice and at once: a row is
    claimed by moving its next time, before anything is asked of the network."""
    rows = CalendarSubscription.objects.filter(is_active=True, due_at__lte=now)
    done = 0
    for row in rows.select_related("school__hub").order_by("due_at", "pk")[:AT_ONCE]:
        if _claim(row, now):
            with speaking(row.school.hub.language):
                _read_safely(row, now, fetcher)
            done += 1
    return done


def _read_safely(row: CalendarSubscription, now: dt.datetime, fetcher: Fetcher) -> None:
    try:
        read_one(row, now=now, fetcher=fetcher)
    except Exception:  # one address must not stop the round of the others
        log.exception("calendar subscription %s could not be taken in", row.pk)
        _failed(row, _("It was read but could not be taken over. Load the file by hand, and tell the hub."), now=now)


def _claim(row: CalendarSubscription, now: dt.datetime) -> bool:
    """Whether this worker is the one that reads it: the first to move the time both have seen."""
    after = now + dt.timedelta(hours=row.every_hours)
    seen = CalendarSubscription.objects.filter(pk=row.pk, due_at=row.due_at)
    return seen.update(due_at=after, last_tried_at=now) == 1


def read_one(row: CalendarSubscription, *, now: dt.datetime, fetcher: Fetcher = fetch) -> None:
    """Read one address. No transaction is open while the network is asked."""
    try:
        found = fetcher(row.url, etag=row.etag, last_modified=row.last_modified)
        _take_in(row, found, now=now)
    except CannotFetch as refusal:
        _failed(row, fetch_refusal(refusal), now=now)
    except Refused as refusal:
        _failed(row, refusal.sentence, now=now)


def _take_in(row: CalendarSubscription, found: Fetched, *, now: dt.datetime) -> None:
    fields: dict[str, Any] = {"last_good_at": now, "last_error": "", "failures": 0}
    if found.data is not None:
        digest = hashlib.sha256(found.data).hexdigest()
        if digest != row.sha256:
            _changed(row, found.data, now=now)
        fields |= {"last_good": found.data, "sha256": digest, "etag": found.etag, "last_modified": found.last_modified}
    CalendarSubscription.objects.filter(pk=row.pk, url=row.url).update(**fields)


def _changed(row: CalendarSubscription, data: bytes, *, now: dt.datetime) -> None:
    """Raises `CannotImport`; then the copy before stays the last good one."""
    school = row.school
    parsed = read_calendar(school, data, now=now)
    plan = plan_calendar_import(school, data, now=now, file_name=str(row)[:160], parsed=parsed)
    if not _differs(plan):
        PendingImport.objects.filter(subscription=row).delete()
        return
    asked = _question(plan)
    if asked == row.asked_sha256 and not PendingImport.objects.filter(subscription=row).exists():
        return  # somebody was asked exactly this, and put it aside
    if row.applies_itself and _harmless(plan):
        with transaction.atomic():
            apply_calendar_import(plan, by=system(school.hub_id), now=now)
            PendingImport.objects.filter(subscription=row).delete()
        return
    PendingImport.objects.update_or_create(
        subscription=row,
        defaults={
            "hub_id": school.hub_id,
            "school": school,
            "kind": PendingImport.Kind.CALENDAR,
            "file_name": str(row)[:160],
            "data": data,
            "parsed": pack_calendar(parsed),
            "choices": {},
            "uploaded_by": None,
            "uploaded_at": now,
        },
    )
    row.asked_sha256 = asked
    row.save(update_fields=["asked_sha256"])


def _question(plan: CalendarPlan) -> str:
    """A digest of what a person would decide on: what changes, not the bytes, which many servers stamp anew."""
    parts = sorted(
        f"{change.model._meta.label_lower} {change.what} {change.key} {sorted(change.values.items())!r}"
        for change in plan.changes
        if change.what != SAME
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _differs(plan: CalendarPlan) -> bool:
    """What was made by hand counts too: the calendar says otherwise now, and a person decides."""
    return any(change.what in (ADDED, CHANGED, REMOVED, KEPT) for change in plan.changes)


def _harmless(plan: CalendarPlan) -> bool:
    """Whether it asks nothing, takes nothing away and meets nothing made by hand."""
    asks = plan.asks_cycle or plan.asks_problems
    return not asks and not any(change.what in (REMOVED, KEPT) for change in plan.changes)


def _failed(row: CalendarSubscription, sentence: str, *, now: dt.datetime) -> None:
    failures = min(row.failures + 1, 1000)
    wait = RETRY_HOURS[min(failures, len(RETRY_HOURS)) - 1]
    CalendarSubscription.objects.filter(pk=row.pk, url=row.url).update(
        failures=failures, last_error=sentence[:300], due_at=now + dt.timedelta(hours=min(wait, row.every_hours))
    )
