"""The two doors to the hub: `live_socket` for pages (hx-ws), `events_socket` for programs (JSON)."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.websockets import WebSocket, WebSocketDisconnect

from retail.kit.errors import Busy
from retail.runtime.realtime import connection as socket
from retail.runtime.realtime.connection import Connection, close
from retail.runtime.realtime.guests import Guest, hearing
from retail.runtime.realtime.hub import Hub
from retail.runtime.realtime.message import control
from retail.runtime.web.context import edge

HELLO_SECONDS: Final = 5.0
MOST_TOPICS: Final = 32


class BadHello(ValueError):
    """A socket's first message isn't one."""


@dataclass(frozen=True, slots=True)
class Hello:
    """The first message of a program: who it is, what it wants to hear, and up to where it has heard."""

    token: str | None
    topics: list[str]
    since: int | None

    @classmethod
    def parse(cls, text: str) -> Hello:
        """Read it. Raises BadHello."""
        try:
            said = json.loads(text)
            token, topics, since = said.get("token"), said["topics"], said.get("since")
        except (ValueError, TypeError, KeyError, AttributeError) as cause:
            raise BadHello from cause
        if not (token is None or isinstance(token, str)) or not (since is None or (type(since) is int and since >= 0)):
            raise BadHello
        if not isinstance(topics, list) or not 1 <= len(topics) <= MOST_TOPICS:
            raise BadHello
        if not all(isinstance(topic, str) and len(topic) <= 200 for topic in topics):
            raise BadHello
        return cls(token, topics, since)


async def live_socket(websocket: WebSocket) -> None:
    """Serve a page: /live?topic=…&topic=…; topics that the person may not hear are left out."""
    hub = await take_in(websocket)
    if hub is None:
        return
    try:
        guest = await hub.doorman.by_session(websocket)
        topics = websocket.query_params.getlist("topic")[:MOST_TOPICS]
        found = await _welcome(hub, websocket, guest, topics)
        if found is not None:
            await hub.serve_html(found)
    except Busy:
        await close(websocket, socket.TRY_LATER)


async def events_socket(websocket: WebSocket) -> None:
    """Serve a program: first message {"token", "topics", "since"} within 5 s, then {topic, version, type, data}.

    Also sent: {"type": "live" | "lagging", "version"} at first and when it changes, {"type": "reset"}: fetch all
    again, {"type": "refused", "topics"}: these don't exist or ask for a right that is lacking.
    """
    hub = await take_in(websocket)
    if hub is None:
        return
    try:
        async with asyncio.timeout(HELLO_SECONDS):
            hello = Hello.parse(await websocket.receive_text())
        doorman = hub.doorman
        guest = await (doorman.by_token(websocket, hello.token) if hello.token else doorman.by_session(websocket))
        found = await _welcome(hub, websocket, guest, hello.topics)
        if found is not None:
            refused = [topic for topic in hello.topics if topic not in found.topics]
            if refused:
                found.mailbox.put(control("refused", topics=refused))
            await hub.serve_json(found, hello.since)
    except WebSocketDisconnect:
        return
    except (BadHello, KeyError, TimeoutError):  # KeyError: Starlette's, where the first message is bytes
        await close(websocket, socket.REFUSED)
    except Busy:
        await close(websocket, socket.TRY_LATER)


async def take_in(websocket: WebSocket) -> Hub | None:
    """Accept a socket of our own origin while the process takes any; the edge has checked the origin before."""
    hub: Hub | None = edge(websocket).process.hub
    if not _own_origin(websocket):
        await close(websocket, socket.REFUSED)
        return None
    await websocket.accept()
    if hub is None or hub.closing:
        await close(websocket, socket.RESTART)
        return None
    return hub


def _own_origin(websocket: WebSocket) -> bool:
    """Claim that no other site's page opened this socket: what comes without an Origin brings no cookie either."""
    origin = websocket.headers.get("origin")
    if origin is None:
        return "cookie" not in websocket.headers or websocket.headers.get("sec-fetch-site") == "same-origin"
    return urlsplit(origin).netloc == websocket.headers.get("host") or origin in (
        edge(websocket).process.settings.public_origins
    )


async def _welcome(hub: Hub, websocket: WebSocket, guest: Guest | None, topics: list[str]) -> Connection | None:
    """Give a guest its seat, or close the socket with the code that says why not."""
    if guest is None:
        await close(websocket, socket.SIGNED_OUT)
        return None
    if not hub.has_seat(guest.key):
        await close(websocket, socket.TRY_LATER)
        return None
    hears = hearing(hub.board, guest.scope, topics)
    if not hears:
        await close(websocket, socket.NOT_ALLOWED)
        return None
    return Connection(websocket, guest, hears)
