"""A person's keys for clients of the API."""

from __future__ import annotations

from django.utils.translation import gettext as _

from hubs.errors import Refused
from hubs.models import ApiToken, User

MOST = 10


def make_token(user: User, name: str) -> tuple[ApiToken, str]:
    """A new key and its secret, which is readable this once; it holds for API_TOKEN_DAYS days."""
    if ApiToken.objects.filter(user=user).count() >= MOST:
        raise Refused(
            _("You have %(most)s tokens. Revoke one that nothing uses, then make a new one.") % {"most": MOST},
            code="too_many",
        )
    return ApiToken.objects.create(user=user, name=name)


def revoke_token(token: ApiToken) -> None:
    """Calls with it are refused from now on."""
    token.delete()
