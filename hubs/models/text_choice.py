"""Who has urgent messages sent to a telephone."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hubs.models.message import Message
from hubs.scoping import HubOwned


class TextChoice(HubOwned):
    """One person's word in one hub: a number, how it is reached, and since when they agree.

    `agreed_at` is set once the code sent to the number was typed in; until then, and once `stopped_at` is set, by the
    person or because the number was refused (`refusal`), nothing goes there.
    """

    CHANNELS = (("sms", Message.Channel.SMS.label), ("whatsapp", Message.Channel.WHATSAPP.label))

    user = models.ForeignKey("hubs.User", on_delete=models.CASCADE, related_name="+")
    number = models.CharField(_("telephone number"), max_length=16)
    channel = models.CharField(_("how"), max_length=10, choices=CHANNELS)
    nonce = models.CharField(max_length=32, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    asked_at = models.DateTimeField(_("code sent"))
    agreed_at = models.DateTimeField(_("agreed"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    refusal = models.CharField(_("what the provider said"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("number for text messages")
        verbose_name_plural = _("numbers for text messages")
        constraints = [
            models.UniqueConstraint(fields=["hub", "user"], name="text_choice_once"),
            models.CheckConstraint(condition=Q(channel__in=["sms", "whatsapp"]), name="text_choice_channel_valid"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_channel_display()}"

    @property
    def holds(self) -> bool:
        return self.agreed_at is not None and self.stopped_at is None
