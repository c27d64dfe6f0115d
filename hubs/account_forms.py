"""Allauth's forms in the portal's words: labels instead of placeholders, errors that mend."""

from allauth.account import forms as account
from django.utils.translation import gettext_lazy as _

from hubs.forms import PlainWords

_LABELS = {
    "login": _("E-mail address"),
    "email": _("E-mail address"),
    "password": _("Password"),
    "remember": _("Keep me signed in on this device"),
    "oldpassword": _("Password you have now"),
    "password1": _("New password"),
    "password2": _("New password again"),
}


#: One line instead of the list of everything a password may be refused for.
PASSWORD_RULE = _("At least 10 characters. Three or four words of your own are easy to keep and hard to guess.")
_NEW_PASSWORD = {"password1": PASSWORD_RULE, "password2": ""}


class Labelled(PlainWords):
    """A placeholder that repeats the label vanishes on typing and reads as an answer: none here."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():  # type: ignore[attr-defined]  # mixed into a form
            field.widget.attrs.pop("placeholder", None)
            field.label = _LABELS.get(name, field.label)
            if name in _NEW_PASSWORD:
                field.help_text = _NEW_PASSWORD[name]


class SignInForm(Labelled, account.LoginForm): ...


class AddEmailForm(Labelled, account.AddEmailForm): ...


class ChangePasswordForm(Labelled, account.ChangePasswordForm): ...


class SetPasswordForm(Labelled, account.SetPasswordForm): ...


class ResetPasswordForm(Labelled, account.ResetPasswordForm): ...


class ResetPasswordKeyForm(Labelled, account.ResetPasswordKeyForm): ...


class ReauthenticateForm(Labelled, account.ReauthenticateForm): ...
