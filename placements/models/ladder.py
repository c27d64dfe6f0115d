"""What happens when an employer does not answer, as the hub wants it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hubs.scoping import HubOwned


class Ladder(HubOwned):
    """One row a hub once it wants something else than these defaults; working days throughout.

    Reminders count from the day of asking, people of the hub from the day the answer was due. At the end there is
    always a person: whoever leads the hub is told in any case.
    """

    answer_days = models.PositiveSmallIntegerField(_("days an employer has to answer"), default=5)
    first_reminder = models.PositiveSmallIntegerField(
        _("first reminder after"), default=2, null=True, blank=True, help_text=_("Days after asking. Empty: none.")
    )
    second_reminder = models.PositiveSmallIntegerField(
        _("second reminder after"), default=4, null=True, blank=True, help_text=_("Days after asking. Empty: none.")
    )
    manager_after = models.PositiveSmallIntegerField(
        _("the careers manager is told after"), default=1, null=True, blank=True,
        help_text=_("Days after the answer was due, to whoever looks after the employer. Empty: not told."),
    )  # fmt: skip
    lead_after = models.PositiveSmallIntegerField(
        _("the leads are told after"), default=3,
        help_text=_("Days after the answer was due. From then on it is among the offers gone stale."),
    )  # fmt: skip
    changed_at = models.DateTimeField(_("changed"), null=True, editable=False)

    class Meta:
        verbose_name = _("steps without an answer")
        verbose_name_plural = _("steps without an answer")
        constraints = [
            models.UniqueConstraint(fields=["hub"], name="ladder_once"),
            models.CheckConstraint(condition=Q(answer_days__range=(1, 20)), name="ladder_answer_days_sane"),
            models.CheckConstraint(condition=Q(lead_after__range=(1, 20)), name="ladder_ends_with_somebody"),
            models.CheckConstraint(
                condition=Q(first_reminder=None) | Q(first_reminder__gte=1, first_reminder__lt=F("answer_days")),
                name="ladder_first_before_due",
            ),
            models.CheckConstraint(
                condition=Q(second_reminder=None)
                | Q(second_reminder__gt=F("first_reminder"), second_reminder__lt=F("answer_days")),
                name="ladder_second_after_first",
            ),
            models.CheckConstraint(
                condition=Q(manager_after=None) | Q(manager_after__gte=1, manager_after__lte=F("lead_after")),
                name="ladder_manager_before_lead",
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
