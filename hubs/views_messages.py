"""What a reader decides about the messages they get: on a page, and by one click in a mail."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from hubs import preferences as choices
from hubs.edges import no_store
from hubs.forms_messages import PreferencesForm
from hubs.outbox import kind_words


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
    """GET shows, because scanners open every link; POST ends every kind in the mail that may be refused."""
    held = choices.unsubscribed_by(token)
    if not held or not request.hub or held[0].hub_id != request.hub.pk:
        return no_store(render(request, "hubs/link_over.html", {"title": _("This link no longer works")}, status=404))
    kinds = sorted({kind_words(one.kind) for one in held})
    context = {"title": _("Fewer mails"), "address": held[0].address, "kinds": kinds, "token": token, "done": False}
    if request.method == "POST":
        choices.refuse(held, now=request.now)
        context["done"] = True
    return no_store(render(request, "hubs/unsubscribe.html", context))
