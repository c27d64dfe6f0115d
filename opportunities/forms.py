"""The forms of the opportunity wizard and of sessions. They check input; rules are in the domain."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django import forms
from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from employers.models import Employer, Sector, Site
from hubs.forms import PlainWords
from opportunities.models import DayPlan, EncounterType, Opportunity
from opportunities.skills import SKILLS

ONLINE, AT_SCHOOL = "online", "school"
SITE = "site-"
LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def day_input() -> forms.DateInput:
    # The browser's own date input wants ISO dates whatever the language.
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def time_input() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


def few_lines(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class TypeChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: EncounterType) -> str:
        return f"{obj.get_stage_display()}: {obj.name}"


class SeenForm(PlainWords, forms.Form):
    """Carries when the row was read, so that two editors do not overwrite each other unseen."""

    seen_at = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_seen_at(self) -> dt.datetime | None:
        given = self.cleaned_data["seen_at"]
        try:
            seen = parse_datetime(given)
        except ValueError:
            seen = None
        if given and (seen is None or seen.tzinfo is None):
            return LONG_AGO  # no moment we gave: both versions are shown before anything is saved
        return seen

    def values(self) -> dict:
        """What was typed, under the names the domain knows."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen_at"}


class WhatForm(SeenForm):
    encounter_type = TypeChoice(
        EncounterType.objects.none(), label=_("What kind of encounter?"), empty_label=_("Choose one")
    )
    title = forms.CharField(label=_("Title"), max_length=120, help_text=_("As a student would say it."))
    summary = forms.CharField(
        label=_("In one sentence"), max_length=240, help_text=_("What happens, and what is special about it.")
    )
    description = forms.CharField(label=_("What they will do"), max_length=4000, required=False, widget=few_lines(4))
    min_age = forms.IntegerField(
        label=_("From age"), min_value=5, max_value=25, required=False, help_text=_("Empty: as usual for this kind.")
    )
    max_age = forms.IntegerField(label=_("To age"), min_value=5, max_value=25, required=False)
    outcomes = forms.CharField(
        label=_("What they learn"),
        max_length=4000,
        required=False,
        widget=few_lines(),
        help_text=_("Empty: as usual for this kind."),
    )
    sectors = forms.ModelMultipleChoiceField(
        Sector.objects.all(),
        label=_("Fields of work"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None: those of your organisation. Schools search by them."),
    )
    skills = forms.MultipleChoiceField(
        label=_("What they practise"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, *args, employer: Employer, fixed: EncounterType | None = None, said: Iterable[str] = (), **kwargs
    ) -> None:
        """`fixed` is the type that stays, in use or not, and its ages with it; `said` the skills it names already,
        in words of the list or others."""
        super().__init__(*args, **kwargs)
        self.employer = employer
        others = [(word, word) for word in said if word not in SKILLS]
        self.fields["skills"].choices = [*SKILLS.items(), *others]  # type: ignore[attr-defined]  # its own sort of field
        allowed = Q(pk=fixed.pk) if fixed else Q(is_active=True)
        types = EncounterType.objects.filter(allowed, hub=employer.hub_id)
        self.fields["encounter_type"].queryset = types  # type: ignore[attr-defined]  # its own sort of field
        if fixed:
            for name in ("encounter_type", "min_age", "max_age"):
                self.fields[name].disabled = True

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        kind = cleaned.get("encounter_type")
        for name in ("min_age", "max_age"):
            if kind and name not in self.errors and cleaned.get(name) is None:
                cleaned[name] = getattr(kind, name)
        if kind and not cleaned.get("outcomes"):
            cleaned["outcomes"] = kind.outcomes
        if not cleaned.get("sectors"):
            cleaned["sectors"] = self.employer.sectors.all()
        low, high = cleaned.get("min_age"), cleaned.get("max_age")
        if low is not None and high is not None and high < low:
            self.add_error("max_age", _("The oldest cannot be younger than the youngest."))
        return cleaned


class PracticalForm(SeenForm):
    place = forms.ChoiceField(label=_("Where?"), widget=forms.RadioSelect)
    supervisor = forms.CharField(
        label=_("Who looks after the students?"),
        max_length=120,
        required=False,
        help_text=_("Name or role. Schools see it once places are accepted."),
    )
    stand_in = forms.CharField(label=_("And if that person is away?"), max_length=120, required=False)
    day_plan = forms.ModelChoiceField(
        DayPlan.objects.none(),
        label=_("Plan for the day"),
        required=False,
        empty_label=_("None for now"),
        help_text=_("Ready-made, from the hub's library."),
    )
    clothing = forms.CharField(label=_("Clothing and equipment"), max_length=200, required=False)
    food = forms.CharField(label=_("Food"), max_length=200, required=False)
    costs_covered = forms.CharField(label=_("Costs you cover"), max_length=200, required=False)
    access = forms.CharField(
        label=_("Getting in and around"),
        max_length=2000,
        required=False,
        widget=few_lines(),
        help_text=_("Steps, lifts, quiet places, what can be arranged."),
    )
    conditions = forms.CharField(
        label=_("Anything that has to be known"), max_length=2000, required=False, widget=few_lines()
    )

    def __init__(
        self, *args, employer: Employer, sites: list[Site], at_work: bool = False, keeps_plan: bool = False, **kwargs
    ) -> None:
        super().__init__(*args, **kwargs)
        if at_work:
            self.fields["supervisor"].needed = _("needed before you send it")  # type: ignore[attr-defined]  # its own sort of field
        self.sites = {f"{SITE}{site.pk}": site for site in sites}
        place = self.fields["place"]
        place.choices = [  # type: ignore[attr-defined]  # its own sort of field
            *((key, _name_and_town(site)) for key, site in self.sites.items()),
            (AT_SCHOOL, _("At the school")),
            (ONLINE, _("Online")),
        ]
        plans = self.fields["day_plan"]
        plans.queryset = DayPlan.objects.filter(hub=employer.hub_id)  # type: ignore[attr-defined]  # its own sort of field
        if keeps_plan:
            plans.empty_label = _("Keep the plan it has")  # type: ignore[attr-defined]  # its own sort of field

    def values(self) -> dict:
        values = super().values()
        place, plan = values.pop("place"), values.pop("day_plan")
        values |= {"site": self.sites.get(place), "is_online": place == ONLINE}
        if plan is not None:
            values["day_plan"] = plan.items
        return values


def _name_and_town(site: Site) -> str:
    return f"{site.name}, {site.town}" if site.town else site.name


def place_of(opportunity: Opportunity) -> str:
    """The value of PracticalForm's `place`; nothing is chosen for them at first."""
    if opportunity.is_online:
        return ONLINE
    if opportunity.site_id:
        return f"{SITE}{opportunity.site_id}"
    return AT_SCHOOL if opportunity.encounter_type.tier in ("T0", "T6") else ""


# ---- Sessions ----------------------------------------------------------------


class DayForm(PlainWords, forms.Form):
    on = forms.DateField(label=_("Day"), widget=day_input())
    start = forms.TimeField(label=_("From"), widget=time_input())
    end = forms.TimeField(label=_("Until"), widget=time_input())

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        start, end = cleaned.get("start"), cleaned.get("end")
        if start and end and end <= start:
            self.add_error("end", _("It has to end after it begins."))
        return cleaned

    def day(self) -> tuple[dt.date, dt.time, dt.time]:
        return self.cleaned_data["on"], self.cleaned_data["start"], self.cleaned_data["end"]


DaysFormSet = forms.formset_factory(
    DayForm, extra=0, min_num=1, max_num=60, absolute_max=61, validate_min=True, validate_max=True
)


class PlacesForm(PlainWords, forms.Form):
    #: Days to ask about once more, "2026-12-25 2026-12-28": the page then has a box to tick.
    asks = ""

    places = forms.IntegerField(label=_("How many places?"), min_value=1, max_value=999)
    group_min = forms.IntegerField(
        label=_("Smallest group worth it"), min_value=1, max_value=999, initial=1, required=False
    )
    group_max = forms.IntegerField(
        label=_("Largest group"), min_value=1, max_value=999, required=False,
        help_text=_("Of one school. Empty: as many as there are places."),
    )  # fmt: skip
    times = forms.IntegerField(
        label=_("How many times, week after week?"),
        min_value=1,
        max_value=40,
        initial=1,
        required=False,
        help_text=_("1 is once. Weeks with a public holiday on a day are skipped."),
    )

    break_minutes = forms.IntegerField(
        label=_("Break each day, in minutes"),
        min_value=0,
        max_value=240,
        required=False,
        help_text=_("Hours at work are counted without it. Empty: not decided yet."),
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if not (self.initial.get("group_max") or self.data.get("group_max")):
            # Not one more thing to ask of a first session; its own page has it, and the next ones keep it.
            self.fields["group_max"].widget = forms.HiddenInput()

    def clean_group_min(self) -> int:
        return self.cleaned_data["group_min"] or 1

    def clean_times(self) -> int:
        return self.cleaned_data["times"] or 1


class TurnForm(PlainWords, forms.Form):
    """One date of a series, to keep, change or leave out. A session of several days moves as a whole."""

    keep = forms.BooleanField(label=_("Offer it"), required=False, initial=True)
    on = forms.DateField(label=_("Day"), widget=day_input())
    start = forms.TimeField(label=_("From"), widget=time_input())
    end = forms.TimeField(label=_("Until"), widget=time_input())

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        start, end = cleaned.get("start"), cleaned.get("end")
        if start and end and end <= start:
            self.add_error("end", _("It has to end after it begins."))
        return cleaned


TurnsFormSet = forms.formset_factory(TurnForm, extra=0, max_num=100, absolute_max=101, validate_max=True)


def read_before() -> forms.IntegerField:
    """The number as it was read, so that two editors do not overwrite each other unseen."""
    return forms.IntegerField(widget=forms.HiddenInput, required=False)


class BreakForm(PlainWords, forms.Form):
    break_seen = read_before()
    break_minutes = forms.IntegerField(
        label=_("Break each day, in minutes"),
        min_value=0,
        max_value=240,
        required=False,
        help_text=_("Hours at work are counted without it. Empty: not decided yet."),
    )


class GroupForm(PlainWords, forms.Form):
    min_seen, max_seen = read_before(), read_before()
    group_min = forms.IntegerField(label=_("Smallest group"), min_value=1, max_value=999)
    group_max = forms.IntegerField(
        label=_("Largest group"), min_value=1, max_value=999, required=False,
        help_text=_("Of one school. Empty: as many as there are places."),
    )  # fmt: skip


class ChangePlacesForm(PlainWords, forms.Form):
    places_seen = read_before()
    places = forms.IntegerField(label=_("Places"), min_value=1, max_value=999)
    anyway = forms.BooleanField(
        label=_("Fewer than are taken: the hub finds other places for those too many"), required=False
    )
    reason = forms.CharField(label=_("Why? The hub reads it."), max_length=1000, widget=few_lines(), required=False)

    def __init__(self, *args, taken: int = 0, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if not taken:
            del self.fields["anyway"], self.fields["reason"]


# ---- Moves -------------------------------------------------------------------


class ReasonForm(PlainWords, forms.Form):
    reason = forms.CharField(label=_("Why?"), max_length=1000, widget=few_lines())


class PauseForm(PlainWords, forms.Form):
    until = forms.DateField(
        label=_("Until"), required=False, widget=day_input(), help_text=_("Empty: until you resume it.")
    )
