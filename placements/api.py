"""Requests, placements and what follows, for clients: the verbs of the pages."""

from __future__ import annotations

import datetime as dt

import django_filters
from django.db.models import Prefetch
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from employers.api import ReasonSerializer
from hubs.api import Rows, idempotent
from placements import shapes
from placements.api_feeds import FeedViewSet
from placements.domain import answers, attendance, brokering, clearances, days
from placements.domain.asking import offer as ask_employer
from placements.domain.coverage import class_list
from placements.domain.fitting import fits_for_group, what_would_help
from placements.domain.student_costs import student_costs
from placements.models import Clearance, Encounter, Placement, PlacementStudent
from schools.api import GroupViewSet

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
    "placements": PlacementViewSet,
    "clearances": ClearanceViewSet,
    "feeds": FeedViewSet,
    "encounters": EncounterViewSet,
}
