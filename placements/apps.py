from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlacementsConfig(AppConfig):
    name = "placements"
    verbose_name = _("Placements")

    def ready(self) -> None:
        # Register kinds of message, what partners are told, what leavers leave, who waits for places, who comes,
        # and which steps are still wanted.
        from placements import (  # noqa: F401 - register
            coming,
            invented,
            kinds,
            kinds_after,
            kinds_change,
            kinds_day,
            kinds_open,
            kinds_ready,
            partners,
            room,
            steps_wanted,
            students,
        )
        from placements.domain import (  # noqa: F401 - what the hub's country stays for, what a file would hit
            clashes,
            country,
        )
