"""What is usual for a type of encounter: the days, hours and places a form begins with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from hubs.models import Hub
from hubs.wallclock import working_days_from
from opportunities.models import EncounterType, Opportunity, Session
from opportunities.reach import Calendars, calendars_of

DAY_STARTS, DAY_ENDS = dt.time(9, 30), dt.time(15, 0)
HOURS_A_DAY = 5
#: How far the proposed day may move past holidays.
#: Whole weeks, so that weekdays stay.
A_YEAR = dt.timedelta(weeks=52)
LOOKED_AHEAD = dt.timedelta(days=60)


def first_days(kind: EncounterType, hub: Hub, now: dt.datetime) -> list[dict]:
    """As many days as the type usually has, the first ones after the notice schools need on
    which some group could come."""
    first = hub.today(now) + dt.timedelta(weeks=kind.school_lead_weeks)
    calendars = Calendars(hub, (kind.min_age, kind.max_age), now=now)
    return _soonest(calendars, lambda later: _days_from(kind, hub, first + later))


def following_days(session: Session, now: dt.datetime) -> list[dict]:
    """As many working days as the session has, at its times: the first ones after it on which some group could come."""
    days = [(day.on, day.starts_at, day.ends_at) for day in session.days.all()]
    where, first = session.hub.jurisdiction, days[-1][0]

    def later_by(later: dt.timedelta) -> list[dict]:
        on, rows = first + later, []
        for _on, start, end in days:
            on = working_days_from(on, 1, where)
            rows.append({"on": on, "start": start, "end": end})
        return rows

    return _soonest(calendars_of(session.opportunity, now=now), later_by)


def _soonest(calendars: Calendars, rows_at: Callable[[dt.timedelta], list[dict]]) -> list[dict]:
    """The rows, moved by as few days as it takes for some group to come; unmoved where no day ahead suits anybody."""
    for later in range(LOOKED_AHEAD.days):
        rows = rows_at(dt.timedelta(days=later))
        found = calendars.reach([(row["on"], row["start"], row["end"]) for row in rows])
        if found is None or found.able:
            return rows
    return rows_at(dt.timedelta())


def a_year_later(session: Session, now: dt.datetime) -> list[dict]:
    """The days of an earlier session on the same weekdays, the first whole years later that leave schools their
    notice. Holidays move, so the form says how many groups could come."""
    days = [(day.on, day.starts_at, day.ends_at) for day in session.days.all()]
    kind = session.opportunity.encounter_type
    soonest = now.astimezone(session.zone).date() + dt.timedelta(weeks=kind.school_lead_weeks)
    by = A_YEAR
    while days and days[0][0] + by < soonest:
        by += A_YEAR
    return [{"on": on + by, "start": start, "end": end} for on, start, end in days]


def _days_from(kind: EncounterType, hub: Hub, day: dt.date) -> list[dict]:
    """Working days in a row, from a Monday for a whole week."""
    count = min(5, max(1, round(float(kind.hours) / HOURS_A_DAY)))
    if count > 2:
        day += dt.timedelta(days=-day.weekday() % 7)
    day, rows = working_days_from(day - dt.timedelta(days=1), 1, hub.jurisdiction), []
    for _number in range(count):
        rows.append({"on": day, "start": DAY_STARTS, "end": end_for(float(kind.hours) / count)})
        day = working_days_from(day, 1, hub.jurisdiction)
    return rows


def end_for(hours: float) -> dt.time:
    """The end of a day that starts at the usual time, at most the usual end."""
    minutes = min(int(hours * 60), (DAY_ENDS.hour - DAY_STARTS.hour) * 60 - DAY_STARTS.minute)
    start = DAY_STARTS.hour * 60 + DAY_STARTS.minute
    return dt.time((start + minutes) // 60, (start + minutes) % 60)


def usual_places(opportunity: Opportunity) -> int | None:
    """What the plan step expects, else the largest group of the type."""
    step = opportunity.plan_step
    return (step.places if step and step.places else opportunity.encounter_type.group_max) or None
