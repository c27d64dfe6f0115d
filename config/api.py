"""The API's addresses: one router over what each app offers."""

from __future__ import annotations

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.routers import SimpleRouter

import employers.api
import employers.api_imports
import employers.api_rounds
import employers.api_standards
import hubs.api_preferences
import insights.api
import opportunities.api
import opportunities.api_dates
import opportunities.api_plans
import opportunities.api_pledges
import placements.api
import placements.api_agreements
import placements.api_asking
import placements.api_changes
import placements.api_merging
import placements.api_moving
import placements.api_requests
import schools.api

# By floors, lowest first: an upper floor may add to what a lower one shows under its name.
routes = {
    **hubs.api_preferences.ROUTES,
    **employers.api.ROUTES,
    **employers.api_imports.ROUTES,
    **employers.api_standards.ROUTES,
    **employers.api_rounds.ROUTES,
    **schools.api.ROUTES,
    **opportunities.api_plans.ROUTES,
    **opportunities.api.ROUTES,
    **opportunities.api_dates.ROUTES,
    **opportunities.api_pledges.ROUTES,
    **placements.api.ROUTES,
    **placements.api_agreements.ROUTES,
    **placements.api_changes.ROUTES,
    **placements.api_merging.ROUTES,
    **placements.api_moving.ROUTES,
    **placements.api_requests.ROUTES,
    **placements.api_asking.ROUTES,
    **insights.api.ROUTES,
}
router = SimpleRouter()
for prefix, viewset in routes.items():
    router.register(prefix, viewset, basename=f"api-{prefix}")

#: What the schema describes: ours alone, not the admin's inner API.
DESCRIBED = [path("api/v1/", include(router.urls))]

urlpatterns = [
    path("v1/", include(router.urls)),
    path("schema/", SpectacularAPIView.as_view(permission_classes=[AllowAny], patterns=DESCRIBED), name="api-schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(
            permission_classes=[AllowAny], url_name="api-schema", template_name="config/api_docs.html"
        ),
        name="api-docs",
    ),
]
