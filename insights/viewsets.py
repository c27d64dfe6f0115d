"""What the hub's back office shows of indicators."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from hubs.viewsets import HubPages
from insights import views_map, views_overview


class StandardsOverview(HubPages):
    name = "standards-overview"
    icon = "order"
    menu_label = _("Standards")
    menu_order = 54
    add_to_admin_menu = True

    def get_urlpatterns(self):
        return [
            path("", views_overview.OverviewView.as_view(), name="index"),
            path("count/", views_overview.CountView.as_view(), name="count"),
            path("<int:pk>/record/<slug:code>/", views_overview.RecordView.as_view(), name="record"),
            path("export.csv", views_overview.ExportView.as_view(), name="export"),
        ]


class HubMap(HubPages):
    """Schools and workplaces on a map, with the same as a list."""

    name = "map"
    icon = "globe"
    menu_label = _("Map")
    menu_order = 32
    add_to_admin_menu = True

    def get_urlpatterns(self):
        return [path("", views_map.MapView.as_view(), name="index")]
