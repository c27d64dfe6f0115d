"""Volunteers prepare by their own link: what they read, the check, how long it holds, who is asked again."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from wagtail.blocks import StructBlockValidationError

from cms import preparing
from cms.blocks import Check
from cms.messages import still_asked
from cms.models import PreparationPage
from cms.preparing import modules
from employers.models import Preparation, Volunteer
from employers.preparing import SIDE, finish, months_later, prepared
from hubs.actors import by_link
from hubs.errors import CannotAct, Refused
from hubs.links import link_for, revoke_links
from hubs.models import LogEntry, Message
from tests.cast import NOW, actor
from tests.cms.conftest import FELLS

TODAY = dt.date(2026, 9, 15)
DAY = dt.timedelta(days=1)


@pytest.fixture
def speaker(cast, sites):
    return Volunteer.objects.create(
        hub=cast.hub, employer=cast.employer, name="A speaker", email="speaker@brightwater.example"
    )


@pytest.fixture
def link(speaker):
    return link_for(speaker, preparing.PURPOSE, now=NOW, days=60, address=speaker.email)


@pytest.fixture
def second(sites):
    """One module more, good for a year."""
    page = PreparationPage(title="At our docks", slug="docks", valid_months=12, questions=[])
    sites.site.root_page.add_child(instance=page)
    return page


def lead(cast):
    return actor(cast.employer_lead, cast.hub, cast.employer)


def right(page) -> dict[str, int]:
    return {
        f"q{number}": next(at for at, answer in enumerate(one.value["answers"]) if answer["is_right"])
        for number, one in enumerate(page.questions)
    }


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [((2026, 9, 15), 24, (2028, 9, 15)), ((2026, 8, 31), 6, (2027, 2, 28)), ((2026, 12, 1), 1, (2027, 1, 1))],
)
def test_months_end_on_the_same_day_or_the_last(day, months, then):
    assert months_later(dt.date(*day), months) == dt.date(*then)


def test_looking_changes_nothing_and_right_answers_prepare(client, speaker, link, public_now):
    (page,) = modules(speaker.hub)
    home = reverse("preparation-link", args=[link[1]])
    check = reverse("preparation-module", args=[link[1], page.pk])
    assert [client.get(one).status_code for one in (home, check)] == [200, 200]
    assert (Preparation.objects.count(), LogEntry.objects.about(speaker).count()) == (0, 0)
    answers = right(page)
    wrong = client.post(check, answers | {"q0": (answers["q0"] + 1) % 2})
    assert "Not quite. Contact goes through school or hub." in wrong.content.decode()
    assert client.post(check, {}).context["form"].errors.keys() == answers.keys()
    assert Preparation.objects.count() == 0
    assert client.post(check, answers).url == home
    speaker.refresh_from_db()
    assert (speaker.prepared_on, speaker.prepared_until) == (TODAY, dt.date(2028, 9, 15))
    entry = LogEntry.objects.about(speaker).get()
    assert (entry.verb, entry.hat, entry.facts["until"]) == ("prepared", "link:volunteer", "2028-09-15")
    assert "You are prepared until" in client.get(home).content.decode()


def test_all_modules_are_needed_and_the_first_to_lapse_decides(speaker, link, second):
    first = modules(speaker.hub)[0]
    by = by_link(link[0], SIDE, speaker.employer_id)
    preparing.pass_module(speaker, first, by=by, now=NOW)
    assert speaker.prepared_until is None
    preparing.pass_module(speaker, second, by=by, now=NOW)
    speaker.refresh_from_db()
    assert (speaker.prepared_on, speaker.prepared_until) == (TODAY, dt.date(2027, 9, 15))
    later = NOW + dt.timedelta(days=366)  # the second has lapsed: done again, the first still holds
    assert list(preparing.done(speaker, later.date())) == [first.pk]
    preparing.pass_module(speaker, second, by=by, now=later)
    speaker.refresh_from_db()
    assert (Preparation.objects.count(), speaker.prepared_until) == (2, dt.date(2028, 9, 15))


def test_done_again_nothing_that_held_is_shortened(speaker, link):
    Volunteer.objects.update(prepared_on=TODAY - 100 * DAY, prepared_until=dt.date(2040, 1, 1))
    preparing.pass_module(speaker, modules(speaker.hub)[0], by=by_link(link[0], SIDE, speaker.employer_id), now=NOW)
    speaker.refresh_from_db()
    assert (speaker.prepared_on, speaker.prepared_until) == (TODAY - 100 * DAY, dt.date(2040, 1, 1))


def test_who_is_prepared_is_counted_on_a_day(cast, speaker):
    rows = Volunteer.objects.filter(employer=cast.employer)
    for on, until in ((TODAY, TODAY), (TODAY, None), (TODAY + DAY, None), (TODAY - DAY, TODAY - DAY)):
        rows.create(hub=cast.hub, employer=cast.employer, name="X", prepared_on=on, prepared_until=until)
    rows.create(hub=cast.hub, employer=cast.employer, name="Gone", prepared_on=TODAY, is_active=False)
    assert prepared(rows, TODAY) == (2, 5)


def test_nobody_else_answers_for_a_volunteer(cast, speaker, link):
    (page,) = modules(cast.hub)
    for by in (lead(cast), by_link(link[0], "employer", cast.employer.pk), by_link(link[0], SIDE, cast.school.pk)):
        with pytest.raises(CannotAct):
            finish(speaker, page.pk, months=12, needed=[page.pk], by=by, now=NOW)
    Volunteer.objects.update(is_active=False)
    with pytest.raises(Refused, match="no longer on your employer's list"):
        preparing.pass_module(speaker, page, by=by_link(link[0], SIDE, cast.employer.pk), now=NOW)
    assert Preparation.objects.count() == 0


def test_a_link_opens_its_own_hubs_modules_and_closes(client, cast, speaker, link, sites, public_now):
    home = reverse("preparation-link", args=[link[1]])
    theirs = modules(sites.hub_b)[0]
    assert client.get(reverse("preparation-module", args=[link[1], theirs.pk])).status_code == 404
    assert client.get(home, HTTP_HOST=FELLS).status_code == 404
    PreparationPage.objects.filter(pk=modules(cast.hub)[0].pk).update(live=False)
    assert "nothing to prepare" in client.get(home).content.decode()
    revoke_links(speaker, now=NOW)
    assert client.get(home).status_code == 404


def test_the_employer_sends_the_link_and_the_volunteer_is_asked_until_prepared(client, cast, speaker, public_now):
    client.force_login(cast.employer_lead)
    page = reverse("volunteer-prepare", args=[speaker.pk])
    assert client.post(page).status_code == 302
    message = Message.objects.get()
    assert (message.kind, message.address) == (preparing.ASKED, speaker.email)
    assert still_asked(speaker, message, NOW)
    speaker.prepared_on = TODAY  # as the employer wrote it: the module is to be done all the same
    assert still_asked(speaker, message, NOW)
    module = {"hub": cast.hub, "employer": cast.employer, "page": modules(cast.hub)[0], "done_on": TODAY}
    done = Preparation.objects.create(volunteer=speaker, valid_until=TODAY + 30 * DAY, **module)
    assert still_asked(speaker, message, NOW)
    Preparation.objects.filter(pk=done.pk).update(valid_until=TODAY + 31 * DAY)
    assert not still_asked(speaker, message, NOW)
    with pytest.raises(Refused, match="has done all of it"):
        preparing.ask(speaker, by=lead(cast), now=NOW)
    Volunteer.objects.update(email="")
    assert client.post(page).status_code == 302
    assert Message.objects.count() == 1
    client.force_login(cast.employer_member)
    assert client.post(page).status_code == 403


@pytest.mark.parametrize(
    ("change", "sentence"),
    [({"email": ""}, "Write an e-mail address"), ({"is_active": False}, "is not active"), (None, "no preparation yet")],
)
def test_nobody_is_asked_who_could_not_answer(cast, speaker, change, sentence):
    if change is None:
        PreparationPage.objects.update(live=False)
    for name, value in (change or {}).items():
        setattr(speaker, name, value)
    with pytest.raises(Refused, match=sentence):
        preparing.ask(speaker, by=lead(cast), now=NOW)


def test_reminders_come_30_and_7_days_before_and_once(speaker):
    until = TODAY + 31 * DAY
    Volunteer.objects.update(prepared_on=TODAY, prepared_until=until)
    made = [preparing.queue_preparation_reminders(NOW + n * DAY) for n in (0, 1, 2, 23, 24, 25, 31, 32)]
    assert made == [0, 1, 0, 0, 1, 0, 0, 0]
    PreparationPage.objects.update(live=False)
    Message.objects.all().delete()
    assert preparing.queue_preparation_reminders(NOW + DAY) == 0


def test_a_check_has_exactly_one_right_answer():
    block = Check()

    def cleaned(*rights):
        answers = [{"text": "A", "is_right": one} for one in rights]
        return block.clean(block.to_python({"question": "Q", "answers": answers, "why": "W"}))

    assert cleaned(True, False)["why"] == "W"
    for rights in ((False, False), (True, True)):
        with pytest.raises(StructBlockValidationError):
            cleaned(*rights)


def test_the_page_says_what_is_done_lapses_or_has_lapsed(client, cast, speaker, link, second, public_now):
    first = modules(speaker.hub)[0]
    by = by_link(link[0], SIDE, speaker.employer_id)
    home = reverse("preparation-link", args=[link[1]])

    def badges(days: int) -> tuple[str, bool]:
        Preparation.objects.filter(page=first).update(done_on=TODAY - 99 * DAY, valid_until=TODAY + days * DAY)
        page = client.get(home).content.decode()
        found = [word for word in ("lapses soon", "lapsed", "done") if f">{word}<" in page or f" {word}<" in page]
        return found[0] if found else "", "Do it again" in page

    assert "Begin" in client.get(home).content.decode()
    preparing.pass_module(speaker, first, by=by, now=NOW)
    assert [badges(days) for days in (31, 30, -1)] == [("done", False), ("lapses soon", True), ("lapsed", True)]
    PreparationPage.objects.filter(pk=first.pk).update(is_required=False)
    preparing.pass_module(speaker, second, by=by, now=NOW)
    assert "You are prepared until" in client.get(home).content.decode()  # what is only to be read stops nobody


def test_a_link_that_is_over_says_what_to_do(client, speaker, link, public_now):
    revoke_links(speaker, now=NOW)
    page = client.get(reverse("preparation-link", args=[link[1]]))
    assert page.status_code == 404
    assert "ask your employer to send you the preparation again" in page.content.decode()
