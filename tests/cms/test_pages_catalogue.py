"""The public catalogue and the search."""

from __future__ import annotations

import datetime as dt

import pytest
from icalendar import Calendar

from employers.models import Contact, Site
from schools.models import School
from tests.cms.conftest import FELLS, add_session

QUERIES_CATALOGUE = 10
QUERIES_HOME = 11
QUERIES_SEARCH = 12
OCT = dt.date(2026, 10, 6)
NOV = dt.date(2026, 11, 3)


@pytest.fixture
def shown(client, cast, public_now):
    """Titles the catalogue shows for a query string."""

    def ask(query: str = "", **extra) -> list[str]:
        response = client.get(f"/opportunities/{query}", **extra)
        assert response.status_code == 200
        return [card["title"] for card in response.context["cards"]]

    return ask


def test_catalogue_shows_published_offers_with_dates_ahead_soonest_first(cast, shown, offer, now):
    offer(cast.employer, "Later", on=[NOV])
    offer(cast.other_employer, "Sooner", on=[OCT, NOV])
    offer(cast.employer, "No dates")
    offer(cast.employer, "Over", on=[dt.date(2026, 9, 14)])
    for state in ("draft", "submitted", "paused", "withdrawn"):
        offer(cast.employer, f"CANARY {state}", on=[OCT], state=state)
    assert shown() == ["Sooner", "Later"]


def test_catalogue_is_the_hubs_own(cast, shown, offer):
    offer(cast.employer, "Ours", on=[OCT])
    offer(cast.employer_b, "CANARY FELLS", on=[OCT])
    assert shown() == ["Ours"]
    assert shown(HTTP_HOST=FELLS) == ["CANARY FELLS"]


def test_catalogue_leaves_out_cancelled_and_closed_sessions(cast, shown, offer, now):
    cancelled = offer(cast.employer, "Cancelled")
    add_session(cancelled, OCT, now=now, state="cancelled")
    closed = offer(cast.employer, "Closed")
    add_session(closed, OCT, now=now, closes_on=now.date() - dt.timedelta(days=1))
    last_day = offer(cast.employer, "Last day")
    add_session(last_day, OCT, now=now, closes_on=now.date())
    assert shown() == ["Last day"]


def test_catalogue_leaves_out_employers_no_longer_active(cast, shown, offer):
    offer(cast.employer, "Gone", on=[OCT])
    cast.employer.is_active = False
    cast.employer.save()
    assert shown() == []


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("?type=visit", ["Forge", "Bakery"]),
        ("?type=talk", ["Webinar"]),
        ("?age=11", ["Webinar"]),
        ("?age=16", ["Forge", "Bakery"]),
        ("?sector=food", ["Bakery"]),
        ("?place=online", ["Webinar"]),
        ("?place=school", ["Bakery"]),
        ("?place=workplace", ["Forge"]),
        ("?place=in-Whitby", ["Forge"]),
        ("?from=2026-10-01&to=2026-10-31", ["Forge", "Webinar"]),
        ("?from=2026-10-06&to=2026-10-06", ["Forge"]),
        ("?from=2026-10-07", ["Webinar", "Bakery"]),
        ("?to=2026-11-03", ["Forge", "Webinar", "Bakery"]),
        ("?to=2026-11-02&type=visit", ["Forge"]),
        ("?from=2026-11-01&type=talk", ["Webinar"]),
        ("?to=2026-09-01", []),
        ("?from=0001-01-01&to=9999-12-31", ["Forge", "Webinar", "Bakery"]),
        ("?from=9999-12-31", []),
        ("?to=0001-01-01", []),
        ("?type=visit&place=online", []),
    ],
)
def test_catalogue_filters(cast, shown, offer, query, titles):
    offer(cast.employer, "Forge", on=[OCT], sector="making", town="Whitby")
    offer(cast.other_employer, "Bakery", on=[NOV], sector="food")
    offer(
        cast.employer,
        "Webinar",
        on=[OCT + dt.timedelta(days=1), NOV + dt.timedelta(days=1)],
        kind="talk",
        is_online=True,
        min_age=11,
        max_age=12,
    )
    assert shown(query) == titles


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("?km=5&near=Whitby", ["Forge"]),
        ("?km=25&near=Whitby", ["Forge", "Depot"]),
        ("?near=Whitby", ["Forge"]),
        ("?km=50&near=Saltby", ["Forge", "Depot"]),
        ("?km=5", ["Forge", "Depot", "Webinar"]),
        ("?access=step_free", ["Depot", "Webinar"]),
        ("?access=step_free&place=workplace", ["Depot"]),
    ],
)
def test_catalogue_filters_by_distance_and_access(cast, shown, offer, query, titles):
    forge = offer(cast.employer, "Forge", on=[OCT], town="Whitby")
    depot = offer(cast.employer, "Depot", on=[OCT + dt.timedelta(days=1)], town="Saltby")
    offer(cast.employer, "Webinar", on=[NOV], is_online=True)
    for row, latitude, step_free in ((forge, 54.48, False), (depot, 54.58, True)):  # 11 km apart
        Site.objects.filter(pk=row.site_id).update(latitude=latitude, longitude=-0.61, step_free=step_free)
    assert shown(query) == titles


