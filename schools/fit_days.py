"""One group on one day, whatever the session: what closes the day, and what some hours of it cost.

Days that are taught alike share their answers: a school year is some ten kinds of day, not two hundred days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from schools.fit_types import Missed
from schools.release import DAY_MINUTES, GroupRules, minutes_of
from schools.years import AVOID, BLOCKS, COSTS, NOTE, CompiledCalendar, Reason, Slot

# (label, first minute, last minute) of a bell period a group may not miss.
Barred = tuple[str, int, int]
# (first minute, last minute, reason) of a protected period.
Guarded = tuple[int, int, Reason]


@dataclass(frozen=True, slots=True)
class Cut:
    """What some hours out of a kind of day mean. ``avoided``: things better avoided among ``protected``; ``kept``:
    one of those blocks."""

    missed: tuple[Missed, ...]
    minutes: int
    protected: tuple[Reason, ...]
    barred: tuple[str, ...]
    subjects: tuple[str, ...]
    kept: bool
    blocks: bool
    avoided: int


class Hours:
    """A kind of day: its lessons, protected hours and barred periods, with the answers given so far."""

    __slots__ = ("_cuts", "barred", "guarded", "keep", "slots")

    def __init__(
        self, slots: tuple[Slot, ...], guarded: tuple[Guarded, ...], barred: tuple[Barred, ...], keep: frozenset[str]
    ) -> None:
        self.slots = slots
        self.guarded = guarded
        self.barred = barred
        self.keep = keep
        self._cuts: dict[int, Cut] = {}

    def cut(self, start: int, end: int) -> Cut:
        """The answer for the minutes from ``start`` to ``end``. There are at most a few hundred different ones."""
        key = start * 2048 + end
        known = self._cuts.get(key)
        if known is None:
            known = self._cuts[key] = self._work_out(start, end)
        return known

    def _work_out(self, start: int, end: int) -> Cut:
        slots = [slot for slot in self.slots if slot[0] < end and start < slot[1]]
        cut = [(max(first, start), min(last, end), subject) for first, last, subject in slots]
        protected = unique(reason for first, last, reason in self.guarded if first < end and start < last)
        barred = tuple(label for label, first, last in self.barred if first < end and start < last)
        subjects = tuple(dict.fromkeys(s for _, _, s in slots if s.casefold() in self.keep))
        kept = any(reason.level == BLOCKS for reason in protected)
        return Cut(
            missed=summed(Missed(subject, 1, last - first) for first, last, subject in cut),
            minutes=_union(cut),
            protected=protected,
            barred=barred,
            subjects=subjects,
            kept=kept,
            blocks=kept or bool(barred or subjects),
            avoided=sum(reason.level == COSTS for reason in protected),
        )


class GroupDay:
    """One day of one group: closed as a whole, or open with its hours."""

    __slots__ = ("_rules", "closed", "day", "earliest", "hours", "latest", "note", "weekday")

    def __init__(
        self,
        day: date,
        rules: GroupRules,
        *,
        closed: Reason | None,
        weekday: Reason | None,
        hours: Hours,
        note: Reason | None,
    ) -> None:
        self.day = day
        self._rules = rules
        self.closed = closed
        self.weekday = weekday
        self.hours = hours
        self.note = note
        self.earliest = rules.first_minute
        self.latest = rules.last_minute

    @property
    def longest(self) -> tuple[int, int]:
        """The longest stay away that the group's hours allow, in minutes of the day."""
        return self.earliest, max(self.earliest, self.latest)

    def blocks(self, start: int, end: int) -> bool:
        return (
            self.closed is not None
            or self.weekday is not None
            or start < self.earliest
            or end > self.latest
            or self.hours.cut(start, end).blocks
        )

    def why_not(self, start: int, end: int) -> str:
        """The code of the first reason that blocks, or "": what ``reasons`` would say, without saying it."""
        if self.closed is not None:
            return self.closed.code
        cut = self.hours.cut(start, end)
        if cut.kept:
            return "protected_blocked"
        if self.weekday is not None:
            return self.weekday.code
        if start < self.earliest or end > self.latest:
            return "release_hours"
        return "release_period" if cut.barred else "protected_subject" if cut.subjects else ""

    def reasons(self, start: int, end: int) -> list[Reason]:
        """Every reason of these hours, what protects first; a closed day has one."""
        if self.closed is not None:
            return [self.closed]
        cut, rules = self.hours.cut(start, end), self._rules
        found = list(cut.protected)
        if self.weekday is not None:
            found.append(self.weekday)
        if start < self.earliest or end > self.latest:
            found.append(
                Reason("release_hours", {"date": self.day, "earliest": rules.earliest, "latest": rules.latest})
            )
        allowed = tuple(sorted(rules.periods or ()))
        for label in cut.barred:
            found.append(Reason("release_period", {"date": self.day, "period": label, "allowed": allowed}))
        for subject in cut.subjects:
            found.append(Reason("protected_subject", {"subject": subject, "date": self.day}))
        if self.note is not None:
            found.append(self.note)
        return found

    def missed(self, start: int, end: int) -> tuple[Missed, ...]:
        return () if self.closed is not None else self.hours.cut(start, end).missed


