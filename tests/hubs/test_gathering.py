"""What can wait: gathered for each reader, at a good hour, and never against their word."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from django.core import mail, signing
from django.urls import reverse

from hubs import delivery, outbox, preferences, quiet
from hubs.errors import Refused
from hubs.models import HubClosure, Message, MessagePreference
from hubs.wallclock import MORNING, WallTime
from schools.models import Term
from tests.hubs.outbox_kind import GATHERED, KIND, TO, TODAY, note

#: The morning after `now`, a Wednesday in summer time.
NEXT = dt.datetime(2026, 9, 16, 7, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def box(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def thing(cast, now, text, to=TO, kind=GATHERED, **fields) -> Message:
    return outbox.queue(kind, note(cast.hub, cast.school, text, now), to, now=now, **fields)


def states() -> list[tuple[str, str]]:
    return list(Message.objects.order_by("pk").values_list("state", "provider_id"))


# ---- Gathering -----------------------------------------------------------------
def test_things_wait_for_the_morning_and_come_in_one_mail(cast, now):
    rows = [thing(cast, now, text) for text in ("one", "two", "three")]
    other = thing(cast, now, "mine", TO._replace(address="other@quayside.example"))
    assert {(row.due_at, row.due_on, row.due_time, row.gathered) for row in rows} == {
        (NEXT, NEXT.date(), MORNING, True)
    }
    assert delivery.drain(lambda: NEXT - dt.timedelta(seconds=1)) == 0
    assert delivery.drain(lambda: NEXT) == 2
    assert [(one.subject, one.to) for one in mail.outbox] == [
        ("3 things for you from Harbour Careers Hub", ["reader@quayside.example"]),
        ("About mine", ["other@quayside.example"]),
    ]
    for part in (mail.outbox[0].body, mail.outbox[0].alternatives[0][0]):
        assert [part.count(f"About {text}") for text in ("one", "two", "three")] == [1, 1, 1]
    assert len({provider for _state, provider in states()}) == 2
    assert {state for state, _provider in states()} == {"sent"}
    assert [row.history.count() for row in (*rows, other)] == [1, 1, 1, 1]


def test_thing_that_resolved_itself_is_left_out(cast, now):
    rows = [thing(cast, now, text) for text in ("one", "two", "three")]
    type(outbox.subject_of(rows[1])).objects.filter(text="two").update(text="stale")
    delivery.drain(lambda: NEXT)
    assert [state for state, _provider in states()] == ["sent", "skipped", "sent"]
    assert mail.outbox[0].subject == "2 things for you from Harbour Careers Hub"


def test_one_thing_alone_is_an_ordinary_mail(cast, now):
    thing(cast, now, "one")
    delivery.drain(lambda: NEXT)
    assert [one.subject for one in mail.outbox] == ["About one"]


def test_digest_is_capped_and_the_rest_comes_a_day_later(cast, now):
    for number in range(13):
        thing(cast, now, f"thing {number}")
    assert delivery.drain(lambda: NEXT) == 1
    assert [state for state, _p in states()] == ["sent"] * 10 + ["due"] * 3
    assert set(Message.objects.filter(state="due").values_list("due_at", flat=True)) == {NEXT + DAY}
    assert delivery.drain(lambda: NEXT + DAY) == 1
    assert [one.subject[:8] for one in mail.outbox] == ["10 thing", "3 things"]


def test_what_would_be_pointless_a_day_later_goes_in_a_second_mail_at_once(cast, now):
    soon = NEXT + DAY - dt.timedelta(hours=1)
    for number in range(25):
        thing(cast, now, f"thing {number}", not_after=soon)
    assert delivery.drain(lambda: NEXT) == 3
    assert {state for state, _p in states()} == {"sent"}
    assert sorted(one.subject[:9] for one in mail.outbox) == ["10 things", "10 things", "5 things "]


def test_what_is_pointless_soonest_goes_first_and_what_can_wait_waits(cast, now):
    for number in range(12):
        thing(cast, now, f"thing {number}")
    for number in range(3):
        thing(cast, now, f"soon {number}", not_after=NEXT + DAY - dt.timedelta(hours=1), due_at=NEXT)
    endless = thing(cast, now, "endless")
    Message.objects.filter(pk=endless.pk).update(not_after=None)
    for days, expected in ((0, ["sent"] * 7 + ["due"] * 5 + ["sent"] * 3 + ["due"]), (1, ["sent"] * 16)):
        assert delivery.drain(lambda days=days: NEXT + days * DAY) == 1
        assert [state for state, _p in states()] == expected


def test_what_ends_with_the_next_morning_does_not_wait_for_it(cast, now):
    """Sent at that very instant it would not be late, but no sender is that quick."""
    for number in range(11):
        thing(cast, now, f"thing {number}", not_after=NEXT + DAY)
    assert delivery.drain(lambda: NEXT) == 2


def test_thing_goes_stale(cast, now):
    thing(cast, now, "one")
    assert delivery.drain(lambda: NEXT + 8 * DAY) == 1
    assert ([state for state, _p in states()], mail.outbox) == (["expired"], [])


def test_thing_that_cannot_be_said_stops_no_other(cast, now):
    for text in ("one", "poison", "three"):
        thing(cast, now, text)
    delivery.drain(lambda: NEXT)
    assert [state for state, _p in states()] == ["sent", "due", "sent"]
    assert mail.outbox[0].subject == "2 things for you from Harbour Careers Hub"


def test_senders_that_die_with_a_digest_leave_all_of_it(cast, now):
    for text in ("one", "two"):
        thing(cast, now, text)
    first = delivery.claim(NEXT)
    again = delivery.claim(NEXT + 2 * delivery.LEASE)
    assert (first.pk, set(Message.objects.values_list("attempts", flat=True))) == (again.pk, {2})
    delivery.drain(lambda: NEXT + 4 * delivery.LEASE)
    assert [state for state, _p in states()] == ["sent", "sent"]


# ---- Good hours ----------------------------------------------------------------
@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2026-09-15T06:59", ("2026-09-15", MORNING)),
        ("2026-09-15T07:00", None),
        ("2026-09-15T18:59", None),
        ("2026-09-15T19:00", ("2026-09-16", MORNING)),
        ("2026-09-18T20:00", ("2026-09-21", MORNING)),  # a Friday evening
        ("2026-12-24T20:00", ("2026-12-29", MORNING)),  # Christmas, a weekend, Boxing Day in lieu
    ],
)
def test_what_is_for_today_keeps_office_hours(cast, local, expected):
    at = dt.datetime.fromisoformat(local).replace(tzinfo=cast.hub.zone)
    found = quiet.today_or_next(cast.hub, None, at)
    assert found == (WallTime(dt.date.fromisoformat(expected[0]), expected[1]) if expected else None)


def test_closed_hub_writes_about_nothing_that_can_wait(cast, now):
    HubClosure.objects.create(hub=cast.hub, name="Away day", starts_on="2026-09-16", ends_on="2026-09-17")
    HubClosure.objects.create(hub=cast.hub_b, name="Theirs", starts_on="2026-09-18", ends_on="2026-09-18")
    assert quiet.next_morning(cast.hub, None, now) == WallTime(dt.date(2026, 9, 18), MORNING)


def test_school_in_its_holidays_is_left_alone_and_an_employer_is_not(cast, now):
    for starts, ends in (("2026-09-01", "2026-10-23"), ("2026-11-02", "2026-12-18")):
        Term.objects.create(school=cast.school, hub=cast.hub, name=starts, starts_on=starts, ends_on=ends)
    friday = dt.datetime(2026, 10, 23, 19, 30, tzinfo=dt.UTC)
    found = [quiet.next_morning(cast.hub, one.pk, friday).on for one in (cast.school, cast.employer, cast.other_school)]
    assert found == [dt.date(2026, 11, 2), dt.date(2026, 10, 26), dt.date(2026, 10, 26)]


def test_better_at_an_odd_hour_than_never(cast, now):
    row = thing(cast, now, "one", not_after=NEXT)
    assert (row.due_at, row.gathered) == (now, True)


SATURDAY_NIGHT = dt.datetime(2026, 9, 19, 21, 30, tzinfo=dt.UTC)
MONDAY = dt.datetime(2026, 9, 21, 7, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize("kind", [TODAY, GATHERED])
@pytest.mark.parametrize(
    "due_at", [WallTime(SATURDAY_NIGHT.date(), MORNING), SATURDAY_NIGHT, SATURDAY_NIGHT - 5 * DAY, None]
)
def test_time_at_a_bad_hour_gives_way_to_a_good_one(cast, kind, due_at):
    """One that lies ahead, one that is now, one that has passed, and none."""
    queued_at = SATURDAY_NIGHT - DAY if isinstance(due_at, WallTime) else SATURDAY_NIGHT
    row = thing(cast, queued_at, "one", kind=kind, due_at=due_at)
    assert (row.due_at, row.due_on, row.due_time) == (MONDAY, MONDAY.date(), MORNING)


def test_time_waits_for_the_hub_to_open_and_the_school_to_come_back(cast, now):
    for starts, ends in (("2026-09-01", "2026-10-23"), ("2026-11-02", "2026-12-18")):
        Term.objects.create(school=cast.school, hub=cast.hub, name=starts, starts_on=starts, ends_on=ends)
    HubClosure.objects.create(hub=cast.hub, name="Away day", starts_on="2026-09-16", ends_on="2026-09-17")
    closed, holiday = (WallTime(dt.date(2026, month, day), MORNING) for month, day in ((9, 16), (10, 26)))
    to_school = TO._replace(organisation_id=cast.school.pk)
    rows = [thing(cast, now, "one", to_school, TODAY, due_at=due) for due in (closed, holiday)]
    assert [row.due_on for row in rows] == [dt.date(2026, 9, 18), dt.date(2026, 11, 2)]


def test_good_time_and_what_goes_at_once_are_kept(cast, now):
    evening = WallTime(NEXT.date(), dt.time(18, 59))
    kept = thing(cast, now, "one", kind=TODAY, due_at=evening)
    assert (kept.due_on, kept.due_time) == (evening.on, evening.at)
    assert thing(cast, now, "two", kind=KIND, due_at=SATURDAY_NIGHT).due_at == SATURDAY_NIGHT


def test_time_at_a_bad_hour_is_kept_rather_than_missed(cast, now):
    row = thing(cast, now, "one", kind=TODAY, due_at=SATURDAY_NIGHT, not_after=MONDAY)
    assert (row.due_at, row.due_on) == (SATURDAY_NIGHT, None)


def test_thing_due_much_later_goes_stale_after_that(cast, now):
    due_at = NEXT + 12 * DAY
    assert thing(cast, now, "one", due_at=due_at).not_after == due_at + outbox.STALE_AFTER


# ---- The reader's word ---------------------------------------------------------
def choose(cast, now, choice, **fields) -> None:
    preferences.choose(cast.hub.pk, GATHERED, choice, address="Reader@quayside.example", now=now, **fields)


def test_reader_who_wants_it_at_once_gets_it_within_office_hours(cast, now):
    choose(cast, now, "at_once")
    assert (thing(cast, now, "one").due_at, thing(cast, now, "two").gathered) == (now, False)


def test_reader_who_wants_none_gets_none_though_it_was_queued_before(cast, now):
    row = thing(cast, now, "one")
    choose(cast, now, "off")
    delivery.drain(lambda: NEXT)
    assert (states()[0][0], row.history.get().detail) == ("skipped", "the reader wants none of these")


def test_reader_who_now_wants_it_at_once_gets_what_was_queued_before_alone(cast, now):
    for text in ("one", "two"):
        thing(cast, now, text)
    choose(cast, now, "at_once")
    thing(cast, now, "three", due_at=NEXT)
    delivery.drain(lambda: NEXT)
    assert sorted(one.subject for one in mail.outbox) == ["About one", "About three", "About two"]
    assert set(Message.objects.values_list("gathered", "digest")) == {(False, "")}


def test_reader_who_now_wants_it_gathered_gets_what_was_queued_before_in_one_mail(cast, now):
    choose(cast, now, "at_once")
    for text in ("one", "two"):
        thing(cast, now, text, due_at=NEXT)
    choose(cast, now, "gathered")
    delivery.drain(lambda: NEXT)
    assert [one.subject[:8] for one in mail.outbox] == ["2 things"]


def test_word_for_one_organisation_decides_thing_by_thing(cast, now):
    for organisation in (cast.school, cast.other_school, cast.other_school):
        thing(cast, now, organisation.name, TO._replace(organisation_id=organisation.pk))
    choose(cast, now, "at_once", organisation_id=cast.school.pk)
    delivery.drain(lambda: NEXT)
    assert sorted(one.subject[:8] for one in mail.outbox) == ["2 things", "About Qu"]


def test_word_changed_between_two_attempts_takes_no_digest_apart(cast, now, settings):
    for text in ("one", "two"):
        thing(cast, now, text)
    settings.EMAIL_BACKEND = "tests.hubs.broken_transport.Backend"
    delivery.drain(lambda: NEXT)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    choose(cast, now, "at_once")
    delivery.drain(lambda: NEXT + dt.timedelta(minutes=2))
    assert [one.subject[:8] for one in mail.outbox] == ["2 things"]


def test_kind_that_nobody_sends_any_more_is_gathered_with_nothing(cast, now):
    for text in ("one", "two", "three"):
        row = thing(cast, now, text)
    Message.objects.filter(pk=row.pk).update(kind="forgotten")
    delivery.drain(lambda: NEXT)
    assert ([state for state, _p in states()], mail.outbox[0].subject[:8]) == (["sent", "sent", "skipped"], "2 things")


def test_word_about_one_organisation_goes_before_the_general(cast, now):
    choose(cast, now, "off")
    choose(cast, now, "gathered", organisation_id=cast.school.pk)
    thing(cast, now, "one", TO._replace(organisation_id=cast.school.pk))
    thing(cast, now, "two", TO._replace(organisation_id=cast.other_school.pk))
    delivery.drain(lambda: NEXT)
    assert [state for state, _p in states()] == ["sent", "skipped"]


def test_choice_that_is_not_offered_is_refused(cast, now):
    with pytest.raises(Refused, match="does not leave that choice"):
        preferences.choose(cast.hub.pk, KIND, "off", address="a@b.example", now=now)
    choose(cast, now, "off")
    choose(cast, now, "at_once")
    assert list(MessagePreference.objects.values_list("address", "choice")) == [("reader@quayside.example", "at_once")]


# ---- One click -----------------------------------------------------------------
def test_one_click_ends_it_and_looking_does_not(cast, now, client):
    thing(cast, now, "one")
    thing(cast, now, "other kind", kind=KIND, due_at=NEXT)
    delivery.drain(lambda: NEXT)
    by_subject = {one.subject: one.extra_headers for one in mail.outbox}
    headers = by_subject["About one"]
    assert "List-Unsubscribe" not in by_subject["About other kind"]
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = headers["List-Unsubscribe"].strip("<>").removeprefix("http://testserver:8000")
    assert (client.get(url).status_code, MessagePreference.objects.count()) == (200, 0)
    answer = client.post(url, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, MessagePreference.objects.get().choice) == (200, "off")
    forged = reverse("unsubscribe", args=[url.strip("/").split("/")[-1][:-1] + "x"])
    assert [client.get(forged).status_code, client.post(forged).status_code] == [404, 404]


def other_kind(monkeypatch, **fields) -> str:
    """A gathered kind beside GATHERED."""
    kind = dataclasses.replace(outbox.KINDS[GATHERED], name="test-other", about="another thing", **fields)
    monkeypatch.setitem(outbox.KINDS, kind.name, kind)
    return kind.name


def way_out(sent) -> str:
    return sent.extra_headers["List-Unsubscribe"].strip("<>")


def test_one_click_in_a_digest_ends_every_kind_in_it_that_may_be_refused(cast, now, client, monkeypatch):
    """Whichever comes first in it."""
    needed = other_kind(monkeypatch, may_opt_out=False)
    thing(cast, now, "needed", kind=needed)
    thing(cast, now, "one", TO._replace(organisation_id=cast.school.pk))
    thing(cast, now, "two", TO._replace(organisation_id=cast.other_school.pk))
    delivery.drain(lambda: NEXT)
    (sent,) = mail.outbox
    url = way_out(sent)
    assert [url in text for text in (sent.body, sent.alternatives[0][0])] == [True, True]
    page = client.post(url.removeprefix("http://testserver:8000"))
    assert page.status_code == 200
    assert set(MessagePreference.objects.values_list("kind", "organisation_id", "choice")) == {
        (GATHERED, cast.school.pk, "off"), (GATHERED, cast.other_school.pk, "off"),
    }  # fmt: skip


def test_page_names_every_kind_that_ends(cast, now, client, monkeypatch):
    for kind in (GATHERED, other_kind(monkeypatch)):
        thing(cast, now, "one", kind=kind)
    delivery.drain(lambda: NEXT)
    page = client.get(way_out(mail.outbox[0]).removeprefix("http://testserver:8000")).content.decode()
    assert "of these kinds: a thing; another thing?" in page


def test_digest_of_what_cannot_be_refused_has_no_way_out(cast, now, monkeypatch):
    needed = other_kind(monkeypatch, may_opt_out=False)
    for text in ("one", "two"):
        thing(cast, now, text, kind=needed)
    delivery.drain(lambda: NEXT)
    assert "List-Unsubscribe" not in mail.outbox[0].extra_headers
    assert "No more mails like this" not in mail.outbox[0].body + mail.outbox[0].alternatives[0][0]


def test_mail_shows_an_account_where_to_choose_and_a_contact_the_way_out(cast, now):
    choose_page = cast.hub.url(reverse("message-preferences"))
    thing(cast, now, "to a contact")
    coordinator = cast.coordinator
    to = outbox.Recipient(coordinator.email, coordinator.name, "en-gb", coordinator.pk, cast.school.pk)
    thing(cast, now, "to an account", to)
    delivery.drain(lambda: NEXT)
    by_subject = {one.subject: one for one in mail.outbox}
    for subject, has_page in (("About to a contact", False), ("About to an account", True)):
        sent = by_subject[subject]
        for text in (sent.body, sent.alternatives[0][0]):
            assert (way_out(sent) in text, choose_page in text) == (True, has_page)


def test_link_of_a_mail_sent_before_digests_had_theirs_still_works(cast, now):
    row = thing(cast, now, "one")
    token = signing.dumps([row.pk, row.edition], salt="hubs.unsubscribe")
    assert preferences.unsubscribed_by(token) == [row]
    assert preferences.unsubscribed_by(signing.dumps([row.pk, 7], salt="hubs.unsubscribe")) == []


def test_page_of_preferences_keeps_what_was_chosen(cast, client):
    client.force_login(cast.coordinator)
    page = client.get(reverse("message-preferences"))
    name = f"request-offered-{cast.school.pk}"
    assert page.context["form"].fields[name].initial == "gathered"
    given = {field: spec.initial for field, spec in page.context["form"].fields.items()} | {name: "off"}
    assert client.post(reverse("message-preferences"), given).status_code == 302
    row = MessagePreference.objects.get()
    assert (row.user, row.organisation_id, row.kind, row.choice) == (
        cast.coordinator, cast.school.pk, "request-offered", "off",
    )  # fmt: skip
    assert client.post(reverse("message-preferences"), given | {name: "never"}).status_code == 200
