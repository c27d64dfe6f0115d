"""What an employer offers: drafted, sent to the hub, approved, paused, withdrawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from employers.models import Employer
from employers.people import employer_people
from hubs.actors import Actor, system
from hubs.errors import CannotAct, CannotBegin, Refused
from hubs.log import record
from hubs.models import EMPLOYER_ROLES, HUB_STAFF, LogEntry
from hubs.moves import lock_state, move
from hubs.outbox import occasion, queue
from hubs.recipients import hub_people
from opportunities import skills
from opportunities.domain.sessions import add_session, cancel_session, need_writer
from opportunities.models import Opportunity, PlanStep, Session
from opportunities.models.offer import folded_words
from opportunities.release import a_year_later, check_release
from opportunities.rules import gaps
from opportunities.usual import DAY_STARTS, end_for

#: What a person may fill in; state, comment and times are not among them.
FIELDS = frozenset(
    {
        "encounter_type",
        "site",
        "is_online",
        "title",
        "summary",
        "description",
        "outcomes",
        "day_plan",
        "min_age",
        "max_age",
        "sectors",
        "skills",
        "access",
        "clothing",
        "food",
        "costs_covered",
        "conditions",
        "supervisor",
        "stand_in",
        "first_schools",
        "priority_from",
        "all_from",
    }
)
#: Those of them that are rows of another table: a list each.
LISTS = ("sectors", "first_schools")
#: What the hub approved and schools matched against: fixed from then on.
FIXED_ONCE_PUBLISHED = ("encounter_type", "min_age", "max_age")
YOUNGEST, OLDEST = 5, 25


#: How long a published offer is taken to hold without anybody saying so; when it is asked for once more; and when
#: schools no longer see it.
STALE_AFTER, LAST_CALL, HIDDEN_AFTER = dt.timedelta(days=90), dt.timedelta(days=110), dt.timedelta(days=120)
#: How long one that came back by itself is seen in any case: nobody is asked about it while it is paused.
SEEN_AGAIN_FOR = HIDDEN_AFTER - STALE_AFTER


class CannotSave(Refused):
    """Somebody else changed the row since it was read."""

    code = "stale"


@transaction.atomic
def draft_opportunity(
    employer: Employer, fields: dict, *, plan_step: PlanStep | None = None, by: Actor, now: dt.datetime
) -> Opportunity:
    """A draft with at least type, title and ages; ages and outcomes default to the type's.

    `fields` holds names of `FIELDS`; `sectors` is a list (default: the employer's own), `first_schools` another.
    """
    fields = _tidy(fields, employer)
    kind = fields.get("encounter_type")
    if kind is None:
        raise Refused(_("Choose what kind of encounter it is."))
    fields = {"min_age": kind.min_age, "max_age": kind.max_age, "outcomes": kind.outcomes, **fields}
    lists = _lists(fields)
    opportunity = Opportunity(
        hub=employer.hub, employer=employer, plan_step=plan_step, created_at=now, updated_at=now, **fields
    )
    if not by.may(opportunity, EMPLOYER_ROLES | HUB_STAFF):
        raise CannotAct(_("Only people of the employer or the hub draft an opportunity."))
    if plan_step is not None and plan_step.employer_id != employer.pk:
        raise Refused(_("This step belongs to another plan. Choose one of yours."))
    _check(opportunity, now, lists)
    opportunity.save()
    _put(opportunity, {"sectors": employer.sectors.all()} | lists)
    record(opportunity, "drafted", by=by, now=now)
    return opportunity


@transaction.atomic
def draft_from_step(
    step: PlanStep, *, title: str, on: dt.date, places: int, by: Actor, now: dt.datetime
) -> Opportunity:
    """A draft of the step's own type with one session on one day, at the usual hours."""
    kind = step.encounter_type
    if kind is None:
        raise Refused(_("This step has no type of encounter, so nothing can be offered from it."))
    fields = {"encounter_type": kind, "title": title, "summary": kind.about[:240]}
    made = draft_opportunity(step.employer, fields, plan_step=step, by=by, now=now)
    add_session(made, [(on, DAY_STARTS, end_for(float(kind.hours)))], places, by=by, now=now)
    return made


@transaction.atomic
def offer_again(opportunity: Opportunity, *, by: Actor, now: dt.datetime) -> Opportunity:
    """A new draft that says all this one says, without its dates. What changed meanwhile, such as a type no
    longer in use, is asked for before it is sent."""
    fields = {name: getattr(opportunity, name) for name in FIELDS.difference(LISTS)}
    fields |= {name: list(getattr(opportunity, name).all()) for name in LISTS}
    fields["first_schools"] = [school for school in fields["first_schools"] if school.is_active]
    fields |= a_year_later(opportunity.release, opportunity.hub.today(now))._asdict()
    return draft_opportunity(opportunity.employer, fields, by=by, now=now)


@transaction.atomic
def change_opportunity(
    opportunity: Opportunity, fields: dict, *, seen_at: dt.datetime | None = None, by: Actor, now: dt.datetime
) -> None:
    """Change some of `FIELDS`. `seen_at` is the `updated_at` the editor read: when the row
    has another one meanwhile, nothing is written and `CannotSave` is raised."""
    need_writer(opportunity, by)
    fields = _tidy(fields, opportunity.employer)
    named, lists = sorted(fields), _lists(fields)
    if opportunity.state in ("published", "paused"):
        _keep_fixed(opportunity, fields)
    seen_at = seen_at or opportunity.updated_at
    for name, value in fields.items():
        setattr(opportunity, name, value)
    _check(opportunity, now, lists)
    if opportunity.state in ("published", "paused"):
        _keep_complete(opportunity, now)
    opportunity.folded = folded_words(opportunity.title, opportunity.summary)
    changed = Opportunity.objects.filter(pk=opportunity.pk, state=opportunity.state, updated_at=seen_at).update(
        **fields, folded=opportunity.folded, updated_at=now
    )
    if not changed:
        raise _stale(opportunity)
    opportunity.updated_at = now
    _put(opportunity, lists)
    record(opportunity, "changed", by=by, now=now, fields=named)


def _lists(fields: dict) -> dict:
    return {name: fields.pop(name) for name in LISTS if fields.get(name) is not None}


def _put(opportunity: Opportunity, lists: dict) -> None:
    for name, rows in lists.items():
        getattr(opportunity, name).set(rows)


def _stale(opportunity: Opportunity) -> CannotSave:
    current = Opportunity.objects.get(pk=opportunity.pk)
    at = timezone.localtime(current.updated_at, current.hub.zone)
    return CannotSave(
        _("Somebody else saved this at %(time)s, after you opened it. Nothing of yours is saved yet.")
        % {"time": f"{at:%H:%M}"}
    )


def _tidy(fields: dict, employer: Employer) -> dict:
    unknown = set(fields) - FIELDS
    if unknown:
        raise KeyError(f"not a field of an opportunity: {', '.join(sorted(unknown))}")
    fields = {name: value.strip() if isinstance(value, str) else value for name, value in fields.items()}
    if "skills" in fields:
        fields["skills"] = _skills(fields["skills"])
    site, kind = fields.get("site"), fields.get("encounter_type")
    if site is not None and site.employer_id != employer.pk:
        raise Refused(_("This site belongs to somebody else. Choose one of yours."))
    if kind is not None and kind.hub_id != employer.hub_id:
        raise Refused(_("Choose a type of encounter from the list."))
    if any(school.hub_id != employer.hub_id for school in fields.get("first_schools") or ()):
        raise Refused(_("Choose schools from the list."))
    return fields


def _skills(given: object) -> list[str]:
    """A short list of words, each once, in the order given."""
    found = list(dict.fromkeys(given)) if isinstance(given, list | tuple) and all(_is_word(w) for w in given) else None
    if found is None or len(found) > skills.MOST:
        raise Refused(
            _("Name at most %(most)s skills, each in at most %(letters)s letters.")
            % {"most": skills.MOST, "letters": skills.LONGEST}
        )
    return found


def _is_word(word: object) -> bool:
    return isinstance(word, str) and 0 < len(word.strip()) <= skills.LONGEST


def _check(opportunity: Opportunity, now: dt.datetime, lists: dict) -> None:
    if not opportunity.title:
        raise Refused(_("Give it a title."))
    if not YOUNGEST <= opportunity.min_age <= opportunity.max_age <= OLDEST:
        raise Refused(
            _("Ages go from %(youngest)s to %(oldest)s, the youngest first.") % {"youngest": YOUNGEST, "oldest": OLDEST}
        )
    if opportunity.is_online and opportunity.site_id:
        raise Refused(_("It is either online or at a site. Choose one."))
    named = lists.get("first_schools", None if opportunity.pk else [])
    if named is None and opportunity.all_from is None:  # else the day is there whoever is named
        named = opportunity.first_schools.all()
    check_release(opportunity.release, first=bool(named), today=opportunity.hub.today(now))


def _keep_fixed(opportunity: Opportunity, fields: dict) -> None:
    for name in FIXED_ONCE_PUBLISHED:
        if name in fields and fields[name] != getattr(opportunity, name):
            raise Refused(
                _("Type and ages were approved by the hub and schools rely on them. Withdraw this and make a new one."),
                code="fixed",
            )


def _keep_complete(opportunity: Opportunity, now: dt.datetime) -> None:
    # What is fixed by now cannot be mended here: a type put out of use later keeps nobody from changing the rest.
    found = [gap for gap in gaps(opportunity, now) if gap.about not in FIXED_ONCE_PUBLISHED]
    missing = [gap.sentence for gap in found if gap.blocks and gap.where != "dates"]
    if missing:
        raise CannotBegin(" ".join(missing))


# ---- Moves -------------------------------------------------------------------


def submit(opportunity: Opportunity, *, by: Actor, now: dt.datetime) -> None:
    """Send it to the hub. Raises `CannotBegin` naming everything that is missing."""
    with transaction.atomic():
        move(opportunity, "submitted", by=by, now=now, also={"submitted_at": now})
        for person in hub_people(opportunity.hub, opportunity.employer):
            queue("opportunity-submitted", opportunity, person, now=now, version=occasion(now))


def as_sent(opportunity: Opportunity) -> str:
    """A mark of what the hub was sent: another one once it was taken back and sent again, or changed."""
    return f"{opportunity.submitted_at} {opportunity.updated_at}"


def approve(opportunity: Opportunity, *, seen: str | None = None, by: Actor, now: dt.datetime) -> None:
    """Publish it: schools of the hub see it from now on. `seen` is the `as_sent` of what was read: `CannotSave` when
    that is no longer what waits."""
    with transaction.atomic():
        lock_state(opportunity, "submitted_at", "updated_at")
        if seen is not None and opportunity.state == "submitted" and seen != as_sent(opportunity):
            raise CannotSave(_("It was changed after you read it. Go back and read it again, then approve it."))
        also = {"published_at": now, "confirmed_at": now, "comment": ""}
        move(opportunity, "published", by=by, now=now, also=also)
        for person in employer_people(opportunity.employer):
            queue("opportunity-approved", opportunity, person, now=now, version=occasion(now))


def send_back(opportunity: Opportunity, comment: str, *, by: Actor, now: dt.datetime) -> None:
    """Return it to the employer with a comment that says what to change."""
    if not by.may(opportunity, HUB_STAFF):
        raise CannotAct(_("Only the hub sends an opportunity back."))
    if not comment.strip():
        raise Refused(_("Say what to change, so that it can be sent again."))
    with transaction.atomic():
        move(opportunity, "draft", by=by, now=now, reason=comment, also={"comment": comment.strip()})
        for person in employer_people(opportunity.employer):
            queue("opportunity-returned", opportunity, person, now=now, version=occasion(now))


def take_back(opportunity: Opportunity, *, by: Actor, now: dt.datetime) -> None:
    """Make it a draft again while the hub has not answered."""
    move(opportunity, "draft", by=by, now=now)


def pause(opportunity: Opportunity, *, until: dt.date | None = None, by: Actor, now: dt.datetime) -> None:
    """Take it out of schools' sight, until a day or until resumed. Placements stay."""
    if until is not None and until <= opportunity.hub.today(now):
        raise Refused(_("Choose a later day, or leave it empty to pause until you resume."))
    move(opportunity, "paused", by=by, now=now, also={"paused_until": until})


def resume(opportunity: Opportunity, *, by: Actor, now: dt.datetime) -> None:
    """Schools see it again; a person who resumes it says that it holds. Raises `Refused` unless it is paused."""
    if opportunity.state != "paused":
        raise Refused(_("Only what is paused can be resumed."))
    said = {} if by.user is None else {"confirmed_at": now}
    move(opportunity, "published", by=by, now=now, also={"paused_until": None, **said})


def resume_due(now: dt.datetime) -> int:
    """Show again what was paused until today or earlier; how many. Safe to repeat."""
    done = 0
    due = Opportunity.objects.filter(state="paused", paused_until__isnull=False, paused_until__lte=_latest_today(now))
    for opportunity in due.select_related("hub", "encounter_type").order_by("pk"):
        if opportunity.paused_until and opportunity.paused_until > opportunity.hub.today(now):
            continue  # not yet in the hub's own zone
        try:
            resume(opportunity, by=system(opportunity.hub_id), now=now)
        except Refused:
            continue
        done += 1
    return done


def kept_by_places(ahead: Iterable[Session]) -> str | None:
    """Why an opportunity cannot be withdrawn while schools hold places in its sessions ahead, or None."""
    taken = sum(session.taken for session in ahead)
    if not taken:
        return None
    return _(
        "Schools hold %(taken)s places in sessions ahead. Call off those placements first, or pause this "
        "so that nobody new asks."
    ) % {"taken": taken}


@transaction.atomic
def withdraw(opportunity: Opportunity, reason: str, *, by: Actor, now: dt.datetime) -> None:
    """Offer it no longer; sessions ahead are called off. Refused while schools hold places
    in one of them."""
    if not reason.strip():
        raise Refused(_("Say why in a few words. Your hub reads it."))
    ahead = list(opportunity.sessions.upcoming(now).order_by("pk"))
    if sentence := kept_by_places(ahead):
        raise Refused(sentence, code="has_placements", taken=sum(session.taken for session in ahead))
    move(opportunity, "withdrawn", by=by, now=now, reason=reason)
    for session in ahead:
        cancel_session(session, reason, by=by, now=now)


def confirm_still_true(opportunity: Opportunity, *, by: Actor, now: dt.datetime) -> None:
    """The employer has looked: what is said there still holds."""
    if not by.may(opportunity, EMPLOYER_ROLES | HUB_STAFF):
        raise CannotAct(_("Only people of the employer or the hub confirm this."))
    if opportunity.state not in ("published", "paused"):
        raise Refused(_("Only what schools can see needs confirming."))
    with transaction.atomic():
        Opportunity.objects.filter(pk=opportunity.pk).update(confirmed_at=now)
        opportunity.confirmed_at = now
        record(opportunity, "confirmed", by=by, now=now)


def queue_stale_reminders(now: dt.datetime) -> int:
    """Ask about each offer that nobody has confirmed for `STALE_AFTER`, and once more after `LAST_CALL`; how many rows
    are new. Safe as often as one likes: the row's key names the day of the last confirmation."""
    made = 0
    stale = Opportunity.objects.filter(state="published", confirmed_at__lte=now - STALE_AFTER)
    for opportunity in stale.select_related("employer", "hub").order_by("pk"):
        version = stale_version(opportunity, now)
        for person in employer_people(opportunity.employer):
            made += bool(queue("opportunity-stale", opportunity, person, now=now, version=version))
    return made


def stale_version(opportunity: Opportunity, now: dt.datetime) -> str:
    """What a question about this offer is known by: when it was confirmed, and whether it is the last call."""
    confirmed = opportunity.confirmed_at or opportunity.created_at
    return f"{confirmed:%Y%m%d}" + ("-last" if now - confirmed >= LAST_CALL else "")


def hide_stale(now: dt.datetime) -> int:
    """Pause what nobody has confirmed for `HIDDEN_AFTER`, and say so; how many. What was shown again less than
    `SEEN_AGAIN_FOR` ago is left. Safe to repeat. Placements stay."""
    done = 0
    lately = LogEntry.objects.filter(
        subject_type=Opportunity._meta.label_lower, subject_id=OuterRef("pk"), to_state="published",
        at__gt=now - SEEN_AGAIN_FOR,
    )  # fmt: skip
    stale = Opportunity.objects.filter(~Exists(lately), state="published", confirmed_at__lte=now - HIDDEN_AFTER)
    for opportunity in stale.select_related("employer__hub", "hub").order_by("pk"):
        with transaction.atomic():
            try:
                move(
                    opportunity, "paused", by=system(opportunity.hub_id), now=now, also={"paused_until": None},
                    because="unconfirmed", days=HIDDEN_AFTER.days,
                )  # fmt: skip
            except Refused:
                continue  # somebody moved it a moment ago
            for person in employer_people(opportunity.employer):
                queue("opportunity-hidden", opportunity, person, now=now, version=occasion(now))
        done += 1
    return done


def _latest_today(now: dt.datetime) -> dt.date:
    return (now + dt.timedelta(hours=14)).date()  # the furthest any zone is ahead of UTC
