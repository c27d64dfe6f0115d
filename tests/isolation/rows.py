"""Which row each argument of each address names. The longest prefix that fits a pattern decides.

A value is the name of a kind of row of the world (tests/isolation/world.py), or `"=word"` for
a literal. A kind ending in `*` may be anybody's of the hub: a school opens any published session, and
whoever holds a signed link opens it.
"""

from __future__ import annotations

from tests.isolation.routes import Route

PAGE_ARGUMENTS = ("page_id", "parent_page_id", "page_to_move_id", "destination_id", "_1", "object_id", "page_pk")
#: Wherever they stand below /admin/.
WAGTAIL = {
    **dict.fromkeys(PAGE_ARGUMENTS, "page"),
    "image_id": "image",
    "document_id": "document",
    "doc_id": "document",
    "collection_id": "collection",
    "revision_id": "revision",
    "app_label": "=wagtailcore",
    "model_name": "=page",
    "app_name": "=wagtailcore",
    "content_type_app_name": "=cms",
    "content_type_model_name": "=standardpage",
    "action": "=delete",
    "action_name": "=approve",
    "filter_spec": "=width-10",
    "_2": "=earliest",
    "_3": "=latest",
    "uidb64": "=x",
    "token": "=y",
}
ONE = "=0"  # rows of Wagtail's own that the world does not have; the address is closed or knows none

