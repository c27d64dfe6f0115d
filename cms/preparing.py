"""The hub's preparation modules: which there are, who has done them, and the check at their end."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from cms.models import PreparationPage
from cms.starter.preparation import preparation as starter_module
from employers.domain import need_keeper
from employers.models import Preparation, Volunteer
from employers.preparing import REMIND_DAYS, finish
from hubs.actors import SYSTEM, Actor
from hubs.domain.requirements import add_rule
from hubs.errors import CannotAct, Refused
from hubs.languages import speaking
from hubs.locks import lock_rows
from hubs.log import record
from hubs.models import HUB_STAFF, Hub, HubRequirement, Requirement, Tier
from hubs.outbox import Recipient, occasion, queue
from hubs.wallclock import MORNING, WallTime
from placements.domain.preparing import settle_preparation

PURPOSE = "preparation"
ASKED = "volunteer-prepare"


def modules(hub: Hub) -> list[PreparationPage]:
    """What the hub asks volunteers to go through, in the order of its pages; drafts are not asked."""
    if hub.site is None:
        return []
    return list(PreparationPage.objects.descendant_of(hub.site.root_page).live().order_by("path"))


def required(hub: Hub) -> list[int]:
    """Ids of the modules that have to be done before a volunteer meets young people."""
    if hub.site is None:
        return []
    rows = PreparationPage.objects.descendant_of(hub.site.root_page).live().filter(is_required=True)
    return list(rows.order_by("path").values_list("pk", flat=True))


def every_module(hub: Hub) -> list[PreparationPage]:
    """As `modules`, drafts too: what its editors see."""
    if hub.site is None:
        return []
    return list(PreparationPage.objects.descendant_of(hub.site.root_page).order_by("path"))


def rules(hub: Hub, today: dt.date) -> list[Requirement]:
    """Rules in force that ask for it, each with `blocks_here`, what it blocks as the hub decided, and `words`, for
    which encounters it holds."""
    decided = HubRequirement.objects.filter(hub=hub, requirement=OuterRef("pk")).values("blocks")
    rows = Requirement.objects.of_hub(hub).on(today).filter(kind=Requirement.Kind.PREPARATION)
    found = list(rows.annotate(blocks_here=Coalesce(Subquery(decided), F("blocks"))))
    for rule in found:
        named = [str(Tier(tier).label) for tier in rule.tiers]
        rule.words = _("every encounter") if len(named) == len(Tier) else "; ".join(named)
    return found


@transaction.atomic
def add_starter_module(hub: Hub, *, by: Actor, now: dt.datetime) -> PreparationPage:
    """The module a new hub begins with, for one that was there before there was any: a draft, because nobody has read
    it yet, and what is public is its editors' decision. Raises `CannotAct`, and `Refused` where there is a module."""
    if not by.may(hub, HUB_STAFF | {SYSTEM}):
        raise CannotAct(_("Only the hub's staff adds pages."))
    lock_rows(Hub.objects.filter(pk=hub.pk))
    if hub.site is None:
        raise Refused(_("The hub has no site yet, so a page has no place to be."))
    if there := every_module(hub):
        raise Refused(_("Your site has “%(title)s” already.") % {"title": there[0].title})
    with speaking(hub.language):
        draft = starter_module()
    page = PreparationPage(**draft.fields, slug=draft.slug, live=False)
    hub.site.root_page.add_child(instance=page)
    page.save_revision(user=by.user, clean=False)
    record(hub, "starter_module_added", by=by, now=now, page=page.pk)
    return page


def done(volunteer: Volunteer, today: dt.date) -> dict[int, Preparation]:
    """What the volunteer has done and what still holds today, by page."""
    rows = Preparation.objects.filter(volunteer=volunteer, valid_until__gte=today)
    return {row.page_id: row for row in rows}


def history(volunteer: Volunteer) -> dict[int, Preparation]:
    """What the volunteer ever did, by page; it may have lapsed."""
    return {row.page_id: row for row in Preparation.objects.filter(volunteer=volunteer)}


