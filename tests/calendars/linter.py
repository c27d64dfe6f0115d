"""What RFC 5545, 5546, 6047, 7986 and 9253 ask of what we send, read from the bytes alone.

A reading of our own, that shares no code with what writes: `problems(content)` lists sentences.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass, field
from email.message import Message
from zoneinfo import ZoneInfo

NAME = re.compile(r"[A-Za-z0-9-]+")
UTC = re.compile(r"\d{8}T\d{6}Z\Z")
LOCAL = re.compile(r"\d{8}T\d{6}\Z")
DURATION = re.compile(r"[+-]?P(\d+W|(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?)\Z")
OFFSET = re.compile(r"[+-]\d{4}(\d{2})?\Z")
MAILTO = re.compile(r"mailto:[^\s<>\",;:@]+@[^\s<>\",;:@]+\Z", re.IGNORECASE)
ESCAPED = re.compile(r"(?:[^\\;,]|\\[\\;,nN])*\Z")
TEXTS = {"SUMMARY", "DESCRIPTION", "LOCATION", "NAME", "X-WR-CALNAME", "PRODID", "TZNAME"}
ONCE = {
    "VCALENDAR": {"PRODID", "VERSION", "CALSCALE", "METHOD", "REFRESH-INTERVAL", "X-PUBLISHED-TTL", "X-WR-CALNAME"},
    "VEVENT": {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "LOCATION", "STATUS", "SEQUENCE",
               "LAST-MODIFIED", "RRULE", "ORGANIZER"},
    "VTIMEZONE": {"TZID"},
    "STANDARD": {"DTSTART", "TZOFFSETFROM", "TZOFFSETTO"},
    "DAYLIGHT": {"DTSTART", "TZOFFSETFROM", "TZOFFSETTO"},
}  # fmt: skip
NEEDED = {
    "VCALENDAR": {"PRODID", "VERSION"},
    "VEVENT": {"UID", "DTSTAMP", "DTSTART", "SEQUENCE"},
    "VTIMEZONE": {"TZID"},
    "STANDARD": {"DTSTART", "TZOFFSETFROM", "TZOFFSETTO"},
    "DAYLIGHT": {"DTSTART", "TZOFFSETFROM", "TZOFFSETTO"},
}
KNOWN = {
    "VCALENDAR": ONCE["VCALENDAR"] | {"NAME"},
    "VEVENT": ONCE["VEVENT"] | {"ATTENDEE", "RELATED-TO"},
    "VTIMEZONE": {"TZID"},
    "STANDARD": ONCE["STANDARD"] | {"TZNAME"},
    "DAYLIGHT": ONCE["DAYLIGHT"] | {"TZNAME"},
}
INSIDE = {"": {"VCALENDAR"}, "VCALENDAR": {"VEVENT", "VTIMEZONE"}, "VTIMEZONE": {"STANDARD", "DAYLIGHT"}}
RELATIONS = {"PARENT", "CHILD", "SIBLING", "FINISHTOSTART", "FINISHTOFINISH", "STARTTOFINISH", "STARTTOSTART"}


@dataclass
class Property:
    name: str
    params: dict[str, str]
    value: str


@dataclass
class Component:
    name: str
    properties: list[Property] = field(default_factory=list)
    children: list[Component] = field(default_factory=list)

    def all(self, name: str) -> list[Property]:
        return [one for one in self.properties if one.name == name]

    def value(self, name: str) -> str:
        found = self.all(name)
        return found[0].value if found else ""

    def of(self, name: str) -> list[Component]:
        return [one for one in self.children if one.name == name]


def problems(content: bytes) -> list[str]:
    """Sentences, empty when there is nothing to say."""
    said = list(_lines(content))
    if said:
        return said
    try:
        calendar = read(content)
    except ValueError as error:
        return [str(error)]
    return [*_shape(calendar), *_values(calendar), *_zones(calendar), *_method(calendar)]


def _lines(content: bytes):
    """Line ends, length, characters (RFC 5545, 3.1)."""
    if not content.endswith(b"\r\n"):
        yield "the last line has no end"
    if re.search(rb"(?<!\r)\n|\r(?!\n)", content):
        yield "a line ends with something else than CR LF"
    for number, line in enumerate(content.removesuffix(b"\r\n").split(b"\r\n"), 1):
        if len(line) > 75:
            yield f"line {number} has {len(line)} octets"
        if not line:
            yield f"line {number} is empty"
        try:
            text = line.decode()
        except UnicodeDecodeError:
            yield f"line {number} is folded within a character"
            continue
        if re.search("[\x00-\x08\x0a-\x1f\x7f]", text):
            yield f"line {number} has a control character"


def read(content: bytes) -> Component:
    """The tree of components. Raises ValueError with a sentence."""
    root = Component("")
    stack = [root]
    for line in content.decode().replace("\r\n ", "").replace("\r\n\t", "").removesuffix("\r\n").split("\r\n"):
        one = _property(line)
        if one.name == "BEGIN":
            child = Component(one.value)
            if one.value not in INSIDE.get(stack[-1].name, set()):
                raise ValueError(f"{one.value} stands in {stack[-1].name or 'nothing'}")
            stack[-1].children.append(child)
            stack.append(child)
        elif one.name == "END":
            if len(stack) < 2 or stack.pop().name != one.value:
                raise ValueError(f"END:{one.value} ends nothing")
        else:
            stack[-1].properties.append(one)
    if len(stack) != 1 or len(root.children) != 1 or root.properties:
        raise ValueError("there is not exactly one VCALENDAR")
    return root.children[0]


def _property(line: str) -> Property:
    match = NAME.match(line)
    if not match:
        raise ValueError(f"no property: {line[:40]!r}")
    place, params = match.end(), {}
    while line[place : place + 1] == ";":
        found = re.compile(r';([A-Za-z0-9-]+)=("[^"]*"|[^";:,]*)').match(line, place)
        if not found or found[1].upper() in params:
            raise ValueError(f"a parameter is broken: {line[:60]!r}")
        params[found[1].upper()] = found[2].strip('"')
        place = found.end()
    if line[place : place + 1] != ":":
        raise ValueError(f"no value: {line[:60]!r}")
    return Property(match[0].upper(), params, line[place + 1 :])


def walk(component: Component):
    yield component
    for child in component.children:
        yield from walk(child)


def _shape(calendar: Component):
    for one in walk(calendar):
        counted = Counter(prop.name for prop in one.properties)
        for name in sorted(NEEDED[one.name] - counted.keys()):
            yield f"{one.name} has no {name}"
        for name in sorted(name for name in ONCE[one.name] if counted[name] > 1):
            yield f"{one.name} has {name} twice"
        for name in sorted(counted.keys() - KNOWN[one.name]):
            yield f"{one.name} has {name}, which we never write"
    if calendar.value("VERSION") != "2.0":
        yield "the version is not 2.0"
    keys = Counter(event.value("UID") for event in calendar.of("VEVENT"))
    yield from (f"two events have the UID {uid}" for uid, count in keys.items() if count > 1)


def _values(calendar: Component):
    for one in walk(calendar):
        for prop in one.properties:
            if prop.name in TEXTS and not ESCAPED.match(prop.value):
                yield f"{prop.name} is not escaped"
    for event in calendar.of("VEVENT"):
        yield from _event(event)
    for prop in (*calendar.all("REFRESH-INTERVAL"), *calendar.all("X-PUBLISHED-TTL")):
        if not DURATION.match(prop.value) or prop.value.startswith("-"):
            yield f"{prop.name} is no duration"
    if any(prop.params.get("VALUE") != "DURATION" for prop in calendar.all("REFRESH-INTERVAL")):
        yield "REFRESH-INTERVAL has no VALUE=DURATION (RFC 7986, 5.7)"


def _event(event: Component):
    if not re.match(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z", event.value("UID")):
        yield "the UID is not random (RFC 7986, 5.3)"
    for name in ("DTSTAMP", "LAST-MODIFIED"):
        if not all(UTC.match(prop.value) for prop in event.all(name)):
            yield f"{name} is not in UTC"
    begin, end = event.all("DTSTART")[:1], event.all("DTEND")[:1]
    if not begin or not end or not LOCAL.match(begin[0].value) or not LOCAL.match(end[0].value):
        yield "DTSTART and DTEND are not local times"
    elif end[0].value <= begin[0].value or end[0].params.get("TZID") != begin[0].params.get("TZID"):
        yield "DTEND is not after DTSTART in the same zone"
    if not event.value("SEQUENCE").isdigit():
        yield "SEQUENCE is no number"
    if event.value("STATUS") not in ("TENTATIVE", "CONFIRMED", "CANCELLED"):
        yield "STATUS is none an event can have"
    if any(not re.match(r"FREQ=(DAILY|WEEKLY);COUNT=[1-9]\d*\Z", prop.value) for prop in event.all("RRULE")):
        yield "RRULE is not one of ours"
    for prop in event.all("RELATED-TO"):
        relation, gap = prop.params.get("RELTYPE", "PARENT"), prop.params.get("GAP")
        if (
            relation not in RELATIONS
            or (gap is not None and not DURATION.match(gap))
            or prop.value == event.value("UID")
        ):
            yield "RELATED-TO is no relation (RFC 9253, 4)"
        if gap is not None and relation in ("PARENT", "CHILD", "SIBLING"):
            yield "GAP stands on a relation that is not one of time"


def _zones(calendar: Component):
    """Every zone named is defined once, and its clock is right at every event and around every change."""
    zones = {zone.value("TZID"): zone for zone in calendar.of("VTIMEZONE")}
    used = {
        p.params.get("TZID", "") for e in calendar.of("VEVENT") for p in e.properties if p.name in ("DTSTART", "DTEND")
    }
    if used != set(zones) or len(zones) != len(calendar.of("VTIMEZONE")):
        yield f"zones used are {sorted(used)}, zones defined {sorted(zones)}"
        return
    for event in calendar.of("VEVENT"):
        name = event.all("DTSTART")[0].params["TZID"]
        first = dt.datetime.fromisoformat(event.value("DTSTART"))
        count = int((re.search(r"COUNT=(\d+)", event.value("RRULE")) or [0, "1"])[1])
        step = 7 if "WEEKLY" in event.value("RRULE") else 1
        for number in range(count):
            local = first + dt.timedelta(days=step * number)
            at = local.replace(tzinfo=ZoneInfo(name)).astimezone(dt.UTC)
            if _offset(zones[name], at) != at.astimezone(ZoneInfo(name)).utcoffset():
                yield f"the zone {name} is wrong at {local}"
    for zone in zones.values():
        yield from _onsets(zone)


def _onsets(zone: Component):
    """An onset is written on the clock before it (RFC 5545, 3.6.5)."""
    name = zone.value("TZID")
    for part in zone.children:
        onset = _instant(part)
        for at in (onset, onset + dt.timedelta(minutes=30), onset - dt.timedelta(minutes=30)):
            if part is not zone.children[0] and _offset(zone, at) != at.astimezone(ZoneInfo(name)).utcoffset():
                yield f"the zone {name} changes at another moment than {onset}"
        if not OFFSET.match(part.value("TZOFFSETFROM")) or not OFFSET.match(part.value("TZOFFSETTO")):
            yield f"an offset of {name} is none"


def _instant(part: Component) -> dt.datetime:
    local = dt.datetime.fromisoformat(part.value("DTSTART"))
    return (local - _delta(part.value("TZOFFSETFROM"))).replace(tzinfo=dt.UTC)


def _delta(text: str) -> dt.timedelta:
    sign = -1 if text[0] == "-" else 1
    return sign * dt.timedelta(hours=int(text[1:3]), minutes=int(text[3:5]))


def _offset(zone: Component, at: dt.datetime) -> dt.timedelta | None:
    past = [part for part in zone.children if _instant(part) <= at]
    return _delta(max(past, key=_instant).value("TZOFFSETTO")) if past else None


def _method(calendar: Component):
    """iTIP (RFC 5546, 3.2): what each method needs of each event."""
    method, events = calendar.value("METHOD"), calendar.of("VEVENT")
    if method == "PUBLISH":
        if any(event.all("ATTENDEE") for event in events):
            yield "PUBLISH has no attendees"
    elif method in ("REQUEST", "CANCEL"):
        if len({event.value("UID") for event in events}) != 1:
            yield f"{method} is about exactly one UID"
        for event in events:
            yield from _people(event, method)
    else:
        yield f"METHOD is {method or 'missing'}"


def _people(event: Component, method: str):
    organisers, attendees = event.all("ORGANIZER"), event.all("ATTENDEE")
    if len(organisers) != 1 or not attendees:
        yield f"{method} needs one ORGANIZER and an ATTENDEE"
    if not all(MAILTO.match(one.value) for one in (*organisers, *attendees)):
        yield "somebody has no mail address"
    if method == "REQUEST" and any(one.params.get("RSVP") != "TRUE" for one in attendees):
        yield "REQUEST asks nobody to answer"
    if (method == "CANCEL") != (event.value("STATUS") == "CANCELLED"):
        yield f"{method} of an event that is {event.value('STATUS')}"


def mail_problems(part: Message) -> list[str]:
    """iMIP (RFC 6047, 2.4): the part's type says the method and the character set."""
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    said = []
    if part.get_content_type() != "text/calendar":
        said.append(f"the type is {part.get_content_type()}")
    if str(part.get_param("charset", "")).lower() != "utf-8":
        said.append(f"the character set is {part.get_param('charset')}")
    content = re.sub(rb"\r?\n", b"\r\n", content)  # a mail's own line ends are its transport's
    method = read(content).value("METHOD")
    if part.get_param("method") != method:
        said.append(f"the type says {part.get_param('method')}, the calendar {method}")
    return [*said, *problems(content)]
