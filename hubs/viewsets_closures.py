"""The days on which the hub writes to nobody about what can wait."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.admin.ui.tables import Column

from hubs.models import HubClosure
from hubs.views_admin import HubForm
from hubs.viewsets import HubViewSet


class ClosureForm(HubForm):
    def clean(self):
        given = super().clean()
        first, last = given.get("starts_on"), given.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day comes before the first. Look at the dates again."))
        return given


class ClosureViewSet(HubViewSet):
    model = HubClosure
    name = "closures"
    icon = "calendar"
    menu_label = _("Days the hub is closed")
    menu_order = 40
    add_to_settings_menu = True
    form_base = ClosureForm
    ordering = ("-starts_on", "-pk")
    list_display = (
        "name",
        Column("starts_on", label=_("First day"), sort_key="starts_on"),
        Column("ends_on", label=_("Last day"), sort_key="ends_on"),
    )
    search_fields = ("name",)
    inspect_view_fields = ("name", "starts_on", "ends_on")
    panels = (FieldPanel("name"), FieldRowPanel([FieldPanel("starts_on"), FieldPanel("ends_on")]))
