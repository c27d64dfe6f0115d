"""Who may invite, join, change and leave; and what each place never loses."""

from __future__ import annotations

import datetime as dt

import pytest
from allauth.account.models import EmailAddress

from hubs import outbox
from hubs.actors import system
from hubs.domain import people
from hubs.errors import CannotAct, CannotMove, Refused
from hubs.links import link_for, open_link
from hubs.models import Hub, Invitation, LogEntry, Membership, Message, Role, SignedLink, User
from tests.cast import actor, join, person
from tests.race import together

DAY = dt.timedelta(days=1)


def by(cast, who: str, place: str | None = None, hub: str = "hub"):
    return actor(getattr(cast, who), getattr(cast, hub), getattr(cast, place) if place else None)


def invited(cast, now, email="new@quayside.example", place="school", role="school_member", who="coordinator", **more):
    organisation = getattr(cast, place) if place else None
    mine = place if who not in ("amina",) else None
    fields = {"email": email, "name": "New Person", "role": role, "now": now, **more}
    return people.invite(cast.hub, organisation, by=by(cast, who, mine), **fields)


def link_to(invitation, now):
    return link_for(invitation, people.INVITATION, now=now, days=14, address=invitation.email)[0]


# ---- Inviting ------------------------------------------------------------------
MAY = {
    ("amina", None, None, "hub_viewer"),
    ("amina", None, "school", "coordinator"),
    ("amina", "employer", "employer", "employer_lead"),
    ("coordinator", "school", "school", "school_member"),
    ("coordinator", "school", "school", "coordinator"),
    ("employer_lead", "employer", "employer", "employer_member"),
    ("root", None, None, "hub_lead"),
}
MAY_NOT = {
    ("ben", None, None, "hub_viewer"),
    ("ben", None, "school", "school_member"),
    ("school_member", "school", "school", "school_member"),
    ("coordinator", "school", "other_school", "school_member"),
    ("coordinator", "school", None, "hub_viewer"),
    ("employer_lead", "employer", "school", "school_member"),
    ("employer_member", "employer", "employer", "employer_member"),
}


@pytest.mark.parametrize(("who", "acting", "place", "role"), sorted(MAY, key=str))
def test_invite_by_those_who_lead(cast, now, who, acting, place, role):
    organisation = getattr(cast, place) if place else None
    made = people.invite(cast.hub, organisation, email="N@x.example", role=role, by=by(cast, who, acting), now=now)
    assert (made.email, made.role, made.state, made.expires_at) == ("n@x.example", role, "open", now + 14 * DAY)
    assert LogEntry.objects.get().facts == {"role": role}
    assert Message.objects.get().address == "n@x.example"


@pytest.mark.parametrize(("who", "acting", "place", "role"), sorted(MAY_NOT, key=str))
def test_invite_by_anybody_else_is_refused(cast, now, who, acting, place, role):
    organisation = getattr(cast, place) if place else None
    with pytest.raises(CannotAct):
        people.invite(cast.hub, organisation, email="n@x.example", role=role, by=by(cast, who, acting), now=now)
    assert (Invitation.objects.count(), Message.objects.count()) == (0, 0)


def test_invite_by_careers_manager_to_organisations_only(cast, now):
    manager = join(person("manager@harbour.example", "Manager"), cast.hub, Role.CAREERS_MANAGER)
    people.invite(cast.hub, cast.school, email="a@x.example", role="coordinator", by=actor(manager, cast.hub), now=now)
    with pytest.raises(CannotAct):
        people.invite(cast.hub, None, email="b@x.example", role="hub_viewer", by=actor(manager, cast.hub), now=now)


def test_invite_by_staff_of_another_hub_is_refused(cast, now):
    with pytest.raises(CannotAct):
        people.invite(
            cast.hub, cast.school, email="n@x.example", role="coordinator", by=by(cast, "chloe", hub="hub_b"), now=now
        )


@pytest.mark.parametrize(
    ("place", "role"), [("school", "employer_lead"), ("school", "hub_lead"), (None, "coordinator")]
)
def test_invite_with_role_of_another_kind_is_refused(cast, now, place, role):
    with pytest.raises(Refused) as refusal:
        invited(cast, now, place=place, role=role, who="amina")
    assert refusal.value.code == "no_such_role"


def test_invite_of_member_is_refused(cast, now):
    with pytest.raises(Refused) as refusal:
        invited(cast, now, email="Tutor@Quayside.example")
    assert refusal.value.code == "already_member"


