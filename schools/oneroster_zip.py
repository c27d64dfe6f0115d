"""A stranger's zip: what is in it, decided from its directory before a byte is unpacked, and read as a stream."""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, TextIO

from schools.oneroster_types import CannotReadRoster

#: A trust of 20,000 students exports 2 to 4 MB.
LARGEST_ARCHIVE = 20 * 1024 * 1024
LARGEST_INFLATED = 200 * 1024 * 1024
MOST_MEMBERS = 64
#: Repetitive CSV reaches 50; a bomb 1,000.
MOST_RATIO = 200
RATIO_FROM = 1024 * 1024
ENCRYPTED = 0x1
ARCHIVES = (".zip", ".gz", ".7z", ".rar", ".tar", ".tgz", ".bz2", ".xz")
#: What the library raises on damaged archives, in one place or another.
BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, OverflowError, RuntimeError,
    NotImplementedError, AttributeError,
)  # fmt: skip
MAGIC = b"PK\x03\x04"


class Archive:
    """The CSV files of a OneRoster zip by their bare name in lower case ("users.csv").

    Raises CannotReadRoster: empty, too_large, not_a_zip, too_many_members, unsafe_name, nested_archive, encrypted,
    zip_bomb, member_twice, broken_zip.
    """

    def __init__(self, data: bytes) -> None:
        if not data.strip():
            raise CannotReadRoster("empty")
        if len(data) > LARGEST_ARCHIVE:
            raise CannotReadRoster("too_large", {"bytes": len(data), "most": LARGEST_ARCHIVE})
        try:
            self.zip = zipfile.ZipFile(io.BytesIO(data))
        except BROKEN as error:
            raise CannotReadRoster("not_a_zip") from error
        members = self.zip.infolist()
        if len(members) > MOST_MEMBERS:
            raise CannotReadRoster("too_many_members", {"found": len(members), "most": MOST_MEMBERS})
        self.members: dict[str, zipfile.ZipInfo] = {}
        for member in members:
            _check(member)
            self._add(member)
        inflated = sum(member.file_size for member in members)
        if inflated > LARGEST_INFLATED:
            raise CannotReadRoster("zip_bomb", {"bytes": inflated, "most": LARGEST_INFLATED})

    def _add(self, member: zipfile.ZipInfo) -> None:
        parts = member.filename.split("/")
        bare = parts[-1].casefold()
        if member.is_dir() or "__macosx" in (part.casefold() for part in parts) or bare.startswith("."):
            return
        if bare in self.members:
            raise CannotReadRoster("member_twice", {"file": bare[:60]})
        self.members[bare] = member

    def __contains__(self, name: str) -> bool:
        return name.casefold() in self.members

    @contextmanager
    def text(self, name: str, encoding: str) -> Iterator[TextIO]:
        """The file's lines. UnicodeDecodeError when it is not in ``encoding``."""
        member = self.members[name.casefold()]
        try:
            raw = self.zip.open(member)
        except (*BROKEN, ValueError) as error:  # a directory that points before the beginning
            raise CannotReadRoster("broken_zip", {"file": name}) from error
        try:
            with raw, io.TextIOWrapper(_capped(raw, member), encoding, newline="") as lines:
                yield lines
        except BROKEN as error:
            raise CannotReadRoster("broken_zip", {"file": name}) from error


def _check(member: zipfile.ZipInfo) -> None:
    name = member.filename
    shown = {"file": name[:60]}
    if name.startswith(("/", "\\")) or "\\" in name or ".." in name.split("/") or ":" in name or "\0" in name:
        raise CannotReadRoster("unsafe_name", shown)
    if name.casefold().endswith(ARCHIVES):
        raise CannotReadRoster("nested_archive", shown)
    if member.flag_bits & ENCRYPTED:
        raise CannotReadRoster("encrypted", shown)
    if member.file_size > RATIO_FROM and member.file_size > MOST_RATIO * max(member.compress_size, 1):
        raise CannotReadRoster("zip_bomb", {"bytes": member.file_size, "most": LARGEST_INFLATED})


def _capped(raw: IO[bytes], member: zipfile.ZipInfo) -> Any:
    """What the directory promised and no byte more, and no archive inside under another name."""
    stream = io.BufferedReader(raw)  # type: ignore[type-var, unused-ignore]  # by release of typeshed
    if stream.peek(4)[:4] == MAGIC:
        raise CannotReadRoster("nested_archive", {"file": member.filename[:60]})
    return stream
