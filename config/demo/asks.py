"""A school asks, the hub brokers, the employer answers, students go, and it is written down."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from config.demo.employers import prepare_host
from config.demo.script import Ask
from config.demo.story import Story
from config.demo.world import World
from hubs.errors import Refused
from hubs.log import record
from opportunities.models import FLAGS, Session
from placements.domain import answers, attendance, brokering, clearances, consent, eligibility, requests
from placements.domain.days import clashing
from placements.domain.fitting import Asking
from placements.domain.preparing import look_at_preparation
from placements.domain.suitability import Coming
from placements.models import Placement, PlacementRequest, Wish
from schools.models import Group, School, Student

NOTICE = 24  # school days from the request to a session that is over or near
#: Working days from today of asking, holding, offering and answering, for what lies ahead.
STEPS = {
    "submitted": (-3, 0, 0, 0), "draft": (-1, 0, 0, 0), "refused": (-8, 0, 0, 0),
    "held": (-4, -2, 0, 0), "expiring": (-6, -4, 0, 0), "released": (-12, -10, 0, 0), "withdrawn": (-9, -7, 0, 0),
    "offered": (-5, -4, -2, 0), "overdue": (-14, -12, -8, 0), "declined": (-12, -10, -9, -6),
    "accepted": (-13, -11, -10, -6), "cancelled": (-20, -18, -17, -12),
}  # fmt: skip
PAST = ("completed", "incomplete", "not_attended", "under_way", "to_close", "ready", "late")
NOTES = (
    "They have worked towards this since September and would love to go.", "", "We can move it by a week if that helps.",
    "Two of the group have never been to a workplace.", "",
)  # fmt: skip
WHOLE = dict.fromkeys(FLAGS, True)


class Chosen(NamedTuple):
    school: School
    group: Group
    places: int
    students: list[Student]


def asked(w: World, ask: Ask, number: int) -> Story:
    """One request and everything that follows from it, as far as it has come."""
    plan = next(plan for plan in w.plans if plan.key == ask.offer)
    first = w.dates(plan, ask.start)[0]
    ask_at, steps = _asking(w, ask, first, number)
    yield ask_at
    session = Session.objects.with_all().get(pk=w.sessions[ask.offer, ask.start].pk)
    chosen = _choose(w, ask, session)
    by = w.side(chosen.school)
    if ask.end == "draft":
        _draft(w, chosen, session)
        return
    request = requests.request_places(
        chosen.school, group=chosen.group, places=chosen.places, wished=[session, *_second(w, ask, chosen)],
        students=chosen.students, note=NOTES[number % len(NOTES)], by=by, now=w.now,
    )  # fmt: skip
    if ask.end == "submitted":
        return
    if ask.end == "refused":
        yield w.working(-3, "15:20")
        reason = "Both places went to students who have had nothing yet this year. The next dates come in spring."
        brokering.refuse(request, reason, by=w.manager(chosen.school), now=w.now)
        return
    yield _next(w, steps, 1, "10:40")
    placement = brokering.hold(request, session, by=w.manager(chosen.school), now=w.now)
    if ask.end in ("held", "expiring", "released"):
        return  # a hold that nobody turns into an offer is given back by itself
    if ask.end == "withdrawn":
        yield w.working(-4, "09:50")
        requests.withdraw_request(request, by=by, now=w.now, reason="The class has an exam that day after all.")
        return
    yield _next(w, steps, 2, "11:30")
    brokering.offer(placement, by=w.manager(chosen.school), now=w.now, message="A keen group, well prepared.")
    if ask.end in ("offered", "overdue"):
        return
    yield _next(w, steps, 3, f"{9 + number % 7:02}:{number * 11 % 60:02}")
    placement = Placement.objects.with_all().get(pk=placement.pk)
    if ask.end == "declined":
        answers.decline(placement, "We are short of people that week. Please ask again in spring.",
                        by=w.answering(placement), now=w.now)  # fmt: skip
        return
    answers.accept(placement, by=w.answering(placement), now=w.now)
    yield from _accepted(w, ask, placement, number)


def _asking(w: World, ask: Ask, first: dt.date, number: int) -> tuple[dt.datetime, tuple[int, ...]]:
    clock = f"{8 + number % 8:02}:{number * 13 % 60:02}"
    if ask.end in PAST:
        return w.at(w.days.before(first, NOTICE), clock), ()
    steps = STEPS[ask.end]
    spread = -(number % 3) if ask.end == "submitted" else 0
    return w.working(steps[0] + spread, clock), steps


def _next(w: World, steps: tuple[int, ...], which: int, clock: str) -> dt.datetime:
    """By the table for what lies ahead; else a day, an hour, three days after the step before."""
    return w.working(steps[which], clock) if steps else w.later((0, 1, 1, 3)[which], clock)


def _choose(w: World, ask: Ask, session: Session) -> Chosen:
    """The group that fits and has been out least; of it, those who are nowhere else."""
    for key in ask.schools.split():
        school = w.schools[key]
        groups = list(Group.objects.filter(school=school, size__gt=0).select_related("year_group", "school__hub"))
        asking = Asking(school, groups, now=w.now)
        found = []
        for group in groups:
            places = min(group.size, ask.places or group.size)
            fits = [one for one in asking.judge(group, [session], students=places) if one.can]
            if fits and places <= session.left:
                found.append((w.outings.get(group.pk, 0), fits[0].fit.rank, group.pk, group, places))
        for _outings, _rank, _pk, group, places in sorted(found):
            free = _free(group, session)
            if len(free) < places:
                continue
            w.outings[group.pk] = w.outings.get(group.pk, 0) + 1
            turn = w.outings[group.pk] * 7 % max(1, len(free) - places + 1)
            named = [] if places == group.size else free[turn : turn + places]
            return Chosen(school, group, places, named)
    raise Refused(f"nobody fits {session}")


def _free(group: Group, session: Session) -> list[Student]:
    students = list(group.students.filter(left_on=None).order_by("pk"))
    elsewhere = set(clashing(students, session))
    return [student for student in students if student.alias not in elsewhere]


def _second(w: World, ask: Ask, chosen: Chosen) -> list[Session]:
    """A second wish where the employer has another day and it would do."""
    others = [s for (offer, start), s in w.sessions.items() if offer == ask.offer and start > ask.start > 0]
    for other in others[:1]:
        session = Session.objects.with_all().get(pk=other.pk)
        fits = Asking(chosen.school, [chosen.group], now=w.now).judge(chosen.group, [session], students=chosen.places)
        fit = fits[0].fit if fits else None
        coming = Coming(chosen.school, chosen.group, chosen.students, now=w.now)
        if eligibility.why_not(session, fit=fit, places=chosen.places, coming=coming) is None:
            return [session]
    return []


def _draft(w: World, chosen: Chosen, session: Session) -> None:
    """Begun and not sent: no verb writes a draft yet, so the row is written as the form would."""
    request = PlacementRequest.objects.create(
        hub=w.hub, school=chosen.school, group=chosen.group, places=chosen.places, created_at=w.now,
        requested_by=w.leader(chosen.school), note="To be talked over with the head of year.",
    )  # fmt: skip
    Wish.objects.create(hub=w.hub, school=chosen.school, request=request, rank=1, session=session)
    record(request, "begun", by=w.side(chosen.school), now=w.now)


# ---- After the yes -------------------------------------------------------------


def _accepted(w: World, ask: Ask, placement: Placement, number: int) -> Story:
    session = placement.session
    yield w.later(1, "16:05")
    if ask.end == "cancelled":
        yield w.working(-3, "08:55")
        answers.cancel(placement, "The hall is being repaired that week.", by=w.side(placement.school), now=w.now)
        return
    some = ask.end in ("accepted", "late")
    _ask_parents(w, placement, most=2 if some else 3)
    yield w.later(2, "09:15")
    _clear(w, placement, number, only_some=some)
    if some or ask.end == "ready":
        return
    dates = [day.on for day in session.days.all()]
    for day in dates:
        yield w.at(day, "15:45")
        if ask.end == "to_close" and day == dates[-1]:
            return  # the last day is not marked yet
        _mark(w, placement, day, nobody=ask.end == "not_attended")
    if ask.end in ("under_way", "to_close"):
        return
    yield w.later(1 + number % 2, "10:50")
    placement.refresh_from_db()
    if ask.end == "completed":
        attendance.employer_feedback(
            placement, WHOLE, again=True, words="Good questions, and they stayed for the washing-up.",
            by=w.side(placement.employer), now=w.now,
        )  # fmt: skip
    yield w.later(1, "13:10")
    said = WHOLE if ask.end == "completed" else {"purpose": True, "outcomes": True, "two_way": True, "reflection": None}
    attendance.complete(placement, said, by=w.side(placement.school), now=w.now)


#: What families read: most of them English, as the hub.
SPOKEN = ("", "", "", "pt-br", "fr", "", "es", "de")


def _ask_parents(w: World, placement: Placement, *, most: int) -> None:
    mine = placement.clearances.filter(responsible="parent", state="open").order_by("pk")[:most]
    for number, clearance in enumerate(mine, start=1):
        clearances.ask_parent(
            clearance, f"family{placement.pk}.{number}@homes.example", by=w.side(placement.school), now=w.now,
            language=SPOKEN[(placement.pk + number) % len(SPOKEN)],
        )  # fmt: skip


def _clear(w: World, placement: Placement, number: int, *, only_some: bool) -> None:
    """Each side does what it is asked; `only_some` leaves the school's and most parents' part open."""
    open_ones = placement.clearances.filter(state="open").select_related("requirement", "placement").order_by("pk")
    for position, clearance in enumerate(open_ones):
        if only_some and (clearance.responsible != "host" or number % 2):
            continue
        _settle(w, placement, clearance, position)


def _settle(w: World, placement: Placement, clearance, position: int) -> None:
    by = w.side(placement.school)
    if clearance.requirement.kind == "preparation":
        prepare_host(w, placement.employer, placement.supervisor)
        look_at_preparation(placement, now=w.now)
    elif clearance.responsible == "host" and clearance.requirement.kind == "document":
        reason = "The new certificate was shown at the desk."
        clearances.waive(clearance, reason, by=w.manager(placement.employer), now=w.now)
    elif clearance.responsible == "host":
        clearances.complete(clearance, by=w.side(placement.employer), now=w.now, declared=True)
    elif clearance.responsible == "parent" and position % 2 == 0:
        address = f"family{placement.pk}.1@homes.example"
        parent = w.link(clearance, "consent", "parent", placement.school_id, address)
        consent.decide(clearance, True, name="A parent", relation="parent", by=parent, now=w.now)
    else:
        decided = clearance.requirement.kind == "decision"
        said = {"note": "Never alone with a student, so no barred-list check."} if decided else {"on_paper": True}
        clearances.complete(clearance, by=by, now=w.now, **said)


def _mark(w: World, placement: Placement, day: dt.date, *, nobody: bool) -> None:
    placement.refresh_from_db()
    everyone = sorted(placement.students.values_list("student_id", flat=True))
    present = [] if nobody else [pk for pk in everyone if w.dice.random() > 0.07] or everyone
    host = w.link(placement, "host", "host", placement.employer_id)
    attendance.mark(placement, day, present, by=host, now=w.now)
