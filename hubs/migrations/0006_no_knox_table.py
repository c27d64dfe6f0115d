from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("hubs", "0005_api_tokens")]

    operations = [migrations.RunSQL("DROP TABLE IF EXISTS knox_authtoken", migrations.RunSQL.noop)]
