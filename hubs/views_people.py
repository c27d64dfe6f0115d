"""Who belongs to the organisation you are in, or to the hub's own staff."""

from __future__ import annotations

from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hubs.domain import people
from hubs.edges import refused
from hubs.errors import Refused
from hubs.forms_people import InviteForm, RoleForm
from hubs.models import Invitation, Membership, Organisation


def people_page(view):
    """The place is the organisation acted for, else the hub itself for its own staff.

    Reading is for everybody of the place; the domain decides who may change.
    """

    @wraps(view)
    @login_required
    def inner(request, *args, **kwargs):
        if not request.actor:
            raise Http404
        return view(request, *args, **kwargs)

    return inner


@people_page
def people_list(request):
    """Members, open invitations, and, for those who lead, the form to invite."""
    place, roles = _place(request), people.roles_of(_place(request))
    leads = people.leads(request.actor, request.hub, place)
    form = InviteForm(request.POST or None, roles=roles)
    if request.method == "POST":
        if not leads:
            raise PermissionDenied
        if form.is_valid() and _invite(request, place, form):
            return redirect("people")
    return render(
        request,
        "hubs/people.html",
        {
            "title": _("People"),
            "form": form if leads else None,
            "leads": leads,
            "memberships": _memberships(request).order_by("user__name", "pk"),
            "invitations": _invitations(request).order_by("invited_at", "pk"),
        },
    )


@people_page
def member(request, pk):
    """One person's role here; POST changes it."""
    membership = _one(_memberships(request), pk)
    leads = people.leads(request.actor, request.hub, _place(request))
    form = RoleForm(
        request.POST or None,
        roles=people.roles_of(membership.organisation),
        initial={"role": membership.role},
    )
    if request.method == "POST" and (not leads or form.is_valid()):
        role = form.cleaned_data["role"] if leads else membership.role
        done = _("%(name)s’s role is changed.") % {"name": membership.user}
        return _act(request, people.change_role, membership, role, done=done)
    context = {
        "title": str(membership.user),
        "membership": membership,
        "form": form if leads else None,
        "may_remove": leads or membership.user_id == request.user.pk,
        "is_you": membership.user_id == request.user.pk,
    }
    return render(request, "hubs/member.html", context)


@people_page
@require_POST
def member_remove(request, pk):
    membership = _one(_memberships(request), pk)
    done = _("%(name)s no longer belongs here.") % {"name": membership.user}
    response = _act(request, people.remove_member, membership, done=done)
    gone = not Membership.objects.filter(pk=pk).exists()
    return redirect("home") if gone and membership.user_id == request.user.pk else response


@people_page
@require_POST
def invitation_revoke(request, pk):
    invitation = _one(_invitations(request), pk)
    done = _("The invitation of %(email)s is withdrawn. Its link no longer works.") % {"email": invitation.email}
    return _act(request, people.revoke_invitation, invitation, done=done)


@people_page
@require_POST
def invitation_renew(request, pk):
    invitation = _one(_invitations(request), pk)
    done = _("A new invitation is on its way to %(email)s.") % {"email": invitation.email}
    return _act(request, people.renew_invitation, invitation, done=done)


def _place(request) -> Organisation | None:
    return request.acting if request.acting else None


def _memberships(request):
    rows = Membership.objects.visible_to(request.user).filter(hub_id=request.hub.pk, organisation=_place(request))
    return rows.select_related("user", "hub", "organisation")


def _invitations(request):
    rows = Invitation.objects.visible_to(request.user).filter(
        hub_id=request.hub.pk, organisation=_place(request), state=Invitation.State.OPEN
    )
    return rows.select_related("invited_by", "hub", "organisation")


def _one(rows, pk):
    return get_object_or_404(rows, pk=pk)


def _invite(request, place, form) -> bool:
    try:
        people.invite(request.hub, place, **form.cleaned_data, by=request.actor, now=request.now)
    except Refused as refusal:
        form.add_error("email", refusal.sentence)
        return False
    messages.success(
        request,
        _("%(name)s gets a mail with a link within a minute.") % {"name": form.cleaned_data["name"]},
    )
    return True


def _act(request, verb, *args, done: str):
    try:
        verb(*args, by=request.actor, now=request.now)
    except Refused as refusal:
        refused(request, refusal)
    else:
        messages.success(request, done)
    return redirect("people")
