from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from icalendar import Calendar

from employers.models import Document, Site
from employers.paperwork import add_document, hold_document
from hubs.delivery import deliver_one, drain
from hubs.errors import CannotAct, CannotBegin, Refused
from hubs.models import LogEntry, Message, SignedLink
from hubs.moves import move
from hubs.rulepacks import load_packs
from placements import calendars
from placements.domain import answers, attendance, clearances, feeds, hosting, jobs
from placements.models import Encounter
from tests import scenes
from tests.cast import NOW, actor


@pytest.fixture
def packs(db):
    load_packs()


@pytest.fixture
def shadowing(cast, packs):
    """An accepted unaccompanied placement: everything of tier 3 is asked for."""
    kind = scenes.encounter_type(cast.hub, "shadow", tier="T3", hours=5, required_flags=["purpose", "task"])
    session = scenes.session(scenes.opportunity(cast.employer, kind=kind))
    return scenes.placement(cast, state="accepted", wanted=session)


def school_of(cast):
    return actor(cast.coordinator, cast.hub, cast.school)


def employer_of(cast):
    return actor(cast.employer_lead, cast.hub, cast.employer)


def test_packs_load_once(packs):
    assert load_packs() == 0


def test_clearances_come_from_the_tier(cast, shadowing):
    asked = shadowing.clearances.filter(student=None).order_by("requirement__code")
    assert list(asked.values_list("requirement__code", "responsible", "blocks")) == [
        ("ENG-01", "host", "start"),
        ("ENG-02", "host", "start"),
        ("ENG-03", "school", "start"),
        ("ENG-04", "host", "none"),  # not verified: it warns
        ("ENG-07", "school", "start"),
        ("ENG-08", "school", "start"),
        ("ENG-10", "school", "start"),
        ("ENG-11", "school", "none"),
        ("ENG-12", "school", "none"),
        ("ENG-13", "host", "none"),
    ]
    assert shadowing.clearances.filter(requirement__code="ENG-09").count() == 6


def test_nothing_is_ready_before_its_blocking_clearances_are_done(cast, shadowing):
    with pytest.raises(CannotBegin) as refusal:
        move(shadowing, "ready", by=scenes.desk(cast), now=NOW)
    assert "12 clearances are still open" in refusal.value.sentence


def test_the_last_blocking_clearance_makes_it_ready(cast, shadowing):
    for clearance in shadowing.clearances.filter(blocks="start"):
        side = employer_of(cast) if clearance.responsible == "host" else school_of(cast)
        clearances.complete(clearance, by=side, now=NOW, note="seen")
    shadowing.refresh_from_db()
    assert shadowing.state == "ready"


def test_withdrawn_consent_takes_readiness_back(cast, shadowing):
    for clearance in shadowing.clearances.filter(blocks="start"):
        side = employer_of(cast) if clearance.responsible == "host" else school_of(cast)
        clearances.complete(clearance, by=side, now=NOW, note="Seen.")
    consent = shadowing.clearances.filter(requirement__code="ENG-09").first()
    clearances.reopen(consent, "Consent withdrawn", by=school_of(cast), now=NOW)
    shadowing.refresh_from_db()
    assert shadowing.state == "accepted"


def test_each_side_completes_only_its_own(cast, shadowing):
    of_school = shadowing.clearances.get(requirement__code="ENG-10")
    with pytest.raises(CannotAct):
        clearances.complete(of_school, by=employer_of(cast), now=NOW, note="Seen.")


@pytest.mark.parametrize("said", [{}, {"note": "  "}, {"on_paper": True}])
def test_a_decision_is_not_noted_without_its_reason(cast, shadowing, said):
    vetting = shadowing.clearances.get(requirement__code="ENG-07")
    with pytest.raises(Refused, match="and why"):
        clearances.complete(vetting, by=school_of(cast), now=NOW, **said)
    vetting.refresh_from_db()
    assert vetting.state == "open"
    clearances.complete(vetting, by=school_of(cast), now=NOW, note="Never alone with them.")
    assert (vetting.state, vetting.evidence["note"]) == ("done", "Never alone with them.")


