"""One page of questions: the items of one standard, as somebody may answer them on a phone."""

from __future__ import annotations

import hashlib

from django import forms
from django.utils.translation import gettext as _

from employers.assessing import LONGEST_REASON, Said
from employers.frameworks import Framework, Item
from employers.models import Answer
from hubs.forms import PlainWords

NOT_APPLICABLE = "na"


class AnswersForm(PlainWords, forms.Form):
    """For each item: `level-`, `reason-`, `papers-`, and what stood there when the page was made
    (`seen-`, the revision, and `was-`, a digest), so that what nobody touched is not written and what
    somebody else changed meanwhile is noticed."""

    def __init__(self, data=None, *, framework: Framework, items: list[Item], answers: dict[str, Answer], papers):
        super().__init__(data)
        self.framework, self.items, self.answers = framework, items, answers
        self.papers = [(str(paper.pk), str(paper.shown_name or paper.get_kind_display())) for paper in papers]
        for item in items:
            self._add(item, answers.get(item.code))

    def _add(self, item: Item, answer: Answer | None) -> None:
        choices = [(str(level.level), level.label) for level in self.framework.scale]
        choices.append((NOT_APPLICABLE, _("Does not apply to us")))
        level, reason, papers = values_of(answer)
        # What is not offered any more cannot come back, and its absence is nobody's change.
        offered = {paper for paper, _name in self.papers}
        said = level, reason, [paper for paper in papers if paper in offered]
        self.fields[f"level-{item.code}"] = forms.ChoiceField(
            label=item.statement, choices=choices, required=False, widget=forms.RadioSelect, initial=said[0]
        )
        self.fields[f"reason-{item.code}"] = forms.CharField(
            label=_("Why it does not apply"), required=False, max_length=LONGEST_REASON, initial=said[1],
            widget=forms.Textarea(attrs={"rows": 2}),
        )  # fmt: skip
        self.fields[f"papers-{item.code}"] = forms.MultipleChoiceField(
            label=_("Documents that show it"), choices=self.papers, required=False, initial=said[2],
            widget=forms.CheckboxSelectMultiple,
        )  # fmt: skip
        self.fields[f"seen-{item.code}"] = forms.IntegerField(
            required=False, min_value=0, initial=answer.revision if answer else 0, widget=forms.HiddenInput
        )
        self.fields[f"was-{item.code}"] = forms.CharField(
            required=False, max_length=64, initial=digest(*said), widget=forms.HiddenInput
        )

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        for item in self.items:
            if cleaned.get(f"level-{item.code}") == NOT_APPLICABLE and not cleaned.get(f"reason-{item.code}"):
                self.add_error(f"reason-{item.code}", _("Say in a few words why it does not apply to you."))
            beside = cleaned.get(f"reason-{item.code}") or cleaned.get(f"papers-{item.code}")
            if beside and not cleaned.get(f"level-{item.code}") and f"level-{item.code}" not in self.errors:
                self.add_error(f"level-{item.code}", _("Choose an answer as well: without one nothing of it is kept."))
        return cleaned

    def said(self) -> list[Said]:
        """What was touched, and nothing else."""
        return [one for item in self.items if (one := self._said(item.code)) is not None]

    def _said(self, code: str) -> Said | None:
        given = self.cleaned_data
        level, reason = given[f"level-{code}"], given[f"reason-{code}"].strip()
        papers = sorted(given[f"papers-{code}"])
        not_applicable = level == NOT_APPLICABLE
        reason = reason if not_applicable else ""
        if not level or digest(level, reason, papers) == given[f"was-{code}"]:
            return None
        return Said(
            item=code, level=None if not_applicable else int(level), not_applicable=not_applicable, reason=reason,
            documents=tuple(int(paper) for paper in papers), seen=given[f"seen-{code}"] or 0,
        )  # fmt: skip


def values_of(answer: Answer | None) -> tuple[str, str, list[str]]:
    if answer is None:
        return "", "", []
    level = NOT_APPLICABLE if answer.not_applicable else str(answer.level)
    return level, answer.reason, sorted(str(paper.pk) for paper in answer.documents.all())


def digest(level: str, reason: str, papers: list[str]) -> str:
    return hashlib.sha256("\n".join([level, reason, *papers]).encode()).hexdigest()[:32]
