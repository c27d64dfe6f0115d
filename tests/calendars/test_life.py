"""A placement's life in calendars: made, moved, moved back, called off, taken up again."""

from __future__ import annotations

import datetime as dt

import pytest

from employers.models import Site
from hubs.delivery import drain
from hubs.models import LogEntry, Message
from hubs.outbox import KINDS
from opportunities.models import Opportunity, SessionDay
from placements import calendars
from placements.domain import answers, brokering, calendar, feeds, hosting
from placements.models import Feed
from tests import scenes
from tests.calendars import ical_js, linter, reading
from tests.cast import NOW, actor

pytestmark = pytest.mark.django_db
LATER = NOW + dt.timedelta(hours=1)
WEEK = dt.timedelta(days=7)


def school(cast):
    return actor(cast.coordinator, cast.hub, cast.school)


def employer(cast):
    return actor(cast.employer_lead, cast.hub, cast.employer)


@pytest.fixture
def feed(cast):
    return feeds.make_feed(cast.school, by=school(cast), now=NOW)[0]


def content_of(feed: Feed, now=NOW) -> bytes:
    content = calendars.feed("Quayside School", feeds.events_of(feed, now=now))
    assert linter.problems(content) == []
    return content


def told(feed: Feed, now=NOW) -> list[tuple]:
    return [(e["uid"], e["sequence"], e["status"], e["starts"]) for e in reading.events(content_of(feed, now))]


def move(placement, on: dt.date, *, now) -> None:
    """As somebody with rights over the session would; the domain finds it by itself."""
    placement.session.days.update(on=on)
    calendar.true_up(now)


def test_uid_stays_and_sequence_rises_through_a_whole_life(cast, feed):
    placement = scenes.placement(cast, state="accepted")
    uid = str(placement.events.get().uid)
    first, moved = "2026-10-20T08:30:00Z", "2026-10-27T09:30:00Z"  # the clocks change in between
    assert told(feed) == [(uid, 1, "CONFIRMED", [first])]
    move(placement, scenes.DAY + WEEK, now=NOW)
    assert told(feed) == [(uid, 2, "CONFIRMED", [moved])]
    move(placement, scenes.DAY, now=NOW)
    assert told(feed) == [(uid, 3, "CONFIRMED", [first])]
    answers.cancel(placement, "The hall flooded", by=school(cast), now=LATER)
    assert told(feed, LATER) == [(uid, 4, "CANCELLED", [first])]
    placement.state = "accepted"  # no verb takes it up again yet; calendars could say so
    calendar.tell(placement, now=LATER)
    assert told(feed, LATER) == [(uid, 5, "CONFIRMED", [first])]


def test_nothing_changed_is_the_same_bytes(cast, feed):
    placement = scenes.placement(cast, state="accepted")
    before, version = content_of(feed), feeds.version_of(feed, now=NOW)
    calendar.tell(placement, now=LATER)
    assert calendar.true_up(LATER) == 0
    assert (content_of(feed, LATER), feeds.version_of(feed, now=LATER)) == (before, version)


def test_a_day_added_and_taken_away_is_cancelled_and_comes_back_as_itself(cast, feed):
    wanted = scenes.session(scenes.opportunity(cast.employer))
    placement = scenes.placement(cast, state="accepted", wanted=wanted)
    extra = SessionDay.objects.create(
        session=wanted, on=scenes.DAY + dt.timedelta(days=3), starts_at=dt.time(10), ends_at=dt.time(12)
    )
    calendar.true_up(NOW)
    first, second = placement.events.all()
    assert (first.followed_by, first.gap_days) == (str(second.uid), 2)
    extra.delete()
    calendar.true_up(NOW)
    assert [(uid, status) for uid, _n, status, _s in told(feed)] == [
        (str(first.uid), "CONFIRMED"),
        (str(second.uid), "CANCELLED"),
    ]
    extra.save(force_insert=True)
    calendar.true_up(NOW)
    assert [(uid, n, status) for uid, n, status, _s in told(feed)] == [
        (str(first.uid), 4, "CONFIRMED"),
        (str(second.uid), 2, "CONFIRMED"),
    ]


