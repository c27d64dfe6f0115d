"""Named schools first, priority schools from a day, then all: the rule, and everywhere it holds."""

from __future__ import annotations

import datetime as dt
from itertools import product

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from cms.catalogue import open_sessions as catalogue
from hubs.errors import Refused
from hubs.models import LogEntry
from opportunities.domain import offers
from opportunities.models import Opportunity, Pathway, Session
from opportunities.release import Release, a_year_later
from placements.domain import brokering, eligibility, requests, waiting
from placements.domain.fitting import Asking, open_sessions
from placements.domain.matching import matches
from placements.domain.suitability import Coming
from placements.domain.wishes import Kind
from schools.models import School
from tests import scenes
from tests.cast import NOW, actor
from tests.opportunities.making import draft, lead

DAY = dt.timedelta(days=1)
TODAY = NOW.date()
PRIORITY, ALL = TODAY + 3 * DAY, TODAY + 10 * DAY


@pytest.fixture
def tiered(cast):
    """A session of an offer that is for the second school first, then for priority schools, then for all."""
    offer = scenes.opportunity(cast.employer, priority_from=PRIORITY, all_from=ALL)
    offer.first_schools.add(cast.other_school)
    return scenes.session(offer)


@pytest.mark.parametrize(
    ("release", "named", "priority", "opens"),
    [
        (Release(), False, False, None),
        (Release(PRIORITY, ALL), False, False, ALL),
        (Release(PRIORITY, ALL), False, True, PRIORITY),
        (Release(PRIORITY, ALL), True, False, None),
        (Release(PRIORITY, ALL), True, True, None),
        (Release(None, ALL), False, True, ALL),
        (Release(None, ALL), True, False, None),
    ],
)
def test_the_rule(release, named, priority, opens):
    assert release.opens_on(named=named, priority=priority) == opens
    if opens:
        waits = [release.waits_until(opens + n * DAY, named=named, priority=priority) for n in (-1, 0, 1)]
        assert waits == [opens, None, None]


def test_the_database_says_what_the_rule_says(cast):
    dates = [None, TODAY - DAY, TODAY, TODAY + DAY, TODAY + 2 * DAY]
    pairs = [(one, two) for two in dates for one in dates if one is None or (two is not None and one <= two)]
    for named in (False, True):
        for early, late in pairs:
            offer = scenes.opportunity(cast.employer, priority_from=early, all_from=late)
            scenes.session(offer)
            if named:
                offer.first_schools.add(cast.school)
    rows = list(Session.objects.select_related("opportunity__hub"))
    verdicts = set()
    for priority in (False, True):
        School.objects.filter(pk=cast.school.pk).update(is_priority=priority)
        cast.school.refresh_from_db()
        said = {row.pk for row in rows if row.opportunity.opens_to(cast.school, NOW) is None}
        assert set(Session.objects.open_to(cast.school, NOW).values_list("pk", flat=True)) == said
        everybody = {row.pk for row in rows if row.opportunity.release.waits_until(TODAY) is None}
        assert set(catalogue(cast.hub, NOW).values_list("pk", flat=True)) == everybody
        verdicts.add((len(said), len(everybody)))
    assert len(verdicts) == 2
    assert all(everybody < said < len(rows) for said, everybody in verdicts)


def test_it_opens_by_the_date_alone_on_the_hubs_own_wall(cast, tiered):
    def may(school, on: dt.date, hour: int = 12) -> bool:
        moment = dt.datetime.combine(on, dt.time(hour), cast.hub.zone)
        return open_sessions(school, now=moment).exists()

    assert (may(cast.other_school, TODAY), may(cast.school, TODAY)) == (True, False)
    assert (may(cast.school, ALL - DAY, 23), may(cast.school, ALL, 0)) == (False, True)
    School.objects.filter(pk=cast.school.pk).update(is_priority=True)
    cast.school.refresh_from_db()
    assert (may(cast.school, PRIORITY - DAY, 23), may(cast.school, PRIORITY, 0)) == (False, True)


