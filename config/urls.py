"""Every address of the product. Each app owns its own; Wagtail answers what is left."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("", include("hubs.urls")),
    path("", include("employers.urls")),
    path("", include("schools.urls")),
    path("", include("opportunities.urls")),
    path("", include("placements.urls")),
    path("", include("insights.urls")),
    path("api/", include("config.api")),
    path("", include("cms.urls")),
]
