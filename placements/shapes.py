"""How requests, placements and what follows look to a client of the API."""

from __future__ import annotations

import datetime as dt

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from employers.api import ScopedKey
from employers.models import Site
from opportunities.models import Session
from opportunities.models.types import FLAGS
from placements.domain.attendance import FLAGS_OF
from placements.domain.fitting import SessionFit
from placements.models import Clearance, Encounter, Feed, Placement
from placements.register import may_know
from schools.domain.words import sentence
from schools.models import Group, Student

MOST_WISHES = 3


class WindowSerializer(serializers.Serializer):
    """`from` and `to` are local dates, inclusive; twelve weeks from today when left out."""

    def get_fields(self) -> dict:
        return {"from": serializers.DateField(source="start"), "to": serializers.DateField(source="end")}

    def to_internal_value(self, data: dict) -> dict:
        today = self.context["today"]
        window = {"from": today.isoformat(), "to": (today + dt.timedelta(weeks=12)).isoformat()}
        return super().to_internal_value({**window, **{name: data[name] for name in window if name in data}})

    def validate(self, attrs: dict) -> dict:
        if attrs["end"] < attrs["start"]:
            raise serializers.ValidationError({"to": ["This is before the first day."]})
        return attrs


class ReasonOfFitSerializer(serializers.Serializer):
    code = serializers.CharField()
    level = serializers.CharField()
    sentence = serializers.CharField()


class SessionFitSerializer(serializers.Serializer):
    """One session judged for one group; minutes of travel are one way."""

    session = serializers.IntegerField()
    opportunity = serializers.IntegerField()
    title = serializers.CharField()
    employer = serializers.CharField()
    starts_at = serializers.DateTimeField()
    places_left = serializers.IntegerField()
    travel_minutes = serializers.IntegerField()
    verdict = serializers.ChoiceField(choices=["fits", "fits_at_cost", "cannot"])
    sentence = serializers.CharField()
    minutes_missed = serializers.IntegerField()
    lessons_missed = serializers.ListField(child=serializers.DictField())
    reasons = ReasonOfFitSerializer(many=True)


def fit_as_dict(one: SessionFit) -> dict:
    session = one.session
    return {
        "session": session.pk,
        "opportunity": session.opportunity_id,
        "title": session.opportunity.title,
        "employer": session.opportunity.employer.name,
        "starts_at": session.starts_at,
        "places_left": session.left,
        "travel_minutes": one.travel_minutes,
        "verdict": one.fit.verdict,
        "sentence": one.sentence,
        "minutes_missed": one.fit.minutes_missed,
        "lessons_missed": [
            {"subject": m.subject, "count": m.count, "minutes": m.minutes} for m in one.fit.lessons_missed
        ],
        "reasons": [{"code": r.code, "level": r.level, "sentence": sentence(r)} for r in one.fit.reasons],
    }


class SessionAskedSerializer(serializers.Serializer):
    session = ScopedKey(Session)


class ChangeSerializer(serializers.Serializer):
    """One change under which the group could go: other_day, fewer_students, more_notice or rule."""

    code = serializers.CharField()
    sentence = serializers.CharField()


class ClassListSerializer(serializers.ModelSerializer):
    """A student by alias, whether there was anything yet this academic year, and what a session would cost again."""

    had_one = serializers.BooleanField()
    costs = serializers.SerializerMethodField()

    class Meta:
        model = Student
        fields = ("id", "alias", "had_one", "costs")

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_costs(self, row: Student) -> list[str]:
        return list(self.context.get("costs", {}).get(row.pk, ()))


# ---- Placements ---------------------------------------------------------------


class NamedStudentSerializer(serializers.Serializer):
    """To the employer: only from the moment it said yes, by name where the school gave one."""

    id = serializers.IntegerField()
    shown = serializers.CharField(help_text="Name, or alias where the school gave no name.")
    shared_needs = serializers.CharField(help_text="As the school words them for the employer.")


