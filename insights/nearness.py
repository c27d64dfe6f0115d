"""Who is near whom: schools and workplaces, as the crow flies; pure functions over points in degrees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians, sin

from hubs.geography import EARTH, Placed, kilometres


@dataclass(frozen=True)
class Neighbours:
    """Of one place: which of the others, by their place in the sequence, lie within the distance, the nearest first;
    and the nearest of all, however far. `km` is that one's distance; both are None where there is no other."""

    within: tuple[int, ...]
    nearest: int | None
    km: float | None


def neighbours(heres: Sequence[Placed], theres: Sequence[Placed], km: float) -> list[Neighbours]:
    """For each of `heres`, who of `theres` is within `km`. All have points.

    A hundred schools and three thousand workplaces are 300,000 pairs on a page: as unit vectors each pair is three
    multiplications, and only what is shown is measured.
    """
    vectors = [_vector(one) for one in theres]
    limit = cos(km / EARTH)
    return [_of(here, theres, vectors, limit) for here in heres]


def _of(here: Placed, theres: Sequence[Placed], vectors: list[tuple[float, float, float]], limit: float) -> Neighbours:
    a, b, c = _vector(here)
    close = [a * x + b * y + c * z for x, y, z in vectors]  # the cosine of the angle between the two
    if not close:
        return Neighbours(within=(), nearest=None, km=None)
    within = sorted((at for at, cosine in enumerate(close) if cosine >= limit), key=lambda at: -close[at])
    nearest = max(range(len(close)), key=close.__getitem__)
    return Neighbours(within=tuple(within), nearest=nearest, km=kilometres(here, theres[nearest]))


def _vector(at) -> tuple[float, float, float]:
    lat, lon = radians(at.latitude), radians(at.longitude)
    return cos(lat) * cos(lon), cos(lat) * sin(lon), sin(lat)
