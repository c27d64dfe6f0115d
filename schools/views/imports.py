"""Loading a calendar or a timetable: upload, look, confirm, undo."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Any, cast

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubs.edges import portal_page, refused
from hubs.errors import NotYours, Refused
from schools.domain import pending as files
from schools.domain.calendar import CalendarPlan, kind_of
from schools.domain.diff import ADDED, KEPT, REMOVED, SAME, Change
from schools.domain.rights import CannotImport
from schools.domain.timetable import TimetablePlan
from schools.domain.undo import later_than, undo_import
from schools.forms import ColumnsForm, CycleForm, UploadForm
from schools.forms_rows import KindsForm, LabelsForm, YearsForm
from schools.models import Closure, Import, Lesson, PendingImport, ProtectedPeriod, Term, WeekMark
from schools.pictures import WeekLesson, week_grid
from schools.views.own import calendar_crumb, groups_crumb, own, page, posted, school_of, students_crumb
from schools.views.rosters import figure

GET_POST = require_http_methods(["GET", "HEAD", "POST"])
MOST_SORTS = 120
LINES_SHOWN = 60
_WEEK = re.compile(r"\s*[-–(\[]*\s*\b(?:week|wk|woche|semaine|semana)\s*[A-D0-9]{1,2}\b\s*[)\]]*", re.IGNORECASE)


@portal_page("school")
@GET_POST
def calendar_upload(request):
    """Step one: the file."""
    form = UploadForm(posted(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        kept = _kept(request, form, files.keep_calendar)
        if kept is not None:
            return redirect("school-calendar-check", pk=kept.pk)
    context = page(request, _("Load term dates"), calendar_crumb(), form=form)
    return render(request, "schools/calendar_upload.html", context)


def _kept(request, form: UploadForm, keep) -> PendingImport | None:
    given = form.cleaned_data
    try:
        return keep(school_of(request), given["data"], file_name=given["file_name"], by=request.actor, now=request.now)
    except NotYours as refusal:
        refused(request, refusal)
    except Refused as refusal:
        form.add_error("file" if given["file_name"] else "text", refusal.sentence)
    return None


@portal_page("school")
@GET_POST
def calendar_check(request, pk: int):
    """Step two: what was understood, what changes; correct it, or confirm."""
    pending = _pending(request, pk, PendingImport.Kind.CALENDAR)
    if request.method == "POST" and "put_aside" in request.POST:
        return _put_aside(request, pending, "school-calendar")
    plan = files.calendar_plan(pending, now=request.now)
    kinds = KindsForm(request.POST if "kinds" in request.POST else None, rows=_sorts(plan))
    kept = sum(change.what == KEPT for change in plan.changes)
    form = CycleForm(request.POST if "confirm" in request.POST else None, asks_cycle=plan.asks_cycle, kept=kept)
    if kinds.is_bound and kinds.is_valid():
        return _reclassified(request, pending, kinds)
    if form.is_bound and form.is_valid():
        done = _confirmed(request, lambda: files.confirm_calendar_file(pending, **_choice(form), **_with(request)))
        return redirect("school-import", pk=done.pk) if done else redirect("school-calendar-check", pk=pending.pk)
    context = page(
        request, _("Check what was read"), calendar_crumb(), pending=pending, plan=plan, kinds=kinds, form=form,
        parts=_parts(plan), nothing=plan.nothing_in_it,
    )  # fmt: skip
    return render(request, "schools/calendar_check.html", context)


def _pending(request, pk: int, kind: str) -> PendingImport:
    rows = own(request, PendingImport).select_related("school__hub")
    return get_object_or_404(rows, pk=pk, kind=kind)


def _with(request) -> dict[str, Any]:
    return {"by": request.actor, "now": request.now}


def _choice(form: CycleForm) -> dict[str, Any]:
    return {"cycle": form.cleaned_data.get("cycle"), "overwrite": form.cleaned_data.get("overwrite", False)}


def _confirmed(request, act) -> Import | None:
    try:
        return act()
    except Refused as refusal:
        refused(request, refusal)
    return None


def _put_aside(request, pending: PendingImport, where: str):
    try:
        files.put_aside(pending, by=request.actor)
        messages.success(request, _("The file was put aside. Nothing was changed."))
    except Refused as refusal:
        refused(request, refusal)
    return redirect(where)


def _reclassified(request, pending: PendingImport, kinds: KindsForm):
    try:
        files.reclassify(pending, kinds.changed_kinds, **_with(request))
        messages.success(request, _("Read again, and remembered for next time."))
    except Refused as refusal:
        refused(request, refusal)
    return redirect("school-calendar-check", pk=pending.pk)


def _sorts(plan: CalendarPlan) -> list[tuple[str, str, int, dt.date]]:
    """The events by their words, week numbers aside: those that mean something first."""
    found: dict[tuple[str, str], list[dt.date]] = {}
    for event in plan.parsed.events:
        words = _WEEK.sub("", event.summary).strip() or event.summary
        found.setdefault((words, kind_of(event)), []).append(event.start)
    rows = [(words, kind, len(days), min(days)) for (words, kind), days in found.items()]
    return sorted(rows, key=lambda row: (row[1] == "ignore", row[1], row[0]))[:MOST_SORTS]


def _parts(plan: CalendarPlan) -> list[dict[str, Any]]:
    """One table for each sort of row, with what happens to each."""
    names = ((Term, _("Terms")), (Closure, _("Days without lessons")), (ProtectedPeriod, _("Protected periods")))
    parts = []
    for model, name in names:
        changes = [change for change in plan.of(model) if change.what != SAME]
        same = sum(change.what == SAME for change in plan.of(model))
        if changes or same:
            lines = sorted((_line(change) for change in changes), key=lambda line: line["first"])
            parts.append({"name": name, "lines": lines[:LINES_SHOWN], "more": lines[LINES_SHOWN:], "same": same})
    marks = plan.of(WeekMark)
    if marks:
        parts.append({"name": _("Week numbers"), "weeks": len(marks), "lines": [], "more": [], "same": 0})
    return parts


def _line(change: Change) -> dict[str, Any]:
    values, row = change.values, cast(Any, change.row)
    first, last = values.get("starts_on"), values.get("ends_on")
    if change.what in (REMOVED, KEPT) and row is not None:
        first, last = row.starts_on, row.ends_on
    words = {
        ADDED: ("good", _("New")),
        REMOVED: ("stop", _("Goes")),
        KEPT: ("information", _("Stays as it is")),
    }
    tone, word = words.get(change.what, ("attention", _("Changes")))
    name = values.get("name") or str(row)
    kind = str(dict(Closure.Kind.choices).get(values.get("kind", ""), ""))
    was = _was(change)
    return {"first": first, "last": last, "name": name, "kind": kind, "tone": tone, "word": word, "was": was}


def _was(change: Change) -> dict[str, Any] | None:
    """What a changing row was before, where a person would see the difference."""
    old, new = change.old, change.values
    if change.row is None or not any(old.get(n) != new.get(n) for n in ("starts_on", "ends_on", "name")):
        return None
    name = old.get("name", "") if old.get("name") != new.get("name") else ""
    return {"first": old["starts_on"], "last": old["ends_on"], "name": name}


# ---- timetable -----------------------------------------------------------------


@portal_page("school")
@GET_POST
def timetable_upload(request):
    form = UploadForm(posted(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        kept = _kept(request, form, files.keep_timetable)
        if kept is not None:
            return redirect("school-timetable-check", pk=kept.pk)
    context = page(request, _("Load a timetable"), groups_crumb(), form=form)
    return render(request, "schools/timetable_upload.html", context)


@portal_page("school")
@GET_POST
def timetable_check(request, pk: int):
    """Step two: columns if they are unknown, then labels nobody can read, then the drawn week."""
    pending = _pending(request, pk, PendingImport.Kind.TIMETABLE)
    if request.method == "POST" and "put_aside" in request.POST:
        return _put_aside(request, pending, "school-groups")
    plan: TimetablePlan | None = None
    problem = ""
    try:
        plan = files.timetable_plan(pending, now=request.now)
    except CannotImport as refusal:
        problem = refusal.sentence
    if plan is None or "columns" in request.GET or "columns" in request.POST:
        return _columns(request, pending, problem)
    if not plan.is_settled or "labels" in request.POST:
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
        request.POST if "labels" in request.POST else None, days=plan.unread_days, hours=plan.unread_hours
    )
    if form.is_bound and form.is_valid():
        known = plan.answers
        said = replace(known, days={**known.days, **form.said_days}, hours={**known.hours, **form.said_hours})
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
    bound = request.POST if "confirm" in request.POST else None
    form = YearsForm(bound, groups={group.key: group.year for group in plan.new_groups})
    if form.is_bound and form.is_valid():
        done = _confirmed(request, lambda: _with_years(request, pending, plan, form))
        return redirect("school-import", pk=done.pk) if done else redirect("school-timetable-check", pk=pending.pk)
    shown = request.GET.get("group") or next(iter(plan.groups), "")
    context = page(
        request, _("Check what was read"), groups_crumb(), pending=pending, plan=plan, form=form, shown=shown,
        weeks=_weeks(plan, shown), filters=_choose_group(plan, shown),
    )  # fmt: skip
    return render(request, "schools/timetable_check.html", context)


def _with_years(request, pending: PendingImport, plan: TimetablePlan, form: YearsForm) -> Import:
    files.answer(pending, replace(plan.answers, years=form.years), by=request.actor)
    return files.confirm_timetable_file(pending, **_with(request))


def _choose_group(plan: TimetablePlan, shown: str) -> list[dict[str, Any]]:
    options = [(name, name) for name in plan.groups]
    return [{"before": _("The week of"), "name": "group", "label": _("Group"), "value": shown, "options": options}]


def _weeks(plan: TimetablePlan, shown: str) -> list[dict[str, Any]]:
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


# ---- afterwards ----------------------------------------------------------------


@portal_page("school")
@require_safe
def done(request, pk: int):
    """What an import did, with the way back."""
    row = get_object_or_404(own(request, Import).defer("before").select_related("imported_by"), pk=pk)
    lessons = own(request, Lesson).exists() if row.kind == Import.Kind.CALENDAR else True
    crumbs = {Import.Kind.CALENDAR: calendar_crumb, Import.Kind.TIMETABLE: groups_crumb}
    context = page(
        request, _("Import"), crumbs.get(Import.Kind(row.kind), students_crumb)(), row=row, figures=_figures(row),
        lessons=lessons, is_latest=not later_than(row).exists(),
    )  # fmt: skip
    return render(request, "schools/import_done.html", context)


NAMES = {
    "schools.term": gettext_lazy("Terms"),
    "schools.closure": gettext_lazy("Days without lessons"),
    "schools.protectedperiod": gettext_lazy("Protected periods"),
    "schools.weekmark": gettext_lazy("Week numbers"),
    "students": gettext_lazy("Students"),
    "groups": gettext_lazy("Groups"),
    "lists": gettext_lazy("Places on class lists"),
    "terms": gettext_lazy("Terms"),
}


def _figures(row: Import) -> list[dict[str, Any]]:
    counts = row.summary.get("counts", {})
    if row.kind == Import.Kind.TIMETABLE:
        groups = {"label": _("Groups in the file"), "value": row.summary.get("groups", 0)}
        return [groups, figure(_("Lessons"), counts)]
    return [figure(str(name), counts[key]) for key, name in NAMES.items() if any(counts.get(key, {}).values())]


@portal_page("school")
@require_POST
def undo(request, pk: int):
    row = get_object_or_404(own(request, Import).select_related("school__hub"), pk=pk)
    try:
        messages.success(request, _undone(undo_import(row, **_with(request))))
    except Refused as refusal:
        refused(request, refusal)
    return redirect("school-import", pk=row.pk)


def _undone(left: int) -> str:
    """What came back, and how much did not because people had changed it since."""
    if not left:
        return _("Undone. Everything is as it was before this import.")
    return ngettext(
        "Undone, but for %(n)s entry that was changed by hand since: it stays as it is now.",
        "Undone, but for %(n)s entries that were changed by hand since: they stay as they are now.",
        left,
    ) % {"n": left}