def test_invite_twice_is_refused_until_it_lapses(cast, now):
    first = invited(cast, now)
    with pytest.raises(Refused) as refusal:
        invited(cast, now + DAY, email="NEW@quayside.example")
    assert refusal.value.code == "already_invited"
    second = invited(cast, now + 15 * DAY)
    first.refresh_from_db()
    assert (first.state, second.state) == ("revoked", "open")


def test_invitation_mail_opens_the_invitation(cast, now):
    invitation = invited(cast, now)
    mail = outbox.KINDS["invitation"].compose(invitation, Message.objects.get(), now)
    token = mail.action[1].rstrip("/").rpartition("/")[2]
    assert mail.subject == "Join Quayside School on Harbour Careers Hub"
    assert mail.action[1] == f"http://testserver:8000/i/{token}/"
    assert people.invitation_behind(open_link(token, "invitation", now=now), now=now) == invitation


@pytest.mark.parametrize("how", ["revoked", "accepted", "expired"])
def test_invitation_mail_is_skipped_when_over(cast, now, how):
    invitation = invited(cast, now)
    if how == "expired":
        now += 14 * DAY
    else:
        invitation.state = how
    assert not outbox.KINDS["invitation"].live(invitation, Message.objects.get(), now)


def test_renewed_invitation_has_a_new_link_and_term(cast, now):
    invitation = invited(cast, now)
    old = link_to(invitation, now)
    later = now + 13 * DAY
    people.renew_invitation(invitation, by=by(cast, "coordinator", "school"), now=later)
    old.refresh_from_db()
    assert (invitation.expires_at, old.revoked_at) == (later + 14 * DAY, later)
    assert Message.objects.count() == 2
    with pytest.raises(Refused) as refusal:
        people.renew_invitation(invitation, by=by(cast, "coordinator", "school"), now=later + dt.timedelta(minutes=5))
    assert refusal.value.code == "too_soon"


def test_revoked_invitation_closes_its_link(cast, now):
    invitation = invited(cast, now)
    link, token = link_for(invitation, "invitation", now=now, days=14, address=invitation.email)
    people.revoke_invitation(invitation, by=by(cast, "coordinator", "school"), now=now)
    assert open_link(token, "invitation", now=now) is None
    with pytest.raises(CannotMove):
        people.accept_invitation(link, name="New", password="x", now=now)
    with pytest.raises(CannotMove):
        people.renew_invitation(invitation, by=by(cast, "coordinator", "school"), now=now)


# ---- Accepting -----------------------------------------------------------------
def test_accept_makes_an_account_with_a_proven_address(cast, now):
    invitation = invited(cast, now)
    link = link_to(invitation, now)
    membership = people.accept_invitation(link, name=" Nia New ", password="long and kind words", now=now)
    user = User.objects.get(email="new@quayside.example")
    assert (membership.user, membership.organisation_id, membership.role) == (user, cast.school.pk, "school_member")
    assert (user.name, user.check_password("long and kind words")) == ("Nia New", True)
    assert EmailAddress.objects.filter(user=user, email=user.email, verified=True, primary=True).count() == 1
    entry = LogEntry.objects.filter(verb="accepted").get()
    assert (entry.by, entry.hat, entry.via, entry.facts) == (user, "invitee", "link", {"link": link.pk})
    link = SignedLink.objects.get()
    assert (link.last_used_at, link.revoked_at) == (now, now)


def test_accept_by_existing_account_joins_it(cast, now):
    invitation = invited(cast, now, email="lead@saffron.example")
    link = link_to(invitation, now)
    with pytest.raises(Refused) as refusal:
        people.accept_invitation(link, name="Somebody", password="long and kind words", now=now)
    assert refusal.value.code == "has_account"
    people.accept_invitation(link, user=cast.other_lead, now=now)
    assert [m.organisation.name for m in cast.other_lead.live_memberships] == ["Saffron Bakery", "Quayside School"]


def test_accept_with_another_account_never_lowers_a_role(cast, now):
    link = link_to(invited(cast, now, role="school_member"), now)
    membership = people.accept_invitation(link, user=cast.coordinator, now=now)
    assert membership.role == "coordinator"
    other = link_to(invited(cast, now, email="next@quayside.example", role="coordinator"), now)
    assert people.accept_invitation(other, user=cast.school_member, now=now).role == "coordinator"


def test_accept_twice_or_late_is_refused(cast, now):
    link = link_to(invited(cast, now), now)
    with pytest.raises(CannotMove):
        people.accept_invitation(link, name="New", password="long and kind words", now=now + 14 * DAY)
    people.accept_invitation(link, name="New", password="long and kind words", now=now)
    with pytest.raises(CannotMove):
        people.accept_invitation(link, user=cast.other_lead, now=now)
    assert Membership.objects.filter(organisation=cast.school).count() == 3


