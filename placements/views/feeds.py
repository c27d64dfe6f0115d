"""Private calendar addresses: the calendar itself, and the page that makes and revokes them."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseNotFound, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from employers.models import Site
from hubs.edges import no_store, portal_page, refused
from hubs.errors import Refused
from hubs.languages import writing
from placements import calendars
from placements.domain import feeds, walks
from placements.forms_school import FeedForm
from placements.models import Feed
from placements.views.acting import groups_of, school_of

KEPT_BY_NOBODY = {
    "Cache-Control": "private, no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}
READ_NOTED_EVERY = dt.timedelta(hours=1)


@require_safe
def feed(request, token):
    """The calendar behind a private address; whoever holds the address reads it, nobody signs in."""
    found = feeds.feed_of(token)
    if found is None or not request.hub or found.hub_id != request.hub.pk:
        return HttpResponseNotFound(
            _("There is no calendar at this address."), content_type="text/plain; charset=utf-8"
        )
    found.hub = request.hub
    feeds.note_read(found, now=request.now, every=READ_NOTED_EVERY)
    return _calendar(request, found)


def _calendar(request, found: Feed) -> HttpResponse:
    """The file, or that the client has it already; kept by nobody on the way.

    The version is read before the events: one that changes in between is told once more.
    """
    language, name = language_of(found), calendar_name(found)
    version = "|".join(
        [f"{calendars.EDITION}", language, name, feeds.version_of(found, now=request.now), walks.version_of(found)]
    )
    etag = f'"{hashlib.sha256(version.encode()).hexdigest()[:32]}"'
    # A proxy that packs what passes makes the tag a weak one; for a GET that is the same tag (RFC 9110, 13.1.2).
    known = [one.removeprefix("W/") for one in parse_etags(request.headers.get("If-None-Match", ""))]
    if etag in known or "*" in known:
        response = HttpResponseNotModified()
    else:
        with writing(language):
            events = list(feeds.events_of(found, now=request.now))
            content = calendars.feed(name, events, walks.next_on_pathways(found, events))
        response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = 'inline; filename="throughline.ics"'
    for header, value in {"ETag": etag, **KEPT_BY_NOBODY}.items():
        response[header] = value
    return response


def language_of(found: Feed) -> str:
    person = found.user.language if found.personal and found.user else ""
    return person or found.organisation.language or found.hub.language


def calendar_name(found: Feed) -> str:
    """What a calendar is called: never a person's name, as clients show it to whoever looks on."""
    narrowed = found.group or found.site
    if found.personal:
        return found.hub.name
    return f"{found.organisation.name}, {narrowed.name}" if narrowed else found.organisation.name


@portal_page("school")
def school_feeds(request):
    sent = request.POST if request.method == "POST" else None
    return _feeds(request, FeedForm(sent, groups=list(groups_of(school_of(request)))))


@portal_page("employer")
def employer_feeds(request):
    sites = Site.objects.visible_to(request.user).filter(employer_id=request.acting.pk)
    return _feeds(request, FeedForm(request.POST if request.method == "POST" else None, sites=list(sites)))


def _feeds(request, form: FeedForm):
    """A new address is in the answer to the POST itself and nowhere else.

    No redirect follows, because the address would have to be kept somewhere to show it there.
    """
    address = ""
    if request.method == "POST" and form.is_valid():
        try:
            _made, token = feeds.make_feed(request.acting, **form.chosen(), by=request.actor, now=request.now)
            address = request.hub.url(reverse("feed", args=[token]))
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
    own = Feed.objects.visible_to(request.user).filter(organisation_id=request.acting.pk, revoked_at__isnull=True)
    context = {
        "title": _("Calendar addresses"),
        "form": form,
        "address": address,
        "subscribe": address.replace("https:", "webcal:", 1).replace("http:", "webcal:", 1),
        "feeds": list(
            own.filter(_listed(request)).annotate(answers=feeds.MAKER_STAYS).select_related("group", "site", "user")
        ),
    }
    return no_store(render(request, "placements/feeds.html", context))


def _listed(request) -> Q:
    """Those of the organisation, and one's own; the hub sees that a person has one, to revoke it."""
    return Q() if request.actor.is_hub_staff else Q(personal=False) | Q(user=request.user)


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
