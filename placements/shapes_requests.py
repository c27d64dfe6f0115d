"""How requests look to a client of the API, and what it sends to make one."""

from __future__ import annotations

from django.utils.translation import gettext as _
from rest_framework import serializers

from employers.models import Sector
from hubs.api import ScopedKey
from opportunities.models import EncounterType, PathwayStep, Session
from placements.domain import requests
from placements.domain.copying import Copy
from placements.domain.windows import MOST as MOST_WINDOWS
from placements.domain.windows import Window
from placements.domain.wishes import Kind
from placements.models import PlacementRequest, RequestWindow, WaitingPlace, Wish
from schools.models import Group, Student

MOST_WISHES = 6
MOST_GROUPS = 30
MOST_IN_SERIES = 40


class WishSerializer(serializers.ModelSerializer):
    """A `session`, or any session of an `encounter_type`, perhaps in one `sector`; of a pathway's `step` with both."""

    class Meta:
        model = Wish
        fields = ("rank", "session", "encounter_type", "sector", "step", "refused_reason")


class DaysSerializer(serializers.ModelSerializer):
    """Local days, both inclusive."""

    class Meta:
        model = RequestWindow
        fields = ("first_on", "last_on")


class RequestSerializer(serializers.ModelSerializer):
    """Seen by the school and its hub only. Without `windows` it may be met on any day; `mark` changes with everything
    that a draft says, and is what changing one asks for."""

    wishes = WishSerializer(many=True, read_only=True)
    windows = DaysSerializer(many=True, read_only=True)
    mark = serializers.SerializerMethodField()

    class Meta:
        model = PlacementRequest
        fields = (
            "id", "school", "group", "places", "students", "is_provisional", "note", "needs", "max_travel", "windows",
            "state", "wishes", "mark", "created_at", "submitted_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_mark(self, row: PlacementRequest) -> str:
        return requests.as_read(row)


class CopiedRequestSerializer(RequestSerializer):
    """Of a `copying.Copy`. `left_out`: in a sentence each, wishes that could not be copied, or not as they were."""

    left_out = serializers.SerializerMethodField()

    class Meta(RequestSerializer.Meta):
        fields = (*RequestSerializer.Meta.fields, "left_out")
        read_only_fields = fields

    def to_representation(self, copy: Copy) -> dict:
        return super().to_representation(copy.request)

    def get_left_out(self, row: PlacementRequest) -> list[str]:
        return self.instance.left_out


class EligibilitySerializer(serializers.Serializer):
    """`why` a wish cannot be granted, "" when it can; `nearest` is the session of its kind that could."""

    session = serializers.IntegerField(source="wish.pk")
    why = serializers.CharField()
    nearest = serializers.IntegerField(source="nearest.pk", default=None, allow_null=True)


class WishedKindSerializer(serializers.Serializer):
    """Any session of an encounter type, perhaps in one sector."""

    encounter_type = ScopedKey(EncounterType)
    sector = serializers.PrimaryKeyRelatedField(queryset=Sector.objects.all(), required=False, allow_null=True)


class WishedSerializer(serializers.Serializer):
    """One of: a `session`, a `step` of a pathway, or an `encounter_type`, perhaps in one `sector`."""

    session = ScopedKey(Session, required=False)
    step = ScopedKey(PathwayStep, required=False)
    encounter_type = ScopedKey(EncounterType, required=False)
    sector = serializers.PrimaryKeyRelatedField(queryset=Sector.objects.all(), required=False, allow_null=True)

    def validate(self, attrs: dict) -> Session | Kind:  # type: ignore[override]  # what the domain takes
        named = [name for name in ("session", "step", "encounter_type") if name in attrs]
        if len(named) != 1 or ("sector" in attrs and "encounter_type" not in attrs):
            raise serializers.ValidationError(_("Name a session, a step or an encounter type (with a sector)."))
        if "step" in attrs:
            return Kind.of_step(attrs["step"])
        return attrs["session"] if "session" in attrs else Kind(**attrs)


class AskedSerializer(serializers.Serializer):
    """What is asked for, whoever comes: `wishes` in their order; or, shorter, `sessions` and after them `kinds`."""

    wishes = serializers.ListField(child=WishedSerializer(), required=False, default=list, max_length=MOST_WISHES)
    sessions = serializers.ListField(child=ScopedKey(Session), required=False, default=list, max_length=MOST_WISHES)
    kinds = serializers.ListField(child=WishedKindSerializer(), required=False, default=list, max_length=MOST_WISHES)
    windows = serializers.ListField(child=DaysSerializer(), required=False, default=list, max_length=MOST_WINDOWS)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    needs = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    is_provisional = serializers.BooleanField(required=False)
    max_travel = serializers.IntegerField(
        min_value=0, max_value=600, required=False, allow_null=True, help_text="At most so many minutes one way."
    )
    draft = serializers.BooleanField(required=False, help_text="Keep it; send it later with submit.")

    def validate(self, attrs: dict) -> dict:
        shorter = [*attrs.pop("sessions"), *(Kind(**kind) for kind in attrs.pop("kinds"))]
        wished = attrs.pop("wishes")
        if bool(shorter) == bool(wished):
            raise serializers.ValidationError({"wishes": [_("Choose at least one session, or a kind of encounter.")]})
        attrs["wished"] = wished or shorter
        attrs["windows"] = [Window(one["first_on"], one["last_on"]) for one in attrs["windows"]]
        return attrs


class NewRequestSerializer(AskedSerializer):
    """Without `places`, the students named or else the whole group."""

    group = ScopedKey(Group, required=False, allow_null=True)
    places = serializers.IntegerField(min_value=1, max_value=400, required=False)
    students = serializers.ListField(child=ScopedKey(Student), required=False, max_length=400)

    def validate(self, attrs: dict) -> dict:
        attrs = super().validate(attrs)
        group, students = attrs.setdefault("group", None), attrs.get("students", [])
        if "places" not in attrs:
            attrs["places"] = len(students) or (group.size if group else 0)
        return attrs


class ForGroupsSerializer(AskedSerializer):
    """The same wishes for all of each group."""

    groups = serializers.ListField(child=ScopedKey(Group), min_length=1, max_length=MOST_GROUPS)


class ChangeDraftSerializer(AskedSerializer):
    """All that the draft is to say, but for its group: what is left out is said no more. `seen` is the `mark` it had
    when it was read. Without `places`, as many as before, or the students named."""

    seen = serializers.CharField(max_length=64)
    places = serializers.IntegerField(min_value=1, max_value=400, required=False)
    students = serializers.ListField(child=ScopedKey(Student), required=False, max_length=400)


class HoldSerializer(serializers.Serializer):
    session = ScopedKey(Session)
    places = serializers.IntegerField(min_value=1, max_value=400, required=False)


class HoldSeriesSerializer(serializers.Serializer):
    sessions = serializers.ListField(child=ScopedKey(Session), min_length=1, max_length=MOST_IN_SERIES)
    places = serializers.IntegerField(min_value=1, max_value=400, required=False)


class JoinSerializer(HoldSerializer):
    """Places default to those of the request."""


class StopWaitingSerializer(serializers.Serializer):
    session = ScopedKey(Session)


class WaitingSerializer(serializers.ModelSerializer):
    """`position` 1 is served next; `length` counts everybody in line. Nobody sees who else waits."""

    position = serializers.IntegerField()
    length = serializers.IntegerField()

    class Meta:
        model = WaitingPlace
        fields = ("id", "session", "places", "joined_at", "position", "length")
        read_only_fields = fields
