"""Every error of the API as RFC 9457 problem details."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import OperationalError
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.views import set_rollback

from hubs.busy import RETRY_AFTER, STATUS
from hubs.errors import Refused


class ProblemSerializer(serializers.Serializer):
    """An error (RFC 9457). `title` is a sentence for a person, in their language; `code` is for the client. `errors`
    says where and why what was sent cannot be used. A refusal may name more facts beside them."""

    type = serializers.CharField(help_text="urn:throughline: and the code.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    errors = serializers.JSONField(required=False)


def problem_details(error: Exception, context: dict) -> Response | None:
    """The exception handler of the API; None lets an unforeseen error surface as a 500."""
    if isinstance(error, Refused):
        return _problem(error.status, error.sentence, code=error.code, **error.facts)
    if isinstance(error, Http404):
        return _problem(404, _("There is nothing here that you may see."), code="not_found")
    if isinstance(error, PermissionDenied):
        return _problem(403, _("Your role does not include this."), code="not_yours")
    if isinstance(error, DjangoValidationError):
        error = exceptions.ValidationError(error.messages)
    if isinstance(error, OperationalError):
        busy = _problem(STATUS, _("Busy just now. Try again."), code="try_again")
        busy["Retry-After"] = str(RETRY_AFTER)
        return busy
    if not isinstance(error, exceptions.APIException):
        return None
    codes = error.get_codes()
    code = codes if isinstance(codes, str) else "invalid"
    extra = {} if isinstance(error.detail, str) else {"errors": error.detail}
    title = str(error.detail) if isinstance(error.detail, str) else _("Some of what was sent cannot be used.")
    status = 422 if code == "key_reused" else error.status_code
    response = _problem(status, title, code=code, **extra)
    for header in ("WWW-Authenticate", "Retry-After"):
        value = getattr(error, "auth_header", None) if header == "WWW-Authenticate" else getattr(error, "wait", None)
        if value:
            response[header] = str(int(value)) if header == "Retry-After" else value
    return response


def _problem(status: int, title: str, *, code: str, **extra) -> Response:
    set_rollback()
    body = {"type": f"urn:throughline:{code}", "title": title, "status": status, "code": code, **extra}
    return Response(body, status=status, content_type="application/problem+json")
