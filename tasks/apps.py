from django.apps import AppConfig

from tasks.schedule import SCHEDULE


class TasksConfig(AppConfig):
    name = "tasks"

    def ready(self) -> None:
        # Those who watch know what to wait for, whether or not it has ever run.
        from hubs import heartbeat

        heartbeat.EXPECTED.update({name: entry["schedule"] for name, entry in SCHEDULE.items()})
