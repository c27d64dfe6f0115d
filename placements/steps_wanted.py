"""Steps of pathways that requests still ask for. Pathways ask below before a step goes."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from opportunities.domain.pathways import STILL_WANTED
from opportunities.models import PathwayStep
from placements.models import Wish


def requests_ask_for(steps: Sequence[PathwayStep]) -> str | None:
    """Which of the steps are wished for in requests that are written or with the hub, and by how many; or None."""
    rows = Wish.objects.filter(step__in=steps, request__state__in=("draft", "submitted")).order_by().values("step")
    rows = rows.annotate(requests=Count("request", distinct=True), schools=Count("school", distinct=True))
    found = {row["step"]: row for row in rows}
    lines = [_line(one, found[one.pk]["requests"], found[one.pk]["schools"]) for one in steps if one.pk in found]
    if not lines:
        return None
    advice = _("Keep it as it is, or change it once those requests are settled. Everything else can be changed.")
    return " ".join([*lines, advice])


def _line(step: PathwayStep, requests: int, schools: int) -> str:
    said = ngettext("%(n)s request", "%(n)s requests", requests) % {"n": requests}
    by = ngettext("%(n)s school", "%(n)s schools", schools) % {"n": schools}
    facts = {"step": step, "requests": said, "schools": by}
    return _("“%(step)s” is asked for in %(requests)s of %(schools)s.") % facts


STILL_WANTED.append(requests_ask_for)
