"""Pages of the public site that are not in the page tree: catalogue, search, sitemap."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from wagtail.models import Page

from cms import filters
from cms.catalogue import Whereabouts, access_of, cards, open_sessions, place_of, published, when, whereabouts
from cms.search import LONGEST_QUERY, find
from cms.shell import public_page, site_context
from hubs.geography import kilometres, point_of
from schools.models import School

A_PAGE = 20
#: Addresses that are nobody's first page, or somebody's own.
NOT_FOR_ROBOTS = (
    "/accounts/",
    "/admin/",
    "/api/",
    "/demo/",
    "/employer/",
    "/feeds/",
    "/home/",
    "/i/",
    "/l/",
    "/school/",
)


@require_safe
@public_page
def catalogue(request):
    """Open opportunities of this hub; the filters are in the address."""
    chosen = filters.read(request.hub, request.now, request.GET)
    rows = filters.apply(request.hub, request.now, chosen.chosen)
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "title": _("What is open"),
        "filters": chosen,
        "months": filters.months(request.hub, request.now, chosen),
        "page": page,
        "cards": cards(page.object_list),
        "reset_url": reverse("catalogue") if chosen.any else "",
        **site_context(request),
    }
    return TemplateResponse(request, "cms/catalogue.html", context)


@require_safe
@public_page
def catalogue_opportunity(request, pk: int):
    """One opportunity with its open sessions; drafts, paused and withdrawn ones are a 404."""
    rows = published(request.hub).select_related("employer", "encounter_type", "site")
    opportunity = get_object_or_404(rows.prefetch_related("sectors"), pk=pk)
    sessions = list(open_sessions(request.hub, request.now).filter(opportunity=opportunity).order_by("starts_at", "pk"))
    context = {
        "title": opportunity.title,
        "opportunity": opportunity,
        "place": place_of(opportunity),
        "access": access_of(opportunity),
        "whereabouts": (found := whereabouts(opportunity)),
        "own_school": _own_school(request, found),
        "sessions": [{"row": session, **when(session)} for session in sessions],
        "ends_at": max((session.ends_at for session in sessions), default=None),
        "page_url": request.hub.url(request.path),
        "all_from": opportunity.release.waits_until(request.hub.today(request.now)),
        "may_request": _may_request(request),
        **site_context(request),
    }
    return TemplateResponse(request, "cms/catalogue_opportunity.html", context)


def _own_school(request, found: Whereabouts | None) -> tuple[School, float] | None:
    """The school somebody reads this for, and how many kilometres the town is from it."""
    if found is None or not _may_request(request):
        return None
    school = request.acting.school
    return (school, kilometres(school, found.at)) if point_of(school) else None


def _may_request(request) -> bool:
    return bool(request.user.is_authenticated and request.acting and request.acting.kind == "school")


@require_safe
@public_page
def search(request):
    query = request.GET.get("q", "").strip().replace("\x00", "")[:LONGEST_QUERY]
    context = {**site_context(request), "title": _("Search"), "query": query}
    context["found"] = find(request.hub, query, now=request.now)
    return TemplateResponse(request, "cms/search.html", context)


@require_safe
@public_page
def sitemap(request):
    """Addresses of this hub's public pages, for search engines."""
    hub, addresses = request.hub, [(reverse("catalogue"), None)]
    if hub.site:
        root = hub.site.root_page
        for page in Page.objects.live().public().descendant_of(root, inclusive=True).order_by("path"):
            path = reverse("wagtail_serve", args=[page.url_path[len(root.url_path) :]])
            addresses.append((path, page.last_published_at))
    open_now = published(hub).filter(pk__in=open_sessions(hub, request.now).values("opportunity"))
    for pk, changed in open_now.order_by("pk").values_list("pk", "updated_at"):
        addresses.append((reverse("catalogue-opportunity", args=[pk]), changed))
    entries = [(hub.url(path), changed) for path, changed in addresses]
    return TemplateResponse(request, "cms/sitemap.xml", {"entries": entries}, content_type="application/xml")


@require_safe
@public_page
def robots(request):
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_ROBOTS)]
    lines.append(f"Sitemap: {request.hub.url(reverse('sitemap'))}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
