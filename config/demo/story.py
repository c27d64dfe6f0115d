"""Time in the demo: stories take turns, each resumed at the instant it waits for.

A story is a generator that does something, then yields the instant at which it goes on. All of
them together run in one order of time, with the platform's own jobs between, so that logs,
reminders and holds come out as they would have. What lies after now simply never happens.
"""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Callable, Iterator
from itertools import count

from hubs.errors import Refused

Story = Iterator[dt.datetime]


class Timeline:
    """`now` is the instant that the running story lives in."""

    def __init__(self, start: dt.datetime, end: dt.datetime) -> None:
        self.now, self.end = start, end
        self.broken: list[tuple[str, str]] = []
        self._waiting: list[tuple[dt.datetime, int, str, Story]] = []
        self._turns = count()

    def tell(self, name: str, story: Story) -> None:
        """Begin a story now, up to its first wait."""
        self._resume(name, story)

    def run(self, jobs: Callable[[dt.datetime], object], every: Callable[[dt.datetime], dt.timedelta]) -> None:
        """Everything up to the end; `jobs` run before the stories of each stretch of time, and
        `every` says how long the stretch is that begins then."""
        tick = self.now
        while tick <= self.end:
            self.now = tick
            jobs(tick)
            tick += every(tick)
            while self._waiting and self._waiting[0][0] < min(tick, self.end):
                at, _turn, name, story = heapq.heappop(self._waiting)
                self.now = max(self.now, at)
                self._resume(name, story)
        self.now = self.end

    def _resume(self, name: str, story: Story) -> None:
        try:
            at = next(story)
        except StopIteration:
            return
        except Refused as refusal:
            # The rest of this story is not told; the others go on.
            self.broken.append((name, refusal.sentence))
            return
        heapq.heappush(self._waiting, (at, next(self._turns), name, story))
