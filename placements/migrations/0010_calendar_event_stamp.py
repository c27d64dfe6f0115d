import secrets

from django.db import migrations, models

import placements.models.calendar


def draw(apps, _schema_editor):
    """The default of a new column is one number for all rows that are there; each needs its own."""
    events = apps.get_model("placements", "CalendarEvent").objects
    rows = []
    for row in events.only("pk").iterator(chunk_size=1000):
        row.stamp = secrets.randbits(48)
        rows.append(row)
    events.bulk_update(rows, ["stamp"], batch_size=1000)


class Migration(migrations.Migration):
    dependencies = [
        ("placements", "0009_desk_memory"),
    ]

    operations = [
        migrations.AddField(
            model_name="calendarevent",
            name="stamp",
            field=models.BigIntegerField(default=placements.models.calendar.new_stamp, editable=False),
        ),
        migrations.RunPython(draw, migrations.RunPython.noop, elidable=True),
    ]
