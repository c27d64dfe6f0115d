"""What importing a list would do, line by line. Looks at the hub's employers and writes nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.models import Q

from employers.lookalikes import register_of
from employers.models import Contact, Employer, EmployerImport, Sector, Site
from employers.sheet_alike import Firm, Likeness, bare_postcode, domains_of
from employers.sheet_rows import Problem, Row, read_rows
from hubs.models import Hub, Note
from hubs.models.people import fold
from hubs.sheets import plain

NEW, OUT = "new", "out"
#: Facts a line can add to an employer that has none; what stands there is never written over.
FACTS = ("number", "website", "about")


@dataclass(slots=True)
class Held:
    """What is known of one employer, and what earlier lines of the list add to it."""

    facts: set[str] = field(default_factory=set)
    has_sectors: bool = False
    sites: set[str] = field(default_factory=set)
    contacts: set[str] = field(default_factory=set)
    notes: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Step:
    """What one line does. `key`: the employer's id, or minus the line that makes it; `name`: of one that is made."""

    line: int
    key: int
    name: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    sectors: tuple[str, ...] = ()
    site: dict[str, str] = field(default_factory=dict)
    contact: dict[str, str] = field(default_factory=dict)
    note: str = ""

    @property
    def makes(self) -> bool:
        return bool(self.name)

    @property
    def adds(self) -> list[str]:
        """Fields and kinds of rows it brings."""
        more = [name for name in ("sectors", "site", "contact", "note") if getattr(self, name)]
        return [*self.facts, *more]

    @property
    def is_empty(self) -> bool:
        return not self.makes and not self.adds


@dataclass(slots=True)
class PlannedLine:
    """`choice`: "new", "out", the key of a likeness, or "" while a person has to say."""

    row: Row
    likenesses: list[Likeness]
    choice: str
    step: Step | None = None


@dataclass(slots=True)
class ImportPlan:
    lines: list[PlannedLine]

    @property
    def problems(self) -> list[Problem]:
        return [problem for line in self.lines for problem in line.row.problems]

    @property
    def undecided(self) -> list[PlannedLine]:
        return [line for line in self.lines if line.row.is_usable and not line.choice]

    @property
    def steps(self) -> list[Step]:
        return [line.step for line in self.lines if line.step is not None]

    @property
    def digest(self) -> str:
        """Changes with whatever would be written."""
        said = json.dumps([asdict(step) for step in self.steps], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:32]

    def counts(self) -> dict[str, int]:
        steps = self.steps
        return {
            "new": sum(step.makes for step in steps),
            "more": sum(step.key > 0 and not step.is_empty for step in steps),
            "again": sum(step.key < 0 and bool(step.adds) and not step.makes for step in steps),
            "nothing": sum(step.is_empty for step in steps),
            "out": sum(line.choice == OUT or not line.row.is_usable for line in self.lines),
            "undecided": len(self.undecided),
            "inviting": len(self.to_invite()),
        }

    def to_invite(self) -> dict[int, dict[str, str]]:
        """Of each employer that is made, by its key, the first contact with an address: it may stand in a later line
        than the one that makes it."""
        found: dict[int, dict[str, str]] = {}
        for step in self.steps:
            if step.key < 0 and step.contact.get("email"):
                found.setdefault(step.key, step.contact)
        return found


def sector_words() -> dict[str, str]:
    return {plain(word): one.code for one in Sector.objects.all() for word in (one.name, one.code)}


def memory_key(row: Row) -> str:
    """By which a line is known again when the list comes next time."""
    return f"{plain(row.values.get('name', ''))}|{bare_postcode(row.values.get('postcode', ''))}"


def plan_import(imported: EmployerImport) -> ImportPlan:
    """What the list does now, by its columns and what was said of its lines so far."""
    rows = read_rows([(number, cells) for number, cells in imported.lines], imported.columns, sector_words())
    register, held, names = register_of(imported.hub), _held(imported.hub, rows), _Names(imported.hub)
    earlier = _earlier(imported)
    ends: dict[int, int] = {}  # line → key of the employer it ends in
    lines = []
    for row in rows:
        line = PlannedLine(row, [], OUT)
        if row.is_usable:
            firm = _firm(row)
            line.likenesses = register.like(firm)
            line.choice = _choice(line, imported.choices.get(str(row.line), ""), earlier, ends)
            if line.choice != OUT:
                register.add(firm)
            line.step = _step(line, held, names, ends)
        lines.append(line)
    return ImportPlan(lines)


def _choice(line: PlannedLine, said: str, earlier: dict[str, int], ends: dict[int, int]) -> str:
    """As a person said; as they said of the same line before; what is sure, be it through several lines that end in
    one employer; else it is for them to say."""
    offered = {str(like.firm.key) for like in line.likenesses}
    if said in offered | {NEW, OUT}:
        return said
    before = str(earlier.get(memory_key(line.row), ""))
    if before in offered:
        return before
    sure = {like.firm.key for like in line.likenesses if like.is_sure}
    employers = {key for key in sure if key > 0} or sure
    if len({ends.get(-key, key) for key in employers}) == 1:
        return str(max(employers))  # of lines the first: their keys are below nought
    return "" if line.likenesses else NEW


