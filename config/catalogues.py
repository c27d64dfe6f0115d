"""Which languages mails are written in: those whose catalogue is compiled. Read by the settings, before Django is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from django.utils.translation import to_locale

Languages = list[tuple[str, str]]


def with_catalogues(known: Sequence[tuple[str, str]], folder: Path, *, source: str) -> Languages:
    """Those of `known` with a compiled catalogue below `folder`, and the language the sentences are written in."""
    return [one for one in known if one[0] == source or _home(folder, one[0]).with_suffix(".mo").exists()]


def unfinished(folder: Path, language: str) -> int:
    """How many sentences of a language's catalogue are untranslated or only guessed; every one, where only the
    compiled file is there."""
    text = _home(folder, language)
    if not text.exists():
        return 1
    entries = re.split(r"\n\s*\n", text.read_text(encoding="utf-8"))[1:]  # the first is the head
    live = [entry for entry in entries if not entry.lstrip().startswith("#~")]
    empty = re.compile(r'^msgstr(\[\d\])? ""$(?!\n")', re.MULTILINE)
    return sum(1 for entry in live if empty.search(entry) or re.search(r"^#,.*fuzzy", entry, re.MULTILINE))


def _home(folder: Path, language: str) -> Path:
    return folder / to_locale(language) / "LC_MESSAGES" / "django.po"
