"""No mail and no page calls itself what its text is not: a language has its whole catalogue or is not offered."""

from __future__ import annotations

import pytest
from django.conf import settings

from config.catalogues import unfinished, with_catalogues
from hubs import languages

HEAD = 'msgid ""\nmsgstr ""\n"Language: de\\n"\n'
KNOWN = [("en-gb", "English"), ("de", "Deutsch"), ("pt-br", "Português (Brasil)")]


def catalogue(folder, *entries: str) -> None:
    home = folder / "de" / "LC_MESSAGES"
    home.mkdir(parents=True, exist_ok=True)
    (home / "django.po").write_text("\n\n".join([HEAD, *entries]) + "\n")


def test_every_language_offered_has_a_whole_catalogue():
    assert settings.MAIL_LANGUAGES == settings.CONTENT_LANGUAGES
    others = [code for code, _name in settings.MAIL_LANGUAGES if code != settings.LANGUAGE_CODE]
    assert [code for code in others if unfinished(settings.LOCALE_PATHS[0], code)] == []


def test_pages_are_offered_in_no_language_that_has_the_sentences_of_mails_alone():
    assert settings.LANGUAGES == [("en-gb", "English")]


@pytest.mark.parametrize(
    ("read", "written_in"),
    [("de", "de"), ("DE", "de"), ("de-at", "de"), ("pt", "pt-br"), ("pt-br", "pt-br"), ("en", "en-gb"), ("xx", "en-gb"),
     ("", "en-gb")],
)  # fmt: skip
def test_a_mail_is_written_in_the_language_beside_the_readers(read, written_in):
    assert languages.written(read) == written_in


def test_a_language_without_a_compiled_catalogue_is_not_offered(tmp_path):
    catalogue(tmp_path, 'msgid "Save"\nmsgstr "Speichern"')
    assert with_catalogues(KNOWN, tmp_path, source="en-gb") == KNOWN[:1]
    (tmp_path / "pt_BR" / "LC_MESSAGES").mkdir(parents=True)
    (tmp_path / "pt_BR" / "LC_MESSAGES" / "django.mo").write_bytes(b"")
    assert with_catalogues(KNOWN, tmp_path, source="en-gb") == [KNOWN[0], KNOWN[2]]


def test_sentences_left_out_or_guessed_are_counted(tmp_path):
    catalogue(
        tmp_path,
        'msgid "Save"\nmsgstr "Speichern"',
        'msgid "Long"\nmsgstr ""\n"Ein langer Satz"',
        'msgid "%d day"\nmsgid_plural "%d days"\nmsgstr[0] "%d Tag"\nmsgstr[1] "%d Tage"',
        '#~ msgid "Gone"\n#~ msgstr ""',
    )
    assert unfinished(tmp_path, "de") == 0
    catalogue(
        tmp_path,
        'msgid "Save"\nmsgstr ""',
        '#, fuzzy\nmsgid "Send"\nmsgstr "Sende"',
        'msgid "%d day"\nmsgid_plural "%d days"\nmsgstr[0] "%d Tag"\nmsgstr[1] ""',
        'msgid "Go"\nmsgstr "Los"',
    )
    assert (unfinished(tmp_path, "de"), unfinished(tmp_path, "fr")) == (3, 1)
