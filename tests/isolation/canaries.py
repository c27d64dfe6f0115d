"""Every free-text field of every row is given a canary that says whose it is.

A canary reads `CANARY-<TENANT>-<SIGHT>`; the sight says who beyond the tenant may read it:

- OPEN: anybody (an employer's name and what it publishes, the hub's own words for everyone);
- SHARED: also the other side of a placement the employer was asked about;
- HOSTED: a student in an accepted placement; also the employer that accepted it;
- PERSON: a person with an account; the team they belong to, and the hub's staff;
- PRIVATE: the tenant and its hub's staff only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from allauth.account.models import EmailAddress
from django.apps import apps
from django.db import models

from cms.models import StandardPage
from employers.models import Employer, Site, StandardsFramework
from hubs.models import Hub, LogEntry, Organisation, User
from hubs.models.people import fold
from hubs.scoping import HubOwned
from opportunities.models import (
    ActionPlanTemplate,
    DayPlan,
    EncounterType,
    Opportunity,
    Pathway,
    TemplateStep,
)
from placements.models import Placement, Signature
from schools.models import BellPeriod, Group, School, Student, YearGroup

FOUND = re.compile(r"canary-([a-z]+-[a-z]+)", re.IGNORECASE)
SHORTEST = 30  # characters a field must hold for a canary to fit

#: Text that the code reads rather than people: a canary there would only break the row.
MACHINE = frozenset(
    {
        "kind", "state", "code", "key", "language", "time_zone", "jurisdiction", "colour", "hostname", "slug", "format",
        "week_letter", "letter", "sha256", "text_sha256", "input_sha256", "token_hash", "nonce", "fingerprint",
        "mimetype", "file", "etag", "last_modified", "purpose", "subject_type", "lease", "provider_id", "verb", "hat",
        "digest", "via", "from_state", "to_state", "channel", "version", "role", "band", "name_folded", "number",
        "due_zone", "followed_by", "sealed", "sealed_sha256", "standard", "item",
        "credential", "kid", "private",
        "scan_type",
    }
)  # fmt: skip
#: Rows anybody may read once they are published, and the fields of them that stay inside.
OPEN_MODELS = (EncounterType, ActionPlanTemplate, TemplateStep, DayPlan, Site, StandardsFramework)
INSIDE = frozenset({"comment", "supervisor", "stand_in"})
PUBLIC_OF_EMPLOYER = frozenset({"name", "about", "website"})
#: What the other side of a placement needs to know of the school.
PRACTICAL = frozenset({"name", "address", "town", "postcode", "safeguarding_contact", "emergency_phone"})


def in_text(text: str) -> set[str]:
    """The canaries in a body, as `TENANT-SIGHT`."""
    return {found.upper() for found in FOUND.findall(text)}


def models_of_tenants() -> list[type[models.Model]]:
    """Every concrete model with a hub, and the children that carry words of such a row."""
    owned = [one for one in apps.get_models() if issubclass(one, HubOwned) and one is not Organisation]
    return [*owned, TemplateStep, BellPeriod]


def mark_all(tenant_of: dict[tuple[str, int], str]) -> None:
    """Put canaries everywhere. `tenant_of` names the tenant of ("organisation", pk) and ("hub", pk)."""
    for model in models_of_tenants():
        if model is LogEntry:
            continue  # the database refuses to change it; its canary is written with it
        for row in model._base_manager.all():
            _mark(row, tenant_of[owner_of(row)])
    _mark_people(tenant_of)


def owner_of(row: models.Model) -> tuple[str, int]:
    """Whose row it is: the school's before the employer's, the hub's when it names neither."""
    if isinstance(row, TemplateStep):
        row = row.template
    if isinstance(row, BellPeriod):
        row = row.schedule
    if isinstance(row, Organisation):
        return "organisation", row.pk
    for name in ("school_id", "employer_id", "organisation_id"):
        if getattr(row, name, None):
            return "organisation", getattr(row, name)
    return "hub", row.hub_id


def _mark(row: models.Model, tenant: str) -> None:
    values = {
        field.attname: _canary(field, f"{tenant}-{_sight(row, field.name)}".upper(), row.pk)
        for field in fields_of(type(row))
    }
    if not values:
        return
    if isinstance(row, Organisation):
        name = values.pop("name")
        Organisation.objects.filter(pk=row.pk).update(name=name, name_folded=fold(name)[:200])
    if values:
        type(row)._base_manager.filter(pk=row.pk).update(**values)


def fields_of(model: type[models.Model]) -> Iterator[models.Field]:
    """The free-text fields of a model."""
    for field in model._meta.concrete_fields:
        words = isinstance(field, models.CharField | models.TextField) and not isinstance(field, models.SlugField)
        long_enough = field.max_length is None or field.max_length >= SHORTEST
        if words and long_enough and not field.choices and field.name not in MACHINE:
            yield field


def _canary(field: models.Field, tag: str, pk: int) -> str:
    text = f"CANARY-{tag} {field.name} {pk}"
    if isinstance(field, models.EmailField) or (field.name == "address" and field.max_length == 254):
        text = f"canary-{tag.lower()}.{pk}@example.org"
    elif isinstance(field, models.URLField):
        text = f"https://canary-{tag.lower()}.example.org/{pk}"
    return text[: field.max_length] if field.max_length else text


def _sight(row: models.Model, name: str) -> str:
    if isinstance(row, Employer):
        return "OPEN" if name in PUBLIC_OF_EMPLOYER else "PRIVATE"
    if isinstance(row, School):
        return "SHARED" if name in PRACTICAL else "PRIVATE"
    if isinstance(row, Opportunity):
        return "OPEN" if row.state == "published" and name not in INSIDE else "PRIVATE"
    if isinstance(row, Pathway):
        return "OPEN" if row.state == "published" else "PRIVATE"
    if isinstance(row, OPEN_MODELS):
        return "OPEN"
    if isinstance(row, Group | YearGroup):
        return "SHARED"
    if isinstance(row, Student):
        return "HOSTED" if _is_hosted(row) else "PRIVATE"
    if isinstance(row, Signature):
        return "HOSTED" if row.party == "host" else "PRIVATE"
    if isinstance(row, Placement):
        return "SHARED" if row.offered_at else "PRIVATE"
    return "PRIVATE"


def _is_hosted(student: Student) -> bool:
    return student.placements.filter(placement__state__in=["accepted", "ready"]).exists()


def _mark_people(tenant_of: dict[tuple[str, int], str]) -> None:
    for user in User.objects.prefetch_related("memberships"):
        place = user.memberships.first()
        if place is None:
            continue
        tenant = tenant_of[owner_of(place)]
        user.name = f"CANARY-{tenant}-PERSON {user.name}".replace(tenant, tenant.upper())
        user.email = f"canary-{tenant}-person.{user.pk}@example.org"
        user.save(update_fields=["name", "email"])
        EmailAddress.objects.filter(user=user).update(email=user.email)


def mark_site(hub: Hub, tenant: str) -> dict[str, int]:
    """A draft page that only the hub's staff may read; its page, by kind."""
    title = f"CANARY-{tenant.upper()}-PRIVATE page"
    page = hub.site.root_page.add_child(instance=StandardPage(title=title, slug=f"draft-{tenant}", live=False))
    return {"page": page.pk, "revision": page.save_revision().pk}
