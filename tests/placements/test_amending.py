"""Changing what was agreed: a diff, only those it touches, and everything that hangs from the date."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.urls import reverse

from employers.models import Contact
from hubs.errors import CannotAct, CannotMove
from hubs.models import LogEntry, Membership, Message
from hubs.rulepacks import load_packs
from opportunities.domain import caps
from placements.domain import amending, answers, brokering, capacity, clearances, days, waiting
from placements.domain.amending import CannotChange
from placements.models import Amendment, Placement, StudentDay
from tests import scenes
from tests.cast import NOW, actor
from tests.placements.sending import deliver

WHY = "The hall is let that day."


@pytest.fixture
def agreed(cast):
    """An agreed placement, and another day of the same offer."""
    row = scenes.placement(cast, state="accepted")
    other = scenes.session(row.session.opportunity, on=scenes.DAY + dt.timedelta(weeks=1))
    return row, other


def coordinator(cast):
    return actor(cast.coordinator, cast.hub, cast.school)


def lead(cast):
    return actor(cast.employer_lead, cast.hub, cast.employer)


def test_another_day_asks_the_other_side_and_shows_what_would_differ(cast, agreed):
    row, other = agreed
    made = amending.propose(row, session=other, reason=WHY, by=coordinator(cast), now=NOW)
    assert (made.asks, amending.difference(made)) == (["employer"], [("First day", "Tue 20 October", "Tue 27 October")])
    asked = Message.objects.filter(kind="change-asked")
    assert set(asked.values_list("organisation", flat=True)) == {cast.employer.pk}
    row.refresh_from_db()
    assert row.session != other


def test_the_change_moves_places_days_and_calendars_in_one_step(cast, agreed):
    row, other = agreed
    before = row.session
    made = amending.propose(row, session=other, reason=WHY, by=coordinator(cast), now=NOW)
    amending.agree(made, by=lead(cast), now=NOW)
    row, before, other = (
        Placement.objects.get(pk=row.pk),
        type(other).objects.get(pk=before.pk),
        type(other).objects.get(pk=other.pk),
    )
    assert (row.session, before.taken, other.taken, made.state) == (other, 0, 6, "agreed")
    assert {day.starts_at for day in StudentDay.objects.filter(placement=row)} == {other.starts_at}
    assert StudentDay.objects.filter(placement=row, live=True).count() == 6
    assert row.events.get(status="CONFIRMED").on == other.first_on
    assert Message.objects.filter(kind="placement-changed").exists()
    reminders = Message.objects.filter(kind="starts-tomorrow", version=str(row.sequence))
    assert {message.due_at.date() for message in reminders} == {other.first_on - dt.timedelta(days=1)}
    assert capacity.recount() == []


def test_a_placement_moved_meanwhile_gives_no_places_back_where_it_no_longer_is(cast, agreed):
    row, other = agreed
    stale = Placement.objects.select_related("session").get(pk=row.pk)
    made = amending.propose(row, session=other, reason=WHY, by=coordinator(cast), now=NOW)
    amending.agree(made, by=lead(cast), now=NOW)
    with pytest.raises(CannotMove):
        answers.cancel(stale, "Ill.", by=coordinator(cast), now=NOW)
    assert capacity.recount() == []
    moved = Placement.objects.get(pk=row.pk)
    answers.cancel(moved, "Ill.", by=coordinator(cast), now=NOW)
    assert (capacity.recount(), type(other).objects.get(pk=other.pk).taken) == ([], 0)


def test_who_waits_for_the_old_day_is_served(cast, agreed):
    row, other = agreed
    asked = scenes.request(cast, row.session, of=scenes.group(cast.school, "10B", size=20))
    waiting.join(asked, row.session, by=scenes.desk(cast), now=NOW)
    made = amending.propose(row, session=other, reason=WHY, by=coordinator(cast), now=NOW)
    amending.agree(made, by=lead(cast), now=NOW)
    assert Placement.objects.get(request=asked).state == "held"
    assert capacity.recount() == []


def test_a_move_within_a_capped_month_counts_the_places_once(cast, agreed):
    row, other = agreed
    fields = {"employer": cast.employer, "per": "employer_month", "site": None, "most": 8}
    caps.set_cap(cast.hub, fields, by=scenes.desk(cast), now=NOW)
    made = amending.propose(row, session=other, reason=WHY, by=coordinator(cast), now=NOW)
    amending.agree(made, by=lead(cast), now=NOW)
    row.refresh_from_db()
    assert row.session == other
    assert capacity.recount() == []


def test_a_move_into_a_month_that_is_full_is_refused_and_changes_nothing(cast, agreed):
    row, _other = agreed
    november = scenes.session(row.session.opportunity, on=dt.date(2026, 11, 10))
    fields = {"employer": cast.employer, "per": "employer_month", "site": None, "most": 8}
    scenes.placement(
        cast, wanted=scenes.session(row.session.opportunity, on=dt.date(2026, 11, 3)),
        of=scenes.group(cast.school, "10B"),
    )  # fmt: skip
    caps.set_cap(cast.hub, fields, by=scenes.desk(cast), now=NOW)
    made = amending.propose(row, session=november, reason=WHY, by=coordinator(cast), now=NOW)
    with pytest.raises(capacity.CannotPlace, match="November 2026 would have 12"):
        amending.agree(made, by=lead(cast), now=NOW)
    row = Placement.objects.get(pk=row.pk)
    assert (row.session.first_on, row.session.taken) == (scenes.DAY, 6)
    assert capacity.recount() == []


def test_the_hub_asks_both_sides_and_each_answers_for_itself(cast, agreed):
    row, other = agreed
    made = amending.propose(row, session=other, reason=WHY, by=scenes.desk(cast), now=NOW)
    assert made.asks == ["employer", "school"]
    amending.agree(made, by=coordinator(cast), now=NOW)
    assert (made.state, made.asks) == ("proposed", ["employer"])
    with pytest.raises(CannotChange, match="Nothing is asked of you"):
        amending.agree(made, by=coordinator(cast), now=NOW)
    amending.agree(made, by=actor(cast.amina, cast.hub, cast.employer), now=NOW)  # the hub, for the employer
    assert made.state == "agreed"


def test_who_looks_after_them_touches_the_employer_alone(cast, agreed):
    row, _other = agreed
    at_once = amending.propose(row, supervisor="The shift lead", reason="Holidays.", by=lead(cast), now=NOW)
    row.refresh_from_db()
    assert (at_once.state, at_once.asks, row.supervisor) == ("agreed", [], "The shift lead")
    asked = amending.propose(row, supervisor="Somebody else", reason="We know them.", by=coordinator(cast), now=NOW)
    assert asked.asks == ["employer"]


def test_a_no_or_taking_it_back_leaves_what_was_agreed(cast, agreed):
    row, other = agreed
    made = amending.propose(row, session=other, reason=WHY, by=coordinator(cast), now=NOW)
    with pytest.raises(CannotChange, match="Say why"):
        amending.refuse(made, " ", by=lead(cast), now=NOW)
    amending.refuse(made, "We are full.", by=lead(cast), now=NOW)
    row.refresh_from_db()
    assert (made.state, row.session == other) == ("refused", False)
    assert Message.objects.filter(kind="change-refused").values_list("organisation", flat=True)[0] == cast.school.pk
    assert LogEntry.objects.filter(subject_type="placements.amendment", verb="refused").get().reason == "We are full."
    with pytest.raises(CannotChange, match="settled already"):
        amending.agree(made, by=lead(cast), now=NOW)
    assert amending.propose(row, session=other, reason="Again.", by=coordinator(cast), now=NOW).state == "proposed"


def test_what_cannot_be_asked_is_refused_with_a_reason(cast, agreed):
    row, other = agreed
    by = coordinator(cast)
    elsewhere = scenes.session(scenes.opportunity(cast.other_employer), on=scenes.DAY + dt.timedelta(days=2))
    small = scenes.session(row.session.opportunity, on=scenes.DAY + dt.timedelta(weeks=2), places=5)
    for asked, words in (
        ({"reason": " ", "session": other}, "Say why"),
        ({"reason": WHY}, "Nothing would be different"),
        ({"reason": WHY, "session": elsewhere}, "another session of the same offer"),
    ):
        with pytest.raises(CannotChange, match=words):
            amending.propose(row, by=by, now=NOW, **asked)
    with pytest.raises(capacity.CannotPlace):
        amending.propose(row, session=small, reason=WHY, by=by, now=NOW)
    with pytest.raises(CannotChange, match="has begun"):
        amending.propose(row, session=other, reason=WHY, by=by, now=row.session.starts_at)
    with pytest.raises(CannotAct):
        amending.propose(row, session=other, reason=WHY, by=actor(cast.other_coordinator, cast.hub, cast.other_school),
                         now=NOW)  # fmt: skip
    busy = scenes.session(scenes.opportunity(cast.other_employer), on=other.first_on)
    brokering.hold(scenes.request(cast, busy, of=row.group), busy, by=scenes.desk(cast), now=NOW)
    with pytest.raises(days.CannotAttendBoth):
        amending.propose(row, session=other, reason=WHY, by=by, now=NOW)
    Placement.objects.filter(session=busy).delete()
    amending.propose(row, session=other, reason=WHY, by=by, now=NOW)
    with pytest.raises(CannotChange, match="being asked about already"):
        amending.propose(row, session=other, reason=WHY, by=by, now=NOW)


def test_a_change_of_what_was_called_off_meanwhile_moves_nothing(cast, agreed):
    row, other = agreed
    made = amending.propose(row, session=other, reason=WHY, by=coordinator(cast), now=NOW)
    answers.cancel(Placement.objects.get(pk=row.pk), WHY, by=lead(cast), now=NOW)
    made = Amendment.objects.get(pk=made.pk)
    with pytest.raises(CannotChange, match="Only what is agreed"):
        amending.agree(made, by=lead(cast), now=NOW)
    assert capacity.recount() == []


def test_parents_who_agreed_to_the_old_day_are_asked_again(cast):
    load_packs()
    kind = scenes.encounter_type(cast.hub, code="shadowing", name="Shadowing", tier="T3")
    wanted = scenes.session(scenes.opportunity(cast.employer, kind=kind))
    row = scenes.placement(cast, state="accepted", wanted=wanted)
    other = scenes.session(row.session.opportunity, on=scenes.DAY + dt.timedelta(weeks=1))
    consents = row.clearances.filter(responsible="parent")
    assert consents.exists()
    for clearance in row.clearances.exclude(state="done"):
        clearances.complete(clearance, by=scenes.desk(cast), now=NOW, note="Seen.")
    row.refresh_from_db()
    assert row.state == "ready"
    made = amending.propose(row, session=other, reason=WHY, by=coordinator(cast), now=NOW)
    amending.agree(made, by=lead(cast), now=NOW)
    row.refresh_from_db()
    assert set(consents.values_list("state", flat=True)) == {"open"}
    assert row.state == ("accepted" if consents.filter(blocks__in=["confirm", "start"]).exists() else "ready")
    assert set(row.clearances.exclude(responsible="parent").values_list("state", flat=True)) == {"done"}


def test_both_sides_ask_and_answer_on_their_pages(client, cast, clock, agreed):
    row, other = agreed
    mine, theirs = (reverse(f"{side}-placement-change", args=[row.pk]) for side in ("school", "employer"))
    client.force_login(cast.coordinator)
    assert "Change the day" in client.get(reverse("school-placement", args=[row.pk])).content.decode()
    asked = client.post(mine, {"session": other.pk, "supervisor": "", "reason": WHY}, follow=True).content.decode()
    assert "What was agreed stands until everybody concerned has said yes." in asked
    shown = client.get(mine).content.decode()
    assert "Still to agree: Brightwater Engineering" in shown
    assert "Agree to the change" not in shown
    client.force_login(cast.employer_lead)
    asked = client.get(theirs).content.decode()
    assert ("Tue 27 October" in asked, WHY in asked) == (True, True)
    client.post(theirs, {"yes": "1"})
    row.refresh_from_db()
    assert row.session == other
    bad = client.post(theirs, {"session": "", "supervisor": "", "reason": WHY}).content.decode()
    assert "Nothing would be different" in bad
    client.force_login(cast.other_lead)
    assert client.get(theirs).status_code == 404


@pytest.fixture
def asked_by_link(cast, agreed, mailoutbox):
    """A change asked of an employer at which nobody has an account; the address in the mail."""
    row, other = agreed
    Membership.objects.filter(organisation=cast.employer).delete()
    Contact.objects.create(hub=cast.hub, employer=cast.employer, name="Ines", email="ines@brightwater.example")
    made = amending.propose(row, session=other, reason=WHY, by=coordinator(cast), now=NOW)
    message = Message.objects.get(kind="change-asked", user=None)
    assert deliver(message, NOW) == "sent"
    return made, re.search(r"http://\S+(/l/change/\S+)", mailoutbox[-1].body)[1]


def test_a_contact_without_an_account_answers_a_change_by_link(client, cast, clock, agreed, asked_by_link):
    row, other = agreed
    made, page = asked_by_link
    shown = client.get(page).content.decode()
    assert ("Tue 27 October" in shown, WHY in shown, "Agree to the change" in shown) == (True, True, True)
    made.refresh_from_db()
    assert made.state == "proposed"
    said = client.post(page, {"yes": "1"}, follow=True).content.decode()
    row.refresh_from_db()
    assert (row.session, "It is changed." in said, "Agree to the change" in said) == (other, True, False)
    assert LogEntry.objects.about(made).get(verb="agreed").hat == "link:employer"


def test_a_no_by_link_wants_a_reason_and_leads_back_by_link(client, cast, clock, agreed, asked_by_link, mailoutbox):
    row, _other = agreed
    made, page = asked_by_link
    assert "Say why" in client.post(page, {"no": "1", "reason": ""}).content.decode()
    said = client.post(page, {"no": "1", "reason": "We are closed"}, follow=True).content.decode()
    made.refresh_from_db()
    assert (made.state, "what was agreed stands" in said) == ("refused", True)
    second = amending.propose(row, supervisor="Somebody", reason=WHY, by=coordinator(cast), now=NOW)
    amending.refuse(second, "Not needed", by=coordinator(cast), now=NOW)
    told = Message.objects.get(kind="change-refused", subject_id=second.pk)
    assert deliver(told, NOW) == "sent"
    assert ("/l/answer/" in mailoutbox[-1].body, "/employer/" in mailoutbox[-1].body) == (True, False)


def test_a_change_of_what_was_called_off_cannot_be_answered_by_link(client, cast, clock, agreed, asked_by_link):
    row, _other = agreed
    answers.cancel(row, "Flu", by=coordinator(cast), now=NOW)
    shown = client.get(asked_by_link[1]).content.decode()
    assert ("There is nothing to answer any more." in shown, "Agree to the change" in shown) == (True, False)