def test_a_school_whose_turn_comes_later_is_told_when_and_not_put_in_line(cast, tiered):
    group = scenes.group(cast.school)
    with pytest.raises(requests.CannotRequest) as refusal:
        scenes.request(cast, tiered, of=group)
    sentence = "Other schools are asked first. Yours can ask from Fri 25 September."
    assert refusal.value.sentence == f"See how it is made: {sentence}"
    assert tiered.waiting.count() == 0
    tiered.opportunity.first_schools.add(cast.school)
    assert scenes.request(cast, tiered, of=group).state == "submitted"


def test_a_step_that_names_it_waits_for_the_same_day(cast, tiered):
    pathway = Pathway.objects.create(hub=cast.hub, name="Making", state="published")
    offer = tiered.opportunity
    step = pathway.steps.create(hub=cast.hub, position=0, encounter_type=offer.encounter_type, opportunity=offer)
    coming = {one: Coming(one, None, [], now=NOW) for one in (cast.school, cast.other_school)}
    assert "Other schools are asked first" in coming[cast.school].why_not_kind(Kind.of_step(step))
    assert not coming[cast.other_school].why_not_kind(Kind.of_step(step))


def test_nobody_stands_in_line_before_their_day_unless_the_hub_says_so(cast, tiered):
    request = scenes.request(cast, scenes.session(scenes.opportunity(cast.other_employer)))
    Session.objects.filter(pk=tiered.pk).update(places=request.places, taken=request.places)
    with pytest.raises(waiting.CannotWait, match="Other schools are asked first"):
        waiting.join(request, tiered, by=actor(cast.coordinator, cast.hub, cast.school), now=NOW)
    assert waiting.join(request, tiered, by=scenes.desk(cast), now=NOW).session_id == tiered.pk


def test_the_hub_sees_it_among_the_matches_with_its_day_and_may_give_it(cast, tiered):
    free = scenes.session(scenes.opportunity(cast.other_employer))
    request = scenes.request(cast, free)
    found = {match.session_fit.session.pk: match.opens_on for match in matches(request, now=NOW)}
    assert found == {free.pk: None, tiered.pk: ALL}
    tiered.opportunity.first_schools.add(cast.school)
    assert {match.opens_on for match in matches(request, now=NOW)} == {None}
    tiered.opportunity.first_schools.clear()
    assert brokering.hold(request, tiered, by=scenes.desk(cast), now=NOW).state == "held"


def test_what_is_for_others_first_crowds_nothing_out_of_the_best_that_are_shown(cast):
    request = scenes.request(cast, scenes.session(scenes.opportunity(cast.other_employer), on=scenes.DAY + 9 * DAY))
    wished = request.wishes.get().session_id
    free = scenes.session(scenes.opportunity(cast.other_employer), on=scenes.DAY + 8 * DAY)
    early = [scenes.session(scenes.opportunity(cast.employer, all_from=ALL)) for _n in range(4)]
    found = [(one.session_fit.session.pk, one.opens_on) for one in matches(request, now=NOW, limit=3)]
    assert found == [(wished, None), (free.pk, None), (early[0].pk, ALL)]
    early[1].opportunity.first_schools.add(cast.school)
    found = [(one.session_fit.session.pk, one.opens_on) for one in matches(request, now=NOW, limit=3)]
    assert found == [(wished, None), (early[1].pk, None), (free.pk, None)]


def test_who_stands_in_line_is_served_from_the_day_that_is_theirs(cast, client, clock):
    """The offer was for all when they joined."""
    session = scenes.session(scenes.opportunity(cast.employer), places=6)
    held = scenes.placement(cast, wanted=session)
    mine = scenes.request(cast, session, of=scenes.group(cast.school, "10B", size=6))
    by_hub = scenes.request(cast, session, of=scenes.group(cast.school, "10C", size=6))
    waiting.join(mine, session, by=actor(cast.coordinator, cast.hub, cast.school), now=NOW)
    waiting.join(by_hub, session, by=scenes.desk(cast), now=NOW + dt.timedelta(minutes=1))
    Opportunity.objects.update(all_from=ALL)
    client.force_login(cast.coordinator)
    page = client.get(reverse("school-request", args=[mine.pk])).content.decode()
    assert "Yours can ask from Fri 25 September. You keep your place in line until then." in page
    brokering.release(held, by=scenes.desk(cast), now=NOW)
    assert [row.placements.live().count() for row in (mine, by_hub)] == [0, 1]  # the hub put it there
    brokering.release(by_hub.placements.live().get(), by=scenes.desk(cast), now=NOW)
    assert waiting.promote_due(NOW) == 0
    assert waiting.promote_due(dt.datetime.combine(ALL, dt.time(), cast.hub.zone)) == 1
    assert mine.placements.live().count() == 1


