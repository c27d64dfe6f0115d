"""The pathway engine: by example, and against a checker that tries everything."""

from __future__ import annotations

import datetime as dt
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from opportunities.pathways import (
    DONE,
    DUE,
    GAP,
    MET,
    MISSED,
    NEEDS_TYPE,
    NEXT,
    OPEN,
    SAME_SECTOR,
    SHORTER_FIRST,
    WAITING,
    Had,
    Reason,
    Rules,
    Step,
    assign,
    judge,
    never_open,
)
from tests.examples import examples

TODAY = dt.date(2026, 9, 15)
TALK, VISIT = Step("talk"), Step("visit", hours=2)
WEEK = Step("week", hours=25, unaccompanied=True, year=10)
ROAD = (TALK, VISIT, WEEK)


def had(kind: str, days_ago: int, **fields) -> Had:
    return Had(TODAY - dt.timedelta(days=days_ago), kind, **fields)


def states(report) -> list[str]:
    return [one.state for one in report.steps]


def test_nothing_yet_leaves_the_first_step_next():
    report = judge(ROAD, [], Rules(), year=9, today=TODAY)
    assert states(report) == [NEXT, OPEN, WAITING]
    assert report.steps[2].why == (Reason(SHORTER_FIRST, needed=2, have=0),)
    assert (report.done, report.next.step, report.missing) == (0, TALK, ())


def test_two_shorter_encounters_open_the_week():
    past = [had("talk", 90), had("visit", 30, hours=2)]
    assert states(judge(ROAD, past[:1], Rules(), year=9, today=TODAY)) == [DONE, NEXT, WAITING]
    assert states(judge(ROAD, past, Rules(), year=9, today=TODAY)) == [DONE, DONE, NEXT]


def test_what_is_as_long_or_unaccompanied_is_no_shorter_encounter():
    past = [had("talk", 90), had("course", 60, hours=25), had("shadowing", 30, hours=5, unaccompanied=True)]
    assert judge([WEEK], past, Rules(), year=9, today=TODAY).steps[0].why == (Reason(SHORTER_FIRST, needed=2, have=1),)


def test_a_step_in_the_sector_of_the_last_two_waits_and_others_are_told_what_to_avoid():
    past = [had("talk", 90, sectors=frozenset({"food"})), had("talk", 60, sectors=frozenset({"health"}))]
    care = Step("visit", sector="health")
    report = judge([care, VISIT], past, Rules(), year=9, today=TODAY)
    assert (states(report), report.avoid) == ([WAITING, NEXT], {"food", "health"})
    assert report.steps[0].why == (Reason(SAME_SECTOR, what="health", needed=2),)
    later = [*past, had("talk", 9, sectors=frozenset({"law"})), had("talk", 8)]
    assert judge([care], later, Rules(), year=9, today=TODAY).steps[0].state == NEXT


def test_a_small_employer_is_due_then_missed_then_met():
    rules = Rules(small_by=9)
    assert [judge(ROAD, [], rules, year=year, today=TODAY).small for year in (None, 9, 10)] == [DUE, DUE, MISSED]
    assert judge(ROAD, [had("talk", 9, small_employer=True)], rules, year=10, today=TODAY).small == MET
    assert judge(ROAD, [], Rules(), year=10, today=TODAY).small is None


def test_what_its_year_left_behind_is_missing():
    assert [judge([WEEK], [], Rules(), year=year, today=TODAY).missing == () for year in (None, 10, 11)] == [
        True, True, False,
    ]  # fmt: skip


def test_prerequisites_and_gaps_are_said():
    step = Step("visit", after=frozenset({"talk"}), gap_weeks=2)
    assert judge([TALK, step], [], Rules(), year=9, today=TODAY).steps[1].why == (Reason(NEEDS_TYPE, what="talk"),)
    report = judge([TALK, step], [had("talk", 13)], Rules(), year=9, today=TODAY)
    assert report.steps[1].why == (Reason(GAP, on=TODAY + dt.timedelta(days=1)),)
    assert judge([TALK, step], [had("talk", 14)], Rules(), year=9, today=TODAY).steps[1].state == NEXT


