"""Refusals by role, and those of things that cannot be meant: each with its own sentence."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from hubs.actors import Actor
from hubs.errors import CannotAct, Refused
from hubs.rulepacks import load_packs
from placements.domain import (
    agreements,
    answers,
    attendance,
    brokering,
    capacity,
    clearances,
    days,
    feeds,
    hosting,
    merging,
    moving,
    on_the_day,
    reflections,
    requests,
)
from placements.models import PlacementRequest, PlacesAlarm
from tests import scenes
from tests.cast import NOW, actor
from tests.placements.agreed import agreed, by_student

SCHOOL, EMPLOYER, HUB, STUDENT = "school", "employer", "hub", "student"


@pytest.fixture
def scene(cast) -> SimpleNamespace:
    """An agreed placement with its agreement drawn up, and who acts."""
    placement = agreed(cast, "FR", size=1)
    by = {
        SCHOOL: actor(cast.coordinator, cast.hub, cast.school),
        EMPLOYER: actor(cast.employer_lead, cast.hub, cast.employer),
        HUB: scenes.desk(cast),
        STUDENT: by_student(cast),
    }
    (agreement,) = agreements.draw_up(placement, by=by[SCHOOL], now=NOW)
    line = agreement.signatures.get(party="parent")
    line.agreement = agreement
    return SimpleNamespace(cast=cast, placement=placement, by=by, line=line, student=placement.students.get())


def alarm(scene) -> PlacesAlarm:
    session = scene.placement.session
    return PlacesAlarm.objects.create(hub=session.hub, session=session, kept=1, counted=2, found_at=NOW)


def feed(scene, **what):
    return feeds.make_feed(scene.cast.school, by=scene.by[SCHOOL], now=NOW, **what)[0]


#: Who asks for it, the verb, and what they are told.
NOT_THEIRS: dict[str, tuple[str, Callable]] = {
    "Only the school or the hub draws up the agreement.": (
        EMPLOYER, lambda s, who: agreements.draw_up(s.placement, **who)),
    "Only the school or the hub asks for signatures.": (
        EMPLOYER, lambda s, who: agreements.ask(s.line, "a@home.example", **who)),
    "Only the employer says this.": (
        SCHOOL, lambda s, who: attendance.employer_feedback(s.placement, {}, again=None, **who)),
    "Only the hub corrects a count.": (SCHOOL, lambda s, who: capacity.correct(alarm(s), "Seen.", **who)),
    "Only the school asks parents and carers.": (
        EMPLOYER, lambda s, who: clearances.ask_parent(s.placement.clearances.first(), "a@home.example", **who)),
    "Only the school or the hub sends reminders.": (
        EMPLOYER, lambda s, who: clearances.remind(s.placement.clearances.first(), **who)),
    "Only the school or the hub names students.": (EMPLOYER, lambda s, who: days.name_students(s.placement, [], **who)),
    "Only members of the organisation revoke its calendar addresses.": (
        EMPLOYER, lambda s, who: feeds.revoke_feed(feed(s), **who)),
    "Only the employer passes its requests on.": (
        SCHOOL, lambda s, who: hosting.hand_over(s.placement, "a@firm.example", **who)),
    "Only the employer reports from the workplace.": (
        SCHOOL, lambda s, who: on_the_day.report_incident(s.placement, "other", "", **who)),
    "Only the school or the hub hands out these links.": (
        EMPLOYER, lambda s, who: reflections.make_links(s.placement, **who)),
    "Only the student says this.": (EMPLOYER, lambda s, who: reflections.reflect(s.student, {}, **who)),
}  # fmt: skip


@pytest.mark.parametrize("sentence", NOT_THEIRS)
def test_what_is_somebody_elses_says_whose(scene, sentence):
    side, verb = NOT_THEIRS[sentence]
    with pytest.raises(CannotAct, match=f"^{re.escape(sentence)}$"):
        verb(scene, {"by": scene.by[side], "now": NOW})


def test_a_calendar_of_ones_own_is_revoked_by_oneself(scene):
    own = feed(scene, personal=True)
    colleague = Actor(hat="coordinator", via="page", hub_id=scene.cast.hub.pk, organisation_id=scene.cast.school.pk)
    with pytest.raises(CannotAct, match="Only the person whose calendar it is"):
        feeds.revoke_feed(own, by=colleague, now=NOW)


def test_employers_of_two_hubs_stay_two_even_for_whoever_runs_both(cast):
    root = Actor(hat="superuser", via="page", hub_id=cast.hub.pk)
    with pytest.raises(Refused, match=r"These are employers of two hubs\. Each hub keeps its own record"):
        merging.check_pair(cast.employer, cast.employer_b, by=root)


def ask(scene, **asked) -> PlacementRequest:
    of = asked.pop("group", None) or scenes.group(scene.cast.school)
    wished = [scenes.session(scenes.opportunity(scene.cast.employer))]
    return requests.request_places(
        scene.cast.school, group=of, wished=wished, by=scene.by[SCHOOL], now=NOW, **{"places": 1, **asked}
    )


def foreign(scene):
    return scenes.group(scene.cast.other_school, "9Z")


def someone(scene):
    return foreign(scene).students.first()


def nobody_named(scene):
    scene.placement.students.all().delete()
    return agreements.draw_up(scene.placement, by=scene.by[SCHOOL], now=NOW)


def no_register(scene):
    scene.placement.student_days.all().delete()
    return attendance.complete(scene.placement, {}, by=scene.by[SCHOOL], now=NOW)


def remind_what_is_done(scene):
    row = scene.placement.clearances.first()
    row.state = "done"
    return clearances.remind(row, by=scene.by[SCHOOL], now=NOW)


def hold_then_refuse(scene):
    wanted = scenes.session(scenes.opportunity(scene.cast.employer))
    asked = scenes.request(scene.cast, wanted)
    brokering.hold(asked, wanted, by=scene.by[HUB], now=NOW)
    return brokering.refuse(asked, "Nothing that week.", by=scene.by[HUB], now=NOW)


def move_without_a_word(scene):
    later = [(scenes.DAY + dt.timedelta(weeks=1), dt.time(9), dt.time(12))]
    return moving.move_session(scene.placement.session, later, by=scene.by[EMPLOYER], now=NOW)


CANNOT_BE: dict[str, Callable] = {
    "Name the students first.": nobody_named,
    "Name the students first. ": no_register,
    "There is no signature to take back here.": lambda s: agreements.withdraw(s.line, "", by=s.by[SCHOOL], now=NOW),
    "Say why in a few words: it helps the hub to ask better next time.": (
        lambda s: answers.decline(s.placement, " ", by=s.by[EMPLOYER], now=NOW)),
    "Nobody is expected on that day.": (
        lambda s: attendance.mark(at(s.placement, "ready"), dt.date(2027, 1, 4), [], by=s.by[SCHOOL], now=NOW)),
    "Say why: the school reads it.": (
        lambda s: brokering.refuse(s.placement.request, " ", by=s.by[HUB], now=NOW)),
    "Give the held places back first.": hold_then_refuse,
    "Say what you found: whoever looks for the cause reads it.": (
        lambda s: capacity.correct(alarm(s), " ", by=s.by[HUB], now=NOW)),
    "Say why this is not needed here.": (
        lambda s: clearances.waive(s.placement.clearances.first(), " ", by=s.by[HUB], now=NOW)),
    "This is done already.": remind_what_is_done,
    "You named 2 students for 1 places. Take some off the list.": (
        lambda s: days.name_students(s.placement, [s.student.student, someone(s)], by=s.by[SCHOOL], now=NOW)),
    "One of these students belongs to another school.": (
        lambda s: days.name_students(s.placement, [someone(s)], by=s.by[SCHOOL], now=NOW)),
    "One of these students belongs to another school. ": lambda s: ask(s, students=[someone(s)]),
    "This group belongs to another school.": lambda s: feed(s, group=foreign(s)),
    "This group belongs to another school. ": lambda s: ask(s, group=foreign(s)),
    "This site belongs to another employer.": lambda s: feed(s, site=s.placement.session.opportunity.site),
    "A calendar of your own is for everything that concerns you.": (
        lambda s: feed(s, personal=True, group=s.placement.group)),
    "Say why: the schools read it.": move_without_a_word,
    "You named 1 students but ask for 2 places.": (
        lambda s: ask(s, group=s.placement.group, students=[s.student.student], places=2)),
}  # fmt: skip


def at(placement, state: str):
    type(placement).objects.filter(pk=placement.pk).update(state=state)
    placement.refresh_from_db()
    return placement


@pytest.mark.parametrize("sentence", CANNOT_BE)
def test_what_cannot_be_says_what_and_what_to_do(scene, sentence):
    with pytest.raises(Refused, match=f"^{re.escape(sentence.strip())}$"):
        CANNOT_BE[sentence](scene)


@pytest.mark.parametrize(
    ("age", "words"), [(12, "For ages 14 to 16; too young: S1"), (19, "For ages 14 to 16; too old: S1")]
)
def test_ages_of_named_students_are_said_with_who_it_is(cast, age, words):
    load_packs()
    group = scenes.group(cast.school, year=age - 5)
    student = group.students.first()
    student.alias = "S1"
    student.save()
    offer = scenes.opportunity(cast.employer, min_age=14, max_age=16)
    with pytest.raises(Refused, match=words):
        requests.request_places(
            cast.school, group=None, places=1, wished=[scenes.session(offer)], students=[student], now=NOW,
            by=actor(cast.coordinator, cast.hub, cast.school),
        )  # fmt: skip
