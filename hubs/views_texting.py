"""The number to which a person has urgent messages sent."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from hubs import texting
from hubs.actors import oneself
from hubs.domain import texting as verbs
from hubs.errors import Refused
from hubs.forms import PlainWords
from hubs.models import TextChoice


class NumberForm(PlainWords, forms.Form):
    number = forms.CharField(label=lazy("Telephone number"), help_text=lazy("Such as +447700900123."), max_length=30)
    channel = forms.ChoiceField(label=lazy("How"), widget=forms.RadioSelect)
    consent = forms.BooleanField(
        label=lazy("I agree that urgent messages about my placements are sent to this number. I can stop it here.")
    )

    def __init__(self, *args, channels: list[str], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        words = dict(TextChoice.CHANNELS)
        self.fields["channel"].choices = [(one, words[one]) for one in channels]
        self.fields["channel"].initial = next(iter(channels), "")


class CodeForm(PlainWords, forms.Form):
    code = forms.CharField(label=lazy("The six digits we sent to your number"), max_length=10)


@login_required
def texts(request):
    """POST sends a code (`act=number`), takes it (`act=code`) or stops (`act=stop`)."""
    channels = texting.offered(request.hub) if request.hub else []
    choice = TextChoice.objects.filter(hub=request.hub, user=request.user).first() if request.hub else None
    if not channels and choice is None:
        raise Http404
    act = request.POST.get("act", "")
    forms_of = {
        "number": NumberForm(request.POST if act == "number" else None, channels=channels),
        "code": CodeForm(request.POST if act == "code" else None),
    }
    if request.method == "POST" and _done(request, act, choice, forms_of.get(act)):
        return redirect("texts")
    waits = choice is not None and choice.agreed_at is None and choice.stopped_at is None
    context = {"title": _("Urgent messages to your telephone"), "choice": choice, "waits": waits, **forms_of}
    return render(request, "hubs/texts.html", {**context, "offered": bool(channels)})


def _done(request, act: str, choice: TextChoice | None, form: forms.Form | None) -> bool:
    verb = VERBS.get(act)
    if verb is None or (choice is None and act != "number") or (form is not None and not form.is_valid()):
        return False
    how = {"by": oneself(request.user, request.hub.pk, via="page"), "now": request.now}
    try:
        said = verb(request, choice, form.cleaned_data if form else {}, how)
    except Refused as refusal:
        form.add_error(None, refusal.sentence)
        return False
    messages.success(request, said)
    return True


def _number(request, choice, given: dict, how: dict) -> str:
    verbs.give_number(request.user, request.hub, given["number"], given["channel"], **how)
    return _("A code is on its way.")


def _code(request, choice, given: dict, how: dict) -> str:
    verbs.agree(choice, given["code"], **how)
    return _("Agreed. Urgent messages come to your telephone from now on.")


def _stop(request, choice, given: dict, how: dict) -> str:
    verbs.stop(choice, **how)
    return _("Stopped. Everything comes by mail from now on.")


VERBS = {"number": _number, "code": _code, "stop": _stop}
