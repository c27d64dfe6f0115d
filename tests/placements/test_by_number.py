"""A number of places and nobody named: from the request to who comes."""

from __future__ import annotations

import pytest
from django.urls import reverse

from placements.domain import answers, brokering, requests
from placements.models import Placement
from schools.models import Student
from tests import scenes
from tests.cast import NOW, actor


@pytest.fixture
def placement(cast) -> Placement:
    """Two places without a group, agreed."""
    session = scenes.session(scenes.opportunity(cast.employer))
    request = requests.request_places(
        cast.school,
        group=None,
        places=2,
        wished=[session],
        by=actor(cast.coordinator, cast.hub, cast.school),
        now=NOW,
    )
    row = brokering.hold(request, session, by=scenes.desk(cast), now=NOW)
    brokering.offer(row, by=scenes.desk(cast), now=NOW)
    answers.accept(row, by=actor(cast.employer_lead, cast.hub, cast.employer), now=NOW)
    return row


def test_who_comes_is_chosen_from_any_class_list_of_the_school(page, cast, placement):
    first, second = scenes.group(cast.school, "10A", size=2), scenes.group(cast.school, "10B", size=2)
    scenes.group(cast.other_school, "9Z", size=2)
    assert "Name 2 students" in page.get(reverse("school-placement", args=[placement.pk])).content.decode()
    url = reverse("school-placement-students", args=[placement.pk])
    shown = page.get(url).content.decode()
    assert ("10A-01" in shown, "10B-01" in shown, "9Z-01" in shown) == (True, False, False)
    assert "10B-01" in page.get(f"{url}?group={second.pk}").content.decode()
    one = first.students.order_by("alias").first()
    page.post(url, {"students": [one.pk]})
    # Who comes already stays ticked beside the next class list.
    looked = f"{url}?group={second.pk}"
    shown = page.get(looked).content.decode()
    assert ("10A-01" in shown, "10A-02" in shown) == (True, False)
    other = second.students.order_by("alias").first()
    assert page.post(looked, {"students": [one.pk, other.pk]}).status_code == 302
    assert set(placement.students.values_list("student", flat=True)) == {one.pk, other.pk}
    assert placement.student_days.count() == 2


@pytest.mark.parametrize("asked_for", ["0", "x", "999999"])
def test_another_schools_group_is_nobodys_class_list(page, cast, placement, asked_for):
    scenes.group(cast.school, size=1)
    theirs = scenes.group(cast.other_school, "9Z", size=1)
    url = reverse("school-placement-students", args=[placement.pk])
    assert "9Z-01" not in page.get(f"{url}?group={theirs.pk}").content.decode()
    assert "10A-01" in page.get(f"{url}?group={asked_for}").content.decode()
    student = Student.objects.get(alias="9Z-01")
    assert page.post(f"{url}?group={theirs.pk}", {"students": [student.pk]}).status_code == 200
    assert not placement.students.exists()


def test_a_request_by_name_offers_nobody_else(page, cast):
    group = scenes.group(cast.school, size=2)
    session = scenes.session(scenes.opportunity(cast.employer))
    one = group.students.order_by("alias").first()
    request = requests.request_places(
        cast.school, group=None, places=1, students=[one], wished=[session],
        by=actor(cast.coordinator, cast.hub, cast.school), now=NOW,
    )  # fmt: skip
    row = brokering.hold(request, session, by=scenes.desk(cast), now=NOW)
    shown = page.get(reverse("school-placement-students", args=[row.pk])).content.decode()
    assert ("10A-01" in shown, "10A-02" in shown, "Choose from" in shown) == (True, False, False)
