"""Whether those who would come suit a session: their ages, its tier, what has to come first, its hours.

What the school's calendar says of a session is `fitting`'s affair; this is about who they are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils.translation import gettext as _

from hubs.models import Tier
from hubs.words import day
from opportunities.models import EncounterType, Opportunity, Session
from placements.domain import hours, pathways
from placements.domain.wishes import Kind
from schools.models import Group, School, Student

#: Each student is then known: parents agree one by one, and hours depend on ages.
BY_NAME = (Tier.T3, Tier.T4, Tier.T5)
NAMED_IN_A_SENTENCE = 8


class Coming:
    """Who would come: students named, or a group, or nobody yet but a number. Reads limits, pathways and what
    the students had once, for any number of sessions of the school's hub."""

    def __init__(self, school: School, group: Group | None, students: Sequence[Student], *, now: dt.datetime) -> None:
        self.school, self.group, self.now = school, group, now
        rows = Student.objects.select_related("year_group").order_by("alias", "pk")
        self.named = list(rows.filter(pk__in=[student.pk for student in students]))
        everyone = rows.filter(groups=group, left_on=None) if group and not self.named else rows.none()
        self.limits = hours.limits_by_tier(school.hub, now)
        self.prerequisites = pathways.Prerequisites(school.hub, self.named or list(everyone))

    def why_not(self, session: Session) -> str | None:
        """Why they cannot come, in a sentence, or None."""
        kept = self._kept(self.prerequisites.keep(session))
        return self._tier(session.opportunity.encounter_type) or self._ages(session) or kept or self._hours(session)

    def why_not_kind(self, kind: Kind) -> str | None:
        """Why they cannot ask for any session of the kind or step, whenever it were, in a sentence, or None."""
        waiting = self.prerequisites.keep_from(kind.step) if kind.step else {}
        named = kind.step.opportunity if kind.step else None
        return self._tier(kind.encounter_type) or (named and self.asked_later(named)) or self._kept(waiting)

    def asked_later(self, opportunity: Opportunity) -> str | None:
        """Why their school cannot ask for it yet, in a sentence, or None."""
        return others_first(opportunity, self.school, self.now)

    def _tier(self, kind: EncounterType) -> str | None:
        if self.named or self.group or kind.tier not in BY_NAME:
            return None
        return _(
            "Days without school staff are not asked for by number: parents agree for each student, and hours depend "
            "on age. Choose a group, or name the students."
        )

    def _ages(self, session: Session) -> str | None:
        least, most = session.opportunity.min_age, session.opportunity.max_age
        ages = {one: hours.ages(session, self.group, [one]) for one in self.named}
        if young := [one.alias for one, of in ages.items() if max(of) < least]:
            return _("For ages %(least)s to %(most)s; too young: %(aliases)s.") % _facts(young, least, most)
        if old := [one.alias for one, of in ages.items() if min(of) > most]:
            return _("For ages %(least)s to %(most)s; too old: %(aliases)s.") % _facts(old, least, most)
        return None

    def _kept(self, waiting: dict[Student, str]) -> str | None:
        """Everybody named has had what comes first; of a group, somebody."""
        if not waiting or (not self.named and len(waiting) < len(self.prerequisites.students)):
            return None
        aliases = ", ".join(sorted(one.alias for one in waiting)[:NAMED_IN_A_SENTENCE])
        who = aliases if self.named or self.group is None else self.group.name
        return _("%(who)s: %(why)s") % {"who": who, "why": next(iter(waiting.values()))}

    def _hours(self, session: Session) -> str | None:
        limits = self.limits[session.opportunity.encounter_type.tier]
        found = hours.broken(session, self.school, group=self.group, students=self.named, limits=limits, now=self.now)
        return next((hours.sentence(one, self.now) for one in found if one.blocks), None)


def others_first(opportunity: Opportunity, school: School, now: dt.datetime) -> str | None:
    """Why the school cannot ask for this yet, or None: other schools are asked first."""
    if opens := opportunity.opens_to(school, now):
        return _("Other schools are asked first. Yours can ask from %(day)s.") % {"day": day(opens, now)}
    return None


def _facts(aliases: list[str], least: int, most: int) -> dict[str, object]:
    return {"aliases": ", ".join(aliases[:NAMED_IN_A_SENTENCE]), "least": least, "most": most}
