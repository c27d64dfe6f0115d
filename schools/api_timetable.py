"""How a school's weeks and days run, for clients: week pattern, marks of weeks, bell schedules and release rules."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from hubs.api import Rows, ScopedKey, idempotent
from schools.api_base import ActingSchool
from schools.api_imports import PeriodSerializer
from schools.domain import edits
from schools.domain.lessons import LONGEST_SUBJECT, Cell
from schools.models import BellSchedule, Group, ReleaseRule, WeekMark, WeekPattern, YearGroup

MOST_PERIODS = 24
MOST_WEEKS = 20
MOST_CELLS = 400


def weekdays() -> serializers.ListField:
    """0 is Monday."""
    return serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=6), required=False, max_length=7)


def words(longest: int, most: int, **kwargs: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField(max_length=longest), max_length=most, **kwargs)


class WeekPatternSerializer(serializers.ModelSerializer):
    """`letters`: the weeks of the cycle in their order; the week that holds `anchor_on` is the first."""

    letters = words(8, MOST_WEEKS, min_length=1)

    class Meta:
        model = WeekPattern
        fields = ("id", "school", "letters", "anchor_on", "holidays_advance")
        read_only_fields = ("school",)


class ForgottenSerializer(serializers.Serializer):
    forgotten = serializers.IntegerField()


class WeekPatternViewSet(ActingSchool):
    """How a school's weeks take turns; a school has one pattern or none."""

    model = WeekPattern
    queryset = WeekPattern.objects.none()
    serializer_class = WeekPatternSerializer

    def get_queryset(self):
        return super().get_queryset().select_related("school__hub")

    @idempotent
    def create(self, request):
        """Set the pattern, in place of the one there is. Lessons follow: those of the first old week get the first new
        one."""
        given = self.given(WeekPatternSerializer)
        return self._set(self.school(), {"holidays_advance": False} | given, status.HTTP_201_CREATED)

    def partial_update(self, request, pk=None):
        row = self.get_object()
        known = {name: getattr(row, name) for name in ("letters", "anchor_on", "holidays_advance")}
        return self._set(row.school, known | self.given(WeekPatternSerializer, row, partial=True), status.HTTP_200_OK)

    def _set(self, school, values: dict[str, Any], code: int) -> Response:
        row = edits.set_week_pattern(school, **values, by=self.actor, now=self.request.now)
        return self.shown(row, WeekPatternSerializer, code)

    @extend_schema(request=None, responses=ForgottenSerializer)
    @action(detail=True, methods=["post"], url_path="forget-marks")
    def forget_marks(self, request, pk=None):
        """From now on the pattern alone says which week is which; how many marked weeks were forgotten."""
        row = self.get_object()
        return Response({"forgotten": edits.forget_marks(row.school, by=self.actor, now=request.now)})


class WeekMarkSerializer(serializers.ModelSerializer):
    class Meta:
        model = WeekMark
        fields = ("id", "school", "monday", "letter")


class WeekMarkViewSet(Rows):
    """What a school's own calendar says of single weeks: a week of the pattern or a number. It goes before the
    pattern."""

    model = WeekMark
    queryset = WeekMark.objects.none()
    serializer_class = WeekMarkSerializer


class BellScheduleSerializer(serializers.ModelSerializer):
    """`weekdays` (0 is Monday) and `week_letter`: when it rules; empty for every day or week without its own."""

    weekdays = weekdays()
    periods = PeriodSerializer(many=True, max_length=MOST_PERIODS)

    class Meta:
        model = BellSchedule
        fields = ("id", "school", "name", "weekdays", "week_letter", "periods")
        read_only_fields = ("school",)
        validators = ()  # the domain says it in a sentence


class BellScheduleViewSet(ActingSchool):
    """The periods of a school day."""

    model = BellSchedule
    queryset = BellSchedule.objects.none()
    serializer_class = BellScheduleSerializer

    def get_queryset(self):
        return super().get_queryset().select_related("school__hub").prefetch_related("periods")

    @idempotent
    def create(self, request):
        return self._set(self.school(), None, self.given(BellScheduleSerializer), status.HTTP_201_CREATED)

    def partial_update(self, request, pk=None):
        """`periods`, where given, are all of them. Lessons that stood in one that moves, move with it."""
        row = self.get_object()
        return self._set(row.school, row, self.given(BellScheduleSerializer, row, partial=True), status.HTTP_200_OK)

    def destroy(self, request, pk=None):
        edits.remove(self.get_object(), by=self.actor, now=request.now)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _set(self, school, row: BellSchedule | None, given: dict[str, Any], code: int) -> Response:
        names = ("name", "weekdays", "week_letter")
        values = {name: getattr(row, name) for name in names} if row else {}
        values |= {name: given[name] for name in names if name in given}
        known = row.periods.values("name", "starts_at", "ends_at") if row else ()
        periods = [(one["name"], one["starts_at"], one["ends_at"]) for one in given.get("periods", known)]
        saved = edits.set_bell_schedule(
            school, periods=periods, schedule=row, **values, by=self.actor, now=self.request.now
        )
        return self.shown(self.get_queryset().get(pk=saved.pk), BellScheduleSerializer, code)


