"""What happens to employers: who they are, where and through whom. Papers: `employers/paperwork.py`."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from employers.models import Contact, Employer, Sector, Site, Volunteer
from employers.models.organisation import ACCESS
from hubs.actors import SYSTEM, Actor
from hubs.domain.fields import OF_THE_HUB, check_fields_of_the_hub, only, save_named
from hubs.errors import CannotAct, Refused
from hubs.log import record
from hubs.models import HUB_STAFF, Hub, Role

KEEPERS = frozenset({Role.EMPLOYER_LEAD, SYSTEM}) | HUB_STAFF

EMPLOYER_FIELDS = OF_THE_HUB | {
    "name", "number", "size", "website", "about", "language", "wants_asking_per_month", "sectors",
}  # fmt: skip
SITE_FIELDS = frozenset({"name", "address", "town", "postcode", "latitude", "longitude", "access", *ACCESS})
CONTACT_FIELDS = frozenset({"name", "job_title", "email", "phone", "language", "is_main"})
VOLUNTEER_FIELDS = frozenset({"name", "email", "job_title", "prepared_on", "prepared_until", "is_active"})


def load_sectors() -> int:
    """The pupil-facing fields of work, mapped to ISIC Rev. 4 sections. Returns how many there are."""
    rows = json.loads((Path(__file__).parent / "data" / "sectors.json").read_text(encoding="utf-8"))
    for row in rows:
        Sector.objects.update_or_create(code=row["code"], defaults={"name": row["name"], "isic_section": row["isic"]})
    return len(rows)


# ---- The organisation ---------------------------------------------------------


def add_employer(hub: Hub, fields: dict, *, by: Actor, now: dt.datetime) -> Employer:
    """A new employer of the hub; only the hub adds one. `sectors` is a list of Sector."""
    employer = Employer(hub=hub, created_at=now)
    if not by.may(employer, HUB_STAFF | {SYSTEM}):
        raise CannotAct(_("Only the hub adds employers."))
    _save_employer(employer, fields, "added", by=by, now=now)
    return employer


def change_employer(employer: Employer, fields: dict, *, by: Actor, now: dt.datetime) -> None:
    """Its lead or the hub changes what is known of it; `manager` and `is_active` only the hub."""
    need_keeper(employer, by)
    _save_employer(employer, fields, "changed", by=by, now=now)


def _save_employer(employer: Employer, fields: dict, verb: str, *, by: Actor, now: dt.datetime) -> None:
    fields = only(fields, EMPLOYER_FIELDS)
    check_fields_of_the_hub(employer, fields, by=by)
    if employer.merged_into_id:
        raise Refused(put_away(employer), code="merged")
    _apply(employer, {name: value for name, value in fields.items() if name != "sectors"})
    with transaction.atomic():
        save_named(employer, _("There is an employer called “%(name)s” already."))
        if "sectors" in fields:
            employer.sectors.set(fields["sectors"])
        record(employer, verb, by=by, now=now, fields=sorted(fields))


# ---- Sites, contacts, volunteers ---------------------------------------------


def add_site(employer: Employer, fields: dict, *, by: Actor, now: dt.datetime) -> Site:
    """A workplace. Coordinates in degrees, both or neither."""
    return _add(Site, employer, only(fields, SITE_FIELDS), by=by, now=now)


def change_site(site: Site, fields: dict, *, by: Actor, now: dt.datetime) -> None:
    """Raises `CannotAct`, and `Refused` when another site has the name."""
    _change(site, only(fields, SITE_FIELDS), by=by, now=now)


def add_contact(employer: Employer, fields: dict, *, by: Actor, now: dt.datetime) -> Contact:
    """A person the hub may reach; the first one is the main contact."""
    fields = only(fields, CONTACT_FIELDS)
    with transaction.atomic():
        if not Contact.objects.filter(employer=employer, is_main=True).exists():
            fields["is_main"] = True
        return _add(Contact, employer, fields, by=by, now=now)


def change_contact(contact: Contact, fields: dict, *, by: Actor, now: dt.datetime) -> None:
    """Making somebody the main contact takes that from whoever was it; `Refused` when nobody would be."""
    fields = only(fields, CONTACT_FIELDS)
    if contact.is_main and fields.get("is_main") is False:
        raise Refused(_("Somebody has to be the main contact. Make another person the main contact instead."))
    _change(contact, fields, by=by, now=now)


def remove_contact(contact: Contact, *, by: Actor, now: dt.datetime) -> None:
    """The main contact goes only when nobody else is left to be it."""
    need_keeper(contact, by)
    others = Contact.objects.filter(employer=contact.employer_id).exclude(pk=contact.pk)
    if contact.is_main and others.exists():
        raise Refused(_("Make another person the main contact first."))
    with transaction.atomic():
        record(contact, "removed", by=by, now=now)
        contact.delete()


def add_volunteer(employer: Employer, fields: dict, *, by: Actor, now: dt.datetime) -> Volunteer:
    """Somebody of the employer who meets students. Days are local dates."""
    return _add(Volunteer, employer, only(fields, VOLUNTEER_FIELDS), by=by, now=now)


def change_volunteer(volunteer: Volunteer, fields: dict, *, by: Actor, now: dt.datetime) -> None:
    """Raises `CannotAct`."""
    _change(volunteer, only(fields, VOLUNTEER_FIELDS), by=by, now=now)


# ---- Shared ------------------------------------------------------------------


def put_away(employer: Employer) -> str:
    """Where a record went that was put together with another."""
    return _("This record was put together with “%(name)s”. Change that one.") % {"name": employer.merged_into}


def need_keeper(row, by: Actor) -> None:
    if not by.may(row, KEEPERS):
        raise CannotAct(_("Only a lead of the employer or the hub changes this."))


def _apply(row, fields: dict) -> None:
    for name, value in fields.items():
        setattr(row, name, value)


def _add(model, employer: Employer, fields: dict, *, by: Actor, now: dt.datetime):
    row = model(hub=employer.hub, employer=employer)
    need_keeper(row, by)
    return _saved(row, fields, "added", by=by, now=now)


def _change(row, fields: dict, *, by: Actor, now: dt.datetime) -> None:
    need_keeper(row, by)
    _saved(row, fields, "changed", by=by, now=now)


def _saved(row, fields: dict, verb: str, *, by: Actor, now: dt.datetime):
    with transaction.atomic():
        if fields.get("is_main"):
            Contact.objects.filter(employer=row.employer_id, is_main=True).exclude(pk=row.pk).update(is_main=False)
        _apply(row, fields)
        save_named(row, _("You have one called “%(name)s” already. Give this one another name."))
        record(row, verb, by=by, now=now, fields=sorted(fields))
    return row
