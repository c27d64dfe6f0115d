from django.urls import path

from opportunities.views import offers, pathways, plan, pledge, release, series, upgrade, wizard

PLAN = "employer/plan/"
OFFER = "employer/opportunities/"
PATHWAY = "employer/pathways/"
SESSION = "employer/sessions/<int:pk>/"

urlpatterns = [
    path(PLAN, plan.plan, name="employer-plan"),
    path("employer/pledge/", pledge.pledge, name="employer-pledge"),
    path(PLAN + "templates/<int:pk>/", plan.template, name="employer-plan-template"),
    path(PLAN + "<int:pk>/steps/new/", plan.step_add, name="employer-plan-step-new"),
    path(PLAN + "<int:pk>/upgrade/", upgrade.upgrade, name="employer-plan-upgrade"),
    path(PLAN + "<int:pk>/end/", plan.plan_end, name="employer-plan-end"),
    path(PLAN + "steps/<int:pk>/", plan.step, name="employer-plan-step"),
    path(PLAN + "steps/<int:pk>/move/", plan.step_move, name="employer-plan-step-move"),
    path(PLAN + "steps/<int:pk>/skip/", plan.step_skip, name="employer-plan-step-skip"),
    path(PLAN + "steps/<int:pk>/<slug:verb>/", plan.step_verb, name="employer-plan-step-verb"),
    path(PATHWAY, pathways.listing, name="employer-pathways"),
    path(PATHWAY + "new/", pathways.new, name="employer-pathway-new"),
    path(PATHWAY + "<int:pk>/", pathways.detail, name="employer-pathway"),
    path(PATHWAY + "<int:pk>/edit/", pathways.edit, name="employer-pathway-edit"),
    path(PATHWAY + "<int:pk>/<slug:verb>/", pathways.verb, name="employer-pathway-verb"),
    path(OFFER, offers.listing, name="employer-opportunities"),
    path(OFFER + "new/", wizard.new, name="employer-opportunity-new"),
    path(OFFER + "<int:pk>/", offers.detail, name="employer-opportunity"),
    path(OFFER + "<int:pk>/what/", wizard.what, name="employer-opportunity-what"),
    path(OFFER + "<int:pk>/dates/", wizard.dates, name="employer-opportunity-dates"),
    path(OFFER + "<int:pk>/series/", series.add, name="employer-opportunity-series"),
    path(OFFER + "<int:pk>/practical/", wizard.practical, name="employer-opportunity-practical"),
    path(OFFER + "<int:pk>/first/", release.release, name="employer-opportunity-release"),
    path(OFFER + "<int:pk>/review/", wizard.review, name="employer-opportunity-review"),
    path(OFFER + "<int:pk>/again/", offers.again, name="employer-opportunity-again"),
    path(OFFER + "<int:pk>/pause/", offers.pause, name="employer-opportunity-pause"),
    path(OFFER + "<int:pk>/withdraw/", offers.withdraw, name="employer-opportunity-withdraw"),
    path(OFFER + "<int:pk>/<slug:verb>/", offers.simple_move, name="employer-opportunity-move"),
    path(SESSION, offers.session, name="employer-session"),
    path(SESSION + "group/", offers.session_group, name="employer-session-group"),
    path(SESSION + "break/", offers.session_break, name="employer-session-break"),
    path(SESSION + "cancel/", offers.cancel, name="employer-session-cancel"),
]
