"""A real TLS server on this machine, which counts who connects; and a connector that leads every address to it."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from urllib3.connection import HTTPSConnection

NAME = "calendar.example.org"
PUBLIC = "93.184.215.14"


def certificate(folder: Path, name: str = NAME) -> Path:
    """A certificate of `name` that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today)
        .not_valid_after(today.replace(year=2090))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


class Server:
    """`answer(request, write)` says what to send; `connections` counts every one accepted, TLS or not."""

    def __init__(self, folder: Path, family: int = socket.AF_INET) -> None:
        self.pem = certificate(folder)
        self.connections = 0
        self.requests: list[bytes] = []
        self.answer: Callable[[bytes, Callable[[bytes], None]], None] = lambda request, write: write(plain(b"hello"))
        self.socket = socket.create_server(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0), family=family)
        self.host, self.port = self.socket.getsockname()[:2]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pem)
        self._context = context
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                raw, _peer = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk, args=(raw,), daemon=True).start()

    def _talk(self, raw: socket.socket) -> None:
        try:
            with self._context.wrap_socket(raw, server_side=True) as client:
                request = b""
                while b"\r\n\r\n" not in request:
                    more = client.recv(4096)
                    if not more:
                        return
                    request += more
                head, _blank, body = request.partition(b"\r\n\r\n")
                given = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
                while given and len(body) < int(given[0].partition(b":")[2]):
                    body += client.recv(65536)
                request = head + b"\r\n\r\n" + body
                self.requests.append(request)
                self.answer(request, client.sendall)
        except OSError:
            return  # the client hung up, which is what several tests are about

    def connector(self, ip: str, host: str, seconds: float) -> HTTPSConnection:
        """As `hubs.fetch.connect`, but whatever `ip` is, the way leads here."""
        context = ssl.create_default_context(cafile=str(self.pem))
        return HTTPSConnection(self.host, self.port, timeout=seconds, server_hostname=host, ssl_context=context)

    def close(self) -> None:
        self.socket.close()


def plain(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def moved(location: str) -> bytes:
    return plain(b"", f"Location: {location}", status="302 Found")
