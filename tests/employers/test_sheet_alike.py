"""Who is like whom, and why."""

from __future__ import annotations

import pytest

from employers.sheet_alike import Firm, Register, bare_name, domains_of


def firm(key: int, name: str, number: str = "", domains=(), postcodes=()) -> Firm:
    return Firm(key, name, number, frozenset(domains), frozenset(postcodes))


def like(one: Firm, *others: Firm) -> list[tuple[int, list[str], bool]]:
    register = Register()
    for other in others:
        register.add(other)
    return [(it.firm.key, [code for code, _what in it.reasons], it.is_sure) for it in register.like(one)]


@pytest.mark.parametrize(
    ("one", "other"),
    [("The Old Mill Bakery Ltd.", "old mill bakery"), ("Müller & Söhne GmbH", "Muller and Sohne"),
     ("O’Neill's Garage", "ONeills Garage"), ("Café S.A.R.L.", "CAFE")],
)  # fmt: skip
def test_a_name_is_the_same_without_its_legal_form(one, other):
    assert bare_name(one) == bare_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("J Smith Builders", "A Smith Builders"), ("A B Services", "J P Services"), ("Unit A", "Unit B")],
)
def test_initials_tell_names_apart(one, other):
    assert bare_name(one) != bare_name(other)


def test_words_instead_of_a_number_are_no_number():
    assert like(firm(-2, "Oak Farm", "N/A"), firm(1, "Harbour Dentists", "n/a")) == []


def test_a_name_of_nothing_but_a_legal_form_stays():
    assert bare_name("The Company") == "the company"


def test_addresses_everybody_may_have_say_nothing():
    assert domains_of("https://www.facebook.com/mill", "mill@gmail.com") == frozenset()
    assert domains_of("https://www.mill.example/x", "ann@MILL.example", "a@bakes.example") == {
        "mill.example", "bakes.example",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (firm(-2, "Old Mill Ltd"), (["name"], True)),
        (firm(-2, "Old Mill", postcodes=["ls11aa"]), (["name", "place"], True)),
        (firm(-2, "Old Mill", postcodes=["hu12bb"]), (["name"], False)),
        (firm(-2, "Something Else", number="123"), (["number"], True)),
        (firm(-2, "Old Mill", number="999", postcodes=["ls11aa"]), (["name", "place"], False)),
        (firm(-2, "Old Mill Bakeries"), (["near"], False)),
        (firm(-2, "Old Mlil", postcodes=["ls11aa"]), (["near", "place"], False)),
        (firm(-2, "Quite Another", domains=["mill.example"]), (["domain"], False)),
    ],
)
def test_what_is_the_same_and_how_sure(one, expected):
    known = firm(7, "Old Mill", number="00123", domains=["mill.example"], postcodes=["ls11aa"])
    ((key, reasons, sure),) = like(one, known)
    assert (key, (reasons, sure)) == (7, expected)


def test_neighbours_and_strangers_are_not_alike():
    known = firm(7, "Old Mill", postcodes=["ls11aa"])
    assert like(firm(-2, "Harbour Dentists", postcodes=["ls11aa"]), known) == []
    assert like(firm(-2, "Oldfield Motors"), known) == []


def test_employers_the_hub_has_come_before_lines_of_the_same_list():
    assert [key for key, *_more in like(firm(-5, "Old Mill"), firm(-2, "Old Mill"), firm(7, "Old Mill"))] == [7, -2]
