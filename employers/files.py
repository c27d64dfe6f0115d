"""What an uploaded file really is: by its first bytes, never by its name or the sender's word."""

from __future__ import annotations

import re

MOST_BYTES = 5 * 1024 * 1024

_SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
)
ENDINGS = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}


def mimetype_of(head: bytes) -> str | None:
    """The type of a PDF, JPEG or PNG by its signature; None for anything else."""
    for signature, mimetype in _SIGNATURES:
        if head.startswith(signature):
            return mimetype
    return None


def shown_name(given: str, mimetype: str) -> str:
    """A name safe to show and to send: letters, digits and a few marks, with the ending of
    what the file really is. At most 100 characters."""
    stem = given.replace("\\", "/").rpartition("/")[2]
    stem = stem.rpartition(".")[0] or stem
    stem = re.sub(r"[^\w .,()&+-]", "", stem).strip(" .")
    return (stem[:90] or "document") + ENDINGS[mimetype]
