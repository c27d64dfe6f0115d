"""How large, and how rows are written."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.db import models

from config.demo.year import Days
from hubs.models import Hub, User

BATCH = 2000
SEED = 20260901

Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True)
class Size:
    """`classes` of `students` in each of the years 7 to 13 of every school."""

    schools: int
    classes: int
    students: int
    employers: int
    sessions: int
    placements: int


#: One large hub: 110 schools, 80,080 students.
HUB = Size(schools=110, classes=4, students=26, employers=3_000, sessions=20_000, placements=160_000)


@dataclass
class Ground:
    """What every part of the data stands on."""

    hub: Hub
    now: dt.datetime
    size: Size
    days: Days
    dice: random.Random
    manager: User

    @property
    def common(self) -> dict:
        return {"hub_id": self.hub.pk}


def write(model: type[Row], rows: Iterable[Row]) -> list[Row]:
    """Insert all, with their keys filled in."""
    return model._base_manager.bulk_create(list(rows), batch_size=BATCH)
