"""Changes of what was agreed, for clients: asking, agreeing, saying no or taking back."""

from __future__ import annotations

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from employers.api import ReasonSerializer
from hubs.api import Rows, ScopedKey, idempotent
from opportunities.models import Session
from placements.domain import amending
from placements.models import Amendment, Placement


class AmendmentSerializer(serializers.ModelSerializer):
    """`changes` says for "session", "days" or "supervisor" what it is and what it would be; `asks` who has still to
    agree ("school", "employer"). One with a `session_move` is part of moving a whole session. `reason` is why it was
    asked for, `refusal` why somebody said no or took it back ("" while nobody did)."""

    state = serializers.CharField(read_only=True)
    reason = serializers.CharField(read_only=True)
    refusal = serializers.CharField(read_only=True)

    class Meta:
        model = Amendment
        fields = ("id", "placement", "session_move", "changes", "asks", "state", "reason", "refusal", "proposed_at")
        read_only_fields = fields


class NewAmendmentSerializer(serializers.Serializer):
    """Another `session` of the same opportunity, another `supervisor`, or both. The other side is told the `reason` by
    mail and on its page."""

    placement = ScopedKey(Placement)
    session = ScopedKey(Session, required=False)
    supervisor = serializers.CharField(max_length=120, required=False, allow_blank=True)
    reason = serializers.CharField(max_length=1000)


class AmendmentFilterSet(django_filters.FilterSet):
    # A plain number, not a choice: a choice would say whether another tenant's row exists.
    placement = django_filters.NumberFilter(field_name="placement_id", label="placement")

    class Meta:
        model = Amendment
        fields = ("state",)


class AmendmentViewSet(Rows):
    """Changes asked for of placements you may see."""

    model = Amendment
    queryset = Amendment.objects.none()
    serializer_class = AmendmentSerializer
    filterset_class = AmendmentFilterSet

    def get_queryset(self):
        return amending.with_reasons(super().get_queryset().select_related("placement__session", "session_move"))

    def settled(self, row: Amendment, status: int = status.HTTP_200_OK) -> Response:
        """The row as the log tells of it now."""
        return self.shown(amending.with_reasons(Amendment.objects.filter(pk=row.pk)).get(), AmendmentSerializer, status)

    @extend_schema(request=NewAmendmentSerializer)
    @idempotent
    def create(self, request):
        """Ask for a change; it holds at once (state "agreed") when it touches nobody else."""
        given = self.given(NewAmendmentSerializer)
        made = amending.propose(given.pop("placement"), **given, by=self.actor, now=request.now)
        return self.settled(made, status.HTTP_201_CREATED)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    @idempotent
    def agree(self, request, pk=None):
        """Say yes for the side you act for; the hub for everybody who is asked."""
        row = self.get_object()
        amending.agree(row, by=self.actor, now=request.now)
        return self.settled(row)

    @action(detail=True, methods=["post"], serializer_class=ReasonSerializer)
    @idempotent
    def refuse(self, request, pk=None):
        """Say no, or take back what you asked for: what was agreed stands."""
        row, given = self.get_object(), self.given(ReasonSerializer)
        amending.refuse(row, given["reason"], by=self.actor, now=request.now)
        return self.settled(row)


ROUTES = {"amendments": AmendmentViewSet}
