from wagtail import hooks

from insights.viewsets import HubMap, StandardsOverview


@hooks.register("register_admin_viewset")
def insight_viewsets():
    return [StandardsOverview(), HubMap()]
