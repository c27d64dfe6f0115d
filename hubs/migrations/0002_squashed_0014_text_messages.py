"""What 0002 to 0014 made, in one step. A database that has some of those goes on with them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from hubs.folded_changes import FoldedChanges
from hubs.locked import lock_again

# Erasing a person may empty `by`, and why something was done, in somebody's own words, may be forgotten;
# retention may delete old entries. Nothing else of what a log entry says may ever change.
COLUMNS = "at, hat, via, verb, subject_type, subject_id, from_state, to_state, facts, hub_id"
FUNCTION = """
CREATE FUNCTION log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'log entries are append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""
REFUSE_POSTGRESQL = "EXECUTE FUNCTION log_is_append_only()"
REFUSE_SQLITE = "BEGIN SELECT RAISE(ABORT, 'log entries are append-only'); END"

#: Shipped rules that are advice or a school's own policy, and no law.
ADVICE = ("ENG-05", "ENG-09V", "ENG-10", "ENG-12")


def log_is_append_only(apps, schema_editor):
    postgresql = schema_editor.connection.vendor == "postgresql"
    if postgresql:
        schema_editor.execute(FUNCTION)
    for name, columns, condition in (
        ("log_is_append_only", COLUMNS, ""),
        ("log_reason_is_only_emptied", "reason", "WHEN (NEW.reason <> '')"),
    ):
        refuse = f"FOR EACH ROW {condition} {REFUSE_POSTGRESQL}" if postgresql else f"{condition} {REFUSE_SQLITE}"
        schema_editor.execute(f"CREATE TRIGGER {name} BEFORE UPDATE OF {columns} ON hubs_logentry {refuse}")


def carry_rows_over(apps, schema_editor):
    """There are rows only where a first `migrate` ended between 0001 and 0002."""
    apps.get_model("hubs", "Message").objects.filter(state="failed", problem="").update(problem="gave_up")
    lock_again(apps.get_model("mfa", "Authenticator").objects.filter(type__in=("totp", "recovery_codes")))
    apps.get_model("hubs", "Requirement").objects.filter(jurisdiction="GB-ENG", code__in=ADVICE).update(is_legal=False)


