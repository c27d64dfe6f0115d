"""Students, for a school's own systems. Employers and strangers find nobody here."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from hubs.api import ScopedKey, idempotent
from schools.api_base import ActingSchool
from schools.api_imports import ImportSerializer
from schools.domain import students as verbs
from schools.domain.people import standing
from schools.domain.rollover import RolloverPlan, apply_rollover, plan_rollover
from schools.models import Group, Student
from schools.student_list import HIGHEST_YEAR, LONGEST_NEEDS


class StudentSerializer(serializers.ModelSerializer):
    year = serializers.IntegerField(
        source="year_group.number", allow_null=True, required=False, min_value=1, max_value=HIGHEST_YEAR
    )
    groups = serializers.ManyRelatedField(child_relation=ScopedKey(Group), required=False)
    shared_needs = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_NEEDS)

    class Meta:
        model = Student
        fields = (
            "id", "school", "alias", "name", "key", "year", "groups", "is_priority", "shared_needs", "left_on",
            "edited",
        )  # fmt: skip
        read_only_fields = ("school", "key", "left_on", "edited")

    @property
    def values(self) -> dict[str, Any]:
        """As the verb wants them."""
        given = dict(self.validated_data)
        return {**given, "year": given.pop("year_group")["number"]} if "year_group" in given else given


class LeftStudentSerializer(StudentSerializer):
    """With what the student is still named for, in words."""

    named_for = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta(StudentSerializer.Meta):
        fields = (*StudentSerializer.Meta.fields, "named_for")


class LeaveSerializer(serializers.Serializer):
    on = serializers.DateField(required=False)


class RolloverSerializer(serializers.Serializer):
    """`leaving_year`: the lowest year that leaves, 0 for nobody. `groups`: number of a group → name of its next group,
    "" for none; what is left out follows from the names."""

    leaving_year = serializers.IntegerField(min_value=0, max_value=HIGHEST_YEAR)
    groups = serializers.DictField(child=serializers.CharField(allow_blank=True, max_length=60), required=False)
    dry_run = serializers.BooleanField(required=False, default=False)

    def validate_groups(self, value: dict[str, str]) -> dict[int, str]:
        return {int(key): name for key, name in value.items() if key.isdecimal() and len(key) <= 18}


class NextGroupSerializer(serializers.Serializer):
    group = serializers.IntegerField()
    students = serializers.IntegerField()
    becomes = serializers.CharField(help_text='The name of the group they are in next; "" when in none.')


class PlannedRolloverSerializer(serializers.Serializer):
    """What a dry run would do."""

    counts = serializers.DictField(child=serializers.DictField(child=serializers.IntegerField()))
    leaving_year = serializers.IntegerField(allow_null=True)
    groups = NextGroupSerializer(many=True)


class StudentViewSet(ActingSchool):
    """A school's students, seen by the school and its hub alone."""

    model = Student
    queryset = Student.objects.none()
    serializer_class = StudentSerializer

    def get_queryset(self):
        return super().get_queryset().select_related("year_group", "school__hub").prefetch_related("groups")

    @idempotent
    def create(self, request):
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = verbs.save_student(self.school(), given.values, by=self.actor, now=request.now)
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED)

    def partial_update(self, request, pk=None):
        row = self.get_object()
        given = self.get_serializer(row, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        verbs.save_student(row.school, given.values, student=row, by=self.actor, now=request.now)
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=LeaveSerializer, responses=LeftStudentSerializer)
    @action(detail=True, methods=["post"])
    def leave(self, request, pk=None):
        """The student has left; `named_for` says what they are still named for, which stays."""
        row = self.get_object()
        on = self.given(LeaveSerializer).get("on") or request.now.astimezone(row.school.zone).date()
        verbs.leave(row, on=on, by=self.actor, now=request.now)
        named = standing([row.pk], request.now).get(row.pk, [])
        return Response({**self.get_serializer(self.get_object()).data, "named_for": named})

    @extend_schema(request=None, responses=StudentSerializer)
    @action(detail=True, methods=["post"], url_path="come-back")
    def come_back(self, request, pk=None):
        verbs.come_back(self.get_object(), by=self.actor, now=request.now)
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=RolloverSerializer, responses={200: PlannedRolloverSerializer, 201: ImportSerializer})
    @action(detail=False, methods=["post"], url_path="roll-over")
    def roll_over(self, request):
        """Begin a new school year. `dry_run` says what it would do; the import it makes can be undone."""
        given = self.given(RolloverSerializer)
        targets = given.get("groups", {})
        plan = plan_rollover(self.school(), now=request.now, leaving_year=given["leaving_year"], targets=targets)
        if given["dry_run"]:
            return Response(_planned(plan))
        done = apply_rollover(plan, targets, by=self.actor, now=request.now)
        return Response(ImportSerializer(done).data, status=status.HTTP_201_CREATED)


def _planned(plan: RolloverPlan) -> dict[str, Any]:
    groups = [{"group": move.group.pk, "students": move.students, "becomes": move.target} for move in plan.moves]
    return {"counts": plan.counts, "leaving_year": plan.leaving_year, "groups": groups}
