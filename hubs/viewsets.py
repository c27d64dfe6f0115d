"""The one base of everything the hub's back office shows (HOUSE.md rule 2).

Wagtail's own viewsets are not tenant-safe: lists, editing, inspecting, choosers, foreign keys
and filters all start from every row of the table. Here each of them starts from the rows of
this request's hub, and the routes that leak by nature (usage, copy, bulk actions, export,
Wagtail's own history) do not exist.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from django.db import models
from django.urls import path
from django.utils.functional import cached_property
from wagtail.admin.menu import MenuItem
from wagtail.admin.panels import ObjectList
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.viewsets.model import ModelViewSet

from hubs.gate import open_to_staff
from hubs.models import HUB_ROLES, HUB_STAFF
from hubs.policy import HubPolicy
from hubs.views_admin import ActView, CreateView, DetailView, EditView, HubForm, IndexView, Verb

KEPT_BY_STAFF = {"view": HUB_ROLES, "add": HUB_STAFF, "change": HUB_STAFF}


class StaffMenuItem(MenuItem):
    """Shown to the people of this request's hub whose role is in `roles`."""

    def __init__(self, *args, roles: frozenset[str] = HUB_ROLES, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.roles = roles

    def is_shown(self, request) -> bool:
        if not request.hub:
            return False
        return request.user.is_superuser or request.user.hub_role(request.hub.pk) in self.roles


class HubViewSet(ModelViewSet):
    """A table of the hub: list and detail for all its staff, forms where `who` says so."""

    who: ClassVar[dict[str, frozenset[str]]] = KEPT_BY_STAFF
    related: ClassVar[tuple[str, ...]] = ()  # select_related: a foreign-key column is a query a row without
    prefetched: ClassVar[tuple[str, ...]] = ()
    verbs: ClassVar[tuple[Verb, ...]] = ()
    detail_template = ""
    words: ClassVar[dict[str, Callable]] = {}  # field → (row) -> what people say instead of its code
    form_base: ClassVar[type[HubForm]] = HubForm
    add_verb: ClassVar[Callable | None] = None  # (hub, fields, *, by, now) -> row
    change_verb: ClassVar[Callable | None] = None  # (row, fields, *, by, now)

    index_view_class = IndexView
    add_view_class = CreateView
    edit_view_class = EditView
    inspect_view_class = DetailView
    inspect_view_enabled = True
    copy_view_enabled = False
    add_to_reference_index = False
    search_backend_name = None
    search_fields: ClassVar[list[str]] = []
    list_per_page = 50
    list_export: ClassVar[list[str]] = []

    def rows(self, request) -> models.QuerySet:
        rows = self.model._default_manager.visible_to(request.user).filter(hub_id=request.hub.pk)
        return rows.select_related("hub", *self.related).prefetch_related(*self.prefetched)

    def more_of(self, request, row) -> dict:
        """What the detail template needs beyond the row."""
        return {}

    def named(self, row) -> str:
        """The row's name above its page."""
        return str(row)

    def closed(self, row) -> str | None:
        """Why the row cannot be edited now, in a sentence, or None."""
        return None

    @property
    def permission_policy(self):
        return HubPolicy(self.model, self.who)

    def get_edit_handler(self):
        if not hasattr(self, "panels"):
            return None
        return ObjectList(self.panels, base_form_class=self.form_base).bind_to_model(self.model)

    def get_form_class(self, for_update=False):
        return self._edit_handler.get_form_class() if self._edit_handler else HubForm

    def get_common_view_kwargs(self, **kwargs):
        return super().get_common_view_kwargs(
            who=self.who,
            rows_of=self.rows,
            more_of=self.more_of,
            closed_of=self.closed,
            name_of=self.named,
            words_of=self.words,
            verbs=self.verbs,
            detail_template=self.detail_template,
            act_url_name=self.get_url_name("act"),
            usage_url_name=None,
            history_url_name=None,
            delete_url_name=None,
            add_url_name=self.get_url_name("add") if "add" in self.who else None,
            edit_url_name=self.get_url_name("edit") if "change" in self.who else None,
            **kwargs,
        )

    def get_add_view_kwargs(self):
        return {**super().get_add_view_kwargs(), "keep": self.add_verb}

    def get_edit_view_kwargs(self):
        return {**super().get_edit_view_kwargs(), "keep": self.change_verb}

    @property
    def act_view(self):
        return self.construct_view(ActView)

    def get_urlpatterns(self):
        patterns = [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("<int:pk>/", self.inspect_view, name="inspect"),
        ]
        if "add" in self.who:
            patterns.append(path("new/", self.add_view, name="add"))
        if "change" in self.who:
            patterns.append(path("<int:pk>/edit/", self.edit_view, name="edit"))
        if self.verbs:
            patterns.append(path("<int:pk>/act/<slug:verb>/", self.act_view, name="act"))
        return patterns

    @cached_property
    def menu_item_class(self):
        return StaffMenuItem

    def get_permissions_to_register(self):
        return ()

    def register_permissions(self):
        """None: what staff may do follows from their role in the hub, not from groups."""

    def on_register(self):
        super().on_register()
        open_to_staff(self.url_namespace)


class HubPages(ViewSet):
    """A few views of the hub that are no table."""

    roles: ClassVar[frozenset[str]] = HUB_ROLES

    @cached_property
    def menu_item_class(self):
        return StaffMenuItem

    def on_register(self):
        super().on_register()
        open_to_staff(self.url_namespace)
