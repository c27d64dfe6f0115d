"""What people are told when what calendars show has changed: every change, to everybody it concerns, once."""

from __future__ import annotations

import datetime as dt

import pytest

from hubs.delivery import drain
from hubs.models import LogEntry, Message
from opportunities.models import Opportunity, SessionDay
from placements import calendars
from placements.domain import amending, answers, attendance, brokering, calendar, hosting, on_the_day
from tests import scenes
from tests.calendars import reading
from tests.calendars.test_life import calendar_parts
from tests.cast import NOW, actor

pytestmark = pytest.mark.django_db
LATER = NOW + dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
BOTH = ["coordinator@quayside.example", "lead@brightwater.example"]


def longer(offer, *, by: dt.timedelta):
    """Another session of the offer, with a short afternoon `by` so much before or after its day."""
    row, extra = scenes.session(offer), scenes.DAY + by
    SessionDay.objects.create(session=row, on=extra, starts_at=dt.time(13), ends_at=dt.time(15))
    days = list(row.days.order_by("on"))
    row.starts_at = dt.datetime.combine(days[0].on, days[0].starts_at, row.zone)
    row.ends_at = dt.datetime.combine(days[-1].on, days[-1].ends_at, row.zone)
    row.save()
    return row


def agree_on(placement, session, cast) -> None:
    amendment = amending.propose(placement, session=session, reason="More of it", by=scenes.desk(cast), now=LATER)
    for user, organisation in ((cast.coordinator, cast.school), (cast.employer_lead, cast.employer)):
        amending.agree(amendment, by=actor(user, cast.hub, organisation), now=LATER)
    placement.refresh_from_db()
    assert placement.session == session


@pytest.fixture
def agreed(cast, mailoutbox):
    """An agreed placement of which both sides were sent the invitation."""
    row = scenes.placement(cast, state="accepted")
    drain(lambda: NOW)
    mailoutbox.clear()
    return row


def changed(mailoutbox) -> dict:
    return {mail.to[0]: mail for mail in mailoutbox if mail.subject.startswith("Changed")}


def due_days(placement, kind: str) -> set[dt.date]:
    rows = Message.objects.about(placement).filter(kind=kind, version=str(placement.sequence))
    return {row.due_at.date() for row in rows}


@pytest.mark.parametrize("by", [-DAY, 3 * DAY])
def test_a_longer_session_both_agreed_to_is_told_with_its_new_day(cast, agreed, mailoutbox, by):
    before, first = agreed.sequence, agreed.events.get()
    agree_on(agreed, longer(agreed.session.opportunity, by=by), cast)
    drain(lambda: LATER)
    mails = changed(mailoutbox)
    assert sorted(mails) == BOTH
    events = [("REQUEST", str(event.uid), event.sequence) for event in agreed.events.all()]
    assert len(events) == 2
    for mail in mails.values():
        assert "The days or times have changed." in mail.body
        assert "What is written about it has changed." not in mail.body
        assert calendar_parts(mail) == events
    assert agreed.events.get(pk=first.pk).status == "CONFIRMED"
    assert agreed.sequence == before + 1


@pytest.mark.parametrize("by", [-DAY, 3 * DAY])
def test_reminders_follow_a_day_that_is_added(cast, agreed, by):
    agree_on(agreed, longer(agreed.session.opportunity, by=by), cast)
    session = agreed.session
    before_it = {scenes.DAY - DAY: {dt.date(2026, 10, 16)}, scenes.DAY: {dt.date(2026, 10, 19)}}
    assert due_days(agreed, "starts-tomorrow") == before_it[session.first_on]
    assert due_days(agreed, "register-due") == {session.ends_at.date()}


def add_day(placement, by: dt.timedelta) -> SessionDay:
    """As somebody with rights over the session would."""
    return SessionDay.objects.create(
        session=placement.session, on=scenes.DAY + by, starts_at=dt.time(13), ends_at=dt.time(15)
    )


