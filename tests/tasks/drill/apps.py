import datetime as dt
import time

from django.apps import AppConfig


class DrillConfig(AppConfig):
    name = "tests.tasks.drill"
    label = "drill"

    def ready(self) -> None:
        from hubs import delivery, outbox
        from hubs.mail import Mail
        from tests.tasks.drill.mortal import die_if_told

        def compose(subject, message, now):
            die_if_told("claimed")
            time.sleep(0.05)  # long enough for a kill to land inside
            return Mail(subject=f"Drill {message.version}", paragraphs=("A drill.",))

        delivery.LEASE = dt.timedelta(seconds=2)
        outbox.register(outbox.Kind("drill", "a drill", "nobody", "now", compose, lambda *args: True))
