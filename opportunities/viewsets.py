"""Encounter types, limits and the moderation of opportunities in the back office."""

from typing import ClassVar

from django.forms import CheckboxSelectMultiple, MultipleChoiceField
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.admin.ui.tables import BooleanColumn, Column, TitleColumn

from hubs.columns import WhenColumn
from hubs.views_admin import READ_ONLY, HubFilterSet, HubForm, Verb
from hubs.viewsets import HubViewSet
from opportunities import skills
from opportunities.domain import caps, offers
from opportunities.models import FLAGS, Cap, EncounterType, Opportunity
from opportunities.rules import gaps


class EncounterTypeFilterSet(HubFilterSet):
    class Meta:
        model = EncounterType
        fields = ["stage", "tier", "is_active"]


class EncounterTypeForm(HubForm):
    required_flags = MultipleChoiceField(
        label=_("What makes it meaningful"), choices=list(FLAGS.items()), widget=CheckboxSelectMultiple
    )


class EncounterTypeViewSet(HubViewSet):
    model = EncounterType
    name = "encounter-types"
    icon = "list-ol"
    menu_label = _("Encounter types")
    menu_order = 30
    add_to_settings_menu = True
    form_base = EncounterTypeForm
    ordering = ("stage", "name")
    list_display = (
        "name",
        Column("stage", label=_("Stage"), accessor="get_stage_display", sort_key="stage"),
        Column("hours", label=_("Hours"), sort_key="hours"),
        Column("tier", label=_("Tier"), accessor="get_tier_display", sort_key="tier"),
        BooleanColumn("is_active", label=_("In use"), sort_key="is_active"),
    )
    filterset_class = EncounterTypeFilterSet
    search_fields = ("name", "code", "about")
    panels = (
        FieldPanel("name"),
        FieldPanel("code"),
        FieldPanel("about"),
        FieldRowPanel([FieldPanel("stage"), FieldPanel("tier")]),
        FieldRowPanel([FieldPanel("hours"), FieldPanel("is_workplace")]),
        FieldRowPanel([FieldPanel("min_age"), FieldPanel("max_age")]),
        FieldRowPanel([FieldPanel("group_min"), FieldPanel("group_max")]),
        FieldRowPanel([FieldPanel("school_lead_weeks"), FieldPanel("employer_lead_weeks")]),
        FieldPanel("outcomes"),
        FieldPanel("required_flags"),
        FieldPanel("is_active"),
    )
    inspect_view_fields = (
        "name", "code", "about", "stage", "tier", "hours", "min_age", "max_age", "group_min", "group_max",
        "school_lead_weeks", "employer_lead_weeks", "outcomes", "required_flags", "is_workplace", "is_active",
    )  # fmt: skip


class OpportunityFilterSet(HubFilterSet):
    class Meta:
        model = Opportunity
        fields = ["state", "encounter_type", "is_online"]


class OpportunityViewSet(HubViewSet):
    """The moderation queue. Words and dates are the employer's: act for it to change them."""

    model = Opportunity
    name = "opportunities"
    who = READ_ONLY
    icon = "calendar-alt"
    menu_label = _("Opportunities")
    menu_order = 40
    add_to_admin_menu = True
    related = ("employer", "encounter_type", "site")
    ordering = ("-created_at", "-pk")
    list_display = (
        "title",
        Column("employer", label=_("Employer"), sort_key="employer__name"),
        Column("encounter_type", label=_("Type"), sort_key="encounter_type__name"),
        Column("state", label=_("State"), accessor="get_state_display", sort_key="state"),
        WhenColumn("submitted_at", label=_("Sent to the hub"), sort_key="submitted_at"),
    )
    filterset_class = OpportunityFilterSet
    search_fields = ("title", "employer__name", "summary")
    verbs = (
        Verb(
            "approve", _("Approve"), to="published", when=("submitted",),
            run=lambda row, text, **how: offers.approve(row, **how), mark=offers.as_sent,
            binding=_("It is published at once: schools see it and can ask for places. The employer is told."),
        ),
        Verb(
            "send-back", _("Send back"), to="draft",
            run=offers.send_back, asks=_("What to change"), must_ask=True,
            binding=_("It becomes a draft again. The employer is told and reads your words above it."),
        ),
        Verb(
            "resume", _("Open again"), to="published", when=("paused",),
            run=lambda row, text, **how: offers.resume(row, **how),
            binding=_("Schools see it again and can ask for places."),
        ),
        Verb(
            "pause", _("Pause"), to="paused",
            run=lambda row, text, **how: offers.pause(row, **how),
            binding=_("Schools cannot ask for places while it is paused. What is agreed already stands."),
        ),
        Verb(
            "withdraw", _("Withdraw"), to="withdrawn",
            run=offers.withdraw, asks=_("Why"), must_ask=True, tone="stop",
            binding=_("It is taken off for good. What is agreed already stands until it is called off."),
        ),
    )  # fmt: skip
    detail_template = "opportunities/admin/opportunity.html"
    words: ClassVar[dict] = {"skills": lambda row: ", ".join(skills.words(row.skills))}
    inspect_view_fields = (
        "title", "employer", "encounter_type", "state", "site", "is_online", "summary", "description", "outcomes",
        "min_age", "max_age", "sectors", "skills", "conditions", "access", "clothing", "food", "costs_covered",
        "supervisor", "first_schools", "priority_from", "all_from", "comment", "submitted_at", "published_at",
        "paused_until", "confirmed_at",
    )  # fmt: skip

    def more_of(self, request, row: Opportunity) -> dict:
        sessions = row.sessions.prefetch_related("days").order_by("starts_at", "pk")
        open_gaps = gaps(row, request.now) if row.state in ("draft", "submitted") else []
        return {"sessions": sessions, "gaps": open_gaps}


class CapFilterSet(HubFilterSet):
    class Meta:
        model = Cap
        fields = ["per", "is_active"]


class CapViewSet(HubViewSet):
    """Limits across sessions, kept by the same service as places."""

    model = Cap
    name = "caps"
    icon = "lock"
    menu_label = _("Limits")
    menu_order = 35
    add_to_settings_menu = True
    add_verb = staticmethod(caps.set_cap)
    change_verb = staticmethod(caps.change_cap)
    related = ("employer", "site__employer")
    ordering = ("employer__name", "pk")
    list_display = (
        Column("employer", label=_("Employer"), sort_key="employer__name"),
        TitleColumn("per", label=_("Per"), accessor="get_per_display", url_name="caps:inspect", sort_key="per"),
        Column("site", label=_("Site"), accessor=lambda row: row.site or ""),
        Column("most", label=_("Most places"), sort_key="most"),
        BooleanColumn("is_active", label=_("In force"), sort_key="is_active"),
    )
    filterset_class = CapFilterSet
    search_fields = ("employer__name",)
    panels = (
        FieldPanel("employer"),
        FieldRowPanel([FieldPanel("per"), FieldPanel("site")]),
        FieldRowPanel([FieldPanel("most"), FieldPanel("is_active")]),
    )
    inspect_view_fields = ("employer", "per", "site", "most", "is_active")
