"""A local server that speaks as much of the payment provider's API as the product asks: sessions, made and read."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "sk_test_local"


@dataclass
class FakeStripe:
    """The provider: what it was asked, and what it knows of each session."""

    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    by_key: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    down: bool = False
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def pay(self, session: str) -> None:
        """Let a customer pay on the page."""
        self.sessions[session] |= {"payment_status": "paid", "payment_intent": f"pi_{session}"}

    def make(self, told: dict[str, str], key: str) -> dict[str, Any]:
        if key in self.by_key:
            return self.sessions[self.by_key[key]]
        id = f"cs_{len(self.sessions) + 1}"
        self.by_key[key] = id
        self.sessions[id] = {
            "id": id,
            "object": "checkout.session",
            "url": f"{self.url}/pay/{id}",
            "payment_status": "unpaid",
            "payment_intent": None,
            "amount_total": int(told["line_items[0][price_data][unit_amount]"]),
            "currency": told["line_items[0][price_data][currency]"],
            "metadata": {"tenant": told["metadata[tenant]"], "invoice": told["metadata[invoice]"]},
        }
        return self.sessions[id]

    def start(self) -> ThreadingHTTPServer:  # noqa: C901 - a handler with its two verbs
        """Serve on a free port, in a thread."""
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_args: object) -> None:
                return

            def answer(self, status: int, told: dict[str, Any]) -> None:
                body = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def admitted(self) -> bool:
                fake.asked.append((self.command, self.path))
                if fake.down:
                    self.answer(503, {"error": {"type": "api_error"}})
                    return False
                if self.headers.get("Authorization") != f"Bearer {KEY}" or not self.headers.get("Stripe-Version"):
                    self.answer(401, {"error": {"type": "invalid_request_error"}})
                    return False
                return True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
                if not self.admitted():
                    return
                told = {name: values[-1] for name, values in parse_qs(body).items()}
                if urlsplit(self.path).path != "/v1/checkout/sessions" or told.get("mode") != "payment":
                    self.answer(404, {"error": {"type": "invalid_request_error"}})
                    return
                self.answer(200, fake.make(told, self.headers.get("Idempotency-Key", "")))

            def do_GET(self) -> None:
                if not self.admitted():
                    return
                found = fake.sessions.get(urlsplit(self.path).path.rpartition("/")[2])
                if found is None:
                    self.answer(404, {"error": {"type": "invalid_request_error"}})
                else:
                    self.answer(200, found)

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return server
