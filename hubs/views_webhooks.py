"""Where providers report. Nothing is said about why a report was refused."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from hubs import webhooks


def _taken_in(take: Callable, request: HttpRequest) -> HttpResponse:
    try:
        take(request, request.now)
    except webhooks.CannotTrust:
        return HttpResponse(status=406)  # Mailgun does not repeat what was answered so
    except webhooks.CannotTakeYet:
        return HttpResponse(status=503, headers={"Retry-After": "60"})
    return HttpResponse(status=200)


@csrf_exempt  # signed by the provider instead
@require_POST
def mailgun(request: HttpRequest) -> HttpResponse:
    return _taken_in(webhooks.mailgun, request)


@csrf_exempt
@require_POST
def twilio(request: HttpRequest) -> HttpResponse:
    return _taken_in(webhooks.twilio, request)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def whatsapp(request: HttpRequest) -> HttpResponse:
    """GET is the provider's question whether this address is ours; it changes nothing."""
    if request.method == "POST":
        return _taken_in(webhooks.whatsapp, request)
    secret = settings.WHATSAPP_VERIFY_TOKEN
    if not secret or not constant_time_compare(request.GET.get("hub.verify_token", ""), secret):
        raise Http404
    return HttpResponse(request.GET.get("hub.challenge", ""), content_type="text/plain")
