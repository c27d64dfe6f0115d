"""Pathways in the back office."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel
from wagtail.admin.ui.tables import Column

from hubs.views_admin import EditView, HubFilterSet, Verb, hub_actor
from hubs.viewsets import HubViewSet
from opportunities.domain import pathways
from opportunities.domain.pathways import STEP_FIELDS
from opportunities.models import Pathway
from opportunities.rules_pathways import cannot_be_walked


class PathwayFilterSet(HubFilterSet):
    class Meta:
        model = Pathway
        fields = ["state", "employer"]


class PathwayEditView(EditView):
    """Its steps are rows others point at: the domain puts them, as for an employer's own page."""

    def save_instance(self):
        form, steps = self.form, self.form.formsets["steps"]
        fields = {name: form.cleaned_data[name] for name in form.changed_data if name in form.cleaned_data}
        row = form.instance
        pathways.change_pathway(row, fields, steps_of(steps), by=hub_actor(self.request), now=self.request.now)
        return row


def steps_of(formset) -> list[dict]:
    """The steps of the panel as the domain takes them, in the order they were put."""
    found = []
    for form in formset.ordered_forms:
        given = {name: form.cleaned_data[name] for name in STEP_FIELDS}
        found.append(given | {"pk": form.cleaned_data["id"].pk if form.cleaned_data.get("id") else None})
    return found


class PathwayViewSet(HubViewSet):
    model = Pathway
    name = "pathways"
    icon = "arrow-right"
    menu_label = _("Pathways")
    menu_order = 55
    add_to_admin_menu = True
    related = ("employer",)
    prefetched = (
        "employers", "steps__encounter_type", "steps__sector", "steps__needs_type", "steps__opportunity",
    )  # fmt: skip
    edit_view_class = PathwayEditView
    ordering = ("name",)
    list_display = (
        "name",
        Column("employer", label=_("Written by"), accessor=lambda row: row.employer or row.hub),
        Column("state", label=_("State"), accessor="get_state_display", sort_key="state"),
        Column("steps", label=_("Steps"), accessor=lambda row: len(row.steps.all())),
    )
    filterset_class = PathwayFilterSet
    search_fields = ("name", "about")
    panels = (
        FieldPanel("name"),
        FieldPanel("about"),
        FieldPanel("employers"),
        FieldRowPanel([FieldPanel("shorter_first"), FieldPanel("other_sector"), FieldPanel("small_by")]),
        InlinePanel(
            "steps",
            heading=_("Steps"),
            label=_("Step"),
            panels=[
                FieldRowPanel([FieldPanel("encounter_type"), FieldPanel("sector")]),
                FieldRowPanel([FieldPanel("needs_type"), FieldPanel("opportunity")]),
                FieldRowPanel([FieldPanel("year_number"), FieldPanel("gap_weeks")]),
            ],
        ),
    )
    verbs = (
        Verb(
            "publish", _("Publish"), to="published",
            run=lambda row, text, **how: pathways.publish_pathway(row, **how),
            binding=_("Schools see it, and where each of their students stands on it."),
        ),
        Verb(
            "take-back", _("Take back"), to="draft",
            run=lambda row, text, **how: pathways.take_back_pathway(row, **how),
            binding=_("Schools see it no longer, and it can be changed."),
        ),
    )  # fmt: skip
    detail_template = "opportunities/admin/pathway.html"
    inspect_view_fields = (
        "name",
        "about",
        "state",
        "employer",
        "employers",
        "shorter_first",
        "other_sector",
        "small_by",
    )

    def closed(self, row: Pathway) -> str | None:
        return None if row.state == "draft" else _("Schools see this pathway. Take it back, then change it.")

    def more_of(self, request, row: Pathway) -> dict:
        return {"stopped": cannot_be_walked(row, request.now) if row.state == "draft" else None}
