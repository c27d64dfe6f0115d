"""Long lists of employers: confirmed by somebody, carried out by a job, whole or not at all."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from employers import import_jobs, importing
from employers.import_plan import plan_import
from employers.models import Employer, EmployerImport, Site
from hubs.errors import CannotMove, Refused
from hubs.leases import LEASE, MOST_TRIES
from hubs.models import LogEntry, Membership
from tests.cast import NOW
from tests.employers import lists
from tests.employers.test_imports_office import here, upload, words

LATER = NOW + LEASE + dt.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _few_at_once(monkeypatch):
    monkeypatch.setattr(importing, "AT_ONCE", 1)


@pytest.fixture
def confirmed(desk, read) -> EmployerImport:
    kept = read(lists.MILL, lists.FORGE)
    importing.confirm_list(kept, seen=plan_import(kept).digest, inviting=False, by=desk, now=NOW)
    return kept


def made() -> int:
    return Employer.objects.filter(name__in=["Old Mill Bakery Ltd", "North Forge"]).count()


def state() -> tuple[str, str]:
    return EmployerImport.objects.values_list("state", "problem").get()


def test_a_long_list_waits_for_the_job_which_imports_it_once(confirmed, cast):
    assert (state(), made()) == (("queued", ""), 0)
    assert (import_jobs.run_due(NOW), import_jobs.run_due(NOW)) == (1, 0)
    confirmed.refresh_from_db()
    assert (confirmed.state, made(), confirmed.lines, confirmed.claimed_until) == ("imported", 2, [], None)
    entry = LogEntry.objects.filter(subject_type="employers.employer", verb="added").latest("pk")
    assert (entry.by, entry.hub) == (cast.amina, cast.hub)


def test_a_short_list_is_imported_at_once(desk, read):
    kept = read(lists.MILL)
    importing.confirm_list(kept, seen=plan_import(kept).digest, inviting=False, by=desk, now=NOW)
    assert (state(), made()) == (("imported", ""), 1)


def test_what_has_to_be_said_first_is_refused_before_anything_is_queued(desk, read):
    kept = read(lists.MILL, ("Brightwater Engineers", *[""] * 9))
    with pytest.raises(Refused, match="looks like an employer you have"):
        importing.confirm_list(kept, seen=plan_import(kept).digest, inviting=False, by=desk, now=NOW)
    importing.choose(kept, {3: "out"}, by=desk, now=NOW)
    with pytest.raises(Refused, match="Look at it once more"):
        importing.confirm_list(kept, seen="what was there before", inviting=False, by=desk, now=NOW)
    assert state() == ("waiting", "")


def test_a_killed_worker_leaves_nothing_and_another_takes_it_up(confirmed):
    EmployerImport.objects.update(state="running", claimed_until=NOW + LEASE, tries=1)
    assert (import_jobs.run_due(NOW), made()) == (0, 0)
    assert (import_jobs.run_due(LATER), made()) == (1, 2)


def test_what_kills_its_worker_each_time_is_given_up(confirmed):
    EmployerImport.objects.update(state="running", claimed_until=NOW + LEASE, tries=MOST_TRIES)
    assert (import_jobs.run_due(LATER), made()) == (0, 0)
    assert state() == ("waiting", "Importing stopped in the middle, 3 times; nothing was changed.")


def test_of_two_workers_one_imports_it(confirmed):
    first, second = EmployerImport.objects.get(), EmployerImport.objects.get()
    assert [import_jobs.run_one(one, now=NOW) for one in (first, second)] == [True, False]
    assert (made(), state()) == (2, ("imported", ""))
    EmployerImport.objects.update(state="running", claimed_until=NOW)
    first, second = EmployerImport.objects.get(), EmployerImport.objects.get()
    assert [import_jobs.run_one(one, now=LATER) for one in (first, second)] == [False, False]
    assert (made(), EmployerImport.objects.get().tries) == (2, 2)


def test_what_breaks_in_the_middle_leaves_nothing_and_ends_in_a_sentence(confirmed, monkeypatch):
    add_site = importing.add_site

    def fail(employer, fields, **how):
        if employer.name == "North Forge":
            raise RuntimeError("out of memory")
        return add_site(employer, fields, **how)

    monkeypatch.setattr(importing, "add_site", fail)
    for number in range(3):
        assert import_jobs.run_due(NOW + number * (LATER - NOW)) == 0
        assert (made(), Site.objects.filter(town="Leeds").count()) == (0, 0)
    assert state() == ("waiting", "Importing stopped in the middle, 3 times; nothing was changed.")
    assert import_jobs.run_due(LATER + dt.timedelta(days=1)) == 0


def test_what_changed_meanwhile_is_looked_at_once_more(confirmed, cast):
    Employer.objects.create(hub=cast.hub, name="North Forge", created_at=NOW)
    assert import_jobs.run_due(NOW) == 0
    assert state() == ("waiting", "Something changed since this list was shown. Look at it once more.")
    assert EmployerImport.objects.get().lines


def test_nobody_imports_in_the_name_of_whoever_left(confirmed, cast):
    Membership.objects.filter(user=cast.amina).delete()
    assert (import_jobs.run_due(NOW), made()) == (0, 0)
    assert "Whoever confirmed this list is of the hub no more" in state()[1]


def test_it_is_taken_back_until_the_job_has_it(confirmed, desk):
    importing.take_back_list(confirmed, by=desk, now=NOW)
    assert (state(), import_jobs.run_due(NOW)) == (("waiting", ""), 0)
    EmployerImport.objects.update(state="running", claimed_until=NOW)
    with pytest.raises(Refused):
        importing.take_back_list(EmployerImport.objects.get(), by=desk, now=NOW)
    with pytest.raises(CannotMove):
        importing.drop_list(EmployerImport.objects.get(), by=desk, now=NOW)


def test_the_page_says_where_it_is_and_a_second_press_does_nothing(office):
    shown = words(upload(office, lists.text(lists.MILL, lists.FORGE)))
    seen = shown.partition('name="seen" value="')[2].partition('"')[0]
    pressed = [office.post(here("lines"), {"import": "yes", "seen": seen}, follow=True) for _ in range(2)]
    assert ["2 lines wait for their turn" in words(one) for one in pressed] == [True, True]
    assert ("It is being imported already." in words(pressed[1]), pressed[1].headers["Refresh"]) == (True, "5")
    take_back = reverse("employer-imports:act", args=[EmployerImport.objects.get().pk, "take-back"])
    assert (take_back in words(pressed[1]), made()) == (True, 0)
    EmployerImport.objects.update(state="running")
    running = office.get(here())
    assert ("2 lines are being compared and written" in words(running), take_back in words(running)) == (True, False)
    EmployerImport.objects.update(state="queued")
    assert import_jobs.run_due(NOW) == 1
    done = office.get(here())
    assert ("2 employers were added." in words(done), "Refresh" in done.headers) == (True, False)


def test_the_page_says_why_it_was_not_imported(office, cast):
    upload(office, lists.text(lists.MILL))
    EmployerImport.objects.update(problem="Something changed since this list was shown. Look at it once more.")
    shown = words(office.get(here()))
    assert ("It was not imported" in shown, "Something changed since" in shown) == (True, True)
