"""The hub's steps when nobody answers: their days, and what that would mean for a request sent today."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from hubs.errors import Refused
from hubs.models import Role
from hubs.views_admin import HubAccess, hub_actor
from hubs.wallclock import working_days_from
from placements.domain import ladder as steps
from placements.models import Ladder

WHAT = {
    "first_reminder": gettext_lazy("The employer is reminded."),
    "second_reminder": gettext_lazy("The employer is reminded again."),
    "manager_after": gettext_lazy("The careers manager of the employer is told, and rings."),
    "lead_after": gettext_lazy("The leads of the hub are told; the desk shows it among the offers gone stale."),
}


class LadderForm(forms.ModelForm):
    class Meta:
        model = Ladder
        fields = ("answer_days", "first_reminder", "second_reminder", "manager_after", "lead_after")

    def clean(self):
        given = super().clean() or {}
        if not self.errors and (sentence := steps.wrong_with(Ladder(**given))):
            raise forms.ValidationError(sentence)
        return given

    def _get_validation_exclusions(self):
        # `wrong_with` says in words what the constraints keep.
        return {field.name for field in Ladder._meta.fields}


def foreseen(ladder: Ladder, now: dt.datetime) -> list[tuple[dt.date, str]]:
    """(local date, what happens) for an employer asked at `now`, in order."""
    today = ladder.hub.today(now)
    due = working_days_from(today, ladder.answer_days, ladder.hub.jurisdiction)
    found = [(step.on, str(WHAT[step.name])) for step in steps.steps(ladder, today, due)]
    found.append((due, _("Until the evening of this day the employer may answer.")))
    return [(today, _("The employer is asked.")), *sorted(found, key=lambda pair: pair[0])]


class LadderView(HubAccess, WagtailAdminTemplateMixin, TemplateView):
    """`look` in what is sent shows what would happen and keeps nothing."""

    template_name = "placements/admin/ladder.html"
    header_icon = "history"
    page_title = gettext_lazy("When nobody answers")

    def get_breadcrumbs_items(self):
        return [{"url": "", "label": str(self.page_title)}]

    def get(self, request):
        self._only_leads()
        return self.render_to_response(self.get_context_data(form=LadderForm(instance=steps.ladder_of(request.hub))))

    def post(self, request):
        self._only_leads()
        form = LadderForm(request.POST, instance=steps.ladder_of(request.hub))
        if form.is_valid() and "look" not in request.POST and self._change(form):
            messages.success(
                request, _("Saved. It holds for what is asked from now on, and for what was not sent yet.")
            )
            return HttpResponseRedirect(reverse("ladder:edit"))
        return self.render_to_response(self.get_context_data(form=form))

    def _only_leads(self) -> None:
        if hub_actor(self.request).hat not in (Role.HUB_LEAD, "superuser"):
            raise PermissionDenied

    def _change(self, form: LadderForm) -> bool:
        try:
            steps.change(self.request.hub, form.cleaned_data, by=hub_actor(self.request), now=self.request.now)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        return form.is_valid()

    def get_context_data(self, *, form: LadderForm, **kwargs):
        wrong = form.is_bound and not form.is_valid()
        shown = steps.ladder_of(self.request.hub) if wrong else form.instance
        shown.hub = self.request.hub
        more = {"form": form, "steps": foreseen(shown, self.request.now), "wrong": wrong, "now": self.request.now}
        return super().get_context_data(**kwargs) | more
