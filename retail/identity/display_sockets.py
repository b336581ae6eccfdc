"""The two ends of a customer display on another device: the till tells, the display is shown; nothing is kept."""

from __future__ import annotations

import json
from typing import Final
from uuid import UUID

from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket, WebSocketDisconnect

from retail.identity import displays
from retail.identity.display_rules import MOST_DISPLAYS, MOST_SHOWN, parse_word, read_shown
from retail.identity.permissions import SELL
from retail.identity.rules import digest
from retail.kit.errors import Busy
from retail.runtime.realtime import connection as socket
from retail.runtime.realtime.connection import close
from retail.runtime.realtime.guests import Guest
from retail.runtime.realtime.sockets import take_in
from retail.runtime.realtime.talk import Talk
from retail.runtime.realtime.wire import Wire
from retail.runtime.web.context import Edge, db, edge

NOBODY_LOOKS: Final = 4404
"""What a till's socket is closed with where the till has no display (any more)."""
SECURE_COOKIE: Final = "__Host-display"
PLAIN_COOKIE: Final = "display"
SHOWN, BEAT, GONE, ASK, OVER = "shown", "beat", "gone", "ask", "over"
_ASK_TEXT: Final = json.dumps({"ask": True})
_BEAT_TEXT: Final = json.dumps({"beat": True})
_GONE_TEXT: Final = json.dumps({"gone": True})
_SMALL: Final = 1024
_MOST_TOLD: Final = 2**53


def cookie_name(here: Edge) -> str:
    """Name the cookie by which a display is known."""
    return SECURE_COOKIE if here.secure else PLAIN_COOKIE


def wire_of(connection: HTTPConnection) -> Wire:
    """Give the process's wire; a socket is only there while the process runs."""
    found: Wire = edge(connection).process.wire
    return found


def name_of(tenant: UUID, till: UUID) -> str:
    """Name a till's displays on the wire."""
    return f"display:{tenant}:{till}"


def say_over(connection: HTTPConnection, tenant: UUID, till: UUID) -> None:
    """Have the sockets of a till's displays, and its own, prove themselves now: one of them has ended."""
    wire: Wire | None = edge(connection).process.wire
    if wire is not None:
        wire.say(name_of(tenant, till), OVER)


async def feed_socket(websocket: WebSocket) -> None:
    """Serve a till that tells its displays what it shows. Sent to it: {"ask"}: tell it now, {"beat"}: answer it.

    It says {"shown": what is to be seen, "n": how often it said so} and {"beat": n}. Closed with 4404 where the till
    has no display.
    """
    hub = await take_in(websocket)
    if hub is None:
        return
    till: UUID = websocket.path_params["till"]
    try:
        guest = await hub.doorman.by_session(websocket)
        if guest is None:
            await close(websocket, socket.SIGNED_OUT)
            return
        if not await _has_displays(websocket, guest, till):
            await close(websocket, NOBODY_LOOKS)
            return
        await _feed(websocket, guest, till)
    except Busy:
        await close(websocket, socket.TRY_LATER)
    except WebSocketDisconnect:
        return


async def _feed(websocket: WebSocket, guest: Guest, till: UUID) -> None:
    wire, name = wire_of(websocket), name_of(guest.scope.tenant, till)
    doorman = edge(websocket).process.hub.doorman
    key = f"feed {name}"

    def take(text: str) -> None:
        told = _told(text)
        if told is not None:
            wire.say(name, *told)

    async def still() -> int | None:
        again = await doorman.again(guest)
        if again is None or SELL not in again.scope.permissions:
            return socket.SIGNED_OUT
        return None if await _has_displays(websocket, again, till) else NOBODY_LOOKS

    def hear(kind: str, _text: str) -> None:
        if kind in {ASK, GONE}:  # gone: another page of this till, and what it said last isn't so any more
            talk.put(_ASK_TEXT, ASK)
        elif kind == OVER:
            talk.prove_again()

    if not wire.has_seat(key, MOST_DISPLAYS):
        await close(websocket, socket.TRY_LATER)
        return
    talk = Talk(websocket, take, still, most=MOST_SHOWN, answers=True)
    async with wire.seated(talk, key, name, hear):
        talk.put(_ASK_TEXT, ASK)  # whoever asked before it sat down wasn't heard
        try:
            await talk.run(lambda: talk.put(_BEAT_TEXT, BEAT))
        finally:
            wire.say(name, GONE)


async def _has_displays(websocket: WebSocket, guest: Guest, till: UUID) -> bool:
    async with db(websocket).read(guest.scope.narrowed(SELL)) as read:
        return await displays.is_heard(read, till)


async def display_socket(websocket: WebSocket) -> None:
    """Serve a display, known by its cookie: {"shown": …, "n"}, {"beat": n} while the till is there, {"gone"} after it.

    It may say {"ask"}, where a beat's n is another than what it was shown. Closed with 4401 where it is no display.
    """
    if await take_in(websocket) is None:
        return
    token_hash = digest(websocket.cookies.get(cookie_name(edge(websocket)), ""))
    try:
        seat = await displays.seat_of(db(websocket), token_hash)
        if seat is None:
            await close(websocket, socket.SIGNED_OUT)
            return
        await _show(websocket, seat, token_hash)
    except Busy:
        await close(websocket, socket.TRY_LATER)
    except WebSocketDisconnect:
        return


async def _show(websocket: WebSocket, seat: displays.Seat, token_hash: bytes) -> None:
    wire, name = wire_of(websocket), name_of(seat.tenant, seat.till)
    key = f"display {seat.display}"

    def take(text: str) -> None:
        if parse_word(text).get("ask") is True:
            wire.say(name, ASK)

    async def still() -> int | None:
        return None if await displays.seat_of(db(websocket), token_hash) == seat else socket.SIGNED_OUT

    def hear(kind: str, text: str) -> None:
        if kind == OVER:
            talk.prove_again()
        elif kind in {SHOWN, BEAT, GONE}:
            talk.put(_GONE_TEXT if kind == GONE else text, BEAT if kind == BEAT else SHOWN)

    if not wire.has_seat(key, MOST_DISPLAYS):
        await close(websocket, socket.TRY_LATER)
        return
    talk = Talk(websocket, take, still, most=_SMALL)
    async with wire.seated(talk, key, name, hear):
        wire.say(name, ASK)
        await talk.run(lambda: None)


def _told(text: str) -> tuple[str, str] | None:
    """Give the kind and the text that a till's word is passed on as, with nothing in it that a display doesn't show."""
    said = parse_word(text)
    shown = read_shown(said.get("shown"))
    if shown is not None:
        return SHOWN, json.dumps({"shown": shown, "n": _number(said.get("n"))}, separators=(",", ":"))
    return (BEAT, json.dumps({"beat": _number(said["beat"])})) if "beat" in said else None


def _number(told: object) -> int:
    return told if isinstance(told, int) and 0 <= told <= _MOST_TOLD else 0
