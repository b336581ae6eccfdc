"""The hub of one web process: which socket hears which tenant's topics, and whether the stream runs at all."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from retail.runtime.db import Database
from retail.runtime.doorbell import BEAT_CHANNEL, Ear, Voice, live_channel
from retail.runtime.realtime.asks import Answering
from retail.runtime.realtime.canvas import Audience, Canvas, Paint
from retail.runtime.realtime.channels import ACCESS_TOPIC, Switchboard
from retail.runtime.realtime.connection import RESTART, SIGNED_OUT, Connection
from retail.runtime.realtime.guests import Doorman
from retail.runtime.realtime.listener import JsonListener
from retail.runtime.realtime.maintenance import watch
from retail.runtime.realtime.message import Message, control, unpack
from retail.runtime.realtime.stream import Stream
from retail.runtime.tasks import end

logger = logging.getLogger(__name__)

STALLED_SECONDS: Final = 6.0
POLL_SECONDS: Final = 2.0
REPAINT_SECONDS: Final = 15.0
MOST_PAINTING: Final = 3
STOP_SECONDS: Final = 5.0
MOST_SOCKETS: Final = 8
REVOKED_CHANNEL: Final = "live:revoked"


@dataclass(slots=True)
class _Room:
    """One tenant's stream with those who are in it; `users` counts connections, so that it closes with the last."""

    stream: Stream
    opened: asyncio.Task[None]
    users: int = 0
    canvases: dict[tuple[str, Audience], Canvas] = field(default_factory=dict)


@dataclass(frozen=True)
class _Usher:
    """Hears of changed rights and has the tenant's sockets prove themselves."""

    hub: Hub
    tenant: UUID

    def hear(self, message: Message) -> None:  # noqa: ARG002 - that it came is all
        self.hub.recheck(self.tenant)

    def restart(self, head: int) -> None:  # noqa: ARG002
        self.hub.recheck(self.tenant)


