"""Schools in the hub's back office."""

from django.urls import path
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel
from wagtail.admin.ui.tables import BooleanColumn, Column

from hubs.columns import WhenColumn
from hubs.forms import PointInput
from hubs.geography import towns
from hubs.viewsets import HubPages
from hubs.viewsets_organisation import MANAGER, OrganisationFilterSet, OrganisationForm, OrganisationViewSet
from schools import views_hub
from schools.domain.schools import add_school, change_school
from schools.models import School


class SchoolFilterSet(OrganisationFilterSet):
    class Meta:
        model = School
        fields = ["manager", "phase", "is_priority", "is_active"]


class SchoolForm(PointInput, OrganisationForm):
    """Both numbers of a point, or neither."""


class MapPanel(HelpPanel):
    """A map on which a press sets the two numbers, with the towns of the hub's schools to go by."""

    class BoundPanel(HelpPanel.BoundPanel):
        def get_context_data(self, parent_context=None):
            found = towns(School.objects.of_hub(self.instance.hub_id))
            return super().get_context_data(parent_context) | {"towns": found}


class SchoolViewSet(OrganisationViewSet):
    """Groups, students and calendars are the school's own: act for it to change them."""

    model = School
    form_base = SchoolForm
    add_verb = staticmethod(add_school)
    change_verb = staticmethod(change_school)
    name = "schools"
    icon = "group"
    menu_label = _("Schools")
    menu_order = 30
    add_to_admin_menu = True
    list_display = (
        "name",
        Column("phase", label=_("Kind"), accessor="get_phase_display", sort_key="phase"),
        Column("town", label=_("Town"), sort_key="town"),
        MANAGER,
        WhenColumn("calendar_checked_at", label=_("Calendar confirmed"), sort_key="calendar_checked_at"),
        BooleanColumn("is_priority", label=_("Priority"), sort_key="is_priority"),
        BooleanColumn("is_active", label=_("Active"), sort_key="is_active"),
    )
    filterset_class = SchoolFilterSet
    panels = (
        FieldPanel("name"),
        FieldRowPanel([FieldPanel("phase"), FieldPanel("number")]),
        MultiFieldPanel(
            [FieldPanel("address"), FieldRowPanel([FieldPanel("town"), FieldPanel("postcode")]),
             FieldRowPanel([FieldPanel("latitude"), FieldPanel("longitude")]),
             MapPanel(template="schools/admin/point.html"),
             FieldRowPanel([FieldPanel("time_zone"), FieldPanel("region")])],
            heading=_("Where"),
        ),
        MultiFieldPanel([FieldPanel("safeguarding_contact"), FieldPanel("emergency_phone")], heading=_("On the day")),
        MultiFieldPanel(
            [FieldPanel("manager"), FieldPanel("is_priority"), FieldPanel("language"), FieldPanel("is_active")],
            heading=_("Working together"),
        ),
    )  # fmt: skip
    inspect_view_fields = (
        "name", "number", "phase", "address", "town", "postcode", "time_zone", "manager", "is_priority",
        "safeguarding_contact", "emergency_phone", "calendar_checked_at", "language", "is_active", "created_at",
    )  # fmt: skip


class Calendars(HubPages):
    """All calendars of the hub's schools at once."""

    name = "calendars"
    icon = "calendar-alt"
    menu_label = _("Calendars")
    menu_order = 31
    add_to_admin_menu = True

    def get_urlpatterns(self):
        return [
            path("", views_hub.CalendarsView.as_view(), name="index"),
            path("weeks/", views_hub.CommonWeeksView.as_view(), name="weeks"),
        ]
