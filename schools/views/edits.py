"""Adding, changing and removing single things of the calendar by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from hubs.edges import portal_page, refused, refused_on
from hubs.errors import Refused
from schools.domain import edits
from schools.domain.compile import bell_of
from schools.forms import (
    BellForm,
    ClosureForm,
    PeriodFormSet,
    ProtectedForm,
    ReleaseForm,
    TermForm,
    WeekPatternForm,
)
from schools.models import (
    BellSchedule,
    Closure,
    Group,
    ProtectedPeriod,
    ReleaseRule,
    Term,
    WeekMark,
    WeekPattern,
    YearGroup,
)
from schools.views.own import calendar_crumb, own, page, posted, school_of

GET_POST = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True)
class Kind:
    """One sort of row a person adds and changes: its words, form and verb."""

    model: type
    form: Callable[..., Any]
    save: Callable[..., Any]
    name: str
    add: Any
    saved: Any


KINDS = {
    "terms": Kind(
        Term, TermForm, edits.save_term, "term",
        gettext_lazy("Add a term"), gettext_lazy("The term is in the calendar."),
    ),
    "closures": Kind(
        Closure, ClosureForm, edits.save_closure, "closure",
        gettext_lazy("Add a holiday, staff day or short day"), gettext_lazy("It is in the calendar."),
    ),
    "protected": Kind(
        ProtectedPeriod, ProtectedForm, edits.save_protected, "period",
        gettext_lazy("Add a protected period"), gettext_lazy("The period is protected."),
    ),
}  # fmt: skip


@portal_page("school")
@GET_POST
def entry(request, kind: str, pk: int | None = None):
    """One term, closure or protected period, new or known."""
    what = KINDS[kind]
    school = school_of(request)
    row = get_object_or_404(own(request, what.model), pk=pk) if pk else None
    if request.method == "POST" and "remove" in request.POST and row is not None:
        return _remove(request, row)
    extra = {"school": school} if what.form is ProtectedForm else {}
    form = what.form(posted(request), instance=row, **extra)
    if request.method == "POST" and form.is_valid():
        fresh = get_object_or_404(own(request, what.model), pk=pk) if pk else None
        done = _tried(
            request, form, lambda: what.save(school, form.cleaned_data, **_with(request), **{what.name: fresh})
        )
        if done:
            messages.success(request, what.saved)
            return redirect("school-calendar")
    title = str(row) if row is not None and pk else str(what.add)
    return _form_page(request, title, form, row=row)


def _with(request) -> dict[str, Any]:
    return {"by": request.actor, "now": request.now}


def _tried(request, form, act: Callable[[], Any]) -> bool:
    """Run a verb; a refusal becomes the form's error, a missing role a 403."""
    try:
        act()
    except Refused as refusal:
        refused_on(request, form, refusal)
        return False
    return True


def _remove(request, row):
    try:
        edits.remove(row, **_with(request))
        messages.success(request, _("Removed. The log keeps what it was."))
    except Refused as refusal:
        refused(request, refusal)
    return redirect("school-calendar")


def _form_page(request, title: str, form, *, row=None, **extra):
    template = extra.pop("template", "schools/entry.html")
    context = page(request, title, calendar_crumb(), form=form, row=row, **extra)
    return render(request, template, context)


@portal_page("school")
@GET_POST
def weeks(request):
    """The week pattern: one week, A/B, or more."""
    school = school_of(request)
    pattern = WeekPattern.objects.filter(school=school).first()
    if request.method == "POST" and "forget" in request.POST:
        return _forget_marks(request, school)
    form = WeekPatternForm(posted(request), instance=pattern)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done = _tried(request, form, lambda: edits.set_week_pattern(
            school, given["letters"], given["anchor_on"], holidays_advance=given["holidays_advance"], **_with(request)
        ))  # fmt: skip
        if done:
            messages.success(request, _("The weeks are set."))
            return redirect("school-calendar")
    marks = list(own(request, WeekMark).order_by("monday"))
    return _form_page(request, _("Weeks"), form, marks=marks, template="schools/weeks.html")


