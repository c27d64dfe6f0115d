"""When each job runs: seconds between runs, never a wall clock (Celery's crontabs in a local
zone go silent for an hour when clocks change). A job not picked up before the next is due
expires: the next one does its work."""

from django.conf import settings

DELIVER = settings.DELIVER_EVERY_SECONDS

SCHEDULE = {
    "deliver": {"task": "tasks.jobs.deliver", "schedule": DELIVER, "options": {"expires": DELIVER}},
    "release-holds": {"task": "tasks.jobs.release_holds", "schedule": 60, "options": {"expires": 60}},
    "begin-placements": {"task": "tasks.jobs.begin_placements", "schedule": 60, "options": {"expires": 60}},
    "finish-placements": {"task": "tasks.jobs.finish_placements", "schedule": 300, "options": {"expires": 300}},
    "queue-reminders": {"task": "tasks.jobs.queue_reminders", "schedule": 300, "options": {"expires": 300}},
}
