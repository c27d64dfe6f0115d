"""Keys for clients of the API."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken


class ApiToken(AbstractAuthToken):
    """A person's own key, hashed at rest; `name` says which client holds it.

    It opens exactly what the person may see at the moment of each call, so leaving an
    organisation needs no revoking here.
    """

    name = models.CharField(_("name"), max_length=80)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-created", "digest"]

    def __str__(self) -> str:
        return self.name
