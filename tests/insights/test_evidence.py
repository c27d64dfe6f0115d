"""What the record shows: each figure over rows that count, rows that do not, and rows of others."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from employers import assessing, framing
from employers.evidence import CODES, Figure, disagreement
from employers.evidence_words import said, said_beside
from employers.forms_standards import EvidenceChoice
from employers.models import Contact, Document, EvidenceFigure, Volunteer
from hubs.actors import system
from hubs.models import LogEntry
from insights import evidence, evidence_lists
from insights.evidence import MEASURES, Period
from opportunities.models import ActionPlan, ActionPlanTemplate, PlanStep
from placements.models import Encounter, Feedback, Placement
from schools.models import Student
from tests import scenes
from tests.cast import NOW, actor
from tests.employers.assessments import sent

TODAY = NOW.date()
WEEK = dt.timedelta(weeks=1)
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


def placement(cast, days_ago: int, *, state: str = "completed", school=None, employer=None, **fields) -> Placement:
    """One placement whose session began `days_ago`."""
    employer = employer or cast.employer
    offer = fields.pop("offer", None) or scenes.opportunity(employer, title=f"Visit {days_ago}")
    session = scenes.session(offer, on=TODAY - days_ago * DAY)
    values = {
        "offered_at": NOW - (days_ago + 30) * DAY, "answered_at": NOW - (days_ago + 28) * DAY,
        "created_at": NOW - (days_ago + 40) * DAY, "places": 2,
    } | fields  # fmt: skip
    return Placement.objects.create(
        hub=employer.hub, session=session, employer=employer, school=school or cast.school, state=state, **values
    )


def counted(cast, employer=None) -> dict[str, tuple[int, int]]:
    """(part, whole) of one employer as kept after a count of the whole hub."""
    evidence.refresh(cast.hub, now=NOW)
    rows = EvidenceFigure.objects.filter(employer=employer or cast.employer)
    return {row.code: (row.part, row.whole) for row in rows}


def test_there_is_a_computation_for_every_code_and_no_other(cast):
    assert sorted(evidence.count(Period.of(cast.hub, NOW))) == sorted(CODES)


def test_nothing_is_counted_of_an_employer_without_a_record(cast):
    assert counted(cast) == {
        "contact_named": (0, 1), "plan_of_year": (0, 1), "practised_applying": (0, 1), "class_project": (0, 1),
    }  # fmt: skip


def test_the_year_ends_today_and_begins_a_year_before(cast):
    period = Period.of(cast.hub, NOW)
    assert (period.since, period.until) == (dt.date(2025, 9, 16), dt.date(2026, 9, 15))
    leap = Period.of(cast.hub, dt.datetime(2028, 2, 29, 12, tzinfo=dt.UTC))
    assert leap.since == dt.date(2027, 3, 1)


def test_placements_of_the_year_and_of_this_employer_alone(cast):
    Document.objects.create(
        hub=cast.hub, employer=cast.employer, kind="liability", state="held", added_at=NOW,
        issued_on=TODAY - 100 * DAY, expires_on=TODAY + 100 * DAY,
    )  # fmt: skip
    cast.other_school.is_priority = True
    cast.other_school.save()
    late = placement(cast, 20, answered_at=NOW - 40 * DAY)
    placement(cast, 150, school=cast.other_school)  # before the insurance began
    placement(cast, 400)  # the year before
    placement(cast, 10, employer=cast.other_employer)
    Placement.objects.filter(pk=late.pk).update(offered_at=NOW - 60 * DAY)
    found = counted(cast)
    assert {code: found[code] for code in ("documents_valid", "needy_schools", "answered_in_time")} == {
        "documents_valid": (1, 2), "needy_schools": (2, 4), "answered_in_time": (1, 2),
    }  # fmt: skip


def test_insurance_taken_back_before_the_day_did_not_cover_it(cast):
    placement(cast, 30)
    paper = Document.objects.filter(employer=cast.employer).first() or Document.objects.create(
        hub=cast.hub, employer=cast.employer, kind="liability", state="held", added_at=NOW
    )
    Document.objects.filter(employer=cast.employer).exclude(pk=paper.pk).delete()
    shown = []
    for days in (None, 31, 29):
        state = {"state": "held", "withdrawn_at": None}
        if days is not None:
            state = {"state": "withdrawn", "withdrawn_at": NOW - days * DAY}
        Document.objects.filter(pk=paper.pk).update(kind="liability", issued_on=None, expires_on=None, **state)
        shown.append(counted(cast)["documents_valid"])
    assert shown == [(1, 1), (0, 1), (1, 1)]


def test_only_what_the_employer_called_off_counts_against_it(cast):
    placement(cast, 30)
    by_school = placement(cast, 31, state="cancelled", closed_at=NOW - 40 * DAY)
    by_employer = placement(cast, 32, state="cancelled", closed_at=NOW - 33 * DAY)
    for row, hat in ((by_school, "coordinator"), (by_employer, "employer_lead")):
        LogEntry.objects.create(
            hub=cast.hub, at=NOW, via="page", hat=hat, verb="cancelled", to_state="cancelled",
            subject_type="placements.placement", subject_id=row.pk,
        )  # fmt: skip
    assert counted(cast)["kept"] == (2, 3)
    period = Period.of(cast.hub, NOW)
    rows = evidence_lists.rows("kept", period, cast.employer)
    lines = {one.when: one for one in (evidence_lists.line("kept", row, period) for row in rows)}
    line = lines[TODAY - 32 * DAY]
    assert (line.counted, line.detail) == (False, "called off 1 day before")


def test_of_what_the_employer_called_off_it_is_said_how_many_the_school_heard_of_in_time(cast):
    """Whole days of the hub's calendar: two weeks before the day is in time whatever the hour."""
    placement(cast, 30)
    for began, before, hat, hours in ((40, 14, "employer_lead", 5), (41, 13, "employer_lead", -5),
                                      (42, 20, "link:employer", 0), (43, 1, "coordinator", 0)):  # fmt: skip
        row = placement(cast, began, state="cancelled", closed_at=NOW - (began + before) * DAY + hours * HOUR)
        LogEntry.objects.create(
            hub=cast.hub, at=NOW, via="page", hat=hat, verb="cancelled", to_state="cancelled",
            subject_type="placements.placement", subject_id=row.pk,
        )  # fmt: skip
    assert counted(cast)["called_off_early"] == (2, 3)
    period = Period.of(cast.hub, NOW)
    rows = evidence_lists.rows("called_off_early", period, cast.employer)
    lines = [evidence_lists.line("called_off_early", row, period) for row in rows]
    assert [(line.detail, line.counted) for line in lines] == [
        ("called off 14 days before", True), ("called off 13 days before", False), ("called off 20 days before", True),
    ]  # fmt: skip
    evidence.refresh(cast.hub, now=NOW)
    figures = assessing.figures_of(cast.employer)
    assert said_beside("kept", figures) == [
        ("kept", "2 of 5 agreed placements took place or were called off by the school."),
        (
            "called_off_early",
            "Of 3 placements the employer called off, the school heard of 2 two weeks ahead or earlier.",
        ),
    ]
    assert said_beside("two_way", figures) == []


