"""A local server that speaks as much of the payment provider's API as the product asks of it by its library."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "sk_test_local"


def _metadata(told: dict[str, str]) -> dict[str, str]:
    return {name[len("metadata[") : -1]: value for name, value in told.items() if name.startswith("metadata[")}


@dataclass
class FakeStripe:
    """The provider: what it was asked, and what it knows of each session, charge and customer.

    `refuses` is what a bank says to charges (a code), "" where it pays; `thinks`: it says neither at once.
    """

    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    by_key: dict[str, str] = field(default_factory=dict)
    intents: dict[str, dict[str, Any]] = field(default_factory=dict)
    forgotten: list[str] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    refuses: str = ""
    thinks: bool = False
    down: bool = False
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def pay(self, session: str) -> None:
        """Let a customer pay on the page, or give a card there."""
        made = self.sessions[session]
        card = {"brand": "visa", "last4": "4242", "exp_month": 4, "exp_year": 2031}
        method = {"id": f"pm_{session}", "object": "payment_method", "card": card}
        name = "payment_intent" if made["mode"] == "payment" else "setup_intent"
        intent = {"id": f"{'pi' if made['mode'] == 'payment' else 'seti'}_{session}", "object": name}
        paid = "paid" if made["mode"] == "payment" else "no_payment_required"
        made |= {"status": "complete", "payment_status": paid, name: intent | {"payment_method": method}}
        if made["customer_creation"] == "always":
            made["customer"] = f"cus_{session}"

    def make(self, told: dict[str, str], key: str) -> dict[str, Any]:
        if key in self.by_key:
            return self.sessions[self.by_key[key]]
        id = f"cs_{len(self.sessions) + 1}"
        self.by_key[key] = id
        self.sessions[id] = {
            "id": id,
            "object": "checkout.session",
            "url": f"{self.url}/pay/{id}",
            "mode": told["mode"],
            "status": "open",
            "customer": None,
            "customer_creation": told.get("customer_creation", "if_required"),
            "kept": told.get("payment_intent_data[setup_future_usage]", ""),
            "payment_status": "unpaid",
            "payment_intent": None,
            "setup_intent": None,
            "amount_total": int(told.get("line_items[0][price_data][unit_amount]", "0")),
            "currency": told.get("line_items[0][price_data][currency]", told.get("currency", "")),
            "metadata": _metadata(told),
        }
        return self.sessions[id]

    def charge(self, told: dict[str, str], key: str) -> dict[str, Any]:
        """Charge a kept card; the same key gives the same charge."""
        if key in self.by_key:
            return self.intents[self.by_key[key]]
        assert (told["off_session"], told["confirm"]) == ("true", "true")
        id = f"pi_{len(self.intents) + 1}"
        self.by_key[key] = id
        self.intents[id] = {
            "id": id,
            "object": "payment_intent",
            "status": "requires_payment_method" if self.refuses else "processing" if self.thinks else "succeeded",
            "amount_received": 0 if self.refuses or self.thinks else int(told["amount"]),
            "amount": int(told["amount"]),
            "currency": told["currency"],
            "customer": told["customer"],
            "payment_method": told["payment_method"],
            "metadata": _metadata(told),
            "last_payment_error": {"code": self.refuses, "type": "card_error"} if self.refuses else None,
        }
        return self.intents[id]

    def settle(self, intent: str, refuses: str = "") -> None:
        """Let the bank say at last what becomes of a charge."""
        made = self.intents[intent]
        made |= {
            "status": "requires_payment_method" if refuses else "succeeded",
            "amount_received": 0 if refuses else made["amount"],
            "last_payment_error": {"code": refuses} if refuses else None,
        }

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
                fake.asked.append((self.command, urlsplit(self.path).path))
                fake.headers.append({name.lower(): value for name, value in self.headers.items()})
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
                path, key = urlsplit(self.path).path, self.headers.get("Idempotency-Key", "")
                if path == "/v1/checkout/sessions" and key:
                    self.answer(200, fake.make(told, key))
                elif path == "/v1/payment_intents" and key:
                    made = fake.charge(told, key)
                    refused = made["last_payment_error"]
                    self.answer(
                        402 if refused else 200, {"error": refused | {"payment_intent": made}} if refused else made
                    )
                else:
                    self.answer(404, {"error": {"type": "invalid_request_error"}})

            def do_DELETE(self) -> None:
                if self.admitted():
                    customer = urlsplit(self.path).path.rpartition("/")[2]
                    fake.forgotten.append(customer)
                    self.answer(200, {"id": customer, "object": "customer", "deleted": True})

            def do_GET(self) -> None:
                if not self.admitted():
                    return
                wanted = urlsplit(self.path).path.rpartition("/")[2]
                found = fake.sessions.get(wanted) or fake.intents.get(wanted)
                if found is None:
                    self.answer(404, {"error": {"type": "invalid_request_error"}})
                else:
                    self.answer(200, found)

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return server