def test_a_day_somebody_added_is_found_and_told(agreed, mailoutbox):
    add_day(agreed, -DAY)
    assert calendar.true_up(LATER) == 1
    assert calendar.true_up(LATER) == 0
    assert LogEntry.objects.about(agreed).filter(verb="calendar_changed").get().facts == {"changes": ["moved"]}
    drain(lambda: LATER)
    assert sorted(changed(mailoutbox)) == BOTH


def test_a_day_that_comes_back_moves_it_again(agreed):
    extra = add_day(agreed, -DAY)
    calendar.true_up(NOW)
    extra.delete()
    calendar.true_up(NOW)
    extra.save(force_insert=True)
    calendar.true_up(LATER)
    told = LogEntry.objects.about(agreed).filter(verb="calendar_changed")
    assert [entry.facts for entry in told] == [{"changes": ["moved"]}] * 3


def test_each_day_added_before_it_is_agreed_is_told(cast):
    placement = scenes.placement(cast, state="held")
    for number in (1, 3):
        add_day(placement, -number * DAY)
        calendar.true_up(LATER)
        last = Message.objects.filter(kind="placement-changed").latest("pk")
        assert last.version == calendar.version_of(placement)
    assert Message.objects.filter(kind="placement-changed").count() == 2


# ---- A change that was not sent yet when the next one came ----------------------
def whole_week_later(placement) -> None:
    placement.session.days.update(on=scenes.DAY + 7 * DAY)
    calendar.true_up(LATER)


def another_title() -> None:
    Opportunity.objects.update(title="See how it is mended")
    calendar.true_up(LATER)


def test_before_it_is_agreed_a_new_title_takes_no_told_move_away(cast, mailoutbox):
    placement = scenes.placement(cast, state="offered")
    drain(lambda: NOW)
    mailoutbox.clear()
    whole_week_later(placement)
    another_title()
    drain(lambda: LATER)
    mails = changed(mailoutbox)
    assert sorted(mails) == BOTH
    for mail in mails.values():
        assert "The days or times have changed." in mail.body
        assert "27 October" in mail.body
    another_title()
    Opportunity.objects.update(title="See how it is sold")
    calendar.true_up(LATER)
    assert not Message.objects.filter(kind="placement-changed", state="due").exists()


def test_the_last_mail_says_every_change_since_the_one_before(agreed, mailoutbox):
    whole_week_later(agreed)
    another_title()
    drain(lambda: LATER)
    assert len(changed(mailoutbox)) == len(mailoutbox) == 2
    for mail in mailoutbox:
        assert "The days or times have changed." in mail.body
        assert "What is written about it has changed." in mail.body
    mailoutbox.clear()
    Opportunity.objects.update(title="See how it is sold")
    calendar.true_up(LATER)
    drain(lambda: LATER)
    assert len(mailoutbox) == 2
    for mail in mailoutbox:
        assert "The days or times have changed." not in mail.body
        assert "What is written about it has changed." in mail.body


def test_what_one_reader_was_not_sent_is_said_to_them_alone(agreed, mailoutbox):
    """One was sent the move, the other's mail was given up."""
    whole_week_later(agreed)
    mine = Message.objects.filter(kind="placement-changed", address="lead@brightwater.example")
    mine.update(state="failed", problem="gave_up")
    drain(lambda: LATER)
    mailoutbox.clear()
    another_title()
    drain(lambda: LATER)
    heard = {address: "The days or times" in mail.body for address, mail in changed(mailoutbox).items()}
    assert heard == {"coordinator@quayside.example": False, "lead@brightwater.example": True}


def test_agreeing_says_all_and_later_mails_only_what_came_after(cast, mailoutbox):
    placement = scenes.placement(cast, state="offered")
    whole_week_later(placement)
    answers.accept(placement, by=actor(cast.employer_lead, cast.hub, cast.employer), now=LATER)
    drain(lambda: LATER)
    assert changed(mailoutbox) == {}
    another_title()
    drain(lambda: LATER)
    assert sorted(changed(mailoutbox)) == BOTH
    for mail in changed(mailoutbox).values():
        assert "The days or times have changed." not in mail.body


