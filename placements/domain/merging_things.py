"""Everything that hangs on an employer, and what becomes of it when its record is put into another.

The order is that of locks: places first, people last. `become` moves rows and returns how many came;
`merging_notes` says before what will not simply come along.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from employers.badges import withdraw
from employers.models import (
    Answer,
    Badge,
    Contact,
    Document,
    Employer,
    EvidenceFigure,
    Interest,
    Preparation,
    RoundPlace,
    SelfAssessment,
    Site,
    Volunteer,
)
from hubs.actors import Actor, system
from hubs.links import revoke_links
from hubs.log import record
from hubs.models import Invitation, Membership, Message, MessagePreference, Note, Role
from hubs.moves import move
from opportunities.models import ActionPlan, Cap, Opportunity, Pathway, PlanStep, Pledge, Session
from placements.models import Encounter, Feed, Placement, SessionMove

NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(slots=True)
class Pair:
    """The record that stays and the one that goes."""

    stays: Employer
    goes: Employer
    by: Actor = field(default_factory=system)
    now: dt.datetime = NEVER

    def mine(self, model: type[models.Model], **more) -> models.QuerySet:
        return model._base_manager.filter(employer=self.stays.pk, **more)

    def theirs(self, model: type[models.Model], **more) -> models.QuerySet:
        return model._base_manager.filter(employer=self.goes.pk, **more)


def _along(thing: Thing, pair: Pair) -> int:
    """They come as they are."""
    rows = thing.model._base_manager.filter(**{thing.field: pair.goes.pk})
    return rows.update(**{thing.field: pair.stays.pk})


@dataclass(frozen=True, slots=True)
class Thing:
    """Rows of `model` that name an employer in `field`."""

    model: type[models.Model]
    field: str = "employer"
    become: Callable[[Thing, Pair], int] = _along

    @property
    def label(self) -> str:
        return f"{self.model._meta.label}.{self.field}"


def in_the_way(pair: Pair) -> list[str]:
    """Why the two cannot become one now, each in a sentence with what to do; empty when they can."""
    live = Q(state__in=["open", "submitted"])
    theirs = {one.framework_id: one for one in _begun(pair.theirs(SelfAssessment).filter(live))}
    both = [one for one in _begun(pair.mine(SelfAssessment).filter(live)) if one.framework_id in theirs]
    return [
        _(
            "Both have begun a self-assessment by “%(name)s”, and nobody can answer twice for one employer. Act for "
            "one of them, send its answers, and confirm them; then put the records together."
        )
        % {"name": one.framework}
        for one in both
    ]


def _begun(rows: models.QuerySet) -> models.QuerySet:
    answered = Exists(Answer.objects.filter(assessment=OuterRef("pk")))
    return rows.filter(answered).select_related("framework").order_by("pk")


# ---- What an employer may not have twice ---------------------------------------------


def _sites(thing: Thing, pair: Pair) -> int:
    """A name of each at its employer: one that is taken says whose it was."""
    for site in twin_sites(pair):
        site.name = free_name(pair, site)
        site.save(update_fields=["name"])
    return _along(thing, pair)


def twin_sites(pair: Pair) -> list[Site]:
    taken = pair.mine(Site).values("name")
    return list(pair.theirs(Site).filter(name__in=taken).order_by("pk"))


def free_name(pair: Pair, site: Site) -> str:
    taken = {*pair.mine(Site).values_list("name", flat=True), *pair.theirs(Site).values_list("name", flat=True)}
    wanted = f"{site.name[:60]} ({pair.goes.name[:50]})"
    return wanted if wanted not in taken else f"{site.name[:100]} ({site.pk})"


def _contacts(thing: Thing, pair: Pair) -> int:
    """One main contact stays; of two rows that say the same of a person, one."""
    if pair.mine(Contact, is_main=True).exists():
        pair.theirs(Contact, is_main=True).update(is_main=False)
    said = ("name", "job_title", "email", "phone", "language", "user_id")
    known = set(pair.mine(Contact).values_list(*said))
    same = [row[0] for row in pair.theirs(Contact).values_list("pk", *said) if row[1:] in known]
    Contact.objects.filter(pk__in=same).delete()
    return _along(thing, pair)


def _plans(thing: Thing, pair: Pair) -> int:
    """Of two plans by one template in one year, one goes on: the completed one, else the one that is further. Two that
    are completed are both history, and one stays where it was made."""
    stay = []
    for mine, theirs in same_plans(pair):
        ends = given_up(mine, theirs)
        if ends is None:
            stay.append(theirs.pk)
        else:
            move(ends, "abandoned", by=pair.by, now=pair.now, because="same_plan")
    rows = pair.theirs(ActionPlan).exclude(pk__in=stay)
    return rows.update(employer=pair.stays.pk)


def same_plans(pair: Pair) -> list[tuple[ActionPlan, ActionPlan]]:
    def key(plan: ActionPlan) -> tuple[int, dt.date]:
        return plan.template_id, plan.year_starts_on

    def held(rows: models.QuerySet) -> list[ActionPlan]:
        return list(rows.exclude(state="abandoned").select_related("template").order_by("pk"))

    mine = {key(plan): plan for plan in held(pair.mine(ActionPlan))}
    return [(mine[key(plan)], plan) for plan in held(pair.theirs(ActionPlan)) if key(plan) in mine]


def given_up(mine: ActionPlan, theirs: ActionPlan) -> ActionPlan | None:
    active = [plan for plan in (theirs, mine) if plan.state == "active"]
    return min(active, key=lambda plan: plan.steps.filter(state="done").count(), default=None)


def _steps(thing: Thing, pair: Pair) -> int:
    """With their plans."""
    return pair.theirs(PlanStep).filter(plan__employer=pair.stays.pk).update(employer=pair.stays.pk)


def _pledges(thing: Thing, pair: Pair) -> int:
    """One a year: the later answer holds, the earlier stands on the record that is put away."""
    mine = {row.year_starts_on: row for row in pair.mine(Pledge)}
    moved = 0
    for theirs in pair.theirs(Pledge).order_by("pk"):
        other = mine.get(theirs.year_starts_on)
        if other is None:
            moved += Pledge.objects.filter(pk=theirs.pk).update(employer=pair.stays.pk)
        elif other.answered_at < theirs.answered_at:
            # They change places, by way of a year nobody means: an employer never has two of one year.
            Pledge.objects.filter(pk=other.pk).update(employer=pair.goes.pk, year_starts_on=dt.date.min)
            moved += Pledge.objects.filter(pk=theirs.pk).update(employer=pair.stays.pk)
            Pledge.objects.filter(pk=other.pk).update(year_starts_on=other.year_starts_on)
    return moved


def _caps(thing: Thing, pair: Pair) -> int:
    """Limits of sites come with them. Of a month one holds (`month_caps`): the two rows change what they say, not
    their employers, who never have two."""
    rows = pair.theirs(Cap)
    mine, theirs = month_caps(pair)
    if mine is None or theirs is None:
        return rows.update(employer=pair.stays.pk)
    moved = rows.exclude(pk=theirs.pk).update(employer=pair.stays.pk)
    if theirs_holds(mine, theirs):
        pair.theirs(Cap, pk=theirs.pk).update(most=mine.most, is_active=False)
        moved += pair.mine(Cap, pk=mine.pk).update(most=theirs.most, is_active=True)
    return moved


def month_caps(pair: Pair) -> tuple[Cap | None, Cap | None]:
    """Ours and theirs."""
    return pair.mine(Cap, per="employer_month").first(), pair.theirs(Cap, per="employer_month").first()


def theirs_holds(mine: Cap, theirs: Cap) -> bool:
    """The limit of the record that stays holds, unless only the other is in force."""
    return theirs.is_active and not mine.is_active


def _assessments(thing: Thing, pair: Pair) -> int:
    """One under way by each framework; `in_the_way` kept out two with answers, so what goes has none."""
    for row in empty_twice(pair):
        record(row, "removed", by=pair.by, now=pair.now)
        row.delete()
    return _along(thing, pair)


def empty_twice(pair: Pair) -> list[SelfAssessment]:
    """Of two under way by one framework, the one without an answer; of two without, theirs."""
    answered = Exists(Answer.objects.filter(assessment=OuterRef("pk")))
    live = Q(state__in=["open", "submitted"])
    mine = {row.framework_id: row for row in pair.mine(SelfAssessment).filter(live).annotate(has=answered)}
    found = []
    for theirs in pair.theirs(SelfAssessment).filter(live).annotate(has=answered).select_related("framework"):
        other = mine.get(theirs.framework_id)
        if other is not None and not (other.has and theirs.has):
            found.append(other if theirs.has else theirs)
    return found


def _asked_in_rounds(thing: Thing, pair: Pair) -> int:
    """An employer is asked once in a round."""
    pair.theirs(RoundPlace).filter(round__in=pair.mine(RoundPlace).values("round")).delete()
    return _along(thing, pair)


def _badges(thing: Thing, pair: Pair) -> int:
    """One is public: the later. The other is taken back, and stays known as taken back."""
    if earlier := earlier_badge(pair):
        withdraw(earlier, by=pair.by, now=pair.now)
    return _along(thing, pair)


def earlier_badge(pair: Pair) -> Badge | None:
    live = [*pair.mine(Badge, state="live"), *pair.theirs(Badge, state="live")]
    return min(live, key=lambda one: (one.issued_at, one.pk)) if len(live) == 2 else None


def _figures(thing: Thing, pair: Pair) -> int:
    """Counted anew by a job, for both together."""
    pair.theirs(EvidenceFigure).delete()
    return 0


def _pathways_offered(thing: Thing, pair: Pair) -> int:
    """Offered together by both is offered by one."""
    thing.model._base_manager.filter(
        employer=pair.goes.pk, pathway__in=thing.model._base_manager.filter(employer=pair.stays.pk).values("pathway")
    ).delete()
    return _along(thing, pair)


# ---- People ---------------------------------------------------------------------------


def _members(thing: Thing, pair: Pair) -> int:
    """Whoever is in both keeps the higher role."""
    mine = {row.user_id: row for row in Membership.objects.filter(organisation=pair.stays.pk)}
    for row in Membership.objects.filter(organisation=pair.goes.pk, user__in=list(mine)):
        kept = mine[row.user_id]
        if row.role == Role.EMPLOYER_LEAD and kept.role != row.role:
            old, kept.role = kept.role, row.role
            kept.save(update_fields=["role"])
            record(kept, "role_changed", by=pair.by, now=pair.now, from_state=old, to_state=kept.role)
        record(row, "removed", by=pair.by, now=pair.now, user=row.user_id, role=row.role)
        row.delete()
    return _along(thing, pair)


def _invitations(thing: Thing, pair: Pair) -> int:
    """One open to each address: that of the record that goes is withdrawn, and its link says so."""
    for row in invited_twice(pair):
        move(row, "revoked", by=pair.by, now=pair.now)
        revoke_links(row, now=pair.now)
    return _along(thing, pair)


def invited_twice(pair: Pair) -> models.QuerySet[Invitation]:
    opened = Invitation.objects.filter(state="open").annotate(to=Lower("email"))
    mine = opened.filter(organisation=pair.stays.pk)
    return opened.filter(organisation=pair.goes.pk, to__in=mine.values("to")).order_by("pk")


def _preferences(thing: Thing, pair: Pair) -> int:
    """A person's later word about a kind of message holds."""
    rows = MessagePreference.objects
    mine = rows.filter(
        organisation=pair.stays.pk, hub=OuterRef("hub"), address=OuterRef("address"), kind=OuterRef("kind")
    )
    theirs = rows.filter(organisation=pair.goes.pk)
    theirs.filter(Exists(mine.filter(changed_at__gte=OuterRef("changed_at")))).delete()
    for later in theirs.filter(Exists(mine)):
        rows.filter(organisation=pair.stays.pk, hub=later.hub_id, address=later.address, kind=later.kind).delete()
    return _along(thing, pair)


