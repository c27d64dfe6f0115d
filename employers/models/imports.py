"""Lists of employers a hub reads in, and what it said of their columns."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hubs.models import HUB_STAFF
from hubs.scoping import HubOwned


class EmployerImport(HubOwned):
    """A list from upload to confirmation, and what came of it. Only the hub sees it.

    The file itself is not kept: `header` and `lines` are what was read of it, and both go once it is imported or put
    aside; a list nobody went on with goes after a week (category "lists" of retention). `columns` is a field for each
    heading, `choices` what was said of single lines ({line: "new", "out", an employer's id, or minus the line it is one
    with}). `outcome`, for undoing it and for the same list next year, is ids, counts, facts of firms and their names.

    A long one is confirmed by somebody (`confirmed_by`, for what they had `seen`, `inviting` or not) and carried out by
    a job, which has it until `claimed_until`; `problem` says why it was not.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for you")
        QUEUED = "queued", _("about to be imported")
        RUNNING = "running", _("being imported")
        IMPORTED = "imported", _("imported")
        DROPPED = "dropped", _("put aside")
        UNDONE = "undone", _("undone")

    MOVES = (
        ("waiting", "imported", HUB_STAFF),
        ("waiting", "queued", HUB_STAFF),
        ("queued", "running", frozenset({"system"})),
        ("running", "imported", HUB_STAFF),
        # Whoever confirmed it thought better of it, or it could not be done: the list is there as it was.
        ("queued", "waiting", HUB_STAFF),
        ("running", "waiting", frozenset({"system"})),
        ("waiting", "dropped", HUB_STAFF),
        ("imported", "undone", HUB_STAFF),
    )

    file_name = models.CharField(_("file"), max_length=160, blank=True)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    header = models.JSONField(default=list, blank=True)
    lines = models.JSONField(default=list, blank=True)
    notes = models.JSONField(default=list, blank=True)
    columns = models.JSONField(default=list, blank=True)
    choices = models.JSONField(default=dict, blank=True)
    outcome = models.JSONField(default=dict, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    uploaded_by = models.ForeignKey(
        "hubs.User", null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("uploaded"))
    imported_at = models.DateTimeField(_("imported on"), null=True, blank=True)
    confirmed_by = models.ForeignKey(
        "hubs.User", null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("confirmed by")
    )
    seen = models.CharField(max_length=32, blank=True, editable=False)
    inviting = models.BooleanField(default=False, editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    problem = models.CharField(_("problem"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("list of employers")
        verbose_name_plural = _("lists of employers")
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "queued", "running", "imported", "dropped", "undone"]),
                name="employer_import_state_valid",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name or str(_("list of employers"))


class ColumnMeaning(HubOwned):
    """What a heading means in this hub's lists, said once. `field` empty: the column is left out."""

    words = models.CharField(_("heading"), max_length=120)
    field = models.CharField(_("means"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("meaning of a column")
        verbose_name_plural = _("meanings of columns")
        ordering = ["words"]
        constraints = [models.UniqueConstraint(fields=["hub", "words"], name="column_meaning_unique")]

    def __str__(self) -> str:
        return f"{self.words} → {self.field or '–'}"