# ---- A colleague the request was passed on to ------------------------------------
COLLEAGUE = "colleague@brightwater.example"


@pytest.fixture
def passed_on(cast, mailoutbox):
    """A request that the employer's lead and a colleague of theirs were asked to answer."""
    row = scenes.placement(cast, state="offered")
    hosting.hand_over(row, COLLEAGUE, by=actor(cast.employer_lead, cast.hub, cast.employer), now=NOW, language="de")
    drain(lambda: NOW)
    mailoutbox.clear()
    return row


def test_colleague_asked_hears_that_the_places_are_not_needed(cast, passed_on):
    brokering.withdraw(passed_on, by=actor(cast.coordinator, cast.hub, cast.school), now=LATER)
    told = Message.objects.filter(kind="placement-withdrawn")
    assert sorted(told.values_list("address", "language", "organisation")) == [
        (COLLEAGUE, "de", cast.employer.pk),
        ("lead@brightwater.example", "en-gb", cast.employer.pk),
    ]


def test_colleague_asked_hears_of_other_days_with_a_link_of_their_own(passed_on, mailoutbox):
    whole_week_later(passed_on)
    drain(lambda: LATER)
    told = [mail for mail in mailoutbox if mail.to == [COLLEAGUE]]
    assert len(told) == 1
    assert "/answer/" in told[0].body
    whole = Message.objects.filter(kind="placement-changed").values_list("address", flat=True)
    assert sorted(whole) == sorted([*BOTH, COLLEAGUE])


def test_colleague_the_request_did_not_reach_is_not_told_that_it_is_over(cast, passed_on):
    Message.objects.filter(kind="placement-offered", address=COLLEAGUE).update(state="failed", problem="bounced")
    brokering.withdraw(passed_on, by=actor(cast.coordinator, cast.hub, cast.school), now=LATER)
    told = Message.objects.filter(kind="placement-withdrawn").values_list("address", flat=True)
    assert list(told) == ["lead@brightwater.example"]


# ---- A day that is gone is taken out of a calendar once ---------------------------
def parts_of(mailoutbox) -> dict[str, list[tuple[str, str]]]:
    """(method, uid) of each calendar in the last mail to each reader."""
    return {mail.to[0]: [part[:2] for part in calendar_parts(mail)] for mail in mailoutbox}


def both(*parts: tuple[str, str]) -> dict[str, list[tuple[str, str]]]:
    return {address: list(parts) for address in BOTH}


def told_of(placement, mailoutbox) -> dict[str, list[tuple[str, str]]]:
    mailoutbox.clear()
    calendar.true_up(LATER)
    drain(lambda: LATER)
    return parts_of(mailoutbox)


@pytest.fixture
def one_gone(agreed, mailoutbox):
    """Of two days the second was taken away; (placement, second day, uid of the first, uid of the second)."""
    extra = add_day(agreed, 3 * DAY)
    told_of(agreed, mailoutbox)
    first, second = (str(event.uid) for event in agreed.events.all())
    extra.delete()
    told = told_of(agreed, mailoutbox)
    assert told == both(("REQUEST", first), ("CANCEL", second))
    return agreed, extra, first, second


def test_later_mails_do_not_cancel_it_again(cast, one_gone, mailoutbox):
    placement, _extra, first, _second = one_gone
    Opportunity.objects.update(title="See how it is mended")
    assert told_of(placement, mailoutbox) == both(("REQUEST", first))
    mailoutbox.clear()
    placement.refresh_from_db()
    answers.cancel(placement, "The hall flooded", by=actor(cast.coordinator, cast.hub, cast.school), now=LATER)
    drain(lambda: LATER)
    assert parts_of(mailoutbox) == both(("CANCEL", first))


def test_one_that_came_back_and_went_again_is_cancelled_again(one_gone, mailoutbox):
    placement, extra, first, second = one_gone
    extra.save(force_insert=True)
    assert told_of(placement, mailoutbox) == both(("REQUEST", first), ("REQUEST", second))
    extra.delete()
    assert told_of(placement, mailoutbox) == both(("REQUEST", first), ("CANCEL", second))


