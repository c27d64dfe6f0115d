"""Which sessions fit a group: the school's compiled calendar met with the hub's open sessions."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from opportunities.models import Session
from placements.domain.candidates import Candidate, read, ways
from placements.models import Placement, StudentDay
from schools.domain.compile import compile_school, group_key
from schools.domain.words import change_sentence, fit_sentence
from schools.fit import CompiledCalendar, Fit, FitSession, Span, fit_many, missed_on
from schools.fit_changes import changes
from schools.models import Group, School
from schools.travel import travel_minutes


@dataclass(frozen=True)
class SessionFit:
    """One session for one group; minutes are one way."""

    session: Session
    fit: Fit
    travel_minutes: int

    @property
    def sentence(self) -> str:
        """What the card says. Made when asked for: a list shows twenty of the hundreds judged."""
        return fit_sentence(self.fit)

    @property
    def can(self) -> bool:
        return self.fit.verdict != "cannot"


@dataclass(frozen=True)
class Ranked:
    """One of many sessions judged for a group, before its row is read; minutes are one way."""

    session: Candidate
    fit: Fit
    travel_minutes: int

    @property
    def can(self) -> bool:
        return self.fit.verdict != "cannot"


def ranked_for_group(
    group: Group, *, now: dt.datetime, sessions: QuerySet[Session], students: int | None = None
) -> list[Ranked]:
    """As `fits_for_group`, for lists that show a few of thousands: `with_rows` makes those whole."""
    candidates = read(sessions)
    if not candidates:
        return []
    asking = Asking(group.school, [group], now=now)
    return sorted(asking.rank(group, candidates, students=students), key=_best_first)


def with_rows(found: Sequence[Ranked], sessions: QuerySet[Session] | None = None) -> list[SessionFit]:
    """Those of `found` still among `sessions` (`with_all()`, perhaps annotated), in its order."""
    rows = Session.objects.with_all() if sessions is None else sessions
    there = rows.in_bulk([one.session.pk for one in found]) if found else {}
    return [SessionFit(there[one.session.pk], one.fit, one.travel_minutes) for one in found if one.session.pk in there]


def fits_for_group(
    group: Group,
    *,
    now: dt.datetime,
    start: dt.date | None = None,
    end: dt.date | None = None,
    students: int | None = None,
    sessions: Iterable[Session] | None = None,
) -> list[SessionFit]:
    """Every open session of the hub (or `sessions`) judged for the group, best first.

    `start` and `end` are local dates, inclusive. `students` defaults to the whole group.
    Those that cannot be are in the list too, last, each with its reason.
    """
    school = group.school
    if sessions is None:
        sessions = open_sessions(school, now=now, start=start, end=end)
    rows = list(sessions)
    if not rows:
        return []
    asking = Asking(school, [group], now=now)
    return sorted(asking.judge(group, rows, students=students), key=_best_first)


class Asking:
    """One school's calendar, compiled once, with who is out already and how often."""

    def __init__(self, school: School, groups: Sequence[Group], *, now: dt.datetime) -> None:
        self.school, self.groups, self.now = school, groups, now
        self.compiled = compile_school(school)
        self.out = out_by_day(school, now=now)
        self.outings = Outings(school, groups, self.compiled)

    def each_group(self, session: Session) -> list[tuple[Group, SessionFit]]:
        """The session judged for each of the groups: the best fitting first, but a group whose
        lessons nobody knows after those that can."""
        found = [(group, fit) for group in self.groups for fit in self.judge(group, [session])]
        return sorted(found, key=lambda pair: (not pair[1].can, _unknown(pair[1].fit), pair[1].fit.rank))

    def judge(self, group: Group, rows: Sequence[Session], *, students: int | None = None) -> list[SessionFit]:
        minutes = [travel_minutes(self.school, session.opportunity.site) for session in rows]
        asked = [
            fit_session(session, students or group.size or 1, travel)
            for session, travel in zip(rows, minutes, strict=True)
        ]
        fits = zip(rows, self._fits(group, asked), minutes, strict=False)
        return [SessionFit(session, fit, travel) for session, fit, travel in fits]

    def rank(self, group: Group, rows: list[Candidate], *, students: int | None = None) -> list[Ranked]:
        minutes = ways(self.school, rows)
        size = students or group.size or 1
        asked = [row.asked(size, travel) for row, travel in zip(rows, minutes, strict=True)]
        fits = zip(rows, self._fits(group, asked), minutes, strict=False)
        return [Ranked(row, fit, travel) for row, fit, travel in fits]

    def _fits(self, group: Group, asked: Sequence[FitSession]) -> Iterator[Fit]:
        """One for each, in their order; none at all for a group the compiled year does not hold."""
        key = group_key(group)
        if key not in self.compiled.groups:
            return iter(())
        return fit_many(
            self.compiled,
            key,
            asked,
            now=self.now,
            out_that_day=self.out,
            times_this_term=lambda day: self.outings.times(group.pk, day),
            missed_before=lambda day: self.outings.missed(group.pk, day),
        )

    def mends(self, group: Group, one: SessionFit, *, students: int | None = None) -> list[tuple[str, str]]:
        """What would make a session fit that does not, (code, words) each; the nearest change first."""
        asked = fit_session(one.session, students or group.size or 1, one.travel_minutes)
        found = changes(
            self.compiled,
            group_key(group),
            asked,
            now=self.now,
            out_that_day=self.out,
            times_this_term=lambda day: self.outings.times(group.pk, day),
            missed_before=lambda day: self.outings.missed(group.pk, day),
        )
        return [(change.code, change_sentence(change)) for change in found]


