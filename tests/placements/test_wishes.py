"""What a request wishes for and when: steps of pathways ranked with sessions, windows, several groups at once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from rest_framework.test import APIClient

from employers.models import Sector
from hubs.errors import Refused
from opportunities.models import EncounterType, Pathway, PathwayStep
from placements.domain import copying, requests, windows, wishes
from placements.domain.matching import matches
from placements.domain.requests import CannotRequest
from placements.domain.windows import Window
from placements.domain.wishes import Kind
from placements.models import PlacementRequest, RequestWindow, Wish
from placements.worklists import worklists
from schools.models import Term
from tests import scenes
from tests.cast import NOW, actor

WEEK = dt.timedelta(weeks=1)
DAY = scenes.DAY
THAT_WEEK = Window(DAY, DAY + dt.timedelta(days=4))
API = "/api/v1/requests/"


@pytest.fixture
def offer(cast):
    return scenes.opportunity(cast.employer)


@pytest.fixture
def pathway(cast) -> Pathway:
    return Pathway.objects.create(hub=cast.hub, name="To work", state="published", shorter_first=0, other_sector=0)


def step(pathway: Pathway, kind: EncounterType, **fields) -> PathwayStep:
    return PathwayStep.objects.create(pathway=pathway, encounter_type=kind, position=pathway.steps.count(), **fields)


def ask(cast, *wished, of=None, **asked) -> PlacementRequest:
    of = of or scenes.group(cast.school)
    by = actor(cast.coordinator, cast.hub, cast.school)
    return requests.request_places(
        cast.school, group=of, wished=wished, by=by, now=NOW, **{"places": of.size, **asked}
    )  # fmt: skip


def wished_of(row: PlacementRequest) -> list[tuple[int, int | None]]:
    return [(match.session_fit.session.pk, match.wish_rank) for match in matches(row, now=NOW)]


def hopeless(cast) -> int:
    """How many requests the desk lists as those nobody fits."""
    return sum(len(one.items) for one in worklists(cast.hub, NOW) if one.key == "nofit")


# ---- Steps of pathways ------------------------------------------------------------------------


def test_a_step_is_ranked_with_sessions_and_met_by_what_does_it(cast, offer, pathway):
    food, wood = (Sector.objects.create(code=code, name=code, isic_section="I") for code in ("food", "wood"))
    offers = {code: scenes.opportunity(cast.other_employer, title=code) for code in ("food", "wood")}
    for sector in (food, wood):
        offers[sector.code].sectors.add(sector)
    first = scenes.session(offer)
    does, other = (scenes.session(offers[code], on=DAY + WEEK) for code in ("food", "wood"))
    one = step(pathway, offer.encounter_type, sector=food)
    row = ask(cast, Kind.of_step(one), first)
    assert list(row.wishes.values_list("rank", "step", "encounter_type", "sector", "session")) == [
        (1, one.pk, offer.encounter_type_id, food.pk, None), (2, None, None, None, first.pk),
    ]  # fmt: skip
    assert wished_of(row) == [(does.pk, 1), (first.pk, 2), (other.pk, None)]


def test_a_step_of_one_opportunity_is_met_by_its_sessions_alone(cast, offer, pathway):
    named = scenes.opportunity(cast.other_employer)
    there, elsewhere = scenes.session(named), scenes.session(offer)
    row = ask(cast, Kind.of_step(step(pathway, offer.encounter_type, opportunity=named)))
    assert wished_of(row) == [(there.pk, 1), (elsewhere.pk, None)]
    assert hopeless(cast) == 0
    type(there).objects.filter(pk=there.pk).update(taken=20)
    assert hopeless(cast) == 1


def test_steps_that_name_an_opportunity_are_read_in_one_statement(cast, offer, pathway, django_assert_num_queries):
    named = [scenes.opportunity(cast.employer) for _n in range(3)]
    row = ask(cast, *(Kind.of_step(step(pathway, offer.encounter_type, opportunity=one)) for one in named))
    with django_assert_num_queries(1):
        assert [one.step.opportunity for one in wishes.read(row)] == named


def test_a_step_the_pathway_loses_stays_the_kind_it_asked_for(cast, offer, pathway):
    one = step(pathway, offer.encounter_type)
    row = ask(cast, Kind.of_step(one))
    one.delete()
    assert wishes.read(row) == [Kind(offer.encounter_type)]
    again = step(pathway, offer.encounter_type)
    with pytest.raises(IntegrityError), transaction.atomic():
        Wish.objects.update(encounter_type=None, session=scenes.session(offer), step=again)


def test_a_wish_or_a_student_named_twice_is_said_and_makes_nothing(cast, offer):
    wanted = scenes.session(offer)
    client = APIClient()
    client.force_authenticate(cast.coordinator)
    pupil = scenes.group(cast.school, size=2).students.first()
    for asked in (
        {"sessions": [wanted.pk, wanted.pk], "places": 2},
        {"sessions": [wanted.pk], "students": [pupil.pk, pupil.pk], "places": 2},
    ):
        answer = client.post(API, asked, format="json", headers={"Throughline-Organisation": str(cast.school.pk)})
        assert (answer.status_code, "is named twice" in answer.content.decode()) == (409, True)
    assert PlacementRequest.objects.count() == 0


@pytest.mark.parametrize("offered", [True, False])
def test_what_has_to_come_first_is_said_before_a_step_is_asked_for(cast, offer, pathway, offered):
    """A pathway that employers offer binds; the hub's own is a guide."""
    talk = scenes.encounter_type(cast.hub, "talk", name="Talk")
    one = step(pathway, offer.encounter_type, needs_type=talk)
    if not offered:
        assert ask(cast, Kind.of_step(one)).state == "submitted"
        return
    pathway.employers.add(cast.employer)
    with pytest.raises(CannotRequest, match=r"^To work: Workplace visit: 10A: .*Talk"):
        ask(cast, Kind.of_step(one))


