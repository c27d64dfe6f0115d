"""A round by the calendar: run twice, killed half-way, run late."""

from __future__ import annotations

import datetime as dt

import pytest

from employers import assessing, framing, rounds
from employers.models import AssessmentRound, Employer, RoundPlace, Sector, SelfAssessment
from hubs.actors import system
from hubs.errors import CannotAct, Refused
from hubs.models import Message, Role
from hubs.outbox import KINDS
from tests.cast import NOW, actor, join, person
from tests.employers.assessments import said_all

DAY, YEAR = dt.timedelta(days=1), dt.timedelta(days=365)
OPENS = dt.date(2026, 10, 1)
CLOSES = dt.date(2026, 10, 31)


def at(day: dt.date, hour: int = 9) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), dt.UTC)


@pytest.fixture
def desk(cast):
    return actor(cast.amina, cast.hub)


@pytest.fixture
def planned(cast, desk):
    framework = framing.load_framework(cast.hub, by=system(), now=NOW)
    fields = {"framework": framework, "name": "Autumn 2026", "opens_on": OPENS, "closes_on": CLOSES, "sectors": []}
    return rounds.plan_round(cast.hub, fields, by=desk, now=NOW)


def sent_to(kind: str) -> list[str]:
    return sorted(Message.objects.filter(kind=kind).values_list("address", flat=True))


def answer(row: AssessmentRound, employer, by, now) -> SelfAssessment:
    made = assessing.start(employer, by=by, now=now)
    assessing.save_answers(made, said_all(made, 2), by=by, now=now)
    assessing.submit(made, by=by, now=now)
    return made


def test_it_opens_on_its_day_and_asks_each_employer_of_the_hub_once(cast, planned):
    rounds.run_rounds(at(OPENS - DAY))
    assert (AssessmentRound.objects.get().state, Message.objects.count()) == ("planned", 0)
    for _twice in range(2):
        rounds.run_rounds(at(OPENS))
    assert AssessmentRound.objects.get().state == "open"
    assert sorted(RoundPlace.objects.values_list("employer__name", flat=True)) == [
        "Brightwater Engineering", "Saffron Bakery",
    ]  # fmt: skip
    assert sent_to("round-opened") == ["lead@brightwater.example", "lead@saffron.example"]


def test_it_asks_only_the_sizes_and_sectors_it_names(cast, planned, desk):
    food = Sector.objects.create(code="food", name="Food", isic_section="I")
    cast.other_employer.sectors.add(food)
    Employer.objects.create(hub=cast.hub, name="Large kitchen", size="large").sectors.add(food)
    Employer.objects.create(hub=cast.hub, name="Sleeping", size="small", is_active=False).sectors.add(food)
    rounds.change_round(planned, {"sizes": ["small"], "sectors": [food]}, by=desk, now=NOW)
    rounds.run_rounds(at(OPENS))
    assert list(RoundPlace.objects.values_list("employer__name", flat=True)) == ["Saffron Bakery"]


def test_each_person_is_reminded_once_of_each_kind_and_not_after_answering(cast, planned):
    days = [OPENS + n * DAY for n in range(31)]
    for day in days:
        for hour in (6, 9, 17):
            rounds.run_rounds(at(day, hour))
        if day == CLOSES - 5 * DAY:
            by = actor(cast.employer_lead, cast.hub, cast.employer)
            answer(planned, cast.employer, by, at(day, 18))
    reminders = Message.objects.filter(kind="round-reminder").order_by("address", "version")
    bright, saffron = cast.employer.pk, cast.other_employer.pk
    assert list(reminders.values_list("address", "version")) == [
        ("lead@brightwater.example", f"{bright}-21-{CLOSES}"), ("lead@brightwater.example", f"{bright}-7-{CLOSES}"),
        ("lead@saffron.example", f"{saffron}-2-{CLOSES}"), ("lead@saffron.example", f"{saffron}-21-{CLOSES}"),
        ("lead@saffron.example", f"{saffron}-7-{CLOSES}"),
    ]  # fmt: skip
    assert sent_to("round-missing") == ["desk@harbour.example"]


