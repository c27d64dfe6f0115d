"""What follows for placements when a session changes: who waits for places, and who agreed to its hours.
Placements know, and sessions ask below."""

from __future__ import annotations

import datetime as dt

from opportunities.domain.sessions import BREAK_CHANGED, CALLED_OFF, ROOM_MADE
from opportunities.models import Session
from placements.domain import amending, waiting


def serve_those_waiting(session: Session, now: dt.datetime) -> None:
    waiting.promote(session, now=now)


def close_line(session: Session, reason: str, now: dt.datetime) -> None:
    waiting.close(session, reason, now=now)


ROOM_MADE.append(serve_those_waiting)
BREAK_CHANGED.append(amending.break_changed)
CALLED_OFF.append(close_line)
