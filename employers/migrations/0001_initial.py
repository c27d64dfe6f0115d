import employers.models.organisation
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='level')),
                ('not_applicable', models.BooleanField(default=False, verbose_name='not applicable')),
                ('reason', models.TextField(blank=True, verbose_name='why not applicable')),
                ('answered_at', models.DateTimeField(verbose_name='answered')),
            ],
            options={
                'verbose_name': 'answer',
                'verbose_name_plural': 'answers',
            },
        ),
        migrations.CreateModel(
            name='AssessmentRound',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('opens_on', models.DateField(verbose_name='opens')),
                ('closes_on', models.DateField(verbose_name='closes')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed')),
            ],
            options={
                'verbose_name': 'round',
                'verbose_name_plural': 'rounds',
                'ordering': ['-opens_on'],
            },
        ),
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('job_title', models.CharField(blank=True, max_length=120, verbose_name='job title')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail address')),
                ('phone', models.CharField(blank=True, max_length=40, verbose_name='telephone')),
                ('language', models.CharField(blank=True, max_length=12, verbose_name='language')),
                ('is_main', models.BooleanField(default=False, verbose_name='main contact')),
            ],
            options={
                'verbose_name': 'contact',
                'verbose_name_plural': 'contacts',
                'ordering': ['-is_main', 'name', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('liability', "employers' liability insurance"), ('public', 'public liability insurance'), ('risk', 'risk assessment covering young people'), ('policy', 'safeguarding policy'), ('other', 'other document')], max_length=10, verbose_name='kind')),
                ('file', models.FileField(blank=True, max_length=120, storage=employers.models.organisation.private_storage, upload_to=employers.models.organisation.private_key, verbose_name='file')),
                ('shown_name', models.CharField(blank=True, max_length=160, verbose_name='file name')),
                ('mimetype', models.CharField(blank=True, max_length=60)),
                ('state', models.CharField(choices=[('quarantined', 'waiting to be checked'), ('held', 'held'), ('refused', 'refused'), ('withdrawn', 'withdrawn')], default='quarantined', max_length=12, verbose_name='state')),
                ('reference', models.CharField(blank=True, max_length=160, verbose_name='insurer and policy number')),
                ('issued_on', models.DateField(blank=True, null=True, verbose_name='issued')),
                ('expires_on', models.DateField(blank=True, null=True, verbose_name='valid until')),
                ('added_at', models.DateTimeField(verbose_name='added')),
            ],
            options={
                'verbose_name': 'document',
                'verbose_name_plural': 'documents',
                'ordering': ['kind', '-expires_on', 'pk'],
            },
        ),
    ]
