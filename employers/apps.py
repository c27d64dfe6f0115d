from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EmployersConfig(AppConfig):
    name = "employers"
    verbose_name = _("Employers")

    def ready(self) -> None:
        # Register the kinds, and who holds addresses, once models exist.
        from employers import corrections, messages, messages_standards  # noqa: F401 - register
