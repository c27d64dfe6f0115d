"""Publishing in three steps and a review; each step saves, so it can be left and continued."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.contrib import messages
from django.db.models import Manager, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from employers.models import Site
from hubs.edges import number_or_404, portal_page, refused, refused_on
from hubs.errors import Refused
from hubs.wallclock import working_days_from
from opportunities import reach, rules, skills
from opportunities.cards import dated_card, local_days, place_words
from opportunities.domain import offers, sessions
from opportunities.forms import DaysFormSet, PlacesForm, PracticalForm, WhatForm, place_of
from opportunities.models import Opportunity, PlanStep, Session
from opportunities.usual import a_year_later, first_days, following_days, usual_places
from opportunities.views import series
from opportunities.views.rows import leads, own_opportunity

STEPS: tuple[tuple[str, str], ...] = (
    ("what", gettext_lazy("What")),
    ("dates", gettext_lazy("Dates and places")),
    ("practical", gettext_lazy("Practical")),
    ("review", gettext_lazy("Look and send")),
)
ONE_DAY = dt.timedelta(days=1)
DAYS_SUGGESTED = 60


def road(opportunity: Opportunity | None, here: str, blocked: set[str]) -> list[dict]:
    """The wizard's own road, for portal/pieces/placement_road.html."""
    begun = {"what"} if opportunity else set()
    if opportunity and (opportunity.site_id or opportunity.is_online or opportunity.supervisor):
        begun.add("practical")
    if opportunity and "dates" not in blocked:
        begun.add("dates")
    found = []
    for name, label in STEPS:
        done = name in begun - blocked
        state = "now" if name == here else "done" if done else "ahead"
        found.append({"label": label, "state": state})
    return found


def _page(request, template: str, opportunity: Opportunity | None, here: str, **context):
    found = rules.gaps(opportunity, request.now) if opportunity else []
    blocked = {gap.where for gap in found if gap.blocks}
    title = opportunity.title if opportunity else _("Offer something")
    step = {"road": road(opportunity, here, blocked), "draft": opportunity is None or opportunity.state == "draft"}
    crumbs = [
        {"label": _("Opportunities"), "url": reverse("employer-opportunities")},
        {"label": title, "url": _detail(opportunity) if opportunity else ""},
    ]
    context = {"opportunity": opportunity, "title": title, "breadcrumb": crumbs, "gaps": found, **step, **context}
    return render(request, template, context)


def _detail(opportunity: Opportunity) -> str:
    return reverse("employer-opportunity", args=[opportunity.pk])


def _onward(request, opportunity: Opportunity, name: str):
    """After saving: the next step of a draft; else, or when leaving, the opportunity's page."""
    if opportunity.state == "draft" and request.POST.get("then") != "leave":
        return redirect(name, opportunity.pk)
    messages.success(request, _("Saved."))
    return redirect(_detail(opportunity))


# ---- Step 1: what ------------------------------------------------------------


def _step_of(request) -> PlanStep | None:
    wanted = request.GET.get("step", "")
    if not wanted:
        return None
    steps = PlanStep.objects.visible_to(request.user).filter(hub=request.hub, employer=request.acting.pk)
    return get_object_or_404(steps.select_related("encounter_type"), pk=number_or_404(wanted))


