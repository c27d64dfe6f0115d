"""Before two records become one: what each has, and what will not simply come along."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from employers.models import Contact
from hubs.models import Membership
from opportunities.models import Pledge
from placements.domain.merging_things import (
    THINGS,
    Pair,
    earlier_badge,
    empty_twice,
    free_name,
    given_up,
    invited_twice,
    month_caps,
    same_plans,
    theirs_holds,
    twin_sites,
)


def held_by(pair: Pair) -> list[tuple[str, int, int]]:
    """(what, how many the record has that stays, how many the one that goes), a statement for each kind."""
    found = []
    for thing in THINGS:
        rows = thing.model._base_manager.filter(**{f"{thing.field}__in": [pair.stays.pk, pair.goes.pk]})
        held = dict(rows.order_by().values_list(thing.field).annotate(Count("pk")))
        if held:
            words = str(thing.model._meta.verbose_name_plural)
            found.append((words, held.get(pair.stays.pk, 0), held.get(pair.goes.pk, 0)))
    return found


def notes_of(pair: Pair) -> list[str]:
    """What will not simply come along, in sentences."""
    said = (
        _of_sites, _of_contacts, _of_plans, _of_pledges, _of_caps, _of_assessments, _of_badges, _of_members,
        _of_invitations,
    )  # fmt: skip
    return [sentence for one in said for sentence in one(pair)]


def _of_sites(pair: Pair) -> Iterator[str]:
    for site in twin_sites(pair):
        yield _("Both have a site “%(name)s”. The one that comes will be “%(new)s”.") % {
            "name": site.name, "new": free_name(pair, site),
        }  # fmt: skip


def _of_contacts(pair: Pair) -> Iterator[str]:
    main = pair.mine(Contact, is_main=True).first()
    if main is not None and pair.theirs(Contact, is_main=True).exists():
        yield _("%(name)s stays the main contact.") % {"name": main.name}


def _of_plans(pair: Pair) -> Iterator[str]:
    for mine, theirs in same_plans(pair):
        facts = {"plan": theirs.template.name, "year": theirs.year_starts_on.year}
        if given_up(mine, theirs) is None:
            yield _("Both completed “%(plan)s” of %(year)s. One stays with the record that is put away.") % facts
        else:
            yield _("Both have “%(plan)s” of %(year)s. The one that is further goes on, the other is given up.") % facts


def _of_pledges(pair: Pair) -> Iterator[str]:
    years = pair.theirs(Pledge, year_starts_on__in=pair.mine(Pledge).values("year_starts_on"))
    for year in years.order_by("year_starts_on").values_list("year_starts_on", flat=True):
        yield _(
            "Both said what they can give in the year from %(year)s. The later answer holds, the earlier stays with "
            "the record that is put away."
        ) % {"year": year.year}


def _of_caps(pair: Pair) -> Iterator[str]:
    mine, theirs = month_caps(pair)
    if mine is not None and theirs is not None:
        holds = theirs if theirs_holds(mine, theirs) else mine
        yield _("Both have a limit of places a month. %(n)s holds.") % {"n": holds.most}


def _of_assessments(pair: Pair) -> Iterator[str]:
    for row in empty_twice(pair):
        yield _("Both have begun “%(name)s”. The one without answers goes.") % {"name": row.framework}


def _of_badges(pair: Pair) -> Iterator[str]:
    if earlier_badge(pair) is not None:
        yield _("Both show a badge. The later stays public, the other is taken back.")


def _of_members(pair: Pair) -> Iterator[str]:
    mine = Membership.objects.filter(organisation=pair.stays.pk).values("user")
    if number := Membership.objects.filter(organisation=pair.goes.pk, user__in=mine).count():
        yield ngettext(
            "%(n)s person belongs to both, and keeps the higher role.",
            "%(n)s people belong to both, and keep the higher role.",
            number,
        ) % {"n": number}


def _of_invitations(pair: Pair) -> Iterator[str]:
    for row in invited_twice(pair):
        yield _("%(who)s is invited twice. One of the invitations is withdrawn.") % {"who": row.email}
