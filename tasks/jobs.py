"""What the schedule runs. Each job makes one domain call and returns how many rows it
handled; it is safe twice, at once and killed. A heartbeat follows success only."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from employers.messages import queue_document_reminders
from hubs import heartbeat, outbox
from hubs.actors import system
from opportunities.domain import offers, plans, sessions
from placements.domain import capacity
from placements.domain import jobs as placements
from schools.domain import roster_jobs

log = logging.getLogger(__name__)


def succeeded(job: str, done: int) -> int:
    heartbeat.record(job, now=timezone.now())
    return done


@shared_task
def deliver() -> int:
    return succeeded("deliver", outbox.drain(timezone.now))


@shared_task
def release_holds() -> int:
    return succeeded("release-holds", placements.release_expired_holds(timezone.now()))


@shared_task
def begin_placements() -> int:
    return succeeded("begin-placements", placements.begin_due(timezone.now()))


@shared_task
def settle_documents() -> int:
    return succeeded("settle-documents", placements.settle_documents(timezone.now()))


@shared_task
def finish_sessions() -> int:
    return succeeded("finish-sessions", sessions.finish_past(timezone.now(), system()))


@shared_task
def resume_opportunities() -> int:
    return succeeded("resume-opportunities", offers.resume_due(timezone.now()))


@shared_task
def queue_step_reminders() -> int:
    return succeeded("queue-step-reminders", plans.queue_step_reminders(timezone.now()))


@shared_task
def queue_lapse_reminders() -> int:
    return succeeded("queue-lapse-reminders", queue_document_reminders(timezone.now()))


@shared_task
def load_rosters() -> int:
    return succeeded("load-rosters", roster_jobs.run_due(timezone.now()))


@shared_task
def recount_places() -> int:
    """An alarm, never a repair: places taken and places counted must be the same."""
    wrong = capacity.recount()
    for session, kept, counted in wrong:
        log.error("session %s says %s places taken, its placements say %s", session, kept, counted)
    return succeeded("recount-places", len(wrong))
