"""What the words of an event mean: its kind, its week, its year groups."""

import pytest

from schools.ical import DEFAULT_RULES
from schools.ical_rules import classify, rules_from, week_mark, year_groups
from tests.schools.icals import day, ics, read


@pytest.mark.parametrize(
    ("summary", "kind"),
    [
        ("Term day (Week 1)", "term_day"),
        ("INSET day", "staff_day"),
        ("Disaggregated Day", "staff_day"),
        ("Journée pédagogique", "staff_day"),
        ("Pädagogischer Tag", "staff_day"),
        ("Autumn half-term", "closure"),
        ("Herbstferien", "closure"),
        ("Vacances de la Toussaint", "closure"),
        ("Vacaciones de Navidad", "closure"),
        ("Férias de julho", "closure"),
        ("Bank holiday", "public_holiday"),
        ("Feriado nacional", "public_holiday"),
        ("Jour férié", "public_holiday"),
        ("Tag der Deutschen Einheit", "public_holiday"),
        ("Year 11 mock exams", "protected"),
        ("Abschlussprüfungen", "protected"),
        ("Semana de provas", "protected"),
        ("Autumn term begins", "term_start"),
        ("Rentrée scolaire", "term_start"),
        ("Fim das aulas", "term_end"),
        ("Spring term", "term"),
        ("GCSE results day", "ignore"),
        ("Holiday club", "ignore"),
    ],
)
def test_words_are_classified(summary, kind):
    assert classify(summary).kind == kind


def test_unknown_words_match_no_rule():
    assert classify("Choir rehearsal") is None


def test_school_rules_come_first():
    own = rules_from([{"kind": "closure", "words": ["choir rehearsal"]}])
    events = read(ics(day("Choir rehearsal", "20250901")), rules=(*own, *DEFAULT_RULES)).events
    assert [(event.kind, event.rule) for event in events] == [("closure", "closure: choir rehearsal")]


def test_rules_with_a_wrong_kind_name_their_row():
    with pytest.raises(ValueError, match="calendar rule 2"):
        rules_from([{"kind": "closure", "words": ["x"]}, {"kind": "nonsense", "words": ["x"]}])


@pytest.mark.parametrize(
    ("summary", "kind", "mark"),
    [
        ("Sheffield: Term day (Week 12)", "term_day", "12"),
        ("Week A", "ignore", "A"),
        ("Wk B", "ignore", "B"),
        ("B Week", "ignore", "B"),
        ("A-Woche", "ignore", "A"),
        ("Semaine B", "ignore", "B"),
        ("School: Week 2", "ignore", "2"),
        ("Work experience week 2", "ignore", None),
        ("A week of activities", "ignore", None),
        ("Holiday week 1", "closure", None),
    ],
)
def test_week_marks_are_read(summary, kind, mark):
    assert week_mark(summary, kind) == mark


@pytest.mark.parametrize(
    ("summary", "years"),
    [
        ("Y10 and Y11 mocks", (10, 11)),
        ("Years 7-9 assessments", (7, 8, 9)),
        ("Y12/13 exams", (12, 13)),
        ("Klasse 9 Praktikum", (9,)),
        ("Mocks", ()),
        ("Mocks (not Year 12)", ()),
        ("Exams for all but Y13", ()),
        ("Year 11 mocks (dates not yet final)", (11,)),
        ("Exceptional Year 9 assembly", (9,)),
    ],
)
def test_year_groups_are_read(summary, years):
    assert year_groups(summary) == years
