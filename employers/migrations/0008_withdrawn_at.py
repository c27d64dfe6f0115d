from django.db import migrations, models


def from_the_log(apps, schema_editor):
    """When each was taken back stands in the log."""
    LogEntry = apps.get_model("hubs", "LogEntry")
    Document = apps.get_model("employers", "Document")
    entries = LogEntry.objects.filter(subject_type="employers.document", to_state="withdrawn").order_by("at", "pk")
    for number, at in entries.values_list("subject_id", "at").iterator():
        Document.objects.filter(pk=number, state="withdrawn").update(withdrawn_at=at)


class Migration(migrations.Migration):
    dependencies = [("employers", "0007_interest"), ("hubs", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="document",
            name="withdrawn_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="withdrawn on"),
        ),
        migrations.RunPython(from_the_log, migrations.RunPython.noop),
    ]
