"""The words for what young people practise: the same in every hub, in every language. What an offer says in other
words stands as it was written."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

SKILLS = {
    "listening": _("listening"),
    "speaking": _("speaking"),
    "teamwork": _("working with others"),
    "leadership": _("leading"),
    "problem-solving": _("solving problems"),
    "creativity": _("having ideas"),
    "planning": _("planning"),
    "adapting": _("adapting to what is new"),
    "digital": _("digital tools"),
    "numbers": _("working with numbers"),
    "writing": _("writing"),
    "languages": _("other languages"),
    "craft": _("working with their hands"),
    "customers": _("dealing with customers"),
    "safety": _("working safely"),
}
MOST = 12
LONGEST = 60


def words(codes: Iterable[str]) -> list[str]:
    """What people say for each, in the order given."""
    return [str(SKILLS.get(code, code)) for code in codes]
