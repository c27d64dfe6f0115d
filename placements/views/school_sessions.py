"""Sessions that fit a group: the list, the agenda, and one session with everything about it."""

from __future__ import annotations

from itertools import groupby

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from hubs.edges import may_act, portal_page
from opportunities.models import Session
from placements import cards
from placements.domain.fitting import Asking, Ranked, SessionFit, open_sessions, ranked_for_group, with_rows
from placements.forms_school import SessionFilter
from placements.models import Wish
from placements.views.acting import groups_of, school_of
from schools.models import Group, School

PER_PAGE = 20
HIDDEN_SHOWN = 50


@portal_page("school")
def session_list(request):
    """Ranked cards, or the same by day; the whole choice lives in the address."""
    school = school_of(request)
    groups = groups_of(school)
    if not groups:
        return render(request, "placements/school/sessions_none.html", {"title": _("Sessions that fit")})
    form = SessionFilter(request.GET, groups=groups, hub=school.hub, today=request.now.astimezone(school.zone).date())
    found = _found(request, school, form)
    partial = request.htmx and not request.htmx.history_restore_request
    template = "sessions_found" if partial else "sessions"
    response = render(request, f"placements/school/{template}.html", _list_context(request, school, form, found))
    patch_vary_headers(response, ["HX-Request"])
    return response


def _found(request, school: School, form: SessionFilter) -> list[Ranked]:
    if not form.is_valid():
        return []
    window = form.cleaned_data
    sessions = open_sessions(school, now=request.now, start=window["start"], end=window["end"])
    return ranked_for_group(form.chosen_group, now=request.now, sessions=form.narrow(sessions))


def _list_context(request, school: School, form: SessionFilter, found: list[Ranked]) -> dict:
    group, free_only = form.chosen_group, form.is_valid() and form.cleaned_data["cost"] == "none"
    shown = [one for one in found if one.can and one.session.left and not (free_only and one.fit.minutes_missed)]
    hidden = [one for one in found if not one.can or not one.session.left]
    by_day = request.GET.get("view") == "calendar"
    if by_day:
        shown.sort(key=lambda one: (one.session.starts_at, one.session.pk))
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    offered, closed = _read(
        list(page), hidden[:HIDDEN_SHOWN], Session.objects.with_all().annotate(asked=_asked(school, group))
    )
    asked = {one.session.pk for one in offered if one.session.asked}
    rows = [cards.session_card(one, group, may=may_act(request), asked=asked) for one in offered]
    return {
        "title": _("Sessions that fit"),
        "form": form,
        "parts": _sentence(form),
        "keep": {"view": "calendar"} if by_day else {},
        "group": group,
        "may": may_act(request),
        "page": page,
        "cards": rows,
        "months": _months(rows) if by_day else [],
        "by_day": by_day,
        "costly": len(found) - len(hidden) - len(shown),
        "hidden": [(_hidden_line(one, group), _why_hidden(one)) for one in closed],
        "hidden_count": len(hidden),
    }


def _read(page: list[Ranked], hidden: list[Ranked], sessions) -> tuple[list[SessionFit], list[SessionFit]]:
    """The rows of both in one reading."""
    rows = with_rows([*page, *hidden], sessions)
    on_page = {one.session.pk for one in page}
    return [row for row in rows if row.session.pk in on_page], [row for row in rows if row.session.pk not in on_page]


def _sentence(form: SessionFilter) -> list[dict]:
    words = (
        ("group", _("Sessions for")),
        ("start", _("from")),
        ("end", _("to")),
        ("type", _("of")),
        ("sector", _("in")),
        ("stage", _("at")),
        ("cost", _("that cost")),
    )
    return [{"before": before, "field": form[name]} for name, before in words]


def _asked(school: School, group: Group | None = None) -> Exists:
    """Whether the school has a request or a place for the session already (for the group)."""
    live = Wish.objects.filter(school=school, request__state__in=["submitted", "placed"])
    if group is not None:
        live = live.filter(request__group=group)
    return Exists(live.filter(session=OuterRef("pk")))


