"""The rows behind a figure, one line each: what it was, when, with whom, and whether it counts.

No student is named: what was counted by student is listed by placement and day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.core.paginator import Paginator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from employers.models import Contact, Employer, Volunteer
from hubs.words import day
from insights.evidence import MEASURES, Period, attended, came_again, count_one, present, reached
from opportunities.models import ActionPlan, Opportunity, PlanStep, Session
from placements.models import Encounter, Placement

PER_PAGE = 50


class Line(NamedTuple):
    what: str
    when: dt.date | None
    detail: str
    counted: bool


def rows(code: str, period: Period, employer: Employer) -> Sequence:
    """A queryset (or a short list) in the order it is read; each has `counted` where some do not count."""
    if code in MEASURES:
        return _with_names(MEASURES[code].listed(period, employer))
    others = present(period) | {
        "contact_named": Contact.objects.filter(is_main=True),
        "students_reached": attended(period),
        "repeat_schools": came_again(period, employer),
        "schools_reached": reached(period),
    }
    return _with_names(others[code].filter(employer=employer, hub=period.hub))


def _with_names(found):
    """With what a line names, newest first."""
    names = {
        Placement: (("session__opportunity", "school"), "-session__starts_at"),
        Session: (("opportunity",), "-starts_at"),
        Encounter: (("encounter_type", "placement__session__opportunity"), "-on"),
        Opportunity: ((), "-published_at"),
        PlanStep: ((), "-due_on"),
        Volunteer: ((), "name"),
        Contact: ((), "name"),
        ActionPlan: (("template",), "-year_starts_on"),
    }
    related, order = names[found.model]
    return (found.select_related(*related) if related else found).order_by(order, "pk")


def line(code: str, row, period: Period) -> Line:
    counted = getattr(row, "counted", True)
    if isinstance(row, Placement):
        return Line(
            row.session.opportunity.title, period.hub.today(row.session.starts_at),
            _placement_detail(code, row, period), counted,
        )  # fmt: skip
    if isinstance(row, Session):
        return Line(row.opportunity.title, period.hub.today(row.starts_at), _notice(row, period), counted)
    if isinstance(row, Encounter):
        return Line(row.encounter_type.name, row.on, "", counted)
    if isinstance(row, Opportunity):
        when = period.hub.today(row.published_at) if row.published_at else None
        return Line(row.title, when, str(row.get_state_display()), counted)
    if isinstance(row, PlanStep):
        return Line(row.title, row.due_on, str(row.get_state_display()), counted)
    if isinstance(row, ActionPlan):
        return Line(row.template.name, row.year_starts_on, str(row.get_state_display()), counted)
    if isinstance(row, Volunteer):
        until = _("prepared until %(day)s") % {"day": day(row.prepared_until)} if row.prepared_until else ""
        return Line(row.name, row.prepared_on, until, counted)
    return Line(row.name, None, row.job_title, bool(row.email))


def _placement_detail(code: str, row: Placement, period: Period) -> str:
    if code == "answered_in_time" and row.offered_at and row.answered_at:
        days = (row.answered_at - row.offered_at).days
        return ngettext("answered after %(n)s day", "answered after %(n)s days", days) % {"n": days}
    if code in ("kept", "called_off_early") and row.state == "cancelled" and row.closed_at:
        days = (period.hub.today(row.session.starts_at) - period.hub.today(row.closed_at)).days
        return ngettext("called off %(n)s day before", "called off %(n)s days before", days) % {"n": days}
    if code == "needy_schools":
        places = ngettext("%(n)s place", "%(n)s places", row.places) % {"n": row.places}
        return f"{row.school.name}, {places}"
    return row.school.name


def _notice(row: Session, period: Period) -> str:
    if not row.opportunity.published_at:
        return ""
    first = max(row.opportunity.published_at, row.created_at)
    weeks = max(0, (row.starts_at - first).days // 7)
    return ngettext("published %(n)s week ahead", "published %(n)s weeks ahead", weeks) % {"n": weeks}


def shown(code: str, period: Period, employer: Employer, number: str | None) -> dict[str, Any]:
    """{found: the figure or None, page, lines}: one page of the rows behind a figure, those that count told apart."""
    page = Paginator(rows(code, period, employer), PER_PAGE).get_page(number)
    lines = [line(code, one, period) for one in page.object_list]
    return {"found": count_one(code, period, employer), "page": page, "lines": lines}
