"""Lists of the desk about employers who are new, and about their papers."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from employers.models import Document, Interest
from hubs.models import Hub
from placements.worklists_kinds import Waiting, promised

LOOKED_AT_IN = 2  # working days


def interests(hub: Hub, now: dt.datetime) -> QuerySet:
    return Interest.objects.filter(hub=hub, state="open").order_by("written_at", "pk")


def say_interest(row: Interest, hub: Hub, now: dt.datetime) -> Waiting:
    return Waiting(
        row.name, row.person, row.written_at, promised(hub, row.written_at, LOOKED_AT_IN), _("Look and decide"),
        reverse("interests:inspect", args=[row.pk]),
    )  # fmt: skip


def papers(hub: Hub, now: dt.datetime) -> QuerySet:
    rows = Document.objects.filter(hub=hub, state="quarantined").select_related("employer")
    return rows.order_by("added_at", "pk")


def say_paper(row: Document, hub: Hub, now: dt.datetime) -> Waiting:
    return Waiting(
        row.get_kind_display(), row.employer.name, row.added_at, promised(hub, row.added_at, LOOKED_AT_IN),
        _("Look and decide"), reverse("papers:inspect", args=[row.pk]),
    )  # fmt: skip
