"""Private calendar addresses: the calendar itself, and the page that makes and revokes them."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseNotFound, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hubs.edges import no_store, portal_page, refused
from hubs.errors import Refused
from placements import calendars
from placements.domain import feeds
from placements.forms_school import FeedForm
from placements.models import Feed
from placements.views.acting import school_of

READ_NOTED_EVERY = dt.timedelta(hours=1)


@require_safe
def feed(request, token):
    """The calendar behind a private address; whoever holds the address reads it, nobody signs in."""
    found = feeds.feed_of(token)
    if found is None or not request.hub or found.hub_id != request.hub.pk:
        return HttpResponseNotFound(
            _("There is no calendar at this address."), content_type="text/plain; charset=utf-8"
        )
    with translation.override(found.organisation.language or found.hub.language):
        name = f"{found.organisation.name}, {found.group.name}" if found.group else found.organisation.name
        content = calendars.feed(found.hub, name, feeds.placements_of(found, now=request.now))
    feeds.note_read(found, now=request.now, every=READ_NOTED_EVERY)
    return _calendar(request, content)


def _calendar(request, content: bytes) -> HttpResponse:
    """The file, or that the client has it already; kept by nobody on the way."""
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if etag in known or "*" in known:
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = 'inline; filename="throughline.ics"'
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


@portal_page("school")
def school_feeds(request):
    return _feeds(request, FeedForm(request.POST if request.method == "POST" else None, school=school_of(request)))


@portal_page("employer")
def employer_feeds(request):
    return _feeds(request, FeedForm(request.POST if request.method == "POST" else None, school=None))


def _feeds(request, form: FeedForm):
    """A new address is in the answer to the POST itself and nowhere else.

    No redirect follows, because the address would have to be kept somewhere to show it there.
    """
    address = ""
    if request.method == "POST" and form.is_valid():
        group = form.cleaned_data.get("group")
        try:
            _made, token = feeds.make_feed(request.acting, group=group, by=request.actor, now=request.now)
            address = request.hub.url(reverse("feed", args=[token]))
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
    own = Feed.objects.visible_to(request.user).filter(organisation_id=request.acting.pk, revoked_at__isnull=True)
    context = {
        "title": _("Calendar addresses"),
        "form": form,
        "address": address,
        "subscribe": address.replace("https:", "webcal:", 1).replace("http:", "webcal:", 1),
        "feeds": list(own.select_related("group", "user")),
    }
    return no_store(render(request, "placements/feeds.html", context))


@require_POST
@login_required
def feed_revoke(request, pk):
    """The address stops answering at once."""
    if not request.acting or not request.actor:
        raise Http404
    row = get_object_or_404(Feed.objects.visible_to(request.user), pk=pk, organisation_id=request.acting.pk)
    try:
        feeds.revoke_feed(row, by=request.actor, now=request.now)
        messages.success(request, _("Revoked. Calendars that used it stay as they are and are told no more."))
    except Refused as refusal:
        refused(request, refusal)
    return redirect(f"{request.acting.kind}-feeds")
