"""What 0001 to 0012 made, in one step. A database that has some of those goes on with them."""

import django.db.models.deletion
import employers.models.organisation
import hubs.models.hub
import placements.models.calendar
import placements.models.ready
import placements.models.reply
import uuid
from django.conf import settings
from django.db import migrations, models
from hubs.first_tables import FirstTables

# A student is never in two live placements that overlap in time, whoever writes the row. PostgreSQL: an exclusion
# constraint (both sides are ranges, so no extension is needed). SQLite: triggers that abort with an integrity error;
# a later migration that makes SQLite rebuild this table has to make them again (tests/placements checks that they stand).
POSTGRESQL = """
ALTER TABLE placements_studentday ADD CONSTRAINT student_never_in_two_places
EXCLUDE USING gist (
    int8range(student_id, student_id, '[]') WITH &&,
    tstzrange(starts_at, ends_at) WITH &&
) WHERE (live)
"""

SQLITE = """
CREATE TRIGGER student_never_in_two_places_{event} BEFORE {event} ON placements_studentday
WHEN NEW.live AND EXISTS (
    SELECT 1 FROM placements_studentday AS other
    WHERE other.student_id = NEW.student_id AND other.live AND other.id IS NOT NEW.id
      AND other.starts_at < NEW.ends_at AND other.ends_at > NEW.starts_at
)
BEGIN SELECT RAISE(ABORT, 'student_never_in_two_places'); END
"""


def never_in_two_places(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL)
        return
    for event in ("INSERT", "UPDATE"):
        schema_editor.execute(SQLITE.format(event=event))


