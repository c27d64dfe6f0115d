"""Two people at one school's calendar, or two workers at its class lists, at the same moment."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import IntegrityError

from hubs.errors import Refused
from hubs.fetch import Fetched
from hubs.models import LogEntry
from schools.domain import edits, roster, roster_jobs, subscriptions
from schools.domain.pending import confirm_roster_file, keep_roster
from schools.models import CalendarSubscription, Enrolment, PendingImport, Student, Term
from tests.cast import NOW, actor, two_hubs
from tests.racing import race
from tests.schools.files import AUTUMN, calendar
from tests.schools.rosters import small

D = dt.date
SPANS = [(D(2026, 9, day), D(2026, 10, 20 + day)) for day in range(1, 7)]


@pytest.fixture
def cast(transactional_db, django_db_serialized_rollback):
    return two_hubs()


def test_racing_terms_never_overlap(cast):
    by = actor(cast.coordinator, cast.hub, cast.school)

    def save(first, last):
        try:
            values = {"name": f"Term {first}", "starts_on": first, "ends_on": last}
            edits.save_term(cast.school, values, by=by, now=NOW)
        except Refused:
            return "refused"
        return "saved"

    assert race([lambda s=span: save(*s) for span in SPANS]) == ["refused"] * 5 + ["saved"]
    assert Term.objects.count() == 1


def test_racing_terms_without_the_lock_overlap(cast):
    """The negative control: everybody looks before anybody has written."""
    looked = threading.Barrier(len(SPANS))

    def save(first, last):
        clash = Term.objects.filter(school=cast.school, starts_on__lte=last, ends_on__gte=first).exists()
        looked.wait()
        if clash:
            return "refused"
        Term.objects.create(hub=cast.hub, school=cast.school, name="Term", starts_on=first, ends_on=last)
        return "saved"

    assert race([lambda s=span: save(*s) for span in SPANS]) == ["saved"] * 6
    assert Term.objects.count() == 6


# ---- addresses of calendars -----------------------------------------------------


@pytest.fixture
def due(cast):
    """An address that is due, and what is asked of the network about it."""
    by = actor(cast.coordinator, cast.hub, cast.school)
    subscriptions.subscribe(cast.school, {"url": "https://calendar.example.org/terms.ics"}, by=by, now=NOW)
    asked: list[str] = []

    def fetcher(url, *, etag, last_modified):
        asked.append(url)
        return Fetched(calendar(*AUTUMN), "", "")

    return asked, lambda: str(subscriptions.read_due(NOW, fetcher=fetcher))


def after_all_have_looked(workers: int, act):
    """`act`, once so many have come as far as this."""
    looked = threading.Barrier(workers, timeout=30)

    def inner(*args):
        looked.wait()
        return act(*args)

    return inner


def test_racing_fetchers_ask_an_address_once(cast, due, monkeypatch):
    asked, read = due
    monkeypatch.setattr(subscriptions, "_claim", after_all_have_looked(3, subscriptions._claim))
    assert race([read] * 3) == ["0", "0", "1"]
    assert (len(asked), PendingImport.objects.count()) == (1, 1)


def test_racing_fetchers_without_the_claim_all_ask(cast, due, monkeypatch):
    """The negative control: the time is moved, whoever moved it before."""

    def claim(row, now):
        CalendarSubscription.objects.filter(pk=row.pk).update(due_at=now + dt.timedelta(days=1))
        return True

    asked, read = due
    monkeypatch.setattr(subscriptions, "_claim", after_all_have_looked(3, claim))
    monkeypatch.setattr(subscriptions, "read_one", lambda row, *, now, fetcher: fetcher("", etag="", last_modified=""))
    assert race([read] * 3) == ["1", "1", "1"]
    assert len(asked) == 3


# ---- class lists ----------------------------------------------------------------


def test_racing_workers_load_a_roster_once(cast, monkeypatch):
    monkeypatch.setattr(roster, "DIRECT_ROWS", 3)
    by = actor(cast.coordinator, cast.hub, cast.school)
    kept = keep_roster(cast.school, small(), names=False, file_name="lists.zip", by=by, now=NOW)
    row = confirm_roster_file(kept, by=by, now=NOW)
    assert race([lambda: str(roster_jobs.run_due(NOW)) for _worker in range(4)]) == ["0", "0", "0", "1"]
    row.refresh_from_db()
    assert (row.state, row.tries, Student.objects.count(), Enrolment.objects.count()) == ("done", 1, 3, 4)
    assert LogEntry.objects.about(row).filter(verb="imported").count() == 1


@pytest.mark.needs_postgresql
def test_racing_rosters_without_the_lock_meet_in_the_table(cast, monkeypatch):
    """The negative control: both compare before either has written."""
    by = actor(cast.coordinator, cast.hub, cast.school)
    plan = roster.plan_roster(cast.school, roster.read_roster(small()), now=NOW)
    looked = threading.Barrier(2, timeout=30)
    compare = roster.plan_roster

    def after_both_have_looked(*args, **options):
        found = compare(*args, **options)
        looked.wait()
        return found

    monkeypatch.setattr(roster, "lock", lambda school: None)
    monkeypatch.setattr(roster, "plan_roster", after_both_have_looked)

    def load():
        try:
            roster.apply_roster(plan, by=by, now=NOW)
        except IntegrityError:
            return "clash"
        return "loaded"

    assert race([load, load]) == ["clash", "loaded"]
