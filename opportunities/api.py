"""Opportunities and sessions, for clients."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from employers.api import ActingEmployer, ReasonSerializer
from employers.models import Sector, Site
from hubs.api import Rows, ScopedKey, idempotent
from opportunities import skills
from opportunities.api_release import HubSchool, listed
from opportunities.domain import offers, sessions
from opportunities.models import (
    EncounterType,
    Opportunity,
    PlanStep,
    Session,
    SessionDay,
)

# ---- Opportunities -----------------------------------------------------------

#: What passes between the employer and its hub only; schools do not see it.
INTERNAL = (
    "comment", "plan_step", "submitted_at", "paused_until", "supervisor", "stand_in", "first_schools",
)  # fmt: skip


class OpportunitySerializer(serializers.ModelSerializer):
    encounter_type = ScopedKey(EncounterType)
    site = ScopedKey(Site, required=False, allow_null=True)
    plan_step = ScopedKey(PlanStep, required=False, allow_null=True)
    sectors = serializers.PrimaryKeyRelatedField(many=True, queryset=Sector.objects.all(), required=False)
    first_schools = HubSchool(
        many=True, required=False,
        help_text="They may ask before `priority_from` (schools the hub gives priority) and `all_from` (every school).",
    )  # fmt: skip
    min_age = serializers.IntegerField(required=False, min_value=5, max_value=25)
    max_age = serializers.IntegerField(required=False, min_value=5, max_value=25)
    skills = serializers.ListField(
        child=serializers.CharField(max_length=skills.LONGEST), required=False, max_length=skills.MOST,
        help_text=f"Of {', '.join(skills.SKILLS)}, or other words.",
    )  # fmt: skip

    class Meta:
        model = Opportunity
        fields = (
            "id", "employer", "plan_step", "encounter_type", "site", "is_online", "title", "summary", "description",
            "outcomes", "day_plan", "min_age", "max_age", "sectors", "skills", "access", "clothing", "food",
            "costs_covered", "conditions", "supervisor", "stand_in", "first_schools", "priority_from", "all_from",
            "state", "comment", "submitted_at", "published_at", "paused_until", "confirmed_at", "created_at",
            "updated_at",
        )  # fmt: skip
        read_only_fields = (
            "employer", "state", "comment", "submitted_at", "published_at", "paused_until", "confirmed_at",
            "created_at", "updated_at",
        )  # fmt: skip

        withheld = INTERNAL

    def to_representation(self, instance: Opportunity) -> dict:
        shown = super().to_representation(instance)
        user = self.context["request"].user
        tenancies = user.tenancies()
        inside = instance.employer_id in tenancies.organisations or instance.hub_id in tenancies.staffed_hubs
        if not inside and not user.is_superuser:
            for name in self.Meta.withheld:
                shown.pop(name)
        return shown


class OpportunityChangeSerializer(OpportunitySerializer):
    seen_at = serializers.DateTimeField(
        required=False, write_only=True, help_text="The `updated_at` that was read; refused when it is older."
    )

    class Meta(OpportunitySerializer.Meta):
        fields = (*OpportunitySerializer.Meta.fields, "seen_at")
        read_only_fields = (*OpportunitySerializer.Meta.read_only_fields, "plan_step")


class SendBackSerializer(serializers.Serializer):
    comment = serializers.CharField(max_length=2000)


class PauseSerializer(serializers.Serializer):
    until = serializers.DateField(required=False, allow_null=True)


class OpportunityViewSet(ActingEmployer):
    model = Opportunity
    queryset = Opportunity.objects.none()
    serializer_class = OpportunitySerializer
    filterset_fields = ("state", "employer", "encounter_type")

    def get_queryset(self):
        rows = super().get_queryset().with_all().select_related("employer__hub")
        return listed(self, rows).prefetch_related("sectors", "first_schools")

    @idempotent
    def create(self, request):
        fields = self.given(OpportunitySerializer)
        step = fields.pop("plan_step", None)
        row = offers.draft_opportunity(self.employer(), fields, plan_step=step, by=self.actor, now=request.now)
        return self.shown(row, OpportunitySerializer, status.HTTP_201_CREATED)

    @extend_schema(request=OpportunityChangeSerializer)
    def partial_update(self, request, pk=None):
        """Change some fields. Send `seen_at` so as not to overwrite somebody else unseen."""
        row = self.get_object()
        fields = self.given(OpportunityChangeSerializer, row, partial=True)
        seen_at = fields.pop("seen_at", None)
        offers.change_opportunity(row, fields, seen_at=seen_at, by=self.actor, now=request.now)
        return self.shown(self.get_object(), OpportunitySerializer)

    def _move(self, request, verb, shape=serializers.Serializer) -> Response:
        row, given = self.get_object(), self.given(shape)
        verb(row, **given, by=self.actor, now=request.now)
        return self.shown(row, OpportunitySerializer)

    @action(detail=True, methods=["post"])
    def submit(self, request, pk=None):
        """Send it to the hub; 409 names what is missing."""
        return self._move(request, offers.submit)

    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request, pk=None):
        return self._move(request, offers.take_back)

    @action(detail=True, methods=["post"])
    def approve(self, request, pk=None):
        """Publish it (hub staff)."""
        return self._move(request, offers.approve)

    @action(detail=True, methods=["post"], url_path="send-back", serializer_class=SendBackSerializer)
    def send_back(self, request, pk=None):
        """Return it with a comment (hub staff)."""
        return self._move(request, offers.send_back, SendBackSerializer)

    @action(detail=True, methods=["post"], serializer_class=PauseSerializer)
    def pause(self, request, pk=None):
        return self._move(request, offers.pause, PauseSerializer)

    @action(detail=True, methods=["post"])
    def resume(self, request, pk=None):
        return self._move(request, offers.resume)

    @action(detail=True, methods=["post"])
    def confirm(self, request, pk=None):
        """What it says still holds."""
        return self._move(request, offers.confirm_still_true)

    @action(detail=True, methods=["post"], serializer_class=ReasonSerializer)
    def withdraw(self, request, pk=None):
        return self._move(request, offers.withdraw, ReasonSerializer)


# ---- Sessions ----------------------------------------------------------------


class SessionDaySerializer(serializers.ModelSerializer):
    class Meta:
        model = SessionDay
        fields = ("on", "starts_at", "ends_at")


class SessionSerializer(serializers.ModelSerializer):
    """`days` are local dates and times of `time_zone`; `starts_at` and `ends_at` follow from them."""

    days = SessionDaySerializer(many=True, read_only=True)

    class Meta:
        model = Session
        fields = (
            "id", "opportunity", "employer", "state", "time_zone", "days", "starts_at", "ends_at", "places", "taken",
            "group_min", "group_max", "break_minutes", "opens_on", "closes_on", "version", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class NewSessionSerializer(serializers.Serializer):
    opportunity = ScopedKey(Opportunity)
    days = SessionDaySerializer(many=True, min_length=1, max_length=sessions.MOST_DAYS)
    places = serializers.IntegerField(min_value=1, max_value=sessions.MOST_PLACES)
    group_min = serializers.IntegerField(min_value=1, default=1)
    group_max = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    break_minutes = serializers.IntegerField(
        min_value=0, max_value=sessions.MOST_BREAK, required=False, allow_null=True
    )
    opens_on = serializers.DateField(required=False, allow_null=True)
    closes_on = serializers.DateField(required=False, allow_null=True)
    times = serializers.IntegerField(
        min_value=1,
        max_value=sessions.MOST_REPEATS,
        default=1,
        help_text="Repeat week after week, so many in all; weeks on which nobody could come are skipped.",
    )
    anyway = serializers.BooleanField(
        default=False, help_text="Also on a public holiday or days nobody could come; else refused as nobody_comes."
    )


class PlacesSerializer(serializers.Serializer):
    """`anyway` and a `reason` to offer fewer than are taken: the hub then finds other places."""

    places = serializers.IntegerField(min_value=1, max_value=sessions.MOST_PLACES)
    places_seen = serializers.IntegerField(
        required=False, help_text="The `places` that were read; refused when there are others by now."
    )
    anyway = serializers.BooleanField(required=False)
    reason = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class SessionViewSet(Rows):
    model = Session
    queryset = Session.objects.none()
    serializer_class = SessionSerializer
    filterset_fields = ("opportunity", "employer", "state")

    def get_queryset(self):
        return listed(self, super().get_queryset().with_all().select_related("opportunity__hub"))

    @extend_schema(request=NewSessionSerializer, responses={201: SessionSerializer(many=True)})
    @idempotent
    def create(self, request):
        """Add one session, or a weekly series; answers a list of what was made."""
        given = self.given(NewSessionSerializer)
        days = [(day["on"], day["starts_at"], day["ends_at"]) for day in given.pop("days")]
        given["sure"] = [day[0] for day in days] if given.pop("anyway") else []
        made = sessions.add_series(given.pop("opportunity"), days, **given, by=self.actor, now=request.now)
        shown = SessionSerializer(made, many=True, context=self.get_serializer_context())
        return Response(shown.data, status=status.HTTP_201_CREATED)

    @action(detail=True, methods=["post"], serializer_class=PlacesSerializer)
    @idempotent
    def places(self, request, pk=None):
        """Change the number of places; below what is taken only `anyway`, with a reason."""
        row = self.get_object()
        sessions.change_places(row, **self.given(PlacesSerializer), by=self.actor, now=request.now)
        return self.shown(row, SessionSerializer)

    @action(detail=True, methods=["post"], serializer_class=ReasonSerializer)
    def cancel(self, request, pk=None):
        row = self.get_object()
        sessions.cancel_session(row, **self.given(ReasonSerializer), by=self.actor, now=request.now)
        return self.shown(row, SessionSerializer)


ROUTES = {
    "opportunities": OpportunityViewSet,
    "sessions": SessionViewSet,
}
