"""Moving a whole session, for clients: whom it touches, asking them, taking that back."""

from __future__ import annotations

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from employers.api import ReasonSerializer
from hubs.api import idempotent
from hubs.errors import Refused
from opportunities.api import SessionDaySerializer, SessionViewSet
from opportunities.domain import sessions
from placements.domain import moving
from placements.models import Placement, SessionMove


class TouchedPlacementSerializer(serializers.ModelSerializer):
    state = serializers.CharField(read_only=True)

    class Meta:
        model = Placement
        fields = ("id", "school", "places", "state")
        read_only_fields = fields


class TouchedSerializer(serializers.Serializer):
    """Placements you may see whose schools would be asked; all places taken; requests without a place, whose schools
    would be told; and the `seen` to send with the move."""

    placements = TouchedPlacementSerializer(many=True)
    places = serializers.IntegerField()
    requests = serializers.IntegerField()
    seen = serializers.CharField()


class MoveSerializer(serializers.Serializer):
    """`days` are local to the session's zone. A `reason` is needed where schools have places."""

    days = SessionDaySerializer(many=True, min_length=1, max_length=sessions.MOST_DAYS)
    reason = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    seen = serializers.CharField(
        max_length=40, required=False, help_text="As `touched` gave it; refused when something changed since."
    )


class SessionMoveSerializer(serializers.ModelSerializer):
    """`state` is "asked" until every school with places has said yes."""

    class Meta:
        model = SessionMove
        fields = ("id", "session", "days", "reason", "state", "asked_at")
        read_only_fields = fields


class MovableSessionViewSet(SessionViewSet):
    """Sessions, and how they are put on other days."""

    @extend_schema(responses=TouchedSerializer)
    @action(detail=True, methods=["get"], pagination_class=None, filterset_fields=())
    def touched(self, request, pk=None):
        """Whom other days would touch. Changes nothing; for those who may change the session."""
        row = self.get_object()
        sessions.need_writer(row.opportunity, self.actor)
        found = moving.touched(row)
        visible = set(Placement.objects.visible_to(request.user).filter(session=row).values_list("pk", flat=True))
        shown = {
            "placements": [one for one in found.placements if one.pk in visible],
            "places": found.places,
            "requests": len(found.requests),
            "seen": found.mark,
        }
        return Response(TouchedSerializer(shown).data)

    @extend_schema(request=MoveSerializer, responses=SessionMoveSerializer)
    @action(detail=True, methods=["post"], serializer_class=MoveSerializer)
    @idempotent
    def move(self, request, pk=None):
        """Other days: at once where nobody has places, else asked of every school that has."""
        row, given = self.get_object(), self.given(MoveSerializer)
        days = [(day["on"], day["starts_at"], day["ends_at"]) for day in given.pop("days")]
        made = moving.move_session(row, days, **given, by=self.actor, now=request.now)
        return Response(SessionMoveSerializer(made).data)

    @extend_schema(request=ReasonSerializer, responses=SessionMoveSerializer)
    @action(detail=True, methods=["post"], serializer_class=ReasonSerializer, url_path="move/take-back")
    @idempotent
    def take_back_move(self, request, pk=None):
        """Ask no longer; the session stays on its days."""
        row, given = self.get_object(), self.given(ReasonSerializer)
        if (asked := moving.asked_of(row)) is None:
            raise Refused(_("Nobody is being asked about other days."))
        moving.take_back(asked, **given, by=self.actor, now=request.now)
        return Response(SessionMoveSerializer(asked).data)


ROUTES = {"sessions": MovableSessionViewSet}
