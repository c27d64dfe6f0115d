"""The settings of the servers that races are run against: the product's, without what slows a racer down."""

from config.settings import *  # noqa: F403 - all settings but the few below
from config.settings import REST_FRAMEWORK

ALLOWED_HOSTS = ["*"]
HUB_STAFF_NEED_MFA = False
REST_FRAMEWORK = {**REST_FRAMEWORK, "DEFAULT_THROTTLE_CLASSES": []}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
LOGGING = {"version": 1, "disable_existing_loggers": False, "root": {"level": "ERROR"}}
