from django.db import migrations

from hubs.locked import lock_again


def lock(apps, schema_editor):
    lock_again(apps.get_model("mfa", "Authenticator").objects.filter(type__in=("totp", "recovery_codes")))


class Migration(migrations.Migration):
    """Seeds kept in the clear until now are locked. Going back leaves them so: the reader of before needs them clear,
    and there is none of those who would rather have them lie open."""

    dependencies = [
        ("hubs", "0011_log_reason_may_be_emptied"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [migrations.RunPython(lock)]
