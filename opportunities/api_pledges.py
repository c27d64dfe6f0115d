"""What an employer can give, for clients: read, and said."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status

from employers.api import ActingEmployer
from employers.models import Site
from hubs.api import ScopedKey, idempotent
from opportunities.domain import pledges
from opportunities.models import EncounterType, Pledge


class PledgeSerializer(serializers.ModelSerializer):
    """One answer a year: `months` are 1 to 12, `hours` and `places` of the whole year."""

    class Meta:
        model = Pledge
        fields = (
            "id", "employer", "year_starts_on", "answer", "reasons", "reason", "hours", "places", "min_age", "max_age",
            "months", "encounter_types", "sites", "answered_at", "ask_again_on",
        )  # fmt: skip
        read_only_fields = fields


class NewPledgeSerializer(serializers.Serializer):
    """All of what is said: what is left out is said no longer."""

    answer = serializers.CharField(max_length=5, help_text="yes, maybe or no.")
    reasons = serializers.ListField(
        child=serializers.CharField(max_length=20), required=False, max_length=len(Pledge.Reason.choices),
        help_text=f"Of {', '.join(Pledge.Reason.values)}.",
    )  # fmt: skip
    reason = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    hours = serializers.IntegerField(min_value=0, max_value=pledges.MOST_HOURS, required=False, allow_null=True)
    places = serializers.IntegerField(min_value=0, max_value=pledges.MOST_PLACES, required=False, allow_null=True)
    min_age = serializers.IntegerField(min_value=5, max_value=25, required=False, allow_null=True)
    max_age = serializers.IntegerField(min_value=5, max_value=25, required=False, allow_null=True)
    months = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=12), required=False, max_length=12
    )
    encounter_types = serializers.ListField(child=ScopedKey(EncounterType), required=False, max_length=50)
    sites = serializers.ListField(child=ScopedKey(Site), required=False, max_length=100)
    ask_again_on = serializers.DateField(required=False, allow_null=True)


class PledgeViewSet(ActingEmployer):
    model = Pledge
    queryset = Pledge.objects.none()
    serializer_class = PledgeSerializer
    filterset_fields = ("employer", "answer", "year_starts_on")

    def get_queryset(self):
        return super().get_queryset().prefetch_related("encounter_types", "sites").order_by("-year_starts_on", "pk")

    @extend_schema(request=NewPledgeSerializer)
    @idempotent
    def create(self, request):
        """Say it for the year asked about now, new or instead of the answer before."""
        row = pledges.pledge(self.employer(), self.given(NewPledgeSerializer), by=self.actor, now=request.now)
        return self.shown(row, PledgeSerializer, status.HTTP_201_CREATED)


ROUTES = {"pledges": PledgeViewSet}
