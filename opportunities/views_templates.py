"""Pages of the back office about templates that are no list or form."""

from __future__ import annotations

from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages

from employers.translating import Part
from employers.views_translating import TranslateView
from hubs.views_admin import EditView, HubAccess
from opportunities import translating
from opportunities.domain.templates import circle_words
from opportunities.forms_templates import TemplateTranslationForm
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
        more |= shown(row, self.request.hub, self.request.now, self.request.GET.get("language", ""))
        return super().get_context_data(**kwargs) | more | {"title": more["template"].name}


class EditDraft(EditView):
    def save_instance(self):
        with translating.following(self.form.instance):
            return super().save_instance()


class TranslateTemplateView(TranslateView):
    """Of any version that is not retired: readers get a translation once all of it is there."""

    form_class = TemplateTranslationForm
    closed_words = gettext_lazy("This version is retired, or not yours to change.")

    def parts_of(self) -> list[Part]:
        return translating.parts(self.row, self.language)

    def keep(self, texts: dict[str, str], *, by, now) -> None:
        translating.translate(self.row, self.language, texts, by=by, now=now)

    def may_be_translated(self) -> bool:
        return translating.may_translate(self.row)
