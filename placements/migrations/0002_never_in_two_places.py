"""A student is never in two live placements that overlap in time, whoever writes the row.

PostgreSQL: an exclusion constraint (both sides are ranges, so no extension is needed).
SQLite: triggers that abort with an integrity error. A later migration that makes SQLite
rebuild this table has to make the triggers again; tests/placements checks that they stand.
"""

from django.db import migrations

POSTGRESQL = """
ALTER TABLE placements_studentday ADD CONSTRAINT student_never_in_two_places
EXCLUDE USING gist (
    int8range(student_id, student_id, '[]') WITH &&,
    tstzrange(starts_at, ends_at) WITH &&
) WHERE (live)
"""

SQLITE = """
CREATE TRIGGER student_never_in_two_places_{event} BEFORE {event} ON placements_studentday
WHEN NEW.live AND EXISTS (
    SELECT 1 FROM placements_studentday AS other
    WHERE other.student_id = NEW.student_id AND other.live AND other.id IS NOT NEW.id
      AND other.starts_at < NEW.ends_at AND other.ends_at > NEW.starts_at
)
BEGIN SELECT RAISE(ABORT, 'student_never_in_two_places'); END
"""


def forwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL)
        return
    for event in ("INSERT", "UPDATE"):
        schema_editor.execute(SQLITE.format(event=event))


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE placements_studentday DROP CONSTRAINT student_never_in_two_places")
        return
    for event in ("INSERT", "UPDATE"):
        schema_editor.execute(f"DROP TRIGGER student_never_in_two_places_{event}")


class Migration(migrations.Migration):
    dependencies = [("placements", "0001_initial")]

    operations = [migrations.RunPython(forwards, backwards)]
