"""What a reader decides about the messages they get: on a page, and by one click in a mail."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from hubs import preferences as choices
from hubs.edges import no_store, refused
from hubs.errors import Refused
from hubs.forms_messages import PreferencesForm
from hubs.models import MessagePreference
from hubs.outbox import KINDS


@login_required
def preferences(request):
    """Every kind this person may decide about, for each organisation."""
    if not request.hub:
        raise Http404
    open_ones = choices.open_to(request.user, request.hub.pk)
    form = PreferencesForm(request.POST or None, open_ones=open_ones)
    if request.method == "POST" and form.is_valid():
        for one, choice in form.changed():
            choices.choose(
                request.hub.pk, one.kind.name, choice, address=request.user.email, user_id=request.user.pk,
                organisation_id=one.organisation.pk if one.organisation else None, now=request.now,
            )  # fmt: skip
        messages.success(request, _("Saved. It holds for what is sent from now on."))
        return redirect("message-preferences")
    return render(request, "hubs/message_preferences.html", {"title": _("What you are written to about"), "form": form})


@csrf_exempt  # a mail provider posts for the reader (RFC 8058); the token is the right to do it
def unsubscribe(request, token):
    """GET shows, because scanners open every link; POST ends this kind for this address."""
    message = choices.unsubscribed_by(token)
    kind = KINDS.get(message.kind) if message else None
    if message is None or kind is None or not request.hub or message.hub_id != request.hub.pk:
        return no_store(render(request, "hubs/link_over.html", {"title": _("This link no longer works")}, status=404))
    context = {"title": _("Fewer mails"), "message": message, "kind": kind, "token": token, "done": False}
    if request.method == "POST":
        try:
            choices.choose(
                message.hub_id, kind.name, MessagePreference.Choice.OFF, address=message.address,
                user_id=message.user_id, organisation_id=message.organisation_id, now=request.now,
            )  # fmt: skip
        except Refused as refusal:
            refused(request, refusal)
            return redirect(request.path)
        context["done"] = True
    return no_store(render(request, "hubs/unsubscribe.html", context))
