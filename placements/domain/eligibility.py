"""Whether a wish could ever be granted, said before it is sent: the reason, and the nearest that could."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from django.utils.translation import gettext as _

from hubs.words import day as say
from opportunities.models import Session
from placements.domain.days import clashing
from placements.domain.fitting import Asking, SessionFit, open_sessions
from placements.domain.suitability import Coming
from placements.domain.windows import Window, inside, outside
from placements.domain.wishes import Kind, Wished, not_offered, sessions_of
from placements.rules import outside_its_days
from schools.domain.words import fit_sentence
from schools.fit import Fit
from schools.models import Group, School, Student
from schools.travel import travel_minutes

AROUND = dt.timedelta(weeks=8)  # how far from the wish another day is looked for
MOST_TRIED = 40


@dataclass(frozen=True)
class Answer:
    """One wish: `why` it cannot be granted, in a sentence ("": it can), and the nearest session that could."""

    wish: Wished
    why: str
    nearest: Session | None = None

    @property
    def sentence(self) -> str:
        title = self.wish.opportunity.title if isinstance(self.wish, Session) else str(self.wish)
        said = _("%(session)s: %(why)s") % {"session": title, "why": self.why}
        if self.nearest is None:
            return said
        nearest = {"title": self.nearest.opportunity.title, "day": say(self.nearest.first_on, None)}
        return f"{said} {_('Nearest that could be: %(title)s, %(day)s.') % nearest}"

    @property
    def facts(self) -> dict[str, int]:
        """Ids of the session that cannot be, and of the nearest that could."""
        facts = {"session": self.wish.pk} if isinstance(self.wish, Session) else {}
        return {**facts, "nearest": self.nearest.pk} if self.nearest else facts


def eligible(
    school: School,
    *,
    group: Group | None,
    places: int,
    wished: Sequence[Wished],
    windows: Sequence[Window] = (),
    students: Sequence[Student] = (),
    max_travel: int | None = None,
    now: dt.datetime,
) -> list[Answer]:
    """Each wish in turn: age, tier, what has to come first, hours for the age, notice, fit, clashes, numbers,
    windows, travel (`max_travel` in minutes one way). Of a kind or a step without a day: whether it is offered still,
    tier, and what comes first."""
    asking = Asking(school, [group], now=now) if group else None
    coming = Coming(school, group, students, now=now)
    nearest = partial(
        _nearest, school, sessions_of(wished), asking=asking, group=group, places=places, coming=coming,
        windows=windows, max_travel=max_travel, now=now,
    )  # fmt: skip
    found: list[Answer] = []
    for wish in wished:
        if isinstance(wish, Kind):
            why = not_offered(wish, school.hub_id) or coming.why_not_kind(wish)
            about = (wish.encounter_type.pk, now, school.hub.today(now))
            found.append(Answer(wish, why or "", nearest(*about) if why else None))
            continue
        one = _judge(asking, group, wish, places)
        why = (
            why_not(wish, fit=one, places=places, coming=coming)
            or outside(wish, windows)
            or too_far(school, wish, max_travel)
        )
        about = (wish.opportunity.encounter_type_id, wish.starts_at, wish.first_on)
        found.append(Answer(wish, why or "", nearest(*about) if why else None))
    return found


def _judge(asking: Asking | None, group: Group | None, session: Session, places: int) -> Fit | None:
    judged: list[SessionFit] = asking.judge(group, [session], students=places) if asking and group else []
    return judged[0].fit if judged else None


def why_not(
    session: Session, *, fit: Fit | None, places: int, coming: Coming, is_released: bool = False
) -> str | None:  # fmt: skip
    """Why these places cannot be asked for in this session, or None. `fit` is the group's; `is_released` spares a
    statement where it is known that the school need not wait for others."""
    opportunity, now = session.opportunity, coming.now
    offered = opportunity.state == "published" and session.employer.is_active
    if not offered or session.state != "planned" or session.starts_at <= now:
        return _("This session is no longer offered.")
    if sentence := outside_its_days(session, session.hub.today(now)):
        return sentence
    if later := None if is_released else coming.asked_later(opportunity):
        return later
    if places > session.places:
        return _("This session has %(places)s places in all.") % {"places": session.places}
    if places < session.group_min:
        return _("This session needs at least %(least)s students.") % {"least": session.group_min}
    if session.group_max is not None and places > session.group_max:
        return _("This session takes at most %(most)s students of one school.") % {"most": session.group_max}
    if fit is not None and fit.verdict == "cannot":
        return fit_sentence(fit)
    elsewhere = clashing(coming.named, session)
    if elsewhere:
        return _("Already somewhere else at that time: %(aliases)s.") % {"aliases": ", ".join(elsewhere[:8])}
    return coming.why_not(session)


def too_far(school: School, session: Session, max_travel: int | None) -> str | None:
    """Why the way is too long for the request's own limit, or None."""
    if max_travel is None:
        return None
    minutes = travel_minutes(school, session.opportunity.site)
    if minutes <= max_travel:
        return None
    return _("About %(minutes)s min each way, and this request goes at most %(most)s.") % {
        "minutes": minutes, "most": max_travel,
    }  # fmt: skip


def _nearest(
    school, wished, kind: int, at: dt.datetime, day: dt.date, *, asking, group, places, coming, windows, max_travel, now
) -> Session | None:  # fmt: skip
    """The session of the kind, nearest in time to `at` on `day`, that could be asked for and has the places free."""
    rows = open_sessions(school, now=now, start=day - AROUND, end=day + AROUND)
    rows = inside(rows.filter(opportunity__encounter_type=kind, places__gte=places), windows)
    rows = rows.exclude(pk__in=[s.pk for s in wished])
    near = sorted(rows, key=lambda row: (abs(row.starts_at - at), row.pk))[:MOST_TRIED]
    for row in near:
        if row.left < places or too_far(school, row, max_travel):
            continue
        # Only what is released to the school is among the rows.
        if not why_not(row, fit=_judge(asking, group, row, places), places=places, coming=coming, is_released=True):
            return row
    return None
