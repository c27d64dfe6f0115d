"""Which web addresses are opened: https, a name, and only where everybody's internet is.

Somebody types an address and our server opens it; without this it could be sent to open what only our server can
reach. Tables after the IANA special-purpose address registries (IPv4, IPv6), as of 2025-10.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import idna

LONGEST_ADDRESS = 500
HTTPS_PORT = 443

_NOT_PUBLIC_4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # behind a carrier's NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, and the metadata of clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
#: Of IPv6 only global unicast is public at all: loopback, unique local, link-local, site-local, multicast,
#: IPv4-mapped, IPv4-compatible and both NAT64 prefixes lie outside it.
_PUBLIC_6 = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    ipaddress.IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments: Teredo, benchmarking, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?")
# What a resolver may read as a number: 127.1, 0x7f.1, 2130706433, 0177.0.0.1.
_NUMERIC = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)")


class CannotFetch(Exception):
    """Refused or failed. `code` says which; who asked has the words for it (`schools.domain.words_files.FETCH`)."""

    def __init__(self, code: str, **facts: object) -> None:
        self.code = code
        self.facts = facts
        super().__init__(f"{code} {facts}" if facts else code)


@dataclass(frozen=True, slots=True)
class Address:
    """`host` in lower-case ASCII; `target` is the path with its query, as it goes on the wire."""

    host: str
    target: str

    @property
    def url(self) -> str:
        return f"https://{self.host}{self.target}"


def read_address(text: str) -> Address:
    """Take an address apart. Raises `CannotFetch` with one of: address, scheme, userinfo, port, name.

    `webcal:` is what calendars call their own addresses; it is read as https.
    """
    text = text.strip()
    if not text or len(text) > LONGEST_ADDRESS or "\\" in text or any(_unprintable(char) for char in text):
        raise CannotFetch("address")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise CannotFetch("address") from error
    if parts.scheme not in ("https", "webcal", "webcals"):
        raise CannotFetch("scheme", scheme=parts.scheme)
    if "@" in parts.netloc:
        raise CannotFetch("userinfo")
    if port not in (None, HTTPS_PORT):
        raise CannotFetch("port", port=port)
    if "[" in parts.netloc:
        raise CannotFetch("name")
    host = _host(parts.hostname or "")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not target.isascii():
        raise CannotFetch("address")
    return Address(host, target)


def redirected(address: Address, location: str) -> Address:
    """Where a redirect leads; it is checked like an address that was typed."""
    return read_address(urljoin(address.url, location.strip()))


def _unprintable(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn")


def _host(name: str) -> str:
    """A host name with a dot in it. No number in any spelling: who has a server for others has a name."""
    if name.isascii():
        host = name.lower()
    else:
        try:
            host = idna.encode(name, uts46=True).decode("ascii").lower()
        except idna.IDNAError as error:
            raise CannotFetch("name") from error
    labels = host.split(".")
    if len(host) > 253 or len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise CannotFetch("name")
    if _NUMERIC.fullmatch(labels[-1]):
        raise CannotFetch("name")
    return host


def is_public(text: str) -> bool:
    """Whether an IP address, as a resolver writes it, is one of the public internet. False for what is none."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if "%" in text:
        return False  # with a zone it is of this link
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    return address in _PUBLIC_6 and not any(address in network for network in _NOT_PUBLIC_6)
