"""What is written is sound, whatever was typed; and the linter finds what is not."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placements import calendars, icalendar_text
from placements.icalendar_text import Attendee, Shown
from placements.models import CalendarEvent
from tests.calendars import ical_js, linter, reading
from tests.examples import examples

AT = dt.datetime(2026, 9, 15, 9, tzinfo=dt.UTC)
UID = "0b6c5f0e-98a1-4e30-9d2e-1f2a3b4c5d6e"
#: Whatever a keyboard, a clipboard or an enemy can bring, with what breaks lines drawn often.
NASTY = st.lists(
    st.one_of(
        st.text(max_size=40),
        st.text('\r\n\x00\x0b\x0c\x1b\x85\u2028\u2029\ufeff";:,\\=\t ßéю漢🙂', max_size=60),
        st.sampled_from(["\r\nATTENDEE:mailto:x@y.example", "\nEND:VEVENT\nBEGIN:VALARM", "\\n", "\r\n "]),
    ),
    max_size=4,
).map("".join)
FREE = ("title", "summary", "employer", "school", "group", "supervisor", "place")
FACTS = dict.fromkeys(FREE, "x") | {"places": 3, "online": False}


def event(facts: dict = FACTS, **fields) -> CalendarEvent:
    values = {
        "uid": UID,
        "on": dt.date(2026, 10, 20),
        "last_on": dt.date(2026, 10, 20),
        "starts_at": dt.time(9),
        "ends_at": dt.time(12),
        "time_zone": "Europe/London",
        "status": "CONFIRMED",
        "facts": facts,
        "changed_at": AT,
    }
    return CalendarEvent(**{**values, **fields})


class Hub:
    contact_email = "desk@harbour.example"
    hostname = "harbour.localhost"

    def __init__(self, name: str) -> None:
        self.name = name


@settings(max_examples=examples(300), deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(FREE, NASTY)), NASTY)
def test_no_free_text_becomes_a_line_of_its_own(texts, name):
    one = event({**texts, "places": 3, "online": False})
    for content in (
        calendars.feed(name, [one]),
        calendars.invitation(Hub(name), one, "lead@brightwater.example"),
    ):
        assert linter.problems(content) == []
        parts = linter.read(content)
        assert ([c.name for c in parts.children], len(parts.of("VEVENT")[0].all("ATTENDEE"))) == (
            ["VTIMEZONE", "VEVENT"],
            len(parts.all("METHOD")) - (parts.value("METHOD") == "PUBLISH"),
        )
        assert len(reading.events(content)) == 1


@settings(max_examples=examples(300), deadline=None)
@given(st.text(max_size=400).filter(lambda text: "\r" not in text and "\n" not in text))
def test_folding_never_splits_a_character_and_unfolds_to_the_same(text):
    text = text.encode(errors="ignore").decode()
    folded = icalendar_text.fold(text)
    assert folded.replace("\r\n ", "") == text
    assert max(len(line.encode()) for line in folded.split("\r\n")) <= 75


@pytest.mark.parametrize(
    "address", ["x@y.example\r\nATTENDEE:mailto:z@y.example", 'a"b@y.example', "nobody", "a@b,c", ""]
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ValueError, match="not an address"):
        icalendar_text.mailto(address)


@pytest.mark.slow
@settings(max_examples=5, deadline=None)
@given(st.lists(st.fixed_dictionaries(dict.fromkeys(FREE, NASTY)), min_size=20, max_size=40))
def test_both_readers_understand_the_same(many):
    ical_js.need()
    events = [event({**texts, "places": 3, "online": False}, uid=uuid.UUID(int=n)) for n, texts in enumerate(many)]
    content = calendars.feed("x", events)
    assert ical_js.events(content) == reading.events(content)


ZONES = ["Europe/London", "Europe/Paris", "America/Sao_Paulo", "Asia/Kolkata", "Europe/Madrid", "Africa/Casablanca"]


@pytest.mark.parametrize("zone", [*ZONES, "America/St_Johns", "Australia/Lord_Howe", "UTC", "Pacific/Apia"])
def test_zones_are_whole_for_every_day_of_four_years(zone):
    """The linter holds each occurrence against the zone's own rules."""
    for year in range(2025, 2029):
        content = calendars.feed("x", [event(on=dt.date(year, 1, 1), time_zone=zone, count=366)])
        assert linter.problems(content) == []


def shown(**fields) -> Shown:
    values = {
        "uid": UID, "sequence": 0, "changed_at": AT, "begins": dt.datetime.fromisoformat("20261020T090000"),
        "ends": dt.datetime.fromisoformat("20261020T120000"), "zone": "Europe/London", "summary": "A visit",
        "description": "x", "location": "Works", "status": "CONFIRMED",
    }  # fmt: skip
    return Shown(**{**values, **fields})


GOOD = icalendar_text.calendar(
    "PUBLISH", [shown(followed_by=UID.replace("0b6c", "1b6c"), gap_days=3)], name="x", published=True
)
REQUEST = icalendar_text.calendar("REQUEST", [shown()], attendee=Attendee("a@b.example", "desk@b.example", "Hub"))


@pytest.mark.parametrize(
    ("content", "old", "new", "found"),
    [
        (GOOD, b"\r\n", b"\n", "something else than CR LF"),
        (GOOD, b"SUMMARY:A visit", b"SUMMARY:" + b"x" * 80, "octets"),
        (GOOD, b"SUMMARY:A visit", b"SUMMARY:a; b", "not escaped"),
        (GOOD, b"SUMMARY:A visit", b"SUMMARY:\xc3\r\n \xbc", "within a character"),
        (GOOD, b"DTSTART:20260329T010000", b"DTSTART:20260329T020000", "changes at another moment"),
        (GOOD, b"TZOFFSETTO:+0100", b"TZOFFSETTO:+0200", "the zone Europe/London is wrong"),
        (GOOD, b"UID:" + UID.encode(), b"UID:7", "not random"),
        (GOOD, b"REFRESH-INTERVAL;VALUE=DURATION", b"REFRESH-INTERVAL", "no VALUE=DURATION"),
        (GOOD, b"GAP=P3D", b"GAP=3", "no relation"),
        (GOOD, b"RELTYPE=FINISHTOSTART", b"RELTYPE=CHILD", "not one of time"),
        (GOOD, b"SEQUENCE:0\r\n", b"", "has no SEQUENCE"),
        (GOOD, b"DTEND;TZID=Europe/London:20261020T120000", b"DTEND;TZID=Europe/London:20261020T080000", "not after"),
        (REQUEST, b"METHOD:REQUEST", b"METHOD:CANCEL", "CANCEL of an event that is CONFIRMED"),
        (REQUEST, b"RSVP=TRUE", b"RSVP=NOPE", "asks nobody"),
        (REQUEST, b"mailto:desk@b.example", b"desk@b.example", "no mail address"),
        (REQUEST, b"END:VEVENT\r\n", b"END:VEVENT\r\nBEGIN:VALARM\r\nEND:VALARM\r\n", "VALARM stands in VCALENDAR"),
    ],
)
def test_the_linter_finds_what_is_wrong(content, old, new, found):
    assert linter.problems(content) == []
    assert old in content
    assert any(found in one for one in linter.problems(content.replace(old, new, 1 if old != b"\r\n" else -1)))
