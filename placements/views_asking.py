"""The desk asks several employers, at once or one after the other."""

from __future__ import annotations

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin import messages

from hubs.errors import CannotAct, Refused
from hubs.once import once
from hubs.views_admin import hub_actor
from placements.domain import asking, turns
from placements.models import Placement
from placements.views_desk import RequestView

OWN, AT_ONCE, IN_TURN = "own", "at-once", "in-turn"
LAST = 99


class AskForm(forms.Form):
    """Held placements of one request, at once or in the order of the numbers beside them, ready words or one's own,
    and whether to ask beyond a quota. `turn-` and a placement's key is its number; without one it comes last."""

    placements = forms.TypedMultipleChoiceField(coerce=int, widget=forms.CheckboxSelectMultiple, required=False)
    how = forms.ChoiceField(choices=[(AT_ONCE, AT_ONCE), (IN_TURN, IN_TURN)], required=False)
    days = forms.IntegerField(
        label=gettext_lazy("Working days to answer"), min_value=1, max_value=20, required=False,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), gettext_lazy("Write the working days to answer as 1 to 20.")
        ),
    )  # fmt: skip
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
        wrong = gettext_lazy("Number the employers from 1 to 99, in the order in which they are to be asked.")
        for pk in self.held:
            self.fields[f"turn-{pk}"] = forms.IntegerField(
                min_value=1, max_value=LAST, required=False,
                error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), wrong),
            )  # fmt: skip

    def chosen(self) -> list[Placement]:
        return [self.held[pk] for pk in self.cleaned_data["placements"]]

    def ranked(self) -> list[tuple[int, Placement]]:
        return [(self.cleaned_data[f"turn-{row.pk}"] or LAST, row) for row in self.chosen()]

    def wrong(self) -> str:
        """What to do about the first thing that cannot be read."""
        own = [error for name, errors in self.errors.items() if name not in ("placements", "words") for error in errors]
        return own[0] if own else _("Something changed meanwhile. Look at the held places and tick them again.")

    def text(self) -> str:
        given = self.cleaned_data
        return given["message"].strip() if given["words"] == OWN else str(asking.WORDS[given["words"]][1])


class AskView(RequestView):
    """Asks the employers of the ticked places, all of them or none, or puts them in line. What is refused comes back on
    the request's page as it was typed; the address alone leads there."""

    http_method_names = ["get", "post"]

    def get(self, request, *args, **kwargs):
        return HttpResponseRedirect(reverse("desk:request", args=[self.object.pk]))

    @method_decorator(once)
    def post(self, request, pk: int):
        by = hub_actor(request)
        if not by.is_hub_staff:
            raise PermissionDenied
        held = self.object.placements.filter(state="held").select_related(
            "employer__hub", "hub", "session__opportunity", "school__hub", "request__hub"
        )
        form = AskForm(request.POST, held=held)
        if not form.is_valid():
            messages.error(request, form.wrong())
        elif self._ask(request, form, by):
            return self.get(request)
        self.typed = request.POST
        return self.render_to_response(self.get_context_data())

    def _ask(self, request, form: AskForm, by) -> bool:
        asked = form.cleaned_data
        how = {
            "even_so": asked["even_so"],
            "days": asked["days"],
            "by": by,
            "now": request.now,
        }
        try:
            if asked["how"] == IN_TURN:
                turns.ask_in_turn(form.ranked(), form.text(), **how)
            else:
                asking.offer_all(form.chosen(), form.text(), **how)
        except CannotAct as refusal:
            raise PermissionDenied from refusal
        except Refused as refusal:
            messages.error(request, refusal.sentence)
            return False
        messages.success(request, _said(asked["how"], len(asked["placements"])))
        return True


def _said(how: str, number: int) -> str:
    if how == IN_TURN:
        said = ngettext("%(n)s employer is in line.", "%(n)s employers are in line: each is asked in its turn.", number)
    else:
        said = ngettext("%(n)s employer is asked.", "%(n)s employers are asked.", number)
    return said % {"n": number}
