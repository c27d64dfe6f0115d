"""Your own account, which organisation you are in, and the door you came through."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from hubs.actors import oneself
from hubs.domain import accounts, people
from hubs.edges import no_store, number_or_404, refused
from hubs.errors import Refused
from hubs.forms_people import AcceptForm, AccountForm, TokenForm
from hubs.links import open_link
from hubs.middleware import ACTING, ADMIN_PREFIX
from hubs.models import ApiToken, Organisation
from hubs.texting import offered


@require_POST
@login_required
def switch(request):
    """Work for another organisation from now on; nothing named means for the hub itself."""
    if not request.hub:
        raise Http404
    named = request.POST.get("organisation", "")
    if named:
        allowed = Organisation.objects.visible_to(request.user).filter(hub_id=request.hub.pk, is_active=True)
        request.session[ACTING] = get_object_or_404(allowed, pk=number_or_404(named)).pk
    else:
        request.session.pop(ACTING, None)
    return redirect(_where_next(request, named))


@login_required
def account(request):
    """Name and language, and the way to everything else about one's account."""
    known = {"name": request.user.name, "language": request.user.language}
    form = AccountForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        accounts.change_account(request.user, form.cleaned_data, **_own(request))
        messages.success(request, _("Saved."))
        return redirect("account")
    texts = request.hub is not None and bool(offered(request.hub))
    return render(request, "hubs/account.html", {"title": _("Your account"), "form": form, "texts": texts})


@login_required
@reauthentication_required(app="allauth.account", allow_get=True)
def token_list(request):
    """API tokens; a new one's secret is in the answer to the POST itself and nowhere else.

    No redirect follows, because the secret would have to be kept somewhere to show it there.
    """
    form, secret = TokenForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        try:
            _token, secret = accounts.make_token(request.user, form.cleaned_data["name"], **_own(request))
            form = TokenForm()
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
    own = ApiToken.objects.filter(user=request.user)
    context = {"title": _("API tokens"), "form": form, "secret": secret, "tokens": own}
    return no_store(render(request, "hubs/tokens.html", context))


@require_POST
@login_required
def token_revoke(request, key):
    """`key` is the readable first part of the token."""
    token = get_object_or_404(ApiToken.objects.select_related("user"), user=request.user, token_key=key)
    accounts.revoke_token(token, **_own(request))
    messages.success(request, _("Revoked. Whatever used it is refused from now on."))
    return redirect("tokens")


@sensitive_post_parameters("password")
def invitation(request, token):
    """GET shows what is offered; only POST joins, because mail scanners open every link."""
    link = open_link(token, people.INVITATION, now=request.now)
    offer = people.invitation_behind(link, now=request.now) if link else None
    if not offer or not request.hub or offer.hub_id != request.hub.pk:
        return no_store(render(request, "hubs/link_over.html", {"title": _("This link no longer works")}, status=404))
    known = people.account_of(offer.email)
    form = None
    if not request.user.is_authenticated and not known:
        form = AcceptForm(request.POST or None, email=offer.email, initial={"name": offer.name})
    if request.method == "POST" and (request.user.is_authenticated or (form and form.is_valid())):
        try:
            return _join(request, link, form)
        except Refused as refusal:
            refused(request, refusal)
            return redirect(request.path)
    return no_store(render(request, "hubs/invitation.html", _offer_context(request, offer, known, form)))


def _own(request) -> dict:
    """The two turns of every verb about one's own account."""
    return {"by": oneself(request.user, request.hub.pk if request.hub else None, via="page"), "now": request.now}


def _join(request, link, form):
    user = request.user if request.user.is_authenticated else None
    membership = people.accept_invitation(link, user=user, now=request.now, **(form.cleaned_data if form else {}))
    place = membership.organisation or membership.hub
    if membership.organisation_id:
        request.session[ACTING] = membership.organisation_id
    messages.success(request, _("You belong to %(place)s now.") % {"place": place})
    if user:
        return redirect("home")
    # The link proved the address; a second factor, where the role needs one, is asked for next.
    return perform_login(request, membership.user, email_verification="none", redirect_url=reverse("home"))


def _offer_context(request, offer, known, form) -> dict:
    return {
        "title": _("Join %(place)s") % {"place": offer.organisation or offer.hub},
        "offer": offer,
        "place": offer.organisation or offer.hub,
        "form": form,
        "known": known,
        "login_url": f"{reverse('account_login')}?{urlencode({'next': request.path})}",
        "as_other": request.user.is_authenticated and (not known or known.pk != request.user.pk),
    }


def _where_next(request, named: str) -> str:
    wanted = request.POST.get("next", "")
    if wanted and url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    staff = request.user.is_superuser or request.user.hub_role(request.hub.pk)
    return ADMIN_PREFIX if staff and not named else reverse("home")
