"""The hub's work in the back office: worklists, brokering, moderation, notes, settings."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from employers.models import Employer
from hubs.models import HubClosure, LogEntry, Message, Note, Requirement
from hubs.quiet import open_on
from hubs.rulepacks import load_packs
from opportunities.models import ActionPlanTemplate, EncounterType, Opportunity, Session
from placements.models import Placement
from placements.worklists import worklists
from schools.models import School
from tests import scenes
from tests.cast import NOW
from tests.hubs import admin_world


@pytest.fixture
def world(cast, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return admin_world.build(cast)


@pytest.fixture
def at_now(monkeypatch, now):
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    return now


@pytest.fixture
def amina(client, world, at_now):
    client.force_login(world.cast.amina)
    return client


@pytest.fixture
def ben(client, world, at_now):
    client.force_login(world.cast.ben)
    return client


def test_worklists_hold_what_waits_soonest_due(world, django_assert_num_queries):
    # The hub's steps without an answer, which lists have rows, the seven that do, and two costly ones without.
    with django_assert_num_queries(9):
        lists = worklists(world.cast.hub, NOW)
    found = {one.key: [item.who for item in one.items] for one in lists}
    assert found == {
        "opportunities": ["Harbour thing employer"],
        "requests": ["Harbour thing school"],
        "nofit": [],
        "answers": [],
        "stale": [],
        "schools": [],
        "assessments": [],
        "interests": [],
        "papers": [],
        "clearances": [],
        "documents": [],
        "noshows": [],
        "unused": [],
        "nothing": ["Quayside School", "Northgate College"],
        "holds": ["Harbour thing school"],
        "over-committed": [],
        "alarms": [],
        "calendars": ["Quayside School", "Northgate College"],
        "messages": ["x@y.example"],
        "contacts": ["Harbour thing school"],
    }


def test_worklists_of_a_caseload_leave_out_the_rest(world):
    lists = worklists(world.cast.hub, NOW, manager=world.cast.bob)
    assert [one.key for one in lists if one.items] == ["messages"]


def test_worklists_tell_late_answers_and_overdue_clearances(cast):
    placement = scenes.placement(cast, state="offered")
    found = {one.key: len(one.items) for one in worklists(cast.hub, NOW + dt.timedelta(days=10))}
    assert (found["answers"], found["requests"]) == (1, 0)
    Placement.objects.filter(pk=placement.pk).update(state="accepted")
    assert {one.key: len(one.items) for one in worklists(cast.hub, NOW + dt.timedelta(days=10))}["answers"] == 0


def test_home_says_what_needs_the_hub_and_shows_our_menu_only(amina):
    page = amina.get("/admin/").content.decode()
    assert "What needs me now" in page
    for name in ("Desk", "Employers", "Schools", "Opportunities", "Templates", "Site pages", "Messages", "Log"):
        assert f'"{name}"' in page
    for name in ("Reports", "Redirects", "Snippets", "Help", "Users", "Groups", "Sites", "Workflows"):
        assert f'"{name}"' not in page


def test_home_of_a_viewer_offers_no_site_pages(ben):
    page = ben.get("/admin/").content.decode()
    assert ('"Desk"' in page, '"Site pages"' in page, '"Images"' in page) == (True, False, False)


def test_request_is_brokered_from_hold_to_offer(amina, world):
    request, session = world.a["requests"], world.a["session"]
    page = amina.get(reverse("desk:request", args=[request.pk])).content.decode()
    assert "Nobody is told yet." in page
    amina.post(reverse("desk:hold", args=[request.pk]), {"session": session.pk, "places": 6})
    placement = Placement.objects.get(request=request)
    assert (placement.state, placement.places) == ("held", 6)
    act = reverse("placements:act", args=[placement.pk, "offer"])
    assert "Nothing is binding until" in amina.get(act).content.decode()
    here = reverse("desk:request", args=[request.pk])
    response = amina.post(act, {"text": "Please", "next": here})
    placement.refresh_from_db()
    assert (placement.state, response["Location"]) == ("offered", here)
    entry = LogEntry.objects.about(placement).first()
    assert (entry.verb, entry.by, entry.hat) == ("offered", world.cast.amina, "hub_lead")


def test_request_holds_no_more_than_there_is_and_says_so(amina, world):
    request = world.a["requests"]
    response = amina.post(
        reverse("desk:hold", args=[request.pk]), {"session": world.a["session"].pk, "places": 19}, follow=True
    )
    assert "Only 18 places are left, and 19 are asked for." in response.content.decode()
    assert Placement.objects.filter(request=request).count() == 0


def test_request_is_never_held_in_a_session_of_another_hub(amina, world):
    url = reverse("desk:hold", args=[world.a["requests"].pk])
    assert amina.post(url, {"session": world.b["session"].pk, "places": 1}).status_code == 404


def test_request_with_nonsense_places_gets_a_sentence(amina, world):
    url = reverse("desk:hold", args=[world.a["requests"].pk])
    page = amina.post(url, {"session": world.a["session"].pk, "places": "many"}, follow=True).content.decode()
    assert "Write the number of places as a whole number" in page


def test_opportunity_is_sent_back_with_words_and_approved(amina, world):
    waiting = world.a["opportunities"]
    act = reverse("opportunities:act", args=[waiting.pk, "send-back"])
    assert "Fill this in" in amina.post(act, {"text": " "}).content.decode()
    amina.post(act, {"text": "Say who meets the group."})
    waiting.refresh_from_db()
    assert (waiting.state, waiting.comment) == ("draft", "Say who meets the group.")
    scenes.session(waiting)
    Opportunity.objects.filter(pk=waiting.pk).update(state="submitted")
    amina.post(reverse("opportunities:act", args=[waiting.pk, "approve"]))
    waiting.refresh_from_db()
    assert waiting.state == "published"


def test_viewer_may_look_but_every_change_is_403(ben, world):
    looks = [reverse(f"{name}:inspect", args=[world.a[name].pk]) for name in ("employers", "schools", "templates")]
    assert [ben.get(url).status_code for url in looks] == [200, 200, 200]
    changes = [
        reverse("employers:edit", args=[world.a["employers"].pk]),
        reverse("employers:add"),
        reverse("employers:note", args=[world.a["employers"].pk]),
        reverse("templates:act", args=[world.a["templates"].pk, "publish"]),
        reverse("opportunities:act", args=[world.a["opportunities"].pk, "approve"]),
        reverse("desk:hold", args=[world.a["requests"].pk]),
        reverse("hub-settings:edit"),
    ]
    before = LogEntry.objects.count()
    answers = [
        ben.post(url, {"text": "x", "name": "x", "session": world.a["session"].pk}).status_code for url in changes
    ]
    assert answers == [403] * len(changes)
    assert LogEntry.objects.count() == before


def test_template_is_edited_as_draft_only_and_goes_on_in_a_new_version(amina, world):
    template = world.a["templates"]
    edit = reverse("templates:edit", args=[template.pk])
    assert amina.get(edit).status_code == 200
    amina.post(reverse("templates:act", args=[template.pk, "publish"]))
    template.refresh_from_db()
    assert template.state == "published"
    assert amina.get(edit)["Location"] == reverse("templates:inspect", args=[template.pk])
    amina.post(reverse("templates:act", args=[template.pk, "new-version"]))
    copy = ActionPlanTemplate.objects.get(hub=world.cast.hub, name=template.name, version=2)
    assert (copy.state, copy.steps.count()) == ("draft", 1)


def test_template_steps_offer_this_hubs_types_only(amina, world):
    page = amina.get(reverse("templates:edit", args=[world.a["templates"].pk])).content.decode()
    assert ("Harbour thing type" in page, "of the fells" in page) == (True, False)


def test_template_refuses_a_step_of_another_hubs_type(amina, world):
    template, step = world.a["templates"], world.a["templates"].steps.get()
    data = {
        "name": template.name, "about": "", "language": "en-gb", "steps-TOTAL_FORMS": "1", "steps-INITIAL_FORMS": "1",
        "steps-MIN_NUM_FORMS": "0", "steps-MAX_NUM_FORMS": "1000", "steps-0-id": step.pk, "steps-0-title": "Step",
        "steps-0-week": "1", "steps-0-staff_hours": "1", "steps-0-places": "0", "steps-0-ORDER": "1",
        "steps-0-encounter_type": world.b["encounter-types"].pk,
    }  # fmt: skip
    edit = reverse("templates:edit", args=[template.pk])
    assert amina.post(edit, data).status_code == 200
    step.refresh_from_db()
    assert step.encounter_type == world.a["encounter-types"]
    data["steps-0-encounter_type"] = world.a["encounter-types"].pk
    assert amina.post(edit, data).status_code == 302


def test_template_step_names_a_standard_in_use_and_known_flags(amina, world):
    template, step = world.a["templates"], world.a["templates"].steps.get()
    data = {
        "name": template.name, "about": "", "language": "en-gb", "steps-TOTAL_FORMS": "1", "steps-INITIAL_FORMS": "1",
        "steps-MIN_NUM_FORMS": "0", "steps-MAX_NUM_FORMS": "1000", "steps-0-id": step.pk, "steps-0-title": "Step",
        "steps-0-week": "1", "steps-0-staff_hours": "1", "steps-0-places": "0", "steps-0-ORDER": "1",
    }  # fmt: skip
    edit = reverse("templates:edit", args=[template.pk])
    for bad in ({"steps-0-standard": "good-hosting:Z9"}, {"steps-0-flags": ["shiny"]}):
        assert amina.post(edit, data | bad).status_code == 200
    good = {"steps-0-standard": "good-hosting:A1", "steps-0-flags": ["task", "purpose"]}
    assert amina.post(edit, data | good).status_code == 302
    step.refresh_from_db()
    assert (step.standard, step.flags) == ("good-hosting:A1", ["task", "purpose"])
    shown = amina.get(reverse("templates:inspect", args=[template.pk])).content.decode()
    assert [words for words in ("A1 An owner and a plan", "2 tests of a meaningful") if words not in shown] == []
    step.standard = "gone:Z9"
    step.save()
    assert '<option value="gone:Z9" selected>' in amina.get(edit).content.decode()


def test_employer_is_added_to_this_hub_and_logged(amina, world):
    data = {"name": "Quay Bakers", "size": "small", "wants_asking_per_month": "2", "is_active": "on"}
    response = amina.post(reverse("employers:add"), data)
    employer = Employer.objects.get(name="Quay Bakers")
    assert (employer.hub, response["Location"]) == (world.cast.hub, reverse("employers:inspect", args=[employer.pk]))
    assert LogEntry.objects.about(employer).get().verb == "added"


def test_employer_is_changed_by_what_the_form_says_and_no_more(amina, world):
    employer = world.a["employers"]
    data = {
        "name": employer.name, "size": "small", "wants_asking_per_month": "4", "about": "Pumps.",
        "manager": world.cast.bob.pk, "is_active": "on",
    }  # fmt: skip
    response = amina.post(reverse("employers:edit", args=[employer.pk]), data)
    employer.refresh_from_db()
    assert (response.status_code, employer.about, employer.manager) == (302, "Pumps.", world.cast.bob)
    entry = LogEntry.objects.about(employer).first()
    assert (entry.verb, entry.by, entry.facts) == ("changed", world.cast.amina, {"fields": ["about", "manager"]})


def test_school_is_added_and_changed_by_the_domain(amina, world):
    data = {"name": "Harbour Road", "phase": "college", "is_active": "on"}
    assert amina.post(reverse("schools:add"), data).status_code == 302
    school = School.objects.get(name="Harbour Road")
    page = amina.post(reverse("schools:edit", args=[school.pk]), data | {"latitude": "51.4"})
    assert "A point needs both numbers. Fill in both, or neither." in page.content.decode()
    amina.post(reverse("schools:edit", args=[school.pk]), data | {"town": "Harbour", "is_priority": "on"})
    school.refresh_from_db()
    assert (school.hub, school.town, school.is_priority, school.latitude) == (world.cast.hub, "Harbour", True, None)
    entries = LogEntry.objects.about(school).order_by("pk").values_list("verb", "by")
    assert list(entries) == [("added", world.cast.amina.pk), ("changed", world.cast.amina.pk)]


def test_employer_with_a_name_taken_here_gets_a_sentence(amina, world):
    data = {"name": "brightwater engineering", "size": "small", "wants_asking_per_month": "2"}
    response = amina.post(reverse("employers:add"), data)
    assert "There is one with this name already" in response.content.decode()
    assert Employer.objects.filter(name__iexact="brightwater engineering").count() == 1


def test_employer_manager_must_be_of_this_hubs_staff(amina, world):
    data = {"name": "Quay Bakers", "size": "small", "wants_asking_per_month": "2", "manager": world.cast.chloe.pk}
    assert "Select a valid choice" in amina.post(reverse("employers:add"), data).content.decode()


def test_encounter_type_with_a_code_taken_here_gets_a_sentence(amina, world):
    kind = world.a["encounter-types"]
    data = {
        "name": "Another", "code": kind.code, "stage": "1", "tier": "T0", "hours": "1", "min_age": "11",
        "max_age": "18", "group_min": "1", "group_max": "30", "school_lead_weeks": "4", "employer_lead_weeks": "4",
        "required_flags": ["purpose"], "is_active": "on",
    }  # fmt: skip
    url = reverse("encounter-types:add")
    assert amina.post(url, data).status_code == 200
    assert EncounterType.objects.filter(hub=world.cast.hub, code=kind.code).count() == 1
    assert amina.post(url, data | {"code": "another"}).status_code == 302
    assert EncounterType.objects.get(hub=world.cast.hub, code="another").required_flags == ["purpose"]


def test_note_is_kept_with_the_next_contact(amina, world):
    school = world.a["schools"]
    amina.post(reverse("schools:note", args=[school.pk]), {"text": "Rang the office.", "next_contact_on": "2026-10-01"})
    note = Note.objects.filter(organisation=school).first()
    assert (note.text, note.next_contact_on, note.written_by) == (
        "Rang the office.", dt.date(2026, 10, 1), world.cast.amina,
    )  # fmt: skip


SETTINGS = {
    "name": "Harbour Hub", "colour": "#123456", "language": "en-gb", "year_starts_month": "9", "year_starts_day": "1",
    "time_zone": "Europe/London", "jurisdiction": "GB-ENG",
}  # fmt: skip


def test_the_lead_sets_year_and_clock_and_is_told_what_they_touch(amina, world):
    page = amina.get(reverse("hub-settings:edit")).content.decode()
    assert ("Sessions keep the zone they were planned in" in page, "Europe/Paris" in page) == (True, True)
    Session.objects.filter(hub=world.cast.hub).update(state="cancelled")
    wanted = {**SETTINGS, "year_starts_month": "8", "time_zone": "Europe/Paris"}
    assert amina.post(reverse("hub-settings:edit"), wanted).status_code == 302
    world.cast.hub.refresh_from_db()
    assert (world.cast.hub.year_starts_month, world.cast.hub.time_zone) == (8, "Europe/Paris")
    scenes.session(scenes.opportunity(world.cast.employer), on=dt.date(2199, 10, 1))
    refused = amina.post(reverse("hub-settings:edit"), SETTINGS)
    assert (refused.status_code, "1 session is still to come" in refused.content.decode()) == (200, True)


def test_hub_settings_are_for_the_lead_alone(client, world):
    data = {**SETTINGS, "contact_email": "a@b.example"}
    client.force_login(world.cast.bob)
    assert client.post(reverse("hub-settings:edit"), data).status_code == 403
    client.force_login(world.cast.amina)
    assert client.post(reverse("hub-settings:edit"), data).status_code == 302
    world.cast.hub.refresh_from_db()
    assert world.cast.hub.name == "Harbour Hub"
    assert LogEntry.objects.about(world.cast.hub).first().facts["fields"] == ["colour", "contact_email", "name"]


def test_hub_logo_is_of_the_hubs_own_collection(client, world):
    data = {**SETTINGS, "logo": world.b["image"].pk}
    client.force_login(world.cast.amina)
    assert client.post(reverse("hub-settings:edit"), data).status_code == 200
    world.cast.hub.refresh_from_db()
    assert world.cast.hub.logo_id is None


def test_messages_that_failed_are_listed_and_cannot_be_changed(amina, world):
    assert "Harbour thing kind" in amina.get(reverse("messages:index") + "?state=failed").content.decode()
    assert amina.post(reverse("messages:inspect", args=[world.a["messages"].pk])).status_code == 405
    assert Message.objects.get(pk=world.a["messages"].pk).state == "failed"


def test_lists_cost_the_same_with_one_and_three_rows(amina, world, django_assert_num_queries):
    first = {name: _count(amina, reverse(f"{name}:index")) for name in LISTS}
    for number in (1, 2):
        admin_world.one_more(world.cast.hub, world.cast.amina, f"Harbour extra {number}")
    assert {name: _count(amina, reverse(f"{name}:index")) for name in LISTS} == first
    assert first == LISTS


def test_employers_are_filtered_by_what_is_typed_and_never_listed(amina, world):
    """A hub has thousands of them: no list to choose from, on none of its lists."""
    for name in ("placements", "papers"):
        assert '<input type="text" name="employer"' in amina.get(reverse(f"{name}:index")).content.decode()
    own, strange = world.a["employers"].name, world.b["employers"].name
    found = [amina.get(reverse("placements:index"), {"employer": typed}) for typed in (own, own[:4].upper(), strange)]
    assert [len(one.context["page_obj"].object_list) for one in found] == [1, 1, 0]


#: Queries of each list, signed in, with the menu. The log asks once for each sort of row (test_admin_log.py).
LISTS = {
    "employers": 14, "schools": 12, "encounter-types": 11, "templates": 13, "opportunities": 12, "requests": 12,
    "placements": 14, "messages": 11, "desk": 12, "plans": 12,
}  # fmt: skip


def _count(client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_hub_writes_down_when_it_is_closed(amina, world):
    new = reverse("closures:add")
    days = {"name": "Summer party", "starts_on": "2026-09-16", "ends_on": "2026-09-15"}
    assert "comes before the first" in amina.post(new, days).content.decode()
    assert amina.post(new, days | {"ends_on": "2026-09-17"}).status_code == 302
    hub = world.cast.hub
    assert [open_on(NOW.date() + dt.timedelta(days=n), hub, None) for n in range(4)] == [True, False, False, True]
    row = HubClosure.objects.get()
    assert LogEntry.objects.about(row).exists()
    assert amina.post(reverse("closures:edit", args=[row.pk]), days | {"ends_on": "2026-09-16"}).status_code == 302
    assert open_on(NOW.date() + dt.timedelta(days=2), hub, None)


def test_a_rule_says_in_words_whom_it_is_for(amina, world):
    load_packs()
    rules = Requirement.objects.filter(jurisdiction="GB-ENG").order_by("code")
    row = next(one for one in rules if "T3" in one.tiers)
    page = amina.get(reverse("requirements:inspect", args=[row.pk])).content.decode()
    assert "unaccompanied, up to ten days" in page
    assert "&#x27;T3&#x27;" not in page
