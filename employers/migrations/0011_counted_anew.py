from django.db import migrations


def forget(apps, schema_editor):
    """What was counted of steps has more columns now. It is counted again when somebody looks, or by the next job."""
    apps.get_model("employers", "CountedStandards").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("employers", "0010_employer_imports")]

    # Nothing to bring back: what is kept there is made of other rows.
    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