def _step(line: PlannedLine, held: dict[int, Held], names: _Names, ends: dict[int, int]) -> Step | None:
    row = line.row
    if line.choice == NEW:
        key, name = -row.line, names.free(row)
    elif line.choice in ("", OUT):
        return None
    else:
        key, name = int(line.choice), ""
        key = key if key > 0 else ends.get(-key, 0)
        if not key:  # the line it is one with was left out meanwhile, or waits itself
            line.choice = ""
            return None
    ends[row.line] = key
    return _filled(Step(row.line, key, name), row, held.setdefault(key, Held()))


def _filled(step: Step, row: Row, known: Held) -> Step:
    """Only what is not there yet."""
    values = row.values
    step.facts = {name: values[name] for name in FACTS if name in values and name not in known.facts}
    if step.makes and "size" in values:
        step.facts["size"] = values["size"]
    known.facts |= set(step.facts)
    if row.sectors and not known.has_sectors:
        step.sectors, known.has_sectors = row.sectors, True
    site = _some(values, "address", "town", "postcode")
    if site and not known.sites & (marks := _site_marks(site)):
        step.site = site
        known.sites |= marks
    contact = _some(values, "person", "job_title", "email", "phone")
    if (marks := _contact_marks(contact)) and not known.contacts & marks:
        step.contact = contact
        known.contacts |= marks
    if (text := values.get("note", "").strip()) and text not in known.notes:
        step.note = text
        known.notes.add(text)
    return step


def _some(values: dict[str, str], *names: str) -> dict[str, str]:
    return {name: values[name] for name in names if name in values}


def _site_marks(site: dict[str, str]) -> set[str]:
    """What makes a site the same: its postcode, else its address, else its town."""
    found = (("p", bare_postcode(site.get("postcode", ""))), ("a", plain(site.get("address", ""))))
    marks = {f"{kind} {text}" for kind, text in found if text}
    return marks or {f"t {plain(site.get('town', ''))}"}


def _contact_marks(contact: dict[str, str]) -> set[str]:
    """A person is the same by address, else by name; a telephone alone is nobody."""
    if contact.get("email"):
        return {f"e {contact['email'].lower()}"}
    return {f"n {fold(contact['person'])}"} if contact.get("person") else set()


# ---- What the hub has ----------------------------------------------------------


class _Names:
    """Names that are taken; a second firm of a name is told apart by its town, as a person would do it."""

    def __init__(self, hub: Hub) -> None:
        self.taken = {name.lower() for name in Employer.objects.filter(hub=hub).values_list("name", flat=True)}

    def free(self, row: Row) -> str:
        name = row.values["name"]
        places = [row.values[one] for one in ("town", "postcode", "number") if one in row.values]
        for wanted in (name, *(f"{name[:140]}, {place[:18]}" for place in places)):
            if wanted.lower() not in self.taken:
                break
        else:
            wanted = f"{name[:140]} ({row.line})"
        self.taken.add(wanted.lower())
        return wanted


def _firm(row: Row) -> Firm:
    values = row.values
    postcodes = frozenset({bare_postcode(values.get("postcode", ""))} - {""})
    domains = domains_of(values.get("website", ""), values.get("email", ""))
    return Firm(-row.line, values["name"], values.get("number", ""), domains, postcodes)


def _held(hub: Hub, rows: Iterable[Row]) -> dict[int, Held]:
    employers = Employer.objects.filter(hub=hub)
    held = {pk: Held() for pk in employers.values_list("pk", flat=True)}
    for pk, *values in employers.exclude(Q(number="") & Q(website="") & Q(about="")).values_list("pk", *FACTS):
        held[pk].facts = {name for name, value in zip(FACTS, values, strict=True) if value}
    for pk in employers.filter(sectors__isnull=False).values_list("pk", flat=True).distinct():
        held[pk].has_sectors = True
    for pk, address, town, postcode in Site.objects.filter(hub=hub).values_list(
        "employer_id", "address", "town", "postcode"
    ):
        held[pk].sites |= _site_marks({"address": address, "town": town, "postcode": postcode})
    for pk, email, person in Contact.objects.filter(hub=hub).values_list("employer_id", "email", "name"):
        held[pk].contacts |= _contact_marks({"email": email}) | _contact_marks({"person": person})
    texts = {row.values["note"].strip() for row in rows if "note" in row.values}
    if texts:
        for pk, text in Note.objects.filter(hub=hub, text__in=texts).values_list("organisation_id", "text"):
            held.setdefault(pk, Held()).notes.add(text)
    return held


def _earlier(imported: EmployerImport) -> dict[str, int]:
    """What earlier lists of the hub came to, by line; the latest word holds."""
    found: dict[str, Any] = {}
    done = EmployerImport.objects.filter(hub=imported.hub_id, state="imported").order_by("imported_at", "pk")
    for outcome in done.values_list("outcome", flat=True):
        found |= outcome.get("same", {})
    if not found:
        return {}
    merged = Employer.objects.filter(hub=imported.hub_id, merged_into__isnull=False)
    into = {pk: stays for pk, stays in merged.values_list("pk", "merged_into") if stays}
    return {line: into.get(pk, pk) for line, pk in found.items()}
