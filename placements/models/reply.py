"""What came back by mail: answers, the files in them, and what calendars said."""

from __future__ import annotations

import secrets

from django.core.files.storage import storages
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hubs.models import HUB_STAFF
from placements.models.calendar import CalendarEvent
from placements.models.placement import Placement
from schools.models.school import SchoolOwned


class Reply(SchoolOwned):
    """The new words of one mail that was answered to a placement's address; seen by the school
    and the hub. `side` is whose address it came to; `sender` is what the mail claims, and
    `known` whether a message about this placement ever went there. The mail itself is not kept."""

    class Side(models.TextChoices):
        SCHOOL = "school", _("school")
        EMPLOYER = "employer", _("employer")

    placement = models.ForeignKey(Placement, on_delete=models.CASCADE, related_name="replies")
    side = models.CharField(_("side"), max_length=10, choices=Side)
    sender = models.CharField(_("sender"), max_length=254)
    known = models.BooleanField(_("known address"), default=False)
    text = models.TextField(_("words"), blank=True)
    cut = models.BooleanField(_("shortened"), default=False)
    left_out = models.PositiveSmallIntegerField(_("files not kept"), default=0)
    identity = models.CharField(max_length=64)
    received_at = models.DateTimeField(_("received"))

    class Meta:
        verbose_name = _("answer by mail")
        verbose_name_plural = _("answers by mail")
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(side__in=["school", "employer"]), name="reply_side_valid"),
            models.UniqueConstraint(fields=["placement", "identity"], name="reply_once"),
        ]

    def __str__(self) -> str:
        return f"{self.placement_id} {self.received_at:%Y-%m-%d %H:%M}"


def reply_key(instance, filename: str) -> str:
    """A random key: nothing of the name in the mail reaches the disk."""
    return f"replies/{secrets.token_hex(2)}/{secrets.token_hex(16)}"


def private_storage():
    return storages["private"]


class ReplyFile(SchoolOwned):
    """A file of an answer. In quarantine only the hub opens it; the school once it is let through."""

    class State(models.TextChoices):
        QUARANTINED = "quarantined", _("waiting to be checked")
        HELD = "held", _("held")
        REFUSED = "refused", _("thrown away")

    MOVES = (
        ("quarantined", "held", HUB_STAFF),
        ("quarantined", "refused", HUB_STAFF),
        ("held", "refused", HUB_STAFF),
    )

    reply = models.ForeignKey(Reply, on_delete=models.CASCADE, related_name="files")
    file = models.FileField(_("file"), upload_to=reply_key, storage=private_storage, blank=True, max_length=120)
    shown_name = models.CharField(_("file name"), max_length=160)
    mimetype = models.CharField(max_length=60)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.QUARANTINED)

    seen_by = (("school_id", Q(state="held")),)

    class Meta:
        verbose_name = _("file of an answer")
        verbose_name_plural = _("files of answers")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["quarantined", "held", "refused"]), name="reply_file_state_valid"
            )
        ]

    def __str__(self) -> str:
        return self.shown_name


class CalendarAnswer(SchoolOwned):
    """What one reader's calendar last said of an event (iTIP REPLY). It binds nobody: only the
    answer on the page of a request does. `sequence` is that of the event it answers."""

    class Said(models.TextChoices):
        ACCEPTED = "ACCEPTED", _("will come")
        TENTATIVE = "TENTATIVE", _("may come")
        DECLINED = "DECLINED", _("will not come")

    event = models.ForeignKey(CalendarEvent, on_delete=models.CASCADE, related_name="answers")
    address = models.CharField(_("address"), max_length=254)
    said = models.CharField(_("answer"), max_length=10, choices=Said)
    sequence = models.PositiveIntegerField()
    said_at = models.DateTimeField(_("answered"))

    class Meta:
        verbose_name = _("answer of a calendar")
        verbose_name_plural = _("answers of calendars")
        constraints = [
            models.CheckConstraint(
                condition=Q(said__in=["ACCEPTED", "TENTATIVE", "DECLINED"]), name="calendar_answer_valid"
            ),
            models.UniqueConstraint(fields=["event", "address"], name="calendar_answer_one"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.said}"
