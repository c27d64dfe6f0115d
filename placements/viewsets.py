"""The broker desk, and requests and placements in the hub's back office."""

from __future__ import annotations

from typing import ClassVar

from django.urls import path
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, TitleColumn

from hubs.columns import WhenColumn
from hubs.filters import NameFilter
from hubs.paging import NarrowPaginator
from hubs.views_admin import READ_ONLY, HubFilterSet, IndexView, Verb
from hubs.viewsets import HubPages, HubViewSet
from placements import changes, views_asking, views_desk, views_ladder, views_line
from placements.domain import answers, asking, brokering, capacity, hours
from placements.models import Placement, PlacementRequest, PlacesAlarm
from placements.roads import history


class Desk(HubPages):
    """The day's work of a careers manager."""

    name = "desk"
    icon = "tasks"
    menu_label = _("Desk")
    menu_order = 10
    add_to_admin_menu = True

    def get_urlpatterns(self):
        return [
            path("", views_desk.DeskView.as_view(), name="index"),
            path("<int:pk>/", views_desk.RequestView.as_view(), name="request"),
            path("<int:pk>/ask/", views_asking.AskView.as_view(), name="ask"),
            path("<int:pk>/line/", views_line.LineView.as_view(), name="line"),
            path("<int:pk>/hold/", views_desk.HoldView.as_view(), name="hold"),
        ]


class Ladders(HubPages):
    """What happens when an employer does not answer."""

    name = "ladder"
    icon = "history"
    menu_label = _("When nobody answers")
    menu_order = 20
    add_to_settings_menu = True

    def get_urlpatterns(self):
        return [path("", views_ladder.LadderView.as_view(), name="edit")]


class RequestFilterSet(HubFilterSet):
    class Meta:
        model = PlacementRequest
        fields = ["state", "school"]


class RequestViewSet(HubViewSet):
    """Every request of every state. What a school asked for is the school's to change."""

    model = PlacementRequest
    name = "requests"
    who = READ_ONLY
    icon = "tasks"
    related = ("school", "group")
    ordering = ("-created_at", "-pk")
    list_display = (
        TitleColumn("school", label=_("School"), url_name="requests:inspect", sort_key="school__name"),
        Column("group", label=_("Group"), accessor=lambda row: row.group or ""),
        Column("places", label=_("Places"), sort_key="places"),
        Column("state", label=_("State"), accessor="get_state_display", sort_key="state"),
        WhenColumn("submitted_at", label=_("Sent"), sort_key="submitted_at"),
    )
    filterset_class = RequestFilterSet
    search_fields = ("school__name", "note")
    verbs = (
        Verb(
            "refuse", _("Refuse"), to="refused", run=brokering.refuse, asks=_("Why"), must_ask=True, tone="stop",
            binding=_("The school is told and reads your reason. It may send the request again."),
        ),
    )  # fmt: skip
    inspect_view_fields = (
        "school", "group", "places", "state", "is_provisional", "note", "needs", "created_at", "submitted_at",
    )  # fmt: skip


class PlacementFilterSet(HubFilterSet):
    employer = NameFilter(label=_("Employer"))

    class Meta:
        model = Placement
        fields = ["state", "school"]


def _change_asked(row: Placement) -> bool:
    return row.change_asked


class PlacementIndexView(IndexView):
    paginator_class = NarrowPaginator