def test_beside_places_for_needy_schools_stands_how_many_schools_came_and_how_needy_they_are(cast):
    cast.school.is_priority = True
    cast.school.save()
    for days in (10, 20, 30):
        placement(cast, days)  # three times the same school
    placement(cast, 40, school=cast.other_school)
    placement(cast, 400, school=cast.other_school)  # before this year
    placement(cast, 50, school=cast.other_school, state="cancelled")
    assert counted(cast)["schools_reached"] == (1, 2)
    period = Period.of(cast.hub, NOW)
    rows = evidence_lists.rows("schools_reached", period, cast.employer)
    assert [row.counted for row in rows] == [True, True, True, False]
    assert evidence.count_one("schools_reached", period, cast.employer) == figure("schools_reached", 1, 2, period.since)
    assert said_beside("needy_schools", assessing.figures_of(cast.employer)) == [
        ("needy_schools", "6 of 8 places went to schools the hub gives priority."),
        ("schools_reached", "1 of the 2 schools that came have the priority of the hub."),
    ]


def test_what_the_record_says_is_for_the_employer_and_for_the_hub_alike():
    """Both read the same sentence, so it speaks to neither of them."""
    words = [said(figure(code, part, 4)) for code in CODES for part in (0, 3)]
    assert [one for one in words if {"you", "your"} & set(one.lower().split())] == []


