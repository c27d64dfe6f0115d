"""The hub's own face, and the year, clock and country it works by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.db import transaction
from django.utils.translation import gettext as _

from hubs.actors import SYSTEM, Actor
from hubs.domain.fields import only
from hubs.errors import CannotAct, Refused
from hubs.log import record
from hubs.models import Hub, Requirement, Role
from hubs.wallclock import regions

HUB_FIELDS = frozenset({"name", "colour", "logo", "language", "contact_email", "contact_phone"}) | {
    "texts_by_sms",
    "texts_by_whatsapp",
}
#: What other records are judged and told by: the log says what each was and became.
GROUND_FIELDS = frozenset({"year_starts_month", "year_starts_day", "time_zone", "jurisdiction"})

#: Upper floors add what stands in the way: (hub, which `GROUND_FIELDS` would change, now) → a sentence or None.
IN_THE_WAY: list[Callable[[Hub, frozenset[str], dt.datetime], str | None]] = []


def change_hub(hub: Hub, fields: dict, *, by: Actor, now: dt.datetime) -> None:
    """A lead of the hub changes it; the hostname is the install's business.

    Sessions keep the zone they were planned in, plans the year they were adopted for, and clearances and agreements
    the rules they were drawn up by; `Refused` where what is under way would fall between two of them.
    """
    if not by.may(hub, frozenset({Role.HUB_LEAD, SYSTEM})):
        raise CannotAct(_("Only a lead of the hub changes its settings."))
    fields = only(fields, HUB_FIELDS | GROUND_FIELDS)
    if "jurisdiction" in fields:
        fields["country"] = fields["jurisdiction"].partition("-")[0]
    with transaction.atomic():
        facts = _check_ground(hub, fields, now)
        for name, value in fields.items():
            setattr(hub, name, value)
        hub.__dict__.pop("zone", None)  # remembered of the zone before
        hub.save(update_fields=sorted(fields))
        record(hub, "changed", by=by, now=now, fields=sorted(fields), **facts)


def jurisdictions(hub: Hub) -> list[str]:
    """Those that rules are kept for, with the regions that inherit them, and the hub's own."""
    return sorted({*ruled(), hub.jurisdiction})


def ruled() -> set[str]:
    """Where rules hold: "FR" and "ES-CT" because they have some, "DE-BE" because Germany has."""
    own = set(Requirement.objects.filter(hub=None).values_list("jurisdiction", flat=True).distinct())
    return own | {f"{country}-{code}" for country in own if "-" not in country for code in regions(country)}


def _check_ground(hub: Hub, fields: dict, now: dt.datetime) -> dict:
    """{before, after} for the log, of what changes there; nothing when nothing does."""
    locked = Hub.objects.select_for_update(of=("self",), no_key=True).filter(pk=hub.pk).order_by("pk")
    kept = locked.values(*GROUND_FIELDS).get()  # `hub` may hold what a form would make of it
    changed = frozenset(name for name in GROUND_FIELDS & set(fields) if fields[name] != kept[name])
    if not changed:
        return {}
    if "jurisdiction" in changed and fields["jurisdiction"] not in ruled():
        sentence = _("No rules are kept for %(place)s. Choose one of those offered.")
        raise Refused(sentence % {"place": fields["jurisdiction"]})
    for asked in IN_THE_WAY:
        if said := asked(hub, changed, now):
            raise Refused(said)
    return {"before": {name: kept[name] for name in sorted(changed)}, "after": {n: fields[n] for n in sorted(changed)}}
