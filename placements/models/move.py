"""A session that is to be on other days: asked of everybody with places in it, done when all have said yes."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from employers.models.organisation import EmployerOwned
from hubs.models import HUB_STAFF, Role
from opportunities.models import Session

LEADS = frozenset({Role.EMPLOYER_LEAD})


class SessionMove(EmployerOwned):
    """Other days for a session with places taken. `days` are [local date, from, until] as text, in the session's
    zone; the session keeps the days it has until the move is done."""

    class State(models.TextChoices):
        ASKED = "asked", _("asked")
        DONE = "done", _("done")
        DROPPED = "dropped", _("dropped")

    MOVES = (
        ("asked", "done", {"system"}),
        ("asked", "dropped", LEADS | HUB_STAFF | {"system"}),
    )

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="moves")
    days = models.JSONField(_("days"), default=list)
    reason = models.TextField(_("reason"), blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.ASKED)
    asked_by = models.ForeignKey("hubs.User", null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(_("asked"))

    named_with = ("session__opportunity",)

    class Meta:
        verbose_name = _("move of a session")
        verbose_name_plural = _("moves of sessions")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["asked", "done", "dropped"]), name="session_move_state_valid"
            ),
            models.UniqueConstraint(fields=["session"], condition=Q(state="asked"), name="session_move_one_asked"),
        ]

    def __str__(self) -> str:
        return str(self.session)

    def dates(self) -> list[tuple[dt.date, dt.time, dt.time]]:
        return [
            (dt.date.fromisoformat(on), dt.time.fromisoformat(start), dt.time.fromisoformat(end))
            for on, start, end in self.days
        ]
