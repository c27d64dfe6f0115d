"""What the day column of a timetable means, in the languages schools write it in.

One label alone is ambiguous ("Di" is Tuesday in German and Sunday in French), all labels of one file are not: the
language that explains most of them is taken for all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

# Monday first. Several spellings are separated by "|".
LANGUAGES: dict[str, tuple[str, ...]] = {
    "en": ("monday", "tuesday|tues", "wednesday", "thursday|thurs", "friday", "saturday", "sunday"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "de": ("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag|sonnabend", "sonntag"),
    "es": ("lunes", "martes", "miercoles|x", "jueves", "viernes", "sabado", "domingo"),
    "pt": (
        "segunda|segunda feira|2a feira|2a",
        "terca|terca feira|3a feira|3a",
        "quarta|quarta feira|4a feira|4a",
        "quinta|quinta feira|5a feira|5a",
        "sexta|sexta feira|6a feira|6a",
        "sabado",
        "domingo",
    ),
    "it": ("lunedi", "martedi", "mercoledi", "giovedi", "venerdi", "sabato", "domenica"),
    "ca": ("dilluns", "dimarts", "dimecres", "dijous", "divendres", "dissabte", "diumenge"),
    "ro": ("luni", "marti", "miercuri", "joi", "vineri", "sambata", "duminica"),
    "nl": ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
    "da": ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lordag", "sondag"),
    "pl": ("poniedziałek|poniedzialek", "wtorek", "sroda", "czwartek", "piatek", "sobota", "niedziela"),
    "cs": ("pondeli", "utery", "streda", "ctvrtek", "patek", "sobota", "nedele"),
    "hu": ("hetfo", "kedd", "szerda", "csutortok", "pentek", "szombat", "vasarnap"),
    "el": ("δευτερα", "τριτη", "τεταρτη", "πεμπτη", "παρασκευη", "σαββατο", "κυριακη"),
    "ru": ("понедельник|пн", "вторник|вт", "среда|ср", "четверг|чт", "пятница|пт", "суббота|сб", "воскресенье|вс"),
    "bg": ("понеделник", "вторник", "сряда", "четвъртък", "петък", "събота", "неделя"),
    "uk": ("понедiлок|понеділок", "вівторок", "середа", "четвер", "пʼятниця|п'ятниця", "субота", "неділя"),
    "tr": ("pazartesi", "salı|sali", "carsamba", "persembe", "cuma", "cumartesi", "pazar"),
    "id": ("senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu"),
    "vi": (
        "thu hai|thu 2",
        "thu ba|thu 3",
        "thu tu|thu 4",
        "thu nam|thu 5",
        "thu sau|thu 6",
        "thu bay|thu 7",
        "chu nhat",
    ),
    "hi": (
        "somvar|सोमवार",
        "mangalvar|मंगलवार",
        "budhvar|बुधवार",
        "guruvar|गुरुवार",
        "shukravar|शुक्रवार",
        "shanivar|शनिवार",
        "ravivar|रविवार",
    ),
    "ar": (
        "الاثنين|اثنين",
        "الثلاثاء|ثلاثاء",
        "الاربعاء|اربعاء",
        "الخميس|خميس",
        "الجمعة|جمعة",
        "السبت|سبت",
        "الاحد|احد",
    ),
    "fa": ("دوشنبه", "سه شنبه", "چهارشنبه", "پنجشنبه|پنج شنبه", "جمعه", "شنبه", "یکشنبه"),
    "zh": (
        "星期一|周一|週一",
        "星期二|周二|週二",
        "星期三|周三|週三",
        "星期四|周四|週四",
        "星期五|周五|週五",
        "星期六|周六|週六",
        "星期日|周日|週日",
    ),
}
# Letters that look alike in Cyrillic and Latin: somebody typed week "А" on another keyboard.
LOOKALIKE = str.maketrans({"а": "a", "в": "b", "с": "c", "А": "A", "В": "B", "С": "C"})
LONGEST_CYCLE = 20


@dataclass(frozen=True, slots=True)
class DayGuess:
    """``weekday`` 0 is Monday. ``week`` is the letter or number of the week a label carries ("Mon B", "Monday2").

    ``cycle_day`` is n of "Day n": a timetable that repeats by days, unless the caller knows that day 1 is Monday.
    """

    label: str
    weekday: int | None = None
    week: str | None = None
    cycle_day: int | None = None


_CYCLE = re.compile(r"(?:day|d|jour|j|tag|dia|giorno|ziua|dag)?\s?(\d{1,2})")
_WEEK_WORD = r"(?:week|wk|w|woche|semaine|sem|semana)"
_BEFORE = re.compile(rf"(?:{_WEEK_WORD}\s?)?([abcd]|[1-4])[\s\-_.:/]+(\D.*)")
_AFTER = re.compile(rf"(.*\D)[\s\-_.:/]+(?:{_WEEK_WORD}\s?)?\(?([abcd]|[1-4])\)?")
_GLUED = re.compile(r"([^\W\d_]{3,})([1-4]|(?<=\b\w{3})[ab])")
_GLUED_BEFORE = re.compile(r"([1-4])([^\W\d_]{3,})")


def guess_days(labels: Sequence[str]) -> dict[str, DayGuess]:
    """Weekday, week and cycle day behind each label of one file. What cannot be told is None, never a guess."""
    unique = list(dict.fromkeys(labels))
    best = max(LANGUAGES, key=lambda language: sum(_weekday(label, language)[0] is not None for label in unique))
    guesses = {label: _guess(label, best) for label in unique}
    # "Monday" beside "Monday2": the plain ones are week 1.
    doubled = {g.weekday for g in guesses.values() if g.week == "2"}
    return {
        label: DayGuess(label, g.weekday, "1", g.cycle_day) if g.week is None and g.weekday in doubled else g
        for label, g in guesses.items()
    }


def _guess(label: str, language: str) -> DayGuess:
    weekday, week = _weekday(label, language)
    if weekday is not None:
        return DayGuess(label, weekday, week)
    numbered = _CYCLE.fullmatch(_plain(label))
    if numbered and 1 <= int(numbered[1]) <= LONGEST_CYCLE:
        return DayGuess(label, cycle_day=int(numbered[1]))
    return DayGuess(label)


def _weekday(label: str, language: str) -> tuple[int | None, str | None]:
    """(weekday, week) of a label read in one language."""
    text = _plain(label)
    whole = _named(text, language)
    if whole is not None:
        return whole, None
    for pattern, name, mark in ((_BEFORE, 2, 1), (_AFTER, 1, 2), (_GLUED, 1, 2), (_GLUED_BEFORE, 2, 1)):
        found = pattern.fullmatch(_latin_marks(text))
        if found:
            start, end = found.span(name)
            day = _named(text[start:end].strip(), language)
            if day is not None:
                return day, found[mark].upper()
    return _misspelt(text, language), None


def _latin_marks(text: str) -> str:
    """A single Cyrillic letter at either end, as its Latin twin. Lengths stay the same, so spans can be reused."""
    first = re.sub(r"^([авс])(?=[\s\-_.:/])", lambda m: m[1].translate(LOOKALIKE), text)
    return re.sub(r"(?<=[\s\-_.:/])([авс])$", lambda m: m[1].translate(LOOKALIKE), first)


def _named(text: str, language: str) -> int | None:
    """The weekday whose name is ``text``, or the only one that begins with it."""
    exact = _only(language, lambda name: name == text)
    if exact is not None or len(text) < 2:
        return exact
    return _only(language, lambda name: name.startswith(text))


def _misspelt(text: str, language: str) -> int | None:
    """ "Tueday": the only name with the same first three letters."""
    if len(text) < 4 or not text.isalpha():
        return None
    return _only(language, lambda name: len(name) >= 4 and name[:3] == text[:3])


def _only(language: str, test: Callable[[str], bool]) -> int | None:
    found = {
        number for number, spellings in enumerate(LANGUAGES[language]) if any(test(n) for n in spellings.split("|"))
    }
    return found.pop() if len(found) == 1 else None


def _plain(label: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", label) if not unicodedata.combining(c))
    bare = bare.casefold().replace("ø", "o").replace("ł", "l").replace("ª", "a").replace("-feira", " feira")
    return " ".join(bare.replace(".", " ").split())
