from django.urls import path

from placements.views import (
    employer_placements,
    feeds,
    home,
    links,
    school_placements,
    school_register,
    school_requests,
    school_sessions,
    school_tasks,
)

PLACEMENT = "school/placements/<int:pk>/"
TASK = PLACEMENT + "tasks/<int:requirement>/"
HOSTED = "employer/placements/<int:pk>/"

urlpatterns = [
    path("home/", home.home, name="home"),
    path("school/sessions/", school_sessions.session_list, name="school-sessions"),
    path("school/sessions/<int:pk>/", school_sessions.session_detail, name="school-session"),
    path("school/requests/", school_requests.request_list, name="school-requests"),
    path("school/requests/new/", school_requests.request_new, name="school-request-new"),
    path("school/requests/<int:pk>/", school_requests.request_detail, name="school-request"),
    path("school/requests/<int:pk>/sent/", school_requests.request_sent, name="school-request-sent"),
    path("school/requests/<int:pk>/withdraw/", school_requests.request_withdraw, name="school-request-withdraw"),
    path("school/requests/<int:pk>/copy/", school_requests.request_copy, name="school-request-copy"),
    path("school/requests/<int:pk>/wait/<int:session>/", school_requests.request_wait, name="school-request-wait"),
    path("school/requests/<int:pk>/again/", school_requests.request_again, name="school-request-again"),
    path(PLACEMENT, school_placements.placement_detail, name="school-placement"),
    path(PLACEMENT + "students/", school_placements.placement_students, name="school-placement-students"),
    path(PLACEMENT + "cancel/", school_placements.placement_cancel, name="school-placement-cancel"),
    path(PLACEMENT + "calendar.ics", school_placements.placement_calendar, name="school-placement-calendar"),
    path(PLACEMENT + "register/", school_register.register, name="school-register"),
    path(TASK, school_tasks.task, name="school-task"),
    path(TASK + "done/", school_tasks.task_done, name="school-task-done"),
    path(TASK + "ask/", school_tasks.task_ask, name="school-task-ask"),
    path(TASK + "remind/", school_tasks.task_remind, name="school-task-remind"),
    path(TASK + "<int:clearance>/reopen/", school_tasks.task_reopen, name="school-task-reopen"),
    path("school/feeds/", feeds.school_feeds, name="school-feeds"),
    path("employer/feeds/", feeds.employer_feeds, name="employer-feeds"),
    path("feeds/revoke/<int:pk>/", feeds.feed_revoke, name="feed-revoke"),
    path("feeds/<str:token>.ics", feeds.feed, name="feed"),
    path("employer/placements/", employer_placements.listing, name="employer-placements"),
    path(HOSTED, employer_placements.detail, name="employer-placement"),
    path(HOSTED + "accept/", employer_placements.accept, name="employer-placement-accept"),
    path(HOSTED + "decline/", employer_placements.decline, name="employer-placement-decline"),
    path(HOSTED + "colleague/", employer_placements.hand_over, name="employer-placement-colleague"),
    path(HOSTED + "cancel/", employer_placements.cancel, name="employer-placement-cancel"),
    path(HOSTED + "supervisor/", employer_placements.supervisor, name="employer-placement-supervisor"),
    path(HOSTED + "presence/", employer_placements.presence, name="employer-placement-presence"),
    path(HOSTED + "feedback/", employer_placements.feedback, name="employer-placement-feedback"),
    path(HOSTED + "tasks/<int:task>/", employer_placements.clearance, name="employer-placement-clearance"),
    path("l/answer/<str:token>/", links.answer, name="answer-link"),
    path("l/host/<str:token>/", links.host, name="host-link"),
    path("l/consent/<str:token>/", links.consent, name="consent-link"),
]
