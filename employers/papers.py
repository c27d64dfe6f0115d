"""What an uploaded file really is, and whether it may be kept. Pure; run in a child process (`paper_child`).

A paper is a PDF, a JPEG or a PNG, whole and nothing else: no second format behind or inside it, no lock,
nothing that acts when it is opened, nothing that unpacks to more than it should. It is never shown or run here.
"""

from __future__ import annotations

import io
import re
import warnings
import zlib
from collections.abc import Iterator
from typing import Any

from PIL import Image
from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
)
MOST_PAGES = 200
MOST_OBJECTS = 50_000
MOST_UNPACKED = 64 * 1024 * 1024
MOST_PIXELS = 40_000_000
#: What follows the end of a file and is only padding.
PADDING = b"\r\n \t\x00"
#: The last bytes of a ZIP archive name its members; they stand within this of its end.
ZIP_END, ZIP_TAIL = b"PK\x05\x06", 66_000
#: Archives that are found wherever they begin (RAR, 7-Zip), and a disk image by its mark.
ARCHIVES, ISO_AT = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c"), 0x8001
#: What makes a browser take the first bytes for a page or a script.
PAGES = re.compile(rb"<\s*(?:script|html|body|svg|iframe|\?php)", re.IGNORECASE)
HEAD = 1024
#: The harmless string by which scanners are tried out (eicar.org).
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR"
#: Keys of a PDF that act, carry files, or ask a reader to fetch or send something.
ACTS = frozenset(
    {
        "/JS", "/JavaScript", "/AA", "/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/EF", "/RichMedia", "/XFA",
        "/SubmitForm", "/ImportData", "/GoToE", "/GoToR", "/Movie", "/Sound", "/Rendition", "/RichMediaContent",
    }
)  # fmt: skip
#: The same in the raw bytes, for objects no table leads to; short names would be found by chance.
RAW_ACTS = re.compile(rb"/(?:JavaScript|EmbeddedFile|RichMedia|SubmitForm|ImportData|Launch)\b")
HEX_NAME = re.compile(rb"#([0-9a-fA-F]{2})")


