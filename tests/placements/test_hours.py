"""Limits on hours and breaks: what the numbers mean, and what they keep from happening."""

from __future__ import annotations

import datetime as dt
import json
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hubs.models import HubRequirement, LogEntry, Requirement
from hubs.moves import move
from hubs.rulepacks import FOLDER, load_packs
from opportunities.domain.sessions import set_break
from opportunities.models import Session
from placements.domain import answers, brokering, clearances, hours
from placements.hours import Limit, Stretch, breaches, limit_of
from placements.models import Placement
from schools.models import ProtectedPeriod
from tests import scenes
from tests.cast import NOW, actor

MONDAY = dt.date(2026, 10, 19)
NINE, FOUR, FIVE, SIX = dt.time(9), dt.time(16), dt.time(17), dt.time(18)


def limit(**numbers) -> Limit:
    return limit_of(numbers, code="X", title="A rule", source="a law", blocks=True)


def days(count: int, starts=NINE, ends=FIVE, pause: int | None = 60, first=MONDAY, **more):
    return [Stretch(first + dt.timedelta(days=n), starts, ends, pause, **more) for n in range(count)]


def found(schedule, age: int, *limits) -> list[tuple]:
    return [(one.on.isoformat(), one.what, one.found, one.most) for one in breaches(schedule, age, limits)]


def test_a_long_day_names_its_first_day():
    assert found(days(3, ends=SIX), 15, limit(day_hours=7)) == [("2026-10-19", "day", 8, 7)]
    assert found(days(3), 15, limit(day_hours=7)) == []


def test_a_break_nobody_spoke_of_counts_as_work():
    assert found(days(1, pause=None), 15, limit(day_hours=7)) == [("2026-10-19", "day", 8, 7)]


def test_breaks_may_count():
    assert found(days(1), 15, limit(day_hours=7, breaks_count=True)) == [("2026-10-19", "day", 8, 7)]


def test_the_week_names_the_day_on_which_it_is_too_much():
    assert found(days(5), 15, limit(week_hours=30)) == [("2026-10-23", "week", 35, 30)]
    # Two weeks of three days each are two weeks.
    split = days(3) + days(3, first=MONDAY + dt.timedelta(days=7))
    assert found(split, 15, limit(week_hours=30)) == []


def test_two_stretches_of_a_day_add_up():
    split = [Stretch(MONDAY, NINE, dt.time(13), 0), Stretch(MONDAY, dt.time(14), SIX, 0)]
    assert found(split, 15, limit(day_hours=7)) == [("2026-10-19", "day", 8, 7)]


def test_early_and_late():
    rule = limit(earliest="06:00", latest="20:00")
    assert found(days(1, starts=dt.time(5), ends=dt.time(21)), 15, rule) == [
        ("2026-10-19", "early", dt.time(5), dt.time(6)),
        ("2026-10-19", "late", dt.time(21), dt.time(20)),
    ]
    assert found(days(1, starts=dt.time(6), ends=dt.time(20)), 15, rule) == []


@pytest.mark.parametrize(
    ("ends", "pause", "expected"),
    [
        (dt.time(13, 30), None, []),  # four and a half hours: no break is asked for
        (dt.time(14), 30, []),
        (dt.time(14), 20, [("2026-10-19", "break", 20, 30)]),
        (dt.time(14), None, [("2026-10-19", "break_unknown", None, 30)]),
    ],
)
def test_breaks(ends, pause, expected):
    rule = limit(break_minutes=30, break_after=4.5)
    assert found(days(1, ends=ends, pause=pause), 15, rule) == expected


def test_an_unknown_break_blocks_nobody():
    (one,) = breaches(days(1, pause=None), 15, [limit(break_minutes=30, break_after=4.5)])
    assert not one.blocks


def test_rest():
    rule = limit(no_sunday=True, rest_beside_sunday=True)
    saturday = MONDAY + dt.timedelta(days=5)
    assert found(days(2, first=saturday), 15, rule) == [("2026-10-25", "sunday", None, None)]
    beside = days(1, first=saturday) + days(1, first=saturday + dt.timedelta(days=2))
    assert found(beside, 15, rule) == [("2026-10-24", "rest", None, None)]
    assert found(days(1, first=saturday), 15, rule) == []


def test_days_a_week():
    assert found(days(6), 16, limit(days_a_week=5)) == [("2026-10-24", "days", 6, 5)]


def test_ages_and_times_of_the_year():
    rule = limit(day_hours=6, min_age=15, max_age=15, when="exams")
    exams = frozenset({"exams", "term"})
    assert [len(found(days(1, when=exams), age, rule)) for age in (14, 15, 16)] == [0, 1, 0]
    assert found(days(1, when=frozenset({"term"})), 15, rule) == []


