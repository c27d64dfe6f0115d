"""Moving a whole session: whom it touches is shown, only they are asked, and it moves when all have said yes."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from hubs.errors import CannotAct, Refused
from hubs.models import LogEntry, Message
from opportunities.domain import caps
from placements.domain import amending, answers, brokering, capacity, moving, requests
from placements.domain.sides import CannotChange
from placements.models import Amendment, Placement, SessionMove, StudentDay
from tests import scenes
from tests.cast import NOW, actor

WHY = "The hall is let that day."
LATER = scenes.DAY + dt.timedelta(weeks=1)
TO = [(LATER, dt.time(10), dt.time(12, 30))]


def coordinator(cast):
    return actor(cast.coordinator, cast.hub, cast.school)


def other_coordinator(cast):
    return actor(cast.other_coordinator, cast.hub, cast.other_school)


def lead(cast):
    return actor(cast.employer_lead, cast.hub, cast.employer)


@pytest.fixture
def offer(cast):
    return scenes.opportunity(cast.employer)


@pytest.fixture
def booked(cast, offer):
    """A session with an agreed placement of one school and an asked one of another."""
    row = scenes.session(offer, places=20, closes_on=scenes.DAY)
    ours = scenes.placement(cast, state="accepted", wanted=row)
    group = scenes.group(cast.other_school, "11C", size=4)
    by = other_coordinator(cast)
    asked = requests.request_places(cast.other_school, group=group, places=4, wished=[row], by=by, now=NOW)
    theirs = brokering.hold(asked, row, by=scenes.desk(cast), now=NOW)
    row.refresh_from_db()
    return row, ours, theirs


def said(placement: Placement) -> Amendment:
    return placement.amendments.get()


def days_of(session) -> list:
    return [(day.on, day.starts_at, day.ends_at) for day in session.days.all()]


def test_nobody_in_it_it_moves_at_once_on_the_same_wall_clock(cast, offer):
    row = scenes.session(offer, on=dt.date(2026, 10, 20), closes_on=dt.date(2026, 10, 20))
    winter = [(dt.date(2026, 11, 3), dt.time(9), dt.time(12))]
    made = moving.move_session(row, winter, by=lead(cast), now=NOW)
    row.refresh_from_db()
    assert (made.state, days_of(row), row.closes_on) == ("done", winter, dt.date(2026, 10, 20))
    assert row.starts_at.astimezone(row.zone).time() == dt.time(9)
    assert (row.starts_at.utcoffset(), row.starts_at.hour) == (dt.timedelta(0), 9)  # British winter time by then
    entry = LogEntry.objects.get(subject_type="opportunities.session", verb="session_moved")
    assert entry.facts["after"] == [["2026-11-03", "09:00", "12:00"]]
    earlier = [(dt.date(2026, 10, 6), dt.time(9), dt.time(12))]
    moving.move_session(row, earlier, by=lead(cast), now=NOW)
    row.refresh_from_db()
    assert row.closes_on == dt.date(2026, 10, 6)


def test_only_schools_with_places_are_asked_and_nothing_moves_before_all_have_said_yes(cast, booked):
    row, ours, theirs = booked
    before = days_of(row)
    made = moving.move_session(row, TO, reason=WHY, by=lead(cast), now=NOW)
    assert (made.state, said(ours).asks, said(theirs).asks) == ("asked", ["school"], ["school"])
    asked = Message.objects.filter(kind="change-asked")
    assert set(asked.values_list("organisation", flat=True)) == {cast.school.pk, cast.other_school.pk}
    assert amending.difference(said(ours)) == [("When", "Tue 20 October, 09:30–12:00", "Tue 27 October, 10:00–12:30")]
    amending.agree(said(ours), by=coordinator(cast), now=NOW)
    row.refresh_from_db()
    assert (days_of(row), row.taken) == (before, 10)
    amending.agree(said(theirs), by=other_coordinator(cast), now=NOW)
    row.refresh_from_db()
    made.refresh_from_db()
    assert (made.state, days_of(row), row.taken, row.places) == ("done", TO, 10, 20)
    assert set(StudentDay.objects.values_list("starts_at", flat=True)) == {row.starts_at}
    assert StudentDay.objects.filter(live=True).count() == 10
    assert capacity.recount() == []


def test_calendars_and_people_are_told_once(cast, booked):
    row, ours, theirs = booked
    moving.move_session(row, TO, reason=WHY, by=lead(cast), now=NOW)
    amending.agree(said(ours), by=coordinator(cast), now=NOW)
    amending.agree(said(theirs), by=other_coordinator(cast), now=NOW)
    assert ours.events.get().on == LATER
    told = Message.objects.about(ours).filter(kind="placement-changed")
    assert len(told) == len({one.address for one in told}) > 0
    moving.settle_due(NOW)
    assert Message.objects.about(ours).filter(kind="placement-changed").count() == len(told)


def test_whoever_wishes_for_it_is_told_and_not_asked(cast, offer):
    row = scenes.session(offer)
    scenes.request(cast, row)
    assert [one.school for one in moving.touched(row).requests] == [cast.school]
    moving.move_session(row, TO, by=lead(cast), now=NOW)
    told = Message.objects.filter(kind="session-moved")
    assert set(told.values_list("organisation", flat=True)) == {cast.school.pk}
    assert not Amendment.objects.exists()


def test_a_no_keeps_it_where_it_is_until_that_placement_is_called_off(cast, booked):
    row, ours, theirs = booked
    made = moving.move_session(row, TO, reason=WHY, by=lead(cast), now=NOW)
    amending.agree(said(theirs), by=other_coordinator(cast), now=NOW)
    amending.refuse(said(ours), "Mocks that week.", by=coordinator(cast), now=NOW)
    assert moving.settle_due(NOW) == 0
    assert Message.objects.filter(kind="change-refused").values_list("organisation", flat=True)[0] == cast.employer.pk
    answers.cancel(Placement.objects.get(pk=ours.pk), "They cannot come.", by=lead(cast), now=NOW)
    assert moving.settle_due(NOW) == 1
    made.refresh_from_db()
    row.refresh_from_db()
    assert (made.state, days_of(row), row.taken) == ("done", TO, 4)


def test_taken_back_it_stays_and_the_schools_are_told(cast, booked):
    row, ours, theirs = booked
    made = moving.move_session(row, TO, reason=WHY, by=lead(cast), now=NOW)
    amending.agree(said(theirs), by=other_coordinator(cast), now=NOW)
    with pytest.raises(CannotChange, match="Say why"):
        moving.take_back(made, " ", by=lead(cast), now=NOW)
    moving.take_back(made, "We found a room.", by=lead(cast), now=NOW)
    assert (made.state, said(ours).state, said(theirs).state) == ("dropped", "refused", "refused")
    told = Message.objects.filter(kind="change-refused")
    assert set(told.values_list("organisation", flat=True)) == {cast.school.pk, cast.other_school.pk}
    row.refresh_from_db()
    assert days_of(row) != TO
    again = moving.move_session(row, TO, reason="After all.", by=lead(cast), now=NOW)
    assert again.state == "asked"


def test_what_was_asked_at_once_is_taken_back_at_once(cast, booked):
    row, _ours, _theirs = booked
    saturday = NOW + dt.timedelta(days=4)
    made = moving.move_session(row, TO, reason=WHY, by=lead(cast), now=saturday)
    moving.take_back(made, "We found a room.", by=lead(cast), now=saturday)
    told = Message.objects.filter(kind="change-refused")
    assert set(told.values_list("due_at", flat=True)) == {saturday}


def test_while_it_is_asked_nobody_else_gets_places(cast, booked):
    row, _ours, _theirs = booked
    asked = scenes.request(cast, row, of=scenes.group(cast.school, "10B", size=2))
    moving.move_session(row, TO, reason=WHY, by=lead(cast), now=NOW)
    with pytest.raises(capacity.CannotPlace, match="may move to other days"):
        brokering.hold(asked, row, by=scenes.desk(cast), now=NOW)


def test_somebody_elsewhere_by_then_is_no_yes(cast, booked):
    row, ours, theirs = booked
    made = moving.move_session(row, TO, reason=WHY, by=lead(cast), now=NOW)
    amending.agree(said(ours), by=coordinator(cast), now=NOW)
    busy = scenes.session(scenes.opportunity(cast.other_employer), on=LATER, starts=dt.time(10), ends=dt.time(12))
    brokering.hold(scenes.request(cast, busy, of=ours.group), busy, by=scenes.desk(cast), now=NOW)
    amending.agree(said(theirs), by=other_coordinator(cast), now=NOW)
    made.refresh_from_db()
    row.refresh_from_db()
    assert (made.state, said(ours).state, said(theirs).state) == ("asked", "refused", "agreed")
    assert days_of(row) != TO
    entry = LogEntry.objects.filter(subject_type="placements.amendment", verb="refused").get()
    assert "Already somewhere else" in entry.reason
    told = {one.organisation_id: one.facts["reason"] for one in Message.objects.filter(kind="change-refused")}
    assert "Already somewhere else" in told[cast.school.pk]
    assert told[cast.employer.pk] == "Somebody who was to come cannot come on these days."


def test_an_employer_hears_nothing_of_a_school_it_was_not_asked_for(cast, booked):
    row, _ours, theirs = booked  # held, and not offered yet
    moving.move_session(row, TO, reason=WHY, by=lead(cast), now=NOW)
    amending.refuse(said(theirs), "Mocks that week.", by=other_coordinator(cast), now=NOW)
    assert not Message.objects.filter(kind="change-refused", organisation=cast.employer).exists()
    assert said(theirs) not in Amendment.objects.visible_to(cast.employer_lead)


def test_a_yes_stands_when_a_cap_is_reached_by_then_and_the_move_waits_for_room(cast, booked):
    row, ours, theirs = booked
    made = moving.move_session(
        row, [(dt.date(2026, 11, 10), dt.time(9), dt.time(10))], reason=WHY, by=lead(cast), now=NOW
    )
    amending.agree(said(ours), by=coordinator(cast), now=NOW)
    november = scenes.session(row.opportunity, on=dt.date(2026, 11, 3))
    full = scenes.placement(cast, state="accepted", wanted=november, of=scenes.group(cast.school, "10B", size=6))
    caps.set_cap(
        cast.hub, {"employer": cast.employer, "per": "employer_month", "site": None, "most": 11},
        by=scenes.desk(cast), now=NOW,
    )  # fmt: skip
    amending.agree(said(theirs), by=other_coordinator(cast), now=NOW)
    made.refresh_from_db()
    assert (made.state, said(theirs).state, moving.settle_due(NOW)) == ("asked", "agreed", 0)
    answers.cancel(Placement.objects.get(pk=full.pk), "Cannot.", by=lead(cast), now=NOW)
    assert moving.settle_due(NOW) == 1


def test_of_what_is_over_nobody_is_told_that_it_stands(cast, booked):
    row, ours, _theirs = booked
    made = moving.move_session(row, TO, reason=WHY, by=lead(cast), now=NOW)
    answers.cancel(Placement.objects.get(pk=ours.pk), "They cannot come.", by=lead(cast), now=NOW)
    moving.take_back(made, "We found a room.", by=lead(cast), now=NOW)
    told = Message.objects.filter(kind="change-refused")
    assert set(told.values_list("organisation", flat=True)) == {cast.other_school.pk}


def test_a_school_whose_students_are_elsewhere_cannot_say_yes(cast, booked):
    row, ours, _theirs = booked
    busy = scenes.session(scenes.opportunity(cast.other_employer), on=LATER, starts=dt.time(10), ends=dt.time(12))
    brokering.hold(scenes.request(cast, busy, of=ours.group), busy, by=scenes.desk(cast), now=NOW)
    moving.move_session(row, TO, reason=WHY, by=lead(cast), now=NOW)
    with pytest.raises(Refused, match="Already somewhere else"):
        amending.agree(said(ours), by=coordinator(cast), now=NOW)
    assert said(ours).state == "proposed"


def test_what_cannot_be_moved_is_refused_with_a_reason(cast, booked):
    row, ours, _theirs = booked
    by = lead(cast)
    past = [(dt.date(2026, 1, 5), dt.time(9), dt.time(10))]
    for to, more, words in (
        (TO, {}, "Say why"),
        (days_of(row), {"reason": WHY}, "days it has"),
        (past, {"reason": WHY}, "has passed"),
        (TO, {"reason": WHY, "seen": "old"}, "Something changed"),
        (TO, {"reason": WHY, "now": row.starts_at - dt.timedelta(minutes=-1)}, "has not begun"),
    ):
        with pytest.raises(Refused, match=words):
            moving.move_session(row, to, by=by, **{"now": NOW, **more})
    for who in (coordinator(cast), actor(cast.other_lead, cast.hub, cast.other_employer)):
        with pytest.raises(CannotAct):
            moving.move_session(row, TO, reason=WHY, by=who, now=NOW)
    caps.set_cap(
        cast.hub, {"employer": cast.employer, "per": "employer_month", "site": None, "most": 11},
        by=scenes.desk(cast), now=NOW,
    )  # fmt: skip
    november = scenes.session(row.opportunity, on=dt.date(2026, 11, 3))
    scenes.placement(cast, wanted=november, of=scenes.group(cast.school, "10B", size=6))
    with pytest.raises(capacity.CannotPlace, match="November 2026 would have 16"):
        moving.move_session(row, [(dt.date(2026, 11, 10), dt.time(9), dt.time(10))], reason=WHY, by=by, now=NOW)
    assert not SessionMove.objects.exists()
    assert not Amendment.objects.exists()
    amending.propose(ours, session=scenes.session(row.opportunity, on=LATER), reason=WHY, by=coordinator(cast), now=NOW)
    with pytest.raises(CannotChange, match="being changed already"):
        moving.move_session(row, TO, reason=WHY, by=by, now=NOW)


def test_the_employer_takes_back_the_whole_move_not_one_school_s_part(cast, booked):
    row, ours, _theirs = booked
    moving.move_session(row, TO, reason=WHY, by=lead(cast), now=NOW)
    with pytest.raises(CannotChange, match="page of the session"):
        amending.refuse(said(ours), "No.", by=lead(cast), now=NOW)
    with pytest.raises(CannotChange, match="asked about other days already"):
        moving.move_session(row, TO, reason=WHY, by=lead(cast), now=NOW)


def test_the_hub_for_itself_asks_the_employer_too(cast, booked):
    row, ours, theirs = booked
    moving.move_session(row, TO, reason=WHY, by=scenes.desk(cast), now=NOW)
    assert (said(ours).asks, said(theirs).asks) == (["employer", "school"], ["school"])


def test_the_day_comes_and_nobody_has_answered(cast, booked):
    row, ours, _theirs = booked
    made = moving.move_session(row, TO, reason=WHY, by=lead(cast), now=NOW)
    assert moving.settle_due(row.starts_at) == 1
    made.refresh_from_db()
    assert (made.state, said(ours).state, moving.settle_due(row.starts_at)) == ("dropped", "refused", 0)


@pytest.fixture
def work(client, cast, clock):
    """A browser signed in as the employer's lead."""
    client.force_login(cast.employer_lead)
    return client