def test_distance_and_access_are_not_asked_where_nothing_is_known(client, cast, offer, public_now):
    offer(cast.employer, "Forge", on=[OCT], town="Whitby")
    names = [part["name"] for part in client.get("/opportunities/").context["filters"].parts]
    assert names == ["type", "age", "sector", "place", "from", "to"]


def test_a_page_says_where_the_town_is_and_never_where_the_door_is(client, cast, offer, public_now):
    forge = offer(cast.employer, "Forge", on=[OCT], town="Whitby")
    depot = offer(cast.employer, "Depot", on=[OCT], town="Saltby")
    Site.objects.filter(pk=forge.site_id).update(latitude=54.48321, longitude=-0.61234, address="1 CANARY Street")
    Site.objects.filter(pk=depot.site_id).update(latitude=54.58321, longitude=-0.61234)
    page = client.get(f"/opportunities/{forge.pk}/")
    text = page.content.decode()
    assert ('data-point="54.48000,-0.61000"' in text, "54.48321" in text, "CANARY" in text) == (True, False, False)
    assert "11 km from Saltby" in text
    assert page.context["own_school"] is None


def test_a_school_sees_how_far_it_would_be(client, cast, offer, public_now):
    forge = offer(cast.employer, "Forge", on=[OCT], town="Whitby")
    Site.objects.filter(pk=forge.site_id).update(latitude=54.48, longitude=-0.61)
    School.objects.filter(pk=cast.school.pk).update(latitude=54.58, longitude=-0.61)
    client.force_login(cast.coordinator)
    page = client.get(f"/opportunities/{forge.pk}/")
    assert page.context["own_school"] == (cast.school, pytest.approx(11.1, abs=0.1))
    assert "11 km away as the crow flies" in page.content.decode()


@pytest.mark.parametrize(("town", "latitude"), [("", 54.48), ("Whitby", None)])
def test_there_is_no_map_where_the_town_is_not_known(client, cast, offer, public_now, town, latitude):
    forge = offer(cast.employer, "Forge", on=[OCT], town=town)
    Site.objects.filter(pk=forge.site_id).update(latitude=latitude, longitude=latitude and -0.61)
    page = client.get(f"/opportunities/{forge.pk}/")
    assert (page.context["whereabouts"], "leaflet" in page.content.decode()) == (None, False)


def test_what_a_site_says_of_itself_stands_on_the_page(client, cast, offer, public_now):
    row = offer(cast.employer, "Forge", on=[OCT], town="Whitby")
    Site.objects.update(step_free=True, hearing_loop=True)
    assert client.get(f"/opportunities/{row.pk}/").context["access"] == ["no steps on the way", "hearing loop"]