def test_a_late_run_sends_the_newest_reminder_alone(cast, planned):
    rounds.run_rounds(at(OPENS))
    rounds.run_rounds(at(CLOSES - DAY))
    versions = Message.objects.filter(kind="round-reminder", address="lead@saffron.example")
    assert list(versions.values_list("version", flat=True)) == [f"{cast.other_employer.pk}-2-{CLOSES}"]


def test_opened_so_late_that_it_is_over_it_asks_once_and_closes(cast, planned):
    rounds.run_rounds(at(CLOSES + 3 * DAY))
    row = AssessmentRound.objects.get()
    assert (row.state, row.report["asked"], row.report["answered"]) == ("closed", 2, 0)
    assert sent_to("round-reminder") == []


def test_closing_makes_final_recomputes_reports_and_tells_once(cast, planned, desk):
    rounds.run_rounds(at(OPENS))
    by = actor(cast.employer_lead, cast.hub, cast.employer)
    mine = answer(planned, cast.employer, by, at(OPENS + DAY))
    assessing.confirm(mine, by=desk, now=at(OPENS + 2 * DAY))
    other_by = actor(cast.other_lead, cast.hub, cast.other_employer)
    theirs = answer(planned, cast.other_employer, other_by, at(OPENS + DAY))
    before = {one.pk: (one.result, one.fingerprint) for one in (mine, theirs)}
    for _twice in range(2):
        rounds.run_rounds(at(CLOSES + DAY))
    states = dict(SelfAssessment.objects.values_list("pk", "state"))
    report = AssessmentRound.objects.get().report
    assert states == {mine.pk: "final", theirs.pk: "submitted"}  # nobody confirmed it: it waits for the hub
    assert {one.pk: (one.result, one.fingerprint) for one in SelfAssessment.objects.all()} == before
    assert (report["asked"], report["answered"], report["unproved"], report["bands"]["A1"]) == (
        2, 2, [], {"starting": 0, "steady": 2, "leading": 0},
    )  # fmt: skip
    assert sent_to("round-report") == ["desk@harbour.example"]


def test_who_sends_another_while_it_is_open_counts_once_with_the_newest(cast, planned, desk):
    rounds.run_rounds(at(OPENS))
    by = actor(cast.employer_lead, cast.hub, cast.employer)
    first = answer(planned, cast.employer, by, at(OPENS + DAY))
    assessing.confirm(first, by=desk, now=at(OPENS + 2 * DAY))
    again = assessing.start(cast.employer, by=by, now=at(OPENS + 3 * DAY))
    assessing.save_answers(again, said_all(again, 4), by=by, now=at(OPENS + 3 * DAY))
    assessing.submit(again, by=by, now=at(OPENS + 3 * DAY))
    rounds.run_rounds(at(CLOSES + DAY))
    report = AssessmentRound.objects.get().report
    assert (report["answered"], report["states"], report["bands"]["A1"]) == (
        1, {"submitted": 1}, {"starting": 0, "steady": 0, "leading": 1},
    )  # fmt: skip


def test_a_round_that_cannot_be_run_keeps_no_other_from_it(cast, planned, desk, monkeypatch, caplog):
    fields = {"framework": planned.framework, "name": "Second", "opens_on": OPENS, "closes_on": CLOSES, "sectors": []}
    second = rounds.plan_round(cast.hub, fields, by=desk, now=NOW)
    real = rounds.open_round

    def broken(row, **how):
        if row.pk == planned.pk:
            raise KeyError("a code nobody knows")
        real(row, **how)

    monkeypatch.setattr(rounds, "open_round", broken)
    assert rounds.run_rounds(at(OPENS)) == 1
    assert dict(AssessmentRound.objects.values_list("pk", "state")) == {planned.pk: "planned", second.pk: "open"}
    assert f"round {planned.pk} could not be run" in caplog.text
    monkeypatch.undo()
    rounds.run_rounds(at(OPENS))
    assert set(AssessmentRound.objects.values_list("state", flat=True)) == {"open"}


