"""What stands around a school's calendar, for clients: addresses it is read from, public holidays, lessons, hours."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.response import Response

from hubs.api import Rows, idempotent
from hubs.models import Hub
from schools.api_base import ActingSchool
from schools.domain import subscriptions
from schools.domain.common_weeks import common_weeks
from schools.domain.compile import compile_school, group_key
from schools.domain.freshness import Freshness, freshness
from schools.domain.groups import classes
from schools.domain.public_holidays import adopt, offered
from schools.fit_hours import hours_of, week_of
from schools.models import CalendarSubscription, Group, School
from schools.pictures_hours import clock
from schools.weeks import monday_of

LONGEST_SPAN_DAYS = 800


class SubscriptionSerializer(serializers.ModelSerializer):
    """`url` is told by whoever shares the calendar and never given out again; `host` is where it leads."""

    url = serializers.CharField(max_length=500, write_only=True)
    host = serializers.SerializerMethodField()
    name = serializers.CharField(max_length=80, required=False, allow_blank=True)

    class Meta:
        model = CalendarSubscription
        fields = (
            "id", "school", "name", "url", "host", "applies_itself", "is_active", "last_good_at", "last_tried_at",
            "last_error", "failures", "due_at",
        )  # fmt: skip
        read_only_fields = ("school", "last_good_at", "last_tried_at", "last_error", "failures", "due_at")

    @extend_schema_field(serializers.CharField())
    def get_host(self, row: CalendarSubscription) -> str:
        return urlsplit(row.url).hostname or ""


class SubscriptionViewSet(ActingSchool):
    """Calendar addresses a school's calendar is read from."""

    model = CalendarSubscription
    queryset = CalendarSubscription.objects.none()
    serializer_class = SubscriptionSerializer

    def get_queryset(self):
        return super().get_queryset().select_related("school__hub").defer("last_good")

    @idempotent
    def create(self, request):
        """Read this address from now on; the first reading follows within minutes."""
        given = self.given(SubscriptionSerializer)
        row = subscriptions.subscribe(self.school(), given, by=self.actor, now=request.now)
        return self.shown(row, SubscriptionSerializer, status.HTTP_201_CREATED)

    def partial_update(self, request, pk=None):
        """Another name or address, or on and off. It is read again at once."""
        row = self.get_object()
        given = self.given(SubscriptionSerializer, row, partial=True)
        subscriptions.change_subscription(row, given, by=self.actor, now=request.now)
        return self.shown(self.get_object(), SubscriptionSerializer)

    def destroy(self, request, pk=None):
        """Read it no more. What came from it stays in the calendar."""
        subscriptions.unsubscribe(self.get_object(), by=self.actor, now=request.now)
        return Response(status=status.HTTP_204_NO_CONTENT)


# ---- The school itself: public holidays and free hours -------------------------------------


class SchoolSerializer(serializers.ModelSerializer):
    class Meta:
        model = School
        fields = ("id", "name", "number", "phase", "town", "time_zone", "calendar_checked_at", "is_active")