class Hub:
    """Start it with the process, stop it at the end; the sockets' endpoints are in sockets.py.

    With `redis_url` empty or Redis away, tenants that have listeners are read from Postgres every 2 s.
    """

    def __init__(self, db: Database, redis_url: str, board: Switchboard, *, doorman: Doorman, paint: Paint) -> None:
        self.db, self.board, self.doorman = db, board, doorman
        self._paint = paint
        self._painting = asyncio.Semaphore(MOST_PAINTING)  # of the pool's connections; the others are the tills'
        self._voice = Voice(redis_url)
        self._ear = Ear(redis_url, [BEAT_CHANNEL, REVOKED_CHANNEL], self._hear, up=self._look_everywhere)
        self._rooms: dict[UUID, _Room] = {}
        self._connections: set[Connection] = set()
        self._pages: set[Connection] = set()
        self._seats: Counter[str] = Counter()
        self._tasks: list[asyncio.Task[None]] = []
        self._errands: set[asyncio.Task[object]] = set()
        self._beat_at = time.monotonic()
        self._emptied = asyncio.Event()
        self.lagging = False
        self.closing = False

    async def start(self) -> None:
        """Begin to listen."""
        self._beat_at = time.monotonic()
        self._tasks = [
            asyncio.create_task(self._ear.run(), name="hub ear"),
            asyncio.create_task(self._pulse(), name="hub pulse"),
            asyncio.create_task(watch(self.db, self._pages), name="hub maintenance"),
        ]

    async def stop(self) -> None:
        """Close every socket with 1012, so that browsers come back to another process, and stop."""
        self.closing = True
        self._emptied.clear()
        for connection in tuple(self._connections):
            connection.end(RESTART)
        if self._connections:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STOP_SECONDS):
                    await self._emptied.wait()
        await end([*self._tasks, *self._errands])
        for room in tuple(self._rooms.values()):
            await self._close_room(room)
        await self._voice.close()

    @property
    def sockets(self) -> int:
        """Count the sockets of this process."""
        return len(self._connections)

    # -- connections

    def has_seat(self, key: str) -> bool:
        """Claim that a session or token may open one more socket here (8 at most)."""
        return self._seats[key] < MOST_SOCKETS

    async def serve_json(self, connection: Connection, since: int | None) -> int:
        """Serve a program until it ends; give the close code. Raises Busy."""
        async with self._seated(connection) as room:
            listener = JsonListener(connection.mailbox, room.stream.seen, self._state, connection.hears)
            for topic in connection.topics:
                room.stream.subscribe(topic, listener)
            try:
                await listener.resume(self.db, connection.guest.scope, since)
                return await connection.run(self.doorman, self.board)
            finally:
                for topic in connection.topics:
                    room.stream.unsubscribe(topic, listener)

    async def serve_html(self, connection: Connection) -> int:
        """Serve a page until it ends; give the close code. Its regions are painted afresh at once. Raises Busy."""
        async with self._seated(connection) as room:
            connection.mailbox.put(control(self._state))
            asks = self.board.asks
            connection.answering = Answering(self.db, asks, self._paint, connection.mailbox, turns=self._painting)
            canvases = [
                self._hang(room, topic, replace(connection.guest.audience, stores=stores))
                for topic, stores in connection.hears.items()
            ]
            for canvas in canvases:
                canvas.mailboxes.add(connection.mailbox)
                canvas.repaint()
            self._pages.add(connection)
            try:
                return await connection.run(self.doorman, self.board)
            finally:
                self._pages.discard(connection)
                for canvas in canvases:
                    canvas.mailboxes.discard(connection.mailbox)
                    if not canvas.mailboxes:
                        await self._take_down(room, canvas)

    @property
    def _state(self) -> str:
        return "lagging" if self.lagging else "live"

    def _hang(self, room: _Room, topic: str, audience: Audience) -> Canvas:
        key = (topic, audience)
        if key not in room.canvases:
            room.canvases[key] = Canvas(self.db, self.board, self._paint, audience, topic, turns=self._painting)
            room.stream.subscribe(topic, room.canvases[key])
        return room.canvases[key]

    async def _take_down(self, room: _Room, canvas: Canvas) -> None:
        room.stream.unsubscribe(canvas.topic, canvas)
        room.canvases.pop((canvas.topic, canvas.audience), None)
        await canvas.close()

    @contextlib.asynccontextmanager
    async def _seated(self, connection: Connection) -> AsyncIterator[_Room]:
        with self.seat(connection):
            room = await self._enter(connection.guest.scope.tenant)
            try:
                yield room
            finally:
                await self._leave(room)

    @contextlib.contextmanager
    def seat(self, connection: Connection) -> Iterator[None]:
        """Count a connection while it is open, so that it ends with its session, and with this process."""
        key = connection.guest.key
        self._seats[key] += 1
        self._connections.add(connection)
        try:
            yield
        finally:
            self._connections.discard(connection)
            if not self._connections:
                self._emptied.set()
            self._seats[key] -= 1
            if not self._seats[key]:
                del self._seats[key]

    async def _enter(self, tenant: UUID) -> _Room:
        room = self._rooms.get(tenant)
        if room is None:
            stream = Stream(self.db, tenant)
            room = self._rooms[tenant] = _Room(stream, asyncio.create_task(self._open(stream)))
            stream.subscribe(ACCESS_TOPIC, _Usher(self, tenant))
        room.users += 1
        try:
            await asyncio.shield(room.opened)
        except BaseException:
            await self._leave(room)
            raise
        return room

    async def _open(self, stream: Stream) -> None:
        """Know the newest version first, then listen, then look once for what came between the two."""
        await stream.open()
        await self._ear.want(live_channel(stream.tenant))
        stream.look()

    async def _leave(self, room: _Room) -> None:
        room.users -= 1
        if room.users == 0 and self._rooms.get(room.stream.tenant) is room:
            await self._close_room(room)

    async def _close_room(self, room: _Room) -> None:
        self._rooms.pop(room.stream.tenant, None)
        await end([room.opened])
        for canvas in room.canvases.values():
            await canvas.close()
        await room.stream.close()
        if room.stream.tenant not in self._rooms:  # a new listener may have come while this one left
            await self._ear.unwant(live_channel(room.stream.tenant))

    # -- rights

    def recheck(self, tenant: UUID) -> None:
        """Have every socket of a tenant prove its rights soon, spread over half a second."""
        loop = asyncio.get_running_loop()
        for connection in self._connections:
            if connection.guest.scope.tenant == tenant:
                loop.call_later(random.random() / 2, connection.prove_again)  # noqa: S311 - jitter

    def revoke(self, key: str) -> None:
        """Close the sockets of a session or token that has ended, in every process; returns at once."""
        self._sign_out(key)
        errand = asyncio.create_task(self._voice.publish([(REVOKED_CHANNEL, key)]))
        self._errands.add(errand)
        errand.add_done_callback(self._errands.discard)

    def _sign_out(self, key: str) -> None:
        for connection in self._connections:
            if connection.guest.key == key:
                connection.end(SIGNED_OUT)

    # -- what Redis says, and whether it says anything

    def _hear(self, channel: str, payload: bytes) -> None:
        if channel == BEAT_CHANNEL:
            self._beat_at = time.monotonic()
            for tenant, version in json.loads(payload).get("heads", {}).items():
                room = self._rooms.get(UUID(tenant))
                if room is not None and room.opened.done() and room.stream.seen != version:
                    room.stream.look()
        elif channel == REVOKED_CHANNEL:
            self._sign_out(payload.decode())
        else:
            room = self._rooms.get(UUID(channel.split(":")[1]))
            if room is not None and room.opened.done():
                room.stream.offer(unpack(payload))

    def _look_everywhere(self) -> None:
        for room in self._rooms.values():
            if room.opened.done():
                room.stream.look()

    async def _pulse(self) -> None:
        """Notice a stall and tell the sockets; while it lasts read Postgres, and repaint the pages now and then."""
        looked = repainted = 0.0
        while True:
            await asyncio.sleep(0.5)
            now = time.monotonic()
            self._set_lagging(lagging=now - self._beat_at > STALLED_SECONDS)
            if (self.lagging or not self._ear.listening) and now - looked >= POLL_SECONDS:
                looked = now
                self._look_everywhere()
            if self.lagging and now - repainted >= REPAINT_SECONDS:
                repainted = now
                for canvas in [canvas for room in self._rooms.values() for canvas in room.canvases.values()]:
                    canvas.repaint()

    def _set_lagging(self, *, lagging: bool) -> None:
        if lagging == self.lagging:
            return
        self.lagging = lagging
        logger.warning("Live messages have stalled." if lagging else "Live messages flow again.")
        for connection in self._connections:
            connection.mailbox.put(control(self._state), "status")
        self._look_everywhere()
