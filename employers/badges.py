"""An employer shows in public that it scored itself and its hub has looked, and takes it back when it likes."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import uuid
from dataclasses import dataclass
from typing import Any, Literal

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from employers import credential, framing
from employers.models import Badge, BadgeKey, Employer, SelfAssessment
from hubs.actors import Actor
from hubs.errors import CannotAct, Refused
from hubs.languages import frame
from hubs.log import record
from hubs.models import Hub, Role
from hubs.moves import move

VALID_FOR = dt.timedelta(days=548)  # eighteen months from sending: the next year's is done by then
SHOWS = frozenset({Role.EMPLOYER_LEAD})

Standing = Literal["valid", "withdrawn", "replaced", "expired"]


# ---- Read ---------------------------------------------------------------------------


def live_badge(employer: Employer) -> Badge | None:
    return Badge.objects.filter(employer=employer, state="live").select_related("assessment", "hub").first()


def public_badge(hub: Hub, uid: uuid.UUID) -> Badge | None:
    """Whatever its standing; None for a number nobody has, or of an employer the hub has put away."""
    rows = Badge.objects.filter(hub=hub, uid=uid, employer__is_active=True)
    return rows.select_related("employer", "assessment__framework", "hub", "key").first()


def with_standing(rows: QuerySet[Badge]) -> QuerySet[Badge]:
    """With what `standing_of` asks of each, in the same statement."""
    stands = SelfAssessment.objects.standing().filter(pk=OuterRef("assessment"))
    return rows.annotate(assessment_stands=Exists(stands))


def standing_of(badge: Badge, now: dt.datetime) -> Standing:
    if badge.state == "withdrawn":
        return "withdrawn"
    stands = getattr(badge, "assessment_stands", None)
    if stands is None:
        stands = SelfAssessment.objects.standing().filter(pk=badge.assessment_id).exists()
    if not stands:
        return "replaced"
    return "expired" if badge.valid_until <= now else "valid"


def name_on(badge: Badge) -> str:
    """The employer as the signed text names it: a page and a picture never say another name than is signed."""
    return credential.employer_of(badge.credential)


def may_show(assessment: SelfAssessment) -> bool:
    """Whether the hub has confirmed it and no correction stands in its place."""
    return (
        assessment.state in ("reviewed", "final")
        and SelfAssessment.objects.standing().filter(pk=assessment.pk).exists()
    )


def address_of(badge: Badge) -> str:
    return badge.hub.url(reverse("badge", args=[badge.uid]))


def key_address(hub: Hub, kid: str) -> str:
    return hub.url(reverse("badge-key", args=[kid]))


def profile(hub: Hub) -> dict[str, Any]:
    """The hub as the issuer of badges."""
    return {"id": hub.url(reverse("badge-issuer")), "type": ["Profile"], "name": hub.name, "url": hub.url()}


def revoked(hub: Hub) -> dict[str, Any]:
    """Badges that were taken back, whose assessment was corrected since, or whose employer the hub has put away."""
    standing = set(SelfAssessment.objects.standing().filter(hub=hub, badges__state="live").values_list("pk", flat=True))
    found = []
    for one in Badge.objects.filter(hub=hub).select_related("hub", "employer").order_by("pk"):
        if one.state == "withdrawn":
            found.append((address_of(one), "Withdrawn by the employer or the hub"))
        elif one.assessment_id not in standing:
            found.append((address_of(one), "The self-assessment was corrected"))
        elif not one.employer.is_active:
            found.append((address_of(one), "The employer is no longer with the hub"))
    return credential.revoked_list(hub.url(reverse("badge-revoked")), profile(hub)["id"], found)


@dataclass(frozen=True)
class Found:
    """What somebody's badge turned out to be: `why` when it is not true, else the claims and the row."""

    why: str = ""
    claims: dict | None = None
    badge: Badge | None = None
    standing: str = ""


def check(hub: Hub, text: str, *, now: dt.datetime) -> Found:
    """A badge's text as somebody holds it, against this hub's keys and what became of the badge since."""
    # By the last part of the addresses: a hub that moved to another hostname still knows its own.
    keys = {one.kid: one.public for one in BadgeKey.objects.filter(hub=hub)}
    try:
        claims = credential.checked(text.strip(), lambda address: keys.get(_last(address)))
    except credential.CannotVerify as error:
        return Found(why=error.why)
    badge = public_badge(hub, _uid(claims["jti"]))
    if badge is None:
        return Found(why="unknown_badge")
    return Found(claims=claims, badge=badge, standing=standing_of(badge, now))


