"""When a calendar client is told that it has everything already."""

from __future__ import annotations

import datetime as dt

import pytest

from placements.domain import feeds
from tests import scenes
from tests.calendars.test_life import content_of, school
from tests.cast import NOW

pytestmark = pytest.mark.django_db


def test_other_events_are_another_version_though_their_sums_are_the_same(cast):
    """Keys 2 and 3 for 1 and 4, nothing changed since: a client must not be told that it has these already."""
    offer, day = scenes.opportunity(cast.employer), dt.timedelta(days=1)
    rows = [
        scenes.placement(
            cast, state="accepted", of=scenes.group(cast.school, f"10{letter}"),
            wanted=scenes.session(offer, on=scenes.DAY + number * day),
        )
        for number, letter in enumerate("WXYZ")
    ]  # fmt: skip
    keys = [row.events.get().pk for row in rows]
    assert keys[0] + keys[3] == keys[1] + keys[2]
    group = scenes.group(cast.school, "11Z")
    feed, _token = feeds.make_feed(cast.school, group=group, by=school(cast), now=NOW)

    def shown(*some: int) -> tuple[bytes, str]:
        for number, row in enumerate(rows):
            row.group = group if number in some else None
            row.save(update_fields=["group"])
        return content_of(feed), feeds.version_of(feed, now=NOW)

    (outer, before), (inner, after) = shown(0, 3), shown(1, 2)
    assert outer != inner
    assert before != after
    assert shown(0, 3) == (outer, before)
