"""Self-assessments for clients: the verbs of the pages, and the framework they answer."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from employers import assessing, framing
from employers.api import ActingEmployer
from employers.frameworks import as_document
from employers.models import Answer, Document, SelfAssessment, StandardsFramework
from hubs.api import Rows, ScopedKey, idempotent
from hubs.languages import read_language


class FrameworkSerializer(serializers.ModelSerializer):
    document = serializers.SerializerMethodField()

    class Meta:
        model = StandardsFramework
        fields = ("id", "code", "version", "name", "side", "language", "state", "sealed_sha256", "document")
        read_only_fields = fields

    def get_document(self, row) -> dict:
        """The whole framework in the reader's language where it is translated."""
        return as_document(framing.document_of(row, read_language()))


class FrameworkViewSet(Rows):
    """What is or was in use; drafts are the hub's."""

    model = StandardsFramework
    queryset = StandardsFramework.objects.none()
    serializer_class = FrameworkSerializer

    def get_queryset(self):
        return super().get_queryset().exclude(state="draft").order_by("code", "-pk")

    @extend_schema(responses={(200, "application/json"): OpenApiTypes.OBJECT})
    @action(detail=True, methods=["get"], pagination_class=None)
    def export(self, request, pk=None):
        """The file that another hub imports, byte for byte as it was sealed: its SHA-256 is `sealed_sha256`."""
        row = self.get_object()
        response = HttpResponse(framing.exported(row), content_type="application/json; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{row.code}-{row.pk}.json"'
        return response


class AnswerSerializer(serializers.ModelSerializer):
    class Meta:
        model = Answer
        fields = ("item", "level", "not_applicable", "reason", "documents", "answered_at", "revision")
        read_only_fields = fields


class SaidSerializer(serializers.Serializer):
    """`revision` is the one you saw, 0 for an item without an answer."""

    item = serializers.CharField(max_length=12)
    level = serializers.IntegerField(min_value=0, max_value=20, required=False, allow_null=True)
    not_applicable = serializers.BooleanField(default=False)
    reason = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")
    documents = ScopedKey(Document, many=True, required=False)
    revision = serializers.IntegerField(min_value=0, default=0)

    def said(self, given: dict) -> assessing.Said:
        return assessing.Said(
            item=given["item"], level=given.get("level"), not_applicable=given["not_applicable"],
            reason=given["reason"], documents=tuple(paper.pk for paper in given.get("documents", ())),
            seen=given["revision"],
        )  # fmt: skip


class AnswersSerializer(serializers.Serializer):
    answers = SaidSerializer(many=True, allow_empty=False)


class SavedSerializer(serializers.Serializer):
    """`conflicts` are answers somebody else gave since the revision you named; yours were not written."""

    written = serializers.ListField(child=serializers.CharField())
    conflicts = AnswerSerializer(many=True)


class CommentSerializer(serializers.Serializer):
    comment = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class AssessmentSerializer(serializers.ModelSerializer):
    answers = AnswerSerializer(many=True, read_only=True)

    class Meta:
        model = SelfAssessment
        fields = (
            "id", "employer", "framework", "round", "corrects", "version", "size", "state", "started_at",
            "submitted_at", "reviewed_at", "comment", "result", "fingerprint", "evidence", "answers",
        )  # fmt: skip
        read_only_fields = fields


class AssessmentViewSet(ActingEmployer):
    model = SelfAssessment
    queryset = SelfAssessment.objects.none()
    serializer_class = AssessmentSerializer

    def get_queryset(self):
        rows = super().get_queryset().select_related("framework", "employer__hub", "hub", "round")
        return rows.prefetch_related("answers__documents").order_by("-started_at", "-pk")

    @extend_schema(request=None)
    @idempotent
    def create(self, request):
        """Begin, or go on with the one that is open."""
        row = assessing.start(self.employer(), by=self.actor, now=request.now)
        return self.shown(row, AssessmentSerializer, status.HTTP_201_CREATED)

    @extend_schema(responses=SavedSerializer)
    @action(detail=True, methods=["post"], serializer_class=AnswersSerializer)
    def answer(self, request, pk=None):
        row, given = self.get_object(), self.given(AnswersSerializer)["answers"]
        said = [SaidSerializer().said(one) for one in given]
        saved = assessing.save_answers(row, said, by=self.actor, now=request.now)
        return Response(SavedSerializer(saved).data)

    @action(detail=True, methods=["post"])
    def submit(self, request, pk=None):
        assessing.submit(self.get_object(), by=self.actor, now=request.now)
        # Read again: it was scored by the answers there were then.
        return self.shown(self.get_object(), AssessmentSerializer)

    @action(detail=True, methods=["post"], url_path="hand-back", serializer_class=CommentSerializer)
    def hand_back(self, request, pk=None):
        row = self.get_object()
        assessing.hand_back(row, self.given(CommentSerializer)["comment"], by=self.actor, now=request.now)
        return self.shown(row, AssessmentSerializer)

    @action(detail=True, methods=["post"], serializer_class=CommentSerializer)
    def confirm(self, request, pk=None):
        row = self.get_object()
        assessing.confirm(row, self.given(CommentSerializer)["comment"], by=self.actor, now=request.now)
        return self.shown(row, AssessmentSerializer)

    @action(detail=True, methods=["post"])
    def finalise(self, request, pk=None):
        row = self.get_object()
        assessing.finalise(row, by=self.actor, now=request.now)
        return self.shown(row, AssessmentSerializer)

    @extend_schema(responses={201: AssessmentSerializer})
    @action(detail=True, methods=["post"])
    def correct(self, request, pk=None):
        """A new version that begins with the same answers."""
        made = assessing.correct(self.get_object(), by=self.actor, now=request.now)
        return self.shown(made, AssessmentSerializer, status.HTTP_201_CREATED)


ROUTES = {"standards-frameworks": FrameworkViewSet, "self-assessments": AssessmentViewSet}
