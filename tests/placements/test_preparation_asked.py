"""Whoever looks after the students has prepared before they first meet: asked for, settled by what they do, blocking or
only warning as the hub says."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from cms import preparing
from cms.domain import open_site
from cms.models import PreparationPage
from employers.models import Preparation, Volunteer
from employers.preparing import SIDE, called, required
from hubs.actors import by_link, system
from hubs.domain import requirements
from hubs.errors import Refused
from hubs.links import link_for
from hubs.models import Hub, Message, Requirement
from placements.domain import clearances, hosting, jobs
from placements.domain.preparing import look_at_preparation
from placements.models import Clearance, Placement
from placements.needs_employer import employer_needs
from placements.worklists import worklists
from tasks import jobs as beat
from tests import scenes
from tests.cast import NOW, actor

DAY = dt.timedelta(days=1)
ROBIN = "Robin Hale"


@pytest.fixture
def asked(cast):
    """Amina's hub has its starter module and asks for it before first contact."""
    open_site(cast.hub, by=system(), now=NOW)
    cast.hub = Hub.objects.get(pk=cast.hub.pk)
    for row in (cast.employer, cast.other_employer, cast.school):
        row.hub = cast.hub
    return preparing.ask_before_contact(cast.hub, by=scenes.desk(cast), now=NOW)


@pytest.fixture
def robin(cast, asked):
    return Volunteer.objects.create(hub=cast.hub, employer=cast.employer, name=ROBIN, email="robin@brightwater.example")


def agreed(cast, supervisor: str = ROBIN, *, name: str = "10A", **when) -> Placement:
    offer = scenes.opportunity(cast.employer, supervisor=supervisor)
    wanted = scenes.session(offer, **when)
    return scenes.placement(cast, state="accepted", wanted=wanted, of=scenes.group(cast.school, name))


def prepare(volunteer: Volunteer, now=NOW) -> None:
    link, _token = link_for(volunteer, preparing.PURPOSE, now=now, days=60, address=volunteer.email)
    for page in preparing.modules(volunteer.hub):
        preparing.pass_module(volunteer, page, by=by_link(link, SIDE, volunteer.employer_id), now=now)


def line(row: Placement) -> Clearance:
    return row.clearances.get(requirement__kind="preparation")


def state(row: Placement) -> str:
    return Placement.objects.values_list("state", flat=True).get(pk=row.pk)


def lead(cast):
    return actor(cast.employer_lead, cast.hub, cast.employer)


# ---- Asked for, and settled by what they do ------------------------------------------


def test_who_has_not_prepared_keeps_it_from_starting_and_the_link_settles_it(cast, robin):
    row = agreed(cast)
    waits = line(row)
    assert (waits.state, waits.blocks, waits.responsible, state(row)) == ("open", "start", "host", "accepted")
    assert waits.due_on == clearances.due_day(row, now=NOW)
    assert jobs.begin_due(row.session.starts_at) == 0
    prepare(robin)
    done = line(row)
    assert (done.state, done.evidence, state(row)) == (
        "done", {"volunteer": robin.pk, "until": "2028-09-15"}, "ready",
    )  # fmt: skip
    assert jobs.begin_due(row.session.starts_at) == 1


def test_done_once_it_serves_every_placement(cast, robin):
    prepare(robin)
    rows = [agreed(cast), agreed(cast, supervisor="  robin  HALE ", name="10B", on=scenes.DAY + DAY)]
    assert [(line(row).state, state(row)) for row in rows] == [("done", "ready")] * 2


def test_it_has_to_hold_to_the_last_day(cast, robin):
    prepare(robin)
    Preparation.objects.update(valid_until=scenes.DAY)
    row = agreed(cast, days=2)
    assert (line(row).state, state(row)) == ("open", "accepted")
    assert beat.settle_documents() == 0
    Preparation.objects.update(valid_until=scenes.DAY + DAY)
    assert [jobs.settle_preparation(NOW), jobs.settle_preparation(NOW)] == [1, 0]
    assert state(row) == "ready"


def test_what_an_employer_writes_of_a_volunteer_is_no_completion(cast, robin):
    Volunteer.objects.update(prepared_on=NOW.date(), prepared_until=dt.date(2040, 1, 1))
    assert line(agreed(cast)).state == "open"


def test_somebody_else_named_is_asked_and_a_name_on_no_list_too(cast, robin):
    prepare(robin)
    row = agreed(cast)
    for name in ("Sam Other", ""):
        hosting.name_supervisor(row, name, by=lead(cast), now=NOW)
        assert (line(row).state, state(row)) == ("open", "accepted")
    Volunteer.objects.create(hub=cast.hub, employer=cast.other_employer, name="Sam Other")
    hosting.name_supervisor(row, ROBIN, by=lead(cast), now=NOW)
    assert (line(row).state, state(row)) == ("done", "ready")
    second = Volunteer.objects.create(hub=cast.hub, employer=cast.employer, name="Second", email="second@x.example")
    prepare(second)
    hosting.name_supervisor(row, "Second", by=lead(cast), now=NOW)
    assert line(row).evidence["volunteer"] == second.pk
    assert called(cast.employer.pk, "") == []


def test_other_days_that_it_does_not_hold_to_open_it_again(cast, robin):
    prepare(robin)
    row = agreed(cast)
    Preparation.objects.update(valid_until=scenes.DAY - DAY)
    look_at_preparation(row, now=NOW)
    assert (line(row).state, state(row)) == ("open", "accepted")


