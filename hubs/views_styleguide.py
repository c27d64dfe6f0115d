"""Every piece of the portal on one page, with believable data, to look at and to test.

Served in DEBUG and in the demo only. The day is fixed, so that pictures can be compared.
"""

import calendar
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from hubs.forms import PlainWords

NOW = datetime(2026, 5, 18, 8, 40, tzinfo=UTC)
TODAY = NOW.date()


class SampleForm(PlainWords, forms.Form):
    """One field of every kind that the portal uses."""

    places = forms.IntegerField(label="How many places?", min_value=1, max_value=12, help_text="12 places are left.")
    group = forms.ChoiceField(label="Group", choices=[("10b", "10B"), ("10a", "10A")])
    first_day = forms.DateField(label="First day", widget=forms.DateInput(attrs={"type": "date"}), required=False)
    wish = forms.ChoiceField(
        label="What matters most?",
        choices=[("near", "Close to school"), ("sector", "A certain sector")],
        widget=forms.RadioSelect,
    )
    days = forms.MultipleChoiceField(
        label="Days that suit",
        choices=[("tue", "Tuesday"), ("thu", "Thursday")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    note = forms.CharField(label="For the employer to know", widget=forms.Textarea(), required=False)
    supervisor = forms.CharField(label="Who looks after them?", required=False)
    email = forms.EmailField(label="E-mail to answer to", help_text="Only the employer sees it.")
    agreed = forms.BooleanField(label="The head of year has agreed")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["supervisor"].needed = "needed before you send it"  # type: ignore[attr-defined]  # its own sort of field


@require_safe
def style_guide(request: HttpRequest) -> HttpResponse:
    """Show the pieces. 404 outside DEBUG and demo."""
    if not (settings.DEBUG or settings.DEMO):
        raise Http404
    if "messages" in request.GET:
        messages.success(request, "6 places requested. Halden Rail Works has until Fri 22 May to answer.")
        messages.warning(request, "Two students still miss a consent form.")
        messages.error(request, "Nothing was sent: the session filled up a minute ago.")
    shell = request.GET.get("shell", "base")
    template = {"focus": "style_guide_focus", "site": "style_guide_site"}.get(shell, "style_guide")
    return render(request, f"portal/{template}.html", _context(request))


def _context(request: HttpRequest) -> dict[str, object]:
    typed = {"places": "14", "group": "10b", "email": "front-desk", "note": "We come by tram."}
    return {
        "title": "Style guide",
        "state": "Every piece of the portal, with data to believe in",
        "now": NOW,
        "names": [f"10B-{number:02}" for number in range(1, 8)],
        "breadcrumb": [{"label": "Home", "url": "/"}, {"label": "Style guide", "url": ""}],
        "sample": _shell(),
        "needs": _needs(),
        "sessions": _sessions(),
        "road": _road(),
        "tasks_open": _tasks_open(),
        "tasks_done": [
            {"title": "Insurance in date", "who": "Halden Rail Works", "done_on": date(2026, 4, 30)},
            {"title": "Risk check of the workshop", "who": "Halden Rail Works", "done_on": date(2026, 5, 6)},
        ],
        "figures": _figures(),
        "filters": _filters(),
        "page": Paginator(range(1, 94), 20).page(2),
        "form": SampleForm(typed if "errors" in request.GET else None),
        "months": _months(date(2026, 3, 1), 6),
        "spans": _spans(),
        "week": _week(),
        "stages": _stages(),
        "facts": [
            ("Session", "Insight day at the depot"),
            ("When", "Tue 9 June, 09:30–15:00"),
            ("Places", "6 for 10B"),
        ],
        "next_steps": [
            "Northfield Community School is told at once.",
            "Parents are asked for consent; you see when all have answered.",
            "You get the names of the students on Tue 26 May.",
        ],
    }


def _shell() -> dict[str, object]:
    organisations = [
        SimpleNamespace(pk=1, name="Northfield Community School", kind="school"),
        SimpleNamespace(pk=2, name="Rivelin Sixth Form", kind="school"),
    ]
    labels = ("Home", "Sessions", "Requests", "Students", "Calendar")
    return {
        "acting": organisations[0],
        "organisations": organisations,
        "places": [{"label": label, "url": "#", "current": label == "Home"} for label in labels],
    }


def _needs() -> list[dict[str, object]]:
    return [
        {
            "title": "Name the 6 students for the insight day at Halden Rail Works",
            "url": "#",
            "who": "Halden Rail Works",
            "since": NOW - timedelta(days=9),
            "due": TODAY - timedelta(days=3),
            "action_label": "Name students",
            "action_url": "#",
        },
        {
            "title": "Places offered: mock interviews at Brook & Tanner, 12 students",
            "url": "#",
            "who": "Sheaf Valley Careers Hub",
            "since": NOW - timedelta(hours=3),
            "due": TODAY + timedelta(days=4),
            "action_label": "Accept 12 places",
            "action_url": "#",
            "post": True,
        },
        {
            "title": "Load next year's term dates",
            "due": TODAY + timedelta(days=24),
            "action_label": "Load calendar",
            "action_url": "#",
        },
    ]


def _sessions() -> list[dict[str, object]]:
    return [
        {
            "session": {
                "date": date(2026, 6, 9),
                "starts": time(9, 30),
                "ends": time(11, 0),
                "title": "Behind the scenes at the depot",
                "url": "#",
                "employer": "Halden Rail Works",
                "type": "Workplace visit",
                "place": "Attercliffe",
                "travel": "25 min by tram",
                "places": 15,
                "taken": 6,
                "action_label": "Request places",
                "action_url": "#",
            },
            "fit": {"verdict": "fits", "sentence": "Fits. Misses PE."},
        },
        {
            "session": {
                "date": date(2026, 6, 15),
                "last_date": date(2026, 6, 19),
                "starts": time(9, 0),
                "ends": time(16, 0),
                "title": "A week in the design office",
                "url": "#",
                "employer": "Brook & Tanner Architects",
                "type": "Block work experience",
                "place": "City centre",
                "places": 4,
                "taken": 3,
                "state": {"tone": "waiting", "word": "Waiting for the employer"},
                "action_label": "Open request",
                "action_url": "#",
            },
            "fit": {
                "verdict": "fits_at_cost",
                "sentence": "Misses Maths and Art for 24 students.",
                "reasons": ["Maths: 4 lessons of 60 minutes", "Art: 2 lessons of 60 minutes"],
            },
        },
        {
            "session": {
                "date": date(2026, 6, 23),
                "starts": time(13, 15),
                "ends": time(14, 5),
                "title": "Ask a vet nurse",
                "url": "#",
                "employer": "Wharncliffe Veterinary Group",
                "type": "Live online Q&A",
                "online": True,
                "places": 30,
                "taken": 30,
                "reach": {"able": 12, "sentence": "12 of 14 groups of this age could come."},
            },
            "fit": {"verdict": "cannot", "sentence": "Cannot: Year 10 mocks, 22 to 26 June."},
        },
    ]


def _road() -> list[dict[str, object]]:
    return [
        {"label": "Requested", "when": date(2026, 5, 4), "who": "Northfield Community School", "state": "done"},
        {"label": "Offered", "when": date(2026, 5, 8), "who": "Sheaf Valley Careers Hub", "state": "done"},
        {
            "label": "Accepted",
            "when": date(2026, 5, 22),
            "who": "Halden Rail Works",
            "state": "now",
            "binding": "Once accepted, the places are yours.",
        },
        {"label": "Cleared", "when": date(2026, 6, 2), "who": "Parents and school", "state": "ahead"},
        {"label": "Takes place", "when": date(2026, 6, 9), "state": "ahead"},
    ]


def _tasks_open() -> list[dict[str, object]]:
    return [
        {
            "title": "Consent of 4 parents", "url": "#", "who": "Parents of 10B", "due": date(2026, 6, 2),
            "state": {"tone": "attention", "word": "2 of 6 answered"},
            "action_label": "Remind 4 parents", "action_url": "#", "post": True,
        },
        {
            "title": "Employer's liability certificate", "who": "Halden Rail Works", "due": date(2026, 5, 15),
            "state": {"tone": "stop", "word": "Lapsed"}, "action_label": "Remind", "action_url": "#", "post": True,
        },
    ]  # fmt: skip


def _figures() -> list[dict[str, object]]:
    return [
        {
            "label": "Students with no encounter yet this year", "value": "41", "unit": "of 180",
            "before": "96 at this time last year.", "normal": "Half of similar schools have fewer than 50.",
            "rows": [("10A", 6), ("10B", 24), ("10C", 11)],
            "action_label": "See sessions that fit 10B", "action_url": "#",
        },
        {
            "label": "Requests answered within a week", "value": "83 %", "before": "71 % in the spring term.",
            "action_label": "Remind 3 employers", "action_url": "#",
        },
        {"label": "Places left in June", "value": "212", "normal": "In 34 sessions; 19 fit at least one group."},
    ]  # fmt: skip


def _filters() -> list[dict[str, object]]:
    return [
        {
            "before": "Sessions that fit",
            "name": "group",
            "label": "Group",
            "value": "10b",
            "options": [("10a", "10A"), ("10b", "10B")],
        },
        {
            "before": "in",
            "name": "window",
            "label": "When",
            "value": "6",
            "options": [("6", "the next six weeks"), ("t", "this term")],
        },
        {
            "before": "of",
            "name": "type",
            "label": "Kind",
            "value": "",
            "options": [("", "any kind"), ("visit", "workplace visits")],
        },
    ]


def _kind(on: date) -> str:
    if on.weekday() > 4 or date(2026, 4, 2) <= on <= date(2026, 4, 17) or date(2026, 5, 25) <= on <= date(2026, 5, 29):
        return "closed"
    if on > date(2026, 7, 21):
        return "closed"
    if date(2026, 6, 22) <= on <= date(2026, 6, 26):
        return "blocked"
    return "cost" if on.weekday() in (0, 3) else "open"


def _months(first: date, count: int) -> list[dict[str, object]]:
    months, start = [], first
    for _ in range(count):
        weeks = [
            [_cell(on) if on.month == start.month else None for on in week]
            for week in calendar.Calendar().monthdatescalendar(start.year, start.month)
        ]
        names = [date_format(date(2026, 6, 1) + timedelta(days=n), "D")[:2] for n in range(7)]
        months.append({"name": date_format(start, "F Y"), "weekdays": names, "weeks": weeks})
        start = (start + timedelta(days=32)).replace(day=1)
    return months


def _cell(on: date) -> dict[str, object]:
    kind = _kind(on)
    url = "" if kind == "closed" else f"?day={on:%Y-%m-%d}#day"
    words = {"open": "Can go", "cost": "Can go, at a cost", "blocked": "Cannot go", "closed": "No school"}
    return {"date": on, "kind": kind, "word": words[kind], "url": url, "picked": on == date(2026, 6, 9)}


def _spans() -> list[dict[str, object]]:
    return [
        {
            "first": date(2026, 4, 2),
            "last": date(2026, 4, 17),
            "kind": "closed",
            "word": "No",
            "reason": "Easter holiday",
        },
        {"first": date(2026, 6, 9), "last": date(2026, 6, 9), "kind": "open", "word": "Yes", "reason": "Misses PE"},
        {
            "first": date(2026, 6, 22),
            "last": date(2026, 6, 26),
            "kind": "blocked",
            "word": "No",
            "reason": "Year 10 mocks",
        },
    ]


def _week() -> dict[str, object]:
    subjects = (
        ("Maths", "English", "Science", "Maths", "French"),
        ("English", "Maths", "History", "PE", "Science"),
        ("Science", "PE", "Maths", "Art", "English"),
        ("Art", None, "French", "English", "Maths"),
    )
    rows = [
        {
            "label": f"Period {number}",
            "time": clock,
            "cells": [
                {"subject": subject, "room": f"B{number}{at}", "out": at == 1 and number > 1} if subject else None
                for at, subject in enumerate(line)
            ],
        }
        for number, (clock, line) in enumerate(
            zip(("08:45", "09:45", "11:05", "13:00"), subjects, strict=True), start=1
        )
    ]
    monday = date(2026, 6, 8)
    columns = [
        {"label": date_format(monday + timedelta(days=at), "D"), "date": monday + timedelta(days=at)} for at in range(5)
    ]
    return {"columns": columns, "rows": rows}


def _stages() -> list[dict[str, object]]:
    talk = {"title": "Careers talk: working on the railway", "when": date(2025, 11, 12), "url": "#", "meaningful": True}
    visit = {"title": "Visit to the depot", "when": date(2026, 3, 3), "words": "Reflection missing"}
    gap = {"title": "A workplace visit", "action_label": "See 4 that fit", "action_url": "#"}
    return [
        {"name": "Aware", "encounters": [talk]},
        {"name": "Explore", "encounters": [visit], "gaps": [gap]},
        {
            "name": "Prepare",
            "gaps": [{"title": "A mock interview", "action_label": "See 2 that fit", "action_url": "#"}],
        },
        {"name": "Experience", "gaps": [{"title": "A week at work, from Year 10"}]},
        {"name": "Transition"},
    ]