@pytest.mark.parametrize(
    ("dates", "sentence"),
    [
        ({"opens_on": TODAY + DAY}, r"Requests open on Wed 16 September\."),
        ({"closes_on": TODAY - DAY}, r"Requests closed on Mon 14 September\."),
    ],
)
def test_a_school_joins_a_line_only_while_requests_are_open(cast, dates, sentence):
    request = scenes.request(cast, scenes.session(scenes.opportunity(cast.other_employer)))
    full = scenes.session(scenes.opportunity(cast.employer), places=request.places, taken=request.places, **dates)
    with pytest.raises(waiting.CannotWait, match=sentence):
        waiting.join(request, full, by=actor(cast.coordinator, cast.hub, cast.school), now=NOW)
    assert waiting.join(request, full, by=scenes.desk(cast), now=NOW).on_any_day


def test_who_joined_in_time_is_served_after_requests_closed(cast):
    session = scenes.session(scenes.opportunity(cast.employer), places=6, closes_on=TODAY)
    held = scenes.placement(cast, wanted=session)
    mine = scenes.request(cast, session, of=scenes.group(cast.school, "10B", size=6))
    waiting.join(mine, session, by=actor(cast.coordinator, cast.hub, cast.school), now=NOW)
    brokering.release(held, by=scenes.desk(cast), now=NOW + DAY)
    assert mine.placements.live().count() == 1


def old_nearest(cast, wish, group, seen: list):
    """As it was looked for before: each of the nearest asked, one by one, whether it is open to the school."""
    asking, coming = Asking(cast.school, [group], now=NOW), Coming(cast.school, group, [], now=NOW)
    rows = open_sessions(cast.school, now=NOW).filter(places__gte=6).exclude(pk=wish.pk)
    for row in sorted(rows, key=lambda row: (abs(row.starts_at - wish.starts_at), row.pk)):
        fit = asking.judge(group, [row], students=6)[0].fit
        seen.append(coming.asked_later(row.opportunity))
        if row.left >= 6 and not eligibility.why_not(row, fit=fit, places=6, coming=coming):
            return row
    return None


def test_the_nearest_is_the_same_and_asks_once_what_is_released(cast):
    """Of offers with every sort of release, taken or free, whichever is left as the nearest."""
    group = scenes.group(cast.school)
    wish = scenes.session(scenes.opportunity(cast.employer), on=scenes.DAY + 3 * DAY, places=5)
    for number, (early, late, named, taken) in enumerate(
        product((None, TODAY), (None, TODAY, ALL), (False, True), (15, 0))
    ):
        if early and late is None:
            continue
        offer = scenes.opportunity(cast.employer, priority_from=early, all_from=late)
        scenes.session(offer, on=scenes.DAY + (number % 5) * DAY, taken=taken)
        if named:
            offer.first_schools.add(cast.school)
    for priority in (False, True):
        School.objects.filter(pk=cast.school.pk).update(is_priority=priority)
        cast.school.refresh_from_db()
        seen: list = []
        while True:
            with CaptureQueriesContext(connection) as asked:
                (answer,) = eligibility.eligible(cast.school, group=group, places=6, wished=[wish], now=NOW)
            assert answer.nearest == old_nearest(cast, wish, group, seen)
            assert not [one for one in asked if one["sql"].startswith("SELECT 1") and "first_schools" in one["sql"]]
            if answer.nearest is None:
                break
            Session.objects.filter(pk=answer.nearest.pk).update(taken=20)
        assert seen
        assert set(seen) == {None}
        Session.objects.filter(taken=20).update(taken=0)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"priority_from": PRIORITY}, "Say from which day all schools can ask"),
        ({"priority_from": ALL + DAY, "all_from": ALL}, "cannot come after all schools"),
        ({"all_from": TODAY + dt.timedelta(days=732)}, "more than two years away"),
    ],
)
def test_days_that_make_no_sense_are_refused(cast, given, sentence):
    offer = draft(cast)
    with pytest.raises(Refused, match=sentence):
        offers.change_opportunity(offer, given, by=lead(cast), now=NOW)
    assert Opportunity.objects.get().release == Release()


