"""A server for the till's own tests: the till protocol in memory, and bad habits on demand.

It shares no code with the product (fake_till_shop.py has what it sells and checks).
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
from functools import cache
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from retail.runtime.web.slim import slim
from tests.support import fake_till_held, fake_till_layaways, fake_till_news
from tests.support.fake_till_displays import FakeDisplays
from tests.support.fake_till_http import Habits, LostReply, Policy, problem
from tests.support.fake_till_paper import paper_routes
from tests.support.fake_till_returns import return_routes
from tests.support.fake_till_shop import SLUG, STORE, TILL, Chain, FakeShop, Product, now

ROOT = Path(__file__).resolve().parents[2]
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


def sent(file: Path) -> bytes:
    """Give a file's bytes as the product sends them."""
    return _slimmed(file, file.stat().st_mtime_ns)


@cache
def _slimmed(file: Path, _changed: int) -> bytes:
    return slim(file.relative_to(ROOT), file.read_bytes())


@cache
def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


class FakeTillServer(FakeShop):
    """One tenant with one till. Change its fields from the test; they hold from the next request on."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[dict[str, Any]] = []
        self.sockets: set[WebSocket] = set()
        self.added: list[dict[str, Any]] = []
        self.held: dict[str, dict[str, Any]] = {}
        self.held_after = 0.0  # seconds until it says what is on hold
        self.layaways: dict[str, dict[str, Any]] = {}
        self.layaway_terms = {"percent_least": 20, "days": 30, "percent_fee": 0}
        self.none_left = ""  # why nothing can be kept
        self.news = fake_till_news.empty()
        self.displays = FakeDisplays(self)
        # bad habits
        self.lose_replies = 0
        self.hang = False
        self.acts: list[dict[str, Any]] = []  # what cashiers did at the store's other tills
        self.archived: dict[str, str] = {}  # names of what isn't sold any more, by code
        self.stock_elsewhere: dict[str, str] = {}  # what other stores have of each article
        self.stock_late = False  # the list of all stock isn't answered yet
        self.status = 0
        self.release = "1"
        self.whole_shell = True  # the worker keeps every file; else nothing, which takes half the time
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
        config = uvicorn.Config(
            self.app, log_level="critical", lifespan="off", timeout_graceful_shutdown=1, ws="websockets-sansio"
        )
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
        for one in (self.sockets, self.displays.feeds, self.displays.screens):
            one.clear()

    # -- what a test asks for or does -------------------------------------------------------------------------

    def push(self, topic: str, type: str, data: dict[str, Any]) -> None:
        """Tell every socket something."""
        self.events.append({"topic": topic, "version": len(self.events) + 1, "type": type, "data": data})
        for one in list(self.sockets):
            asyncio.run_coroutine_threadsafe(one.send_json(self.events[-1]), self._loop).result(5)

    reserved = "0"
    """How much of everything is kept for customers, as the list of stock says."""

    def set_stock(self, product: Product, on_hand: str, *, low: bool = False) -> None:
        product.on_hand, product.low = on_hand, low
        self.push(
            f"stock:{STORE}",
            "stock.changed",
            {"product": product.id, "on_hand": on_hand, "available": on_hand, "low": low},
        )

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
            Route(f"/t/{SLUG}/tills/{{till}}/sell", self._shell),
            Route("/healthz", lambda _: PlainTextResponse("ok")),
            Route("/sw.js", self._worker),
            Route("/favicon.ico", lambda _: Response(status_code=204)),
            Route("/kiosk/shell/{version}", self._together),
            Route("/kiosk/{path:path}", self._file),
            Route("/static/{path:path}", self._file),
            Route(f"/t/{SLUG}/products/new", lambda _: PlainTextResponse("new product")),
            Route(f"{api}/tills/{{till}}/setup", self._setup),
            Route(f"{api}/catalogue", self._catalogue),
            Route(f"{api}/codes/reading", self._reading),
            Route(f"{api}/stock", self._stock),
            Route(f"{api}/stock/lots", self._lots),
            Route(f"{api}/stock/serials", self._pieces),
            Route(f"{api}/customers", self._customers),
            Route(f"{api}/shifts/{{shift}}/x", self._so_far),
            Route(f"{api}/offers/set", self._offers),
            Route(f"{api}/coupons/check", self._coupon, methods=["POST"]),
            Route(f"{api}/tills/{{till}}/customers", self._add_customer, methods=["POST"]),
            Route(f"{api}/tills/{{till}}/risk", lambda _: JSONResponse({"acts": self.acts})),
            Route(f"{api}/tills/{{till}}/claims", self._claim, methods=["POST"]),
            Route(f"{api}/tills/{{till}}/journal", self._journal, methods=["POST"]),
            *return_routes(self, api),
            *fake_till_held.routes(self),
            *fake_till_layaways.routes(self),
            *fake_till_news.routes(self),
            *paper_routes(self, api),
            *self.displays.routes(api),
            WebSocketRoute(f"{api}/events", self._events),
        ]
        return Starlette(routes=routes, middleware=[Middleware(Policy), Middleware(Habits, fake=self)])

    async def _shell(self, request: Request) -> Response:
        return FileResponse(ROOT / "kiosk/till/shell.html")

    async def _file(self, request: Request) -> Response:
        file = ROOT / request.url.path.lstrip("/")
        media = TYPES.get(file.suffix)
        if not file.is_file():
            return PlainTextResponse("not found", 404)
        return Response(sent(file), media_type=media) if media else FileResponse(file)

    def kept(self) -> tuple[str, dict[str, str]]:
        """Give the version of the shell, and each of its files with its hash."""
        paths = [
            f"/kiosk/till/{file.relative_to(ROOT / 'kiosk/till')}"
            for file in sorted((ROOT / "kiosk/till").rglob("*"))
            if file.is_file()
        ]
        paths += json.loads((ROOT / "kiosk/precache.json").read_text())
        files = {path: _digest(sent(ROOT / path.lstrip("/"))) for path in sorted(paths)}
        lines = "\n".join(f"{path} {digest}" for path, digest in files.items()) + self.release
        return hashlib.sha256(lines.encode()).hexdigest()[:16], files

    async def _together(self, request: Request) -> Response:
        version, files = self.kept()
        if request.path_params["version"] != version:
            return PlainTextResponse("another version", 404)
        parts = {path: sent(ROOT / path.lstrip("/")) for path in files if path.endswith(tuple(TYPES))}
        head = [[path, len(body), TYPES[Path(path).suffix]] for path, body in parts.items()]
        return Response(b"\n".join([json.dumps(head).encode(), b"".join(parts.values())]))

    async def _worker(self, request: Request) -> Response:
        if not self.whole_shell:
            return Response("// keeps nothing", media_type="text/javascript")
        version, files = self.kept()
        known = None if self.release == "kill" else {"version": version, "files": files}
        return Response(
            f"self.PRECACHE={json.dumps(known)};\n" + sent(ROOT / "kiosk/sw.js").decode(),
            media_type="text/javascript",
            headers={"Cache-Control": "no-cache"},
        )

    async def _setup(self, request: Request) -> Response:
        return JSONResponse(self.setup() | {"displays": len(self.displays.paired)})

    async def _claim(self, request: Request) -> Response:
        body = await request.json()
        if self.claim and self.claim["device"] != body["device"] and not body["take_over"]:
            detail = {
                "code": "till_in_use",
                "detail": "In use.",
                "since": self.claim["since"],
                "label": self.claim["label"],
            }
            return problem(409, detail)
        if not self.claim or self.claim["device"] != body["device"]:
            self.fence += 1
            self.claim = {"device": body["device"], "label": body["label"], "since": now(), "fence": self.fence}
        chain = self.chains.setdefault(body["device"], Chain())
        number = max((sale["number"] for sale in self.sales), default=0) + 1
        return JSONResponse({"fence": self.claim["fence"], **chain.head, "next_number": number, "shift": self.shift})

    async def _catalogue(self, request: Request) -> Response:
        return JSONResponse(self.catalogue(int(request.query_params["since"])))

    async def _reading(self, request: Request) -> Response:
        name = self.archived.get(request.query_params["code"])
        return JSONResponse({"product": None, "archived": {"name": name} if name else None})

    async def _offers(self, request: Request) -> Response:
        return JSONResponse(self.offers)

    async def _coupon(self, request: Request) -> Response:
        code = (await request.json())["code"]
        good = code not in self.used_coupons
        return JSONResponse({"good": good, "detail": "" if good else "This coupon is used up."})

    async def _stock(self, request: Request) -> Response:
        at = int(request.query_params.get("after", "0"))
        one_only = request.query_params.get("product")
        while self.stock_late and not one_only:  # noqa: ASYNC110 - another thread says when it ends
            await asyncio.sleep(0.05)
        page = [one for one in self.products if one.id == one_only] if one_only else self.products[at : at + 500]
        items = [
            {
                "product": one.id,
                "store": STORE,
                "on_hand": one.on_hand,
                "reserved": self.reserved,
                "available": one.on_hand,
                "low": one.low,
            }
            for one in page
        ]
        if one_only and "store" not in request.query_params:
            items += [
                {**items[0], "store": name, "store_name": name, "on_hand": n, "available": n}
                for name, n in self.stock_elsewhere.items()
            ]
        return JSONResponse({"items": items, "next": str(at + 500) if at + 500 < len(self.products) else None})

    async def _lots(self, request: Request) -> Response:
        rows = [{"lot": lot, "expires_on": day, "on_hand": on_hand} for lot, day, on_hand in self.lots]
        return JSONResponse({"items": rows, "next": None})

    async def _pieces(self, request: Request) -> Response:
        number = request.query_params["number"]
        rows = [{"number": number, "state": self.pieces[number]}] if number in self.pieces else []
        return JSONResponse({"items": rows, "next": None})

    async def _so_far(self, request: Request) -> Response:
        return JSONResponse(self.so_far(request.path_params["shift"]))

    async def _add_customer(self, request: Request) -> Response:
        self.added.append(await request.json())
        return JSONResponse({**self.added[-1], "group": None}, 201)

    async def _customers(self, request: Request) -> Response:
        wanted, card = request.query_params.get("q", "").lower(), request.query_params.get("card")
        people = [
            {
                "id": "0199a000-0000-7000-8000-0000000000c1",
                "name": "Lena Marsh",
                "member_card": "20420001",
                "group": "club",
                "tier": "Gold",
                "points": 1240,
                "phone": None,
                "email": "lena@example.com",
            }
        ]
        return JSONResponse(
            {
                "items": [
                    one for one in people if wanted in str(one["name"]).lower() and card in {None, one["member_card"]}
                ],
                "next": None,
            }
        )

    async def _journal(self, request: Request) -> Response:
        body = await request.json()
        while self.hang:  # noqa: ASYNC110 - a test's own thread sets it
            await asyncio.sleep(0.05)
        self.posts.append([record["seq"] for record in body["records"]])
        if len(body["records"]) > 100:
            self.faults.append(f"a batch of {len(body['records'])}")
        chain = self.chains.setdefault(body["device"], Chain())
        if body["records"][0]["seq"] > len(chain.records) + 1:
            return problem(409, {"code": "journal_gap", "detail": "A gap.", "expected_seq": len(chain.records) + 1})
        known = len(chain.records)
        results = [self.ingest(chain, body["device"], record) for record in body["records"]]
        for record in chain.records[known:]:
            fake_till_layaways.note(self, record)
        for record in body["records"]:
            fake_till_held.note(self, record, {"id": "c", "name": "Anna"})
        answer = {"head": chain.head, "results": results, "now": now(), "recovery_epoch": self.epoch}
        answer["audit_head"] = self.audit_head
        if self.lose_replies:
            self.lose_replies -= 1
            return LostReply()
        if self.claim and body["fence"] < self.claim["fence"]:
            return problem(
                409, {"code": "till_taken_over", "detail": "Taken over.", "label": self.claim["label"], **answer}
            )
        return JSONResponse(answer)

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
