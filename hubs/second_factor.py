"""Hub staff go nowhere without a second factor: not by a page, not by a token of the API."""

from __future__ import annotations

from django.conf import settings
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import BasePermission

from hubs.models import HUB_ROLES


def needs_second_factor(user) -> bool:
    """Whether this person must still set up a second factor before going on."""
    if not settings.HUB_STAFF_NEED_MFA or not user.is_authenticated:
        return False
    staff = user.is_superuser or any(m.role in HUB_ROLES for m in user.live_memberships)
    return staff and user.second_factor_at is None


class SecondFactorMiddleware:
    """Sends hub staff without a second factor to set one up, before any page that shows rows."""

    # Signed links and feeds show rows by their token, whoever happens to be signed in.
    OPEN = ("/accounts/", "/i/", "/l/", "/feeds/", "/static/", "/theme.css", "/healthz", "/readyz")

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        if not request.path.startswith(self.OPEN) and needs_second_factor(request.user):
            return redirect("mfa_activate_totp")
        return self.get_response(request)


class HasSecondFactor(BasePermission):
    """The same for the API, whose tokens no middleware knows."""

    message = _("Hub staff set up a second factor before anything else: sign in, and follow what the page says.")

    def has_permission(self, request, view) -> bool:
        return not needs_second_factor(request.user)
