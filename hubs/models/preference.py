"""What people want to be told, and when nobody is to be written to."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hubs.scoping import HubOwned, HubOwnedQuerySet


class MessagePreferenceQuerySet(HubOwnedQuerySet):
    def word(self, kind: str, *, hub_id: int, user_id: int | None, address: str, organisation_id: int | None) -> str:
        """What this person said of the kind, for the organisation before for all; "" for nothing."""
        mine = Q(address=address.lower())
        rows = self.filter(mine | Q(user=user_id) if user_id else mine, hub=hub_id, kind=kind)
        said = dict(rows.order_by("changed_at").values_list("organisation", "choice"))
        return said.get(organisation_id) or said.get(None) or ""


class MessagePreference(HubOwned):
    """One person's word about one kind of message, for one organisation or for all.

    A person is an account, or only an address (a contact, a host, a parent or carer); the
    address is kept in small letters.
    """

    class Choice(models.TextChoices):
        AT_ONCE = "at_once", _("at once")
        GATHERED = "gathered", _("gathered, once a day")
        OFF = "off", _("not at all")

    user = models.ForeignKey("hubs.User", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    address = models.CharField(_("address"), max_length=254)
    organisation = models.ForeignKey(
        "hubs.Organisation", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    kind = models.CharField(_("kind"), max_length=60)
    choice = models.CharField(_("choice"), max_length=8, choices=Choice)
    changed_at = models.DateTimeField(_("changed"))

    objects = MessagePreferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("message preference")
        verbose_name_plural = _("message preferences")
        constraints = [
            models.CheckConstraint(
                condition=Q(choice__in=["at_once", "gathered", "off"]), name="preference_choice_valid"
            ),
            models.UniqueConstraint(
                fields=["hub", "address", "kind", "organisation"],
                condition=Q(organisation__isnull=False),
                name="preference_once_per_organisation",
            ),
            models.UniqueConstraint(
                fields=["hub", "address", "kind"],
                condition=Q(organisation__isnull=True),
                name="preference_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.choice}"


class HubClosure(HubOwned):
    """Days on which the hub writes to nobody about what can wait."""

    name = models.CharField(_("name"), max_length=120)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))

    class Meta:
        verbose_name = _("days the hub is closed")
        verbose_name_plural = _("days the hub is closed")
        ordering = ["starts_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="hub_closure_ordered"),
        ]

    def __str__(self) -> str:
        return self.name
