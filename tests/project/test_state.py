"""State has one door: no form and no serializer writes it."""

from __future__ import annotations

import gc

import pytest
from django.forms.models import BaseModelForm, modelform_factory
from django.urls import get_resolver
from rest_framework.serializers import ModelSerializer
from wagtail.admin.viewsets import viewsets

from employers.api import DocumentSerializer
from employers.models import Document
from hubs.viewsets import HubViewSet
from opportunities.models import ActionPlanTemplate
from tests.project.test_models import stateful


def all_below(cls: type) -> set[type]:
    found, new = set(), {cls}
    while new:
        new = {one for parent in new for one in type.__subclasses__(parent)} - found
        found |= new
    return found


def of_state(cls: type) -> bool:
    """Whether the class is the product's, over a model that has a state."""
    model = getattr(getattr(cls, "Meta", None), "model", None)
    return model in stateful() and not cls.__module__.startswith("tests.")


@pytest.fixture(scope="module")
def loaded():
    """Every page, route of the API and view of the back office, with the forms Wagtail makes."""
    gc.collect()
    return get_resolver().url_patterns


@pytest.fixture(scope="module")
def model_forms(loaded) -> set[type[BaseModelForm]]:
    made = {one.get_form_class() for one in viewsets.viewsets if isinstance(one, HubViewSet)}
    return {form for form in all_below(BaseModelForm) | made if of_state(form)}


@pytest.fixture(scope="module")
def model_serializers(loaded) -> set[type[ModelSerializer]]:
    return {one for one in all_below(ModelSerializer) if of_state(one)}


def writes_state(form_or_serializer: type) -> bool:
    if issubclass(form_or_serializer, BaseModelForm):
        field = form_or_serializer.base_fields.get("state")
        return field is not None and not field.disabled
    field = form_or_serializer().fields.get("state")
    return field is not None and not field.read_only


def test_no_form_writes_a_state(model_forms):
    assert ActionPlanTemplate in {form._meta.model for form in model_forms}
    assert [form for form in model_forms if writes_state(form)] == []


def test_no_serializer_writes_a_state(model_serializers):
    assert DocumentSerializer in model_serializers
    assert [one for one in model_serializers if writes_state(one)] == []


def test_a_form_and_a_serializer_that_did_would_be_found():
    class Leak(ModelSerializer):
        class Meta:
            model = Document
            fields = ("state",)

    assert [writes_state(Leak), writes_state(modelform_factory(Document, fields=["state"]))] == [True, True]