def test_nobody_says_it_for_them_and_the_hub_may_say_it_is_not_needed(cast, robin):
    waits = line(agreed(cast))
    for verb in (hosting.declare, clearances.complete):
        with pytest.raises(Refused, match="once whoever looks after the students has gone through the preparation"):
            verb(waits, by=lead(cast), now=NOW)
    clearances.waive(waits, "The school's own staff stay all day.", by=scenes.desk(cast), now=NOW)
    prepare(robin)
    assert line(waits.placement).state == "waived"


# ---- As the hub says -----------------------------------------------------------------


def test_a_rule_that_only_warns_keeps_nobody_from_starting(cast, asked, robin):
    by = scenes.desk(cast)
    fields = {"requirement": asked, "blocks": "none", "reason": "We begin gently."}
    requirements.decide(cast.hub, fields, by=by, now=NOW)
    row = agreed(cast)
    assert (line(row).blocks, line(row).state, state(row)) == ("none", "open", "ready")


def test_tiers_modules_and_rules_say_where_it_is_asked(cast, asked, robin):
    Requirement.objects.filter(pk=asked.pk).update(tiers=["T3"])
    assert not agreed(cast).clearances.filter(requirement=asked).exists()
    Requirement.objects.filter(pk=asked.pk).update(tiers=["T2"])
    PreparationPage.objects.update(is_required=False)
    assert required(cast.hub) == frozenset()
    assert not agreed(cast, name="10B", on=scenes.DAY + DAY).clearances.filter(requirement=asked).exists()


def test_a_hub_that_takes_its_modules_away_asks_for_none(cast, robin):
    prepare(robin)
    row = agreed(cast, supervisor="Nobody we know")
    assert state(row) == "accepted"
    PreparationPage.objects.update(live=False)
    assert (jobs.settle_preparation(NOW), state(row)) == (1, "ready")


def test_only_the_employers_people_prepare(cast, asked):
    fields = {
        "title": "X", "text": "X", "tiers": ["T2"], "kind": "preparation", "blocks": "start", "responsible": "school",
        "valid_from": NOW.date(),
    }  # fmt: skip
    with pytest.raises(requirements.CannotDecide, match="Choose the employer as who must act"):
        requirements.add_rule(cast.hub, fields, by=scenes.desk(cast), now=NOW)


# ---- Where it is seen ----------------------------------------------------------------


def test_late_it_is_on_the_desk_with_the_other_alarms(cast, robin):
    row = agreed(cast)
    late = dt.datetime.combine(line(row).due_on + DAY, dt.time(9), dt.UTC)
    (item,) = next(one for one in worklists(cast.hub, late) if one.key == "clearances").items
    assert (item.title.endswith(": 1 clearance"), item.due) == (True, line(row).due_on)


def test_the_employers_home_says_who_has_still_to_prepare(cast, robin):
    agreed(cast)
    needs = {need.title: need for need in employer_needs(cast.employer, now=NOW, leads=True)}
    first = next(title for title in needs if title.startswith("Robin Hale still has to prepare: See how it is made"))
    assert needs[first].action_label == "Send the link"
    assert "1 volunteer still has to prepare" in needs
    prepare(robin)
    left = [need.title for need in employer_needs(cast.employer, now=NOW, leads=True)]
    assert not [title for title in left if "prepare" in title]


def test_the_employer_names_a_volunteer_and_sends_the_link(client, cast, robin, clock):
    row = agreed(cast, supervisor="Somebody on no list")
    page = reverse("employer-placement-clearance", args=[row.pk, line(row).pk])
    client.force_login(cast.employer_lead)
    shown = client.get(page).content.decode()
    assert "Somebody on no list is named, and is not on your list of volunteers" in shown
    assert client.post(page, {"volunteer": robin.pk}).status_code == 302
    assert Placement.objects.get(pk=row.pk).supervisor == ROBIN
    shown = client.get(page).content.decode()
    assert f'action="{reverse("volunteer-prepare", args=[robin.pk])}?next=' in shown
    assert "still to do" in shown
    sent = client.post(reverse("volunteer-prepare", args=[robin.pk]) + f"?next={page}")
    assert (sent.url, Message.objects.filter(kind=preparing.ASKED).count()) == (page, 1)
    assert client.get(page).context["form"] is None  # there is nobody else to name
    second = Volunteer.objects.create(hub=cast.hub, employer=cast.employer, name="Second")
    assert list(client.get(page).context["form"].fields["volunteer"].queryset) == [second]
    theirs = Volunteer.objects.create(hub=cast.hub, employer=cast.other_employer, name="Theirs")
    assert "Select a valid choice" in client.post(page, {"volunteer": theirs.pk}).content.decode()
    client.force_login(cast.employer_member)
    assert "sends them the link" in client.get(page).content.decode()


def test_the_link_without_an_account_says_who_needs_it_and_offers_no_tick(client, cast, robin, clock):
    row = agreed(cast)
    _link, token = link_for(row, "answer", now=NOW, days=30, address=cast.employer_lead.email)
    shown = client.get(reverse("answer-link", args=[token])).content.decode()
    assert "Robin Hale needs the link to it." in shown
    assert 'value="declare"' not in shown
