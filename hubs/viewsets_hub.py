"""The hub's own rows in the back office: its settings, rules, messages and log."""

from __future__ import annotations

from typing import ClassVar

import django_filters
from django.conf import settings
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.panels import ObjectList
from wagtail.admin.ui.components import MediaContainer
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views import generic

from hubs import watching
from hubs.columns import WhenColumn
from hubs.domain.messages import resend, settle
from hubs.domain.settings import change_hub
from hubs.forms_hub import PANELS, HubSettingsForm
from hubs.models import HUB_ROLES, Hub, LogEntry, Message, Role
from hubs.models.log import name_subjects
from hubs.outbox import KINDS, kind_words
from hubs.views_admin import READ_ONLY, HubAccess, HubFilterSet, IndexView, Keeps, Verb
from hubs.viewsets import HubPages, HubViewSet

LEAD_ONLY = {"view": HUB_ROLES, "change": frozenset({Role.HUB_LEAD})}


def _language(code: str) -> str:
    """Its name for people; the bare code of a language no longer offered."""
    return str(dict(settings.CONTENT_LANGUAGES).get(code, code))


class LogFilterSet(HubFilterSet):
    at = django_filters.DateFromToRangeFilter(label=_("When"))

    class Meta:
        model = LogEntry
        fields = ["at", "via", "verb"]


class LogIndexView(IndexView):
    def get_table(self, object_list):
        name_subjects(object_list)
        return super().get_table(object_list)


class LogViewSet(HubViewSet):
    """Read only: the database refuses changes to what an entry says."""

    model = LogEntry
    index_view_class = LogIndexView
    name = "log"
    who = READ_ONLY
    related = ("by", "on_behalf_of")
    icon = "history"
    menu_label = _("Log")
    menu_order = 110
    add_to_admin_menu = True
    ordering = ("-at", "-pk")
    list_display = (
        WhenColumn("at", label=_("When"), sort_key="at"),
        TitleColumn("verb", label=_("What"), accessor="verb_words", url_name="log:inspect"),
        Column("subject", label=_("About"), accessor="about"),
        Column("by", label=_("Who"), accessor=lambda e: e.by or e.hat_words),
        Column("on_behalf_of", label=_("On behalf of"), accessor=lambda e: e.on_behalf_of or ""),
        Column("reason", label=_("Why"), accessor="why"),
    )
    filterset_class = LogFilterSet
    search_fields = ("reason", "verb")
    words: ClassVar[dict] = {
        "verb": lambda entry: entry.verb_words,
        "hat": lambda entry: entry.hat_words,
        "from_state": lambda entry: entry.from_words,
        "to_state": lambda entry: entry.to_words,
        "subject_type": lambda entry: entry.about,
        "reason": lambda entry: entry.why,
    }

    def named(self, row: LogEntry) -> str:
        name_subjects([row])
        return f"{capfirst(row.verb_words)}: {row.about}"

    inspect_view_fields = (
        "at", "by", "hat", "on_behalf_of", "via", "verb", "subject_type", "subject_id", "from_state", "to_state",
        "reason", "facts",
    )  # fmt: skip


class MessageFilterSet(HubFilterSet):
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), choices=lambda: sorted(((name, kind_words(name)) for name in KINDS), key=lambda one: one[1])
    )

    class Meta:
        model = Message
        fields = ["state", "problem", "kind", "channel"]


