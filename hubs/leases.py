"""Work that a row stands for: a job takes it up under a lease, another takes it up when the worker died, and after
some tries whoever waits for it is told instead.

The row has `state`, `claimed_until`, `tries` and `problem`, a moves table that lets `system` move it, and a hub.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.functional import Promise

from hubs.actors import system
from hubs.errors import Refused
from hubs.languages import speaking
from hubs.moves import move

log = logging.getLogger(__name__)

#: Longer than the largest piece of work takes on a slow machine.
LEASE = dt.timedelta(minutes=15)
MOST_TRIES = 3


@dataclass(frozen=True)
class Work:
    """States of the row: `waiting` for a worker, `running`, and `given_up`. `stopped` is the sentence for whoever waits
    when nothing came of it, with `%(n)s` tries."""

    waiting: str
    running: str
    given_up: str
    stopped: str | Promise

    def due(self, now: dt.datetime) -> Q:
        """Rows that wait, and those whose worker died."""
        return Q(state=self.waiting) | Q(state=self.running, claimed_until__lt=now)

    def run(self, row: Any, act: Callable[[], None], *, now: dt.datetime) -> bool:
        """Do `act` in one transaction, which moves the row on: a killed worker leaves nothing behind but its lease, and
        of two workers the second finds it done. Whether it was done."""
        if not self._claim(row, now):
            return False
        with speaking(row.hub.language):
            if row.tries > MOST_TRIES:  # whoever took it up was killed, each time
                self._give_up(row, str(self.stopped) % {"n": MOST_TRIES}, now)
                return False
            try:
                with transaction.atomic():
                    act()
            except Refused as refusal:
                self._give_up(row, refusal.sentence, now)
                return False
            except Exception:
                # Whatever it was, the next run tries again; the row names no person, and neither does this line.
                log.exception("%s %s failed", row._meta.label, row.pk)
                if row.tries >= MOST_TRIES:
                    self._give_up(row, str(self.stopped) % {"n": row.tries}, now)
                return False
        return True

    def _claim(self, row: Any, now: dt.datetime) -> bool:
        until = now + LEASE
        if row.state == self.waiting:
            try:
                also = {"claimed_until": until, "tries": row.tries + 1}
                move(row, self.running, by=system(row.hub_id), now=now, also=also)
            except Refused:
                return False  # somebody else has it
            return True
        same = type(row)._base_manager.filter(pk=row.pk, state=self.running, claimed_until=row.claimed_until)
        taken = same.update(claimed_until=until, tries=F("tries") + 1)
        row.claimed_until, row.tries = until, row.tries + 1
        return bool(taken)

    def _give_up(self, row: Any, sentence: str, now: dt.datetime) -> None:
        row.refresh_from_db(fields=["state"])
        if row.state == self.running:
            also = {"claimed_until": None, "problem": sentence[:300]}
            move(row, self.given_up, by=system(row.hub_id), now=now, also=also)
