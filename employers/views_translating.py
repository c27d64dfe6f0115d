"""Translating a draft in the back office, a standard at a time; of what is sealed the words are shown."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from employers import translating
from employers.forms_standards import TranslationForm
from employers.models import StandardsFramework
from hubs.errors import CannotAct, Refused
from hubs.views_admin import HubAccess, hub_actor, staff_only


class TranslateView(HubAccess, WagtailAdminTemplateMixin, FormView):
    """`?language=` and `?part=` choose; without them the first of each.

    What is translated, and when, is said by `parts_of`, `keep`, `closed_words` and `may_be_translated`: here those of
    standards frameworks."""

    template_name = "employers/admin/translate.html"
    form_class = TranslationForm
    header_icon = "globe"
    model: type | None = None
    index_url_name = ""
    inspect_url_name = ""
    closed_words = gettext_lazy(
        "The framework is sealed, or not yours to change. A new version can be translated further."
    )

    def parts_of(self) -> list[translating.Part]:
        return translating.parts(self.row, self.language)

    def keep(self, texts: dict[str, str], *, by, now) -> None:
        translating.translate(self.row, self.language, texts, by=by, now=now)

    def may_be_translated(self) -> bool:
        return self.row.state == StandardsFramework.State.DRAFT

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.row = get_object_or_404(self.rows(), pk=kwargs["pk"])
        self.languages = [one for one in settings.CONTENT_LANGUAGES if one[0] != self.row.language]
        self.language = request.GET.get("language") or self.languages[0][0]
        if self.language not in dict(self.languages):
            raise Http404

    @cached_property
    def parts(self) -> dict[str, translating.Part]:
        return {one.code: one for one in self.parts_of()}

    @cached_property
    def part(self) -> translating.Part:
        try:
            return self.parts[self.request.GET.get("part", translating.FRAME)]
        except KeyError as error:
            raise Http404 from error

    @property
    def is_open(self) -> bool:
        return self.may_be_translated() and hub_actor(self.request).is_hub_staff

    def post(self, request, *args, **kwargs):
        staff_only(request)
        return super().post(request, *args, **kwargs)

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "words": self.part.words, "language": self.language}

    def form_valid(self, form):
        try:
            self.keep(form.changed(), by=hub_actor(self.request), now=self.request.now)
        except CannotAct as refusal:
            raise PermissionDenied from refusal
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            return self.form_invalid(form)
        messages.success(self.request, _("Saved."))
        codes = list(self.parts)
        following = codes[min(codes.index(self.part.code) + 1, len(codes) - 1)]
        return HttpResponseRedirect(f"{self.request.path}?language={self.language}&part={following}")

    def get_page_title(self):
        return _("Translations")

    def get_page_subtitle(self):
        return str(self.row)

    def get_breadcrumbs_items(self):
        here = reverse(self.inspect_url_name, args=[self.row.pk])
        label = str(type(self.row)._meta.verbose_name_plural).capitalize()
        index = {"url": reverse(self.index_url_name), "label": label}
        return [index, {"url": here, "label": str(self.row)}, {"url": "", "label": _("Translations")}]

    def get_context_data(self, **kwargs):
        more = {
            "row": self.row,
            "languages": self.languages,
            "language": self.language,
            "parts": list(self.parts.values()),
            "part": self.part,
            "is_open": self.is_open,
            "closed_words": self.closed_words,
        }
        return super().get_context_data(**kwargs) | more