def test_a_kind_without_school_staff_is_not_asked_for_by_number(cast):
    kind = scenes.encounter_type(cast.hub, "week", tier="T3")
    with pytest.raises(CannotRequest, match="not asked for by number"):
        requests.request_places(
            cast.school, group=None, places=2, wished=[Kind(kind)], now=NOW,
            by=actor(cast.coordinator, cast.hub, cast.school),
        )  # fmt: skip


@pytest.mark.parametrize("gone", ["draft", "elsewhere"])
def test_a_step_that_is_not_published_here_is_not_asked_for(cast, offer, pathway, gone):
    one = step(pathway, offer.encounter_type)
    if gone == "draft":
        one.pathway.state = "draft"
    else:
        one.hub_id = cast.hub_b.pk
    with pytest.raises(CannotRequest, match="not published here"):
        ask(cast, Kind.of_step(one), draft=True)


# ---- Windows --------------------------------------------------------------------------------------


def test_windows_narrow_what_is_found_what_may_be_sent_and_the_nearest(cast, offer):
    inside, outside = scenes.session(offer), scenes.session(offer, on=DAY + WEEK)
    group = scenes.group(cast.school)
    row = ask(cast, Kind(offer.encounter_type), of=group, windows=[THAT_WEEK])
    assert wished_of(row) == [(inside.pk, 1)]
    with pytest.raises(CannotRequest) as refusal:
        ask(cast, outside, of=group, windows=[THAT_WEEK])
    assert "Not on the days this request names: Tue 20 – Sat 24 October." in refusal.value.sentence
    assert refusal.value.facts == {"session": outside.pk, "nearest": inside.pk}


def test_every_day_of_a_session_lies_in_a_window_perhaps_in_two(cast, offer):
    both, next_day = scenes.session(offer, days=2), DAY + dt.timedelta(days=1)
    one, other = Window(DAY, DAY), Window(next_day, next_day)
    assert windows.outside(both, [one, other]) is None
    assert windows.outside(both, [one]) is not None
    sessions = type(both).objects.all()
    assert list(windows.inside(sessions, [one, other])) == [both]
    assert list(windows.inside(sessions, [one])) == []


def test_nothing_in_its_windows_is_hopeless_and_on_the_desk(cast, offer):
    scenes.session(offer, on=DAY + WEEK)
    row = ask(cast, Kind(offer.encounter_type), windows=[THAT_WEEK, Window(DAY - WEEK, DAY - WEEK)])
    assert hopeless(cast) == 1
    RequestWindow.objects.create(hub=cast.hub, school=cast.school, request=row, first_on=DAY + WEEK, last_on=DAY + WEEK)
    assert hopeless(cast) == 0


def test_windows_that_make_no_sense_are_refused(cast, offer):
    kind, of = Kind(offer.encounter_type), scenes.group(cast.school)
    with pytest.raises(Refused, match="before its first"):
        ask(cast, kind, of=of, windows=[Window(DAY, DAY - WEEK)], draft=True)
    many = [Window(DAY + WEEK * n, DAY + WEEK * n) for n in range(windows.MOST + 1)]
    with pytest.raises(Refused, match=r"At most 12 windows\. Join some of them"):
        ask(cast, kind, of=of, windows=many, draft=True)
    with pytest.raises(CannotRequest, match="are over"):
        ask(cast, kind, of=of, windows=[Window(dt.date(2026, 9, 1), dt.date(2026, 9, 4))])
    row = ask(cast, kind, of=of, windows=[THAT_WEEK, THAT_WEEK], draft=True)
    assert windows.of(row) == [THAT_WEEK]
    with pytest.raises(IntegrityError), transaction.atomic():
        row.windows.update(last_on=DAY - WEEK)


