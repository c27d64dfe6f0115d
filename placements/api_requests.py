"""Requests for clients: asking, changing a draft, waiting, and what the hub does with them."""

from __future__ import annotations

import django_filters
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.response import Response

from employers.api import ReasonSerializer
from hubs.api import idempotent
from placements import shapes_requests as shapes
from placements.domain import brokering, copying, eligibility, requests, waiting
from placements.domain.wishes import sessions_of
from placements.models import PlacementRequest, WaitingPlace
from placements.shapes import PlacementSerializer, WhySerializer
from schools.api import ActingSchool

#: What of a request says whether a session of it could be had.
JUDGED = ("group", "places", "windows", "students", "max_travel")


class RequestFilterSet(django_filters.FilterSet):
    # A plain number, not a choice: a choice would say whether another tenant's row exists.
    group = django_filters.NumberFilter(field_name="group_id", label="group")

    class Meta:
        model = PlacementRequest
        fields = ("state",)


class RequestViewSet(ActingSchool):
    model = PlacementRequest
    queryset = PlacementRequest.objects.none()
    serializer_class = shapes.RequestSerializer
    filterset_class = RequestFilterSet

    def get_queryset(self):
        return (
            super()
            .get_queryset()
            .select_related("hub", "school__hub")
            .prefetch_related("wishes", "students", "windows")
        )

    @extend_schema(request=shapes.NewRequestSerializer)
    @idempotent
    def create(self, request):
        """Ask for places; 409 says why a wish could never be granted."""
        given = self.given(shapes.NewRequestSerializer)
        made = requests.request_places(self.school(), **given, by=self.actor, now=request.now)
        return self.shown(made, shapes.RequestSerializer, status.HTTP_201_CREATED)

    @extend_schema(request=shapes.NewRequestSerializer, responses=shapes.EligibilitySerializer(many=True))
    @action(detail=False, methods=["post"], pagination_class=None)
    def check(self, request):
        """Whether each session could be asked for, before anything is sent: reason, and the nearest that could."""
        given = self.given(shapes.NewRequestSerializer)
        asked = {name: given[name] for name in JUDGED if name in given} | {"wished": sessions_of(given["wished"])}
        found = eligibility.eligible(self.school(), **asked, now=request.now)
        return Response(shapes.EligibilitySerializer(found, many=True).data)

    @extend_schema(request=shapes.ForGroupsSerializer, responses={201: shapes.RequestSerializer(many=True)})
    @action(detail=False, methods=["post"], url_path="for-groups", pagination_class=None)
    @idempotent
    def for_groups(self, request):
        """Ask for the same for each of several groups, all of each: every request, or none."""
        given = self.given(shapes.ForGroupsSerializer)
        made = requests.request_for_groups(self.school(), **given, by=self.actor, now=request.now)
        shown = shapes.RequestSerializer(made, many=True, context=self.get_serializer_context())
        return Response(shown.data, status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.ChangeDraftSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def change(self, request, pk=None):
        """Put this in place of all that a draft says; 409 with the code "stale" when somebody changed it since."""
        row = self.get_object()
        given = self.given(shapes.ChangeDraftSerializer)
        given.setdefault("places", len(given.get("students", ())) or row.places)
        requests.change_draft(row, **given, by=self.actor, now=request.now)
        return self.shown(self.get_object(), shapes.RequestSerializer)

    @extend_schema(request=None, responses={201: shapes.CopiedRequestSerializer})
    @action(detail=True, methods=["post"])
    @idempotent
    def copy(self, request, pk=None):
        """A draft of the same again, with the next sessions of what was wished for; `left_out` says what it has not."""
        made = copying.copy_request(self.get_object(), by=self.actor, now=request.now)
        return self.shown(made, shapes.CopiedRequestSerializer, status.HTTP_201_CREATED)

    @action(detail=True, methods=["post"], serializer_class=WhySerializer)
    @idempotent
    def withdraw(self, request, pk=None):
        """Take it back before anything was accepted."""
        row, given = self.get_object(), self.given(WhySerializer)
        requests.withdraw_request(row, **given, by=self.actor, now=request.now)
        return self.shown(row, shapes.RequestSerializer)

    @action(detail=True, methods=["post"])
    @idempotent
    def submit(self, request, pk=None):
        """Send a refused request again."""
        row = self.get_object()
        requests.submit(row, by=self.actor, now=request.now)
        return self.shown(row, shapes.RequestSerializer)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    @idempotent
    def firm(self, request, pk=None):
        """Say that a provisional request is firm: from now on employers may be asked."""
        row = self.get_object()
        requests.make_firm(row, by=self.actor, now=request.now)
        return self.shown(row, shapes.RequestSerializer)

    @extend_schema(responses={201: PlacementSerializer})
    @action(detail=True, methods=["post"], serializer_class=shapes.HoldSerializer)
    @idempotent
    def hold(self, request, pk=None):
        """Take places for it (hub staff); answers the placement."""
        row, given = self.get_object(), self.given(shapes.HoldSerializer)
        made = brokering.hold(row, **given, by=self.actor, now=request.now)
        return self.shown(made, PlacementSerializer, status.HTTP_201_CREATED)

    @extend_schema(responses={201: shapes.WaitingSerializer})
    @action(detail=True, methods=["post"], serializer_class=shapes.JoinSerializer)
    @idempotent
    def wait(self, request, pk=None):
        """Stand in line for places of a full session; answers where in line it stands."""
        row, given = self.get_object(), self.given(shapes.JoinSerializer)
        made = waiting.join(row, **given, by=self.actor, now=request.now)
        placed = waiting.with_position(WaitingPlace.objects.filter(pk=made.pk)).get()
        return self.shown(placed, shapes.WaitingSerializer, status.HTTP_201_CREATED)

    @extend_schema(responses=shapes.RequestSerializer)
    @action(detail=True, methods=["post"], url_path="stop-waiting", serializer_class=shapes.StopWaitingSerializer)
    @idempotent
    def stop_waiting(self, request, pk=None):
        """Step out of the line of a session."""
        row, given = self.get_object(), self.given(shapes.StopWaitingSerializer)
        place = get_object_or_404(row.waiting, session=given["session"], left_at=None)
        waiting.leave(place, by=self.actor, now=request.now)
        return self.shown(row, shapes.RequestSerializer)

    @extend_schema(responses={201: PlacementSerializer(many=True)})
    @action(detail=True, methods=["post"], url_path="hold-series", serializer_class=shapes.HoldSeriesSerializer)
    @idempotent
    def hold_series(self, request, pk=None):
        """Take the same places in every one of several sessions, or in none (hub staff)."""
        row, given = self.get_object(), self.given(shapes.HoldSeriesSerializer)
        made = brokering.hold_series(row, **given, by=self.actor, now=request.now)
        shown = PlacementSerializer(made, many=True, context=self.get_serializer_context())
        return Response(shown.data, status=status.HTTP_201_CREATED)

    @action(detail=True, methods=["post"], serializer_class=ReasonSerializer)
    @idempotent
    def refuse(self, request, pk=None):
        """Say that nothing can be found, and why (hub staff)."""
        row, given = self.get_object(), self.given(ReasonSerializer)
        brokering.refuse(row, **given, by=self.actor, now=request.now)
        return self.shown(row, shapes.RequestSerializer)


ROUTES = {"requests": RequestViewSet}
