"""How people get in: by invitation. The second factor of hub staff is in hubs/second_factor.py."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth import update_session_auth_hash
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from hubs.account_mail import MAILS
from hubs.actors import Actor, oneself
from hubs.domain.accounts import end_tokens, record_own
from hubs.languages import read_language, writing
from hubs.mail import in_frame
from hubs.models import User

#: What allauth tells the person of, and what the log says.
CHANGES = {
    "account/email/password_changed": "password_changed",
    "account/email/password_set": "password_changed",
    "account/email/password_reset": "password_changed",
    "account/email/email_changed": "email_changed",
    "account/email/email_deleted": "email_removed",
    "mfa/email/totp_activated": "second_factor_added",
    "mfa/email/totp_deactivated": "second_factor_removed",
    "mfa/email/recovery_codes_generated": "recovery_codes_made",
}
#: A password chosen by a link in a mail, and not by whoever knew the one before.
RESET = "account/email/password_reset"
#: After these every session of the person has ended (`User._get_session_auth_hash`).
ENDING_SESSIONS = frozenset({"second_factor_added", "second_factor_removed"})


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": gettext_lazy(
            "This address and this password do not go together. Check both, or choose a new password."
        ),
        "too_many_login_attempts": gettext_lazy("Too many attempts. Wait a few minutes, then try again."),
    }

    def is_open_for_signup(self, request) -> bool:
        """Accounts come from invitations only."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        """In the hub's frame; without a hub, or for a mail we have no words for, allauth's own."""
        compose = MAILS.get(template_prefix)
        if compose is None or not self.request.hub:
            super().send_mail(template_prefix, email, context)
            return
        user = context.get("user")
        language = getattr(user, "language", "") or read_language()
        with writing(language), timezone.override(self.request.hub.zone):
            mail = compose({"email": email, **context})
            in_frame(mail, self.request.hub, email, name=_name(user)).send()

    def get_login_redirect_url(self, request) -> str:
        return reverse("home")

    def confirm_email(self, request, email_address) -> bool:
        confirmed = super().confirm_email(request, email_address)
        if confirmed:
            _record(request, email_address.user, "email_confirmed")
        return confirmed

    def send_notification_mail(self, template_prefix, user, context=None, email=None) -> None:
        """Allauth's one door for every change of how somebody gets in: the log first, then the mail."""
        verb = CHANGES.get(template_prefix)
        if verb:
            _record(self.request, user, verb)
        if template_prefix == RESET:
            end_tokens(user, by=_self(self.request, user), now=self.request.now)
        if verb in ENDING_SESSIONS:
            # But this one, in which it was done. Read anew: `user` may remember what was before.
            update_session_auth_hash(self.request, User.objects.get(pk=user.pk))
        super().send_notification_mail(template_prefix, user, context, email)


def _self(request, user) -> Actor:
    return oneself(user, request.hub.pk if request.hub else None, via="page")


def _record(request, user, verb: str) -> None:
    record_own(user, verb, by=_self(request, user), now=request.now)


def _name(user) -> str:
    return user.name if user else ""
