"""A mail provider in this process, and the way to it from a sender in another: what it took is
known even when the sender is killed before it could write that down."""

from __future__ import annotations

import http.client
import os
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from django.core.mail.backends.base import BaseEmailBackend

PORT = "STORM_PROVIDER_PORT"


class Provider:
    """`taken` counts every acceptance by key; `delivered` is what readers get from a provider
    that honours keys, and `read` what stands in those mails."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self.delivered: list[str] = []
        self.read: list[str] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Provider:
        self._thread.start()
        os.environ[PORT] = str(self._server.server_port)
        return self

    def __exit__(self, *exception: object) -> None:
        del os.environ[PORT]
        self._server.shutdown()
        self._server.server_close()

    def take(self, key: str, body: str) -> None:
        with self._lock:
            if key not in self.taken:
                self.delivered.append(key)
                self.read.append(body)
            self.taken[key] += 1

    def _handler(provider):  # noqa: N805 - a method of the server's class below
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                provider.take(self.headers["Idempotency-Key"], body)
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args) -> None:
                """Quiet."""

        return Handler


class Backend(BaseEmailBackend):
    """Hands mails to the `Provider` whose port stands in the environment."""

    def send_messages(self, email_messages) -> int:
        for mail in email_messages:
            way = http.client.HTTPConnection("127.0.0.1", int(os.environ[PORT]), timeout=10)
            try:
                way.request("POST", "/", mail.body.encode(), {"Idempotency-Key": mail.extra_headers["Message-ID"]})
                if way.getresponse().status != 202:
                    raise OSError("the provider refused")
            finally:
                way.close()
        return len(email_messages)
