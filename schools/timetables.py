"""Reading a school's timetable from what its timetable program exports.

Pure: no database, no settings. A file that cannot be read whole raises ``CannotReadTimetable`` with a code and facts
(text is made elsewhere); what was read but should be looked at comes back in ``warnings``. Names of teachers are
dropped: nothing here needs them.

Codes of CannotReadTimetable (facts in brackets): empty · too_large (bytes, most) · not_text (line) · unknown_format
(line, found, missing?) · missing_columns (line, missing, found) · mapping_incomplete (missing, found, line) ·
too_few_columns, too_many_columns (line, found, needed) · too_many_rows (line, most) · bad_row (line, detail) ·
missing_value (line, column) · bad_number (line, column, value) · unsafe_xml (line) · bad_xml (line, detail) ·
not_solved (activities) · unknown_hour (activity, value) · no_lessons · unknown_option (format) · too_costly

A single line with too_few_columns, too_many_columns, missing_value or bad_number is set aside in ``problems`` under
that code, as long as another line can be read.

Codes of warnings: not_utf8 · rows_without_group (count) · rows_unplaced (count) · days_numbered (days, example) ·
days_unknown (count, examples) · times_only (count)
"""

from __future__ import annotations

from collections.abc import Mapping

from schools.timetable_csv import (
    guess_mapping,
    is_fet_csv,
    is_gpu001,
    parse_fet_csv,
    parse_generic_csv,
    parse_gpu001,
)
from schools.timetable_fet import parse_fet_xml
from schools.timetable_types import CannotReadTimetable, Notice, ParsedLesson, ParsedTimetable, decode

__all__ = [
    "FORMATS",
    "CannotReadTimetable",
    "Notice",
    "ParsedLesson",
    "ParsedTimetable",
    "guess_mapping",
    "parse_timetable",
    "sniff",
]

FORMATS = ("fet-csv", "fet-xml", "gpu001", "csv")


def sniff(text: str) -> str:
    """The format a file looks like; "csv" when it is nothing known, because a table with a header may still be read."""
    if text.lstrip()[:1] == "<":
        return "fet-xml"
    if is_fet_csv(text):
        return "fet-csv"
    return "gpu001" if is_gpu001(text) else "csv"


def parse_timetable(
    data: bytes,
    *,
    format: str | None = None,  # noqa: A002 - what everybody calls it
    mapping: Mapping[str, str] | None = None,
) -> ParsedTimetable:
    """Read a timetable of at most 8 MiB and 60,000 rows.

    ``format``: one of FORMATS; None looks at the file. ``mapping`` (format csv only): our name → header in the file,
    ``{"group": "Class", "day": "Day", "hour": "Period", "subject": "Subject", "week": "Week"}``.
    """
    if format is not None and format not in FORMATS:
        raise CannotReadTimetable("unknown_option", {"format": format[:40]})
    text, notes = decode(data)
    kind = format or ("csv" if mapping else sniff(text))
    if kind == "fet-xml":
        return parse_fet_xml(text, notes)
    if kind == "fet-csv":
        return parse_fet_csv(text, notes)
    if kind == "gpu001":
        return parse_gpu001(text, notes)
    return parse_generic_csv(text, mapping, notes)
