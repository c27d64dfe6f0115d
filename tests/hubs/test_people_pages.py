"""The pages about people: who opens them, who may press, and that GET never acts."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from hubs.actors import actor_for
from hubs.domain import people
from hubs.links import link_for
from hubs.models import Invitation, LogEntry, Membership, SignedLink, User
from tests.cast import PASSWORD, join, person

NEW = {"name": "Nia New", "password": "long and kind words"}


@pytest.fixture
def real_now():
    return timezone.now()


@pytest.fixture
def offer(cast, real_now):
    """An open invitation to the school, and the address in its mail."""
    return offered(cast, real_now)


def offered(cast, now, email="new@quayside.example", place="school", role="school_member"):
    organisation = getattr(cast, place) if place else None
    by = actor_for(cast.amina, cast.hub, None, via="page")
    invitation = people.invite(cast.hub, organisation, email=email, name="New", role=role, by=by, now=now)
    link, token = link_for(invitation, "invitation", now=now, days=14, address=email)
    return invitation, link, f"/i/{token}/"


def state_of_everything() -> list:
    models = (Invitation, Membership, SignedLink, User, LogEntry)
    return [list(model.objects.order_by("pk").values_list()) for model in models]


def said(response) -> str:
    return response.content.decode()


# ---- The list ------------------------------------------------------------------
@pytest.mark.parametrize("who", ["amina", "ben", "coordinator", "school_member", "employer_lead", "root"])
def test_people_opens_for_everybody_of_a_place(cast, client, who):
    client.force_login(getattr(cast, who))
    assert client.get("/people/").status_code == 200


def test_people_is_nothing_to_strangers(cast, client):
    assert client.get("/people/").status_code == 302
    client.force_login(cast.chloe)
    assert client.get("/people/").status_code == 404
    assert client.post("/people/", {}).status_code == 404


def test_people_names_own_people_only(cast, client):
    client.force_login(cast.coordinator)
    page = said(client.get("/people/"))
    for user in User.objects.all():
        assert (user.email in page) == (user.email in {"coordinator@quayside.example", "tutor@quayside.example"})


def test_people_shows_the_form_to_leads_only(cast, client):
    shown = {}
    for who in ("amina", "ben", "coordinator", "school_member"):
        client.force_login(getattr(cast, who))
        shown[who] = "Send invitation" in said(client.get("/people/"))
    assert shown == {"amina": True, "ben": False, "coordinator": True, "school_member": False}


@pytest.mark.parametrize("rows", [1, 3])
def test_people_asks_the_database_the_same_however_many(cast, client, real_now, django_assert_num_queries, rows):
    for number in range(rows):
        join(person(f"p{number}@quayside.example", f"Person {number}"), cast.hub, "school_member", cast.school)
        offered(cast, real_now, email=f"i{number}@quayside.example")
    client.force_login(cast.coordinator)
    with django_assert_num_queries(6):
        assert client.get("/people/").status_code == 200


def test_invite_from_the_page(cast, client):
    client.force_login(cast.coordinator)
    data = {"name": "Nia New", "email": "Nia@quayside.example", "role": "school_member"}
    assert client.post("/people/", data)["Location"] == "/people/"
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.organisation_id, invitation.invited_by) == (
        "nia@quayside.example",
        cast.school.pk,
        cast.coordinator,
    )
    assert "Nia New gets a mail with a link within a minute." in said(client.get("/people/"))


def test_invite_keeps_what_was_typed_and_says_why(cast, client):
    client.force_login(cast.coordinator)
    page = said(client.post("/people/", {"name": "Nia", "email": "tutor@quayside.example", "role": "coordinator"}))
    assert "tutor@quayside.example belongs here already. Change the role instead of inviting again." in page
    assert 'value="Nia"' in page
    assert Invitation.objects.count() == 0


@pytest.mark.parametrize("who", ["ben", "school_member", "employer_member"])
def test_invite_without_leading_is_403_and_changes_nothing(cast, client, who):
    client.force_login(getattr(cast, who))
    before = state_of_everything()[:4]
    data = {"name": "N", "email": "n@x.example", "role": "school_member"}
    assert client.post("/people/", data).status_code == 403
    assert state_of_everything()[1] == before[1]
    assert Invitation.objects.count() == 0


def test_invitation_is_sent_again_and_withdrawn_by_its_place_only(cast, client, offer, real_now):
    invitation, _link, _url = offer
    for verb in ("again", "withdraw"):
        url = f"/people/invitations/{invitation.pk}/{verb}/"
        client.force_login(cast.other_coordinator)
        assert client.post(url).status_code == 404
        client.force_login(cast.school_member)
        assert client.post(url).status_code == 403
        client.force_login(cast.coordinator)
        assert client.get(url).status_code == 405
    client.post(f"/people/invitations/{invitation.pk}/withdraw/")
    invitation.refresh_from_db()
    assert invitation.state == "revoked"


def test_role_is_changed_and_member_removed(cast, client):
    row = cast.school_member.memberships.get()
    client.force_login(cast.coordinator)
    assert client.get(f"/people/{row.pk}/").status_code == 200
    client.post(f"/people/{row.pk}/", {"role": "coordinator"})
    row.refresh_from_db()
    assert row.role == "coordinator"
    client.post(f"/people/{row.pk}/remove/")
    assert Membership.objects.filter(pk=row.pk).count() == 0


def test_only_lead_cannot_leave_and_is_told_why(cast, client):
    row = cast.coordinator.memberships.get()
    client.force_login(cast.coordinator)
    client.post(f"/people/{row.pk}/remove/")
    assert "This is the only school coordinator here. Make somebody else one first." in said(client.get("/people/"))


def test_member_of_another_place_is_404(cast, client):
    row = cast.other_coordinator.memberships.get()
    client.force_login(cast.coordinator)
    assert client.get(f"/people/{row.pk}/").status_code == 404
    assert client.post(f"/people/{row.pk}/", {"role": "school_member"}).status_code == 404
    assert client.post(f"/people/{row.pk}/remove/").status_code == 404


def test_member_without_leading_is_403(cast, client):
    row = cast.coordinator.memberships.get()
    client.force_login(cast.school_member)
    assert client.post(f"/people/{row.pk}/", {"role": "school_member"}).status_code == 403
    assert client.post(f"/people/{row.pk}/remove/").status_code == 403


# ---- Switching -----------------------------------------------------------------
def test_switch_between_own_organisations(cast, client):
    join(cast.coordinator, cast.hub, "employer_member", cast.employer)
    client.force_login(cast.coordinator)
    assert client.post("/switch/", {"organisation": cast.employer.pk})["Location"] == "/home/"
    assert "Brightwater Engineering" in said(client.get("/people/"))
    assert client.post("/switch/", {"organisation": cast.other_school.pk}).status_code == 404
    assert client.session["acting_organisation"] == cast.employer.pk


def test_switch_of_hub_staff_acts_on_behalf_and_back(cast, client):
    client.force_login(cast.amina)
    client.post("/switch/", {"organisation": cast.school.pk})
    page = client.get("/people/")
    assert "You are acting for <strong>Quayside School</strong>" in said(page)
    client.post("/people/", {"name": "N", "email": "n@quayside.example", "role": "school_member"})
    entry = LogEntry.objects.get(verb="invited")
    assert (entry.by, entry.hat, entry.on_behalf_of_id) == (cast.amina, "hub_lead", cast.school.pk)
    assert client.post("/switch/", {"organisation": ""})["Location"] == "/admin/"
    assert "You are acting for" not in said(client.get("/people/"))


@pytest.mark.parametrize("value", ["", "abc", "-1", "9" * 30, "١"])
def test_switch_with_nonsense_changes_nothing(cast, client, value):
    client.force_login(cast.coordinator)
    expected = 302 if value == "" else 404
    assert client.post("/switch/", {"organisation": value}).status_code == expected
    assert "acting_organisation" not in client.session


def test_switch_refuses_strangers_and_foreign_hubs(cast, client):
    assert client.post("/switch/", {"organisation": cast.school.pk})["Location"].startswith("/accounts/login/")
    client.force_login(cast.chloe)
    assert client.post("/switch/", {"organisation": cast.school.pk}).status_code == 404
    # Her own hub's school, but on the other hub's address.
    assert client.post("/switch/", {"organisation": cast.school_b.pk}).status_code == 404
    assert client.get("/switch/").status_code == 405


def test_switch_goes_on_within_this_host_only(cast, client):
    client.force_login(cast.amina)
    send = {"organisation": cast.school.pk}
    assert client.post("/switch/", {**send, "next": "/people/"})["Location"] == "/people/"
    assert client.post("/switch/", {**send, "next": "https://elsewhere.example/"})["Location"] == "/home/"


def test_switch_ends_with_the_membership(cast, client):
    join(cast.coordinator, cast.hub, "employer_member", cast.employer)
    client.force_login(cast.coordinator)
    client.post("/switch/", {"organisation": cast.employer.pk})
    cast.coordinator.memberships.filter(organisation=cast.employer).delete()
    page = said(client.get("/people/"))
    assert ("Quayside School" in page, "Brightwater Engineering" in page) == (True, False)


# ---- Joining by link -----------------------------------------------------------
def test_opening_an_invitation_changes_nothing(cast, client, offer):
    _invitation, _link, url = offer
    before = state_of_everything()
    for send in (client.get, client.head):
        response = send(url)
        assert (response.status_code, response["Cache-Control"], response["Referrer-Policy"]) == (
            200,
            "no-store",
            "same-origin",
        )
    assert state_of_everything() == before
    client.force_login(cast.other_lead)
    before = state_of_everything()
    client.get(url)
    assert state_of_everything() == before


def test_join_with_a_new_account_signs_in(cast, client, offer):
    _invitation, _link, url = offer
    assert client.post(url, NEW)["Location"] == "/home/"
    user = User.objects.get(email="new@quayside.example")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert client.session["acting_organisation"] == cast.school.pk
    assert client.get("/people/").status_code == 200


def test_join_with_a_weak_password_is_refused_kindly(cast, client, offer):
    _invitation, _link, url = offer
    page = client.post(url, {"name": "Nia", "password": "short"})
    assert page.status_code == 200
    assert "This password is too short. It must contain at least 10 characters." in said(page)
    assert User.objects.filter(email="new@quayside.example").count() == 0


def test_join_with_existing_account_asks_to_sign_in_first(cast, client, real_now):
    _invitation, _link, url = offered(cast, real_now, email="lead@saffron.example")
    page = client.get(url)
    assert f"/accounts/login/?next={url.replace('/', '%2F')}" in said(page)
    client.post(url, NEW)
    assert Membership.objects.filter(organisation=cast.school).count() == 2
    response = client.post(f"/accounts/login/?next={url}", {"login": "lead@saffron.example", "password": PASSWORD})
    assert response["Location"] == url
    assert client.post(url)["Location"] == "/home/"
    assert Membership.objects.filter(organisation=cast.school, user=cast.other_lead).count() == 1


def test_join_with_another_account_says_which(cast, client, offer):
    _invitation, _link, url = offer
    client.force_login(cast.other_lead)
    assert "You are signed in as lead@saffron.example, so that account joins." in said(client.get(url))


@pytest.mark.parametrize("how", ["used", "revoked", "expired", "wrong", "other purpose"])
def test_link_that_is_over_says_what_to_do(cast, client, offer, how, real_now):
    invitation, _link, url = offer
    if how == "used":
        client.post(url, NEW)
        client.logout()
    elif how == "revoked":
        people.revoke_invitation(invitation, by=actor_for(cast.amina, cast.hub, None, via="page"), now=real_now)
    elif how == "expired":
        SignedLink.objects.update(
            created_at=real_now - dt.timedelta(days=20), expires_at=real_now - dt.timedelta(seconds=1)
        )
    elif how == "wrong":
        url = "/i/nothing/"
    else:
        url = f"/i/{link_for(cast.school, 'consent', now=real_now, days=3)[1]}/"
    response = client.get(url)
    assert response.status_code == 404
    assert "Look for a newer mail: only the latest link works." in said(response)
    before = User.objects.count()
    assert client.post(url, NEW).status_code == 404
    assert User.objects.count() == before


def test_link_of_another_hub_opens_nothing_here(cast, client, offer):
    _invitation, _link, url = offer
    assert client.get(url, headers={"host": "fells.localhost"}).status_code == 404
