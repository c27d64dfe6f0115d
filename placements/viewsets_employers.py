"""An employer in the back office with everything that hangs on it, and two records put together."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import Button

from employers import import_words
from employers.domain import put_away
from employers.lookalikes import like
from employers.models import Employer
from employers.viewsets import EmployerViewSet
from hubs.edges import number_or_404
from hubs.errors import CannotAct, Refused
from hubs.views_admin import HubAccess, IndexView, hub_actor, staff_only
from placements.domain.merging import check_pair, merge
from placements.domain.merging_notes import held_by, notes_of
from placements.domain.merging_things import Pair
from placements.employer_page import everything_of, log_with_merged
from placements.forms_merging import MergeForm

MOST_FOUND = 20


class EmployersIndexView(IndexView):
    """Records that were put into another are found from that one, and by their name."""

    @cached_property
    def header_more_buttons(self):
        more = super().header_more_buttons
        if not hub_actor(self.request).is_hub_staff:
            return more
        link = Button(_("Import a list"), url=reverse("employer-imports:add"), icon_name="upload", priority=20)
        return [*more, link]

    def get_base_queryset(self):
        rows = super().get_base_queryset()
        return rows if self.is_searching else rows.filter(merged_into=None)


class MergeView(HubAccess, WagtailAdminTemplateMixin, TemplateView):
    """GET without another record looks for one; with it, says what each has and what would become of it; POST does
    it, and what cannot be is said on the same page."""

    model: type | None = None
    inspect_url_name = index_url_name = ""
    template_name = "placements/admin/merge.html"
    page_title = gettext_lazy("Put two records together")
    header_icon = "crosshairs"

    def dispatch(self, request, *args, **kwargs):
        self.object = get_object_or_404(self.rows(), pk=kwargs["pk"])
        named = request.POST.get("with") or request.GET.get("with")
        self.other = get_object_or_404(self.rows(), pk=number_or_404(named)) if named else None
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, *args, **kwargs):
        staff_only(request)
        return super().get(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        staff_only(request)
        if self.other is None:
            return self.render_to_response(self.get_context_data())
        form = MergeForm(request.POST, pair=Pair(self.object, self.other))
        if not form.is_valid() or not self._put_together(form, self.other.name):
            return self.render_to_response(self.get_context_data(form=form))
        return HttpResponseRedirect(reverse(self.inspect_url_name, args=[self.object.pk]))

    def _put_together(self, form: MergeForm, name: str) -> bool:
        """Whether it was done; what was refused the page says by itself."""
        by, now = hub_actor(self.request), self.request.now
        try:
            merge(self.object, self.other, take=form.taken(), by=by, now=now)
        except CannotAct as refusal:
            raise PermissionDenied from refusal
        except Refused:
            return False
        messages.success(self.request, _("“%(name)s” was put into this record.") % {"name": name})
        return True

    def get_breadcrumbs_items(self):
        return [{"url": reverse(self.index_url_name), "label": _("Employers")},
                {"url": reverse(self.inspect_url_name, args=[self.object.pk]), "label": str(self.object)},
                {"url": "", "label": str(self.page_title)}]  # fmt: skip

    def get_context_data(self, **kwargs) -> dict[str, Any]:
        found = self._compared(kwargs.get("form")) if self.other else self._found()
        return super().get_context_data(**kwargs) | found | {"object": self.object, "other": self.other}

    def _compared(self, form: MergeForm | None) -> dict[str, Any]:
        try:
            check_pair(self.object, self.other, by=hub_actor(self.request))
        except Refused as refusal:
            return {"refusal": refusal.sentence}
        pair = Pair(self.object, self.other)
        return {"form": form or MergeForm(pair=pair), "held": held_by(pair), "notes": notes_of(pair)}

    def _found(self) -> dict[str, Any]:
        words = self.request.GET.get("q", "").strip()[:100]
        rows = self.rows().filter(merged_into=None).exclude(pk=self.object.pk).order_by("name", "pk")
        alike = [(one.firm.key, one.firm.name, import_words.why_alike(one)) for one in like(self.object)]
        return {"q": words, "alike": alike, "found": rows.search(words)[:MOST_FOUND] if words else []}


class WholeEmployerViewSet(EmployerViewSet):
    """Beside what the employer's own floor knows: plan, sessions, placements, standards, what it was asked."""

    index_view_class = EmployersIndexView
    related = ("manager", "merged_into")
    detail_template = "placements/admin/employer.html"

    def closed(self, row: Employer) -> str | None:
        return put_away(row) if row.merged_into_id else None

    def more_of(self, request, row: Employer) -> dict:
        urls = {"merge_url": reverse(self.get_url_name("merge"), args=[row.pk])}
        found = super().more_of(request, row) | everything_of(row, request.now) | urls
        return found | ({"log": log_with_merged(row)} if found["merged"] else {})

    @property
    def merge_view(self):
        return self.construct_view(MergeView)

    def get_urlpatterns(self):
        return [*super().get_urlpatterns(), path("<int:pk>/merge/", self.merge_view, name="merge")]