def test_the_calendar_of_what_is_open_can_be_read(client, cast, offer, public_now):
    forge = offer(cast.employer, "Forge, again", on=[OCT, NOV], town="Whitby", supervisor="CANARY")
    offer(cast.employer_b, "CANARY FELLS", on=[OCT])
    offer(cast.employer, "CANARY DRAFT", on=[OCT], state="draft")
    answer = client.get("/opportunities.ics")
    events = list(Calendar.from_ical(answer.content).walk("VEVENT"))
    assert (answer["Content-Type"], b"CANARY" in answer.content) == ("text/calendar; charset=utf-8", False)
    assert [(str(one["summary"]), one["dtstart"].dt.date(), str(one["location"])) for one in events] == [
        ("Forge, again (Brightwater Engineering)", day, "Whitby") for day in (OCT, NOV)
    ]
    assert str(events[0]["url"]).endswith(f"/opportunities/{forge.pk}/")


def test_each_day_of_a_session_is_an_event_of_its_own(client, cast, offer, public_now):
    row = offer(cast.employer, "A week", on=[OCT]).sessions.get()
    row.starts_at, row.ends_at = (dt.datetime(2026, 10, *at, tzinfo=dt.UTC) for at in ((23, 8), (26, 15)))
    row.save()
    row.days.all().delete()
    for on in (23, 26):  # the clocks go back on the weekend between
        row.days.create(on=dt.date(2026, 10, on), starts_at=dt.time(9), ends_at=dt.time(15))
    events = list(Calendar.from_ical(client.get("/opportunities.ics").content).walk("VEVENT"))
    assert [(one["dtstart"].dt, one["dtend"].dt) for one in events] == [
        (dt.datetime(2026, 10, 23, 8, tzinfo=dt.UTC), dt.datetime(2026, 10, 23, 14, tzinfo=dt.UTC)),
        (dt.datetime(2026, 10, 26, 9, tzinfo=dt.UTC), dt.datetime(2026, 10, 26, 15, tzinfo=dt.UTC)),
    ]
    assert len({str(one["uid"]) for one in events}) == 2


@pytest.mark.parametrize("rows", [1, 3])
def test_the_calendar_takes_the_same_statements(client, sites, offer, public_now, django_assert_num_queries, rows):
    for number in range(rows):
        offer(sites.employer, f"Offer {number}", on=[OCT, NOV])
    client.get("/opportunities.ics")
    with django_assert_num_queries(3):
        client.get("/opportunities.ics")


def test_catalogue_days_are_read_on_the_hubs_wall(cast, shown, offer, now):
    # 00:30 on 1 October in London is still September in UTC.
    opportunity = offer(cast.employer, "Night shift")
    session = add_session(opportunity, dt.date(2026, 10, 1), now=now)
    session.starts_at = dt.datetime(2026, 9, 30, 23, 30, tzinfo=dt.UTC)
    session.save()
    offer(cast.employer, "Late summer", on=[dt.date(2026, 9, 29)])
    assert (shown("?from=2026-10-01"), shown("?to=2026-09-30")) == (["Night shift"], ["Late summer"])


def test_months_on_offer_reach_from_the_first_open_session_to_the_last(client, cast, offer, public_now):
    def months() -> list[str]:
        return [month["url"] for month in client.get("/opportunities/").context["months"]]

    assert months() == []
    offer(cast.employer, "Forge", on=[OCT])
    assert months() == ["?from=2026-10-01&to=2026-10-31"]
    offer(cast.employer, "Bakery", on=[dt.datetime(2027, 1, 11, 9, tzinfo=dt.UTC)])
    offer(cast.other_employer, "Draft", on=[dt.datetime(2027, 3, 1, 9, tzinfo=dt.UTC)], state="draft")
    assert [url[6:13] for url in months()] == ["2026-10", "2026-11", "2026-12", "2027-01"]