def test_a_document_held_and_valid_is_reused(cast, packs):
    Document.objects.create(
        hub=cast.hub,
        employer=cast.employer,
        kind="liability",
        state="held",
        added_at=NOW,
        expires_on=dt.date(2027, 3, 31),
    )
    kind = scenes.encounter_type(cast.hub, "shadow", tier="T3")
    session = scenes.session(scenes.opportunity(cast.employer, kind=kind))
    placement = scenes.placement(cast, state="accepted", wanted=session)
    assert placement.clearances.get(requirement__code="ENG-01").state == "done"


def test_a_document_that_lapses_before_the_last_day_is_not_reused(cast, packs):
    Document.objects.create(
        hub=cast.hub,
        employer=cast.employer,
        kind="liability",
        state="held",
        added_at=NOW,
        expires_on=scenes.DAY - dt.timedelta(days=1),
    )
    kind = scenes.encounter_type(cast.hub, "shadow", tier="T3")
    session = scenes.session(scenes.opportunity(cast.employer, kind=kind))
    placement = scenes.placement(cast, state="accepted", wanted=session)
    assert placement.clearances.get(requirement__code="ENG-01").state == "open"


@pytest.mark.parametrize(("place", "state"), [("Works", "done"), ("Office", "open"), (None, "open")])
def test_a_document_for_one_site_says_nothing_of_another(cast, packs, place, state):
    works, office = (
        Site.objects.create(hub=cast.hub, employer=cast.employer, name=name) for name in ("Works", "Office")
    )
    Document.objects.create(
        hub=cast.hub, employer=cast.employer, kind="liability", state="held", added_at=NOW, site=works
    )
    site = {"Works": works, "Office": office, None: None}[place]
    kind = scenes.encounter_type(cast.hub, "shadow", tier="T3")
    session = scenes.session(scenes.opportunity(cast.employer, kind=kind, site=site, is_online=site is None))
    placement = scenes.placement(cast, state="accepted", wanted=session)
    clearance = placement.clearances.get(requirement__code="ENG-01")
    assert clearance.state == state
    if state == "open":
        assert jobs.settle_documents(NOW) == 0
        document = Document.objects.get()
        assert hosting.covering(clearance, [document]) == []


def insured(cast, *, until=dt.date(2027, 3, 31)):
    """A policy the employer sends and the hub holds."""
    fields = {"kind": "liability", "reference": "Quay Mutual 7", "expires_on": until}
    document = add_document(cast.employer, by=employer_of(cast), now=NOW, **fields)
    hold_document(document, by=scenes.desk(cast), now=NOW)
    return document


def test_a_document_held_later_settles_what_waits_for_it(cast, shadowing):
    asked = shadowing.clearances.get(requirement__code="ENG-01")
    for clearance in shadowing.clearances.filter(blocks="start").exclude(pk=asked.pk):
        side = employer_of(cast) if clearance.responsible == "host" else school_of(cast)
        clearances.complete(clearance, by=side, now=NOW, note="Seen.")
    assert jobs.settle_documents(NOW) == 0
    document = insured(cast)
    assert [jobs.settle_documents(NOW), jobs.settle_documents(NOW)] == [1, 0]
    asked.refresh_from_db()
    shadowing.refresh_from_db()
    assert (asked.state, asked.done_at, asked.evidence) == ("done", NOW, {"document": document.pk, "reused": True})
    assert shadowing.state == "ready"
    entry = LogEntry.objects.about(asked).get()
    assert (entry.verb, entry.hat, entry.via) == ("done", "system", "job")


def test_a_document_that_settles_nothing_is_left_alone(cast, shadowing):
    insured(cast, until=scenes.DAY - dt.timedelta(days=1))
    assert jobs.settle_documents(NOW) == 0
    insured(cast)
    assert clearances.settle_documents(cast.other_employer, now=NOW) == 0
    assert jobs.settle_documents(shadowing.session.ends_at) == 0
    assert shadowing.clearances.get(requirement__code="ENG-01").state == "open"


