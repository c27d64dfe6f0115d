"""Points on the map and the lines between them; pure, degrees are WGS 84."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from math import asin, cos, radians, sin, sqrt
from typing import Any, NamedTuple, Protocol

#: What people call near, in kilometres as the crow flies.
DISTANCES = (5, 10, 25, 50)
EARTH = 6371  # its radius in kilometres


class Placed(Protocol):
    """Anything with a point in degrees, or without one."""

    latitude: float | None
    longitude: float | None


class Point(NamedTuple):
    latitude: float
    longitude: float


def point_of(row: Placed | None) -> Point | None:
    """Where the row is; None while nobody has said."""
    if row is None or row.latitude is None or row.longitude is None:
        return None
    return Point(row.latitude, row.longitude)


def kilometres(a, b) -> float:
    """Great-circle distance between two things with latitude and longitude in degrees."""
    lat_a, lat_b = radians(a.latitude), radians(b.latitude)
    h = sin((lat_b - lat_a) / 2) ** 2
    h += cos(lat_a) * cos(lat_b) * sin(radians(b.longitude - a.longitude) / 2) ** 2
    return 2 * EARTH * asin(min(sqrt(h), 1.0))


def middles(rows: Iterable) -> dict[str, Point]:
    """Each town, by name, that some row with `town` and a point lies in, and the middle of those rows."""
    points: dict[str, list[Point]] = defaultdict(list)
    for row in rows:
        at = point_of(row)
        if row.town and at:
            points[row.town].append(at)
    return {town: _middle(found) for town, found in sorted(points.items())}


def towns(rows: Any) -> dict[str, Point]:
    """Where the towns of these rows (a queryset of what has town, latitude and longitude) lie, each to a kilometre: the
    only site in a town says where the town is and not where its door is."""
    there = rows.exclude(town="").exclude(latitude=None).order_by()
    found = middles(there.values_list("town", "latitude", "longitude", named=True))
    return {town: about(at) for town, at in found.items()}


def rings(km: float) -> tuple[int, ...]:
    """The distances to draw around a point so that the last of them holds what is `km` away, where one does."""
    holds = next((one for one in DISTANCES if one >= km), DISTANCES[-1])
    return tuple(one for one in DISTANCES if one <= max(holds, DISTANCES[1]))[-3:]


def about(at: Point) -> Point:
    """The point to a hundredth of a degree, about a kilometre: a town, where one may know the town but not the door."""
    return Point(round(at.latitude, 2), round(at.longitude, 2))


def _middle(points: list[Point]) -> Point:
    count = len(points)
    return Point(sum(one.latitude for one in points) / count, sum(one.longitude for one in points) / count)
