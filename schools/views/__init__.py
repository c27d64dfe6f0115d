"""The pages of a school's calendar, timetable and groups."""
