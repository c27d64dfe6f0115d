"""The employer's home and placements: asked, answered, prepared, on the day, after."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from hubs.models import LogEntry, Membership, Message
from placements.domain import answers, attendance
from placements.models import Feedback, Placement
from schools.models import Student
from tests import scenes
from tests.cast import NOW
from tests.placements.employer_pages import (
    CANARY,
    HOME,
    LIST,
    SHARED,
    by_employer,
    document,
    later,
    many,
    named,
    on_the_day,
    ready,
    url,
)

# ---- List and detail -----------------------------------------------------------


def test_the_list_shows_what_is_ahead(work, cast):
    placement = scenes.placement(cast, state="offered")
    answer = work.get(LIST)
    assert [card["url"] for card in answer.context["cards"]] == [url(placement)]
    assert "Quayside School, 10A: 6 students" in answer.content.decode()


@pytest.mark.parametrize(("show", "found"), [("waiting", 1), ("agreed", 0), ("past", 0), ("off", 0), ("nonsense", 1)])
def test_the_filter_lives_in_the_address(work, cast, show, found):
    scenes.placement(cast, state="offered")
    assert len(work.get(LIST, {"show": show}).context["cards"]) == found


def test_held_places_are_not_the_employers_business(work, cast):
    placement = scenes.placement(cast, state="held")
    assert (len(work.get(LIST).context["cards"]), work.get(url(placement)).status_code) == (0, 404)


def test_hub_staff_for_an_employer_see_what_it_sees(client, cast, clock):
    held = scenes.placement(cast, state="held")
    client.force_login(cast.amina)
    session = client.session
    session["acting_organisation"] = cast.employer.pk
    session.save()
    assert (client.get(LIST).status_code, client.get(url(held)).status_code) == (200, 404)


def test_names_are_hidden_until_the_employer_says_yes(work, cast, clock):
    placement = named(scenes.placement(cast, state="offered"))
    pages = [
        HOME,
        LIST,
        url(placement),
        url(placement, "accept"),
        url(placement, "decline"),
        url(placement, "colleague"),
    ]
    texts = [work.get(page).content.decode() for page in pages]
    assert [(CANARY in text, SHARED in text, "10A-0" in text) for text in texts] == [(False, False, False)] * 6
    answers.accept(placement, by=by_employer(cast), now=NOW)
    text = work.get(url(placement)).content.decode()
    assert (text.count(CANARY), text.count(SHARED)) == (6, 6)
    assert CANARY not in work.get(LIST).content.decode()


def test_without_a_name_the_alias_is_shown(work, cast):
    placement = scenes.placement(cast, state="accepted")
    assert [guest.name for guest in work.get(url(placement)).context["guests"]] == [f"10A-0{n}" for n in range(1, 7)]


def test_names_go_when_they_are_no_longer_needed(work, cast, clock):
    placement = named(ready(cast))
    ended = placement.session.ends_at
    seen = []
    for days in (29, 30):
        later(work, clock, ended + dt.timedelta(days=days))
        answer = work.get(url(placement))
        seen.append((answer.status_code, CANARY in answer.content.decode()))
    assert seen == [(200, True), (200, False)]


def test_names_go_when_it_is_called_off(work, cast):
    placement = named(ready(cast))
    answers.cancel(placement, "Fire drill", by=by_employer(cast), now=NOW)
    assert CANARY not in work.get(url(placement)).content.decode()


# ---- Answering -------------------------------------------------------------------


def test_accepting_is_confirmed_first_and_then_binding(work, cast):
    placement = scenes.placement(cast, state="offered")
    page = work.get(url(placement, "accept")).content.decode()
    assert "Accept 6 students</button>" in page
    assert "What is binding" in page
    answer = work.post(url(placement, "accept"), {"supervisor": "Reception, ask for Sam"}, follow=True)
    placement.refresh_from_db()
    assert answer.redirect_chain == [(url(placement), 302)]
    assert (placement.state, placement.supervisor) == ("ready", "Reception, ask for Sam")


def test_a_member_may_accept(client, cast, clock):
    placement = scenes.placement(cast, state="offered")
    client.force_login(cast.employer_member)
    assert client.post(url(placement, "accept"), {"supervisor": ""}).status_code == 302
    entry = LogEntry.objects.about(placement).get(verb="accepted")
    assert (entry.by, entry.hat, entry.on_behalf_of) == (cast.employer_member, "employer_member", None)


def test_the_hub_accepts_on_behalf_and_the_log_says_so(client, cast, clock):
    placement = scenes.placement(cast, state="offered")
    client.force_login(cast.amina)
    client.post(reverse("switch"), {"organisation": cast.employer.pk})
    assert client.post(url(placement, "accept"), {"supervisor": ""}).status_code == 302
    entry = LogEntry.objects.about(placement).get(verb="accepted")
    assert (entry.by, entry.on_behalf_of_id) == (cast.amina, cast.employer.pk)


def test_a_viewer_reads_and_changes_nothing(client, cast, clock):
    placement = scenes.placement(cast, state="offered")
    client.force_login(cast.ben)
    client.post(reverse("switch"), {"organisation": cast.employer.pk})
    page = client.get(url(placement))
    assert (page.status_code, page.context["may_answer"]) == (200, False)
    verbs = ["accept", "decline", "colleague", "cancel", "supervisor", "presence", "feedback"]
    assert [client.post(url(placement, verb), {}).status_code for verb in verbs] == [403] * 7
    placement.refresh_from_db()
    assert placement.state == "offered"


def test_strangers_find_nothing(client, cast, clock):
    placement = scenes.placement(cast, state="offered")
    gets = ["", "accept", "decline", "colleague", "cancel"]
    posts = ["accept", "decline", "colleague", "cancel", "supervisor", "presence", "feedback"]
    for person in (cast.other_lead, cast.employer_lead_b, cast.coordinator):
        client.force_login(person)
        assert [client.get(url(placement, name)).status_code for name in gets] == [404] * 5
        assert [client.post(url(placement, name), {}).status_code for name in posts] == [404] * 7


def test_declining_needs_a_reason_and_keeps_what_was_typed(work, cast):
    placement = scenes.placement(cast, state="offered")
    page = work.post(url(placement, "decline"), {"why": "other", "words": ""})
    assert (page.status_code, list(page.context["form"].errors)) == (200, ["words"])
    work.post(url(placement, "decline"), {"why": "date", "words": "Stock-take that week."})
    placement.refresh_from_db()
    assert placement.state == "declined"
    assert placement.reason == "The date does not work for us. Stock-take that week."


def test_a_second_answer_is_told_the_first(work, cast):
    placement = scenes.placement(cast, state="offered")
    answers.decline(placement, "No room", by=by_employer(cast), now=NOW)
    page = work.post(url(placement, "accept"), {"supervisor": ""}, follow=True)
    assert "This request is answered already: You said no." in page.content.decode()
    placement.refresh_from_db()
    assert placement.state == "declined"


def test_a_colleague_is_asked_once(work, cast):
    placement = scenes.placement(cast, state="offered")
    work.post(url(placement, "colleague"), {"email": "shift@brightwater.example"})
    asked = Message.objects.about(placement).filter(kind="placement-offered").order_by("pk")
    assert list(asked.values_list("address", flat=True)) == ["lead@brightwater.example", "shift@brightwater.example"]
    entry = LogEntry.objects.about(placement).get(verb="handed_over")
    assert (entry.by, entry.facts) == (cast.employer_lead, {})
    again = work.post(url(placement, "colleague"), {"email": "Shift@brightwater.example"})
    assert again.context["form"].non_field_errors() == [
        "This address has the request already. Ask them to look for the mail."
    ]


def test_a_request_is_not_passed_on_without_end(work, cast):
    placement = scenes.placement(cast, state="offered")
    for number in range(8):
        work.post(url(placement, "colleague"), {"email": f"n{number}@brightwater.example"})
    assert Message.objects.about(placement).filter(kind="placement-offered").count() == 6


def test_calling_off_says_the_consequences_and_needs_a_reason(work, cast):
    placement = ready(cast)
    assert "The school gets your reason at once" in work.get(url(placement, "cancel")).content.decode()
    assert work.post(url(placement, "cancel"), {"reason": " "}).context["form"].errors == {"reason": ["Fill this in."]}
    work.post(url(placement, "cancel"), {"reason": "The line stands still"})
    placement.refresh_from_db()
    assert (placement.state, placement.reason) == ("cancelled", "The line stands still")


def test_what_is_over_cannot_be_called_off(work, cast):
    placement = scenes.placement(cast, state="offered")
    page = work.get(url(placement, "cancel"), follow=True)
    assert "This cannot be called off now: Waiting for your answer." in page.content.decode()


def test_the_supervisor_is_named_and_not_in_the_log(work, cast):
    placement = ready(cast)
    work.post(url(placement, "supervisor"), {"supervisor": "Reception"})
    placement.refresh_from_db()
    entry = LogEntry.objects.about(placement).get(verb="supervisor_named")
    assert (placement.supervisor, entry.facts) == ("Reception", {})


# ---- What is asked of the host ---------------------------------------------------


def task_url(placement: Placement, code: str) -> str:
    row = placement.clearances.get(requirement__code=code)
    return reverse("employer-placement-clearance", args=[placement.pk, row.pk])


def test_only_the_hosts_own_tasks_are_listed(work, cast, shadowing):
    titles = [task["title"] for task in work.get(url(shadowing)).context["tasks_open"]]
    assert titles == [
        "Employers' liability insurance",
        "Risk management covers young people",
        "No harmful work",
        "Accidents and incidents",
    ]


def test_the_schools_tasks_are_not_found(work, cast, shadowing):
    assert [work.get(task_url(shadowing, code)).status_code for code in ("ENG-10", "ENG-01")] == [404, 200]
    consent = shadowing.clearances.filter(requirement__code="ENG-09").first()
    assert work.get(reverse("employer-placement-clearance", args=[shadowing.pk, consent.pk])).status_code == 404


def test_a_declaration_is_confirmed_with_a_tick(work, cast, shadowing):
    page = work.post(task_url(shadowing, "ENG-04"), {"declare": "1"})
    assert page.context["declare_form"].errors == {"confirmed": ["Tick this to go on."]}
    work.post(task_url(shadowing, "ENG-04"), {"declare": "1", "confirmed": "on", "words": "Office only"})
    row = shadowing.clearances.get(requirement__code="ENG-04")
    assert (row.state, row.evidence) == ("done", {"declared": True, "words": "Office only"})


def test_a_document_cannot_be_declared(work, cast, shadowing):
    assert work.get(task_url(shadowing, "ENG-01")).context["declare_form"] is None
    work.post(task_url(shadowing, "ENG-01"), {"declare": "1", "confirmed": "on"})
    assert shadowing.clearances.get(requirement__code="ENG-01").state == "open"


def test_a_held_document_settles_it(work, cast, shadowing):
    kept = document(cast)
    short = document(cast, expires_on=scenes.DAY - dt.timedelta(days=1))
    form = work.get(task_url(shadowing, "ENG-01")).context["choose_form"]
    assert list(form.fields["document"].queryset) == [kept]
    page = work.post(task_url(shadowing, "ENG-01"), {"document": short.pk})
    assert list(page.context["choose_form"].errors) == ["document"]
    work.post(task_url(shadowing, "ENG-01"), {"document": kept.pk})
    row = shadowing.clearances.get(requirement__code="ENG-01")
    assert (row.state, row.evidence) == ("done", {"document": kept.pk})


def test_somebody_elses_document_settles_nothing(work, cast, shadowing):
    document(cast)
    theirs = document(cast, employer=cast.other_employer)
    work.post(task_url(shadowing, "ENG-01"), {"document": theirs.pk})
    assert shadowing.clearances.get(requirement__code="ENG-01").state == "open"


# ---- On the day and after ---------------------------------------------------------


def test_presence_is_not_marked_before_the_day(work, cast):
    placement = ready(cast)
    page = work.post(url(placement, "presence"), {"day": scenes.DAY.isoformat()}, follow=True)
    assert "Presence is marked on the day itself and after." in page.content.decode()


def test_presence_is_ticked_on_the_day(work, cast, clock):
    placement = ready(cast)
    on_the_day(work, clock, placement)
    ids = list(placement.students.values_list("student_id", flat=True))
    work.post(url(placement, "presence"), {"day": scenes.DAY.isoformat(), "present": ids[:4]})
    marked = dict(placement.student_days.values_list("student_id", "present"))
    assert marked == {pk: pk in ids[:4] for pk in ids}
    work.post(url(placement, "presence"), {"day": scenes.DAY.isoformat(), "everybody": "1"})
    assert set(placement.student_days.values_list("present", flat=True)) == {True}


def test_nobody_from_outside_is_ticked(work, cast, clock):
    placement = ready(cast)
    on_the_day(work, clock, placement)
    stranger = Student.objects.create(hub=cast.hub, school=cast.other_school, alias="X")
    page = work.post(url(placement, "presence"), {"day": scenes.DAY.isoformat(), "present": [stranger.pk]})
    assert page.status_code == 200
    assert set(placement.student_days.values_list("present", flat=True)) == {None}


def opinion(**fields) -> dict:
    said = {"two_way": "yes", "range_of_people": "yes", "task": "no", "feedback": "yes", "again": "yes", "words": ""}
    return {**said, **fields}


def test_feedback_is_plain_questions_and_counts(work, cast, clock):
    placement = ready(cast)
    on_the_day(work, clock, placement)
    attendance.begin(placement, by=scenes.desk(cast), now=clock.now)
    assert work.get(url(placement)).context["feedback_form"] is None
    later(work, clock, placement.session.ends_at)
    page = work.post(url(placement, "feedback"), opinion(task=""))
    assert page.context["feedback_form"].errors == {"task": ["Choose one."]}
    work.post(url(placement, "feedback"), opinion())
    given = Feedback.objects.get(placement=placement)
    assert given.answers["flags"] == {"two_way": True, "range_of_people": True, "task": False, "feedback": True}
    assert (given.again, work.get(url(placement)).context["feedback_form"]) == (True, None)


# ---- How many statements ---------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_as_much_for_three_as_for_one(work, cast, django_assert_num_queries, count):
    many(cast, count)
    with django_assert_num_queries(7):
        work.get(LIST)


@pytest.mark.parametrize("size", [1, 3])
def test_one_placement_asks_as_much_for_three_students_as_for_one(work, cast, django_assert_num_queries, size):
    placement = ready(cast, of=scenes.group(cast.school, size=size))
    with django_assert_num_queries(14):
        work.get(url(placement))


def test_a_person_without_a_membership_is_a_stranger(client, cast, clock):
    placement = scenes.placement(cast, state="offered")
    Membership.objects.filter(user=cast.employer_lead).delete()
    client.force_login(cast.employer_lead)
    assert client.get(url(placement)).status_code == 404