def test_days_become_few_runs():
    day, nine, noon = dt.date(2026, 10, 19), dt.time(9), dt.time(12)

    def at(*numbers):
        return [(day + dt.timedelta(days=n), nine, noon) for n in numbers]

    assert [(r[0].day, *r[3:]) for r in calendar.runs(at(0, 1, 2, 3, 4))] == [(19, 1, 5)]
    assert [(r[0].day, *r[3:]) for r in calendar.runs(at(0, 7, 14))] == [(19, 7, 3)]
    assert [(r[0].day, *r[3:]) for r in calendar.runs(at(0, 1, 2, 7, 8))] == [(19, 1, 3), (26, 1, 2)]
    assert [(r[0].day, *r[3:]) for r in calendar.runs(at(0, 2, 4))] == [(19, 1, 1), (21, 1, 1), (23, 1, 1)]
    assert len(calendar.runs([(day, nine, noon), (day + dt.timedelta(days=1), noon, dt.time(15))])) == 2


def test_weeks_across_the_change_of_clocks_reads_the_same_everywhere(cast, feed):
    ical_js.need()
    offer = scenes.opportunity(cast.employer, title="Tools, wood; and “Füße” \\ " + "ß" * 80)
    wanted = scenes.session(offer)
    for weeks in (1, 2):
        hours = {"starts_at": dt.time(9, 30), "ends_at": dt.time(12)}
        SessionDay.objects.create(session=wanted, on=scenes.DAY + weeks * WEEK, **hours)
    placement = scenes.placement(cast, state="accepted", wanted=wanted)
    content = content_of(feed)
    assert ical_js.events(content) == reading.events(content)
    starts = ["2026-10-20T08:30:00Z", "2026-10-27T09:30:00Z", "2026-11-03T09:30:00Z"]
    assert [event["starts"] for event in reading.events(content)] == [starts]
    invitation = calendars.invitation(cast.hub, placement.events.get(), "lead@brightwater.example")
    assert linter.problems(invitation) == []
    assert ical_js.events(invitation) == reading.events(invitation)


