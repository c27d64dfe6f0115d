"""The catalogue's filters: words in a sentence, kept in the address."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cms.catalogue import OpenOffers, months_open, open_opportunities, published
from employers.models import Sector, Site
from employers.models.organisation import ACCESS
from hubs.geography import DISTANCES, kilometres, middles, point_of
from hubs.wallclock import instant
from hubs.words import day as say
from opportunities.models import EncounterType, Opportunity

AGES = range(11, 20)
#: First and last day, as they are named in the address.
DAYS = ("from", "to")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
#: Nothing open begins beyond: further days mean the same, and the calendar itself ends in the year 9999.
_FAR = dt.timedelta(days=36_500)
_TOWN = "in-"


@dataclass(frozen=True)
class Filters:
    """What was chosen; what the address asked for that nobody can choose (`unknown`, labels); and what is wrong with
    its days (`wrong`, sentences). Days that are wrong narrow nothing and stay in their fields to be mended."""

    parts: list[dict[str, Any]]
    chosen: dict[str, str]
    unknown: list[str]
    wrong: list[str]

    @property
    def any(self) -> bool:
        return bool(self.chosen or self.unknown or self.wrong)

    @property
    def address(self) -> str:
        """The choices as the query of an address, "" where there are none."""
        return f"?{urlencode(self.chosen)}" if self.chosen else ""


def read(hub, now: dt.datetime, query) -> Filters:
    """Read the filters of `query` (a QueryDict); values not on offer are named in `unknown`, days that cannot be
    meant in `wrong`."""
    parts = _parts(hub)
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
    typed = {name: query.get(name, "").strip() for name in DAYS}
    days, wrong = _days(typed, now)
    return Filters([*parts, *_day_parts(typed)], {**chosen, **days}, unknown, wrong)


def _days(typed: dict[str, str], now: dt.datetime) -> tuple[dict[str, str], list[str]]:
    """The days that can be meant, as "2026-10-31", and a sentence for each that cannot."""
    found: dict[str, dt.date] = {}
    wrong = []
    for name, text in typed.items():
        if not text:
            continue
        try:
            found[name] = _day(text)
        except ValueError:
            wrong.append(
                _("“%(text)s” is not a date, so it was left out. Choose a day, or write it as 2026-10-31.")
                % {"text": text[:40]}
            )
    if len(found) == len(DAYS) and found["to"] < found["from"]:
        said = {name: say(on, now) for name, on in found.items()}
        wrong.append(_("%(from)s comes after %(to)s, so both days were left out. Change one of them.") % said)
        found = {}
    return {name: on.isoformat() for name, on in found.items()}, wrong


def _day(text: str) -> dt.date:
    """A day as a date field sends it. Raises ValueError."""
    on = parse_date(text) if _DAY.fullmatch(text) else None
    if on is None:
        raise ValueError(f"{text!r} is not a day such as 2026-10-31")
    return on


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
    begins = _span(hub, now, *(chosen.get(name, "") for name in DAYS))
    return open_opportunities(hub, now, offers=_placed(rows, chosen.get("place", "")), begins=begins)


def asked(hub, now: dt.datetime, query) -> tuple[OpenOffers, list[str]]:
    """What a feed with these filters holds, and what is wrong with them. A feed that cannot keep to all of them is
    empty: whoever subscribed to one sector is not sent every other when the last offer of it ends."""
    filters = read(hub, now, query) if query else Filters([], {}, [], [])
    wrong = [*filters.wrong, *(_("Nothing on offer matches: %(what)s.") % {"what": one} for one in filters.unknown)]
    held = open_opportunities(hub, now, offers=published(hub).none()) if wrong else apply(hub, now, filters.chosen)
    return held, wrong


def months(hub, now: dt.datetime, filters: Filters) -> list[dict[str, Any]]:
    """A shortcut to the days of each month with open sessions, and which of them is chosen: {word, url, current}."""
    found = []
    for first in months_open(hub, now):
        last = (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
        days = {"from": first.isoformat(), "to": last.isoformat()}
        current = days == {name: filters.chosen.get(name) for name in DAYS}
        url = f"?{urlencode({**filters.chosen, **days})}"
        found.append({"word": date_format(first, "F Y"), "url": url, "current": current})
    return found


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


def _span(hub, now: dt.datetime, first: str, last: str) -> tuple[dt.datetime | None, dt.datetime | None]:
    """From the first day's midnight to the one after the last day's, as instants on the hub's wall; None is open."""
    today, one = hub.today(now), dt.timedelta(days=1)
    begin = min(_day(first), today + _FAR) if first else None
    after = min(max(_day(last), today - one), today + _FAR) + one if last else None
    return begin and instant(max(begin, today), dt.time(), hub.zone), after and instant(after, dt.time(), hub.zone)


def _parts(hub) -> list[dict[str, Any]]:
    offered, sites = published(hub), _sites(hub)
    # Asked for once, not of each type anew: the planner would read all that is offered for every one of them.
    types = EncounterType.objects.of_hub(hub).filter(pk__in=offered.order_by().values("encounter_type").distinct())
    kinds = types.order_by("stage", "name").values_list("code", "name")
    ages = [(age, _("age %(age)d") % {"age": age}) for age in AGES]
    show, age_of, sector_of = pgettext("filter", "Show"), pgettext("filter", "for"), pgettext("filter", "in")
    return [
        _part("type", show, _("Kind of encounter"), _("every kind of encounter"), kinds),
        _part("age", age_of, _("Age"), _("every age"), ages),
        _part("sector", sector_of, _("Sector"), _("every sector"), _sectors(offered)),
        _part("place", pgettext("filter", "held"), _("Place"), _("anywhere"), _places(sites)),
        *_distance(middles(sites)),
        *_access(sites),
    ]


def _day_parts(typed: dict[str, str]) -> list[dict[str, Any]]:
    said = {"from": (pgettext("filter", "from"), _("First day")), "to": (pgettext("filter", "to"), _("Last day"))}
    return [
        {"name": name, "before": said[name][0], "label": said[name][1], "input": "date", "value": typed[name]}
        for name in DAYS
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
