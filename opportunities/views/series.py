"""A recurring series is looked at before it is added: each date can be changed or left out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence, Set

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hubs.edges import portal_page, refused_on
from hubs.errors import Refused
from opportunities.domain import sessions
from opportunities.domain.sessions import Day, Turn
from opportunities.forms import DaysFormSet, PlacesForm, TurnsFormSet
from opportunities.models import Opportunity, Session
from opportunities.views.rows import own_opportunity

EMPTY: frozenset[dt.date] = frozenset()


def proposed(request, opportunity: Opportunity, days: Sequence[Day], times: int) -> list[Turn]:
    """The weeks of the series; those on which no group of the right age could come are skipped."""
    closed = sessions.nobody_comes(opportunity, now=request.now)
    return sessions.plan_series(days, times, jurisdiction=opportunity.hub.jurisdiction, closed=closed)


def look(request, opportunity: Opportunity, days: Sequence[Day], places: PlacesForm):
    """The page with every date, before anything is added."""
    turns = proposed(request, opportunity, days, places.cleaned_data["times"])
    rows = [
        {"keep": not turn.skipped, "on": turn.days[0][0], "start": turn.days[0][1], "end": turn.days[0][2]}
        for turn in turns
    ]
    left_out = {on for turn in turns if turn.skipped for on, _start, _end in turn.days}
    said = [turn.skipped for turn in turns]
    return _page(request, opportunity, TurnsFormSet(prefix="turns", initial=rows), places, said, left_out)


def _page(request, opportunity: Opportunity, turns, places, said: Sequence[str] = (), left_out: Set[dt.date] = EMPTY):
    said = [*said, *[""] * (turns.total_form_count() - len(said))]
    context = {
        "title": _("Look at the dates"),
        "breadcrumb": [
            {"label": opportunity.title, "url": reverse("employer-opportunity", args=[opportunity.pk])},
            {"label": _("Look at the dates"), "url": ""},
        ],
        "opportunity": opportunity,
        "rows": list(zip(turns, said, strict=True)),
        "turns": turns,
        "form": places,
        "shown": " ".join(sorted(map(str, left_out | sure(request)))),
        "typed": [(name, value) for name, value in request.POST.items() if name.startswith("days-")],
        "then": request.POST.get("then", ""),
    }
    return render(request, "opportunities/wizard_series.html", context)


@portal_page("employer")
@require_POST
def add(request, pk: int):
    """Add the dates that were kept; all of them or none."""
    opportunity = own_opportunity(request, pk)
    days, turns = DaysFormSet(request.POST, prefix="days"), TurnsFormSet(request.POST, prefix="turns")
    places = PlacesForm(request.POST)
    if not (days.is_valid() and turns.is_valid() and places.is_valid()):
        return _page(request, opportunity, turns, places)
    kept = [_moved([one.day() for one in days], row.cleaned_data) for row in turns if row.cleaned_data.get("keep")]
    given = {name: places.cleaned_data[name] for name in ("places", "group_min", "group_max", "break_minutes")}
    try:
        made = sessions.add_sessions(opportunity, kept, **given, sure=sure(request), by=request.actor, now=request.now)
    except Refused as refusal:
        refuse(request, places, refusal)
        return _page(request, opportunity, turns, places)
    messages.success(request, _("%(count)s sessions added.") % {"count": len(made)})
    return _then(request, opportunity, made[-1])


def another(opportunity: Opportunity, like: Session) -> str:
    """The address of the page for one more session, at the times and with the places of the one just added."""
    return f"{reverse('employer-opportunity-dates', args=[opportunity.pk])}?after={like.pk}"


def sure(request) -> set[dt.date]:
    """Days somebody was asked about and wants all the same, or saw left out and kept."""
    said = " ".join(request.POST.getlist("anyway")).split()
    return {day for text in said if (day := parse_day(text))}


def refuse(request, form: PlacesForm, refusal: Refused) -> None:
    """Say it above the form; of days nobody could come on, ask once more in the form itself."""
    refused_on(request, form, refusal)
    if refusal.code == sessions.NOBODY_COMES:
        form.asks = " ".join(refusal.facts["days"])


def parse_day(text: str) -> dt.date | None:
    """A day as a button says it; None for anything else and for years nobody plans in."""
    try:
        found = parse_date(text)
    except ValueError:
        return None
    return found if found and 2000 <= found.year <= 2100 else None


def _then(request, opportunity: Opportunity, last: Session):
    """Where the button that was pressed on the page of dates leads."""
    if request.POST.get("then") == "leave":
        return redirect("employer-opportunity", opportunity.pk)
    if opportunity.state == "draft" and request.POST.get("then") == "onward":
        return redirect("employer-opportunity-practical", opportunity.pk)
    return redirect(another(opportunity, last))


def _moved(days: Sequence[Day], row: dict) -> list[Day]:
    """The days of one session, begun on the row's day; its times are those of the first day."""
    by = row["on"] - days[0][0]
    rest: list[tuple[dt.date, dt.time, dt.time]] = [(on + by, start, end) for on, start, end in days[1:]]
    return [(row["on"], row["start"], row["end"]), *rest]
