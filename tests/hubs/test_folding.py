"""Folded migrations make what the many made, and a database in between goes on."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from hubs.folded_changes import FoldedChanges
from tests.hubs.unfolded import OURS, Unfolded
from tests.prepared import OUTSIDE, ROOT

UNFOLDED = ("-m", "tests.hubs.unfolded")
#: Where a database of before may stand: the first start ended early; in the middle of every app; all of some apps.
BETWEEN = {
    "before the log": (("hubs", "0001"),),
    "in the middle": (("placements", "0004"), ("opportunities", "0004"), ("hubs", "0008")),
    "some apps whole": (("employers", "0009"), ("schools", "0009")),
}


def run(*command: str, folder: Path, database: str = "") -> None:
    clean = {key: value for key, value in os.environ.items() if key not in OUTSIDE}
    given = {"DATABASE_URL": database} if database else {}
    subprocess.run(
        [sys.executable, *command, "--verbosity", "0"],
        check=True,
        cwd=ROOT,
        env={**clean, **given, "VAR_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "config.settings"},
    )


def described(loader: MigrationLoader) -> dict:
    """What the models are after all migrations, as far as a table or a form may show it."""
    return {
        key: (
            [(name, field.deconstruct()[1:]) for name, field in model.fields.items()],
            {name: value for name, value in model.options.items() if value},
            model.bases,
        )
        for key, model in loader.project_state().models.items()
        if key[0] in OURS
    }


def folds() -> dict:
    loader = MigrationLoader(None)
    return {key: each for key, each in loader.disk_migrations.items() if each.replaces and key[0] in OURS}


def test_both_roads_end_in_the_same_models():
    assert described(MigrationLoader(None)) == described(Unfolded(None))


def test_a_fold_leaves_no_migration_out():
    for (app, name), fold in folds().items():
        first, last = name.split("_")[0], name.split("_squashed_")[1]
        files = sorted(path.stem for path in (ROOT / app / "migrations").glob("[0-9]*.py"))
        replaced = [each for each in files if first <= each <= last and (app, each) not in folds()]
        assert fold.replaces == [(app, each) for each in replaced]
    assert sorted({app for app, _ in folds()}) == ["employers", "hubs", "opportunities", "placements", "schools"]


def test_a_change_named_twice_is_refused():
    (fold,) = (each for (app, _), each in folds().items() if app == "hubs")
    operations = fold.operations[0].operations
    with pytest.raises(ValueError, match="changed more than once"):
        FoldedChanges([*operations, operations[0]])


# ---- the tables themselves ------------------------------------------------------------------

#: What differs by design: which migrations ran, and where a sequence stands.
BESIDE = ("django_migrations", "sqlite_sequence")


def in_sqlite(file: Path) -> tuple[dict, dict]:
    """Tables, indexes and triggers, whatever the order of a table's columns; and all rows."""
    with closing(sqlite3.connect(file)) as connection:
        connection.row_factory = sqlite3.Row
        made = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
        shape = {tuple(row)[:3]: sorted(re.split(r", |^[^(]*\(|\)$", row["sql"] or "")) for row in made}
        tables = [row["name"] for row in made if row["type"] == "table" and row["name"] not in BESIDE]
        rows = {name: in_order(map(dict, connection.execute(f'SELECT * FROM "{name}"'))) for name in tables}
    return shape, rows


COLUMNS = """
SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default, is_identity
FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2
"""
CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2
"""
INDEXES = "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2"
TRIGGERS = "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"
FUNCTIONS = (
    "SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1"
)


def in_postgresql(url: str) -> tuple[list, dict]:
    with psycopg.connect(url, row_factory=psycopg.rows.dict_row) as connection:
        questions = (COLUMNS, CONSTRAINTS, INDEXES, TRIGGERS, FUNCTIONS)
        shape = [connection.execute(each).fetchall() for each in questions]
        tables = sorted({row["table_name"] for row in shape[0]} - set(BESIDE))
        rows = {
            name: in_order(connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(name))).fetchall())
            for name in tables
        }
    return shape, rows


def in_order(rows) -> list:
    """Rows without their ids and the moment they were written, which differ from run to run."""
    said = ({key: value for key, value in row.items() if not moving(key, value)} for row in rows)
    return sorted(said, key=lambda row: str(sorted(row.items())))


def moving(key: str, value) -> bool:
    return key == "id" or key.endswith(("_id", "_at", "_key")) or isinstance(value, datetime)


@contextmanager
def new_database(name: str) -> Iterator[str]:
    given = urlsplit(os.environ["DATABASE_URL"])
    name = f"{given.path.lstrip('/')}_{name}_{os.getpid()}"
    drop = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
    with psycopg.connect(given.geturl(), autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield given._replace(path=f"/{name}").geturl()
        finally:
            server.execute(drop)


@pytest.mark.slow
@pytest.mark.needs_postgresql
def test_both_roads_make_the_same_tables_and_rows_in_postgresql(tmp_path):
    with new_database("folded") as folded, new_database("unfolded") as unfolded:
        run("manage.py", "migrate", folder=tmp_path, database=folded)
        run(*UNFOLDED, "migrate", folder=tmp_path, database=unfolded)
        assert in_postgresql(folded) == in_postgresql(unfolded)


@pytest.fixture(scope="module")
def folded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("folded")
    run("manage.py", "migrate", folder=folder)
    return in_sqlite(folder / "throughline.sqlite3")


@pytest.mark.slow
def test_both_roads_make_the_same_tables_and_rows_in_sqlite(tmp_path, folded):
    run(*UNFOLDED, "migrate", folder=tmp_path)
    before = in_sqlite(tmp_path / "throughline.sqlite3")
    assert before == folded
    run("manage.py", "migrate", folder=tmp_path)
    assert in_sqlite(tmp_path / "throughline.sqlite3") == before
    run("manage.py", "migrate", "--check", folder=tmp_path)


HUB = """
INSERT INTO hubs_hub (name, slug, hostname, language, time_zone, country, jurisdiction, year_starts_month,
    year_starts_day, colour, contact_email, contact_phone, is_active)
VALUES ('Harbour', 'harbour', 'harbour.example', 'en-gb', 'Europe/London', 'GB', 'GB-ENG', 9, 1, '#1f5f8b', '', '', 1)
"""


@pytest.mark.slow
@pytest.mark.parametrize("stood", BETWEEN.values(), ids=BETWEEN)
def test_a_database_in_between_goes_on(tmp_path, folded, stood):
    """With the rows it has, and to the tables that everybody has."""
    file = tmp_path / "throughline.sqlite3"
    for target in stood:
        run(*UNFOLDED, "migrate", *target, folder=tmp_path)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(HUB)
    run("manage.py", "migrate", folder=tmp_path)
    run("manage.py", "migrate", "--check", folder=tmp_path)
    with closing(sqlite3.connect(file)) as connection, connection:
        assert connection.execute("SELECT name, texts_by_sms FROM hubs_hub").fetchall() == [("Harbour", 0)]
        connection.execute("DELETE FROM hubs_hub")
    # Django names models in its own tables while they last: one of schools' was there in between.
    run("manage.py", "remove_stale_contenttypes", "--no-input", folder=tmp_path)
    assert in_sqlite(file) == folded


@pytest.mark.slow
def test_a_first_start_that_ended_early_goes_on_without_a_row(tmp_path, folded):
    run(*UNFOLDED, "migrate", "hubs", "0001", folder=tmp_path)
    run("manage.py", "migrate", folder=tmp_path)
    assert in_sqlite(tmp_path / "throughline.sqlite3") == folded
