"""Every mail in every language it can be written in: no sentence left in English, every name in its place."""

from __future__ import annotations

import ast
import datetime as dt
import gettext as gnu
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone, translation
from django.utils.dates import MONTHS, WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import trans_real

from hubs import shipped, words
from hubs.account_mail import MAILS
from hubs.digest import together
from hubs.languages import writing
from hubs.mail import Mail, in_frame
from hubs.models import Hub, Message
from hubs.outbox import KINDS, said_to_contacts
from hubs.wordings import values_of
from tests.scenes import NOW

#: Asked for with a framework's document and shown in no mail.
NOT_SAID = {"Item", "Items", "Pillar", "Pillars", "Recommendation", "Recommendations", "Steps"}
WHAT_TO_DO = "write the sentence into each locale/*/LC_MESSAGES/django.po, then `make words`"
OTHERS = [code for code, _name in settings.CONTENT_LANGUAGES if code != settings.LANGUAGE_CODE]


class Untranslated(gnu.NullTranslations):
    """Answers in English, and keeps what it was asked: `(context, sentence)`."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def gettext(self, message: str) -> str:
        self.asked.add(message)
        return message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        self.asked.add(msgid1)
        return msgid1 if n == 1 else msgid2


@contextmanager
def listening(language: str) -> Iterator[Untranslated]:
    """What a catalogue has no words for."""
    with writing(language), translation.override(language):
        catalogue = trans_real._active.value
        before, heard = catalogue._fallback, Untranslated()
        catalogue._fallback = heard
        try:
            yield heard
        finally:
            catalogue._fallback = before


def mails_of(hub: Hub) -> Iterator[tuple[str, Mail]]:
    """One of each kind, as the back office shows it, in the language spoken just now."""
    for name, invented in shipped._INVENTED.items():
        if name not in KINDS:
            continue
        row, kind = invented(hub, NOW), KINDS[name]
        message = Message(hub=hub, kind=name, name="Kim", language="de", address="kim@example.org", version=row.version)
        message.facts, message.organisation_id = row.facts, row.organisation_id
        mail = said_to_contacts(kind.compose(row.subject, message, NOW), kind, message)
        values_of(kind, row.subject, message, NOW)
        yield name, mail


def all_mails(hub: Hub) -> dict[str, Mail]:
    """Of every kind, of several in one, and about one's own account."""
    with timezone.override(hub.zone):
        found = dict(mails_of(hub))
        found["digest"] = together(list(found.values())[:2], hub)
        for name, compose in MAILS.items():
            found[name] = compose(dict.fromkeys(SAID, "x") | {"timestamp": NOW})
    return found


#: What allauth says with its mails.
SAID = ("email", "activate_url", "password_reset_url", "ip", "user_agent", "from_email", "to_email", "deleted_email")


def said_in(mail: Mail) -> set[str]:
    """What the reader reads of it first: subject, text and button."""
    return {mail.subject, *mail.paragraphs, mail.action[0] if mail.action else ""} - {""}


@pytest.mark.parametrize("language", OTHERS)
def test_every_mail_is_whole_in_every_language(cast, language):
    english = all_mails(cast.hub)
    with listening(language) as heard:
        mails = all_mails(cast.hub)
        more = {"name": "Kim", "fewer": "x", "choose": "y"}
        pages = [in_frame(one, cast.hub, "kim@example.org", **more) for one in mails.values()]
    assert heard.asked - NOT_SAID == set(), WHAT_TO_DO
    assert set(mails) - {"wording-test"} >= {name for name in shipped._INVENTED if name in KINDS}
    assert [name for name, mail in mails.items() if said_in(mail) & said_in(english[name])] == []
    bodies = [(one.subject, one.body, one.alternatives[0][0]) for one in pages]
    assert [text for texts in bodies for text in texts if "%(" in text] == []
    assert {re.search(r'<html lang="([^"]*)"', html)[1] for _subject, _body, html in bodies} == {language}


def test_what_no_catalogue_has_is_heard(cast):
    with listening("de") as heard:
        assert translation.gettext("See the placement") == "Zur Vereinbarung"
        translation.gettext("Nobody has written this sentence.")
    assert heard.asked == {"Nobody has written this sentence."}