class PlacementViewSet(HubViewSet):
    """Places given to a school. Moves by the hub's hand; students are never named here."""

    model = Placement
    name = "placements"
    who = READ_ONLY
    icon = "calendar-check"
    related = ("school", "employer", "group", "request__group", "session__opportunity__encounter_type")
    prefetched = ("session__days",)
    ordering = ("-session__starts_at", "-pk")
    list_display = (
        TitleColumn("session", label=_("Session"), accessor="session.opportunity.title", url_name="placements:inspect"),
        WhenColumn("starts_at", label=_("Begins"), accessor="session.starts_at", sort_key="session__starts_at"),
        Column("school", label=_("School"), sort_key="school__name"),
        Column("employer", label=_("Employer"), sort_key="employer__name"),
        Column("places", label=_("Places"), sort_key="places"),
        Column("state", label=_("State"), accessor="get_state_display", sort_key="state"),
        Column("change", label=_("Change"), accessor=lambda row: _("asked for") if row.change_asked else ""),
        WhenColumn("answer_by", label=_("Answer by"), sort_key="answer_by"),
    )
    filterset_class = PlacementFilterSet
    index_view_class = PlacementIndexView
    search_fields = ("school__name", "employer__name", "session__opportunity__title")
    verbs = (
        Verb(
            "offer", _("Offer to the employer"), to="offered", asks=_("A word to the employer"),
            run=lambda row, text, **how: asking.offer(row, message=text, **how),
            binding=_("The employer is asked by e-mail and can answer with one click. Nothing is binding until it "
                      "accepts; the places stay held for this school until it answers."),
        ),
        Verb(
            "release", _("Give the places back"), to="released", asks=_("Why"), tone="stop",
            run=lambda row, text, **how: brokering.release(row, reason=text, **how),
            binding=_("The places are free for other schools at once. The request stays open."),
        ),
        Verb(
            "withdraw", _("Take it back"), to="withdrawn", when=("offered",), asks=_("Why"), tone="stop",
            run=lambda row, text, **how: brokering.withdraw(row, reason=text, **how),
            binding=_("The employer is told that the places are not needed any more, and they are free for other "
                      "schools at once. The request stays open."),
        ),
        Verb(
            "accept", _("The employer said yes"), to="accepted",
            run=lambda row, text, **how: answers.accept(row, **how),
            binding=_("Binding for the employer and the school: invitations go out and clearances are asked for. "
                      "Only when the employer told you so; the log names you."),
        ),
        Verb(
            "decline", _("The employer said no"), to="declined", run=answers.decline, asks=_("Why"), must_ask=True,
            tone="stop", binding=_("The places are free again and the request is open again."),
        ),
        Verb(
            "agree-change", _("They agree to the change"), run=changes.agree, mark=changes.mark, suits=_change_asked,
            binding=_("Answers for everybody who was asked, and the change holds at once. Only when they told you so; "
                      "the log names you."),
        ),
        Verb(
            "refuse-change", _("They say no to the change"), run=changes.refuse, mark=changes.mark,
            suits=_change_asked, asks=_("Why"), must_ask=True, tone="stop",
            binding=_("What was agreed stands as it was. Both sides are told and read your reason."),
        ),
        Verb(
            "cancel", _("Call off"), to="cancelled", run=answers.cancel, asks=_("Why"), must_ask=True, tone="stop",
            binding=_("Both sides are told, calendars lose it, and the places are free again."),
        ),
    )  # fmt: skip
    detail_template = "placements/admin/placement.html"
    inspect_view_fields = (
        "school", "employer", "group", "places", "state", "held_until", "offered_at", "answer_by", "answered_at",
        "reason", "supervisor", "created_at",
    )  # fmt: skip
    words: ClassVar[dict] = {"reason": lambda row: row.why}

    def rows(self, request):
        return super().rows(request).with_change_asked(request.now)

    def more_of(self, request, row: Placement) -> dict:
        clearances = row.clearances.filter(state="open").select_related("requirement").order_by("due_on", "pk")
        more = {
            "hours": hours.shown(row, request.now),
            "history": history(row),
            "change": changes.shown(row, "hub", request.now),
        }
        return {"clearances": clearances, "today": request.hub.today(request.now), **more}


class AlarmFilterSet(HubFilterSet):
    class Meta:
        model = PlacesAlarm
        fields = ()


class AlarmViewSet(HubViewSet):
    """Where the nightly recount and a session disagree."""

    model = PlacesAlarm
    name = "alarms"
    who = READ_ONLY
    icon = "warning"
    related = ("session__opportunity", "session__employer")
    ordering = ("-found_at", "-pk")
    list_display = (
        TitleColumn("session", label=_("Session"), accessor="session.opportunity.title", url_name="alarms:inspect"),
        Column("employer", label=_("Employer"), accessor="session.employer"),
        Column("kept", label=_("Taken, as kept")),
        Column("counted", label=_("Taken, as counted")),
        WhenColumn("found_at", label=_("Found"), sort_key="found_at"),
        WhenColumn("gone_at", label=_("Settled"), sort_key="gone_at"),
    )
    filterset_class = AlarmFilterSet
    search_fields = ("session__opportunity__title", "session__employer__name")
    verbs = (
        Verb(
            "correct", _("Believe the placements"), run=capacity.correct, asks=_("What you found"), must_ask=True,
            binding=_("The placements of the session are counted once more, and that number counts from then on. Look "
                      "for the cause first: the log of the session and of its placements says who did what."),
        ),
    )  # fmt: skip
    inspect_view_fields = ("session", "kept", "counted", "found_at", "gone_at")
