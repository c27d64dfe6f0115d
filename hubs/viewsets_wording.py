"""The hub's own wording of its messages: written, looked at, tried on oneself."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.generic import View
from wagtail.admin.panels import FieldPanel
from wagtail.admin.ui.tables import Column, TitleColumn

from hubs.channels import line_of
from hubs.columns import WhenColumn
from hubs.domain.messages import send_test
from hubs.mail import in_frame
from hubs.models import MessageTemplate
from hubs.outbox import KINDS, kind_words
from hubs.texting import may_text
from hubs.views_admin import HubAccess, HubFilterSet, HubForm, Verb
from hubs.views_demo import MAIL_POLICY
from hubs.viewsets import HubViewSet
from hubs.wordings import names_of, preview, wrong_with


class WordingForm(HubForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        worded = [name for name, kind in KINDS.items() if "email" in kind.channels]
        choices = sorted(((name, capfirst(kind_words(name))) for name in worded), key=lambda one: one[1])
        self.fields["kind"] = forms.ChoiceField(label=self.fields["kind"].label, choices=choices)

    def clean(self):
        given = super().clean()
        for name in ("subject", "body", "button", "text_line"):
            if sentence := wrong_with(given.get(name, ""), given.get("kind", "")):
                self.add_error(name, sentence)
        return given


class WordingFilterSet(HubFilterSet):
    class Meta:
        model = MessageTemplate
        fields = ["language"]


class PreviewView(HubAccess, View):
    """The HTML alone, for the frame on the row's page."""

    def get(self, request, pk):
        row = get_object_or_404(self.rows(), pk=pk)
        mail = preview(row, request.hub, request.user.name)
        html = in_frame(mail, request.hub, request.user.email, name=request.user.name).alternatives[0][0]
        response = HttpResponse(html)
        response["Content-Security-Policy"] = MAIL_POLICY
        response._csp_exempt = True
        return response


class WordingViewSet(HubViewSet):
    """One row for each kind and language that the hub says in its own words."""

    model = MessageTemplate
    name = "wordings"
    icon = "edit"
    menu_label = _("Wording of messages")
    menu_order = 30
    add_to_settings_menu = True
    form_base = WordingForm
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
        mail = preview(row, request.hub, request.user.name)
        return {
            "text": in_frame(mail, request.hub, request.user.email, name=request.user.name).body,
            "texted": line_of(mail, request.hub.name) if row.kind in KINDS and may_text(KINDS[row.kind]) else "",
            "names": [f"{{{name}}}" for name in names_of(row.kind)],
        }

    @cached_property
    def preview_view(self):
        return PreviewView.as_view(rows_of=self.rows)

    def get_urlpatterns(self):
        return [*super().get_urlpatterns(), path("<int:pk>/preview/", self.preview_view, name="preview")]
