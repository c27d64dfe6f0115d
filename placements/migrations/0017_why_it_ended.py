from django.db import migrations, models

#: What was stored as somebody's reason before it had a code.
WORDS = {
    "hold expired": "hold_expired",
    "found elsewhere": "found_elsewhere",
    "no answer in time": "no_answer",
    "passed over": "passed_over",
}
STATES = ("released", "withdrawn")


def to_codes(apps, schema_editor):
    rows = apps.get_model("placements", "Placement").objects.filter(state__in=STATES)
    for words, code in WORDS.items():
        rows.filter(reason=words).update(reason="", ended_because=code)


def to_words(apps, schema_editor):
    rows = apps.get_model("placements", "Placement").objects
    for words, code in WORDS.items():
        rows.filter(ended_because=code).update(reason=words, ended_because="")


class Migration(migrations.Migration):
    dependencies = [
        ("placements", "0016_ladder"),
    ]

    operations = [
        migrations.AddField(
            model_name="placement",
            name="ended_because",
            field=models.CharField(
                blank=True,
                choices=[
                    ("hold_expired", "Hold Expired"),
                    ("found_elsewhere", "Found Elsewhere"),
                    ("no_answer", "No Answer"),
                    ("passed_over", "Passed Over"),
                ],
                editable=False,
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_because", ""),
                    models.Q(
                        ("ended_because__in", ["hold_expired", "found_elsewhere", "no_answer", "passed_over"]),
                        ("reason", ""),
                        ("state__in", ["released", "withdrawn"]),
                    ),
                    _connector="OR",
                ),
                name="placement_because_valid",
            ),
        ),
        migrations.RunPython(to_codes, to_words),
    ]
