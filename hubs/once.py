"""A form sent twice is done once, and both times answered the same.

A page prints `{% once %}` inside its form: a random key, made when the page is drawn. Its view
is wrapped in `once`. The key is written in the transaction of the work, so that of two presses
at once the second waits and then goes where the first one went. What was refused keeps no key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponseRedirect
from django.utils.translation import gettext as _

from hubs.models import IdempotencyRecord

FIELD = "once"
KEY_LENGTH = 80
_UNSIGNED = {FIELD, "csrfmiddlewaretoken"}


class _NotDone(Exception):
    """The view answered with a page, not with "done": its key is forgotten again."""

    def __init__(self, response) -> None:
        self.response = response


def once(view: Callable) -> Callable:
    """For views whose POST ends in a redirect when it is done. People without an account are not covered."""

    @wraps(view)
    def inner(request, *args, **kwargs):
        key = request.POST.get(FIELD, "") if request.method == "POST" else ""
        if not key or not request.user.is_authenticated or not request.hub:
            return view(request, *args, **kwargs)
        key = f"page:{key}"[:KEY_LENGTH]
        fingerprint = _fingerprint(request)
        try:
            return _first(request, key, fingerprint, lambda: view(request, *args, **kwargs))
        except _NotDone as shown:
            return shown.response
        except IntegrityError:
            found = IdempotencyRecord.objects.filter(user=request.user, key=key).first()
            if found is None:
                raise  # something else broke a constraint
        return _again(request, found, fingerprint)

    return inner


@transaction.atomic
def _first(request, key: str, fingerprint: str, act: Callable):
    record = IdempotencyRecord.objects.create(
        hub_id=request.hub.pk, user=request.user, key=key, fingerprint=fingerprint, created_at=request.now
    )
    response = act()
    if response.status_code not in (301, 302, 303):
        raise _NotDone(response.render() if hasattr(response, "render") else response)
    IdempotencyRecord.objects.filter(pk=record.pk).update(status=response.status_code, body={"to": response.url})
    return response


def _again(request, found: IdempotencyRecord, fingerprint: str):
    if found.fingerprint != fingerprint:
        messages.warning(request, _("This page was sent before with something else in it. What was sent first counts."))
    return HttpResponseRedirect((found.body or {}).get("to", "/"))


def _fingerprint(request) -> str:
    sent = {name: values for name, values in request.POST.lists() if name not in _UNSIGNED}
    material = json.dumps([request.path, sent], sort_keys=True)
    return hashlib.sha256(material.encode()).hexdigest()
