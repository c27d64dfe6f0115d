"""The result of a self-assessment for clients: what its page shows, as data."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from employers.api_standards import AssessmentViewSet
from hubs.api import idempotent
from hubs.errors import Refused
from hubs.languages import read_language
from insights.planning import plan_recommended
from insights.standards import compared, picture, trend
from opportunities.api_plans import PlanStepSerializer


class LineSerializer(serializers.Serializer):
    """A pillar or standard: whole percent, or none and why; points since last time."""

    code = serializers.CharField()
    name = serializers.CharField()
    percent = serializers.IntegerField(allow_null=True)
    band = serializers.CharField()
    change = serializers.IntegerField(allow_null=True)
    why = serializers.CharField()
    answered = serializers.IntegerField()
    applicable = serializers.IntegerField()


class NextStepSerializer(serializers.Serializer):
    """`planned`: it is on the plan under way."""

    standard = serializers.CharField(source="standard.code")
    number = serializers.IntegerField()
    title = serializers.CharField(source="step.title")
    text = serializers.CharField(source="step.text")
    hours = serializers.IntegerField(source="step.hours")
    planned = serializers.BooleanField()


class RecommendedSerializer(serializers.Serializer):
    """A recommendation by its standard's code and its number there, as `next_steps` of a result gives them."""

    standard = serializers.CharField(max_length=12)
    number = serializers.IntegerField(min_value=0, max_value=1000)


class DifferenceSerializer(serializers.Serializer):
    """An answer and what the record showed that day; `kind` is "above" where the answer says more, else "below"."""

    item = serializers.CharField(source="item.code")
    statement = serializers.CharField()
    answer = serializers.CharField()
    kind = serializers.CharField()
    record = serializers.SerializerMethodField()

    def get_record(self, one: dict[str, Any]) -> list[str]:
        return [sentence for _code, sentence in one["record"]]


class ComparisonSerializer(serializers.Serializer):
    """Quartiles of a group in steps of five; `where` is "lower", "middle", "upper", or empty without a score."""

    standard = serializers.CharField()
    group = serializers.CharField()
    lower = serializers.IntegerField()
    middle = serializers.IntegerField()
    upper = serializers.IntegerField()
    where = serializers.CharField(allow_blank=True)


class YearSerializer(serializers.Serializer):
    """`percents` by the code of the standard."""

    assessment = serializers.IntegerField()
    when = serializers.CharField()
    percents = serializers.DictField(child=serializers.IntegerField(allow_null=True))


class ResultSerializer(serializers.Serializer):
    overall = LineSerializer()
    pillars = LineSerializer(many=True)
    standards = LineSerializer(many=True)
    strengths = serializers.ListField(child=serializers.CharField())
    next_steps = NextStepSerializer(many=True)
    differences = DifferenceSerializer(many=True)
    comparisons = ComparisonSerializer(many=True)
    years = YearSerializer(many=True)


class ShownAssessmentViewSet(AssessmentViewSet):
    """Self-assessments, with what the page of their result shows."""

    @extend_schema(responses=ResultSerializer)
    @action(detail=True, methods=["get"], pagination_class=None)
    def result(self, request, pk=None):
        """Scores with their bands, strengths, next steps, where answers and record differ, quartiles of groups as far
        as they may be shown, and the years before. Only of what was sent in: before that it answers `not_sent`."""
        row = self.get_object()
        if row.state == "open":
            raise Refused(_("It has not been sent in yet, so it has no result."), code="not_sent")
        found = picture(row, read_language())
        lines = [line for _pillar, standards in found["pillars"] for line in standards]
        beside, years = compared(row, lines, request.now), trend(row, lines)
        shown = {
            "overall": found["overall"],
            "pillars": [line for line, _standards in found["pillars"]],
            "standards": lines,
            "strengths": [line.code for line in found["strengths"]],
            "next_steps": found["steps"],
            "differences": found["differing"],
            "comparisons": [
                {
                    "standard": line.code, "group": cell["group"], "where": cell["where"],
                    "lower": cell["figure"].lower, "middle": cell["figure"].middle, "upper": cell["figure"].upper,
                }
                for line, cells in beside["rows"]
                for cell in cells
                if cell
            ],
            "years": [
                {
                    "assessment": column["row"].pk, "when": column["when"],
                    "percents": {line.code: percents[number] for line, percents, _curves in years["rows"]},
                }
                for number, column in enumerate(years["columns"])
            ],
        }  # fmt: skip
        return Response(ResultSerializer(shown).data)

    @extend_schema(request=RecommendedSerializer, responses={201: PlanStepSerializer})
    @action(detail=True, methods=["post"], url_path="plan-step", serializer_class=RecommendedSerializer)
    @idempotent
    def plan_step(self, request, pk=None):
        """Put a recommended step on the plan under way. Refused with `no_plan` when there is none, `planned_already`
        when it is on it."""
        row, given = self.get_object(), self.given(RecommendedSerializer)
        step = plan_recommended(row, **given, language=read_language(), by=self.actor, now=request.now)
        return self.shown(step, PlanStepSerializer, status.HTTP_201_CREATED)


ROUTES = {"self-assessments": ShownAssessmentViewSet}
