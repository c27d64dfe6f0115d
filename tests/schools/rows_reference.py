"""What a school's rows say of one group and one session: slow and obvious, and written apart from what compiles them.

Each question goes through all rows again, day by day and minute by minute.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from schools.fit import FitSession
from schools.models import (
    BellSchedule,
    Closure,
    Enrolment,
    Group,
    Lesson,
    ProtectedPeriod,
    ReleaseRule,
    School,
    Term,
    WeekMark,
    WeekPattern,
)
from tests.schools import fit_reference as slow

DAY, WEEK = timedelta(days=1), timedelta(days=7)
FREE_KINDS = ("closure", "public_holiday")


class Rows:
    """The rows of one school."""

    def __init__(self, school: School) -> None:
        own = {"school": school}
        self.zone = school.zone.key
        self.terms = list(Term.objects.filter(**own))
        self.closures = list(Closure.objects.filter(**own))
        self.protected = list(ProtectedPeriod.objects.filter(**own))
        self.pattern = WeekPattern.objects.filter(**own).first()
        self.marks = list(WeekMark.objects.filter(**own))
        self.bells = list(BellSchedule.objects.filter(**own).order_by("pk"))
        self.lessons = list(Lesson.objects.filter(**own).select_related("group"))
        self.rules = list(ReleaseRule.objects.filter(**own))
        enrolments = Enrolment.objects.filter(student__school=school)
        self.enrolments = list(enrolments.select_related("student", "group"))
        self.letters: dict[date, str | None] = {}

    # Days

    def is_holiday(self, day: date) -> bool:
        if any(row.kind in FREE_KINDS and row.starts_on <= day <= row.ends_on for row in self.closures):
            return True
        return bool(self.terms) and not any(row.starts_on <= day <= row.ends_on for row in self.terms)

    def weekdays(self) -> list[int]:
        taught = sorted({row.weekday for row in self.lessons})
        return taught if 5 in taught or 6 in taught else [0, 1, 2, 3, 4]

    def teaches(self, day: date) -> bool:
        staff = any(row.kind == "staff_day" and row.starts_on <= day <= row.ends_on for row in self.closures)
        return day.weekday() in self.weekdays() and not staff and not self.is_holiday(day)

    def is_school_week(self, monday: date) -> bool:
        return any(not self.is_holiday(monday + n * DAY) for n in self.weekdays())

    def letter(self, day: date) -> str | None:
        """From the last week that is known to have a letter, week by week; before the first known, backwards."""
        monday = slow.monday(day)
        if monday not in self.letters:
            self.letters[monday] = self._letter(monday)
        return self.letters[monday]

    def _letter(self, wanted: date) -> str | None:
        if self.pattern is None:
            return None
        letters = self.pattern.letters
        known = {slow.monday(self.pattern.anchor_on): 0}
        for mark in self.marks:
            if mark.letter in letters:
                known[mark.monday] = letters.index(mark.letter)
            elif mark.letter.isdigit():
                known[mark.monday] = (int(mark.letter) - 1) % len(letters)
        before = [monday for monday in known if monday <= wanted]
        week = max(before) if before else min(known)
        place = known[week]
        while week != wanted:
            forwards = wanted > week
            crossed = week if forwards else week - WEEK
            if self.pattern.holidays_advance or self.is_school_week(crossed):
                place += 1 if forwards else -1
            week += WEEK if forwards else -WEEK
        return letters[place % len(letters)]

    def in_week(self, letter: str, day: date) -> bool:
        """Whether what is said of a week holds on a day. A week the school does not have is every week."""
        known = self.pattern.letters if self.pattern else []
        return letter not in known or letter == self.letter(day)

    # Lessons and periods

    def lessons_on(self, group: Group, day: date) -> set[tuple[int, int, str]]:
        """(first minute, last minute, subject), with the option sets the students of a class sit in."""
        mine = {group.pk} | {
            other.group_id
            for one in self.enrolments
            for other in self.enrolments
            if one.group_id == group.pk and one.student_id == other.student_id and one.student.left_on is None
            if one.group.kind == "class" and other.group.kind == "set" and other.group.is_active
        }
        return {
            (slow.minute_of(row.starts_at), slow.minute_of(row.ends_at), row.subject)
            for row in self.lessons
            if row.group_id in mine and row.weekday == day.weekday() and self.in_week(row.week_letter, day)
        }

    def periods_on(self, day: date) -> list[tuple[int, int, str]]:
        """Of the schedule for this weekday and week, else this weekday, else this week, else for all."""
        known = self.pattern.letters if self.pattern else []

        def fits(row: BellSchedule, weekday: bool, week: bool) -> bool:
            for_day = day.weekday() in row.weekdays if weekday else not row.weekdays
            for_week = row.week_letter in known and row.week_letter == self.letter(day) if week else not row.week_letter
            return for_day and for_week

        for wanted in ((True, True), (True, False), (False, True), (False, False)):
            for row in self.bells:
                if fits(row, *wanted):
                    return [(slow.minute_of(p.starts_at), slow.minute_of(p.ends_at), p.name) for p in row.periods.all()]
        return []

    def rule(self, group: Group, name: str):
        """What its own rule says of one thing, else what that of its year group says, else what the school's says."""
        own = [row for row in self.rules if row.group_id == group.pk]
        years = [row for row in self.rules if row.year_group_id and row.year_group_id == group.year_group_id]
        for row in [*own, *years, *self.of_school()]:
            if said := getattr(row, name):
                return said
        return None

    def of_school(self) -> list[ReleaseRule]:
        return [row for row in self.rules if row.year_group_id is None and row.group_id is None]

    # The answer

    def notice(self, today: date, day: date) -> int:
        counted, at = 0, today
        while at < day:
            if at.weekday() in self.weekdays() and self.is_school_week(slow.monday(at)):
                counted += 1
            at += DAY
        return counted // len(self.weekdays())

    def guards(self, group: Group, away: list[tuple[date, int]]) -> set[str]:
        """How firm what is protected is: blocked, avoid."""
        found = set()
        for row in self.protected:
            years = {year.pk for year in row.year_groups.all()}
            groups = {one.pk for one in row.groups.all()}
            if (years or groups) and group.year_group_id not in years and group.pk not in groups:
                continue
            for day, minute in away:
                on = row.starts_on <= day <= row.ends_on and (not row.weekdays or day.weekday() in row.weekdays)
                at = not row.starts_at or slow.minute_of(row.starts_at) <= minute < slow.minute_of(row.ends_at)
                if on and at and self.in_week(row.week_letter, day):
                    found.add(row.hardness)
        return found

    def missed(self, group: Group, session: FitSession) -> tuple[dict[str, tuple[int, int]], int]:
        """({subject: (lessons, minutes)}, minutes in which at least one lesson is missed)."""
        away = slow.minutes_away(session, self.zone)
        totals: dict[str, tuple[int, int]] = {}
        covered = set()
        for day in sorted({day for day, _ in away}):
            for first, last, subject in self.lessons_on(group, day) if self.teaches(day) else ():
                lost = {(day, minute) for minute in range(first, last)} & away
                if lost:
                    count, minutes = totals.get(subject, (0, 0))
                    totals[subject] = (count + 1, minutes + len(lost))
                    covered |= lost
        return totals, len(covered)

    def verdict(self, group: Group, session: FitSession, *, now: datetime) -> str:
        away = sorted(slow.minutes_away(session, self.zone))
        days = sorted({day for day, _ in away})
        here = now.astimezone(ZoneInfo(self.zone))
        earliest, latest = self.rule(group, "earliest"), self.rule(group, "latest")
        weekdays, periods = self.rule(group, "weekdays"), self.rule(group, "periods")
        protected = {subject.casefold() for subject in self.rule(group, "protected_subjects") or ()}
        cap = next((row.most_out_per_day for row in self.of_school()), None)
        touched = {
            name for day in days for first, last, name in self.periods_on(day)
            if any(on == day and first <= minute < last for on, minute in away)
        }  # fmt: skip
        totals, _minutes = self.missed(group, session)
        guards = self.guards(group, away)
        cannot = (
            away[0] <= (here.date(), slow.minute_of(here.time())),
            not all(self.teaches(day) for day in days),
            weekdays and not {day.weekday() for day in days} <= set(weekdays),
            earliest and any(minute < slow.minute_of(earliest) for _, minute in away),
            latest and any(minute >= slow.minute_of(latest) for _, minute in away),
            cap is not None and session.students > cap,
            self.notice(here.date(), days[0]) < (self.rule(group, "notice_weeks") or 0),
            "blocked" in guards,
            periods and any(name not in periods for name in touched if "break" not in name.casefold()),
            protected & {subject.casefold() for subject in totals},
        )
        if any(cannot):
            return "cannot"
        return "fits_at_cost" if guards or totals else "fits"
