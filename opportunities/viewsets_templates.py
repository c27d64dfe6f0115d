"""Action-plan templates in the back office: edited as drafts, published, followed by a new version."""

from django.db.models import Count, Q
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.admin.ui.tables import Column

from employers import framing
from employers.forms_standards import Ticks
from hubs.languages import read_language
from hubs.views_admin import HubFilterSet, Verb
from hubs.viewsets import HubViewSet
from opportunities.domain import templates
from opportunities.domain.upgrades import drift
from opportunities.forms_templates import TemplateForm
from opportunities.models import FLAGS, ActionPlanTemplate
from opportunities.views_templates import EditDraft, PreviewView, TranslateTemplateView


class TemplateFilterSet(HubFilterSet):
    class Meta:
        model = ActionPlanTemplate
        fields = ["state", "language"]


def _of_all(name: str):
    """Nought says something only where there are plans."""
    return lambda row: getattr(row, name) if row.plans_all else ""


class TemplateViewSet(HubViewSet):
    model = ActionPlanTemplate
    name = "templates"
    icon = "clipboard-list"
    menu_label = _("Templates")
    menu_order = 50
    add_to_admin_menu = True
    form_base = TemplateForm
    prefetched = ("steps__encounter_type",)
    ordering = ("name", "-version")
    list_display = (
        "name",
        Column("version", label=_("Version"), sort_key="version"),
        Column("state", label=_("State"), accessor="get_state_display", sort_key="state"),
        Column("steps", label=_("Steps"), accessor=lambda row: len(row.steps.all())),
        Column("hours", label=_("Staff hours")),
        Column("plans_all", label=_("Plans"), accessor=lambda row: row.plans_all or "", sort_key="plans_all"),
        Column("plans_done", label=_("Completed"), accessor=_of_all("plans_done"), sort_key="plans_done"),
        Column("plans_gone", label=_("Given up"), accessor=_of_all("plans_gone"), sort_key="plans_gone"),
    )
    filterset_class = TemplateFilterSet
    search_fields = ("name", "about")
    panels = (
        FieldPanel("name"),
        FieldPanel("about"),
        FieldRowPanel([FieldPanel("language"), FieldPanel("sizes")]),
        InlinePanel(
            "steps",
            heading=_("Steps"),
            label=_("Step"),
            panels=[
                FieldPanel("title"),
                FieldPanel("encounter_type"),
                FieldRowPanel([FieldPanel("week"), FieldPanel("after")]),
                FieldRowPanel([FieldPanel("staff_hours"), FieldPanel("places")]),
                MultiFieldPanel(
                    [FieldPanel("standard"), FieldPanel("flags", widget=Ticks(choices=list(FLAGS.items())))],
                    heading=_("What it is good for"),
                ),
                MultiFieldPanel(
                    [FieldPanel("aims"), FieldPanel("guidance"), FieldPanel("details"), FieldPanel("file"),
                     FieldPanel("video"), FieldPanel("employer_does"),
                     FieldPanel("school_does"), FieldPanel("good_looks_like"), FieldPanel("deliverable")],
                    heading=_("Words"),
                ),
            ],
        ),
    )  # fmt: skip
    verbs = (
        Verb(
            "publish", _("Publish"), to="published",
            run=lambda row, text, **how: templates.publish_template(row, **how),
            binding=_("Employers can adopt it from now on. A published version is not edited: make a new one "
                      "instead. Earlier published versions of it retire; plans made of them go on unchanged."),
        ),
        Verb(
            "new-version", _("Make a new version"),
            run=lambda row, text, **how: templates.new_version(row, **how), when=("published", "retired"),
            binding=_("A draft copy, to edit and publish when it is ready. Plans keep the version they were "
                      "adopted from until their employer brings them up to date."),
        ),
        Verb(
            "retire", _("Retire"), to="retired",
            run=lambda row, text, **how: templates.retire_template(row, **how), tone="stop",
            binding=_("Nobody can adopt it any more. Plans made of it go on."),
        ),
    )  # fmt: skip
    edit_view_class = EditDraft
    detail_template = "opportunities/admin/template.html"
    inspect_view_fields = ("name", "version", "state", "about", "language", "sizes", "follows", "hours")

    @property
    def preview_view(self):
        return self.construct_view(PreviewView)

    @property
    def translate_view(self):
        return self.construct_view(TranslateTemplateView)

    def get_urlpatterns(self):
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/preview/", self.preview_view, name="preview"),
            path("<int:pk>/translate/", self.translate_view, name="translate"),
        ]

    def more_of(self, request, row: ActionPlanTemplate) -> dict:
        named = framing.standards_named(request.hub.pk, read_language())
        return {
            "preview_url": reverse(self.get_url_name("preview"), args=[row.pk]),
            "translate_url": reverse(self.get_url_name("translate"), args=[row.pk]),
            "drift": drift(row, today=request.hub.today(request.now)),
            "steps": [
                {"step": step, "week": week, "after": after, "standard": named.get(step.standard, step.standard)}
                for step, week, after in templates.timetable(row)
            ],
        }

    def rows(self, request):
        done, gone = Q(plans__state="completed"), Q(plans__state="abandoned")
        counts = {"plans_done": Count("plans", filter=done), "plans_gone": Count("plans", filter=gone)}
        return super().rows(request).annotate(plans_all=Count("plans"), **counts)

    def closed(self, row: ActionPlanTemplate) -> str | None:
        if row.state == ActionPlanTemplate.State.DRAFT:
            return None
        return _("Only a draft is edited, because plans keep the version they were adopted from. Make a new version.")
