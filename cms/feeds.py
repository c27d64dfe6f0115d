"""RSS and iCalendar of what is open, RSS of the news; each belongs to the hub of the hostname."""

from __future__ import annotations

from django.contrib.syndication.views import Feed
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from icalendar import Calendar, Event

from cms import filters
from cms.catalogue import cards, place_of
from cms.models import NewsPage
from cms.shell import voice_of
from hubs.wallclock import instant
from hubs.words import day, times

MOST_ITEMS = 50
#: Sessions a calendar of what is open holds, the soonest first; each of their days is an event.
MOST_SESSIONS = 100


class HubFeed(Feed):
    """A feed of `request.hub`, in its language; 404 where there is no hub."""

    def __call__(self, request, *args, **kwargs):
        if not request.hub:
            raise Http404
        with voice_of(request.hub):
            return super().__call__(request, *args, **kwargs)

    def get_object(self, request, *args, **kwargs):
        return (request.hub,)

    def link(self, place) -> str:
        return place[0].url("/")


class OpenSessions(HubFeed):
    """The catalogue's filters hold here too; what is wrong with them stands in the description."""

    def get_object(self, request, *args, **kwargs):
        return request.hub, *filters.asked(request.hub, request.now, request.GET)

    def title(self, place) -> str:
        return _("What is open: %(hub)s") % {"hub": place[0].name}

    def description(self, place) -> str:
        said = _("Opportunities with sessions that still take requests, the soonest first.")
        return " ".join([said, *place[2]])

    def items(self, place) -> list[dict]:
        hub, rows, _wrong = place
        return [{**card, "hub": hub} for card in cards(rows[:MOST_ITEMS])]

    def item_title(self, item) -> str:
        return f"{item['title']} ({item['employer']})"

    def item_description(self, item) -> str:
        where = _("Online") if item["online"] else item["place"]
        parts = [day(item["date"]) + ", " + times(item["starts"], item["ends"]), item["type"], where]
        return " · ".join(str(part) for part in parts if part)

    def item_link(self, item) -> str:
        return item["hub"].url(item["url"])


class News(HubFeed):
    def title(self, place) -> str:
        return _("News: %(hub)s") % {"hub": place[0].name}

    def description(self, place) -> str:
        return _("News of the hub.")

    def items(self, place) -> list[tuple]:
        hub = place[0]
        if hub.site is None:
            return []
        root = hub.site.root_page
        news = NewsPage.objects.live().public().descendant_of(root).order_by("-published_on", "-pk")
        return [(hub, root, page) for page in news[:MOST_ITEMS]]

    def item_title(self, item) -> str:
        return item[2].title

    def item_description(self, item) -> str:
        return item[2].summary

    def item_link(self, item) -> str:
        hub, root, page = item
        return hub.url(reverse("wagtail_serve", args=[page.url_path[len(root.url_path) :]]))


@require_safe
def open_calendar(request):
    """The soonest open sessions, with the catalogue's filters, as a calendar anybody can subscribe to; no names, no
    street."""
    if not request.hub:
        raise Http404
    hub, calendar = request.hub, Calendar()
    calendar.add("prodid", "-//Throughline//What is open//")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", hub.name)
    offers, wrong = filters.asked(hub, request.now, request.GET)
    if wrong:
        calendar.add("x-wr-caldesc", " ".join(wrong))
    rows = offers.sessions.select_related("opportunity__employer", "opportunity__site")
    for session in rows.prefetch_related("days").order_by("starts_at", "pk")[:MOST_SESSIONS]:
        for one in session.days.all():
            calendar.add_component(_event(hub, session, one, request.now))
    return HttpResponse(calendar.to_ical(), content_type="text/calendar; charset=utf-8")


def _event(hub, session, one, now) -> Event:
    """One day of the session: from its first morning to its last afternoon would be nights and weekends too."""
    offer, event = session.opportunity, Event()
    event.add("uid", f"open-{session.pk}-{one.on:%Y%m%d}@{hub.hostname}")
    event.add("dtstamp", now)
    event.add("dtstart", instant(one.on, one.starts_at, session.zone))
    event.add("dtend", instant(one.on, one.ends_at, session.zone))
    event.add("summary", f"{offer.title} ({offer.employer.name})")
    event.add("location", _("Online") if offer.is_online else place_of(offer))
    event.add("url", hub.url(reverse("catalogue-opportunity", args=[offer.pk])))
    return event
