"""What is read of a list, in whatever program it was saved, and what is refused of it."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from employers.sheet_reading import MOST_LINES, Sheet, read_sheet
from employers.sheet_rows import guess_columns, read_rows
from hubs.sheets import CannotReadSheet
from tests.employers import lists

NAMES = ["name", "town"]
SECTORS = {"shops and selling": "retail", "retail": "retail", "health": "health"}


def rows_of(*cells, columns=("name", "size", "sectors", "email", "website")):
    return read_rows([(number, list(row)) for number, row in enumerate(cells, start=2)], columns, SECTORS)


@pytest.mark.parametrize(
    "data",
    [
        lists.text(("Bäckerei Öl", "Köln"), header=NAMES),
        lists.text(("Bäckerei Öl", "Köln"), header=NAMES, mark=";", coding="cp1252"),
        lists.text(("Bäckerei Öl", "Köln"), header=NAMES, mark="\t", coding="utf-16"),
        lists.text(("Bäckerei Öl", "Köln"), header=NAMES, mark=";", coding="utf-8-sig"),
        lists.workbook(("Bäckerei Öl", "Köln"), header=NAMES),
    ],
    ids=["utf-8", "windows", "utf-16", "utf-8 with a mark", "excel"],
)
def test_a_list_reads_the_same_whatever_saved_it(data):
    sheet = read_sheet(data)
    assert (sheet.header, sheet.lines) == (NAMES, [(2, ["Bäckerei Öl", "Köln"])])


def test_what_was_met_on_reading_is_noted():
    assert read_sheet(lists.text(("Ö", "K"), header=NAMES, coding="cp1252")).notes == ["not_utf8"]
    assert read_sheet(lists.workbook(("Ö", "K"), header=NAMES, more="Old")).notes == ["other_sheets"]


def test_a_title_above_the_table_is_no_heading_and_lines_keep_their_numbers():
    data = lists.workbook(("A", 12.0), (None, None), ("B", 7), header=NAMES, title="Our employers")
    assert read_sheet(data) == Sheet(NAMES, [(3, ["A", "12"]), (5, ["B", "7"])], [])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"Name,Town\n", "no_rows"),
        (b'Name,Town\n"A,B\n', "bad_row"),
        (b"Name\0,Town\nA,B\n", "not_text"),
        (b"\xd0\xcf\x11\xe0 an old workbook", "old_excel"),
        (b"PK\x03\x04 nothing of a workbook", "damaged"),
        (b"x" * (2 * 1024 * 1024 + 1), "too_large"),
        (lists.bomb(), "bomb"),
        (lists.text(*([("A", "B")] * (MOST_LINES + 1)), header=NAMES), "too_many_rows"),
        (lists.text(["A"] * 61, header=["H"] * 61), "too_wide"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_what_is_no_list_is_refused_with_its_reason(data, code):
    with pytest.raises(CannotReadSheet) as refusal:
        read_sheet(data)
    assert refusal.value.code == code


def test_a_word_file_is_no_workbook():
    with pytest.raises(CannotReadSheet, match="wrong_type"):
        read_sheet(lists.workbook(("A", "B"), header=NAMES).replace(b"xl/workbook.xml", b"word/docume.xml"))


@given(st.binary(max_size=400))
def test_whatever_bytes_come_they_are_read_or_refused(data):
    for head in (b"", b"PK\x03\x04"):
        with contextlib.suppress(CannotReadSheet):
            assert read_sheet(head + data).lines


def test_headings_are_known_in_the_languages_of_hubs_and_once_each():
    assert guess_columns(["Firmenname", "PLZ", "E-Mail", "Mail", "Colour"], {}) == ["name", "postcode", "email", "", ""]
    assert guess_columns(["Raison sociale", "Code postal"], {}) == ["name", "postcode"]
    assert guess_columns(["Firmenname", "Colour"], {"firmenname": "", "colour": "name"}) == ["", "name"]


@pytest.mark.parametrize(
    ("said", "size"),
    [("1", "micro"), ("0", "sole"), ("10-49", "small"), ("1.200", "large"), ("250+", "large"), ("249+", "large"),
     ("Mittel", "medium"), ("50 to 99 staff", "medium"), ("self-employed", "sole")],
)  # fmt: skip
def test_a_size_is_a_number_of_staff_or_a_word(said, size):
    assert rows_of(("A", said))[0].values["size"] == size


def test_a_cell_that_cannot_be_used_costs_that_cell():
    (row,) = rows_of(("A", "many", "Retail; Rockets", "nobody", "not a site"))
    assert (row.is_usable, row.values, row.sectors) == (True, {"name": "A"}, ("retail",))
    assert [problem.code for problem in row.problems] == ["bad_size", "unknown_sector", "bad_email", "bad_website"]


def test_a_line_that_names_nobody_is_left_out():
    rows = rows_of(("", "12"), ("A", "1", "", "", "", "more"), ("N" * 161,))
    assert [(row.is_usable, [one.code for one in row.problems]) for row in rows] == [
        (False, ["no_name"]), (False, ["too_many_cells"]), (False, ["too_long"]),
    ]  # fmt: skip
