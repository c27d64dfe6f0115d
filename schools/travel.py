"""How long a group is on the road, as far as two points on the map can say."""

from __future__ import annotations

from hubs.geography import Placed, kilometres, point_of

KM_PER_HOUR = 30  # a coach in town traffic, door to door
ROADS_LONGER = 1.3  # roads are longer than the line on the map
BOARDING_MINUTES = 10


def travel_minutes(here: Placed, there: Placed | None) -> int:
    """Minutes one way, rounded up to five; 0 when either place is not on the map."""
    start, end = point_of(here), point_of(there)
    if start is None or end is None:
        return 0
    minutes = BOARDING_MINUTES + kilometres(start, end) * ROADS_LONGER / KM_PER_HOUR * 60
    return int(-(-minutes // 5) * 5)
