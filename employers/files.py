"""Strangers' papers: looked at in a child process before a byte is kept, named safely, scanned."""

from __future__ import annotations

import re
import socket
import struct
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from hubs.errors import Refused
from hubs.sandbox import CannotFinish, run_child

MOST_BYTES = 5 * 1024 * 1024
CPU_SECONDS = 10
MEMORY_BYTES = 512 * 1024 * 1024
SCAN_SECONDS = 30
ENDINGS = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}


def checked(data: bytes) -> str:
    """The type of a paper that may be kept. Raises `Refused` with a reason and a code (`papers.CannotKeep`)."""
    try:
        answer = run_child("employers.paper_child", {}, data, cpu_seconds=CPU_SECONDS, memory_bytes=MEMORY_BYTES)
    except CannotFinish:
        answer = {"refused": "bomb"}
    if "mimetype" in answer:
        return answer["mimetype"]
    raise Refused(why(answer["refused"]), code=answer["refused"])


def why(code: str) -> str:
    """Why the paper is not kept, and how to mend it."""
    return {
        "wrong_type": _("This is not a PDF, JPEG or PNG file. Save it as a PDF and send that."),
        "polyglot": _("Something else is hidden in or behind this file. Open it, print it as a new PDF and send that."),
        "locked": _("This PDF is locked. Save a copy without a password and send that."),
        "active": _("This PDF carries scripts, forms or other files. Print it as a new PDF and send that."),
        "bomb": _("This file unpacks to more than any paper should. Print it as a new PDF and send that."),
        "damaged": _("This file cannot be read to its end. Save it once more and send that."),
        "too_long": _("This PDF has more than 200 pages. Send the pages that count."),
        "infected": _("A virus scanner would stop this file. Send another."),
        "unscanned": _("The virus scanner does not answer, so the file was not kept. Try again in a few minutes."),
    }[code]


def shown_name(given: str, mimetype: str) -> str:
    """A name safe to show and to send: letters, digits and a few marks, with the ending of
    what the file really is. At most 100 characters."""
    stem = given.replace("\\", "/").rpartition("/")[2]
    stem = stem.rpartition(".")[0] or stem
    stem = re.sub(r"[^\w .,()&+-]", "", stem).strip(" .")
    return (stem[:90] or "document") + ENDINGS[mimetype]


# ---- Scanning ------------------------------------------------------------------


class CannotScan(Exception):
    """The scanner did not answer, or not as expected: ask again later."""


def scanner_is_set() -> bool:
    return bool(settings.CLAMD_ADDRESS)


def scan(data: bytes) -> bool:
    """Whether ClamAV finds nothing in it. Raises CannotScan.

    The INSTREAM command of clamd: lengths as four bytes, a length of nothing at the end. Written here because
    the clients to be had are under licences this product cannot carry.
    """
    try:
        with _connected() as line:
            line.sendall(b"zINSTREAM\0" + struct.pack("!I", len(data)) + data + struct.pack("!I", 0))
            answer = b""
            while not answer.endswith(b"\0") and (more := line.recv(4096)):
                answer += more
    except OSError as error:
        raise CannotScan(str(error)) from error
    said = answer.rstrip(b"\0\n").decode("utf-8", "replace")
    if said.endswith(" FOUND"):
        return False
    if said == "stream: OK":
        return True
    raise CannotScan(said or "no answer")


def passed(data: bytes) -> str:
    """The type of a file that has no waiting room of its own: examined, and scanned at once where a scanner is set.

    Raises `Refused` as `checked` does, and CannotScan.
    """
    mimetype = checked(data)
    if scanner_is_set() and not scan(data):
        raise Refused(why("infected"), code="infected")
    return mimetype


def _connected() -> socket.socket:
    address = urlsplit(settings.CLAMD_ADDRESS)
    if address.scheme == "unix":
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(SCAN_SECONDS)
        line.connect(address.path)
        return line
    return socket.create_connection((address.hostname or "", address.port or 3310), timeout=SCAN_SECONDS)
