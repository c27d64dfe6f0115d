"""What a host tells the school on the day: absence, an incident, an early end."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from hubs.errors import CannotAct, Refused
from hubs.links import link_for
from hubs.models import LogEntry, Message
from placements.domain import attendance, days, on_the_day, reminders
from placements.models import Placement, StudentDay
from placements.needs import school_needs
from placements.needs_employer import employer_needs
from placements.worklists_rows import say_unnamed, unnamed
from tests import scenes
from tests.cast import actor
from tests.placements.sending import deliver

TEN = dt.datetime(2026, 10, 20, 9, 0, tzinfo=dt.UTC)  # ten in the morning of the first day
DAY = dt.timedelta(days=1)
FIRST = dt.date(2026, 10, 20)


def school(cast):
    return actor(cast.coordinator, cast.hub, cast.school)


def host(cast):
    return actor(cast.employer_lead, cast.hub, cast.employer)


@pytest.fixture
def week(cast) -> Placement:
    """Ready, on three days."""
    kind = scenes.encounter_type(cast.hub, "days", hours=15)
    return scenes.placement(
        cast, state="ready", wanted=scenes.session(scenes.opportunity(cast.employer, kind=kind), days=3)
    )


def ids(placement) -> list[int]:
    return list(placement.students.order_by("student__alias").values_list("student_id", flat=True))


def test_absence_tells_the_school_at_once_and_names_nobody(cast, week, mailoutbox):
    attendance.mark(week, FIRST, ids(week)[1:], by=host(cast), now=TEN)
    message = Message.objects.get(kind="absence")
    assert (message.address, message.due_at) == ("coordinator@quayside.example", TEN)
    assert deliver(message, TEN) == "sent"
    assert mailoutbox[-1].subject == "1 student is not at Brightwater Engineering"
    assert "10A-0" not in mailoutbox[-1].subject + mailoutbox[-1].body


def test_the_same_absence_is_told_once_and_another_again(cast, week):
    attendance.mark(week, FIRST, ids(week)[1:], by=host(cast), now=TEN)
    attendance.mark(week, FIRST, ids(week)[1:], by=host(cast), now=TEN)
    assert Message.objects.filter(kind="absence").count() == 1
    attendance.mark(week, FIRST, ids(week)[2:], by=host(cast), now=TEN)
    assert Message.objects.filter(kind="absence").count() == 2


def test_who_came_after_all_is_not_told_as_absent(cast, week):
    attendance.mark(week, FIRST, ids(week)[1:], by=host(cast), now=TEN)
    attendance.mark(week, FIRST, ids(week), by=host(cast), now=TEN)
    assert deliver(Message.objects.get(kind="absence"), TEN) == "skipped"


@pytest.mark.parametrize("case", ["all here", "by the school", "a day later"])
def test_what_needs_no_alarm(cast, week, case):
    present = ids(week) if case == "all here" else []
    by = school(cast) if case == "by the school" else host(cast)
    attendance.mark(week, FIRST, present, by=by, now=TEN + DAY if case == "a day later" else TEN)
    assert not Message.objects.filter(kind="absence").exists()


def test_nobody_is_named_anew_once_the_register_is_kept(cast, week):
    """Whoever was there on the first day keeps that day, and gets an encounter for it."""
    attendance.mark(week, FIRST, ids(week), by=host(cast), now=TEN)
    others = [row.student for row in week.students.select_related("student")][1:]
    with pytest.raises(Refused, match="It has begun"):
        days.name_students(week, others, by=school(cast), now=TEN)
    assert StudentDay.objects.filter(placement=week, present=True).count() == 6


def test_an_incident_goes_to_school_and_hub_without_details(cast, week, mailoutbox):
    on_the_day.report_incident(week, "accident", "020 7946 0000", by=host(cast), now=TEN)
    asked = Message.objects.filter(kind="incident").order_by("pk")
    assert [one.address for one in asked] == ["coordinator@quayside.example", "desk@harbour.example"]
    assert deliver(asked[0], TEN) == "sent"
    assert "020 7946 0000" in mailoutbox[-1].body
    entry = LogEntry.objects.about(week).get(verb="incident_reported")
    assert entry.facts == {"what": "accident"}
    assert on_the_day.told(week) == [TEN]


def test_an_incident_is_of_a_known_kind(cast, week):
    with pytest.raises(Refused, match="Choose what happened"):
        on_the_day.report_incident(week, "gossip", "", by=host(cast), now=TEN)


def test_an_incident_is_for_the_days_of_the_placement(cast, week):
    for now in (TEN - 3 * DAY, TEN + 30 * DAY):
        with pytest.raises(Refused, match="for the days of the placement"):
            on_the_day.report_incident(week, "worry", "1", by=host(cast), now=now)


def test_the_school_does_not_report_from_the_workplace(cast, week):
    with pytest.raises(CannotAct):
        on_the_day.report_incident(week, "worry", "1", by=school(cast), now=TEN)


def test_an_early_end_frees_the_days_and_credits_what_was_had(cast, week):
    attendance.mark(week, FIRST, ids(week), by=host(cast), now=TEN)
    assert on_the_day.end_early(week, FIRST, "The line stopped", by=host(cast), now=TEN) == 12
    assert StudentDay.objects.filter(placement=week, live=True).count() == 6
    encounters = attendance.complete(week, {}, by=school(cast), now=TEN + 3 * DAY)
    assert {one.hours for one in encounters} == {Decimal("2.5")}  # of one morning, whatever the type says of a day


def test_both_sides_and_the_hub_read_of_an_early_end(cast, week, mailoutbox):
    attendance.mark(week, FIRST, ids(week), by=host(cast), now=TEN)
    on_the_day.end_early(week, FIRST, "The line stopped", by=school(cast), now=TEN)
    written = {message.address: message for message in Message.objects.filter(kind="ended-early")}
    assert set(written) == {"coordinator@quayside.example", "lead@brightwater.example", "desk@harbour.example"}
    assert deliver(written["lead@brightwater.example"], TEN) == "sent"
    body = mailoutbox[-1].body
    assert ("The line stopped" in body, "Nobody comes on the days after." in body) == (True, True)
    assert ("Close the register" in body, reverse("employer-placement", args=[week.pk]) in body) == (False, True)
    assert deliver(written["coordinator@quayside.example"], TEN) == "sent"
    assert "Close the register" in mailoutbox[-1].body


def test_after_an_early_end_the_register_is_asked_for_at_the_new_end(cast, week, mailoutbox):
    reminders.write(week, now=TEN)
    attendance.mark(week, FIRST, ids(week), by=host(cast), now=TEN)
    old = set(Message.objects.filter(kind="register-due").values_list("pk", flat=True))
    on_the_day.end_early(week, FIRST, "The line stopped", by=host(cast), now=TEN)
    asked = Message.objects.filter(kind="register-due").exclude(pk__in=old).order_by("due_at")
    noon = dt.datetime(2026, 10, 20, 11, 0, tzinfo=dt.UTC)
    mornings = [dt.datetime(2026, 10, day, hour, tzinfo=dt.UTC) for day, hour in ((22, 7), (27, 8))]
    assert [row.due_at for row in asked] == [noon + dt.timedelta(hours=1), *mornings]
    assert [deliver(row, noon + 7 * DAY) for row in Message.objects.filter(pk__in=old)] == ["skipped"] * 3
    assert deliver(asked[0], asked[0].due_at) == "sent"
    assert "Who was there?" in mailoutbox[-1].subject


def test_after_an_early_end_everybody_is_asked_from_the_new_end_on(cast, week):
    attendance.mark(week, FIRST, ids(week), by=host(cast), now=TEN)
    on_the_day.end_early(week, FIRST, "The line stopped", by=host(cast), now=TEN)
    noon = dt.datetime(2026, 10, 20, 11, 0, tzinfo=dt.UTC)

    def asks(now) -> tuple[bool, bool]:
        school, employer = school_needs(cast.school, now=now), employer_needs(cast.employer, now=now, leads=True)
        return (
            any("Who was there?" in one.title for one in school),
            any("How was it?" in one.title for one in employer),
        )

    assert (asks(noon - dt.timedelta(minutes=1)), asks(noon)) == ((False, False), (True, True))
    found = [say_unnamed(row, cast.hub, noon + 3 * DAY) for row in unnamed(cast.hub, noon + 3 * DAY)]
    assert [(one.title.split(": ")[-1], one.due) for one in found] == [("the register is open", noon)]


@pytest.mark.parametrize(
    ("last", "reason", "sentence"),
    [
        (FIRST, " ", "Say why"),
        (FIRST - DAY, "x", "before the first"),
        (FIRST + 2 * DAY, "x", "nothing would change"),
    ],
)
def test_an_early_end_that_makes_no_sense(cast, week, last, reason, sentence):
    attendance.mark(week, FIRST, ids(week), by=host(cast), now=TEN)
    with pytest.raises(Refused, match=sentence):
        on_the_day.end_early(week, last, reason, by=host(cast), now=TEN)


def test_what_has_not_begun_does_not_end_early(cast, week):
    with pytest.raises(Refused, match="call it off"):
        on_the_day.end_early(week, FIRST, "x", by=host(cast), now=TEN - DAY)


def test_a_stranger_ends_nothing(cast, week):
    stranger = actor(cast.other_lead, cast.hub, cast.other_employer)
    with pytest.raises(CannotAct):
        on_the_day.end_early(week, FIRST, "x", by=stranger, now=TEN)


def test_the_page_of_the_day_does_it_all(cast, week, client, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: TEN)
    _link, token = link_for(week, "host", now=TEN, days=30, address="lead@brightwater.example")
    page = reverse("host-link", args=[token])
    body = client.get(page).content.decode()
    assert "Tell the school at once" in body
    assert "Say the last day" not in body
    client.post(page, {"act": "presence", "day": FIRST.isoformat(), "present": ids(week)})
    client.post(page, {"act": "incident", "what": "worry", "phone": "020 7946 0000"})
    assert "The school was told" in client.get(page).content.decode()
    assert "This field" not in client.post(page, {"act": "early", "last_day": "", "reason": ""}).content.decode()
    client.post(page, {"act": "early", "last_day": FIRST.isoformat(), "reason": "The line stopped"})
    assert StudentDay.objects.filter(placement=week, live=True).count() == 6
    assert "Wed 21 October" not in client.get(page).content.decode().split("Who comes")[1].split("Whom to ring")[0]


def test_the_school_closes_the_register_after_an_early_end(cast, week, client, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: TEN)
    attendance.mark(week, FIRST, ids(week), by=host(cast), now=TEN)
    on_the_day.end_early(week, FIRST, "The line stopped", by=host(cast), now=TEN)
    client.force_login(cast.coordinator)
    assert "Close the register" in client.get(reverse("school-register", args=[week.pk])).content.decode()
