"""What a figure of the record says, in a sentence; and in which way it differs from an answer."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from employers.evidence import ALSO, CODES, COUNTS, PRESENT, Figure


def said(figure: Figure) -> str:
    """One plain sentence for the employer and its hub alike, so it addresses neither; never a judgement."""
    if figure.code in PRESENT:
        return _present(figure.code, there=figure.part > 0)
    if figure.code in COUNTS:
        sentence = ngettext(
            "%(part)s student came in the last twelve months.",
            "%(part)s students came in the last twelve months.",
            figure.part,
        )
        return sentence % {"part": figure.part}
    if not figure.whole:
        return _("There is nothing in the record yet to count this by.")
    if figure.code not in CODES:
        return _("The record counted %(part)s of %(whole)s by a measure that is not used any more.") % {
            "part": figure.part, "whole": figure.whole,
        }  # fmt: skip
    return _shares()[figure.code] % {"part": figure.part, "whole": figure.whole}


def measured(code: str) -> str:
    """What a figure of this code counts, its sentence with the numbers left open."""
    if code in PRESENT:
        return _present(code, there=True)
    if code in COUNTS:
        return _("… students came in the last twelve months.")
    return _shares()[code] % {"part": "…", "whole": "…"}


def said_beside(code: str, figures: Mapping[str, Figure]) -> list[tuple[str, str]]:
    """(code, sentence) of what stands beside an answer: the figure its item names, and what is said with that."""
    return [(one, said(figures[one])) for one in (code, *ALSO.get(code, ())) if one in figures]


def _present(code: str, *, there: bool) -> str:
    sentences = {
        "contact_named": (
            _("The record names a main contact with an address."),
            _("The record names no main contact with an address."),
        ),
        "plan_of_year": (
            _("There is an action plan for this school year."),
            _("There is no action plan for this school year."),
        ),
        "practised_applying": (
            _("There was a session in the last twelve months that prepares for applying."),
            _("There was no session in the last twelve months that prepares for applying."),
        ),
        "class_project": (
            _("There was a project or a lesson for a class in the last twelve months."),
            _("There was no project or lesson for a class in the last twelve months."),
        ),
    }
    return sentences[code][0 if there else 1]


def _shares() -> dict[str, str]:
    return {
        "repeat_schools": _("%(part)s of %(whole)s schools came in more than one school year."),
        "notice_given": _("%(part)s of %(whole)s sessions were published eight weeks ahead or earlier."),
        "answered_in_time": _("%(part)s of %(whole)s requests were answered within a week."),
        "kept": _("%(part)s of %(whole)s agreed placements took place or were called off by the school."),
        "called_off_early": _("Of %(whole)s placements the employer called off, the school heard of %(part)s two weeks "
                              "ahead or earlier."),
        "needy_schools": _("%(part)s of %(whole)s places went to schools the hub gives priority."),
        "schools_reached": _("%(part)s of the %(whole)s schools that came have the priority of the hub."),
        "access_said": _("%(part)s of %(whole)s offers say what is possible for students with a disability."),
        "costs_covered": _("%(part)s of %(whole)s offers say which costs are covered."),
        "range_of_people": _("%(part)s of %(whole)s students met several people."),
        "two_way": _("%(part)s of %(whole)s students could ask and talk."),
        "purpose_shared": _("%(part)s of %(whole)s students knew beforehand what it was for."),
        "outcomes_suited": _("What %(part)s of %(whole)s students were to learn suited them."),
        "reflection_held": _("%(part)s of %(whole)s students had time to look back afterwards."),
        "meaningful": _("For %(part)s of %(whole)s students the encounter was meaningful by every test of its kind."),
        "outcomes_said": _("%(part)s of %(whole)s offers say what students will learn."),
        "task_and_feedback": _("%(part)s of %(whole)s students had a task and heard how it was."),
        "day_plan_ready": _("%(part)s of %(whole)s offers have a day plan, a supervisor and a stand-in."),
        "short_formats": _("%(part)s of %(whole)s sessions lasted a day or less."),
        "skills_named": _("%(part)s of %(whole)s offers name the skills that are looked for."),
        "feedback_given": _("%(part)s of %(whole)s students have feedback of the workplace on record."),
        "volunteers_prepared": _("%(part)s of %(whole)s volunteers were prepared on the day this was counted."),
        "documents_valid": _("On the first day of %(part)s of %(whole)s placements the insurance was in date."),
        "asked_how_it_was": _("Feedback of the school is there for %(part)s of %(whole)s placements."),
        "steps_done": _("%(part)s of %(whole)s steps due in the last twelve months are done."),
    }  # fmt: skip


def differs(kind: str) -> str:
    """`kind` is what `evidence.disagreement` found: "above" or "below"."""
    return {
        "above": _("the answer says more than the record"),
        "below": _("the answer says less than the record"),
    }.get(kind, "")
