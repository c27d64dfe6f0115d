from __future__ import annotations

import pytest
from drf_spectacular.drainage import GENERATOR_STATS, reset_generator_stats
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from config.api import DESCRIBED

pytestmark = pytest.mark.django_db


def test_the_schema_is_valid_and_describes_every_address_without_a_doubt():
    reset_generator_stats()
    with GENERATOR_STATS.silence():
        schema = SchemaGenerator(patterns=DESCRIBED, api_version="1").get_schema(request=None, public=True)
    doubts = [str(each) for each in [*GENERATOR_STATS._error_cache, *GENERATOR_STATS._warn_cache]]
    validate_schema(schema)
    assert doubts == []
    assert "/api/v1/opportunities/{id}/send-back/" in schema["paths"]
