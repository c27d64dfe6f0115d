"""What the fit engine is asked and what it answers: plain values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time

from schools.years import Reason

FITS = "fits"
FITS_AT_COST = "fits_at_cost"
CANNOT = "cannot"
VERDICT_ORDER = {FITS: 0, FITS_AT_COST: 1, CANNOT: 2}

# (verdict, things better avoided, minutes missed, first day as an ordinal)
Rank = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class FitSession:
    """``days``: (local date, start, end) in ``zone``; an end at or before its start is on the next day.

    ``travel_minutes`` one way: the group is away that much before and after. Years and ages are inclusive limits, None
    for none. ``min_notice_weeks`` in school weeks of the asking school.
    """

    days: tuple[tuple[date, time, time], ...]
    zone: str
    travel_minutes: int = 0
    students: int = 1
    min_year: int | None = None
    max_year: int | None = None
    min_age: int | None = None
    max_age: int | None = None
    min_notice_weeks: int = 0


@dataclass(frozen=True, slots=True)
class Missed:
    subject: str
    count: int
    minutes: int


Told = tuple[tuple[Reason, ...], tuple[Missed, ...]]


class Fit:
    """A verdict with what orders it, at once; its reasons and lessons when somebody reads them.

    A list judges twenty thousand sessions and shows twenty: sentences and lists are made for those alone. ``rank``
    orders fits, best first. ``minutes_missed`` counts every minute once, also where a group sits in parallel options.
    """

    __slots__ = ("_again", "_extra", "_session", "_tell", "_told", "minutes_missed", "rank", "verdict")

    def __init__(
        self,
        verdict: str,
        minutes_missed: int,
        rank: Rank,
        tell: Callable[..., Told] | Told,
        session: FitSession | None = None,
        extra: tuple[Reason, ...] = (),
        again: tuple[Reason, ...] = (),
    ) -> None:
        """``tell(session, extra, again)`` gives reasons and lessons: a closure, or a tuple of the three, for each of
        20,000 costs as much as the fit."""
        self.verdict = verdict
        self.minutes_missed = minutes_missed
        self.rank = rank
        self._tell = tell
        self._session = session
        self._extra = extra
        self._again = again
        self._told: Told | None = None

    def _both(self) -> Told:
        if self._told is None:
            tell = self._tell
            self._told = tell(self._session, self._extra, self._again) if callable(tell) else tell
        return self._told

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """What blocks, in the order it is looked at; then what it costs; then what is not known."""
        return self._both()[0]

    @property
    def lessons_missed(self) -> tuple[Missed, ...]:
        """By subject, in the order of their names."""
        return self._both()[1]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Fit):
            return NotImplemented
        return (self.rank, self.reasons, self.lessons_missed) == (other.rank, other.reasons, other.lessons_missed)

    __hash__ = None  # type: ignore[assignment]  # reasons hold dicts

    def __repr__(self) -> str:
        return f"Fit({self.verdict!r}, {self.minutes_missed}, {self.rank}, {self.reasons}, {self.lessons_missed})"


@dataclass(frozen=True, slots=True)
class DayState:
    """One day of the heat map. ``state``: open, cost (avoid, or a protected subject is taught) or blocked.

    ``lessons`` and ``minutes``: what a whole day out would miss.
    """

    day: date
    state: str
    reasons: tuple[Reason, ...]
    lessons: int
    minutes: int
    letter: str | None
