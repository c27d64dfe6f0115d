"""Volunteers in the back office: who has prepared, whose preparation lapses, who has still to do it."""

from __future__ import annotations

from typing import Any

import django_filters
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.ui.tables import BooleanColumn, Column, TitleColumn
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import Button

from cms import preparing
from employers.models import Preparation, Volunteer
from employers.preparing import STATES, required, with_preparation
from hubs.columns import WhenColumn
from hubs.errors import CannotAct, Refused
from hubs.models import Role
from hubs.views_admin import READ_ONLY, HubAccess, HubFilterSet, IndexView, Verb, hub_actor, staff_only
from hubs.viewsets import HubViewSet


class VolunteerFilterSet(HubFilterSet):
    preparation = django_filters.ChoiceFilter(
        label=gettext_lazy("Preparation"), choices=STATES, empty_label=gettext_lazy("Any")
    )

    class Meta:
        model = Volunteer
        fields = ["preparation", "employer"]


class VolunteersIndexView(IndexView):
    @cached_property
    def header_more_buttons(self):
        link = Button(_("What is asked"), url=reverse("volunteers:asked"), icon_name="clipboard-list", priority=20)
        return [*super().header_more_buttons, link]


class AskedView(HubAccess, WagtailAdminTemplateMixin, TemplateView):
    """What volunteers are asked to go through, and which rules ask for it. POST adds the starter module as a draft, or
    a rule."""

    template_name = "cms/admin/preparation_asked.html"
    page_title = gettext_lazy("What is asked of volunteers")
    header_icon = "clipboard-list"

    def post(self, request, *args, **kwargs):
        staff_only(request)
        how = {"by": hub_actor(request), "now": request.now}
        try:
            where, said = self._done(request, how)
        except CannotAct as refusal:
            raise PermissionDenied from refusal
        except Refused as refusal:
            messages.error(request, refusal.sentence)
            return HttpResponseRedirect(reverse("volunteers:asked"))
        messages.success(request, said)
        return HttpResponseRedirect(where)

    def _done(self, request, how: dict[str, Any]) -> tuple[str, str]:
        if "rule" in request.POST:
            preparing.ask_before_contact(request.hub, **how)
            return reverse("volunteers:asked"), _("From today on it is asked for, before the start.")
        if "starter" not in request.POST:
            raise Refused(_("Choose what to add: press one of the buttons."))
        page = preparing.add_starter_module(request.hub, **how)
        return reverse("wagtailadmin_pages:edit", args=[page.pk]), _("A draft. Read it, change it, publish it.")

    def get_breadcrumbs_items(self):
        return [{"url": reverse("volunteers:index"), "label": _("Volunteers")},
                {"url": "", "label": str(self.page_title)}]  # fmt: skip

    def get_context_data(self, **kwargs) -> dict[str, Any]:
        hub, role = self.request.hub, hub_actor(self.request).hat
        return super().get_context_data(**kwargs) | {
            "modules": preparing.every_module(hub),
            "rules": preparing.rules(hub, hub.today(self.request.now)),
            "may_add": hub_actor(self.request).is_hub_staff,
            "may_rule": role in (Role.HUB_LEAD, "superuser"),
        }


class VolunteerViewSet(HubViewSet):
    """The volunteers are the employers': act for one to add to them. No list leaves here as a file: it is of people."""

    model = Volunteer
    name = "volunteers"
    who = READ_ONLY
    icon = "group"
    menu_label = gettext_lazy("Volunteers")
    menu_order = 26
    add_to_admin_menu = True
    index_view_class = VolunteersIndexView
    related = ("employer",)
    ordering = ("employer__name", "name", "pk")
    list_display = (
        TitleColumn("name", label=gettext_lazy("Name"), url_name="volunteers:inspect", sort_key="name"),
        Column("employer", label=gettext_lazy("Employer"), sort_key="employer__name"),
        Column(
            "preparation", label=gettext_lazy("Preparation"), accessor=lambda row: dict(STATES)[row.preparation],
            sort_key="preparation",
        ),
        WhenColumn("holds_until", label=gettext_lazy("Holds until"), sort_key="holds_until"),
        BooleanColumn("has_address", label=gettext_lazy("Has an address"), accessor=lambda row: bool(row.email)),
    )  # fmt: skip
    filterset_class = VolunteerFilterSet
    search_fields = ("name", "employer__name")
    verbs = (
        Verb(
            "send", gettext_lazy("Send the preparation"),
            gettext_lazy("The volunteer gets a link by e-mail, in their employer's language. No account is needed."),
            run=lambda row, text, **how: preparing.ask(row, **how), suits=lambda row: row.is_active,
        ),
    )  # fmt: skip
    detail_template = "cms/admin/volunteer.html"
    inspect_view_fields = ("name", "employer", "job_title", "email", "prepared_on", "prepared_until", "is_active")

    def rows(self, request):
        rows = with_preparation(super().rows(request), required(request.hub), request.hub.today(request.now))
        return rows.filter(is_active=True, employer__is_active=True)

    def more_of(self, request, row: Volunteer) -> dict:
        done = {one.page_id: one for one in Preparation.objects.filter(volunteer=row)}
        return {"modules": [(page, done.get(page.pk)) for page in preparing.modules(request.hub)]}

    @property
    def asked_view(self):
        return self.construct_view(AskedView)

    def get_urlpatterns(self):
        return [*super().get_urlpatterns(), path("asked/", self.asked_view, name="asked")]
