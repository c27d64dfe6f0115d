"""A choice that stands alone in a form begins with a capital; in a sentence, and as people typed it, it does not."""

from __future__ import annotations

import pytest
from django import forms
from django.db import models

from hubs.forms_hub import zone_words


class Kind(models.TextChoices):
    RISK = "risk", "risk check"
    BRAND = "brand", "iPad course"


class Asked(forms.Form):
    kind = forms.ChoiceField(choices=[("", "any kind"), *Kind.choices])
    group = forms.ChoiceField(choices=[(7, "ten a"), ("named", [("late", "late ones")])])


def test_choices_of_a_form_begin_with_a_capital():
    drawn = Asked().as_p() + Asked()["kind"].as_field_group() + Asked()["group"].as_field_group()
    fields = Asked()["kind"].as_field_group() + Asked()["group"].as_field_group()
    for words in (">Any kind<", ">Risk check<", ">iPad course<", ">ten a<", ">Late ones<", 'label="Named"'):
        assert words in fields
    assert ">risk check<" in drawn  # outside a form of the portal nothing is changed


@pytest.mark.parametrize(("zone", "words"), [
    ("Europe/London", "London (Europe)"),
    ("America/Argentina/Buenos_Aires", "Buenos Aires (Argentina, America)"),
    ("UTC", "UTC"),
])  # fmt: skip
def test_a_zone_is_named_by_its_town(zone, words):
    assert zone_words(zone) == words
