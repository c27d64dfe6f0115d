"""Employers, their sites, contacts and documents, for clients."""

from __future__ import annotations

from django.utils.translation import gettext as _
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from employers import domain, paperwork
from employers.models import Contact, Document, Employer, Sector, Site
from employers.models.organisation import ACCESS
from hubs.api import Rows, ScopedKey, idempotent


class ActingEmployer(Rows):
    """For views that create: the employer the caller acts for."""

    def employer(self) -> Employer:
        return self.acting_for(Employer, _("Name the employer you act for."))


class SectorSerializer(serializers.ModelSerializer):
    class Meta:
        model = Sector
        fields = ("id", "code", "name", "isic_section")


class SectorViewSet(viewsets.ReadOnlyModelViewSet):
    """The pupil-facing fields of work: the same in every hub."""

    queryset = Sector.objects.all()
    serializer_class = SectorSerializer


class EmployerSerializer(serializers.ModelSerializer):
    sectors = serializers.PrimaryKeyRelatedField(many=True, queryset=Sector.objects.all(), required=False)

    class Meta:
        model = Employer
        fields = (
            "id",
            "name",
            "size",
            "sectors",
            "website",
            "about",
            "number",
            "language",
            "wants_asking_per_month",
            "is_active",
            "created_at",
        )
        read_only_fields = ("is_active", "created_at")


class EmployerViewSet(Rows):
    model = Employer
    queryset = Employer.objects.none()
    serializer_class = EmployerSerializer
    lookup_value_regex = r"\d+"

    def get_queryset(self):
        return super().get_queryset().prefetch_related("sectors")

    @idempotent
    def create(self, request):
        """Add an employer to the hub (hub staff)."""
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = domain.add_employer(request.hub, given.validated_data, by=self.actor, now=request.now)
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED)

    def partial_update(self, request, pk=None):
        row = self.get_object()
        given = self.get_serializer(row, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        domain.change_employer(row, given.validated_data, by=self.actor, now=request.now)
        return Response(self.get_serializer(row).data)


class OwnedRows(ActingEmployer):
    """Rows of one employer, added and changed through a pair of domain verbs."""

    lookup_value_regex = r"\d+"

    @staticmethod
    def add_verb(employer, fields, *, by, now):
        raise NotImplementedError

    @staticmethod
    def change_verb(row, fields, *, by, now):
        raise NotImplementedError

    @idempotent
    def create(self, request):
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = self.add_verb(self.employer(), given.validated_data, by=self.actor, now=request.now)
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED)

    def partial_update(self, request, pk=None):
        row = self.get_object()
        given = self.get_serializer(row, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        self.change_verb(row, given.validated_data, by=self.actor, now=request.now)
        return Response(self.get_serializer(row).data)


class SiteSerializer(serializers.ModelSerializer):
    class Meta:
        model = Site
        fields = (
            "id",
            "employer",
            "name",
            "address",
            "town",
            "postcode",
            "latitude",
            "longitude",
            "access",
            *ACCESS,
        )
        read_only_fields = ("employer",)

    def validate(self, attrs: dict) -> dict:
        both = [attrs.get(name, getattr(self.instance, name, None)) for name in ("latitude", "longitude")]
        if (both[0] is None) != (both[1] is None):
            raise serializers.ValidationError(_("A point needs both numbers. Give both, or neither."))
        return attrs


class SiteViewSet(OwnedRows):
    model = Site
    queryset = Site.objects.none()
    serializer_class = SiteSerializer
    add_verb = staticmethod(domain.add_site)
    change_verb = staticmethod(domain.change_site)


class ContactSerializer(serializers.ModelSerializer):
    class Meta:
        model = Contact
        fields = ("id", "employer", "name", "job_title", "email", "phone", "language", "is_main")
        read_only_fields = ("employer",)


class ContactViewSet(OwnedRows):
    model = Contact
    queryset = Contact.objects.none()
    serializer_class = ContactSerializer
    add_verb = staticmethod(domain.add_contact)
    change_verb = staticmethod(domain.change_contact)

    def destroy(self, request, pk=None):
        domain.remove_contact(self.get_object(), by=self.actor, now=request.now)
        return Response(status=status.HTTP_204_NO_CONTENT)


class DocumentSerializer(serializers.ModelSerializer):
    site = ScopedKey(Site, required=False, allow_null=True)
    file = serializers.FileField(write_only=True, required=False)

    class Meta:
        model = Document
        fields = (
            "id",
            "employer",
            "kind",
            "site",
            "file",
            "shown_name",
            "state",
            "reference",
            "issued_on",
            "expires_on",
            "added_at",
        )
        read_only_fields = ("employer", "shown_name", "state", "added_at")


class ReasonSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=1000)


class DocumentViewSet(ActingEmployer):
    """A file is sent as multipart/form-data and fetched at /documents/<id>/."""

    model = Document
    queryset = Document.objects.none()
    serializer_class = DocumentSerializer
    lookup_value_regex = r"\d+"

    @idempotent
    def create(self, request):
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        fields = dict(given.validated_data)
        row = paperwork.add_document(
            self.employer(), upload=fields.pop("file", None), **fields, by=self.actor, now=request.now
        )
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED)

    def _moved(self, row: Document) -> Response:
        return Response(DocumentSerializer(row, context=self.get_serializer_context()).data)

    @action(detail=True, methods=["post"])
    def hold(self, request, pk=None):
        """The hub has looked at it: it counts from now on."""
        row = self.get_object()
        paperwork.hold_document(row, by=self.actor, now=request.now)
        return self._moved(row)

    @action(detail=True, methods=["post"], serializer_class=ReasonSerializer)
    def refuse(self, request, pk=None):
        row = self.get_object()
        given = ReasonSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        paperwork.refuse_document(row, given.validated_data["reason"], by=self.actor, now=request.now)
        return self._moved(row)

    @action(detail=True, methods=["post"])
    def withdraw(self, request, pk=None):
        row = self.get_object()
        paperwork.withdraw_document(row, by=self.actor, now=request.now)
        return self._moved(row)


ROUTES = {
    "sectors": SectorViewSet,
    "employers": EmployerViewSet,
    "sites": SiteViewSet,
    "contacts": ContactViewSet,
    "documents": DocumentViewSet,
}
