"""Forms of the standards in the back office: lists kept as JSON are ticked or written line by line."""

from __future__ import annotations

import json
from collections.abc import Iterable

from django import forms
from django.db.models import Q
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from employers.evidence import CODES
from employers.evidence_words import measured
from employers.models import Employer
from employers.translating import LONGEST, Words
from hubs.views_admin import HubForm


class Ticks(forms.CheckboxSelectMultiple):
    """Boxes for a JSON list."""

    def value_from_datadict(self, data, files, name):
        return json.dumps(data.getlist(name))

    def format_value(self, value):
        return super().format_value(json.loads(value) if isinstance(value, str) else value)


class SizeTicks(Ticks):
    def __init__(self, attrs=None):
        super().__init__(attrs, choices=Employer.Size.choices)


class SizeWords(forms.MultiWidget):
    """A JSON object from sizes to words, as one small field for each size; empty ones are left out."""

    template_name = "employers/admin/size_words.html"

    def __init__(self, attrs=None):
        super().__init__([forms.Textarea(attrs={"rows": 1}) for _size in Employer.Size.choices], attrs)

    def decompress(self, value):
        words = (json.loads(value) if isinstance(value, str) else value) or {}
        return [words.get(size, "") for size in Employer.Size.values]

    def value_from_datadict(self, data, files, name):
        given = super().value_from_datadict(data, files, name)
        pairs = zip(Employer.Size.values, given, strict=True)
        return json.dumps({size: words.strip() for size, words in pairs if words and words.strip()})

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        for one, (_size, label) in zip(context["widget"]["subwidgets"], Employer.Size.choices, strict=True):
            one["label"] = label
        context["widget"]["has_words"] = any(one["value"] for one in context["widget"]["subwidgets"])
        return context


class EvidenceChoice(forms.Select):
    def __init__(self, attrs=None):
        super().__init__(attrs, choices=[("", _("none")), *((code, lazy(measured, str)(code)) for code in CODES)])


class Lines(forms.CharField):
    """A JSON list of objects, one on a line: "code; number; words"."""

    widget = forms.Textarea(attrs={"rows": 6})
    names: tuple[str, ...] = ()
    numbers: frozenset[str] = frozenset()

    def prepare_value(self, value):
        if isinstance(value, list):
            return "\n".join("; ".join(str(one.get(name, "")) for name in self.names) for one in value)
        return value

    def clean(self, value):
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        return [self._line(number, line) for number, line in enumerate(lines, start=1)]

    def _line(self, number: int, line: str) -> dict:
        parts = [part.strip() for part in line.split(";", len(self.names) - 1)]
        if len(parts) != len(self.names):
            raise forms.ValidationError(
                _("Line %(n)s needs %(count)s parts with a semicolon between them."),
                params={"n": number, "count": len(self.names)},
            )
        found: dict = dict(zip(self.names, parts, strict=True))
        for name in self.numbers:
            if not found[name].isascii() or not found[name].isdecimal() or len(found[name]) > 4:
                raise forms.ValidationError(
                    _("Line %(n)s: “%(word)s” is no whole number."), params={"n": number, "word": found[name]}
                )
            found[name] = int(found[name])
        return found

    def has_changed(self, initial, data):
        return self.prepare_value(initial or []) != (data or "").strip().replace("\r\n", "\n")


class ScaleLines(Lines):
    names, numbers = ("level", "points", "label"), frozenset({"level", "points"})


class BandLines(Lines):
    names, numbers = ("code", "least", "label"), frozenset({"least"})


class FrameworkForm(HubForm):
    scale = ScaleLines(
        label=_("Answer scale"), help_text=_("One level on a line, the lowest first: level; points; words.")
    )
    bands = BandLines(label=_("Bands"), help_text=_("One on a line, the lowest first: code; from percent; name."))


class StandardForm(HubForm):
    """Only standards of a draft are edited, and only into a draft; its pillar is one of the draft's."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        chooser = self.fields["framework"]
        chooser.queryset = chooser.queryset.filter(state="draft", hub=self.instance.hub_id)
        drafts = chooser.queryset.prefetch_related("pillars")
        self.pillars = {draft.pk: {one.code: str(one) for one in draft.pillars.all()} for draft in drafts}
        choices = [(str(draft), list(self.pillars[draft.pk].items())) for draft in drafts]
        own = self.instance.framework_id
        self.fields["pillar"] = forms.ChoiceField(
            label=_("Pillar"), initial=self.instance.pillar,
            choices=[("", "---------"), *(list(self.pillars[own].items()) if own in self.pillars else choices)],
        )  # fmt: skip

    def clean(self):
        given = super().clean()
        draft, pillar = given.get("framework"), given.get("pillar")
        if draft and pillar and pillar not in self.pillars.get(draft.pk, {}):
            self.add_error("pillar", _("Choose a pillar of this framework, or add it there first."))
        return given


class TranslationForm(forms.Form):
    """One part of a draft in another language: a field for each place, the original as its label.

    Each carries what it showed, so that of two people in the same part neither undoes the other's words."""

    longest = LONGEST

    def __init__(self, *args, words: Iterable[Words], language: str, **kwargs):
        super().__init__(*args, **kwargs)
        for one in words:
            self.fields[one.place] = self.field_of(one, language)

    def field_of(self, one: Words, language: str) -> forms.Field:
        rows = min(6, 1 + len(one.original) // 70)
        return forms.CharField(
            label=one.original, initial=one.translation, required=False, max_length=self.longest,
            show_hidden_initial=True, widget=forms.Textarea(attrs={"rows": rows, "lang": language}),
        )  # fmt: skip

    def changed(self) -> dict[str, str]:
        """What this person wrote, by place."""
        return {place: self.cleaned_data[place] for place in self.changed_data}


class RoundForm(HubForm):
    sizes = forms.MultipleChoiceField(
        label=_("Asked of sizes"), choices=Employer.Size.choices, widget=forms.CheckboxSelectMultiple, required=False,
        help_text=_("None ticked: all."),
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        chooser = self.fields["framework"]
        # Its own may have been replaced since: an open round keeps them, and of a planned one the domain says so.
        mine = Q(pk=self.instance.framework_id)
        chooser.queryset = chooser.queryset.filter(Q(state="published") | mine, side="employer")


class ImportForm(forms.Form):
    file = forms.FileField(label=_("File"), help_text=_("A framework as JSON, as it is exported here. 1 MB at most."))

    def text(self) -> str:
        """Bytes that are no UTF-8 become a mark no JSON has, so that the reader names it."""
        return self.cleaned_data["file"].read(1_000_001).decode("utf-8-sig", errors="replace")
