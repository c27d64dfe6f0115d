"""For machines that watch: is this process alive, and can it do its work."""

from __future__ import annotations

from django.conf import settings
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from hubs import heartbeat, metrics, watching


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
        oldest = watching.oldest_due(request.now)
        delivered = heartbeat.last("deliver")
    except Exception as error:  # database, tables or cache: whichever fails, the answer is the same
        return JsonResponse({"status": "unavailable", "reason": type(error).__name__}, status=503)
    return JsonResponse(
        {
            "status": "ok",
            "demo": settings.DEMO,
            "oldest_due_seconds": round(oldest.total_seconds()),
            "last_delivery_at": delivered.isoformat() if delivered else None,
        }
    )


@never_cache
@require_safe
def prometheus(request: HttpRequest) -> HttpResponse:
    """Numbers for Prometheus, to whoever brings METRICS_TOKEN; without one set, to nobody."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN or not constant_time_compare(given, settings.METRICS_TOKEN):
        raise Http404
    return HttpResponse(metrics.exposition(request.now), content_type="text/plain; version=0.0.4; charset=utf-8")
