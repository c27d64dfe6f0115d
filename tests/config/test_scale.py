"""The rows for measuring, a handful of them: they must be rows the platform could have written."""

from __future__ import annotations

import pytest
from django.contrib.auth.hashers import check_password
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count, F

from config.demo.people import PASSWORD
from config.scale.build import SIGN_INS, build
from config.scale.size import Size
from employers.models import Employer
from hubs.models import User
from opportunities.models import Session
from placements.domain.capacity import recount
from placements.models import Encounter, Placement, PlacementRequest, StudentDay
from placements.models.placement import LIVE
from schools.models import School, Student

SMALL = Size(schools=3, classes=1, students=6, employers=8, sessions=60, placements=240)


@pytest.fixture
def large(db, now):
    return build(now, SMALL)


def test_scale_has_the_size_asked_for(large):
    counted = (Student.objects.count(), Employer.objects.count(), Session.objects.count(), Placement.objects.count())
    assert counted == (3 * 7 * 6, 8, 60, 240)


def test_scale_agrees_with_itself(large, now):
    assert recount() == []
    assert not Session.objects.filter(taken__gt=F("places")).exists()
    assert not StudentDay.objects.filter(live=True).exclude(placement__state__in=LIVE).exists()
    named = Placement.objects.annotate(named=Count("students")).exclude(named=F("places"))
    assert named.count() == 0
    assert not Placement.objects.filter(state="completed", session__ends_at__gt=now).exists()
    assert not Encounter.objects.filter(placement__state="not_attended", attended=True).exists()


def test_scale_has_work_for_everybody(large):
    states = set(Placement.objects.values_list("state", flat=True))
    assert {"held", "offered", "accepted", "ready", "completed", "cancelled", "declined"} <= states
    assert PlacementRequest.objects.filter(state="submitted").count() == 240 // 100


def test_scale_leaves_no_calendar_that_is_compiled_for_each_page(large):
    assert not School.objects.filter(calendar_revision="").exists()


def test_scale_lets_three_people_in(large):
    assert [check_password(PASSWORD, User.objects.get(email=email).password) for email in SIGN_INS] == [True] * 3


@pytest.mark.needs_postgresql
def test_scale_tells_the_planner_what_came_before_it_is_kept(large):
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'placements_placement'")
        assert cursor.fetchone() == (240,)


def test_seed_refuses_an_unknown_scale(db, settings):
    settings.DEMO = True
    with pytest.raises(CommandError, match='1 to 50, or "hub"'):
        call_command("seed", scale="village")