def test_named_schools_need_a_day_for_the_others_and_are_the_hubs_own(cast):
    offer = draft(cast)
    with pytest.raises(Refused, match="Say from which day"):
        offers.change_opportunity(offer, {"first_schools": [cast.school]}, by=lead(cast), now=NOW)
    with pytest.raises(Refused, match="Choose schools from the list"):
        offers.change_opportunity(offer, {"first_schools": [cast.school_b], "all_from": ALL}, by=lead(cast), now=NOW)
    offer.refresh_from_db()
    offers.change_opportunity(offer, {"first_schools": [cast.school], "all_from": ALL}, by=lead(cast), now=NOW)
    entry = LogEntry.objects.about(offer).latest("pk")
    assert (entry.verb, entry.facts["fields"]) == ("changed", ["all_from", "first_schools"])
    with pytest.raises(Refused, match="Say from which day"):  # the day goes, the schools stay
        offers.change_opportunity(offer, {"all_from": None}, by=lead(cast), now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Opportunity.objects.filter(pk=offer.pk).update(all_from=None, priority_from=PRIORITY)


def test_offered_again_it_asks_the_same_schools_first_a_year_later(cast):
    fields = {"first_schools": [cast.school, cast.other_school], "priority_from": PRIORITY, "all_from": ALL}
    offer = draft(cast, **fields)
    School.objects.filter(pk=cast.other_school.pk).update(is_active=False)
    made = offers.offer_again(offer, by=lead(cast), now=NOW)
    year = dt.timedelta(weeks=52)
    assert (made.release, list(made.first_schools.all())) == (Release(PRIORITY + year, ALL + year), [cast.school])
    furthest = TODAY + dt.timedelta(days=731)
    assert a_year_later(Release(None, furthest), TODAY) == Release(None, furthest)


def test_lists_of_the_api_leave_it_out_until_then(cast, tiered, monkeypatch):
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)

    def seen(person) -> dict[str, int]:
        client = APIClient()
        client.force_login(person)
        return {name: len(client.get(f"/api/v1/{name}/").json()["results"]) for name in ("opportunities", "sessions")}

    shown, hidden = {"opportunities": 1, "sessions": 1}, {"opportunities": 0, "sessions": 0}
    people = [cast.amina, cast.employer_lead, cast.other_coordinator, cast.coordinator, cast.other_lead]
    assert [seen(one) for one in people] == [shown, shown, shown, hidden, hidden]
    client = APIClient()
    client.force_login(cast.coordinator)
    read = client.get(f"/api/v1/opportunities/{tiered.opportunity_id}/").json()
    assert (read["all_from"], "first_schools" in read) == (ALL.isoformat(), False)


def test_an_employer_says_who_may_ask_first_and_schools_read_when(cast, client, monkeypatch):
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)
    offer = scenes.opportunity(cast.employer, supervisor="The workshop lead")
    row = scenes.session(offer)
    client.force_login(cast.employer_lead)
    page = reverse("employer-opportunity-release", args=[offer.pk])
    given = {"first_schools": [cast.other_school.pk], "seen_at": offer.updated_at.isoformat()}
    refused = client.post(page, given)
    assert "Say from which day all schools can ask" in refused.content.decode()
    assert client.post(page, given | {"all_from": ALL.isoformat()}).status_code == 302
    shown = client.get(reverse("employer-opportunity", args=[offer.pk])).content.decode()
    assert "Northgate College" in shown
    assert "from Fri 25 September" in shown
    client.force_login(cast.coordinator)
    listed = client.get(reverse("school-sessions"), {"group": scenes.group(cast.school).pk})
    assert listed.context["cards"] == []
    detail = client.get(reverse("school-session", args=[row.pk]))
    assert (detail.context["opens_on"], detail.context["may"]) == (ALL, False)
    public = client.get(f"/opportunities/{offer.pk}/").content.decode()
    assert "open to all schools from Fri 25 September" in public