def test_what_blocks_comes_first():
    warns = limit_of({"day_hours": 2}, code="A", title="", source="", blocks=False)
    assert [one.limit.code for one in breaches(days(1), 15, [warns, limit(day_hours=3)])] == ["X", "A"]


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 20), st.integers(0, 12), st.integers(1, 11), st.sampled_from([None, 0, 30, 60])),
        max_size=12,
        unique_by=lambda row: row[0],
    ),
    st.integers(1, 12),
    st.integers(1, 60),
)
def test_hours_agree_with_adding_minute_by_minute(rows, a_day, a_week):
    schedule = [
        Stretch(MONDAY + dt.timedelta(days=n), dt.time(start), dt.time(start + length), pause)
        for n, start, length, pause in rows
    ]
    minutes: dict[dt.date, int] = {}
    for one in schedule:
        minutes[one.on] = sum(1 for _ in range(one.starts.hour * 60, one.ends.hour * 60)) - (one.pause or 0)
    weeks: dict[dt.date, int] = {}
    for on, number in minutes.items():
        monday = on - dt.timedelta(days=on.weekday())
        weeks[monday] = weeks.get(monday, 0) + number
    said = {one.what for one in breaches(schedule, 15, [limit(day_hours=a_day, week_hours=a_week)])}
    assert ("day" in said) == any(number > a_day * 60 for number in minutes.values())
    assert ("week" in said) == any(number > a_week * 60 for number in weeks.values())


@pytest.mark.parametrize("path", sorted((FOLDER / "hours").glob("*.json")), ids=lambda path: path.stem)
def test_every_shipped_limit_can_be_read(path):
    for row in json.loads(path.read_text(encoding="utf-8")):
        made = limit_of(row["limits"], code=row["code"], title=row["title"], source=row["source"], blocks=True)
        numbers = [made.day_hours, made.week_hours, made.days_a_week, made.earliest, made.latest, made.break_minutes]
        assert any(number is not None for number in numbers), row["code"]
        assert row["source"]
        assert row["kind"] == "limit"
        if "memory" in row["source"] or "differ" in row["source"]:
            assert row["verified"] is False, row["code"]


# ---- On placements -------------------------------------------------------------


@pytest.fixture
def packs(db):
    load_packs()


def abroad(cast, jurisdiction: str):
    cast.hub.jurisdiction = jurisdiction
    cast.hub.save()
    for row in (cast.school, cast.employer):
        row.hub = cast.hub


def week(cast, *, tier: str = "T3", ends=FIVE, pause: int | None = 60, count: int = 5, on=MONDAY, code="block"):
    kind = scenes.encounter_type(cast.hub, code, tier=tier, hours=30)
    offer = scenes.opportunity(cast.employer, kind=kind, min_age=14, max_age=18)
    return scenes.session(offer, on=on, days=count, starts=NINE, ends=ends, break_minutes=pause)


def hold(cast, session, **fields):
    """As when the hub chooses a session the school did not ask for: the wish itself is checked when it is sent."""
    request = scenes.request(cast, session, draft=True, **fields)
    move(request, "submitted", by=scenes.desk(cast), now=NOW)
    return brokering.hold(request, session, by=scenes.desk(cast), now=NOW)


def test_a_stage_of_eight_hours_is_refused_with_day_and_rule(cast, packs):
    abroad(cast, "FR")
    session = week(cast, ends=SIX)
    with pytest.raises(hours.CannotExceedHours) as refusal:
        hold(cast, session)
    assert refusal.value.sentence == (
        "Mon 19 October: 8 hours at work that day, and the most is 7 hours. "
        "Rule: Hours under 16 (Model conventions of the ministry, 2025)."
    )
    assert refusal.value.facts == {"day": "2026-10-19", "rule": "FR-04"}
    session.refresh_from_db()
    assert session.taken == 0


def test_thirty_five_hours_under_fifteen_warn_where_sources_differ(cast, packs):
    abroad(cast, "FR")
    placement = hold(cast, week(cast))
    assert [(one["blocks"], one["text"][:38]) for one in hours.shown(placement, NOW)] == [
        (False, "Fri 23 October: 35 hours at work that ")
    ]


def test_a_hub_that_confirmed_the_rule_lets_it_block(cast, packs):
    abroad(cast, "FR")
    rule = Requirement.objects.get(code="FR-04Y")
    HubRequirement.objects.create(hub=cast.hub, requirement=rule, blocks="confirm", confirmed_at=NOW)
    with pytest.raises(hours.CannotExceedHours, match="30 hours a week under 15"):
        hold(cast, week(cast))


def test_england_says_eight_hours_and_warns_of_the_rest(cast, packs):
    with pytest.raises(hours.CannotExceedHours, match=r"9 hours .* Rule: At most eight hours a day \(HSE"):
        hold(cast, week(cast, ends=dt.time(19)))
    older = scenes.group(cast.school, "11B", year=11)
    placement = hold(cast, week(cast, pause=None, code="long"), of=older)
    assert {one["blocks"] for one in hours.shown(placement, NOW)} == {False}


