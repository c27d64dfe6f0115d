"""Files nobody meant: seeded mutations of good ones, and what a reader may do with them.

A reader refuses with its own exception or reads; it never raises anything else, and it stays below five seconds and
256 MB. Seconds are of the processor, so that a busy machine is not the file's fault.
"""

from __future__ import annotations

import io
import random
import resource
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SECONDS = 5.0
MEGABYTES = 256
#: What breaks readers of text: ends of lines, quotes, huge numbers, other alphabets, nothing, control characters.
SHARDS = (
    b"", b"\0", b"\r", b"\n", b"\r\n", b'"', b"'", b",", b";", b"\t", b"|", b"\\", b"\xff\xfe", b"\xef\xbb\xbf",
    b"\xc3", b"\xf0\x9f\x8e\x93", b"99999999999999999999", b"-1", b"0", b"1e309", b"\xc2\xb3", b"\xe2\x80\xae", b"%s%n",
    b"<", b"&", b"&#0;", b"]]>", b"<![CDATA[", b"BEGIN:VEVENT", b"END:VEVENT", b"END:VCALENDAR", b"RRULE:FREQ=SECONDLY",
    b"RRULE:FREQ=DAILY;INTERVAL=0", b"DTSTART:00000000", b"DTSTART;TZID=../../etc:20260101T000000", b"DURATION:-P9999D",
    b"EXDATE:20260101", b"RECURRENCE-ID:20260101", b"RDATE;VALUE=PERIOD:20260101/P1D", b"A" * 5_000, b"20261399",
)  # fmt: skip


def mutations(files: Sequence[bytes], count: int, *, seed: int) -> Iterator[bytes]:
    """`count` broken files, the same ones for the same seed."""
    chance = random.Random(seed)
    for _number in range(count):
        data = bytearray(chance.choice(files))
        for _change in range(chance.choice((1, 1, 2, 3, 8))):
            chance.choice(CHANGES)(data, chance, files)
        yield bytes(data[: 2 * 1024 * 1024])


def _place(data: bytearray, chance: random.Random) -> int:
    return chance.randrange(len(data) + 1)


def _flip(data: bytearray, chance: random.Random, _files: Sequence[bytes]) -> None:
    if data:
        data[chance.randrange(len(data))] = chance.randrange(256)


def _insert(data: bytearray, chance: random.Random, _files: Sequence[bytes]) -> None:
    at = _place(data, chance)
    data[at:at] = chance.choice(SHARDS)


def _cut(data: bytearray, chance: random.Random, _files: Sequence[bytes]) -> None:
    at = _place(data, chance)
    del data[at : at + chance.choice((1, 10, 1_000))]


def _end(data: bytearray, chance: random.Random, _files: Sequence[bytes]) -> None:
    del data[_place(data, chance) :]


def _lines(data: bytearray, chance: random.Random, _files: Sequence[bytes]) -> None:
    """Lines swapped, doubled or taken out."""
    lines = bytes(data).splitlines(keepends=True)
    if len(lines) < 2:
        return
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    deed = chance.randrange(4)
    if deed == 0:
        lines[one], lines[other] = lines[other], lines[one]
    elif deed == 1:
        lines[one:one] = [lines[other]] * chance.choice((1, 50))
    elif deed == 2:
        del lines[one]
    else:
        lines[one] = chance.choice(SHARDS) + b"\n"
    data[:] = b"".join(lines)


def _cross(data: bytearray, chance: random.Random, files: Sequence[bytes]) -> None:
    """The beginning of one file and the end of another."""
    other = chance.choice(files)
    data[_place(data, chance) :] = other[chance.randrange(len(other) + 1) :]


def _value(data: bytearray, chance: random.Random, _files: Sequence[bytes]) -> None:
    """What stands between a separator and the next becomes something else."""
    text = bytes(data)
    places = [n for n, byte in enumerate(text) if byte in b":=,;>"]
    if places:
        at = chance.choice(places) + 1
        ends = [end for mark in b"\n,;<" if (end := text.find(bytes([mark]), at)) >= 0]
        data[at : min(ends, default=len(text))] = chance.choice(SHARDS)


CHANGES = (_flip, _insert, _cut, _end, _lines, _lines, _cross, _value, _value, _value)


@dataclass
class Trouble:
    """What went wrong, with the first file of each sort of trouble."""

    read: int = 0
    refused: int = 0
    slowest: float = 0.0
    broke: dict[str, bytes] = field(default_factory=dict)


def try_all(files: Iterator[bytes], read: Callable[[bytes], object], refusal: type[Exception]) -> Trouble:
    """Read every file in this process; what is neither read nor refused in time stands in `broke`."""
    found = Trouble()
    for data in files:
        started = time.thread_time()
        try:
            read(data)
            found.read += 1
        except refusal:
            found.refused += 1
        except Exception as error:  # what is looked for
            found.broke.setdefault(f"{type(error).__name__}: {error}"[:120], data)
        took = time.thread_time() - started
        found.slowest = max(found.slowest, took)
        if took > SECONDS:
            found.broke.setdefault(f"{took:.1f} s", data)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return found if peak < 4 * MEGABYTES else Trouble(broke={f"{peak} MB in this process": b""})


def zips(chance: random.Random, archive: bytes, count: int) -> Iterator[bytes]:
    """Zips whose bytes are broken, and good zips whose files are."""
    with zipfile.ZipFile(io.BytesIO(archive)) as good:
        parts = {name: good.read(name) for name in good.namelist()}
    for number in range(count):
        if number % 3 == 0:
            yield next(mutations([archive], 1, seed=chance.randrange(1 << 30)))
            continue
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
            for name, data in parts.items():
                broken = chance.random() < 0.4
                made.writestr(name, next(mutations([data], 1, seed=chance.randrange(1 << 30))) if broken else data)
        yield stream.getvalue()


def texts(folder: Path, pattern: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.rglob(pattern))]
