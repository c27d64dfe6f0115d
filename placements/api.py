"""Requests, placements and what follows, for clients: the verbs of the pages."""

from __future__ import annotations

import datetime as dt

import django_filters
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.response import Response

from employers.api import ReasonSerializer
from hubs.api import Rows, idempotent
from placements import shapes
from placements.api_feeds import FeedViewSet
from placements.domain import answers, attendance, brokering, clearances, days, eligibility, requests, waiting
from placements.domain.asking import offer as ask_employer
from placements.domain.coverage import class_list
from placements.domain.fitting import fits_for_group, what_would_help
from placements.domain.student_costs import student_costs
from placements.models import Clearance, Encounter, Placement, PlacementRequest, PlacementStudent, WaitingPlace
from schools.api import ActingSchool, GroupViewSet

FROM_TO = [OpenApiParameter("from", dt.date), OpenApiParameter("to", dt.date)]


class FittedGroupViewSet(GroupViewSet):
    """Groups, with the sessions that fit them and their class lists."""

    @extend_schema(parameters=FROM_TO, responses=shapes.SessionFitSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def sessions(self, request, pk=None):
        """Every open session of the window judged for the group, best first, with reasons."""
        group = self.get_object()
        today = request.now.astimezone(group.school.zone).date()
        window = shapes.WindowSerializer(data=request.query_params.dict(), context={"today": today})
        window.is_valid(raise_exception=True)
        found = fits_for_group(group, now=request.now, **window.validated_data)
        return Response([shapes.fit_as_dict(one) for one in found])

    @extend_schema(
        parameters=[OpenApiParameter("session", int, required=True)], responses=shapes.ChangeSerializer(many=True)
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def changes(self, request, pk=None):
        """What would make a session fit the group that does not; empty when it does, or when nothing near helps."""
        group = self.get_object()
        found = what_would_help(group, self._session_asked(request), now=request.now)
        return Response([{"code": code, "sentence": words} for code, words in found])

    @extend_schema(parameters=[OpenApiParameter("session", int)], responses=shapes.ClassListSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def students(self, request, pk=None):
        """The class list, by alias; with a `session`, what it would cost each once more this term."""
        group, session = self.get_object(), self._session_asked(request, required=False)
        rows = list(class_list(group, now=request.now))
        costs = student_costs(group.school, [row.pk for row in rows], session, now=request.now) if session else {}
        return Response(shapes.ClassListSerializer(rows, many=True, context={"costs": costs}).data)

    def _session_asked(self, request, *, required: bool = True):
        if not required and "session" not in request.query_params:
            return None
        asked = shapes.SessionAskedSerializer(data=request.query_params.dict(), context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        return asked.validated_data["session"]


# A plain number, not a choice: a choice would say whether another tenant's row exists.
def number(name: str) -> django_filters.NumberFilter:
    return django_filters.NumberFilter(field_name=f"{name}_id", label=name)


class RequestFilterSet(django_filters.FilterSet):
    group = number("group")

    class Meta:
        model = PlacementRequest
        fields = ("state",)


class RequestViewSet(ActingSchool):
    model = PlacementRequest
    queryset = PlacementRequest.objects.none()
    serializer_class = shapes.RequestSerializer
    filterset_class = RequestFilterSet

    def get_queryset(self):
        return super().get_queryset().select_related("hub", "school__hub").prefetch_related("wishes", "students")

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
        asked = {
            name: given[name] for name in ("group", "places", "sessions", "students", "max_travel") if name in given
        }
        found = eligibility.eligible(self.school(), **asked, now=request.now)
        return Response(shapes.EligibilitySerializer(found, many=True).data)

    @extend_schema(request=None, responses={201: shapes.RequestSerializer})
    @action(detail=True, methods=["post"])
    @idempotent
    def copy(self, request, pk=None):
        """A draft of the same again, with the next sessions of what was wished for."""
        made = requests.copy_request(self.get_object(), by=self.actor, now=request.now)
        return self.shown(made, shapes.RequestSerializer, status.HTTP_201_CREATED)

    @action(detail=True, methods=["post"], serializer_class=shapes.WhySerializer)
    @idempotent
    def withdraw(self, request, pk=None):
        """Take it back before anything was accepted."""
        row, given = self.get_object(), self.given(shapes.WhySerializer)
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

    @action(detail=True, methods=["post"], serializer_class=shapes.HoldSerializer)
    @idempotent
    def hold(self, request, pk=None):
        """Take places for it (hub staff); answers the placement."""
        row, given = self.get_object(), self.given(shapes.HoldSerializer)
        made = brokering.hold(row, **given, by=self.actor, now=request.now)
        return self.shown(made, shapes.PlacementSerializer, status.HTTP_201_CREATED)

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

    @extend_schema(responses={201: shapes.PlacementSerializer(many=True)})
    @action(detail=True, methods=["post"], url_path="hold-series", serializer_class=shapes.HoldSeriesSerializer)
    @idempotent
    def hold_series(self, request, pk=None):
        """Take the same places in every one of several sessions, or in none (hub staff)."""
        row, given = self.get_object(), self.given(shapes.HoldSeriesSerializer)
        made = brokering.hold_series(row, **given, by=self.actor, now=request.now)
        shown = shapes.PlacementSerializer(made, many=True, context=self.get_serializer_context())
        return Response(shown.data, status=status.HTTP_201_CREATED)

    @action(detail=True, methods=["post"], serializer_class=ReasonSerializer)
    @idempotent
    def refuse(self, request, pk=None):
        """Say that nothing can be found, and why (hub staff)."""
        row, given = self.get_object(), self.given(ReasonSerializer)
        brokering.refuse(row, **given, by=self.actor, now=request.now)
        return self.shown(row, shapes.RequestSerializer)


class PlacementFilterSet(django_filters.FilterSet):
    session, group, request = number("session"), number("group"), number("request")
    starts = django_filters.IsoDateTimeFromToRangeFilter(field_name="session__starts_at")

    class Meta:
        model = Placement
        fields = ("state",)


class PlacementViewSet(Rows):
    model = Placement
    queryset = Placement.objects.none()
    serializer_class = shapes.PlacementSerializer
    filterset_class = PlacementFilterSet

    def get_queryset(self):
        named = Prefetch("students", PlacementStudent.objects.select_related("student"))
        return super().get_queryset().with_all().select_related("request", "school__hub").prefetch_related(named)

    def _verb(self, verb, shape, made_of=dict) -> Response:
        """One verb on one row; sent again with the same key, it answers as it did the first time."""

        @idempotent
        def act(view, request):
            row, given = view.get_object(), view.given(shape)
            verb(row, **made_of(given), by=view.actor, now=request.now)
            return view.shown(view.get_object_again(row), shapes.PlacementSerializer)

        return act(self, self.request)

    def get_object_again(self, row: Placement) -> Placement:
        """The row as it is now, whether or not the caller still sees it."""
        named = Prefetch("students", PlacementStudent.objects.select_related("student"))
        return Placement.objects.with_all().prefetch_related(named).get(pk=row.pk)

    @action(detail=True, methods=["post"], serializer_class=shapes.OfferSerializer)
    def offer(self, request, pk=None):
        """Ask the employer (hub staff); 409 when it was asked as often as it wants, unless `even_so`."""
        return self._verb(ask_employer, shapes.OfferSerializer)

    @action(detail=True, methods=["post"], serializer_class=shapes.WhySerializer)
    def release(self, request, pk=None):
        """Give held places back (hub staff)."""
        return self._verb(brokering.release, shapes.WhySerializer)

    @action(detail=True, methods=["post"], serializer_class=shapes.WhySerializer)
    def withdraw(self, request, pk=None):
        """The school no longer wants places held or offered."""
        return self._verb(brokering.withdraw, shapes.WhySerializer)

    @action(detail=True, methods=["post"], serializer_class=shapes.AcceptSerializer)
    def accept(self, request, pk=None):
        """The employer says yes: binding for both sides."""
        return self._verb(answers.accept, shapes.AcceptSerializer)

    @action(detail=True, methods=["post"], serializer_class=ReasonSerializer)
    def decline(self, request, pk=None):
        """The employer says no."""
        return self._verb(answers.decline, ReasonSerializer)

    @action(detail=True, methods=["post"], serializer_class=ReasonSerializer)
    def cancel(self, request, pk=None):
        """Call off what was agreed."""
        return self._verb(answers.cancel, ReasonSerializer)

    @action(detail=True, methods=["post"], url_path="name-students", serializer_class=shapes.StudentsSerializer)
    def name_students(self, request, pk=None):
        """Set who comes (the school, or the hub for it)."""
        return self._verb(days.name_students, shapes.StudentsSerializer)

    @action(detail=True, methods=["post"], serializer_class=shapes.MarkSerializer)
    def mark(self, request, pk=None):
        """The register of one day: ids of the students present."""
        return self._verb(attendance.mark, shapes.MarkSerializer)

    @extend_schema(responses=shapes.EncounterSerializer(many=True))
    @action(detail=True, methods=["post"], serializer_class=shapes.CompleteSerializer)
    def complete(self, request, pk=None):
        """Close the register (the school, or the hub for it); answers the encounters."""
        row, flags = self.get_object(), self.given(shapes.CompleteSerializer)
        made = attendance.complete(row, flags, by=self.actor, now=request.now)
        return Response(shapes.EncounterSerializer(made, many=True).data)

    @action(detail=True, methods=["post"], serializer_class=shapes.FeedbackSerializer)
    def feedback(self, request, pk=None):
        """What the employer says of how it went."""
        return self._verb(attendance.employer_feedback, shapes.FeedbackSerializer, _feedback)


def _feedback(given: dict) -> dict:
    flags = {name: given.pop(name) for name in attendance.FLAGS_OF["employer"]}
    return {"flags": flags, **given}


class ClearanceFilterSet(django_filters.FilterSet):
    placement = number("placement")

    class Meta:
        model = Clearance
        fields = ("state", "responsible")


class ClearanceViewSet(Rows):
    """Each side sees its own: the employer never what concerns a single student."""

    model = Clearance
    queryset = Clearance.objects.none()
    serializer_class = shapes.ClearanceSerializer
    filterset_class = ClearanceFilterSet

    def get_queryset(self):
        rows = super().get_queryset().select_related("requirement", "hub", "placement__hub", "placement__session")
        return rows.select_related("placement__employer", "placement__school")

    def _verb(self, verb, shape) -> Response:
        row, given = self.get_object(), self.given(shape)
        verb(row, **given, by=self.actor, now=self.request.now)
        return self.shown(row, shapes.ClearanceSerializer)

    @action(detail=True, methods=["post"], serializer_class=shapes.NoteSerializer)
    def complete(self, request, pk=None):
        """What was asked is done. A decision needs a `note` with its reason."""
        return self._verb(clearances.complete, shapes.NoteSerializer)

    @action(detail=True, methods=["post"], serializer_class=ReasonSerializer)
    def waive(self, request, pk=None):
        """It is not needed here (hub staff)."""
        return self._verb(clearances.waive, ReasonSerializer)

    @action(detail=True, methods=["post"], serializer_class=ReasonSerializer)
    def reopen(self, request, pk=None):
        """Take a done one back."""
        return self._verb(clearances.reopen, ReasonSerializer)

    @action(detail=True, methods=["post"], url_path="ask-parent", serializer_class=shapes.AskParentSerializer)
    def ask_parent(self, request, pk=None):
        """Send a parent or carer the link on which to decide."""
        return self._verb(clearances.ask_parent, shapes.AskParentSerializer)

    @extend_schema(request=None, responses=shapes.SentSerializer)
    @action(detail=True, methods=["post"])
    def remind(self, request, pk=None):
        """Ask again whoever must act, at most once a day each."""
        sent = clearances.remind(self.get_object(), by=self.actor, now=request.now)
        return Response({"sent": sent})


class EncounterFilterSet(django_filters.FilterSet):
    student, placement = number("student"), number("placement")
    on = django_filters.DateFromToRangeFilter()

    class Meta:
        model = Encounter
        fields = ("attended", "meaningful")


class EncounterViewSet(Rows):
    """What students really had; the school's and the hub's only."""

    model = Encounter
    queryset = Encounter.objects.none()
    serializer_class = shapes.EncounterSerializer
    filterset_class = EncounterFilterSet


ROUTES = {
    "groups": FittedGroupViewSet,  # schools.api's, and what only this floor knows of a group
    "requests": RequestViewSet,
    "placements": PlacementViewSet,
    "clearances": ClearanceViewSet,
    "feeds": FeedViewSet,
    "encounters": EncounterViewSet,
}
