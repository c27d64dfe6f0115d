"""The database itself refuses changes to what a log entry says.

Erasing a person may empty `by`; retention may delete old entries; nothing else may change.
"""

from django.db import migrations

COLUMNS = "at, hat, via, verb, subject_type, subject_id, from_state, to_state, reason, facts, hub_id"

POSTGRESQL = f"""
CREATE FUNCTION log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'log entries are append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER log_is_append_only BEFORE UPDATE OF {COLUMNS} ON hubs_logentry
    FOR EACH ROW EXECUTE FUNCTION log_is_append_only();
"""
POSTGRESQL_UNDO = """
DROP TRIGGER log_is_append_only ON hubs_logentry;
DROP FUNCTION log_is_append_only();
"""
SQLITE = f"""
CREATE TRIGGER log_is_append_only BEFORE UPDATE OF {COLUMNS} ON hubs_logentry
BEGIN SELECT RAISE(ABORT, 'log entries are append-only'); END;
"""


def forwards(apps, schema_editor):
    schema_editor.execute(POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE)


def backwards(apps, schema_editor):
    postgresql = schema_editor.connection.vendor == "postgresql"
    schema_editor.execute(POSTGRESQL_UNDO if postgresql else "DROP TRIGGER log_is_append_only")


class Migration(migrations.Migration):
    dependencies = [
        ("hubs", "0001_initial"),
        # Everybody else's tables before the rest of ours: their two hundred migrations, with all our
        # models about them, take twice as long.
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("taggit", "0006_rename_taggeditem_content_type_object_id_taggit_tagg_content_8fc721_idx"),
        ("wagtailadmin", "0006_formstate"),
        ("wagtailforms", "0005_alter_formsubmission_form_data"),
        ("wagtailredirects", "0008_add_verbose_name_plural"),
        ("wagtaildocs", "0014_alter_document_file_size"),
        ("wagtailembeds", "0009_embed_cache_until"),
        ("wagtailimages", "0027_image_description"),
        ("wagtailsearch", "0010_add_text_fields"),
        ("wagtailusers", "0015_userprofile_keyboard_shortcuts"),
    ]

    operations = [migrations.RunPython(forwards, backwards)]
