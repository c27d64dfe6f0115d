"""Types, templates and plans, for clients."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action

from employers.api import ActingEmployer, ReasonSerializer
from hubs.api import Rows, ScopedKey, idempotent
from opportunities.domain import plans
from opportunities.models import ActionPlan, ActionPlanTemplate, EncounterType, PlanStep, TemplateStep

# ---- Types and templates -----------------------------------------------------


class EncounterTypeSerializer(serializers.ModelSerializer):
    class Meta:
        model = EncounterType
        exclude = ("hub",)


class EncounterTypeViewSet(Rows):
    model = EncounterType
    queryset = EncounterType.objects.none()
    serializer_class = EncounterTypeSerializer


class TemplateStepSerializer(serializers.ModelSerializer):
    file = serializers.CharField(source="file.url", read_only=True, allow_null=True, default=None)

    class Meta:
        model = TemplateStep
        exclude = ("template", "sort_order")


class TemplateSerializer(serializers.ModelSerializer):
    steps = TemplateStepSerializer(many=True, read_only=True)

    class Meta:
        model = ActionPlanTemplate
        fields = ("id", "name", "version", "about", "language", "sizes", "state", "steps")


# ---- Plans -------------------------------------------------------------------


class PlanStepSerializer(serializers.ModelSerializer):
    class Meta:
        model = PlanStep
        fields = (
            "id", "plan", "title", "encounter_type", "guidance", "due_on", "places", "standard", "state", "reason",
            "done_at",
        )  # fmt: skip
        read_only_fields = ("plan", "standard", "state", "reason", "done_at")


class NewStepSerializer(serializers.ModelSerializer):
    plan = ScopedKey(ActionPlan)
    encounter_type = ScopedKey(EncounterType, required=False, allow_null=True)

    class Meta:
        model = PlanStep
        fields = ("plan", "title", "due_on", "encounter_type", "places", "guidance")


class DueSerializer(serializers.Serializer):
    due_on = serializers.DateField()


class PlanSerializer(serializers.ModelSerializer):
    steps = PlanStepSerializer(many=True, read_only=True)

    class Meta:
        model = ActionPlan
        fields = ("id", "employer", "template", "year_starts_on", "year_ends_on", "state", "adopted_at", "steps")
        read_only_fields = fields


class TemplateViewSet(ActingEmployer):
    model = ActionPlanTemplate
    queryset = ActionPlanTemplate.objects.none()
    serializer_class = TemplateSerializer

    def get_queryset(self):
        return super().get_queryset().prefetch_related("steps__file")

    @extend_schema(request=None, responses={201: PlanSerializer})
    @action(detail=True, methods=["post"])
    @idempotent
    def adopt(self, request, pk=None):
        """Make a plan of it for the employer acted for; dates follow from the academic year."""
        plan = plans.adopt(self.get_object(), self.employer(), by=self.actor, now=request.now)
        return self.shown(plan, PlanSerializer, status.HTTP_201_CREATED)


class PlanViewSet(Rows):
    model = ActionPlan
    queryset = ActionPlan.objects.none()
    serializer_class = PlanSerializer

    def get_queryset(self):
        return super().get_queryset().select_related("hub", "template").prefetch_related("steps")

    @action(detail=True, methods=["post"])
    def complete(self, request, pk=None):
        row = self.get_object()
        plans.complete_plan(row, by=self.actor, now=request.now)
        return self.shown(row, PlanSerializer)

    @action(detail=True, methods=["post"], serializer_class=ReasonSerializer)
    def abandon(self, request, pk=None):
        row, given = self.get_object(), self.given(ReasonSerializer)
        plans.abandon_plan(row, given["reason"], by=self.actor, now=request.now)
        return self.shown(row, PlanSerializer)


class PlanStepViewSet(Rows):
    model = PlanStep
    queryset = PlanStep.objects.none()
    serializer_class = PlanStepSerializer

    def get_queryset(self):
        return super().get_queryset().select_related("plan__hub", "hub")

    @extend_schema(request=NewStepSerializer)
    @idempotent
    def create(self, request):
        """Add a step of the employer's own to a plan."""
        given = self.given(NewStepSerializer)
        row = plans.add_step(given.pop("plan"), **given, by=self.actor, now=request.now)
        return self.shown(row, PlanStepSerializer, status.HTTP_201_CREATED)

    @action(detail=True, methods=["post"])
    def complete(self, request, pk=None):
        row = self.get_object()
        plans.complete_step(row, by=self.actor, now=request.now)
        return self.shown(row, PlanStepSerializer)

    @action(detail=True, methods=["post"], serializer_class=ReasonSerializer)
    def skip(self, request, pk=None):
        row, given = self.get_object(), self.given(ReasonSerializer)
        plans.skip_step(row, given["reason"], by=self.actor, now=request.now)
        return self.shown(row, PlanStepSerializer)

    @action(detail=True, methods=["post"])
    def reopen(self, request, pk=None):
        row = self.get_object()
        plans.reopen_step(row, by=self.actor, now=request.now)
        return self.shown(row, PlanStepSerializer)

    @action(detail=True, methods=["post"], serializer_class=DueSerializer)
    def move(self, request, pk=None):
        row, given = self.get_object(), self.given(DueSerializer)
        plans.move_step(row, given["due_on"], by=self.actor, now=request.now)
        return self.shown(row, PlanStepSerializer)


ROUTES = {
    "encounter-types": EncounterTypeViewSet,
    "templates": TemplateViewSet,
    "plans": PlanViewSet,
    "plan-steps": PlanStepViewSet,
}
