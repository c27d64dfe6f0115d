"""A column where somebody's words can stand is forgotten at a stated time, or says why it is kept.

So nobody adds a note, a name or a file about a placement that retention does not know.
"""

from __future__ import annotations

from django.apps import apps
from django.db import models

from placements.domain.retention import CATEGORIES

HOLDS_WORDS = (models.CharField, models.TextField, models.FileField, models.JSONField, models.BinaryField)
#: Of the floor below, only what carries words about placements and people.
OF_HUBS = ("LogEntry", "Message", "Note", "SignedLink")
#: Kept, and why: nobody's words about a child can stand there.
KEPT = {
    "code, id or digest made by the platform": (
        "hubs.LogEntry.from_state", "hubs.LogEntry.hat", "hubs.LogEntry.subject_type", "hubs.LogEntry.to_state",
        "hubs.LogEntry.verb",
        "hubs.Message.digest", "hubs.Message.due_zone", "hubs.Message.key",
        "hubs.Message.kind", "hubs.Message.language", "hubs.Message.lease", "hubs.Message.provider_id",
        "hubs.Message.subject_type", "hubs.Message.version",
        "hubs.SignedLink.nonce", "hubs.SignedLink.purpose", "hubs.SignedLink.subject_type",
        "hubs.SignedLink.token_hash",
        "placements.Agreement.form", "placements.Agreement.language", "placements.Agreement.text_sha256",
        "placements.AllocationResult.reason", "placements.AllocationRun.input_sha256",
        "placements.CalendarCheck.revision", "placements.CalendarClash.what", "placements.CalendarEvent.followed_by",
        "placements.CalendarEvent.time_zone", "placements.DeskItem.worklist", "placements.Feed.token_hash",
        "placements.Reply.identity", "placements.ReplyFile.mimetype", "placements.Signature.scan_type",
        "placements.Signature.text_sha256", "placements.CalendarEvent.status",
        "schools.CalendarSubscription.asked_sha256", "schools.CalendarSubscription.sha256",
        "schools.Import.format", "schools.Import.sha256", "schools.School.calendar_revision",
        "schools.EventRule.kind", "schools.TakenOut.kind",
    ),
    "codes, ids and numbers by the rule of the log": ("hubs.LogEntry.facts",),
    "what a provider's server said of an address": ("hubs.Message.problem_text",),
    "the agreed text, with aliases and no name; erasing the student takes it": ("placements.Agreement.facts",),
    "a role: parent, host, school": ("placements.Signature.label",),
    "dates, sides and ids": (
        "placements.Amendment.asks", "placements.SessionMove.days",
    ),
    "what calendars show: never a student, by the rule of feeds": ("placements.CalendarEvent.facts",),
    "ids and numbers of a run; its name is the hub's": (
        "placements.AllocationResult.facts", "placements.AllocationRun.name", "placements.AllocationRun.rules",
        "placements.AllocationRun.sealed_input",
    ),
    "about the school as an organisation": (
        "schools.School.address", "schools.School.emergency_phone", "schools.School.language",
        "schools.School.name", "schools.School.name_folded", "schools.School.number", "schools.School.postcode",
        "schools.School.region", "schools.School.safeguarding_contact", "schools.School.time_zone",
        "schools.School.town",
    ),
    "a class, year or part of the day, not a person": (
        "schools.BellSchedule.name", "schools.BellSchedule.week_letter", "schools.BellSchedule.weekdays",
        "schools.Group.key", "schools.Group.name", "schools.Group.roster_key", "schools.BellPeriod.name",
        "schools.YearGroup.name",
    ),
    "the school's calendar and timetable": (
        "schools.CalendarSubscription.etag",
        "schools.CalendarSubscription.last_error", "schools.CalendarSubscription.last_good",
        "schools.CalendarSubscription.last_modified", "schools.CalendarSubscription.name",
        "schools.CalendarSubscription.url", "schools.Closure.key", "schools.Closure.name",
        "schools.EventRule.words", "schools.EventRule.years", "schools.Lesson.key", "schools.Lesson.period",
        "schools.Lesson.room", "schools.Lesson.subject", "schools.Lesson.week_letter",
        "schools.ProtectedPeriod.key", "schools.ProtectedPeriod.name", "schools.ProtectedPeriod.week_letter",
        "schools.ProtectedPeriod.weekdays", "schools.ReleaseRule.periods",
        "schools.ReleaseRule.protected_subjects", "schools.ReleaseRule.weekdays", "schools.TakenOut.key",
        "schools.TakenOut.what", "schools.Term.key", "schools.Term.name", "schools.WeekMark.key",
        "schools.WeekMark.letter", "schools.WeekPattern.letters",
    ),
    "which column means what; ids, counts, firms' names and facts": (
        "employers.EmployerImport.columns", "employers.EmployerImport.notes", "employers.EmployerImport.outcome",
        "employers.EmployerImport.sha256", "employers.EmployerImport.seen",
    ),
    "what a file was and counts of its rows": (
        "employers.EmployerImport.file_name", "employers.EmployerImport.problem",
        "schools.Import.file_name", "schools.Import.mapping", "schools.Import.problem", "schools.Import.summary",
    ),
}  # fmt: skip


def columns() -> set[str]:
    """Every column that could hold words, but for those of a fixed choice."""
    found = [*apps.get_app_config("placements").get_models(), *apps.get_app_config("schools").get_models()]
    found += [apps.get_model("hubs", name) for name in OF_HUBS] + [apps.get_model("employers", "EmployerImport")]
    return {
        f"{model._meta.app_label}.{model.__name__}.{field.name}"
        for model in found
        for field in model._meta.concrete_fields
        if isinstance(field, HOLDS_WORDS) and not field.choices
    }


def test_every_column_that_holds_words_is_forgotten_or_says_why_not():
    forgotten = {field for category in CATEGORIES for field in category.fields}
    kept = {field for fields in KEPT.values() for field in fields}
    assert forgotten & kept == set()
    assert columns() - forgotten - kept == set()
    assert (forgotten | kept) - columns() == set()
