"""A hub's list of employers: read, looked at, imported all or nothing. No mail goes unless the hub asks for it."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from employers.domain import add_contact, add_employer, add_site, change_employer
from employers.import_plan import NEW, OUT, ImportPlan, PlannedLine, Step, memory_key, plan_import
from employers.import_words import field_names, refusal, to_decide
from employers.models import ColumnMeaning, Employer, EmployerImport, Sector
from employers.sheet_reading import MOST_BYTES
from employers.sheet_rows import guess_columns, heading_keys
from hubs.actors import Actor
from hubs.domain.notes import write_note
from hubs.domain.people import invite
from hubs.errors import CannotAct, Refused
from hubs.locks import lock_rows
from hubs.log import record
from hubs.models import HUB_STAFF, Hub, Role
from hubs.moves import check, lock_state, move
from hubs.sandbox import CannotFinish, run_child

CPU_SECONDS = 10
MEMORY_BYTES = 512 * 1024 * 1024
KEPT_FOR = dt.timedelta(days=7)
#: Lines that are imported while somebody waits; of more the job takes care.
AT_ONCE = 50
#: What a list that is over keeps of its lines: nothing.
FORGOTTEN: dict[str, Any] = {"header": [], "lines": [], "choices": {}}


class CannotImportList(Refused):
    code = "cannot_import"


def need_staff(hub: Hub, by: Actor) -> None:
    if not by.may(hub, HUB_STAFF):
        raise CannotAct(_("Only the hub's staff imports employers."))


def keep_list(hub: Hub, data: bytes, *, file_name: str, by: Actor, now: dt.datetime) -> EmployerImport:
    """Read an uploaded list and keep what was read, for a look. Raises `CannotImportList`; then nothing is kept."""
    need_staff(hub, by)
    if len(data) > MOST_BYTES:
        raise CannotImportList(refusal("too_large", {}), code="too_large")
    sheet = _read(data)
    digest = hashlib.sha256(data).hexdigest()
    again = EmployerImport.objects.filter(hub=hub, sha256=digest, state="imported").exists()
    with transaction.atomic():
        kept = EmployerImport.objects.create(
            hub=hub, file_name=file_name.replace("\0", "")[-160:], sha256=digest, header=sheet["header"],
            lines=sheet["lines"], notes=[*sheet["notes"], *(["same_file"] if again else [])],
            columns=guess_columns(sheet["header"], remembered(hub)), uploaded_by=by.user, uploaded_at=now,
        )  # fmt: skip
        record(kept, "uploaded", by=by, now=now, lines=len(sheet["lines"]))
    return kept


def _read(data: bytes) -> dict[str, Any]:
    try:
        answer = run_child("employers.sheet_child", {}, data, cpu_seconds=CPU_SECONDS, memory_bytes=MEMORY_BYTES)
    except CannotFinish:
        answer = {"refused": {"code": "bomb", "facts": {}}}
    if "refused" in answer:
        code = answer["refused"]["code"]
        raise CannotImportList(refusal(code, answer["refused"]["facts"]), code=code)
    return answer["read"]


def remembered(hub: Hub) -> dict[str, str]:
    """What headings mean in this hub's lists, as somebody said."""
    return dict(ColumnMeaning.objects.filter(hub=hub).values_list("words", "field"))


def say_columns(kept: EmployerImport, columns: list[str], *, by: Actor, now: dt.datetime) -> None:
    """Which column is which, remembered by its heading for the hub's next list. Raises `Refused` when none is the
    name, or one field is said twice."""
    need_staff(kept.hub, by)
    fields = [one for one in columns if one]
    if len(columns) != len(kept.header) or set(fields) - set(field_names()):
        raise Refused(_("Say for each column what it is."))
    if "name" not in fields:
        raise Refused(_("Say which column is the name of the employer."))
    twice = next((one for one in fields if fields.count(one) > 1), None)
    if twice:
        raise Refused(_("Two columns are “%(field)s”. Choose one of them.") % {"field": field_names()[twice]})
    with transaction.atomic():
        _still_waiting(kept, "choices")
        for words, one in zip(heading_keys(kept.header), columns, strict=True):
            if words:
                ColumnMeaning.objects.update_or_create(hub=kept.hub, words=words, defaults={"field": one})
        kept.columns = columns
        kept.save(update_fields=["columns"])


