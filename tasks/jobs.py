"""What the schedule runs. Each job makes one domain call and returns how many rows it
handled; it is safe twice, at once and killed. A heartbeat follows success only."""

from __future__ import annotations

import logging

from celery import shared_task
from django.conf import settings

from cms.preparing import queue_preparation_reminders
from employers import import_jobs, rounds
from employers.messages import queue_document_reminders
from employers.paperwork import scan_documents as scan
from hubs import delivery, heartbeat, outbox, partners, watching
from hubs.clock import database_now
from hubs.domain import accounts, keys
from hubs.models import Hub
from insights import comparisons, evidence, overview_kept
from opportunities.domain import offers, plans, pledges, sessions
from placements import desk_memory
from placements.domain import (
    calendar,
    capacity,
    clashes,
    ladder,
    merging,
    moving,
    newcomers,
    retention,
    turns,
    waiting,
)
from placements.domain import jobs as placements
from schools.domain import roster_jobs, subscriptions
from tasks.schedule import SCHEDULE

log = logging.getLogger(__name__)

#: How long one run sends. The next is due soon after, and finds another process free or waits
#: its turn; a run that never ended would keep a worker from everything else.
DELIVER_BUDGET = settings.DELIVER_EVERY_SECONDS * 0.9


def succeeded(job: str, done: int) -> int:
    heartbeat.record(job, now=database_now(), every=SCHEDULE[job]["schedule"])
    return done


@shared_task
def deliver() -> int:
    done = delivery.drain(database_now, stop=delivery.after(DELIVER_BUDGET))
    return done if delivery.stands_still(database_now()) else succeeded("deliver", done)


@shared_task
def tell_partners() -> int:
    """Apart from the mails: partners' servers may take their time."""
    told = partners.tell_all(database_now())
    called = delivery.drain(database_now, stop=delivery.after(DELIVER_BUDGET), partners=True)
    return succeeded("tell-partners", told + called)


@shared_task
def recompute_due_times() -> int:
    return succeeded("recompute-due-times", outbox.recompute_due(database_now()))


@shared_task
def watch_messages() -> int:
    """Say in the log what is stuck or has fallen silent: names of kinds and hubs, nobody's data."""
    now, found = database_now(), 0
    for hub in Hub.objects.filter(is_active=True):
        for one in watching.alarms(hub, now):
            log.error("messages of kind %s in hub %s are %s", one.name, hub.slug, "stuck" if one.stuck else "silent")
            found += 1
    return succeeded("watch-messages", found)


@shared_task
def scan_documents() -> int:
    return succeeded("scan-documents", scan(database_now()))


@shared_task
def remember_desk() -> int:
    return succeeded("remember-desk", desk_memory.remember_all(database_now()))


@shared_task
def forget() -> int:
    """Personal data whose time is over, category by category."""
    return succeeded("forget", retention.run(database_now()))


@shared_task
def release_holds() -> int:
    return succeeded("release-holds", placements.release_expired_holds(database_now()))


@shared_task
def ask_in_turn() -> int:
    return succeeded("ask-in-turn", turns.go_on_due(database_now()))


@shared_task
def begin_placements() -> int:
    return succeeded("begin-placements", placements.begin_due(database_now()))


@shared_task
def tell_calendars() -> int:
    return succeeded("tell-calendars", calendar.true_up(database_now()))


@shared_task
def remind_newcomers() -> int:
    """What is due later, for whoever came since and as the hub has set its days since."""
    now = database_now()
    return succeeded("remind-newcomers", newcomers.write_missing(now) + ladder.write_changed(now))


@shared_task
def settle_placements() -> int:
    return succeeded("settle-placements", placements.settle_placements(database_now()))


@shared_task
def settle_moves() -> int:
    return succeeded("settle-moves", moving.settle_due(database_now()))


@shared_task
def settle_documents() -> int:
    now = database_now()
    return succeeded("settle-documents", placements.settle_documents(now) + placements.settle_preparation(now))


@shared_task
def finish_sessions() -> int:
    return succeeded("finish-sessions", sessions.finish_past(database_now()))


@shared_task
def queue_pledge_reminders() -> int:
    return succeeded("queue-pledge-reminders", pledges.queue_pledge_reminders(database_now()))


@shared_task
def hide_stale_opportunities() -> int:
    return succeeded("hide-stale-opportunities", offers.hide_stale(database_now()))


@shared_task
def resume_opportunities() -> int:
    return succeeded("resume-opportunities", offers.resume_due(database_now()))


@shared_task
def queue_step_reminders() -> int:
    return succeeded("queue-step-reminders", plans.queue_step_reminders(database_now()))


@shared_task
def queue_stale_reminders() -> int:
    return succeeded("queue-stale-reminders", offers.queue_stale_reminders(database_now()))


@shared_task
def queue_lapse_reminders() -> int:
    now = database_now()
    return succeeded("queue-lapse-reminders", queue_document_reminders(now) + queue_preparation_reminders(now))


@shared_task
def load_rosters() -> int:
    return succeeded("load-rosters", roster_jobs.run_due(database_now()))


@shared_task
def import_employers() -> int:
    return succeeded("import-employers", import_jobs.run_due(database_now()))


@shared_task
def read_subscriptions() -> int:
    return succeeded("read-subscriptions", subscriptions.read_due(database_now()))


@shared_task
def check_calendars() -> int:
    return succeeded("check-calendars", clashes.check_changed_calendars(database_now()))


@shared_task
def run_rounds() -> int:
    """Open, remind, escalate, close; then what was confirmed outside a round stands."""
    now = database_now()
    return succeeded("run-rounds", rounds.run_rounds(now) + rounds.finalise_confirmed(now))


@shared_task
def count_evidence() -> int:
    """What the record shows of each employer; then this month's comparisons, if they are not made."""
    now = database_now()
    return succeeded("count-evidence", evidence.refresh_all(now) + comparisons.freeze(now))


@shared_task
def count_standards() -> int:
    """What hubs' pages of the standards say, where something happened since it was counted."""
    return succeeded("count-standards", overview_kept.keep_due(database_now()))


@shared_task
def forget_keys() -> int:
    return succeeded("forget-keys", keys.forget_keys(database_now()))


@shared_task
def forget_sessions() -> int:
    return succeeded("forget-sessions", accounts.forget_sessions(database_now()))


@shared_task
def lock_second_factors() -> int:
    return succeeded("lock-second-factors", accounts.lock_second_factors())


@shared_task
def gather_stragglers() -> int:
    """What was written to a record of an employer while it was put into another."""
    return succeeded("gather-stragglers", merging.gather_stragglers(database_now()))


@shared_task
def promote_waiting() -> int:
    return succeeded("promote-waiting", waiting.promote_due(database_now()))


@shared_task
def recount_places() -> int:
    """An alarm, never a repair: places taken and places counted must be the same."""
    for session, kept, counted in capacity.recount():
        log.error("session %s says %s places taken, its placements say %s", session, kept, counted)
    return succeeded("recount-places", capacity.raise_alarms(database_now()))
