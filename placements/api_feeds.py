"""Private calendar addresses, for clients."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, status
from rest_framework.decorators import action
from rest_framework.response import Response

from hubs.api import ACTING_HEADER, Rows
from hubs.models import Organisation
from placements import shapes
from placements.domain import feeds
from placements.models import Feed


class FeedViewSet(Rows):
    """Private calendar addresses. The address itself is in the answer to its making only."""

    model = Feed
    queryset = Feed.objects.none()
    serializer_class = shapes.FeedSerializer

    @extend_schema(request=shapes.NewFeedSerializer, responses={201: shapes.MadeFeedSerializer})
    def create(self, request):
        """Make one. No idempotency key here: the answer would have to be kept, with its secret."""
        given = self.given(shapes.NewFeedSerializer)
        made, token = feeds.make_feed(self._organisation(), **given, by=self.actor, now=request.now)
        shown = shapes.FeedSerializer(made, context=self.get_serializer_context()).data
        address = request.hub.url(reverse("feed", args=[token]))
        return Response({**shown, "address": address}, status=status.HTTP_201_CREATED)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def revoke(self, request, pk=None):
        """It stops answering at once."""
        row = self.get_object()
        feeds.revoke_feed(row, by=self.actor, now=request.now)
        row.refresh_from_db()
        return self.shown(row, shapes.FeedSerializer)

    def get_queryset(self):
        return super().get_queryset().select_related("organisation")

    def _organisation(self) -> Organisation:
        by = self.actor
        pk = by.organisation_id or (by.on_behalf_of.pk if by.on_behalf_of else None)
        found = Organisation.objects.filter(pk=pk, hub_id=by.hub_id).first() if pk else None
        if found is None:
            raise exceptions.ValidationError({ACTING_HEADER: [_("Name the organisation you act for.")]})
        return found
