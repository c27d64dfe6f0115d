"""A server that answers as Twilio and the WhatsApp Cloud API document: the network's edge."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs


class Gateway:
    """`answers` are (status, body, headers) given in turn, then yes. A call whose
    Idempotency-Key was said yes to before gets the same yes and counts once in `accepted`."""

    def __init__(self) -> None:
        self.calls: list[dict] = []
        self.answers: list[tuple[int, dict, dict]] = []
        self.accepted: dict[str, str] = {}
        self.hang = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Gateway:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, headers, body: str) -> tuple[int, dict, dict]:
        is_form = headers["Content-Type"] == "application/x-www-form-urlencoded"
        given = {name: found[0] for name, found in parse_qs(body).items()} if is_form else json.loads(body)
        self.calls.append({"path": path, "auth": headers["Authorization"], "given": given})
        if self.answers:
            return self.answers.pop(0)
        sid = self.accepted.setdefault(headers["Idempotency-Key"], f"SM{len(self.accepted)}")
        if path.startswith("/2010-04-01/"):
            return 201, {"sid": sid, "status": "queued"}, {}
        return 200, {"messaging_product": "whatsapp", "messages": [{"id": sid}]}, {}

    def _handler(gateway):  # noqa: N805 - a method of the server's class below
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                status, said, headers = gateway.answer(self.path, self.headers, body)
                if gateway.hang:
                    self.close_connection = True
                    return
                content = json.dumps(said).encode()
                self.send_response(status)
                for name, value in {"Content-Length": str(len(content)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args) -> None:
                """Quiet."""

        return Handler
