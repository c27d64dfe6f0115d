"""The hub's own wording of its messages: written, looked at, tried on oneself."""

from __future__ import annotations

from django.urls import path
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.admin.ui.tables import Column, TitleColumn

from hubs.channels import line_of
from hubs.columns import WhenColumn
from hubs.domain.messages import send_test
from hubs.mail import in_frame
from hubs.models import MessageTemplate
from hubs.outbox import KINDS, kind_words
from hubs.shipped import preview
from hubs.texting import may_text
from hubs.views_admin import HubFilterSet, Verb
from hubs.views_wording import AddWording, EditWording, LookView, PreviewView, WordingForm, words_of
from hubs.viewsets import HubViewSet


class WordingFilterSet(HubFilterSet):
    class Meta:
        model = MessageTemplate
        fields = ["language"]


class WordingViewSet(HubViewSet):
    """One row for each kind and language that the hub says in its own words."""

    model = MessageTemplate
    name = "wordings"
    icon = "edit"
    menu_label = _("Wording of messages")
    menu_order = 30
    add_to_settings_menu = True
    form_base = WordingForm
    add_view_class = AddWording
    edit_view_class = EditWording
    create_template_name = "hubs/admin/wording_form.html"
    edit_template_name = "hubs/admin/wording_form.html"
    ordering = ("kind", "language")
    list_display = (
        TitleColumn("kind", label=_("Kind"), accessor=lambda row: capfirst(kind_words(row.kind)),
                    url_name="wordings:inspect", sort_key="kind"),
        Column("language", label=_("Language"), sort_key="language"),
        Column("subject", label=_("Subject")),
        WhenColumn("changed_at", label=_("Changed"), sort_key="changed_at"),
    )  # fmt: skip
    filterset_class = WordingFilterSet
    search_fields = ("subject", "body")
    detail_template = "hubs/admin/wording.html"
    inspect_view_fields = ("kind", "language", "subject", "body", "button", "text_line", "changed_at")
    panels = [
        FieldPanel("kind"), FieldPanel("language"), FieldPanel("subject"), FieldPanel("body"), FieldPanel("button"),
        FieldPanel("text_line"),
    ]  # fmt: skip
    verbs = (
        Verb(
            name="test",
            label=_("Send it to me"),
            binding=_("One mail with invented facts goes to your own address."),
            run=lambda row, text, *, by, now: send_test(row, by=by, now=now),
        ),
    )

    def more_of(self, request, row: MessageTemplate) -> dict:
        mail = preview(row, request.hub, request.user.name, request.now)
        shown = words_of(request, row.kind, row.language)
        return {
            "text": in_frame(mail, request.hub, request.user.email, name=request.user.name).body,
            "texted": line_of(mail, request.hub.name) if row.kind in KINDS and may_text(KINDS[row.kind]) else "",
            "shown": shown,
        }

    @cached_property
    def preview_view(self):
        return PreviewView.as_view(rows_of=self.rows)

    @cached_property
    def look_view(self):
        return LookView.as_view(rows_of=self.rows)

    def get_urlpatterns(self):
        more = [
            path("<int:pk>/preview/", self.preview_view, name="preview"),
            path("look/", self.look_view, name="look"),
        ]
        return [*super().get_urlpatterns(), *more]