def test_accept_into_closed_organisation_is_refused(cast, now):
    link = link_to(invited(cast, now), now)
    cast.school.is_active = False
    cast.school.save()
    with pytest.raises(CannotMove):
        people.accept_invitation(link, name="New", password="long and kind words", now=now)
    assert User.objects.filter(email="new@quayside.example").count() == 0


# ---- Belonging -----------------------------------------------------------------
def membership_of(cast, who):
    return getattr(cast, who).memberships.get()


def test_change_role_is_logged(cast, now):
    membership = membership_of(cast, "school_member")
    people.change_role(membership, "coordinator", by=by(cast, "amina", "school"), now=now)
    assert membership_of(cast, "school_member").role == "coordinator"
    entry = LogEntry.objects.get()
    assert (entry.from_state, entry.to_state, entry.on_behalf_of_id) == ("school_member", "coordinator", cast.school.pk)


@pytest.mark.parametrize("who", ["coordinator", "amina", "employer_lead"])
def test_last_lead_stays(cast, now, who):
    membership = membership_of(cast, who)
    actor_ = by(cast, "root")
    lowest = people.roles_of(membership.organisation)[-1]
    for act in (
        lambda: people.remove_member(membership, by=actor_, now=now),
        lambda: people.change_role(membership, lowest, by=actor_, now=now),
    ):
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.code == "last_lead"
    assert LogEntry.objects.count() == 0


def test_lead_who_may_not_sign_in_does_not_count(cast, now):
    people.change_role(membership_of(cast, "school_member"), "coordinator", by=by(cast, "amina"), now=now)
    User.objects.filter(pk=cast.school_member.pk).update(is_active=False)
    with pytest.raises(Refused):
        people.remove_member(membership_of(cast, "coordinator"), by=by(cast, "amina"), now=now)


def test_remove_ends_sight_and_is_logged_without_a_name(cast, now):
    membership = membership_of(cast, "school_member")
    people.remove_member(membership, by=by(cast, "coordinator", "school"), now=now)
    assert Membership.objects.filter(user=cast.school_member).count() == 0
    assert LogEntry.objects.get().facts == {"user": cast.school_member.pk, "role": "school_member"}


def test_remove_by_colleague_is_refused_but_anybody_may_leave(cast, now):
    with pytest.raises(CannotAct):
        people.remove_member(membership_of(cast, "coordinator"), by=by(cast, "school_member", "school"), now=now)
    people.remove_member(membership_of(cast, "school_member"), by=by(cast, "school_member", "school"), now=now)


def test_hub_staff_who_leave_hand_their_caseload_back(cast, now):
    cast.school.manager = cast.ben
    cast.school.save()
    people.remove_member(membership_of(cast, "ben"), by=by(cast, "amina"), now=now)
    cast.school.refresh_from_db()
    assert cast.school.manager is None
    assert LogEntry.objects.get().facts["caseload"] == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_leads_leaving_at_once_leave_one(cast, now):
    join(cast.other_coordinator, cast.hub, Role.COORDINATOR, cast.school)
    rows = list(Membership.objects.filter(organisation=cast.school, role=Role.COORDINATOR).select_related("user"))
    acting = by(cast, "root")

    def leave(row):
        def call():
            try:
                people.remove_member(row, by=acting, now=now)
            except Refused as refusal:
                return refusal.code
            return "left"

        return call

    assert sorted(together(*map(leave, rows))) == ["last_lead", "left"]


# ---- Hubs ----------------------------------------------------------------------
def test_create_hub_and_enrol_its_lead(cast, now):
    hub = people.create_hub("Vale Careers Hub", "vale", "Vale.localhost", by=system(), now=now)
    fields = {"email": "dana@vale.example", "name": "Dana Lead", "role": "hub_lead", "password": "kind words again"}
    people.enrol(hub, None, by=system(hub.pk), now=now, **fields)
    assert (Hub.objects.get(slug="vale").hostname, User.objects.get(name="Dana Lead").hub_role(hub.pk)) == (
        "vale.localhost",
        "hub_lead",
    )
    assert list(LogEntry.objects.filter(hub=hub).order_by("pk").values_list("verb", flat=True)) == [
        "created",
        "enrolled",
    ]


def test_create_hub_and_enrol_are_not_for_hub_staff(cast, now):
    with pytest.raises(CannotAct):
        people.create_hub("Own", "own", "own.localhost", by=by(cast, "amina"), now=now)
    with pytest.raises(CannotAct):
        people.enrol(cast.hub, None, email="x@x.example", name="X", role="hub_lead", by=by(cast, "amina"), now=now)
