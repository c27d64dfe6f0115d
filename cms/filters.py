"""The catalogue's filters: words in a sentence, kept in the address."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cms.catalogue import months_with_sessions, open_opportunities, published
from employers.models import Sector, Site
from opportunities.models import EncounterType, Opportunity

AGES = range(11, 20)
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_TOWN = "in-"


@dataclass(frozen=True)
class Filters:
    """What was chosen, and what the address asked for that nobody can choose."""

    parts: list[dict[str, Any]]
    chosen: dict[str, str]
    unknown: list[str]

    @property
    def any(self) -> bool:
        return bool(self.chosen)


def read(hub, now: dt.datetime, query) -> Filters:
    """Read the filters of `query` (a QueryDict); values not on offer are named in `unknown`."""
    parts = _parts(hub, now)
    chosen, unknown = {}, []
    for part in parts:
        value = query.get(part["name"], "").strip()
        if value in {str(option) for option, _word in part["options"]}:
            part["value"] = value
            if value:
                chosen[part["name"]] = value
        else:
            part["value"] = ""
            unknown.append(part["label"])
    return Filters(parts=parts, chosen=chosen, unknown=unknown)


def apply(hub, now: dt.datetime, chosen: dict[str, str]) -> QuerySet[Opportunity]:
    """Open opportunities that match every choice."""
    rows = open_opportunities(hub, now, begins=_span(hub, chosen["month"]) if "month" in chosen else None)
    if "type" in chosen:
        rows = rows.filter(encounter_type__code=chosen["type"])
    if "age" in chosen:
        rows = rows.filter(min_age__lte=int(chosen["age"]), max_age__gte=int(chosen["age"]))
    if "sector" in chosen:
        # A subquery: a join would repeat an opportunity and with it its prefetch.
        rows = rows.filter(
            pk__in=Opportunity.sectors.through.objects.filter(sector__code=chosen["sector"]).values("opportunity_id")
        )
    return _placed(rows, chosen.get("place", ""))


def _placed(rows: QuerySet[Opportunity], place: str) -> QuerySet[Opportunity]:
    if place == "online":
        return rows.filter(is_online=True)
    if place == "school":
        return rows.filter(is_online=False, site__isnull=True)
    if place == "workplace":
        return rows.filter(site__isnull=False)
    return rows.filter(site__town=place.removeprefix(_TOWN)) if place else rows


def _span(hub, month: str) -> tuple[dt.datetime, dt.datetime]:
    """The month "2026-06" as instants, on the hub's wall."""
    match = _MONTH.fullmatch(month)
    if match is None:
        raise ValueError(f"{month!r} is not a month such as 2026-06")
    year, number = int(match[1]), int(match[2])
    first = dt.datetime(year, number, 1, tzinfo=hub.zone)
    after = dt.datetime(year + number // 12, number % 12 + 1, 1, tzinfo=hub.zone)
    return first, after


def _parts(hub, now: dt.datetime) -> list[dict[str, Any]]:
    offered = published(hub)
    types = EncounterType.objects.of_hub(hub).filter(opportunities__in=offered).distinct().order_by("stage", "name")
    months = [(f"{first:%Y-%m}", date_format(first, "F Y")) for first in months_with_sessions(hub, now)]
    ages = [(age, _("age %(age)d") % {"age": age}) for age in AGES]
    show, age_of, sector_of = pgettext("filter", "Show"), pgettext("filter", "for"), pgettext("filter", "in")
    return [
        _part("type", show, _("Kind of encounter"), _("every kind of encounter"), types.values_list("code", "name")),
        _part("age", age_of, _("Age"), _("every age"), ages),
        _part("sector", sector_of, _("Sector"), _("every sector"), _sectors(offered)),
        _part("place", pgettext("filter", "held"), _("Place"), _("anywhere"), _places(hub, offered)),
        _part("month", pgettext("filter", "in"), _("Month"), _("any month"), months),
    ]


def _sectors(offered: QuerySet[Opportunity]) -> QuerySet[Sector, tuple[str, str]]:
    named = Opportunity.sectors.through.objects.filter(opportunity__in=offered)
    rows = Sector.objects.filter(pk__in=named.values("sector_id"))
    return rows.order_by("name").values_list("code", "name")


def _places(hub, offered: QuerySet[Opportunity]) -> list[tuple[str, str]]:
    sites = Site.objects.of_hub(hub).filter(opportunities__in=offered).exclude(town="")
    towns = sites.order_by("town").values_list("town", flat=True).distinct()
    return [
        ("workplace", _("at a workplace")),
        ("school", _("at your school")),
        ("online", _("online")),
        *((_TOWN + town, _("in %(town)s") % {"town": town}) for town in towns),
    ]


def _part(name: str, before: str, label: str, everything: str, options) -> dict[str, Any]:
    return {"name": name, "before": before, "label": label, "options": [("", everything), *options]}
