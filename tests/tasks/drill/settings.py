from config.settings import *  # noqa: F403 - all settings but the few below
from config.settings import INSTALLED_APPS as ORDINARY_APPS

INSTALLED_APPS = [*ORDINARY_APPS, "tests.tasks.drill"]

EMAIL_BACKEND = "tests.tasks.drill.mortal.MortalBackend"