def test_a_document_taken_back_is_not_taken_again(cast, shadowing):
    insured(cast)
    assert jobs.settle_documents(NOW) == 1
    asked = shadowing.clearances.get(requirement__code="ENG-01")
    clearances.reopen(asked, "It names another firm", by=scenes.desk(cast), now=NOW)
    assert jobs.settle_documents(NOW) == 0
    insured(cast)
    assert jobs.settle_documents(NOW) == 1


def test_no_start_before_the_session_begins(cast):
    placement = scenes.placement(cast, state="ready")
    with pytest.raises(CannotBegin):
        attendance.begin(placement, by=scenes.desk(cast), now=NOW)
    assert jobs.begin_due(NOW) == 0
    assert jobs.begin_due(placement.session.starts_at) == 1


def test_the_register_becomes_encounters(cast):
    placement = scenes.placement(cast, state="ready")
    during = placement.session.starts_at + dt.timedelta(minutes=20)
    students = list(placement.students.order_by("student__alias").values_list("student_id", flat=True))
    attendance.mark(placement, scenes.DAY, students[:5], by=employer_of(cast), now=during)
    said = {"purpose": True, "outcomes": True, "two_way": True, "reflection": True}

    encounters = attendance.complete(placement, said, by=school_of(cast), now=during + dt.timedelta(hours=4))

    assert [(e.student_id, e.attended, e.hours, e.meaningful) for e in encounters] == [
        (pk, pk in students[:5], Decimal("2.0") if pk in students[:5] else Decimal("0.0"), pk in students[:5])
        for pk in students
    ]
    placement.refresh_from_db()
    assert placement.state == "completed"


@pytest.mark.parametrize(("pause", "credited"), [(None, "5.0"), (30, "4.0"), (200, "0.0")])
def test_no_more_hours_are_credited_than_the_days_had(cast, pause, credited):
    """Two mornings of two and a half hours, of a type that counts as a week."""
    kind = scenes.encounter_type(cast.hub, "week", hours=35)
    wanted = scenes.session(scenes.opportunity(cast.employer, kind=kind), days=2, break_minutes=pause)
    placement = scenes.placement(cast, state="ready", wanted=wanted)
    everyone = list(placement.students.values_list("student_id", flat=True))
    after = wanted.ends_at
    for day in (scenes.DAY, scenes.DAY + dt.timedelta(days=1)):
        attendance.mark(placement, day, everyone, by=school_of(cast), now=after)
    encounters = attendance.complete(placement, {}, by=school_of(cast), now=after)
    assert {one.hours for one in encounters} == {Decimal(credited)}


def test_feedback_of_the_employer_completes_the_flags(cast, shadowing):
    for clearance in shadowing.clearances.filter(blocks="start"):
        side = employer_of(cast) if clearance.responsible == "host" else school_of(cast)
        clearances.complete(clearance, by=side, now=NOW, note="Seen.")
    shadowing.refresh_from_db()
    after = shadowing.session.ends_at
    everyone = list(shadowing.students.values_list("student_id", flat=True))
    attendance.mark(shadowing, scenes.DAY, everyone, by=school_of(cast), now=after)
    attendance.complete(shadowing, {"purpose": True}, by=school_of(cast), now=after)
    assert Encounter.objects.filter(meaningful=True).count() == 0

    attendance.employer_feedback(shadowing, {"task": True}, again=True, by=employer_of(cast), now=after)

    assert Encounter.objects.filter(meaningful=True).count() == 6


def test_an_unmarked_register_cannot_be_closed(cast):
    placement = scenes.placement(cast, state="ready")
    jobs.begin_due(placement.session.starts_at)
    placement.refresh_from_db()
    with pytest.raises(Refused):
        attendance.complete(placement, {}, by=school_of(cast), now=placement.session.ends_at)


def test_nobody_there_ends_as_not_attended(cast):
    placement = scenes.placement(cast, state="ready")
    after = placement.session.ends_at
    attendance.mark(placement, scenes.DAY, [], by=school_of(cast), now=after)
    attendance.complete(placement, {}, by=school_of(cast), now=after)
    placement.refresh_from_db()
    assert placement.state == "not_attended"


