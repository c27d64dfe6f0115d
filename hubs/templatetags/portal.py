"""What templates say with words and icons: `hubs.words` as filters, and tones."""

from __future__ import annotations

import uuid

from django import template
from django.forms import BoundField, ChoiceField
from django.forms.models import ModelChoiceField
from django.utils.html import format_html
from django.utils.translation import get_language

from hubs import words
from hubs.languages import same
from hubs.once import FIELD

register = template.Library()

for say in (words.day, words.days, words.times, words.distance, words.late):
    register.filter(say.__name__, say)

_TONE_ICONS = {
    "good": "check-circle",
    "attention": "exclamation-triangle",
    "stop": "no-symbol",
    "information": "information-circle",
    "waiting": "clock",
    "plain": "minus-circle",
}
_MESSAGE_TONES = {"success": "good", "warning": "attention", "error": "stop"}
_VERDICT_TONES = {"fits": "good", "fits_at_cost": "attention", "cannot": "stop"}


@register.filter
def tone_icon(tone: str) -> str:
    """The icon of a tone (good, attention, stop, information, waiting, plain)."""
    return _TONE_ICONS.get(tone, _TONE_ICONS["plain"])


@register.filter
def message_tone(level_tag: str) -> str:
    """The tone of a Django message's level."""
    return _MESSAGE_TONES.get(level_tag, "information")


@register.filter
def verdict_tone(verdict: str) -> str:
    """The tone of a fit's verdict: fits, fits_at_cost, cannot."""
    return _VERDICT_TONES.get(verdict, "information")


@register.filter
def short_of(whole: int | None, part: int | None) -> int:
    """`whole` less `part`, never below nothing: the places that are left."""
    return max((whole or 0) - (part or 0), 0)


@register.simple_tag
def lang(code: str) -> str:
    """The attribute of an element whose text is in `code`; nothing where the page around it is."""
    here = get_language() or ""
    return format_html(' lang="{}"', code) if code and not same(code, here) else ""


@register.filter
def in_language(text, code: str):
    """A text of `code` amid a sentence of the page, marked where the two differ."""
    attribute = lang(code)
    return format_html("<span{}>{}</span>", attribute, text) if attribute else text


@register.simple_tag
def once() -> str:
    """The hidden field of a form whose view is wrapped in `hubs.once.once`: sent twice, done once."""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, uuid.uuid4().hex)


@register.filter
def with_capitals(field: BoundField) -> BoundField:
    """The field, each choice beginning with a capital: states and kinds are named for the middle of a sentence, and
    in a form they stand alone. What people typed (the rows of a table) stays as they typed it."""
    known = field.field
    if isinstance(known, ModelChoiceField):
        if known.empty_label:
            known.empty_label = _capital(known.empty_label)
    elif isinstance(known, ChoiceField):
        known.widget.choices = [_choice(*one) for one in known.widget.choices]
    return field


def _choice(value, label):
    if isinstance(label, list | tuple):  # a named group of choices
        return _capital(value), [_choice(*one) for one in label]
    return value, label if str(value).isdigit() else _capital(label)  # a number is a row of a table


def _capital(label):
    """A first word with a capital in it, such as a trade name, is left alone."""
    text = str(label)
    return text[:1].upper() + text[1:] if text.split(maxsplit=1)[:1] and text.split(maxsplit=1)[0].islower() else label
