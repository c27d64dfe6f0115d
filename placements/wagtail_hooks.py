from wagtail import hooks

from placements.home_panel import NeedsPanel
from placements.viewsets import AlarmViewSet, Desk, Ladders, PlacementViewSet, RequestViewSet
from placements.viewsets_employers import WholeEmployerViewSet


@hooks.register("register_admin_viewset")
def placement_viewsets():
    return [Desk(), Ladders(), RequestViewSet(), PlacementViewSet(), AlarmViewSet(), WholeEmployerViewSet()]


@hooks.register("construct_homepage_panels", order=1000)
def what_needs_me_now(request, panels: list) -> None:
    """Instead of Wagtail's own panels, which know pages only and every hub's."""
    if request.hub:
        panels[:] = [NeedsPanel()]