def choose(kept: EmployerImport, choices: dict[int, str], *, by: Actor, now: dt.datetime) -> None:
    """What is said of single lines: "new", "out", or the key of an employer or line it is one with."""
    need_staff(kept.hub, by)
    with transaction.atomic():
        _still_waiting(kept, "choices")
        kept.choices = {**kept.choices, **{str(line): choice for line, choice in choices.items()}}
        kept.save(update_fields=["choices"])


def choose_for_the_rest(kept: EmployerImport, choice: str, *, by: Actor, now: dt.datetime) -> None:
    """The same word, NEW or OUT, for all lines nobody has decided."""
    if choice not in (NEW, OUT):
        raise Refused(_("Say whether these lines are new or left out."))
    choose(kept, {line.row.line: choice for line in plan_import(kept).undecided}, by=by, now=now)


def _still_waiting(kept: EmployerImport, *fields: str) -> None:
    lock_state(kept, *fields)
    if kept.state != EmployerImport.State.WAITING:
        raise Refused(_("This list is %(state)s already.") % {"state": kept.get_state_display()}, code="over")


def drop_list(kept: EmployerImport, *, by: Actor, now: dt.datetime) -> None:
    """Put the list aside; what was read of it is forgotten."""
    move(kept, "dropped", by=by, now=now, also=FORGOTTEN)


def confirm_list(kept: EmployerImport, *, seen: str, inviting: bool, by: Actor, now: dt.datetime) -> None:
    """Import a short list at once; leave a long one, after the same checks, to the job (`employers/import_jobs.py`),
    which asks once more. Raises what `import_list` does."""
    if len(kept.lines) <= AT_ONCE:
        return import_list(kept, seen=seen, inviting=inviting, by=by, now=now)
    with transaction.atomic():
        lock_state(kept, "lines", "columns", "choices", "header", "tries")
        if kept.state in (EmployerImport.State.QUEUED, EmployerImport.State.RUNNING):
            return None  # pressed twice
        check(kept, "queued", by=by, now=now)
        _settled(kept, seen)
        also = {"confirmed_by": by.user, "seen": seen, "inviting": inviting, "tries": 0, "problem": ""}
        move(kept, "queued", by=by, now=now, also=also, lines=len(kept.lines))
    return None


def take_back_list(kept: EmployerImport, *, by: Actor, now: dt.datetime) -> None:
    """Before the job takes it up: the list waits again, as it was."""
    move(kept, "waiting", by=by, now=now, also={"confirmed_by": None, "seen": "", "inviting": False})


def _settled(kept: EmployerImport, seen: str) -> ImportPlan:
    """What it would do now. Raises `Refused` while somebody has to say or look at something first."""
    plan = plan_import(kept)
    if "name" not in kept.columns:
        raise Refused(_("Say which column is the name of the employer."))
    if plan.undecided:
        raise Refused(to_decide(len(plan.undecided)), code="undecided")
    if plan.digest != seen:
        raise Refused(_("Something changed since this list was shown. Look at it once more."), code="changed")
    if all(step.is_empty for step in plan.steps):
        raise Refused(_("Everything in this list is there already: nothing would change."), code="nothing_new")
    return plan


