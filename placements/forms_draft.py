"""The form of a request that is a draft still: all that the form for a new one has, filled with what it says."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from hubs.words import day
from opportunities.models import EncounterType, Session
from placements.domain.fitting import SessionFit
from placements.domain.requests import Kind
from placements.forms_school import NONE, Costs, RequestForm, wish_label
from placements.models import PlacementRequest, Wish

ASKED = ("second", "third")


class DraftForm(RequestForm):
    """`seen` is the mark of what was read. Wishes for which there is no field (a client made more) are `kept`.
    `chosen` are sessions that were on offer when the form was read and may be no longer among the best; `size` is how
    many the group has."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    first = forms.TypedChoiceField(label=_("First wish"), coerce=int, empty_value=None, required=False)

    def __init__(
        self,
        data=None,
        *,
        draft: PlacementRequest,
        wishes: Sequence[Wish],
        students,
        others: Sequence[SessionFit],
        chosen: Sequence[Session] = (),
        costs: Costs = NONE,
        seen: str,
        size: int,
    ) -> None:
        super().__init__(
            data, group=draft.group, students=students, session=None, others=others, costs=costs, size=size
        )
        wished = [wish.session for wish in wishes if wish.session is not None]
        kinds = [Kind(wish.encounter_type, wish.sector) for wish in wishes if wish.encounter_type is not None]
        shown, self.kept_sessions = wished[:3], wished[3:]
        self.kept_kinds = kinds[1:]
        labels = {one.session.pk: wish_label(one) for one in others}
        labels |= {one.pk: session_label(one) for one in (*shown, *chosen) if one.pk not in labels}
        self.by_pk |= {one.pk: one for one in (*shown, *chosen)}
        for name in ("first", *ASKED):
            self.fields[name].choices = [("", _("None")), *labels.items()]
        self.fields["kind"].queryset = EncounterType.objects.filter(hub=draft.hub_id, is_active=True)
        self.initial = _says(draft, shown, kinds, [*self.students], self.size) | {"seen": seen}

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("first") and (cleaned.get("second") or cleaned.get("third")):
            cleaned["first"], cleaned["second"], cleaned["third"] = cleaned["second"], cleaned.get("third"), None
        for name in ASKED:
            if cleaned.get(name) and cleaned[name] == cleaned.get("first"):
                self.add_error(name, _("This is your first wish already. Choose another, or none."))
        if not any(cleaned.get(name) for name in ("first", "kind")) and not (self.kept_sessions or self.kept_kinds):
            self.add_error("first", _("Choose a session, or a kind below."))
        return cleaned

    def asked(self) -> dict:
        """What `change_draft` takes beyond the draft and its mark."""
        asked, first = super().asked(), self.cleaned_data.get("first")
        others = [one for one in asked["sessions"] if one is not None]
        wished = [*([self.by_pk[first]] if first else []), *others, *self.kept_sessions]
        asked["sessions"] = list(dict.fromkeys(wished))  # one that is kept may be chosen too
        asked["kinds"] = list(dict.fromkeys([*asked["kinds"], *self.kept_kinds]))
        return asked

    def kept(self) -> list[str]:
        """The wishes that stay as they are, in words."""
        return [*map(session_label, self.kept_sessions), *(str(one.encounter_type) for one in self.kept_kinds)]


def _says(
    draft: PlacementRequest, wished: Sequence[Session], kinds: Sequence[Kind], students: Sequence[int], size: int
) -> dict:
    named = [one.pk for one in draft.students.all() if one.pk in students]
    whole = draft.group is not None and size and draft.places == size
    return {
        "who": "named" if named else "whole" if whole else "some",
        "places": draft.places,
        "students": named,
        **dict(zip(("first", *ASKED), [one.pk for one in wished], strict=False)),
        "kind": kinds[0].encounter_type.pk if kinds else None,
        "sector": kinds[0].sector.pk if kinds and kinds[0].sector else None,
        "max_travel": draft.max_travel,
        "is_provisional": draft.is_provisional,
        "note": draft.note,
        "needs": draft.needs,
    }


def session_label(session: Session) -> str:
    return f"{day(session.first_on)}: {session.opportunity.title}, {session.opportunity.employer.name}"
