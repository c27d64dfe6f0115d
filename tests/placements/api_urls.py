"""The API of this floor beside every page, wherever the rest of the API stands."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from config.urls import urlpatterns as pages
from placements import api, api_requests

router = SimpleRouter()
for prefix, viewset in {**api.ROUTES, **api_requests.ROUTES}.items():
    router.register(prefix, viewset, basename=f"test-{prefix}")

urlpatterns = [path("test-api/", include(router.urls)), *pages]
