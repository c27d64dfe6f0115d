"""The world the walk goes through has something to leak everywhere."""

from __future__ import annotations

import pytest

from tests.isolation import filling

pytestmark = pytest.mark.django_db


def test_world_has_a_row_of_every_model_for_every_tenant(world):
    missing = [
        f"{model._meta.label} of {tenant}"
        for model in filling.tenant_models()
        for tenant in filling.tenants_of(model, world)
        if not filling.rows_of(model, tenant).exists()
    ]
    assert missing == []
