"""What stands behind a figure of the record, for the hub that reads a self-assessment."""

from __future__ import annotations

import pytest
from django.urls import reverse

from employers import assessing, framing
from hubs.actors import system
from insights import evidence
from tests.cast import NOW, actor
from tests.employers.assessments import sent
from tests.insights.test_evidence import DAY, placement


@pytest.fixture
def office(office, cast):
    framing.load_framework(cast.hub, by=system(), now=NOW)
    return office


def behind(row, code: str) -> str:
    return reverse("standards-overview:record", args=[row.pk, code])


def test_the_hub_reads_where_they_differ_first_and_the_rows_behind_each_figure_of_that_day(office, cast):
    for days in (400, 420):
        placement(cast, days)
    placement(cast, 10)
    then, by = NOW - 380 * DAY, actor(cast.employer_lead, cast.hub, cast.employer)
    evidence.refresh(cast.hub, now=then, employer=cast.employer)
    row = sent(cast.employer, by, 4, now=then)
    read = office.get(reverse("assessments:inspect", args=[row.pk]))
    text = read.content.decode()
    said = {one["statement"]: one["differs"] for one in read.context["differing"]}
    assert said[
        "Before the school year begins we have decided what we offer, for which ages, how often and where."
    ] == ("the answer says more than the record")
    assert ("and the record differ" in text, behind(row, "kept") in text) == (True, True)
    assert "your record" not in text.lower()  # the hub is not spoken to as if it were the employer
    shown = office.get(behind(row, "kept"))
    assert (shown.status_code, len(shown.context["lines"])) == (200, 2)
    assert "2 of 2 agreed placements took place" in shown.content.decode()


def test_of_answers_that_are_not_sent_the_rows_are_those_of_today(office, cast):
    placement(cast, 10)
    row = assessing.start(cast.employer, by=actor(cast.employer_lead, cast.hub, cast.employer), now=NOW)
    assert [line.what for line in office.get(behind(row, "kept")).context["lines"]] == ["Visit 10"]
    assert "There is nothing behind it" in office.get(behind(row, "steps_done")).content.decode()


def test_no_such_figure_nobody_elses_and_no_stranger(office, cast):
    row = sent(cast.employer, actor(cast.employer_lead, cast.hub, cast.employer))
    assert office.get(behind(row, "nonsense")).status_code == 404
    assert office.get(reverse("standards-overview:record", args=[row.pk + 999, "kept"])).status_code == 404
    found = []
    for who in (cast.chloe, cast.employer_lead, cast.coordinator):
        office.force_login(who)
        found.append(office.get(behind(row, "kept")).status_code)
    assert found == [404, 404, 404]
