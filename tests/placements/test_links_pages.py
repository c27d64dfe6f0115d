"""Pages behind signed links: opening changes nothing, one decision changes what it says."""

from __future__ import annotations

import datetime as dt

import pytest
from django.apps import apps
from django.core import serializers
from django.test import Client
from django.urls import reverse

from hubs.delivery import drain
from hubs.links import link_for, revoke_links
from hubs.models import LogEntry, SignedLink
from placements.domain import answers, attendance, brokering
from placements.models import Feedback, Placement
from schools.models import Student
from tests import scenes
from tests.cast import NOW, actor
from tests.placements.by_link import CANARY, path

SHARED = "Uses the lift, please"
COLLEAGUE = "shift@brightwater.example"


@pytest.fixture(autouse=True)
def _clock(clock):
    """Every page reads the tests' clock."""


def offered(cast) -> Placement:
    return scenes.placement(cast, state="offered")


def ready(cast) -> Placement:
    """Ready, because no rule asks for anything."""
    placement = scenes.placement(cast, state="ready")
    Student.objects.filter(school=placement.school).update(name=CANARY, is_priority=True, shared_needs=SHARED)
    return placement


def everything() -> str:
    """Every row of the product's own tables."""
    ours = ("hubs", "employers", "schools", "opportunities", "placements")
    models = [model for label in ours for model in apps.get_app_config(label).get_models() if model._meta.managed]
    return "".join(serializers.serialize("json", model._base_manager.order_by("pk")) for model in models)


# ---- Opening -------------------------------------------------------------------


def test_opening_changes_nothing(client, cast, shadowing, consent):
    pages = [path(shadowing, "answer"), path(shadowing, "host"), path(consent, "consent")]
    before = everything()
    for page in pages:
        answers_ = [client.get(page), client.head(page), client.get(page, {"lang": "fr"}), client.options(page)]
        assert [answer.status_code for answer in answers_] == [200, 200, 200, 405]
    assert everything() == before


def test_opening_an_open_request_changes_nothing(client, cast):
    page = path(offered(cast), "answer")
    before = everything()
    assert [client.get(page).status_code, client.head(page).status_code] == [200, 200]
    assert everything() == before


def test_pages_are_kept_and_named_nowhere(client, cast):
    answer = client.get(path(offered(cast), "answer"))
    said = [answer[name] for name in ("Cache-Control", "Referrer-Policy", "X-Robots-Tag", "Content-Language")]
    assert said == ["no-store", "same-origin", "noindex, nofollow", "en-gb"]


def closed(cast) -> dict[str, str]:
    placement = offered(cast)
    live = path(placement, "answer")
    token = live.rstrip("/").rpartition("/")[2]
    lapsed = path(placement, "answer", address="old@brightwater.example", days=1)
    return {"live": live, "other purpose": f"/l/host/{token}/", "unknown": "/l/answer/x/", "lapsed": lapsed}


def test_closed_doors_all_look_the_same(client, cast, clock):
    doors = closed(cast)
    clock.now = NOW + dt.timedelta(days=2)
    pages = {name: client.get(address) for name, address in doors.items()}
    assert {name: page.status_code for name, page in pages.items()} == {
        "live": 200,
        "other purpose": 404,
        "unknown": 404,
        "lapsed": 404,
    }
    texts = {page.content for name, page in pages.items() if name != "live"}
    assert len(texts) == 1
    text = texts.pop().decode()
    assert (text.count("desk@harbour.example"), text.count("Quayside"), text.count("See how")) == (2, 0, 0)


def test_a_revoked_link_opens_nothing_and_does_nothing(client, cast):
    placement = offered(cast)
    page = path(placement, "answer")
    revoke_links(placement, now=NOW)
    assert [client.get(page).status_code, client.post(page, {"act": "accept"}).status_code] == [404, 404]
    placement.refresh_from_db()
    assert placement.state == "offered"


def test_a_link_of_another_hub_opens_nothing_here(client, cast):
    page = path(offered(cast), "answer")
    assert client.get(page, headers={"host": cast.hub_b.hostname}).status_code == 404


def test_a_token_of_one_kind_of_row_opens_no_other(client, cast, shadowing):
    """A link for the placement with a clearance's number is not a link for that clearance."""
    _link, token = link_for(shadowing, "consent", now=NOW, days=9)
    assert client.get(reverse("consent-link", args=[token])).status_code == 404


def test_withdrawn_requests_close_their_links(client, cast):
    placement = offered(cast)
    page = path(placement, "answer")
    brokering.withdraw(placement, by=scenes.desk(cast), now=NOW)
    assert client.get(page).status_code == 404