def test_an_estagio_of_six_hours_and_half_of_it_in_exams(cast, packs):
    abroad(cast, "BR")
    group = scenes.group(cast.school, "3C", year=11)
    with pytest.raises(hours.CannotExceedHours, match=r"7 hours .* most is 6"):
        hold(cast, week(cast, tier="T4"), of=group)
    shorter = week(cast, tier="T4", ends=FOUR, code="estagio")
    ProtectedPeriod.objects.create(
        hub=cast.hub, school=cast.school, name="Provas", hardness="avoid",
        starts_on=dt.date(2026, 10, 21), ends_on=dt.date(2026, 10, 22),
    )  # fmt: skip
    with pytest.raises(hours.CannotExceedHours) as refusal:
        hold(cast, shorter, of=scenes.group(cast.school, "3D", year=11))
    assert refusal.value.facts == {"day": "2026-10-21", "rule": "BR-02P"}


def test_a_visit_with_teachers_has_no_limit_on_hours(cast, packs):
    abroad(cast, "FR")
    assert hours.shown(hold(cast, week(cast, tier="T2", ends=SIX)), NOW) == []


def test_accepting_looks_again(cast, packs):
    abroad(cast, "FR")
    session = week(cast, ends=SIX, pause=120, count=4)
    placement = scenes.placement(cast, state="offered", wanted=session)
    lead = actor(cast.employer_lead, cast.hub, cast.employer)
    set_break(session, 30, by=lead, now=NOW)
    placement.session.refresh_from_db()
    with pytest.raises(hours.CannotExceedHours, match="most is 7"):
        answers.accept(placement, by=lead, now=NOW)
    placement.refresh_from_db()
    assert placement.state == "offered"
    assert LogEntry.objects.about(session).get(verb="break_set").facts == {"before": 120, "after": 30}


@pytest.mark.parametrize("state", ["accepted", "ready", "under_way"])
@pytest.mark.parametrize("minutes", [30, None])
def test_a_shorter_break_is_refused_for_those_who_agreed_to_come(cast, packs, state, minutes):
    abroad(cast, "FR")
    session = week(cast, ends=SIX, pause=120, count=4)
    scenes.placement(cast, state="accepted", wanted=session)
    Placement.objects.update(state=state)
    lead = actor(cast.employer_lead, cast.hub, cast.employer)
    with pytest.raises(hours.CannotExceedHours, match=r"Mon 19 October: .* and the most is 7 hours") as refusal:
        set_break(session, minutes, by=lead, now=NOW)
    assert refusal.value.facts["rule"] == "FR-04"
    session.refresh_from_db()
    assert session.break_minutes == 120
    set_break(session, 180, by=lead, now=NOW)
    set_break(session, 150, by=lead, now=NOW)


def test_a_longer_break_is_taken_though_it_is_still_too_short(cast, packs):
    abroad(cast, "FR")
    session = week(cast, ends=SIX, pause=120, count=4)
    scenes.placement(cast, state="accepted", wanted=session)
    Session.objects.update(break_minutes=20)
    session.refresh_from_db()
    set_break(session, 30, by=actor(cast.employer_lead, cast.hub, cast.employer), now=NOW)
    session.refresh_from_db()
    assert session.break_minutes == 30


def test_another_break_has_the_agreement_signed_anew(cast, packs):
    abroad(cast, "FR")
    session = week(cast, ends=SIX, pause=120, count=4)
    row = scenes.placement(cast, state="accepted", wanted=session, of=scenes.group(cast.school, size=1))
    agreement = row.clearances.get(requirement__code="FR-01")
    clearances.complete(agreement, by=scenes.desk(cast), now=NOW, note="Seen.")
    set_break(session, 150, by=actor(cast.employer_lead, cast.hub, cast.employer), now=NOW)
    agreement.refresh_from_db()
    assert (agreement.state, agreement.evidence.get("outdated")) == ("open", True)


def test_what_students_do_elsewhere_in_the_week_counts(cast, packs):
    abroad(cast, "FR")
    group = scenes.group(cast.school)
    hold(cast, week(cast, count=4), of=group)
    friday = week(cast, count=1, on=MONDAY + dt.timedelta(days=4), ends=SIX, code="friday", pause=0)
    students = list(group.students.all())
    seen = hours.broken(friday, cast.school, group=group, students=students, now=NOW)
    assert ("FR-04W", "week", Fraction(37)) in [(one.limit.code, one.what, one.found) for one in seen]


def test_the_school_reads_it_on_the_placement(cast, packs, client, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    abroad(cast, "FR")
    placement = hold(cast, week(cast, pause=None, ends=FOUR))
    client.force_login(cast.coordinator)
    page = client.get(f"/school/placements/{placement.pk}/").content.decode()
    assert "Look at the hours" in page
    assert "Mon 19 October: no break is written down, and 30 minutes are the least." in page
    assert "Longer than is allowed" not in page


def test_limits_are_read_in_one_statement(cast, packs, django_assert_num_queries):
    with django_assert_num_queries(1):
        rules = hours.limits_for(cast.hub, "T3", NOW)
    assert [(rule.code, rule.blocks) for rule in rules] == [("ENG-05", True), ("ENG-05C", False), ("ENG-05W", False)]
