"""Why something happened by itself, in words: the one table of every reason that no person wrote.

What is stored is the code: in `LogEntry.facts["because"]`, and beside a row's own `reason`. The sentence is made for
whoever reads it, in their language; whoever had it done reads the same one.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

REASONS = {
    "hold_expired": _(
        "Nothing more happened while the places were held, so they were given back when their time was over."
    ),
    "found_elsewhere": _("Another employer said yes first, so these places are not needed any more."),
    "no_answer": _("There was no answer in time, so another employer is asked."),
    "passed_over": _("Its turn came, and it could not be asked. The places were given back."),
    "days_changed": _("The days have changed, so this is done once more."),
    "document_ends": _("The document is not valid for the new days or the new place."),
    "agreement_withdrawn": _("Agreement withdrawn by signed link"),
    "agreement_outdated": _("The date or the students changed: the agreement is drawn up and signed anew."),
    "agreement_changed": _("The agreement changed: everybody signs the new version."),
    "signature_withdrawn": _("A signature was taken back."),
    "open_again": _("Something that must be done first is still open."),
    "same_plan": _("The same plan goes on."),
    "unconfirmed": _("Nobody has said for %(days)s days that it still holds."),
    "invited_anew": _("The time to accept was over, and the person was invited anew."),
}

#: What entries of the log said before there were codes. The log is never rewritten, so it is read with this.
ONCE = {
    "hold expired": "hold_expired",
    "found elsewhere": "found_elsewhere",
    "no answer in time": "no_answer",
    "passed over": "passed_over",
    "the date has changed": "days_changed",
}


def because(code: str, facts: Mapping[str, object] | None = None) -> str:
    """The sentence of a code, "" for none; the code itself when the table no longer knows it. `facts` fill in what the
    sentence leaves open."""
    if not code:
        return ""
    if code not in REASONS:
        return code.replace("_", " ")
    words = str(REASONS[code])
    return words % facts if facts and "%(" in words else words
