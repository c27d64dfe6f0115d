"""“We would like to take part”: written on the public site, read and answered on the hub's desk."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from employers.domain import add_contact, add_employer
from employers.models import Employer, Interest
from hubs.actors import Actor, system
from hubs.domain.people import invite
from hubs.errors import Refused
from hubs.log import record
from hubs.models import Hub, Role
from hubs.models.people import fold
from hubs.moves import lock_state, move
from hubs.outbox import occasion, queue
from hubs.recipients import hub_people

FIELDS = ("name", "person", "email", "phone", "town", "size", "words")
#: Most that wait at once: a flood fills no table, and people are told to write instead.
MOST_WAITING = 200
#: Most characters that gather in one row while it waits.
MOST_WORDS = 8000


class CannotTakeMore(Refused):
    code = "too_many"


@transaction.atomic
def offer_to_take_part(hub: Hub, fields: dict, *, now: dt.datetime) -> Interest:
    """Somebody without an account writes; the hub is told. The same address twice is one row while it waits, and
    what is new in the second message is written below the first.

    Raises `CannotTakeMore` when more wait than anybody reads.
    """
    waiting = Interest.objects.filter(hub=hub, state="open")
    same = waiting.filter(email__iexact=fields["email"]).first()
    if same is not None:
        lock_state(same, "words", "phone")
        if same.state == "open":
            return _write_below(same, fields, now=now)
    if waiting.count() >= MOST_WAITING:
        raise CannotTakeMore(_("More offers are waiting than we can read. Please write to the hub by e-mail instead."))
    row = Interest.objects.create(hub=hub, written_at=now, **{name: fields[name] for name in FIELDS})
    record(row, "written", by=system(hub.pk, via="page"), now=now)
    for person in hub_people(hub):
        queue("interest-written", row, person, now=now)
    return row


def _write_below(row: Interest, fields: dict, *, now: dt.datetime) -> Interest:
    """Nothing is written over: whoever knows the address may not be who wrote first."""
    row.phone = row.phone or fields["phone"]
    said = [fields["words"]] if fields["words"] not in row.words else []
    for name in ("name", "person", "town", "phone"):
        line = f"{Interest._meta.get_field(name).verbose_name}: {fields[name]}"
        if fields[name] and fields[name] != getattr(row, name) and line not in row.words:
            said.append(line)
    if said:
        row.words = "\n".join([*([row.words, ""] if row.words else []), f"{row.hub.today(now)}:", *said])
    if len(row.words) > MOST_WORDS:
        raise CannotTakeMore(_("You wrote to us several times already. Please write to the hub by e-mail instead."))
    Interest.objects.filter(pk=row.pk).update(words=row.words, phone=row.phone)
    if said:
        record(row, "written", by=system(row.hub_id, via="page"), now=now)
        for person in hub_people(row.hub):
            queue("interest-written", row, person, now=now, version=occasion(now))
    return row


def alike(interest: Interest) -> list[Employer]:
    """Employers of the hub that may be the same one: by name, or with a contact at this address."""
    rows = Employer.objects.filter(hub=interest.hub_id)
    name = fold(interest.name)
    found = rows.filter(name_folded=name) | rows.filter(contact__email__iexact=interest.email)
    return list(found.distinct().order_by("name", "pk")[:5])


@transaction.atomic
def take_up(interest: Interest, *, by: Actor, now: dt.datetime) -> Employer:
    """Make the employer, with the person as main contact, and invite them as its lead. Raises `Refused` when there
    is one of that name, or the address belongs here already."""
    lock_state(interest)
    fields = {"name": interest.name, "size": interest.size}
    employer = add_employer(interest.hub, fields, by=by, now=now)
    contact = {"name": interest.person, "email": interest.email, "phone": interest.phone}
    add_contact(employer, contact, by=by, now=now)
    move(interest, "taken_up", by=by, now=now, also={"employer": employer})
    invite(interest.hub, employer, email=interest.email, name=interest.person, role=Role.EMPLOYER_LEAD, by=by, now=now)
    return employer


def set_aside(interest: Interest, reason: str, *, by: Actor, now: dt.datetime) -> None:
    """Not now, or not meant seriously. Raises `Refused` without a reason."""
    if not reason.strip():
        raise Refused(_("Say why in a few words, for whoever looks next."))
    move(interest, "set_aside", by=by, now=now, reason=reason)


def reopen(interest: Interest, *, by: Actor, now: dt.datetime) -> None:
    """Look at it again after all."""
    move(interest, "open", by=by, now=now)
