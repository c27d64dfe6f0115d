"""Pages of the back office about templates that are no list or form."""

from __future__ import annotations

from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView
from wagtail.admin import messages

from hubs.views_admin import HubAccess
from opportunities.domain.templates import circle_words
from opportunities.templates_shown import shown
from opportunities.timing import Circle


class PreviewView(HubAccess, TemplateView):
    """A template in any state as an employer would read it today, before anybody can adopt it."""

    template_name = "opportunities/plan_template.html"
    model: type | None = None
    index_url_name = ""
    inspect_url_name = ""

    def get(self, request, *args, **kwargs):
        row = get_object_or_404(self.rows(), pk=kwargs["pk"])
        self.back = reverse(self.inspect_url_name, args=[row.pk])
        try:
            return self.render_to_response(self.get_context_data(row=row))
        except Circle as circle:
            messages.warning(request, circle_words(row, circle))
            return HttpResponseRedirect(self.back)

    def get_context_data(self, *, row, **kwargs):
        crumbs = [
            {"label": _("Action-plan templates"), "url": reverse(self.index_url_name)},
            {"label": str(row), "url": self.back},
            {"label": _("Preview"), "url": ""},
        ]
        more = {"title": row.name, "breadcrumb": crumbs, "back": self.back, "is_preview": True, "may_act": False}
        return super().get_context_data(**kwargs) | more | shown(row, self.request.hub, self.request.now)