def test_one_that_cannot_be_made_final_keeps_no_other_from_it(cast, desk, monkeypatch):
    framing.load_framework(cast.hub, by=system(), now=NOW)
    made = [
        answer(None, employer, actor(lead, cast.hub, employer), NOW)
        for employer, lead in ((cast.employer, cast.employer_lead), (cast.other_employer, cast.other_lead))
    ]
    for one in made:
        assessing.confirm(one, by=desk, now=NOW)
    real = assessing.finalise

    def broken(row, **how):
        if row.pk == made[0].pk:
            raise KeyError("a code nobody knows")
        real(row, **how)

    monkeypatch.setattr(assessing, "finalise", broken)
    assert rounds.finalise_confirmed(NOW + 14 * DAY) == 1
    assert [SelfAssessment.objects.get(pk=one.pk).state for one in made] == ["reviewed", "final"]


class Killed(BaseException):
    """The process was killed here."""


@pytest.mark.parametrize("after", range(8))
def test_killed_anywhere_the_next_run_finishes_what_was_begun(cast, planned, desk, monkeypatch, after):
    """The run dies at the n-th message it would queue; what the next runs leave is what an undisturbed
    one leaves: the same rows, each message once."""
    third = Employer.objects.create(hub=cast.hub, name="Third")
    join(person("lead@third.example", "Lead Third"), cast.hub, Role.EMPLOYER_LEAD, third)
    left, real = [after], rounds.queue

    def dying(*args, **kwargs):
        if left[0] == 0:
            left[0] = -1
            raise Killed
        left[0] -= 1
        return real(*args, **kwargs)

    monkeypatch.setattr(rounds, "queue", dying)
    for now in (at(OPENS), at(CLOSES - 5 * DAY), at(CLOSES + DAY)):
        try:
            rounds.run_rounds(now)
        except Killed:
            rounds.run_rounds(now)
    leads = ["lead@brightwater.example", "lead@saffron.example", "lead@third.example"]
    assert (sent_to("round-opened"), sent_to("round-reminder")) == (leads, leads)
    assert (sent_to("round-missing"), sent_to("round-report")) == (["desk@harbour.example"], ["desk@harbour.example"])
    row = AssessmentRound.objects.get()
    assert (row.state, row.places.count(), row.report["asked"]) == ("closed", 3, 3)


def test_what_was_begun_before_the_round_counts_for_it(cast, planned):
    by = actor(cast.employer_lead, cast.hub, cast.employer)
    mine = assessing.start(cast.employer, by=by, now=NOW)
    rounds.run_rounds(at(OPENS))
    mine.refresh_from_db()
    assert mine.round == planned


def next_year(planned, desk, **fields) -> AssessmentRound:
    """Last year's is closed, and this year's opens a year after it."""
    rounds.run_rounds(at(CLOSES + DAY))
    days = {"opens_on": OPENS + YEAR, "closes_on": CLOSES + YEAR}
    fields = {"framework": planned.framework, "name": "Autumn 2027", "sectors": [], **days} | fields
    made = rounds.plan_round(planned.hub, fields, by=desk, now=at(OPENS + YEAR - DAY))
    rounds.run_rounds(at(OPENS + YEAR))
    return made


def left_open(row, by, desk) -> None:
    """It was begun and never sent."""


def left_with_the_hub(row, by, desk) -> None:
    assessing.submit(row, by=by, now=at(OPENS))


def left_as_a_correction(row, by, desk) -> None:
    assessing.submit(row, by=by, now=at(OPENS))
    assessing.confirm(row, by=desk, now=at(OPENS))
    assessing.correct(row, by=by, now=at(OPENS))


