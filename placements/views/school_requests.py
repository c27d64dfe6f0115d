"""Asking for places, and what became of it."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Case, Prefetch, When
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hubs.edges import may_act, number_or_404, portal_page, refused, refused_on
from hubs.errors import Refused
from hubs.once import once
from opportunities.models import PathwayStep, Session
from placements import cards, roads
from placements.domain import copying, requests, waiting, windows, wishes
from placements.domain.coverage import class_list
from placements.domain.fitting import SessionFit, fits_for_group, open_sessions
from placements.domain.student_costs import student_costs
from placements.forms_request import Open, RequestForm
from placements.forms_school import ReasonForm, RequestFilter
from placements.models import Placement, PlacementRequest, WaitingPlace, Wish
from placements.models.placement import LIVE, TAKING
from placements.views.acting import groups_of, request_or_404, school_of
from schools.models import Group, School, Term

PER_PAGE = 25
#: Whose turn it is: the school's, the hub's or the employer's, nobody's any more.
TURN = Case(When(state__in=["draft", "refused"], then=0), When(state="withdrawn", then=2), default=1)
OTHERS_SHOWN = 12
TERMS_SHOWN = 6
AROUND = dt.timedelta(weeks=6)  # other wishes are looked for this long before and after


@portal_page("school")
@once
def request_new(request):
    """One page: who comes, what they wish for, when, a note. Refusals keep everything typed. `session` in the address
    is the first wish; without it `step` or `kind` may name one to begin with."""
    school = school_of(request)
    session, group = _session(request, school), _group(request, school)
    if group is None:
        messages.info(request, _("Choose a group first."))
        return redirect(f"{cards.session_url(session)}#groups" if session else "school-sessions")
    if not may_act(request):
        raise PermissionDenied
    this, others = _choices(school, group, session, now=request.now)
    form = _form(request, group, session, others)
    made, nearest = _ask(request, school, group, form) if request.method == "POST" else ([], None)
    if made:
        return _where_they_are(request, made)
    context = _new_context(school, group, session, this, form) | {"nearest": nearest}
    return render(request, "placements/school/request_new.html", context)


def _where_they_are(request, made: list[PlacementRequest]):
    if len(made) > 1:
        messages.success(request, _("One request for each group. You find them all in this list."))
        return redirect("school-requests")
    return redirect("school-request" if made[0].state == "draft" else "school-request-sent", made[0].pk)


def _ask(request, school: School, group: Group, form: RequestForm) -> tuple[list[PlacementRequest], dict | None]:
    """The requests made, or the nearest that could be asked for instead, with the form saying why not."""
    if not form.is_valid():
        return [], None
    asked, who = form.asked(), {"by": request.actor, "now": request.now}
    try:
        if also := form.also_for():
            del asked["places"], asked["students"]
            return requests.request_for_groups(school, [group, *also], **asked, **who), None
        return [requests.request_places(school, group=group, **asked, **who)], None
    except Refused as refusal:
        refused_on(request, form, refusal)
        return [], _nearest(request, school, group, refusal)


def _nearest(request, school: School, group: Group, refusal: Refused) -> dict | None:
    """The session that could be asked for instead, with the page that does."""
    visible = Session.objects.visible_to(request.user).filter(hub_id=school.hub_id)
    found = visible.select_related("opportunity").filter(pk=refusal.facts.get("nearest") or 0).first()
    return {"session": found, "url": cards.request_url(found, group)} if found else None


def _form(request, group: Group, session: Session | None, others: list[SessionFit]) -> RequestForm:
    posted = request.POST if request.method == "POST" else None
    students = list(class_list(group, now=request.now))
    costs = student_costs(group.school, [one.pk for one in students], session, now=request.now) if session else {}
    others_groups = [one for one in groups_of(group.school) if one.pk != group.pk and one.size]
    open_to = Open(others, steps_open(request), terms_ahead(group.school, request.now), others_groups)
    return RequestForm(
        posted, group=group, students=students, session=session, hub_id=group.hub_id, open_to=open_to, costs=costs,
        initial=_begun(request),
    )  # fmt: skip


def _begun(request) -> dict:
    """What the address wishes for beside a session."""
    step, kind = request.GET.get("step", ""), request.GET.get("kind", "")
    return {"first": f"step-{step}", "kind": kind if kind.isdecimal() else None}


def steps_open(request) -> list[PathwayStep]:
    """The steps of the pathways published in the hub."""
    rows = PathwayStep.objects.visible_to(request.user).filter(hub=request.hub, pathway__state="published")
    rows = rows.filter(encounter_type__is_active=True).select_related("pathway", "encounter_type", "sector")
    return list(rows.order_by("pathway__name", "pathway", "position", "pk"))


def terms_ahead(school: School, now: dt.datetime) -> list[Term]:
    """The runs of school days that are not over, as the calendar calls them."""
    today = now.astimezone(school.zone).date()
    return list(Term.objects.filter(school=school, ends_on__gte=today).order_by("starts_on")[:TERMS_SHOWN])


def _new_context(
    school: School, group: Group, session: Session | None, this: SessionFit | None, form: RequestForm
) -> dict:
    title, fitting = _("Request places"), f"{reverse('school-sessions')}?group={group.pk}"
    back = cards.session_url(session, group) if session else fitting
    of_session = [{"label": session.opportunity.title, "url": back}] if session else []
    return {
        "title": title,
        "group": group,
        "session": session,
        "card": cards.session_card(this, group, may=False) if this else None,
        "scarce": _scarce(session, group) if session else "",
        "form": form,
        "back": back,
        "breadcrumb": [
            {"label": _("Sessions that fit"), "url": fitting},
            *of_session,
            {"label": title, "url": ""},
        ],
    }


def _scarce(session: Session, group: Group) -> str:
    """What to say before asking for more than there is: places come free, and the hub may find more."""
    if not session.left:
        return _("All places are taken just now. You can ask all the same: the hub knows when some come free.")
    if session.left < group.size:
        return _("Only %(left)s places are left. Ask for fewer students, or name another wish below.") % {
            "left": session.left
        }
    return ""


def _session(request, school: School) -> Session | None:
    if not request.GET.get("session"):
        return None
    visible = Session.objects.visible_to(request.user).filter(hub_id=school.hub_id, opportunity__state="published")
    # Its days come with those of the other sessions, in one statement (see `_choices`).
    return get_object_or_404(visible.with_all().prefetch_related(None), pk=number_or_404(request.GET.get("session")))


def _group(request, school: School) -> Group | None:
    wanted = request.GET.get("group")
    if not wanted:
        return None
    rows = Group.objects.visible_to(request.user).filter(school_id=school.pk, is_active=True)
    group = get_object_or_404(rows.select_related("year_group"), pk=number_or_404(wanted))
    group.school = school
    return group


def _choices(
    school: School, group: Group, session: Session | None, *, now: dt.datetime
) -> tuple[SessionFit | None, list[SessionFit]]:
    """The session's own fit, and the best others around the same time, in one reading."""
    about = session.first_on if session else now.astimezone(school.zone).date() + AROUND
    rows = list(open_sessions(school, now=now, start=about - AROUND, end=about + AROUND))
    if session is not None and session not in rows:
        rows.append(session)  # not open for requests; the page says so when it is sent
    found = fits_for_group(group, now=now, sessions=rows)
    this = next((one for one in found if session is not None and one.session.pk == session.pk), None)
    others = [one for one in found if one is not this and one.can and one.session.left]
    return this, others[:OTHERS_SHOWN]


