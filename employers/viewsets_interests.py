"""Offers to take part, on the hub's desk."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column

from employers import interests
from employers.models import Interest
from hubs.columns import WhenColumn
from hubs.views_admin import READ_ONLY, HubFilterSet, Verb
from hubs.viewsets import HubViewSet


class InterestFilterSet(HubFilterSet):
    class Meta:
        model = Interest
        fields = ["state", "size"]


class InterestViewSet(HubViewSet):
    model = Interest
    name = "interests"
    who = READ_ONLY
    icon = "mail"
    menu_label = _("Offers to take part")
    menu_order = 22
    add_to_admin_menu = True
    related = ("employer",)
    ordering = ("-written_at", "-pk")
    list_display = (
        "name",
        Column("town", label=_("Town"), sort_key="town"),
        Column("size", label=_("Size"), accessor="get_size_display", sort_key="size"),
        Column("state", label=_("State"), accessor="get_state_display", sort_key="state"),
        WhenColumn("written_at", label=_("Written"), sort_key="written_at"),
    )
    filterset_class = InterestFilterSet
    search_fields = ("name", "person", "email", "town")
    verbs = (
        Verb(
            "take-up", _("Take up"), to="taken_up",
            run=lambda row, text, **how: interests.take_up(row, **how),
            binding=_("The employer is added with this person as its contact, and the person is invited by e-mail."),
        ),
        Verb(
            "set-aside", _("Set aside"), to="set_aside", asks=_("Why"), must_ask=True,
            run=interests.set_aside,
            binding=_("Nobody is told. It stays here and can be looked at again."),
        ),
        Verb(
            "reopen", _("Look at it again"), to="open",
            run=lambda row, text, **how: interests.reopen(row, **how),
            binding=_("It waits on the desk again."),
        ),
    )  # fmt: skip
    detail_template = "employers/admin/interest.html"
    inspect_view_fields = (
        "name", "person", "email", "phone", "town", "size", "words", "state", "employer", "written_at",
    )  # fmt: skip

    def more_of(self, request, row: Interest) -> dict:
        return {"alike": interests.alike(row) if row.state == "open" else []}
