"""`python -m tests.hubs.unfolded migrate …`: manage.py with the migrations one by one, as they were before folding."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line
from django.db.migrations import executor
from django.db.migrations.loader import MigrationLoader

OURS = ("cms", "employers", "hubs", "insights", "opportunities", "placements", "schools")


class Unfolded(MigrationLoader):
    """Knows the migrations that were folded, and none that took their place."""

    def load_disk(self) -> None:
        super().load_disk()
        folds = {key: fold for key, fold in self.disk_migrations.items() if fold.replaces and key[0] in OURS}
        for key in folds:
            del self.disk_migrations[key]
        last = {key: fold.replaces[-1] for key, fold in folds.items()}
        for migration in self.disk_migrations.values():
            migration.dependencies = [last.get(tuple(each), each) for each in migration.dependencies]


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    executor.MigrationLoader = Unfolded  # type: ignore[misc]  # the class it builds plans with
    execute_from_command_line(sys.argv)