CHANGES = {
    "place": lambda cast, placement: Site.objects.update(town="Harbourside"),
    "other": lambda cast, placement: Opportunity.objects.update(title="See how it is mended"),
    "moved": lambda cast, placement: placement.session.days.update(ends_at=dt.time(13)),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_every_change_is_also_a_message_with_the_change_attached(cast, mailoutbox, kind):
    placement = scenes.placement(cast, state="accepted")
    drain(lambda: NOW)
    mailoutbox.clear()
    CHANGES[kind](cast, placement)
    assert calendar.true_up(LATER) == 1
    assert LogEntry.objects.about(placement).filter(verb="calendar_changed").get().facts == {"changes": [kind]}
    drain(lambda: LATER)
    assert sorted(mail.to[0] for mail in mailoutbox) == ["coordinator@quayside.example", "lead@brightwater.example"]
    for mail in mailoutbox:
        assert calendar_parts(mail) == [("REQUEST", str(placement.events.get().uid), 2)]


def test_another_supervisor_is_told_at_once(cast, mailoutbox):
    placement = scenes.placement(cast, state="accepted")
    drain(lambda: NOW)
    mailoutbox.clear()
    hosting.name_supervisor(placement, "Robin Ferry", by=employer(cast), now=LATER)
    hosting.name_supervisor(placement, "Robin Ferry", by=employer(cast), now=LATER)
    assert Message.objects.filter(kind="placement-changed").count() == 2
    drain(lambda: LATER)
    assert [calendar_parts(mail)[0][2] for mail in mailoutbox] == [2, 2]


def test_of_two_changes_only_the_last_is_sent(cast, mailoutbox):
    placement = scenes.placement(cast, state="accepted")
    drain(lambda: NOW)
    mailoutbox.clear()
    move(placement, scenes.DAY + WEEK, now=NOW)
    move(placement, scenes.DAY, now=NOW)
    drain(lambda: LATER)
    assert [calendar_parts(mail)[0][2] for mail in mailoutbox] == [3, 3]


def test_calling_off_cancels_each_event(cast, mailoutbox):
    wanted = scenes.session(scenes.opportunity(cast.employer))
    SessionDay.objects.create(
        session=wanted, on=scenes.DAY + dt.timedelta(days=3), starts_at=dt.time(10), ends_at=dt.time(12)
    )
    placement = scenes.placement(cast, state="accepted", wanted=wanted)
    drain(lambda: NOW)
    agreed = [mail for mail in mailoutbox if mail.subject.startswith("Agreed")]
    uids = [str(event.uid) for event in placement.events.all()]
    assert calendar_parts(agreed[0]) == [("REQUEST", uid, 1) for uid in uids]
    mailoutbox.clear()
    answers.cancel(placement, "The hall flooded", by=school(cast), now=LATER)
    drain(lambda: LATER)
    assert calendar_parts(mailoutbox[0]) == [("CANCEL", uid, 2) for uid in uids]


def calendar_parts(mail) -> list[tuple[str, str, int]]:
    """(method, uid, sequence) of each calendar in the mail, all of them linted."""
    found = []
    for part in mail.message().walk():
        if part.get_content_type() == "text/calendar":
            assert linter.mail_problems(part) == []
            event = reading.events(part.get_payload(decode=True))[0]
            found.append((str(part.get_param("method")), event["uid"], event["sequence"]))
    return found


def test_each_kind_of_feed_shows_its_own(cast):
    mine = scenes.placement(cast, state="accepted")
    held = scenes.placement(
        cast,
        wanted=scenes.session(scenes.opportunity(cast.employer), on=scenes.DAY + WEEK),
        of=scenes.group(cast.school, "11B"),
    )
    site = mine.session.opportunity.site
    other = Site.objects.create(hub=cast.hub, employer=cast.employer, name="Annexe")
    cast.school.manager = cast.amina
    cast.school.save()

    def shown(organisation, by, **kind):
        made, _token = feeds.make_feed(organisation, by=by, now=NOW, **kind)
        return [event.placement_id for event in feeds.events_of(made, now=NOW)]

    assert shown(cast.school, school(cast)) == [mine.pk, held.pk]
    assert shown(cast.school, school(cast), group=mine.group) == [mine.pk]
    assert shown(cast.school, school(cast), group=scenes.group(cast.school, "9C")) == []
    assert shown(cast.school, school(cast), personal=True) == [mine.pk, held.pk]
    assert shown(cast.other_school, actor(cast.other_coordinator, cast.hub, cast.other_school)) == []
    assert shown(cast.employer, employer(cast)) == [mine.pk]
    assert shown(cast.employer, employer(cast), site=site) == [mine.pk]
    assert shown(cast.employer, employer(cast), site=other) == []
    assert shown(cast.other_employer, actor(cast.other_lead, cast.hub, cast.other_employer)) == []
    assert shown(cast.school, actor(cast.amina, cast.hub, cast.school), personal=True) == [mine.pk, held.pk]


def test_declined_and_withdrawn_places_stay_in_the_feed_as_cancelled(cast, feed):
    placement = scenes.placement(cast, state="offered")
    assert [status for _uid, _n, status, _s in told(feed)] == ["TENTATIVE"]
    brokering.withdraw(placement, by=school(cast), now=LATER)
    assert [(n, status) for _uid, n, status, _s in told(feed, LATER)] == [(1, "CANCELLED")]


# ---- What is told when days move -----------------------------------------------
def waiting(placement, now) -> dict[str, set[str]]:
    """The days on which reminders still go, by kind, as a sender would judge them."""
    found: dict[str, set[str]] = {}
    placement.refresh_from_db()
    for row in Message.objects.about(placement).filter(state="due", due_at__gt=now):
        if KINDS[row.kind].live(placement, row, now):
            found.setdefault(row.kind, set()).add(f"{row.due_at:%d.%m.}")
    return found


def test_reminders_follow_the_days(cast, mailoutbox):
    placement = scenes.placement(cast, state="accepted")
    before = waiting(placement, NOW)
    assert before["starts-tomorrow"] == {"19.10."}
    move_whole(placement, WEEK)
    after = waiting(placement, NOW)
    assert after["starts-tomorrow"] == {"26.10."}
    assert after["starts-soon"] == {"13.10.", "20.10.", "23.10."}
    assert after["host-page"] == {"20.10."}
    placement.session.refresh_from_db()
    at = placement.session.starts_at + dt.timedelta(minutes=1)
    mailoutbox.clear()
    drain(lambda: at - dt.timedelta(days=1))
    next_days = [mail for mail in mailoutbox if mail.subject.startswith("Next working day")]
    assert sorted(mail.to[0] for mail in next_days) == ["coordinator@quayside.example", "lead@brightwater.example"]


def test_moved_back_is_reminded_once(cast, mailoutbox):
    placement = scenes.placement(cast, state="accepted")
    move_whole(placement, WEEK)
    move_whole(placement, -WEEK)
    assert waiting(placement, NOW)["starts-tomorrow"] == {"19.10."}
    drain(lambda: placement.session.starts_at - dt.timedelta(days=1))
    assert sum(mail.subject.startswith("Next working day") for mail in mailoutbox) == 2


def test_what_changes_no_day_leaves_reminders_alone(cast):
    placement = scenes.placement(cast, state="accepted")
    before = set(Message.objects.about(placement).values_list("key", flat=True))
    Opportunity.objects.update(title="See how it is mended")
    calendar.true_up(LATER)
    new = Message.objects.about(placement).exclude(key__in=before)
    assert set(new.values_list("kind", flat=True)) == {"placement-changed"}


ASKED = {
    "held": {"coordinator@quayside.example": "give the places back"},
    "offered": {
        "coordinator@quayside.example": "give the places back",
        "lead@brightwater.example": "for what stands here now",
    },
}


@pytest.mark.parametrize("state", ASKED)
def test_before_it_is_agreed_other_days_are_told_without_an_invitation(cast, mailoutbox, state):
    placement = scenes.placement(cast, state=state)
    drain(lambda: NOW)
    mailoutbox.clear()
    move_whole(placement, WEEK)
    drain(lambda: LATER)
    told_now = {mail.to[0]: mail for mail in mailoutbox if mail.subject.startswith("Changed")}
    assert set(told_now) == set(ASKED[state])
    for address, words in ASKED[state].items():
        assert words in told_now[address].body
        assert "27 October" in told_now[address].body
        assert calendar_parts(told_now[address]) == []


def test_before_it_is_agreed_a_new_title_is_not_worth_a_mail(cast):
    scenes.placement(cast, state="offered")
    Opportunity.objects.update(title="See how it is mended")
    assert calendar.true_up(LATER) == 1
    assert not Message.objects.filter(kind="placement-changed").exists()


def move_whole(placement, by: dt.timedelta) -> None:
    """The session as a whole, its envelope included; the domain finds it by itself."""
    session = placement.session
    session.refresh_from_db()
    for day in SessionDay.objects.filter(session=session):
        day.on += by
        day.save()
    zone, first = session.zone, SessionDay.objects.filter(session=session).order_by("on").first()
    session.starts_at = dt.datetime.combine(first.on, first.starts_at, zone)
    session.ends_at = dt.datetime.combine(first.on, first.ends_at, zone)
    session.save()
    calendar.true_up(NOW)


# ---- No student's name ---------------------------------------------------------
def test_no_student_is_named_in_any_feed_invitation_or_subject(cast, mailoutbox):
    placement = scenes.placement(cast, state="accepted")
    cast.school.manager = cast.amina
    cast.school.save()
    for row in placement.students.select_related("student"):
        row.student.name, row.student.alias = f"Zoe Canary {row.pk}", f"CANARY-{row.pk}"
        row.student.save()
    answers_of = {"school": school(cast), "employer": employer(cast)}
    hosting.name_supervisor(placement, "Robin Ferry", by=answers_of["employer"], now=NOW)
    made = [
        (cast.school, {}, "school"), (cast.school, {"group": placement.group}, "school"),
        (cast.school, {"personal": True}, "school"), (cast.employer, {}, "employer"),
        (cast.employer, {"site": placement.session.opportunity.site}, "employer"),
        (cast.employer, {"personal": True}, "employer"),
    ]  # fmt: skip
    for organisation, kind, side in made:
        content = content_of(feeds.make_feed(organisation, by=answers_of[side], now=NOW, **kind)[0])
        assert b"BEGIN:VEVENT" in content
        assert b"canary" not in content.lower()
    Message.objects.filter(state="due").update(due_at=NOW)
    answers.cancel(placement, "The hall flooded", by=answers_of["school"], now=LATER)
    drain(lambda: LATER)
    assert {mail.subject.partition(":")[0] for mail in mailoutbox} >= {"Called off"}
    for mail in mailoutbox:
        assert "canary" not in mail.subject.lower()
        for part in mail.message().walk():
            if part.get_content_type() == "text/calendar":
                assert b"canary" not in part.get_payload(decode=True).lower()