def test_last_years_windows_are_copied_to_the_same_weeks_to_come(cast, offer):
    row = ask(cast, Kind(offer.encounter_type), windows=[THAT_WEEK])
    later = dt.datetime(2027, 9, 14, 9, tzinfo=dt.UTC)
    again = copying.copy_request(row, by=actor(cast.coordinator, cast.hub, cast.school), now=later)
    assert windows.of(again.request) == [Window(DAY + windows.YEAR, THAT_WEEK.last + windows.YEAR)]


# ---- The page ---------------------------------------------------------------------------------------


def new(group, **asked) -> str:
    rest = "".join(f"&{name}={value}" for name, value in asked.items())
    return f"{reverse('school-request-new')}?group={group.pk}{rest}"


def test_the_pathway_leads_to_a_request_for_its_step(page, cast, offer, pathway):
    group, one = scenes.group(cast.school), step(pathway, offer.encounter_type)
    shown = page.get(reverse("school-pathway", args=[pathway.pk])).content.decode()
    there = new(group, step=one.pk)
    assert there.replace("&", "&amp;") in shown
    form = page.get(there).context["form"]
    assert form["first"].value() == f"step-{one.pk}"
    term = Term.objects.get()
    days = f"{term.starts_on}/{term.ends_on}"
    wanted = scenes.session(offer)
    sent = {"who": "whole", "first": f"step-{one.pk}", "second": wanted.pk, "windows": days,
            "window_first": "2027-01-11", "window_last": "2027-01-15"}  # fmt: skip
    answer = page.post(there, sent, follow=True)
    assert "To work: any session that is its step “Workplace visit”" in answer.content.decode()
    row = PlacementRequest.objects.get()
    assert [(wish.step_id, wish.session_id) for wish in row.wishes.all()] == [(one.pk, None), (None, wanted.pk)]
    assert windows.of(row) == [
        Window(term.starts_on, term.ends_on), Window(dt.date(2027, 1, 11), dt.date(2027, 1, 15)),
    ]  # fmt: skip
    own = page.get(reverse("school-request", args=[row.pk])).content.decode()
    assert "Any session that does this step of the pathway" in own
    assert "Only in these weeks: Tue 1 September – Fri 18 December; Mon 11 – Fri 15 January" in own


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({}, "first"),
        ({"kind": True, "window_first": "2026-10-20"}, "window_last"),
        ({"kind": True, "window_last": "2026-10-20"}, "window_first"),
        ({"kind": True, "window_first": "2026-10-20", "window_last": "2026-10-19"}, "window_last"),
        ({"kind": True, "who": "some", "places": 2, "also": True}, "also"),
        ({"first": True, "second": True}, "second"),
    ],
)
def test_what_the_form_cannot_mean_is_said_beside_its_field(page, cast, offer, pathway, typed, field):
    group, other = scenes.group(cast.school), scenes.group(cast.school, "10B")
    one = f"step-{step(pathway, offer.encounter_type).pk}"
    real = {"kind": offer.encounter_type_id, "also": other.pk, "first": one, "second": one}
    sent = {"who": "whole"} | {name: real[name] if value is True else value for name, value in typed.items()}
    answer = page.post(new(group), sent)
    assert list(answer.context["form"].errors) == [field]
    assert not PlacementRequest.objects.exists()


def test_one_page_asks_for_several_groups_or_for_none(page, cast, offer):
    wanted = scenes.session(offer, places=30)
    one, other, young = (
        scenes.group(cast.school, name, year=year) for name, year in (("10A", 10), ("10B", 10), ("7A", 5))
    )
    there = new(one, session=wanted.pk)
    answer = page.post(there, {"who": "whole", "also": [other.pk, young.pk]})
    assert answer.context["form"].non_field_errors()[0].startswith("7A: ")
    assert not PlacementRequest.objects.exists()
    answer = page.post(there, {"who": "whole", "also": [other.pk]}, follow=True)
    assert "One request for each group" in answer.content.decode()
    assert [(row.group, row.state) for row in PlacementRequest.objects.order_by("pk")] == [
        (one, "submitted"), (other, "submitted"),
    ]  # fmt: skip