@transaction.atomic
def import_list(kept: EmployerImport, *, seen: str, inviting: bool, by: Actor, now: dt.datetime) -> None:
    """Carry out what was looked at, all or nothing. `seen`: the plan's digest, so that nothing else is done than was
    shown; `inviting`: contacts of new employers are invited by e-mail as their leads.

    Raises `Refused` while lines are undecided, when the plan is another by now, and when nothing would change.
    """
    # One import of a hub at a time: the second then sees what the first made.
    lock_rows(Hub.objects.filter(pk=kept.hub_id))
    lock_state(kept, "lines", "columns", "choices", "header")
    check(kept, "imported", by=by, now=now)
    # Whoever changes one of these employers is waited for; what is added is decided by what they left.
    lock_rows(Employer.objects.filter(pk__in=[step.key for step in plan_import(kept).steps if step.key > 0]))
    plan = _settled(kept, seen)
    outcome = _Outcome(kept.hub, by, now)
    for line in plan.lines:
        if line.step is not None:
            outcome.carry_out(line, line.step)
    invited, not_invited = _invite(plan, outcome, by=by, now=now) if inviting else (0, 0)
    counts: dict[str, Any] = {**plan.counts(), "invited": invited, "not_invited": not_invited}
    also = {**FORGOTTEN, "outcome": {**outcome.made, "counts": counts}, "imported_at": now, "claimed_until": None}
    move(kept, "imported", by=by, now=now, also=also, **counts)


class _Outcome:
    """Writes steps by the verbs people use, and remembers what came of them, for undoing."""

    def __init__(self, hub: Hub, by: Actor, now: dt.datetime) -> None:
        self.hub = hub
        self.how: dict[str, Any] = {"by": by, "now": now}
        self.sectors = {one.code: one for one in Sector.objects.all()}
        self.employers: dict[int, Employer] = {}
        self.made: dict[str, Any] = {
            "employers": [], "sites": [], "contacts": [], "notes": [], "changed": [], "sectors": [], "same": {},
        }  # fmt: skip

    def carry_out(self, line: PlannedLine, step: Step) -> None:
        employer = self._made(step) if step.makes else self._changed(step)
        if step.site:
            self.made["sites"].append(add_site(employer, self._site(employer, step), **self.how).pk)
        if step.contact:
            fields = {name: text for name, text in step.contact.items() if name != "person"}
            fields["name"] = step.contact.get("person") or step.contact["email"].partition("@")[0]
            self.made["contacts"].append(add_contact(employer, fields, **self.how).pk)
        if step.note:
            self.made["notes"].append(write_note(employer, step.note, **self.how).pk)
        self.made["same"][memory_key(line.row)] = employer.pk

    def _made(self, step: Step) -> Employer:
        fields: dict[str, Any] = {"name": step.name, **step.facts}
        fields["sectors"] = [self.sectors[code] for code in step.sectors]
        employer = add_employer(self.hub, fields, **self.how)
        self.employers[step.key] = employer
        self.made["employers"].append(employer.pk)
        return employer

    def _changed(self, step: Step) -> Employer:
        if step.key not in self.employers:
            self.employers[step.key] = Employer.objects.get(pk=step.key, hub=self.hub)
        employer = self.employers[step.key]
        fields: dict[str, Any] = dict(step.facts)
        if step.sectors:
            fields["sectors"] = [self.sectors[code] for code in step.sectors]
        if fields:
            change_employer(employer, fields, **self.how)
        if step.key > 0 and step.facts:
            self.made["changed"].append([employer.pk, step.facts])
        if step.key > 0 and step.sectors:
            self.made["sectors"].append([employer.pk, list(step.sectors)])
        return employer

    def _site(self, employer: Employer, step: Step) -> dict[str, str]:
        """A site has a name of its own at its employer: the town, else the address, else the postcode."""
        site = step.site
        taken = {name.lower() for name in employer.site_set.values_list("name", flat=True)}
        names = [site[one][:120] for one in ("town", "address", "postcode") if one in site]
        names += [", ".join(site[one] for one in ("address", "town", "postcode") if one in site)[:120]]
        name = next((one for one in names if one.lower() not in taken), f"{names[0][:100]} ({step.line})")
        return {"name": name, **site}


def _invite(plan: ImportPlan, outcome: _Outcome, *, by: Actor, now: dt.datetime) -> tuple[int, int]:
    """(invited, could not be): of each employer that was made the first contact with an address."""
    invited = failed = 0
    for key, contact in plan.to_invite().items():
        try:
            invite(
                outcome.hub, outcome.employers[key], email=contact["email"], name=contact.get("person", ""),
                role=Role.EMPLOYER_LEAD, by=by, now=now,
            )  # fmt: skip
            invited += 1
        except CannotAct:
            raise
        except Refused:
            failed += 1
    return invited, failed
