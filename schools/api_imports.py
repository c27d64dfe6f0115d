"""Calendars, timetables and class lists that were loaded, for clients."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from hubs.api import ScopedKey, idempotent
from schools.api_base import ActingSchool
from schools.domain import event_rules
from schools.domain.calendar import CYCLES, CalendarPlan, apply_calendar_import, plan_calendar_import
from schools.domain.diff import ALL
from schools.domain.event_rules import EVENT_KINDS
from schools.domain.foresight import would_hit
from schools.domain.groups import HIGHEST_YEAR
from schools.domain.pending import LARGEST_UPLOAD
from schools.domain.roster import RosterPlan, plan_roster, read_roster
from schools.domain.roster_jobs import load_roster
from schools.domain.roster_rows import RosterChoices
from schools.domain.timetable import apply_timetable_import, plan_timetable_import
from schools.domain.timetable_rows import Answers
from schools.domain.undo import undo_import
from schools.domain.words_files import calendar_problem, timetable_problem
from schools.domain.words_roster import roster_problem
from schools.hours import BellPeriod
from schools.models import BellSchedule, EventRule, Import, School
from schools.oneroster_types import ORDERS
from schools.oneroster_zip import LARGEST_ARCHIVE
from schools.timetables import FORMATS


class ImportSerializer(serializers.ModelSerializer):
    class Meta:
        model = Import
        fields = (
            "id", "school", "kind", "format", "file_name", "summary", "imported_at", "undone_at", "state", "problem",
        )  # fmt: skip
        read_only_fields = fields


class EventRuleSerializer(serializers.ModelSerializer):
    """`bell`: the bell schedule a short day goes by where the event names no time."""

    bell = ScopedKey(BellSchedule, required=False, allow_null=True)
    words = serializers.CharField(max_length=120)
    kind = serializers.ChoiceField(choices=EVENT_KINDS)
    years = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=HIGHEST_YEAR), required=False, max_length=HIGHEST_YEAR
    )

    class Meta:
        model = EventRule
        fields = ("id", "school", "words", "kind", "years", "bell")
        read_only_fields = ("school",)


class EventRuleViewSet(ActingSchool):
    """What a school has said its events mean; it counts from the next file on."""

    model = EventRule
    queryset = EventRule.objects.none()
    serializer_class = EventRuleSerializer

    def get_queryset(self):
        return super().get_queryset().select_related("school", "bell")

    @idempotent
    def create(self, request):
        given = self.given(EventRuleSerializer)
        rule = event_rules.save_rule(self.school(), **given, by=self.actor, now=request.now)
        return self.shown(rule, EventRuleSerializer, status.HTTP_201_CREATED)

    def partial_update(self, request, pk=None):
        rule = self.get_object()
        given = {"words": rule.words, "kind": rule.kind, "years": rule.years, "bell": rule.bell}
        given |= self.given(EventRuleSerializer, rule, partial=True)
        rule = event_rules.save_rule(rule.school, **given, rule=rule, by=self.actor, now=request.now)
        return self.shown(rule, EventRuleSerializer)

    def destroy(self, request, pk=None):
        event_rules.forget_rule(self.get_object(), by=self.actor, now=request.now)
        return Response(status=status.HTTP_204_NO_CONTENT)


class PeriodSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=40)
    starts_at = serializers.TimeField()
    ends_at = serializers.TimeField()


class WeekdaySerializer(serializers.Serializer):
    weekday = serializers.IntegerField(min_value=0, max_value=6)
    week = serializers.CharField(max_length=8, required=False, default="")


class NewImportSerializer(serializers.Serializer):
    """A file as multipart `file`, or its bytes in base64 as `content`.

    Calendars: `cycle`. Timetables: `format`, `columns`, `bell`, `days`, `groups` (the file's name → key of a group, ""
    to leave it out), `weeks` (the file's week → the school's, "" for every week). Rosters (OneRoster zips): `names`,
    `leavers`, `date_order`, `organisation` (its sourcedId).
    """

    kind = serializers.ChoiceField(choices=["calendar", "timetable", "roster"])
    file = serializers.FileField(required=False, write_only=True)
    content = serializers.CharField(required=False, write_only=True)
    file_name = serializers.CharField(required=False, max_length=160, default="")
    dry_run = serializers.BooleanField(required=False, default=False)
    cycle = serializers.ChoiceField(choices=CYCLES, required=False)
    overwrite = serializers.BooleanField(required=False, default=False)
    without_problems = serializers.BooleanField(required=False, default=False)
    format = serializers.ChoiceField(choices=FORMATS, required=False)
    columns = serializers.DictField(child=serializers.CharField(), required=False)
    bell = PeriodSerializer(many=True, required=False)
    days = serializers.DictField(child=WeekdaySerializer(), required=False)
    groups = serializers.DictField(child=serializers.CharField(allow_blank=True, max_length=120), required=False)
    weeks = serializers.DictField(child=serializers.CharField(allow_blank=True, max_length=8), required=False)
    names = serializers.BooleanField(required=False, default=False)
    leavers = serializers.BooleanField(required=False, default=False)
    date_order = serializers.ChoiceField(choices=ORDERS, required=False, default="")
    organisation = serializers.CharField(required=False, max_length=120, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        upload, content = attrs.pop("file", None), attrs.pop("content", "")
        if upload is not None:
            attrs["file_name"] = attrs["file_name"] or upload.name[:160]
            attrs["data"] = upload.read(LARGEST_ARCHIVE + 1)
        else:
            attrs["data"] = _decoded(content)
        if attrs["kind"] != "roster" and len(attrs["data"]) > LARGEST_UPLOAD:
            raise serializers.ValidationError({"file": [_("This file is larger than 2 MB. Export less of it.")]})
        return attrs


def _decoded(content: str) -> bytes:
    try:
        data = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise serializers.ValidationError({"content": [_("This is not base64.")]}) from error
    if not data:
        raise serializers.ValidationError({"file": [_("Send a file, or its bytes in base64 as “content”.")]})
    return data


class HitSerializer(serializers.Serializer):
    kind = serializers.CharField(help_text="request or placement.")
    pk = serializers.IntegerField()
    what = serializers.CharField()
    when = serializers.CharField()
    who = serializers.CharField()
    state = serializers.CharField()
    why = serializers.CharField()


class DryRunSerializer(serializers.Serializer):
    """What a file would bring, and which requests and placements the calendar would no longer allow."""

    counts = serializers.DictField(child=serializers.DictField(child=serializers.IntegerField()))
    warnings = serializers.ListField(child=serializers.CharField())
    problems = serializers.ListField(child=serializers.CharField())
    would_hit = HitSerializer(many=True)


class MadeImportSerializer(ImportSerializer):
    """With what the file says that cannot be read, in sentences."""

    warnings = serializers.ListField(child=serializers.CharField(), read_only=True)
    problems = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta(ImportSerializer.Meta):
        fields = (*ImportSerializer.Meta.fields, "warnings", "problems")
        read_only_fields = fields


class ImportViewSet(ActingSchool):
    """Calendars and timetables that were loaded; loading one more; taking one back."""

    model = Import
    queryset = Import.objects.none()
    serializer_class = ImportSerializer
    lookup_value_regex = r"\d+"

    def get_queryset(self):
        return super().get_queryset().defer("before").select_related("school__hub")

    @extend_schema(
        request=NewImportSerializer,
        responses={200: DryRunSerializer, 201: MadeImportSerializer, 202: MadeImportSerializer},
    )
    @idempotent
    def create(self, request):
        """Read a file and write what it says, all of it or nothing. `dry_run` writes nothing, and says in `would_hit`
        which requests and placements the school's calendar would no longer allow."""
        given = NewImportSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        plan, apply = KINDS[values["kind"]](self.school(), values, request.now)
        said = {"warnings": list(plan.warnings), "problems": _problems(plan)}
        if values["dry_run"]:
            hits = [asdict(hit) for hit in would_hit(plan, by=self.actor, now=request.now)]
            return Response({"counts": plan.counts, **said, "would_hit": hits})
        done = apply(plan, by=self.actor, now=request.now)
        code = status.HTTP_201_CREATED if done.state == Import.State.DONE else status.HTTP_202_ACCEPTED
        return Response({**ImportSerializer(done).data, **said}, status=code)

    @extend_schema(request=None, responses=ImportSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request, pk=None):
        row = self.get_object()
        undo_import(row, by=self.actor, now=request.now)
        return Response(ImportSerializer(row).data)


