"""Loading a timetable: upload, say what columns and labels mean, look at the drawn week, confirm."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hubs.edges import portal_page, refused
from hubs.errors import Refused
from schools.domain import pending as files
from schools.domain.diff import by_hand, token
from schools.domain.foresight import would_hit
from schools.domain.rights import CannotImport
from schools.domain.timetable import TimetablePlan
from schools.domain.words_files import timetable_problem
from schools.forms import ColumnsForm, UploadForm
from schools.forms_rows import GroupsForm, LabelsForm
from schools.models import Group, Lesson, PendingImport, TakenOut
from schools.pictures import WeekLesson, week_grid
from schools.views.imports import keep_file, pending_of, put_aside, who
from schools.views.own import groups_crumb, own, page, posted

GET_POST = require_http_methods(["GET", "HEAD", "POST"])
MOST_PROBLEMS = 60


@portal_page("school")
@GET_POST
def upload(request):
    form = UploadForm(posted(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        kept = keep_file(request, form, files.keep_timetable)
        if kept is not None:
            return redirect("school-timetable-check", pk=kept.pk)
    context = page(request, _("Load a timetable"), groups_crumb(), form=form)
    return render(request, "schools/timetable_upload.html", context)


@portal_page("school")
@GET_POST
def check(request, pk: int):
    """Step two: columns if they are unknown, then labels nobody can read, then the drawn week."""
    pending = pending_of(request, pk, PendingImport.Kind.TIMETABLE)
    if request.method == "POST" and "put_aside" in request.POST:
        return put_aside(request, pending, "school-groups")
    plan: TimetablePlan | None = None
    problem = ""
    try:
        plan = files.timetable_plan(pending, now=request.now)
    except CannotImport as refusal:
        problem = refusal.sentence
    if plan is None or "columns" in request.GET or "columns" in request.POST:
        return _columns(request, pending, problem)
    if plan.asks_labels or "labels" in request.POST:
        return _labels(request, pending, plan)
    return _preview(request, pending, plan)


def _columns(request, pending: PendingImport, problem: str):
    data = bytes(pending.data)
    answers = files.answers_of(pending)
    form = ColumnsForm(
        request.POST if "columns" in request.POST else None,
        columns=files.columns_of(data),
        initial=dict(answers.columns) or files.guessed_columns(data),
    )
    if form.is_bound and form.is_valid():
        return _answered(request, pending, replace(answers, columns=form.chosen))
    context = page(
        request,
        _("Which column is which?"),
        groups_crumb(),
        pending=pending,
        form=form,
        problem=problem,
        step="columns",
    )
    return render(request, "schools/timetable_ask.html", context)


def _labels(request, pending: PendingImport, plan: TimetablePlan):
    form = LabelsForm(
        request.POST if "labels" in request.POST else None, days=plan.unread_days, hours=plan.unread_hours,
        weeks=plan.unread_weeks, known_weeks=plan.known_weeks,
    )  # fmt: skip
    if form.is_bound and form.is_valid():
        known = plan.answers
        said = replace(
            known, days={**known.days, **form.said_days}, hours={**known.hours, **form.said_hours},
            weeks={**known.weeks, **form.said_weeks},
        )  # fmt: skip
        return _answered(request, pending, said)
    context = page(
        request, _("What do these mean?"), groups_crumb(), pending=pending, form=form, plan=plan, step="labels"
    )
    return render(request, "schools/timetable_ask.html", context)


def _answered(request, pending: PendingImport, answers):
    try:
        files.answer(pending, answers, by=request.actor)
    except Refused as refusal:
        refused(request, refusal)
    return redirect("school-timetable-check", pk=pending.pk)


def _preview(request, pending: PendingImport, plan: TimetablePlan):
    """The drawn week, group by group; what each group is; what changes."""
    form = GroupsForm(
        request.POST if {"confirm", "look"} & set(request.POST) else None, plan=plan,
        by_hand=[(token(row), _in_words(row)) for row in by_hand(plan.changes)],
        problems=len(plan.parsed.problems) if plan.asks_problems and "look" not in request.POST else 0,
    )  # fmt: skip
    if form.is_bound and form.is_valid():
        return _said(request, pending, plan, form)
    shown = _shown(request, plan)
    context = page(
        request, _("Check what was read"), groups_crumb(), pending=pending, plan=plan, form=form, shown=shown,
        weeks=drawn_weeks(plan, shown), filters=_choose_group(plan, shown), known=_known_groups(request),
        problems=[timetable_problem(one) for one in plan.parsed.problems[:MOST_PROBLEMS]], like=_like(plan),
        hits=would_hit(plan, **who(request)),
    )  # fmt: skip
    return render(request, "schools/timetable_check.html", context)


def _said(request, pending: PendingImport, plan: TimetablePlan, form: GroupsForm):
    """Keep what was said; load it when that was asked for."""
    try:
        files.answer(pending, form.answers(plan.answers), by=request.actor)
        if "confirm" in request.POST:
            return redirect("school-import", pk=files.confirm_timetable_file(pending, **who(request)).pk)
        messages.success(request, _("Read again like this."))
    except Refused as refusal:
        refused(request, refusal)
    return redirect("school-timetable-check", pk=pending.pk)


def _in_words(row: Lesson | TakenOut) -> str:
    if isinstance(row, TakenOut):
        return str(row)
    when = f"{WEEKDAYS[row.weekday]} {row.starts_at:%H:%M}"
    return f"{row.subject}, {row.group.name}, {when} {row.week_letter}".strip()


def _known_groups(request) -> list[str]:
    return list(own(request, Group).filter(is_active=True).order_by("key").values_list("key", flat=True))


def _like(plan: TimetablePlan) -> dt.date | None:
    """The day of the file this one is read like."""
    return dt.date.fromisoformat(plan.answers.like) if plan.answers.like else None


def _shown(request, plan: TimetablePlan) -> str:
    wanted = request.GET.get("group", "")
    return wanted if wanted in plan.groups else next(iter(plan.groups), "")


def _choose_group(plan: TimetablePlan, shown: str) -> list[dict[str, Any]]:
    options = [(name, name) for name in plan.groups]
    return [{"before": _("The week of"), "name": "group", "label": _("Group"), "value": shown, "options": options}]


def drawn_weeks(plan: TimetablePlan, shown: str) -> list[dict[str, Any]]:
    """One drawn week for each letter its lessons use."""
    mine = [lesson for lesson in plan.lessons if lesson.group == shown]
    letters = sorted({lesson.week for lesson in mine if lesson.week}) or [""]
    return [
        {
            "caption": _("%(group)s, week %(week)s") % {"group": shown, "week": letter} if letter else shown,
            **week_grid(
                WeekLesson(x.weekday, x.starts, x.ends, x.subject, x.room) for x in mine if x.week in ("", letter)
            ),
        }
        for letter in letters
    ]
