"""The one log: every change of state, who, on behalf of whom, what, when, why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.translation import gettext_lazy as _

from hubs.reasons import ONCE, because
from hubs.scoping import HubOwned, HubOwnedQuerySet
from hubs.verbs import words

HATS = {
    "system": _("by itself"),
    "self": _("the person"),
    "invitee": _("whoever was invited"),
    "link:employer": _("the employer, by link"),
    "link:host": _("the host, by link"),
    "link:parent": _("a parent or carer, by link"),
}


class LogEntryQuerySet(HubOwnedQuerySet):
    def about(self, subject: models.Model):
        return self.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)


def name_subjects(entries: Iterable[LogEntry]) -> None:
    """Give entries the rows they are about: one statement for each sort of row, however many entries.

    Only models that say in `named_with` what their words rest on are looked up; the others are told by number.
    """
    wanted: dict[str, list[LogEntry]] = defaultdict(list)
    for entry in entries:
        wanted[entry.subject_type].append(entry)
    for some in wanted.values():
        model = some[0]._model()
        if model is None or not hasattr(model, "named_with"):
            continue
        rows = model._base_manager.select_related(*model.named_with).in_bulk({entry.subject_id for entry in some})
        for entry in some:
            entry.subject = rows.get(entry.subject_id)


class LogEntry(HubOwned):
    """Append-only: the database refuses changes to what an entry says (migrations 0002, 0011). Only
    `reason`, which is somebody's own words, may be emptied once its time is over.

    `facts` holds codes, ids and numbers; never a person's name, so that erasing a person
    does not need to rewrite history.
    """

    class Via(models.TextChoices):
        PAGE = "page", _("page")
        API = "api", _("API")
        LINK = "link", _("signed link")
        JOB = "job", _("scheduled job")
        COMMAND = "command", _("command")

    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(
        "hubs.User",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("who"),
    )
    hat = models.CharField(_("in the role of"), max_length=40, blank=True)
    on_behalf_of = models.ForeignKey(
        "hubs.Organisation",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("on behalf of"),
    )
    via = models.CharField(_("by way of"), max_length=10, choices=Via)
    verb = models.CharField(_("what"), max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    from_state = models.CharField(_("from"), max_length=24, blank=True)
    to_state = models.CharField(_("to"), max_length=24, blank=True)
    reason = models.TextField(_("why"), blank=True)
    facts = models.JSONField(default=dict, blank=True)

    objects = LogEntryQuerySet.as_manager()
    #: The row it is about, once `name_subjects` has looked for it and while it is there.
    subject: models.Model | None = None

    class Meta:
        verbose_name = _("log entry")
        verbose_name_plural = _("log")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "at"], name="log_subject"),
            models.Index(fields=["hub", "at"], name="log_hub_at"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(via__in=["page", "api", "link", "job", "command"]),
                name="log_via_valid",
            )
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb} {self.subject_type}:{self.subject_id}"

    @property
    def about(self) -> str:
        """What the entry is about, as people call it: "school Quayside", or "school 86" where nobody looked it up."""
        model = self._model()
        sort = model._meta.verbose_name if model else self.subject_type
        return f"{sort} {self.subject if self.subject is not None else self.subject_id}"

    @property
    def verb_words(self) -> str:
        """What was done, in words that read on after a name."""
        return words(self.verb, self.subject_type)

    @property
    def why(self) -> str:
        """The reason, as somebody wrote it, or in the reader's language when it happened by itself."""
        if "because" in self.facts:
            return because(self.facts["because"], self.facts)
        return because(ONCE[self.reason]) if self.hat == "system" and self.reason in ONCE else self.reason

    @property
    def hat_words(self) -> str:
        """Who it was when no person is named: the platform, or whoever held a link."""
        return str(HATS.get(self.hat, self.hat))

    @property
    def from_words(self) -> str:
        return self._words(self.from_state)

    @property
    def to_words(self) -> str:
        return self._words(self.to_state)

    def _model(self) -> type[models.Model] | None:
        """None for a model that no longer is: entries outlive what they tell of."""
        try:
            return apps.get_model(self.subject_type)
        except (LookupError, ValueError):
            return None

    def _words(self, code: str) -> str:
        model = self._model()
        try:
            choices = dict(model._meta.get_field("state").flatchoices) if model else {}
        except FieldDoesNotExist:
            choices = {}
        return str(choices.get(code, code))