class SpanSerializer(serializers.Serializer):
    """`from` and `to`: first and last day; the academic year of today when left out."""

    def get_fields(self) -> dict[str, Any]:
        days = {"from": "first", "to": "last"}
        return {name: serializers.DateField(source=source, required=False) for name, source in days.items()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        span = dict(zip(("first", "last"), self.context["year"], strict=True)) | attrs
        if not 0 <= (span["last"] - span["first"]).days <= LONGEST_SPAN_DAYS:
            raise serializers.ValidationError({"to": [_("Ask for at most two years; “to” is not before “from”.")]})
        return span


class HolidaySerializer(serializers.Serializer):
    date = serializers.DateField()
    name = serializers.CharField()


class AdoptedSerializer(serializers.Serializer):
    adopted = serializers.IntegerField()


class WeekSerializer(serializers.Serializer):
    """`week`: any day of it; this week when left out."""

    week = serializers.DateField(required=False)


class HourSerializer(serializers.Serializer):
    """How many classes could be out in these hours: `free` of the `able` would miss nothing."""

    date = serializers.DateField()
    starts_at = serializers.TimeField()
    ends_at = serializers.TimeField()
    groups = serializers.IntegerField()
    able = serializers.IntegerField()
    free = serializers.IntegerField()


class CalendarSerializer(serializers.Serializer):
    """What keeps a school's calendar from being relied on; all false and `failing` 0 when nothing does."""

    school = serializers.IntegerField(source="school.pk")
    name = serializers.CharField(source="school.name")
    last_on = serializers.DateField(allow_null=True, help_text="last day of the last term that is known")
    checked_at = serializers.DateTimeField(source="school.calendar_checked_at", allow_null=True)
    missing = serializers.BooleanField()
    ends_soon = serializers.BooleanField()
    stale = serializers.BooleanField()
    classes = serializers.IntegerField()
    without_lessons = serializers.IntegerField()
    failing = serializers.SerializerMethodField(help_text="calendar addresses that could not be read the last time")

    def get_failing(self, one: Freshness) -> int:
        return len(one.failing)


class CommonWeekSerializer(serializers.Serializer):
    """`able_by_day`: Monday to Friday, in how many of the `schools` every class of the year group could go out;
    `able_all_week`: in how many on each day the school teaches."""

    monday = serializers.DateField()
    schools = serializers.IntegerField()
    able_all_week = serializers.IntegerField(source="all_week")
    able_by_day = serializers.ListField(source="days", child=serializers.IntegerField())


class YearGroupSerializer(serializers.Serializer):
    """`year`: the number of a year group there is in the hub."""

    year = serializers.IntegerField()


FROM_TO = [OpenApiParameter("from", dt.date), OpenApiParameter("to", dt.date)]


class SchoolViewSet(Rows):
    model = School
    queryset = School.objects.none()
    serializer_class = SchoolSerializer
    lookup_value_regex = r"\d+"

    def get_queryset(self):
        return super().get_queryset().select_related("hub")

    def _span(self, school: School, given: Any) -> tuple[dt.date, dt.date]:
        return self._days(school.hub, self.request.now.astimezone(school.zone).date(), given)

    def _days(self, hub: Hub, today: dt.date, given: Any) -> tuple[dt.date, dt.date]:
        span = SpanSerializer(data=given, context={"year": hub.academic_year_of(today)})
        span.is_valid(raise_exception=True)
        return span.validated_data["first"], span.validated_data["last"]

    @extend_schema(parameters=FROM_TO, responses=HolidaySerializer(many=True))
    @action(detail=True, methods=["get"], url_path="public-holidays", pagination_class=None)
    def public_holidays(self, request, pk=None):
        """National and regional public holidays on weekdays that the calendar does not have yet."""
        row = self.get_object()
        found = offered(row, *self._span(row, request.query_params.dict()))
        return Response([{"date": day, "name": name} for day, name in found])

    @extend_schema(request=SpanSerializer, responses=AdoptedSerializer)
    @public_holidays.mapping.post
    def adopt_public_holidays(self, request, pk=None):
        """Put all of them into the calendar; how many. Twice is once."""
        row = self.get_object()
        return Response({"adopted": adopt(row, *self._span(row, request.data), by=self.actor, now=request.now)})

    def _hub_alone(self) -> None:
        user = self.request.user
        if not (user.is_superuser or user.hub_role(self.request.hub.pk)):
            raise PermissionDenied(_("Only the hub's own people compare schools."))

    @extend_schema(responses=CalendarSerializer(many=True))
    @action(detail=False, methods=["get"], pagination_class=None)
    def calendars(self, request):
        """For the hub: every school, those whose calendar is missing, old or no longer read first."""
        self._hub_alone()
        return Response(CalendarSerializer(freshness(request.hub, request.now), many=True).data)

    @extend_schema(
        parameters=[OpenApiParameter("year", int, required=True), *FROM_TO], responses=CommonWeekSerializer(many=True)
    )
    @action(detail=False, methods=["get"], url_path="common-weeks", pagination_class=None)
    def common_weeks(self, request):
        """For the hub: the weeks in which most schools could let a year group go. Schools whose terms are not known,
        or without such a class, are not counted."""
        self._hub_alone()
        given = YearGroupSerializer(data=request.query_params.dict())
        given.is_valid(raise_exception=True)
        first, last = self._days(request.hub, request.hub.today(request.now), request.query_params.dict())
        found = common_weeks(request.hub, given.validated_data["year"], first, last)
        return Response(CommonWeekSerializer(found.weeks, many=True).data)

    @extend_schema(parameters=[OpenApiParameter("week", dt.date)], responses=HourSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def hours(self, request, pk=None):
        """Each hour of a week, by how many classes could be out. Notice and who is out already are not counted."""
        row = self.get_object()
        given = WeekSerializer(data=request.query_params.dict())
        given.is_valid(raise_exception=True)
        day = given.validated_data.get("week") or request.now.astimezone(row.zone).date()
        compiled = compile_school(row)
        keys = [group_key(group) for group in classes(Group.objects.filter(school=row))]
        rows = week_of(compiled, keys, monday_of(day), hours_of(compiled))
        return Response([_hour(one) for line in rows for one in line])


def _hour(one) -> dict[str, Any]:
    return {
        "date": one.day,
        "starts_at": clock(one.hours[0]),
        "ends_at": clock(one.hours[1]),
        "groups": one.groups,
        "able": one.able,
        "free": len(one.free),
    }