def test_without_the_form_token_nothing_is_done(cast):
    placement = offered(cast)
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(path(placement, "answer"), {"act": "accept", "supervisor": ""}).status_code == 403
    placement.refresh_from_db()
    assert placement.state == "offered"


# ---- The employer answers ---------------------------------------------------------


def test_the_answer_page_says_it_all_but_names(client, cast):
    placement = offered(cast)
    Student.objects.filter(school=cast.school).update(name=CANARY, shared_needs=SHARED)
    text = client.get(path(placement, "answer")).content.decode()
    for words in ("Can you take 6 students from Quayside School?", "See how it is made", "10A", "Accept 6 students"):
        assert words in text
    assert (CANARY in text, SHARED in text, "10A-01" in text) == (False, False, False)


def test_the_words_of_the_hub_are_on_the_page(client, cast, mailoutbox):
    placement = scenes.placement(cast, state="held")
    brokering.offer(placement, by=scenes.desk(cast), now=NOW, message="They loved it last year.")
    assert "They loved it last year." in client.get(path(placement, "answer")).content.decode()


def test_yes_is_one_press_and_says_what_follows(client, cast):
    placement = offered(cast)
    page = path(placement, "answer", name="Sam at the gate")
    answer = client.post(page, {"act": "accept", "supervisor": "Reception"}, follow=True)
    assert answer.redirect_chain == [(page, 302)]
    placement.refresh_from_db()
    entry = LogEntry.objects.about(placement).get(verb="accepted")
    link = SignedLink.objects.get(purpose="answer")
    assert (placement.state, placement.supervisor) == ("ready", "Reception")
    assert (entry.hat, entry.via, entry.by, entry.facts) == ("link:employer", "link", None, {"link": link.pk})
    assert link.last_used_at == NOW
    text = answer.content.decode()
    assert "Sam at the gate said yes on Tue 15 September." in text
    assert "What happens next" in text


def test_a_second_answer_reads_the_first(client, cast):
    placement = offered(cast)
    page = path(placement, "answer", name="Sam")
    client.post(page, {"act": "decline", "why": "people", "words": ""})
    text = client.post(page, {"act": "accept", "supervisor": ""}).content.decode()
    assert "Sam said no on Tue 15 September." in text
    assert "Accept 6 students" not in text
    placement.refresh_from_db()
    assert (placement.state, placement.reason) == ("declined", "Nobody is free to look after them.")


def test_an_answer_given_signed_in_is_read_by_link(client, cast):
    placement = offered(cast)
    answers.accept(placement, by=actor(cast.employer_lead, cast.hub, cast.employer), now=NOW)
    assert "Lead Brightwater said yes" in client.get(path(placement, "answer")).content.decode()


def test_an_answer_of_the_hub_is_the_hubs(client, cast):
    placement = offered(cast)
    answers.accept(placement, by=actor(cast.amina, cast.hub, cast.employer), now=NOW)
    text = client.get(path(placement, "answer")).content.decode()
    assert ("Harbour Careers Hub said yes" in text, "Amina" in text) == (True, False)


def test_no_needs_a_reason(client, cast):
    placement = offered(cast)
    page = client.post(path(placement, "answer"), {"act": "decline", "why": "", "words": "Hm"})
    form = page.context["forms"]["decline"]
    assert (form.errors, form["words"].value()) == ({"why": ["Choose one."]}, "Hm")


def test_a_colleague_gets_a_link_of_their_own(client, cast, mailoutbox):
    placement = offered(cast)
    drain(lambda: NOW)
    mailoutbox.clear()
    page = path(placement, "answer")
    answer = client.post(page, {"act": "colleague", "email": COLLEAGUE}, follow=True)
    assert "Your colleague gets a link of their own." in answer.content.decode()
    drain(lambda: NOW)
    assert [mail.to for mail in mailoutbox] == [[COLLEAGUE]]
    theirs = SignedLink.objects.get(address=COLLEAGUE)
    assert (theirs.purpose, theirs.revoked_at) == ("answer", None)
    assert client.get(page).status_code == 200
    assert LogEntry.objects.about(placement).get(verb="handed_over").hat == "link:employer"


