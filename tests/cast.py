"""The cast of every test: two hubs, and somebody in each role (HOUSE.md, Tests)."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

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


def people(c: SimpleNamespace, *rows: tuple[str, str, str, Hub | Organisation, str]) -> None:
    """Everybody at once: most tests begin with them, and one by one they are a tenth of the suite."""
    password = make_password(PASSWORD)
    users = User.objects.bulk_create(User(email=email, name=name, password=password) for _, email, name, *_ in rows)
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, primary=True, verified=True) for user in users
    )
    Membership.objects.bulk_create(
        Membership(user=user, hub=place, role=role)
        if isinstance(place, Hub)
        else Membership(user=user, hub=place.hub, role=role, organisation=place)
        for user, (*_, place, role) in zip(users, rows, strict=True)
    )
    for user, (key, *_) in zip(users, rows, strict=True):
        setattr(c, key, user)


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
    people(
        c,
        ("amina", "amina@harbour.example", "Amina Lead", c.hub, Role.HUB_LEAD),
        ("ben", "ben@harbour.example", "Ben Viewer", c.hub, Role.HUB_VIEWER),
        ("chloe", "chloe@fells.example", "Chloe Lead", c.hub_b, Role.HUB_LEAD),
        ("coordinator", "coordinator@quayside.example", "Coordinator Quayside", c.school, Role.COORDINATOR),
        ("school_member", "tutor@quayside.example", "Tutor Quayside", c.school, Role.SCHOOL_MEMBER),
        (
            "other_coordinator",
            "coordinator@northgate.example",
            "Coordinator Northgate",
            c.other_school,
            Role.COORDINATOR,
        ),
        ("coordinator_b", "coordinator@tarn.example", "Coordinator Tarn", c.school_b, Role.COORDINATOR),
        ("employer_lead", "lead@brightwater.example", "Lead Brightwater", c.employer, Role.EMPLOYER_LEAD),
        ("employer_member", "member@brightwater.example", "Member Brightwater", c.employer, Role.EMPLOYER_MEMBER),
        ("other_lead", "lead@saffron.example", "Lead Saffron", c.other_employer, Role.EMPLOYER_LEAD),
        ("employer_lead_b", "lead@fellside.example", "Lead Fellside", c.employer_b, Role.EMPLOYER_LEAD),
    )
    c.root = person("root@throughline.example", "Root", is_superuser=True, is_staff=True)
    return c
