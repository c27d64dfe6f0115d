"""When each job runs: seconds between runs, never a wall clock (Celery's crontabs in a local
zone go silent for an hour when clocks change). A job nobody picks up for long expires: a later
one does its work. Long, because the worker's own clock judges that, and one that is two hours
ahead would otherwise throw every job away; those that pile up find nothing to do."""

from typing import Any

from django.conf import settings

DELIVER = settings.DELIVER_EVERY_SECONDS
HOUR, DAY = 3600, 86400

SCHEDULE: dict[str, dict[str, Any]] = {
    "deliver": {"task": "tasks.jobs.deliver", "schedule": DELIVER, "options": {"expires": DELIVER}},
    "tell-partners": {"task": "tasks.jobs.tell_partners", "schedule": DELIVER, "options": {"expires": DELIVER}},
    "watch-messages": {"task": "tasks.jobs.watch_messages", "schedule": HOUR, "options": {"expires": HOUR}},
    "recompute-due-times": {
        "task": "tasks.jobs.recompute_due_times",
        "schedule": HOUR,
        "options": {"expires": HOUR},
    },
    "release-holds": {"task": "tasks.jobs.release_holds", "schedule": 60, "options": {"expires": 60}},
    "ask-in-turn": {"task": "tasks.jobs.ask_in_turn", "schedule": 60, "options": {"expires": 60}},
    "forget-keys": {"task": "tasks.jobs.forget_keys", "schedule": DAY, "options": {"expires": DAY}},
    "forget-sessions": {"task": "tasks.jobs.forget_sessions", "schedule": DAY, "options": {"expires": DAY}},
    "lock-second-factors": {"task": "tasks.jobs.lock_second_factors", "schedule": DAY, "options": {"expires": DAY}},
    "promote-waiting": {"task": "tasks.jobs.promote_waiting", "schedule": 60, "options": {"expires": 60}},
    "begin-placements": {"task": "tasks.jobs.begin_placements", "schedule": 60, "options": {"expires": 60}},
    "remember-desk": {"task": "tasks.jobs.remember_desk", "schedule": 600, "options": {"expires": 600}},
    "tell-calendars": {"task": "tasks.jobs.tell_calendars", "schedule": 300, "options": {"expires": 300}},
    "remind-newcomers": {"task": "tasks.jobs.remind_newcomers", "schedule": 300, "options": {"expires": 300}},
    "scan-documents": {"task": "tasks.jobs.scan_documents", "schedule": 30, "options": {"expires": 30}},
    "settle-placements": {"task": "tasks.jobs.settle_placements", "schedule": 300, "options": {"expires": 300}},
    "settle-documents": {"task": "tasks.jobs.settle_documents", "schedule": 300, "options": {"expires": 300}},
    "settle-moves": {"task": "tasks.jobs.settle_moves", "schedule": 300, "options": {"expires": 300}},
    "gather-stragglers": {"task": "tasks.jobs.gather_stragglers", "schedule": 300, "options": {"expires": 300}},
    "finish-sessions": {"task": "tasks.jobs.finish_sessions", "schedule": 300, "options": {"expires": 300}},
    "resume-opportunities": {"task": "tasks.jobs.resume_opportunities", "schedule": 300, "options": {"expires": 300}},
    "queue-step-reminders": {"task": "tasks.jobs.queue_step_reminders", "schedule": HOUR, "options": {"expires": HOUR}},
    "queue-pledge-reminders": {
        "task": "tasks.jobs.queue_pledge_reminders",
        "schedule": HOUR,
        "options": {"expires": HOUR},
    },
    "hide-stale-opportunities": {
        "task": "tasks.jobs.hide_stale_opportunities",
        "schedule": DAY,
        "options": {"expires": DAY},
    },
    "queue-stale-reminders": {
        "task": "tasks.jobs.queue_stale_reminders",
        "schedule": DAY,
        "options": {"expires": DAY},
    },
    "queue-lapse-reminders": {
        "task": "tasks.jobs.queue_lapse_reminders",
        "schedule": HOUR,
        "options": {"expires": HOUR},
    },
    "load-rosters": {"task": "tasks.jobs.load_rosters", "schedule": 10, "options": {"expires": 10}},
    "import-employers": {"task": "tasks.jobs.import_employers", "schedule": 10, "options": {"expires": 10}},
    "read-subscriptions": {"task": "tasks.jobs.read_subscriptions", "schedule": 300, "options": {"expires": 300}},
    "check-calendars": {"task": "tasks.jobs.check_calendars", "schedule": 300, "options": {"expires": 300}},
    "run-rounds": {"task": "tasks.jobs.run_rounds", "schedule": HOUR, "options": {"expires": HOUR}},
    "count-evidence": {"task": "tasks.jobs.count_evidence", "schedule": DAY, "options": {"expires": DAY}},
    "count-standards": {"task": "tasks.jobs.count_standards", "schedule": 300, "options": {"expires": 300}},
    "forget": {"task": "tasks.jobs.forget", "schedule": DAY, "options": {"expires": DAY}},
    "recount-places": {"task": "tasks.jobs.recount_places", "schedule": DAY, "options": {"expires": DAY}},
}

PATIENCE = 3 * HOUR
for _entry in SCHEDULE.values():
    _entry["options"]["expires"] = max(_entry["options"]["expires"], PATIENCE)
