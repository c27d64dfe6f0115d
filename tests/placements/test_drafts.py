"""A draft of a request is opened, changed and sent; of two who change it neither overwrites the other unseen."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from hubs.errors import CannotAct, CannotMove, Refused
from hubs.models import LogEntry, Message
from placements.domain import requests
from placements.domain.coverage import class_list
from placements.domain.requests import CannotRequest, as_read
from placements.domain.wishes import Kind
from placements.models import PlacementRequest
from tests import scenes
from tests.cast import NOW, actor

WEEK = dt.timedelta(weeks=1)


def coordinator(cast):
    return actor(cast.coordinator, cast.hub, cast.school)


@pytest.fixture
def offer(cast):
    return scenes.opportunity(cast.employer)


@pytest.fixture
def draft(cast, offer) -> PlacementRequest:
    group = scenes.group(cast.school)
    return requests.request_places(
        cast.school, group=group, places=4, wished=[scenes.session(offer)], note="Old.", draft=True,
        by=coordinator(cast), now=NOW,
    )  # fmt: skip


def change(cast, row, /, *, seen: str | None = None, by=None, **said) -> None:
    said = {"places": 4, "wished": [wish.session for wish in row.wishes.all() if wish.session], **said}
    requests.change_draft(row, seen=seen or as_read(row), **said, by=by or coordinator(cast), now=NOW)


def test_everything_a_draft_says_can_be_changed(cast, offer, draft):
    later = scenes.session(offer, on=scenes.DAY + WEEK)
    students = list(class_list(draft.group, now=NOW)[:2])
    change(
        cast, draft, places=2, wished=[later, Kind(offer.encounter_type)],
        students=students, note="New.", needs="Step-free.", is_provisional=True, max_travel=30, draft=True,
    )  # fmt: skip
    row = PlacementRequest.objects.get()
    assert (row.state, row.note, row.needs, row.is_provisional, row.max_travel) == (
        "draft", "New.", "Step-free.", True, 30,
    )  # fmt: skip
    wishes = [(wish.rank, wish.session, wish.encounter_type) for wish in row.wishes.order_by("rank")]
    assert list(row.students.order_by("pk")) == sorted(students, key=lambda one: one.pk)
    assert wishes == [(1, later, None), (2, None, offer.encounter_type)]
    assert LogEntry.objects.about(row).filter(verb="changed").count() == 1
    assert not Message.objects.filter(kind="request-submitted").exists()


def test_a_changed_draft_is_sent_in_the_same_step_and_checked(cast, draft):
    change(cast, draft, places=3)
    row = PlacementRequest.objects.get()
    assert (row.state, row.places, row.submitted_at) == ("submitted", 3, NOW)
    assert Message.objects.filter(kind="request-submitted").exists()


def test_what_cannot_be_sent_changes_nothing(cast, draft):
    with pytest.raises(CannotRequest):
        change(cast, draft, places=399, note="New.")
    row = PlacementRequest.objects.get()
    assert (row.state, row.places, row.note) == ("draft", 4, "Old.")


@pytest.mark.parametrize("theirs", [{"places": 2}, {"note": "Theirs."}, {"is_provisional": True}, {"wished": ()}])
def test_what_somebody_else_saved_is_never_overwritten_unseen(cast, offer, draft, theirs):
    seen, other = as_read(draft), PlacementRequest.objects.get()
    if "wished" in theirs:
        theirs = {"wished": [scenes.session(offer, on=scenes.DAY + WEEK)]}
    change(cast, other, draft=True, **{"note": "Old.", **theirs})
    with pytest.raises(Refused) as refusal:
        change(cast, draft, seen=seen, note="Mine.", draft=True)
    assert refusal.value.code == "stale"
    row = PlacementRequest.objects.get()
    assert row.note == theirs.get("note", "Old.")
    assert as_read(row) == as_read(other)


def test_only_a_draft_is_changed_and_only_by_its_school_or_the_hub(cast, draft):
    for person, organisation in ((cast.other_coordinator, cast.other_school), (cast.school_member, cast.school)):
        with pytest.raises(CannotAct):
            change(cast, draft, by=actor(person, cast.hub, organisation), draft=True)
    requests.submit(draft, by=coordinator(cast), now=NOW)
    with pytest.raises(CannotMove):
        change(cast, draft, note="New.", draft=True)
    assert PlacementRequest.objects.get().note == "Old."


# ---- The page -----------------------------------------------------------------------------


def url(draft) -> str:
    return reverse("school-request-change", args=[draft.pk])


def filled(page, row, /, **typed) -> dict:
    """What the browser sends back of the form as it is shown, with what was typed."""
    form = page.get(url(row)).context["form"]
    shown = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in (shown | typed).items() if value not in (None, False, "", [])}


def test_the_page_shows_what_the_draft_says_and_saves_it_unchanged(page, cast, draft):
    before = as_read(draft)
    assert url(draft) in page.get(reverse("school-request", args=[draft.pk])).content.decode()
    sent = filled(page, draft)
    wanted = draft.wishes.get().session_id
    assert (sent["who"], sent["places"], sent["first"], sent["note"]) == ("some", 4, str(wanted), "Old.")
    page.post(url(draft), sent | {"draft": "1"})
    row = PlacementRequest.objects.get()
    assert (row.state, as_read(row)) == ("draft", before)


def test_the_page_changes_and_sends(page, cast, offer, draft):
    later = scenes.session(offer, on=scenes.DAY + WEEK)
    first = draft.wishes.get().session_id
    answer = page.post(url(draft), filled(page, draft, who="whole", first=later.pk, second=first, note="New."))
    row = PlacementRequest.objects.get()
    assert answer.url == reverse("school-request-sent", args=[row.pk])
    assert (row.state, row.places, row.note) == ("submitted", draft.group.size, "New.")
    assert [wish.session_id for wish in row.wishes.order_by("rank")] == [later.pk, first]


def test_a_wish_that_has_no_field_may_be_chosen_too(page, cast, offer, draft):
    first = draft.wishes.get().session
    more = [scenes.session(offer, on=scenes.DAY + WEEK * number) for number in (1, 2, 3)]
    change(cast, draft, wished=[first, *more], draft=True)
    page.post(url(draft), filled(page, draft, second=more[2].pk, draft="1"))
    ranked = [wish.session_id for wish in draft.wishes.order_by("rank")]
    assert ranked == [first.pk, more[2].pk, more[1].pk]


def test_what_the_second_editor_chose_is_kept_though_other_sessions_stand_around_the_first_wish(
    page, cast, offer, draft
):
    near, far = (scenes.session(offer, on=scenes.DAY + WEEK * number) for number in (1, 20))
    mine = filled(page, draft, first=near.pk, draft="1")
    change(cast, draft, wished=[far], draft=True)
    answer = page.post(url(draft), mine)
    form = answer.context["form"]
    assert (answer.context["theirs"] is not None, form["first"].value()) == (True, str(near.pk))
    assert str(near.pk) in [str(value) for value, _label in form.fields["first"].choices]
    page.post(url(draft), mine | {"seen": form["seen"].value()})
    assert [wish.session_id for wish in draft.wishes.order_by("rank")] == [near.pk]


def test_all_of_a_group_are_those_who_are_in_it_now(page, cast, draft):
    left = class_list(draft.group, now=NOW)[0]
    change(cast, draft, students=[left], places=1, draft=True)
    left.groups.clear()
    whole = dict(page.get(url(draft)).context["form"].fields["who"].choices)["whole"]
    assert f"{draft.group.size - 1} students" in whole


def test_the_second_editor_sees_what_the_first_saved_and_then_decides(page, cast, draft):
    mine = filled(page, draft, note="Mine.", draft="1")
    change(cast, draft, note="Theirs.", places=2, draft=True)
    answer = page.post(url(draft), mine)
    shown = answer.content.decode()
    for words in ("Nothing of yours is saved yet", "What the other person saved", "Theirs.", "2 students", "Mine."):
        assert words in shown
    assert PlacementRequest.objects.get().note == "Theirs."
    page.post(url(draft), mine | {"seen": answer.context["form"]["seen"].value()})
    assert PlacementRequest.objects.get().note == "Mine."


def test_wishes_the_form_has_no_field_for_are_kept_and_said(page, cast, offer):
    sessions = [scenes.session(offer, on=scenes.DAY + number * WEEK) for number in range(4)]
    made = requests.request_places(
        cast.school, group=scenes.group(cast.school), places=3, wished=sessions, draft=True,
        by=coordinator(cast), now=NOW,
    )  # fmt: skip
    before = as_read(made)
    assert "Wished for as well, and kept" in page.get(url(made)).content.decode()
    page.post(url(made), filled(page, made, draft="1"))
    assert as_read(PlacementRequest.objects.get()) == before


def test_a_draft_without_a_group_or_a_session_opens_too(page, cast, offer):
    made = requests.request_places(
        cast.school, group=None, places=3, wished=[Kind(offer.encounter_type)], draft=True,
        by=coordinator(cast), now=NOW,
    )  # fmt: skip
    page.post(url(made), filled(page, made, places=5, draft="1"))
    assert PlacementRequest.objects.get().places == 5


def test_a_wish_that_can_be_had_no_more_is_said_and_left_out(page, cast, offer, draft):
    """A kept wish for which there is no field could otherwise neither be sent nor changed."""
    first, kind = draft.wishes.get().session, scenes.encounter_type(cast.hub, "talk", name="Talk")
    more = [scenes.session(offer, on=scenes.DAY + WEEK * number) for number in (1, 2, 3)]
    change(cast, draft, wished=[first, *more, Kind(kind)], draft=True)
    type(more[2]).objects.filter(pk=more[2].pk).update(state="cancelled")
    type(kind).objects.filter(pk=kind.pk).update(is_active=False)
    assert "No longer offered, and left out once you save: Tue 10 November: " in page.get(url(draft)).content.decode()
    page.post(url(draft), filled(page, draft))
    row = PlacementRequest.objects.get()
    assert (row.state, [wish.session for wish in row.wishes.order_by("rank")]) == ("submitted", [first, *more[:2]])


def test_a_draft_of_nothing_but_what_is_gone_asks_for_a_wish(page, cast, offer, draft):
    type(offer).objects.update(state="withdrawn")
    answer = page.post(url(draft), filled(page, draft))
    assert answer.context["form"].errors == {"first": ["Choose a session, or a kind below."]}


def test_wishes_keep_the_order_a_client_gave_them(page, cast, offer, draft):
    """A kind before a session has no field of its own: it stands among the ranked ones."""
    change(cast, draft, wished=[Kind(offer.encounter_type), draft.wishes.get().session], draft=True)
    before = as_read(PlacementRequest.objects.get())
    page.post(url(draft), filled(page, draft, draft="1"))
    assert as_read(PlacementRequest.objects.get()) == before


def test_a_draft_wishes_for_something(page, cast, draft):
    answer = page.post(url(draft), filled(page, draft, first="", draft="1"))
    assert answer.context["form"].errors == {"first": ["Choose a session, or a kind below."]}


def test_what_is_sent_already_leads_back_to_it(page, cast, draft):
    requests.submit(draft, by=coordinator(cast), now=NOW)
    for answer in (page.get(url(draft)), page.post(url(draft), {"note": "New."})):
        assert answer.url == reverse("school-request", args=[draft.pk])


def test_strangers_find_no_draft_and_members_change_none(client, cast, clock, draft):
    for person, status in ((cast.other_coordinator, 404), (cast.employer_lead, 404), (cast.school_member, 403)):
        client.force_login(person)
        assert (client.get(url(draft)).status_code, client.post(url(draft), {}).status_code) == (status, status)