def test_an_acceptance_writes_its_messages_at_wall_clock_times(cast):
    scenes.placement(cast, state="accepted")
    due = {m.kind: m.due_at for m in Message.objects.filter(address="lead@brightwater.example")}
    # Tuesday 20 October is in summer time: eight in the morning of the Monday is 07:00 UTC.
    assert due["starts-tomorrow"] == dt.datetime(2026, 10, 19, 7, 0, tzinfo=dt.UTC)
    assert due["placement-accepted"] == NOW


def test_every_message_of_a_placement_can_be_sent(cast, packs, mailoutbox):
    kind = scenes.encounter_type(cast.hub, "shadow", tier="T3")
    placement = scenes.placement(
        cast, state="offered", wanted=scenes.session(scenes.opportunity(cast.employer, kind=kind))
    )
    drain(lambda: NOW)
    answers.accept(placement, by=employer_of(cast), now=NOW)
    consent = placement.clearances.filter(requirement__code="ENG-09").first()
    clearances.ask_parent(consent, "parent@family.example", by=school_of(cast), now=NOW)
    drain(lambda: NOW)
    for message in Message.objects.filter(state="due").order_by("due_at"):
        if message.kind != "register-due":
            message.lease = "x"
            Message.objects.filter(pk=message.pk).update(state="leased", lease="x", leased_until=message.due_at)
            deliver_one(message, message.due_at)
    kinds = set(Message.objects.filter(state="sent").values_list("kind", flat=True))
    assert kinds == {
        "request-submitted",
        "placement-offered",
        "placement-accepted",
        "starts-soon",
        "starts-tomorrow",
        "host-page",
        "clearances-open",
        "consent-asked",
        "host-clearances-open",
        "start-blocked",
    }
    assert Message.objects.filter(state="failed").count() == 0
    assert not any("10A-0" in mail.subject + mail.body for mail in mailoutbox)


def test_the_invitation_says_request_in_its_type_and_its_body(cast, mailoutbox):
    placement = scenes.placement(cast, state="accepted")
    drain(lambda: NOW)
    mail = next(m for m in mailoutbox if m.subject.startswith("Agreed"))
    part = next(p for p in mail.message().walk() if p.get_content_type() == "text/calendar")
    assert part.get_param("method") == "REQUEST"
    calendar = Calendar.from_ical(part.get_payload(decode=True))
    event = calendar.walk("VEVENT")[0]
    assert (calendar["METHOD"], event["SEQUENCE"], str(event["UID"])) == (
        "REQUEST",
        1,
        str(placement.events.get().uid),
    )
    assert event.decoded("dtstart").isoformat() == "2026-10-20T09:30:00+01:00"


def test_a_feed_names_no_student_and_keeps_what_was_called_off(cast):
    placement = scenes.placement(cast, state="accepted")
    made, token = feeds.make_feed(cast.school, by=school_of(cast), now=NOW)
    answers.cancel(placement, "The hall flooded", by=school_of(cast), now=NOW)
    found = feeds.feed_of(token)
    assert found == made
    content = calendars.feed("Quayside", feeds.events_of(found, now=NOW)).decode()
    assert "STATUS:CANCELLED" in content
    assert "SEQUENCE:2" in content
    assert "10A-0" not in content
    assert token not in str(list(type(made).objects.values()))


def test_a_revoked_feed_answers_nobody(cast):
    made, token = feeds.make_feed(cast.school, by=school_of(cast), now=NOW)
    feeds.revoke_feed(made, by=school_of(cast), now=NOW)
    assert feeds.feed_of(token) is None


def test_links_stay_after_a_no_and_close_when_it_is_called_off(cast, mailoutbox):
    """After a no the link says what was answered; a placement called off is nobody's to open."""
    live = SignedLink.objects.live(NOW).filter(purpose="answer")
    declined = scenes.placement(cast, state="offered")
    drain(lambda: NOW)
    answers.decline(declined, "Stock-take", by=employer_of(cast), now=NOW)
    assert live.count() == 1
    agreed = scenes.placement(cast, state="offered", of=scenes.group(cast.school, "10B"))
    drain(lambda: NOW)
    answers.accept(agreed, by=employer_of(cast), now=NOW)
    assert live.count() == 2
    answers.cancel(agreed, "Flood", by=employer_of(cast), now=NOW)
    assert live.count() == 1
