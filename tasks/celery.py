"""The Celery application: settings under CELERY_, jobs from tasks/jobs.py, times from tasks/schedule.py."""

from __future__ import annotations

import os

from celery import Celery

from tasks.schedule import SCHEDULE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("throughline")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = SCHEDULE
app.conf.imports = ("tasks.jobs",)
