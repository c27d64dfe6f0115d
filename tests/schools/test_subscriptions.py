"""Calendars read by their address: conditionally, kept, asked about, and never at the cost of what was made by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from hubs.addresses import CannotFetch
from hubs.errors import CannotAct, Refused
from hubs.fetch import Fetched
from hubs.models import LogEntry
from schools.domain import edits
from schools.domain.subscriptions import read_due, subscribe, unsubscribe
from schools.models import CalendarSubscription, Closure, PendingImport, Term
from tests.cast import NOW, actor
from tests.schools.files import AUTUMN, HALF_TERM, STAFF_DAY, calendar, event

URL = "https://calendar.example.org/private-1234/terms.ics"
HOUR = dt.timedelta(hours=1)


class Network:
    """What the address answers; `asked` holds what it was asked with."""

    def __init__(self, *answers: bytes | CannotFetch | None) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str, str]] = []

    def __call__(self, url, *, etag, last_modified):
        self.asked.append((url, etag, last_modified))
        answer = self.answers.pop(0)
        if isinstance(answer, CannotFetch):
            raise answer
        return Fetched(answer, f'"{len(self.asked)}"', "yesterday")


@pytest.fixture
def by(cast):
    return actor(cast.coordinator, cast.hub, cast.school)


@pytest.fixture
def row(cast, by):
    return subscribe(cast.school, {"url": URL, "name": "Council"}, by=by, now=NOW)


def read(now, *answers):
    network = Network(*answers)
    return read_due(now, fetcher=network), network


def test_what_is_new_waits_to_be_looked_at(row, cast):
    assert read(NOW, calendar(*AUTUMN))[0] == 1
    waiting = PendingImport.objects.get()
    assert (waiting.subscription, waiting.file_name, waiting.uploaded_by) == (row, "Council", None)
    assert Term.objects.count() == 0
    row.refresh_from_db()
    assert (row.last_good_at, row.due_at, row.last_error) == (NOW, NOW + 24 * HOUR, "")


def test_a_second_copy_takes_the_place_of_the_first(row):
    read(NOW, calendar(*AUTUMN))
    read(NOW + 24 * HOUR, calendar(*AUTUMN, HALF_TERM))
    assert PendingImport.objects.count() == 1


def test_it_is_asked_what_changed_since_the_last_good_copy(row):
    read(NOW, calendar(*AUTUMN))
    _done, network = read(NOW + 24 * HOUR, None)
    assert network.asked == [(URL, '"1"', "yesterday")]
    row.refresh_from_db()
    assert (row.last_good_at, bytes(row.last_good)) == (NOW + 24 * HOUR, calendar(*AUTUMN))


def test_nothing_is_read_before_it_is_due_or_twice(row):
    assert read(NOW, calendar(*AUTUMN))[0] == 1
    assert read(NOW)[0] == 0
    assert read(NOW + 23 * HOUR)[0] == 0


def test_a_failure_keeps_the_last_good_copy_says_why_and_tries_later(row):
    read(NOW, calendar(*AUTUMN))
    later = NOW + 24 * HOUR
    read(later, CannotFetch("status", status=404))
    row.refresh_from_db()
    assert row.last_error == "The calendar's server says no (404). Is the calendar still shared by this link?"
    assert (bytes(row.last_good), row.last_good_at, row.due_at) == (calendar(*AUTUMN), NOW, later + HOUR)
    read(later + HOUR, b"<html>")
    row.refresh_from_db()
    assert (row.failures, row.due_at, bytes(row.last_good)) == (2, later + 4 * HOUR, calendar(*AUTUMN))


def test_changes_apply_themselves_only_where_the_school_said_so_and_nothing_goes_away(cast, by):
    row = subscribe(cast.school, {"url": URL, "applies_itself": True}, by=by, now=NOW)
    read(NOW, calendar(*AUTUMN, HALF_TERM))
    assert (Term.objects.count(), PendingImport.objects.count()) == (2, 0)
    read(NOW + 24 * HOUR, calendar(*AUTUMN))
    assert list(Closure.objects.values_list("name", flat=True)) == ["Autumn half term"]
    assert PendingImport.objects.get().subscription == row


def test_what_a_person_changed_is_never_changed_by_a_machine(cast, by):
    subscribe(cast.school, {"url": URL, "applies_itself": True}, by=by, now=NOW)
    read(NOW, calendar(*AUTUMN, STAFF_DAY))
    mine = Closure.objects.get()
    values = {"kind": "staff_day", "name": "Ours", "starts_on": mine.starts_on, "ends_on": mine.ends_on}
    edits.save_closure(cast.school, values, by=by, now=NOW, closure=mine)
    moved = event("s1", "20260902", "20260903", "INSET day")
    read(NOW + 24 * HOUR, calendar(*AUTUMN, moved))
    mine.refresh_from_db()
    assert (mine.name, mine.starts_on) == ("Ours", dt.date(2026, 9, 1))
    assert PendingImport.objects.count() == 1


def test_only_the_school_and_its_hub_subscribe(cast):
    stranger = actor(cast.other_coordinator, cast.hub, cast.other_school)
    with pytest.raises(CannotAct):
        subscribe(cast.school, {"url": URL}, by=stranger, now=NOW)


@pytest.mark.parametrize("url", ["http://calendar.example.org/a.ics", "https://127.0.0.1/", "https://u@c.example.org/"])
def test_an_address_that_is_not_read_is_refused_when_it_is_typed(cast, by, url):
    with pytest.raises(Refused):
        subscribe(cast.school, {"url": url}, by=by, now=NOW)
    assert CalendarSubscription.objects.count() == 0


def test_the_address_stays_out_of_the_log_and_what_it_brought_stays(row, by):
    read(NOW, calendar(*AUTUMN))
    unsubscribe(row, by=by, now=NOW)
    assert "private-1234" not in str(list(LogEntry.objects.values_list("facts", "reason")))
    assert CalendarSubscription.objects.count() == 0


def test_the_page_adds_shows_and_removes_it(client, cast):
    client.force_login(cast.coordinator)
    page = "/school/calendar/subscriptions/new/"
    assert "not a number" in client.post(page, {"url": "https://10.0.0.1/"}).content.decode()
    assert client.post(page, {"url": "webcal://calendar.example.org/a.ics", "name": "Council"}).status_code == 302
    row = CalendarSubscription.objects.get()
    assert row.url == "https://calendar.example.org/a.ics"
    assert "Council" in client.get("/school/calendar/").content.decode()
    client.post(f"/school/calendar/subscriptions/{row.pk}/", {"remove": "yes"})
    assert CalendarSubscription.objects.count() == 0
