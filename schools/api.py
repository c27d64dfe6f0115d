"""Schools, their groups, calendars and imports, for clients."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from hubs.api import Rows, ScopedKey, idempotent
from schools.api_base import ActingSchool
from schools.api_calendar import SchoolViewSet, SubscriptionViewSet
from schools.api_imports import EventRuleViewSet, ImportViewSet
from schools.api_students import StudentViewSet
from schools.api_timetable import (
    BellScheduleViewSet,
    NewLessonsSerializer,
    ReleaseRuleViewSet,
    WeekMarkViewSet,
    WeekPatternViewSet,
)
from schools.domain import edits, groups
from schools.domain.compile import compile_school, group_key
from schools.domain.lessons import set_lessons
from schools.domain.words import sentence
from schools.fit import DayState, free_map
from schools.models import Closure, Group, Lesson, ProtectedPeriod, Term, YearGroup

LONGEST_FREE_DAYS = 400


class YearGroupSerializer(serializers.ModelSerializer):
    class Meta:
        model = YearGroup
        fields = ("id", "school", "name", "number", "age")


class YearGroupViewSet(Rows):
    model = YearGroup
    queryset = YearGroup.objects.none()
    serializer_class = YearGroupSerializer
    lookup_value_regex = r"\d+"


class GroupSerializer(serializers.ModelSerializer):
    year = serializers.IntegerField(
        source="year_group.number", allow_null=True, required=False, min_value=1, max_value=groups.HIGHEST_YEAR
    )
    size = serializers.IntegerField(min_value=0, max_value=groups.LARGEST_GROUP, required=False)

    class Meta:
        model = Group
        fields = ("id", "school", "name", "key", "kind", "year", "size", "is_active")
        read_only_fields = ("school", "key", "kind")


class LessonSerializer(serializers.ModelSerializer):
    class Meta:
        model = Lesson
        fields = ("id", "subject", "weekday", "week_letter", "starts_at", "ends_at", "period", "room")


class FitReasonSerializer(serializers.Serializer):
    code = serializers.CharField()
    level = serializers.CharField()
    sentence = serializers.CharField()


class DaySerializer(serializers.Serializer):
    """One day of a group's year: open, cost or blocked, and why."""

    date = serializers.DateField()
    state = serializers.CharField()
    week = serializers.CharField(allow_null=True)
    lessons = serializers.IntegerField()
    minutes = serializers.IntegerField()
    reasons = FitReasonSerializer(many=True)


class WindowSerializer(serializers.Serializer):
    """`from` and `to`: first and last local day; twelve weeks from today when left out."""

    def get_fields(self) -> dict[str, Any]:
        days = serializers.DateField(required=False)
        return {"from": days, "to": serializers.DateField(required=False)}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        today = self.context["today"]
        first = attrs.get("from", today)
        last = attrs.get("to", first + dt.timedelta(weeks=12))
        if not 0 <= (last - first).days <= LONGEST_FREE_DAYS:
            raise serializers.ValidationError({"to": [_("Ask for 1 to 400 days; “to” is not before “from”.")]})
        return {"first": first, "last": last}


