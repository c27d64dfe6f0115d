"""What a mail says: the new words, the files, the calendar in it. Nothing here is believed.

The text is cut where our own mail begins: whatever the language, the line above a quotation
names the address it came from, and that address is ours. (mail-parser-reply knows the phrases
of many languages, but needs minutes for some mails of 20 kB; this is one look at each line.)
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr
from html import unescape

MOST_TEXT = 4000  # characters kept
MOST_READ = 200_000  # characters looked at
MOST_PARTS = 60
_RULE = re.compile(r"_{10,}|-{2,} ?[^-]{2,60} ?-{2,}")  # what Outlook puts above the mail it answers
#: Controls, and what turns the direction of the text around it.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


class CannotReadMail(Exception):
    """This is no mail."""


@dataclass(frozen=True)
class File:
    name: str
    content: bytes


@dataclass(frozen=True)
class Received:
    """`identity` is the same whenever the same mail comes again. `sender` is what the mail
    claims. `calendar` is the first calendar in it, or empty. `automatic`: a machine wrote it
    (RFC 3834)."""

    identity: str
    sender: str
    text: str
    cut: bool
    files: tuple[File, ...]
    calendar: bytes
    automatic: bool


def read(raw: bytes, *, ours: Iterable[str]) -> Received:
    """`ours`: the addresses our own mails name, by which a quotation is known.

    Raises `CannotReadMail`.
    """
    try:
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        if not mail.keys():
            raise CannotReadMail("no headers")
        return _received(mail, raw, [one.lower() for one in ours if one])
    except CannotReadMail:
        raise
    except Exception as error:  # the parser of the standard library trips over some broken headers
        raise CannotReadMail(type(error).__name__) from error


def _received(mail: EmailMessage, raw: bytes, ours: list[str]) -> Received:
    plain, rich, calendar, files = "", "", b"", []
    for part in _leaves(mail):
        kind = part.get_content_type()
        if kind == "text/calendar":
            calendar = calendar or _bytes(part)
        elif part.get_content_disposition() == "attachment" or not kind.startswith("text/"):
            if part.get_content_disposition() != "inline":  # the logo below somebody's name
                files.append(File(part.get_filename() or "", _bytes(part)))
        elif kind == "text/plain":
            plain = plain or _decoded(part)
        elif kind == "text/html":
            rich = rich or _decoded(part)
    said = new_words(plain or words_of(rich), ours)
    return Received(
        identity=hashlib.sha256(str(mail["Message-ID"] or "").strip().encode() or raw).hexdigest(),
        sender=parseaddr(str(mail["From"] or ""))[1][:254],
        text=said[:MOST_TEXT],
        cut=len(said) > MOST_TEXT,
        files=tuple(files),
        calendar=calendar,
        automatic=_automatic(mail),
    )


def _leaves(mail: EmailMessage) -> Iterator[EmailMessage]:
    """Parts that hold something. A mail within the mail is one file and not looked into."""
    waiting, seen = [mail], 0
    while waiting and seen < MOST_PARTS:
        part, seen = waiting.pop(0), seen + 1
        if part.get_content_maintype() == "multipart":
            waiting[:0] = [one for one in part.get_payload() if isinstance(one, EmailMessage)]
        elif part.get_content_maintype() != "message":
            yield part


def _bytes(part: EmailMessage) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _decoded(part: EmailMessage) -> str:
    content = _bytes(part)[: MOST_READ * 4]
    try:
        return content.decode(part.get_content_charset() or "utf-8", "replace")[:MOST_READ]
    except LookupError:  # a charset nobody knows
        return content.decode("utf-8", "replace")[:MOST_READ]


def _automatic(mail: EmailMessage) -> bool:
    said = str(mail["Auto-Submitted"] or "no").partition(";")[0].strip().lower()
    return (
        said != "no"
        or str(mail["Precedence"] or "").strip().lower() in ("bulk", "junk", "list", "auto_reply")
        or str(mail["Return-Path"] or "").strip() == "<>"
        or mail.get_content_type() == "multipart/report"
    )


_BLOCKS = frozenset(["br", "p", "div", "li", "tr", "h1", "h2", "h3"])
_SILENT = frozenset(["script", "style", "head", "blockquote", "template", "title"])
#: What Gmail and Outlook put around the mail it answers; nothing new follows.
_OVER = re.compile(r"gmail_quote|divRplyFwdMsg|appendonsend")
_TOKEN = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)([^<>]*)>|<!--|[^<]+|(?:<(?=<))+|<")


def words_of(page: str) -> str:
    """The words of a page of HTML, without what it quotes.

    One look at each character: the parsers at hand need minutes for some pages of 200 kB.
    """
    found: list[str] = []
    silent, at = "", 0
    while match := _TOKEN.match(page, at):
        at, closing, tag = match.end(), match[1], (match[2] or "").lower()
        if match[0] == "<!--":
            end = page.find("-->", at)
            at = len(page) if end < 0 else end + 3
        elif not tag:
            found.append("" if silent else match[0].replace("\n", " "))
        elif silent:
            silent = "" if closing and tag == silent else silent
        elif _OVER.search(match[3]):
            break
        elif tag in _SILENT and not closing:
            silent = tag
        elif tag in _BLOCKS:
            found.append("\n")
    return "\n".join(" ".join(line.split()) for line in unescape("".join(found)).split("\n"))


def new_words(text: str, ours: list[str]) -> str:
    """What was written anew: no quoted lines, no signature, nothing below the mail it answers."""
    text = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n"))
    kept: list[str] = []
    for line in text.split("\n"):
        bare = line.strip()
        if line in ("-- ", "--") or _RULE.fullmatch(bare):
            break
        if any(address in bare.lower() for address in ours):
            if len(kept) > 1 and _goes_on(kept[-1], bare):
                kept.pop()
            break
        if not bare.startswith(">"):
            kept.append(line.rstrip())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _goes_on(before: str, line: str) -> bool:
    """Whether a line that names our address began on the one before: mails wrap at 76 columns."""
    return bool(before.strip()) and (line.startswith("<") or before.endswith("<") or len(before) > 50)
