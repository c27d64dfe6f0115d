"""The mails about one's own account, in the hub's frame and words instead of allauth's.

They are answers to what somebody did on a page a moment ago, so they are sent at once and
are no rows of the outbox: a link that signs in or resets is not kept anywhere.
"""

from __future__ import annotations

from collections.abc import Callable

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hubs.mail import Mail
from hubs.words import in_full

IGNORE = gettext_lazy("If you did not ask for this, do nothing. Nothing changes, and nobody can get in with this mail.")


def _confirm_address(said: dict) -> Mail:
    return Mail(
        subject=_("Confirm your e-mail address"),
        paragraphs=(_("Open the page and press the button. From then on you can sign in with this address."),),
        action=(_("Confirm this address"), said["activate_url"]),
        small_print=str(IGNORE),
    )


def _reset(said: dict) -> Mail:
    return Mail(
        subject=_("Choose a new password"),
        paragraphs=(
            _("Somebody, we think you, asked for a new password for this address."),
            _("The link works once. Until you use it, the old password stays."),
        ),
        action=(_("Choose a new password"), said["password_reset_url"]),
        small_print=str(IGNORE),
    )


def _unknown(said: dict) -> Mail:
    return Mail(
        subject=_("There is no account for this address"),
        paragraphs=(
            _("Somebody, we think you, asked for a new password for %(address)s. No account has this address.")
            % {"address": said["email"]},
            _("Perhaps you were invited under another address. If not, write to us and we will invite you."),
        ),
        small_print=str(IGNORE),
    )


def _known(said: dict) -> Mail:
    return Mail(
        subject=_("You have an account already"),
        paragraphs=(
            _("Somebody, we think you, tried to use %(address)s for a second account.") % {"address": said["email"]},
            _("Sign in with it as before. If the password is lost, choose a new one."),
        ),
        action=(_("Choose a new password"), said["password_reset_url"]),
        small_print=str(IGNORE),
    )


def _notice(subject, sentence) -> Callable[[dict], Mail]:
    """A change the owner of the account should know of, whoever made it."""

    def compose(said: dict) -> Mail:
        at = timezone.localtime(said["timestamp"])
        return Mail(
            subject=str(subject),
            paragraphs=(str(sentence) % said,),
            facts=(
                (_("When"), f"{in_full(at, year=True)}, {at:%H:%M}"),
                (_("From the address"), said["ip"]),
                (_("With"), said["user_agent"] or _("unknown")),
            ),
            small_print=_(
                "Was it you? Then all is well. If not, choose a new password now and write to us: answer this mail."
            ),
        )

    return compose


#: allauth's name of a mail → what we send instead.
MAILS: dict[str, Callable[[dict], Mail]] = {
    "account/email/email_confirmation": _confirm_address,
    "account/email/email_confirmation_signup": _confirm_address,
    "account/email/password_reset_key": _reset,
    "account/email/unknown_account": _unknown,
    "account/email/account_already_exists": _known,
    "account/email/email_changed": _notice(
        gettext_lazy("Your sign-in address was changed"),
        gettext_lazy("You signed in with %(from_email)s; from now on it is %(to_email)s."),
    ),
    "account/email/email_confirm": _notice(
        gettext_lazy("Your address is confirmed"), gettext_lazy("You can sign in with this address now.")
    ),
    "account/email/email_deleted": _notice(
        gettext_lazy("An address was taken out of your account"),
        gettext_lazy("You can no longer sign in with %(deleted_email)s."),
    ),
    "account/email/password_changed": _notice(
        gettext_lazy("Your password was changed"), gettext_lazy("The old password no longer works.")
    ),
    "account/email/password_reset": _notice(
        gettext_lazy("You have a new password"),
        gettext_lazy("It was set by a link in a mail to you. API tokens made before no longer work."),
    ),
    "account/email/password_set": _notice(
        gettext_lazy("You have a password now"), gettext_lazy("You can sign in with it from now on.")
    ),
    "mfa/email/totp_activated": _notice(
        gettext_lazy("Signing in takes a second step now"),
        gettext_lazy("Besides the password you are asked for a code from your phone. Sign in again on other devices."),
    ),
    "mfa/email/totp_deactivated": _notice(
        gettext_lazy("Signing in takes no second step any more"),
        gettext_lazy("The password alone opens your account now. Sign in again on other devices."),
    ),
    "mfa/email/recovery_codes_generated": _notice(
        gettext_lazy("New recovery codes were made"), gettext_lazy("The codes you had before no longer work.")
    ),
}