def _months(rows: list[dict]) -> list[tuple]:
    """[(first of the month, [(date, cards)])] of cards in the order of their days."""
    days = [(on, list(same)) for on, same in groupby(rows, key=lambda row: row["session"]["date"])]
    return [(first, list(same)) for first, same in groupby(days, key=lambda pair: pair[0].replace(day=1))]


def _hidden_line(one: SessionFit, group: Group) -> dict:
    opportunity = one.session.opportunity
    return {
        **cards.when(one.session),
        "title": opportunity.title,
        "employer": opportunity.employer.name,
        "url": cards.session_url(one.session, group),
    }


def _why_hidden(one: SessionFit) -> str:
    return one.sentence if not one.can else _("All %(n)s places are taken.") % {"n": one.session.places}


@portal_page("school")
def session_detail(request, pk):
    """Everything about one session, and how it fits each group of the right age."""
    school = school_of(request)
    visible = Session.objects.visible_to(request.user).filter(hub_id=school.hub_id, opportunity__state="published")
    session = get_object_or_404(visible.with_all().annotate(asked=_asked(school)), pk=pk)
    suiting = [group for group in groups_of(school) if _right_age(group, session)]
    asking = Asking(school, suiting, now=request.now)
    fits = asking.each_group(session)
    chosen = _chosen(request, fits)
    open_now = open_sessions(school, now=request.now).filter(pk=session.pk).exists() and session.left > 0
    context = {
        "title": session.opportunity.title,
        "session": session,
        "opportunity": session.opportunity,
        "when": cards.when(session),
        "place": cards.where(session.opportunity),
        "travel": cards.travel(chosen[1].travel_minutes) if chosen else "",
        "fits": [_group_line(asking, group, one) for group, one in fits],
        "chosen": chosen[0] if chosen else None,
        "week": _week(asking, chosen, session),
        "may": may_act(request) and open_now,
        "open_now": open_now,
        "opens_on": session.opportunity.opens_to(school, request.now),
        "asked": session.asked,
        "breadcrumb": _crumbs(session, chosen),
    }
    return render(request, "placements/school/session.html", context)


def _right_age(group: Group, session: Session) -> bool:
    """Groups without a year are kept: nobody knows their age."""
    offer, year = session.opportunity, group.year_group
    return year is None or (year.age >= offer.min_age and year.age - 1 <= offer.max_age)


def _chosen(request, fits: list[tuple[Group, SessionFit]]) -> tuple[Group, SessionFit] | None:
    wanted = request.GET.get("group", "")
    return next((pair for pair in fits if str(pair[0].pk) == wanted), fits[0] if fits else None)


def _group_line(asking: Asking, group: Group, one: SessionFit) -> dict:
    session = one.session
    few = group.size > session.left > 0
    return {
        "group": group,
        "fit": cards.fit_line(one),
        "can": one.can,
        "mends": [] if one.can else [words for _code, words in asking.mends(group, one)],
        "few": _("%(left)s places for %(size)s students") % {"left": session.left, "size": group.size} if few else "",
        "url": cards.request_url(session, group),
        "week_url": cards.session_url(session, group),
    }


def _week(asking: Asking, chosen: tuple[Group, SessionFit] | None, session: Session) -> dict | None:
    if chosen is None:
        return None
    group, one = chosen
    grid = cards.week_grid(asking.compiled, group, session, one.travel_minutes)
    return grid and {**grid, "caption": _("Lessons of %(group)s in that week") % {"group": group.name}}


def _crumbs(session: Session, chosen) -> list[dict]:
    url = reverse("school-sessions") + (f"?group={chosen[0].pk}" if chosen else "")
    return [{"label": _("Sessions that fit"), "url": url}, {"label": session.opportunity.title, "url": ""}]
