"""What the words of a school calendar mean: ordered keyword rules, as data.

A rule says: an event whose summary holds one of these words is of this kind. The first rule that matches wins, so a
school's own rules go in front: ``rules=(*school_rules, *DEFAULT_RULES)``. Words are compared without case, accents or
punctuation, as whole words; ``*`` stands for the rest of a word, because German builds "Herbstferien".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from hubs.sheets import plain

TERM_DAY = "term_day"
TERM = "term"
TERM_START = "term_start"
TERM_END = "term_end"
CLOSURE = "closure"
STAFF_DAY = "staff_day"
PROTECTED = "protected"
PUBLIC_HOLIDAY = "public_holiday"
SHORT_DAY = "short_day"
IGNORE = "ignore"

KINDS = (TERM_DAY, TERM, TERM_START, TERM_END, CLOSURE, STAFF_DAY, PROTECTED, PUBLIC_HOLIDAY, SHORT_DAY, IGNORE)

BLOCKED = "blocked"
AVOID = "avoid"


@dataclass(frozen=True, slots=True)
class Rule:
    """``kind`` is one of KINDS. ``hardness`` (blocked or avoid) and ``years`` (the year groups meant, where the event
    names none) only speak for protected periods."""

    kind: str
    words: tuple[str, ...]
    hardness: str = BLOCKED
    years: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.kind}: {self.words[0]}" if self.words else self.kind


def rules_from(rows: Iterable[Mapping[str, object]]) -> tuple[Rule, ...]:
    """Rules a school keeps, from JSON-able rows ``{"kind", "words": [...], "hardness"?, "years"?}``.
    ValueError names the row."""
    rules = []
    for number, row in enumerate(rows, start=1):
        kind, words = row.get("kind"), row.get("words")
        if kind not in KINDS or not isinstance(words, (list, tuple)) or not all(isinstance(w, str) for w in words):
            raise ValueError(f"calendar rule {number}: needs a kind out of {', '.join(KINDS)} and a list of words")
        years = row.get("years") or ()
        if not isinstance(years, (list, tuple)) or not all(isinstance(year, int) for year in years):
            raise ValueError(f"calendar rule {number}: years are numbers")
        rules.append(Rule(str(kind), tuple(words), str(row.get("hardness") or BLOCKED), tuple(years)))
    return tuple(rules)


def _words(text: str) -> tuple[str, ...]:
    return tuple(" ".join(word.split()) for word in text.split(","))


DEFAULT_RULES: tuple[Rule, ...] = (
    # What looks like a holiday or an exam and is neither.
    Rule(
        IGNORE,
        _words("""
            holiday club, holiday camp, holiday homework, results, results day, exam results, resultats,
            early closure, early finish, closes early, revision, exam entries, exam board, exam concert,
            information evening, parents evening, open evening, open day, break duty
        """),
    ),
    Rule(
        STAFF_DAY,
        _words("""
            inset, inset day, inset days, in service day, in service, staff day, staff training, staff only,
            training day, teacher training, teacher day, teacher workday, pd day, pd days, pupil free,
            student free, professional development, development day, disaggregated, twilight, planning day,
            staff development, journee pedagogique, concertation, padagogischer tag, paedagogischer tag,
            studientag, lehrerfortbildung, schilf, konferenztag, claustro, formacion del profesorado,
            jornada docente, dia de formacion, conselho de classe, planejamento pedagogico, parada
            pedagogica, reuniao pedagogica, formacao de professores
        """),
    ),
    Rule(
        TERM_END,
        _words("""
            term ends, end of term, end of half term, last day of term, last day of half term, terms ends,
            last day before half term, school breaks up, breaks up, break up, last day of school, end of
            semester, semester ends, last school day, fin des cours, fin du trimestre, dernier jour de
            classe, letzter schultag, unterrichtsende, schuljahresende, fin de curso, fin de las clases, fin
            de clases, ultimo dia de clase, fin del trimestre, fim das aulas, termino das aulas, fim do
            semestre, termino do semestre, ultimo dia de aula, fim das atividades
        """),
    ),
    Rule(
        TERM_START,
        _words("""
            term starts, term begins, start of term, start of half term 1, first day of term, beginning of
            term, school reopens, school re opens, school starts, school begins, back to school, pupils
            return, students return, return to school, school resumes, semester starts, semester begins,
            first day of school, rentree, rentree scolaire, reprise des cours, debut des cours, schulbeginn,
            erster schultag, unterrichtsbeginn, schuljahresbeginn, inicio de curso, inicio del curso, inicio
            de clases, inicio de las clases, inicio del trimestre, vuelta a clase, inicio das aulas, inicio
            do semestre, inicio do ano letivo, volta as aulas, retorno as aulas, reinicio das aulas
        """),
    ),
    Rule(
        TERM_DAY,
        _words("""
            term day, school day, school open, teaching day, jour de classe, jour d ecole, schultag,
            unterrichtstag, dia lectivo, dia letivo, dia de aula, dia de clase
        """),
    ),
    Rule(
        PROTECTED,
        _words("""
            exam, exams, examination, examinations, gcse, gcses, a level, a levels, as level, btec, sats,
            mock, mocks, mock exams, trial exams, prelim, prelims, study leave, board exam, board exams,
            practicals, controlled assessment, controlled assessments, contingency day, baccalaureat, bac
            blanc, brevet, brevet blanc, epreuve, epreuves, examen, examens, *klausur, *klausuren, abitur,
            *prufung, *prufungen, *pruefung, *pruefungen, examenes, evaluacion, evaluaciones, selectividad,
            ebau, pau, prova, provas, exame, exames, avaliacao, avaliacoes, enem, vestibular, simulado
        """),
    ),
    Rule(
        PROTECTED,
        _words("""
            assessment week, assessment weeks, assessments, assessment, data collection, residential, school
            trip, trip, trips, activities week, enrichment week, sports day, school production, controle,
            controles, devoirs communs, voyage scolaire, sortie scolaire, klassenfahrt, projektwoche,
            wandertag, excursion, viaje de estudios, semana cultural, excursao, gincana, feira de ciencias
        """),
        AVOID,
    ),
    Rule(
        PUBLIC_HOLIDAY,
        _words("""
            bank holiday, bank holidays, public holiday, national holiday, federal holiday, christmas day,
            boxing day, new year s day, new years day, good friday, easter monday, may day, republic day,
            independence day, labour day, labor day, thanksgiving day, jour ferie, ferie, ascension, lundi
            de paques, lundi de pentecote, fete nationale, armistice, toussaint ferie, feiertag,
            gesetzlicher feiertag, tag der deutschen einheit, ostermontag, karfreitag, pfingstmontag,
            christi himmelfahrt, fronleichnam, tag der arbeit, festivo, dia festivo, fiesta nacional,
            feriado, feriado nacional, feriado municipal, corpus christi, tiradentes, proclamacao da
            republica, sexta feira santa, viernes santo
        """),
    ),
    Rule(
        CLOSURE,
        _words("""
            holiday, holidays, half term, half terms, halfterm, mid term break, midterm break, mid term,
            vacation, vacations, recess, christmas break, winter break, spring break, easter break, summer
            break, autumn break, fall break, october break, february break, tattie holidays, easter, school
            break, school closed, closed, closure, no school, no classes, no lessons, occasional day, snow
            day, strike, strike day, school closes, polling day, diwali, diwali vacation, pongal, sankranti,
            eid, vacances, conges, pont de l ascension, pont, pas de cours, pas de classe, greve, *ferien,
            schulfrei, unterrichtsfrei, beweglicher ferientag, bruckentag, brueckentag, streik, vacaciones,
            vacaciones de navidad, semana santa, puente, no lectivo, dia no lectivo, sin clases, sin clase,
            huelga, navidad, ferias, recesso, recesso escolar, sem aula, sem aulas, nao letivo, ponto
            facultativo, carnaval, greve dos professores, emenda
        """),
    ),
    Rule(
        TERM,
        _words("""
            term, terms, term time, semester, autumn term, spring term, summer term, michaelmas, trimester,
            trimestre, semestre, bimestre, quarter, *halbjahr, schuljahr, annee scolaire, periode de cours,
            ano letivo, curso escolar, periodo lectivo, periodo letivo, school year
        """),
    ),
)


@lru_cache(maxsize=4_096)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    parts = []
    for word in words:
        pieces = [re.escape(plain(piece)) for piece in word.split("*")]
        if any(pieces):
            parts.append(r"\w*".join(pieces))
    return re.compile(rf"\b(?:{'|'.join(parts)})\b" if parts else r"(?!)")


def classify(summary: str, rules: Iterable[Rule] = DEFAULT_RULES) -> Rule | None:
    """The first rule whose words stand in ``summary``; None when no rule does."""
    text = plain(summary)
    return next((rule for rule in rules if _pattern(rule.words).search(text)), None)


# "Week 12", "Wk B", "(Week A)", "Semaine B", "Woche 2", "semana A". Letters only in capitals: "a week" is not week A.
_MARK = re.compile(
    r"(?<!\w)(?i:week|wk|woche|semaine|sem|semana)\s*(?i:no)?[.:#\-]?\s*(?P<mark>[A-D]|\d{1,2})(?!\w)"
    r"|(?<!\w)(?P<before>[A-D])-(?i:week|woche)(?!\w)"
)
_BARE = re.compile(
    r"\s*(?:[^:()]{1,40}:)?\s*\(?\s*(?:(?i:timetable|school|cycle|tt)\s+)?(?:"
    + _MARK.pattern.replace("mark>", "m>").replace("before>", "b>")
    + r"|[A-D]\s(?i:week|woche))\s*(?:(?i:begins|starts|commencing|timetable))?\s*\)?\s*"
)
_CAPITAL_WEEK = re.compile(r"(?<!\w)(?P<before>[A-D])\s(?i:week|woche)(?!\w)")


def week_mark(summary: str, kind: str) -> str | None:
    """The number or letter of the school week a summary carries, if it does.

    Only days and spans of term carry one anywhere in their text; any other event must say nothing else ("Week A") or
    hold it in brackets, since "Work experience week 2" numbers something else.
    """
    found = _MARK.search(summary)
    whole = _BARE.fullmatch(summary) is not None
    if found is None:
        found = _CAPITAL_WEEK.search(summary) if whole else None
        return found.group("before") if found else None
    bracketed = re.search(rf"\(\s*{re.escape(found.group())}\s*\)", summary) is not None
    if kind not in (TERM_DAY, TERM, TERM_START) and not whole and not (kind == IGNORE and bracketed):
        return None
    mark = found.group("mark") or found.group("before")
    return str(int(mark)) if mark.isdecimal() else mark


_YEARS = re.compile(
    r"\b(?:years?|yrs?|y|grades?|gr|klassen?|jahrgang|jg|stufe|classes?)\s?"
    r"(\d{1,2}(?:\s?(?:and|und|et|y|e|to|bis|a|or)?\s?(?:years?|yrs?|y)?\s?\d{1,2}\b)*)\b"
)


# "Mocks (not Year 12)", "Early finish, all but Year 11": the year groups named are those it is not for.
ALL_BUT = re.compile(
    r"\b(?:except(?:ing)?|excluding|excl|apart from|all but|other than)\b|\bnot (?:for )?y(?:ears?|rs?)?\.?\s?\d"
)


def year_groups(summary: str) -> tuple[int, ...]:
    """Year groups a summary names: "Y10 and Y11 mocks" → (10, 11), "Years 7-9" → (7, 8, 9). None where it names those
    it is not for: which others the school has is not known here, and to keep those free too harms nobody."""
    bare = summary.casefold()
    if ALL_BUT.search(bare):
        return ()
    ranged = re.search(
        r"\b(?:years?|yrs?|grades?|klassen?)\s?(\d{1,2})\s?(?:-|–|to|bis)\s?(?:year|yr|y)?\s?(\d{1,2})\b", bare
    )
    if ranged and int(ranged[1]) < int(ranged[2]) <= 14:
        return tuple(range(int(ranged[1]), int(ranged[2]) + 1))
    numbers: set[int] = set()
    for match in _YEARS.finditer(plain(summary)):
        numbers.update(int(n) for n in re.findall(r"\d{1,2}", match[1]) if 1 <= int(n) <= 14)
    return tuple(sorted(numbers))
