"""Calendar addresses that are read again and again."""

from __future__ import annotations

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hubs.edges import portal_page, refused, refused_on
from hubs.errors import Refused
from schools.domain import subscriptions
from schools.forms_calendar import SubscriptionForm
from schools.models import CalendarSubscription
from schools.views.own import calendar_crumb, own, page, posted, school_of

GET_POST = require_http_methods(["GET", "HEAD", "POST"])


@portal_page("school")
@GET_POST
def subscription(request, pk: int | None = None):
    """One address, new or known: its name, and whether changes wait to be looked at."""
    row = get_object_or_404(own(request, CalendarSubscription).defer("last_good"), pk=pk) if pk else None
    if request.method == "POST" and "remove" in request.POST and row is not None:
        return _remove(request, row)
    form = SubscriptionForm(posted(request), known=row)
    if request.method == "POST" and form.is_valid() and _saved(request, form, row):
        messages.success(request, _("The address is read within a few minutes, and every day from then on."))
        return redirect("school-calendar")
    title = str(row) if row else _("Read a calendar by its address")
    context = page(request, title, calendar_crumb(), form=form, row=row)
    return render(request, "schools/subscription.html", context)


def _saved(request, form: SubscriptionForm, row: CalendarSubscription | None) -> bool:
    who = {"by": request.actor, "now": request.now}
    try:
        if row is None:
            subscriptions.subscribe(school_of(request), form.cleaned_data, **who)
        else:
            subscriptions.change_subscription(row, form.cleaned_data, **who)
    except Refused as refusal:
        refused_on(request, form, refusal)
        return False
    return True


def _remove(request, row: CalendarSubscription):
    try:
        subscriptions.unsubscribe(row, by=request.actor, now=request.now)
        messages.success(request, _("It is read no more. What came from it stays in the calendar."))
    except Refused as refusal:
        refused(request, refusal)
    return redirect("school-calendar")
