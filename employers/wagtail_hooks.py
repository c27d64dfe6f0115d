from wagtail import hooks

from employers.viewsets import EmployerViewSet


@hooks.register("register_admin_viewset")
def employer_viewsets():
    return EmployerViewSet()
