"""The standards of a hub at a glance, for its own people; the same as a file for its staff."""

from __future__ import annotations

import csv

from django.core.exceptions import PermissionDenied
from django.core.validators import slug_re
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from employers import framing
from employers.evidence import CODES
from employers.evidence_words import said
from employers.models import SelfAssessment, StandardsFramework
from hubs.languages import read_language
from hubs.views_admin import HubAccess, hub_actor
from insights import evidence_lists, overview_kept
from insights.evidence import Period
from insights.overview import framework_of, notice
from insights.overview_words import shown, table

FORMULA = ("=", "+", "-", "@", "\t", "\r")


class OfStandards(HubAccess):
    """`?standards=` names the framework; without it, the one in use."""

    @cached_property
    def chosen(self) -> StandardsFramework | None:
        code = self.request.GET.get("standards", "")
        if code and not slug_re.match(code):
            raise Http404
        found = framework_of(self.request.hub, code)
        if code and found is None:
            raise Http404
        return found


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
        hub, now = self.request.hub, self.request.now
        kept = overview_kept.kept(hub, self.chosen, now=now)
        others = StandardsFramework.objects.filter(hub=hub, side="employer").exclude(state="draft")
        return context | {
            "chosen": self.chosen,
            "others": sorted(set(others.exclude(code=self.chosen.code).values_list("code", flat=True))),
            "found": shown(kept.found, hub, self.chosen, read_language(), now),
            "counted_at": kept.counted_at,
            "export_url": f"{reverse('standards-overview:export')}?standards={self.chosen.code}",
            "count_url": f"{reverse('standards-overview:count')}?standards={self.chosen.code}",
            "is_staff": hub_actor(self.request).is_hub_staff,
        }


class RecordView(HubAccess, WagtailAdminTemplateMixin, TemplateView):
    """The rows behind a figure that stands beside an answer, as the employer sees them: of the year the answers
    were sent in, and of today while they are not."""

    template_name = "insights/admin/record.html"
    header_icon = "order"
    page_title = gettext_lazy("Behind the record")

    @cached_property
    def row(self) -> SelfAssessment:
        rows = SelfAssessment.objects.visible_to(self.request.user).filter(hub=self.request.hub)
        return get_object_or_404(rows.select_related("hub", "employer"), pk=self.kwargs["pk"])

    def get_breadcrumbs_items(self):
        url = reverse("assessments:inspect", args=[self.row.pk])
        return [{"url": url, "label": str(self.row.employer)}, {"url": "", "label": str(self.page_title)}]

    def get_context_data(self, **kwargs):
        code, now = self.kwargs["code"], self.request.now
        period = Period.kept(self.row, code) if self.row.evidence else Period.of(self.row.hub, now)
        if code not in CODES or period is None:
            raise Http404
        behind = evidence_lists.shown(code, period, self.row.employer, self.request.GET.get("page"))
        sentence = said(behind["found"]) if behind["found"] else ""
        return {**super().get_context_data(**kwargs), **behind, "row": self.row, "period": period, "sentence": sentence}


class CountView(OfStandards, View):
    """Counts now what the job would count a few minutes later."""

    http_method_names = ["post"]

    def post(self, request):
        if not hub_actor(request).is_hub_staff:
            raise PermissionDenied
        if self.chosen is None:
            raise Http404
        overview_kept.keep(request.hub, self.chosen, now=request.now)
        messages.success(request, _("Counted anew."))
        return redirect(f"{reverse('standards-overview:index')}?standards={self.chosen.code}")


class ExportView(OfStandards, View):
    """CSV with a byte order mark, so that a spreadsheet reads the letters right. Counted when it is taken."""

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
        employers, _steps = notice(request.hub, self.chosen, now=request.now)
        framework = framing.document_of(self.chosen, read_language())
        for row in table(employers, framework, request.hub, request.now):
            lines.writerow([_harmless(cell) for cell in row])
        return response


def _harmless(cell):
    """Text that a spreadsheet would run as a formula is marked as text."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
