"""Every rule of the packs that blocks: the case it is about is blocked, with its words and source; done, it is free."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest
from django.urls import reverse

from employers.models import Document
from hubs.actors import system
from hubs.models import Requirement
from hubs.moves import move
from hubs.rulepacks import load_packs, shipped
from opportunities import rules as offers
from placements.domain import brokering, clearances, hosting, hours
from placements.models import Clearance, Placement
from schools.models import ProtectedPeriod
from tests import scenes
from tests.cast import NOW
from tests.placements.agreed import by_parent, of_employer, of_school

MONDAY = dt.date(2026, 10, 19)
#: After the autumn term of `scenes.group`.
HOLIDAYS = dt.date(2026, 12, 21)
#: Blocks publishing, and only a person can tell whether it is kept: said on the review page, and stops nobody.
SAID_ONLY = {"IN-02"}
RULES = [rule for rule in shipped() if rule.verified and rule.blocks != "none"]
ASKED = [rule.code for rule in RULES if rule.kind != "limit"]
LIMITS = [(rule.code, part) for rule in RULES if rule.limits for part in rule.limits if part not in {
    "min_age", "max_age", "when", "break_after", "breaks_count"}]  # fmt: skip
OTHERS = {rule.code for rule in RULES if rule.kind == "limit" and not rule.limits}


def only(cast, code: str) -> Requirement:
    """The hub is where the rule holds, and no other does."""
    load_packs()
    rule = Requirement.objects.get(code=code)
    Requirement.objects.exclude(pk=rule.pk).delete()
    cast.hub.jurisdiction = rule.jurisdiction
    cast.hub.save()
    cast.school.hub = cast.employer.hub = cast.hub
    return rule


def test_no_rule_that_blocks_is_left_out_here():
    tried = {*ASKED, *(code for code, _part in LIMITS), *offers.CHECKS, *SAID_ONLY}
    assert tried == {rule.code for rule in RULES}
    assert {*offers.CHECKS, *SAID_ONLY} == OTHERS


# ---- what somebody has to do before the start ---------------------------------


@pytest.mark.parametrize("code", ASKED)
def test_nothing_starts_before_it_is_done(cast, client, monkeypatch, code):
    rule = only(cast, code)
    placement = accepted(cast, rule)
    rows = list(placement.clearances.order_by("pk"))
    assert {row.blocks for row in rows} == {rule.blocks}
    assert (placement.state, len(rows)) == ("accepted", 2 if rule.per_student else 1)
    assert [word for word in (rule.title, rule.text, rule.source) if word not in page(client, cast, rows[0])] == []
    for row in rows:
        placement.refresh_from_db()
        assert placement.state == "accepted"
        satisfy(cast, row)
    placement.refresh_from_db()
    assert placement.state == "ready"
    move(placement, "under_way", by=system(cast.hub.pk), now=placement.session.starts_at)


@pytest.mark.parametrize("code", ASKED)
def test_what_is_opened_again_stops_it_again(cast, code):
    placement = accepted(cast, rule := only(cast, code))
    rows = list(placement.clearances.order_by("pk"))
    for row in rows:
        satisfy(cast, row)
    placement.refresh_from_db()
    assert placement.state == "ready"
    clearances.reopen(Clearance.objects.get(pk=rows[0].pk), "It no longer holds.", by=scenes.desk(cast), now=NOW)
    placement.refresh_from_db()
    assert (placement.state, rule.blocks in ("start", "confirm")) == ("accepted", True)


def accepted(cast, rule: Requirement) -> Placement:
    kind = scenes.encounter_type(cast.hub, "stage", tier=rule.tiers[0], hours=2)
    offer = scenes.opportunity(cast.employer, kind=kind, supervisor="M. Petit", max_age=18)
    group = scenes.group(cast.school, "3B", size=2)
    return scenes.placement(cast, state="accepted", wanted=scenes.session(offer), of=group)


def page(client, cast, row: Clearance) -> str:
    """Where whoever must act reads it; a parent's stands on the school's page, from where they are asked."""
    if row.responsible == "host":
        client.force_login(cast.employer_lead)
        address = reverse("employer-placement-clearance", args=[row.placement_id, row.pk])
    else:
        client.force_login(cast.coordinator)
        address = reverse("school-task", args=[row.placement_id, row.requirement_id])
    text = client.get(address).content.decode()
    return text.replace("&#x27;", "'").replace("&amp;", "&")


def satisfy(cast, row: Clearance) -> None:
    row = Clearance.objects.select_related("requirement", "placement__session__opportunity").get(pk=row.pk)
    if row.responsible == "parent":
        clearances.complete(row, by=by_parent(cast), now=NOW, agreed=True)
    elif row.responsible == "school":
        clearances.complete(row, by=of_school(cast), now=NOW, note="Thought about, and decided.")
    elif hosting.needs_document(row):
        Document.objects.create(
            hub=cast.hub, employer=cast.employer, kind=row.requirement.document_kind, state="held",
            expires_on=dt.date(2027, 9, 1), added_at=NOW,
        )  # fmt: skip
        assert clearances.settle_documents(cast.employer, now=NOW) == 1
    else:
        hosting.declare(row, by=of_employer(cast), now=NOW)


# ---- limits on hours ----------------------------------------------------------

NAMES = {"day_hours": "day", "week_hours": "week", "days_a_week": "days", "earliest": "early", "latest": "late",
         "break_minutes": "break", "no_sunday": "sunday", "rest_beside_sunday": "rest"}  # fmt: skip


@pytest.mark.parametrize(("code", "part"), LIMITS, ids=lambda each: each)
def test_a_schedule_beyond_a_limit_is_refused_and_one_within_is_not(cast, code, part):
    rule = only(cast, code)
    numbers = rule.limits
    oldest = min(numbers.get("max_age", 16), 17)
    group = scenes.group(cast.school, "3B", size=2, year=oldest - 5)
    offer = scenes.opportunity(
        cast.employer, kind=scenes.encounter_type(cast.hub, "stage", tier=rule.tiers[0]), min_age=11, max_age=18
    )
    monday = HOLIDAYS if numbers.get("when") == "holidays" else MONDAY
    if numbers.get("when") == "exams":
        ProtectedPeriod.objects.create(
            hub=cast.hub, school=cast.school, name="Provas", hardness="avoid", starts_on=monday,
            ends_on=monday + dt.timedelta(days=6),
        )  # fmt: skip
    beyond = scenes.session(offer, **too_much(part, numbers, monday))
    blocking = [one for one in hours.broken(beyond, cast.school, group=group, now=NOW) if one.blocks]
    assert NAMES[part] in {one.what for one in blocking}
    with pytest.raises(hours.CannotExceedHours) as refusal:
        hold(cast, beyond, group)
    assert refusal.value.facts["rule"] == code
    assert refusal.value.sentence.endswith(f"Rule: {rule.title} ({rule.source}).")
    within = scenes.session(offer, on=monday, starts=dt.time(16), ends=dt.time(18), break_minutes=0)
    assert hours.broken(within, cast.school, group=group, now=NOW) == []
    hold(cast, within, group)


def hold(cast, session, group) -> None:
    """As when the hub chooses a session the school did not ask for: the wish itself is checked when it is sent."""
    request = scenes.request(cast, session, of=group, draft=True)
    move(request, "submitted", by=scenes.desk(cast), now=NOW)
    brokering.hold(request, session, by=scenes.desk(cast), now=NOW)


def too_much(part: str, numbers: dict[str, Any], monday: dt.date) -> dict[str, Any]:
    """Fields of a session that goes beyond that part of the limit by as little as can be."""
    plain = {"on": monday, "break_minutes": 120}
    if part == "day_hours":
        return {**plain, "starts": dt.time(8), "ends": later(dt.time(8), numbers[part] + Fraction(9, 4))}
    if part == "week_hours":  # six days, each as long as the day may be
        most = numbers.get("day_hours", 7)
        return {**plain, "days": 6, "starts": dt.time(8), "ends": later(dt.time(8), most + 2)}
    if part == "days_a_week":
        return {**plain, "days": numbers[part] + 1, "starts": dt.time(9), "ends": dt.time(12)}
    if part == "earliest":
        return {**plain, "starts": later(dt.time.fromisoformat(numbers[part]), Fraction(-1, 4)), "ends": dt.time(10)}
    if part == "latest":
        return {**plain, "starts": dt.time(17), "ends": later(dt.time.fromisoformat(numbers[part]), Fraction(1, 4))}
    if part == "break_minutes":
        after = Fraction(str(numbers["break_after"])) + Fraction(1, 4)
        return {**plain, "starts": dt.time(9), "ends": later(dt.time(9), after), "break_minutes": numbers[part] - 1}
    days = {"no_sunday": (6, 1), "rest_beside_sunday": (5, 3)}[part]
    return {
        **plain,
        "on": monday + dt.timedelta(days=days[0]),
        "days": days[1],
        "starts": dt.time(9),
        "ends": dt.time(12),
    }


def later(at: dt.time, more) -> dt.time:
    """So many hours on, on the same day."""
    return (dt.datetime.combine(MONDAY, at) + dt.timedelta(minutes=int(Fraction(more) * 60))).time()


# ---- what is looked at before publishing --------------------------------------


def test_a_week_for_the_youngest_is_not_published_and_one_for_older_students_is(cast):
    rule = only(cast, "ENG-06")
    offer = ready_offer(cast, rule, min_age=13)
    sentence = offers.not_complete(offer, NOW)
    assert sentence == (
        "Days without school staff are for students of 14 and over. Raise the youngest age. "
        f"Rule: {rule.title} ({rule.source})."
    )
    offer.min_age = 14
    assert offers.not_complete(offer, NOW) is None


@pytest.mark.parametrize("code", sorted(SAID_ONLY))
def test_what_only_a_person_can_tell_is_said_and_stops_nobody(cast, code):
    rule = only(cast, code)
    offer = ready_offer(cast, rule)
    assert [gap.sentence for gap in offers.gaps(offer, NOW)] == [f"{rule.title}: {rule.text}"]
    assert offers.not_complete(offer, NOW) is None


def ready_offer(cast, rule: Requirement, **fields):
    kind = scenes.encounter_type(cast.hub, "stage", tier=rule.tiers[0])
    plan = [{"at": "09:00", "what": "Welcome"}]
    offer = scenes.opportunity(cast.employer, state="draft", kind=kind, supervisor="M. Petit", day_plan=plan, **fields)
    scenes.session(offer)
    return offer
