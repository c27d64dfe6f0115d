"""Whom the hub asks for a request, for clients: at once or in turn, who is asked now, who stands in line; and its steps
when nobody answers."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from hubs.api import ScopedKey, ScopedViewSet, idempotent
from hubs.models import HUB_ROLES, Role
from placements.api_requests import RequestViewSet
from placements.domain import asking, ladder, turns
from placements.models import Ladder, Placement, PlacementRequest

MOST_ASKED = 40


class InLineSerializer(serializers.ModelSerializer):
    """An employer that is asked (`offered`), or is `held` and waits: `turn` is its number, those of one number are
    asked together. Without a `turn` it was asked by itself, or all were asked at once."""

    state = serializers.CharField(read_only=True)
    turn = serializers.IntegerField(source="turn.rank", default=None, read_only=True, allow_null=True)
    days = serializers.IntegerField(source="turn.days", default=None, read_only=True, allow_null=True)

    class Meta:
        model = Placement
        fields = (
            "id",
            "session",
            "employer",
            "places",
            "state",
            "turn",
            "days",
            "held_until",
            "offered_at",
            "answer_by",
        )
        read_only_fields = fields


class AskSerializer(serializers.Serializer):
    """`message` is read by the employers. Without `days` (working days to answer) the hub's own count."""

    message = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")
    days = serializers.IntegerField(min_value=1, max_value=20, required=False)
    even_so = serializers.BooleanField(
        required=False, help_text="Also those that were asked as often as they want; else refused as asked_enough."
    )


class AskAtOnceSerializer(AskSerializer):
    """Held `placements` of the request."""

    placements = serializers.ListField(child=ScopedKey(Placement), min_length=1, max_length=MOST_ASKED)


class AskInTurnSerializer(AskSerializer):
    """Held placements of the request in the order in which they are asked; those of one list are asked together."""

    line = serializers.ListField(
        child=serializers.ListField(child=ScopedKey(Placement), min_length=1, max_length=MOST_ASKED),
        min_length=1,
        max_length=MOST_ASKED,
    )


class LeaveLineSerializer(serializers.Serializer):
    placement = ScopedKey(Placement)


class PutBeforeSerializer(LeaveLineSerializer):
    """`before` another placement that waits; null: as the last."""

    before = ScopedKey(Placement, allow_null=True)


class AskingRequestViewSet(RequestViewSet):
    """Requests, and whom the hub asks for them."""

    def _line(self, row: PlacementRequest) -> Response:
        found = turns.line_of(row)
        return Response(InLineSerializer(found, many=True, context=self.get_serializer_context()).data)

    def _of_hub(self) -> PlacementRequest:
        """The request; 403 for its school, which does not read who was asked before. Who only looks may not get as far
        as changing anything."""
        row = self.get_object()
        if self.actor.hat not in HUB_ROLES | {"superuser"}:
            raise PermissionDenied
        return row

    @extend_schema(responses=InLineSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def line(self, request, pk=None):
        """Who is asked now, then who waits, in the order of their turns (the hub)."""
        return self._line(self._of_hub())

    @extend_schema(responses=InLineSerializer(many=True))
    @action(detail=True, methods=["post"], serializer_class=AskAtOnceSerializer)
    @idempotent
    def ask(self, request, pk=None):
        """Ask the employers of held places at once, all of them or none; the first yes counts (hub staff)."""
        row, given = self._of_hub(), self.given(AskAtOnceSerializer)
        asked = _of_it(row, given.pop("placements"))
        asking.offer_all(asked, given.pop("message"), **given, by=self.actor, now=request.now)
        return self._line(row)

    @extend_schema(responses=InLineSerializer(many=True))
    @action(detail=True, methods=["post"], url_path="ask-in-turn", serializer_class=AskInTurnSerializer)
    @idempotent
    def ask_in_turn(self, request, pk=None):
        """Ask them one after the other: the next when the one before says no or is late. A line made before is
        replaced (hub staff)."""
        row, given = self._of_hub(), self.given(AskInTurnSerializer)
        line = given.pop("line")
        _of_it(row, [one for group in line for one in group])
        ranked = [(rank, one) for rank, group in enumerate(line, 1) for one in group]
        turns.ask_in_turn(ranked, given.pop("message"), **given, by=self.actor, now=request.now)
        return self._line(row)

    @extend_schema(responses=InLineSerializer(many=True))
    @action(detail=True, methods=["post"], url_path="put-before", serializer_class=PutBeforeSerializer)
    @idempotent
    def put_before(self, request, pk=None):
        """Let one that waits in line be asked earlier or later (hub staff)."""
        row, given = self._of_hub(), self.given(PutBeforeSerializer)
        (placement,), before = _of_it(row, [given["placement"]]), given["before"]
        turns.put_before(placement, before, by=self.actor, now=request.now)
        return self._line(row)

    @extend_schema(responses=InLineSerializer(many=True))
    @action(detail=True, methods=["post"], url_path="leave-line", serializer_class=LeaveLineSerializer)
    @idempotent
    def leave_line(self, request, pk=None):
        """Take one that waits out of the line; its places stay held until the hold ends (hub staff)."""
        row, given = self._of_hub(), self.given(LeaveLineSerializer)
        (placement,) = _of_it(row, [given["placement"]])
        turns.leave_line(placement, by=self.actor, now=request.now)
        return self._line(row)


def _of_it(row: PlacementRequest, placements: list[Placement]) -> list[Placement]:
    """Raises `ValidationError` when one is held for another request, or named twice."""
    if any(one.request_id != row.pk for one in placements) or len(set(placements)) < len(placements):
        raise serializers.ValidationError([_("Name placements of this request, each once.")])
    return placements


class LadderSerializer(serializers.ModelSerializer):
    """Working days. Reminders count from the day of asking (null: none), people of the hub from the day the answer was
    due; the leads are told in any case."""

    class Meta:
        model = Ladder
        fields = ("answer_days", "first_reminder", "second_reminder", "manager_after", "lead_after", "changed_at")
        read_only_fields = ("changed_at",)
        # The domain says in words what is out of order, whichever of them was sent.
        extra_kwargs = {name: {"validators": []} for name in fields}


class LadderViewSet(ScopedViewSet):
    """The hub's steps when an employer does not answer; for its leads."""

    model = Ladder
    queryset = Ladder.objects.none()
    serializer_class = LadderSerializer

    def _of_lead(self) -> Ladder:
        if self.actor.hat not in (Role.HUB_LEAD, "superuser"):
            raise PermissionDenied
        return ladder.ladder_of(self.request.hub)

    @action(detail=False, methods=["get"], pagination_class=None)
    def steps(self, request):
        """After how many working days what happens (leads of the hub)."""
        return self.shown(self._of_lead(), LadderSerializer)

    @steps.mapping.patch
    def change_steps(self, request):
        """Change some, for every offer that is open; 409 says what would be out of order (leads of the hub)."""
        row = self._of_lead()
        given = self.given(LadderSerializer, row, partial=True)
        ladder.change(request.hub, given, by=self.actor, now=request.now)
        return self.shown(self._of_lead(), LadderSerializer)


ROUTES = {
    "requests": AskingRequestViewSet,  # api_requests', and whom the hub asks for them
    "escalation": LadderViewSet,
}
