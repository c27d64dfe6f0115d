"""The hub's look at its schools' calendars: which are missing or old, and which weeks suit many."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from hubs.views_admin import HubAccess, hub_actor
from schools.domain.common_weeks import CommonWeek, CommonWeeks, common_weeks, year_numbers
from schools.domain.freshness import freshness
from schools.domain.words import weekday_name
from schools.pictures_hours import share

USUAL_YEAR = 10


class OfSchools(HubAccess, WagtailAdminTemplateMixin, TemplateView):
    """`whose` in the address: all schools of the hub, or those of one's own caseload."""

    header_icon = "calendar-alt"

    def get_page_title(self):
        return self.page_title

    @property
    def mine(self) -> bool:
        return self.request.GET.get("whose") == "mine"

    @property
    def manager(self):
        return self.request.user if self.mine else None


class CalendarsView(OfSchools):
    """Whose calendar is missing or old, since when, and who can mend it."""

    template_name = "schools/admin/calendars.html"
    page_title = gettext_lazy("Calendars of schools")

    def get_breadcrumbs_items(self):
        return [{"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs):
        found = freshness(self.request.hub, self.request.now, manager=self.manager)
        more = {
            "lines": [one for one in found if not one.is_fresh],
            "fresh": [one for one in found if one.is_fresh],
            "mine": self.mine,
            "may_act": hub_actor(self.request).is_hub_staff,
            "now": self.request.now,
        }
        return super().get_context_data(**kwargs) | more


class WeeksForm(forms.Form):
    """A year group, and the academic year by its first day."""

    years = forms.TypedChoiceField(label=gettext_lazy("Year group"), coerce=int)
    first = forms.ChoiceField(label=gettext_lazy("Academic year"))

    def __init__(self, data, *, years: list[int], starts: list[dt.date]) -> None:
        self.usual = {"years": USUAL_YEAR if USUAL_YEAR in years else years[0], "first": starts[1].isoformat()}
        given = {name: data.get(name) or value for name, value in self.usual.items()}
        super().__init__(given)
        self.fields["years"].choices = [(number, _("Year %(n)s") % {"n": number}) for number in years]
        self.fields["first"].choices = [(day.isoformat(), f"{day.year}/{(day.year + 1) % 100:02}") for day in starts]

    def chosen(self) -> tuple[int, dt.date]:
        """What was chosen; what is usual where the address says something else."""
        good = self.cleaned_data if self.is_valid() else self.usual
        return int(good["years"]), dt.date.fromisoformat(good["first"])


class CommonWeeksView(OfSchools):
    """Week by week, how many schools could let a year group go."""

    template_name = "schools/admin/common_weeks.html"
    page_title = gettext_lazy("Common weeks")

    def get_breadcrumbs_items(self):
        return [
            {"url": reverse("calendars:index"), "label": CalendarsView.page_title},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs) | {"mine": self.mine, "now": self.request.now}
        hub, years = self.request.hub, year_numbers(self.request.hub)
        if not years:
            return context
        here = hub.academic_year_of(hub.today(self.request.now))[0]
        form = WeeksForm(self.request.GET, years=years, starts=[hub.academic_year_of(here + gap)[0] for gap in AROUND])
        year, first = form.chosen()
        found = common_weeks(hub, year, *hub.academic_year_of(first), manager=self.manager)
        return context | {"form": form, "year": year, "found": found, **_tables(found, hub.today(self.request.now))}


AROUND = (dt.timedelta(days=-300), dt.timedelta(days=1), dt.timedelta(days=400))


def _tables(found: CommonWeeks, today: dt.date) -> dict:
    return {
        "columns": [weekday_name(number) for number in range(5)],
        "weeks": [_line(week) for week in found.weeks],
        "best": [_line(week) for week in found.best(today)],
    }


def _line(week: CommonWeek) -> dict:
    return {
        "monday": week.monday,
        "last": week.monday + dt.timedelta(days=4),
        "schools": week.schools,
        "all_week": _cell(week.all_week, week.schools),
        "days": [_cell(able, week.schools) for able in week.days],
        "why": week.why,
    }


def _cell(able: int, of: int) -> dict:
    return {"able": able, "share": share(able, of)}