def _forget_marks(request, school):
    edits.forget_marks(school, **_with(request))
    messages.success(request, _("From now on the pattern alone says which week it is."))
    return redirect("school-weeks")


@portal_page("school")
@GET_POST
def bell(request, pk: int | None = None):
    """One bell schedule and its periods."""
    school = school_of(request)
    row = get_object_or_404(own(request, BellSchedule), pk=pk) if pk else None
    if request.method == "POST" and "remove" in request.POST and row is not None:
        return _remove(request, row)
    form, periods = _bell_forms(request, school, row)
    if request.method == "POST" and form.is_valid() and periods.is_valid():
        given = form.cleaned_data
        found = [one.period for one in periods if one.period]
        done = _tried(request, form, lambda: edits.set_bell_schedule(
            school, given["name"], found, weekdays=given["weekdays"], week_letter=given.get("week_letter", ""),
            schedule=row, **_with(request),
        ))  # fmt: skip
        if done:
            messages.success(request, _("The periods are set."))
            return redirect("school-calendar")
    title = row.name if row else _("Add a bell schedule")
    return _form_page(request, title, form, row=row, periods=periods, template="schools/bell.html")


def _bell_forms(request, school, row: BellSchedule | None):
    pattern = WeekPattern.objects.filter(school=school).first()
    letters = pattern.letters if pattern else ()
    start = (
        {"name": row.name, "weekdays": row.weekdays, "week_letter": row.week_letter}
        if row
        else {"name": _("School day")}
    )
    known = row.periods.all() if row else ()
    lines = [{"name": p.name, "starts_at": p.starts_at, "ends_at": p.ends_at} for p in known]
    sent = posted(request)
    form = BellForm(sent, initial=start, letters=letters)
    return form, PeriodFormSet(sent, initial=lines, prefix="periods")


@portal_page("school")
@GET_POST
def release(request, kind: type[YearGroup | Group] | None = None, pk: int | None = None):
    """When students may be out: the school's rule, or that of one year group or group (`pk`)."""
    school = school_of(request)
    whom = get_object_or_404(own(request, kind), pk=pk) if kind else None
    rule = _rule_of(school, whom)
    if request.method == "POST" and "remove" in request.POST and rule is not None:
        return _remove(request, rule)
    form = _release_form(request, school, rule, is_school=whom is None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done = _tried(request, form, lambda: edits.save_release_rule(school, whom, given, **_with(request)))
        if done:
            messages.success(request, _("The rule holds from now on."))
            return redirect("school-calendar")
    title = _("When %(who)s may be out") % {"who": whom.name if whom else _("students")}
    return _form_page(request, title, form, row=rule, whom=whom, above=_above(school, whom))


def _rule_of(school, whom: YearGroup | Group | None) -> ReleaseRule | None:
    year = whom if isinstance(whom, YearGroup) else None
    group = whom if isinstance(whom, Group) else None
    return ReleaseRule.objects.filter(school=school, year_group=year, group=group).first()


def _above(school, whom: YearGroup | Group | None) -> list[ReleaseRule]:
    """The rules that hold where one of its own says nothing: the year group's, then the school's."""
    year = whom.year_group if isinstance(whom, Group) else None
    found = [_rule_of(school, year) if year else None, _rule_of(school, None) if whom else None]
    return [rule for rule in found if rule is not None]


def _release_form(request, school, rule: ReleaseRule | None, *, is_school: bool) -> ReleaseForm:
    periods = [period.label for period in bell_of(school) if not period.is_break]
    return ReleaseForm(posted(request), initial=_rule_start(rule), periods=periods, is_school=is_school)


def _rule_start(rule: ReleaseRule | None) -> dict[str, Any]:
    if rule is None:
        return {"notice_weeks": 0}
    names = ("weekdays", "earliest", "latest", "notice_weeks", "most_out_per_day", "most_times_a_term", "periods",
             "most_missed_a_subject")  # fmt: skip
    return {name: getattr(rule, name) for name in names} | {"protected_subjects": ", ".join(rule.protected_subjects)}