# ---- Edges -------------------------------------------------------------------


def sent(days: list, **more) -> dict:
    rows = {
        f"days-{at}-{name}": value
        for at, (on, start, end) in enumerate(days)
        for name, value in (("on", on), ("start", f"{start:%H:%M}"), ("end", f"{end:%H:%M}"))
    }
    return {"days-TOTAL_FORMS": len(days), "days-INITIAL_FORMS": len(days), **rows, **more}


def test_the_page_shows_whom_it_touches_before_anything_is_done(cast, booked, work):
    row, _ours, _theirs = booked
    url = reverse("employer-session-move", args=[row.pk])
    assert work.get(url).context["days"].initial_form_count() == 1
    page = work.post(url, sent(TO, reason=WHY))
    text = page.content.decode()
    assert "Whom it touches" in text
    assert cast.school.name in text
    assert cast.other_school.name not in text  # the hub holds these: the employer was not asked yet
    assert "4 places the hub holds" in text
    assert not SessionMove.objects.exists()
    done = work.post(url, sent(TO, reason=WHY, seen=page.context["form"].data["seen"]))
    assert (done.status_code, SessionMove.objects.get().state) == (302, "asked")
    asked = work.get(url).content.decode()
    assert "Until then it stays as it is" in asked
    back = work.post(reverse("employer-session-move-back", args=[row.pk]), {"reason": "A room was found."})
    assert (back.status_code, SessionMove.objects.get().state) == (302, "dropped")


