"""The employer's pages of placements: their addresses, and rows to show on them."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse

from employers.models import Document
from hubs.models import User
from opportunities.domain import plans
from opportunities.models import ActionPlanTemplate, TemplateStep
from placements.models import Placement
from schools.models import Student
from tests import scenes
from tests.cast import NOW, actor

HOME = reverse("home")
LIST = reverse("employer-placements")
CANARY = "Canary Zebra-Quill"
SHARED = "Uses the lift, please"


def url(placement: Placement, what: str = "") -> str:
    name = f"employer-placement-{what}" if what else "employer-placement"
    return reverse(name, args=[placement.pk])


def named(placement: Placement) -> Placement:
    """Give every student of the placement a name that must not leak."""
    students = Student.objects.filter(school=placement.school)
    students.update(name=CANARY, is_priority=True, shared_needs=SHARED)
    return placement


def by_employer(cast):
    return actor(cast.employer_lead, cast.hub, cast.employer)


def ready(cast, **more) -> Placement:
    """Ready, because no rule asks for anything."""
    return scenes.placement(cast, state="ready", **more)


def later(client, clock, moment: dt.datetime) -> None:
    """Move the clock; the old sign-in has run out by then."""
    user = client.session["_auth_user_id"]
    clock.now = moment
    client.force_login(User.objects.get(pk=user))


def on_the_day(client, clock, placement: Placement) -> None:
    later(client, clock, placement.session.starts_at + dt.timedelta(minutes=5))


def document(cast, **fields) -> Document:
    defaults = {
        "employer": cast.employer,
        "kind": "liability",
        "state": "held",
        "expires_on": dt.date(2027, 3, 31),
        "added_at": NOW,
    }
    return Document.objects.create(hub=cast.hub, **{**defaults, **fields})


def adopt_plan(cast) -> None:
    template = ActionPlanTemplate.objects.create(hub=cast.hub, name="First year", state="published")
    TemplateStep.objects.create(template=template, title="Name a contact", week=3, sort_order=1)
    TemplateStep.objects.create(template=template, title="Host a visit", week=20, sort_order=2)
    plans.adopt(template, cast.employer, by=by_employer(cast), now=NOW)


def many(cast, count: int) -> Placement:
    adopt_plan(cast)
    for number in range(count):
        wanted = scenes.session(scenes.opportunity(cast.employer, title=f"Tour {number}"))
        row = scenes.placement(cast, state="offered", wanted=wanted, of=scenes.group(cast.school, f"10{number}"))
        document(cast, expires_on=NOW.date() + dt.timedelta(days=3), kind=["liability", "public", "risk"][number])
    return row
