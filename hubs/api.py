"""What every API endpoint shares: scope, acting organisation, idempotency keys."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions, mixins, permissions, serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from hubs.actors import Actor, actor_for
from hubs.models import IdempotencyRecord, Organisation, Role

ACTING_HEADER = "Throughline-Organisation"
KEY_HEADER = "Idempotency-Key"


class ScopedViewSet(viewsets.GenericViewSet):
    """Starts from `visible_to`: a stranger's row is 404. Subclasses set `model`.

    A client names the organisation it acts for in the `Throughline-Organisation` header;
    with exactly one membership it may leave that out.
    """

    model: type

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        # Once it is known who calls, and before anything that was sent is looked at.
        user = request.user
        if not request.hub or not (user.is_superuser or request.hub.pk in user.tenancies().hubs):
            raise Http404
        if request.method not in permissions.SAFE_METHODS and _only_views(user, request.hub.pk):
            raise PermissionDenied

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return self.model.objects.none()
        return self.model.objects.visible_to(self.request.user).filter(hub_id=self.request.hub.pk)

    @property
    def actor(self) -> Actor:
        return api_actor(self.request)

    def given(self, serializer_class, *args, **kwargs) -> dict:
        """What was sent, checked by `serializer_class`."""
        given = serializer_class(*args, data=self.request.data, context=self.get_serializer_context(), **kwargs)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def shown(self, row, serializer_class, code: int = status.HTTP_200_OK) -> Response:
        return Response(serializer_class(row, context=self.get_serializer_context()).data, status=code)


def _only_views(user, hub_id: int) -> bool:
    """Whether the person is on the hub's staff to read, and belongs to no school or employer there."""
    return user.hub_role(hub_id) == Role.HUB_VIEWER and not any(
        one.organisation_id for one in user.live_memberships if one.hub_id == hub_id
    )


class Rows(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """A list, and one row by its number."""

    lookup_value_regex = r"\d+"

    def acting_for(self, model: type, sentence: str):
        """The organisation of this kind the caller acts for; `sentence` asks for it when none is named."""
        by = self.actor
        pk = by.organisation_id or (by.on_behalf_of.pk if by.on_behalf_of else None)
        found = model.objects.select_related("hub").filter(pk=pk, hub_id=by.hub_id).first() if pk else None
        if found is None:
            raise exceptions.ValidationError({ACTING_HEADER: [sentence]})
        return found


class ScopedKey(serializers.PrimaryKeyRelatedField):
    """The number of a row the caller may see in this hub; any other number does not exist."""

    def __init__(self, model=None, **kwargs) -> None:
        self.model = model
        if model is not None and not kwargs.get("read_only"):
            kwargs.setdefault("queryset", model.objects.none())
        super().__init__(**kwargs)

    def get_queryset(self):
        request = self.context.get("request")
        if self.model is None or request is None:
            return super().get_queryset()
        return self.model.objects.visible_to(request.user).filter(hub_id=request.hub.pk)


def api_actor(request: Request) -> Actor:
    """Who acts in this call; 404 for an organisation that is not theirs."""
    if not request.hub:
        raise Http404
    named = request.headers.get(ACTING_HEADER, "")
    organisation = _organisation_named(request, named) if named else _only_organisation(request)
    actor = actor_for(request.user, request.hub, organisation, via="api")
    if actor is None:
        raise Http404
    return actor


def _organisation_named(request: Request, number: str) -> Organisation:
    if not number.isdecimal():
        raise exceptions.ValidationError({ACTING_HEADER: [_("Give the number of an organisation.")]})
    visible = Organisation.objects.visible_to(request.user).filter(hub_id=request.hub.pk, is_active=True)
    organisation = visible.filter(pk=number).first()
    if organisation is None:
        raise Http404
    return organisation


def _only_organisation(request: Request) -> Organisation | None:
    """The one the person belongs to; None for the hub's own staff."""
    if request.user.is_superuser or request.user.hub_role(request.hub.pk):
        return None
    here = [m for m in request.user.live_memberships if m.hub_id == request.hub.pk and m.organisation_id]
    if not here:
        raise exceptions.ValidationError({ACTING_HEADER: [_("You belong to no organisation of this hub.")]})
    if len(here) > 1:
        raise exceptions.ValidationError(
            {ACTING_HEADER: [_("You belong to several organisations: name the one you act for.")]}
        )
    return here[0].organisation


def idempotent(method: Callable) -> Callable:
    """For creating calls: the same key gives the first call's answer and changes nothing.

    The record is inserted in the transaction of the work itself, so that of two calls at
    once the second waits, then reads the first's answer. The same key with another body is
    refused with 422.
    """

    @wraps(method)
    def inner(self, request: Request, *args, **kwargs):
        key = request.headers.get(KEY_HEADER, "")
        if not key:
            return method(self, request, *args, **kwargs)
        if len(key) > 80:
            raise exceptions.ValidationError({KEY_HEADER: [_("At most 80 characters.")]})
        fingerprint = _fingerprint(request)
        try:
            return _first_time(request, key, fingerprint, lambda: method(self, request, *args, **kwargs))
        except IntegrityError:
            record = IdempotencyRecord.objects.filter(user=request.user, key=key).first()
            if record is None:
                raise  # something else broke a constraint
        return _again(record, fingerprint)

    return inner


def _fingerprint(request: Request) -> str:
    """What makes two calls the same: where, for whom, and everything that was sent, files by what is in them."""
    acting = request.headers.get(ACTING_HEADER, "")
    files = {name: [_digest(file) for file in request.FILES.getlist(name)] for name in request.FILES}
    material = json.dumps(
        [request.method, request.get_host(), request.path, acting, request.data, files], sort_keys=True, default=str
    )
    return hashlib.sha256(material.encode()).hexdigest()


def _digest(file: UploadedFile) -> str:
    found = hashlib.sha256()
    for chunk in file.chunks():
        found.update(chunk)
    file.seek(0)
    return found.hexdigest()


@transaction.atomic
def _first_time(request: Request, key: str, fingerprint: str, act: Callable[[], Response]) -> Response:
    record = IdempotencyRecord.objects.create(
        hub_id=request.hub.pk, user=request.user, key=key, fingerprint=fingerprint, created_at=request.now
    )
    response = act()
    body = json.loads(json.dumps(response.data, default=str))
    IdempotencyRecord.objects.filter(pk=record.pk).update(status=response.status_code, body=body)
    return response


def _again(record: IdempotencyRecord, fingerprint: str) -> Response:
    """The first call's answer, unless this is another call."""
    if record.fingerprint != fingerprint:
        raise exceptions.APIException(_("This key was used for another call. Use a new key."), code="key_reused")
    return Response(record.body, status=record.status, headers={"Idempotent-Replay": "true"})