class PlacementSerializer(serializers.ModelSerializer):
    students = serializers.SerializerMethodField()
    group_name = serializers.CharField(source="group.name", default="", read_only=True)
    school_name = serializers.CharField(source="school.name", read_only=True)
    starts_at = serializers.DateTimeField(source="session.starts_at", read_only=True)
    ends_at = serializers.DateTimeField(source="session.ends_at", read_only=True)
    reason = serializers.CharField(source="why", read_only=True)
    ended_because = serializers.ChoiceField(Placement.Because.choices, allow_blank=True, read_only=True)

    class Meta:
        model = Placement
        fields = (
            "id", "request", "session", "starts_at", "ends_at", "employer", "school", "school_name", "group",
            "group_name", "places", "state", "held_until", "offered_at", "answer_by", "answered_at", "closed_at",
            "reason", "ended_because", "supervisor", "students", "created_at",
        )  # fmt: skip
        read_only_fields = fields
        withheld = ("request", "held_until", "created_at")

    @extend_schema_field(NamedStudentSerializer(many=True))
    def get_students(self, row: Placement) -> list[dict]:
        if not self._of_school(row) and not may_know(row, self.context["request"].now):
            return []
        people = [one.student for one in row.students.all()]
        return [{"id": s.pk, "shown": s.name or s.alias, "shared_needs": s.shared_needs} for s in people]

    def to_representation(self, row: Placement) -> dict:
        shown = super().to_representation(row)
        if not self._of_school(row):
            # What passes between the school and its hub stays there.
            for name in self.Meta.withheld:
                shown.pop(name)
        return shown

    def _of_school(self, row: Placement) -> bool:
        user = self.context["request"].user
        tenancies = user.tenancies()
        return user.is_superuser or row.school_id in tenancies.organisations or row.hub_id in tenancies.staffed_hubs


class OfferSerializer(serializers.Serializer):
    message = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    even_so = serializers.BooleanField(required=False, default=False)


class AcceptSerializer(serializers.Serializer):
    supervisor = serializers.CharField(max_length=120, required=False, allow_blank=True)


class WhySerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class StudentsSerializer(serializers.Serializer):
    students = serializers.ListField(child=ScopedKey(Student), max_length=400)


class MarkSerializer(serializers.Serializer):
    day = serializers.DateField()
    present = serializers.ListField(child=serializers.IntegerField(), max_length=400)


class CompleteSerializer(serializers.Serializer):
    """What the school can say; leave out or send null what is not known."""

    def get_fields(self) -> dict:
        return {
            name: serializers.BooleanField(required=False, allow_null=True, help_text=str(FLAGS[name]))
            for name in FLAGS_OF["school"]
        }


class FeedbackSerializer(serializers.Serializer):
    """What the employer can say."""

    again = serializers.BooleanField(allow_null=True, default=None, help_text="Would you do it again?")
    words = serializers.CharField(max_length=2000, required=False, allow_blank=True)

    def get_fields(self) -> dict:
        flags = {
            name: serializers.BooleanField(default=False, help_text=str(FLAGS[name])) for name in FLAGS_OF["employer"]
        }
        return {**flags, **super().get_fields()}


# ---- Clearances, feeds, encounters ----------------------------------------------


class ClearanceSerializer(serializers.ModelSerializer):
    code = serializers.CharField(source="requirement.code", read_only=True)
    title = serializers.CharField(source="requirement.title", read_only=True)
    text = serializers.CharField(source="requirement.text", read_only=True)
    source = serializers.CharField(source="requirement.source", read_only=True)

    class Meta:
        model = Clearance
        fields = (
            "id", "placement", "student", "code", "title", "text", "source", "responsible", "blocks", "due_on",
            "state", "done_at",
        )  # fmt: skip
        read_only_fields = fields


class NoteSerializer(serializers.Serializer):
    note = serializers.CharField(max_length=240, required=False, allow_blank=True)


class AskParentSerializer(serializers.Serializer):
    address = serializers.EmailField()
    language = serializers.CharField(max_length=12, required=False, allow_blank=True)


class SentSerializer(serializers.Serializer):
    sent = serializers.IntegerField()


class FeedSerializer(serializers.ModelSerializer):
    class Meta:
        model = Feed
        fields = ("id", "organisation", "group", "site", "personal", "created_at", "last_read_at", "revoked_at")
        read_only_fields = ("organisation", "personal", "created_at", "last_read_at", "revoked_at")


class NewFeedSerializer(serializers.Serializer):
    group = ScopedKey(Group, required=False, allow_null=True)
    site = ScopedKey(Site, required=False, allow_null=True)
    personal = serializers.BooleanField(required=False)


class MadeFeedSerializer(FeedSerializer):
    address = serializers.CharField(read_only=True, help_text="Shown only in this answer.")

    class Meta(FeedSerializer.Meta):
        fields = (*FeedSerializer.Meta.fields, "address")


class EncounterSerializer(serializers.ModelSerializer):
    class Meta:
        model = Encounter
        fields = (
            "id", "student", "placement", "encounter_type", "employer", "on", "attended", "hours", *FLAGS,
            "meaningful", "recorded_at",
        )  # fmt: skip
