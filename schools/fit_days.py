"""One group on one day, whatever the session: what closes the day, and what some hours of it cost.

Days that are taught alike share their answers: a school year is some ten kinds of day, not two hundred days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import partial

from schools.fit_types import Missed
from schools.release import DAY_MINUTES, GroupRules, fold, minutes_of
from schools.years import AVOID, BLOCKS, COSTS, NOTE, SHORT_DAY, CompiledCalendar, Reason, ShortDay, Slot

# (label, first minute, last minute) of a bell period a group may not miss.
Barred = tuple[str, int, int]
# (first minute, last minute, reason) of a protected period.
Guarded = tuple[int, int, Reason]
# Minutes of a day, start and end, as one number: start * CUT_KEY + end.
CUT_KEY = 2048
ANY_TIME = fold(())
AN_HOUR = 60
# Of a group whose lessons nobody has typed.
USUAL_DAY = 9 * 60, 15 * 60
# Reasons that keep a group in for a part of the day: they do not close the day for everything.
NOT_ALL_DAY = frozenset({"protected_subject", "release_period", SHORT_DAY})


class Cut:
    """What some hours out of a kind of day mean for a group. ``avoided``: things better avoided among ``protected``.

    ``why``: the code of the first reason that blocks, or "". ``minutes`` counts every minute once. The lessons by
    subject are added up when somebody reads them: a list judges twenty thousand sessions and shows twenty.
    """

    __slots__ = ("_missed", "_slots", "avoided", "minutes", "protected", "why")

    def __init__(self, slots: Sequence[Slot], protected: tuple[Reason, ...], why: str) -> None:
        self._slots = slots
        self._missed: tuple[Missed, ...] | None = None
        self.minutes = _union(slots)
        self.protected = protected
        self.avoided = sum(reason.level == COSTS for reason in protected)
        self.why = why

    @property
    def missed(self) -> tuple[Missed, ...]:
        if self._missed is None:
            self._missed = summed(Missed(subject, 1, last - first) for first, last, subject in self._slots)
        return self._missed


class Hours:
    """A kind of day of a group: its lessons, protected hours, barred periods and hours of release, with the answers
    given so far.

    ``taught`` gives the lessons when they are first asked for: whether a group may go mostly does not hang on them.
    ``weekday``: the code of what keeps the group in on this weekday, or "".
    """

    __slots__ = ("_slots", "_taught", "barred", "cuts", "earliest", "guarded", "keep", "latest", "weekday")

    def __init__(
        self, taught: Callable[[], list[Slot]], guarded: tuple[Guarded, ...], barred: tuple[Barred, ...],
        rules: GroupRules, weekday: str,
    ) -> None:  # fmt: skip
        self._taught = taught
        self._slots: list[Slot] | None = None
        self.guarded = guarded
        self.barred = barred
        self.keep = rules.protected_subjects
        self.earliest = rules.first_minute
        self.latest = rules.last_minute
        self.weekday = weekday
        self.cuts: dict[int, Cut] = {}

    def cut(self, start: int, end: int) -> Cut:
        """The answer for the minutes from ``start`` to ``end``. There are at most a few hundred different ones."""
        key = start * CUT_KEY + end
        known = self.cuts.get(key)
        if known is None:
            slots = [(max(first, start), min(last, end), subject) for first, last, subject in self._lessons(start, end)]
            known = self.cuts[key] = Cut(slots, self._protected(start, end), self.why_not(start, end))
        return known

    def why_not(self, start: int, end: int) -> str:
        """The code of the first reason that blocks, or "", in the order of ``GroupDay.reasons``."""
        for reason in self._protected(start, end) if self.guarded else ():
            if reason.level == BLOCKS:
                return reason.code
        if self.weekday:
            return self.weekday
        if start < self.earliest or end > self.latest:
            return "release_hours"
        if self.barred and self.periods(start, end):
            return "release_period"
        return "protected_subject" if self.keep and self.subjects(start, end) else ""

    def periods(self, start: int, end: int) -> tuple[str, ...]:
        """The labels of the periods touched that the group may not miss."""
        return tuple(label for label, first, last in self.barred if first < end and start < last)

    def subjects(self, start: int, end: int) -> tuple[str, ...]:
        """The protected subjects of the lessons touched."""
        return tuple(dict.fromkeys(s for _, _, s in self._lessons(start, end) if s.casefold() in self.keep))

    def leave_an_hour(self, first: int, last: int) -> bool:
        """Whether nothing protected stands in the way of an hour between two minutes of the school day."""
        slots = self._lessons(0, DAY_MINUTES)
        at = max(first, min((slot[0] for slot in slots), default=USUAL_DAY[0]))
        end = min(last, max((slot[1] for slot in slots), default=USUAL_DAY[1]))
        for start, until, reason in sorted(self.guarded, key=lambda one: one[0]):
            if reason.level != BLOCKS:
                continue
            if min(start, end) - at >= AN_HOUR:
                return True
            at = max(at, until)
        return end - at >= AN_HOUR

    def _protected(self, start: int, end: int) -> tuple[Reason, ...]:
        return unique(reason for first, last, reason in self.guarded if first < end and start < last)

    def _lessons(self, start: int, end: int) -> list[Slot]:
        if self._slots is None:
            self._slots = self._taught()
        return [slot for slot in self._slots if slot[0] < end and start < slot[1]]


class Closed(Hours):
    """A day on which the school does not teach: nothing is missed, and the same keeps everybody in all day."""

    __slots__ = ()

    def __init__(self, code: str) -> None:
        super().__init__(list, (), (), ANY_TIME, code)


class GroupDay:
    """One day of one group: closed as a whole, or open with its hours."""

    __slots__ = ("_rules", "closed", "day", "hours", "note", "weekday")

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

    @property
    def longest(self) -> tuple[int, int]:
        """The longest stay away that the group's hours allow, in minutes of the day."""
        return self._rules.first_minute, max(self._rules.first_minute, self._rules.last_minute)

    def reasons(self, start: int, end: int) -> list[Reason]:
        """Every reason of these hours, what protects first; a closed day has one."""
        if self.closed is not None:
            return [self.closed]
        hours, rules = self.hours, self._rules
        found = list(hours.cut(start, end).protected)
        if self.weekday is not None:
            found.append(self.weekday)
        if start < rules.first_minute or end > rules.last_minute:
            found.append(
                Reason("release_hours", {"date": self.day, "earliest": rules.earliest, "latest": rules.latest})
            )
        allowed = tuple(sorted(rules.periods or ()))
        for label in hours.periods(start, end):
            found.append(Reason("release_period", {"date": self.day, "period": label, "allowed": allowed}))
        for subject in hours.subjects(start, end):
            found.append(Reason("protected_subject", {"subject": subject, "date": self.day}))
        if self.note is not None:
            found.append(self.note)
        return found

    def missed(self, start: int, end: int) -> tuple[Missed, ...]:
        return self.hours.cut(start, end).missed


