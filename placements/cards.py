"""Sessions and placements as the pieces of the portal want them: plain dicts, no queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from opportunities.models import Opportunity, Session
from placements import changes
from placements.domain.fitting import SessionFit
from placements.models import Placement
from schools.domain.compile import group_key
from schools.domain.words import fit_reasons, fits_first
from schools.fit import CompiledCalendar, day_plan
from schools.models import Group

#: State of a placement → tone of its badge.
TONES = {
    "held": "waiting",
    "offered": "waiting",
    "accepted": "attention",
    "ready": "good",
    "under_way": "information",
    "completed": "good",
    "declined": "stop",
    "withdrawn": "plain",
    "released": "plain",
    "cancelled": "stop",
    "not_attended": "stop",
}
REQUEST_TONES = {
    "draft": "plain",
    "submitted": "waiting",
    "placed": "good",
    "refused": "stop",
    "withdrawn": "plain",
}


def when(session: Session) -> dict:
    """Date and times as on the wall where the session is held."""
    days = list(session.days.all())
    first, last = days[0], days[-1]
    return {
        "date": first.on,
        "last_date": last.on if last.on != first.on else None,
        "starts": first.starts_at,
        "ends": first.ends_at,
    }


def where(opportunity: Opportunity) -> str:
    """Name and town of the workplace; nothing for an online session or one at the school."""
    site = opportunity.site
    return ", ".join(part for part in (site.name, site.town) if part) if site else ""


def students(count: int) -> str:
    return ngettext("%(n)s student", "%(n)s students", count) % {"n": count}


def travel(minutes: int) -> str:
    return _("about %(n)s min each way") % {"n": minutes} if minutes else ""


def session_url(session: Session, group: Group | None = None) -> str:
    url = reverse("school-session", args=[session.pk])
    return f"{url}?{urlencode({'group': group.pk})}" if group else url


def request_url(session: Session, group: Group) -> str:
    return f"{reverse('school-request-new')}?{urlencode({'session': session.pk, 'group': group.pk})}"


def session_card(one: SessionFit, group: Group, *, may: bool, asked: Iterable[int] = ()) -> dict:
    """{session, fit} of portal/pieces/session_card.html. `asked`: sessions already asked for."""
    session, opportunity = one.session, one.session.opportunity
    card = {
        **when(session),
        "title": opportunity.title,
        "url": session_url(session, group),
        "employer": opportunity.employer.name,
        "type": opportunity.encounter_type.name,
        "place": where(opportunity),
        "travel": travel(one.travel_minutes),
        "online": opportunity.is_online,
        "places": session.places,
        "taken": session.taken,
    }
    if session.pk in asked:
        card["state"] = {"tone": "information", "word": _("Asked for already")}
    elif may and one.can and session.left:
        card |= {"action_label": _("Request places"), "action_url": request_url(session, group)}
    return {"session": card, "fit": fit_line(one)}


def fit_line(one: SessionFit) -> dict:
    """{verdict, sentence, reasons} of portal/pieces/fit_line.html; what begins with "Fits" looks it."""
    reasons, verdict = fit_reasons(one.fit), "fits" if fits_first(one.fit) else one.fit.verdict
    return {"verdict": verdict, "sentence": one.sentence, "reasons": reasons if len(reasons) > 1 else []}


def placement_line(placement: Placement) -> dict:
    """{session} of the session card, for a placement of a school."""
    opportunity = placement.session.opportunity
    group = f"{placement.group.name}, " if placement.group else ""
    return {
        **when(placement.session),
        "title": opportunity.title,
        "url": reverse("school-placement", args=[placement.pk]),
        "employer": f"{placement.employer.name} · {group}{students(placement.places)}",
        "place": where(opportunity),
        "online": opportunity.is_online,
        "state": placement_badge(placement),
    }


def placement_badge(placement: Placement) -> dict:
    """The state, or that a change of what was agreed waits for an answer."""
    return changes.badge(placement) or {"tone": TONES[placement.state], "word": state_word(placement)}


def state_word(placement: Placement) -> str:
    words = {
        "held": _("Places held"),
        "offered": _("Employer asked"),
        "accepted": _("Agreed, things to do"),
        "ready": _("Ready"),
        "under_way": _("Under way"),
        "completed": _("Done"),
    }
    return words.get(placement.state) or placement.get_state_display().capitalize()


def week_grid(compiled: CompiledCalendar, group: Group, session: Session, travel_minutes: int) -> dict | None:
    """The group's lessons in the week of the session's first day; what it takes out is marked.

    None when the calendar knows no lesson of the group in that week.
    """
    key = group_key(group)
    if key not in compiled.groups:
        return None
    first = session.days.all()[0].on
    monday = first - dt.timedelta(days=first.weekday())
    dates = [monday + dt.timedelta(days=n) for n in range(7)]
    plans = {day: day_plan(compiled, key, day) for day in dates}
    dates = [day for day in dates if day.weekday() < 5 or plans[day]]
    hours = sorted({(start, end) for plan in plans.values() for start, end, _subject in plan})
    if not hours:
        return None
    away = {day.on: _away(day, travel_minutes) for day in session.days.all()}
    rows = [
        {
            "label": f"{start:%H:%M}",
            "time": f"–{end:%H:%M}",
            "cells": [_cell(plans[day], (start, end), away.get(day)) for day in dates],
        }
        for start, end in hours
    ]
    columns = [{"label": date_format(day, "D"), "date": day} for day in dates]
    return {"columns": columns, "rows": rows}


def _away(day, minutes: int) -> tuple[int, int]:
    return _minutes(day.starts_at) - minutes, _minutes(day.ends_at) + minutes


def _minutes(at: dt.time) -> int:
    return at.hour * 60 + at.minute


def _cell(plan: Sequence, slot: tuple[dt.time, dt.time], away: tuple[int, int] | None) -> dict | None:
    subjects = [subject for start, end, subject in plan if (start, end) == slot]
    if not subjects:
        return None
    out = bool(away) and away[0] < _minutes(slot[1]) and _minutes(slot[0]) < away[1]
    return {"subject": " / ".join(dict.fromkeys(subjects)) or _("Lesson"), "out": out}
