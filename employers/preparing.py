"""Volunteers prepared before they meet young people: which modules, and until when that holds."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable, Collection

from django.db import transaction
from django.db.models import Case, Count, DateField, Min, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from employers.models import Preparation, Volunteer
from hubs.actors import LINK_PREFIX, Actor
from hubs.errors import CannotAct, Refused
from hubs.locks import lock_rows
from hubs.log import record
from hubs.models import Hub
from hubs.models.people import fold

#: By signed link, on behalf of nobody but themselves.
SIDE = "volunteer"
#: Where a volunteer stands with what is required: for longer than the first reminder, lapsing, lapsed, never done.
STATES = (
    ("missing", gettext_lazy("still to do")),
    ("lapsed", gettext_lazy("lapsed")),
    ("lapsing", gettext_lazy("lapses soon")),
    ("prepared", gettext_lazy("prepared")),
)
#: Days before a preparation lapses on which the volunteer is reminded.
REMIND_DAYS = (30, 7)


#: How the floor above, which has the pages, says which ones a hub requires before first contact: hub → ids of pages.
_REQUIRED: list[Callable[[Hub], Collection[int]]] = []


def modules_come_from(reader: Callable[[Hub], Collection[int]]) -> None:
    """Called once, when the program starts, by the app that has the pages."""
    if reader not in _REQUIRED:
        _REQUIRED.append(reader)


def required(hub: Hub) -> frozenset[int]:
    """Ids of the pages a volunteer of the hub has to have done before meeting young people; empty: none."""
    return frozenset(pk for reader in _REQUIRED for pk in reader(hub))


def called(employer_id: int, name: str) -> list[Volunteer]:
    """Volunteers of the employer, active, who are called that, however it is spaced, capitalised or accented."""
    wanted = _plain(name)
    rows = Volunteer.objects.filter(employer=employer_id, is_active=True).order_by("pk") if wanted else []
    return [row for row in rows if _plain(row.name) == wanted]


def _plain(name: str) -> str:
    return fold(" ".join(name.split()))


def holds_until(volunteer: Volunteer, needed: Collection[int]) -> dt.date | None:
    """The last day on which everything of `needed` (ids of pages) holds; None when something was never done. What an
    employer wrote of a volunteer is no completion, and does not count here."""
    rows = Preparation.objects.filter(volunteer=volunteer, page__in=list(needed))
    days = list(rows.values_list("valid_until", flat=True))
    return min(days) if days and len(days) == len(set(needed)) else None


def with_preparation(rows: QuerySet[Volunteer], needed: Collection[int], today: dt.date) -> QuerySet[Volunteer]:
    """Volunteers with `holds_until`, the day all required modules hold to (None: something was never done), and
    `preparation`, one of `STATES`. `needed` are ids of pages as `required` says; without any, everybody is missing."""
    done = Preparation.objects.filter(volunteer=OuterRef("pk"), page__in=list(needed)).order_by().values("volunteer")
    whole = done.annotate(n=Count("pk"), until=Min("valid_until")).filter(n=len(needed))
    soon = today + dt.timedelta(days=max(REMIND_DAYS))
    return rows.annotate(holds_until=Subquery(whole.values("until"), output_field=DateField())).annotate(
        preparation=Case(
            When(holds_until__gt=soon, then=Value("prepared")),
            When(holds_until__gte=today, then=Value("lapsing")),
            When(holds_until__lt=today, then=Value("lapsed")),
            default=Value("missing"),
        )
    )


def prepared_on(day: dt.date) -> Q:
    """Volunteers who are prepared on a day, as a condition on them."""
    return Q(prepared_on__lte=day) & (Q(prepared_until__isnull=True) | Q(prepared_until__gte=day))


def prepared(volunteers: QuerySet[Volunteer], day: dt.date) -> tuple[int, int]:
    """How many of those who are active are prepared on a day, and how many there are."""
    active = volunteers.filter(is_active=True)
    return active.filter(prepared_on(day)).count(), active.count()


def months_later(day: dt.date, months: int) -> dt.date:
    """The same day so many months later; the last of a month that is too short for it."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


@transaction.atomic
def finish(
    volunteer: Volunteer, page_id: int, *, months: int, needed: Collection[int], by: Actor, now: dt.datetime
) -> Preparation:
    """The volunteer has done a module, good for so many months. Once all the `needed` ones (ids of pages) hold, the
    volunteer is prepared until the first of them lapses. Done again it holds anew. Raises `CannotAct`, and `Refused`
    for somebody who is active no more."""
    if not by.may(volunteer, frozenset({LINK_PREFIX + SIDE})):
        raise CannotAct(_("Only the volunteer answers the check."))
    lock_rows(Volunteer.objects.filter(pk=volunteer.pk))
    volunteer.refresh_from_db(fields=["is_active", "prepared_on", "prepared_until"])
    if not volunteer.is_active:
        raise Refused(_("You are no longer on your employer's list. Ask them to put you back."))
    today = volunteer.hub.today(now)
    made, _new = Preparation.objects.update_or_create(
        volunteer=volunteer,
        page_id=page_id,
        defaults={
            "hub_id": volunteer.hub_id,
            "employer_id": volunteer.employer_id,
            "done_on": today,
            "valid_until": months_later(today, months),
        },
    )
    held = dict(
        Preparation.objects.filter(volunteer=volunteer, page__in=list(needed), valid_until__gte=today).values_list(
            "page_id", "valid_until"
        )
    )
    if held and set(needed) <= set(held):
        _extend(volunteer, min(held.values()), today)
    record(volunteer, "prepared", by=by, now=now, page=page_id, until=str(made.valid_until))
    return made


def _extend(volunteer: Volunteer, until: dt.date, today: dt.date) -> None:
    """Whoever is prepared now was so since then, and stays so at least as long."""
    if prepared_already(volunteer, today):
        if volunteer.prepared_until is not None:
            volunteer.prepared_until = max(volunteer.prepared_until, until)
    else:
        volunteer.prepared_on, volunteer.prepared_until = today, until
    volunteer.save(update_fields=["prepared_on", "prepared_until"])


def prepared_already(volunteer: Volunteer, day: dt.date) -> bool:
    """As `prepared_on`, of one volunteer at hand."""
    since, until = volunteer.prepared_on, volunteer.prepared_until
    return since is not None and since <= day and (until is None or until >= day)
