"""When else a session could be, for clients: asked before anything is published."""

from __future__ import annotations

import datetime as dt

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from opportunities.api import OpportunityViewSet
from opportunities.domain import sessions
from opportunities.reach import suggestions

#: How far ahead a client may ask in one call.
MOST_DAYS_ASKED = 120


class DayAskedSerializer(serializers.Serializer):
    """One day in local times of the hub."""

    on = serializers.DateField()
    starts_at = serializers.TimeField()
    ends_at = serializers.TimeField()


class DatesAskedSerializer(serializers.Serializer):
    """The same days, hours and gaps, beginning on each weekday of `within` days from `first` on."""

    days = DayAskedSerializer(many=True, min_length=1, max_length=sessions.MOST_DAYS)
    first = serializers.DateField(required=False, help_text="Tomorrow when left out.")
    within = serializers.IntegerField(min_value=1, max_value=MOST_DAYS_ASKED, default=60)


class DateReachSerializer(serializers.Serializer):
    """`able` of the `groups` of the right age and in reach could come if it began on `date`."""

    date = serializers.DateField()
    groups = serializers.IntegerField()
    able = serializers.IntegerField()
    best = serializers.BooleanField(help_text="One of the few days most could come on.")


class DatedOpportunityViewSet(OpportunityViewSet):
    """Opportunities, with the days that suit schools."""

    @extend_schema(request=DatesAskedSerializer, responses=DateReachSerializer(many=True))
    @action(detail=True, methods=["post"], pagination_class=None)
    def dates(self, request, pk=None):
        """For each weekday ahead, how many groups could come; days nobody could come on are there too, with 0.
        Changes nothing. Empty while no school in reach has such a group."""
        row, given = self.get_object(), self.given(DatesAskedSerializer)
        days = [(day["on"], day["starts_at"], day["ends_at"]) for day in given["days"]]
        first = given.get("first") or row.hub.today(request.now) + dt.timedelta(days=1)
        found = suggestions(row, days, first, given["within"], by=self.actor, now=request.now)
        best = {one.day for one in found.best}
        every = [
            {"date": one.day, "groups": one.groups, "able": one.able, "best": one.day in best} for one in found.every
        ]
        return Response(DateReachSerializer(every, many=True).data)


ROUTES = {"opportunities": DatedOpportunityViewSet}
