"""Partners' systems: where they listen, what they were told, and what they answered."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.admin.ui.tables import BooleanColumn, Column

from hubs import partners
from hubs.domain import partners as domain
from hubs.errors import Refused
from hubs.models import Message, PartnerEndpoint
from hubs.partner_calls import secret_of
from hubs.views_admin import HubForm, Verb
from hubs.viewsets import HubViewSet, StaffMenuItem

SHOWN = 100  # calls on a system's page


class EndpointForm(HubForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kinds"] = forms.MultipleChoiceField(
            label=self.fields["kinds"].label,
            choices=[(one.name, one.words) for one in partners.FAMILIES.values()],
            widget=forms.CheckboxSelectMultiple,
        )

    def clean_address(self) -> str:
        try:
            return domain.check_address(self.cleaned_data["address"])
        except Refused as refusal:
            raise forms.ValidationError(refusal.sentence, code=refusal.code) from refusal


def _replay(row: PartnerEndpoint, text: str, *, by, now) -> None:
    domain.replay(row, domain.read_since(text, row, now), by=by, now=now)


def verb(name: str, **more) -> Verb:
    return Verb(name=name, who=domain.LEADS, **more)


class PartnerViewSet(HubViewSet):
    """Leads alone: an address of a partner and the secret beside it are nobody else's."""

    model = PartnerEndpoint
    name = "partners"
    who: ClassVar[dict] = {"view": domain.LEADS, "add": domain.LEADS, "change": domain.LEADS}
    icon = "link-external"
    menu_label = _("Partner systems")
    menu_order = 60
    add_to_settings_menu = True
    form_base = EndpointForm
    ordering = ("name", "pk")
    list_display = (
        "name",
        Column("host", label=_("Where")),
        BooleanColumn("is_active", label=_("Switched on")),
    )
    search_fields = ("name",)
    detail_template = "hubs/admin/partner.html"
    inspect_view_fields = ("name", "address", "kinds", "is_active", "added_at")
    panels = (FieldPanel("name"), FieldPanel("address"), FieldPanel("kinds"))
    add_verb = staticmethod(domain.add_endpoint)
    change_verb = staticmethod(domain.change_endpoint)
    words: ClassVar[dict] = {
        "kinds": lambda row: "; ".join(str(one.words) for one in partners.FAMILIES.values() if one.name in row.kinds)
    }
    verbs = (
        verb(
            "test",
            label=_("Send a test"),
            binding=_("One call that says nothing goes there with the next round. Its answer is shown in the table."),
            run=lambda row, text, *, by, now: domain.send_test(row, by=by, now=now),
            suits=lambda row: row.is_active,
        ),
        verb(
            "replay",
            label=_("Tell again"),
            binding=_(
                "What happened since then is told once more, at most 1,000 entries of the log. Each call has the id it "
                "had before, so that the partner can drop what it has."
            ),
            run=_replay,
            asks=_("Since (for example 2026-09-15 08:00)"),
            must_ask=True,
            suits=lambda row: row.is_active,
        ),
        verb(
            "again",
            label=_("Send one call again"),
            binding=_("It goes out with the next round, under the id it had before."),
            run=lambda row, text, *, by, now: domain.send_again(row, text, by=by, now=now),
            asks=_("Number of the call"),
            must_ask=True,
            suits=lambda row: row.is_active,
        ),
        verb(
            "new-secret",
            label=_("New secret"),
            binding=_("Calls are signed with a new secret at once. The partner refuses them until it has it."),
            run=lambda row, text, *, by, now: domain.renew_secret(row, by=by, now=now),
            tone="stop",
        ),
        verb(
            "switch-off",
            label=_("Switch off"),
            binding=_("Nothing is told any more, and what still waits is not sent."),
            run=lambda row, text, *, by, now: domain.switch(row, on=False, by=by, now=now),
            suits=lambda row: row.is_active,
            tone="stop",
        ),
        verb(
            "switch-on",
            label=_("Switch on"),
            binding=_("It is told what happens from now on. What it missed can be told again afterwards."),
            run=lambda row, text, *, by, now: domain.switch(row, on=True, by=by, now=now),
            suits=lambda row: not row.is_active,
        ),
    )

    @cached_property
    def menu_item_class(self):
        return partial(StaffMenuItem, roles=domain.LEADS)

    def more_of(self, request, row: PartnerEndpoint) -> dict:
        calls = list(partners.calls_of(row).prefetch_related("history")[:SHOWN])
        for one in calls:
            one.answer = answer_of(one)
        return {"calls": calls, "secret": secret_of(row), "replayed": domain.last_replay(row), "shown": SHOWN}


def answer_of(call: Message) -> str:
    """The status it was taken with, or what the last attempt came to."""
    if call.state == Message.State.SENT:
        return call.provider_id
    tried = list(call.history.all())
    return call.problem_text or (tried[-1].detail if tried else "")
