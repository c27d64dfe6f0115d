"""Private calendar addresses: made, read, revoked."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from django.db import transaction
from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q, Sum
from django.utils.translation import gettext as _

from employers.models import Site
from hubs.actors import Actor
from hubs.errors import CannotAct, Refused
from hubs.log import record
from hubs.models import EMPLOYER_ROLES, HUB_STAFF, SCHOOL_ROLES, Membership, Organisation
from placements.models import CalendarEvent, Feed
from schools.models import Group

SHOWN_FOR = dt.timedelta(days=60)  # what is over or called off stays this long, so that clients drop it
_WORKS_THERE = Membership.objects.filter(
    Q(organisation=OuterRef("organisation")) | Q(organisation__isnull=True),
    user=OuterRef("user"), user__is_active=True, hub=OuterRef("hub"),
)  # fmt: skip
#: Whoever made an organisation's calendar still works there, or for the hub; one's own shows no more than one may see.
MAKER_STAYS = ExpressionWrapper(
    Q(personal=True) | Q(user__isnull=True) | Exists(_WORKS_THERE), output_field=BooleanField()
)


@transaction.atomic
def make_feed(
    organisation: Organisation,
    *,
    group: Group | None = None,
    site: Site | None = None,
    personal: bool = False,
    by: Actor,
    now: dt.datetime,
) -> tuple[Feed, str]:
    """A new address and its token, which is shown once; only a hash is kept.

    Raises `CannotAct`, and `Refused` for a group or site of somebody else.
    """
    if not by.may(organisation, EMPLOYER_ROLES | SCHOOL_ROLES | HUB_STAFF):
        raise CannotAct(_("Only members of the organisation make a calendar address for it."))
    if group is not None and group.school_id != organisation.pk:
        raise Refused(_("This group belongs to another school."))
    if site is not None and site.employer_id != organisation.pk:
        raise Refused(_("This site belongs to another employer."))
    if personal and (by.user is None or group or site):
        raise Refused(_("A calendar of your own is for everything that concerns you."))
    token = secrets.token_urlsafe(32)
    feed = Feed.objects.create(
        hub_id=organisation.hub_id,
        organisation=organisation,
        group=group,
        site=site,
        personal=personal,
        user=by.user,
        token_hash=hashlib.sha256(token.encode()).hexdigest(),
        created_at=now,
    )
    record(feed, "feed_made", by=by, now=now)
    return feed, token


@transaction.atomic
def revoke_feed(feed: Feed, *, by: Actor, now: dt.datetime) -> None:
    """The address stops answering at once; once more changes nothing. Raises `CannotAct`."""
    if not by.may(feed, EMPLOYER_ROLES | SCHOOL_ROLES | HUB_STAFF):
        raise CannotAct(_("Only members of the organisation revoke its calendar addresses."))
    if feed.personal and not by.is_hub_staff and (by.user is None or by.user.pk != feed.user_id):
        raise CannotAct(_("Only the person whose calendar it is revokes its address."))
    if Feed.objects.filter(pk=feed.pk, revoked_at__isnull=True).update(revoked_at=now):
        record(feed, "feed_revoked", by=by, now=now)


#: What a calendar's reader needs: naming every column of five tables took longer than looking them up.
_SHOWN = (
    "hub_id", "token_hash", "personal", "last_read_at", "organisation__name", "organisation__kind",
    "organisation__language", "group__name", "site__name", "user__language", "user__is_active",
)  # fmt: skip


def feed_of(token: str) -> Feed | None:
    """The live feed behind a token, or None; a leaver's takes nothing along."""
    token_hash = hashlib.sha256(token.encode()).hexdigest()
    found = (
        Feed.objects.filter(token_hash=token_hash, revoked_at__isnull=True)
        .filter(MAKER_STAYS, organisation__is_active=True, hub__is_active=True)
        .select_related("organisation", "group", "site", "user")
        .only(*_SHOWN)
    )
    return next(iter(found), None)  # the hash is unique: no sorting


def note_read(feed: Feed, *, now: dt.datetime, every: dt.timedelta) -> None:
    """Remember that a calendar came by; written at most once in `every`, as clients come often."""
    if feed.last_read_at is None or feed.last_read_at <= now - every:
        Feed.objects.filter(pk=feed.pk).update(last_read_at=now)


def events_of(feed: Feed, *, now: dt.datetime):
    """What the feed shows: every event of its school, employer, site, group or person, recent past included."""
    events = CalendarEvent.objects.filter(hub=feed.hub_id, last_on__gte=now.date() - SHOWN_FOR)
    return events.filter(_concerning(feed)).order_by("on", "starts_at", "pk")


def _concerning(feed: Feed) -> Q:
    if feed.personal:
        return _of_person(feed)
    if feed.organisation.kind == "school":
        narrow = Q(placement__group_id=feed.group_id) if feed.group_id else Q()
        return Q(placement__school_id=feed.organisation_id) & narrow
    narrow = Q(placement__session__opportunity__site_id=feed.site_id) if feed.site_id else Q()
    return _OFFERED & Q(placement__employer_id=feed.organisation_id) & narrow


_OFFERED = Q(placement__offered_at__isnull=False)


def _of_person(feed: Feed) -> Q:
    """Where they work at this moment, and for hub staff the organisations in their care."""
    person = feed.user
    if person is None or not person.is_active:
        return Q(pk__in=[])
    own = [m.organisation_id for m in person.live_memberships if m.hub_id == feed.hub_id and m.organisation_id]
    if person.hub_role(feed.hub_id) is not None:
        own += Organisation.objects.filter(hub=feed.hub_id, manager=person).values_list("pk", flat=True)
    return Q(placement__school_id__in=own) | (_OFFERED & Q(placement__employer_id__in=own))


def version_of(feed: Feed, *, now: dt.datetime) -> str:
    """Different whenever what the feed shows differs; one statement, however many events.

    Every state of an event has a random number of its own, so that other events, or another
    state of one, give another sum. Sums of keys and sequences would not do: events that come
    and go can leave them as they were.
    """
    sums = events_of(feed, now=now).order_by().aggregate(count=Count("pk"), stamps=Sum("stamp"))
    return f"{sums['count']}.{sums['stamps']}"