class CannotKeep(Exception):
    """`code` says why: wrong_type, polyglot, locked, active, bomb, damaged, too_long or infected."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def inspect(data: bytes) -> str:
    """The type of the paper, by its content. Raises CannotKeep."""
    mimetype = next((kind for head, kind in SIGNATURES if data.startswith(head)), None)
    if mimetype is None:
        raise CannotKeep("wrong_type")
    if EICAR in data:
        raise CannotKeep("infected")
    if PAGES.search(data[:HEAD]) or ZIP_END in data[-ZIP_TAIL:] or any(one in data for one in ARCHIVES):
        raise CannotKeep("polyglot")
    if data[ISO_AT : ISO_AT + 5] == b"CD001":
        raise CannotKeep("polyglot")
    {"application/pdf": _pdf, "image/jpeg": _image, "image/png": _image}[mimetype](data)
    return mimetype


# ---- Images --------------------------------------------------------------------


def _image(data: bytes) -> None:
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2  # Pillow refuses from twice this on
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as picture:
                picture.load()
                form = picture.format
    except Image.DecompressionBombError as error:
        raise CannotKeep("bomb") from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise CannotKeep("damaged") from error
    _nothing_behind(data, _end_of_jpeg(data) if form == "JPEG" else _end_of_png(data))


def _end_of_png(data: bytes) -> int:
    """Behind the last chunk, by the lengths the chunks give."""
    at = len(SIGNATURES[2][0])
    while at + 12 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        at += 12 + length
        if kind == b"IEND":
            return at
    raise CannotKeep("damaged")


def _end_of_jpeg(data: bytes) -> int:
    """Behind the picture, and behind further ones: cameras add a preview or a second picture."""
    at = _end_of_one(data, 0)
    while data[at : at + 3] == SIGNATURES[1][0]:
        at = _end_of_one(data, at)
    return at


def _end_of_one(data: bytes, start: int) -> int:
    at = start + 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            at += 1  # within the picture's own data
            continue
        mark = data[at + 1]
        if mark == 0xD9:
            return at + 2
        alone = mark in (0x00, 0x01, 0xFF) or 0xD0 <= mark <= 0xD8
        at += (1 if mark == 0xFF else 2) if alone else 2 + int.from_bytes(data[at + 2 : at + 4])
    if data[-2:] == b"\xff\xd9":
        return len(data)
    raise CannotKeep("damaged")


def _nothing_behind(data: bytes, end: int) -> None:
    if data[end:].strip(PADDING):
        raise CannotKeep("polyglot")


# ---- PDF -----------------------------------------------------------------------


def _pdf(data: bytes) -> None:
    end = data.rfind(b"%%EOF")
    if end < 0:
        raise CannotKeep("damaged")
    _nothing_behind(data, end + len(b"%%EOF"))
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted:
            raise CannotKeep("locked")
        if RAW_ACTS.search(HEX_NAME.sub(lambda found: bytes([int(found[1], 16)]), data)):
            raise CannotKeep("active")
        pages = len(reader.pages)
        _objects(reader)
    except (PyPdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, OSError) as error:
        if "imit" in type(error).__name__:  # the library's own limits on what a stream unpacks to
            raise CannotKeep("bomb") from error
        raise CannotKeep("damaged") from error
    if not pages:
        raise CannotKeep("damaged")
    if pages > MOST_PAGES:
        raise CannotKeep("too_long")


def _objects(reader: PdfReader) -> None:
    """Look at every object any table of the file leads to."""
    unpacked = 0
    for number, (generation, identifier) in enumerate(_identifiers(reader)):
        if number > MOST_OBJECTS:
            raise CannotKeep("bomb")
        found = reader.get_object(IndirectObject(identifier, generation, reader))
        _acts_not(found)
        if isinstance(found, StreamObject):
            unpacked += _unpacked(found, MOST_UNPACKED - unpacked)
    _acts_not(reader.trailer)


def _identifiers(reader: PdfReader) -> Iterator[tuple[int, int]]:
    for generation, offsets in reader.xref.items():
        for identifier in offsets:
            yield generation, identifier
    for identifier in reader.xref_objStm:
        yield 0, identifier


def _acts_not(found: Any, depth: int = 0) -> None:
    """Raise when a dictionary within has a key that acts; what it refers to is looked at on its own."""
    if depth > 60:
        raise CannotKeep("damaged")
    if isinstance(found, DictionaryObject):
        kinds = {str(found.raw_get(name)) for name in ("/S", "/Type", "/Subtype") if name in found}
        if ACTS & (set(found) | kinds):
            raise CannotKeep("active")
        for name in found:
            _acts_not(found.raw_get(name), depth + 1)
    elif isinstance(found, ArrayObject):
        for one in list.__iter__(found):
            _acts_not(one, depth + 1)


def _unpacked(stream: StreamObject, most: int) -> int:
    """How many bytes the stream unpacks to, through each layer of Flate, stopping at `most`."""
    filters = stream.get("/Filter", [])
    names = [str(one) for one in (filters if isinstance(filters, ArrayObject) else [filters])]
    data = stream._data if isinstance(stream._data, bytes) else bytes(stream._data)
    total = len(data)
    for name in names:
        if name not in ("/FlateDecode", "/Fl"):
            break
        data = _inflate(data, most - total)
        total += len(data)
    if EICAR in data:
        raise CannotKeep("infected")
    return total


def _inflate(data: bytes, most: int) -> bytes:
    engine = zlib.decompressobj()
    try:
        plain = engine.decompress(data, max(1, most))
    except zlib.error:
        return b""  # a broken stream unpacks to nothing; readers show an empty page
    if engine.unconsumed_tail:
        raise CannotKeep("bomb")
    return plain
