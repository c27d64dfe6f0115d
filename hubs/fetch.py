"""Reading one web address, conditionally, and posting to one: within limits, and nowhere but on the public internet.

The name is resolved once; every address it has must be public; the connection goes to the first of those very
addresses, with the certificate checked against the name. Nothing can therefore change between the check and the
connection. Where a redirect is followed at all, it is a new address and is checked as one. Proxies of the environment
are not used.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from queue import Empty, SimpleQueue

from urllib3.connection import HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from hubs.addresses import HTTPS_PORT, Address, CannotFetch, is_public, read_address, redirected

MOST_BYTES = 2 * 1024 * 1024
MOST_SECONDS = 20.0
SECONDS_WITHOUT_A_BYTE = 8.0
MOST_REDIRECTS = 4
CHUNK = 16 * 1024
MOVED = frozenset({301, 302, 303, 307, 308})
READER = {"User-Agent": "Throughline calendar reader", "Accept": "text/calendar, */*;q=0.1"}
CALLER = {"User-Agent": "Throughline webhooks", "Accept": "*/*"}

Resolver = Callable[[str], Sequence[str]]
Connect = Callable[[str, str, float], HTTPSConnection]


@dataclass(frozen=True, slots=True)
class Fetched:
    """`data` is None when the calendar has not changed since `etag` and `last_modified` were given."""

    data: bytes | None
    etag: str = ""
    last_modified: str = ""


def resolve(host: str) -> list[str]:
    """Every address of a name, in the resolver's order. Raises `CannotFetch`."""
    try:
        found = socket.getaddrinfo(host, HTTPS_PORT, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise CannotFetch("unknown_name", name=host) from error
    return list(dict.fromkeys(str(place[4][0]) for place in found))


def connect(ip: str, host: str, seconds: float) -> HTTPSConnection:
    """A connection to `ip`, not yet open, whose certificate must be that of `host`."""
    return HTTPSConnection(
        ip, HTTPS_PORT, timeout=min(seconds, SECONDS_WITHOUT_A_BYTE), server_hostname=host,
        ssl_context=ssl.create_default_context(),
    )  # fmt: skip


def fetch(
    url: str,
    *,
    etag: str = "",
    last_modified: str = "",
    resolver: Resolver = resolve,
    connector: Connect = connect,
    most_seconds: float = MOST_SECONDS,
) -> Fetched:
    """Read `url`. Raises `CannotFetch`: the codes of `read_address`, and unknown_name, not_public, too_many_redirects,
    no_answer, certificate, status (status), too_large, too_slow.

    `etag` and `last_modified` are those of the last good copy. `resolver` and `connector` are the edge of the network.
    """
    deadline = time.monotonic() + most_seconds
    address = read_address(url)
    asked = {**READER, "If-None-Match": etag, "If-Modified-Since": last_modified}
    for _hop in range(MOST_REDIRECTS + 1):
        ip = _public_address(address, resolver, deadline)
        with _answer(address, ip, asked, connector, deadline) as answer:
            if answer.status in MOVED and answer.headers.get("Location"):
                address = redirected(address, answer.headers["Location"])
                continue
            return _read(answer, deadline)
    raise CannotFetch("too_many_redirects")


def post(
    url: str,
    body: bytes,
    headers: dict[str, str],
    *,
    resolver: Resolver = resolve,
    connector: Connect = connect,
    most_seconds: float = MOST_SECONDS,
) -> int:
    """Hand `body` to `url` and return the status it answers with; a redirect is a status like any other, and not a
    byte of the answer's body is read. Raises `CannotFetch` as `fetch` does, but never for a status."""
    deadline = time.monotonic() + most_seconds
    address = read_address(url)
    ip = _public_address(address, resolver, deadline)
    with _answer(address, ip, {**CALLER, **headers}, connector, deadline, body=body) as answer:
        return answer.status


def _public_address(address: Address, resolver: Resolver, deadline: float) -> str:
    """One address that is not public among several is refused too: that is how a name is made to turn."""
    found = _looked_up(address.host, resolver, deadline)
    if not found:
        raise CannotFetch("unknown_name", name=address.host)
    if not all(is_public(ip) for ip in found):
        raise CannotFetch("not_public", name=address.host)
    return found[0]


def _looked_up(host: str, resolver: Resolver, deadline: float) -> Sequence[str]:
    """The name's addresses, or `CannotFetch` when the time is up.

    The system's resolver takes no limit and cannot be stopped: whoever runs a name server decides how long it takes,
    and with several servers and tries that is minutes. So it is asked in a thread, which is left to itself.
    """
    _in_time(deadline)
    answers: SimpleQueue[Sequence[str] | Exception] = SimpleQueue()

    def look_up() -> None:
        try:
            answers.put(resolver(host))
        except Exception as error:  # raised below, where somebody can catch it
            answers.put(error)

    threading.Thread(target=look_up, name="look-up", daemon=True).start()
    try:
        found = answers.get(timeout=max(deadline - time.monotonic(), 0.01))
    except Empty:
        raise CannotFetch("too_slow", name=host) from None
    if isinstance(found, Exception):
        raise found
    return found


@contextmanager
def _answer(
    address: Address, ip: str, asked: dict[str, str], connector: Connect, deadline: float, *, body: bytes | None = None
) -> Iterator[BaseHTTPResponse]:
    _in_time(deadline)
    left = max(deadline - time.monotonic(), 0.01)
    headers = {
        "Host": address.host,
        "Accept-Encoding": "identity",
        **{name: value for name, value in asked.items() if value},
    }
    late = threading.Event()
    with closing(connector(ip, address.host, left)) as connection:
        try:
            connection.connect()  # at most the connection's own limit twice: to reach it, and to shake hands
            with _hung_up_at(deadline, connection.sock, late):
                method = "GET" if body is None else "POST"
                connection.request(method, address.target, body=body, headers=headers, preload_content=False)
                yield connection.getresponse()
        except ssl.SSLError as error:
            raise CannotFetch("too_slow" if late.is_set() else "certificate", name=address.host) from error
        except (OSError, HTTPError, HTTPException, ValueError) as error:
            raise CannotFetch("too_slow" if late.is_set() else "no_answer", name=address.host) from error


@contextmanager
def _hung_up_at(deadline: float, sock: socket.socket, late: threading.Event) -> Iterator[None]:
    """A server that sends a byte now and then never runs into a socket's own time limit."""

    def hang_up() -> None:
        late.set()
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)

    watch = threading.Timer(max(deadline - time.monotonic(), 0.01), hang_up)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def _in_time(deadline: float) -> None:
    if time.monotonic() >= deadline:
        raise CannotFetch("too_slow")


def _read(answer: BaseHTTPResponse, deadline: float) -> Fetched:
    if answer.status == 304:
        return Fetched(None)
    if answer.status != 200:
        raise CannotFetch("status", status=answer.status)
    found = bytearray()
    # We asked for no compression; where it comes all the same, at most one chunk is unpacked at a time.
    while chunk := answer.read(CHUNK, decode_content=True):
        found += chunk
        if len(found) > MOST_BYTES:
            raise CannotFetch("too_large", most=MOST_BYTES)
        _in_time(deadline)
    _in_time(deadline)  # a connection we hung up on looks like the end of the file
    headers = answer.headers
    return Fetched(bytes(found), headers.get("ETag", "")[:200], headers.get("Last-Modified", "")[:60])
