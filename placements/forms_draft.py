"""The form of a request that is a draft still: all that the form for a new one has, filled with what it says."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms

from opportunities.models import Session
from placements.domain.windows import Window
from placements.domain.wishes import Kind, Wished, label
from placements.forms_request import RANKED, Open, RequestForm, key_of
from placements.forms_school import NONE, Costs
from placements.models import PlacementRequest


class DraftForm(RequestForm):
    """`seen` is the mark of what was read. Wishes for which there is no field (a client made more) are `kept`; what can
    be had no more is `gone`, and left out once it is saved. `chosen` are sessions that were on offer when the form was
    read and may be no longer among the best; `size` is how many the group has."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data=None,
        *,
        draft: PlacementRequest,
        wished: Sequence[Wished],
        gone: Sequence[Wished] = (),
        students,
        open_to: Open,
        chosen: Sequence[Session] = (),
        costs: Costs = NONE,
        seen: str,
        days: Sequence[Window],
        size: int,
    ) -> None:
        super().__init__(
            data, group=draft.group, students=students, session=None, hub_id=draft.hub_id, open_to=open_to,
            costs=costs, size=size,
        )  # fmt: skip
        del self.fields["also"]
        self.gone = [label(one) for one in gone]
        left = [one for one in wished if one not in gone]
        last = left.pop() if left and isinstance(left[-1], Kind) and not left[-1].step else None
        ranked, self.kept_wishes = left[: len(RANKED)], left[len(RANKED) :]
        self._offer(open_to.others, open_to.steps, [*ranked, *chosen])
        named = [(Window(one.starts_on, one.ends_on), one.name) for one in open_to.terms]
        known = {one for one, _name in named}
        self._offer_days([*named, *((one, "") for one in days if one not in known)])
        self.initial = _says(draft, ranked, last, [*self.students], self.size) | {
            "seen": seen,
            "windows": [f"{one.first}/{one.last}" for one in days],
        }

    def _wishes(self, cleaned: dict) -> list[Wished]:
        """Those without a field stand between the ranked ones and the kind."""
        said = super()._wishes(cleaned)
        at = len(said) - bool(cleaned.get("kind"))
        return [*said[:at], *self.kept_wishes, *said[at:]]

    def kept(self) -> list[str]:
        """The wishes that stay as they are, in words."""
        return [label(one) for one in self.kept_wishes]


def _says(
    draft: PlacementRequest, ranked: Sequence[Wished], last: Kind | None, students: Sequence[int], size: int
) -> dict:
    named = [one.pk for one in draft.students.all() if one.pk in students]
    whole = draft.group is not None and size and draft.places == size
    return {
        "who": "named" if named else "whole" if whole else "some",
        "places": draft.places,
        "students": named,
        **dict(zip(RANKED, map(key_of, ranked), strict=False)),
        "kind": last.encounter_type.pk if last else None,
        "sector": last.sector.pk if last and last.sector else None,
        "max_travel": draft.max_travel,
        "is_provisional": draft.is_provisional,
        "note": draft.note,
        "needs": draft.needs,
    }
