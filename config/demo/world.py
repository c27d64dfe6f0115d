"""Everything a story needs at hand: the hub, its people and organisations, the calendar, the dice."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field

from config.demo.firms import Firm
from config.demo.library import SHAPES, WEEKS, Plan
from config.demo.places import SchoolPlan
from config.demo.story import Timeline
from config.demo.year import Days
from employers.models import Employer
from hubs.actors import Actor, actor_for, by_link, system
from hubs.domain.people import enrol
from hubs.links import link_for
from hubs.models import Hub, Membership, Organisation, Role, User
from hubs.wallclock import instant, working_days_from
from opportunities.models import Session
from schools.models import School

LEADERS = (Role.EMPLOYER_LEAD, Role.COORDINATOR)


@dataclass
class World:
    """One hub of the demo. `copy` counts the repetitions of --scale; 0 is the told one."""

    hub: Hub
    time: Timeline
    days: Days
    dice: random.Random
    firms: tuple[Firm, ...]
    plans: tuple[Plan, ...]
    places: tuple[SchoolPlan, ...]
    copy: int = 0
    managers: list[User] = field(default_factory=list)
    schools: dict[str, School] = field(default_factory=dict)
    employers: dict[str, Employer] = field(default_factory=dict)
    sessions: dict[tuple[str, int], Session] = field(default_factory=dict)
    outings: dict[int, int] = field(default_factory=dict)
    _leaders: dict[int, User | None] = field(default_factory=dict)

    @property
    def now(self) -> dt.datetime:
        return self.time.now

    @property
    def today(self) -> dt.date:
        return self.days.today

    @property
    def platform(self) -> Actor:
        return system(self.hub.pk, via="command")

    # ---- Time ----------------------------------------------------------------
    def at(self, day: dt.date, clock: str) -> dt.datetime:
        return instant(day, dt.time.fromisoformat(clock), self.hub.zone)

    def working(self, count: int, clock: str) -> dt.datetime:
        """The working day `count` working days from today (negative: before it)."""
        return self.at(working_days_from(self.today, count, self.hub.jurisdiction), clock)

    def later(self, count: int, clock: str) -> dt.datetime:
        """`count` working days after the story's now."""
        return self.at(working_days_from(self.hub.today(self.now), count, self.hub.jurisdiction), clock)

    def dates(self, plan: Plan, start: int) -> list[dt.date]:
        """The local dates of one session of a plan."""
        _from, _until, length, gap, _places, _where = SHAPES[plan.kind]
        if plan.kind in WEEKS:
            monday = self.days.monday(start)
            return [monday + dt.timedelta(days=n) for n in range(length)]
        first = self.days.all.index(self.days.at(start))
        return [self.days.all[first + gap * n] for n in range(length)]

    # ---- People --------------------------------------------------------------
    def join(self, organisation: Organisation | None, role: str, email: str, name: str) -> User:
        membership = enrol(self.hub, organisation, email=email, name=name, role=role, by=self.platform, now=self.now)
        self._leaders.clear()
        return membership.user

    def address(self, name: str, key: str) -> str:
        return f"{name}@{key}{self.copy or ''}.example"

    def hat(self, user: User, organisation: Organisation | None = None) -> Actor:
        actor = actor_for(user, self.hub, organisation, via="page")
        if actor is None:
            raise LookupError(f"{user} has no role towards {organisation}")
        return actor

    def manager(self, organisation: Organisation) -> Actor:
        """The careers manager, for the hub itself."""
        return self.hat(organisation.manager or self.managers[0])

    def leader(self, organisation: Organisation) -> User | None:
        if organisation.pk not in self._leaders:
            found = Membership.objects.filter(organisation=organisation.pk, role__in=LEADERS).select_related("user")
            first = found.order_by("pk").first()
            self._leaders[organisation.pk] = first.user if first else None
        return self._leaders[organisation.pk]

    def side(self, organisation: Organisation) -> Actor:
        """The organisation's leading person, else the careers manager on its behalf."""
        person = self.leader(organisation) or organisation.manager or self.managers[0]
        return self.hat(person, organisation)

    def answering(self, placement) -> Actor:
        """Who answers for the employer: its lead signed in, or the contact by the link in the mail."""
        if self.leader(placement.employer) is not None:
            return self.side(placement.employer)
        return self.link(placement, "answer", "employer", placement.employer_id)

    def link(self, row, purpose: str, side: str, organisation_id: int, address: str = "") -> Actor:
        link, _token = link_for(row, purpose, now=self.now, days=30, address=address)
        return by_link(link, side, organisation_id)
