"""Addresses that mails are answered to: one for each thread, signed, with nobody's name in it.

`reply@in.example.org` becomes `reply+NAME.SIGNATURE@in.example.org`. Servers on the way may
change capitals, so both parts are small letters and digits. Nobody finds another thread's
address by trying: the signature has 80 bits.
"""

from __future__ import annotations

import base64
import re

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

SALT = "hubs.threads"
_NAME = re.compile(r"[a-z0-9]{1,32}")


def is_on() -> bool:
    """Whether this install takes answers in at all."""
    return "@" in settings.INBOUND_ADDRESS


def address_of(name: str) -> str:
    """Where answers about `name` (small letters and digits, 32 at most) go; "" when none are taken in."""
    if not is_on():
        return ""
    if not _NAME.fullmatch(name):
        raise ValueError("a thread's name is small letters and digits")
    local, _at, domain = settings.INBOUND_ADDRESS.rpartition("@")
    return f"{local}+{name}.{_signature(name, settings.SECRET_KEY)}@{domain}"


def name_of(address: str) -> str | None:
    """The thread behind an address, or None when it is none of ours."""
    local, _at, domain = address.strip().strip("<>").lower().rpartition("@")
    ours, _at, our_domain = settings.INBOUND_ADDRESS.lower().rpartition("@")
    name, _dot, given = local.removeprefix(f"{ours}+").partition(".")
    if not is_on() or domain != our_domain or not local.startswith(f"{ours}+") or not _NAME.fullmatch(name):
        return None
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return name if any(constant_time_compare(given, _signature(name, key)) for key in keys) else None


def _signature(name: str, key: str) -> str:
    digest = salted_hmac(SALT, name, secret=key, algorithm="sha256").digest()
    return base64.b32encode(digest[:10]).decode().lower()
