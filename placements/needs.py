"""What needs the school now: the first thing on its home."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import Count, F, Max, Min, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubs.models import LogEntry
from hubs.wallclock import working_days_from
from placements.domain.clashes import clash_sentence, open_clashes
from placements.domain.clearances import DUE_BEFORE
from placements.models import Amendment, Clearance, Placement, PlacementRequest
from placements.models.placement import over
from schools.models import Group, Lesson, PendingImport, School, Term

REGISTER_WITHIN = dt.timedelta(days=7)  # after the last day; then it is late
#: What a line says of a placement: a school of a large hub has some hundreds of lines.
SAID = (
    "places", "answered_at", "ended_on", "hub__time_zone", "hub__jurisdiction", "employer__name",
    "session__starts_at", "session__ends_at", "session__time_zone", "session__opportunity__title",
)  # fmt: skip
NEXT_YEAR_AHEAD = dt.timedelta(days=42)  # before the last known term ends


@dataclass(frozen=True)
class Need:
    """One line of portal/pieces/needs_you.html. `due` is a local date, `since` an instant; `language` is the title's
    where that is not the page's."""

    title: str
    action_label: str
    action_url: str
    url: str = ""
    who: str = ""
    since: dt.datetime | None = None
    due: dt.date | None = None
    first: bool = False
    language: str = ""
    post: bool = False
    fields: dict = field(default_factory=dict)


def school_needs(school: School, *, now: dt.datetime) -> list[Need]:
    """Steps to get started first, then the oldest due; a constant number of queries."""
    today = now.astimezone(school.zone).date()
    needs = [
        *_getting_started(school, today),
        *_calendars_changed(school),
        *_registers(school, now),
        *_to_prepare(school, now),
        *_left(school, now),
        *_changes(school, now),
        *_clearances(school),
        *_requests(school),
        *_clashing(school, now),
    ]
    latest = dt.date.max
    return sorted(needs, key=lambda need: (not need.first, need.due or latest, need.since or now))


def _getting_started(school: School, today: dt.date) -> list[Need]:
    calendar, groups_url = reverse("school-calendar"), reverse("school-groups")
    last = Term.objects.filter(school=school).aggregate(last=Max("ends_on"))["last"]
    groups = Group.objects.filter(school=school, is_active=True).aggregate(
        all=Count("pk"), empty=Count("pk", filter=Q(size=0))
    )
    needs = []
    if last is None:
        needs.append(Need(_("Load your term dates"), _("Load calendar"), calendar, first=True))
    elif last - NEXT_YEAR_AHEAD <= today:
        needs.append(Need(_("Load next year's term dates"), _("Load calendar"), calendar, due=last))
    if not groups["all"]:
        needs.append(Need(_("Load your timetable, to see which sessions fit"), _("Add groups"), groups_url, first=True))
        return needs
    if not Lesson.objects.filter(school=school).exists():
        title = _("Load your timetable, so that missed lessons are counted")
        needs.append(Need(title, _("Load timetable"), groups_url, first=True))
    if groups["empty"]:
        title = ngettext(
            "Say how many students are in %(n)s group", "Say how many students are in %(n)s groups", groups["empty"]
        ) % {"n": groups["empty"]}
        needs.append(Need(title, _("Set sizes"), groups_url, first=True))
    return needs


def _calendars_changed(school: School) -> Iterator[Need]:
    """Calendars read by their address that say something new, which nobody has looked at."""
    waiting = PendingImport.objects.filter(school=school, subscription__isnull=False).only("file_name", "uploaded_at")
    for row in waiting:
        page = reverse("school-calendar-check", args=[row.pk])
        title = _("%(name)s has changed") % {"name": row.file_name}
        yield Need(title, _("Look and confirm"), page, url=page, since=row.uploaded_at)


def _registers(school: School, now: dt.datetime) -> list[Need]:
    ended = Placement.objects.filter(over(now), school=school, state__in=["ready", "under_way"])
    late = Placement.objects.filter(school=school, state="accepted", session__starts_at__lte=now)
    needs = []
    for row in _said(ended):
        last_on = row.ends_at.astimezone(row.session.zone).date()
        needs.append(
            Need(
                _("Who was there? %(what)s") % {"what": _what(row)},
                _("Close the register"),
                reverse("school-register", args=[row.pk]),
                url=reverse("school-placement", args=[row.pk]),
                due=last_on + REGISTER_WITHIN,
            )
        )
    for row in _said(late):
        page = reverse("school-placement", args=[row.pk])
        title = _("Not cleared in time: %(what)s") % {"what": _what(row)}
        needs.append(Need(title, _("See what is missing"), page, url=page, due=row.session.first_on))
    return needs


def _to_prepare(school: School, now: dt.datetime) -> list[Need]:
    rows = _said(
        Placement.objects.filter(school=school, state__in=["accepted", "ready"], session__starts_at__gt=now)
        .annotate(named=Count("students"))
        .filter(named__lt=F("places"))
    )
    return [
        Need(
            ngettext("Name %(n)s student: %(what)s", "Name %(n)s students: %(what)s", row.places - row.named)
            % {"n": row.places - row.named, "what": _what(row)},
            _("Name students"),
            reverse("school-placement-students", args=[row.pk]),
            url=reverse("school-placement", args=[row.pk]),
            due=cleared_by(row),
        )
        for row in rows
    ]