def test_what_an_item_may_name_is_chosen_by_what_it_counts():
    choices = {value: str(label) for value, label in EvidenceChoice().choices}
    assert list(choices) == ["", *CODES]
    assert choices["answered_in_time"] == "… of … requests were answered within a week."
    assert len(set(choices.values())) == len(choices)


def test_a_request_taken_back_within_the_week_is_no_late_answer(cast):
    placement(cast, 20)
    offered = NOW - 30 * DAY
    for taken_back_after in (1, 7, 8):  # of the last the employer had its week
        placement(
            cast, 20 + taken_back_after, state="withdrawn", offered_at=offered, answered_at=None,
            closed_at=offered + taken_back_after * DAY,
        )  # fmt: skip
    placement(cast, 40, state="offered", offered_at=offered, answered_at=None)
    assert counted(cast)["answered_in_time"] == (1, 3)
    rows = evidence_lists.rows("answered_in_time", Period.of(cast.hub, NOW), cast.employer)
    assert sorted((row.state, row.counted) for row in rows) == [
        ("completed", True), ("offered", False), ("withdrawn", False),
    ]  # fmt: skip


def test_a_school_comes_back_in_another_school_year(cast):
    placement(cast, 30)
    placement(cast, 60)  # the same year
    placement(cast, 200, school=cast.other_school)
    placement(cast, 450, school=cast.other_school)  # the year before
    assert counted(cast)["repeat_schools"] == (1, 2)


def test_flags_are_counted_by_student_who_came(cast):
    row = placement(cast, 10)
    for number, (attended, task, feedback) in enumerate([(True, True, True), (True, True, None), (False, None, None)]):
        Encounter.objects.create(
            hub=cast.hub, school=cast.school, employer=cast.employer, placement=row, on=TODAY - 10 * DAY,
            student=Student.objects.create(hub=cast.hub, school=cast.school, alias=f"10A-{number}"),
            encounter_type=row.session.opportunity.encounter_type, attended=attended, task=task, feedback=feedback,
            two_way=True if attended else None, purpose=attended, outcomes=feedback, reflection=number == 1,
            meaningful=number == 0, recorded_at=NOW,
        )  # fmt: skip
    found = counted(cast)
    wanted = ("task_and_feedback", "feedback_given", "two_way", "range_of_people", "students_reached")
    assert [found[code] for code in wanted] == [(1, 2), (1, 2), (2, 2), (0, 2), (2, 2)]
    tests = ("purpose_shared", "outcomes_suited", "reflection_held", "meaningful")
    assert [found[code] for code in tests] == [(2, 2), (1, 2), (1, 2), (1, 2)]


