"""The API of these two apps alone, so that its tests need no other app's."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from config.urls import urlpatterns as pages
from employers import api as employers
from opportunities import api as opportunities
from opportunities import api_plans as plans

router = SimpleRouter()
for name, viewset in {
    "sectors": employers.SectorViewSet,
    "employers": employers.EmployerViewSet,
    "sites": employers.SiteViewSet,
    "contacts": employers.ContactViewSet,
    "documents": employers.DocumentViewSet,
    "encounter-types": plans.EncounterTypeViewSet,
    "templates": plans.TemplateViewSet,
    "plans": plans.PlanViewSet,
    "plan-steps": plans.PlanStepViewSet,
    "opportunities": opportunities.OpportunityViewSet,
    "sessions": opportunities.SessionViewSet,
}.items():
    router.register(name, viewset, basename=f"test-{name}")

urlpatterns = [path("test-api/", include(router.urls)), *pages]
