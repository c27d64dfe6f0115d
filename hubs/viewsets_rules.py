"""Rules in the back office: those in force here, what the hub decided about them, and rules of its own."""

from __future__ import annotations

from typing import ClassVar

from django.forms import CheckboxSelectMultiple, ChoiceField, MultipleChoiceField
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.admin.ui.tables import BooleanColumn, Column, TitleColumn

from hubs.columns import WhenColumn
from hubs.domain import requirements
from hubs.models import HUB_ROLES, HubRequirement, Requirement, Role, Tier
from hubs.views_admin import HubFilterSet, HubForm
from hubs.viewsets import HubViewSet

LEADS_DECIDE = {"view": HUB_ROLES, "add": frozenset({Role.HUB_LEAD}), "change": frozenset({Role.HUB_LEAD})}


class RequirementFilterSet(HubFilterSet):
    class Meta:
        model = Requirement
        fields = ["kind", "blocks", "responsible", "verified", "is_legal"]


class RuleForm(HubForm):
    """A new rule of the hub's own. Once it is there, only its last day changes."""

    tiers = MultipleChoiceField(label=_("For which encounters"), choices=Tier.choices, widget=CheckboxSelectMultiple)
    kind = ChoiceField(label=_("What is asked"), choices=[])
    responsible = ChoiceField(label=_("Who must act"), choices=[])

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        kinds, parties = requirements.KINDS_ADDED, requirements.PARTIES_ADDED
        self.fields["kind"].choices = [one for one in Requirement.Kind.choices if one[0] in kinds]
        self.fields["responsible"].choices = [one for one in Requirement.Party.choices if one[0] in parties]
        for name in self.fields.keys() - {"valid_to"} if self.instance.pk else ():
            self.fields[name].disabled = True


class RequirementViewSet(HubViewSet):
    """Rules of the hub's jurisdiction with their source and the days they hold, and the hub's own."""

    model = Requirement
    name = "requirements"
    who = LEADS_DECIDE
    icon = "clipboard-list"
    menu_label = _("Requirements")
    menu_order = 40
    add_to_settings_menu = True
    form_base = RuleForm
    add_verb = staticmethod(requirements.add_rule)
    change_verb = staticmethod(requirements.end_rule)
    ordering = ("jurisdiction", "code", "-valid_from")
    list_display = (
        "title",
        Column("responsible", label=_("Who must act"), accessor="get_responsible_display"),
        Column("blocks", label=_("Blocks"), accessor="get_blocks_display"),
        BooleanColumn("verified", label=_("Verified")),
        BooleanColumn("is_legal", label=_("Law")),
        WhenColumn("valid_from", label=_("In force from")),
        Column("code", label=_("Code"), sort_key="code"),
    )
    filterset_class = RequirementFilterSet
    search_fields = ("title", "code", "text")
    panels = (
        FieldPanel("title"),
        FieldPanel("text"),
        FieldPanel("tiers"),
        FieldRowPanel([FieldPanel("kind"), FieldPanel("responsible")]),
        FieldPanel("blocks"),
        FieldPanel("source"),
        FieldRowPanel([FieldPanel("valid_from"), FieldPanel("valid_to")]),
    )
    detail_template = "hubs/admin/rule.html"
    inspect_view_fields = (
        "title", "code", "jurisdiction", "text", "kind", "blocks", "responsible", "per_student", "max_age",
        "valid_days", "tiers", "verified", "is_legal", "source", "valid_from", "valid_to",
    )  # fmt: skip
    words: ClassVar[dict] = {"tiers": lambda row: "; ".join(str(Tier(tier).label) for tier in row.tiers)}

    def rows(self, request):
        return Requirement.objects.of_hub(request.hub)

    def closed(self, row: Requirement) -> str | None:
        return None if row.hub_id else _("This rule ships with the product. Decide about it instead.")

    def more_of(self, request, row: Requirement) -> dict:
        decision = HubRequirement.objects.filter(hub=request.hub, requirement=row).first()
        return {"decision": decision, "may_decide": request.user.hub_role(request.hub.pk) == Role.HUB_LEAD}


class DecisionFilterSet(HubFilterSet):
    class Meta:
        model = HubRequirement
        fields = ["blocks"]


class DecisionForm(HubForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = True
        if self.instance.pk:
            self.fields["requirement"].disabled = True


class DecisionViewSet(HubViewSet):
    """What the hub confirmed, tightened or relaxed, by whom, when and why."""

    model = HubRequirement
    name = "decisions"
    who = LEADS_DECIDE
    icon = "clipboard-list"
    menu_label = _("Decisions about rules")
    menu_order = 41
    add_to_settings_menu = True
    form_base = DecisionForm
    add_verb = staticmethod(requirements.decide)
    change_verb = staticmethod(requirements.change_decision)
    related = ("requirement", "confirmed_by")
    ordering = ("requirement__code", "pk")
    list_display = (
        TitleColumn("requirement", label=_("Rule"), url_name="decisions:inspect", sort_key="requirement__code"),
        Column("blocks", label=_("Blocks here"), accessor="get_blocks_display", sort_key="blocks"),
        Column("usual", label=_("Blocks elsewhere"), accessor=lambda row: row.requirement.get_blocks_display()),
        Column("confirmed_by", label=_("Who"), accessor=lambda row: row.confirmed_by or ""),
        WhenColumn("confirmed_at", label=_("When"), sort_key="confirmed_at"),
    )
    filterset_class = DecisionFilterSet
    search_fields = ("requirement__title", "requirement__code", "reason")
    panels = (FieldPanel("requirement"), FieldPanel("blocks"), FieldPanel("reason"))
    inspect_view_fields = ("requirement", "blocks", "reason", "confirmed_by", "confirmed_at")

    def named(self, row: HubRequirement) -> str:
        return str(row.requirement)
