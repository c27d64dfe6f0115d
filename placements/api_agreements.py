"""Agreements for clients: drawing up, reading, asking for signatures, signing, paper, taking back."""

from __future__ import annotations

from collections.abc import Callable

import django_filters
from django.db.models import Exists, OuterRef, Prefetch, Value
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from hubs.api import Rows, ScopedKey, idempotent
from placements.agreement_file import as_file
from placements.domain import agreements
from placements.models import Agreement, Placement, Signature
from placements.register import may_know


class SignatureSerializer(serializers.ModelSerializer):
    """One line: open until somebody signs; an employer sees its own."""

    class Meta:
        model = Signature
        fields = ("id", "party", "label", "name", "capacity", "signed_at", "outside", "withdrawn_at")
        read_only_fields = fields


class AgreementSerializer(serializers.ModelSerializer):
    """`facts` is the text, with aliases and no name. A version that is not `newest` is signed no more."""

    signatures = SignatureSerializer(many=True, read_only=True)
    newest = serializers.BooleanField(read_only=True)

    class Meta:
        model = Agreement
        fields = (
            "id", "placement", "student", "form", "language", "version", "newest", "text_sha256", "facts", "made_at",
            "signatures",
        )  # fmt: skip
        read_only_fields = fields


class DrawUpSerializer(serializers.Serializer):
    placement = ScopedKey(Placement)


class LineSerializer(serializers.Serializer):
    line = serializers.IntegerField(help_text="The id of one of its signatures.")


class AskSignatureSerializer(LineSerializer):
    """Whoever has the address gets a link of their own."""

    address = serializers.EmailField(max_length=120)
    name = serializers.CharField(max_length=120, required=False, allow_blank=True)
    language = serializers.CharField(max_length=12, required=False, allow_blank=True)


class SignSerializer(LineSerializer):
    name = serializers.CharField(max_length=120)
    capacity = serializers.CharField(max_length=80, required=False, allow_blank=True)


class SignedOutsideSerializer(SignSerializer):
    """A `scan` (PDF, JPEG or PNG, 5 MB at most) is sent as multipart/form-data."""

    signed_on = serializers.DateField()
    scan = serializers.FileField(required=False, source="upload")


class TakeBackSerializer(LineSerializer):
    reason = serializers.CharField(max_length=600, required=False, allow_blank=True, default="")


class AgreementFilterSet(django_filters.FilterSet):
    # A plain number, not a choice: a choice would say whether another tenant's row exists.
    placement = django_filters.NumberFilter(field_name="placement_id", label="placement")

    class Meta:
        model = Agreement
        fields = ("placement",)


class AgreementViewSet(Rows):
    """Of the placements you may see: the school's and its hub's, and the employer's from acceptance on."""

    model = Agreement
    queryset = Agreement.objects.none()
    serializer_class = AgreementSerializer
    filterset_class = AgreementFilterSet

    def get_queryset(self):
        return self._shown(super().get_queryset())

    def _shown(self, rows):
        """Newest versions first, each with the lines its reader may see."""
        lines = Signature.objects.visible_to(self.request.user).order_by("pk")
        same = Agreement.objects.alias(of=Coalesce("student_id", Value(0))).filter(
            placement=OuterRef("placement"), of=Coalesce(OuterRef("student_id"), Value(0)),
            version__gt=OuterRef("version"),
        )  # fmt: skip
        rows = rows.annotate(newest=~Exists(same)).prefetch_related(Prefetch("signatures", lines))
        return rows.select_related("placement__hub", "placement__session")

    @extend_schema(request=DrawUpSerializer, responses={201: AgreementSerializer(many=True)})
    @idempotent
    def create(self, request):
        """Draw up what the placement says now: one text, or one for each student; what is unchanged stays."""
        given = self.given(DrawUpSerializer)
        made = agreements.draw_up(given["placement"], by=self.actor, now=request.now)
        rows = self._shown(Agreement.objects.filter(pk__in=[row.pk for row in made])).order_by("pk")
        shown = AgreementSerializer(rows, many=True, context=self.get_serializer_context())
        return Response(shown.data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={(200, "application/pdf"): bytes})
    @action(detail=True, methods=["get"], filterset_class=None)
    def pdf(self, request, pk=None):
        """The paper as it stands, in the form and language of the jurisdiction."""
        row, user = self.get_object(), request.user
        tenancies = user.tenancies()
        schools = row.school_id in tenancies.organisations or row.hub_id in tenancies.staffed_hubs
        # Anew: the lines at hand are those of the reader, the paper has all of them.
        found = Agreement.objects.select_related("placement__hub").get(pk=row.pk)
        return as_file(found, named=schools or user.is_superuser or may_know(row.placement, request.now))

    def _on_line(self, shape, verb: Callable) -> Response:
        """One verb on one of its lines; sent again with the same key, it answers as it did the first time."""

        @idempotent
        def act(view, request):
            row, given = view.get_object(), view.given(shape)
            lines = Signature.objects.visible_to(request.user).filter(agreement=row)
            line = get_object_or_404(lines, pk=given.pop("line"))
            line.agreement = row
            verb(line, **given, by=view.actor, now=request.now)
            return view.shown(view.get_object(), AgreementSerializer)

        return act(self, self.request)

    @extend_schema(request=AskSignatureSerializer, responses=AgreementSerializer)
    @action(detail=True, methods=["post"], serializer_class=AskSignatureSerializer)
    def ask(self, request, pk=None):
        """Send the link on which somebody signs one line (the school, or the hub for it)."""
        return self._on_line(AskSignatureSerializer, agreements.ask)

    @extend_schema(request=SignSerializer, responses=AgreementSerializer)
    @action(detail=True, methods=["post"], serializer_class=SignSerializer)
    def sign(self, request, pk=None):
        """Sign the line of the side you act for."""
        return self._on_line(SignSerializer, agreements.sign)

    @extend_schema(request=SignedOutsideSerializer, responses=AgreementSerializer)
    @action(detail=True, methods=["post"], url_path="sign-outside", serializer_class=SignedOutsideSerializer)
    def sign_outside(self, request, pk=None):
        """Record what was signed on paper (the school, or the hub for it)."""
        return self._on_line(SignedOutsideSerializer, agreements.sign_outside)

    @extend_schema(request=TakeBackSerializer, responses=AgreementSerializer)
    @action(detail=True, methods=["post"], serializer_class=TakeBackSerializer)
    def withdraw(self, request, pk=None):
        """Take a signature back: a fresh line is open, and the start waits again."""
        return self._on_line(TakeBackSerializer, agreements.withdraw)


ROUTES = {"agreements": AgreementViewSet}