def test_an_employer_without_an_account_can_confirm_what_is_asked(client, cast, shadowing):
    page = path(shadowing, "answer")
    task = shadowing.clearances.get(requirement__code="ENG-04")
    assert "Employers&#x27; liability insurance" in client.get(page).content.decode()
    sent = {"act": "declare", "task": task.pk, "words": ""}
    form = dict(client.post(page, sent).context["tasks"])[task]
    assert form.errors == {"confirmed": ["Tick this to go on."]}
    client.post(page, {**sent, "confirmed": "on"})
    task.refresh_from_db()
    assert (task.state, task.evidence) == ("done", {"declared": True, "words": ""})


@pytest.mark.parametrize("code", ["ENG-01", "ENG-10"])
def test_a_link_does_no_more_than_confirm_the_hosts_own(client, cast, shadowing, code):
    task = shadowing.clearances.get(requirement__code=code)
    client.post(path(shadowing, "answer"), {"act": "declare", "task": task.pk, "confirmed": "on"})
    task.refresh_from_db()
    assert task.state == "open"


@pytest.mark.parametrize("task", ["", "x", "9" * 30, "0"])
def test_a_task_made_up_is_said_and_not_an_error(client, cast, shadowing, task):
    page = client.post(path(shadowing, "answer"), {"act": "declare", "task": task, "confirmed": "on"})
    assert page.status_code == 200


# ---- The page of the day --------------------------------------------------------------


def test_the_page_of_the_day_shows_names_but_no_needs(client, cast):
    cast.school.emergency_phone = "0117 000 0000"
    cast.school.safeguarding_contact = "Pastoral office, 0117 000 0001"
    cast.school.save()
    placement = ready(cast)
    text = client.get(path(placement, "host")).content.decode()
    assert text.count(CANARY) == 6
    assert ("0117 000 0000" in text, "Pastoral office" in text, SHARED in text) == (True, True, False)


def test_the_page_of_the_day_closes_when_it_is_called_off(client, cast):
    placement = ready(cast)
    page = path(placement, "host")
    answers.cancel(placement, "Fire drill", by=scenes.desk(cast), now=NOW)
    assert client.get(page).status_code == 404


def test_nobody_is_named_before_acceptance(client, cast):
    placement = offered(cast)
    Student.objects.filter(school=cast.school).update(name=CANARY)
    assert CANARY not in client.get(path(placement, "host")).content.decode()


def test_presence_by_link(client, cast, clock):
    placement = ready(cast)
    page = path(placement, "host")
    early = client.post(page, {"act": "presence", "day": scenes.DAY.isoformat(), "everybody": "1"})
    assert "Presence is marked on the day itself and after." in early.content.decode()
    clock.now = placement.session.starts_at + dt.timedelta(minutes=5)
    ids = list(placement.students.values_list("student_id", flat=True))
    client.post(page, {"act": "presence", "day": scenes.DAY.isoformat(), "present": ids[1:]})
    assert list(placement.student_days.filter(present=False).values_list("student_id", flat=True)) == ids[:1]
    entry = LogEntry.objects.about(placement).get(verb="marked")
    assert (entry.hat, entry.facts["present"], entry.facts["absent"]) == ("link:host", 5, 1)
    placement.refresh_from_db()
    assert placement.state == "under_way"


def test_feedback_by_link(client, cast, clock):
    placement = ready(cast)
    page = path(placement, "host")
    said = {
        "two_way": "yes",
        "range_of_people": "no",
        "task": "yes",
        "feedback": "yes",
        "again": "no",
        "words": "Loud.",
    }
    client.post(page, {"act": "feedback", **said})
    assert Feedback.objects.count() == 0
    clock.now = placement.session.starts_at + dt.timedelta(minutes=5)
    attendance.begin(placement, by=scenes.desk(cast), now=clock.now)
    assert client.post(page, {"act": "feedback"}).context["opinion"].errors["task"] == ["Choose one."]
    assert "Feedback was given" in client.post(page, {"act": "feedback", **said}, follow=True).content.decode()
    assert Feedback.objects.get().answers["words"] == "Loud."


def test_a_host_link_answers_nothing(client, cast):
    placement = offered(cast)
    client.post(path(placement, "host"), {"act": "accept", "supervisor": ""})
    placement.refresh_from_db()
    assert placement.state == "offered"


# ---- How many statements --------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 3])
def test_the_page_of_the_day_asks_as_much_for_three_as_for_one(client, cast, django_assert_num_queries, size):
    page = path(scenes.placement(cast, state="ready", of=scenes.group(cast.school, size=size)), "host")
    with django_assert_num_queries(9):
        client.get(page)


def test_the_answer_page_asks_little(client, cast, django_assert_num_queries):
    page = path(offered(cast), "answer")
    with django_assert_num_queries(9):
        client.get(page)