def two_places_at_once(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE placements_studentday DROP CONSTRAINT student_never_in_two_places")
        return
    for event in ("INSERT", "UPDATE"):
        schema_editor.execute(f"DROP TRIGGER student_never_in_two_places_{event}")



class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('placements', '0001_initial'),
        ('placements', '0002_never_in_two_places'),
        ('placements', '0003_calendar_clashes'),
        ('placements', '0004_calendar_events'),
        ('placements', '0005_places_alarm'),
        ('placements', '0006_request_travel'),
        ('placements', '0007_answers_by_mail'),
        ('placements', '0008_agreements_signed'),
        ('placements', '0009_desk_memory'),
        ('placements', '0010_calendar_event_stamp'),
        ('placements', '0011_early_end'),
        ('placements', '0012_session_moves'),
    ]

    dependencies = [
        ('employers', '0007_interest'),
        ('hubs', '0010_message_first_due'),
        ('opportunities', '0008_usual_notice'),
        ('schools', '0005_taken_out'),
    ]

    operations = [FirstTables([
        migrations.CreateModel(
            name='AllocationRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('state', models.CharField(choices=[('sealed', 'input sealed'), ('computed', 'computed'), ('published', 'published'), ('discarded', 'discarded')], default='sealed', max_length=10, verbose_name='state')),
                ('rules', models.JSONField(default=dict, verbose_name='rules')),
                ('seed', models.BigIntegerField(verbose_name='seed')),
                ('sealed_input', models.JSONField(default=dict)),
                ('input_sha256', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField(verbose_name='made')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('hub', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hubs.hub', verbose_name='hub')),
            ],
            options={
                'verbose_name': 'allocation run',
                'verbose_name_plural': 'allocation runs',
                'ordering': ['-created_at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['sealed', 'computed', 'published', 'discarded'])), name='allocation_state_valid')],
            },
        ),
        migrations.CreateModel(
            name='Feed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('created_at', models.DateTimeField(verbose_name='made')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='revoked')),
                ('last_read_at', models.DateTimeField(blank=True, null=True, verbose_name='last read')),
                ('group', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='schools.group')),
                ('hub', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hubs.hub', verbose_name='hub')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='feeds', to='hubs.organisation')),
                ('site', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='employers.site')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('personal', models.BooleanField(default=False, verbose_name='for the person alone')),
            ],
            options={
                'verbose_name': 'calendar feed',
                'verbose_name_plural': 'calendar feeds',
                'ordering': ['-created_at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('group__isnull', True), ('site__isnull', True), _connector='OR'), name='feed_one_narrowing'), models.CheckConstraint(condition=models.Q(('personal', False), models.Q(('group__isnull', True), ('site__isnull', True), ('user__isnull', False)), _connector='OR'), name='feed_of_a_person_is_whole')],
            },
        ),
        migrations.CreateModel(
            name='Placement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('places', models.PositiveSmallIntegerField(verbose_name='places')),
                ('state', models.CharField(choices=[('held', 'held'), ('offered', 'offered to the employer'), ('accepted', 'accepted'), ('ready', 'ready'), ('under_way', 'under way'), ('completed', 'completed'), ('declined', 'declined'), ('withdrawn', 'withdrawn'), ('released', 'given back'), ('cancelled', 'cancelled'), ('not_attended', 'not attended')], default='held', max_length=12, verbose_name='state')),
                ('held_until', models.DateTimeField(blank=True, null=True, verbose_name='held until')),
                ('offered_at', models.DateTimeField(blank=True, null=True, verbose_name='offered')),
                ('answer_by', models.DateTimeField(blank=True, null=True, verbose_name='answer by')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='answered')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed')),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('supervisor', models.CharField(blank=True, max_length=120, verbose_name='supervisor')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('sequence', models.PositiveIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(verbose_name='made')),
                ('employer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='placements', to='employers.employer')),
                ('group', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='placements', to='schools.group')),
                ('hub', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hubs.hub', verbose_name='hub')),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='placements', to='schools.school')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='placements', to='opportunities.session')),
                ('request', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='placements', to='placements.placementrequest')),
                ('ended_on', models.DateField(blank=True, editable=False, null=True, verbose_name='ended early on')),
            ],
            options={
                'verbose_name': 'placement',
                'verbose_name_plural': 'placements',
                'ordering': ['session__starts_at', 'pk'],
                'indexes': [models.Index(fields=['hub', 'state'], name='placement_hub_state'), models.Index(fields=['state', 'held_until'], name='placement_holds')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['held', 'offered', 'accepted', 'ready', 'under_way', 'completed', 'declined', 'withdrawn', 'released', 'cancelled', 'not_attended'])), name='placement_state_valid'), models.CheckConstraint(condition=models.Q(('places__gte', 1)), name='placement_has_places'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'held'), _negated=True), ('held_until__isnull', False), _connector='OR'), name='placement_hold_expires'), models.UniqueConstraint(condition=models.Q(('state__in', ('held', 'offered', 'accepted', 'ready', 'under_way'))), fields=('request', 'session'), name='placement_one_live_per_request'), models.CheckConstraint(condition=models.Q(('ended_on', None), ('state__in', ['under_way', 'completed', 'not_attended']), _connector='OR'), name='placement_ended_once_begun')],
            },
        ),
        migrations.CreateModel(
            name='Feedback',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('side', models.CharField(choices=[('employer', 'employer'), ('school', 'school'), ('student', 'student')], max_length=8, verbose_name='side')),
                ('answers', models.JSONField(default=dict, verbose_name='answers')),
                ('again', models.BooleanField(null=True, verbose_name='again')),
                ('given_at', models.DateTimeField(verbose_name='given')),
                ('hub', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hubs.hub', verbose_name='hub')),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='schools.school', verbose_name='school')),
                ('student', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.student')),
                ('placement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='feedback', to='placements.placement')),
            ],
            options={
                'verbose_name': 'feedback',
                'verbose_name_plural': 'feedback',
                'constraints': [models.CheckConstraint(condition=models.Q(('side__in', ['employer', 'school', 'student'])), name='feedback_side_valid'), models.UniqueConstraint(condition=models.Q(('student__isnull', True)), fields=('placement', 'side'), name='feedback_once'), models.UniqueConstraint(fields=('placement', 'side', 'student'), name='feedback_once_per_student')],
            },
        ),
        migrations.CreateModel(
            name='Encounter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField(verbose_name='date')),
                ('attended', models.BooleanField(verbose_name='attended')),
                ('hours', models.DecimalField(decimal_places=1, default=0, max_digits=5, verbose_name='hours')),
                ('purpose', models.BooleanField(null=True, verbose_name='purpose')),
                ('outcomes', models.BooleanField(null=True, verbose_name='outcomes')),
                ('two_way', models.BooleanField(null=True, verbose_name='two-way')),
                ('range_of_people', models.BooleanField(null=True, verbose_name='range of people')),
                ('task', models.BooleanField(null=True, verbose_name='task')),
                ('feedback', models.BooleanField(null=True, verbose_name='feedback')),
                ('reflection', models.BooleanField(null=True, verbose_name='reflection')),
                ('meaningful', models.BooleanField(default=False, verbose_name='meaningful')),
                ('recorded_at', models.DateTimeField(verbose_name='recorded')),
                ('employer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='encounters', to='employers.employer')),
                ('encounter_type', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='encounters', to='opportunities.encountertype')),
                ('hub', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hubs.hub', verbose_name='hub')),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='schools.school', verbose_name='school')),
                ('student', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='encounters', to='schools.student')),
                ('placement', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='encounters', to='placements.placement')),
            ],
            options={
                'verbose_name': 'encounter',
                'verbose_name_plural': 'encounters',
                'ordering': ['-on', 'pk'],
                'indexes': [models.Index(fields=['student', 'on'], name='encounter_student_on')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('placement__isnull', False)), fields=('placement', 'student'), name='encounter_once_per_placement'), models.CheckConstraint(condition=models.Q(('attended', True), models.Q(('hours', 0), ('meaningful', False)), _connector='OR'), name='encounter_absent_counts_nothing')],
            },
        ),
        migrations.CreateModel(
            name='Clearance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('responsible', models.CharField(choices=[('host', 'employer'), ('school', 'school'), ('parent', 'parent or carer'), ('student', 'student')], max_length=8, verbose_name='who must act')),
                ('blocks', models.CharField(choices=[('publish', 'publishing'), ('confirm', 'confirming'), ('start', 'starting'), ('none', 'nothing')], max_length=8, verbose_name='blocks')),
                ('due_on', models.DateField(verbose_name='by')),
                ('state', models.CharField(choices=[('open', 'to do'), ('done', 'done'), ('waived', 'not needed here')], default='open', max_length=8, verbose_name='state')),
                ('evidence', models.JSONField(blank=True, default=dict, verbose_name='evidence')),
                ('done_at', models.DateTimeField(blank=True, null=True, verbose_name='done')),
                ('hub', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hubs.hub', verbose_name='hub')),
                ('requirement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='clearances', to='hubs.requirement')),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='schools.school', verbose_name='school')),
                ('student', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.student')),
                ('placement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='clearances', to='placements.placement')),
            ],
            options={
                'verbose_name': 'clearance',
                'verbose_name_plural': 'clearances',
                'ordering': ['due_on', 'pk'],
                'indexes': [models.Index(fields=['hub', 'state', 'due_on'], name='clearance_hub_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['open', 'done', 'waived'])), name='clearance_state_valid'), models.CheckConstraint(condition=models.Q(('blocks__in', ['publish', 'confirm', 'start', 'none'])), name='clearance_blocks_valid'), models.CheckConstraint(condition=models.Q(('responsible__in', ['host', 'school', 'parent', 'student'])), name='clearance_responsible_valid'), models.UniqueConstraint(condition=models.Q(('student__isnull', True)), fields=('placement', 'requirement'), name='clearance_once'), models.UniqueConstraint(fields=('placement', 'requirement', 'student'), name='clearance_once_per_student')],
            },
        ),
        migrations.CreateModel(
            name='Amendment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('changes', models.JSONField(default=dict, verbose_name='changes')),
                ('asks', models.JSONField(default=list, verbose_name='who has to agree')),
                ('state', models.CharField(choices=[('proposed', 'proposed'), ('agreed', 'agreed'), ('refused', 'refused')], default='proposed', max_length=10, verbose_name='state')),
                ('proposed_at', models.DateTimeField(verbose_name='proposed')),
                ('hub', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hubs.hub', verbose_name='hub')),
                ('proposed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='schools.school', verbose_name='school')),
                ('placement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='amendments', to='placements.placement')),
                ('session_move', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='amendments', to='placements.sessionmove')),
            ],
            options={
                'verbose_name': 'amendment',
                'verbose_name_plural': 'amendments',
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['proposed', 'agreed', 'refused'])), name='amendment_state_valid')],
            },
        ),
        migrations.CreateModel(
            name='Agreement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveSmallIntegerField(default=1, verbose_name='version')),
                ('text_sha256', models.CharField(max_length=64)),
                ('facts', models.JSONField(default=dict)),
                ('made_at', models.DateTimeField(verbose_name='made')),
                ('hub', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hubs.hub', verbose_name='hub')),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='schools.school', verbose_name='school')),
                ('placement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='agreements', to='placements.placement')),
                ('form', models.CharField(blank=True, max_length=12, verbose_name='form')),
                ('language', models.CharField(blank=True, max_length=12, verbose_name='language')),
                ('student', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.student')),
            ],
            options={
                'verbose_name': 'agreement',
                'verbose_name_plural': 'agreements',
                'ordering': ['-version'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('student__isnull', True)), fields=('placement', 'version'), name='agreement_version_unique'), models.UniqueConstraint(fields=('placement', 'student', 'version'), name='agreement_version_once_per_student')],
            },
        ),
        migrations.CreateModel(
            name='PlacementRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('places', models.PositiveSmallIntegerField(verbose_name='places')),
                ('is_provisional', models.BooleanField(default=False, verbose_name='provisional')),
                ('note', models.TextField(blank=True, verbose_name='for the hub')),
                ('needs', models.TextField(blank=True, verbose_name='needs to plan for')),
                ('windows', models.JSONField(blank=True, default=list, verbose_name='windows')),
                ('state', models.CharField(choices=[('draft', 'draft'), ('submitted', 'with the hub'), ('placed', 'placed'), ('refused', 'could not be placed'), ('withdrawn', 'withdrawn')], default='draft', max_length=10, verbose_name='state')),
                ('created_at', models.DateTimeField(verbose_name='begun')),
                ('submitted_at', models.DateTimeField(blank=True, null=True, verbose_name='sent')),
                ('group', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='schools.group', verbose_name='group')),
                ('hub', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hubs.hub', verbose_name='hub')),
                ('requested_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='schools.school', verbose_name='school')),
                ('students', models.ManyToManyField(blank=True, to='schools.student', verbose_name='students')),
                ('max_travel', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='at most so many minutes each way')),
            ],
            options={
                'verbose_name': 'placement request',
                'verbose_name_plural': 'placement requests',
                'ordering': ['-created_at', '-pk'],
                'indexes': [models.Index(fields=['hub', 'state', 'submitted_at'], name='request_hub_state')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'submitted', 'placed', 'refused', 'withdrawn'])), name='request_state_valid'), models.CheckConstraint(condition=models.Q(('places__range', (1, 400))), name='request_places_sane')],
            },
        ),
        migrations.CreateModel(
            name='PlacementStudent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('added_at', models.DateTimeField(verbose_name='named')),
                ('hub', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hubs.hub', verbose_name='hub')),
                ('placement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='students', to='placements.placement')),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='schools.school', verbose_name='school')),
                ('student', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='placements', to='schools.student')),
            ],
            options={
                'verbose_name': 'student in a placement',
                'verbose_name_plural': 'students in placements',
                'ordering': ['student__alias', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('placement', 'student'), name='placement_student_once')],
            },
        ),
        migrations.CreateModel(
            name='Signature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('party', models.CharField(choices=[('host', 'employer'), ('school', 'school'), ('parent', 'parent or carer'), ('student', 'student')], max_length=8, verbose_name='for')),
                ('name', models.CharField(blank=True, max_length=120, verbose_name='name')),
                ('capacity', models.CharField(blank=True, max_length=80, verbose_name='as')),
                ('signed_at', models.DateTimeField(blank=True, null=True, verbose_name='signed')),
                ('outside', models.BooleanField(default=False, verbose_name='signed on paper')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='withdrawn')),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='signatures', to='placements.agreement')),
                ('hub', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hubs.hub', verbose_name='hub')),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='schools.school', verbose_name='school')),
                ('student', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.student')),
                ('drawing', models.JSONField(blank=True, default=list, verbose_name='drawn')),
                ('label', models.CharField(blank=True, max_length=80, verbose_name='signs as')),
                ('scan', models.FileField(blank=True, max_length=120, storage=employers.models.organisation.private_storage, upload_to=placements.models.ready.scan_key, verbose_name='scan')),
                ('scan_type', models.CharField(blank=True, max_length=60)),
                ('text_sha256', models.CharField(blank=True, max_length=64)),
            ],
            options={
                'verbose_name': 'signature',
                'verbose_name_plural': 'signatures',
                'constraints': [models.CheckConstraint(condition=models.Q(('party__in', ['host', 'school', 'parent', 'student'])), name='signature_party_valid'), models.UniqueConstraint(condition=models.Q(('withdrawn_at__isnull', True)), fields=('agreement', 'party'), name='signature_one_live_a_party'), models.CheckConstraint(condition=models.Q(('signed_at__isnull', False), models.Q(('name', ''), ('withdrawn_at__isnull', True)), _connector='OR'), name='signature_open_is_empty')],
            },
        ),
        migrations.CreateModel(
            name='StudentDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField(verbose_name='from')),
                ('ends_at', models.DateTimeField(verbose_name='until')),
                ('live', models.BooleanField(default=True)),
                ('present', models.BooleanField(blank=True, null=True, verbose_name='present')),
                ('marked_at', models.DateTimeField(blank=True, null=True, verbose_name='marked')),
                ('hub', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hubs.hub', verbose_name='hub')),
                ('placement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='student_days', to='placements.placement')),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='schools.school', verbose_name='school')),
                ('student', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='days', to='schools.student')),
            ],
            options={
                'verbose_name': "student's day",
                'verbose_name_plural': "students' days",
                'ordering': ['starts_at', 'pk'],
                'indexes': [models.Index(fields=['student', 'starts_at'], name='student_day_student')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='student_day_ordered'), models.UniqueConstraint(fields=('placement', 'student', 'starts_at'), name='student_day_once')],
            },
        ),
        migrations.CreateModel(
            name='WaitingPlace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('places', models.PositiveSmallIntegerField(verbose_name='places')),
                ('joined_at', models.DateTimeField(verbose_name='joined')),
                ('left_at', models.DateTimeField(blank=True, null=True, verbose_name='left')),
                ('hub', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hubs.hub', verbose_name='hub')),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='waiting', to='placements.placementrequest')),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='schools.school', verbose_name='school')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='waiting', to='opportunities.session')),
            ],
            options={
                'verbose_name': 'waiting place',
                'verbose_name_plural': 'waiting list',
                'ordering': ['joined_at', 'pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('left_at__isnull', True)), fields=('session', 'request'), name='waiting_once')],
            },
        ),
        migrations.CreateModel(
            name='Wish',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rank', models.PositiveSmallIntegerField(verbose_name='order')),
                ('refused_reason', models.CharField(blank=True, max_length=240, verbose_name='why not')),
                ('encounter_type', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='opportunities.encountertype')),
                ('hub', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hubs.hub', verbose_name='hub')),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='wishes', to='placements.placementrequest')),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='schools.school', verbose_name='school')),
                ('sector', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='employers.sector')),
                ('session', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='wishes', to='opportunities.session')),
            ],
            options={
                'verbose_name': 'wish',
                'verbose_name_plural': 'wishes',
                'ordering': ['request', 'rank'],
                'constraints': [models.UniqueConstraint(fields=('request', 'rank'), name='wish_rank_unique'), models.UniqueConstraint(condition=models.Q(('session__isnull', False)), fields=('request', 'session'), name='wish_session_once'), models.CheckConstraint(condition=models.Q(models.Q(('encounter_type__isnull', True), ('session__isnull', False)), models.Q(('encounter_type__isnull', False), ('session__isnull', True)), _connector='OR'), name='wish_names_one_thing')],
            },
        ),
        migrations.CreateModel(
            name='AllocationResult',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('granted', models.BooleanField(verbose_name='granted')),
                ('reason', models.CharField(max_length=60, verbose_name='reason')),
                ('facts', models.JSONField(blank=True, default=dict)),
                ('pinned', models.BooleanField(default=False, verbose_name='pinned')),
                ('hub', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hubs.hub', verbose_name='hub')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='results', to='placements.allocationrun')),
                ('wish', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='placements.wish')),
            ],
            options={
                'verbose_name': 'allocation result',
                'verbose_name_plural': 'allocation results',
                'constraints': [models.UniqueConstraint(fields=('run', 'wish'), name='allocation_result_once')],
            },
        ),
        migrations.CreateModel(
            name='CalendarCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.CharField(blank=True, max_length=16)),
                ('checked_at', models.DateTimeField(blank=True, null=True, verbose_name='checked')),
                ('hub', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hubs.hub', verbose_name='hub')),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='schools.school', verbose_name='school')),
            ],
            options={
                'verbose_name': 'check of a calendar',
                'verbose_name_plural': 'checks of calendars',
                'constraints': [models.UniqueConstraint(fields=('school',), name='calendar_check_one')],
            },
        ),
        migrations.CreateModel(
            name='CalendarClash',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(max_length=16)),
                ('found_at', models.DateTimeField(verbose_name='found')),
                ('gone_at', models.DateTimeField(blank=True, null=True, verbose_name='gone')),
                ('hub', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hubs.hub', verbose_name='hub')),
                ('placement', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='calendar_clashes', to='placements.placement')),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='schools.school', verbose_name='school')),
                ('wish', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='calendar_clashes', to='placements.wish')),
            ],
            options={
                'verbose_name': 'clash with the calendar',
                'verbose_name_plural': 'clashes with the calendar',
                'ordering': ['found_at', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('placement__isnull', False), ('wish__isnull', True)), models.Q(('placement__isnull', True), ('wish__isnull', False)), _connector='OR'), name='calendar_clash_of_one_thing'), models.UniqueConstraint(condition=models.Q(('gone_at__isnull', True), ('placement__isnull', False)), fields=('placement',), name='calendar_clash_one_a_placement'), models.UniqueConstraint(condition=models.Q(('gone_at__isnull', True), ('wish__isnull', False)), fields=('wish',), name='calendar_clash_one_a_wish')],
            },
        ),
        migrations.CreateModel(
            name='CalendarEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('on', models.DateField(verbose_name='first day')),
                ('starts_at', models.TimeField(verbose_name='from')),
                ('ends_at', models.TimeField(verbose_name='until')),
                ('time_zone', models.CharField(max_length=64, validators=[hubs.models.hub.validate_zone], verbose_name='time zone')),
                ('step', models.PositiveSmallIntegerField(default=1)),
                ('count', models.PositiveSmallIntegerField(default=1)),
                ('status', models.CharField(max_length=12, verbose_name='status')),
                ('facts', models.JSONField(default=dict)),
                ('followed_by', models.CharField(blank=True, max_length=36)),
                ('gap_days', models.PositiveSmallIntegerField(default=0)),
                ('sequence', models.PositiveIntegerField(default=0)),
                ('last_on', models.DateField(verbose_name='last day')),
                ('changed_at', models.DateTimeField(verbose_name='changed')),
                ('hub', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hubs.hub', verbose_name='hub')),
                ('placement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='placements.placement')),
                ('stamp', models.BigIntegerField(default=placements.models.calendar.new_stamp, editable=False)),
            ],
            options={
                'verbose_name': 'event in calendars',
                'verbose_name_plural': 'events in calendars',
                'ordering': ['on', 'starts_at', 'pk'],
                'indexes': [models.Index(fields=['hub', 'last_on'], name='calendar_event_last')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['TENTATIVE', 'CONFIRMED', 'CANCELLED'])), name='calendar_event_status_valid'), models.CheckConstraint(condition=models.Q(('count__gte', 1), ('step__in', [1, 7])), name='calendar_event_run_valid'), models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='calendar_event_times_ordered')],
            },
        ),
        migrations.CreateModel(
            name='PlacesAlarm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kept', models.PositiveIntegerField(verbose_name='taken, as kept')),
                ('counted', models.PositiveIntegerField(verbose_name='taken, as counted')),
                ('found_at', models.DateTimeField(verbose_name='found')),
                ('gone_at', models.DateTimeField(blank=True, null=True, verbose_name='settled')),
                ('hub', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hubs.hub', verbose_name='hub')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='alarms', to='opportunities.session', verbose_name='session')),
            ],
            options={
                'verbose_name': 'alarm of places',
                'verbose_name_plural': 'alarms of places',
                'ordering': ['-found_at', '-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('gone_at__isnull', True)), fields=('session',), name='places_alarm_once')],
            },
        ),
        migrations.CreateModel(
            name='Reply',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('side', models.CharField(choices=[('school', 'school'), ('employer', 'employer')], max_length=10, verbose_name='side')),
                ('sender', models.CharField(max_length=254, verbose_name='sender')),
                ('known', models.BooleanField(default=False, verbose_name='known address')),
                ('text', models.TextField(blank=True, verbose_name='words')),
                ('cut', models.BooleanField(default=False, verbose_name='shortened')),
                ('left_out', models.PositiveSmallIntegerField(default=0, verbose_name='files not kept')),
                ('identity', models.CharField(max_length=64)),
                ('received_at', models.DateTimeField(verbose_name='received')),
                ('hub', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hubs.hub', verbose_name='hub')),
                ('placement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='replies', to='placements.placement')),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='schools.school', verbose_name='school')),
            ],
            options={
                'verbose_name': 'answer by mail',
                'verbose_name_plural': 'answers by mail',
                'ordering': ['-received_at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('side__in', ['school', 'employer'])), name='reply_side_valid'), models.UniqueConstraint(fields=('placement', 'identity'), name='reply_once')],
            },
        ),
        migrations.CreateModel(
            name='ReplyFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.FileField(blank=True, max_length=120, storage=placements.models.reply.private_storage, upload_to=placements.models.reply.reply_key, verbose_name='file')),
                ('shown_name', models.CharField(max_length=160, verbose_name='file name')),
                ('mimetype', models.CharField(max_length=60)),
                ('state', models.CharField(choices=[('quarantined', 'waiting to be checked'), ('held', 'held'), ('refused', 'thrown away')], default='quarantined', max_length=12, verbose_name='state')),
                ('hub', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hubs.hub', verbose_name='hub')),
                ('reply', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='placements.reply')),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='schools.school', verbose_name='school')),
            ],
            options={
                'verbose_name': 'file of an answer',
                'verbose_name_plural': 'files of answers',
                'ordering': ['pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['quarantined', 'held', 'refused'])), name='reply_file_state_valid')],
            },
        ),
        migrations.CreateModel(
            name='CalendarAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.CharField(max_length=254, verbose_name='address')),
                ('said', models.CharField(choices=[('ACCEPTED', 'will come'), ('TENTATIVE', 'may come'), ('DECLINED', 'will not come')], max_length=10, verbose_name='answer')),
                ('sequence', models.PositiveIntegerField()),
                ('said_at', models.DateTimeField(verbose_name='answered')),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='placements.calendarevent')),
                ('hub', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hubs.hub', verbose_name='hub')),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='schools.school', verbose_name='school')),
            ],
            options={
                'verbose_name': 'answer of a calendar',
                'verbose_name_plural': 'answers of calendars',
                'constraints': [models.CheckConstraint(condition=models.Q(('said__in', ['ACCEPTED', 'TENTATIVE', 'DECLINED'])), name='calendar_answer_valid'), models.UniqueConstraint(fields=('event', 'address'), name='calendar_answer_one')],
            },
        ),
        migrations.CreateModel(
            name='DeskItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('worklist', models.CharField(max_length=16, verbose_name='list')),
                ('subject_id', models.BigIntegerField()),
                ('came_at', models.DateTimeField(verbose_name='came in')),
                ('left_at', models.DateTimeField(blank=True, null=True, verbose_name='left')),
                ('how', models.CharField(blank=True, choices=[('done', 'done'), ('expired', 'expired')], max_length=8, verbose_name='how it left')),
                ('hub', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hubs.hub', verbose_name='hub')),
                ('manager', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'item of the desk',
                'verbose_name_plural': 'items of the desk',
                'ordering': ['came_at', 'pk'],
                'indexes': [models.Index(fields=['hub', 'left_at'], name='desk_item_left')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('left_at__isnull', True)), fields=('hub', 'worklist', 'subject_id'), name='desk_item_one_open'), models.CheckConstraint(condition=models.Q(models.Q(('how', ''), ('left_at__isnull', True)), models.Q(('how__in', ['done', 'expired']), ('left_at__isnull', False)), _connector='OR'), name='desk_item_left_somehow')],
            },
        ),
        migrations.CreateModel(
            name='SessionMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('days', models.JSONField(default=list, verbose_name='days')),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('state', models.CharField(choices=[('asked', 'asked'), ('done', 'done'), ('dropped', 'dropped')], default='asked', max_length=8, verbose_name='state')),
                ('asked_at', models.DateTimeField(verbose_name='asked')),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('employer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='employers.employer', verbose_name='employer')),
                ('hub', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hubs.hub', verbose_name='hub')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='moves', to='opportunities.session')),
            ],
            options={
                'verbose_name': 'move of a session',
                'verbose_name_plural': 'moves of sessions',
                'ordering': ['-asked_at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['asked', 'done', 'dropped'])), name='session_move_state_valid'), models.UniqueConstraint(condition=models.Q(('state', 'asked')), fields=('session',), name='session_move_one_asked')],
            },
        ),
    ]), migrations.RunPython(never_in_two_places, two_places_at_once)]
