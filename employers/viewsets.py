"""Employers in the hub's back office."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.admin.ui.tables import BooleanColumn, Column

from employers import domain
from employers.models import Employer
from hubs.viewsets_organisation import MANAGER, OrganisationFilterSet, OrganisationViewSet


class EmployerFilterSet(OrganisationFilterSet):
    class Meta:
        model = Employer
        fields = ["manager", "size", "sectors", "is_active"]


class EmployerViewSet(OrganisationViewSet):
    """What this floor knows of an employer; a higher one registers it with the rest."""

    model = Employer
    add_verb = staticmethod(domain.add_employer)
    change_verb = staticmethod(domain.change_employer)
    name = "employers"
    icon = "crosshairs"
    menu_label = _("Employers")
    menu_order = 20
    add_to_admin_menu = True
    prefetched = ("sectors",)
    list_display = (
        "name",
        Column("size", label=_("Size"), accessor="get_size_display", sort_key="size"),
        Column("sectors", label=_("Sectors"), accessor=lambda row: ", ".join(s.name for s in row.sectors.all())),
        MANAGER,
        BooleanColumn("is_active", label=_("Active"), sort_key="is_active"),
    )
    filterset_class = EmployerFilterSet
    panels = (
        FieldPanel("name"),
        FieldRowPanel([FieldPanel("size"), FieldPanel("number")]),
        FieldPanel("sectors"),
        FieldPanel("about"),
        FieldPanel("website"),
        MultiFieldPanel(
            [FieldPanel("manager"), FieldPanel("wants_asking_per_month"), FieldPanel("language"),
             FieldPanel("is_active")],
            heading=_("Working together"),
        ),
    )  # fmt: skip
    inspect_view_fields = (
        "name", "number", "size", "sectors", "website", "about", "manager", "wants_asking_per_month", "language",
        "is_active", "created_at",
    )  # fmt: skip
