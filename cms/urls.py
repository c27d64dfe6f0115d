"""The public site of each hub, and the Wagtail admin. Included last: Wagtail answers what is left.

Wagtail's own `wagtail.urls` and `wagtail.documents.urls` are not included whole: they carry a
second sign-in page and password prompts that know nothing of second factors and rate limits.
"""

from django.urls import include, path, re_path
from django.views.generic import RedirectView
from wagtail import views as wagtail_views
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.urls import serve_pattern

from cms import feeds, views, views_badges, views_files, views_preparation, views_take_part

to_sign_in = RedirectView.as_view(pattern_name="account_login", query_string=True)
to_sign_out = RedirectView.as_view(pattern_name="account_logout")

urlpatterns = [
    # One way in and out: the one with rate limits and second factors.
    path("admin/login/", to_sign_in, name="admin-login"),
    path("admin/logout/", to_sign_out, name="admin-logout"),
    path("admin/", include(wagtailadmin_urls)),
    re_path(r"^downloads/(\d+)/([^/]*)$", views_files.document, name="wagtaildocs_serve"),
    path("media/<path:name>", views_files.media, name="media"),
    path("search/", views.search, name="search"),
    path("opportunities/", views.catalogue, name="catalogue"),
    path("opportunities/<int:pk>/", views.catalogue_opportunity, name="catalogue-opportunity"),
    path("badges/check/", views_badges.check, name="badge-check"),
    path("badges/issuer.json", views_badges.issuer, name="badge-issuer"),
    path("badges/revoked.json", views_badges.revoked, name="badge-revoked"),
    path("badges/keys/<slug:kid>.json", views_badges.key, name="badge-key"),
    path("badges/<uuid:uid>/", views_badges.badge, name="badge"),
    path("badges/<uuid:uid>/badge.jwt", views_badges.text, name="badge-text"),
    path("badges/<uuid:uid>/badge.svg", views_badges.image, name="badge-image"),
    path("l/prepare/<str:token>/", views_preparation.prepare, name="preparation-link"),
    path("l/prepare/<str:token>/<int:pk>/", views_preparation.module, name="preparation-module"),
    path("employer/organisation/volunteers/<int:pk>/prepare/", views_preparation.send, name="volunteer-prepare"),
    path("take-part/", views_take_part.take_part, name="take-part"),
    path("opportunities.rss", feeds.OpenSessions(), name="catalogue-feed"),
    path("opportunities.ics", feeds.open_calendar, name="catalogue-calendar"),
    path("news.rss", feeds.News(), name="news-feed"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("robots.txt", views.robots, name="robots"),
    re_path(serve_pattern, wagtail_views.serve, name="wagtail_serve"),
]
