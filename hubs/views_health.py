"""For machines that watch: is this process alive, and can it do its work."""

from __future__ import annotations

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from hubs import heartbeat
from hubs.models import Message


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the process answers; touches nothing else, so that a slow database restarts nobody."""
    return JsonResponse({"status": "ok", "demo": settings.DEMO})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers with our tables, else 503. `oldest_due_seconds` is how long
    the oldest unsent message has been due: a delivery that has stopped shows here first."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        oldest = Message.objects.claimable(request.now).order_by("due_at").values_list("due_at", flat=True).first()
        delivered = heartbeat.last("deliver")
    except Exception as error:  # database, tables or cache: whichever fails, the answer is the same
        return JsonResponse({"status": "unavailable", "reason": type(error).__name__}, status=503)
    return JsonResponse(
        {
            "status": "ok",
            "demo": settings.DEMO,
            "oldest_due_seconds": round((request.now - oldest).total_seconds()) if oldest else 0,
            "last_delivery_at": delivered.isoformat() if delivered else None,
        }
    )
