from django.urls import path

from schools.models import Group, YearGroup
from schools.views import (
    calendar,
    edits,
    free_hours,
    groups,
    holidays,
    imports,
    lessons,
    rosters,
    rules,
    students,
    subscriptions,
    timetable_import,
)

CALENDAR = "school/calendar/"
GROUPS = "school/groups/"
STUDENTS = "school/groups/students/"

urlpatterns = [
    path(CALENDAR, calendar.calendar, name="school-calendar"),
    path(CALENDAR + "hours/", free_hours.free_hours, name="school-hours"),
    path(CALENDAR + "confirm/", calendar.confirm, name="school-calendar-confirm"),
    path(CALENDAR + "terms/new/", edits.entry, {"kind": "terms"}, name="school-term-new"),
    path(CALENDAR + "terms/<int:pk>/", edits.entry, {"kind": "terms"}, name="school-term"),
    path(CALENDAR + "closures/new/", edits.entry, {"kind": "closures"}, name="school-closure-new"),
    path(CALENDAR + "closures/<int:pk>/", edits.entry, {"kind": "closures"}, name="school-closure"),
    path(CALENDAR + "protected/new/", edits.entry, {"kind": "protected"}, name="school-protected-new"),
    path(CALENDAR + "protected/<int:pk>/", edits.entry, {"kind": "protected"}, name="school-protected"),
    path(CALENDAR + "weeks/", edits.weeks, name="school-weeks"),
    path(CALENDAR + "bell/new/", edits.bell, name="school-bell-new"),
    path(CALENDAR + "bell/<int:pk>/", edits.bell, name="school-bell"),
    path(CALENDAR + "release/", edits.release, name="school-release"),
    path(CALENDAR + "release/<int:pk>/", edits.release, {"kind": YearGroup}, name="school-release-year"),
    path(CALENDAR + "release/groups/<int:pk>/", edits.release, {"kind": Group}, name="school-release-group"),
    path(CALENDAR + "holidays/", holidays.holidays, name="school-holidays"),
    path(CALENDAR + "subscriptions/new/", subscriptions.subscription, name="school-subscription-new"),
    path(CALENDAR + "subscriptions/<int:pk>/", subscriptions.subscription, name="school-subscription"),
    path(CALENDAR + "rules/", rules.rules, name="school-rules"),
    path(CALENDAR + "import/", imports.calendar_upload, name="school-calendar-import"),
    path(CALENDAR + "import/<int:pk>/", imports.calendar_check, name="school-calendar-check"),
    path(CALENDAR + "imports/<int:pk>/", imports.done, name="school-import"),
    path(CALENDAR + "imports/<int:pk>/undo/", imports.undo, name="school-import-undo"),
    path(GROUPS, groups.groups, name="school-groups"),
    path(GROUPS + "new/", groups.add, name="school-group-new"),
    path(GROUPS + "import/", timetable_import.upload, name="school-timetable-import"),
    path(GROUPS + "import/<int:pk>/", timetable_import.check, name="school-timetable-check"),
    path(GROUPS + "<int:pk>/", groups.group, name="school-group"),
    path(GROUPS + "<int:pk>/lessons/", lessons.lessons, name="school-group-lessons"),
    path(STUDENTS, students.students, name="school-students"),
    path(STUDENTS + "add/", students.add, name="school-students-add"),
    path(STUDENTS + "new-year/", students.rollover, name="school-rollover"),
    path(STUDENTS + "import/", rosters.upload, name="school-roster-import"),
    path(STUDENTS + "import/<int:pk>/", rosters.check, name="school-roster-check"),
    path(STUDENTS + "imports/<int:pk>/again/", rosters.again, name="school-roster-again"),
    path(STUDENTS + "<int:pk>/", students.student, name="school-student"),
    path(STUDENTS + "<int:pk>/leave/", students.leave, name="school-student-leave"),
]
