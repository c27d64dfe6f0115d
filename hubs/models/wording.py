"""A hub's own words for a kind of message."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hubs.scoping import HubOwned


class MessageTemplate(HubOwned):
    """Replaces the shipped wording of one kind in one language, for one hub. `{name}` stands for
    what `hubs.wordings` knows of that kind; facts, links and attachments stay as they are."""

    kind = models.CharField(_("kind"), max_length=60)
    language = models.CharField(_("language"), max_length=12)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"), help_text=_("An empty line begins a new paragraph."))
    button = models.CharField(_("words on the button"), max_length=60, blank=True)
    text_line = models.CharField(
        _("text message"),
        max_length=200,
        blank=True,
        help_text=_("One line, for kinds that go to telephones. Left empty, the shipped line goes."),
    )
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("wording of a message")
        verbose_name_plural = _("wordings of messages")
        ordering = ["kind", "language"]
        constraints = [
            models.UniqueConstraint(fields=["hub", "kind", "language"], name="message_template_once"),
            models.CheckConstraint(condition=~Q(subject=""), name="message_template_has_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.language})"
