"""Nothing: these tables and those of 0002 need each other, and are made there in one step."""

from django.db import migrations


class Migration(migrations.Migration):
    initial = True

    dependencies = [("hubs", "0002_log_is_append_only")]

    operations = []
