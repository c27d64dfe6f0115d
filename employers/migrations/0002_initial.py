import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import employers.models.organisation
from hubs.first_tables import FirstTables


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("employers", "0001_initial"),
        ("hubs", "0001_initial"),
        ("hubs", "__first__"),
    ]

    operations = [
        FirstTables(
            [
                migrations.CreateModel(
                    name="Answer",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("level", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="level")),
                        ("not_applicable", models.BooleanField(default=False, verbose_name="not applicable")),
                        ("reason", models.TextField(blank=True, verbose_name="why not applicable")),
                        ("answered_at", models.DateTimeField(verbose_name="answered")),
                    ],
                    options={
                        "verbose_name": "answer",
                        "verbose_name_plural": "answers",
                    },
                ),
                migrations.CreateModel(
                    name="AssessmentRound",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        ("opens_on", models.DateField(verbose_name="opens")),
                        ("closes_on", models.DateField(verbose_name="closes")),
                        ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed")),
                    ],
                    options={
                        "verbose_name": "round",
                        "verbose_name_plural": "rounds",
                        "ordering": ["-opens_on"],
                    },
                ),
                migrations.CreateModel(
                    name="Contact",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        ("job_title", models.CharField(blank=True, max_length=120, verbose_name="job title")),
                        ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail address")),
                        ("phone", models.CharField(blank=True, max_length=40, verbose_name="telephone")),
                        ("language", models.CharField(blank=True, max_length=12, verbose_name="language")),
                        ("is_main", models.BooleanField(default=False, verbose_name="main contact")),
                    ],
                    options={
                        "verbose_name": "contact",
                        "verbose_name_plural": "contacts",
                        "ordering": ["-is_main", "name", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="Document",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("liability", "employers' liability insurance"),
                                    ("public", "public liability insurance"),
                                    ("risk", "risk assessment covering young people"),
                                    ("policy", "safeguarding policy"),
                                    ("other", "other document"),
                                ],
                                max_length=10,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "file",
                            models.FileField(
                                blank=True,
                                max_length=120,
                                storage=employers.models.organisation.private_storage,
                                upload_to=employers.models.organisation.private_key,
                                verbose_name="file",
                            ),
                        ),
                        ("shown_name", models.CharField(blank=True, max_length=160, verbose_name="file name")),
                        ("mimetype", models.CharField(blank=True, max_length=60)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("quarantined", "waiting to be checked"),
                                    ("held", "held"),
                                    ("refused", "refused"),
                                    ("withdrawn", "withdrawn"),
                                ],
                                default="quarantined",
                                max_length=12,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "reference",
                            models.CharField(blank=True, max_length=160, verbose_name="insurer and policy number"),
                        ),
                        ("issued_on", models.DateField(blank=True, null=True, verbose_name="issued")),
                        ("expires_on", models.DateField(blank=True, null=True, verbose_name="valid until")),
                        ("added_at", models.DateTimeField(verbose_name="added")),
                    ],
                    options={
                        "verbose_name": "document",
                        "verbose_name_plural": "documents",
                        "ordering": ["kind", "-expires_on", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="Employer",
                    fields=[
                        (
                            "organisation_ptr",
                            models.OneToOneField(
                                auto_created=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                parent_link=True,
                                primary_key=True,
                                serialize=False,
                                to="hubs.organisation",
                            ),
                        ),
                        ("number", models.CharField(blank=True, max_length=40, verbose_name="organisation number")),
                        (
                            "size",
                            models.CharField(
                                choices=[
                                    ("sole", "sole trader"),
                                    ("micro", "1–9 staff"),
                                    ("small", "10–49 staff"),
                                    ("medium", "50–249 staff"),
                                    ("large", "250 staff or more"),
                                ],
                                default="small",
                                max_length=8,
                                verbose_name="size",
                            ),
                        ),
                        ("website", models.URLField(blank=True, verbose_name="website")),
                        ("about", models.TextField(blank=True, verbose_name="about")),
                        (
                            "wants_asking_per_month",
                            models.PositiveSmallIntegerField(
                                default=4,
                                help_text="Hub staff see when this is reached.",
                                verbose_name="most requests a month",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "employer",
                        "verbose_name_plural": "employers",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("size__in", ["sole", "micro", "small", "medium", "large"])),
                                name="employer_size_valid",
                            )
                        ],
                    },
                    bases=("hubs.organisation",),
                ),
                migrations.CreateModel(
                    name="Sector",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.SlugField(unique=True, verbose_name="code")),
                        ("name", models.CharField(max_length=80, verbose_name="name")),
                        ("isic_section", models.CharField(max_length=1, verbose_name="ISIC section")),
                    ],
                    options={
                        "verbose_name": "sector",
                        "verbose_name_plural": "sectors",
                        "ordering": ["name"],
                    },
                ),
                migrations.AddField(
                    model_name="answer",
                    name="answered_by",
                    field=models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AddField(
                    model_name="answer",
                    name="hub",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="hubs.hub", verbose_name="hub"
                    ),
                ),
                migrations.AddField(
                    model_name="assessmentround",
                    name="hub",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="hubs.hub", verbose_name="hub"
                    ),
                ),
                migrations.AddField(
                    model_name="contact",
                    name="hub",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="hubs.hub", verbose_name="hub"
                    ),
                ),
                migrations.AddField(
                    model_name="contact",
                    name="user",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AddField(
                    model_name="document",
                    name="added_by",
                    field=models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AddField(
                    model_name="document",
                    name="hub",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="hubs.hub", verbose_name="hub"
                    ),
                ),
                migrations.AddField(
                    model_name="answer",
                    name="documents",
                    field=models.ManyToManyField(blank=True, to="employers.document"),
                ),
                migrations.AddField(
                    model_name="document",
                    name="employer",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="employers.employer", verbose_name="employer"
                    ),
                ),
                migrations.AddField(
                    model_name="contact",
                    name="employer",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="employers.employer", verbose_name="employer"
                    ),
                ),
                migrations.AddField(
                    model_name="answer",
                    name="employer",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="employers.employer", verbose_name="employer"
                    ),
                ),
                migrations.CreateModel(
                    name="FrameworkItem",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.CharField(max_length=12, verbose_name="code")),
                        ("statement", models.TextField(verbose_name="statement")),
                        ("weight", models.PositiveSmallIntegerField(default=1, verbose_name="weight")),
                        ("sizes", models.JSONField(blank=True, default=list, verbose_name="asked of sizes")),
                        (
                            "evidence",
                            models.CharField(blank=True, max_length=60, verbose_name="evidence from the record"),
                        ),
                        ("position", models.PositiveSmallIntegerField(default=0)),
                        (
                            "hub",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="hubs.hub",
                                verbose_name="hub",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "item",
                        "verbose_name_plural": "items",
                        "ordering": ["standard", "position"],
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("weight__gte", 1)), name="item_weight_positive")
                        ],
                    },
                ),
                migrations.AddField(
                    model_name="answer",
                    name="item",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="employers.frameworkitem"
                    ),
                ),
                migrations.AddField(
                    model_name="employer",
                    name="sectors",
                    field=models.ManyToManyField(blank=True, to="employers.sector", verbose_name="sectors"),
                ),
                migrations.CreateModel(
                    name="SelfAssessment",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("version", models.PositiveSmallIntegerField(default=1, verbose_name="version")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "open"),
                                    ("submitted", "submitted"),
                                    ("reviewed", "reviewed"),
                                    ("final", "final"),
                                ],
                                default="open",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        ("started_at", models.DateTimeField(verbose_name="started")),
                        ("submitted_at", models.DateTimeField(blank=True, null=True, verbose_name="submitted")),
                        ("result", models.JSONField(blank=True, default=dict, verbose_name="result")),
                        ("fingerprint", models.CharField(blank=True, max_length=64)),
                        ("comment", models.TextField(blank=True, verbose_name="comment of the hub")),
                        (
                            "employer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                to="employers.employer",
                                verbose_name="employer",
                            ),
                        ),
                        (
                            "hub",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="hubs.hub",
                                verbose_name="hub",
                            ),
                        ),
                        (
                            "round",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="assessments",
                                to="employers.assessmentround",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "self-assessment",
                        "verbose_name_plural": "self-assessments",
                        "ordering": ["-started_at", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["open", "submitted", "reviewed", "final"])),
                                name="assessment_state_valid",
                            )
                        ],
                    },
                ),
                migrations.AddField(
                    model_name="answer",
                    name="assessment",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="employers.selfassessment",
                    ),
                ),
                migrations.CreateModel(
                    name="Site",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        ("address", models.CharField(blank=True, max_length=200, verbose_name="address")),
                        ("town", models.CharField(blank=True, max_length=80, verbose_name="town")),
                        ("postcode", models.CharField(blank=True, max_length=12, verbose_name="postcode")),
                        (
                            "latitude",
                            models.FloatField(
                                blank=True,
                                null=True,
                                validators=[
                                    django.core.validators.MinValueValidator(-90),
                                    django.core.validators.MaxValueValidator(90),
                                ],
                                verbose_name="latitude",
                            ),
                        ),
                        (
                            "longitude",
                            models.FloatField(
                                blank=True,
                                null=True,
                                validators=[
                                    django.core.validators.MinValueValidator(-180),
                                    django.core.validators.MaxValueValidator(180),
                                ],
                                verbose_name="longitude",
                            ),
                        ),
                        ("access", models.TextField(blank=True, verbose_name="getting in and around")),
                        (
                            "per_day",
                            models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="most students a day"),
                        ),
                        (
                            "employer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                to="employers.employer",
                                verbose_name="employer",
                            ),
                        ),
                        (
                            "hub",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="hubs.hub",
                                verbose_name="hub",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "site",
                        "verbose_name_plural": "sites",
                        "ordering": ["name", "pk"],
                        "constraints": [
                            models.UniqueConstraint(fields=("employer", "name"), name="site_name_unique"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("latitude__isnull", True), ("longitude__isnull", True)),
                                    models.Q(("latitude__range", (-90, 90)), ("longitude__range", (-180, 180))),
                                    _connector="OR",
                                ),
                                name="site_point_whole",
                            ),
                        ],
                    },
                ),
                migrations.AddField(
                    model_name="document",
                    name="site",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="documents",
                        to="employers.site",
                        verbose_name="only for site",
                    ),
                ),
                migrations.CreateModel(
                    name="Standard",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.CharField(max_length=12, verbose_name="code")),
                        ("pillar", models.CharField(max_length=120, verbose_name="pillar")),
                        ("name", models.CharField(max_length=160, verbose_name="name")),
                        ("position", models.PositiveSmallIntegerField(default=0)),
                        (
                            "hub",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="hubs.hub",
                                verbose_name="hub",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "standard",
                        "verbose_name_plural": "standards",
                        "ordering": ["framework", "position"],
                    },
                ),
                migrations.CreateModel(
                    name="Recommendation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("band", models.CharField(max_length=20, verbose_name="band")),
                        ("sizes", models.JSONField(blank=True, default=list, verbose_name="for sizes")),
                        ("text", models.TextField(verbose_name="recommendation")),
                        ("effort", models.PositiveSmallIntegerField(default=1, verbose_name="effort in hours")),
                        (
                            "hub",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="hubs.hub",
                                verbose_name="hub",
                            ),
                        ),
                        (
                            "standard",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="recommendations",
                                to="employers.standard",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "recommendation",
                        "verbose_name_plural": "recommendations",
                    },
                ),
                migrations.AddField(
                    model_name="frameworkitem",
                    name="standard",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="items", to="employers.standard"
                    ),
                ),
                migrations.CreateModel(
                    name="StandardsFramework",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.SlugField(verbose_name="code")),
                        ("version", models.CharField(max_length=20, verbose_name="version")),
                        ("name", models.CharField(max_length=160, verbose_name="name")),
                        ("language", models.CharField(default="en-gb", max_length=12, verbose_name="language")),
                        ("scale", models.JSONField(default=list, verbose_name="answer scale")),
                        ("bands", models.JSONField(default=list, verbose_name="bands")),
                        ("is_current", models.BooleanField(default=False, verbose_name="in use")),
                        (
                            "hub",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="hubs.hub",
                                verbose_name="hub",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "standards framework",
                        "verbose_name_plural": "standards frameworks",
                        "ordering": ["code", "-version"],
                        "constraints": [
                            models.UniqueConstraint(fields=("hub", "code", "version"), name="framework_version_unique")
                        ],
                    },
                ),
                migrations.AddField(
                    model_name="standard",
                    name="framework",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="standards",
                        to="employers.standardsframework",
                    ),
                ),
                migrations.AddField(
                    model_name="selfassessment",
                    name="framework",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assessments",
                        to="employers.standardsframework",
                    ),
                ),
                migrations.AddField(
                    model_name="assessmentround",
                    name="framework",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rounds",
                        to="employers.standardsframework",
                    ),
                ),
                migrations.CreateModel(
                    name="Volunteer",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail address")),
                        ("job_title", models.CharField(blank=True, max_length=120, verbose_name="job title")),
                        ("prepared_on", models.DateField(blank=True, null=True, verbose_name="prepared on")),
                        (
                            "prepared_until",
                            models.DateField(blank=True, null=True, verbose_name="preparation valid until"),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="active")),
                        (
                            "employer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                to="employers.employer",
                                verbose_name="employer",
                            ),
                        ),
                        (
                            "hub",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="hubs.hub",
                                verbose_name="hub",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "volunteer",
                        "verbose_name_plural": "volunteers",
                        "ordering": ["name", "pk"],
                    },
                ),
                migrations.AddConstraint(
                    model_name="contact",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("is_main", True)), fields=("employer",), name="contact_one_main"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="answer",
                    constraint=models.UniqueConstraint(fields=("assessment", "item"), name="answer_one_per_item"),
                ),
                migrations.AddConstraint(
                    model_name="answer",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("level__isnull", True), ("not_applicable", True)),
                            models.Q(("level__range", (0, 4)), ("not_applicable", False)),
                            _connector="OR",
                        ),
                        name="answer_level_or_reason",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="document",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("kind__in", ["liability", "public", "risk", "policy", "other"])),
                        name="document_kind_valid",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="document",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("state__in", ["quarantined", "held", "refused", "withdrawn"])),
                        name="document_state_valid",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="document",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("issued_on__isnull", True),
                            ("expires_on__isnull", True),
                            ("expires_on__gte", models.F("issued_on")),
                            _connector="OR",
                        ),
                        name="document_dates_ordered",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="frameworkitem",
                    constraint=models.UniqueConstraint(fields=("standard", "code"), name="item_code_unique"),
                ),
                migrations.AddConstraint(
                    model_name="standard",
                    constraint=models.UniqueConstraint(fields=("framework", "code"), name="standard_code_unique"),
                ),
                migrations.AddConstraint(
                    model_name="selfassessment",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("state__in", ["open", "submitted"])),
                        fields=("employer", "framework"),
                        name="assessment_one_live",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="assessmentround",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("closes_on__gte", models.F("opens_on"))), name="round_dates_ordered"
                    ),
                ),
            ]
        )
    ]
