"""Undoing an imported list: what nothing hangs on yet goes, the rest stays and is named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, connection, models, transaction
from django.utils.translation import gettext as _

from employers.domain import change_contact, change_employer
from employers.importing import need_staff
from employers.models import Contact, Employer, EmployerImport, EvidenceFigure, Sector, Site
from hubs.actors import Actor
from hubs.errors import Refused
from hubs.locks import lock_rows
from hubs.log import record
from hubs.models import Hub, LogEntry, Note, Organisation
from hubs.moves import check, lock_state, move

#: What one import makes, by its name in the outcome.
MADE: dict[str, type[models.Model]] = {"sites": Site, "contacts": Contact, "notes": Note}


@dataclass(slots=True)
class Undoing:
    """`goes`: employers that are removed; `stays`: (employer, what hangs on it, in words). `rows`: ids that go too,
    by their name in the outcome; `facts`: (employer, names of facts that are emptied again)."""

    goes: list[Employer] = field(default_factory=list)
    stays: list[tuple[Employer, str]] = field(default_factory=list)
    rows: dict[str, list[int]] = field(default_factory=dict)
    facts: list[tuple[Employer, list[str]]] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.goes or any(self.rows.values()) or self.facts)


def plan_undo(imported: EmployerImport) -> Undoing:
    """What would go and what stays. A handful of statements for each kind of row, however many employers."""
    outcome = imported.outcome
    made = list(Employer.objects.filter(hub=imported.hub_id, pk__in=outcome.get("employers", [])).order_by("name"))
    hanging = _hanging(imported, made)
    plan = Undoing()
    for employer in made:
        if words := hanging.get(employer.pk):
            plan.stays.append((employer, ", ".join(sorted(words))))
        else:
            plan.goes.append(employer)
    gone = {employer.pk for employer in plan.goes}
    kept = {employer.pk for employer in made} - gone
    # What was put into another record since came to somebody who did not make this list.
    kept |= {employer.merged_into_id for employer in made if employer.merged_into_id}
    for name, model in MADE.items():
        owner = "organisation_id" if model is Note else "employer_id"
        rows = model._base_manager.filter(pk__in=outcome.get(name, [])).exclude(**{f"{owner}__in": kept})
        used = _used(imported, model, [pk for pk, of in rows.values_list("pk", owner) if of not in gone])
        plan.rows[name] = [pk for pk in rows.values_list("pk", flat=True) if pk not in used]
    plan.facts = _facts(imported)
    return plan


@transaction.atomic
def undo_import(imported: EmployerImport, *, by: Actor, now: dt.datetime) -> Undoing:
    """Take back what nothing hangs on. Raises `CannotMove` for a list that is not imported, `Refused` when everything
    is in use, or came into use this moment."""
    need_staff(imported.hub, by)
    lock_rows(Hub.objects.filter(pk=imported.hub_id))
    lock_state(imported, "outcome")
    check(imported, "undone", by=by, now=now)  # what was never imported made nothing, and has no moment to go by
    _hold(imported)
    plan = plan_undo(imported)
    if plan.is_empty:
        raise Refused(_("Everything of this list is in use by now, so nothing is taken back."), code="in_use")
    for employer, names in plan.facts:
        emptied = {name: [] if name == "sectors" else "" for name in names}
        change_employer(employer, emptied, by=by, now=now)
    left = _losing_contacts(plan)
    for employer in plan.goes:
        record(employer, "removed", by=by, now=now)
    for name, model in MADE.items():
        for row in model._base_manager.filter(pk__in=plan.rows[name]).order_by("pk"):
            record(row, "removed", by=by, now=now)
    try:
        with transaction.atomic():
            _remove(plan)
    except IntegrityError as clash:
        sentence = _("Somebody just added something to one of these employers. Look again.")
        raise Refused(sentence, code="in_use") from clash
    for pk in left:
        _main_contact(pk, by=by, now=now)
    counts: dict[str, Any] = {"removed": len(plan.goes), "stayed": len(plan.stays)}
    outcome = {**imported.outcome, "same": {}, "undone": counts}
    move(imported, "undone", by=by, now=now, also={"outcome": outcome}, **counts)
    return plan


def _hold(imported: EmployerImport) -> None:
    """Every employer the list made or added to: whoever changes one is waited for, and what they left is looked at."""
    outcome = imported.outcome
    pks = {*outcome.get("employers", []), *outcome.get("same", {}).values()}
    lock_rows(Employer.objects.filter(hub=imported.hub_id, pk__in=pks))


def _losing_contacts(plan: Undoing) -> list[int]:
    """Employers that stay and lose a contact, perhaps the main one."""
    gone = [employer.pk for employer in plan.goes]
    rows = Contact.objects.filter(pk__in=plan.rows["contacts"]).exclude(employer__in=gone)
    return sorted(set(rows.values_list("employer", flat=True)))


def _main_contact(employer: int, *, by: Actor, now: dt.datetime) -> None:
    """Somebody is the main contact as long as there is anybody: the one who has been there longest."""
    rows = Contact.objects.filter(employer=employer)
    first = rows.order_by("pk").first()
    if first is not None and not rows.filter(is_main=True).exists():
        change_contact(first, {"is_main": True}, by=by, now=now)


def _remove(plan: Undoing) -> None:
    """Row by row of our own, and never by cascade: what somebody added meanwhile is an error of the database, which
    is asked at once, and not a row that goes along unseen."""
    goes = [employer.pk for employer in plan.goes]
    through = Employer.sectors.through._base_manager.filter(employer_id__in=goes)
    owned = [model._base_manager.filter(pk__in=plan.rows[name]) for name, model in MADE.items()]
    owned.append(EvidenceFigure._base_manager.filter(employer_id__in=goes))
    firms = [Employer._base_manager.filter(pk__in=goes), Organisation._base_manager.filter(pk__in=goes)]
    for rows in (through, *owned, *firms):
        rows._raw_delete(rows.db)
    connection.check_constraints()


# ---- What hangs on it ----------------------------------------------------------


def _hanging(imported: EmployerImport, made: list[Employer]) -> dict[int, set[str]]:
    """Of the employers it made: what there is beyond the import itself, by kind."""
    ids = [employer.pk for employer in made]
    found: dict[int, set[str]] = {}
    ours = {model: set(imported.outcome.get(name, [])) for name, model in MADE.items()}
    for parent in (Employer, Organisation):
        for related, column in _pointing_at(parent):
            if related is EvidenceFigure:
                continue  # a job counts some for every employer, and counts them anew
            rows = related._base_manager.filter(**{f"{column}__in": ids}).exclude(pk__in=ours.get(related, ()))
            for pk in rows.values_list(column, flat=True).distinct():
                found.setdefault(pk, set()).add(str(related._meta.verbose_name_plural))
    for model in (Site, Contact):
        owners = dict(model._base_manager.filter(pk__in=ours[model], employer__in=ids).values_list("pk", "employer_id"))
        for pk in _used(imported, model, owners):
            found.setdefault(owners[pk], set()).add(str(model._meta.verbose_name_plural))
    for pk in _changed(imported, ("employers.employer", "hubs.organisation"), ids):
        found.setdefault(pk, set()).add(_("changed since"))
    return found


def _pointing_at(model: type[models.Model]) -> list[tuple[type[models.Model], str]]:
    """(model, column) of whatever names a row of `model`; not its own lists, and not what it is a kind of."""
    found = []
    for relation in model._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one)):
            continue
        column = relation.field  # type: ignore[union-attr]  # a relation from elsewhere
        its = relation.related_model
        if its is Employer.sectors.through or getattr(column.remote_field, "parent_link", False):
            continue
        found.append((its, column.attname))
    return found  # type: ignore[return-value]  # models, all of them


def _used(imported: EmployerImport, model: type[models.Model], ids: Iterable[int]) -> set[int]:
    """Of these rows: those something points at, or somebody changed since."""
    wanted = list(ids)
    if not wanted:
        return set()
    used = _changed(imported, (model._meta.label_lower,), wanted)
    for related, column in _pointing_at(model):
        used |= set(related._base_manager.filter(**{f"{column}__in": wanted}).values_list(column, flat=True))
    return used


def _changed(imported: EmployerImport, labels: tuple[str, ...], ids: list[int]) -> set[int]:
    rows = LogEntry.objects.filter(hub_id=imported.hub_id, subject_type__in=labels, subject_id__in=ids)
    return set(rows.filter(at__gt=imported.imported_at).values_list("subject_id", flat=True))


def _facts(imported: EmployerImport) -> list[tuple[Employer, list[str]]]:
    """Facts added to employers that were there before, and that still read as the list said."""
    outcome = imported.outcome
    ids = {pk for name in ("changed", "sectors") for pk, _said in outcome.get(name, [])} - set(outcome["employers"])
    live = Employer.objects.filter(hub=imported.hub_id, merged_into__isnull=True)  # one put away is changed no more
    rows = live.prefetch_related("sectors").in_bulk(ids)
    found: dict[int, list[str]] = {}
    for pk, facts in outcome.get("changed", []):
        if pk in rows:
            found.setdefault(pk, []).extend(n for n, value in facts.items() if getattr(rows[pk], n) == value)
    codes = {one.code: one.pk for one in Sector.objects.all()}
    for pk, said in outcome.get("sectors", []):
        if pk in rows and {one.pk for one in rows[pk].sectors.all()} == {codes[code] for code in said if code in codes}:
            found.setdefault(pk, []).append("sectors")
    return [(rows[pk], names) for pk, names in found.items() if names]
