from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CmsConfig(AppConfig):
    name = "cms"
    verbose_name = _("Site")

    def ready(self) -> None:
        from cms import messages  # noqa: F401 - register the mail with which volunteers prepare
        from cms.preparing import required
        from employers.preparing import modules_come_from

        modules_come_from(required)