def test_offers_sessions_people_and_plans(cast):
    good = scenes.opportunity(
        cast.employer, title="Good", access="Lift.", outcomes="Asks.", costs_covered="Fares.", skills=["speaking"],
        day_plan=[{"at": "9"}], supervisor="A", stand_in="B", published_at=NOW - 30 * WEEK,
    )  # fmt: skip
    bare = scenes.opportunity(
        cast.employer, title="Bare", supervisor="", access="", outcomes="", published_at=NOW - 6 * WEEK
    )
    scenes.opportunity(cast.employer, title="Draft", state="draft", published_at=None)
    for offer in (good, bare):
        session = scenes.session(offer, on=TODAY - 2 * WEEK)
        type(session).objects.filter(pk=session.pk).update(created_at=NOW - 30 * WEEK)
    Contact.objects.create(hub=cast.hub, employer=cast.employer, name="A", email="a@x.example", is_main=True)
    Volunteer.objects.create(hub=cast.hub, employer=cast.employer, name="B", prepared_on=TODAY)
    Volunteer.objects.create(
        hub=cast.hub, employer=cast.employer, name="C", prepared_on=TODAY, prepared_until=TODAY - DAY
    )
    Volunteer.objects.create(hub=cast.hub, employer=cast.employer, name="D", is_active=False)
    template = ActionPlanTemplate.objects.create(hub=cast.hub, name="T", state="published")
    plan = ActionPlan.objects.create(
        hub=cast.hub, employer=cast.employer, template=template, year_starts_on=dt.date(2026, 9, 1),
        year_ends_on=dt.date(2027, 8, 31), adopted_at=NOW,
    )  # fmt: skip
    for due, state in ((TODAY, "done"), (TODAY - DAY, "planned"), (TODAY + DAY, "planned")):
        PlanStep.objects.create(hub=cast.hub, employer=cast.employer, plan=plan, title="S", due_on=due, state=state)
    found = counted(cast)
    assert {code: found[code] for code in sorted(found)} == {
        "access_said": (1, 2), "class_project": (0, 1), "contact_named": (1, 1), "costs_covered": (1, 2),
        "day_plan_ready": (1, 2), "notice_given": (1, 2), "outcomes_said": (1, 2), "plan_of_year": (1, 1),
        "practised_applying": (0, 1), "short_formats": (2, 2), "skills_named": (1, 2), "steps_done": (1, 2),
        "volunteers_prepared": (1, 2),
    }  # fmt: skip


def test_what_schools_said_is_counted_by_placement(cast):
    first = placement(cast, 10)
    placement(cast, 20)
    Feedback.objects.create(hub=cast.hub, school=cast.school, placement=first, side="school", given_at=NOW)
    Feedback.objects.create(hub=cast.hub, school=cast.school, placement=first, side="employer", given_at=NOW)
    assert counted(cast)["asked_how_it_was"] == (1, 2)


def test_counting_twice_changes_nothing_and_what_has_gone_goes(cast):
    row = placement(cast, 10)
    first = counted(cast)
    assert counted(cast) == first
    Placement.objects.filter(pk=row.pk).delete()
    evidence.refresh(cast.hub, now=NOW + dt.timedelta(hours=1))
    assert not EvidenceFigure.objects.filter(employer=cast.employer, code="asked_how_it_was").exists()


def test_a_hub_that_cannot_be_counted_keeps_no_other_from_it(cast, monkeypatch, caplog):
    real = evidence.count

    def broken(period, employer=None):
        if period.hub == cast.hub:
            raise KeyError("a code nobody knows")
        return real(period, employer)

    monkeypatch.setattr(evidence, "count", broken)
    assert cast.hub.pk < cast.hub_b.pk
    evidence.refresh_all(NOW)
    assert set(EvidenceFigure.objects.values_list("hub", flat=True)) == {cast.hub_b.pk}
    assert f"the record of hub {cast.hub.slug} could not be counted" in caplog.text


def test_counting_one_employer_leaves_the_others_alone(cast):
    placement(cast, 10, employer=cast.other_employer)
    counted(cast)
    evidence.refresh(cast.hub, now=NOW + dt.timedelta(hours=1), employer=cast.employer)
    assert EvidenceFigure.objects.filter(employer=cast.other_employer, code="kept").exists()


@pytest.mark.parametrize("code", sorted(MEASURES))
def test_the_list_behind_a_figure_is_the_figure(cast, code):
    for days in (10, 20, 30):
        placement(cast, days)
    measure, period = MEASURES[code], Period.of(cast.hub, NOW)
    rows = list(evidence_lists.rows(code, period, cast.employer))
    weight = [getattr(row, measure.amount) if measure.amount else 1 for row in rows]
    part = sum(w for w, row in zip(weight, rows, strict=True) if row.counted)
    assert (part, sum(weight)) == measure.counts(period).get(cast.employer.pk, (0, 0))


