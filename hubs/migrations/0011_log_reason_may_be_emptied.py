"""Why something was done, in somebody's own words, may be forgotten; it can never be made to say something else."""

from django.db import migrations

COLUMNS = "at, hat, via, verb, subject_type, subject_id, from_state, to_state, facts, hub_id"
REFUSE_POSTGRESQL = "EXECUTE FUNCTION log_is_append_only()"
REFUSE_SQLITE = "BEGIN SELECT RAISE(ABORT, 'log entries are append-only'); END"


def _triggers(schema_editor, wanted):
    """`wanted`: (name, columns, condition) of each trigger that refuses."""
    postgresql = schema_editor.connection.vendor == "postgresql"
    on = " ON hubs_logentry" if postgresql else ""
    for name in ("log_is_append_only", "log_reason_is_only_emptied"):
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")
    for name, columns, condition in wanted:
        refuse = f"FOR EACH ROW {condition} {REFUSE_POSTGRESQL}" if postgresql else f"{condition} {REFUSE_SQLITE}"
        schema_editor.execute(f"CREATE TRIGGER {name} BEFORE UPDATE OF {columns} ON hubs_logentry {refuse}")


def forwards(apps, schema_editor):
    wanted = [
        ("log_is_append_only", COLUMNS, ""),
        ("log_reason_is_only_emptied", "reason", "WHEN (NEW.reason <> '')"),
    ]
    _triggers(schema_editor, wanted)


def backwards(apps, schema_editor):
    _triggers(schema_editor, [("log_is_append_only", f"{COLUMNS}, reason", "")])


class Migration(migrations.Migration):
    dependencies = [("hubs", "0010_message_first_due")]

    operations = [migrations.RunPython(forwards, backwards)]
