from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OpportunitiesConfig(AppConfig):
    name = "opportunities"
    verbose_name = _("Opportunities")

    def ready(self) -> None:
        from opportunities import messages, messages_pledges  # noqa: F401 - register the kinds once models exist
        from opportunities.domain import clock  # noqa: F401 - says what the hub's zone stays for
