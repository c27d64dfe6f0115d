"""The hub's map: which employers are near which school, and which schools have nobody near."""

from __future__ import annotations

from django.http import Http404
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from employers.models import Site
from hubs.geography import DISTANCES, kilometres, middles
from hubs.views_admin import HubAccess
from insights.nearness import neighbours
from schools.models import School

#: Workplaces drawn at once, the nearest to a school first; around one school all that are near.
MOST = 300
#: Names of what is not on the map, before the rest is only counted.
MOST_MISSING = 20


class MapView(HubAccess, WagtailAdminTemplateMixin, TemplateView):
    """`km` in the address is what counts as near, `school` the one whose neighbours are listed."""

    template_name = "insights/admin/map.html"
    header_icon = "globe"
    page_title = gettext_lazy("Who is near whom")

    def get_breadcrumbs_items(self):
        return [{"url": "", "label": str(self.page_title)}]

    @cached_property
    def km(self) -> int:
        asked = self.request.GET.get("km", "")
        return int(asked) if asked in map(str, DISTANCES) else DISTANCES[1]

    @cached_property
    def schools(self) -> list[School]:
        rows = School.objects.visible_to(self.request.user).filter(hub=self.request.hub, is_active=True)
        return list(rows.order_by("name", "pk"))

    @cached_property
    def sites(self) -> list[Site]:
        rows = Site.objects.visible_to(self.request.user).filter(hub=self.request.hub, employer__is_active=True)
        return list(rows.select_related("employer").order_by("employer__name", "name", "pk"))

    @cached_property
    def chosen(self) -> School | None:
        asked = self.request.GET.get("school", "")
        if not asked:
            return None
        found = next((one for one in self.schools if str(one.pk) == asked), None)
        if found is None:
            raise Http404
        return found

    def get_context_data(self, **kwargs):
        schools, sites = _on_the_map(self.schools), _on_the_map(self.sites)
        lines = _school_lines(schools, sites, self.km)
        shown = {
            "lines": lines,
            "alone": sum(not one["employers"] for one in lines),
            "workplaces": _workplaces(schools, sites, self.km, self.chosen),
            "most": MOST,
            "workplaces_in_all": len(sites),
            "towns": middles([*schools, *sites]),
            "missing": [_missing(self.schools, schools), _missing(self.sites, sites)],
        }
        choices = {"km": self.km, "distances": DISTANCES, "chosen": self.chosen, "now": self.request.now}
        return super().get_context_data(**kwargs) | shown | choices


def _on_the_map(rows: list) -> list:
    return [row for row in rows if row.latitude is not None and row.longitude is not None]


def _missing(rows: list, there: list) -> dict:
    """What has no point yet: the first few by name, and how many there are."""
    known = {row.pk for row in there}
    missing = [row for row in rows if row.pk not in known]
    return {"rows": missing[:MOST_MISSING], "more": max(len(missing) - MOST_MISSING, 0)}


def _school_lines(schools: list[School], sites: list[Site], km: int) -> list[dict]:
    """A line for each school, those with nobody near first."""
    found = zip(schools, neighbours(schools, sites, km), strict=True)
    lines = [
        {
            "school": school,
            "employers": len({sites[at].employer_id for at in near.within}),
            "nearest": sites[near.nearest] if near.nearest is not None else None,
            "km": near.km,
        }
        for school, near in found
    ]
    return sorted(lines, key=lambda one: one["employers"] > 0)


def _workplaces(schools: list[School], sites: list[Site], km: int, chosen: School | None) -> list[dict]:
    """The workplaces shown with how far the nearest school is; with a school chosen, those near it alone."""
    if chosen in schools:
        [near] = neighbours([chosen], sites, km)
        return [
            {"site": sites[at], "school": chosen, "km": kilometres(chosen, sites[at]), "far": False}
            for at in near.within
        ]
    found = zip(sites, neighbours(sites, schools, km), strict=True)
    lines = [
        {
            "site": site,
            "school": schools[near.nearest] if near.nearest is not None else None,
            "km": near.km,
            "far": not near.within,
        }
        for site, near in found
    ]
    lines.sort(key=lambda one: (one["km"] is None, one["km"]))
    return lines[:MOST]