def group_day(compiled: CompiledCalendar, group: str, day: date) -> GroupDay:
    """Worked out once for each day of each group, and remembered in the compiled calendar."""
    days: dict[date, object] = compiled.days_of(group)
    known = days.get(day)
    if not isinstance(known, GroupDay):
        known = days[day] = _work_out(compiled, group, day)
    return known


def _work_out(compiled: CompiledCalendar, group: str, day: date) -> GroupDay:
    rules, hours = compiled.rules_for(group), hours_on(compiled, group, day)
    closed, letter, _kind = compiled.known_day(day)
    if closed is not None:
        return GroupDay(day, rules, closed=closed, weekday=None, hours=hours, note=None)
    weekday = None
    if rules.weekdays is not None and day.weekday() not in rules.weekdays:
        facts = {"date": day, "weekday": day.weekday(), "allowed": tuple(sorted(rules.weekdays))}
        weekday = Reason("release_weekday", facts)
    unknown = letter is None and len(compiled.year.pattern.labels) > 1
    note = Reason("week_unknown", {"date": day}, NOTE) if unknown else None
    return GroupDay(day, rules, closed=None, weekday=weekday, hours=hours, note=note)


def hours_on(compiled: CompiledCalendar, group: str, day: date) -> Hours:
    """What some hours of the day mean for the group; days of one kind share the answer."""
    closed, _letter, kind = compiled.known_day(day)
    key = closed.code if closed is not None else (group, kind)
    known = compiled.kinds.get(key)
    if not isinstance(known, Hours):
        made = Closed(closed.code) if closed is not None else _hours(compiled, group, day)
        known = compiled.kinds[key] = made
    return known


def _hours(compiled: CompiledCalendar, group: str, day: date) -> Hours:
    rules = compiled.rules_for(group)
    barred: tuple[Barred, ...] = ()
    if rules.periods is not None:
        bell = [p for p in compiled.bell_on(day) if not p.is_break and p.label not in rules.periods]
        barred = tuple((p.label, minutes_of(p.start), minutes_of(p.end)) for p in bell)
    kept_in = rules.weekdays is not None and day.weekday() not in rules.weekdays
    guarded = (*_short(compiled.short_on.get(day, ())), *_guarded(compiled.protections(group, day)))
    taught = partial(compiled.slots, group, day)
    return Hours(taught, guarded, barred, rules, "release_weekday" if kept_in else "")


def _guarded(protections: Iterable) -> Iterable[Guarded]:
    for period in protections:
        first = minutes_of(period.start_time) if period.start_time else 0
        last = minutes_of(period.end_time) if period.end_time else DAY_MINUTES
        hard = period.hardness != AVOID
        facts = {"name": period.name, "from": period.start, "to": period.end}
        if period.start_time and period.end_time:
            facts |= {"starts": period.start_time, "ends": period.end_time}
        code = "protected_blocked" if hard else "protected_avoid"
        yield first, last, Reason(code, facts, BLOCKS if hard else COSTS)


def _short(days: Iterable[ShortDay]) -> Iterable[Guarded]:
    """Before lessons begin and after they end nobody is at school to be taken along or brought back."""
    for day in days:
        facts = {"name": day.name, "from": day.start, "to": day.end, "earliest": day.begins_at, "latest": day.ends_at}
        reason = Reason(SHORT_DAY, facts)
        if day.begins_at:
            yield 0, minutes_of(day.begins_at), reason
        if day.ends_at:
            yield minutes_of(day.ends_at), DAY_MINUTES, reason


def closing(day: GroupDay, reasons: Iterable[Reason]) -> list[Reason]:
    """Of the reasons of a day those that close it for everything: what holds all day, and what holds for some hours
    where it leaves no hour of the school day."""
    hard = [reason for reason in reasons if reason.level == BLOCKS and reason.code not in NOT_ALL_DAY]
    all_day = [reason for reason in hard if "starts" not in reason.facts]
    return all_day or ([] if not hard or day.hours.leave_an_hour(*day.longest) else hard)


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