class ReleaseRuleSerializer(serializers.ModelSerializer):
    """Of the whole school, or of one `year_group` or one `group`. Empty fields say nothing: a group's leaves them to
    its year group's rule, and that to the school's. `notice_weeks`: school weeks. `most_out_per_day`: students, in the
    school's rule alone."""

    year_group = ScopedKey(YearGroup, required=False, allow_null=True)
    group = ScopedKey(Group, required=False, allow_null=True)
    weekdays = weekdays()
    periods = words(40, MOST_PERIODS, required=False)
    protected_subjects = words(LONGEST_SUBJECT, 40, required=False)
    notice_weeks = serializers.IntegerField(min_value=0, max_value=40, required=False)
    most_out_per_day = serializers.IntegerField(min_value=1, max_value=9999, required=False, allow_null=True)
    most_times_a_term = serializers.IntegerField(min_value=1, max_value=99, required=False, allow_null=True)
    most_missed_a_subject = serializers.IntegerField(min_value=1, max_value=99, required=False, allow_null=True)

    class Meta:
        model = ReleaseRule
        fields = (
            "id", "school", "year_group", "group", "weekdays", "earliest", "latest", "periods", "notice_weeks",
            "most_out_per_day", "most_times_a_term", "most_missed_a_subject", "protected_subjects",
        )  # fmt: skip
        read_only_fields = ("school",)
        validators = ()  # a rule for whoever has one already takes its place

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        earliest, latest = (attrs.get(name, getattr(self.instance, name, None)) for name in ("earliest", "latest"))
        if earliest and latest and latest <= earliest:
            raise serializers.ValidationError({"latest": [_("This is not after “earliest”.")]})
        if attrs.get("year_group") and attrs.get("group"):
            raise serializers.ValidationError({"group": [_("A rule is for a year group or a group, not for both.")]})
        if self.instance and {"year_group", "group"} & set(attrs):
            raise serializers.ValidationError({"group": [_("Whom a rule is for stays. Add another rule.")]})
        return attrs


class ReleaseRuleViewSet(ActingSchool):
    """When students may be out."""

    model = ReleaseRule
    queryset = ReleaseRule.objects.none()
    serializer_class = ReleaseRuleSerializer

    def get_queryset(self):
        return super().get_queryset().select_related("school__hub", "year_group", "group")

    @idempotent
    def create(self, request):
        """The whole rule, in place of the one the school, year group or group has."""
        given = self.given(ReleaseRuleSerializer)
        whom = given.pop("year_group", None) or given.pop("group", None)
        blank = {name: ReleaseRule._meta.get_field(name).get_default() for name in self._fields()}
        return self._save(self.school(), whom, blank | given, status.HTTP_201_CREATED)

    def partial_update(self, request, pk=None):
        row = self.get_object()
        given = self.given(ReleaseRuleSerializer, row, partial=True)
        return self._save(row.school, row.group or row.year_group, given, status.HTTP_200_OK)

    def destroy(self, request, pk=None):
        edits.remove(self.get_object(), by=self.actor, now=request.now)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _fields(self) -> list[str]:
        return [
            name for name in ReleaseRuleSerializer.Meta.fields if name not in ("id", "school", "year_group", "group")
        ]

    def _save(self, school, whom: YearGroup | Group | None, values: dict[str, Any], code: int) -> Response:
        values = {name: values[name] for name in self._fields() if name in values}
        rule = edits.save_release_rule(school, whom, values, by=self.actor, now=self.request.now)
        return self.shown(rule, ReleaseRuleSerializer, code)


class CellSerializer(serializers.Serializer):
    """A place of the week and what it should hold; no subject frees it."""

    weekday = serializers.IntegerField(min_value=0, max_value=6)
    starts_at = serializers.TimeField()
    ends_at = serializers.TimeField()
    subjects = serializers.ListField(child=serializers.CharField(max_length=LONGEST_SUBJECT))


class NewLessonsSerializer(serializers.Serializer):
    """`week_letter`: a week of the pattern, empty for what is taught every week."""

    week_letter = serializers.CharField(max_length=8, required=False, allow_blank=True, default="")
    places = CellSerializer(many=True, max_length=MOST_CELLS)

    def validate_places(self, rows: list[dict[str, Any]]) -> dict[Cell, list[str]]:
        found = {Cell(row["weekday"], row["starts_at"], row["ends_at"]): row["subjects"] for row in rows}
        if len(found) < len(rows):
            raise serializers.ValidationError(_("Name each place of the week once."))
        return found
