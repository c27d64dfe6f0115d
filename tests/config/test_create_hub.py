from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from cms.models import HomePage
from hubs.models import Hub, Invitation, Message, Requirement
from opportunities.models import ActionPlanTemplate, EncounterType


def test_create_hub_makes_all_a_hub_needs_and_invites_its_lead(db, capsys):
    call_command("create_hub", "Harbour Careers Hub", "harbour", "hub.example.org", lead="lead@harbour.example")
    hub = Hub.objects.get()
    assert (hub.hostname, hub.site.root_page.specific_class) == ("hub.example.org", HomePage)
    assert EncounterType.objects.filter(hub=hub).count() == 26
    assert ActionPlanTemplate.objects.filter(hub=hub, state="published").count() == 3
    assert Requirement.objects.filter(jurisdiction="GB-ENG").exists()
    assert list(Invitation.objects.values_list("email", "role")) == [("lead@harbour.example", "hub_lead")]
    assert Message.objects.get().kind == "invitation"


def test_create_hub_says_what_is_wrong_and_makes_nothing(db):
    with pytest.raises(CommandError, match="time_zone: “Atlantis”"):
        call_command("create_hub", "H", "h", "h.example.org", lead="a@b.example", time_zone="Atlantis")
    assert not Hub.objects.exists()


@pytest.mark.parametrize(("jurisdiction", "country", "said"), [("DE-BE", "DE", False), ("US-NY", "US", True)])
def test_create_hub_says_where_no_rules_ship(db, capsys, jurisdiction, country, said):
    call_command("create_hub", "H", "h", "h.example.org", lead="a@b.example", jurisdiction=jurisdiction)
    assert Hub.objects.get().country == country
    text = capsys.readouterr().out
    assert (f"No rules ship for {jurisdiction}" in text, "BR, DE, ES, FR, GB-ENG, IN" in text) == (said, said)
