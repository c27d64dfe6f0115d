"""What a school asks for: checked before it is sent, kept as a draft, asked again, for several groups."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from employers.models import Sector
from hubs.errors import CannotAct
from opportunities.models import Pathway, PathwayStep
from placements.domain import brokering, copying, requests
from placements.domain.matching import matches
from placements.domain.requests import CannotRequest
from placements.domain.wishes import Kind
from placements.models import PlacementRequest
from schools.models import Closure, ReleaseRule, School
from tests import scenes
from tests.cast import NOW, actor

WEEK = dt.timedelta(weeks=1)


def ask(cast, wished=(), *, of=None, **asked) -> PlacementRequest:
    of = of or scenes.group(cast.school)
    asked = {"places": of.size, **asked}
    by = actor(cast.coordinator, cast.hub, cast.school)
    return requests.request_places(cast.school, group=of, wished=wished, by=by, now=NOW, **asked)


@pytest.fixture
def offer(cast):
    return scenes.opportunity(cast.employer)


# ---- Each refusal with its reason and the nearest that could be ---------------------------


def closed(cast, day: dt.date) -> None:
    Closure.objects.create(hub=cast.hub, school=cast.school, name="Strike", starts_on=day, ends_on=day)


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("age", "too young"),
        ("notice", "notice"),
        ("closed", "Strike"),
        ("clash", "Already somewhere else at that time: 10A-01"),
        ("too many", "5 places in all"),
        ("too few", "at least 9 students"),
        ("not yet open", "Requests open on Fri 16 October"),
        ("closed for requests", "Requests closed on Mon 14 September"),
        ("far", "min each way, and this request goes at most 10"),
        ("begun", "no longer offered"),
        ("withdrawn", "no longer offered"),
    ],
)
def test_every_refusal_says_why_and_what_could_be_instead(cast, offer, why, words):
    group = scenes.group(cast.school)
    wanted, other = scenes.session(offer), scenes.session(offer, on=scenes.DAY + WEEK)
    near = scenes.opportunity(cast.other_employer)
    asked: dict = {"of": group}
    if why == "age":
        offer.min_age, offer.max_age = 17, 18
        offer.save()
        other = scenes.session(near, on=scenes.DAY + WEEK)
    elif why == "notice":
        ReleaseRule.objects.create(hub=cast.hub, school=cast.school, notice_weeks=3)
        wanted = scenes.session(offer, on=dt.date(2026, 9, 29))
        other.delete()
        other = scenes.session(offer, on=dt.date(2026, 10, 13))
    elif why == "closed":
        closed(cast, scenes.DAY)
    elif why == "clash":
        students = list(group.students.order_by("pk")[:2])
        elsewhere = scenes.session(near)
        brokering.hold(ask(cast, [elsewhere], of=group, places=2, students=students), elsewhere,
                       by=scenes.desk(cast), now=NOW)  # fmt: skip
        asked |= {"places": 2, "students": students}
    elif why == "far":
        School.objects.filter(pk=cast.school.pk).update(latitude=51.5, longitude=-0.12)
        offer.site.latitude, offer.site.longitude = 53.4, -1.5
        offer.site.save()
        cast.school.refresh_from_db()
        other = scenes.session(near, on=scenes.DAY + WEEK)
        asked |= {"max_travel": 10}
        near.site.latitude, near.site.longitude = 51.5, -0.12
        near.site.save()
    else:
        fields = {
            "too many": {"places": 5},
            "too few": {"group_min": 9},
            "not yet open": {"opens_on": dt.date(2026, 10, 16)},
            "closed for requests": {"closes_on": dt.date(2026, 9, 14)},
            "begun": {"starts_at": NOW - dt.timedelta(hours=1)},
            "withdrawn": {"state": "cancelled"},
        }[why]
        type(wanted).objects.filter(pk=wanted.pk).update(**fields)
        wanted = type(wanted).objects.with_all().get(pk=wanted.pk)
    before = PlacementRequest.objects.count()

    with pytest.raises(CannotRequest) as refusal:
        ask(cast, [wanted], **asked)

    assert words in refusal.value.sentence, refusal.value.sentence
    assert refusal.value.facts == {"session": wanted.pk, "nearest": other.pk}
    assert "Nearest that could be" in refusal.value.sentence
    assert PlacementRequest.objects.count() == before


def test_an_employer_out_of_use_is_neither_asked_nor_named_instead(cast, offer):
    wanted, _sooner = scenes.session(offer), scenes.session(offer, on=scenes.DAY + dt.timedelta(days=1))
    other = scenes.session(scenes.opportunity(cast.other_employer), on=scenes.DAY + WEEK)
    type(cast.employer).objects.filter(pk=cast.employer.pk).update(is_active=False)
    with pytest.raises(CannotRequest, match="no longer offered") as refusal:
        ask(cast, [type(wanted).objects.with_all().get(pk=wanted.pk)])
    assert refusal.value.facts == {"session": wanted.pk, "nearest": other.pk}


def test_all_wishes_that_cannot_be_are_named_at_once(cast, offer):
    first, second = scenes.session(offer), scenes.session(offer, on=scenes.DAY + WEEK)
    closed(cast, scenes.DAY)
    closed(cast, scenes.DAY + WEEK)
    with pytest.raises(CannotRequest) as refusal:
        ask(cast, [first, second])
    assert refusal.value.sentence.count("Strike") == 2
    assert "nearest" not in refusal.value.facts


def test_nearest_is_one_with_places_left(cast, offer):
    wanted = scenes.session(offer)
    full, free = scenes.session(offer, on=scenes.DAY + WEEK, places=6), scenes.session(offer, on=scenes.DAY + 2 * WEEK)
    type(full).objects.filter(pk=full.pk).update(taken=6)
    closed(cast, scenes.DAY)
    with pytest.raises(CannotRequest) as refusal:
        ask(cast, [wanted])
    assert refusal.value.facts["nearest"] == free.pk


def test_the_page_offers_the_nearest_instead(page, cast, offer):
    wanted, other = scenes.session(offer), scenes.session(offer, on=scenes.DAY + WEEK)
    group = scenes.group(cast.school)
    closed(cast, scenes.DAY)
    url = f"{reverse('school-request-new')}?session={wanted.pk}&group={group.pk}"
    said = page.post(url, {"who": "whole"}).content.decode()
    assert "Ask for See how it is made on Tue 27 October instead" in said
    assert f"session={other.pk}&amp;group={group.pk}" in said


# ---- Kinds, drafts, again, several groups ---------------------------------------------------


def test_a_wish_for_a_kind_in_a_sector_is_met_by_its_sessions(cast, offer):
    sectors = [Sector.objects.create(code=code, name=code.title()) for code in ("build", "food")]
    bakery = scenes.opportunity(cast.other_employer, title="Bread")
    offer.sectors.add(sectors[0])
    bakery.sectors.add(sectors[1])
    scenes.session(offer)
    bread = scenes.session(bakery)
    row = ask(cast, [Kind(offer.encounter_type, sectors[1])])
    assert str(row.wishes.get()) == "1. Workplace visit"
    found = matches(row, now=NOW)
    assert (found[0].session_fit.session.pk, found[0].wish_rank) == (bread.pk, 1)
    assert [m.wish_rank for m in found[1:]] == [None]


def test_a_kind_of_another_hub_or_no_wish_at_all_is_refused(cast):
    theirs = scenes.encounter_type(cast.hub_b)
    with pytest.raises(CannotRequest, match="not offered here"):
        ask(cast, [Kind(theirs)])
    with pytest.raises(CannotRequest, match="at least one"):
        ask(cast, of=scenes.group(cast.school, "10B"))


def test_a_draft_is_nobodys_business_until_it_is_sent_and_checked_then(cast, offer):
    wanted = scenes.session(offer)
    closed(cast, scenes.DAY)
    draft = ask(cast, [wanted], draft=True)
    assert draft.state == "draft"
    by = actor(cast.coordinator, cast.hub, cast.school)
    with pytest.raises(CannotRequest, match="Strike"):
        requests.submit(draft, by=by, now=NOW)
    assert PlacementRequest.objects.get().state == "draft"
    Closure.objects.all().delete()
    requests.submit(PlacementRequest.objects.get(), by=by, now=NOW)
    assert PlacementRequest.objects.get().state == "submitted"


def test_the_same_again_is_a_draft_with_what_comes_next(cast, offer):
    kind = scenes.encounter_type(cast.hub, "talk", name="Talk")
    talk = scenes.opportunity(cast.other_employer, kind=kind)
    row = ask(
        cast, [scenes.session(offer), scenes.session(talk, on=scenes.DAY + WEEK)], needs="Step-free.", max_travel=40
    )
    row.group.size = 4
    row.group.save()
    next_year = scenes.session(offer, on=dt.date(2027, 10, 19))
    later = dt.datetime(2027, 9, 14, 9, tzinfo=dt.UTC)
    again = copying.copy_request(row, by=actor(cast.coordinator, cast.hub, cast.school), now=later)
    assert again.left_out == []
    again = again.request
    assert (again.state, again.places, again.needs, again.max_travel) == ("draft", 4, "Step-free.", 40)
    assert list(again.wishes.values_list("rank", "session", "encounter_type")) == [
        (1, next_year.pk, None), (2, None, kind.pk),
    ]  # fmt: skip


def test_several_groups_at_once_are_all_asked_for_or_none(cast, offer):
    wanted = scenes.session(offer, places=30)
    groups = [scenes.group(cast.school, name, size=size) for name, size in (("10A", 6), ("10B", 8))]
    by = actor(cast.coordinator, cast.hub, cast.school)
    made = requests.request_for_groups(cast.school, groups, wished=[wanted], by=by, now=NOW)
    assert [(row.group, row.places) for row in made] == [(groups[0], 6), (groups[1], 8)]
    young = scenes.group(cast.school, "7A", year=5)
    more = [scenes.group(cast.school, "10C"), young]
    with pytest.raises(CannotRequest, match=r"^7A: "):
        requests.request_for_groups(cast.school, more, wished=[wanted], by=by, now=NOW)
    assert PlacementRequest.objects.count() == 2
    with pytest.raises(CannotRequest):
        requests.request_for_groups(cast.school, [], wished=[wanted], by=by, now=NOW)


def test_nobody_else_asks_for_the_school(cast, offer):
    by = actor(cast.employer_lead, cast.hub, cast.employer)
    with pytest.raises(CannotAct):
        requests.request_places(cast.school, group=None, places=1, wished=[scenes.session(offer)], by=by, now=NOW)


def test_pages_keep_a_draft_send_it_and_ask_again(page, cast, offer):
    group, wanted = scenes.group(cast.school), scenes.session(offer)
    url = f"{reverse('school-request-new')}?session={wanted.pk}&group={group.pk}"
    sent = {"who": "whole", "draft": "1", "kind": offer.encounter_type_id, "max_travel": "45", "is_provisional": "on"}
    shown = page.post(url, sent, follow=True).content.decode()
    draft = PlacementRequest.objects.get()
    assert (draft.state, draft.max_travel, draft.is_provisional, draft.wishes.count()) == ("draft", 45, True, 2)
    for words in (
        "Send request",
        "Any session of this kind: Workplace visit",
        "At most 45 minutes",
        "This request is provisional",
    ):
        assert words in shown
    page.post(reverse("school-request-again", args=[draft.pk]))
    draft.refresh_from_db()
    assert draft.state == "submitted"
    copied = page.post(reverse("school-request-copy", args=[draft.pk]), follow=True).content.decode()
    assert "A draft with the same wishes" in copied
    assert PlacementRequest.objects.filter(state="draft").count() == 1


@pytest.mark.urls("tests.placements.api_urls")
def test_clients_check_before_they_send(cast, offer, clock):
    wanted, other = scenes.session(offer), scenes.session(offer, on=scenes.DAY + WEEK)
    group = scenes.group(cast.school)
    closed(cast, scenes.DAY)
    client = APIClient()
    client.force_authenticate(cast.coordinator)
    body = {"group": group.pk, "sessions": [wanted.pk, other.pk]}
    found = client.post("/test-api/requests/check/", body, format="json").json()
    assert [(one["session"], bool(one["why"]), one["nearest"]) for one in found] == [
        (wanted.pk, True, None), (other.pk, False, None),
    ]  # fmt: skip
    asked = {"group": group.pk, "kinds": [{"encounter_type": offer.encounter_type_id}], "draft": True}
    made = client.post("/test-api/requests/", asked, format="json")
    assert (made.status_code, made.json()["state"]) == (201, "draft"), made.json()


def test_a_refused_request_is_checked_again_before_it_is_sent_again(cast, offer):
    session = scenes.session(offer)
    request = ask(cast, [session])
    brokering.refuse(request, "Nothing that week", by=scenes.desk(cast), now=NOW)
    closed(cast, session.first_on)
    by = actor(cast.coordinator, cast.hub, cast.school)
    with pytest.raises(CannotRequest) as refusal:
        requests.submit(request, by=by, now=NOW)
    assert refusal.value.facts["session"] == session.pk
    assert PlacementRequest.objects.get().state == "refused"
    Closure.objects.all().delete()
    requests.submit(request, by=by, now=NOW)
    assert PlacementRequest.objects.get().state == "submitted"


# ---- Sent again, copied: what was so then may be so no longer -----------------------------------


def of_school(cast):
    return actor(cast.coordinator, cast.hub, cast.school)


@pytest.mark.parametrize("was", ["draft", "refused"])
def test_a_kind_retired_since_is_not_sent_and_the_nearest_is_named(cast, offer, was):
    kind = offer.encounter_type
    near = scenes.session(offer)
    request = ask(cast, [Kind(kind)], draft=was == "draft")
    if was == "refused":
        brokering.refuse(request, "Nothing that week", by=scenes.desk(cast), now=NOW)
    type(kind).objects.update(is_active=False)
    with pytest.raises(CannotRequest, match=r"not offered here\. Nearest that could be: See how it is made") as refusal:
        requests.submit(request, by=of_school(cast), now=NOW)
    assert refusal.value.facts == {"nearest": near.pk}
    assert PlacementRequest.objects.get().state == was
    type(kind).objects.update(is_active=True)
    requests.submit(PlacementRequest.objects.get(), by=of_school(cast), now=NOW)
    assert PlacementRequest.objects.get().state == "submitted"


def test_a_kind_whose_tier_needs_names_now_is_not_sent(cast, offer):
    request = ask(cast, [Kind(offer.encounter_type)], draft=True)
    PlacementRequest.objects.update(group=None)
    type(offer.encounter_type).objects.update(tier="T3")
    with pytest.raises(CannotRequest, match="Choose a group, or name the students"):
        requests.submit(PlacementRequest.objects.get(pk=request.pk), by=of_school(cast), now=NOW)


def test_students_and_groups_gone_since_are_said_before_it_is_sent(cast, offer):
    group = scenes.group(cast.school)
    one = group.students.order_by("pk").first()
    draft = ask(cast, [scenes.session(offer)], of=group, students=[one], places=1, draft=True)
    type(one).objects.filter(pk=one.pk).update(left_on=NOW.date())
    with pytest.raises(CannotRequest, match=r"No longer at the school: 10A-01\. Change the draft\."):
        requests.submit(draft, by=of_school(cast), now=NOW)
    PlacementRequest.objects.update(state="refused")
    with pytest.raises(CannotRequest, match=r"Ask for the same again, and say who comes now\."):
        requests.submit(PlacementRequest.objects.get(), by=of_school(cast), now=NOW)
    type(one).objects.update(left_on=None)
    type(group).objects.update(is_active=False)
    with pytest.raises(CannotRequest, match=r"10A is not in use any more\."):
        requests.submit(PlacementRequest.objects.get(), by=of_school(cast), now=NOW)


@pytest.mark.urls("tests.placements.api_urls")
def test_what_still_lives_is_copied_and_the_rest_is_said(cast, offer, clock):
    gone = scenes.encounter_type(cast.hub, "talk", name="Talk")
    talk = scenes.session(scenes.opportunity(cast.other_employer, kind=gone))
    row = ask(cast, [scenes.session(offer), talk, Kind(gone)])
    type(gone).objects.filter(pk=gone.pk).update(is_active=False)
    talk.opportunity.state = "withdrawn"
    talk.opportunity.save()
    made = copying.copy_request(row, by=of_school(cast), now=NOW)
    assert made.request.wishes.count() == 1
    assert made.left_out == [
        "Tue 20 October: See how it is made, Saffron Bakery: This kind of encounter is not offered here.",
        "Talk: This kind of encounter is not offered here.",
    ]
    client = APIClient()
    client.force_authenticate(cast.coordinator)
    said = client.post(f"/test-api/requests/{row.pk}/copy/").json()
    assert (said["state"], said["left_out"], len(said["wishes"])) == ("draft", made.left_out, 1)


def test_the_page_says_what_could_not_be_copied(page, cast, offer):
    gone = scenes.encounter_type(cast.hub, "talk", name="Talk")
    row = ask(cast, [scenes.session(offer), Kind(gone)])
    type(gone).objects.filter(pk=gone.pk).update(is_active=False)
    shown = page.post(reverse("school-request-copy", args=[row.pk]), follow=True).content.decode()
    assert "A draft, but not with all of the same wishes:" in shown
    assert "Talk: This kind of encounter is not offered here." in shown
    assert PlacementRequest.objects.filter(state="draft").count() == 1


def test_a_step_of_a_pathway_put_away_is_copied_as_its_kind(cast, offer):
    pathway = Pathway.objects.create(hub=cast.hub, name="Making", state="published")
    step = PathwayStep.objects.create(pathway=pathway, position=0, encounter_type=offer.encounter_type)
    row = ask(cast, [Kind.of_step(step)])
    Pathway.objects.update(state="draft")
    made = copying.copy_request(row, by=of_school(cast), now=NOW)
    assert list(made.request.wishes.values_list("step", "encounter_type")) == [(None, offer.encounter_type_id)]
    assert made.left_out[0].endswith("not published here. Any session of its kind is wished for instead.")


def test_a_copy_of_nothing_that_lives_is_refused_and_says_so(cast, offer):
    row = ask(cast, [Kind(offer.encounter_type)])
    type(offer.encounter_type).objects.update(is_active=False)
    with pytest.raises(
        CannotRequest, match=r"^Nothing this request wished for is offered any more\. Workplace visit: "
    ):
        copying.copy_request(row, by=of_school(cast), now=NOW)
    assert PlacementRequest.objects.count() == 1