def test_without_a_group_the_sessions_come_first(page, cast, offer):
    assert page.get(reverse("school-request-new")).url == reverse("school-sessions")


def test_the_hub_reads_windows_and_steps_on_its_page(client, cast, office, offer, pathway):
    row = ask(cast, Kind.of_step(step(pathway, offer.encounter_type)), windows=[THAT_WEEK], max_travel=30)
    client.force_login(cast.amina)
    shown = client.get(reverse("desk:request", args=[row.pk])).content.decode()
    for words in (
        "To work: Workplace visit",
        "Any session that does this step.",
        "Tue 20 – Sat 24 October",
        "At most 30",
    ):
        assert words in shown


# ---- The API ------------------------------------------------------------------------------------------


def client_of(person) -> APIClient:
    made = APIClient()
    made.force_authenticate(person)
    return made


def test_clients_rank_wishes_of_all_sorts(cast, clock, offer, pathway):
    group, wanted, one = scenes.group(cast.school), scenes.session(offer), step(pathway, offer.encounter_type)
    body = {
        "group": group.pk, "draft": True, "windows": [{"first_on": "2026-10-20", "last_on": "2026-10-24"}],
        "wishes": [{"step": one.pk}, {"session": wanted.pk}, {"encounter_type": offer.encounter_type_id}],
    }  # fmt: skip
    made = client_of(cast.coordinator).post(API, body, format="json")
    assert made.status_code == 201, made.json()
    shown = made.json()
    assert [(wish["step"], wish["session"]) for wish in shown["wishes"]] == [
        (one.pk, None), (None, wanted.pk), (None, None),
    ]  # fmt: skip
    assert shown["windows"] == body["windows"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"wishes": [{}]},
        {"wishes": [{"session": "s", "step": "p"}]},
        {"wishes": [{"session": "s", "sector": None}]},
        {"wishes": [{"session": "s"}], "sessions": ["s"]},
        {},
    ],
)
def test_a_wish_is_one_thing_and_said_one_way(cast, clock, offer, pathway, wrong):
    known = {"s": scenes.session(offer).pk, "p": step(pathway, offer.encounter_type).pk}

    def real(value):
        if isinstance(value, list):
            return [real(one) for one in value]
        return {k: real(v) for k, v in value.items()} if isinstance(value, dict) else known.get(value, value)

    body = {"group": scenes.group(cast.school).pk, **real(wrong)}
    answer = client_of(cast.coordinator).post(API, body, format="json")
    assert (answer.status_code, PlacementRequest.objects.count()) == (400, 0)


def test_clients_ask_for_several_groups_or_for_none(cast, clock, offer):
    wanted = scenes.session(offer, places=30)
    groups = [scenes.group(cast.school, name).pk for name in ("10A", "10B")]
    young = scenes.group(cast.school, "7A", year=5).pk
    client = client_of(cast.coordinator)
    answer = client.post(f"{API}for-groups/", {"groups": [*groups, young], "sessions": [wanted.pk]}, format="json")
    assert (answer.status_code, PlacementRequest.objects.count()) == (409, 0)
    made = client.post(f"{API}for-groups/", {"groups": groups, "sessions": [wanted.pk]}, format="json")
    assert [(row["group"], row["places"], row["state"]) for row in made.json()] == [
        (groups[0], 6, "submitted"), (groups[1], 6, "submitted"),
    ]  # fmt: skip


def test_clients_change_a_draft_as_they_read_it(cast, clock, offer):
    wanted, later = scenes.session(offer), scenes.session(offer, on=DAY + WEEK)
    row = ask(cast, wanted, note="Old.", draft=True)
    client = client_of(cast.coordinator)
    mark = client.get(f"{API}{row.pk}/").json()["mark"]
    body = {"seen": mark, "wishes": [{"session": later.pk}], "note": "New.", "draft": True}
    said = client.post(f"{API}{row.pk}/change/", body, format="json").json()
    assert (said["note"], said["places"], [wish["session"] for wish in said["wishes"]]) == ("New.", 6, [later.pk])
    stale = client.post(f"{API}{row.pk}/change/", body | {"note": "Newer."}, format="json")
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    assert PlacementRequest.objects.get().note == "New."
    for person, status in ((cast.other_coordinator, 404), (cast.school_member, 403)):
        answer = client_of(person).post(f"{API}{row.pk}/change/", body | {"seen": said["mark"]}, format="json")
        assert answer.status_code == status
    sent = client.post(f"{API}{row.pk}/change/", body | {"seen": said["mark"], "draft": False}, format="json")
    assert sent.json()["state"] == "submitted"