def test_other_days_than_those_shown_are_looked_at_first(cast, booked, work):
    url = reverse("employer-session-move", args=[booked[0].pk])
    page = work.post(url, sent(TO, reason=WHY))
    assert (page.context["reach"].able, page.context["holidays"]) == (2, [])
    seen = page.context["form"].data["seen"]
    other = [(LATER + dt.timedelta(weeks=1), dt.time(10), dt.time(12, 30))]
    again = work.post(url, sent(other, reason=WHY, seen=seen))
    assert "other days than those you looked at" in again.content.decode()
    assert not SessionMove.objects.exists()
    work.post(url, sent(other, reason=WHY, seen=again.context["form"].data["seen"]))
    assert SessionMove.objects.get().dates() == other


def test_the_days_it_has_offer_no_press_that_asks(cast, booked, work):
    row, _ours, _theirs = booked
    page = work.post(reverse("employer-session-move", args=[row.pk]), sent(days_of(row), reason=WHY))
    assert page.context["form"].non_field_errors() == ["These are the days it has. Choose others."]
    assert "Ask for the move" not in page.content.decode()


def test_a_public_holiday_is_said_before_it_moves_there(cast, offer, work):
    row = scenes.session(offer)
    url = reverse("employer-session-move", args=[row.pk])
    holiday = [(dt.date(2026, 12, 25), dt.time(10), dt.time(12))]
    page = work.post(url, sent(holiday))
    assert page.context["holidays"] == ["Fri 25 December is a public holiday: Christmas Day."]
    assert "is a public holiday: Christmas Day." in page.content.decode()
    assert not SessionMove.objects.exists()
    assert work.post(url, sent(holiday, seen=page.context["form"].data["seen"])).status_code == 302
    assert days_of(row) == holiday


