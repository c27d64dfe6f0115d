"""Answers by mail: where a gateway hands them in, and the files that came with them."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from employers.files import CannotScan
from hubs import webhooks
from hubs.errors import CannotAct, Refused
from hubs.mail_in import CannotReadMail
from hubs.views_admin import hub_actor
from placements.domain import replies
from placements.models import ReplyFile


@csrf_exempt  # signed by the gateway instead
@require_POST
def handed_in(request):
    """200 when taken in or rightly left; 406 what no repetition mends; 413 what is too large; 503 not now."""
    try:
        recipient, raw = webhooks.handed_in(request, request.now)
        became = replies.receive_mail(raw, recipient, now=request.now)
    except webhooks.CannotTakeAll:
        return HttpResponse(status=413)
    except (webhooks.CannotTrust, replies.CannotFindThread, CannotReadMail):
        return HttpResponse(status=406)
    except CannotScan:
        return HttpResponse(status=503)
    return HttpResponse(became, content_type="text/plain; charset=utf-8")


def _file_or_404(request, pk: int) -> ReplyFile:
    if not request.hub:
        raise Http404
    files = ReplyFile.objects.visible_to(request.user).filter(hub=request.hub.pk).exclude(state="refused")
    return get_object_or_404(files.select_related("reply"), pk=pk)


@require_safe
@login_required
def file(request, pk):
    """The file: to the hub, and to the school once it was let through; always as a download."""
    row = _file_or_404(request, pk)
    if not row.file or not row.file.storage.exists(row.file.name):
        raise Http404
    response = FileResponse(row.file.open("rb"), as_attachment=True, filename=row.shown_name, content_type=row.mimetype)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@login_required
def file_settle(request, pk, verb):
    """The hub lets a file through or throws it away."""
    row = _file_or_404(request, pk)
    verbs = {"let-through": replies.let_through, "throw-away": replies.throw_away}
    if verb not in verbs:
        raise Http404
    try:
        verbs[verb](row, by=hub_actor(request), now=request.now)
        messages.success(request, _("Done."))
    except CannotAct as refusal:
        raise PermissionDenied from refusal
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return redirect("placements:inspect", row.reply.placement_id)