@portal_page("employer")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request):
    """Start a draft, perhaps from a plan step (?step=)."""
    step, employer = _step_of(request), request.acting.employer
    initial = {"encounter_type": step.encounter_type, "title": step.title} if step else {}
    initial["sectors"] = employer.sectors.all()
    form = WhatForm(request.POST or None, employer=employer, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            opportunity = offers.draft_opportunity(
                employer, form.values(), plan_step=step, by=request.actor, now=request.now
            )
        except Refused as refusal:
            refused_on(request, form, refusal)
        else:
            return _onward(request, opportunity, "employer-opportunity-dates")
    return _page(request, "opportunities/wizard_form.html", None, "what", form=form, submit_label=_("Go on to dates"))


@portal_page("employer")
@require_http_methods(["GET", "HEAD", "POST"])
def what(request, pk: int):
    opportunity = own_opportunity(request, pk)
    names = ("encounter_type", "title", "summary", "description", "min_age", "max_age", "outcomes", "skills")
    said = {name: getattr(opportunity, name) for name in names} | {"sectors": opportunity.sectors.all()}
    form = WhatForm(
        request.POST or None,
        employer=request.acting.employer,
        fixed=opportunity.encounter_type if opportunity.state in ("published", "paused") else None,
        said=opportunity.skills,
        initial=said | seen(opportunity),
    )
    return edit_step(request, opportunity, form, "what", "employer-opportunity-dates", _("Go on to dates"))


# ---- Step 3: practical -------------------------------------------------------


@portal_page("employer")
@require_http_methods(["GET", "HEAD", "POST"])
def practical(request, pk: int):
    opportunity = own_opportunity(request, pk)
    names = ("supervisor", "stand_in", "clothing", "food", "costs_covered", "access", "conditions")
    sites = list(Site.objects.visible_to(request.user).filter(hub=request.hub, employer=request.acting.pk))
    initial = {name: getattr(opportunity, name) for name in names} | seen(opportunity)
    initial["place"] = place_of(opportunity) or (f"site-{sites[0].pk}" if len(sites) == 1 else "")
    form = PracticalForm(
        request.POST or None,
        employer=request.acting.employer,
        sites=sites,
        at_work=opportunity.encounter_type.tier in rules.WORKPLACE_TIERS,
        keeps_plan=bool(opportunity.day_plan),
        initial=initial,
    )
    form.fields["place"].help_text = format_html(
        '<a href="{}?next={}">{}</a>', reverse("employer-site-new"), request.path, _("Add a site")
    )
    return edit_step(request, opportunity, form, "practical", "employer-opportunity-review", _("Look it over"))


def seen(opportunity: Opportunity) -> dict:
    return {"seen_at": opportunity.updated_at.isoformat()}


def edit_step(request, opportunity: Opportunity, form, here: str, onward: str, submit_label: str, **context):
    """One step that changes the row: saved, or shown again with everything typed."""
    if request.method == "POST" and form.is_valid():
        try:
            offers.change_opportunity(
                opportunity, form.values(), seen_at=form.cleaned_data["seen_at"], by=request.actor, now=request.now
            )
        except offers.CannotSave as stale:
            opportunity.refresh_from_db()
            context["theirs"] = _differences(form, opportunity)
            form.add_error(None, stale.sentence)
            # Once both versions were shown, saving again is a decision.
            form.data = form.data.copy()
            form.data["seen_at"] = opportunity.updated_at.isoformat()
        except Refused as refusal:
            refused_on(request, form, refusal)
        else:
            return _onward(request, opportunity, onward)
    if opportunity.state != "draft":
        submit_label = _("Save")
    return _page(
        request, "opportunities/wizard_form.html", opportunity, here, form=form, submit_label=submit_label, **context
    )


def _differences(form, opportunity: Opportunity) -> list[tuple[str, str]]:
    """What the other person saved where it differs from what was typed: (label, theirs)."""
    found = []
    for name, typed in form.values().items():
        theirs = _comparable(getattr(opportunity, name))
        if theirs != _comparable(typed) and (pair := _theirs(form, opportunity, name, theirs)) not in found:
            found.append(pair)
    return found


def _theirs(form, opportunity: Opportunity, name: str, value) -> tuple[str, str]:
    if name in ("site", "is_online"):
        return _("Where?"), place_words(opportunity)
    if name == "day_plan":
        return _("Plan for the day"), _("another plan")
    said = skills.words(value) if name == "skills" else value
    text = ", ".join(map(str, said)) if isinstance(said, list) else str(said)
    return str(form.fields[name].label), text or _("(empty)")


def _comparable(value):
    """Rows of another table as a list, in one order, whether saved or chosen."""
    return list(value.all()) if isinstance(value, QuerySet | Manager) else value


# ---- Step 2: dates and places ------------------------------------------------


@portal_page("employer")
@require_http_methods(["GET", "HEAD", "POST"])
def dates(request, pk: int):
    """Add sessions one after another; a session is one or several days."""
    opportunity = own_opportunity(request, pk)
    posted = request.POST or None
    days = DaysFormSet(
        posted,
        prefix="days",
        initial=None if posted else _start(request, opportunity),
    )
    form = PlacesForm(posted, initial=_start_places(request, opportunity))
    if posted and (other := _other_days(request, opportunity, days)) is not None:
        days, form = other, PlacesForm(initial=request.POST.dict())
    elif posted and days.is_valid() and form.is_valid():
        try:
            return _add(request, opportunity, [one.day() for one in days], form)
        except Refused as refusal:
            series.refuse(request, form, refusal)
    return _dates_page(request, opportunity, days, form)


def _other_days(request, opportunity: Opportunity, days):
    """The rows once a button that only changes days was pressed; None when it was another one."""
    if "more" in request.POST:
        return _one_more(request, opportunity, days)
    if "fewer" in request.POST:
        return _one_fewer(days)
    wanted = series.parse_day(request.POST.get("on", ""))
    return _begun_on(request, opportunity, days, wanted) if wanted else None


def _start(request, opportunity: Opportunity) -> list[dict]:
    """The usual days, those of an earlier session a year later (?like=), or the days after one just added
    (?after=)."""
    if like := _named(request, "like"):
        return a_year_later(like, request.now)
    if after := _named(request, "after"):
        return following_days(after, request.now)
    return first_days(opportunity.encounter_type, opportunity.hub, request.now)


def _start_places(request, opportunity: Opportunity) -> dict:
    """Places, sizes of a group and break as of the session the days are taken from, else the usual places."""
    model = _named(request, "like") or _named(request, "after")
    if model is None:
        return {"places": usual_places(opportunity)}
    return {name: getattr(model, name) for name in ("places", "group_min", "group_max", "break_minutes")}


def _named(request, name: str) -> Session | None:
    """The employer's own session named by this part of the address, or None."""
    try:
        wanted = number_or_404(request.GET.get(name))
    except Http404:  # only what to begin with: the page is there without
        return None
    own = Session.objects.visible_to(request.user).filter(hub=request.hub, employer=request.acting.pk)
    return own.select_related("opportunity__encounter_type", "hub").filter(pk=wanted).first()


def _add(request, opportunity: Opportunity, days: list[sessions.Day], form: PlacesForm):
    """One session at once; a series only after a look at its dates."""
    given = dict(form.cleaned_data)
    if given.pop("times") > 1:
        sessions.need_writer(opportunity, request.actor)
        return series.look(request, opportunity, days, form)
    sure = series.sure(request)
    (made,) = sessions.add_sessions(opportunity, [days], **given, sure=sure, by=request.actor, now=request.now)
    if opportunity.state == "draft" and request.POST.get("then") == "onward":
        return redirect("employer-opportunity-practical", opportunity.pk)
    messages.success(request, _("Added."))
    if request.POST.get("then") == "leave":
        return redirect(_detail(opportunity))
    return redirect(series.another(opportunity, made))


def _dates_page(request, opportunity: Opportunity, days, form):
    known = [one.day() for one in days if days.is_bound and one.is_valid()] or _typed(days)
    calendars = reach.calendars_of(opportunity, now=request.now)
    context = {
        "days": days,
        "form": form,
        "cards": _reaching(calendars, opportunity.sessions.upcoming(request.now).with_all()),
        "reach": calendars.reach(known),
        "suggested": calendars.suggest(known, opportunity.hub.today(request.now) + ONE_DAY, DAYS_SUGGESTED),
        "count": days.total_form_count(),
    }
    return _page(request, "opportunities/wizard_dates.html", opportunity, "dates", **context)


def _reaching(calendars: reach.Calendars, ahead: Iterable[Session]) -> list[dict]:
    """A card for each session ahead, with how many groups could come."""
    return [
        dated_card(one, reverse("employer-session", args=[one.pk]), reach=calendars.reach(local_days(one)))
        for one in ahead
    ]


def _typed(days) -> list[sessions.Day]:
    rows = [(one.initial.get("on"), one.initial.get("start"), one.initial.get("end")) for one in days]
    return [
        (on, start, end)
        for on, start, end in rows
        if isinstance(on, dt.date) and isinstance(start, dt.time) and isinstance(end, dt.time)
    ]


def _rows(days) -> list[dict]:
    """What was typed, cleaned where it could be, so that it can be drawn again."""
    days.is_valid()
    return [
        {name: getattr(one, "cleaned_data", {}).get(name) or one[name].value() for name in ("on", "start", "end")}
        for one in days
    ]


def _one_more(request, opportunity: Opportunity, days):
    """The same rows and one more: the next working day at the same times."""
    rows = _rows(days)
    last = dict(rows[-1]) if rows else first_days(opportunity.encounter_type, opportunity.hub, request.now)[0]
    if isinstance(last["on"], dt.date):
        last["on"] = working_days_from(last["on"], 1, opportunity.hub.jurisdiction)
    return DaysFormSet(prefix="days", initial=[*rows, last][: sessions.MOST_DAYS])


def _begun_on(request, opportunity: Opportunity, days, wanted: dt.date):
    """The same rows, times and gaps, the first of them on the day that was wanted."""
    rows = _rows(days) or first_days(opportunity.encounter_type, opportunity.hub, request.now)
    by = wanted - rows[0]["on"] if isinstance(rows[0]["on"], dt.date) else dt.timedelta()
    moved = [{**row, "on": row["on"] + by} if isinstance(row["on"], dt.date) else row for row in rows]
    return DaysFormSet(prefix="days", initial=[{**moved[0], "on": wanted}, *moved[1:]])


def _one_fewer(days):
    return DaysFormSet(prefix="days", initial=_rows(days)[:-1] or None)


# ---- Review ------------------------------------------------------------------


@portal_page("employer")
@require_http_methods(["GET", "HEAD", "POST"])
def review(request, pk: int):
    """Everything on one page, what is missing, what happens next; POST sends it to the hub."""
    opportunity = own_opportunity(request, pk)
    if opportunity.state != "draft":
        return redirect(_detail(opportunity))
    if request.method == "POST":
        try:
            offers.submit(opportunity, by=request.actor, now=request.now)
        except Refused as refusal:
            refused(request, refusal)
            return redirect("employer-opportunity-review", opportunity.pk)
        messages.success(request, _("Sent. %(hub)s reads it and answers by e-mail.") % {"hub": request.hub.name})
        return redirect(_detail(opportunity))
    ahead = opportunity.sessions.upcoming(request.now).with_all()
    return _page(
        request,
        "opportunities/wizard_review.html",
        opportunity,
        "review",
        cards=[dated_card(one, reverse("employer-session", args=[one.pk])) for one in ahead],
        place=place_words(opportunity),
        may_send=leads(request),
        blocked=rules.not_complete(opportunity, request.now) is not None,
        next_steps=[
            _("%(hub)s reads it, usually within two working days, and publishes it or asks for a change.")
            % {"hub": request.hub.name},
            _("Schools see it with the days that fit their timetable and ask the hub for places."),
            _("You are asked by e-mail before any place is given. One click answers; no password needed."),
        ],
    )
