"""The desk asks several employers at once."""

from __future__ import annotations

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import View
from wagtail.admin import messages

from hubs.errors import CannotAct, Refused
from hubs.views_admin import hub_actor
from placements.domain import asking
from placements.views_desk import OpenRequests

OWN = "own"


class AskForm(forms.Form):
    """Held placements of one request, ready words or one's own, and whether to ask beyond a quota."""

    placements = forms.TypedMultipleChoiceField(coerce=int, widget=forms.CheckboxSelectMultiple, required=False)
    words = forms.ChoiceField(
        label=gettext_lazy("Words to the employers"),
        choices=[*((key, label) for key, (label, _text) in asking.WORDS.items()), (OWN, gettext_lazy("My own"))],
    )
    message = forms.CharField(max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    even_so = forms.BooleanField(required=False)

    def __init__(self, *args, held, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.held = {row.pk: row for row in held}
        self.fields["placements"].choices = [(pk, str(row)) for pk, row in self.held.items()]  # type: ignore[attr-defined]  # its own sort of field

    def chosen(self) -> list:
        return [self.held[pk] for pk in self.cleaned_data["placements"]]

    def text(self) -> str:
        given = self.cleaned_data
        return given["message"].strip() if given["words"] == OWN else str(asking.WORDS[given["words"]][1])


class AskView(OpenRequests, View):
    """POST only: asks the employers of the ticked places, all of them or none."""

    http_method_names = ["post"]

    def post(self, request, pk: int):
        row = get_object_or_404(self.rows(), pk=pk)
        by = hub_actor(request)
        if not by.is_hub_staff:
            raise PermissionDenied
        held = row.placements.filter(state="held").select_related("employer__hub", "hub", "session", "school__hub")
        form = AskForm(request.POST, held=held)
        if form.is_valid():
            self._ask(request, form, by)
        else:
            messages.error(request, _("Something changed meanwhile. Look at the held places and tick them again."))
        return HttpResponseRedirect(reverse("desk:request", args=[row.pk]))

    def _ask(self, request, form: AskForm, by) -> None:
        chosen, even_so = form.chosen(), form.cleaned_data["even_so"]
        try:
            asking.offer_all(chosen, form.text(), even_so=even_so, by=by, now=request.now)
        except CannotAct as refusal:
            raise PermissionDenied from refusal
        except Refused as refusal:
            messages.error(request, refusal.sentence)
        else:
            said = ngettext("%(n)s employer is asked.", "%(n)s employers are asked.", len(chosen))
            messages.success(request, said % {"n": len(chosen)})