@portal_page("school")
def request_sent(request, pk):
    """The confirmation: what happens next, and that nothing is binding yet."""
    row = request_or_404(request, pk)
    context = {"title": _("Your request is with the hub"), "row": row, "wishes": wishes.with_all(row).order_by("rank")}
    return render(request, "placements/school/request_sent.html", context)


@portal_page("school")
def request_list(request):
    """Requests, each with what it has come to: what can still be done first, of that the newest; taken back last."""
    school = school_of(request)
    form = RequestFilter(request.GET, groups=groups_of(school))
    rows = form.narrow(PlacementRequest.objects.visible_to(request.user).filter(school_id=school.pk))
    rows = rows.annotate(turn=TURN).order_by("turn", "-created_at", "-pk")
    rows = rows.select_related("group").prefetch_related(_wishes(), _placements(request.now))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "title": _("Requests and placements"),
        "parts": [{"before": _("Requests"), "field": form["state"]}, {"before": _("for"), "field": form["group"]}],
        "page": page,
        "rows": [_list_line(row) for row in page],
        "filtered": bool(form.cleaned_data.get("state") or form.cleaned_data.get("group")),
    }
    return render(request, "placements/school/requests.html", context)


def _wishes() -> Prefetch:
    wishes = Wish.objects.select_related("session__opportunity__employer", "encounter_type").order_by("rank")
    return Prefetch("wishes", wishes, to_attr="ranked")


