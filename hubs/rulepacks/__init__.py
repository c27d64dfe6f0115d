"""The requirement packs that ship with the product, one JSON file for each jurisdiction, and
in `hours/` one with its limits on hours and breaks.

A published version of a rule is never edited: a change is a new row with a later
`valid_from`, so that old records keep the rules of their day.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from django.db import transaction

from hubs.models import Requirement

FOLDER = Path(__file__).parent


def load_packs() -> int:
    """Bring every shipped rule into the database; safe to run again. Returns how many are new."""
    new = 0
    with transaction.atomic():
        for path in [*sorted(FOLDER.glob("*.json")), *sorted((FOLDER / "hours").glob("*.json"))]:
            for rule in json.loads(path.read_text(encoding="utf-8")):
                valid_from = dt.date.fromisoformat(rule.pop("valid_from"))
                _row, made = Requirement.objects.get_or_create(
                    jurisdiction=path.stem, code=rule.pop("code"), valid_from=valid_from, defaults=rule
                )
                new += made
    return new
