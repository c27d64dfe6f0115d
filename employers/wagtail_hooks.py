from wagtail import hooks

from employers.viewsets import EmployerViewSet
from employers.viewsets_assessing import AssessmentViewSet, RoundViewSet
from employers.viewsets_standards import FrameworkViewSet, StandardViewSet


@hooks.register("register_admin_viewset")
def employer_viewsets():
    return [EmployerViewSet(), FrameworkViewSet(), StandardViewSet(), RoundViewSet(), AssessmentViewSet()]