def test_whoever_was_not_sent_it_still_is(one_gone, mailoutbox):
    placement, _extra, first, second = one_gone
    lost = Message.objects.filter(kind="placement-changed", address=BOTH[1]).latest("pk")
    Message.objects.filter(pk=lost.pk).update(state="failed", problem="bounced")
    Opportunity.objects.update(title="See how it is mended")
    assert told_of(placement, mailoutbox) == {
        BOTH[0]: [("REQUEST", first)],
        BOTH[1]: [("REQUEST", first), ("CANCEL", second)],
    }


def test_what_went_before_it_was_agreed_was_in_no_calendar(cast, mailoutbox):
    placement = scenes.placement(cast, state="offered")
    extra = add_day(placement, 3 * DAY)
    calendar.true_up(NOW)
    extra.delete()
    calendar.true_up(NOW)
    answers.accept(placement, by=actor(cast.employer_lead, cast.hub, cast.employer), now=NOW)
    drain(lambda: NOW)
    Opportunity.objects.update(title="See how it is mended")
    first = str(placement.events.get(status="CONFIRMED").uid)
    assert told_of(placement, mailoutbox) == both(("REQUEST", first))


EARLY = dt.datetime(2026, 10, 20, 11, 0, tzinfo=dt.UTC)  # noon of the first day


def under_way(cast, mailoutbox, *, gap: bool):
    """Three days, the last of them a week later with `gap`, of which everybody has the invitation."""
    session = scenes.session(scenes.opportunity(cast.employer), days=3)
    if gap:
        last = session.days.order_by("on").last()
        SessionDay.objects.filter(pk=last.pk).update(on=last.on + 5 * DAY, starts_at=dt.time(10))
        session.ends_at += 5 * DAY
        session.save()
    row = scenes.placement(cast, state="ready", wanted=session)
    drain(lambda: NOW)
    attendance.mark(row, scenes.DAY, [], by=scenes.desk(cast), now=EARLY)
    Message.objects.filter(state="due").update(state="skipped")
    mailoutbox.clear()
    return row


@pytest.mark.parametrize(
    ("gap", "days", "methods"), [(False, 1, ["REQUEST"]), (True, 1, ["REQUEST", "CANCEL"]), (True, 2, ["CANCEL"])]
)
def test_days_after_an_early_end_leave_calendars(cast, mailoutbox, gap, days, methods):
    row = under_way(cast, mailoutbox, gap=gap)
    before = {event.pk: (event.sequence, event.count) for event in row.events.all()}
    last = scenes.DAY + (days - 1) * DAY
    on_the_day.end_early(row, last, "The line stopped", by=scenes.desk(cast), now=EARLY)
    events = list(row.events.order_by("on"))
    shown = sorted(day for event in events if event.status == "CONFIRMED" for day in event.days())
    assert shown == [scenes.DAY + n * DAY for n in range(days)]
    changed = [event for event in events if (event.sequence, event.count) != before[event.pk]]
    assert [event.sequence - before[event.pk][0] for event in changed] == [1] * len(changed) != []
    drain(lambda: EARLY)
    mails = {mail.to[0]: mail for mail in mailoutbox}
    assert sorted(mails) == sorted([*BOTH, "desk@harbour.example"])
    for side in BOTH:
        told = calendar_parts(mails[side])
        assert {(uid, sequence) for _method, uid, sequence in told} >= {(str(e.uid), e.sequence) for e in changed}
        assert {method for method, *_rest in told} >= set(methods)
    assert calendar_parts(mails["desk@harbour.example"]) == []
    waiting = Message.objects.about(row).filter(state="due")
    assert set(waiting.values_list("kind", flat=True)) == {"register-due"}  # asked for at the new end
    assert calendar.true_up(EARLY) == 0
    feed = reading.events(calendars.feed("Ours", row.events.all()))
    assert {(one["uid"], one["sequence"]) for one in feed} == {(str(e.uid), e.sequence) for e in events}
