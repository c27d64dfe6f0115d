"""Private calendar addresses: made, read, revoked."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from django.db import transaction
from django.utils.translation import gettext as _

from hubs.actors import Actor
from hubs.errors import NotYours, Refused
from hubs.log import record
from hubs.models import EMPLOYER_ROLES, HUB_STAFF, SCHOOL_ROLES, Organisation
from placements.models import Feed, Placement
from schools.models import Group

SHOWN_FOR = dt.timedelta(days=60)  # what is over or called off stays this long, so that clients drop it


@transaction.atomic
def make_feed(
    organisation: Organisation, *, group: Group | None = None, by: Actor, now: dt.datetime
) -> tuple[Feed, str]:
    """A new address and its token, which is shown once; only a hash is kept.

    Raises `NotYours`, and `Refused` for another school's group.
    """
    if not by.may(organisation, EMPLOYER_ROLES | SCHOOL_ROLES | HUB_STAFF):
        raise NotYours(_("Only members of the organisation make a calendar address for it."))
    if group is not None and group.school_id != organisation.pk:
        raise Refused(_("This group belongs to another school."))
    token = secrets.token_urlsafe(32)
    feed = Feed.objects.create(
        hub_id=organisation.hub_id,
        organisation=organisation,
        group=group,
        user=by.user,
        token_hash=hashlib.sha256(token.encode()).hexdigest(),
        created_at=now,
    )
    record(feed, "feed_made", by=by, now=now)
    return feed, token


@transaction.atomic
def revoke_feed(feed: Feed, *, by: Actor, now: dt.datetime) -> None:
    """The address stops answering at once; once more changes nothing. Raises `NotYours`."""
    if not by.may(feed, EMPLOYER_ROLES | SCHOOL_ROLES | HUB_STAFF):
        raise NotYours(_("Only members of the organisation revoke its calendar addresses."))
    if Feed.objects.filter(pk=feed.pk, revoked_at__isnull=True).update(revoked_at=now):
        record(feed, "feed_revoked", by=by, now=now)


def feed_of(token: str) -> Feed | None:
    """The live feed behind a token, or None."""
    token_hash = hashlib.sha256(token.encode()).hexdigest()
    return (
        Feed.objects.filter(token_hash=token_hash, revoked_at__isnull=True)
        .filter(organisation__is_active=True, hub__is_active=True)
        .select_related("hub", "organisation", "group")
        .first()
    )


def note_read(feed: Feed, *, now: dt.datetime, every: dt.timedelta) -> None:
    """Remember that a calendar came by; written at most once in `every`, as clients come often."""
    if feed.last_read_at is None or feed.last_read_at <= now - every:
        Feed.objects.filter(pk=feed.pk).update(last_read_at=now)


def placements_of(feed: Feed, *, now: dt.datetime):
    """What the feed shows: the school's or employer's placements, recent past included."""
    placements = Placement.objects.with_all().filter(hub=feed.hub, session__ends_at__gte=now - SHOWN_FOR)
    if feed.organisation.kind == "school":
        placements = placements.filter(school_id=feed.organisation_id)
        if feed.group_id:
            placements = placements.filter(group_id=feed.group_id)
    else:
        placements = placements.filter(employer_id=feed.organisation_id, offered_at__isnull=False)
    return placements.exclude(state__in=["declined", "withdrawn", "released"]).order_by("session__starts_at", "pk")
