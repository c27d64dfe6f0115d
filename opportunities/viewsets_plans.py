"""The employers' plans in the back office: who is behind, what was skipped and why."""

from __future__ import annotations

from typing import ClassVar

import django_filters
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, TitleColumn

from hubs.views_admin import READ_ONLY, HubFilterSet
from hubs.viewsets import HubViewSet
from opportunities.domain.upgrades import BEHIND
from opportunities.models import ActionPlan
from opportunities.translating import speak_steps


class PlanFilterSet(HubFilterSet):
    standing = django_filters.ChoiceFilter(
        label=_("Where it stands"), method="stands", empty_label=_("Wherever"),
        choices=[("behind", _("more than two weeks behind")), ("skipped", _("with steps skipped"))],
    )  # fmt: skip

    class Meta:
        model = ActionPlan
        fields = ["state", "template", "year_starts_on"]

    def stands(self, rows, name: str, value: str):
        return rows.filter(behind_since__isnull=False) if value == "behind" else rows.filter(steps_skipped__gt=0)


class PlanViewSet(HubViewSet):
    """Plans are the employer's: act for it to move or skip a step."""

    model = ActionPlan
    name = "plans"
    who = READ_ONLY
    icon = "calendar-check"
    menu_label = _("Plans")
    menu_order = 52
    add_to_admin_menu = True
    related = ("employer", "template")
    ordering = ("-year_starts_on", "employer__name", "pk")
    list_display = (
        TitleColumn("employer", label=_("Employer"), url_name="plans:inspect", sort_key="employer__name"),
        Column("plan", label=_("Plan"), accessor=str, sort_key="template__name"),
        Column("state", label=_("State"), accessor="get_state_display", sort_key="state"),
        Column("done", label=_("Done"), accessor=lambda row: f"{row.steps_done}/{row.steps_all}"),
        Column("steps_skipped", label=_("Skipped"), accessor=lambda row: row.steps_skipped or ""),
        Column(
            "behind_since", label=_("Behind since"), accessor=lambda row: row.behind_since or "",
            sort_key="behind_since",
        ),
    )  # fmt: skip
    filterset_class = PlanFilterSet
    search_fields = ("employer__name", "template__name")
    detail_template = "opportunities/admin/plan.html"
    inspect_view_fields: ClassVar = (
        "employer", "template", "state", "year_starts_on", "year_ends_on", "adopted_by", "adopted_at",
    )  # fmt: skip

    def rows(self, request):
        return super().rows(request).with_progress(late_before=request.hub.today(request.now) - BEHIND)

    def named(self, row: ActionPlan) -> str:
        return f"{row.employer}: {row}"

    def more_of(self, request, row: ActionPlan) -> dict:
        steps = row.steps.select_related("encounter_type", "owner", "template_step")
        steps = list(steps.order_by("due_on", "position", "pk"))
        speak_steps(steps)
        return {"steps": steps, "today": request.hub.today(request.now)}
