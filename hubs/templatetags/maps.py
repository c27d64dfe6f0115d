"""Maps: a list of places drawn as points. The list is what is read without JavaScript, so it comes first."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.translation import gettext as _

from hubs.geography import Placed, Point, point_of, rings

register = template.Library()


@register.filter
def point(row: Placed | None) -> str:
    """The attribute that puts a line of a list on its map; nothing while the row has no point. No locale may touch
    the numbers."""
    at = point_of(row)
    return format_html(' data-point="{}"', f"{at.latitude:.5f},{at.longitude:.5f}") if at else ""


@register.filter
def far(km: float) -> str:
    """A distance in whole kilometres."""
    return _("%(km)d km") % {"km": round(km)} if km >= 1 else _("under 1 km")


@register.inclusion_tag("portal/pieces/map.html")
def map_of(label: str, places: str = "", km: float = 0, towns: Mapping[str, Point] | None = None, picks: bool = False):
    """The map of the lines in the element with the id `places`: each with `{{ row|point }}` is a point called by its
    `[data-name]`, with what its `.facts` say; `data-kind` is its shape (site, school), `data-centre` marks whom
    rings are drawn around, so far that they hold what is `km` away. `towns` are written where they lie. With `picks` a
    click sets the fields `latitude` and `longitude` of the form."""
    return {
        "label": label,
        "places": places,
        "rings": ",".join(map(str, rings(km))),
        "towns": list((towns or {}).items()),
        "picks": picks,
        "tiles": settings.MAP_TILES,
        "credit": settings.MAP_TILES_CREDIT,
    }


@register.inclusion_tag("portal/pieces/map_files.html")
def map_files():
    """What a page with a map loads, and no other page does."""
    return {}
