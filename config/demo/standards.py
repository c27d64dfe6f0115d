"""A round of self-assessments is running: some have answered, some are half-way, one was handed back."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from config.demo.story import Story
from config.demo.world import World
from employers import assessing, badges, framing, rounds
from employers.assessing import Said
from employers.models import Employer, SelfAssessment, StandardsFramework
from employers.scoring import asked
from hubs.actors import Actor

ROUND = dt.timedelta(days=30)
LEFT = dt.timedelta(days=12)
A_YEAR = dt.timedelta(days=365)


class Told(NamedTuple):
    """`end` is where it stands: open, submitted, handed back, reviewed. `level` is what most answers are
    near; `last_year` the same a year ago, None for a first time; `day` before today it was sent."""

    end: str
    level: int
    day: int
    last_year: int | None = None


ANSWERS = {
    "brightwater": Told("reviewed", 3, 17, 2),
    "marram": Told("submitted", 3, 6, 3),
    "kettle-hospital": Told("reviewed", 2, 15, 2),
    "tidewater": Told("handed back", 3, 9),
    "saffron": Told("open", 2, 8, 1),
    "norbeck": Told("submitted", 2, 4),
    "beacon": Told("reviewed", 1, 20),
    "council": Told("reviewed", 4, 18, 3),
    "fire": Told("submitted", 2, 12),
    "seawall": Told("reviewed", 2, 14, 1),
    "millrace": Told("reviewed", 3, 13),
    "ropewalk": Told("submitted", 1, 5),
    "quay-radio": Told("reviewed", 3, 16),
    "hillfoot": Told("reviewed", 2, 11),
}
SHOWN = "brightwater"  # what it shows in public
HAND_BACK = "Thank you. You say that everybody prepares before the first meeting. Do you mean the new host as well?"


def opened(w: World) -> Story:
    """Planned by the lead; the calendar opens it."""
    yield w.at(w.today - ROUND - dt.timedelta(days=10), "10:20")
    framework = StandardsFramework.objects.get(hub=w.hub, state="published")
    fields = {
        "framework": framework, "name": f"Good hosting {w.today.year}", "opens_on": w.today - ROUND,
        "closes_on": w.today + LEFT, "sectors": [],
    }  # fmt: skip
    rounds.plan_round(w.hub, fields, by=w.hat(w.managers[0]), now=w.now)


def answered(w: World, key: str) -> Story:
    told = ANSWERS[key]
    employer = w.employers[key]
    by, desk = w.side(employer), w.manager(employer)
    if told.last_year is not None:
        # What they had answered on paper the year before, brought over with its day.
        before = w.now - A_YEAR + dt.timedelta(days=150)
        row = _filled(w, employer, told.last_year, by=by, now=before)
        assessing.submit(row, by=by, now=before)
        assessing.confirm(row, by=desk, now=before + dt.timedelta(days=5))
        assessing.finalise(row, by=desk, now=before + dt.timedelta(days=20))
    yield w.at(w.today - dt.timedelta(days=told.day), "15:10")
    row = _filled(w, employer, told.level, by=by, now=w.now, whole=told.end != "open")
    if told.end == "open":
        return
    assessing.submit(row, by=by, now=w.now)
    if told.end in ("reviewed", "handed back"):
        yield w.working(-2, "11:15")
        if told.end == "reviewed":
            assessing.confirm(row, "Thank you, this is how we know you." if w.dice.random() < 0.4 else "", by=desk,
                              now=w.now)  # fmt: skip
        else:
            assessing.hand_back(row, HAND_BACK, by=desk, now=w.now)
    if key == SHOWN:
        yield w.working(-1, "09:05")
        badges.issue(row, by=by, now=w.now)


def _filled(
    w: World, employer: Employer, level: int, *, by: Actor, now: dt.datetime, whole: bool = True
) -> SelfAssessment:
    row = assessing.start(employer, by=by, now=now)
    said = []
    for standard in framing.document_of(row.framework).standards():
        lean = w.dice.choice((-1, 0, 0, 1))
        for item in asked(standard, row.size):
            if not whole and standard.code > "B1":
                continue
            if item.code == "B3.3" and employer.size == "micro":
                reason = "We are four and have not taken on anybody for years."
                said.append(Said(item.code, not_applicable=True, reason=reason))
            else:
                said.append(Said(item.code, max(0, min(4, level + lean + w.dice.choice((-1, 0, 0, 0, 1))))))
    assessing.save_answers(row, said, by=by, now=now)
    return row
