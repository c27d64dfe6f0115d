"""Comparisons are made once a month, of enough employers, and shown where they belong."""

from __future__ import annotations

import datetime as dt
import random
import re

import pytest
from django.urls import reverse

from employers import assessing, framing
from employers.models import Comparison, Employer, Sector
from hubs.actors import system
from insights import comparisons
from tests.cast import NOW, actor
from tests.employers.assessments import confirmed, said_all, sent

MONTH = dt.timedelta(days=31)


def employers(hub, count: int, start: int = 0, **fields) -> list[Employer]:
    return [Employer.objects.create(hub=hub, name=f"Firm {hub.pk} {n}", **fields) for n in range(start, start + count)]


def answered(rows, by, *, now=NOW) -> None:
    for number, employer in enumerate(rows):
        confirmed(employer, by, by, number % 5, now=now)


@pytest.fixture
def desk(cast):
    return actor(cast.amina, cast.hub)


def shown() -> set[tuple[str, str]]:
    return set(Comparison.objects.values_list("kind", "key"))


def test_of_seven_nothing_is_shown_and_of_eight_the_groups_they_share(cast, desk):
    firms = employers(cast.hub, 8)
    answered(firms[:7], desk)
    assert (comparisons.freeze(NOW), shown()) == (0, set())
    answered(firms[7:], desk)
    comparisons.freeze(NOW)
    assert shown() == {("hub", str(cast.hub.pk)), ("all", ""), ("size", "small"), ("region", cast.hub.jurisdiction)}
    row = Comparison.objects.get(kind="hub", measure="A1")
    assert (row.period, len(row.members)) == ("2026-09", 8)


def test_figures_are_of_a_part_drawn_by_lot_once_for_the_same_members(cast, desk, monkeypatch):
    answered(employers(cast.hub, 30), desk)
    drawn_for = []

    class Lot(random.Random):
        def sample(self, population, k):
            drawn_for.append((len(population), k))
            return sorted(population)[:k]

    monkeypatch.setattr(comparisons, "LOT", Lot())
    comparisons.freeze(NOW)
    measures = Comparison.objects.values("measure").distinct().count()
    assert (set(drawn_for), len(drawn_for)) == ({(30, 20)}, measures)
    assert Comparison.objects.count() == 4 * measures  # hub, all, size and region are the same thirty
    # Twenty of thirty scores 0, 25, 50, 75 and 100: four of each.
    row = Comparison.objects.get(kind="hub", measure="A1")
    assert (row.lower, row.middle, row.upper) == (25, 50, 75)
    Comparison.objects.filter(kind="all").delete()
    comparisons.freeze(NOW + MONTH)
    assert (len(drawn_for), Comparison.objects.count()) == (measures, 4 * measures)


def test_the_lot_cannot_be_drawn_again():
    assert isinstance(comparisons.LOT, random.SystemRandom)


def test_a_month_is_frozen_and_made_once(cast, desk):
    answered(employers(cast.hub, 8), desk)
    first = comparisons.freeze(NOW)
    answered(employers(cast.hub, 8, start=8), desk)
    assert (first > 0, comparisons.freeze(NOW)) == (True, 0)
    assert comparisons.freeze(NOW + MONTH) > 0


def test_one_who_joins_waits_until_others_do(cast, desk):
    answered(employers(cast.hub, 8), desk)
    comparisons.freeze(NOW)
    answered(employers(cast.hub, 1, start=8), desk)
    assert comparisons.freeze(NOW + MONTH) == 0
    answered(employers(cast.hub, 2, start=9), desk)
    assert comparisons.freeze(NOW + 2 * MONTH) > 0


def test_a_group_whose_rest_would_be_two_is_not_shown(cast, desk):
    answered(employers(cast.hub, 8), desk)
    answered(employers(cast.hub, 2, start=8, size="large"), desk)
    comparisons.freeze(NOW)
    assert ("size", "small") not in shown()
    assert ("hub", str(cast.hub.pk)) in shown()


def test_what_is_old_counts_no_more(cast, desk):
    answered(employers(cast.hub, 8), desk, now=NOW - dt.timedelta(days=600))
    assert comparisons.freeze(NOW) == 0