def test_one_encounter_does_one_step_and_the_most_steps_are_done():
    any_visit, care = Step("visit"), Step("visit", sector="health")
    past = [had("visit", 9, sectors=frozenset({"health"})), had("visit", 5, sectors=frozenset({"law"}))]
    assert assign([any_visit, care], past) == {0: 1, 1: 0}
    assert assign([any_visit, care], past[:1]) == {0: 0}


def test_a_pathway_nobody_could_walk_is_found():
    assert never_open(ROAD, Rules()) == []
    assert never_open([WEEK], Rules()) == [(0, (Reason(SHORTER_FIRST, needed=2, have=0),))]
    same = [Step("talk", sector="law"), Step("visit", sector="law")]
    assert never_open(same, Rules()) == [(1, (Reason(SAME_SECTOR, what="law", needed=2),))]
    assert never_open(same, Rules(other_sector=0)) == []
    assert never_open([Step("talk", after=frozenset({"visit"}))], Rules())[0][0] == 0


# ---- Against a checker that tries everything -----------------------------------

TYPES, SECTORS = ("talk", "visit", "week"), ("food", "law")
days = st.integers(0, 40).map(lambda n: TODAY - dt.timedelta(days=n))
steps = st.lists(
    st.builds(
        Step,
        type=st.sampled_from(TYPES),
        hours=st.sampled_from((1, 2, 25)),
        unaccompanied=st.booleans(),
        sector=st.sampled_from(("", *SECTORS)),
        opportunity=st.sampled_from((None, None, 1)),
        year=st.sampled_from((None, 9, 10)),
        after=st.frozensets(st.sampled_from(TYPES), max_size=1),
        gap_weeks=st.integers(0, 3),
    ),
    max_size=4,
)
pasts = st.lists(
    st.builds(
        Had,
        on=days,
        type=st.sampled_from(TYPES),
        hours=st.sampled_from((1, 2, 25)),
        sectors=st.frozensets(st.sampled_from(SECTORS), max_size=2),
        opportunity=st.sampled_from((None, 1)),
        small_employer=st.booleans(),
        unaccompanied=st.booleans(),
    ),
    max_size=5,
)
rules = st.builds(
    Rules, shorter_first=st.integers(0, 3), other_sector=st.integers(0, 3), small_by=st.sampled_from((None, 9))
)
years = st.sampled_from((None, 9, 10, 11))


def every_assignment(road, past):
    """Each way to say which encounter did which step: a number, or None, for every step."""
    for given_ in product([None, *range(len(past))], repeat=len(road)):
        used = [n for n in given_ if n is not None]
        fits = all(
            n is None
            or (
                past[n].type == step.type
                and step.sector in ("", *past[n].sectors)
                and step.opportunity in (None, past[n].opportunity)
            )
            for n, step in zip(given_, road, strict=True)
        )
        if fits and len(used) == len(set(used)):
            yield given_


def best_assignment(road, past):
    def worth(given_):
        done = [number for number, n in enumerate(given_) if n is not None]
        return -len(done), done, [n for n in given_ if n is not None]

    return min(every_assignment(road, past), key=worth)


def slow_reasons(step, past, rules, before):
    found = set()
    for code in step.after:
        if not [one for one in past if one.type == code]:
            found.add(NEEDS_TYPE)
    if step.unaccompanied:
        shorter = [one for one in past if one.hours < step.hours and one.unaccompanied is False]
        if len(shorter) < rules.shorter_first:
            found.add(SHORTER_FIRST)
    for place, one in enumerate(reversed(past), 1):
        if place <= rules.other_sector and step.sector in one.sectors:
            found.add(SAME_SECTOR)
    if before and (TODAY - before.on).days < 7 * step.gap_weeks:
        found.add(GAP)
    return found


@settings(max_examples=examples(200), deadline=None)
@given(steps, pasts, rules, years)
def test_the_engine_agrees_with_the_slow_checker(road, past, rules, year):
    report = judge(road, past, rules, year=year, today=TODAY)
    past = sorted(past, key=lambda one: one.on)
    best = best_assignment(road, past)
    assert [one.by for one in report.steps] == [None if n is None else past[n] for n in best]
    open_before = False
    for number, one in enumerate(report.steps):
        if best[number] is not None:
            assert (one.state, one.why, one.late) == (DONE, (), False)
            continue
        before = past[best[number - 1]] if number and best[number - 1] is not None else None
        slow = slow_reasons(one.step, past, rules, before)
        assert {why.code for why in one.why} == slow
        assert one.state == (WAITING if slow else OPEN if open_before else NEXT)
        open_before = open_before or not slow
        assert one.late == bool(one.step.year and year and one.step.year < year)


