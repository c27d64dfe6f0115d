from django.urls import path

from hubs import views
from hubs.views_styleguide import style_guide

urlpatterns = [
    path("theme.css", views.theme_css, name="theme"),
    path("style-guide/", style_guide, name="style-guide"),
]
