"""Only public addresses are ever connected to. A real server on this machine stands wherever an
address leads, and counts: whatever slips through reaches it."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import tracemalloc

import pytest

from hubs.addresses import CannotFetch, is_public, read_address
from hubs.fetch import MOST_BYTES, Fetched, connect, fetch, post
from tests.hubs.web_server import NAME, PUBLIC, Server, moved, plain

#: Addresses a name may resolve to that are none of ours to open: what they are → how they are written.
NOT_PUBLIC = {
    "this network": ("0.0.0.0", "0.1.2.3"),
    "private": ("10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.254", "192.168.0.1", "192.168.255.255"),
    "carrier": ("100.64.0.1", "100.127.255.254"),
    "loopback": ("127.0.0.1", "127.0.0.2", "127.255.255.254", "::1"),
    "link-local": ("169.254.0.1", "169.254.169.254", "fe80::1", "fe80::1%eth0", "febf::1"),
    "assignments": ("192.0.0.1", "192.0.0.170", "192.31.196.1", "192.52.193.1", "192.175.48.1", "2001:1::1"),
    "documentation": ("192.0.2.1", "198.51.100.7", "203.0.113.9", "2001:db8::1", "3fff::1"),
    "benchmarking": ("198.18.0.1", "198.19.255.254", "2001:2::1"),
    "multicast": ("224.0.0.1", "239.255.255.250", "ff02::1", "ff0e::1"),
    "reserved": ("240.0.0.1", "255.255.255.255"),
    "unspecified": ("::",),
    "mapped": ("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "::ffff:8.8.8.8"),
    "compatible": ("::127.0.0.1", "::a00:1"),
    "translated": ("64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "64:ff9b:1:ffff::a00:1"),
    "6to4": ("192.88.99.1", "2002:7f00:1::1", "2002:a00:1::"),
    "Teredo": ("2001::1", "2001:0:a00:1::1"),
    "unique local": ("fc00::1", "fd12:3456:789a::1"),
    "site-local": ("fec0::1", "feff::1"),
    "discard and other": ("100::1", "5f00::1", "4000::1", "0:0:0:0:0:0:0:2"),
    "nothing": ("", "localhost", "127.0.0.1 ", "0x7f.0.0.1"),
}
RESOLVED = [(what, ip) for what, ips in NOT_PUBLIC.items() for ip in ips]
#: What may not even be asked of a resolver → the code it is refused with.
TYPED = {
    "http://calendar.example.org/a.ics": "scheme",
    "ftp://calendar.example.org/a.ics": "scheme",
    "file:///etc/passwd": "scheme",
    "gopher://127.0.0.1:70/x": "scheme",
    "data:text/calendar,BEGIN": "scheme",
    "//127.0.0.1/a.ics": "scheme",
    "calendar.example.org/a.ics": "scheme",
    "https://": "name",
    "https:///a.ics": "name",
    "https://localhost/a.ics": "name",
    "https://intranet/a.ics": "name",
    "https://127.0.0.1/a.ics": "name",
    "https://8.8.8.8/a.ics": "name",
    "https://127.1/a.ics": "name",
    "https://2130706433/a.ics": "name",
    "https://0x7f000001/a.ics": "name",
    "https://0x7f.0x0.0x0.0x1/a.ics": "name",
    "https://0177.0.0.1/a.ics": "name",
    "https://017700000001/a.ics": "name",
    "https://127.0.0.1./a.ics": "name",
    "https://calendar.example.org./a.ics": "name",
    "https://[::1]/a.ics": "name",
    "https://[::ffff:127.0.0.1]/a.ics": "name",
    "https://[fe80::1%25eth0]/a.ics": "name",
    "https://[v1.x]/a.ics": "name",
    "https://[::1/a.ics": "address",
    "https://１２７．０．０．１/a.ics": "name",
    "https://①②⑦.⓪.⓪.①/a.ics": "name",
    "https://127。0。0。1/a.ics": "name",
    "https://ⓛocalhost/a.ics": "name",
    "https://-calendar.example.org/a.ics": "name",
    "https://calendar..example.org/a.ics": "name",
    "https://a b.example.org/a.ics": "address",
    "https://calendar.example.org\t/a.ics": "address",
    "https://calendar.example.org/a.ics\r\nHost: intranet": "address",
    "https://calendar.example.org\\@127.0.0.1/a.ics": "address",
    "https://user@calendar.example.org/a.ics": "userinfo",
    "https://calendar.example.org@127.0.0.1/a.ics": "userinfo",
    "https://user:pass@127.0.0.1/a.ics": "userinfo",
    "https://@127.0.0.1/a.ics": "userinfo",
    "https://calendar.example.org:8443/a.ics": "port",
    "https://calendar.example.org:22/": "port",
    "https://calendar.example.org:99999/": "address",
    "https://calendar.example.org:x/": "address",
    "https://calendar.example.org/\u202egnp.ics": "address",
    "https://calendar.example.org/" + "a" * 500: "address",
    "": "address",
}


@pytest.fixture(params=[socket.AF_INET, socket.AF_INET6], ids=["127.0.0.1", "::1"], scope="module")
def server(request, tmp_path_factory):
    try:
        made = Server(tmp_path_factory.mktemp("tls"), request.param)
    except OSError:
        pytest.skip("this machine has no ::1")
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _fresh(request):
    if "server" in request.fixturenames:
        server = request.getfixturevalue("server")
        server.connections, server.requests = 0, []
        server.answer = lambda request, write: write(plain(b"hello", 'ETag: "1"'))


def read(server, url=f"https://{NAME}/a.ics", *ips, **options) -> Fetched:
    return fetch(url, resolver=lambda host: ips or [PUBLIC], connector=server.connector, **options)


def refusal(server, *args, **options) -> str:
    with pytest.raises(CannotFetch) as refused:
        read(server, *args, **options)
    return refused.value.code


def test_the_table_is_long_enough():
    assert len(RESOLVED) + len(TYPED) > 100


def test_a_public_address_is_connected_to_and_read(server):
    assert read(server) == Fetched(b"hello", '"1"', "")
    assert server.connections == 1
    assert server.requests[0].startswith(b"GET /a.ics HTTP/1.1\r\n")
    assert f"\r\nHost: {NAME}\r\n".encode() in server.requests[0]


def test_no_address_that_is_not_public_is_connected_to(server):
    found = {ip: refusal(server, f"https://{NAME}/a.ics", ip) for _what, ip in RESOLVED}
    assert found == {ip: "not_public" for _what, ip in RESOLVED}
    assert server.connections == 0


def test_one_address_of_several_that_is_not_public_is_enough(server):
    for _what, ip in RESOLVED:
        assert refusal(server, f"https://{NAME}/a.ics", PUBLIC, ip) == "not_public"
    assert server.connections == 0


def test_no_odd_spelling_is_even_looked_up(server):
    asked = []
    for url, code in TYPED.items():
        with pytest.raises(CannotFetch) as refused:
            fetch(url, resolver=lambda host: asked.append(host) or [PUBLIC], connector=server.connector)
        assert (url, refused.value.code) == (url, code)
    assert (asked, server.connections) == ([], 0)


def test_names_of_other_alphabets_are_looked_up_as_ascii():
    assert read_address("https://schüle.example.org/a.ics").host == "xn--schle-mva.example.org"
    assert read_address("webcal://Calendar.Example.ORG/a?b=c").url == "https://calendar.example.org/a?b=c"


@pytest.mark.parametrize("ip", ["8.8.8.8", "93.184.215.14", "2606:4700:4700::1111", "2a00:1450:4009::1"])
def test_public_addresses_are_known_as_such(ip):
    assert is_public(ip)


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("http://calendar.example.org/b.ics", "scheme"),
        ("https://127.0.0.1/b.ics", "name"),
        ("https://inside.example.org/b.ics", "not_public"),
        ("//inside.example.org/b.ics", "not_public"),
        ("https://user@calendar.example.org/", "userinfo"),
        ("/again", "too_many_redirects"),
    ],
)
def test_every_redirect_is_checked_as_an_address(server, location, code):
    server.answer = lambda request, write: write(moved(location))
    inside = {"inside.example.org": ["10.0.0.1"]}
    with pytest.raises(CannotFetch) as refused:
        fetch(
            f"https://{NAME}/a.ics",
            resolver=lambda host: inside.get(host, [PUBLIC]),
            connector=server.connector,
        )
    assert refused.value.code == code
    assert server.connections == (5 if code == "too_many_redirects" else 1)


def test_a_redirect_to_a_public_place_is_followed(server):
    def answer(request, write):
        write(plain(b"there") if b"GET /b.ics?c" in request else moved("/b.ics?c"))

    server.answer = answer
    assert read(server).data == b"there"


def test_the_name_is_looked_up_once_and_the_connection_goes_there(server):
    asked, went = [], []

    def connector(ip, host, seconds):
        went.append((ip, host))
        return server.connector(ip, host, seconds)

    fetch(f"https://{NAME}/", resolver=lambda host: asked.append(host) or [PUBLIC], connector=connector)
    assert (asked, went) == ([NAME], [(PUBLIC, NAME)])


def test_the_certificate_must_be_that_of_the_name(server):
    assert refusal(server, "https://other.example.org/a.ics") == "certificate"
    assert server.requests == []


def test_the_real_connection_checks_certificates_and_goes_to_the_address_given():
    made = connect(PUBLIC, NAME, 60)
    assert (made.host, made.port, made.server_hostname) == (PUBLIC, 443, NAME)
    assert (made.ssl_context.check_hostname, made.ssl_context.verify_mode.name) == (True, "CERT_REQUIRED")


def test_an_unchanged_calendar_is_not_sent_again(server):
    server.answer = lambda request, write: write(b"HTTP/1.1 304 Not Modified\r\n\r\n")
    assert read(server, etag='"1"', last_modified="Mon, 02 Nov 2026 08:00:00 GMT") == Fetched(None)
    assert b'\r\nIf-None-Match: "1"\r\nIf-Modified-Since: Mon, 02 Nov 2026 08:00:00 GMT\r\n' in server.requests[0]


@pytest.mark.parametrize("status", ["404 Not Found", "500 Oh", "401 Unauthorized"])
def test_another_answer_is_a_refusal(server, status):
    server.answer = lambda request, write: write(plain(b"", status=status))
    assert refusal(server) == "status"


def test_reading_stops_at_the_limit(server):
    sent = []

    def endless(request, write):
        write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            write(b"x" * 65536)
            sent.append(65536)

    server.answer = endless
    assert refusal(server) == "too_large"
    assert sum(sent) < 10 * MOST_BYTES  # what the buffers of the kernel took in is beyond the limit too


def test_a_file_that_unpacks_to_a_hundred_times_its_size_is_not_unpacked(server):
    bomb = gzip.compress(b"\0" * 200_000_000)
    server.answer = lambda request, write: write(plain(bomb, "Content-Encoding: gzip"))
    tracemalloc.start()
    try:
        assert refusal(server) == "too_large"
        assert tracemalloc.get_traced_memory()[1] < 16_000_000
    finally:
        tracemalloc.stop()


def test_a_server_that_sends_a_byte_now_and_then_is_left(server):
    def trickle(request, write):
        write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not threading.Event().wait(0.02):
            write(b"x")

    server.answer = trickle
    assert refusal(server, most_seconds=0.5) == "too_slow"


def test_a_server_that_never_ends_its_headers_is_left(server):
    def headers(request, write):
        write(b"HTTP/1.1 200 OK\r\n")
        while True:
            write(b"X-More: 1\r\n")

    server.answer = headers
    assert refusal(server) == "no_answer"


def test_a_server_that_says_nothing_is_left(server):
    server.answer = lambda request, write: server.socket.gettimeout()
    assert refusal(server) == "no_answer"


def test_what_is_posted_arrives_and_its_status_comes_back(server):
    server.answer = lambda request, write: write(plain(b"much", status="202 Accepted"))
    status = post(
        f"https://{NAME}/in?a=b", b'{"a": 1}', {"Content-Type": "application/json"},
        resolver=lambda host: [PUBLIC], connector=server.connector,
    )  # fmt: skip
    assert (status, server.connections) == (202, 1)
    assert server.requests[0].startswith(b"POST /in?a=b HTTP/1.1\r\n")
    assert server.requests[0].endswith(b'\r\n\r\n{"a": 1}')


def test_a_post_follows_no_redirect(server):
    server.answer = lambda request, write: write(moved("/elsewhere"))
    status = post(f"https://{NAME}/", b"{}", {}, resolver=lambda host: [PUBLIC], connector=server.connector)
    assert (status, server.connections) == (302, 1)


def test_nothing_is_posted_to_an_address_that_is_not_public(server):
    for _what, ip in RESOLVED:
        with pytest.raises(CannotFetch) as refused:
            post(f"https://{NAME}/", b"{}", {}, resolver=lambda host, ip=ip: [ip], connector=server.connector)
        assert refused.value.code == "not_public"
    assert server.connections == 0


def test_a_post_to_a_server_that_never_answers_is_given_up(server):
    server.answer = lambda request, write: threading.Event().wait(2)
    with pytest.raises(CannotFetch) as refused:
        post(
            f"https://{NAME}/", b"{}", {}, resolver=lambda host: [PUBLIC], connector=server.connector, most_seconds=0.3
        )
    assert refused.value.code in ("too_slow", "no_answer")


def test_an_endless_answer_to_a_post_is_not_read(server):
    sent = []

    def endless(request, write):
        write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            write(b"x" * 65536)
            sent.append(65536)

    server.answer = endless
    assert post(f"https://{NAME}/", b"{}", {}, resolver=lambda host: [PUBLIC], connector=server.connector) == 200
    assert sum(sent) < 10 * MOST_BYTES


@pytest.mark.parametrize("ask", [fetch, lambda url, **options: post(url, b"{}", {}, **options)], ids=["read", "post"])
def test_a_look_up_that_hangs_ends_with_the_time_of_the_whole(server, ask):
    """A name server that never answers: the system's own patience is minutes."""
    over = threading.Event()

    def hangs(host: str) -> list[str]:
        over.wait(20)
        return [PUBLIC]

    started = time.monotonic()
    try:
        with pytest.raises(CannotFetch) as refused:
            ask(f"https://{NAME}/", resolver=hangs, connector=server.connector, most_seconds=0.3)
    finally:
        over.set()
    assert (refused.value.code, server.connections) == ("too_slow", 0)
    assert time.monotonic() - started < 5


def test_what_a_look_up_refuses_is_said(server):
    def unknown(host: str) -> list[str]:
        raise CannotFetch("unknown_name", name=host)

    with pytest.raises(CannotFetch) as refused:
        fetch(f"https://{NAME}/", resolver=unknown, connector=server.connector)
    assert (refused.value.code, refused.value.facts["name"]) == ("unknown_name", NAME)
