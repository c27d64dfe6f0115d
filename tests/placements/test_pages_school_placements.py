"""One placement as the school sees it: naming, clearing, the register, calling off."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from hubs.actors import by_link
from hubs.links import link_for, open_link
from hubs.models import LogEntry, Message
from hubs.rulepacks import load_packs
from placements.domain.consent import decide
from placements.models import Encounter, Placement
from tests import scenes
from tests.cast import NOW
from tests.placements.test_pages_school import count

PAGES = (
    "school-placement",
    "school-placement-students",
    "school-placement-cancel",
    "school-placement-calendar",
    "school-register",
)


@pytest.fixture
def shadowing(cast):
    """An accepted, unaccompanied placement: everything of tier 3 is asked for."""
    load_packs()
    kind = scenes.encounter_type(cast.hub, "shadow", tier="T3")
    wanted = scenes.session(scenes.opportunity(cast.employer, kind=kind))
    return scenes.placement(cast, state="accepted", wanted=wanted)


def url(name: str, placement: Placement, *more) -> str:
    return reverse(name, args=[placement.pk, *more])


@pytest.mark.parametrize("state", ["held", "offered", "accepted", "ready"])
def test_every_state_has_its_page(page, cast, state):
    placement = scenes.placement(cast, state=state)
    for name in PAGES:
        assert page.get(url(name, placement)).status_code == 200


def test_the_page_says_where_on_the_road_it_is(page, cast):
    placement = scenes.placement(cast, state="offered")
    road = page.get(url("school-placement", placement)).context["road"]
    assert [step["state"] for step in road] == ["done", "done", "now", "ahead", "ahead", "ahead"]


def test_naming_students_within_the_places(page, cast):
    group = scenes.group(cast.school)
    placement = scenes.placement(cast, state="ready", of=group)
    three = [str(pk) for pk in group.students.order_by("alias").values_list("pk", flat=True)[:3]]
    answer = page.post(url("school-placement-students", placement), {"students": three})
    assert answer.url == url("school-placement", placement)
    assert placement.students.count() == 3


def test_students_elsewhere_are_refused_by_alias(page, cast):
    group = scenes.group(cast.school)
    scenes.placement(cast, state="ready", of=group)
    later = scenes.session(scenes.opportunity(cast.other_employer), on=scenes.DAY + dt.timedelta(days=1))
    second = scenes.placement(cast, wanted=later, of=group)
    one = group.students.order_by("alias").first()
    first_day = second.student_days.get(student=one)
    second.student_days.filter(student=one).delete()
    second.students.filter(student=one).delete()
    one.days.exclude(placement=second).update(starts_at=first_day.starts_at, ends_at=first_day.ends_at)
    answer = page.post(url("school-placement-students", second), {"students": [str(one.pk)]})
    assert "Already somewhere else at that time: 10A-01." in answer.content.decode()


def test_students_named_after_the_yes_are_cleared_too(page, cast, shadowing):
    group = shadowing.group
    swapped = [str(pk) for pk in group.students.order_by("alias").values_list("pk", flat=True)[:2]]
    page.post(url("school-placement-students", shadowing), {"students": swapped})
    consents = shadowing.clearances.filter(requirement__code="ENG-09")
    assert sorted(str(pk) for pk in consents.values_list("student_id", flat=True)) == sorted(swapped)
    page.post(url("school-placement-students", shadowing), {"students": [str(s.pk) for s in group.students.all()]})
    assert consents.count() == 6


def test_the_task_list_counts_the_consents(page, cast, shadowing):
    tasks = page.get(url("school-placement", shadowing)).context["tasks_open"]
    consent = next(task for task in tasks if task["state"] and task["state"]["tone"] == "attention")
    assert (consent["state"]["word"], consent["action_label"]) == ("0 of 6 done", "Ask parents")


def test_a_thing_done_is_ticked_with_what_was_seen(page, cast, shadowing):
    clearance = shadowing.clearances.get(requirement__code="ENG-10")
    task = url("school-task", shadowing, clearance.requirement_id)
    assert page.get(task).status_code == 200
    page.post(f"{task}done/", {"done": [clearance.pk], "note": "seen in the office"})
    clearance.refresh_from_db()
    assert (clearance.state, clearance.evidence) == ("done", {"note": "seen in the office"})
    reopen = url("school-task-reopen", shadowing, clearance.requirement_id, clearance.pk)
    assert page.get(reopen).status_code == 200
    page.post(reopen, {"reason": "It was the wrong form"})
    clearance.refresh_from_db()
    assert clearance.state == "open"


def test_ticking_nothing_says_so(page, shadowing):
    consent = shadowing.clearances.filter(requirement__code="ENG-09").first()
    answer = page.post(url("school-task-done", shadowing, consent.requirement_id), {"note": "x"})
    assert (answer.status_code, "Choose at least one." in answer.content.decode()) == (200, True)


def test_the_employers_own_things_are_not_ticked_by_the_school(page, shadowing):
    clearance = shadowing.clearances.get(requirement__code="ENG-01")
    answer = page.post(url("school-task-done", shadowing, clearance.requirement_id), {"done": [clearance.pk]})
    clearance.refresh_from_db()
    assert (answer.status_code, clearance.state) == (403, "open")


def test_parents_are_asked_at_the_addresses_typed(page, shadowing):
    consents = list(shadowing.clearances.filter(requirement__code="ENG-09").order_by("student__alias"))
    ask = url("school-task-ask", shadowing, consents[0].requirement_id)
    assert "Type at least one address." in page.post(ask, {}).content.decode()
    wrong = page.post(ask, {f"address_{consents[0].pk}": "not an address"})
    assert (wrong.status_code, "not an address" in wrong.content.decode()) == (200, True)
    page.post(ask, {f"address_{consents[0].pk}": "parent@family.example"})
    assert list(Message.objects.filter(kind="consent-asked").values_list("address", "subject_id")) == [
        ("parent@family.example", consents[0].pk)
    ]


def test_a_no_by_link_is_shown_to_the_school(page, cast, shadowing):
    consent = shadowing.clearances.filter(requirement__code="ENG-09").order_by("student__alias").first()
    _link, token = link_for(consent, "consent", now=NOW, days=5, address="parent@family.example")
    by = by_link(open_link(token, "consent", now=NOW), "parent", cast.school.pk)
    decide(consent, False, name="Parent", relation="mother", by=by, now=NOW)
    answer = page.get(url("school-task", shadowing, consent.requirement_id))
    assert answer.context["said_no"] == ["10A-01"]


def test_reminders_go_once_a_day(page, shadowing, clock):
    consent = shadowing.clearances.filter(requirement__code="ENG-09").order_by("student__alias").first()
    remind = url("school-task-remind", shadowing, consent.requirement_id)
    assert "Type an address first" in page.post(remind, follow=True).content.decode()
    page.post(
        url("school-task-ask", shadowing, consent.requirement_id), {f"address_{consent.pk}": "parent@family.example"}
    )
    assert "reminded today already" in page.post(remind, follow=True).content.decode()
    clock.now += dt.timedelta(days=1)
    assert "1 reminder is on its way." in page.post(remind, follow=True).content.decode()
    assert Message.objects.filter(kind="consent-asked").count() == 2


def test_the_employer_is_reminded_of_its_own_things(page, shadowing):
    clearance = shadowing.clearances.get(requirement__code="ENG-01")
    page.post(url("school-task-remind", shadowing, clearance.requirement_id))
    to = set(Message.objects.filter(kind="clearance-reminder").values_list("address", flat=True))
    assert to == {"lead@brightwater.example"}


def test_a_task_of_another_placement_is_not_found(page, cast, shadowing):
    other = scenes.placement(cast, state="held", of=scenes.group(cast.school, "10B"))
    requirement = shadowing.clearances.first().requirement_id
    assert page.get(url("school-task", other, requirement)).status_code == 404


def test_the_register_of_the_day_and_its_closing(page, cast, clock):
    placement = scenes.placement(cast, state="ready")
    register = url("school-register", placement)
    clock.now = placement.session.starts_at + dt.timedelta(minutes=10)
    assert page.get(register).context["all_marked"] is False
    students = [str(pk) for pk in placement.students.values_list("student_id", flat=True)]
    day = f"{scenes.DAY:%Y-%m-%d}"
    page.post(register, {"mark": day, "20261020-day": day, "20261020-present": students[:4]})
    assert placement.student_days.filter(present=True).count() == 4
    assert page.get(register).context["all_marked"] is True
    clock.now = placement.session.ends_at
    answer = page.post(register, {"close": "1", "purpose": "yes", "outcomes": "yes", "two_way": "no", "reflection": ""})
    assert answer.url == url("school-placement", placement)
    placement.refresh_from_db()
    assert placement.state == "completed"
    assert set(Encounter.objects.filter(attended=True).values_list("purpose", "two_way", "reflection")) == {
        (True, False, None)
    }
    assert page.get(answer.url).status_code == 200


def test_a_day_that_has_not_begun_cannot_be_marked(page, cast):
    placement = scenes.placement(cast, state="ready")
    day = f"{scenes.DAY:%Y-%m-%d}"
    answer = page.post(url("school-register", placement), {"mark": day, "20261020-day": day}, follow=True)
    assert "That day has not begun yet." in answer.content.decode()
    assert placement.student_days.filter(present__isnull=True).count() == 6


def test_calling_off_needs_a_reason_and_tells_everybody(page, cast):
    placement = scenes.placement(cast, state="accepted")
    cancel = url("school-placement-cancel", placement)
    assert "Fill this in." in page.post(cancel, {"reason": ""}).content.decode()
    page.post(cancel, {"reason": "The hall flooded"})
    placement.refresh_from_db()
    assert (placement.state, placement.reason) == ("cancelled", "The hall flooded")
    assert Message.objects.filter(kind="placement-cancelled").count() == 2
    assert "The hall flooded" in page.get(url("school-placement", placement)).content.decode()


def test_places_not_agreed_yet_are_given_back(page, cast):
    placement = scenes.placement(cast, state="offered")
    page.post(url("school-placement-cancel", placement), {"reason": ""})
    placement.refresh_from_db()
    placement.session.refresh_from_db()
    assert (placement.state, placement.session.taken) == ("withdrawn", 0)


def test_the_calendar_file_names_no_student(page, cast):
    placement = scenes.placement(cast, state="accepted")
    answer = page.get(url("school-placement-calendar", placement))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert (b"BEGIN:VEVENT" in answer.content, b"10A-0" in answer.content) == (True, False)


@pytest.mark.parametrize("name", PAGES)
def test_strangers_find_no_placement(client, cast, clock, name):
    placement = scenes.placement(cast, state="ready")
    before = LogEntry.objects.count()
    for person in (cast.other_coordinator, cast.employer_lead, cast.coordinator_b, cast.chloe):
        client.force_login(person)
        there = url(name, placement)
        assert (client.get(there).status_code, client.post(there).status_code) == (404, 404)
    assert LogEntry.objects.count() == before


@pytest.mark.parametrize("name", ["school-placement-students", "school-placement-cancel", "school-register"])
def test_a_plain_member_changes_no_placement(client, cast, clock, name):
    placement = scenes.placement(cast, state="ready")
    client.force_login(cast.school_member)
    assert client.get(url("school-placement", placement)).status_code == 200
    assert client.post(url(name, placement), {"reason": "x"}).status_code == 403
    placement.refresh_from_db()
    assert (placement.state, placement.students.count()) == ("ready", 6)


@pytest.mark.parametrize("name", ["school-task-done", "school-task-ask", "school-task-remind"])
def test_a_plain_member_and_a_stranger_clear_nothing(client, cast, clock, shadowing, name):
    requirement = shadowing.clearances.filter(requirement__code="ENG-09").first().requirement_id
    there = url(name, shadowing, requirement)
    before = LogEntry.objects.count()
    for person, status in ((cast.school_member, 403), (cast.other_coordinator, 404), (cast.employer_lead, 404)):
        client.force_login(person)
        assert client.post(there).status_code == status
    assert LogEntry.objects.count() == before


def test_a_decision_is_asked_for_with_its_reason(page, cast, shadowing):
    vetting = shadowing.clearances.get(requirement__code="ENG-07")
    there = url("school-task-done", shadowing, vetting.requirement_id)
    shown = page.get(url("school-task", shadowing, vetting.requirement_id)).content.decode()
    assert "What did you decide, and why?" in shown
    assert "What did you see?" not in shown
    answer = page.post(there, {"done": [vetting.pk], "note": ""})
    assert list(answer.context["done_form"].errors) == ["note"]
    page.post(there, {"done": [vetting.pk], "note": "Never alone with them."})
    vetting.refresh_from_db()
    assert (vetting.state, vetting.evidence) == ("done", {"note": "Never alone with them."})


@pytest.mark.parametrize("rows", [1, 3])
def test_placement_pages_ask_the_same_number_of_questions(page, cast, rows, django_assert_num_queries):
    count(cast, rows)
    placement = cast.school.placements.order_by("pk").first()
    with django_assert_num_queries(15):
        page.get(url("school-placement", placement))
    with django_assert_num_queries(22):
        page.get(url("school-placement-students", placement))
    with django_assert_num_queries(7):
        page.get(url("school-register", placement))
    with django_assert_num_queries(20):
        page.get(reverse("home"))


def test_tasks_cost_no_question_each(page, cast, shadowing, django_assert_num_queries):
    consent = shadowing.clearances.filter(requirement__code="ENG-09").first()
    with django_assert_num_queries(8):
        page.get(url("school-task", shadowing, consent.requirement_id))