def has_to_do(volunteer: Volunteer, now: dt.datetime) -> bool:
    """Whether a module of the hub is not done, or what is done lapses within the days of the first reminder."""
    soon = volunteer.hub.today(now) + dt.timedelta(days=max(REMIND_DAYS))
    held = Preparation.objects.filter(volunteer=volunteer, valid_until__gt=soon)
    return not {page.pk for page in modules(volunteer.hub)} <= set(held.values_list("page", flat=True))


def pass_module(volunteer: Volunteer, page: PreparationPage, *, by: Actor, now: dt.datetime) -> Preparation:
    """Every answer was right: what was waiting for it is settled. Raises as `finish`."""
    asked = modules(volunteer.hub)
    needed = [one.pk for one in asked if one.is_required] or [one.pk for one in asked]
    made = finish(volunteer, page.pk, months=page.valid_months, needed=needed, by=by, now=now)
    settle_preparation(volunteer.employer, now=now)
    return made


@transaction.atomic
def ask_before_contact(hub: Hub, *, by: Actor, now: dt.datetime, blocks: str = "start") -> Requirement:
    """A rule of the hub's own that whoever looks after students is prepared, for every kind of encounter from today
    on. Raises as `add_rule`, and `Refused` where a rule asks for it already."""
    if rules(hub, hub.today(now)):
        raise Refused(_("Your hub asks for it already. Change that rule, or decide about it."))
    with speaking(hub.language):
        fields = {
            "title": _("Whoever looks after them is prepared"),
            "text": _(
                "Whoever looks after the students goes through the hub's preparation before they first meet. It takes "
                "a few minutes, by a link, and holds for every placement until it lapses."
            ),
            "tiers": list(Tier.values), "kind": Requirement.Kind.PREPARATION, "blocks": blocks,
            "responsible": Requirement.Party.HOST, "valid_from": hub.today(now),
        }  # fmt: skip
    return add_rule(hub, fields, by=by, now=now)


@transaction.atomic
def ask(volunteer: Volunteer, *, by: Actor, now: dt.datetime) -> None:
    """Send the volunteer their link. Raises `CannotAct`, and `Refused` without an address or anything to do."""
    need_keeper(volunteer, by)
    if not volunteer.is_active:
        raise Refused(_("This person is not active. Change that first."))
    if not volunteer.email:
        raise Refused(_("Write an e-mail address for this person first: the link goes there."))
    if not modules(volunteer.hub):
        raise Refused(_("Your hub has no preparation yet. Ask it."))
    if not has_to_do(volunteer, now):
        raise Refused(
            _("This person has done all of it, and nothing lapses in the next %(n)s days.") % {"n": max(REMIND_DAYS)}
        )
    queue(ASKED, volunteer, reader(volunteer), now=now, version=occasion(now))
    record(volunteer, "preparation_sent", by=by, now=now)


def reader(volunteer: Volunteer) -> Recipient:
    language = volunteer.employer.language or volunteer.hub.language
    return Recipient(volunteer.email, volunteer.name, language, None, volunteer.employer_id)


def queue_preparation_reminders(now: dt.datetime) -> int:
    """One message 30 and one 7 days before a volunteer's preparation lapses, at eight of the hub; how many rows are
    new. Safe as often as one likes."""
    made = 0
    for hub in Hub.objects.filter(is_active=True).select_related("site__root_page"):
        today = hub.today(now)
        if not modules(hub):
            continue
        last = today + dt.timedelta(days=max(REMIND_DAYS))
        lapsing = Volunteer.objects.filter(hub=hub, is_active=True, prepared_until__range=(today, last))
        for volunteer in lapsing.exclude(email="").select_related("employer", "hub").order_by("pk"):
            until = volunteer.prepared_until
            if until is None:
                continue  # prepared without end
            version = f"{until}-{min(days for days in REMIND_DAYS if (until - today).days <= days)}"
            due = WallTime(today, MORNING)
            made += bool(queue(ASKED, volunteer, reader(volunteer), now=now, due_at=due, version=version))
    return made
