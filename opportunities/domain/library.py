"""What every hub begins with: encounter types, day plans, templates, pathways. Theirs to edit after."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from django.db import transaction

from employers.models import Sector
from hubs.actors import Actor
from hubs.log import record
from hubs.models import Hub
from opportunities.models import ActionPlanTemplate, DayPlan, EncounterType, Pathway, PathwayStep, TemplateStep

#: Where the school years that the pathways name are counted as they say.
YEARS_OF = "GB"
DATA = Path(__file__).parent.parent / "data"


def _rows(name: str) -> list[dict]:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def load_types(hub: Hub) -> int:
    """Add the encounter types the hub has not; its own edits stay. Returns how many were new."""
    new = 0
    for row in _rows("encounter_types.json"):
        defaults = {name: value for name, value in row.items() if name != "code"}
        defaults["hours"] = Decimal(row["hours"])
        _type, made = EncounterType.objects.get_or_create(hub=hub, code=row["code"], defaults=defaults)
        new += made
    return new


def load_day_plans(hub: Hub) -> int:
    """Add the day plans the hub has not. Sectors must be loaded. Returns how many were new."""
    sectors = {sector.code: sector for sector in Sector.objects.all()}
    new = 0
    for row in _rows("day_plans.json"):
        _plan, made = DayPlan.objects.get_or_create(
            hub=hub, title=row["title"], defaults={"sector": sectors.get(row["sector"]), "items": row["items"]}
        )
        new += made
    return new


@transaction.atomic
def load_templates(hub: Hub, *, by: Actor, now: dt.datetime) -> int:
    """Add, published, the templates the hub has not. Its encounter types must be loaded.

    They are born published, so a command may load them; every later move asks hub staff.
    """
    types = {row.code: row for row in EncounterType.objects.filter(hub=hub)}
    new = 0
    for row in _rows("templates.json"):
        if ActionPlanTemplate.objects.filter(hub=hub, name=row["name"]).exists():
            continue
        template = ActionPlanTemplate.objects.create(
            hub=hub, name=row["name"], about=row["about"], sizes=row["sizes"], state="published"
        )
        keys: dict[str, UUID] = {}
        for position, step in enumerate(row["steps"]):
            fields = {name: value for name, value in step.items() if name not in ("type", "staff_hours", "after")}
            made = TemplateStep.objects.create(
                template=template,
                sort_order=position,
                staff_hours=Decimal(step["staff_hours"]),
                encounter_type=types.get(step["type"]) if step["type"] else None,
                after=keys[step["after"]] if "after" in step else None,
                **fields,
            )
            keys[made.title] = made.key
        record(template, "loaded", by=by, now=now)
        new += 1
    return new


@transaction.atomic
def load_pathways(hub: Hub, *, by: Actor, now: dt.datetime) -> int:
    """Add, published, the pathways the hub has not. Its encounter types must be loaded.

    School years are left out where they are counted otherwise than in Great Britain.
    """
    types = {row.code: row for row in EncounterType.objects.filter(hub=hub)}
    years = hub.jurisdiction.startswith(YEARS_OF)
    new = 0
    for row in _rows("pathways.json"):
        if Pathway.objects.filter(hub=hub, name=row["name"]).exists():
            continue
        fields = {name: row[name] for name in ("name", "about", "shorter_first", "other_sector")}
        small_by = row["small_by"] if years else None
        pathway = Pathway.objects.create(hub=hub, small_by=small_by, state="published", **fields)
        for position, step in enumerate(row["steps"]):
            PathwayStep.objects.create(
                hub=hub,
                pathway=pathway,
                position=position,
                encounter_type=types[step["type"]],
                needs_type=types.get(step.get("needs_type", "")),
                gap_weeks=step.get("gap_weeks", 0),
                year_number=step.get("year_number") if years else None,
            )
        record(pathway, "loaded", by=by, now=now)
        new += 1
    return new
