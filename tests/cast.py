"""The cast of every test: two hubs, and somebody in each role (HOUSE.md, Tests)."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

from allauth.account.models import EmailAddress

from employers.models import Employer
from hubs.actors import Actor, actor_for
from hubs.models import Hub, Membership, Organisation, Role, User
from schools.models import School

#: A Tuesday in term time, at ten in the morning in London.
NOW = dt.datetime(2026, 9, 15, 9, 0, tzinfo=dt.UTC)
PASSWORD = "correct horse battery"


def person(email: str, name: str, **fields) -> User:
    user = User.objects.create_user(email, PASSWORD, name=name, **fields)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


def join(user: User, hub: Hub, role: str, organisation: Organisation | None = None) -> User:
    Membership.objects.create(user=user, hub=hub, role=role, organisation=organisation)
    user.__dict__.pop("live_memberships", None)
    return user


def hub(slug: str, name: str, **fields) -> Hub:
    return Hub.objects.create(slug=slug, name=name, hostname=fields.pop("hostname", f"{slug}.localhost"), **fields)


def actor(user: User, hub: Hub, organisation: Organisation | None = None, via: str = "page") -> Actor:
    """The actor a page would make of this person."""
    found = actor_for(user, hub, organisation, via=via)
    assert found is not None, f"{user} has no role here"
    return found


def two_hubs() -> SimpleNamespace:
    """Hub A with two schools and two employers, hub B with one of each, and their people."""
    c = SimpleNamespace()
    c.hub = hub("harbour", "Harbour Careers Hub", hostname="testserver", contact_email="desk@harbour.example")
    c.hub_b = hub("fells", "Fells Careers Hub", colour="#7a3b1d", contact_email="desk@fells.example")
    c.school = School.objects.create(hub=c.hub, name="Quayside School")
    c.other_school = School.objects.create(hub=c.hub, name="Northgate College")
    c.school_b = School.objects.create(hub=c.hub_b, name="Tarn Academy")
    c.employer = Employer.objects.create(hub=c.hub, name="Brightwater Engineering")
    c.other_employer = Employer.objects.create(hub=c.hub, name="Saffron Bakery")
    c.employer_b = Employer.objects.create(hub=c.hub_b, name="Fellside Joinery")
    c.amina = join(person("amina@harbour.example", "Amina Lead"), c.hub, Role.HUB_LEAD)
    c.ben = join(person("ben@harbour.example", "Ben Viewer"), c.hub, Role.HUB_VIEWER)
    c.chloe = join(person("chloe@fells.example", "Chloe Lead"), c.hub_b, Role.HUB_LEAD)
    c.coordinator = join(
        person("coordinator@quayside.example", "Coordinator Quayside"), c.hub, Role.COORDINATOR, c.school
    )
    c.school_member = join(person("tutor@quayside.example", "Tutor Quayside"), c.hub, Role.SCHOOL_MEMBER, c.school)
    c.other_coordinator = join(
        person("coordinator@northgate.example", "Coordinator Northgate"), c.hub, Role.COORDINATOR, c.other_school
    )
    c.coordinator_b = join(
        person("coordinator@tarn.example", "Coordinator Tarn"), c.hub_b, Role.COORDINATOR, c.school_b
    )
    c.employer_lead = join(
        person("lead@brightwater.example", "Lead Brightwater"), c.hub, Role.EMPLOYER_LEAD, c.employer
    )
    c.employer_member = join(
        person("member@brightwater.example", "Member Brightwater"), c.hub, Role.EMPLOYER_MEMBER, c.employer
    )
    c.other_lead = join(person("lead@saffron.example", "Lead Saffron"), c.hub, Role.EMPLOYER_LEAD, c.other_employer)
    c.employer_lead_b = join(
        person("lead@fellside.example", "Lead Fellside"), c.hub_b, Role.EMPLOYER_LEAD, c.employer_b
    )
    c.root = person("root@throughline.example", "Root", is_superuser=True, is_staff=True)
    return c
