"""Schools: who learns there, and when they are where."""

from schools.models.calendar import (
    BellPeriod,
    BellSchedule,
    Closure,
    Import,
    Lesson,
    ProtectedPeriod,
    ReleaseRule,
    Term,
    WeekMark,
    WeekPattern,
)
from schools.models.school import Enrolment, Group, School, Student, YearGroup
from schools.models.sources import CalendarSubscription, EventRule, TakenOut
from schools.models.upload import PendingImport

__all__ = [
    "BellPeriod",
    "BellSchedule",
    "CalendarSubscription",
    "Closure",
    "Enrolment",
    "EventRule",
    "Group",
    "Import",
    "Lesson",
    "PendingImport",
    "ProtectedPeriod",
    "ReleaseRule",
    "School",
    "Student",
    "TakenOut",
    "Term",
    "WeekMark",
    "WeekPattern",
    "YearGroup",
]