def _calendar(school: School, values: dict[str, Any], now: dt.datetime):
    plan = plan_calendar_import(
        school, values["data"], now=now, file_name=values["file_name"], cycle=values.get("cycle"),
        overwrite=values["overwrite"], without_problems=values["without_problems"],
    )  # fmt: skip
    return plan, apply_calendar_import


def _timetable(school: School, values: dict[str, Any], now: dt.datetime):
    days = {label: (day["weekday"], day["week"]) for label, day in values.get("days", {}).items()}
    bell = [BellPeriod(p["name"], p["starts_at"], p["ends_at"]) for p in values.get("bell", ())]
    plan = plan_timetable_import(
        school, values["data"], now=now, format=values.get("format"), mapping=values.get("columns"),
        bell_schedule=bell, file_name=values["file_name"],
        answers=Answers(
            days=days, groups=values.get("groups", {}), weeks=values.get("weeks", {}),
            overwrite=(ALL,) if values["overwrite"] else (), without_problems=values["without_problems"],
        ),
    )  # fmt: skip
    return plan, apply_timetable_import


def _roster(school: School, values: dict[str, Any], now: dt.datetime):
    choices = RosterChoices(
        school=values["organisation"], order=values["date_order"], leavers=values["leavers"],
        overwrite=(ALL,) if values["overwrite"] else (), without_problems=values["without_problems"],
    )  # fmt: skip
    parsed = read_roster(values["data"], names=values["names"])
    plan = plan_roster(school, parsed, now=now, choices=choices, file_name=values["file_name"])
    return plan, load_roster


KINDS = {"calendar": _calendar, "timetable": _timetable, "roster": _roster}


def _problems(plan: Any) -> list[str]:
    """The lines, events or rows that cannot be read, as sentences."""
    if isinstance(plan, RosterPlan):
        return [roster_problem(one) for one in plan.problems]
    say = calendar_problem if isinstance(plan, CalendarPlan) else timetable_problem
    return [say(one) for one in plan.parsed.problems]
