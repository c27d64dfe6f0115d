from django.urls import path

from employers import views, views_badges, views_standards

BASE = "employer/organisation/"

urlpatterns = [
    path(BASE, views.organisation, name="employer-organisation"),
    path(BASE + "edit/", views.edit, name="employer-organisation-edit"),
    path(BASE + "sites/new/", views.add, {"kind": "site"}, name="employer-site-new"),
    path(BASE + "sites/<int:pk>/", views.change, {"kind": "site"}, name="employer-site"),
    path(BASE + "contacts/new/", views.add, {"kind": "contact"}, name="employer-contact-new"),
    path(BASE + "contacts/<int:pk>/", views.change, {"kind": "contact"}, name="employer-contact"),
    path(BASE + "contacts/<int:pk>/remove/", views.contact_remove, name="employer-contact-remove"),
    path(BASE + "volunteers/new/", views.add, {"kind": "volunteer"}, name="employer-volunteer-new"),
    path(BASE + "volunteers/<int:pk>/", views.change, {"kind": "volunteer"}, name="employer-volunteer"),
    path(BASE + "documents/new/", views.document_new, name="employer-document-new"),
    path(BASE + "documents/<int:pk>/withdraw/", views.document_withdraw, name="employer-document-withdraw"),
    path("employer/standards/", views_standards.home, name="employer-standards"),
    path("employer/standards/start/", views_standards.start, name="employer-standards-start"),
    path("employer/standards/<int:pk>/", views_standards.assessment, name="employer-assessment"),
    path("employer/standards/<int:pk>/send/", views_standards.send, name="employer-assessment-send"),
    path("employer/standards/<int:pk>/correct/", views_standards.correct, name="employer-assessment-correct"),
    path("employer/standards/<int:pk>/questions/<str:code>/", views_standards.questions, name="employer-questions"),
    path("employer/standards/<int:pk>/badge/", views_badges.badge, name="employer-badge"),
    path("employer/standards/<int:pk>/badge/withdraw/", views_badges.withdraw, name="employer-badge-withdraw"),
    path("documents/<int:pk>/", views.document_file, name="document-file"),
]
