"""Two records of one employer put together, for clients of the hub's staff: the verbs of the page."""

from __future__ import annotations

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from employers.api import EmployerViewSet
from employers.api_imports import LikenessSerializer
from employers.lookalikes import like
from employers.models import Employer
from hubs.api import ScopedKey, idempotent
from hubs.errors import CannotAct
from hubs.models import HUB_STAFF
from placements.domain.merging import FIELDS, check_pair, merge, usual_choice
from placements.domain.merging_notes import held_by, notes_of
from placements.domain.merging_things import Pair


class OtherEmployerSerializer(serializers.Serializer):
    """`other` is the record that would go."""

    other = ScopedKey(Employer)


class MergeSerializer(OtherEmployerSerializer):
    """`take` names fields whose value comes from the record that goes; left out: those the other lacks."""

    take = serializers.MultipleChoiceField(choices=FIELDS, required=False)


class DifferingFieldSerializer(serializers.Serializer):
    """A field in which the two differ. `taken`: its value comes from the record that goes, unless somebody says so."""

    name = serializers.CharField()
    stays = serializers.CharField()
    goes = serializers.CharField()
    taken = serializers.BooleanField()


class HeldSerializer(serializers.Serializer):
    """How many rows of a kind each record has."""

    what = serializers.CharField()
    stays = serializers.IntegerField()
    goes = serializers.IntegerField()


class ComparedSerializer(serializers.Serializer):
    """`notes` say what will not simply come along."""

    fields_that_differ = DifferingFieldSerializer(many=True)
    held = HeldSerializer(many=True)
    notes = serializers.ListField(child=serializers.CharField())


class MergedSerializer(serializers.Serializer):
    """`moved`: how many rows came, by kind; nothing when it was done before."""

    employer = serializers.IntegerField()
    moved = serializers.DictField(child=serializers.IntegerField())


def _compared(pair: Pair) -> dict:
    usual = usual_choice(pair)
    values = [(name, *(str(getattr(row, name) or "") for row in (pair.stays, pair.goes))) for name in FIELDS]
    return {
        "fields_that_differ": [
            {"name": name, "stays": stays, "goes": goes, "taken": name in usual}
            for name, stays, goes in values
            if stays != goes
        ],
        "held": [dict(zip(("what", "stays", "goes"), one, strict=True)) for one in held_by(pair)],
        "notes": notes_of(pair),
    }


class MergingEmployerViewSet(EmployerViewSet):
    """Beside what the employers' own floor shows."""

    def _own_row(self) -> Employer:
        """The record, for the hub's staff alone: before anything that was sent is looked at."""
        row = self.get_object()
        if not self.actor.may(row, HUB_STAFF):
            raise CannotAct(_("Only the hub's staff puts records together."))
        return row

    @extend_schema(responses=LikenessSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def lookalikes(self, request, pk=None):
        """Other records of the hub that may be this employer, the likeliest first (hub staff)."""
        row = self._own_row()
        return Response(LikenessSerializer(like(row), many=True).data)

    @extend_schema(parameters=[OpenApiParameter("other", int, required=True)], responses=ComparedSerializer)
    @action(detail=True, methods=["get"], pagination_class=None)
    def merge(self, request, pk=None):
        """What each record has and what would become of it, were `other` put into this one; refused with every reason
        why it cannot be (hub staff)."""
        row = self._own_row()
        given = OtherEmployerSerializer(data=request.query_params, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        other = given.validated_data["other"]
        check_pair(row, other, by=self.actor)
        return Response(ComparedSerializer(_compared(Pair(row, other))).data)

    @extend_schema(request=MergeSerializer, responses=MergedSerializer)
    @merge.mapping.post
    @idempotent
    def put_together(self, request, pk=None):
        """Put `other` into this record: what hangs on it moves here, and it is put away (hub staff)."""
        row, given = self._own_row(), self.given(MergeSerializer)
        take = frozenset(given["take"]) if "take" in given else None
        moved = merge(row, given["other"], take=take, by=self.actor, now=request.now)
        return Response(MergedSerializer({"employer": row.pk, "moved": moved}).data)


ROUTES = {"employers": MergingEmployerViewSet}
