"""Loading a calendar or a timetable: upload, look, confirm, undo."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import Any, cast

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubs.edges import portal_page, refused
from hubs.errors import CannotAct, Refused
from hubs.words import days
from schools.domain import pending as files
from schools.domain.calendar import CalendarPlan
from schools.domain.diff import ADDED, CHANGED, KEPT, REMOVED, SAME, Change, by_hand, overwrite_from, token
from schools.domain.event_rules import kind_of
from schools.domain.foresight import would_hit
from schools.domain.undo import later_than, undo_import
from schools.domain.words import hours_between, listed
from schools.domain.words_files import calendar_problem
from schools.forms import CycleForm, UploadForm
from schools.forms_rows import KindsForm
from schools.ical_short import DAY_BEGINS, DAY_ENDS
from schools.models import Closure, Import, Lesson, PendingImport, ProtectedPeriod, Term, WeekMark
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
        kept = keep_file(request, form, files.keep_calendar)
        if kept is not None:
            return redirect("school-calendar-check", pk=kept.pk)
    context = page(request, _("Load term dates"), calendar_crumb(), form=form)
    return render(request, "schools/calendar_upload.html", context)


def keep_file(request, form: UploadForm, keep) -> PendingImport | None:
    given = form.cleaned_data
    try:
        return keep(school_of(request), given["data"], file_name=given["file_name"], by=request.actor, now=request.now)
    except CannotAct as refusal:
        refused(request, refusal)
    except Refused as refusal:
        form.add_error("file" if given["file_name"] else "text", refusal.sentence)
    return None


@portal_page("school")
@GET_POST
def calendar_check(request, pk: int):
    """Step two: what was understood, what changes; correct it, or confirm."""
    pending = pending_of(request, pk, PendingImport.Kind.CALENDAR)
    if request.method == "POST" and "put_aside" in request.POST:
        return put_aside(request, pending, "school-calendar")
    plan = files.calendar_plan(pending, now=request.now)
    kinds = KindsForm(request.POST if "kinds" in request.POST else None, rows=_sorts(plan))
    form = CycleForm(
        request.POST if "confirm" in request.POST else None, asks_cycle=plan.asks_cycle,
        by_hand=[(token(row), _in_words(row)) for row in by_hand(_asked(plan))], problems=len(plan.parsed.problems),
    )  # fmt: skip
    if kinds.is_bound and kinds.is_valid():
        return _reclassified(request, pending, kinds)
    if form.is_bound and form.is_valid():
        done = confirmed(request, lambda: files.confirm_calendar_file(pending, **_choice(form), **who(request)))
        return redirect("school-import", pk=done.pk) if done else redirect("school-calendar-check", pk=pending.pk)
    context = page(
        request, _("Check what was read"), calendar_crumb(), pending=pending, plan=plan, kinds=kinds, form=form,
        parts=_parts(plan), nothing=plan.nothing_in_it, hits=would_hit(plan, **who(request)),
        problems=[calendar_problem(one) for one in plan.parsed.problems[:LINES_SHOWN]],
    )  # fmt: skip
    return render(request, "schools/calendar_check.html", context)


def pending_of(request, pk: int, kind: str) -> PendingImport:
    rows = own(request, PendingImport).select_related("school__hub")
    return get_object_or_404(rows, pk=pk, kind=kind)


def who(request) -> dict[str, Any]:
    return {"by": request.actor, "now": request.now}


def _choice(form: CycleForm) -> dict[str, Any]:
    given = form.cleaned_data
    return {
        "cycle": given.get("cycle"),
        "overwrite": overwrite_from(given.get("overwrite", ())),
        "without_problems": given.get("without_problems", False),
    }


def _asked(plan: CalendarPlan) -> list[Change]:
    """What is chosen row by row: not the weeks, of which there are forty."""
    return [change for change in plan.changes if change.model is not WeekMark]


def _in_words(row) -> str:
    """A row of the calendar as a person tells it from others."""
    return f"{row}, {days(row.starts_on, row.ends_on)}" if hasattr(row, "starts_on") else str(row)


def confirmed(request, act) -> Import | None:
    try:
        return act()
    except Refused as refusal:
        refused(request, refusal)
    return None


def put_aside(request, pending: PendingImport, where: str):
    try:
        files.put_aside(pending, by=request.actor)
        messages.success(request, _("The file was put aside. Nothing was changed."))
    except Refused as refusal:
        refused(request, refusal)
    return redirect(where)


def _reclassified(request, pending: PendingImport, kinds: KindsForm):
    try:
        files.reclassify(pending, kinds.changed_kinds, **who(request))
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
        parts.append({"name": _("Week numbers"), **_numbered(marks), "lines": [], "more": [], "same": 0})
    return parts


def _numbered(marks: Sequence[Change]) -> dict[str, Any]:
    """How many weeks the file numbers, and which have another number until now: their lessons change with it."""
    other = sorted((one for one in marks if one.what == CHANGED), key=lambda one: one.values["monday"])
    gone = sum(one.what == REMOVED for one in marks)
    lines = [(one.values["monday"], getattr(one.row, "letter", ""), one.values["letter"]) for one in other]
    return {"weeks": len(marks) - gone, "gone": gone, "other": lines}


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
    was = _was(change)
    return {
        "first": first, "last": last, "name": name, "kind": ", ".join(_details(change)), "tone": tone, "word": word,
        "was": was,
    }  # fmt: skip


def _details(change: Change) -> Iterator[str]:
    """What else tells a row of the file from another: its kind, how firm it is, for whom and at what hours."""
    values = change.values
    if kind := values.get("kind"):
        yield str(Closure.Kind(kind).label)
    if hardness := values.get("hardness"):
        yield str(ProtectedPeriod.Hardness(hardness).label)
    if change.years:
        yield ngettext("year %(years)s", "years %(years)s", len(change.years)) % {
            "years": listed([str(year) for year in change.years])
        }  # fmt: skip
    if values.get("starts_at"):
        yield hours_between(values["starts_at"], values["ends_at"])
    if values.get("begins_at") or (values.get("ends_at") and kind):
        yield _("lessons %(hours)s") % {
            "hours": hours_between(values["begins_at"] or DAY_BEGINS, values["ends_at"] or DAY_ENDS)
        }  # fmt: skip


def _was(change: Change) -> dict[str, Any] | None:
    """What a changing row was before, where a person would see the difference."""
    old, new = change.old, change.values
    if change.row is None or not any(old.get(n) != new.get(n) for n in ("starts_on", "ends_on", "name")):
        return None
    name = old.get("name", "") if old.get("name") != new.get("name") else ""
    return {"first": old["starts_on"], "last": old["ends_on"], "name": name}


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
        messages.success(request, _undone(undo_import(row, **who(request))))
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
