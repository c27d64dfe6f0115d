from __future__ import annotations

import pytest

from hubs.domain.settings import change_hub
from hubs.errors import CannotAct
from hubs.models import LogEntry
from tests.cast import actor, join, person


def test_hub_settings_are_changed_by_its_lead_and_logged(cast, now):
    change_hub(cast.hub, {"name": "Harbour", "colour": "#123456"}, by=actor(cast.amina, cast.hub), now=now)
    cast.hub.refresh_from_db()
    entry = LogEntry.objects.about(cast.hub).get()
    assert (cast.hub.name, cast.hub.colour) == ("Harbour", "#123456")
    assert (entry.verb, entry.by, entry.at, entry.facts) == (
        "changed", cast.amina, now, {"fields": ["colour", "name"]},
    )  # fmt: skip


def test_hub_settings_are_nobody_elses(cast, now):
    manager = join(person("bob@harbour.example", "Bob Manager"), cast.hub, "careers_manager")
    for by in (
        actor(manager, cast.hub),
        actor(cast.ben, cast.hub),
        actor(cast.chloe, cast.hub_b),
        actor(cast.coordinator, cast.hub, cast.school),
    ):
        with pytest.raises(CannotAct):
            change_hub(cast.hub, {"name": "Mine"}, by=by, now=now)
    assert LogEntry.objects.count() == 0


def test_hub_settings_leave_the_installs_business_alone(cast, now):
    with pytest.raises(KeyError):
        change_hub(cast.hub, {"hostname": "elsewhere.example"}, by=actor(cast.amina, cast.hub), now=now)
