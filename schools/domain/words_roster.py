"""What the reader of class lists says, as sentences: what, where, and how to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from schools.domain.words_files import say
from schools.oneroster import CannotReadRoster
from schools.oneroster_types import Notice

ROSTER_REFUSALS = {
    "empty": gettext_lazy("This file is empty. Choose the zip your school's system exported."),
    "too_large": gettext_lazy("This file has %(size)s; the most is %(most_size)s. Export one school at a time."),
    "zip_bomb": gettext_lazy(
        "Unpacked, this zip would have %(size)s, which no school's lists have. Export it again, one school at a time."
    ),
    "not_a_zip": gettext_lazy(
        "This is not a zip file. Export OneRoster as CSV: it comes as one .zip, to be uploaded as it is."
    ),
    "too_many_members": gettext_lazy("This zip holds %(found)s files; a OneRoster export has at most %(most)s."),
    "unsafe_name": gettext_lazy("The zip holds a file called “%(file)s”, which points outside it. Export it again."),
    "nested_archive": gettext_lazy("The zip holds another archive, “%(file)s”. Unpack that one and upload it."),
    "encrypted": gettext_lazy("“%(file)s” in the zip is locked with a password. Export it without one."),
    "member_twice": gettext_lazy("The zip holds “%(file)s” twice. Export it again."),
    "broken_zip": gettext_lazy("“%(file)s” in the zip is damaged. Download or export it again."),
    "no_roster": gettext_lazy(
        "There are no class lists in this zip (it holds: %(found)s). "
        "It should hold users.csv, classes.csv and enrollments.csv."
    ),
    "missing_columns": gettext_lazy(
        "%(file)s, line %(line)s: there is no column “%(missing)s”; there are: %(found)s. Export it again."
    ),
    "bad_row": gettext_lazy("%(file)s, line %(line)s cannot be read as a row (%(detail)s). Mend the quotes there."),
    "not_text": gettext_lazy("%(file)s, line %(line)s is not text. Export it as CSV."),
    "too_many_rows": gettext_lazy("The zip has more than %(most)s rows (%(file)s, line %(line)s). Export one school."),
    "no_students": gettext_lazy("There is not one student in this zip: no row of users.csv has the role “student”."),
    "too_costly": gettext_lazy("Reading this zip took too long, so it was stopped. Export one school at a time."),
}

ROSTER_PROBLEMS = {
    "missing_value": gettext_lazy("%(file)s, line %(line)s has nothing in the column “%(column)s”."),
    "too_many_columns": gettext_lazy(
        "%(file)s, line %(line)s has %(found)s columns, the header %(needed)s. A comma inside a cell needs quotes."
    ),
    "bad_status": gettext_lazy(
        "%(file)s, line %(line)s: the status is neither active nor tobedeleted. Columns may have slipped."
    ),
    "bad_dates": gettext_lazy("%(file)s, line %(line)s: “%(value)s” are no first and last day of a term."),
}

ROSTER_NOTICES = {
    "not_utf8": gettext_lazy("%(file)s is not in UTF-8, so accented letters may look wrong. Check the names."),
    "column_guessed": gettext_lazy("%(file)s: the column “%(found)s” was read as “%(column)s”."),
    "no_manifest": gettext_lazy("The zip has no manifest.csv; it was read as complete lists, not as changes to them."),
    "manifest_lacks": gettext_lazy("manifest.csv does not say what %(file)s is; it was read as a complete list."),
    "listed_not_there": gettext_lazy("manifest.csv promises %(file)s, but the zip does not hold it."),
    "status_empty": gettext_lazy("Rows of changes without a status, read as active: %(count)s."),
    "duplicates": gettext_lazy(
        "%(file)s has some sourcedIds twice (%(count)s, such as “%(example)s”). The latest row of each counts."
    ),
    "switched_off": gettext_lazy("Students whose account is switched off, read as not there: %(count)s."),
}
ORPHANS = {
    "student": gettext_lazy(
        "Rows of enrollments.csv about students users.csv does not have: %(count)s (“%(example)s”)."
    ),
    "class": gettext_lazy(
        "Rows of enrollments.csv about classes classes.csv does not have: %(count)s (“%(example)s”)."
    ),
}


def roster_refusal(error: CannotReadRoster) -> str:
    return say(ROSTER_REFUSALS, error.code, error.facts)


def roster_problem(problem: Notice) -> str:
    return say(ROSTER_PROBLEMS, problem.code, problem.facts)


def roster_notice(notice: Notice) -> str:
    if notice.code == "orphans":
        return say(ORPHANS, str(notice.facts["what"]), notice.facts)
    return say(ROSTER_NOTICES, notice.code, notice.facts)


def roster_unsettled(asks_school: bool, asks_order: bool, problems: int) -> str:
    """What still has to be said, in one sentence."""
    if asks_school:
        return _("The file holds several schools. Say which one is yours.")
    if asks_order:
        return _("Say how the file writes its dates.")
    return ngettext(
        "%(n)s row could not be read. Say that the rest may be loaded without it.",
        "%(n)s rows could not be read. Say that the rest may be loaded without them.",
        problems,
    ) % {"n": problems}


def counts_in_words(counts: Mapping[str, Any]) -> str:
    """ "12 new, 3 changed": for a line of the log or the command."""
    words = {
        "added": _("%(n)s new"), "changed": _("%(n)s changed"), "removed": _("%(n)s gone"),
        "same": _("%(n)s as before"), "kept": _("%(n)s left alone"),
    }  # fmt: skip
    return ", ".join(word % {"n": counts[what]} for what, word in words.items() if counts.get(what)) or _("none")
