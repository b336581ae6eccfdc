"""A server for the till's own tests: the till protocol in memory, with its own idea of what is right, and with bad habits on demand.

It shares no code with the product. It checks every hash and every number by itself and notes what is wrong in `faults`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.support.browser import POLICY

ROOT = Path(__file__).resolve().parents[2]
GENESIS = "0" * 64
SLUG, TILL, STORE = "alma", "0199a000-0000-7000-8000-0000000000a1", "0199a000-0000-7000-8000-0000000000b1"
TAXES = [("reduced", "VAT", 70_000), ("standard", "VAT", 190_000)]
CATEGORIES = [("Bakery", 70), ("Drinks", 20), ("Dairy", 250), ("Fruit & veg", 145), ("Household", 200), ("Snacks", 300)]


def now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def chain_hash(till: str, device: str, record: dict[str, Any]) -> str:
    """Say what a record's hash must be, from the protocol's description alone."""
    fields = [till, device, str(record["seq"])] + [record[k] for k in ("kind", "id", "at", "payload", "prev_hash")]
    parts = [f"{len(one.encode())}:{one}".encode() for one in fields]
    return hashlib.sha256(b"CTJ1\x1f" + b"\x1f".join(parts)).hexdigest()


def ean13(body: str) -> str:
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return body + str(-total % 10)


@dataclass
class Product:
    id: str
    sku: str
    name: str
    price: int
    category: int
    tax: int = 0
    unit: str = "each"
    decimals: int = 0
    barcodes: tuple[str, ...] = ()
    favourite: int = 1
    on_hand: str = "50"
    active: int = 1
    version: int = 1
    low: bool = False


def shelf() -> list[Product]:
    """Make the articles of the mockups, with barcodes that a scanner would accept."""
    rows = [
        ("Sourdough loaf 800 g", 420, 0, 0, "18", ""), ("Butter croissant", 160, 0, 0, "3", ""),
        ("Whole milk 1 l", 135, 2, 0, "64", ""), ("Greek yoghurt 500 g", 290, 2, 0, "0", ""),
        ("Bananas", 199, 3, 0, "22", "kg"), ("Cola 330 ml", 110, 1, 1, "140", ""),
        ("Sparkling water 1.5 l", 89, 1, 1, "96", ""), ("Dark chocolate 70 %", 245, 5, 0, "31", ""),
        ("Sea-salt crisps", 185, 5, 0, "44", ""), ("Washing-up liquid", 215, 4, 1, "27", ""),
        ("Kitchen roll ×4", 375, 4, 1, "19", ""), ("Cinnamon bun", 230, 0, 0, "12", ""), ("Crème fraîche", 155, 2, 0, "30", ""),
    ]
    return [
        Product(
            id=f"0199a000-0000-7000-9000-{i:012d}", sku=f"SKU-{i:04d}", name=name, price=price, category=category, tax=tax,
            unit=unit or "each", decimals=3 if unit else 0, barcodes=(ean13(f"400638133{i:03d}"),), on_hand=on_hand, low=0 < float(on_hand) <= 5,
        )
        for i, (name, price, category, tax, on_hand, unit) in enumerate(rows)
    ]


@dataclass
class Chain:
    records: list[dict[str, Any]] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)

    @property
    def head(self) -> dict[str, Any]:
        return {"seq": len(self.records), "hash": self.records[-1]["hash"] if self.records else GENESIS}


class LostReply(Response):
    """A reply that breaks off: the work is done, the till never hears of it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{"})


class FakeTillServer:
    """One tenant with one till. Change its fields from the test; they hold from the next request on."""

    def __init__(self) -> None:
        self.products = shelf()
        self.version = 1
        self.chains: dict[str, Chain] = {}
        self.claim: dict[str, Any] | None = None
        self.fence = 0
        self.epoch = "1"
        self.shift: dict[str, Any] | None = None
        self.currency = ("EUR", 2, 1)
        self.layouts: list[str] = []
        self.faults: list[str] = []
        self.posts: list[list[int]] = []
        self.events: list[dict[str, Any]] = []
        self.sockets: set[WebSocket] = set()
        self.exceptions: list[dict[str, str]] = []
        # bad habits
        self.lose_replies = 0
        self.hang = False
        self.status = 0
        self.release = "1"
        self.port = 0
        self.app = self._build()

    # -- running it -------------------------------------------------------------------------------------------

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def page(self) -> str:
        return f"{self.origin}/t/{SLUG}/tills/{TILL}/sell"

    def start(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        config = uvicorn.Config(self.app, log_level="critical", lifespan="off", timeout_graceful_shutdown=1, ws="websockets-sansio")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]}, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        self._loop = self._server.servers[0].get_loop()

    def stop(self) -> None:
        """Be gone: connections end, new ones are refused."""
        self._server.should_exit = self._server.force_exit = True
        self._thread.join()
        self.sockets.clear()

    # -- what a test asks for or does -------------------------------------------------------------------------

    @property
    def records(self) -> list[dict[str, Any]]:
        return [record for chain in self.chains.values() for record in chain.records]

    @property
    def sales(self) -> list[dict[str, Any]]:
        return [json.loads(record["payload"]) for record in self.records if record["kind"] == "sale"]

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        return [json.loads(record["payload"]) for record in self.records if record["kind"] == kind]

    def forget_after(self, seq: int) -> None:
        """Lose what was acknowledged, as a server does that is restored from an older copy."""
        for chain in self.chains.values():
            del chain.records[seq:], chain.results[seq:]

    def push(self, topic: str, type: str, data: dict[str, Any]) -> None:
        """Tell every socket something."""
        self.events.append({"topic": topic, "version": len(self.events) + 1, "type": type, "data": data})
        for one in list(self.sockets):
            asyncio.run_coroutine_threadsafe(one.send_json(self.events[-1]), self._loop).result(5)

    def set_stock(self, product: Product, on_hand: str, *, low: bool = False) -> None:
        product.on_hand, product.low = on_hand, low
        self.push(f"stock:{STORE}", "stock.changed", {"product": product.id, "on_hand": on_hand, "low": low})

    def change_product(self, product: Product, **facts: Any) -> None:
        self.version += 1
        for name, value in {**facts, "version": self.version}.items():
            setattr(product, name, value)
        self.push("catalogue", "catalogue.changed", {"version": self.version})

    def add_product(self, product: Product) -> None:
        self.products.append(product)
        self.change_product(product)

    def take_over(self, label: str) -> None:
        self.fence += 1
        self.claim = {"device": str(uuid.uuid4()), "label": label, "since": now(), "fence": self.fence}
        self.push(f"till:{TILL}", "till.taken_over", {"fence": self.fence, "label": label})

    # -- the protocol -----------------------------------------------------------------------------------------

    def _build(self) -> Starlette:
        api = f"/t/{SLUG}/api/v1"
        routes = [
            Route(f"/t/{SLUG}/tills/{{till}}/sell", self._shell), Route("/healthz", lambda _: PlainTextResponse("ok")),
            Route("/sw.js", self._worker), Route("/favicon.ico", lambda _: Response(status_code=204)),
            Route("/kiosk/{path:path}", self._file), Route("/static/{path:path}", self._file),
            Route(f"/t/{SLUG}/products/new", lambda _: PlainTextResponse("new product")),
            Route(f"{api}/tills/{{till}}/setup", self._setup), Route(f"{api}/catalogue", self._catalogue), Route(f"{api}/stock", self._stock),
            Route(f"{api}/customers", self._customers), Route(f"{api}/tills/{{till}}/claims", self._claim, methods=["POST"]),
            Route(f"{api}/tills/{{till}}/journal", self._journal, methods=["POST"]), WebSocketRoute(f"{api}/events", self._events),
        ]
        return Starlette(routes=routes, middleware=[Middleware(_Policy), Middleware(_Habits, fake=self)])

    async def _shell(self, request: Request) -> Response:
        return FileResponse(ROOT / "kiosk/till/shell.html")

    async def _file(self, request: Request) -> Response:
        file = ROOT / request.url.path.lstrip("/")
        media = {".js": "text/javascript; charset=utf-8"}.get(file.suffix)
        return FileResponse(file, media_type=media) if file.is_file() else PlainTextResponse("not found", 404)

    def precache(self) -> str:
        """Make the line that stands before the worker's text."""
        paths = [f"/kiosk/till/{file.relative_to(ROOT / 'kiosk/till')}" for file in sorted((ROOT / "kiosk/till").rglob("*")) if file.is_file()]
        paths += json.loads((ROOT / "kiosk/precache.json").read_text())
        files = {path: hashlib.sha256((ROOT / path.lstrip("/")).read_bytes()).hexdigest() for path in sorted(paths)}
        lines = "\n".join(f"{path} {digest}" for path, digest in files.items()) + self.release
        version = hashlib.sha256(lines.encode()).hexdigest()[:16]
        return f"self.PRECACHE={json.dumps({'version': version, 'files': files})};\n"

    async def _worker(self, request: Request) -> Response:
        line = "self.PRECACHE=null;\n" if self.release == "kill" else self.precache()
        return Response(line + (ROOT / "kiosk/sw.js").read_text(), media_type="text/javascript", headers={"Cache-Control": "no-cache"})

    async def _setup(self, request: Request) -> Response:
        code, exponent, unit = self.currency
        return JSONResponse({
            "tenant": {"id": "t", "slug": SLUG, "name": "Alma's Corner", "currency": code, "exponent": exponent, "cash_unit": unit, "locale": "en", "prices_include_tax": True, "barcode_layouts": self.layouts},
            "store": {"id": STORE, "name": "High Street", "timezone": "Europe/Berlin", "address": "High Street 1\n10115 Berlin", "tax_number": "DE123456789", "receipt_footer": "Thank you!", "day_cutoff_hour": 4},
            "till": {"id": TILL, "code": "T2", "name": "Till 2"}, "cashier": {"id": "c", "name": "Anna", "role": "cashier", "permissions": []},
            "now": now(), "recovery_epoch": self.epoch,
        })

    async def _claim(self, request: Request) -> Response:
        body = await request.json()
        if self.claim and self.claim["device"] != body["device"] and not body["take_over"]:
            detail = {"code": "till_in_use", "detail": "In use.", "since": self.claim["since"], "label": self.claim["label"]}
            return _problem(409, detail)
        if not self.claim or self.claim["device"] != body["device"]:
            self.fence += 1
            self.claim = {"device": body["device"], "label": body["label"], "since": now(), "fence": self.fence}
        chain = self.chains.setdefault(body["device"], Chain())
        number = max((sale["number"] for sale in self.sales), default=0) + 1
        return JSONResponse({"fence": self.claim["fence"], **chain.head, "next_number": number, "shift": self.shift})

    async def _catalogue(self, request: Request) -> Response:
        since = int(request.query_params["since"])
        rows = [one for one in self.products if one.version > since]
        names = {"id": "id", "sku": "sku", "name": "name", "price": "price", "category": "category", "tax_class": "tax", "unit": "unit",
                 "decimals": "decimals", "active": "active", "barcodes": "barcodes", "favourite": "favourite"}
        return JSONResponse({
            "version": self.version, "full": since == 0, "currency": self.currency[0], "prices_include_tax": True,
            "products": {name: [getattr(one, key) for one in rows] for name, key in names.items()},
            "categories": [{"id": f"cat-{name}", "name": name, "hue": hue} for name, hue in CATEGORIES],
            "tax_classes": [{"id": f"tax-{code}", "code": code, "name": name, "rate_micros": rate} for code, name, rate in TAXES],
            "stock": {str(i): one.on_hand for i, one in enumerate(rows)}, "low": [i for i, one in enumerate(rows) if one.low],
        })

    async def _stock(self, request: Request) -> Response:
        at = int(request.query_params.get("after", "0"))
        page = self.products[at : at + 500]
        items = [{"product": one.id, "store": STORE, "on_hand": one.on_hand, "reserved": "0", "available": one.on_hand, "low": one.low} for one in page]
        return JSONResponse({"items": items, "next": str(at + 500) if at + 500 < len(self.products) else None})

    async def _customers(self, request: Request) -> Response:
        wanted = request.query_params["q"].lower()
        people = [{"id": "0199a000-0000-7000-8000-0000000000c1", "name": "Lena Marsh", "tier": "Gold", "points": 1240, "phone": None, "email": "lena@example.com"}]
        return JSONResponse({"items": [one for one in people if wanted in str(one["name"]).lower()], "next": None})

    async def _journal(self, request: Request) -> Response:
        body = await request.json()
        while self.hang:
            await asyncio.sleep(0.05)
        self.posts.append([record["seq"] for record in body["records"]])
        if len(body["records"]) > 100:
            self.faults.append(f"a batch of {len(body['records'])}")
        chain = self.chains.setdefault(body["device"], Chain())
        if body["records"][0]["seq"] > len(chain.records) + 1:
            return _problem(409, {"code": "journal_gap", "detail": "A gap.", "expected_seq": len(chain.records) + 1})
        results = [self._ingest(chain, body["device"], record) for record in body["records"]]
        answer = {"head": chain.head, "results": results, "now": now(), "recovery_epoch": self.epoch}
        if self.lose_replies:
            self.lose_replies -= 1
            return LostReply()
        if self.claim and body["fence"] < self.claim["fence"]:
            return _problem(409, {"code": "till_taken_over", "detail": "Taken over.", "label": self.claim["label"], **answer})
        return JSONResponse(answer)

    def _ingest(self, chain: Chain, device: str, record: dict[str, Any]) -> dict[str, Any]:
        if record["seq"] <= len(chain.records):
            kept, result = chain.records[record["seq"] - 1], chain.results[record["seq"] - 1]
            return {**result, "status": "replayed" if kept == record else "conflict"}
        if record["prev_hash"] != chain.head["hash"] or record["hash"] != chain_hash(TILL, device, record):
            self.faults.append(f"record {record['seq']} is not linked")
        payload = json.loads(record["payload"])
        if record["kind"] == "sale":
            self._check_sale(payload)
        chain.records.append(record)
        answer = self._report(payload) if record["kind"] == "shift_closed" else None
        if record["kind"] == "shift_opened":
            self.shift = {"id": payload["id"], "opened_at": record["at"], "opening_float": payload["opening_float"], "opened_by": "Anna"}
        result = {"seq": record["seq"], "id": record["id"], "status": "created", "exceptions": self.exceptions, "result": answer}
        chain.results.append(result)
        return result

    def _check_sale(self, sale: dict[str, Any]) -> None:
        known = [one["number"] for one in self.sales]
        if sale["number"] != max(known, default=0) + 1:
            self.faults.append(f"number {sale['number']} after {known[-3:]}")
        if sale["id"] in {one["id"] for one in self.sales}:
            self.faults.append(f"sale {sale['id']} twice")
        paid = sum(tender["amount"] - tender["change"] for tender in sale["tenders"])
        if paid != sale["total"] + sale.get("cash_rounding", 0):
            self.faults.append(f"paid {paid} for {sale['total']}")

    def _report(self, payload: dict[str, Any]) -> dict[str, Any]:
        sales = [sale for sale in self.sales if sale["shift"] == payload["id"]]
        tenders: dict[str, int] = {}
        for tender in (tender for sale in sales for tender in sale["tenders"]):
            tenders[tender["type"]] = tenders.get(tender["type"], 0) + tender["amount"] - tender["change"]
        moved = sum(one["amount"] * (1 if one["kind"] == "pay_in" else -1) for one in self.of_kind("cash_moved") if one["shift"] == payload["id"])
        expected = (self.shift or {"opening_float": 0})["opening_float"] + tenders.get("cash", 0) + moved
        self.shift = None
        numbers = [sale["number"] for sale in sales] or [None]
        return {"expected": expected, "counted": payload["counted"], "variance": payload["counted"] - expected, "first_number": numbers[0],
                "last_number": numbers[-1], "sales": len(sales), "total": sum(sale["total"] for sale in sales), "tenders": tenders}

    async def _events(self, socket: WebSocket) -> None:
        await socket.accept()
        try:
            hello = await socket.receive_json()
            for event in self.events[hello["since"] or 0 :] if hello["since"] is not None else []:
                await socket.send_json(event)
            self.sockets.add(socket)
            while True:
                await socket.receive_text()
        except WebSocketDisconnect:
            self.sockets.discard(socket)


def _problem(status: int, body: dict[str, Any]) -> Response:
    return JSONResponse({"type": "about:blank", "title": "Refused", "status": status, **body}, status, media_type="application/problem+json")


class _Policy:
    """The product's security headers on everything."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"content-security-policy", POLICY.encode())]
            await send(message)

        await self.app(scope, receive, with_policy)


class _Habits:
    """Answers every request of the API with a status, while the test wants that."""

    def __init__(self, app: ASGIApp, fake: FakeTillServer) -> None:
        self.app, self.fake = app, fake

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.fake.status and scope["type"] == "http" and "/api/" in scope["path"]:
            await _problem(self.fake.status, {"code": "habit", "detail": "Not now."})(scope, receive, send)
        else:
            await self.app(scope, receive, send)


@contextmanager
def running_fake() -> Iterator[FakeTillServer]:
    """Start one, and see to it that it is gone afterwards."""
    fake = FakeTillServer()
    fake.start()
    try:
        yield fake
    finally:
        fake.hang = False
        fake.stop()
