"""Private calendar feeds."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from employers.models import Site
from hubs.models import Organisation
from hubs.scoping import HubOwned
from schools.models import Group


class Feed(HubOwned):
    """A calendar address of an organisation, narrowed to a group or a site; or of the person who
    made it, who sees what concerns any organisation they work for in the hub. The token is in
    the person's calendar only; here is its hash."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="feeds")
    group = models.ForeignKey(Group, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey("hubs.User", null=True, on_delete=models.CASCADE, related_name="+")
    personal = models.BooleanField(_("for the person alone"), default=False)
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("made"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_read_at = models.DateTimeField(_("last read"), null=True, blank=True)

    seen_by = ("organisation_id",)

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(group__isnull=True) | Q(site__isnull=True), name="feed_one_narrowing"),
            models.CheckConstraint(
                condition=Q(personal=False) | Q(group__isnull=True, site__isnull=True, user__isnull=False),
                name="feed_of_a_person_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return str(self.organisation)

    def parties(self) -> dict[str, int | None]:
        return self.organisation.parties()