def _placements(now: dt.datetime) -> Prefetch:
    rows = Placement.objects.with_change_asked(now).select_related("employer", "session__opportunity").order_by("-pk")
    return Prefetch("placements", rows, to_attr="tried")


def _list_line(row: PlacementRequest) -> dict:
    """A live placement says more than the request it came from."""
    placed = next((p for p in row.tried if p.state in TAKING), None)
    first = placed.session if placed else next((w.session for w in row.ranked if w.session), None)
    state = (
        cards.placement_badge(placed)
        if placed
        else {"tone": cards.REQUEST_TONES[row.state], "word": row.get_state_display().capitalize()}
    )
    own = reverse("school-request", args=[row.pk])
    return {
        "row": row,
        "url": reverse("school-placement", args=[placed.pk]) if placed else own,
        "what": first.opportunity.title if first else str(row.ranked[0].encounter_type) if row.ranked else "",
        "employer": (placed.employer if placed else first.opportunity.employer).name if first else "",
        "on": first.first_on if first else None,
        "state": state,
    }


@portal_page("school")
def request_detail(request, pk):
    """The road of one request, each wish with what came of it, and taking it back."""
    row = request_or_404(request, pk)
    tried = list(row.placements.select_related("employer", "session__opportunity").order_by("-pk"))
    live = next((p for p in tried if p.state in TAKING), None)
    stands = {place.session_id: place for place in waiting.with_position(row.waiting.filter(left_at=None))}
    lines = [_wish_line(wish, tried, row, stands, request.now) for wish in wishes.with_all(row).order_by("rank")]
    context = {
        "title": _("Request for %(who)s") % {"who": row.group.name if row.group else cards.students(row.places)},
        "row": row,
        "state": {"tone": cards.REQUEST_TONES[row.state], "word": row.get_state_display().capitalize()},
        "road": roads.request_road(row, tried, now=request.now),
        "wishes": lines,
        "nothing_left": all(line["declined"] for line in lines),
        "students": list(row.students.order_by("alias")),
        "windows": windows.of(row),
        "placement": live,
        "history": roads.history(row),
        "may": may_act(request),
        "may_withdraw": row.state in ("draft", "submitted"),
        "may_resend": row.state == "refused",
        "may_send": row.state == "draft",
        "may_firm": row.is_provisional and row.state in ("draft", "submitted"),
        "held_until": next((p.held_until for p in tried if p.state == "held"), None),
        "breadcrumb": [
            {"label": _("Requests and placements"), "url": reverse("school-requests")},
            {"label": _("Request"), "url": ""},
        ],
    }
    return render(request, "placements/school/request.html", context)


