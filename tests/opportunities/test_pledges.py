"""What an employer can give, before any date: said, changed, counted, asked for again at the right time."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from cms.domain import open_site
from employers.models import Contact, Employer
from hubs.actors import system
from hubs.domain.staff import sync_staff
from hubs.errors import CannotAct
from hubs.models import LogEntry, Message
from hubs.outbox import KINDS
from opportunities.domain import pledges
from opportunities.domain.pledges import CannotPledge
from opportunities.models import Pledge
from tests.cast import NOW, actor
from tests.opportunities.making import kind, lead, site, staff

YEAR = dt.date(2026, 9, 1)
URL = reverse("employer-pledge")


@pytest.fixture
def today(monkeypatch):
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)


def said(cast, answer: str = "yes", *, now=NOW, **fields) -> Pledge:
    return pledges.pledge(cast.employer, {"answer": answer, **fields}, by=lead(cast), now=now)


def others(cast, answer: str, **fields) -> Pledge:
    by = actor(cast.other_lead, cast.hub, cast.other_employer)
    return pledges.pledge(cast.other_employer, {"answer": answer, **fields}, by=by, now=NOW)


def test_it_is_said_without_a_date_and_said_anew(cast):
    talk, place = kind(cast.hub, "talk"), site(cast)
    row = said(
        cast, hours=20, places=8, min_age=14, max_age=16, months=[3, 11, 3], encounter_types=[talk], sites=[place]
    )
    row.refresh_from_db()
    assert (row.year_starts_on, row.answer, row.hours, row.places, row.months) == (YEAR, "yes", 20, 8, [3, 11])
    assert (list(row.encounter_types.all()), list(row.sites.all())) == ([talk], [place])
    again = said(cast, "maybe", places=4)
    again.refresh_from_db()
    assert (again.pk, again.answer, again.hours, again.places, again.months) == (row.pk, "maybe", None, 4, [])
    assert not again.encounter_types.exists()
    assert LogEntry.objects.about(row).filter(verb="pledged").count() == 2


def test_what_does_not_hold_together_is_refused_with_a_reason(cast):
    theirs = kind(cast.hub_b, "talk")
    for fields, words in (
        ({"answer": "perhaps"}, "yes, maybe or not"),
        ({"answer": "no"}, "Say why not this year"),
        ({"answer": "no", "reasons": ["weather"]}, "from the list"),
        ({"answer": "yes", "months": [0]}, "from 1 to 12"),
        ({"answer": "yes", "min_age": 16, "max_age": 14}, "the youngest first"),
        ({"answer": "yes", "min_age": 3}, "the youngest first"),
        ({"answer": "yes", "hours": 2001}, "At most 2000 hours"),
        ({"answer": "yes", "encounter_types": [theirs]}, "formats and sites"),
        ({"answer": "yes", "ask_again_on": NOW.date()}, "lies ahead"),
    ):
        with pytest.raises(CannotPledge, match=words):
            pledges.pledge(cast.employer, fields, by=lead(cast), now=NOW)
    for who in (actor(cast.other_lead, cast.hub, cast.other_employer), actor(cast.coordinator, cast.hub, cast.school)):
        with pytest.raises(CannotAct):
            pledges.pledge(cast.employer, {"answer": "yes"}, by=who, now=NOW)
    assert not Pledge.objects.exists()


def test_of_two_who_answer_the_second_sees_the_first(cast):
    row = pledges.pledge(cast.employer, {"answer": "yes"}, seen="", by=lead(cast), now=NOW)
    with pytest.raises(CannotPledge, match="Somebody else answered"):
        pledges.pledge(cast.employer, {"answer": "no", "reason": "No."}, seen="", by=lead(cast), now=NOW)
    later = NOW + dt.timedelta(hours=1)
    pledges.pledge(cast.employer, {"answer": "maybe"}, seen=pledges.as_read(row), by=lead(cast), now=later)
    row.refresh_from_db()
    assert row.answer == "maybe"


@pytest.mark.parametrize(
    ("fields", "again"),
    [
        ({"answer": "maybe"}, dt.date(2026, 10, 13)),
        ({"answer": "no", "reasons": ["time"]}, dt.date(2027, 7, 7)),
        ({"answer": "yes"}, dt.date(2027, 7, 7)),
        ({"answer": "no", "reasons": ["time"], "ask_again_on": dt.date(2027, 1, 11)}, dt.date(2027, 1, 11)),
    ],
)
def test_it_is_asked_again_at_the_right_time_and_once(cast, fields, again):
    row = pledges.pledge(cast.employer, fields, by=lead(cast), now=NOW)
    assert row.ask_again_on == again
    day = dt.datetime(again.year, again.month, again.day, 6, tzinfo=dt.UTC)
    assert pledges.queue_pledge_reminders(day - dt.timedelta(days=1)) == 0
    assert (pledges.queue_pledge_reminders(day), pledges.queue_pledge_reminders(day)) == (1, 0)
    message = Message.objects.get(kind="pledge-again")
    assert (message.address, KINDS["pledge-again"].live(row, message, day)) == (cast.employer_lead.email, True)
    assert KINDS["pledge-again"].compose(row, message, day).subject == f"What can you give? {cast.employer}"
    # Once they have answered, for the same year or the next, the mail has nothing to ask.
    pledges.pledge(cast.employer, {"answer": "yes"}, by=lead(cast), now=day)
    row.refresh_from_db()
    assert not KINDS["pledge-again"].live(row, message, day)
    assert pledges.queue_pledge_reminders(day) == 0


def test_near_the_end_of_the_year_the_next_one_is_asked_about(cast):
    said(cast, "no", reasons=["time"])
    summer = dt.datetime(2027, 7, 8, 9, tzinfo=dt.UTC)
    row = said(cast, now=summer)
    assert (row.year_starts_on, Pledge.objects.count()) == (dt.date(2027, 9, 1), 2)


def test_the_hub_asks_only_who_has_not_answered_and_once_a_month(cast):
    said(cast)
    made = pledges.ask(cast.hub, by=staff(cast), now=NOW)
    asked = Message.objects.filter(kind="pledge-asked")
    assert set(asked.values_list("organisation", flat=True)) == {cast.other_employer.pk}
    assert (made, pledges.ask(cast.hub, by=staff(cast), now=NOW)) == (asked.count(), 0)
    assert LogEntry.objects.filter(verb="pledge_asked").count() == 1
    with pytest.raises(CannotAct):
        pledges.ask(cast.hub, by=lead(cast), now=NOW)
    message = asked.first()
    assert KINDS["pledge-asked"].live(cast.other_employer, message, NOW)
    others(cast, "yes")
    assert not KINDS["pledge-asked"].live(cast.other_employer, message, NOW)


def test_the_hub_sees_totals_by_format_and_month(cast):
    talk, visit = kind(cast.hub, "talk"), kind(cast.hub, "visit")
    said(cast, places=10, hours=12, months=[11, 3], encounter_types=[talk, visit])
    others(cast, "maybe", places=99, months=[3], encounter_types=[talk], reasons=["people", "time"])
    found = pledges.overview(cast.hub, NOW)
    assert (found.counts, found.places, found.hours) == ({"yes": 1, "maybe": 1, "no": 0}, 10, 12)
    assert [(one.name, one.yes, one.maybe, one.places) for one in found.formats] == [
        ("Talk", 1, 1, 10), ("Visit", 1, 0, 10),
    ]  # fmt: skip
    assert [(month, line.yes, line.maybe, line.places) for month, line in found.months] == [
        (11, 1, 0, 10),
        (3, 1, 1, 10),
    ]
    assert sorted(found.reasons) == [("it takes too much time", 1), ("nobody can look after them", 1)]
    assert pledges.overview(cast.hub_b, NOW).rows == []


def test_overview_asks_the_database_as_often_for_three_as_for_one(cast, django_assert_num_queries):
    said(cast, encounter_types=[kind(cast.hub, "talk")])
    with django_assert_num_queries(3):
        pledges.overview(cast.hub, NOW)
    others(cast, "yes", encounter_types=[kind(cast.hub, "visit"), kind(cast.hub, "talk")])
    with django_assert_num_queries(3):
        pledges.overview(cast.hub, NOW)


def test_whom_to_ask_takes_the_database_as_often_for_three_firms_as_for_one(cast, django_assert_num_queries):
    for name, asked in (("Quarry", 4), ("Ropewalk", 4), ("Smithy", 4)):
        firm = Employer.objects.create(hub=cast.hub, name=name)
        Contact.objects.create(hub=cast.hub, employer=firm, name="A", email=f"second@{name}.example")
        Contact.objects.create(hub=cast.hub, employer=firm, name="B", email=f"main@{name}.example", is_main=True)
        with django_assert_num_queries(asked):
            found = pledges.to_ask(cast.hub, NOW)
    people = {employer.name: [one.address for one in people] for employer, people in found}
    assert (people["Quarry"], people["Smithy"]) == (["main@Quarry.example"], ["main@Smithy.example"])


# ---- Edges -------------------------------------------------------------------


def test_the_page_says_it_and_shows_another_answer_first(client, cast, today):
    talk = kind(cast.hub, "talk")
    client.force_login(cast.employer_lead)
    assert client.get(URL).status_code == 200
    sent = {"answer": "yes", "places": "8", "months": ["11"], "encounter_types": [talk.pk], "seen_at": ""}
    assert client.post(URL, sent).status_code == 302
    row = Pledge.objects.get()
    assert (row.places, row.months) == (8, [11])
    page = client.post(URL, {**sent, "places": "9"})
    assert "Somebody else answered meanwhile" in page.content.decode()
    assert page.context["form"].data["places"] == "9"
    assert client.post(URL, {**sent, "places": "9", "seen_at": page.context["form"].data["seen_at"]}).status_code == 302
    row.refresh_from_db()
    assert row.places == 9


def test_the_form_as_it_is_shown_can_be_sent_on_the_day_it_asks_again(client, cast, monkeypatch):
    client.force_login(cast.employer_lead)
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)
    named = NOW.date() + dt.timedelta(days=20)
    for day, shown in ((None, None), (named, named)):
        Pledge.objects.all().delete()
        by = actor(cast.employer_lead, cast.hub, cast.employer)
        fields = {"answer": "maybe", "reasons": ["time"], **({"ask_again_on": day} if day else {})}
        pledges.pledge(cast.employer, fields, by=by, now=NOW)
        assert client.get(URL).context["form"].initial["ask_again_on"] == shown
    later = NOW + dt.timedelta(days=40)
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: later)
    form = client.get(URL).context["form"]
    assert form.initial["ask_again_on"] is None
    assert client.post(URL, {"answer": "yes", "seen_at": form.initial["seen_at"]}).status_code == 302
    assert Pledge.objects.get().answer == "yes"


@pytest.mark.slow
def test_the_hub_s_page_and_its_button(client, cast, today):
    open_site(cast.hub, by=system(), now=NOW)
    sync_staff(cast.hub)
    said(cast, "maybe", reason="If the hall is free.")
    client.force_login(cast.amina)
    page = client.get(reverse("pledges-overview:index")).content.decode()
    assert "0 said yes, 1 maybe" in page
    assert "If the hall is free." in page
    assert cast.other_employer.name in page
    url = reverse("pledges-overview:ask")
    assert f'<a class="button" href="{url}">' in page
    assert '<form method="post" action="' + url not in page
    shown = client.get(url)
    waiting = [shown.context[name] for name in ("firms", "mails", "left")]
    assert (waiting, Message.objects.filter(kind="pledge-asked").count()) == ([1, 1, 0], 0)
    assert "1 employer has not answered. 1 mail goes out." in shown.content.decode()
    assert client.post(url).status_code == 302
    assert Message.objects.filter(kind="pledge-asked").count() == 1
    again = client.get(url)
    assert [again.context[name] for name in ("firms", "mails", "left")] == [0, 0, 1]
    assert "There is nobody to ask now." in again.content.decode()
    assert client.get(reverse("pledges:inspect", args=[Pledge.objects.get().pk])).status_code == 200
    client.force_login(cast.ben)
    assert client.get(reverse("pledges-overview:index")).status_code == 200
    assert (client.get(url).status_code, client.post(url).status_code) == (403, 403)
    client.force_login(cast.employer_lead)
    assert client.get(reverse("pledges-overview:index")).status_code in (302, 404)


def test_a_client_says_and_reads_it(cast, today):
    talk = kind(cast.hub, "talk")
    client = APIClient()
    client.force_authenticate(cast.employer_lead)
    made = client.post(
        "/api/v1/pledges/", {"answer": "yes", "encounter_types": [talk.pk], "months": [3]}, format="json"
    )
    assert (made.status_code, made.data["months"], made.data["encounter_types"]) == (201, [3], [talk.pk])
    refused = client.post("/api/v1/pledges/", {"answer": "no"}, format="json")
    assert (refused.status_code, refused.data["code"]) == (409, "cannot_pledge")
    theirs = kind(cast.hub_b, "talk")
    assert (
        client.post("/api/v1/pledges/", {"answer": "yes", "encounter_types": [theirs.pk]}, format="json").status_code
        == 400
    )
    stranger = APIClient()
    stranger.force_authenticate(cast.other_lead)
    assert stranger.get(f"/api/v1/pledges/{made.data['id']}/").status_code == 404
    assert stranger.get("/api/v1/pledges/").data["results"] == []