@pytest.mark.parametrize(
    ("leave", "is_asked"), [(left_open, True), (left_with_the_hub, False), (left_as_a_correction, True)]
)
def test_what_is_left_of_a_closed_round_counts_for_the_next(cast, planned, desk, leave, is_asked):
    """Nothing else can be begun beside it, so whoever has it would be reminded to the end whatever they do."""
    rounds.run_rounds(at(OPENS))
    by = actor(cast.employer_lead, cast.hub, cast.employer)
    mine = assessing.start(cast.employer, by=by, now=at(OPENS))
    assessing.save_answers(mine, said_all(mine, 2), by=by, now=at(OPENS))
    leave(mine, by, desk)
    left = SelfAssessment.objects.get(state__in=["open", "submitted"])
    second = next_year(planned, desk)
    left.refresh_from_db()
    assert (left.round, cast.employer in rounds.unanswered(second)) == (second, is_asked)
    if is_asked:
        left = assessing.start(cast.employer, by=by, now=at(OPENS + YEAR))
        assessing.submit(left, by=by, now=at(OPENS + YEAR))
    rounds.run_rounds(at(CLOSES + YEAR))
    told = Message.objects.filter(kind="round-reminder", subject_id=second.pk).values_list("address", flat=True)
    assert list(told) == ["lead@saffron.example"]
    planned.refresh_from_db()
    wanted = [cast.other_employer] if leave is not left_open else [cast.employer, cast.other_employer]
    assert list(rounds.missing(planned)) == wanted


def test_what_is_left_of_a_round_that_closed_meanwhile_is_gone_on_with_for_the_one_that_asks(cast, planned, desk):
    rounds.run_rounds(at(OPENS))
    by = actor(cast.employer_lead, cast.hub, cast.employer)
    mine = assessing.start(cast.employer, by=by, now=at(OPENS))
    days = {"opens_on": CLOSES, "closes_on": CLOSES + 30 * DAY}
    second = rounds.plan_round(
        cast.hub, {"framework": planned.framework, "name": "Late", "sectors": [], **days}, by=desk, now=at(OPENS)
    )
    rounds.run_rounds(at(CLOSES))  # both are open
    assert assessing.start(cast.employer, by=by, now=at(CLOSES)).round == planned
    rounds.run_rounds(at(CLOSES + DAY))
    assert assessing.start(cast.employer, by=by, now=at(CLOSES + DAY)).round == second
    mine.refresh_from_db()
    assert mine.round == second


def test_confirmed_outside_a_round_stands_after_two_weeks(cast, desk):
    framing.load_framework(cast.hub, by=system(), now=NOW)
    by = actor(cast.employer_lead, cast.hub, cast.employer)
    mine = answer(None, cast.employer, by, NOW)
    assessing.confirm(mine, by=desk, now=NOW)
    assert [rounds.finalise_confirmed(NOW + n * DAY) for n in (13, 14, 15)] == [0, 1, 0]


def test_dates_and_names_that_cannot_be_are_refused(cast, planned, desk):
    good = {"framework": planned.framework, "name": "Two", "opens_on": OPENS, "closes_on": CLOSES}
    for bad, sentence in (
        ({"closes_on": OPENS - DAY}, "before the first"),
        ({"opens_on": dt.date(2026, 1, 1), "closes_on": dt.date(2026, 2, 1)}, "passed already"),
        ({"name": "Autumn 2026"}, "called “Autumn 2026” already"),
    ):
        with pytest.raises(Refused, match=sentence):
            rounds.plan_round(cast.hub, good | bad, by=desk, now=NOW)
    with pytest.raises(CannotAct):
        rounds.plan_round(cast.hub, good, by=actor(cast.ben, cast.hub), now=NOW)


def test_an_open_round_keeps_whom_it_asked(cast, planned, desk):
    rounds.run_rounds(at(OPENS))
    planned.refresh_from_db()
    with pytest.raises(Refused, match="only its name and its last day"):
        rounds.change_round(planned, {"sizes": ["large"]}, by=desk, now=at(OPENS))
    rounds.change_round(planned, {"closes_on": CLOSES + 7 * DAY}, by=desk, now=at(OPENS))
    assert AssessmentRound.objects.get().closes_on == CLOSES + 7 * DAY


def test_an_employer_that_is_no_longer_active_is_not_waited_for(cast, planned):
    rounds.run_rounds(at(OPENS))
    Employer.objects.filter(pk=cast.employer.pk).update(is_active=False)
    assert list(rounds.unanswered(planned)) == [cast.other_employer]
    rounds.run_rounds(at(CLOSES - 5 * DAY))
    assert sent_to("round-reminder") == ["lead@saffron.example"]
    rounds.run_rounds(at(CLOSES + DAY))
    assert AssessmentRound.objects.get().report["missing"] == [cast.other_employer.pk]