DAYS = {
    "en-gb": ("Tue 9 June", "Tue 9 June 2026", "Tuesday 9 June 2026", "Mon 8 – Wed 10 June"),
    "de": ("Di, 9. Juni", "Di, 9. Juni 2026", "Dienstag, 9. Juni 2026", "Mo, 8. – Mi, 10. Juni"),
    "es": ("mar, 9 de junio", "mar, 9 de junio de 2026", "martes, 9 de junio de 2026", "lun, 8 – mié, 10 de junio"),
    "fr": ("mar. 9 juin", "mar. 9 juin 2026", "mardi 9 juin 2026", "lun. 8 – mer. 10 juin"),
    "pt-br": (
        "ter, 9 de junho",
        "ter, 9 de junho de 2026",
        "terça-feira, 9 de junho de 2026",
        "seg, 8 – qua, 10 de junho",
    ),
}


@pytest.mark.parametrize("language", DAYS)
def test_days_are_written_as_each_language_writes_them(language):
    first, last = dt.date(2026, 6, 8), dt.date(2026, 6, 10)
    with writing(language):
        tuesday = dt.date(2026, 6, 9)
        said = words.day(tuesday), words.day(tuesday, dt.date(2020, 1, 1)), words.in_full(tuesday, year=True)
        assert (*said, words.days(first, last)) == DAYS[language]


# ---- The catalogues ------------------------------------------------------------------
Key = tuple[str, str]


def source(language: str) -> dict[Key, list[str]]:
    """(context, sentence) → what the written catalogue says for it, one for each plural form."""
    found: dict[Key, list[str]] = {}
    for entry in (home(language) / "django.po").read_text(encoding="utf-8").split("\n\n")[1:]:
        lines = dict(re.findall(r'^(msg[a-z_]+(?:\[\d\])?) (".*")$', entry, re.MULTILINE))
        said = {name: ast.literal_eval(text) for name, text in lines.items()}
        key = said.get("msgctxt", ""), said["msgid"]
        assert key not in found, key
        found[key] = [text for name, text in said.items() if name.startswith("msgstr")]
        plural = said.get("msgid_plural", said["msgid"])
        assert {names_in(text) for text in found[key]} == {names_in(said["msgid"]), names_in(plural)}, key
    return found


def names_in(text: str) -> tuple[str, ...]:
    return tuple(sorted(re.findall(r"%\(\w+\)[sd]", text)))


def home(language: str) -> Path:
    return settings.LOCALE_PATHS[0] / translation.to_locale(language) / "LC_MESSAGES"


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_compiled_is_what_is_written(language):
    """Whoever changes a catalogue says `make words`; a machine that only runs the product needs no compiler."""
    with (home(language) / "django.mo").open("rb") as file:
        compiled = gnu.GNUTranslations(file)._catalog
    held: dict[Key, list[str]] = {}
    for key, text in compiled.items():
        name, form = key if isinstance(key, tuple) else (key, 0)
        context, _, sentence = name.rpartition("\x04")
        if sentence:
            held.setdefault((context, sentence), []).insert(form, text)
    assert held == source(language)


def test_every_language_has_the_same_sentences():
    """But for months and days, which Django names, and a language may name anew."""
    with translation.override("en-gb"):
        names = {("", str(name)) for table in (MONTHS, WEEKDAYS, WEEKDAYS_ABBR) for name in table.values()}
    assert [(set(source(one)) - names) ^ set(source(OTHERS[0])) for one in OTHERS] == [set()] * len(OTHERS)


#: Where the words of mails stand; what only a back office says of a kind is no part of a mail.
MODULES = (
    *("hubs/account_mail.py", "hubs/digest.py", "hubs/messages.py", "hubs/outbox.py", "hubs/words.py"),
    *("placements/calendars.py", "placements/invented.py", "placements/kinds_change.py", "placements/messages.py"),
    *(f"placements/messages_{part}.py" for part in ("calendar", "day", "open", "ready")),
    *("employers/messages.py", "employers/messages_standards.py"),
    *("opportunities/messages.py", "opportunities/messages_pledges.py"),
)


def marked(path: str) -> Iterator[Key]:
    """(context, sentence) of everything a module's functions and tables say; what a kind says of itself is neither."""
    tree = ast.parse((settings.BASE_DIR / path).read_text(encoding="utf-8"))
    tables = [node.value for node in tree.body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)]
    for part in (*tables, *(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))):
        for node in ast.walk(part):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS and node.args:
                said = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
                if said:
                    yield (said[0], said[1]) if node.func.id == "pgettext" else ("", said[0])


MARKS = {"_", "gettext", "ngettext", "pgettext", "lazy", "gettext_lazy"}


def test_every_sentence_a_mail_may_say_has_an_entry():
    """Those of branches no invented row takes, too."""
    said = {key for path in MODULES for key in marked(path)}
    assert len(said) > 250
    assert said - set(source(OTHERS[0])) == set(), WHAT_TO_DO
