"""What is said of a list of employers: why it is not read, which line has what problem, why two firms look alike."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from employers.sheet_alike import DOMAIN, NAME, NEAR, NUMBER, PLACE, Likeness
from employers.sheet_rows import Problem
from hubs.sheets import Fact


def refusal(code: str, facts: Mapping[str, Fact]) -> str:
    """Why a file is refused as a whole, and how to mend it."""
    words = {
        "empty": _("This file is empty. Choose the list your program saved."),
        "too_large": _("This file is larger than 2 MB. Save the list alone, without pictures, or in parts."),
        "not_text": _("This is neither a table of text nor an Excel workbook. Save the list as CSV or .xlsx."),
        "wrong_type": _("This is no Excel workbook, though it looks like one inside. Save the list as CSV or .xlsx."),
        "old_excel": _(
            "This is a workbook of an old kind, or one with a password. Save it as .xlsx or CSV, without one."
        ),
        "locked": _("This workbook is locked. Save a copy without a password."),
        "bomb": _("This workbook unpacks to more than any list should. Save the list alone as CSV."),
        "damaged": _("This workbook cannot be read to its end. Save it once more, or save it as CSV."),
        "bad_row": _("Line %(line)s cannot be read: a quotation mark is opened there and not closed."),
        "too_many_rows": _("The list has more than 1,000 lines. Read it in in parts."),
        "too_wide": _("The list has more than 60 columns. Take out those that say nothing about the employers."),
        "no_rows": _("There is no table in this file: a line of headings, and below it a line for each employer."),
    }
    return words.get(code, words["damaged"]) % facts


def note(code: str) -> str:
    """What was met on reading and is worth a look."""
    return {
        "not_utf8": _("The file does not say how its letters are coded. Look at names with accents."),
        "other_sheets": _("The workbook has more than one sheet. Only the first was read."),
        "same_file": _("This very file was imported before. Lines that brought nothing new will change nothing."),
    }[code]


def field_names() -> dict[str, str]:
    """The fields a column can be, as people call them."""
    return {
        "name": _("name of the employer"), "number": _("organisation number"), "size": _("size or number of staff"),
        "sectors": _("sectors"), "website": _("website"), "about": _("about"), "address": _("address"),
        "town": _("town"), "postcode": _("postcode"), "person": _("contact: name"),
        "job_title": _("contact: job title"), "email": _("contact: e-mail address"),
        "phone": _("contact: telephone"), "note": _("note for the hub"),
    }  # fmt: skip


def problem(one: Problem) -> str:
    """Which line, what is wrong, and what becomes of it."""
    words = {
        "no_name": _("Line %(line)s names no employer and is left out."),
        "too_many_cells": _("Line %(line)s has more cells than there are headings and is left out."),
        "too_long": _("Line %(line)s: the %(field)s is too long (“%(value)s…”). The rest of the line is kept."),
        "bad_email": _("Line %(line)s: “%(value)s” is no e-mail address. The rest of the line is kept."),
        "bad_website": _("Line %(line)s: “%(value)s” is no web address. The rest of the line is kept."),
        "bad_size": _("Line %(line)s: “%(value)s” says no number of staff. The rest of the line is kept."),
        "unknown_sector": _("Line %(line)s: “%(value)s” is none of our sectors. The rest of the line is kept."),
    }
    names = field_names()
    facts = {"line": one.line, "value": one.value, "field": names.get(one.field, one.field)}
    if one.code == "too_long" and one.field == "name":
        return _("Line %(line)s: the name is too long (“%(value)s…”), so the line is left out.") % facts
    return words[one.code] % facts


def why_alike(like: Likeness) -> str:
    """ "same name, same postcode (AB1 2CD)": the reasons, the strongest first."""
    words = {
        NUMBER: _("same organisation number (%(what)s)"),
        NAME: _("same name"),
        NEAR: _("a name much like it"),
        DOMAIN: _("same web or mail address (%(what)s)"),
        PLACE: _("same postcode (%(what)s)"),
    }
    return ", ".join(words[code] % {"what": what} for code, what in like.reasons)


def firm_name(like: Likeness) -> str:
    """The employer, or the earlier line of the same list."""
    if like.firm.key > 0:
        return like.firm.name
    return _("line %(line)s, %(name)s") % {"line": -like.firm.key, "name": like.firm.name}


def added_names() -> dict[str, str]:
    """What a line adds, as people call it."""
    return {**field_names(), "site": _("a site"), "contact": _("a contact"), "note": _("a note")}


def to_decide(count: int) -> str:
    return ngettext(
        "%(n)s line looks like an employer you have. Say for it whether it is the same.",
        "%(n)s lines look like employers you have. Say for each whether it is the same.",
        count,
    ) % {"n": count}
