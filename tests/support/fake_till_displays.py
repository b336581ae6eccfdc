"""What the fake server knows of customer displays on other devices: one code, one cookie, two sockets."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.support.fake_till_http import problem
from tests.support.fake_till_shop import now

PAGE = Path(__file__).resolve().parents[2] / "kiosk/till/display.html"
CODE = "7KMN2QRS"
BEAT_SECONDS = 2


class HasOrigin(Protocol):
    """The part of the fake server that this module needs."""

    @property
    def origin(self) -> str:
        """Where it listens."""


class FakeDisplays:
    """A till's displays. `told` is every word of the till; `mute`: nobody asks the till whether it is there."""

    def __init__(self, server: HasOrigin) -> None:
        self._server = server
        self.paired: list[str] = []
        self.told: list[dict[str, Any]] = []
        self.offered = False
        self.mute = False
        self.feeds: set[WebSocket] = set()
        self.screens: set[WebSocket] = set()

    def routes(self, api: str) -> list[BaseRoute]:
        """Give the addresses of the till and of the other device."""
        at = f"{api}/tills/{{till}}"
        return [
            Route("/display", lambda _: FileResponse(PAGE)),
            WebSocketRoute("/display/live", self._screen),
            Route("/api/v1/displays/pairings", self._pair, methods=["POST"]),
            Route(f"{at}/displays", lambda _: JSONResponse(self._listed())),
            Route(f"{at}/displays", self._offer, methods=["POST"]),
            Route(f"{at}/displays/{{display}}/ending", self._end, methods=["POST"]),
            WebSocketRoute(f"{at}/display-feed", self._feed),
        ]

    def _listed(self) -> dict[str, Any]:
        return {"items": [{"id": one, "paired_at": now()} for one in self.paired]}

    async def _offer(self, _request: Request) -> Response:
        self.offered = True
        address = f"{self._server.origin}/display"
        made = {"id": "d", "code": f"{CODE[:4]}-{CODE[4:]}", "address": address, "link": f"{address}#{CODE}"}
        return JSONResponse(made | {"seconds": 300, **self._listed()}, 201)

    async def _pair(self, request: Request) -> Response:
        if (await request.json())["code"] != CODE or not self.offered:
            return problem(404, {"code": "wrong_display_code", "detail": "This code is wrong."})
        self.offered = False
        self.paired.append(f"d{len(self.paired) + 1}")
        answer = JSONResponse({"display": self.paired[-1]}, 201)
        answer.set_cookie("display", self.paired[-1], httponly=True, samesite="strict")
        return answer

    async def _end(self, request: Request) -> Response:
        self.paired.remove(request.path_params["display"])
        for one in list(self.screens):
            await one.close(4401)
        for one in list(self.feeds):
            await one.close(4404)
        return JSONResponse(self._listed())

    async def _feed(self, socket: WebSocket) -> None:
        await socket.accept()
        if not self.paired and not self.offered:
            await socket.close(4404)
            return
        self.feeds.add(socket)
        beats = asyncio.create_task(self._beat(socket))
        try:
            while True:
                self.told.append(json.loads(await socket.receive_text()))
                await say(self.screens, self.told[-1])
        except WebSocketDisconnect:
            pass
        finally:
            beats.cancel()
            self.feeds.discard(socket)
            await say(self.screens, {"gone": True})

    async def _beat(self, socket: WebSocket) -> None:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            if not self.mute:
                await say({socket}, {"beat": True})

    async def _screen(self, socket: WebSocket) -> None:
        await socket.accept()
        if socket.cookies.get("display") not in self.paired:
            await socket.close(4401)
            return
        self.screens.add(socket)
        try:
            await say(self.feeds, {"ask": True})
            while True:
                await socket.receive_text()
                await say(self.feeds, {"ask": True})
        except WebSocketDisconnect:
            self.screens.discard(socket)


async def say(sockets: set[WebSocket], word: dict[str, Any]) -> None:
    """Tell every socket; one that is gone says so itself."""
    for one in list(sockets):
        try:
            await one.send_json(word)
        except (RuntimeError, WebSocketDisconnect):
            sockets.discard(one)
