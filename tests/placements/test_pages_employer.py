"""The employer's home and placements: asked, answered, prepared, on the day, after."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from employers.models import Document
from hubs.models import LogEntry, Membership, Message, User
from hubs.rulepacks import load_packs
from opportunities.domain import plans
from opportunities.models import ActionPlanTemplate, TemplateStep
from placements.domain import answers, attendance
from placements.models import Feedback, Placement
from schools.models import Student
from tests import scenes
from tests.cast import NOW, actor

HOME = reverse("home")
LIST = reverse("employer-placements")
CANARY = "Canary Zebra-Quill"
SHARED = "Uses the lift, please"


@pytest.fixture
def work(client, cast, clock):
    """A client signed in as the employer's lead."""
    client.force_login(cast.employer_lead)
    return client


def url(placement: Placement, what: str = "") -> str:
    name = f"employer-placement-{what}" if what else "employer-placement"
    return reverse(name, args=[placement.pk])


def named(placement: Placement) -> Placement:
    """Give every student of the placement a name that must not leak."""
    students = Student.objects.filter(school=placement.school)
    students.update(name=CANARY, is_priority=True, shared_needs=SHARED)
    return placement


def by_employer(cast):
    return actor(cast.employer_lead, cast.hub, cast.employer)


def ready(cast, **more) -> Placement:
    """Ready, because no rule asks for anything."""
    return scenes.placement(cast, state="ready", **more)


def later(client, clock, moment: dt.datetime) -> None:
    """Move the clock; the old sign-in has run out by then."""
    user = client.session["_auth_user_id"]
    clock.now = moment
    client.force_login(User.objects.get(pk=user))


def on_the_day(client, clock, placement: Placement) -> None:
    later(client, clock, placement.session.starts_at + dt.timedelta(minutes=5))


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


@pytest.fixture
def shadowing(cast):
    """Accepted, with everything of tier 3 asked for."""
    load_packs()
    kind = scenes.encounter_type(cast.hub, "shadow", tier="T3", hours=5)
    return scenes.placement(cast, state="accepted", wanted=scenes.session(scenes.opportunity(cast.employer, kind=kind)))


def task_url(placement: Placement, code: str) -> str:
    row = placement.clearances.get(requirement__code=code)
    return reverse("employer-placement-clearance", args=[placement.pk, row.pk])


def document(cast, **fields) -> Document:
    defaults = {
        "employer": cast.employer,
        "kind": "liability",
        "state": "held",
        "expires_on": dt.date(2027, 3, 31),
        "added_at": NOW,
    }
    return Document.objects.create(hub=cast.hub, **{**defaults, **fields})


def test_only_the_hosts_own_tasks_are_listed(work, cast, shadowing):
    titles = [task["title"] for task in work.get(url(shadowing)).context["tasks_open"]]
    assert titles == ["Employers' liability insurance", "Risk management covers young people", "No harmful work"]


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


# ---- Home ---------------------------------------------------------------------


def adopt_plan(cast) -> None:
    template = ActionPlanTemplate.objects.create(hub=cast.hub, name="First year", state="published")
    TemplateStep.objects.create(template=template, title="Name a contact", week=3, sort_order=1)
    TemplateStep.objects.create(template=template, title="Host a visit", week=20, sort_order=2)
    plans.adopt(template, cast.employer, by=by_employer(cast), now=NOW)


def needs(answer) -> list[tuple[str, str]]:
    return [(need.title, need.action_label) for need in answer.context["needs"]]


def test_a_new_employer_is_shown_the_first_step(work, cast):
    assert needs(work.get(HOME)) == [("Choose a plan for the year", "See plans")]


def test_home_shows_what_waits_oldest_due_first(work, cast):
    adopt_plan(cast)
    scenes.placement(cast, state="offered")
    scenes.opportunity(cast.employer, state="draft", title="Talk", comment="Which bus?")
    document(cast, expires_on=NOW.date() + dt.timedelta(days=3))
    assert needs(work.get(HOME)) == [
        ("Renew: employers' liability insurance", "Send the new one"),
        ("6 students for See how it is made, Tue 20 October", "Answer"),
        ("Name a contact", "Open the step"),
        ("A change is asked for: Talk", "Go on"),
    ]


def test_a_member_is_not_asked_for_what_only_a_lead_does(client, cast, clock):
    document(cast, expires_on=NOW.date() + dt.timedelta(days=3))
    client.force_login(cast.employer_member)
    assert needs(client.get(HOME)) == []


def test_a_renewed_document_no_longer_nags(work, cast):
    adopt_plan(cast)
    document(cast, expires_on=NOW.date() + dt.timedelta(days=3))
    document(cast, state="quarantined")
    assert work.get(HOME).context["documents"] == []


def test_home_asks_for_host_tasks_and_feedback(work, cast, clock, shadowing):
    assert [title for title, _label in needs(work.get(HOME))][:1] == [
        "Employers' liability insurance: See how it is made, Tue 20 October"
    ]
    other = ready(
        cast,
        wanted=scenes.session(
            scenes.opportunity(cast.employer, title="Tour", kind=scenes.encounter_type(cast.hub, "talk", tier="T1"))
        ),
        of=scenes.group(cast.school, "10B"),
    )
    on_the_day(work, clock, other)
    attendance.begin(other, by=scenes.desk(cast), now=clock.now)
    later(work, clock, other.session.ends_at + dt.timedelta(hours=1))
    assert ("How was it? Tour, Tue 20 October", "Give feedback") in needs(work.get(HOME))


def test_somebody_elses_rows_are_not_on_the_home(client, cast, clock):
    adopt_plan(cast)
    scenes.placement(cast, state="offered")
    document(cast, expires_on=NOW.date() + dt.timedelta(days=3))
    client.force_login(cast.other_lead)
    page = client.get(HOME)
    assert needs(page) == [("Choose a plan for the year", "See plans")]
    assert (page.context["cards"], page.context["documents"], page.context["plan"]) == ([], [], None)


# ---- How many statements ---------------------------------------------------------


def many(cast, count: int) -> Placement:
    adopt_plan(cast)
    for number in range(count):
        wanted = scenes.session(scenes.opportunity(cast.employer, title=f"Tour {number}"))
        row = scenes.placement(cast, state="offered", wanted=wanted, of=scenes.group(cast.school, f"10{number}"))
        document(cast, expires_on=NOW.date() + dt.timedelta(days=3), kind=["liability", "public", "risk"][number])
    return row


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_as_much_for_three_as_for_one(work, cast, django_assert_num_queries, count):
    many(cast, count)
    with django_assert_num_queries(7):
        work.get(LIST)


@pytest.mark.parametrize("count", [1, 3])
def test_home_asks_as_much_for_three_as_for_one(work, cast, django_assert_num_queries, count):
    many(cast, count)
    with django_assert_num_queries(21):
        work.get(HOME)


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