def _wish_line(
    wish: Wish, tried: list[Placement], row: PlacementRequest, stands: dict[int, WaitingPlace], now: dt.datetime
) -> dict:
    placement = next((p for p in tried if wish.session_id and p.session_id == wish.session_id), None)
    place = stands.get(wish.session_id or 0)
    full = wish.session is not None and wish.session.left < row.places
    waits = placement is None or placement.state not in LIVE
    return {
        "wish": wish,
        "session": wish.session,
        "kind": wishes.as_wished(wish),
        "when": cards.when(wish.session) if wish.session else None,
        "url": cards.session_url(wish.session) if wish.session else "",
        "state": placement and {"tone": cards.TONES[placement.state], "word": cards.state_word(placement)},
        "declined": placement is not None and placement.state == "declined",
        "stands": place,
        "later": waiting.waits_for_its_day(place, wish.session, now) if place and wish.session else None,
        "may_wait": full and waits and row.state == "submitted",
        "reason": wish.refused_reason or (placement.why if placement and placement.state not in LIVE else ""),
    }


@portal_page("school")
def request_withdraw(request, pk):
    """GET asks, POST takes the request back."""
    row = request_or_404(request, pk)
    form = ReasonForm(
        request.POST if request.method == "POST" else None, label=_("Why? The hub reads it."), required=False
    )
    if request.method == "POST" and form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            requests.withdraw_request(row, by=request.actor, now=request.now, reason=reason)
            messages.success(request, _("Taken back. Places held for it are free for others again."))
        except Refused as refusal:
            refused(request, refusal)
        return redirect("school-request", row.pk)
    asked = row.placements.filter(state="offered").select_related("employer").first()
    context = {"title": _("Take this request back?"), "row": row, "form": form, "asked": asked}
    return render(request, "placements/school/request_withdraw.html", context)


@portal_page("school")
@require_POST
@once
def request_copy(request, pk):
    """POST makes a draft of the same again."""
    try:
        made = copying.copy_request(request_or_404(request, pk), by=request.actor, now=request.now)
    except Refused as refusal:
        refused(request, refusal)
        return redirect("school-request", pk)
    if made.left_out:
        messages.warning(request, _("A draft, but not with all of the same wishes:"))
        for sentence in made.left_out:
            messages.warning(request, sentence)
    else:
        messages.success(request, _("A draft with the same wishes. Look at it, then send it."))
    return redirect("school-request", made.request.pk)


@portal_page("school")
@require_POST
def request_wait(request, pk, session):
    """POST joins the waiting list of a wish, or leaves it when the request stands there already."""
    row = request_or_404(request, pk)
    wish = get_object_or_404(row.wishes.select_related("session__hub"), session=session)
    place = row.waiting.filter(session=session, left_at=None).first()
    try:
        if place is not None:
            waiting.leave(place, by=request.actor, now=request.now)
            messages.success(request, _("The request is off the waiting list."))
        else:
            waiting.join(row, wish.session, by=request.actor, now=request.now)
            messages.success(request, _("The request is on the waiting list. You are told when places come free."))
    except Refused as refusal:
        refused(request, refusal)
    return redirect("school-request", row.pk)


@portal_page("school")
def request_again(request, pk):
    """POST hands a draft to the hub, or a refused request again."""
    row = request_or_404(request, pk)
    if request.method == "POST":
        try:
            requests.submit(row, by=request.actor, now=request.now)
            messages.success(request, _("Sent. The hub looks for places."))
        except Refused as refusal:
            refused(request, refusal)
    return redirect("school-request", row.pk)


@portal_page("school")
@require_POST
def request_firm(request, pk):
    """POST says that a provisional request is firm."""
    row = request_or_404(request, pk)
    try:
        requests.make_firm(row, by=request.actor, now=request.now)
        messages.success(request, _("The request is firm. The hub asks employers, and a yes binds both sides."))
    except Refused as refusal:
        refused(request, refusal)
    return redirect("school-request", row.pk)
