"""What templates say with words and icons: `hubs.words` as filters, and tones."""

from __future__ import annotations

import uuid

from django import template
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