class MessageViewSet(HubViewSet):
    """Is everything being sent? Addresses are shown; what a mail said is made from its subject."""

    model = Message
    name = "messages"
    who = READ_ONLY
    related = ("organisation",)
    icon = "mail"
    menu_label = _("Messages")
    menu_order = 100
    add_to_admin_menu = True
    ordering = ("-due_at", "-pk")
    list_display = (
        TitleColumn(
            "kind",
            label=_("About"),
            accessor=lambda message: capfirst(kind_words(message.kind)),
            url_name="messages:inspect",
            sort_key="kind",
        ),
        Column("address", label=_("To"), sort_key="address"),
        Column("organisation", label=_("Of"), accessor=lambda m: m.organisation or ""),
        Column("state", label=_("State"), accessor="get_state_display", sort_key="state"),
        WhenColumn("due_at", label=_("Due"), sort_key="due_at"),
        WhenColumn("sent_at", label=_("Sent"), sort_key="sent_at"),
        Column("attempts", label=_("Attempts"), sort_key="attempts"),
    )
    filterset_class = MessageFilterSet
    search_fields = ("address", "kind")
    detail_template = "hubs/admin/message_attempts.html"
    verbs = (
        Verb(
            name="resend",
            label=_("Correct the address and send again"),
            binding=_(
                "It goes out with the next round. What else waits for the old address goes to the new one when it is "
                "due. An employer's contact is corrected as well; the address of an account only its owner changes, so "
                "tell them."
            ),
            run=lambda row, text, *, by, now: resend(row, text, by=by, now=now),
            to="due",
            asks=_("Address"),
            must_ask=True,
            fill=lambda row: row.address,
            suits=lambda row: row.channel != Message.Channel.WEBHOOK,
        ),
        Verb(
            name="settle",
            label=_("Nothing to do"),
            binding=_("It leaves the desk. Nothing is sent."),
            run=lambda row, text, *, by, now: settle(row, by=by, now=now),
            when=("failed", "sent"),
        ),
    )
    inspect_view_fields = (
        "kind", "state", "problem", "problem_text", "name", "address", "language", "channel", "organisation", "due_at",
        "not_after", "sent_at", "attempts", "created_at",
    )  # fmt: skip

    words: ClassVar[dict] = {
        "kind": lambda message: kind_words(message.kind),
        "language": lambda message: _language(message.language),
    }

    def named(self, row: Message) -> str:
        return f"{capfirst(kind_words(row.kind))} → {row.address}"

    def more_of(self, request, row: Message) -> dict:
        return {"attempts": row.history.all()}


class HubSettingsView(HubAccess, Keeps, generic.EditView):
    """The hub's face, and the year, clock and country it works by; hostnames are the install's business."""

    model = Hub
    who = LEAD_ONLY
    keep = staticmethod(change_hub)
    page_title = _("Hub settings")
    index_url_name = "hub-settings:edit"
    edit_url_name = "hub-settings:edit"
    inspect_url_name = None
    header_icon = "cog"
    success_message = _("Saved. Pages and mails use it from now on.")

    def get_object(self, queryset=None):
        return Hub.objects.get(pk=self.request.hub.pk)

    def get_edit_url(self):
        return reverse(self.edit_url_name)

    get_success_url = get_edit_url

    def get_side_panels(self):
        return MediaContainer([])

    def get_breadcrumbs_items(self):
        return [{"url": "", "label": str(self.page_title)}]

    @cached_property
    def can_delete(self) -> bool:
        return False


class SendingView(HubAccess, generic.WagtailAdminTemplateMixin, TemplateView):
    """Is everything being sent: what is stuck or silent first, then every kind, then the jobs."""

    template_name = "hubs/admin/sending.html"
    header_icon = "mail"
    page_title = _("Is everything being sent?")

    def get_breadcrumbs_items(self):
        return [{"url": "", "label": str(self.page_title)}]

    def get_context_data(self, **kwargs):
        hub, now = self.request.hub, self.request.now
        kinds = watching.kinds_today(hub, now)
        more = {
            "kinds": kinds,
            "alarms": [one for one in kinds if one.stuck or one.silent],
            "jobs": watching.jobs(now),
            "desk": Message.objects.of_hub(hub).on_desk().count(),
            "now": now,
        }
        return super().get_context_data(**kwargs) | more


class Sending(HubPages):
    name = "sending"
    icon = "mail"
    menu_label = _("Sending")
    menu_order = 101
    add_to_admin_menu = True

    def get_urlpatterns(self):
        return [path("", SendingView.as_view(), name="index")]


class HubSettings(HubPages):
    name = "hub-settings"
    url_prefix = "hub"
    icon = "cog"
    menu_label = _("Hub")
    menu_name = "hub"
    menu_order = 10
    add_to_settings_menu = True

    def get_urlpatterns(self):
        panel = ObjectList(PANELS, base_form_class=HubSettingsForm).bind_to_model(Hub)
        view = HubSettingsView.as_view(panel=panel, form_class=panel.get_form_class())
        return [path("", view, name="edit")]