@settings(max_examples=examples(200), deadline=None)
@given(steps, pasts, rules, years)
def test_more_encounters_never_undo_a_step_and_every_wait_has_a_reason(road, past, rules, year):
    before = judge(road, past[1:], rules, year=year, today=TODAY)
    after = judge(road, past, rules, year=year, today=TODAY)
    assert {n for n, one in enumerate(before.steps) if one.state == DONE} <= {
        n for n, one in enumerate(after.steps) if one.state == DONE
    }
    assert all(bool(one.why) == (one.state == WAITING) for one in after.steps)
    assert sum(one.state == NEXT for one in after.steps) <= 1


@settings(max_examples=examples(200), deadline=None)
@given(steps, rules)
def test_a_pathway_that_is_published_can_be_walked_step_by_step(road, rules):
    """Somebody who does each step when it opens gets to the end, unless `never_open` said so."""
    if never_open(road, rules):
        return
    past, day = [], TODAY
    for number, step in enumerate(road):
        day += dt.timedelta(weeks=4)
        report = judge(road, past, rules, year=None, today=day)
        # An earlier encounter may have done a step like this one already; then it is not waited for.
        assert report.steps[number].state in (NEXT, OPEN, DONE)
        sectors = frozenset({step.sector}) if step.sector else frozenset()
        past.append(Had(day, step.type, step.hours, sectors, step.opportunity, unaccompanied=step.unaccompanied))
    assert judge(road, past, rules, year=None, today=day).done == len(road)


@settings(max_examples=200, deadline=None)
@given(steps, pasts, rules, years)
def test_done_next_missing_small_and_what_to_avoid_agree_with_the_slow_checker(road, past, rules, year):
    report = judge(road, past, rules, year=year, today=TODAY)
    past = sorted(past, key=lambda one: one.on)
    best = best_assignment(road, past)
    before = [past[best[n - 1]] if n and best[n - 1] is not None else None for n in range(len(road))]
    undone = [n for n in range(len(road)) if best[n] is None]
    can_begin = [n for n in undone if not slow_reasons(road[n], past, rules, before[n])]
    assert report.done == len(road) - len(undone)
    assert report.next is (report.steps[can_begin[0]] if can_begin else None)
    late = [n for n in undone if road[n].year is not None and year is not None and road[n].year < year]
    assert [one.step for one in report.missing] == [road[n] for n in late]
    met_small = [one for one in past if one.small_employer]
    over = year is not None and rules.small_by is not None and rules.small_by < year
    asked = MET if met_small else MISSED if over else DUE
    assert report.small == (None if rules.small_by is None else asked)
    last = {place: one for place, one in enumerate(reversed(past), 1) if place <= rules.other_sector}
    assert report.avoid == {sector for one in last.values() for sector in one.sectors}


def slow_stops(road, rules):
    """What stops somebody at each step who did those before it and nothing else, however long they wait."""
    for number, step in enumerate(road):
        earlier, found = road[:number], set()
        if step.after - {one.type for one in earlier}:
            found.add(NEEDS_TYPE)
        shorter = [one for one in earlier if not one.unaccompanied and one.hours < step.hours]
        if step.unaccompanied and rules.shorter_first > len(shorter):
            found.add(SHORTER_FIRST)
        for back in range(1, min(rules.other_sector, number) + 1):
            if step.sector and road[number - back].sector == step.sector:
                found.add(SAME_SECTOR)
        if found:
            yield number, found


@settings(max_examples=200, deadline=None)
@given(steps, rules)
def test_what_nobody_could_walk_agrees_with_the_slow_checker(road, rules):
    found = [(number, {one.code for one in why}) for number, why in never_open(road, rules)]
    assert found == list(slow_stops(road, rules))
