"""How long a group is on the road, as far as two points on the map can say."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt
from typing import Protocol

KM_PER_HOUR = 30  # a coach in town traffic, door to door
ROADS_LONGER = 1.3  # roads are longer than the line on the map
BOARDING_MINUTES = 10


class Place(Protocol):
    """A row with a point in degrees, or without one."""

    latitude: float | None
    longitude: float | None


def travel_minutes(here: Place, there: Place | None) -> int:
    """Minutes one way, rounded up to five; 0 when either place is not on the map."""
    if there is None or None in (there.latitude, there.longitude, here.latitude, here.longitude):
        return 0
    minutes = BOARDING_MINUTES + kilometres(here, there) * ROADS_LONGER / KM_PER_HOUR * 60
    return int(-(-minutes // 5) * 5)


def kilometres(a, b) -> float:
    """Great-circle distance between two rows with latitude and longitude in degrees."""
    lat_a, lat_b = radians(a.latitude), radians(b.latitude)
    h = sin((lat_b - lat_a) / 2) ** 2
    h += cos(lat_a) * cos(lat_b) * sin(radians(b.longitude - a.longitude) / 2) ** 2
    return 2 * 6371 * asin(min(sqrt(h), 1.0))
