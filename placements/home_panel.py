"""“What needs me now”: the first thing hub staff see in the back office."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from wagtail.admin.ui.components import Component

from placements.desk_memory import tallies, total
from placements.worklists import soonest_due, worklists

SHOWN = 40


class NeedsPanel(Component):
    """Narrowed by the address: `whose` (mine, all) and `list` (the key of one worklist)."""

    name = "needs"
    template_name = "placements/admin/needs.html"
    order = 0

    def get_context_data(self, parent_context: Mapping[str, Any]) -> Mapping[str, Any]:
        request = parent_context["request"]
        mine = request.GET.get("whose") == "mine"
        lists = worklists(request.hub, request.now, manager=request.user if mine else None)
        chosen = next((one for one in lists if one.key == request.GET.get("list")), None)
        lines = soonest_due([chosen] if chosen else lists, request.hub)
        counted = tallies(request.hub, request.now, manager=request.user if mine else None)
        return {
            "tally": counted[chosen.key] if chosen else total(counted),
            "request": request,
            "lists": [one for one in lists if one.items],
            "chosen": chosen,
            "mine": mine,
            "lines": lines[:SHOWN],
            "cut": len(lines) - SHOWN if len(lines) > SHOWN else 0,
            "now": request.now,
        }

    def render_html(self, parent_context: Mapping[str, Any] | None = None):
        with timezone.override(parent_context["request"].hub.zone):
            return super().render_html(parent_context)
