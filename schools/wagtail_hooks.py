from wagtail import hooks

from schools.viewsets import Calendars, SchoolViewSet


@hooks.register("register_admin_viewset")
def school_viewsets():
    return [SchoolViewSet(), Calendars()]
