"""Addresses of pages behind signed links, and a name that must not leak from them."""

from __future__ import annotations

from django.urls import reverse

from hubs.links import link_for
from tests.cast import NOW

CANARY = "Canary Zebra-Quill"


def path(row, purpose: str, *, address: str = "lead@brightwater.example", name: str = "", days: int = 60) -> str:
    _link, token = link_for(row, purpose, now=NOW, days=days, address=address, name=name)
    return reverse(f"{purpose}-link", args=[token])