class GroupViewSet(ActingSchool):
    """Groups. Names of students are not in the API."""

    model = Group
    queryset = Group.objects.none()
    serializer_class = GroupSerializer
    lookup_value_regex = r"\d+"

    def get_queryset(self):
        return super().get_queryset().select_related("year_group", "school__hub")

    @idempotent
    def create(self, request):
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        year = (values.get("year_group") or {}).get("number")
        size = values.get("size", 0)
        row = groups.add_group(self.school(), values["name"], year=year, size=size, by=self.actor, now=request.now)
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED)

    def partial_update(self, request, pk=None):
        row = self.get_object()
        given = self.get_serializer(row, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        values, who = given.validated_data, {"by": self.actor, "now": request.now}
        with transaction.atomic():
            year = (values.get("year_group") or {}).get("number")
            groups.change_group(row, name=values.get("name"), year=year, keep_year="year_group" not in values, **who)
            if "size" in values:
                groups.set_group_size(row, values["size"], **who)
            if "is_active" in values:
                groups.set_group_active(row, values["is_active"], **who)
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(responses=LessonSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def lessons(self, request, pk=None):
        """The group's lessons in the week pattern."""
        rows = Lesson.objects.visible_to(request.user).filter(group=self.get_object())
        return Response(LessonSerializer(rows, many=True).data)

    @extend_schema(request=NewLessonsSerializer, responses=LessonSerializer(many=True))
    @lessons.mapping.patch
    def set_lessons(self, request, pk=None):
        """Make these places of one week hold these subjects and no other; all of it or nothing. Places that are not
        named stay as they are. The answer is the group's lessons."""
        row = self.get_object()
        given = self.given(NewLessonsSerializer)
        set_lessons(row, given["week_letter"], given["places"], by=self.actor, now=request.now)
        return Response(LessonSerializer(Lesson.objects.filter(group=row), many=True).data)

    @extend_schema(
        parameters=[OpenApiParameter("from", dt.date), OpenApiParameter("to", dt.date)],
        responses=DaySerializer(many=True),
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def free(self, request, pk=None):
        """Day by day: can the group go out for the whole day, and why not."""
        row = self.get_object()
        today = request.now.astimezone(row.school.zone).date()
        window = WindowSerializer(data=request.query_params.dict(), context={"today": today})
        window.is_valid(raise_exception=True)
        states = free_map(compile_school(row.school), group_key(row), **window.validated_data)
        return Response([day_as_dict(state) for state in states])


def day_as_dict(state: DayState) -> dict[str, Any]:
    reasons = [{"code": r.code, "level": r.level, "sentence": sentence(r)} for r in state.reasons]
    return {
        "date": state.day.isoformat(),
        "state": state.state,
        "week": state.letter,
        "lessons": state.lessons,
        "minutes": state.minutes,
        "reasons": reasons,
    }


class CalendarRows(ActingSchool):
    """Rows of a calendar: read, added, changed and removed by the verbs of the pages."""

    lookup_value_regex = r"\d+"
    save: staticmethod
    target = ""

    @idempotent
    def create(self, request):
        return self._save(request, None, status.HTTP_201_CREATED)

    def partial_update(self, request, pk=None):
        return self._save(request, self.get_object(), status.HTTP_200_OK)

    def destroy(self, request, pk=None):
        edits.remove(self.get_object(), by=self.actor, now=request.now)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _save(self, request, row, code: int) -> Response:
        given = self.get_serializer(row, data=request.data, partial=row is not None)
        given.is_valid(raise_exception=True)
        school = row.school if row else self.school()
        dates = {"starts_on": row.starts_on, "ends_on": row.ends_on} if row else {}
        values = {**dates, **self.kept(row), **given.validated_data}
        saved = self.save(school, values, by=self.actor, now=request.now, **{self.target: row})
        return Response(self.get_serializer(saved).data, status=code)

    def kept(self, row) -> dict[str, Any]:
        """What a partial change leaves as it is, where the verb wants the whole."""
        return {}


class TermSerializer(serializers.ModelSerializer):
    class Meta:
        model = Term
        fields = ("id", "school", "name", "starts_on", "ends_on", "edited")
        read_only_fields = ("school", "edited")


class TermViewSet(CalendarRows):
    model, queryset, serializer_class = Term, Term.objects.none(), TermSerializer
    save, target = staticmethod(edits.save_term), "term"


class ClosureSerializer(serializers.ModelSerializer):
    class Meta:
        model = Closure
        fields = ("id", "school", "kind", "name", "starts_on", "ends_on", "begins_at", "ends_at", "edited")
        read_only_fields = ("school", "edited")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        said = {name: attrs.get(name, getattr(self.instance, name, None)) for name in ("kind", "begins_at", "ends_at")}
        try:
            Closure(**{name: value for name, value in said.items() if value is not None}).clean()
        except ValidationError as wrong:
            raise serializers.ValidationError(wrong.message_dict) from wrong
        return attrs


class ClosureViewSet(CalendarRows):
    model, queryset, serializer_class = Closure, Closure.objects.none(), ClosureSerializer
    save, target = staticmethod(edits.save_closure), "closure"


class ProtectedSerializer(serializers.ModelSerializer):
    year_groups = serializers.ManyRelatedField(child_relation=ScopedKey(YearGroup), required=False)
    groups = serializers.ManyRelatedField(child_relation=ScopedKey(Group), required=False)
    weekdays = serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=6), required=False)

    class Meta:
        model = ProtectedPeriod
        fields = (
            "id", "school", "name", "hardness", "starts_on", "ends_on", "starts_at", "ends_at", "weekdays",
            "week_letter", "year_groups", "groups", "edited",
        )  # fmt: skip
        read_only_fields = ("school", "edited")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        starts, ends = (attrs.get(n, getattr(self.instance, n, None)) for n in ("starts_at", "ends_at"))
        if bool(starts) != bool(ends) or (starts and ends and ends <= starts):
            raise serializers.ValidationError({"ends_at": [_("Give both times, the later one last, or neither.")]})
        return attrs


class ProtectedViewSet(CalendarRows):
    model, queryset, serializer_class = ProtectedPeriod, ProtectedPeriod.objects.none(), ProtectedSerializer
    save, target = staticmethod(edits.save_protected), "period"

    def get_queryset(self):
        return super().get_queryset().prefetch_related("year_groups", "groups")

    def kept(self, row) -> dict[str, Any]:
        return {"year_groups": row.year_groups.all(), "groups": row.groups.all()} if row else {}


ROUTES = {
    "schools": SchoolViewSet,
    "year-groups": YearGroupViewSet,
    "groups": GroupViewSet,
    "terms": TermViewSet,
    "closures": ClosureViewSet,
    "protected-periods": ProtectedViewSet,
    "week-patterns": WeekPatternViewSet,
    "week-marks": WeekMarkViewSet,
    "bell-schedules": BellScheduleViewSet,
    "release-rules": ReleaseRuleViewSet,
    "imports": ImportViewSet,
    "students": StudentViewSet,
    "event-rules": EventRuleViewSet,
    "calendar-subscriptions": SubscriptionViewSet,
}
