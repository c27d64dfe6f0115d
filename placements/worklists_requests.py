"""The desk's requests: those the hub can answer with a wish, and those it has to find something else for."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from hubs.models import Hub
from opportunities.models import Session
from placements.domain import windows
from placements.models import Placement, PlacementRequest, Wish
from placements.worklists_kinds import Waiting, promised, request_title

BROKER_DAYS = 5  # working days in which the hub answers: what the pages promise schools


def requests(hub: Hub, now: dt.datetime) -> QuerySet:
    """What the hub can answer with a wish; the others are in `nobody_fits`."""
    asked = Placement.objects.filter(request=OuterRef("pk"), state="offered")
    rows = PlacementRequest.objects.filter(~Exists(asked), ~_hopeless(hub, now), hub=hub, state="submitted")
    return rows.select_related("school", "group").order_by("submitted_at", "pk")


def say_request(row: PlacementRequest, hub: Hub, now: dt.datetime) -> Waiting:
    since = row.submitted_at or row.created_at
    return Waiting(
        request_title(row), row.school.name, since, promised(hub, since, BROKER_DAYS), _("Broker"),
        reverse("desk:request", args=[row.pk]),
    )  # fmt: skip


def nobody_fits(hub: Hub, now: dt.datetime) -> QuerySet:
    rows = PlacementRequest.objects.filter(_hopeless(hub, now), hub=hub, state="submitted")
    return rows.select_related("school", "group").order_by("submitted_at", "pk")


def _hopeless(hub: Hub, now: dt.datetime) -> Q:
    """Nothing is held or asked, and nothing they wished for, a session or any of a kind, can take them all any more.

    What was called off after a yes is no answer to this request: where the session stands, it can be held again.
    """
    # Said again of each part: else the database would gather the wishes and placements of all years first.
    asked = {"request": OuterRef("pk"), "request__hub": hub, "request__state": "submitted"}
    live, wished = Placement.objects.live().filter(**asked), Wish.objects.filter(**asked)
    can_be = Exists(wished.filter(_of_session(hub, now))) | Exists(wished.filter(_of_kind(hub, now)))
    return Q(Exists(wished), ~Exists(live), ~can_be)


# Asked of each wish, not of each session: a hub has many more sessions than a request has wishes.
def _of_session(hub: Hub, now: dt.datetime) -> Q:
    return Q(Exists(_takes_all(hub, now).filter(pk=OuterRef("session"))))


def _of_kind(hub: Hub, now: dt.datetime) -> Q:
    """Of wishes for a session nothing is asked: each would look through all sessions for one of no kind."""
    of_type = _takes_all(hub, now).filter(
        windows.inside_those_of(OuterRef(OuterRef(OuterRef("request")))),
        opportunity__encounter_type=OuterRef("encounter_type"),
        opportunity=Coalesce(OuterRef("step__opportunity"), F("opportunity")),
    )
    in_sector = of_type.filter(opportunity__sectors=OuterRef("sector"))
    return Q(encounter_type__isnull=False) & (Q(Exists(of_type), sector=None) | Q(Exists(in_sector)))


def _takes_all(hub: Hub, now: dt.datetime) -> QuerySet:
    """Sessions that can take all of the wish's request, and whose employer has not said no to it."""
    said_no = Placement.objects.filter(request=OuterRef(OuterRef("request")), session=OuterRef("pk"), state="declined")
    return Session.objects.upcoming(now).filter(
        ~Exists(said_no), hub=hub, opportunity__state="published",
        places__gte=F("taken") + OuterRef("request__places"),
    )  # fmt: skip


def say_nobody_fits(row: PlacementRequest, hub: Hub, now: dt.datetime) -> Waiting:
    since = row.submitted_at or row.created_at
    return Waiting(
        _("%(request)s: nothing it wishes for can be had now")
        % {"request": request_title(row)}, row.school.name,
        since, promised(hub, since, BROKER_DAYS), _("Find another"), reverse("desk:request", args=[row.pk]),
    )  # fmt: skip
