from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("placements", "0017_why_it_ended"),
    ]

    operations = [
        migrations.AddField(
            model_name="waitingplace",
            name="on_any_day",
            field=models.BooleanField(default=False, editable=False),
        ),
    ]
