"""Standards frameworks in the back office: edited as drafts, sealed by publishing, imported, exported."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, View
from wagtail.admin import messages
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, InlinePanel, MultiFieldPanel
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from employers import framing, translating
from employers.forms_standards import EvidenceChoice, FrameworkForm, ImportForm, SizeTicks, SizeWords, StandardForm
from employers.models import Standard, StandardsFramework
from employers.views_translating import TranslateView
from hubs.errors import CannotAct, Refused
from hubs.views_admin import CreateView, EditView, HubAccess, HubFilterSet, Verb, hub_actor
from hubs.viewsets import KEPT_BY_STAFF, HubViewSet


class EditDraft(EditView):
    """Of a framework, or of one of its standards."""

    def save_instance(self):
        kept = self.model.objects.get(pk=self.form.instance.pk)  # the form's own may name another draft by now
        with translating.following(getattr(kept, "framework", kept)):
            return super().save_instance()


class FrameworkFilterSet(HubFilterSet):
    class Meta:
        model = StandardsFramework
        fields = ["state", "side"]


class ImportView(HubAccess, WagtailAdminTemplateMixin, FormView):
    """A file becomes a draft; what is wrong with it is said by its place."""

    who = KEPT_BY_STAFF
    form_class = ImportForm
    template_name = "employers/admin/import.html"
    page_title = gettext_lazy("Import a framework")
    header_icon = "upload"
    index_url_name = ""
    inspect_url_name = ""
    model: type | None = None

    def get(self, request, *args, **kwargs):
        self._need_keeper()
        return super().get(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        self._need_keeper()
        return super().post(request, *args, **kwargs)

    def _need_keeper(self) -> None:
        if not self.user_has_permission("add"):
            raise PermissionDenied

    def form_valid(self, form):
        try:
            made = framing.import_framework(
                self.request.hub, form.text(), by=hub_actor(self.request), now=self.request.now
            )
        except CannotAct as refusal:
            raise PermissionDenied from refusal
        except Refused as refusal:
            form.add_error("file", refusal.sentence)
            return self.form_invalid(form)
        messages.success(self.request, _("Imported as a draft. Read it through, then publish it."))
        return HttpResponseRedirect(reverse(self.inspect_url_name, args=[made.pk]))

    def get_breadcrumbs_items(self):
        return [
            {"url": reverse(self.index_url_name), "label": _("Standards frameworks")},
            {"url": "", "label": _("Import")},
        ]


class ExportView(HubAccess, View):
    model: type | None = None

    def get(self, request, pk: int):
        row = get_object_or_404(self.rows(), pk=pk)
        response = HttpResponse(framing.exported(row), content_type="application/json; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{row.code}-{row.pk}.json"'
        return response


class FrameworkViewSet(HubViewSet):
    model = StandardsFramework
    edit_view_class = EditDraft
    name = "frameworks"
    icon = "list-ol"
    menu_label = gettext_lazy("Standards frameworks")
    menu_order = 60
    add_to_settings_menu = True
    form_base = FrameworkForm
    ordering = ("code", "-pk")
    list_display = (
        "name",
        Column("version", label=gettext_lazy("Version"), sort_key="version"),
        Column("side", label=gettext_lazy("Who answers"), accessor="get_side_display"),
        Column("state", label=gettext_lazy("State"), accessor="get_state_display", sort_key="state"),
    )
    filterset_class = FrameworkFilterSet
    search_fields = ("name", "code")
    panels = (
        FieldPanel("name"),
        FieldRowPanel([FieldPanel("code"), FieldPanel("version")]),
        FieldPanel("about"),
        FieldRowPanel([FieldPanel("side"), FieldPanel("language")]),
        FieldPanel("enough_percent"),
        FieldPanel("scale"),
        FieldPanel("bands"),
        InlinePanel(
            "pillars",
            heading=gettext_lazy("Pillars"),
            label=gettext_lazy("Pillar"),
            panels=[FieldRowPanel([FieldPanel("code"), FieldPanel("name")])],
        ),
    )
    verbs = (
        Verb(
            "publish", gettext_lazy("Publish"), to="published",
            run=lambda row, text, **how: framing.publish_framework(row, **how),
            binding=gettext_lazy(
                "It is sealed: its words, weights and bands are never edited again, so that every score can be "
                "worked out anew. The version in use before retires; what is under way goes on with its own."
            ),
        ),
        Verb(
            "new-version", gettext_lazy("Make a new version"), run=framing.new_version, when=("published", "retired"),
            asks=gettext_lazy("Number of the new version"), must_ask=True,
            binding=gettext_lazy("A draft copy to edit and publish when it is ready."),
        ),
        Verb(
            "retire", gettext_lazy("Retire"), to="retired", tone="stop",
            run=lambda row, text, **how: framing.retire_framework(row, **how),
            binding=gettext_lazy("Nobody begins with it any more. What is under way goes on, and old scores stay."),
        ),
    )  # fmt: skip
    detail_template = "employers/admin/framework.html"
    inspect_view_fields = (
        "name", "code", "version", "state", "side", "about", "language", "enough_percent", "sealed_sha256", "follows",
    )  # fmt: skip

    def closed(self, row: StandardsFramework) -> str | None:
        if row.state == StandardsFramework.State.DRAFT:
            return None
        return _("A framework in use is sealed, because scores rest on it. Make a new version.")

    def more_of(self, request, row: StandardsFramework) -> dict:
        return {
            "standards": row.standards.prefetch_related("items", "recommendations").order_by("position", "pk"),
            "export_url": reverse(self.get_url_name("export"), args=[row.pk]),
            "import_url": reverse(self.get_url_name("import")),
            "translate_url": reverse(self.get_url_name("translate"), args=[row.pk]),
            "is_draft": row.state == StandardsFramework.State.DRAFT,
        }

    @property
    def import_view(self):
        return self.construct_view(ImportView)

    @property
    def export_view(self):
        return self.construct_view(ExportView)

    @property
    def translate_view(self):
        return self.construct_view(TranslateView)

    def get_urlpatterns(self):
        return [
            *super().get_urlpatterns(),
            path("import/", self.import_view, name="import"),
            path("<int:pk>/export/", self.export_view, name="export"),
            path("<int:pk>/translate/", self.translate_view, name="translate"),
        ]


class StandardFilterSet(HubFilterSet):
    class Meta:
        model = Standard
        fields = ["framework"]


class AddStandard(CreateView):
    """`?framework=` names the draft it is for."""

    def get_initial_form_instance(self):
        made, named = super().get_initial_form_instance(), self.request.GET.get("framework", "")
        drafts = StandardsFramework.objects.filter(hub=self.request.hub, state="draft")
        draft = (
            drafts.filter(pk=int(named)).first() if named.isascii() and named.isdecimal() and len(named) < 18 else None
        )
        if draft is not None:
            made.framework, made.position = draft, draft.standards.count()
        return made


class StandardViewSet(HubViewSet):
    """The standards of drafts, with their items and recommendations."""

    model = Standard
    add_view_class = AddStandard
    edit_view_class = EditDraft
    name = "standards"
    icon = "tick-inverse"
    menu_label = gettext_lazy("Standards, one by one")
    menu_order = 61
    add_to_settings_menu = True
    form_base = StandardForm
    related = ("framework",)
    ordering = ("framework", "position", "pk")
    list_display = (
        "name",
        Column("code", label=gettext_lazy("Code"), sort_key="code"),
        Column("framework", label=gettext_lazy("Framework"), sort_key="framework"),
        Column("state", label=gettext_lazy("State"), accessor="framework.get_state_display"),
    )
    filterset_class = StandardFilterSet
    search_fields = ("name", "code")
    panels = (
        FieldRowPanel([FieldPanel("framework"), FieldPanel("pillar")]),
        FieldRowPanel([FieldPanel("code"), FieldPanel("position")]),
        FieldPanel("name"),
        FieldPanel("about"),
        InlinePanel(
            "items",
            heading=gettext_lazy("Items"),
            label=gettext_lazy("Item"),
            panels=[
                FieldRowPanel([FieldPanel("code"), FieldPanel("weight")]),
                FieldPanel("statement"),
                FieldPanel("help"),
                FieldPanel("variants", widget=SizeWords),
                FieldPanel("sizes", widget=SizeTicks),
                FieldPanel("evidence", widget=EvidenceChoice),
            ],
        ),
        HelpPanel(template="employers/admin/codes.html", heading=gettext_lazy("Codes to use below")),
        InlinePanel(
            "recommendations",
            heading=gettext_lazy("Recommendations"),
            label=gettext_lazy("Recommendation"),
            panels=[
                FieldPanel("title"),
                FieldPanel("text"),
                MultiFieldPanel(
                    [FieldRowPanel([FieldPanel("band"), FieldPanel("hours"), FieldPanel("item")]),
                     FieldPanel("sizes", widget=SizeTicks)],
                    heading=gettext_lazy("For whom"),
                ),
            ],
        ),
    )  # fmt: skip
    detail_template = "employers/admin/standard.html"
    inspect_view_fields: ClassVar = ("framework", "pillar", "code", "name", "about")

    def closed(self, row: Standard) -> str | None:
        if row.framework.state == StandardsFramework.State.DRAFT:
            return None
        return _("Its framework is in use and sealed. Make a new version of the framework, and edit that.")
