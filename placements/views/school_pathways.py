"""Pathways for the coordinator: who has done what, what is next, what is missing."""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlencode

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hubs.edges import may_act, portal_page
from opportunities.models import Pathway
from opportunities.pathways import DONE, MISSED, WAITING, Standing
from opportunities.pathways_words import avoid_sentence, sentence, small_sentence
from opportunities.rules_pathways import names_of
from placements.domain.pathways import Walking, progress
from placements.views.acting import groups_of, school_of
from schools.models import Group


def _published(request):
    rows = Pathway.objects.visible_to(request.user).filter(hub=request.hub, state="published")
    return rows.with_all()


@portal_page("school")
@require_safe
def listing(request):
    """The pathways published in the hub."""
    context = {"title": _("Pathways"), "pathways": list(_published(request).order_by("name", "pk"))}
    return render(request, "placements/school/pathways.html", context)


@portal_page("school")
@require_safe
def detail(request, pk: int):
    """One pathway with the students of one group; ?group= chooses it."""
    row, school = get_object_or_404(_published(request), pk=pk), school_of(request)
    groups = groups_of(school)
    group = next((one for one in groups if str(one.pk) == request.GET.get("group")), groups[0] if groups else None)
    today = request.now.astimezone(school.zone).date()
    students = group.students.filter(left_on=None).select_related("year_group").order_by("alias", "pk") if group else []
    walking = progress(row, students, today=today)
    context = {
        "title": row.name,
        "breadcrumb": [{"label": _("Pathways"), "url": reverse("school-pathways")}, {"label": row.name, "url": ""}],
        "pathway": row,
        "group": group,
        "may": may_act(request),
        "filters": [_chooser(groups, group)],
        "steps": _steps(row, walking),
        "lines": [_line(row, one, group) for one in walking],
    }
    return render(request, "placements/school/pathway.html", context)


def _chooser(groups: list[Group], group: Group | None) -> dict:
    options = [(one.pk, one.name) for one in groups]
    return {
        "before": _("Show"), "name": "group", "label": _("Group"), "value": group.pk if group else "",
        "options": options,
    }  # fmt: skip


def _steps(pathway: Pathway, walking: list[Walking]) -> list[dict]:
    """Each step with how many students have done it, could do it now, or have to wait."""
    counts = [Counter(one.report.steps[n].state for one in walking) for n in range(len(pathway.steps.all()))]
    return [
        {
            "row": row,
            "done": count[DONE],
            "waiting": count[WAITING],
            "open": sum(count.values()) - count[DONE] - count[WAITING],
        }
        for row, count in zip(pathway.steps.all(), counts, strict=True)
    ]


def _line(pathway: Pathway, walking: Walking, group: Group) -> dict:
    """One student's line: what is done, what is next, what is missing, and each step's reasons."""
    names, report = names_of(pathway), walking.report
    small = small_sentence(report.small, pathway.small_by)
    missing = [names[one.step.type] for one in report.missing]
    return {
        "student": walking.student,
        "done": report.done,
        "all": len(report.steps),
        "next": names[report.next.step.type] if report.next else "",
        "url": _sessions(report.next, group) if report.next else "",
        "advice": avoid_sentence(report.avoid, names) if report.next and not report.next.step.sector else "",
        "missing": [*missing, small] if report.small == MISSED else missing,
        "small": small,
        "steps": [_step(one, names) for one in report.steps],
    }


def _step(one: Standing, names: dict[str, str]) -> dict:
    return {
        "name": names[one.step.type],
        "sector": names.get(one.step.sector, ""),
        "state": one.state,
        "on": one.by.on if one.by else None,
        "late": one.late,
        "why": [sentence(why, names) for why in one.why],
    }


def _sessions(one: Standing, group: Group) -> str:
    wanted = {"group": group.pk, "type": one.step.type, "sector": one.step.sector}
    return f"{reverse('school-sessions')}?{urlencode({name: value for name, value in wanted.items() if value})}"
