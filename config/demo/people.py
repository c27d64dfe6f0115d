"""The hubs, their staff, and the people one may sign in as."""

from __future__ import annotations

from typing import NamedTuple

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from config.demo.world import World
from hubs.models import Hub, Role, User

PASSWORD = "salt-and-heather"  # noqa: S105 - everybody's, in the demonstration only


class SignIn(NamedTuple):
    who: str
    email: str


HARBOUR_STAFF = (
    (Role.HUB_LEAD, "amina", "Amina Sorrel"),
    (Role.CAREERS_MANAGER, "tomos", "Tomos Ridley"),
    (Role.CAREERS_MANAGER, "leila", "Leila Marchetti"),
    (Role.HUB_VIEWER, "funder", "Jo Winterbourne"),
)
FELLS_STAFF = ((Role.HUB_LEAD, "chloe", "Chloe Askew"),)

SIGN_INS = (
    SignIn("Hub lead", "amina@harbour.example"),
    SignIn("Careers manager", "tomos@harbour.example"),
    SignIn("Careers manager, other caseload", "leila@harbour.example"),
    SignIn("Hub viewer (a funder)", "funder@harbour.example"),
    SignIn("School coordinator", "careers@quayside.example"),
    SignIn("School coordinator, no calendar yet", "careers@millbeck.example"),
    SignIn("Employer, plan and requests waiting", "joan@brightwater.example"),
    SignIn("Employer, small", "tariq@saffron.example"),
    SignIn("Employer, large, course in the company", "sofia@marram.example"),
    SignIn("Employer and school (switcher)", "marek@tidewater.example"),
    SignIn("Superuser", "operator@throughline.example"),
    SignIn("Other hub: lead", "chloe@fells.example"),
    SignIn("Other hub: school coordinator", "careers@tarn.example"),
    SignIn("Other hub: employer", "joan@joinery.example"),
)


def hire(w: World) -> None:
    """The hub's own staff; careers managers carry the caseload."""
    for role, key, name in HARBOUR_STAFF if w.hub.slug == "harbour" else FELLS_STAFF:
        user = w.join(None, role, f"{key}@{w.hub.slug}.example", name)
        if role == Role.CAREERS_MANAGER or w.hub.slug == "fells":
            w.managers.append(user)


def link_two(w: World) -> None:
    """The boatbuilder who also helps at a school, and others who share the work."""
    w.join(w.schools["stonewick"], Role.SCHOOL_MEMBER, "marek@tidewater.example", "")
    w.join(w.schools["quayside"], Role.SCHOOL_MEMBER, "tutor@quayside.example", "Kit Lowry")
    w.join(w.employers["brightwater"], Role.EMPLOYER_MEMBER, "workshop@brightwater.example", "Dev Harkness")


def open_doors() -> None:
    """One password for everybody, hashed once; and somebody who may do anything."""
    root = User.objects.create_superuser(SIGN_INS[10].email, None, name="Operator")
    EmailAddress.objects.create(user=root, email=root.email, primary=True, verified=True)
    User.objects.update(password=make_password(PASSWORD))


def sign_in_sheet(hubs: list[Hub]) -> str:
    """What is printed once the demo runs."""
    width = max(len(row.who) for row in SIGN_INS)
    lines = [f"Sign in as anybody below; the password is always: {PASSWORD}", ""]
    lines += [f"  {row.who:<{width}}  {row.email}" for row in SIGN_INS]
    lines += ["", f"  {'New employer':<{width}}  open the invitation to hello@greenfold.example in the outgoing mail"]
    lines += ["", *(f"  {hub.name}: {hub.url('/')}" for hub in hubs)]
    return "\n".join(lines) + "\n"
