"""Which of a hub's employers may be the same."""

from __future__ import annotations

from collections.abc import Iterable

from employers.models import Contact, Employer, Site
from employers.sheet_alike import Firm, Likeness, Register, bare_postcode, domains_of
from hubs.models import Hub


def register_of(hub: Hub) -> Register:
    """The hub's employers, three statements. A record that was put into another stands for that one: its name and
    number go on leading there."""
    emails = _gathered(Contact.objects.filter(hub=hub).exclude(email="").values_list("employer_id", "email"))
    places = _gathered(Site.objects.filter(hub=hub).exclude(postcode="").values_list("employer_id", "postcode"))
    register = Register()
    rows = Employer.objects.filter(hub=hub).order_by("pk")
    for pk, into, name, number, website in rows.values_list("pk", "merged_into", "name", "number", "website"):
        key = into or pk
        postcodes = frozenset(bare_postcode(one) for one in places.get(key, ()))
        register.add(Firm(key, name, number, domains_of(website, *emails.get(key, ())), postcodes))
    return register


def _gathered(pairs: Iterable[tuple[int, str]]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


def like(employer: Employer) -> list[Likeness]:
    """Others of the hub that may be the same as this one, the likeliest first."""
    emails = Contact.objects.filter(employer=employer).exclude(email="").values_list("email", flat=True)
    places = Site.objects.filter(employer=employer).exclude(postcode="").values_list("postcode", flat=True)
    postcodes = frozenset(bare_postcode(one) for one in places)
    firm = Firm(employer.pk, employer.name, employer.number, domains_of(employer.website, *emails), postcodes)
    return [one for one in register_of(employer.hub).like(firm) if one.firm.key != employer.pk]