class Migration(migrations.Migration):
    replaces = [
        ("hubs", "0002_log_is_append_only"),
        ("hubs", "0003_hub_site"),
        ("hubs", "0004_message_delivery"),
        ("hubs", "0005_message_choices"),
        ("hubs", "0006_heartbeat_interval"),
        ("hubs", "0007_requirement_limits"),
        ("hubs", "0008_partner_endpoints"),
        ("hubs", "0009_message_digest"),
        ("hubs", "0010_message_first_due"),
        ("hubs", "0011_log_reason_may_be_emptied"),
        ("hubs", "0012_lock_second_factors"),
        ("hubs", "0013_rules_of_a_hub"),
        ("hubs", "0014_text_messages"),
    ]

    dependencies = [
        ("hubs", "0001_initial"),
        # Everybody else's tables before the rest of ours: their two hundred migrations, with all our
        # models about them, take twice as long.
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("taggit", "0006_rename_taggeditem_content_type_object_id_taggit_tagg_content_8fc721_idx"),
        ("wagtailadmin", "0006_formstate"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
        ("wagtailforms", "0005_alter_formsubmission_form_data"),
        ("wagtailredirects", "0008_add_verbose_name_plural"),
        ("wagtaildocs", "0014_alter_document_file_size"),
        ("wagtailembeds", "0009_embed_cache_until"),
        ("wagtailimages", "0027_image_description"),
        ("wagtailsearch", "0010_add_text_fields"),
        ("wagtailusers", "0015_userprofile_keyboard_shortcuts"),
    ]

    operations = [
        FoldedChanges(
            [
                migrations.AddField(
                    model_name="hub",
                    name="collection",
                    field=models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="hub",
                        to="wagtailcore.collection",
                        verbose_name="collection of images and documents",
                    ),
                ),
                migrations.AddField(
                    model_name="hub",
                    name="logo",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="wagtailimages.image",
                        verbose_name="logo",
                    ),
                ),
                migrations.AddField(
                    model_name="hub",
                    name="site",
                    field=models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="hub",
                        to="wagtailcore.site",
                        verbose_name="site",
                    ),
                ),
                migrations.AddField(
                    model_name="message",
                    name="due_on",
                    field=models.DateField(blank=True, null=True, verbose_name="due on"),
                ),
                migrations.AddField(
                    model_name="message",
                    name="due_time",
                    field=models.TimeField(blank=True, null=True, verbose_name="due at the time"),
                ),
                migrations.AddField(
                    model_name="message",
                    name="due_zone",
                    field=models.CharField(blank=True, max_length=64, verbose_name="time zone"),
                ),
                migrations.AddField(
                    model_name="message",
                    name="edition",
                    field=models.PositiveSmallIntegerField(default=0),
                ),
                migrations.AddField(
                    model_name="message",
                    name="problem",
                    field=models.CharField(
                        blank=True,
                        choices=[
                            ("gave_up", "five attempts failed"),
                            ("refused", "the address was refused"),
                            ("bounced", "it came back"),
                            ("complained", "the reader called it unwanted"),
                        ],
                        max_length=12,
                        verbose_name="what went wrong",
                    ),
                ),
                migrations.AddField(
                    model_name="message",
                    name="problem_text",
                    field=models.CharField(blank=True, max_length=300, verbose_name="what the other side said"),
                ),
                migrations.AddField(
                    model_name="message",
                    name="settled_at",
                    field=models.DateTimeField(blank=True, null=True, verbose_name="dealt with"),
                ),
                migrations.AddIndex(
                    model_name="message",
                    index=models.Index(
                        condition=models.Q(models.Q(("problem", ""), _negated=True), ("settled_at", None)),
                        fields=["hub", "due_at"],
                        name="message_desk",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="message",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("problem__in", ["", "gave_up", "refused", "bounced", "complained"])),
                        name="message_problem_valid",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="message",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("due_on__isnull", True), ("due_time__isnull", True), ("due_zone", "")),
                            models.Q(("due_on__isnull", False), ("due_time__isnull", False)),
                            _connector="OR",
                        ),
                        name="message_wall_time_whole",
                    ),
                ),
                migrations.AddField(
                    model_name="message",
                    name="gathered",
                    field=models.BooleanField(default=False, verbose_name="gathered with others"),
                ),
                migrations.CreateModel(
                    name="ProviderCall",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("provider", models.CharField(max_length=20)),
                        ("identifier", models.CharField(max_length=100)),
                        ("at", models.DateTimeField()),
                    ],
                    options={
                        "verbose_name": "report of a provider",
                        "verbose_name_plural": "reports of providers",
                        "constraints": [
                            models.UniqueConstraint(fields=("provider", "identifier"), name="provider_call_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HubClosure",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        ("starts_on", models.DateField(verbose_name="first day")),
                        ("ends_on", models.DateField(verbose_name="last day")),
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
                        "verbose_name": "days the hub is closed",
                        "verbose_name_plural": "days the hub is closed",
                        "ordering": ["starts_on", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="hub_closure_ordered"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MessagePreference",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("address", models.CharField(max_length=254, verbose_name="address")),
                        ("kind", models.CharField(max_length=60, verbose_name="kind")),
                        (
                            "choice",
                            models.CharField(
                                choices=[
                                    ("at_once", "at once"),
                                    ("gathered", "gathered, once a day"),
                                    ("off", "not at all"),
                                ],
                                max_length=8,
                                verbose_name="choice",
                            ),
                        ),
                        ("changed_at", models.DateTimeField(verbose_name="changed")),
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
                            "organisation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="hubs.organisation",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "message preference",
                        "verbose_name_plural": "message preferences",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("choice__in", ["at_once", "gathered", "off"])),
                                name="preference_choice_valid",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("organisation__isnull", False)),
                                fields=("hub", "address", "kind", "organisation"),
                                name="preference_once_per_organisation",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("organisation__isnull", True)),
                                fields=("hub", "address", "kind"),
                                name="preference_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MessageTemplate",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("kind", models.CharField(max_length=60, verbose_name="kind")),
                        ("language", models.CharField(max_length=12, verbose_name="language")),
                        ("subject", models.CharField(max_length=200, verbose_name="subject")),
                        (
                            "body",
                            models.TextField(help_text="An empty line begins a new paragraph.", verbose_name="text"),
                        ),
                        ("button", models.CharField(blank=True, max_length=60, verbose_name="words on the button")),
                        ("changed_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
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
                        "verbose_name": "wording of a message",
                        "verbose_name_plural": "wordings of messages",
                        "ordering": ["kind", "language"],
                        "constraints": [
                            models.UniqueConstraint(fields=("hub", "kind", "language"), name="message_template_once"),
                            models.CheckConstraint(
                                condition=models.Q(("subject", ""), _negated=True), name="message_template_has_subject"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Heartbeat",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("job", models.CharField(max_length=60, unique=True, verbose_name="job")),
                        ("at", models.DateTimeField(verbose_name="last success")),
                        ("every", models.PositiveIntegerField(default=0, verbose_name="seconds between runs")),
                    ],
                    options={
                        "verbose_name": "heartbeat",
                        "verbose_name_plural": "heartbeats",
                    },
                ),
                migrations.AddField(
                    model_name="requirement",
                    name="limits",
                    field=models.JSONField(blank=True, default=dict, verbose_name="limits"),
                ),
                migrations.CreateModel(
                    name="PartnerEndpoint",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=120, verbose_name="name of the partner")),
                        (
                            "address",
                            models.URLField(
                                help_text="Where its system listens; it begins with https://.",
                                max_length=500,
                                verbose_name="address",
                            ),
                        ),
                        ("kinds", models.JSONField(default=list, verbose_name="what it is told about")),
                        ("is_active", models.BooleanField(default=True, verbose_name="switched on")),
                        ("generation", models.PositiveIntegerField(default=1)),
                        ("told_until", models.BigIntegerField(default=0)),
                        ("added_at", models.DateTimeField(verbose_name="added")),
                    ],
                    options={
                        "verbose_name": "partner system",
                        "verbose_name_plural": "partner systems",
                        "ordering": ["name", "pk"],
                    },
                ),
                migrations.RemoveConstraint(
                    model_name="message",
                    name="message_channel_valid",
                ),
                migrations.AlterField(
                    model_name="message",
                    name="channel",
                    field=models.CharField(
                        choices=[
                            ("email", "e-mail"),
                            ("sms", "text message"),
                            ("whatsapp", "WhatsApp"),
                            ("webhook", "call to a partner's system"),
                        ],
                        default="email",
                        max_length=10,
                        verbose_name="channel",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="message",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("channel__in", ["email", "sms", "whatsapp", "webhook"])),
                        name="message_channel_valid",
                    ),
                ),
                migrations.AddField(
                    model_name="partnerendpoint",
                    name="hub",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="hubs.hub", verbose_name="hub"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="partnerendpoint",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("address__startswith", "https://")), name="partner_address_is_https"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="partnerendpoint",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("generation__gte", 1)), name="partner_generation_counts"
                    ),
                ),
                migrations.AddField(
                    model_name="message",
                    name="digest",
                    field=models.CharField(blank=True, max_length=60),
                ),
                migrations.AddIndex(
                    model_name="message",
                    index=models.Index(
                        condition=models.Q(("digest", ""), _negated=True), fields=["digest"], name="message_digest"
                    ),
                ),
                migrations.AddIndex(
                    model_name="message",
                    index=models.Index(
                        condition=models.Q(("provider_id", ""), _negated=True),
                        fields=["provider_id"],
                        name="message_provider",
                    ),
                ),
                migrations.AddField(
                    model_name="message",
                    name="first_due_at",
                    field=models.DateTimeField(blank=True, null=True),
                ),
                migrations.AddIndex(
                    model_name="message",
                    index=models.Index(
                        condition=models.Q(("first_due_at__isnull", False), ("state__in", ["due", "leased"])),
                        fields=["first_due_at"],
                        name="message_first_due",
                    ),
                ),
                migrations.AddField(
                    model_name="requirement",
                    name="hub",
                    field=models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="hubs.hub",
                    ),
                ),
                migrations.AddField(
                    model_name="requirement",
                    name="is_legal",
                    field=models.BooleanField(
                        default=True, help_text="A hub may relax advice and custom, never the law.", verbose_name="law"
                    ),
                ),
                migrations.AddField(
                    model_name="hub",
                    name="texts_by_sms",
                    field=models.BooleanField(default=False, verbose_name="urgent messages as text messages"),
                ),
                migrations.AddField(
                    model_name="hub",
                    name="texts_by_whatsapp",
                    field=models.BooleanField(default=False, verbose_name="urgent messages by WhatsApp"),
                ),
                migrations.AddField(
                    model_name="messagetemplate",
                    name="text_line",
                    field=models.CharField(
                        blank=True,
                        help_text="One line, for kinds that go to telephones. Left empty, the shipped line goes.",
                        max_length=200,
                        verbose_name="text message",
                    ),
                ),
                migrations.CreateModel(
                    name="TextChoice",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.CharField(max_length=16, verbose_name="telephone number")),
                        (
                            "channel",
                            models.CharField(
                                choices=[("sms", "text message"), ("whatsapp", "WhatsApp")],
                                max_length=10,
                                verbose_name="how",
                            ),
                        ),
                        ("nonce", models.CharField(editable=False, max_length=32)),
                        ("tries", models.PositiveSmallIntegerField(default=0, editable=False)),
                        ("asked_at", models.DateTimeField(verbose_name="code sent")),
                        ("agreed_at", models.DateTimeField(blank=True, null=True, verbose_name="agreed")),
                        ("stopped_at", models.DateTimeField(blank=True, null=True, verbose_name="stopped")),
                        (
                            "refusal",
                            models.CharField(blank=True, max_length=200, verbose_name="what the provider said"),
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
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "number for text messages",
                        "verbose_name_plural": "numbers for text messages",
                        "constraints": [
                            models.UniqueConstraint(fields=("hub", "user"), name="text_choice_once"),
                            models.CheckConstraint(
                                condition=models.Q(("channel__in", ["sms", "whatsapp"])),
                                name="text_choice_channel_valid",
                            ),
                        ],
                    },
                ),
            ]
        ),
        migrations.RunPython(log_is_append_only),
        migrations.RunPython(carry_rows_over),
    ]
