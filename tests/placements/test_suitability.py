"""Who may be asked for, said before it is sent: age, tier, what comes first, hours; with the nearest that could."""

from __future__ import annotations

import datetime as dt

import pytest

from hubs.rulepacks import load_packs
from opportunities.models import Pathway, PathwayStep
from placements.domain import eligibility, requests
from placements.domain.requests import CannotRequest
from placements.models import Encounter, PlacementRequest
from schools.models import Student
from tests import scenes
from tests.cast import NOW, actor

WEEK, TODAY = dt.timedelta(weeks=1), NOW.date()


def ask(cast, session, *, of=None, students=(), places=None, **asked) -> PlacementRequest:
    return requests.request_places(
        cast.school, group=of, places=places or len(students) or of.size, wished=[session], students=students,
        by=actor(cast.coordinator, cast.hub, cast.school), now=NOW, **asked,
    )  # fmt: skip


def refused(cast, session, **asked) -> CannotRequest:
    with pytest.raises(CannotRequest) as refusal:
        ask(cast, session, **asked)
    assert not PlacementRequest.objects.exists()
    return refusal.value


@pytest.fixture
def block(cast):
    """Days without school staff."""
    kind = scenes.encounter_type(cast.hub, "block", name="A week at work", tier="T3", hours=30)
    return scenes.opportunity(cast.employer, kind=kind, min_age=14, max_age=18)


# ---- Ages of students, whether or not there is a group ------------------------------------------


@pytest.mark.parametrize(("year", "words"), [(7, "too young: 7A-01"), (13, "too old: 13A-01")])
def test_students_without_a_group_are_as_old_as_their_year(cast, year, words):
    """Thirteen to sixteen; Year 10 turns 15 in these scenes."""
    session = scenes.session(scenes.opportunity(cast.employer))
    other = scenes.opportunity(cast.other_employer, min_age=10, max_age=19)
    near = scenes.session(other, on=scenes.DAY + WEEK)
    students = list(scenes.group(cast.school, f"{year}A", size=1, year=year).students.all())
    students += scenes.group(cast.school, size=1).students.all()
    refusal = refused(cast, session, students=students)
    assert f"For ages 13 to 16; {words}." in refusal.sentence
    assert refusal.facts == {"session": session.pk, "nearest": near.pk}


def test_a_student_whose_year_nobody_knows_is_not_refused_for_age(cast):
    student = Student.objects.create(hub=cast.hub, school=cast.school, alias="X-01")
    assert ask(cast, scenes.session(scenes.opportunity(cast.employer)), students=[student]).state == "submitted"


# ---- Tier ------------------------------------------------------------------------------------


def test_days_without_school_staff_are_not_asked_for_by_number(cast, block):
    assert "not asked for by number" in refused(cast, scenes.session(block), places=3).sentence
    visit = scenes.session(scenes.opportunity(cast.other_employer))
    assert ask(cast, visit, places=3).state == "submitted"
    assert ask(cast, scenes.session(block), of=scenes.group(cast.school), places=3).state == "submitted"


# ---- What has to come first ------------------------------------------------------------------


@pytest.fixture
def road(cast, block):
    row = Pathway.objects.create(hub=cast.hub, name="To work", state="published", shorter_first=0)
    talk = scenes.encounter_type(cast.hub, "talk", name="Talk", tier="T0", hours=1)
    PathwayStep.objects.create(pathway=row, encounter_type=talk)
    PathwayStep.objects.create(pathway=row, position=1, encounter_type=block.encounter_type, needs_type=talk)
    row.employers.add(cast.employer)
    return row


def had_talk(student, on=TODAY) -> None:
    Encounter.objects.create(
        hub=student.hub, school=student.school, student=student, on=on, attended=True, hours=1, recorded_at=NOW,
        encounter_type=scenes.encounter_type(student.hub, "talk"),
    )  # fmt: skip


def test_whoever_is_named_has_had_what_comes_first(cast, block, road):
    one, two = scenes.group(cast.school, size=2).students.order_by("alias")
    had_talk(one)
    session = scenes.session(block)
    free = scenes.opportunity(cast.other_employer, kind=scenes.encounter_type(cast.hub, "free", tier="T3"))
    refusal = refused(cast, session, students=[one, two])
    assert refusal.sentence == "See how it is made: 10A-02: “Talk” has to come first."
    assert ask(cast, session, students=[one]).state == "submitted"
    assert ask(cast, scenes.session(free), students=[two]).state == "submitted"


def test_a_group_is_refused_only_while_nobody_of_it_could_come(cast, block, road):
    group, session = scenes.group(cast.school, size=2), scenes.session(block)
    assert "10A: “Talk” has to come first." in refused(cast, session, of=group).sentence
    had_talk(group.students.first())
    assert ask(cast, session, of=group).state == "submitted"


@pytest.mark.parametrize("why", ["draft", "other employers", "the hub's guide", "another road", "had after"])
def test_only_a_pathway_that_leads_here_keeps_anybody(cast, block, road, why):
    group, session = scenes.group(cast.school, size=1), scenes.session(block)
    student = group.students.get()
    if why == "draft":
        Pathway.objects.update(state="draft")
    elif why == "other employers":
        road.employers.set([cast.other_employer])
    elif why == "the hub's guide":
        road.employers.clear()
    elif why == "another road":
        another = Pathway.objects.create(hub=cast.hub, name="Straight", state="published", shorter_first=0)
        PathwayStep.objects.create(pathway=another, encounter_type=block.encounter_type)
        another.employers.add(cast.employer)
    else:
        had_talk(student, on=session.first_on)
        assert "has to come first" in refused(cast, session, students=[student]).sentence
        return
    assert ask(cast, session, students=[student]).state == "submitted"


def test_a_pathway_of_the_hub_keeps_the_opportunity_it_names(cast, block, road):
    road.employers.clear()
    road.steps.filter(encounter_type=block.encounter_type).update(opportunity=block)
    group = scenes.group(cast.school, size=1)
    assert "has to come first" in refused(cast, scenes.session(block), students=[group.students.get()]).sentence


# ---- Hours for the age ----------------------------------------------------------------------


def test_hours_too_long_for_the_age_are_said_before_sending(cast, block):
    load_packs()
    long = scenes.session(block, starts=dt.time(9), ends=dt.time(19), break_minutes=60)
    short = scenes.session(block, on=scenes.DAY + WEEK, starts=dt.time(9), ends=dt.time(16), break_minutes=60)
    refusal = refused(cast, long, of=scenes.group(cast.school))
    assert "Tue 20 October: 9 hours at work that day, and the most is 8 hours. Rule: " in refusal.sentence
    assert refusal.facts == {"session": long.pk, "nearest": short.pk}


def test_what_is_read_of_students_and_rules_is_read_once(cast, block, road, django_assert_max_num_queries):
    load_packs()
    group = scenes.group(cast.school, size=3)
    for student in group.students.all():
        had_talk(student)
    rows = [scenes.session(block, on=scenes.DAY + n * WEEK, break_minutes=60) for n in range(3)]
    counts = []
    for some in (rows[:1], rows):
        with django_assert_max_num_queries(100) as seen:
            found = eligibility.eligible(cast.school, group=group, places=3, wished=some, now=NOW)
        assert [one.why for one in found] == [""] * len(some)
        counts.append(len(seen))
    assert counts[1] - counts[0] <= 24, counts
