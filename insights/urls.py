from django.urls import path

from insights import views_standards

ASSESSMENT = "employer/standards/<int:pk>/"
RECORD = "employer/standards/record/"

urlpatterns = [
    path(ASSESSMENT + "results/", views_standards.results, name="employer-results"),
    path(ASSESSMENT + "summary.pdf", views_standards.summary, name="employer-results-summary"),
    path(ASSESSMENT + "steps/", views_standards.add_step, name="employer-results-step"),
    path(RECORD, views_standards.record, name="employer-record"),
    path(RECORD + "count/", views_standards.recount, name="employer-record-count"),
    path(RECORD + "<slug:code>/", views_standards.record_list, name="employer-record-list"),
]
