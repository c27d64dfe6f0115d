"""A row of every tenant's model for every tenant that has none yet, from the model's own fields."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.files.base import ContentFile
from django.db import models

from employers.models.organisation import EmployerOwned
from hubs.models import Hub, Organisation, Requirement, User
from hubs.scoping import HubOwned
from placements.models import Placement
from schools.models.school import SchoolOwned
from tests.cast import NOW

if TYPE_CHECKING:
    from tests.isolation.world import World

Tenant = Hub | Organisation

#: What a field's kind does not tell, because a constraint of the table asks for more.
GIVEN: dict[str, dict[str, Any]] = {
    "employers.answer": {"level": 2},
    "employers.employerimport": {"header": ["Name"], "columns": ["name"], "lines": [[2, ["Walked Works"]]]},
    "hubs.message": {"key": "filled"},
    "hubs.partnerendpoint": {"address": "https://filled.example.org/in", "kinds": ["placement"]},
    "opportunities.cap": {"per": "employer_month", "most": 500},
    "placements.replyfile": {"state": "held", "file": ContentFile(b"%PDF-1.4 words", "map.pdf")},
    "placements.sessionmove": {"state": "dropped"},  # one that is asked for lets nobody book
    "placements.studentday": {"ends_at": NOW + dt.timedelta(hours=1)},
    "schools.eventrule": {"kind": "closure"},
    "schools.lesson": {"ends_at": dt.time(11)},
}

#: What may be empty, but not all at once.
ALSO = {"placements.calendarclash": {"wish"}}


def tenant_models() -> list[type[HubOwned]]:
    return [one for one in apps.get_models() if issubclass(one, HubOwned) and not issubclass(one, Organisation)]


def tenants_of(model: type[HubOwned], world: World) -> list[Tenant]:
    """Those who can have a row of the model: its schools, its employers, both, or the hubs."""
    organisations = list(world.organisations.values())
    if issubclass(model, SchoolOwned):
        return [one for one in organisations if one.kind == "school"]
    if issubclass(model, EmployerOwned):
        return [one for one in organisations if one.kind == "employer"]
    if model is Placement or _has(model, "organisation"):
        return organisations
    return list(world.hubs.values())


def rows_of(model: type[models.Model] | str, tenant: Tenant) -> models.QuerySet:
    found = apps.get_model(model) if isinstance(model, str) else model
    if isinstance(tenant, Hub):
        return found._base_manager.filter(hub_id=tenant.pk).order_by("pk")
    column = tenant.kind if _has(found, tenant.kind) else "organisation" if _has(found, "organisation") else None
    if column is None:
        return found._base_manager.none()
    return found._base_manager.filter(**{f"{column}_id": tenant.pk}).order_by("pk")


def _has(model: type[models.Model], name: str) -> bool:
    return any(field.name == name for field in model._meta.concrete_fields)


def fill(world: World) -> None:
    for model in tenant_models():
        for tenant in tenants_of(model, world):
            row_of(model, tenant)


def row_of(model: type[models.Model], tenant: Tenant) -> models.Model:
    """The tenant's first row of the model, made when there is none."""
    return rows_of(model, tenant).first() or _make(model, tenant)


def _make(model: type[models.Model], tenant: Tenant) -> models.Model:
    values = dict(GIVEN.get(model._meta.label_lower, {}))
    for field in model._meta.concrete_fields:
        if field.name in values or field.primary_key:
            continue
        if _must_be_given(field, tenant) or field.name in ALSO.get(model._meta.label_lower, ()):
            values[field.name] = _value(field, tenant)
    if "key" in values and model._meta.label_lower == "hubs.message":
        values["key"] = f"filled {tenant.pk} {type(tenant).__name__}"
    if model._meta.label_lower == "placements.calendaranswer":
        values["address"] = f"filled-{tenant.pk}@example.org"  # one event of the hub may be several schools'
    return model._base_manager.create(**values)


def _must_be_given(field: models.Field, tenant: Tenant) -> bool:
    if isinstance(field, models.ForeignKey) and field.name in ("hub", "organisation", getattr(tenant, "kind", "hub")):
        return True
    return not (field.null or field.has_default() or field.blank or getattr(field, "auto_now_add", False))


def _value(field: models.Field, tenant: Tenant) -> Any:
    if isinstance(field, models.ForeignKey):
        return _related(field.related_model, tenant)
    if field.choices:
        return field.choices[0][0]
    plain = {
        models.DateTimeField: NOW,
        models.DateField: NOW.date(),
        models.TimeField: dt.time(10),
        models.BooleanField: True,
        models.BinaryField: b"words",
        models.URLField: "https://calendar.example/",
        models.JSONField: ["A"],
    }
    for kind, value in plain.items():
        if isinstance(field, kind):
            return value
    if isinstance(field, models.IntegerField | models.DecimalField):
        return 1
    return f"{field.name}"[: field.max_length or 20]


def _related(model: type[models.Model], tenant: Tenant) -> models.Model:
    if model is Hub:
        return tenant if isinstance(tenant, Hub) else tenant.hub
    if model is Organisation:
        return tenant
    if model is User:
        return User.objects.filter(memberships__hub=_related(Hub, tenant)).first()
    if model is Requirement:
        return Requirement.objects.first()
    own = model._base_manager.filter(pk=tenant.pk) if isinstance(tenant, Organisation) else model.objects.none()
    if issubclass(model, Organisation) and own.exists():
        return own.get()
    if not hasattr(model, "hub"):
        return model._base_manager.first()
    hub = _related(Hub, tenant)
    found = rows_of(model, tenant) if isinstance(tenant, Organisation) else model._base_manager.none()
    # What is not the tenant's own is its hub's, or somebody's of the same hub.
    return found.first() or model._base_manager.filter(hub=hub).order_by("pk").first() or _make(model, hub)
