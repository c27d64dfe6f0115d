"""The outbox: one row for each thing that must reach a person. The row is the work."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hubs.models.people import HUB_STAFF
from hubs.scoping import HubOwned, HubOwnedQuerySet


class MessageQuerySet(HubOwnedQuerySet):
    def claimable(self, now: dt.datetime):
        """Due rows, and rows whose sender died holding the lease."""
        return self.filter(
            Q(state=Message.State.DUE, due_at__lte=now) | Q(state=Message.State.LEASED, leased_until__lt=now)
        )

    def overdue(self, now: dt.datetime):
        """Unsent though due, those that were put off since included."""
        return self.filter(state__in=["due", "leased"]).filter(Q(due_at__lte=now) | Q(first_due_at__lte=now))

    def for_partners(self, yes: bool):
        """Calls to partners' systems, or everything else. They have senders of their own, so that nobody's mail waits
        for a stranger's server."""
        return self.filter(channel="webhook") if yes else self.exclude(channel="webhook")

    def about(self, subject: models.Model):
        return self.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)

    def on_desk(self):
        """What did not arrive and nobody has dealt with yet."""
        return self.exclude(problem="").filter(settled_at__isnull=True)


class Message(HubOwned):
    """`key` is unique over kind, subject, occurrence version, recipient and channel, so that
    writing the same message twice is a no-op. Body and links are made at the moment of
    sending from the subject's row, never stored.

    What is due at a time of day keeps its local date, time and zone (`due_zone` empty: the
    hub's own); `due_at` is the instant computed from them. A row that is put off keeps in
    `first_due_at` when it was due before. `edition` rises when a row is sent
    again to a corrected address, which makes it another mail for the provider. `digest` is the
    key of the mail a gathered row goes in, the same on all of its rows (hubs/gathering.py).
    """

    class State(models.TextChoices):
        DUE = "due", _("due")
        LEASED = "leased", _("being sent")
        SENT = "sent", _("sent")
        SKIPPED = "skipped", _("no longer needed")
        FAILED = "failed", _("failed")
        EXPIRED = "expired", _("too late")

    #: The sender moves rows by their lease (hubs/delivery.py) and keeps its own history; people
    #: and providers come through `hubs.moves.move`.
    MOVES = (
        ("due", "leased", frozenset({"system"})),
        ("leased", "due", frozenset({"system"})),
        ("leased", "sent", frozenset({"system"})),
        ("leased", "skipped", frozenset({"system"})),
        ("leased", "failed", frozenset({"system"})),
        ("leased", "expired", frozenset({"system"})),
        ("skipped", "due", frozenset({"system"})),
        ("sent", "failed", frozenset({"system"})),
        ("failed", "due", HUB_STAFF),
    )

    class Problem(models.TextChoices):
        GAVE_UP = "gave_up", _("five attempts failed")
        REFUSED = "refused", _("the address was refused")
        BOUNCED = "bounced", _("it came back")
        COMPLAINED = "complained", _("the reader called it unwanted")

    class Channel(models.TextChoices):
        EMAIL = "email", _("e-mail")
        SMS = "sms", _("text message")
        WHATSAPP = "whatsapp", _("WhatsApp")
        WEBHOOK = "webhook", _("call to a partner's system")

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(_("kind"), max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    version = models.CharField(_("occurrence"), max_length=60, blank=True)
    organisation = models.ForeignKey(
        "hubs.Organisation", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    user = models.ForeignKey("hubs.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    address = models.CharField(_("address"), max_length=254)
    name = models.CharField(_("recipient"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=12)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, default=Channel.EMAIL)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DUE)
    due_at = models.DateTimeField(_("due"))
    first_due_at = models.DateTimeField(null=True, blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    due_time = models.TimeField(_("due at the time"), null=True, blank=True)
    due_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    not_after = models.DateTimeField(_("pointless after"), null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    lease = models.CharField(max_length=32, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    provider_id = models.CharField(max_length=200, blank=True)
    edition = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(_("what went wrong"), max_length=12, choices=Problem, blank=True)
    problem_text = models.CharField(_("what the other side said"), max_length=300, blank=True)
    settled_at = models.DateTimeField(_("dealt with"), null=True, blank=True)
    gathered = models.BooleanField(_("gathered with others"), default=False)
    digest = models.CharField(max_length=60, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(_("written"))

    seen_by = ("organisation_id",)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-due_at", "-pk"]
        indexes = [
            models.Index(fields=["due_at", "id"], name="message_due", condition=Q(state__in=["due", "leased"])),
            models.Index(
                fields=["first_due_at"],
                name="message_first_due",
                condition=Q(state__in=["due", "leased"], first_due_at__isnull=False),
            ),
            models.Index(fields=["subject_type", "subject_id"], name="message_subject"),
            models.Index(fields=["hub", "state", "due_at"], name="message_hub_state"),
            models.Index(fields=["hub", "due_at"], name="message_desk", condition=~Q(problem="") & Q(settled_at=None)),
            models.Index(fields=["digest"], name="message_digest", condition=~Q(digest="")),
            models.Index(fields=["provider_id"], name="message_provider", condition=~Q(provider_id="")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["due", "leased", "sent", "skipped", "failed", "expired"]),
                name="message_state_valid",
            ),
            models.CheckConstraint(
                condition=Q(channel__in=["email", "sms", "whatsapp", "webhook"]), name="message_channel_valid"
            ),
            models.CheckConstraint(
                condition=~Q(state="leased") | Q(leased_until__isnull=False),
                name="message_lease_has_end",
            ),
            models.CheckConstraint(condition=~Q(state="sent") | Q(sent_at__isnull=False), name="message_sent_has_time"),
            models.CheckConstraint(
                condition=Q(problem__in=["", "gave_up", "refused", "bounced", "complained"]),
                name="message_problem_valid",
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=True, due_time__isnull=True, due_zone="")
                | Q(due_on__isnull=False, due_time__isnull=False),
                name="message_wall_time_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.address}"

    @property
    def idempotency_key(self) -> str:
        """The same for every attempt at one edition of one row, or at one digest, and for no other on this install."""
        return self.digest or f"m{self.pk}.{self.edition}.{self.created_at:%Y%m%d%H%M%S}"


class MessageAttempt(models.Model):
    """What a message's row went through, in order."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="history")
    at = models.DateTimeField(_("when"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Message.State)
    detail = models.CharField(_("detail"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.outcome}"
