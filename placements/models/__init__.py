"""Requests, placements, what must be ready, and what young people really had."""

from placements.models.after import Encounter, Feedback
from placements.models.alarm import PlacesAlarm
from placements.models.allocation import AllocationResult, AllocationRun
from placements.models.calendar import CalendarEvent
from placements.models.clash import CalendarCheck, CalendarClash
from placements.models.desk import DeskItem
from placements.models.feed import Feed
from placements.models.ladder import Ladder
from placements.models.move import SessionMove
from placements.models.placement import Amendment, Placement, PlacementStudent, StudentDay
from placements.models.ready import Agreement, Clearance, Signature
from placements.models.reply import CalendarAnswer, Reply, ReplyFile
from placements.models.request import PlacementRequest, RequestWindow, WaitingPlace, Wish
from placements.models.turn import Turn

__all__ = [
    "Agreement",
    "AllocationResult",
    "AllocationRun",
    "Amendment",
    "CalendarAnswer",
    "CalendarCheck",
    "CalendarClash",
    "CalendarEvent",
    "Clearance",
    "DeskItem",
    "Encounter",
    "Feed",
    "Feedback",
    "Ladder",
    "Placement",
    "PlacementRequest",
    "PlacementStudent",
    "PlacesAlarm",
    "Reply",
    "ReplyFile",
    "RequestWindow",
    "SessionMove",
    "Signature",
    "StudentDay",
    "Turn",
    "WaitingPlace",
    "Wish",
]
