"""The requirement packs that ship with the product, one JSON file for each jurisdiction, and
in `hours/` one with its limits on hours and breaks. `facts/` lists what is known of each rule
of the field, and which codes of the packs hold it, or why none does.

A published version of a rule is never edited: a change is a new row with a later
`valid_from`, so that old records keep the rules of their day.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from hubs.models import Requirement

FOLDER = Path(__file__).parent


def shipped() -> list[Requirement]:
    """Every rule of every pack, not saved."""
    return [
        Requirement(jurisdiction=path.stem, **{**rule, "valid_from": dt.date.fromisoformat(rule["valid_from"])})
        for path in [*sorted(FOLDER.glob("*.json")), *sorted((FOLDER / "hours").glob("*.json"))]
        for rule in json.loads(path.read_text(encoding="utf-8"))
    ]


def load_packs() -> int:
    """Bring every shipped rule into the database; safe to run again. Returns how many are new."""
    there = set(Requirement.objects.values_list("jurisdiction", "code", "valid_from"))
    new = [rule for rule in shipped() if (rule.jurisdiction, rule.code, rule.valid_from) not in there]
    # Two hubs founded at the same moment bring the same rules: whoever is second leaves them.
    Requirement.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)