def test_a_month_is_a_shortcut_to_its_days_and_keeps_the_other_filters(client, cast, offer, public_now):
    offer(cast.employer, "Forge", on=[OCT, NOV])
    months = client.get("/opportunities/?type=visit&from=2026-11-01&to=2026-11-30").context["months"]
    assert [(month["word"], month["current"]) for month in months] == [
        ("October 2026", False),
        ("November 2026", True),
    ]
    assert months[0]["url"] == "?type=visit&from=2026-10-01&to=2026-10-31"


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=2026-13-45", "“2026-13-45” is not a date"),
        ("to=soon", "“soon” is not a date"),
        ("to=20261031", "“20261031” is not a date"),
        ("from=%00", "is not a date"),
        ("from=2026-11-03&to=2026-10-06", "Tue 3 November comes after Tue 6 October, so both days were left out."),
    ],
)
def test_days_that_cannot_be_meant_are_a_sentence_and_lose_nothing(client, cast, offer, public_now, query, sentence):
    offer(cast.employer, "Forge", on=[OCT])
    offer(cast.employer, "Webinar", on=[OCT], kind="talk", is_online=True)
    page = client.get(f"/opportunities/?type=talk&{query}")
    assert (page.status_code, [card["title"] for card in page.context["cards"]]) == (200, ["Webinar"])
    assert [sentence in wrong for wrong in page.context["filters"].wrong] == [True]
    assert sentence in page.content.decode()
    name, _sign, value = query.partition("&")[0].partition("=")
    if value != "%00":
        assert f'name="{name}" type="date" value="{value}"' in page.content.decode()


def test_feeds_keep_to_the_catalogues_filters(client, cast, offer, public_now):
    offer(cast.employer, "Forge", on=[OCT, NOV])
    offer(cast.employer, "Webinar", on=[OCT], kind="talk", is_online=True)
    query = "?type=visit&from=2026-11-01"
    page = client.get(f"/opportunities/{query}").content.decode()
    for address in ("/opportunities.rss", "/opportunities.ics"):
        assert f'href="{address}{query.replace("&", "&amp;")}"' in page
    rss = client.get(f"/opportunities.rss{query}").content.decode()
    assert (rss.count("<item>"), "Tue 3 November" in rss) == (1, True)
    events = list(Calendar.from_ical(client.get(f"/opportunities.ics{query}").content).walk("VEVENT"))
    assert [(str(one["summary"]), one["dtstart"].dt.date()) for one in events] == [
        ("Forge (Brightwater Engineering)", NOV)
    ]


@pytest.mark.parametrize(
    ("query", "sentence"), [("?type=zebra", "Nothing on offer matches: Kind"), ("?to=soon", "“soon” is not a date")]
)
def test_a_feed_that_cannot_keep_to_its_filters_is_empty_and_says_so(client, cast, offer, public_now, query, sentence):
    offer(cast.employer, "Forge", on=[OCT])
    rss = client.get(f"/opportunities.rss{query}").content.decode()
    calendar = Calendar.from_ical(client.get(f"/opportunities.ics{query}").content)
    assert (rss.count("<item>"), len(calendar.walk("VEVENT"))) == (0, 0)
    assert (sentence in rss, sentence in str(calendar["x-wr-caldesc"])) == (True, True)


@pytest.mark.parametrize("query", ["?age=x", "?type=%27%22%3Cb%3E", "?sector=zebra", "?place=in-Atlantis", "?page=zz"])
def test_catalogue_says_what_it_left_out(client, cast, offer, public_now, query):
    offer(cast.employer, "Forge", on=[OCT])
    response = client.get(f"/opportunities/{query}")
    assert [card["title"] for card in response.context["cards"]] == ["Forge"]
    assert ("Left out" in response.content.decode()) is (query != "?page=zz")


def test_catalogue_filters_survive_paging(client, cast, offer, public_now, monkeypatch):
    monkeypatch.setattr("cms.views.A_PAGE", 1)
    for title in ("One", "Two"):
        offer(cast.employer, title, on=[OCT])
    html = client.get("/opportunities/?type=visit").content.decode()
    assert "?type=visit&amp;page=2" in html


