"""What the tests of pages share: a clock the pages read, and a school with something to show."""

from __future__ import annotations

import datetime as dt

from schools.models import BellPeriod, BellSchedule, Lesson, ProtectedPeriod, ReleaseRule, WeekPattern
from tests import scenes
from tests.cast import NOW


class Clock:
    """Pages read this clock; a test moves it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self, *_args) -> dt.datetime:
        return self.now


def lesson(group, subject: str = "Maths", *, on: dt.date = scenes.DAY, starts=dt.time(9, 0), ends=dt.time(10, 0)):
    return Lesson.objects.create(
        hub=group.hub,
        school=group.school,
        group=group,
        subject=subject,
        weekday=on.weekday(),
        starts_at=starts,
        ends_at=ends,
        key=f"{subject}-{starts:%H%M}",
    )


def whole_calendar(school) -> None:
    """A row of every kind in the school's calendar, so that statements are counted in full."""
    common = {"hub": school.hub, "school": school}
    bell = BellSchedule.objects.create(name="Day", **common)
    BellPeriod.objects.create(schedule=bell, name="P1", starts_at=dt.time(9), ends_at=dt.time(10))
    WeekPattern.objects.create(letters=["A", "B"], anchor_on=dt.date(2026, 9, 7), **common)
    ReleaseRule.objects.create(notice_weeks=1, **common)
    ProtectedPeriod.objects.create(name="Mocks", starts_on=dt.date(2026, 12, 1), ends_on=dt.date(2026, 12, 4), **common)