def test_a_round_that_is_extended_reminds_and_escalates_before_its_new_last_day(cast, planned, desk):
    rounds.run_rounds(at(OPENS))
    for day in (CLOSES - 7 * DAY, CLOSES - 2 * DAY):
        rounds.run_rounds(at(day))
    planned.refresh_from_db()
    later = CLOSES + 14 * DAY
    rounds.change_round(planned, {"closes_on": later}, by=desk, now=at(CLOSES - 2 * DAY))
    said = Message.objects.filter(kind__in=["round-reminder", "round-missing"])
    before = set(said.values_list("pk", flat=True))
    for day in (later - 7 * DAY, later - 2 * DAY):
        for _twice in range(2):
            rounds.run_rounds(at(day))
    saffron = said.exclude(pk__in=before).exclude(address="lead@brightwater.example")
    assert sorted(saffron.values_list("kind", "version")) == [
        ("round-missing", f"{later}"),
        ("round-reminder", f"{cast.other_employer.pk}-2-{later}"),
        ("round-reminder", f"{cast.other_employer.pk}-7-{later}"),
    ]


def test_a_planned_round_asks_by_the_version_that_replaced_its_own(cast, desk, planned):
    new = framing.new_version(planned.framework, "2027.1", by=desk, now=NOW)
    framing.publish_framework(new, by=desk, now=NOW)
    planned.refresh_from_db()
    assert planned.framework == new
    rounds.run_rounds(at(OPENS))
    lead = actor(cast.employer_lead, cast.hub, cast.employer)
    assert assessing.start(cast.employer, by=lead, now=at(OPENS)).framework == new


def test_an_open_round_goes_on_by_the_version_it_asks_by(cast, desk, planned):
    rounds.run_rounds(at(OPENS))
    new = framing.new_version(planned.framework, "2027.1", by=desk, now=NOW)
    framing.publish_framework(new, by=desk, now=NOW)
    assert AssessmentRound.objects.get().framework == planned.framework


def test_standards_a_round_is_planned_by_are_not_retired(cast, desk, planned):
    with pytest.raises(Refused, match="“Autumn 2026” is planned by these standards"):
        framing.retire_framework(planned.framework, by=desk, now=NOW)
    rounds.call_off(planned, by=desk, now=NOW)
    framing.retire_framework(planned.framework, by=desk, now=NOW)


def test_of_two_open_rounds_the_one_not_answered_yet_asks(cast, desk, planned):
    fields = {"framework": planned.framework, "opens_on": OPENS, "closes_on": CLOSES + 10 * DAY, "sectors": []}
    later = rounds.plan_round(cast.hub, {**fields, "name": "Beside it"}, by=desk, now=NOW)
    rounds.run_rounds(at(OPENS))
    lead = actor(cast.employer_lead, cast.hub, cast.employer)
    made = answer(planned, cast.employer, lead, at(OPENS))
    assessing.confirm(made, by=desk, now=at(OPENS))
    assert (made.round_id, assessing.open_round(cast.employer)) == (planned.pk, later)
    assert answer(later, cast.employer, lead, at(OPENS + DAY)).round == later
    assert assessing.open_round(cast.employer) == planned


def test_a_manager_is_not_told_of_nobody(cast, desk, planned):
    Employer.objects.filter(hub=cast.hub).update(manager=cast.amina)
    rounds.run_rounds(at(OPENS))
    rounds.run_rounds(at(CLOSES - DAY))
    message = Message.objects.get(kind="round-missing")
    planned.refresh_from_db()
    assert KINDS["round-missing"].live(planned, message, at(CLOSES - DAY))
    AssessmentRound.objects.get().places.exclude(employer=cast.employer).delete()
    Employer.objects.filter(pk=cast.employer.pk).update(manager=cast.root)
    planned.refresh_from_db()
    assert not KINDS["round-missing"].live(planned, message, at(CLOSES - DAY))
