"""Forms about people: they validate what was typed; hubs.domain.people holds the rules."""

from __future__ import annotations

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from hubs.account_forms import PASSWORD_RULE
from hubs.forms import PlainWords
from hubs.languages import choices
from hubs.models import Role, User

#: What the roles of a place mean, by its leading role.
_MEANING = {
    Role.HUB_LEAD: _("Leads decide who belongs to the hub. Careers managers do all else. Viewers only look."),
    Role.EMPLOYER_LEAD: _("Leads invite others and answer for the organisation. Members publish and answer requests."),
    Role.COORDINATOR: _("Coordinators ask for places and invite others. Members only look."),
}


def _role_choices(roles) -> list[tuple[str, str]]:
    return [(role.value, capfirst(str(role.label))) for role in roles]


class InviteForm(PlainWords, forms.Form):
    """`roles` are those of the place, the leading one first."""

    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    email = forms.EmailField(
        label=_("Work e-mail"),
        max_length=120,  # the key of the invitation's message holds it
        help_text=_("The invitation goes here."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)

    def __init__(self, *args, roles, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = _role_choices(roles)
        self.fields["role"].initial = roles[-1].value
        self.fields["role"].help_text = _MEANING[roles[0]]


class RoleForm(PlainWords, forms.Form):
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)

    def __init__(self, *args, roles, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = _role_choices(roles)


class AcceptForm(PlainWords, forms.Form):
    """A new account: the address is the invitation's and cannot be changed here."""

    name = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=PASSWORD_RULE,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=False),
    )

    def __init__(self, *args, email: str, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        # Never a fragment of the name or the address.
        validate_password(password, User(email=self.email, name=self.cleaned_data.get("name", "")))
        return password


class AccountForm(PlainWords, forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    language = forms.ChoiceField(
        label=_("Language"), required=False, help_text=_("Of the pages and of the mails you get.")
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = choices(_("As my browser asks"))

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if not name:
            raise ValidationError(_("Fill this in."))
        return name


class TokenForm(PlainWords, forms.Form):
    name = forms.CharField(label=_("What will use it?"), max_length=80, help_text=_("For example “attendance export”."))
