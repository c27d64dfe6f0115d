from wagtail import hooks

from employers.viewsets_assessing import AssessmentViewSet, RoundViewSet
from employers.viewsets_imports import EmployerImportViewSet
from employers.viewsets_interests import InterestViewSet
from employers.viewsets_papers import PaperViewSet
from employers.viewsets_standards import FrameworkViewSet, StandardViewSet


@hooks.register("register_admin_viewset")
def employer_viewsets():
    standards = [FrameworkViewSet(), StandardViewSet(), RoundViewSet(), AssessmentViewSet()]
    return [EmployerImportViewSet(), InterestViewSet(), PaperViewSet(), *standards]
