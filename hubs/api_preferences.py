"""What the caller is written to about, for clients: the page "What you are written to about"."""

from __future__ import annotations

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.response import Response

from hubs import preferences
from hubs.api import ScopedViewSet
from hubs.models import MessagePreference
from hubs.preferences import Open


class PreferenceSerializer(serializers.Serializer):
    """One kind of message the caller may decide about, what may be chosen, the shipped choice first, and what holds.
    `organisation` is null for the hub."""

    kind = serializers.CharField(source="kind.name")
    about = serializers.CharField(source="kind.about")
    organisation = serializers.IntegerField(source="organisation.pk", default=None, allow_null=True)
    choices = serializers.ListField(child=serializers.CharField())
    chosen = serializers.CharField()


class NewPreferenceSerializer(serializers.Serializer):
    """A kind and organisation as listed, and one of its `choices`."""

    kind = serializers.CharField(max_length=60)
    organisation = serializers.IntegerField(allow_null=True, default=None)
    choice = serializers.ChoiceField(choices=MessagePreference.Choice)


class PreferenceViewSet(ScopedViewSet):
    """What the caller is written to about, by kind and organisation: their own word alone."""

    model = MessagePreference
    queryset = MessagePreference.objects.none()
    serializer_class = PreferenceSerializer
    pagination_class = None

    @extend_schema(responses=PreferenceSerializer(many=True))
    def list(self, request):
        return Response(PreferenceSerializer(self._open(), many=True).data)

    @extend_schema(request=NewPreferenceSerializer, responses={200: PreferenceSerializer})
    def create(self, request):
        """Choose; it holds for what is sent from now on. Safe to repeat."""
        serializer = NewPreferenceSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        given = serializer.validated_data
        one = self._one(given)
        if one is None:
            raise exceptions.ValidationError(
                {"kind": [_("This is none of the kinds you may decide about. Take kind and organisation as listed.")]}
            )
        preferences.choose(
            request.hub.pk, given["kind"], given["choice"], address=request.user.email, user_id=request.user.pk,
            organisation_id=given["organisation"], now=request.now,
        )  # fmt: skip
        return Response(PreferenceSerializer(self._one(given)).data)

    def _open(self) -> list[Open]:
        return preferences.open_to(self.request.user, self.request.hub.pk)

    def _one(self, given: dict) -> Open | None:
        wanted = (given["kind"], given["organisation"])
        return next((x for x in self._open() if (x.kind.name, x.organisation and x.organisation.pk) == wanted), None)


ROUTES = {"message-preferences": PreferenceViewSet}