def what_would_help(group: Group, session: Session, *, now: dt.datetime) -> list[tuple[str, str]]:
    """`Asking.mends` for one group and one session, whether or not it is still offered."""
    asking = Asking(group.school, [group], now=now)
    rows = Session.objects.with_all().filter(pk=session.pk)
    return [change for one in asking.judge(group, rows) for change in asking.mends(group, one)]


def _unknown(fit: Fit) -> bool:
    return any(reason.code == "no_timetable" for reason in fit.reasons)


def _best_first(one: SessionFit | Ranked) -> tuple:
    return one.fit.rank, one.session.starts_at, one.session.pk


def open_sessions(
    school: School, *, now: dt.datetime, start: dt.date | None = None, end: dt.date | None = None
) -> QuerySet[Session]:
    """Sessions the school may ask for, whose first day is in the window."""
    sessions = Session.objects.open_to(school, now).with_all()
    if start:
        sessions = sessions.filter(starts_at__gte=dt.datetime.combine(start, dt.time(), school.zone))
    if end:
        after = dt.datetime.combine(end + dt.timedelta(days=1), dt.time(), school.zone)
        sessions = sessions.filter(starts_at__lt=after)
    return sessions


def out_by_day(school: School, *, now: dt.datetime) -> dict[dt.date, int]:
    """How many students of the school are out already, by local date, from today on."""
    starts = StudentDay.objects.filter(school=school, live=True, ends_at__gte=now).values_list("starts_at", flat=True)
    return Counter(start.astimezone(school.zone).date() for start in starts.order_by())


class Outings:
    """What groups of a school do in a term by way of their placements: how often they are out, and
    which lessons that costs. By group: most students are an alias, and go where their group goes. What fewer than half
    of a group were named for is theirs alone (see student_costs.py)."""

    def __init__(self, school: School, groups: Iterable[Group], compiled: CompiledCalendar) -> None:
        self.school, self.compiled = school, compiled
        self._of: dict[int, list[Placement]] = {}
        sizes = {group.pk: group.size for group in groups}
        rows = Placement.objects.taking().filter(school=school, group__in=list(sizes)).order_by("pk")
        for row in rows.select_related("session__opportunity__site").prefetch_related("session__days"):
            if row.places * 2 >= sizes[row.group_id or 0]:
                self._of.setdefault(row.group_id or 0, []).append(row)
        self._missed: dict[tuple[int, dt.date], Counter[str]] = {}
        self._terms: dict[dt.date, Span | None] = {}  # thousands of sessions are on the same days

    def times(self, group_id: int, day: dt.date) -> int:
        """How often the group is or was out in the term that holds a date; 0 outside terms."""
        return len(self._in_term(group_id, day))

    def missed(self, group_id: int, day: dt.date) -> Counter[str]:
        """Lessons by subject the group misses in that term by what it has places for already."""
        term = self._term(day)
        if term is None:
            return Counter()
        if (group_id, term.start) not in self._missed:
            found: Counter[str] = Counter()
            for row in self._in_term(group_id, day):
                away = fit_session(row.session, row.places, travel_minutes(self.school, row.session.opportunity.site))
                for one in missed_on(self.compiled, group_key(group_id), away):
                    found[one.subject] += one.count
            self._missed[group_id, term.start] = found
        return self._missed[group_id, term.start]

    def _term(self, day: dt.date) -> Span | None:
        if day not in self._terms:
            terms = self.compiled.year.terms
            self._terms[day] = next((term for term in terms if term.start <= day <= term.end), None)
        return self._terms[day]

    def _in_term(self, group_id: int, day: dt.date) -> list[Placement]:
        term, zone = self._term(day), self.school.zone
        if term is None:
            return []
        rows = self._of.get(group_id, ())
        return [row for row in rows if term.start <= row.session.starts_at.astimezone(zone).date() <= term.end]


def fit_session(session: Session, students: int, travel: int) -> FitSession:
    opportunity = session.opportunity
    return FitSession(
        days=tuple((day.on, day.starts_at, day.ends_at) for day in session.days.all()),
        zone=session.time_zone,
        travel_minutes=travel,
        students=students,
        min_age=opportunity.min_age,
        max_age=opportunity.max_age,
    )
