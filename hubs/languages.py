"""Two languages may meet on a page: that of its frame, and that of what is translated as data.

A page is framed only in languages all of its sentences are in (`settings.LANGUAGES`); mails, texts, calendars and the
pages behind their links are written in every language that has their sentences (`settings.MAIL_LANGUAGES`); frameworks
and a hub's own words may be read in more (`settings.CONTENT_LANGUAGES`). Whatever stands on a page in another language
than the frame says so in its own `lang`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header

_read_in: ContextVar[str] = ContextVar("read_in", default="")


def frame(language: str) -> str:
    """The language a page is framed in for whoever reads `language`: a code of `settings.LANGUAGES`."""
    try:
        return get_supported_language_variant(language)
    except LookupError:
        return settings.LANGUAGE_CODE


def written(language: str) -> str:
    """The language a mail is written in for whoever reads `language`, that or one beside it ("pt" and "pt-pt" get
    "pt-br"): a code of `settings.MAIL_LANGUAGES`."""
    codes, wanted = [code for code, _name in settings.MAIL_LANGUAGES], language.lower()
    beside = (code for code in codes if same(code, wanted))
    return wanted if wanted in codes else next(beside, settings.LANGUAGE_CODE)


def spoken(*readers) -> str:
    """The language of whoever comes first and has one: a person, else the organisation, else the hub. Mails are written
    and the pages their links lead to are framed by this one rule."""
    return next((one.language for one in readers if one and one.language), settings.LANGUAGE_CODE)


def read_language() -> str:
    """What the reader chose for whatever is translated as data; without a choice, the frame's."""
    return _read_in.get() or translation.get_language() or settings.LANGUAGE_CODE


@contextmanager
def reading(language: str) -> Iterator[None]:
    """Content in `language` where there is any; the frame stays as it is. Empty: the frame's."""
    before = _read_in.set(language)
    try:
        yield
    finally:
        _read_in.reset(before)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """A page's frame and content as near to `language` as each comes."""
    with reading(language), translation.override(frame(language)):
        yield


@contextmanager
def writing(language: str) -> Iterator[None]:
    """What a mail, a text, a calendar or a page behind a link says, frame and content, as near to `language` as each
    comes."""
    with reading(language), translation.override(written(language)):
        yield


def asked_by_browser(header: str) -> str:
    """The first language of an Accept-Language header that any content may be in, or ""."""
    known = dict(settings.CONTENT_LANGUAGES)
    for code, _weight in parse_accept_lang_header(header):
        for one in (code, code.partition("-")[0]):
            if one in known:
                return one
    return ""


def same(one: str, other: str) -> bool:
    """Whether a page in the one need not mark the other: "en" and "en-gb" are read aloud alike."""
    return one.partition("-")[0].lower() == other.partition("-")[0].lower()


def choices(first: str) -> list[tuple[str, object]]:
    """What a person may be written to in; `first` is said for no choice. What there are no mails in either is read
    where standards and the like were translated to it."""
    framed = [one for one in settings.CONTENT_LANGUAGES if one in settings.LANGUAGES]
    rest = [one for one in settings.CONTENT_LANGUAGES if one not in settings.LANGUAGES]
    found: list[tuple[str, object]] = [("", first), *framed]
    if rest:
        found.append((_("Mails, and what is translated; pages stay in %(name)s") % {"name": framed[0][1]}, rest))
    return found