def test_the_newest_of_an_employer_counts_alone(cast, desk):
    firms = employers(cast.hub, 8)
    answered(firms, desk)
    for employer in firms:
        confirmed(employer, desk, desk, 4, now=NOW + dt.timedelta(hours=1))
    comparisons.freeze(NOW)
    row = Comparison.objects.get(kind="hub", measure="A1")
    assert ((row.lower, row.upper), len(row.members)) == ((100, 100), 8)


def test_what_the_hub_has_not_confirmed_does_not_count(cast, desk):
    """Handed back and sent again it keeps its number with other scores: two publications of the same
    members would tell what changed."""
    firms = employers(cast.hub, 8)
    answered(firms[:7], desk)
    last = sent(firms[7], desk, 0)
    assert comparisons.freeze(NOW) == 0
    assessing.hand_back(last, "Look again.", by=desk, now=NOW)
    assessing.save_answers(last, said_all(last, 4), by=desk, now=NOW)
    assessing.submit(last, by=desk, now=NOW)
    assert comparisons.freeze(NOW) == 0
    assessing.confirm(last, by=desk, now=NOW)
    assert comparisons.freeze(NOW) > 0


def test_what_is_corrected_counts_until_the_correction_is_confirmed(cast, desk):
    firms = employers(cast.hub, 8)
    answered(firms, desk)
    rows = [firm.selfassessment_set.get() for firm in firms]
    copy = assessing.correct(rows[0], by=desk, now=NOW)
    assessing.submit(copy, by=desk, now=NOW + dt.timedelta(hours=1))
    comparisons.freeze(NOW)
    assert set(Comparison.objects.get(kind="hub", measure="A1").members) == {row.pk for row in rows}
    assessing.confirm(copy, by=desk, now=NOW + dt.timedelta(hours=2))
    Comparison.objects.all().delete()
    comparisons.freeze(NOW)
    assert set(Comparison.objects.get(kind="hub", measure="A1").members) == {copy.pk, *(row.pk for row in rows[1:])}


def test_an_employer_sees_the_groups_it_is_in_and_no_number_of_members(client, cast, desk, monkeypatch):
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)
    food = Sector.objects.create(code="food", name="Food", isic_section="I")
    other = Sector.objects.create(code="law", name="Law", isic_section="M")
    firms = employers(cast.hub, 24)
    for number, firm in enumerate(firms):
        firm.sectors.add(food if number < 12 else other)
    cast.employer.sectors.add(food)
    answered([cast.employer, *firms], desk)
    comparisons.freeze(NOW)
    client.force_login(cast.employer_lead)
    row = cast.employer.selfassessment_set.get()
    page = client.get(reverse("employer-results", args=[row.pk]))
    # Of one hub alone, all hubs and its region would say the same once more.
    assert page.context["compared"]["groups"] == ["Harbour Careers Hub", "10–49 staff", "Food"]
    text = page.content.decode()
    assert ("Law" in text, "25 employers" in text, "you are below" in text) == (False, False, True)
    assert re.search(r"\d+–\d+ %<br>.*?the middle one \d+ %", text)  # all three quartiles


def test_hubs_with_other_words_are_not_set_beside_each_other(cast, desk):
    framework = framing.load_framework(cast.hub_b, by=system(), now=NOW)
    chloe = actor(cast.chloe, cast.hub_b)
    changed = framing.new_version(framework, "fells.1", by=chloe, now=NOW)
    framing.publish_framework(changed, by=chloe, now=NOW)
    answered(employers(cast.hub, 4), desk)
    answered(employers(cast.hub_b, 4), chloe)
    assert comparisons.freeze(NOW) == 0


def test_records_of_one_organisation_in_two_hubs_are_one(cast, desk):
    chloe = actor(cast.chloe, cast.hub_b)
    for n in range(4):
        for hub, by, number in ((cast.hub, desk, f" ab {n}"), (cast.hub_b, chloe, f"AB{n}")):
            confirmed(Employer.objects.create(hub=hub, name=f"Chain {n}", number=number), by, by, 2)
    assert comparisons.freeze(NOW) == 0
    Employer.objects.update(number="")
    assert comparisons.freeze(NOW + MONTH) > 0


def test_figures_older_than_eighteen_months_are_not_shown(cast, desk):
    firms = employers(cast.hub, 8)
    answered(firms, desk)
    comparisons.freeze(NOW)
    row = firms[0].selfassessment_set.get()
    assert comparisons.beside(row, NOW + MONTH)
    assert comparisons.beside(row, NOW + 20 * MONTH) == []
