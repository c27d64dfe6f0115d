"""Public holidays, offered for one academic year and taken over in one step."""

from __future__ import annotations

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from hubs.edges import portal_page, refused
from hubs.errors import Refused
from schools.domain.public_holidays import adopt, offered
from schools.views.calendar import window
from schools.views.own import calendar_crumb, page, school_of


@portal_page("school")
@require_http_methods(["GET", "HEAD", "POST"])
def holidays(request):
    """Which there are (?year= is a day of the academic year); POST takes all of them over."""
    school = school_of(request)
    first, last, _picked = window(request, school)
    if request.method == "POST":
        try:
            count = adopt(school, first, last, by=request.actor, now=request.now)
            messages.success(request, _said(count))
        except Refused as refusal:
            refused(request, refusal)
        return redirect("school-calendar")
    title = _("Public holidays")
    context = page(request, title, calendar_crumb(), days=offered(school, first, last), first=first, last=last)
    return render(request, "schools/holidays.html", context)


def _said(count: int) -> str:
    words = ngettext("%(n)s public holiday is in the calendar.", "%(n)s public holidays are in the calendar.", count)
    return words % {"n": count}
