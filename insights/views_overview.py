"""The standards of a hub at a glance, for its own people; the same as a file for its staff."""

from __future__ import annotations

import csv

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext_lazy
from django.views.generic import TemplateView, View
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from employers.models import StandardsFramework
from hubs.views_admin import HubAccess, hub_actor
from insights.overview import Overview, framework_of, overview, table

MOST_VISITS = 30
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class OfStandards(HubAccess):
    """`?standards=` names the framework; without it, the one in use."""

    @cached_property
    def chosen(self) -> StandardsFramework | None:
        return framework_of(self.request.hub, self.request.GET.get("standards", "")[:50])

    @cached_property
    def found(self) -> Overview:
        return overview(self.request.hub, self.chosen, now=self.request.now, language=get_language() or "")


class OverviewView(OfStandards, WagtailAdminTemplateMixin, TemplateView):
    template_name = "insights/admin/overview.html"
    header_icon = "order"
    page_title = gettext_lazy("Standards in the hub")

    def get_breadcrumbs_items(self):
        return [{"url": "", "label": str(self.page_title)}]

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        if self.chosen is None:
            return context
        # Who never answered and was only asked is a number: the round's page has their names.
        named = self.found.visits()
        visits = [one for one in named if one.row]
        others = StandardsFramework.objects.filter(hub=self.request.hub, side="employer").exclude(state="draft")
        return context | {
            "chosen": self.chosen,
            "others": sorted(set(others.exclude(code=self.chosen.code).values_list("code", flat=True))),
            "found": self.found,
            "visits": visits[:MOST_VISITS],
            "more_visits": max(0, len(visits) - MOST_VISITS),
            "silent": len(named) - len(visits),
            "export_url": f"{reverse('standards-overview:export')}?standards={self.chosen.code}",
            "is_staff": hub_actor(self.request).is_hub_staff,
        }


class ExportView(OfStandards, View):
    """CSV with a byte order mark, so that a spreadsheet reads the letters right."""

    def get(self, request):
        if not hub_actor(request).is_hub_staff:
            raise PermissionDenied
        if self.chosen is None:
            raise Http404
        response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = (
            f'attachment; filename="{self.chosen.code}-{request.hub.today(request.now)}.csv"'
        )
        response["Cache-Control"] = "private, no-store"
        lines = csv.writer(response)
        for row in table(self.found, hub=request.hub):
            lines.writerow([_harmless(cell) for cell in row])
        return response


def _harmless(cell):
    """Text that a spreadsheet would run as a formula is marked as text."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
