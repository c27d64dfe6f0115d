"""Rows in no table, of which a hub is shown what each message about placements says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from hubs.models import Hub, Requirement
from hubs.shipped import Invented, Row, invents
from hubs.wallclock import instant
from hubs.words import day as say
from opportunities.messages import invented_offer
from opportunities.models import Session, SessionDay
from placements.models import (
    Agreement,
    Amendment,
    CalendarClash,
    Clearance,
    Placement,
    PlacementRequest,
    SessionMove,
    Signature,
)
from schools.models import School

EMPLOYER, SCHOOL = 0, 2**62  # keys that no row has
NINE, NOON = dt.time(9, 30), dt.time(12)


def _day(hub: Hub, now: dt.datetime) -> dt.date:
    """A Tuesday three weeks ahead."""
    soon = hub.today(now) + dt.timedelta(days=21)
    return soon + dt.timedelta(days=(1 - soon.weekday()) % 7)


def a_request(hub: Hub, now: dt.datetime) -> PlacementRequest:
    school = School(pk=SCHOOL, hub=hub, name=_("Quayside School"))
    return PlacementRequest(pk=0, hub=hub, school=school, places=6, state="submitted")


def a_placement(hub: Hub, now: dt.datetime) -> Placement:
    request, offer, on = a_request(hub, now), invented_offer(hub), _day(hub, now)
    session = Session(
        pk=0, hub=hub, employer=offer.employer, opportunity=offer, time_zone=hub.time_zone, places=20,
        starts_at=instant(on, NINE, hub.zone), ends_at=instant(on, NOON, hub.zone),
    )  # fmt: skip
    day = SessionDay(pk=0, session=session, on=on, starts_at=NINE, ends_at=NOON)
    _stands_in(session, "days", [day])
    return Placement(
        pk=0, hub=hub, session=session, employer=offer.employer, school=request.school, request=request,
        places=6, state="accepted", reason=_("The hall is being painted that week."),
    )  # fmt: skip


def _stands_in(row: models.Model, name: str, rows: list) -> None:
    """As if they had been read with it."""
    found = getattr(row, name).none()
    found._result_cache, found._prefetch_done = rows, True
    row._prefetched_objects_cache = {name: found}


def _of_placement(hub: Hub, now: dt.datetime, *, side: int | None = None, counted: str = "", **facts: Any) -> Row:
    return Row(a_placement(hub, now), _said(facts, hub, now), side, instead={"tasks": counted} if counted else {})


def _said(facts: dict, hub: Hub, now: dt.datetime) -> dict:
    """What a person wrote, in the language of the words; the day as the message carries it."""
    day = {name: _day(hub, now).isoformat() for name in ("day", "last_day") if name in facts}
    return facts | day | {name: _("We look forward to it.") for name in ("reason", "message", "why") if name in facts}


def _of_request(hub: Hub, now: dt.datetime, **facts: Any) -> Row:
    instead = (
        {"title": _("See how it is made"), "day": say(_day(hub, now))} if facts.keys() & {"session", "wish"} else {}
    )
    return Row(a_request(hub, now), _said(facts, hub, now), SCHOOL, instead=instead)


def _of_clearance(hub: Hub, now: dt.datetime, *, side: int | None) -> Row:
    asked = Requirement(pk=0, code="x", title=_("Risk assessment"), text=_("The host sends it before the first day."))
    row = Clearance(pk=0, hub=hub, placement=a_placement(hub, now), requirement=asked, blocks="start")
    return Row(row, {}, side)


def _of_line(hub: Hub, now: dt.datetime) -> Row:
    agreement = Agreement(pk=0, hub=hub, placement=a_placement(hub, now))
    return Row(Signature(pk=0, hub=hub, agreement=agreement, label=_("parent or carer")))


def _of_change(hub: Hub, now: dt.datetime) -> Row:
    placement = a_placement(hub, now)
    row = Amendment(pk=0, hub=hub, placement=placement, school=placement.school)
    row.changes = {"supervisor": ["", _("Robin Hale")]}
    return Row(row, _said({"reason": ""}, hub, now), SCHOOL)


def _of_move(hub: Hub, now: dt.datetime) -> Row:
    placement = a_placement(hub, now)
    row = SessionMove(pk=0, hub=hub, employer=placement.employer, session=placement.session)
    row.days, row.reason = [[_day(hub, now).isoformat(), "09:30", "12:00"]], _("The hall is being painted that week.")
    return Row(row, {}, SCHOOL)


def _of_clash(hub: Hub, now: dt.datetime) -> Row:
    placement = a_placement(hub, now)
    return Row(CalendarClash(pk=0, hub=hub, school=placement.school, placement=placement), {}, SCHOOL)


def _about(side: int | None, **facts: Any) -> Callable[..., Row]:
    return partial(_of_placement, side=side, **facts)


ROWS: tuple[tuple[Invented, tuple[str, ...]], ...] = (
    (partial(_of_request, wish=True), ("request-submitted",)),
    (_of_request, ("request-firm",)),
    (partial(_of_request, reason=""), ("request-refused",)),
    (partial(_of_request, reason="", session=0), ("waiting-ended",)),
    (
        _about(SCHOOL),
        ("request-offered", "waiting-served", "placement-accepted", "placement-cancelled", "starts-soon",
         "starts-tomorrow", "register-due", "firm-asked", "start-blocked"),
    ),
    (_about(SCHOOL, counted="2"), ("clearances-open",)),
    (_about(SCHOOL, changes=["place"]), ("placement-changed",)),
    (_about(SCHOOL, day="", count=2), ("absence",)),
    (_about(SCHOOL, what="other", phone="+44 20 7946 0000"), ("incident",)),
    (_about(SCHOOL, last_day="", why=""), ("ended-early",)),
    (_about(EMPLOYER, message=""), ("placement-offered",)),
    (
        _about(EMPLOYER),
        ("answer-reminder", "placement-withdrawn", "host-page", "feedback-reminder", "thanks"),
    ),
    (_about(EMPLOYER, counted="2"), ("host-clearances-open",)),
    (_about(EMPLOYER, joined=1, left=1, count=6), ("students-changed",)),
    (_about(None), ("placement-declined", "turn-passed-over", "answer-overdue")),
    (partial(_of_clearance, side=None), ("consent-asked",)),
    (partial(_of_clearance, side=SCHOOL), ("consent-refused", "consent-withdrawn")),
    (partial(_of_clearance, side=EMPLOYER), ("clearance-reminder",)),
    (_of_line, ("signature-asked", "signature-withdrawn")),
    (_of_change, ("change-asked", "change-refused")),
    (_of_move, ("session-moved",)),
    (_of_clash, ("calendar-clash",)),
)  # fmt: skip
for invented, names in ROWS:
    invents(invented, *names)


def _answered(hub: Hub, now: dt.datetime) -> Row:
    return Row(a_placement(hub, now), {"side": "employer"}, SCHOOL, instead={"who": _("Brightwater Engineering")})


invents(_answered, "mail-received")
