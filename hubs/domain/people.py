"""Who belongs where: invitations, roles, leaving. Hub staff, employers and schools alike.

`organisation` is None wherever the hub's own staff is meant. Each place keeps at least one
lead: without one, nobody could invite the next.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from hubs import log, outbox
from hubs.actors import SYSTEM, Actor
from hubs.domain.staff import sync_staff
from hubs.errors import CannotAct, CannotMove, Refused
from hubs.languages import spoken
from hubs.links import revoke_links
from hubs.locks import lock_rows
from hubs.models import Hub, Invitation, Membership, Organisation, Role, SignedLink, User
from hubs.moves import move

INVITATION = "invitation"

#: The roles of each kind of place, the leading one first.
_ROLES = {
    None: (Role.HUB_LEAD, Role.CAREERS_MANAGER, Role.HUB_VIEWER),
    Organisation.Kind.EMPLOYER: (Role.EMPLOYER_LEAD, Role.EMPLOYER_MEMBER),
    Organisation.Kind.SCHOOL: (Role.COORDINATOR, Role.SCHOOL_MEMBER),
}


def roles_of(organisation: Organisation | None) -> tuple[Role, ...]:
    """The roles one can have here, the leading one first."""
    return _ROLES[Organisation.Kind(organisation.kind) if organisation else None]


def lead_role(organisation: Organisation | None) -> Role:
    return roles_of(organisation)[0]


def leads(by: Actor, hub: Hub, organisation: Organisation | None) -> bool:
    """Whether this actor may decide who belongs here.

    The hub lead everywhere in the hub, careers managers in its organisations, and each
    organisation's own leads in theirs.
    """
    if organisation is None:
        return by.may(hub, frozenset({Role.HUB_LEAD, SYSTEM}))
    who = frozenset({Role.HUB_LEAD, Role.CAREERS_MANAGER, lead_role(organisation), SYSTEM})
    return by.may(organisation, who)


def account_of(email: str) -> User | None:
    """The account that this address signs in to, whether or not it may."""
    return User.objects.filter(
        Q(email__iexact=email) | Q(emailaddress__email__iexact=email, emailaddress__verified=True)
    ).first()


def people_of(hub: Hub, organisation: Organisation | None) -> QuerySet[Membership]:
    return Membership.objects.filter(hub=hub, organisation=organisation)


# ---- Inviting ----------------------------------------------------------------
@transaction.atomic
def invite(
    hub: Hub,
    organisation: Organisation | None,
    *,
    email: str,
    name: str = "",
    role: str,
    by: Actor,
    now: dt.datetime,
) -> Invitation:
    """Offer somebody a role by e-mail; it holds for INVITATION_DAYS days.

    Raises `CannotAct`, and `Refused` when the address belongs here or is invited already.
    """
    _check_leads(by, hub, organisation)
    _check_role(role, organisation)
    email = email.strip().lower()
    _check_new_here(hub, organisation, email, now)
    for old in _open_invitations(hub, organisation, email):
        revoke_invitation(old, by=by, now=now, because="invited_anew")
    try:
        with transaction.atomic():
            invitation = Invitation.objects.create(
                hub=hub,
                organisation=organisation,
                email=email,
                name=name.strip(),
                role=role,
                invited_by=by.user,
                invited_at=now,
                expires_at=_expiry(now),
            )
    except IntegrityError:  # somebody else invited the same person this very moment
        raise Refused(_already_invited(email), code="already_invited") from None
    log.record(invitation, "invited", by=by, now=now, to_state=invitation.state, role=str(role))
    _queue(invitation, now=now, version="")
    return invitation


@transaction.atomic
def renew_invitation(invitation: Invitation, *, by: Actor, now: dt.datetime) -> None:
    """Send it again with a new link and a new term; at most once an hour."""
    _check_leads(by, invitation.hub, invitation.organisation)
    expires_at = _expiry(now)
    changed = Invitation.objects.filter(pk=invitation.pk, state=Invitation.State.OPEN).update(expires_at=expires_at)
    if not changed:
        raise CannotMove(_("This invitation was answered or withdrawn. Invite again if it is still wanted."))
    invitation.expires_at = expires_at
    revoke_links(invitation, now=now)
    if _queue(invitation, now=now, version=f"{now:%Y-%m-%dT%H}") is None:
        raise Refused(_("It was sent within the last hour. Give it time to arrive."), code="too_soon")
    log.record(invitation, "invited_again", by=by, now=now)


@transaction.atomic
def revoke_invitation(invitation: Invitation, *, by: Actor, now: dt.datetime, because: str = "") -> None:
    """Withdraw it; its link stops working at once."""
    _check_leads(by, invitation.hub, invitation.organisation)
    move(invitation, Invitation.State.REVOKED, by=by, now=now, because=because)
    revoke_links(invitation, now=now)


def invitation_behind(link: SignedLink, *, now: dt.datetime) -> Invitation | None:
    """The invitation that can still be accepted by this link, or None."""
    return (
        Invitation.objects.filter(
            pk=link.subject_id,
            hub_id=link.hub_id,
            state=Invitation.State.OPEN,
            expires_at__gt=now,
            hub__is_active=True,
        )
        .exclude(organisation__is_active=False)
        .select_related("hub", "organisation", "invited_by")
        .first()
    )


@transaction.atomic
def accept_invitation(
    link: SignedLink,
    *,
    name: str = "",
    password: str | None = None,
    user: User | None = None,
    now: dt.datetime,
) -> Membership:
    """Join: as `user` when signed in, else with a new account (the link proves the address).

    The password has passed the validators. Raises `CannotMove` when the invitation is over,
    `Refused` when the address already has an account, which then has to sign in.
    """
    # Two clicks at once: the second waits here, then finds the invitation accepted.
    invitation = (
        Invitation.objects.select_for_update(of=("self",), no_key=True)
        .select_related("hub", "organisation")
        .get(pk=link.subject_id, hub_id=link.hub_id)
    )
    if invitation.state != Invitation.State.OPEN or invitation_behind(link, now=now) is None:
        raise CannotMove(_("This invitation is over. Ask whoever invited you to send it again."))
    person = user or _new_account(invitation, name, password)
    by = Actor(hat="invitee", via="link", hub_id=invitation.hub_id, user=person, facts={"link": link.pk})
    move(invitation, Invitation.State.ACCEPTED, by=by, now=now)
    membership = _join(person, invitation.hub, invitation.organisation, invitation.role)
    SignedLink.objects.filter(pk=link.pk).update(last_used_at=now)
    revoke_links(invitation, now=now)
    return membership


@transaction.atomic
def enrol(
    hub: Hub,
    organisation: Organisation | None,
    *,
    email: str,
    name: str,
    role: str,
    by: Actor,
    now: dt.datetime,
    password: str | None = None,
) -> Membership:
    """Put somebody in a place without an invitation: for commands and superusers only."""
    if not by.may(hub, frozenset({SYSTEM})):
        raise CannotAct(_("Invite the person instead."))
    _check_role(role, organisation)
    email = email.strip().lower()
    user = account_of(email) or _account(email, name, password)
    membership = _join(user, hub, organisation, role)
    log.record(membership, "enrolled", by=by, now=now, role=str(role))
    return membership


# ---- Belonging ---------------------------------------------------------------
@transaction.atomic
def change_role(membership: Membership, role: str, *, by: Actor, now: dt.datetime) -> None:
    """Raises `CannotAct`, and `Refused` when the place would be left without a lead."""
    hub, organisation = membership.hub, membership.organisation
    _check_leads(by, hub, organisation)
    _check_role(role, organisation)
    if role == membership.role:
        return
    _check_lead_stays(membership)
    old = membership.role
    changed = Membership.objects.filter(pk=membership.pk, role=old).update(role=role)
    if not changed:
        raise CannotMove(_("Somebody else changed this a moment ago. Look again before you go on."))
    membership.role = role
    log.record(membership, "role_changed", by=by, now=now, from_state=old, to_state=str(role))
    if organisation is None:
        sync_staff(hub)


@transaction.atomic
def remove_member(membership: Membership, *, by: Actor, now: dt.datetime) -> None:
    """End a membership: by a lead, or by the person, who may always leave.

    A careers manager's caseload is left without a manager, for the hub to hand on.
    Raises `CannotAct`, and `Refused` when the place would be left without a lead.
    """
    hub, organisation = membership.hub, membership.organisation
    if by.user != membership.user:
        _check_leads(by, hub, organisation)
    _check_lead_stays(membership)
    facts: dict[str, Any] = {"user": membership.user_id, "role": membership.role}
    if organisation is None:
        facts["caseload"] = Organisation.objects.filter(hub=hub, manager=membership.user_id).update(manager=None)
    log.record(membership, "removed", by=by, now=now, **facts)
    Membership.objects.filter(pk=membership.pk).delete()
    if organisation is None:
        sync_staff(hub)


# ---- Hubs --------------------------------------------------------------------
@transaction.atomic
def create_hub(name: str, slug: str, hostname: str, *, by: Actor, now: dt.datetime, **fields) -> Hub:
    """A new tenant; `fields` are those of `Hub`, its country that of its jurisdiction unless it is among them.
    Raises ValidationError naming the field."""
    if by.hat not in (SYSTEM, "superuser"):
        raise CannotAct(_("New hubs are made by whoever runs this install."))
    if "jurisdiction" in fields:
        fields.setdefault("country", fields["jurisdiction"].partition("-")[0])
    hub = Hub(name=name, slug=slug, hostname=hostname.lower(), **fields)
    hub.full_clean()
    hub.save()
    log.record(hub, "created", by=by, now=now)
    return hub


# ---- Within ------------------------------------------------------------------
def _check_leads(by: Actor, hub: Hub, organisation: Organisation | None) -> None:
    if not leads(by, hub, organisation):
        raise CannotAct(_("Only a lead decides who belongs here. Ask one of them, or your hub."))


def _check_role(role: str, organisation: Organisation | None) -> None:
    if role not in roles_of(organisation):
        raise Refused(_("There is no such role here. Choose one from the list."), code="no_such_role")


def _check_new_here(hub: Hub, organisation: Organisation | None, email: str, now: dt.datetime) -> None:
    user = account_of(email)
    if user and people_of(hub, organisation).filter(user=user).exists():
        raise Refused(
            _("%(email)s belongs here already. Change the role instead of inviting again.") % {"email": email},
            code="already_member",
        )
    if _open_invitations(hub, organisation, email).filter(expires_at__gt=now).exists():
        raise Refused(_already_invited(email), code="already_invited")


def _already_invited(email: str) -> str:
    return _("%(email)s is invited already. Send that invitation again, or withdraw it first.") % {"email": email}


def _open_invitations(hub: Hub, organisation: Organisation | None, email: str) -> QuerySet[Invitation]:
    return Invitation.objects.filter(
        hub=hub, organisation=organisation, email__iexact=email, state=Invitation.State.OPEN
    )


def _check_lead_stays(membership: Membership) -> None:
    """Refuse when this is the only lead; of two leads leaving at once, one has to stay."""
    lead = lead_role(membership.organisation)
    if membership.role != lead:
        return
    place = people_of(membership.hub, membership.organisation).filter(role=lead)
    lock_rows(place)
    # A second statement: the locking one may have read rows that a committed change removed.
    if not place.exclude(pk=membership.pk).filter(user__is_active=True).exists():
        raise Refused(
            _("This is the only %(role)s here. Make somebody else one first.") % {"role": lead.label},
            code="last_lead",
        )


def _expiry(now: dt.datetime) -> dt.datetime:
    return now + dt.timedelta(days=settings.INVITATION_DAYS)


def _queue(invitation: Invitation, *, now: dt.datetime, version: str):
    account = account_of(invitation.email)
    organisation = invitation.organisation
    to = outbox.Recipient(
        address=invitation.email,
        name=invitation.name,
        language=spoken(account, organisation, invitation.hub),
        user_id=account.pk if account else None,
        organisation_id=invitation.organisation_id,
    )
    return outbox.queue(INVITATION, invitation, to, now=now, not_after=invitation.expires_at, version=version)


def _new_account(invitation: Invitation, name: str, password: str | None) -> User:
    if account_of(invitation.email):
        raise Refused(_("There is an account with this address. Sign in to go on."), code="has_account")
    try:
        with transaction.atomic():
            return _account(invitation.email, name or invitation.name, password)
    except IntegrityError:  # two invitations to one new address, accepted at the same moment
        raise Refused(_("There is an account with this address. Sign in to go on."), code="has_account") from None


def _account(email: str, name: str, password: str | None) -> User:
    user = User.objects.create_user(email, password, name=name.strip())
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


def _join(user: User, hub: Hub, organisation: Organisation | None, role: str) -> Membership:
    membership, made = Membership.objects.get_or_create(
        user=user, hub=hub, organisation=organisation, defaults={"role": role}
    )
    # Whoever joins with an account that is a member already keeps the higher of the two roles.
    roles = roles_of(organisation)
    if not made and roles.index(Role(role)) < roles.index(Role(membership.role)):
        Membership.objects.filter(pk=membership.pk).update(role=role)
        membership.role = role
    user.__dict__.pop("live_memberships", None)  # read once per request; it has just changed
    if organisation is None:
        sync_staff(hub)
    return membership
