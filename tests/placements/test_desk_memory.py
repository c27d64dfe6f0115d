"""What the desk remembers: came in, left over, done, expired since yesterday."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from employers.models import Document, Sector
from hubs.rulepacks import load_packs
from opportunities.models import Opportunity, Session
from placements.desk_memory import Tally, remember, tallies, total
from placements.domain import answers, brokering, jobs, requests, wishes
from placements.models import DeskItem, Placement, PlacementRequest
from placements.worklists import Waiting, Worklist, soonest_due, worklists
from tests import scenes
from tests.cast import NOW, actor

DAY = dt.timedelta(days=1)


def listed(cast, key: str, now=NOW) -> list[str]:
    return [item.who for item in next(one for one in worklists(cast.hub, now) if one.key == key).items]


def test_what_came_is_new_today_and_left_over_later(cast):
    scenes.request(cast, scenes.session(scenes.opportunity(cast.employer)))
    remember(cast.hub, now=NOW)
    assert tallies(cast.hub, NOW)["requests"] == Tally(came=1)
    assert tallies(cast.hub, NOW + 2 * DAY)["requests"] == Tally(left_over=1)
    assert remember(cast.hub, now=NOW) == 0


def test_what_was_settled_is_done(cast):
    held = scenes.placement(cast)
    remember(cast.hub, now=NOW)
    brokering.offer(held, by=scenes.desk(cast), now=NOW)
    remember(cast.hub, now=NOW + DAY)
    assert tallies(cast.hub, NOW + DAY)["requests"] == Tally(came=1, done=1)
    assert tallies(cast.hub, NOW + 4 * DAY)["requests"] == Tally()


def test_what_time_ended_is_expired(cast):
    held = scenes.placement(cast)
    soon = held.held_until - dt.timedelta(hours=1)
    remember(cast.hub, now=soon)
    assert tallies(cast.hub, soon)["holds"] == Tally(came=1)
    jobs.release_expired_holds(held.held_until)
    remember(cast.hub, now=held.held_until)
    assert tallies(cast.hub, held.held_until)["holds"] == Tally(came=1, expired=1)


def test_a_hold_given_back_by_hand_is_done(cast):
    held = scenes.placement(cast)
    soon = held.held_until - dt.timedelta(hours=1)
    remember(cast.hub, now=soon)
    brokering.release(held, by=scenes.desk(cast), now=soon)
    remember(cast.hub, now=soon)
    assert tallies(cast.hub, soon)["holds"] == Tally(came=1, done=1)


def test_an_offer_whose_day_came_is_expired(cast):
    placement = scenes.placement(cast, state="offered")
    late = placement.answer_by + DAY
    remember(cast.hub, now=late)
    begun = placement.session.starts_at + DAY
    Placement.objects.filter(pk=placement.pk).update(answer_by=begun + DAY)  # asked once more, too late
    remember(cast.hub, now=begun)
    assert tallies(cast.hub, begun)["answers"] == Tally(expired=1)


def test_what_comes_again_is_another_row(cast):
    session = scenes.session(scenes.opportunity(cast.employer))
    held = brokering.hold(scenes.request(cast, session), session, by=scenes.desk(cast), now=NOW)
    remember(cast.hub, now=NOW)
    brokering.offer(held, by=scenes.desk(cast), now=NOW)
    remember(cast.hub, now=NOW)
    brokering.withdraw(held, by=scenes.desk(cast), now=NOW)
    remember(cast.hub, now=NOW)
    assert list(DeskItem.objects.filter(worklist="requests").values_list("how", flat=True)) == ["done", ""]


def test_it_forgets_after_three_months_and_counts_one_caseload(cast):
    held = scenes.placement(cast)
    cast.school.manager = cast.amina
    cast.school.save()
    remember(cast.hub, now=NOW)
    assert tallies(cast.hub, NOW, manager=cast.amina)["requests"] == Tally(came=1)
    assert tallies(cast.hub, NOW, manager=cast.ben)["requests"] == Tally()
    brokering.offer(held, by=scenes.desk(cast), now=NOW)
    remember(cast.hub, now=NOW)
    remember(cast.hub, now=NOW + 91 * DAY)
    assert not DeskItem.objects.filter(worklist="requests").exists()


def test_one_statement_and_no_row_of_another_hub(cast, django_assert_num_queries):
    scenes.placement(cast)
    remember(cast.hub, now=NOW)
    remember(cast.hub_b, now=NOW)
    with django_assert_num_queries(1):
        found = tallies(cast.hub_b, NOW)
    assert found["requests"] == Tally()
    assert total(tallies(cast.hub, NOW)).came > 0


def test_the_desk_says_it(client, cast, office):
    scenes.request(cast, scenes.session(scenes.opportunity(cast.employer)))
    remember(cast.hub, now=NOW)
    client.force_login(cast.amina)
    page = client.get(reverse("wagtailadmin_home") + "?list=requests").content.decode()
    assert "Since yesterday: 1 came in, 0 done, 0 expired; 0 left over from before." in page


# ---- The lists that are new ---------------------------------------------------------


def test_requests_nobody_fits(cast):
    session = scenes.session(scenes.opportunity(cast.employer))
    held = scenes.placement(cast, state="offered", wanted=session)
    assert listed(cast, "nofit") == []
    answers.decline(held, "Busy", by=actor(cast.employer_lead, cast.hub, cast.employer), now=NOW)
    assert listed(cast, "nofit") == ["Quayside School"]


def test_a_request_stands_in_one_list_alone(cast):
    session = scenes.session(scenes.opportunity(cast.employer))
    held = scenes.placement(cast, wanted=session)
    assert (listed(cast, "requests"), listed(cast, "nofit")) == (["Quayside School"], [])
    brokering.offer(held, by=scenes.desk(cast), now=NOW)
    assert (listed(cast, "requests"), listed(cast, "nofit")) == ([], [])
    answers.decline(held, "Busy", by=actor(cast.employer_lead, cast.hub, cast.employer), now=NOW)
    assert (listed(cast, "requests"), listed(cast, "nofit")) == ([], ["Quayside School"])


def test_what_was_called_off_after_a_yes_can_be_held_again(cast):
    row = scenes.placement(cast, state="accepted")
    answers.cancel(row, "Ill", by=actor(cast.employer_lead, cast.hub, cast.employer), now=NOW)
    PlacementRequest.objects.update(state="submitted")
    assert (listed(cast, "requests"), listed(cast, "nofit")) == (["Quayside School"], [])
    again = brokering.hold(PlacementRequest.objects.get(), row.session, by=scenes.desk(cast), now=NOW)
    assert again.state == "held"


def test_the_open_request_says_which_employer_said_no_and_why(client, cast, office):
    held = scenes.placement(cast, state="offered")
    answers.decline(held, "The press is being mended.", by=actor(cast.employer_lead, cast.hub, cast.employer), now=NOW)
    client.force_login(cast.amina)
    page = client.get(reverse("desk:request", args=[held.request_id])).content.decode()
    assert "The employer said no to this request.</span> The press is being mended." in page


def test_a_wish_with_places_left_is_not_hopeless(cast):
    scenes.request(cast, scenes.session(scenes.opportunity(cast.employer)))
    assert listed(cast, "nofit") == []


def wish_for_a_kind(cast, *sessions, sector=None, **asked):
    """A request of cast.school for the sessions and, after them, for any workplace visit (in the sector)."""
    group = scenes.group(cast.school)
    kind = wishes.Kind(scenes.encounter_type(cast.hub), sector)
    return requests.request_places(
        cast.school, group=group, places=group.size, wished=[*sessions, kind], **asked,
        by=actor(cast.coordinator, cast.hub, cast.school), now=NOW,
    )  # fmt: skip


def test_a_wish_for_a_kind_that_nobody_offers_is_hopeless(cast):
    wish_for_a_kind(cast)
    offer = scenes.opportunity(cast.employer, state="paused")
    session = scenes.session(offer, places=5)
    assert listed(cast, "nofit") == ["Quayside School"]
    Opportunity.objects.filter(pk=offer.pk).update(state="published")
    assert listed(cast, "nofit") == ["Quayside School"]  # too few places
    Session.objects.filter(pk=session.pk).update(places=6)
    assert listed(cast, "nofit") == []


def test_a_full_session_is_not_hopeless_while_the_kind_wished_for_is_free(cast):
    offer = scenes.opportunity(cast.employer)
    full = scenes.session(offer)
    wish_for_a_kind(cast, full)
    Session.objects.filter(pk=full.pk).update(taken=20)
    assert listed(cast, "nofit") == ["Quayside School"]
    free = scenes.session(offer, on=scenes.DAY + DAY)
    assert listed(cast, "nofit") == []
    asked = PlacementRequest.objects.get()
    held = brokering.hold(asked, free, by=scenes.desk(cast), now=NOW)
    brokering.offer(held, by=scenes.desk(cast), now=NOW)
    answers.decline(held, "Busy", by=actor(cast.employer_lead, cast.hub, cast.employer), now=NOW)
    assert listed(cast, "nofit") == ["Quayside School"]


def test_a_kind_in_a_sector_is_met_in_that_sector_alone(cast):
    sector = Sector.objects.create(code="baking", name="Baking", isic_section="C")
    wish_for_a_kind(cast, sector=sector)
    offer = scenes.session(scenes.opportunity(cast.employer)).opportunity
    assert listed(cast, "nofit") == ["Quayside School"]
    offer.sectors.add(sector)
    assert listed(cast, "nofit") == []


def test_another_hubs_offer_of_a_kind_helps_nobody_here(cast):
    wish_for_a_kind(cast)
    scenes.session(scenes.opportunity(cast.employer_b))
    assert listed(cast, "nofit") == ["Quayside School"]


def test_stale_offers(cast):
    scenes.placement(cast, state="offered")
    assert listed(cast, "stale", NOW + 7 * DAY) == []
    assert listed(cast, "stale", NOW + 14 * DAY) == ["Quayside School"]


def test_schools_who_have_not_answered(cast):
    load_packs()
    kind = scenes.encounter_type(cast.hub, "shadow", tier="T3", hours=5)
    placement = scenes.placement(
        cast, state="accepted", wanted=scenes.session(scenes.opportunity(cast.employer, kind=kind))
    )
    soon = placement.session.starts_at - 3 * DAY
    assert listed(cast, "schools", soon) == []
    placement.students.all().delete()
    assert listed(cast, "schools", soon) == ["Quayside School"]


def test_a_register_nobody_closed_waits_for_the_school(cast):
    placement = scenes.placement(cast, state="ready")
    assert listed(cast, "schools", placement.session.ends_at + dt.timedelta(hours=2)) == []
    assert listed(cast, "schools", placement.session.ends_at + 7 * DAY) == ["Quayside School"]


@pytest.mark.parametrize(("until", "expected"), [(20, ["Brightwater Engineering"]), (40, [])])
def test_documents_about_to_lapse(cast, until, expected):
    scenes.placement(cast)
    Document.objects.create(
        hub=cast.hub, employer=cast.employer, kind="liability", state="held", added_at=NOW,
        expires_on=(NOW + until * DAY).date(),
    )  # fmt: skip
    assert listed(cast, "documents") == expected


def test_a_newer_document_settles_it(cast):
    scenes.placement(cast)
    for days in (20, 400):
        Document.objects.create(
            hub=cast.hub, employer=cast.employer, kind="liability", state="held", added_at=NOW,
            expires_on=(NOW + days * DAY).date(),
        )  # fmt: skip
    assert listed(cast, "documents") == []


def test_nobody_came(cast):
    placement = scenes.placement(cast)
    Placement.objects.filter(pk=placement.pk).update(state="not_attended", closed_at=NOW)
    assert listed(cast, "noshows") == ["Quayside School"]
    assert listed(cast, "noshows", NOW + 15 * DAY) == []


def test_employers_never_used(cast):
    offer = scenes.opportunity(cast.employer, published_at=NOW - 40 * DAY)
    session = scenes.session(offer)
    assert listed(cast, "unused") == ["Brightwater Engineering"]
    scenes.placement(cast, wanted=session)
    assert listed(cast, "unused") == []


def test_schools_with_nothing(cast):
    assert listed(cast, "nothing") == ["Quayside School", "Northgate College"]
    scenes.request(cast, scenes.session(scenes.opportunity(cast.employer)))
    assert listed(cast, "nothing") == ["Northgate College"]


def test_an_empty_list_never_says_that_all_is_done(client, cast, office):
    client.force_login(cast.amina)
    home = reverse("wagtailadmin_home")
    scenes.request(cast, scenes.session(scenes.opportunity(cast.employer)))
    for query, words in (
        ("?list=alarms", "Nothing is in this list: Counts of places that came apart."),
        ("?whose=mine", "Nothing of your caseload waits."),
    ):
        page = client.get(home + query).content.decode()
        assert (words in page, "All done" in page) == (True, False)
    page = client.get(reverse("desk:index") + "?whose=mine").content.decode()
    assert "No request like that waits." in page


def test_home_begins_with_what_is_due_first_and_ends_with_what_is_due_at_no_time(cast):
    early = Waiting("late", "", NOW - dt.timedelta(days=1), NOW.date() - dt.timedelta(days=3), "", "")
    old = Waiting("old, due later", "", NOW - dt.timedelta(days=90), NOW + dt.timedelta(days=2), "", "")
    never = Waiting("whenever", "", NOW - dt.timedelta(days=200), None, "", "")
    lists = [Worklist("a", "A", (never, old)), Worklist("b", "B", (early,))]
    assert [item.title for _list, item in soonest_due(lists, cast.hub)] == ["late", "old, due later", "whenever"]