def group_day(compiled: CompiledCalendar, group: str, day: date) -> GroupDay:
    """Worked out once for each day of each group, and remembered in the compiled calendar."""
    days: dict[date, object] = compiled.days_of(group)
    known = days.get(day)
    if not isinstance(known, GroupDay):
        known = days[day] = _work_out(compiled, group, day)
    return known


def _work_out(compiled: CompiledCalendar, group: str, day: date) -> GroupDay:
    rules = compiled.rules_for(group)
    closed, letter = compiled.day_and_letter(day)
    if closed is not None:
        return GroupDay(day, rules, closed=closed, weekday=None, hours=_NOTHING, note=None)
    weekday = None
    if rules.weekdays is not None and day.weekday() not in rules.weekdays:
        facts = {"date": day, "weekday": day.weekday(), "allowed": tuple(sorted(rules.weekdays))}
        weekday = Reason("release_weekday", facts)
    unknown = letter is None and len(compiled.year.pattern.labels) > 1
    note = Reason("week_unknown", {"date": day}, NOTE) if unknown else None
    hours = _hours_of_kind(compiled, group, rules, day, letter)
    return GroupDay(day, rules, closed=None, weekday=weekday, hours=hours, note=note)


_NOTHING = Hours((), (), (), frozenset())


def _hours_of_kind(compiled: CompiledCalendar, group: str, rules: GroupRules, day: date, letter: str | None) -> Hours:
    """A day without protected times is as every other of its weekday, week and cycle day."""
    if compiled.protected_on.get(day):
        return _hours(compiled, group, rules, day)
    kind = (group, day.weekday(), letter, compiled.cycle.get(day))
    known = compiled.kinds.get(kind)
    if not isinstance(known, Hours):
        known = compiled.kinds[kind] = _hours(compiled, group, rules, day)
    return known


def _hours(compiled: CompiledCalendar, group: str, rules: GroupRules, day: date) -> Hours:
    slots = tuple(compiled.slots(group, day))
    protections = compiled.protections(group, day)
    barred: tuple[Barred, ...] = ()
    if rules.periods is not None:
        bell = [p for p in compiled.bell_on(day) if not p.is_break and p.label not in rules.periods]
        barred = tuple((p.label, minutes_of(p.start), minutes_of(p.end)) for p in bell)
    key = (slots, tuple(id(period) for period in protections), barred, rules.protected_subjects)
    kinds = compiled.kinds
    known = kinds.get(key)
    if not isinstance(known, Hours):
        known = kinds[key] = Hours(slots, tuple(_guarded(protections)), barred, rules.protected_subjects)
    return known


def _guarded(protections: Iterable) -> Iterable[Guarded]:
    for period in protections:
        first = minutes_of(period.start_time) if period.start_time else 0
        last = minutes_of(period.end_time) if period.end_time else DAY_MINUTES
        hard = period.hardness != AVOID
        facts = {"name": period.name, "from": period.start, "to": period.end}
        code = "protected_blocked" if hard else "protected_avoid"
        yield first, last, Reason(code, facts, BLOCKS if hard else COSTS)


def unique(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """In their order, each once: a week inside one exam period has one reason, not five."""
    found: list[Reason] = []
    for reason in reasons:
        if reason not in found:
            found.append(reason)
    return tuple(found)


def summed(missed: Iterable[Missed]) -> tuple[Missed, ...]:
    """One line for each subject, in the order of their names."""
    counts: dict[str, tuple[int, int]] = {}
    for one in missed:
        count, minutes = counts.get(one.subject, (0, 0))
        counts[one.subject] = (count + one.count, minutes + one.minutes)
    return tuple(Missed(subject, *totals) for subject, totals in sorted(counts.items()))


def _union(slots: Sequence[Slot]) -> int:
    """Minutes covered by at least one slot."""
    total = 0
    reached = 0
    for first, last, _ in sorted(slots):
        total += max(0, last - max(first, reached))
        reached = max(reached, last)
    return total
