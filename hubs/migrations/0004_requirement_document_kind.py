from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("hubs", "0003_hub_site")]

    operations = [
        migrations.AddField(
            model_name="requirement",
            name="document_kind",
            field=models.CharField(
                blank=True, max_length=12, verbose_name="kind of the employer's document that settles it"
            ),
        ),
    ]