ROWS: dict[str, dict[str, str]] = {
    "accounts/": {"key": "=nothing", "uidb36": "=1"},
    "account/tokens/": {"key": "api_token"},
    "u/": {"token": "=nothing"},
    "people/": {"pk": "membership"},
    "people/invitations/": {"pk": "invitation"},
    "i/": {"token": "invitation_token*"},
    "demo/mail/": {"key": "=nothing", "number": "=1"},
    "documents/": {"pk": "paper"},
    "employer/organisation/sites/": {"pk": "site"},
    "employer/organisation/contacts/": {"pk": "contact"},
    "employer/organisation/volunteers/": {"pk": "volunteer"},
    "employer/organisation/documents/": {"pk": "paper"},
    "employer/standards/": {"pk": "assessment", "code": "=A1"},
    "employer/standards/<int:pk>/results/": {"pk": "result"},
    "employer/standards/<int:pk>/summary.pdf": {"pk": "result"},
    "employer/standards/<int:pk>/correct/": {"pk": "result"},
    "employer/standards/<int:pk>/steps/": {"pk": "result"},
    "employer/standards/<int:pk>/badge/": {"pk": "result"},
    "employer/standards/record/": {"code": "=kept"},
    "employer/plan/": {"pk": "plan"},
    "employer/plan/templates/": {"pk": "template*"},
    "employer/plan/steps/": {"pk": "plan_step", "verb": "=done"},
    "employer/opportunities/": {"pk": "draft", "verb": "=confirm"},
    "employer/sessions/": {"pk": "session"},
    "employer/placements/": {"pk": "placement", "task": "host_clearance", "agreement": "agreement"},
    "employer/placements/<int:pk>/accept/": {"pk": "offered"},
    "employer/placements/<int:pk>/decline/": {"pk": "offered"},
    "employer/placements/<int:pk>/colleague/": {"pk": "offered"},
    "school/calendar/terms/": {"pk": "term"},
    "school/calendar/closures/": {"pk": "closure"},
    "school/calendar/protected/": {"pk": "protected"},
    "school/calendar/bell/": {"pk": "bell"},
    "school/calendar/release/": {"pk": "year"},
    "school/calendar/release/groups/": {"pk": "group"},
    "school/calendar/subscriptions/": {"pk": "subscription"},
    "school/calendar/import/": {"pk": "pending_calendar"},
    "school/calendar/imports/": {"pk": "import"},
    "school/groups/": {"pk": "group"},
    "school/groups/import/": {"pk": "pending_timetable"},
    "school/groups/students/": {"pk": "student"},
    "school/groups/students/import/": {"pk": "pending_roster"},
    "school/groups/students/imports/": {"pk": "roster"},
    "school/sessions/": {"pk": "session*"},
    "school/pathways/": {"pk": "pathway*"},
    "employer/pathways/": {"pk": "own_pathway", "verb": "=publish"},
    "school/requests/": {"pk": "request", "session": "session*"},
    "school/placements/": {
        "pk": "placement",
        "requirement": "requirement",
        "clearance": "clearance",
        "agreement": "agreement",
        "line": "line",
    },
    "school/coverage/": {"pk": "student"},
    "feeds/revoke/": {"pk": "feed"},
    "feeds/": {"token": "feed_token*"},
    "replies/files/": {"pk": "reply_file", "verb": "=throw-away"},
    "l/answer/": {"token": "answer_token*"},
    "l/sign/": {"token": "sign_token*"},
    "l/reflection/": {"token": "reflection_token*"},
    "l/host/": {"token": "host_token*"},
    "l/change/": {"token": "change_token*"},
    "l/consent/": {"token": "consent_token*"},
    "l/prepare/": {"token": "prepare_token*", "pk": "module*"},
    "^downloads/": {"_1": "document", "_2": "file_name"},
    "media/": {"name": "=images/nothing.png"},
    "opportunities/": {"pk": "offer*"},
    "badges/": {"uid": "badge*", "kid": "badge_key*"},
    "^((?:": {"_1": "="},
    "api/v1/^sectors/": {"pk": "sector"},
    "api/v1/^employers/": {"pk": "employer"},
    "api/v1/^employer-imports/": {"pk": "employer_list"},
    "api/v1/^sites/": {"pk": "site"},
    "api/v1/^contacts/": {"pk": "contact"},
    "api/v1/^documents/": {"pk": "paper"},
    "api/v1/^standards-frameworks/": {"pk": "framework"},
    "api/v1/^self-assessments/": {"pk": "assessment"},
    "api/v1/^self-assessments/(?P<pk>\\d+)/result/": {"pk": "result"},
    "api/v1/^self-assessments/(?P<pk>\\d+)/plan-step/": {"pk": "result"},
    "api/v1/^assessment-rounds/": {"pk": "round"},
    "api/v1/^badges/": {"pk": "badge_row"},
    "api/v1/^agreements/": {"pk": "agreement"},
    "admin/standards-overview/<int:pk>/record/": {"pk": "result", "code": "=kept"},
    "api/v1/^schools/": {"pk": "school"},
    "api/v1/^year-groups/": {"pk": "year"},
    "api/v1/^groups/": {"pk": "group"},
    "api/v1/^students/": {"pk": "student"},
    "api/v1/^event-rules/": {"pk": "event_rule"},
    "api/v1/^calendar-subscriptions/": {"pk": "subscription"},
    "api/v1/^terms/": {"pk": "term"},
    "api/v1/^closures/": {"pk": "closure"},
    "api/v1/^protected-periods/": {"pk": "protected"},
    "api/v1/^week-patterns/": {"pk": "pattern"},
    "api/v1/^week-marks/": {"pk": "mark"},
    "api/v1/^bell-schedules/": {"pk": "bell"},
    "api/v1/^release-rules/": {"pk": "release_rule"},
    "api/v1/^imports/": {"pk": "import"},
    "api/v1/^encounter-types/": {"pk": "encounter_type*"},
    "api/v1/^templates/": {"pk": "template*"},
    "api/v1/^plans/": {"pk": "plan"},
    "api/v1/^pledges/": {"pk": "pledge"},
    "api/v1/^plan-steps/": {"pk": "plan_step"},
    "api/v1/^opportunities/": {"pk": "draft"},
    "api/v1/^sessions/": {"pk": "session*"},
    "api/v1/^requests/": {"pk": "request"},
    "api/v1/^placements/": {"pk": "placement"},
    "api/v1/^amendments/": {"pk": "change"},
    "api/v1/^clearances/": {"pk": "clearance"},
    "api/v1/^feeds/": {"pk": "feed"},
    "api/v1/^encounters/": {"pk": "encounter"},
    "admin/": {**WAGTAIL, "pk": ONE},
    "admin/desk/": {"pk": "request"},
    "admin/requests/": {"pk": "request", "verb": "=refuse"},
    "admin/placements/": {"pk": "placement", "verb": "=cancel"},
    "admin/opportunities/": {"pk": "draft", "verb": "=approve"},
    "admin/templates/": {"pk": "template", "verb": "=retire"},
    "admin/plans/": {"pk": "plan"},
    "admin/pathways/": {"pk": "pathway", "verb": "=take-back"},
    "admin/encounter-types/": {"pk": "encounter_type"},
    "admin/caps/": {"pk": "cap"},
    "admin/pledges/": {"pk": "pledge"},
    "admin/alarms/": {"pk": "alarm", "verb": "=correct"},
    "admin/interests/": {"pk": "interest", "verb": "=set-aside"},
    "admin/employer-imports/": {"pk": "employer_list", "verb": "=drop"},
    "admin/volunteers/": {"pk": "volunteer", "verb": "=send"},
    "admin/papers/": {"pk": "paper", "verb": "=withdraw"},
    "admin/employers/": {"pk": "employer"},
    "admin/assessments/": {"pk": "result", "verb": "=confirm"},
    "admin/rounds/": {"pk": "round", "verb": "=close"},
    "admin/frameworks/": {"pk": "framework", "verb": "=retire"},
    "admin/standards/": {"pk": "standard"},
    "admin/schools/": {"pk": "school"},
    "admin/requirements/": {"pk": "requirement"},
    "admin/decisions/": {"pk": "decision"},
    "admin/messages/": {"pk": "message", "verb": "=resend"},
    "admin/closures/": {"pk": "hub_closure"},
    "admin/wordings/": {"pk": "wording", "verb": "=test"},
    "admin/partners/": {"pk": "partner", "verb": "=test"},
    "admin/log/": {"pk": "log_entry"},
    "admin/api/main/^pages/": {"pk": "page", "action_name": "=delete"},
    "admin/api/main/^images/": {"pk": "image"},
    "admin/api/main/^documents/": {"pk": "document"},
    "admin/images/chooser/": {"pk": "image", "image_id": "image"},
    "admin/documents/chooser/": {"pk": "document"},
}
#: The same for every tenant, so that nobody's is foreign.
SHARED = frozenset({"requirement", "sector", "file_name"})


def kinds_of(route: Route) -> dict[str, str]:
    """argument → kind or literal. Raises LookupError with what to write."""
    if not route.arguments:
        return {}
    prefixes = sorted((one for one in ROWS if route.pattern.startswith(one)), key=len)
    known: dict[str, str] = {}
    for prefix in prefixes[-1:] if not route.pattern.startswith("admin/") else prefixes:
        known |= ROWS[prefix]
    missing = [name for name in route.arguments if name not in known]
    for name in list(missing):
        if route.pattern.startswith("admin/") and name.endswith(("_id", "pk")):
            known[name] = ONE
            missing.remove(name)
    if missing:
        raise LookupError(
            f"{route.pattern}: which row is {', '.join(missing)}? Say it in ROWS of tests/isolation/rows.py."
        )
    return {name: known[name] for name in route.arguments}
