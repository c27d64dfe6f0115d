"""What a school's home asks of its coordinator."""

from __future__ import annotations

import pytest
from django.urls import reverse

from placements.needs import school_needs
from schools.models import CalendarSubscription, PendingImport
from tests.cast import NOW


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 3])
def test_a_calendar_that_changed_waits_on_the_home(cast, rows, django_assert_max_num_queries):
    of = {"hub": cast.hub, "school": cast.school}
    for number in range(rows):
        row = CalendarSubscription.objects.create(**of, url=f"https://c.example/{number}.ics", name=f"Council {number}")
        PendingImport.objects.create(
            **of, kind="calendar", subscription=row, file_name=str(row), data=b"", uploaded_at=NOW
        )
    PendingImport.objects.create(**of, kind="calendar", file_name="mine.ics", data=b"", uploaded_at=NOW)
    with django_assert_max_num_queries(16):
        found = [need for need in school_needs(cast.school, now=NOW) if "has changed" in need.title]
    assert sorted(need.title for need in found) == [f"Council {number} has changed" for number in range(rows)]
    found.sort(key=lambda need: need.title)
    pending = PendingImport.objects.get(file_name="Council 0")
    assert (found[0].action_url, found[0].since) == (reverse("school-calendar-check", args=[pending.pk]), NOW)
