"""What machines read of an opportunity's page: schema.org's EducationEvent, no more than people see."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from employers.models import Contact, Site
from tests.cms.conftest import add_session
from tests.cms.microdata import items

OCT = dt.date(2026, 10, 6)
NOV = dt.date(2026, 11, 3)
#: The properties schema.org (version 29) has for each type, of those a page may use, with the types of their values.
VOCABULARY: dict[str, dict[str, set[str]]] = {
    "EducationEvent": {
        "name": {"Text"}, "description": {"Text"}, "url": {"URL"}, "keywords": {"Text"}, "teaches": {"Text"},
        "organizer": {"Organization"}, "audience": {"EducationalAudience"}, "typicalAgeRange": {"Text"},
        "isAccessibleForFree": {"Boolean"}, "eventAttendanceMode": {"URL"}, "eventStatus": {"URL"},
        "startDate": {"DateTime"}, "endDate": {"DateTime"}, "location": {"Place", "VirtualLocation"},
        "subEvent": {"EducationEvent"}, "offers": {"Offer"}, "maximumAttendeeCapacity": {"Integer"},
        "remainingAttendeeCapacity": {"Integer"},
    },
    "Organization": {"name": {"Text"}},
    "EducationalAudience": {"educationalRole": {"Text"}},
    "Place": {"name": {"Text"}, "address": {"PostalAddress"}},
    "PostalAddress": {"addressLocality": {"Text"}},
    "VirtualLocation": {"name": {"Text"}, "url": {"URL"}},
    "Offer": {"url": {"URL"}, "availability": {"URL"}, "availabilityEnds": {"Date"}},
}  # fmt: skip
MANY = {"keywords", "subEvent"}
#: What an event must say for a search engine to show it.
NEEDED = {"name", "organizer", "location", "startDate", "endDate", "eventStatus", "eventAttendanceMode"}


def check(item: dict[str, Any]) -> None:
    """Every property is one of its type's, once unless it may repeat, and of a kind the vocabulary allows."""
    allowed = VOCABULARY[item["type"]]
    for name, values in item.items():
        if name == "type":
            continue
        assert name in allowed, f"{item['type']} has no {name}"
        assert len(values) == 1 or name in MANY, name
        for value in values:
            if isinstance(value, dict):
                assert value["type"] in allowed[name], name
                check(value)
            else:
                (kind,) = allowed[name]
                fits(kind, value)


def fits(kind: str, value: str) -> None:
    if kind == "DateTime":
        assert dt.datetime.fromisoformat(value).tzinfo is not None
    elif kind == "Date":
        dt.date.fromisoformat(value)
    elif kind == "Integer":
        int(value)
    elif kind == "Boolean":
        assert value in ("true", "false")
    elif kind == "URL":
        assert value.startswith(("https://", "http://")), value
    else:
        assert value


@pytest.fixture
def read(client, cast, public_now):
    def ask(opportunity) -> dict[str, Any]:
        (item,) = items(client.get(f"/opportunities/{opportunity.pk}/").content.decode())
        check(item)
        return item

    return ask


def test_a_visit_says_where_when_for_whom_and_by_whom(cast, read, offer):
    row = offer(cast.employer, "Forge", on=[OCT, NOV], town="Whitby", sector="making", taken=12, outcomes="To weld.")
    item = read(row)
    assert set(item) >= NEEDED
    assert (item["type"], item["name"], item["typicalAgeRange"]) == ("EducationEvent", ["Forge"], ["13-16"])
    assert item["organizer"] == [{"type": "Organization", "name": ["Brightwater Engineering"]}]
    assert item["audience"] == [{"type": "EducationalAudience", "educationalRole": ["student"]}]
    assert item["location"] == [
        {"type": "Place", "name": ["Whitby"], "address": [{"type": "PostalAddress", "addressLocality": ["Whitby"]}]}
    ]
    assert (item["eventAttendanceMode"], item["isAccessibleForFree"]) == (
        ["https://schema.org/OfflineEventAttendanceMode"],
        ["true"],
    )
    assert (item["keywords"], item["teaches"]) == (["Visit", "making"], ["To weld."])
    assert item["url"][0].endswith(f"/opportunities/{row.pk}/")


def test_each_session_is_an_event_that_could_stand_alone(cast, read, offer, now):
    row = offer(cast.employer, "Forge", on=[OCT], town="Whitby", taken=12)
    add_session(row, NOV, now=now, places=10, closes_on=dt.date(2026, 10, 20))
    item = read(row)
    full, free = item["subEvent"]
    assert [NEEDED - set(each) for each in (full, free)] == [set(), set()]
    assert (full["location"], full["name"]) == (item["location"], ["Forge"])
    assert [dt.datetime.fromisoformat(one["startDate"][0]).date() for one in (full, free)] == [OCT, NOV]
    assert (item["startDate"], item["endDate"]) == (full["startDate"], free["endDate"])
    assert [one["remainingAttendeeCapacity"] for one in (full, free)] == [["0"], ["10"]]
    assert [one["offers"][0]["availability"] for one in (full, free)] == [
        ["https://schema.org/SoldOut"],
        ["https://schema.org/InStock"],
    ]
    assert free["offers"][0]["availabilityEnds"] == ["2026-10-20"]


def test_online_is_a_virtual_location(cast, read, offer):
    item = read(offer(cast.employer, "Webinar", on=[OCT], is_online=True))
    assert item["location"][0]["type"] == item["subEvent"][0]["location"][0]["type"] == "VirtualLocation"
    assert item["eventAttendanceMode"] == ["https://schema.org/OnlineEventAttendanceMode"]


def test_at_the_readers_school_is_a_place_without_an_address(cast, read, offer):
    item = read(offer(cast.employer, "Talk", on=[OCT]))
    assert item["location"] == [{"type": "Place", "name": ["At your school"]}]


def test_without_dates_there_is_neither_a_date_nor_a_status(cast, read, offer):
    item = read(offer(cast.employer, "Forge", town="Whitby"))
    assert not {"startDate", "endDate", "eventStatus", "subEvent"} & set(item)


def test_no_contact_and_no_street_is_in_what_machines_read(cast, read, offer):
    row = offer(cast.employer, "Forge", on=[OCT], town="Whitby", supervisor="CANARY", stand_in="CANARY")
    Site.objects.filter(pk=row.site_id).update(
        address="CANARY Street", postcode="CANARY", latitude=54.48321, longitude=-0.61234
    )
    Contact.objects.create(hub=cast.hub, employer=cast.employer, name="CANARY", email="canary@x.example")
    said = str(read(row)).upper()
    assert ("CANARY" in said, "54.48" in said) == (False, False)