# ---- All of it ------------------------------------------------------------------------

_OFFERED = Pathway.employers.through

THINGS = (
    Thing(Session),
    Thing(Cap, become=_caps),
    Thing(Placement),
    Thing(Encounter),
    Thing(SessionMove),
    Thing(Feed, "organisation"),
    Thing(Opportunity),
    Thing(ActionPlan, become=_plans),
    Thing(PlanStep, become=_steps),
    Thing(Pledge, become=_pledges),
    Thing(Pathway),
    Thing(_OFFERED, become=_pathways_offered),
    Thing(SelfAssessment, become=_assessments),
    Thing(Answer),
    Thing(RoundPlace, become=_asked_in_rounds),
    Thing(Badge, become=_badges),
    Thing(EvidenceFigure, become=_figures),
    Thing(Site, become=_sites),
    Thing(Document),
    Thing(Contact, become=_contacts),
    Thing(Volunteer),
    Thing(Preparation),
    Thing(Interest),
    Thing(Note, "organisation"),
    Thing(Membership, "organisation", _members),
    Thing(Invitation, "organisation", _invitations),
    Thing(MessagePreference, "organisation", _preferences),
    Thing(Message, "organisation"),
    # What was put into the record that goes now: one step leads to the record that stays.
    Thing(Employer, "merged_into"),
)

#: What names an employer and is left as it is, and why.
LEFT = {
    "hubs.LogEntry.on_behalf_of": "the log is never written over; the record put away keeps its own",
    "employers.Employer_sectors.employer": "sectors are facts: those of both, beside the other fields",
    "employers.Employer.organisation_ptr": "the record itself",
    "schools.School.organisation_ptr": "a school",
}
