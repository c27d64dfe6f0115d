"""What employers can give, in the back office: each answer, all of a year, and asking who has not answered."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from hubs.columns import WhenColumn
from hubs.views_admin import READ_ONLY, HubAccess, HubFilterSet, hub_actor
from hubs.viewsets import HubPages, HubViewSet
from opportunities.domain import pledges
from opportunities.models import Pledge


class PledgeFilterSet(HubFilterSet):
    class Meta:
        model = Pledge
        fields = ["answer", "year_starts_on"]


def _months(row: Pledge) -> str:
    return ", ".join(str(MONTHS[month]) for month in row.months)


def _reasons(row: Pledge) -> str:
    known = dict(Pledge.Reason.choices)
    return ", ".join(str(known.get(code, code)) for code in row.reasons)


class PledgeViewSet(HubViewSet):
    """Words are the employer's: act for it to say something else."""

    model = Pledge
    name = "pledges"
    who = READ_ONLY
    icon = "thumbtack"
    menu_label = _("Pledges, one by one")
    menu_order = 57
    add_to_settings_menu = True
    related = ("employer",)
    prefetched = ("encounter_types", "sites")
    ordering = ("-year_starts_on", "employer__name")
    list_display = (
        TitleColumn("employer", label=_("Employer"), url_name="pledges:inspect", sort_key="employer__name"),
        Column("year_starts_on", label=_("Year from"), sort_key="year_starts_on"),
        Column("answer", label=_("Answer"), accessor="get_answer_display", sort_key="answer"),
        Column("places", label=_("Places"), accessor=lambda row: "" if row.places is None else row.places),
        Column("ask_again_on", label=_("Ask again"), sort_key="ask_again_on"),
        WhenColumn("answered_at", label=_("Answered"), sort_key="answered_at"),
    )
    filterset_class = PledgeFilterSet
    search_fields = ("employer__name",)
    words = {"months": _months, "reasons": _reasons}
    inspect_view_fields = (
        "employer", "year_starts_on", "answer", "reasons", "reason", "hours", "places", "min_age", "max_age", "months",
        "encounter_types", "sites", "answered_at", "ask_again_on",
    )  # fmt: skip


class OverviewView(HubAccess, WagtailAdminTemplateMixin, TemplateView):
    template_name = "opportunities/admin/pledges.html"
    header_icon = "thumbtack"
    page_title = _("What employers can give")

    def get_breadcrumbs_items(self):
        return [{"url": "", "label": str(self.page_title)}]

    def get_context_data(self, **kwargs):
        hub, now = self.request.hub, self.request.now
        found = pledges.overview(hub, now)
        unsure = [row for row in found.rows if row.answer != Pledge.Answer.YES]
        return super().get_context_data(**kwargs) | {
            "found": found,
            "last": hub.academic_year_of(found.year)[1],
            "months": [(MONTHS[month], line) for month, line in found.months],
            "unsure": sorted(unsure, key=lambda row: (row.ask_again_on or row.year_starts_on, row.pk)),
            "is_staff": hub_actor(self.request).is_hub_staff,
        }


class AskView(HubAccess, WagtailAdminTemplateMixin, TemplateView):
    """GET says how many firms and mails it would be; POST asks every employer that has not answered."""

    template_name = "opportunities/admin/pledges_ask.html"
    header_icon = "thumbtack"
    page_title = _("Ask all of them by mail")

    def get_breadcrumbs_items(self):
        overview = {"url": reverse("pledges-overview:index"), "label": str(OverviewView.page_title)}
        return [overview, {"url": "", "label": str(self.page_title)}]

    def get_context_data(self, **kwargs):
        found = pledges.to_ask(self.request.hub, self.request.now)
        counts = {"firms": sum(bool(people) for _firm, people in found), "mails": sum(len(row[1]) for row in found)}
        return super().get_context_data(**kwargs) | counts | {"left": len(found) - counts["firms"]}

    def get(self, request, *args, **kwargs):
        self._need_staff()
        return super().get(request, *args, **kwargs)

    def post(self, request):
        self._need_staff()
        made = pledges.ask(request.hub, by=hub_actor(request), now=request.now)
        said = ngettext("%(made)s mail is on its way.", "%(made)s mails are on their way.", made) % {"made": made}
        messages.success(request, said)
        return redirect("pledges-overview:index")

    def _need_staff(self) -> None:
        if not hub_actor(self.request).is_hub_staff:
            raise PermissionDenied


class PledgePages(HubPages):
    name = "pledges-overview"
    icon = "thumbtack"
    menu_label = _("Pledges")
    menu_order = 53
    add_to_admin_menu = True

    def get_urlpatterns(self):
        return [path("", OverviewView.as_view(), name="index"), path("ask/", AskView.as_view(), name="ask")]