def _left(school: School, now: dt.datetime) -> list[Need]:
    """Somebody who has left is still named: nothing is called off by the machine."""
    rows = _said(
        Placement.objects.live()
        .filter(school=school, session__starts_at__gt=now, students__student__left_on__lte=now.date())
        .annotate(gone=Count("students"))
    )
    return [
        Need(
            ngettext("%(n)s student named has left: %(what)s", "%(n)s students named have left: %(what)s", row.gone)
            % {"n": row.gone, "what": _what(row)},
            _("Name others"),
            reverse("school-placement-students", args=[row.pk]),
            url=reverse("school-placement", args=[row.pk]),
            due=cleared_by(row),
        )
        for row in rows
    ]


def _changes(school: School, now: dt.datetime) -> Iterator[Need]:
    """Changes of what was agreed that wait for the school's answer; on the first day it is too late for one."""
    rows = Amendment.objects.standing(now).filter(school=school)
    for row in rows.select_related("placement__session__opportunity", "placement__employer"):
        if "school" in row.asks:
            yield Need(
                _("May this be changed? %(what)s") % {"what": _what(row.placement)},
                _("See the change and answer"),
                reverse("school-placement-change", args=[row.placement_id]),
                url=reverse("school-placement", args=[row.placement_id]),
                since=row.proposed_at,
                due=row.placement.session.first_on,
            )


def _clearances(school: School) -> list[Need]:
    open_ones = Clearance.objects.blocking().filter(
        school=school,
        responsible__in=["school", "parent", "student"],
        placement__state__in=["accepted", "ready"],
    )
    summed = open_ones.order_by().values("placement").annotate(n=Count("pk"), due=Min("due_on"))
    counted = {row["placement"]: (row["n"], row["due"]) for row in summed}
    rows = _said(Placement.objects.filter(pk__in=counted))
    needs = []
    for row in rows:
        count, due = counted[row.pk]
        page = reverse("school-placement", args=[row.pk])
        title = ngettext("%(n)s thing to clear: %(what)s", "%(n)s things to clear: %(what)s", count) % {
            "n": count,
            "what": _what(row),
        }
        needs.append(Need(title, _("See the task list"), f"{page}#tasks", url=page, due=due))
    return needs


def _requests(school: School) -> list[Need]:
    """Refused by the hub, with every wished employer having said no, or provisional while places are held."""
    rows = (
        PlacementRequest.objects.filter(school=school, state__in=["refused", "submitted"])
        .annotate(
            wished=Count("wishes", distinct=True),
            declined=Count("placements__session", distinct=True, filter=Q(placements__state="declined")),
            live=Count("placements", distinct=True, filter=Q(placements__state__in=["held", "offered"])),
            answered=Max("placements__closed_at"),
        )
        .filter(
            Q(state="refused")
            | Q(declined__gte=F("wished"), declined__gt=0, live=0)
            | Q(state="submitted", is_provisional=True, live__gt=0)
        )
        .select_related("hub", "group")
    )
    rows = list(rows)
    refused = LogEntry.objects.filter(
        subject_type="placements.placementrequest", subject_id__in=[r.pk for r in rows], verb="refused"
    )
    said = {entry.subject_id: entry for entry in refused.order_by("at", "pk")} if rows else {}
    needs = []
    for row in rows:
        page = reverse("school-request", args=[row.pk])
        who = row.group.name if row.group else _("your students")
        entry = said.get(row.pk)
        if row.state == "refused":
            title = _("No places found for %(who)s") % {"who": who}
            needs.append(Need(title, _("Change or send again"), page, url=page, since=entry.at if entry else None))
        elif row.live:
            title = _("Is the request for %(who)s firm? Places are held for it") % {"who": who}
            needs.append(Need(title, _("Look and decide"), page, url=page, since=row.submitted_at))
        else:
            title = _("The employer said no to %(who)s") % {"who": who}
            needs.append(Need(title, _("Choose another"), page, url=page, since=row.answered))
    return needs


def _clashing(school: School, now: dt.datetime) -> Iterator[Need]:
    """What a changed calendar no longer allows; gone from here as soon as the calendar allows it again."""
    for clash in open_clashes(school):
        clash.school = school
        reason = clash_sentence(clash, now=now)
        thing = clash.placement or clash.wish
        if not reason or thing.session.starts_at <= now:
            continue
        route, pk = ("school-placement", thing.pk) if clash.placement else ("school-request", clash.wish.request_id)
        title = _("%(title)s no longer fits: %(reason)s") % {
            "title": thing.session.opportunity.title, "reason": reason,
        }  # fmt: skip
        page = reverse(route, args=[pk])
        yield Need(title, _("Look and decide"), page, url=page, since=clash.found_at)


def _said(rows: QuerySet[Placement]) -> QuerySet[Placement]:
    return rows.select_related("session__opportunity", "employer", "hub").only(*SAID)


def cleared_by(placement: Placement) -> dt.date:
    """When everything should be done: ten working days before the start, or at once when it
    was agreed later than that."""
    usual = working_days_from(placement.session.first_on, -DUE_BEFORE, placement.hub.jurisdiction)
    agreed_on = placement.answered_at.astimezone(placement.hub.zone).date() if placement.answered_at else usual
    return max(usual, agreed_on)


def _what(placement: Placement) -> str:
    return _("%(title)s, %(employer)s") % {
        "title": placement.session.opportunity.title,
        "employer": placement.employer.name,
    }