def test_the_list_of_schools_that_came_again_is_of_three_school_years(cast):
    again = [placement(cast, days) for days in (30, 450)]
    once = placement(cast, 200, school=cast.other_school)
    placement(cast, 1200, school=cast.other_school)  # before these years
    period = Period.of(cast.hub, NOW)
    rows = {row.pk: row.counted for row in evidence_lists.rows("repeat_schools", period, cast.employer)}
    assert rows == {again[0].pk: True, again[1].pk: True, once.pk: False}
    assert counted(cast)["repeat_schools"] == (1, 2)
    kept = EvidenceFigure.objects.get(employer=cast.employer, code="repeat_schools")
    assert (kept.since, kept.until) == (dt.date(2024, 9, 1), TODAY)
    assert evidence.count_one("repeat_schools", period, cast.employer) == evidence.figure(kept)


def test_the_list_behind_the_plan_of_the_year_is_of_this_year(cast):
    template = ActionPlanTemplate.objects.create(hub=cast.hub, name="A first year", state="published")
    first, last = cast.hub.academic_year_of(TODAY)
    for years in (0, 1):
        ActionPlan.objects.create(
            hub=cast.hub, employer=cast.employer, template=template, adopted_at=NOW,
            year_starts_on=first.replace(year=first.year - years), year_ends_on=last.replace(year=last.year - years),
        )  # fmt: skip
    rows = evidence_lists.rows("plan_of_year", Period.of(cast.hub, NOW), cast.employer)
    assert [row.year_starts_on for row in rows] == [first]


@pytest.mark.parametrize("code", CODES)
def test_every_figure_has_its_page(client, cast, code, monkeypatch):
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)
    placement(cast, 10)
    client.force_login(cast.employer_lead)
    assert client.get(reverse("employer-record-list", args=[code])).status_code == 200


def test_the_record_is_counted_on_demand(client, cast, monkeypatch):
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)
    placement(cast, 10)
    client.force_login(cast.employer_lead)
    client.post(reverse("employer-record-count"))
    page = client.get(reverse("employer-record")).content.decode()
    assert "1 of 1 agreed placements took place or were called off by the school." in page


def figure(code: str, part: int, whole: int, since: dt.date = TODAY) -> Figure:
    return Figure(code, part, whole, since, TODAY)


@pytest.mark.parametrize(
    ("points", "part", "whole", "expected"),
    [
        (3, 4, 9, "above"), (4, 0, 3, "above"), (3, 5, 9, ""), (2, 0, 9, ""), (1, 3, 4, "below"), (0, 9, 9, "below"),
        (1, 2, 4, ""), (4, 0, 2, ""), (4, 0, 0, ""),
    ],
)  # fmt: skip
def test_answer_and_record_differ_only_when_far_apart_and_enough_cases_speak(points, part, whole, expected):
    assert disagreement(points, 4, figure("feedback_given", part, whole)) == expected


def test_what_is_there_or_not_speaks_alone_and_counts_never_do():
    assert disagreement(4, 4, figure("plan_of_year", 0, 1)) == "above"
    assert disagreement(0, 4, figure("students_reached", 900, 900)) == ""
    assert disagreement(4, 4, None) == ""


def test_a_result_leads_to_the_rows_of_the_year_it_was_sent_in(client, cast, monkeypatch):
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)
    framing.load_framework(cast.hub, by=system(), now=NOW)
    placement(cast, 10)
    for days in (400, 420):
        placement(cast, days)
    then, by = NOW - 380 * DAY, actor(cast.employer_lead, cast.hub, cast.employer)
    evidence.refresh(cast.hub, now=then, employer=cast.employer)
    row = sent(cast.employer, by, now=then)
    client.force_login(cast.employer_lead)
    url = reverse("employer-record-list", args=["kept"])
    link = f"{url}?result={row.pk}"
    assert link in client.get(reverse("employer-results", args=[row.pk])).content.decode()
    old, new = client.get(link), client.get(url)
    assert [len(page.context["lines"]) for page in (old, new)] == [2, 1]
    assert old.context["title"].startswith("2 of 2 agreed placements")
    client.force_login(cast.other_lead)
    assert [client.get(f"{url}?result={wrong}").status_code for wrong in (row.pk, "x")] == [404, 404]
