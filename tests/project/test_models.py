"""What every model must have, whoever adds it."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models
from django.db.models import CheckConstraint, Q

from hubs.models import Hub
from hubs.scoping import HubOwned, HubOwnedQuerySet

OURS = ("hubs", "employers", "schools", "opportunities", "placements", "cms", "insights")
#: Models that are nobody's tenant row, and why.
NOT_HUB_OWNED = {
    "hubs.Hub": "the tenant itself",
    "hubs.User": "a person may belong to several hubs",
    "hubs.ApiToken": "a person's own, for whatever that person may see",
    "hubs.Heartbeat": "a job's own, for the whole install",
    "hubs.ProviderCall": "a provider's own mark, without anything about anybody",
    "hubs.Requirement": "rules of a country, read by every hub of it",
    "employers.Comparison": "quartiles over the employers of several hubs, of nobody's own",
    "employers.Sector": "one shared vocabulary",
}


def own_models() -> list[type[models.Model]]:
    return [model for app in OURS for model in apps.get_app_config(app).get_models()]


def label(model: type[models.Model]) -> str:
    return f"{model._meta.app_label}.{model.__name__}"


def is_page_or_setting(model: type[models.Model]) -> bool:
    """Wagtail scopes pages by their site's tree and settings by their site."""
    return any(parent.__module__.startswith("wagtail.") for parent in model.__mro__)


def belongs_to_hub_owned(model: type[models.Model]) -> bool:
    """A row that lives and dies with one hub-owned row is seen only through it."""
    parents = [f for f in model._meta.get_fields() if isinstance(f, models.ForeignKey) and not f.null]
    return any(issubclass(f.related_model, HubOwned) and f.remote_field.on_delete is models.CASCADE for f in parents)


def test_migrations_are_complete(db):
    call_command("makemigrations", "--check", "--dry-run", verbosity=1)


def test_every_model_is_hub_owned_or_says_why_not():
    missing = [
        label(model)
        for model in own_models()
        if not issubclass(model, HubOwned)
        and not is_page_or_setting(model)
        and not belongs_to_hub_owned(model)
        and label(model) not in NOT_HUB_OWNED
    ]
    assert missing == []


@pytest.mark.parametrize("model", [m for m in own_models() if issubclass(m, HubOwned)], ids=label)
def test_hub_owned_model_has_its_hub_and_is_scoped(model):
    field = model._meta.get_field("hub")
    assert (field.related_model, field.null) == (Hub, False)
    assert isinstance(model._default_manager.all(), HubOwnedQuerySet)
    for entry in model.seen_by:
        path, condition = (entry, None) if isinstance(entry, str) else entry
        # Both must be real: a path that no longer resolves would fail at the first request.
        rows = model.objects.filter(**{f"{path}__in": [0]})
        str((rows.filter(condition) if condition is not None else rows).query)


def stateful() -> list[type[models.Model]]:
    return [model for model in own_models() if any(field.name == "state" for field in model._meta.fields)]


MOVED = stateful()


def choices_of(model: type[models.Model]) -> set[str]:
    return {value for value, _label in model._meta.get_field("state").flatchoices}


def test_every_state_has_its_table_of_moves():
    with_moves = [model for model in own_models() if hasattr(model, "MOVES")]
    assert with_moves == MOVED
    assert [model for model in MOVED if not issubclass(model, HubOwned)] == []


@pytest.mark.parametrize("model", MOVED, ids=label)
def test_moves_lead_from_the_first_state_to_every_other_and_nowhere_else(model):
    first = model._meta.get_field("state").get_default()
    reached, new = set(), {first}
    while new:
        reached |= new
        new = {end for start, end, *_rest in model.MOVES if start in reached} - reached
    named = {state for row in model.MOVES for state in row[:2]}
    assert (reached, named) == (choices_of(model), choices_of(model))


@pytest.mark.parametrize("model", MOVED, ids=label)
def test_moves_say_each_step_once(model):
    steps = [row[:2] for row in model.MOVES]
    assert sorted(steps) == sorted({step for step in steps if step[0] != step[1]})


def checked_values(condition: Q, field: str) -> set[str]:
    """The values a check names for this field, in whatever combination with others."""
    if condition.negated:
        return set()
    found: set[str] = set()
    for child in condition.children:
        if isinstance(child, Q):
            found |= checked_values(child, field)
        elif child[0] in (field, f"{field}__in"):
            found |= {child[1]} if child[0] == field else set(child[1])
    return found


def fields_with_choices() -> list[tuple[type[models.Model], str]]:
    return [
        (model, field.name)
        for model in own_models()
        if issubclass(model, HubOwned)
        for field in model._meta.local_fields
        if isinstance(field, models.CharField) and field.choices and field.model is model
    ]


@pytest.mark.parametrize(
    ("model", "field"), fields_with_choices(), ids=lambda part: part if isinstance(part, str) else label(part)
)
def test_choices_are_also_checked_by_the_database(model, field):
    values = {value for value, _label in model._meta.get_field(field).flatchoices}
    checks = [c for c in model._meta.constraints if isinstance(c, CheckConstraint)]
    assert values in [checked_values(c.condition, field) - {""} for c in checks]
