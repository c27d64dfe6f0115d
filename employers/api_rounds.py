"""Rounds and badges of the standards for clients: the verbs of the pages."""

from __future__ import annotations

from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from employers import badges, rounds
from employers.api import ActingEmployer
from employers.models import AssessmentRound, Badge, Employer, RoundPlace, Sector, SelfAssessment, StandardsFramework
from hubs.api import Rows, ScopedKey, idempotent


class RoundSerializer(serializers.ModelSerializer):
    """Dates are local days of the hub; no sizes and no sectors: everybody is asked. `report` is the hub's alone."""

    framework = ScopedKey(StandardsFramework)
    sizes = serializers.ListField(child=serializers.ChoiceField(choices=Employer.Size.choices), required=False)
    sectors = serializers.PrimaryKeyRelatedField(many=True, queryset=Sector.objects.all(), required=False)

    class Meta:
        model = AssessmentRound
        fields = (
            "id", "framework", "name", "opens_on", "closes_on", "sizes", "sectors", "state", "opened_at", "closed_at",
            "report",
        )  # fmt: skip
        read_only_fields = ("state", "opened_at", "closed_at", "report")
        withheld = ("report",)
        validators = ()  # the domain says which name is taken, of the hub that is not among the fields

    def to_representation(self, instance: AssessmentRound) -> dict:
        shown = super().to_representation(instance)
        user = self.context["request"].user
        if not user.is_superuser and instance.hub_id not in user.tenancies().staffed_hubs:
            for name in self.Meta.withheld:
                shown.pop(name)
        return shown


class AskedSerializer(serializers.Serializer):
    """A round an employer was asked in. `assessment` is the newest of it that counts for the round, begun or sent;
    `answered` whether one was sent in."""

    round = RoundSerializer()
    answered = serializers.BooleanField()
    assessment = serializers.IntegerField(allow_null=True)


class RoundViewSet(ActingEmployer):
    """The hub's rounds for its people; for an employer those it was asked in."""

    model = AssessmentRound
    queryset = AssessmentRound.objects.none()
    serializer_class = RoundSerializer

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        user, hub = self.request.user, self.request.hub
        asked = RoundPlace.objects.visible_to(user).filter(hub=hub).exclude(round__state="planned").values("round")
        seen = Q(pk__in=AssessmentRound.objects.visible_to(user).values("pk")) | Q(pk__in=asked)
        rows = AssessmentRound.objects.filter(seen, hub=hub).select_related("hub", "framework")
        return rows.prefetch_related("sectors").order_by("-opens_on", "-pk")

    @extend_schema(responses=AskedSerializer(many=True))
    @action(detail=False, methods=["get"], pagination_class=None)
    def mine(self, request):
        """Those the employer you act for was asked in, the newest first, and whether it has answered."""
        found = rounds.asked_of(self.employer())
        return Response(AskedSerializer(found, many=True, context=self.get_serializer_context()).data)

    @idempotent
    def create(self, request):
        """Plan a round that opens by itself on its day (hub staff)."""
        row = rounds.plan_round(request.hub, self.given(RoundSerializer), by=self.actor, now=request.now)
        return self.shown(row, RoundSerializer, status.HTTP_201_CREATED)

    def partial_update(self, request, pk=None):
        """While planned everything; once open its name and its last day."""
        row = self.get_object()
        given = self.given(RoundSerializer, row, partial=True)
        rounds.change_round(row, given, by=self.actor, now=request.now)
        return self.shown(row, RoundSerializer)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def open(self, request, pk=None):
        """Now, before its day: everybody it is for is invited."""
        row = self.get_object()
        rounds.open_round(row, by=self.actor, now=request.now)
        return self.shown(row, RoundSerializer)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def close(self, request, pk=None):
        """Now, before its last day: what the hub has confirmed becomes final, and the report is made."""
        row = self.get_object()
        rounds.close_round(row, by=self.actor, now=request.now)
        return self.shown(row, RoundSerializer)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"], url_path="call-off")
    def call_off(self, request, pk=None):
        """A planned one never opens."""
        row = self.get_object()
        rounds.call_off(row, by=self.actor, now=request.now)
        return self.shown(row, RoundSerializer)


class BadgeSerializer(serializers.ModelSerializer):
    """`credential` is the Open Badge as it was signed; `address` the page anybody may open."""

    address = serializers.SerializerMethodField()
    standing = serializers.SerializerMethodField()

    class Meta:
        model = Badge
        fields = (
            "id", "uid", "employer", "assessment", "state", "standing", "address", "issued_at", "valid_until",
            "withdrawn_at", "credential",
        )  # fmt: skip
        read_only_fields = fields

    def get_address(self, row: Badge) -> str:
        return badges.address_of(row)

    def get_standing(self, row: Badge) -> str:
        """One of "valid", "withdrawn", "replaced" (the answers were corrected since), "expired"."""
        return badges.standing_of(row, self.context["request"].now)


class NewBadgeSerializer(serializers.Serializer):
    assessment = ScopedKey(SelfAssessment)


class BadgeViewSet(Rows):
    """What an employer shows in public of its self-assessments. No score stands in it."""

    model = Badge
    queryset = Badge.objects.none()
    serializer_class = BadgeSerializer

    def get_queryset(self):
        return badges.with_standing(super().get_queryset()).select_related("hub").order_by("-issued_at", "-pk")

    @extend_schema(request=NewBadgeSerializer, responses={201: BadgeSerializer})
    @idempotent
    def create(self, request):
        """Show a confirmed self-assessment in public (leads of the employer). The badge before it is taken back."""
        row = badges.issue(self.given(NewBadgeSerializer)["assessment"], by=self.actor, now=request.now)
        return self.shown(row, BadgeSerializer, status.HTTP_201_CREATED)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def withdraw(self, request, pk=None):
        """Take it back: its page names nobody any more."""
        row = self.get_object()
        badges.withdraw(row, by=self.actor, now=request.now)
        return self.shown(row, BadgeSerializer)


ROUTES = {"assessment-rounds": RoundViewSet, "badges": BadgeViewSet}
