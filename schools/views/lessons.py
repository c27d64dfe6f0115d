"""A group's lessons, typed into its week."""

from __future__ import annotations

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from hubs.edges import portal_page, refused_on
from hubs.errors import Refused
from schools.domain.compile import bell_of
from schools.domain.lessons import set_lessons
from schools.forms_lessons import LessonsForm
from schools.models import Group, Lesson, WeekPattern
from schools.views.own import groups_crumb, own, page, posted


@portal_page("school")
@require_http_methods(["GET", "HEAD", "POST"])
def lessons(request, pk: int):
    """The grid of one week; `week` is a letter of the pattern, empty for what is taught every week."""
    group = get_object_or_404(own(request, Group).select_related("school__hub"), pk=pk)
    letters = _letters(group)
    rows = list(Lesson.objects.filter(group=group))
    letter = _letter(request, letters, rows)
    form = _form(posted(request), group, letter, rows)
    if form.is_bound and form.is_valid() and _saved(request, group, letter, form):
        return redirect(f"{reverse('school-group-lessons', args=[group.pk])}?week={letter}")
    title = _("Lessons of %(group)s") % {"group": group.name}
    subjects = sorted({row.subject for row in rows if row.subject})
    context = page(request, title, groups_crumb(), group=group, form=form, letters=letters, letter=letter,
                   subjects=subjects)  # fmt: skip
    return render(request, "schools/lessons.html", context)


def _letters(group: Group) -> list[str]:
    pattern = WeekPattern.objects.filter(school=group.school_id).first()
    return list(pattern.letters) if pattern and len(pattern.letters) > 1 else []


def _letter(request, letters: list[str], rows: list[Lesson]) -> str:
    """The week asked for; else the first the group has lessons in."""
    wanted = request.GET.get("week")
    if wanted == "" or wanted in letters:
        return wanted
    used = {row.week_letter for row in rows}
    return next((letter for letter in letters if letter in used), "")


def _form(data, group: Group, letter: str, rows: list[Lesson]) -> LessonsForm:
    periods = [p for p in bell_of(group.school) if not p.is_break and p.week in (None, letter or p.week)]
    return LessonsForm(
        data,
        lessons=[row for row in rows if row.week_letter == letter],
        others=[row for row in rows if letter and not row.week_letter],
        times={(period.start, period.end) for period in periods},
    )


def _saved(request, group: Group, letter: str, form: LessonsForm) -> bool:
    try:
        changed = set_lessons(group, letter, form.changes(), by=request.actor, now=request.now)
    except Refused as refusal:
        refused_on(request, form, refusal)
        return False
    words = ngettext("%(n)s lesson changed.", "%(n)s lessons changed.", changed) % {"n": changed}
    messages.success(request, words if changed else _("Nothing was changed."))
    return True
