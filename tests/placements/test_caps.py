"""Limits across sessions, fewer places than are taken, series, and the recount that alarms."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from cms.domain import open_site
from employers.models import Employer, Site
from hubs.actors import system
from hubs.domain.staff import sync_staff
from hubs.errors import CannotAct, Refused
from hubs.models import LogEntry
from opportunities.domain import caps, sessions
from opportunities.models import Session
from placements.domain import brokering, capacity, days
from placements.models import Placement, PlacesAlarm
from placements.worklists import worklists
from tests import scenes
from tests.cast import NOW, actor


def hold(cast, session, name, size=6):
    asked = scenes.request(cast, session, of=scenes.group(cast.school, name, size=size))
    return brokering.hold(asked, session, by=scenes.desk(cast), now=NOW)


def day_cap(cast, most: int):
    site = Site.objects.get(employer=cast.employer, name="Main works")
    fields = {"employer": cast.employer, "per": "site_day", "site": site, "most": most}
    return caps.set_cap(cast.hub, fields, by=scenes.desk(cast), now=NOW)


def test_a_site_takes_no_more_a_day_than_its_cap(cast):
    offer = scenes.opportunity(cast.employer)
    morning, noon = scenes.session(offer), scenes.session(offer, starts=dt.time(13), ends=dt.time(15))
    other_day = scenes.session(offer, on=scenes.DAY + dt.timedelta(days=1))
    day_cap(cast, 10)
    hold(cast, morning, "10A")
    with pytest.raises(
        capacity.CannotPlace, match="at most 10 students a day, and 20 October would have 12"
    ) as refusal:
        hold(cast, noon, "10B")
    assert refusal.value.code == "cap"
    noon.refresh_from_db()
    assert noon.taken == 0
    hold(cast, noon, "10C", size=4)
    hold(cast, other_day, "10D")


def test_a_session_of_several_days_counts_on_each(cast):
    offer = scenes.opportunity(cast.employer)
    week = scenes.session(offer, on=scenes.DAY, days=3)
    last = scenes.session(offer, on=scenes.DAY + dt.timedelta(days=2), starts=dt.time(13), ends=dt.time(15))
    day_cap(cast, 10)
    hold(cast, week, "10A")
    with pytest.raises(capacity.CannotPlace, match="22 October"):
        hold(cast, last, "10B")


def test_an_employer_takes_no_more_a_month_than_its_cap(cast):
    offer = scenes.opportunity(cast.employer)
    first, second = scenes.session(offer), scenes.session(offer, on=dt.date(2026, 10, 6))
    november = scenes.session(offer, on=dt.date(2026, 11, 3))
    fields = {"employer": cast.employer, "per": "employer_month", "site": None, "most": 8}
    cap = caps.set_cap(cast.hub, fields, by=scenes.desk(cast), now=NOW)
    hold(cast, first, "10A")
    with pytest.raises(capacity.CannotPlace, match="at most 8 students a month, and October 2026 would have 12"):
        hold(cast, second, "10B")
    hold(cast, november, "10C")
    caps.change_cap(cap, {"is_active": False}, by=scenes.desk(cast), now=NOW)
    hold(cast, second, "10D")
    assert list(LogEntry.objects.filter(verb__in=["capped", "uncapped"]).values_list("verb", flat=True)) == [
        "uncapped", "capped",
    ]  # fmt: skip


def test_caps_of_another_employer_bind_nobody_here(cast):
    scenes.opportunity(cast.other_employer)
    fields = {"employer": cast.other_employer, "per": "employer_month", "site": None, "most": 1}
    caps.set_cap(cast.hub, fields, by=scenes.desk(cast), now=NOW)
    assert hold(cast, scenes.session(scenes.opportunity(cast.employer)), "10A").state == "held"


def test_a_cap_that_makes_no_sense_is_refused(cast):
    scenes.opportunity(cast.employer)
    scenes.opportunity(cast.other_employer)
    theirs = Site.objects.get(employer=cast.other_employer)
    base = {"employer": cast.employer, "most": 5}
    for fields, words in (
        ({"per": "site_day", "site": theirs}, "own sites"),
        ({"per": "site_day", "site": None}, "own sites"),
        ({"per": "employer_month", "site": Site.objects.get(employer=cast.employer)}, "Leave the site empty"),
    ):
        with pytest.raises(Refused, match=words):
            caps.set_cap(cast.hub, base | fields, by=scenes.desk(cast), now=NOW)
    with pytest.raises(CannotAct):
        caps.set_cap(cast.hub, base | {"per": "employer_month"}, by=actor(cast.ben, cast.hub), now=NOW)


@pytest.fixture
def office(client, cast, clock):
    """Amina in the back office of her hub."""
    open_site(cast.hub, by=system(), now=NOW)
    cast.hub.refresh_from_db()
    sync_staff(cast.hub)
    client.force_login(cast.amina)
    return client


def test_the_hub_sets_a_cap_in_the_back_office(office, cast):
    sent = {"employer": cast.employer.pk, "per": "employer_month", "site": "", "most": 30, "is_active": "on"}
    assert office.post(reverse("caps:add"), sent).status_code == 302
    again = office.post(reverse("caps:add"), sent)
    assert (again.status_code, "such a limit already" in again.content.decode()) == (200, True)


def test_a_record_put_away_is_given_no_limit_and_is_not_offered(office, cast):
    goes = cast.other_employer
    fields = {"employer": goes, "per": "employer_month", "site": None, "most": 5}
    kept = caps.set_cap(cast.hub, fields, by=scenes.desk(cast), now=NOW)
    Employer.objects.filter(pk=goes.pk).update(is_active=False)
    goes.refresh_from_db()
    with pytest.raises(Refused, match="“Saffron Bakery” is not active"):
        caps.set_cap(cast.hub, fields, by=scenes.desk(cast), now=NOW)
    Employer.objects.filter(pk=goes.pk).update(merged_into=cast.employer, merged_at=NOW)
    goes.refresh_from_db()
    with pytest.raises(Refused, match="put together with “Brightwater Engineering”"):
        caps.set_cap(cast.hub, fields, by=scenes.desk(cast), now=NOW)
    kept.refresh_from_db()
    caps.change_cap(kept, {"is_active": False}, by=scenes.desk(cast), now=NOW)

    def offered(page: str) -> list[str]:
        form = office.get(page).context["form"]
        return [str(one) for one in form.fields["employer"].queryset]

    assert offered(reverse("caps:add")) == ["Brightwater Engineering"]
    assert offered(reverse("caps:edit", args=[kept.pk])) == ["Brightwater Engineering", "Saffron Bakery"]


# ---- Series and groups ---------------------------------------------------------------


def test_a_series_is_taken_whole_or_not_at_all(cast):
    offer = scenes.opportunity(cast.employer)
    weeks = [scenes.session(offer, on=scenes.DAY + dt.timedelta(weeks=n), places=6) for n in range(4)]
    asked = scenes.request(cast, weeks[0])
    made = brokering.hold_series(asked, weeks, by=scenes.desk(cast), now=NOW)
    assert [(one.session_id, one.places) for one in made] == [(week.pk, 6) for week in weeks]

    more = [scenes.session(offer, on=scenes.DAY + dt.timedelta(weeks=n), places=n + 4) for n in range(4, 8)]
    Session.objects.filter(pk=more[2].pk).update(taken=8)
    other = scenes.request(cast, more[0], of=scenes.group(cast.school, "10B"))
    with pytest.raises(capacity.CannotPlace) as refusal:
        brokering.hold_series(other, more, by=scenes.desk(cast), now=NOW)
    assert refusal.value.facts == {"session": more[2].pk, "left": 2}
    assert not Placement.objects.filter(request=other).exists()
    assert list(Session.objects.filter(pk__in=[m.pk for m in more]).order_by("pk").values_list("taken", flat=True)) == [
        0, 0, 8, 0,
    ]  # fmt: skip


def test_a_series_with_a_clash_on_one_day_leaves_nothing(cast):
    offer = scenes.opportunity(cast.employer)
    weeks = [scenes.session(offer, on=scenes.DAY + dt.timedelta(weeks=n)) for n in range(3)]
    group = scenes.group(cast.school)
    elsewhere = scenes.session(scenes.opportunity(cast.other_employer), on=scenes.DAY + dt.timedelta(weeks=2))
    asked = scenes.request(cast, weeks[0], of=group)
    brokering.hold(scenes.request(cast, elsewhere, of=group), elsewhere, by=scenes.desk(cast), now=NOW)
    with pytest.raises(days.CannotAttendBoth):
        brokering.hold_series(asked, weeks, by=scenes.desk(cast), now=NOW)
    assert not Placement.objects.filter(request=asked).exists()
    assert capacity.recount() == []
    with pytest.raises(Refused, match="at least one"):
        brokering.hold_series(asked, [], by=scenes.desk(cast), now=NOW)


# ---- Fewer places than are taken -------------------------------------------------------


def test_places_below_those_taken_are_an_explicit_state_on_the_desk(cast):
    held = scenes.placement(cast, state="accepted")
    session, lead = held.session, actor(cast.employer_lead, cast.hub, cast.employer)
    for options in ({}, {"anyway": True, "reason": "  "}):
        with pytest.raises(Refused) as refusal:
            sessions.change_places(session, 4, by=lead, now=NOW, **options)
        assert (refusal.value.code, refusal.value.facts) == ("below_taken", {"taken": 6})

    sessions.change_places(session, 4, anyway=True, reason="The large room is closed.", by=lead, now=NOW)

    session.refresh_from_db()
    assert (session.places, session.taken, session.over_committed) == (4, 6, True)
    (item,) = next(one for one in worklists(cast.hub, NOW) if one.key == "over-committed").items
    assert (item.title, item.who) == ("2 more taken in See how it is made than it has", "Brightwater Engineering")
    with pytest.raises(capacity.CannotPlace):
        hold(cast, session, "10B", size=1)
    sessions.change_places(session, 6, by=lead, now=NOW)
    assert not next(one for one in worklists(cast.hub, NOW) if one.key == "over-committed").items


def test_the_employer_lowers_places_on_the_page_of_the_session(client, cast, clock):
    held = scenes.placement(cast, state="accepted")
    client.force_login(cast.employer_lead)
    url = reverse("employer-session", args=[held.session_id])
    assert "6 places are taken already" in client.post(url, {"places": 4}).content.decode()
    sent = client.post(url, {"places": 4, "anyway": "on", "reason": "The large room is closed."}, follow=True)
    assert "More taken than there are places" in sent.content.decode()
    assert Session.objects.get().over_committed


# ---- Recount -------------------------------------------------------------------------


def test_recount_alarms_once_on_the_desk_and_goes_when_it_is_right_again(cast):
    session = scenes.placement(cast).session
    Session.objects.filter(pk=session.pk).update(taken=2)
    assert [capacity.raise_alarms(NOW), capacity.raise_alarms(NOW)] == [1, 1]
    (item,) = next(one for one in worklists(cast.hub, NOW) if one.key == "alarms").items
    assert item.title == "See how it is made says 2 places taken, its placements say 6"
    assert PlacesAlarm.objects.get().gone_at is None
    Session.objects.filter(pk=session.pk).update(taken=6)
    assert capacity.raise_alarms(NOW) == 0
    assert PlacesAlarm.objects.get().gone_at == NOW


def test_a_person_believes_the_placements_and_says_why(office, cast):
    session = scenes.placement(cast).session
    Session.objects.filter(pk=session.pk).update(taken=2, places=5)
    capacity.raise_alarms(NOW)
    alarm = PlacesAlarm.objects.get()
    with pytest.raises(Refused):
        capacity.correct(alarm, " ", by=scenes.desk(cast), now=NOW)
    with pytest.raises(CannotAct):
        capacity.correct(alarm, "Looked.", by=actor(cast.ben, cast.hub), now=NOW)
    answer = office.post(reverse("alarms:act", args=[alarm.pk, "correct"]), {"text": "A restored copy."})
    assert answer.url == reverse("alarms:inspect", args=[alarm.pk])
    session.refresh_from_db()
    assert (session.taken, session.over_committed, capacity.recount()) == (6, True, [])
    entry = LogEntry.objects.get(verb="recounted")
    assert (entry.reason, entry.facts) == ("A restored copy.", {"before": 2, "after": 6})
