"""Users, organisations and who may act for which."""

from __future__ import annotations

import datetime as dt
import unicodedata
from functools import cached_property
from typing import NamedTuple

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from hubs.scoping import HubOwned, HubOwnedQuerySet


class Tenancies(NamedTuple):
    """Ids: hubs this person is staff of, organisations joined, hubs belonged to in any role."""

    staffed_hubs: list[int]
    organisations: list[int]
    hubs: list[int]


class UserManager(BaseUserManager):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> User:
        return self.create_user(email, password, is_superuser=True, is_staff=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in with an e-mail address. Never a student, parent or host."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(_("language"), max_length=12, blank=True)
    is_staff = models.BooleanField(_("technical staff of the install"), default=False)
    is_active = models.BooleanField(_("may sign in"), default=True)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email

    @property
    def first_name(self) -> str:
        """Wagtail's admin greets by first name."""
        return self.get_short_name()

    @property
    def last_name(self) -> str:
        return self.name.partition(" ")[2]

    @cached_property
    def live_memberships(self) -> list[Membership]:
        """This person's memberships, read once for the life of the instance (one request). What is out of use, a hub or
        an organisation, gives nobody anything, whichever door they come by."""
        return list(
            Membership.objects.filter(user=self, hub__is_active=True)
            .exclude(organisation__is_active=False)
            .select_related("hub", "organisation")
            .order_by("pk")
        )

    @cached_property
    def second_factor_at(self) -> dt.datetime | None:
        """When the app that makes this person's codes was set up; None without one.

        Whoever signed in brings it along (`hubs.backends`). Recovery codes alone are no factor.
        """
        return self.authenticator_set.filter(type="totp").values_list("created_at", flat=True).first()

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Sessions end when the second factor is set up or taken away, as with a new password: those
        begun before know a password only. It is read from what stands, so no step can be missed."""
        of_password = super()._get_session_auth_hash(secret=secret)
        if self.second_factor_at is None:
            return of_password
        value = f"{of_password} {self.second_factor_at.isoformat()}"
        return salted_hmac("hubs.models.User.second_factor_at", value, secret=secret, algorithm="sha256").hexdigest()

    def tenancies(self) -> Tenancies:
        memberships = self.live_memberships
        return Tenancies(
            staffed_hubs=[m.hub_id for m in memberships if m.role in HUB_ROLES],
            organisations=[m.organisation_id for m in memberships if m.organisation_id],
            hubs=sorted({m.hub_id for m in memberships}),
        )

    def hub_role(self, hub_id: int) -> str | None:
        """The role on the hub's own staff, or None."""
        for membership in self.live_memberships:
            if membership.hub_id == hub_id and membership.role in HUB_ROLES:
                return membership.role
        return None


class Role(models.TextChoices):
    HUB_LEAD = "hub_lead", _("hub lead")
    CAREERS_MANAGER = "careers_manager", _("careers manager")
    HUB_VIEWER = "hub_viewer", _("hub viewer")
    EMPLOYER_LEAD = "employer_lead", _("employer lead")
    EMPLOYER_MEMBER = "employer_member", _("employer member")
    COORDINATOR = "coordinator", _("school coordinator")
    SCHOOL_MEMBER = "school_member", _("school member")


HUB_STAFF = frozenset({Role.HUB_LEAD, Role.CAREERS_MANAGER})  # those who may act
HUB_ROLES = HUB_STAFF | {Role.HUB_VIEWER}
EMPLOYER_ROLES = frozenset({Role.EMPLOYER_LEAD, Role.EMPLOYER_MEMBER})
SCHOOL_ROLES = frozenset({Role.COORDINATOR, Role.SCHOOL_MEMBER})


class OrganisationQuerySet(HubOwnedQuerySet):
    def _sight(self, user: User) -> Q:
        tenancies = user.tenancies()
        return Q(hub_id__in=tenancies.staffed_hubs) | Q(pk__in=tenancies.organisations)

    def search(self, text: str):
        return self.filter(name_folded__contains=fold(text))


def fold(text: str) -> str:
    """Case- and accent-free form, because SQLite's own folding knows ASCII only."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


class Organisation(HubOwned):
    """What an employer and a school have in common, so that memberships, notes, invitations
    and the log can point at either. Parent table of `employers.Employer`, `schools.School`."""

    class Kind(models.TextChoices):
        EMPLOYER = "employer", _("employer")
        SCHOOL = "school", _("school")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind, editable=False)
    name = models.CharField(_("name"), max_length=160)
    name_folded = models.CharField(max_length=200, editable=False, db_index=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    manager = models.ForeignKey(
        User,
        verbose_name=_("careers manager"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="caseload",
    )
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["employer", "school"]), name="organisation_kind_valid"),
            models.UniqueConstraint("hub", "kind", Lower("name"), name="organisation_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs):
        self.name_folded = fold(self.name)[:200]
        super().save(*args, **kwargs)

    def parties(self) -> dict[str, int | None]:
        return {self.kind: self.pk}


class Membership(HubOwned):
    """One person's role, on the hub's own staff (`organisation` empty) or in an organisation."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    seen_by = ("organisation_id",)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation__isnull=True, role__in=sorted(HUB_ROLES))
                | Q(organisation__isnull=False, role__in=sorted(EMPLOYER_ROLES | SCHOOL_ROLES)),
                name="membership_role_matches_place",
            ),
            models.UniqueConstraint(
                fields=["user", "hub"],
                condition=Q(organisation__isnull=True),
                name="membership_one_per_hub_staff",
            ),
            models.UniqueConstraint(fields=["user", "organisation"], name="membership_one_per_organisation"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.organisation or self.hub}"

    def parties(self) -> dict[str, int | None]:
        return self.organisation.parties() if self.organisation else {}


class Invitation(HubOwned):
    """An e-mailed offer of a role, answered by a signed link before it expires."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        ACCEPTED = "accepted", _("accepted")
        REVOKED = "revoked", _("revoked")

    MOVES = (
        ("open", "accepted", frozenset({"invitee"})),
        ("open", "revoked", HUB_STAFF | {Role.EMPLOYER_LEAD, Role.COORDINATOR, "system"}),
    )

    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="invitations"
    )
    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=120, blank=True)
    role = models.CharField(_("role"), max_length=20, choices=Role)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    invited_at = models.DateTimeField(_("invited"))
    expires_at = models.DateTimeField(_("expires"))

    seen_by = ("organisation_id",)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-invited_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "accepted", "revoked"]), name="invitation_state_valid"
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="invitation_role_valid"),
            models.UniqueConstraint(
                "organisation",
                Lower("email"),
                condition=Q(state="open", organisation__isnull=False),
                name="invitation_one_open",
            ),
            models.UniqueConstraint(
                "hub",
                Lower("email"),
                condition=Q(state="open", organisation__isnull=True),
                name="invitation_one_open_staff",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} · {self.get_role_display()}"

    def parties(self) -> dict[str, int | None]:
        return self.organisation.parties() if self.organisation else {}


class Note(HubOwned):
    """What the hub wrote down about an organisation, and when to be in touch next."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="notes")
    text = models.TextField(_("note"))
    next_contact_on = models.DateField(_("next contact"), null=True, blank=True)
    written_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    written_at = models.DateTimeField(_("written"))

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ["-written_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.text[:40]}"
