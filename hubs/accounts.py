"""How people get in: by invitation; with a second factor when they are hub staff."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.shortcuts import redirect
from django.urls import reverse

from hubs.models import HUB_ROLES


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request) -> bool:
        """Accounts come from invitations only."""
        return False

    def get_login_redirect_url(self, request) -> str:
        return reverse("home")


def needs_second_factor(user) -> bool:
    """Whether this person must still set up a second factor before going on."""
    if not settings.HUB_STAFF_NEED_MFA or not user.is_authenticated:
        return False
    staff = user.is_superuser or any(m.role in HUB_ROLES for m in user.live_memberships)
    return staff and not is_mfa_enabled(user)


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