def test_what_changed_since_it_was_shown_is_shown_again(cast, booked, work):
    row, ours, _theirs = booked
    url = reverse("employer-session-move", args=[row.pk])
    seen = work.post(url, sent(TO, reason=WHY)).context["form"].data["seen"]
    answers.cancel(Placement.objects.get(pk=ours.pk), "Ill.", by=coordinator(cast), now=NOW)
    page = work.post(url, sent(TO, reason=WHY, seen=seen))
    assert "Something changed since you looked" in page.content.decode()
    assert page.context["form"].data["seen"] != seen
    assert not SessionMove.objects.exists()


@pytest.mark.urls("config.urls")
def test_a_client_sees_whom_it_touches_then_asks(cast, booked, clock):
    row, ours, _theirs = booked
    client = APIClient()
    client.force_authenticate(cast.employer_lead)
    url = f"/api/v1/sessions/{row.pk}"
    found = client.get(f"{url}/touched/").data
    assert ([one["id"] for one in found["placements"]], found["places"], found["requests"]) == ([ours.pk], 10, 0)
    body = {"days": [{"on": "2026-10-27", "starts_at": "10:00", "ends_at": "12:30"}], "reason": WHY}
    stale = client.post(f"{url}/move/", {**body, "seen": "old"}, format="json")
    assert (stale.status_code, stale.data["code"]) == (409, "stale")
    made = client.post(f"{url}/move/", {**body, "seen": found["seen"]}, format="json")
    assert (made.status_code, made.data["state"]) == (200, "asked")
    back = client.post(f"{url}/move/take-back/", {"reason": "A room was found."}, format="json")
    assert (back.status_code, back.data["state"]) == (200, "dropped")
    assert client.post(f"{url}/move/take-back/", {"reason": "Twice."}, format="json").status_code == 409
    stranger = APIClient()
    stranger.force_authenticate(cast.other_lead)
    assert stranger.post(f"{url}/move/", body, format="json").status_code in (403, 404)
    member = APIClient()
    member.force_authenticate(cast.coordinator)
    assert member.get(f"{url}/touched/").status_code == 403
