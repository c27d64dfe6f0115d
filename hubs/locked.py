"""Seeds of second factors, locked at rest: a copy of the database alone makes nobody's codes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
from collections.abc import Iterator

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.totp.internal.auth import generate_totp_secret
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models, transaction

log = logging.getLogger(__name__)

#: Before what is locked. No seed has a colon, so one that was kept in the clear is told apart.
MARK = "locked:"


class MFAAdapter(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        return MARK + _ring().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """A seed that no key opens makes every code wrong, and says so in the log; it never becomes an empty one,
        whose codes anybody could work out."""
        if not encrypted_text.startswith(MARK):
            return encrypted_text  # written by a process of the version before, while this one is brought in
        try:
            return _ring().decrypt(encrypted_text.removeprefix(MARK).encode()).decode()
        except InvalidToken:
            log.error("a second factor is locked with a key that is neither SECRET_KEY nor in SECRET_KEY_FALLBACKS")
            return generate_totp_secret()


def lock_again(rows: models.QuerySet) -> int:
    """Lock with today's SECRET_KEY whatever is in the clear or locked with an older one; how many rows changed.

    `rows` are authenticators. As far as these go, the older key may leave SECRET_KEY_FALLBACKS then. Safe twice, at
    once and killed: each row by itself, under its lock, so that a code used meanwhile stays used.
    """
    done = 0
    for pk in rows.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            locked = rows.model._base_manager.select_for_update(of=("self",), no_key=True).filter(pk=pk).order_by("pk")
            row = locked.first()
            data = {name: _again(value) for name, value in row.data.items()} if row else {}
            if row and data != row.data:
                row.data = data
                row.save(update_fields=["data"])
                done += 1
    return done


def _again(value):
    """Every text of an authenticator's data is a secret; a list is one of old recovery codes; numbers are none."""
    if isinstance(value, list):
        return [_again(one) for one in value]
    if not isinstance(value, str) or _opens_with(value, settings.SECRET_KEY):
        return value
    if not value.startswith(MARK):
        return MARK + _ring().encrypt(value.encode()).decode()
    try:
        return MARK + _ring().rotate(value.removeprefix(MARK).encode()).decode()
    except InvalidToken:
        return value  # its key may come back


def _opens_with(value: str, secret: str) -> bool:
    try:
        _fernet(secret).decrypt(value.removeprefix(MARK).encode())
    except InvalidToken:
        return False
    return value.startswith(MARK)


def _ring() -> MultiFernet:
    return MultiFernet(list(_fernets()))


def _fernets() -> Iterator[Fernet]:
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        yield _fernet(secret)


def _fernet(secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hmac.new(secret.encode(), b"second-factor", hashlib.sha256).digest()))
