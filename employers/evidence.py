"""What the record can show beside an answer, and when the two disagree; pure.

A figure is a share: `part` of `whole` in a period, the whole being what could have been (placements
begun, encounters attended, steps due). It is shown, never scored. Where the whole is too small to
say anything, nothing is said.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction

#: Codes an item may name. How each is counted is written beside its computation.
CODES = (
    "contact_named", "plan_of_year", "repeat_schools", "notice_given", "answered_in_time", "kept", "called_off_early",
    "needy_schools", "schools_reached",
    "access_said", "costs_covered", "range_of_people", "two_way", "outcomes_said", "task_and_feedback",
    "purpose_shared", "outcomes_suited", "reflection_held", "meaningful",
    "day_plan_ready", "short_formats", "skills_named", "practised_applying", "feedback_given",
    "volunteers_prepared", "documents_valid", "class_project", "asked_how_it_was", "students_reached", "steps_done",
)  # fmt: skip
#: Counts of something that is there or not: one case is enough to speak.
PRESENT = frozenset({"contact_named", "plan_of_year", "practised_applying", "class_project"})
#: Numbers without a share: shown, and never held against an answer.
COUNTS = frozenset({"students_reached"})
#: What is said beside a figure as well: of what did not take place, how late the school heard; of places, how many
#: schools had them.
ALSO = {"kept": ("called_off_early",), "needy_schools": ("schools_reached",)}
LEAST_CASES = 3
HIGH_ANSWER, LOW_ANSWER = Fraction(3, 4), Fraction(1, 4)
HALF, MOST = Fraction(1, 2), Fraction(3, 4)


@dataclass(frozen=True)
class Figure:
    code: str
    part: int
    whole: int
    since: dt.date
    until: dt.date

    @property
    def share(self) -> Fraction | None:
        return Fraction(self.part, self.whole) if self.whole and self.code not in COUNTS else None

    @property
    def speaks(self) -> bool:
        """Whether there is enough to set beside an answer."""
        return self.share is not None and (self.code in PRESENT or self.whole >= LEAST_CASES)


def disagreement(points: int, most_points: int, figure: Figure | None) -> str:
    """ "above" when the answer says more than the record shows, "below" when it says less, else ""."""
    if figure is None or not figure.speaks or figure.share is None:
        return ""
    answered = Fraction(points, most_points)
    if answered >= HIGH_ANSWER and figure.share < HALF:
        return "above"
    if answered <= LOW_ANSWER and figure.share >= MOST:
        return "below"
    return ""
