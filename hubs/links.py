"""Making, opening and revoking signed links. GET shows, only POST acts."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import secrets

from django.conf import settings
from django.db import models, transaction

from hubs.models.link import SignedLink


def _token(purpose: str, nonce: str, key: str = "") -> str:
    """43 URL-safe characters; the same for the same row for as long as the secret stays."""
    digest = hmac.new((key or settings.SECRET_KEY).encode(), f"link:{purpose}:{nonce}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()


def _token_of(link: SignedLink) -> str:
    """The token a live link was made with: a key that was changed since is among the fallbacks for as long as links of
    its time are out. Without it the link says itself that it no longer works."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    tokens = [_token(link.purpose, link.nonce, key) for key in keys]
    return next((token for token in tokens if _hash(token) == link.token_hash), tokens[0])


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def link_for(
    row: models.Model,
    purpose: str,
    *,
    now: dt.datetime,
    days: int,
    address: str = "",
    name: str = "",
) -> tuple[SignedLink, str]:
    """The live link of (purpose, row, address) and its token; made anew when none is live."""
    key = {
        "purpose": purpose,
        "subject_type": row._meta.label_lower,
        "subject_id": row.pk,
        "address": address,
    }
    with transaction.atomic():
        SignedLink.objects.filter(**key, revoked_at__isnull=True, expires_at__lte=now).update(revoked_at=now)
        nonce = secrets.token_hex(16)
        link, _made = SignedLink.objects.get_or_create(
            **key,
            revoked_at=None,
            defaults={
                "hub_id": row.hub_id,
                "name": name,
                "nonce": nonce,
                "token_hash": _hash(_token(purpose, nonce)),
                "created_at": now,
                "expires_at": now + dt.timedelta(days=days),
            },
        )
    return link, _token_of(link)


def made_link(token: str, purpose: str) -> SignedLink | None:
    """The link behind `token`, whatever became of it since; None: unknown, or for something else."""
    return SignedLink.objects.filter(token_hash=_hash(token), purpose=purpose).first()


def open_link(token: str, purpose: str, *, now: dt.datetime) -> SignedLink | None:
    """The live link behind `token`, or None: unknown, revoked, expired or for something else."""
    link = made_link(token, purpose)
    return link if link and link.is_live(now) else None


def revoke_links(row: models.Model, *, now: dt.datetime, purpose: str | None = None) -> int:
    """Close every live link of the row (of one purpose, when named)."""
    links = SignedLink.objects.filter(subject_type=row._meta.label_lower, subject_id=row.pk, revoked_at__isnull=True)
    if purpose:
        links = links.filter(purpose=purpose)
    return links.update(revoked_at=now)


def mark_used(link: SignedLink, *, now: dt.datetime) -> None:
    """Somebody acted through it. Looking is not using: scanners and previews look."""
    SignedLink.objects.filter(pk=link.pk).update(last_used_at=now)
