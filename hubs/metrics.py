"""What Prometheus reads. Everything is counted in the database when it is asked for, so that
it is the same whichever process answers, and true after a restart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.db.models import Count
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from hubs import watching
from hubs.models import Message

DAY = dt.timedelta(days=1)


def exposition(now: dt.datetime) -> bytes:
    """The text of `/metrics`: numbers by hub, kind and state, and nothing about anybody."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(FromTheDatabase(now))
    return generate_latest(registry)


class FromTheDatabase(Collector):
    def __init__(self, now: dt.datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        oldest = watching.oldest_due(self.now).total_seconds()
        yield GaugeMetricFamily("throughline_oldest_due_seconds", "How long the oldest unsent message is due", oldest)
        due = Message.objects.overdue(self.now).values_list("hub__slug", "kind")
        yield self._counted("throughline_messages_waiting", "Messages due and not sent", ("hub", "kind"), due)
        desk = Message.objects.on_desk().values_list("hub__slug", "problem")
        yield self._counted("throughline_messages_on_desk", "Messages that did not arrive", ("hub", "problem"), desk)
        first_due = Message.objects.alias(first_due=watching.FIRST_DUE)
        day = first_due.filter(first_due__gt=self.now - DAY, first_due__lte=self.now)
        by_state = day.values_list("hub__slug", "kind", "state")
        yield self._counted(
            "throughline_messages_day", "Messages due within a day, by what became of them", ("hub", "kind", "state"),
            by_state,
        )  # fmt: skip
        beats = GaugeMetricFamily("throughline_job_age_seconds", "Since a job last succeeded", labels=["job"])
        late = GaugeMetricFamily("throughline_job_late", "1: three turns passed without success", labels=["job"])
        for job in watching.jobs(self.now):
            if job.ever:
                beats.add_metric([job.name], (self.now - job.at).total_seconds())
            late.add_metric([job.name], job.late)
        yield beats
        yield late

    def _counted(self, name: str, about: str, labels: tuple[str, ...], rows) -> GaugeMetricFamily:
        family = GaugeMetricFamily(name, about, labels=list(labels))
        for *values, count in rows.annotate(n=Count("pk")).order_by():
            family.add_metric(values, count)
        return family
