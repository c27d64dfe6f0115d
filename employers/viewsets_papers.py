"""Employers' documents in the back office: looked at, held, refused with a reason."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn

from employers import paperwork
from employers.files import scanner_is_set
from employers.models import Document
from hubs.columns import WhenColumn
from hubs.filters import NameFilter
from hubs.views_admin import READ_ONLY, HubFilterSet, Verb
from hubs.viewsets import HubViewSet


class PaperFilterSet(HubFilterSet):
    employer = NameFilter(label=_("Employer"))

    class Meta:
        model = Document
        fields = ["state", "kind"]


class PaperViewSet(HubViewSet):
    """The papers are the employers': act for one to add to them."""

    model = Document
    name = "papers"
    who = READ_ONLY
    icon = "doc-full"
    menu_label = _("Employers' papers")
    menu_order = 25
    add_to_admin_menu = True
    related = ("employer", "site", "added_by")
    ordering = ("-added_at", "-pk")
    list_display = (
        TitleColumn(
            "kind", label=_("Document"), accessor="get_kind_display", url_name="papers:inspect", sort_key="kind"
        ),
        Column("employer", label=_("Employer"), sort_key="employer__name"),
        Column("state", label=_("State"), accessor="get_state_display", sort_key="state"),
        DateColumn("expires_on", label=_("Valid until"), sort_key="expires_on"),
        WhenColumn("added_at", label=_("Added"), sort_key="added_at"),
    )
    filterset_class = PaperFilterSet
    search_fields = ("employer__name", "reference", "shown_name")
    verbs = (
        Verb(
            "hold", _("Accept"), to="held",
            run=lambda row, text, **how: paperwork.hold_document(row, **how),
            binding=_("It counts from now on, for every placement of this employer, until it runs out."),
        ),
        Verb(
            "refuse", _("Refuse"), to="refused", asks=_("What is wrong with it"), must_ask=True, tone="stop",
            run=paperwork.refuse_document,
            binding=_("It does not count. The employer is told and reads your words."),
        ),
        Verb(
            "withdraw", _("Withdraw"), to="withdrawn", tone="stop",
            run=lambda row, text, **how: paperwork.withdraw_document(row, **how),
            binding=_("It no longer counts. What it settled before stays settled."),
        ),
    )  # fmt: skip
    detail_template = "employers/admin/paper.html"
    inspect_view_fields = (
        "kind", "employer", "site", "state", "reference", "shown_name", "issued_on", "expires_on", "added_by",
        "added_at", "scanned_at",
    )  # fmt: skip

    def more_of(self, request, row: Document) -> dict:
        return {"scanner": scanner_is_set()}
