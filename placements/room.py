"""Who waits for places when a session gets more of them: placements know, and sessions ask below."""

from __future__ import annotations

import datetime as dt

from opportunities.domain.sessions import ROOM_MADE
from opportunities.models import Session
from placements.domain import waiting


def serve_those_waiting(session: Session, now: dt.datetime) -> None:
    waiting.promote(session, now=now)


ROOM_MADE.append(serve_those_waiting)
