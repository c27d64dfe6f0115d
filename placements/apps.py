from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlacementsConfig(AppConfig):
    name = "placements"
    verbose_name = _("Placements")

    def ready(self) -> None:
        # Register kinds of message, what partners are told, what leavers leave, and who waits for places.
        from placements import kinds, kinds_change, kinds_day, kinds_ready, partners, room, students  # noqa: F401 - register
        from placements.domain import country  # noqa: F401 - says what the hub's country stays for
