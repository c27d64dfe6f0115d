from __future__ import annotations

import pytest

from hubs.domain.settings import change_hub, jurisdictions
from hubs.errors import CannotAct, Refused
from hubs.forms_hub import place_words
from hubs.models import Hub, LogEntry, Requirement
from hubs.rulepacks import load_packs
from tests import scenes
from tests.cast import NOW, actor, join, person


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


# ---- Year, clock and country --------------------------------------------------------
def changed(cast, **fields) -> Hub:
    change_hub(Hub.objects.get(pk=cast.hub.pk), fields, by=actor(cast.amina, cast.hub), now=NOW)
    return Hub.objects.get(pk=cast.hub.pk)


@pytest.fixture
def french_rules(db):
    Requirement.objects.create(
        jurisdiction="FR", code="FR-99", title="x", text="x", kind="record", blocks="none", responsible="school",
        valid_from=NOW.date(),
    )  # fmt: skip


def test_year_clock_and_country_are_changed_while_nothing_is_under_way_and_the_log_says_from_what(cast, french_rules):
    hub = changed(cast, year_starts_month=2, time_zone="Europe/Paris", jurisdiction="FR", name="Port")
    assert (hub.year_starts_month, hub.time_zone, hub.jurisdiction, hub.country) == (2, "Europe/Paris", "FR", "FR")
    facts = LogEntry.objects.about(hub).get().facts
    assert facts["before"] == {"jurisdiction": "GB-ENG", "time_zone": "Europe/London", "year_starts_month": 9}
    assert facts["after"] == {"jurisdiction": "FR", "time_zone": "Europe/Paris", "year_starts_month": 2}


def test_the_clock_stays_while_a_session_is_to_come_and_no_session_moves(cast):
    session = scenes.session(scenes.opportunity(cast.employer))
    began = session.starts_at
    with pytest.raises(Refused, match=r"^1 session is still to come"):
        changed(cast, time_zone="Europe/Paris", name="Port")
    cast.hub.refresh_from_db()
    assert (cast.hub.time_zone, cast.hub.name, LogEntry.objects.about(cast.hub).count()) == (
        "Europe/London", "Harbour Careers Hub", 0,
    )  # fmt: skip
    type(session).objects.update(state="cancelled")
    assert changed(cast, time_zone="Europe/Paris").time_zone == "Europe/Paris"
    session.refresh_from_db()
    assert (session.time_zone, session.starts_at) == ("Europe/London", began)


def test_the_clock_of_another_hub_is_no_matter_of_these_sessions(cast):
    scenes.session(scenes.opportunity(cast.employer))
    change_hub(cast.hub_b, {"time_zone": "Europe/Paris"}, by=actor(cast.chloe, cast.hub_b), now=NOW)
    cast.hub_b.refresh_from_db()
    assert cast.hub_b.time_zone == "Europe/Paris"


def test_the_country_stays_while_a_placement_is_open(cast, french_rules):
    placement = scenes.placement(cast, state="accepted")
    with pytest.raises(Refused, match=r"^1 placement is open under the rules"):
        changed(cast, jurisdiction="FR")
    type(placement).objects.update(state="completed")
    assert changed(cast, jurisdiction="FR").jurisdiction == "FR"


def test_a_country_nobody_keeps_rules_for_is_refused(cast):
    with pytest.raises(Refused, match=r"^No rules are kept for XX\."):
        changed(cast, jurisdiction="XX")


@pytest.mark.parametrize(
    ("jurisdiction", "words"),
    [("DE-BE", "Germany: Berlin"), ("ES-CT", "Spain: Cataluña"), ("IN", "India"), ("GB-ENG", "England")],
)
def test_a_region_is_chosen_by_name_and_has_the_rules_of_its_country(cast, jurisdiction, words):
    load_packs()
    assert (place_words(jurisdiction), jurisdiction in jurisdictions(cast.hub)) == (words, True)
    hub = changed(cast, jurisdiction=jurisdiction)
    assert (hub.jurisdiction, hub.country) == (jurisdiction, jurisdiction[:2])
    assert Requirement.objects.in_force(hub.jurisdiction, NOW.date()).exists()


def test_a_region_of_a_country_without_rules_is_not_offered(cast):
    load_packs()
    assert [place for place in jurisdictions(cast.hub) if place.startswith(("GB", "US"))] == ["GB-ENG"]
    with pytest.raises(Refused, match=r"^No rules are kept for GB-SCT\."):
        changed(cast, jurisdiction="GB-SCT")


def test_what_is_sent_again_unchanged_is_in_nobodys_way(cast):
    scenes.placement(cast, state="accepted")
    hub = changed(cast, time_zone="Europe/London", jurisdiction="GB-ENG", year_starts_day=2)
    assert (hub.year_starts_day, LogEntry.objects.about(hub).get().facts["after"]) == (2, {"year_starts_day": 2})
