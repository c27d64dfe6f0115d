from wagtail import hooks

from cms.viewsets import VolunteerViewSet


@hooks.register("register_admin_viewset")
def preparation_viewsets():
    return [VolunteerViewSet()]