def _last(address: str) -> str:
    return address.removesuffix(".json").rstrip("/").rpartition("/")[2]


def _uid(address: str) -> uuid.UUID:
    try:
        return uuid.UUID(_last(address))
    except ValueError:
        return uuid.UUID(int=0)


# ---- Verbs --------------------------------------------------------------------------


def issue(assessment: SelfAssessment, *, by: Actor, now: dt.datetime) -> Badge:
    """Show it in public. Only a lead of the employer may; the badge it had before is withdrawn.

    Raises `Refused` unless the hub has confirmed the assessment and it is not too old."""
    if not by.may(assessment, SHOWS):
        raise CannotAct(_("Only a lead of the employer decides what is shown in public."))
    if not may_show(assessment) or assessment.submitted_at is None:
        raise Refused(_("Only what your hub has confirmed, and nobody has corrected since, can be shown."))
    until = assessment.submitted_at + VALID_FOR
    if until <= now:
        raise Refused(_("These answers are older than eighteen months. Score yourself anew, then show that."))
    key, phrase = _key(assessment.hub, now)
    badge = Badge(
        hub=assessment.hub, employer=assessment.employer, assessment=assessment, key=key, issued_at=now,
        valid_until=until,
    )  # fmt: skip
    badge.credential = credential.signed(
        claim(badge), private=key.private, phrase=phrase, kid=key_address(badge.hub, key.kid)
    )
    try:
        with transaction.atomic():
            for old in Badge.objects.filter(employer=assessment.employer_id, state="live"):
                withdraw(old, by=by, now=now)
            badge.save()
            record(badge, "issued", by=by, now=now, assessment=assessment.pk)
    except IntegrityError as error:  # a colleague pressed the same button
        raise Refused(_("A colleague made it public a moment ago.")) from error
    return badge


def withdraw(badge: Badge, *, by: Actor, now: dt.datetime) -> None:
    """Take it back: its page names nobody any more, and whoever checks it hears that it is withdrawn."""
    move(badge, "withdrawn", by=by, now=now, also={"withdrawn_at": now})


def claim(badge: Badge) -> credential.Claim:
    """What a badge says, in the language of the hub's pages. No score, and nobody but the employer and its hub."""
    hub, row, language = badge.hub, badge.assessment, frame(badge.hub.language)
    with translation.override(language):
        framework = framing.document_of(row.framework, language)
        facts = {
            "employer": row.employer.name, "hub": hub.name, "standards": str(framework),
            "sent": _day(hub, row.submitted_at), "looked": _day(hub, row.reviewed_at),
        }  # fmt: skip
        description = _(
            "%(employer)s scored itself against “%(standards)s” on %(sent)s. %(hub)s read the answers beside what its "
            "record shows, and confirmed them on %(looked)s. It is the employer's own answer: no inspection, no "
            "certificate, and no score."
        )
        criteria = _(
            "Every standard was open to answer: %(names)s. The careers hub has confirmed the answers it was sent."
        )
        return credential.Claim(
            address=address_of(badge),
            issuer=profile(hub)["id"],
            issuer_name=hub.name,
            issuer_home=hub.url(),
            revoked_list=hub.url(reverse("badge-revoked")),
            image=hub.url(reverse("badge-image", args=[badge.uid])),
            employer=row.employer.name,
            standards_sha256=row.framework.sealed_sha256,
            standards_version=framework.version,
            language=language,
            title=_("Self-assessment: %(standards)s") % facts,
            description=description % facts,
            criteria=criteria % {"names": ", ".join(one.name for one in framework.standards())},
            since=badge.issued_at,
            until=badge.valid_until,
        )


def _day(hub: Hub, at: dt.datetime | None) -> str:
    return date_format(hub.today(at), "j F Y") if at else ""


# ---- Keys ---------------------------------------------------------------------------


def _phrases() -> list[bytes]:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [hmac.new(one.encode(), b"badge-key", hashlib.sha256).hexdigest().encode() for one in secrets]


def _key(hub: Hub, now: dt.datetime) -> tuple[BadgeKey, bytes]:
    """The hub's newest key and the phrase that opens it; a new one where there is none, or where the
    installation's secret has changed since. Old badges stay true by their old key's public half."""
    newest = BadgeKey.objects.filter(hub=hub).first()
    for phrase in _phrases():
        if newest is not None and credential.opens(newest.private, phrase):
            return newest, phrase
    phrase = _phrases()[0]
    kid, public, private = credential.new_key(phrase)
    return BadgeKey.objects.create(hub=hub, kid=kid, public=public, private=private, made_at=now), phrase
