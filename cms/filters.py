"""The catalogue's filters: words in a sentence, kept in the address."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cms.catalogue import OpenOffers, months_open, open_opportunities, published
from employers.models import Sector, Site
from employers.models.organisation import ACCESS
from hubs.geography import DISTANCES, kilometres, middles, point_of
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


def apply(hub, now: dt.datetime, chosen: dict[str, str]) -> OpenOffers:
    """Open opportunities that match every choice."""
    rows = published(hub)
    if "type" in chosen:
        rows = rows.filter(encounter_type__code=chosen["type"])
    if "age" in chosen:
        rows = rows.filter(min_age__lte=int(chosen["age"]), max_age__gte=int(chosen["age"]))
    if "sector" in chosen:
        # A subquery: a join would repeat an opportunity and with it its prefetch.
        rows = rows.filter(
            pk__in=Opportunity.sectors.through.objects.filter(sector__code=chosen["sector"]).values("opportunity_id")
        )
    if "access" in chosen:
        # Online and at the reader's own school there is no door of the employer's to get through.
        rows = rows.filter(Q(site=None) | Q(**{f"site__{chosen['access']}": True}))
    if "near" in chosen:
        rows = rows.filter(site__in=_near(hub, chosen["near"], int(chosen.get("km", DISTANCES[1]))))
    begins = _span(hub, chosen["month"]) if "month" in chosen else None
    return open_opportunities(hub, now, offers=_placed(rows, chosen.get("place", "")), begins=begins)


def _near(hub, town: str, km: int) -> list[int]:
    """The sites with offers within `km` of the middle of the town, as that of its own sites."""
    sites = _sites(hub)
    middle = middles(sites)[town]
    return [site.pk for site in sites if (at := point_of(site)) and kilometres(middle, at) <= km]


def _sites(hub) -> list[Any]:
    """Those something is published at, as named rows of what the filters ask of them: there may be a thousand, and a
    model each takes as long as all the rest of the page."""
    used = published(hub).order_by().values("site").distinct()
    rows = Site.objects.of_hub(hub).filter(pk__in=used).order_by()
    return list(rows.values_list("pk", "town", "latitude", "longitude", *ACCESS, named=True))


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
    offered, sites = published(hub), _sites(hub)
    # Asked for once, not of each type anew: the planner would read all that is offered for every one of them.
    types = EncounterType.objects.of_hub(hub).filter(pk__in=offered.order_by().values("encounter_type").distinct())
    kinds = types.order_by("stage", "name").values_list("code", "name")
    months = [(f"{first:%Y-%m}", date_format(first, "F Y")) for first in months_open(hub, now)]
    ages = [(age, _("age %(age)d") % {"age": age}) for age in AGES]
    show, age_of, sector_of = pgettext("filter", "Show"), pgettext("filter", "for"), pgettext("filter", "in")
    return [
        _part("type", show, _("Kind of encounter"), _("every kind of encounter"), kinds),
        _part("age", age_of, _("Age"), _("every age"), ages),
        _part("sector", sector_of, _("Sector"), _("every sector"), _sectors(offered)),
        _part("place", pgettext("filter", "held"), _("Place"), _("anywhere"), _places(sites)),
        *_distance(middles(sites)),
        *_access(sites),
        _part("month", pgettext("filter", "in"), _("Month"), _("any month"), months),
    ]


def _sectors(offered: QuerySet[Opportunity]) -> QuerySet[Sector, tuple[str, str]]:
    used = Opportunity.sectors.through.objects.filter(opportunity__in=offered, sector=OuterRef("pk"))
    return Sector.objects.filter(Exists(used)).order_by("name").values_list("code", "name")


def _places(sites: Iterable[Any]) -> list[tuple[str, str]]:
    towns = sorted({site.town for site in sites} - {""})
    return [
        ("workplace", _("at a workplace")),
        ("school", _("at your school")),
        ("online", _("online")),
        *((_TOWN + town, _("in %(town)s") % {"town": town}) for town in towns),
    ]


def _distance(near: Iterable[str]) -> list[dict[str, Any]]:
    """How far, and from where; nothing while no site is on the map."""
    if not near:
        return []
    far = [(km, _("%(km)d km") % {"km": km}) for km in DISTANCES]
    return [
        _part("km", pgettext("filter", "within"), _("Distance"), _("any distance"), far),
        _part("near", pgettext("filter", "of"), _("Town"), _("any town"), [(town, town) for town in near]),
    ]


def _access(sites: list[Any]) -> list[dict[str, Any]]:
    """What some site offers; nothing while none says anything."""
    said = [name for name in ACCESS if any(getattr(site, name) for site in sites)]
    if not said:
        return []
    options = [(name, Site._meta.get_field(name).verbose_name) for name in said]
    return [_part("access", pgettext("filter", "with"), _("Access"), _("any access"), options)]


def _part(name: str, before: str, label: str, everything: str, options) -> dict[str, Any]:
    return {"name": name, "before": before, "label": label, "options": [("", everything), *options]}