@pytest.mark.parametrize("rows", [1, 3])
def test_catalogue_queries_do_not_grow(client, sites, offer, public_now, django_assert_num_queries, rows):
    for number in range(rows):
        offer(sites.employer, f"Offer {number}", on=[OCT, NOV], sector="making", town=f"Town {number}")
    client.get("/opportunities/")
    with django_assert_num_queries(QUERIES_CATALOGUE):
        client.get("/opportunities/")


@pytest.mark.parametrize("rows", [1, 3])
def test_home_queries_do_not_grow(client, sites, offer, public_now, django_assert_num_queries, rows):
    for number in range(rows):
        offer(sites.employer, f"Offer {number}", on=[OCT])
    client.get("/")
    with django_assert_num_queries(QUERIES_HOME):
        client.get("/")


@pytest.mark.parametrize("rows", [1, 3])
def test_search_queries_do_not_grow(client, sites, offer, public_now, django_assert_num_queries, rows):
    for number in range(rows):
        offer(sites.employer, f"Offer {number}", on=[OCT])
    client.get("/search/?q=offer")
    with django_assert_num_queries(QUERIES_SEARCH):
        client.get("/search/?q=offer")


# ---- one opportunity --------------------------------------------------------


def test_opportunity_shows_what_is_public_and_no_contact(client, cast, offer, public_now):
    opportunity = offer(
        cast.employer,
        "Forge",
        on=[OCT, NOV],
        town="Whitby",
        supervisor="CANARY SUPERVISOR",
        stand_in="CANARY STAND-IN",
        comment="CANARY COMMENT",
        description="Strike while it is hot",
    )
    opportunity.site.address = "CANARY ADDRESS"
    opportunity.site.postcode = "CANARY1"
    opportunity.site.save()
    Contact.objects.create(hub=cast.hub, employer=cast.employer, name="CANARY", email="canary@x.example")
    html = client.get(f"/opportunities/{opportunity.pk}/").content.decode()
    assert "CANARY" not in html.upper().replace("CANARYBIRD", "")
    assert [word for word in ("Strike while", "Whitby", "Tue 6 October", "Tue 3 November") if word not in html] == []


@pytest.mark.parametrize("state", ["draft", "submitted", "paused", "withdrawn"])
def test_opportunity_not_published_is_not_found(client, cast, offer, public_now, state):
    opportunity = offer(cast.employer, "Forge", on=[OCT], state=state)
    assert client.get(f"/opportunities/{opportunity.pk}/").status_code == 404


def test_opportunity_of_another_hub_is_not_found(client, cast, offer, public_now):
    opportunity = offer(cast.employer_b, "Fells", on=[OCT])
    assert client.get(f"/opportunities/{opportunity.pk}/").status_code == 404
    assert client.get(f"/opportunities/{opportunity.pk}/", HTTP_HOST=FELLS).status_code == 200


def test_opportunity_without_dates_says_so(client, cast, offer, public_now):
    opportunity = offer(cast.employer, "Forge")
    assert "No dates ahead" in client.get(f"/opportunities/{opportunity.pk}/").content.decode()


def test_opportunity_page_is_read_only(client, cast, offer):
    opportunity = offer(cast.employer, "Forge", on=[OCT])
    assert client.post(f"/opportunities/{opportunity.pk}/").status_code == 405


def test_feed_lists_open_offers_of_the_hub(client, cast, offer, public_now):
    offer(cast.employer, "Forge", on=[OCT])
    offer(cast.employer_b, "CANARY FELLS", on=[OCT])
    offer(cast.employer, "CANARY DRAFT", on=[OCT], state="draft")
    xml = client.get("/opportunities.rss").content.decode()
    assert xml.count("<item>") == 1
    assert "Forge (Brightwater Engineering)" in xml
    assert "CANARY" not in xml
