"""A server that speaks clamd's INSTREAM and finds EICAR."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def scanning() -> Iterator[tuple[str, type]]:
    """Its address, and what it does: `says` overrides the answer, `seen` are the sizes it was sent."""
    server = socket.create_server(("127.0.0.1", 0))

    class Clamd:
        says: bytes | None = None
        seen: list[int] = []

    def serve() -> None:
        while True:
            try:
                line, _peer = server.accept()
            except OSError:
                return
            with line, line.makefile("rb") as heard:
                assert heard.read(10) == b"zINSTREAM\0"
                data = b""
                while size := struct.unpack("!I", heard.read(4))[0]:
                    data += heard.read(size)
                Clamd.seen.append(len(data))
                found = b"stream: Eicar-Test-Signature FOUND\0" if b"EICAR" in data else b"stream: OK\0"
                line.sendall(Clamd.says or found)

    threading.Thread(target=serve, daemon=True).start()
    yield f"tcp://127.0.0.1:{server.getsockname()[1]}", Clamd
    server.close()
