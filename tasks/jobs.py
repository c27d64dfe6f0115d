"""What the schedule runs. Each job selects due rows through one domain call and returns how
many it handled; it is safe twice, at once and killed. A heartbeat follows success only."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from hubs import heartbeat, outbox
from placements.domain import jobs as due


@shared_task
def deliver() -> int:
    done = outbox.drain(timezone.now)
    heartbeat.record("deliver", now=timezone.now())
    return done


@shared_task
def release_holds() -> int:
    done = due.release_expired_holds(now=timezone.now())
    heartbeat.record("release-holds", now=timezone.now())
    return done


@shared_task
def begin_placements() -> int:
    done = due.begin_due(now=timezone.now())
    heartbeat.record("begin-placements", now=timezone.now())
    return done


@shared_task
def finish_placements() -> int:
    done = due.finish_due(now=timezone.now())
    heartbeat.record("finish-placements", now=timezone.now())
    return done


@shared_task
def queue_reminders() -> int:
    done = due.queue_reminders(now=timezone.now())
    heartbeat.record("queue-reminders", now=timezone.now())
    return done
