"""One tenant's messages in this process: in order, each once, without a gap; quick by Redis, sure by Postgres."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from retail.kit.errors import Busy
from retail.runtime.db import Database
from retail.runtime.realtime import history
from retail.runtime.realtime.message import Message
from retail.runtime.tasks import end
from retail.runtime.tenancy import Scope

logger = logging.getLogger(__name__)


class Subscriber(Protocol):
    """Whoever hears a topic."""

    def hear(self, message: Message) -> None:
        """Take a message; must not wait."""

    def restart(self, head: int) -> None:
        """Learn that messages up to version `head` are lost for good: show all afresh."""


class Stream:
    """What happens to one tenant, told to its subscribers by topic.

    `seen` is the version up to which everything was told. A message that doesn't continue it, or `look()`, reads
    Postgres; while that runs, what Redis brings is only taken as a reason to read once more.
    """

    def __init__(self, db: Database, tenant: UUID) -> None:
        self._db = db
        self.tenant = tenant
        self.seen = 0
        self._subscribers: defaultdict[str, set[Subscriber]] = defaultdict(set)
        self._reading: asyncio.Task[None] | None = None
        self._again = False

    async def open(self) -> None:
        """Start at the tenant's newest version. Raises Busy."""
        async with self._db.read(Scope.system(self.tenant)) as read:
            self.seen = await history.head(read)

    def subscribe(self, topic: str, subscriber: Subscriber) -> None:
        """Tell a subscriber everything on a topic from now on."""
        self._subscribers[topic].add(subscriber)

    def unsubscribe(self, topic: str, subscriber: Subscriber) -> None:
        """Tell it nothing more."""
        self._subscribers[topic].discard(subscriber)
        if not self._subscribers[topic]:
            del self._subscribers[topic]

    def offer(self, messages: Sequence[Message]) -> None:
        """Take what Redis brought, in whatever order and however often."""
        if not messages or messages[-1].version <= self.seen:
            return
        if messages[0].version > self.seen + 1 or self._reading is not None:
            self.look()
            return
        for message in messages:
            if message.version > self.seen:
                self._tell(message)

    def look(self) -> None:
        """Read from Postgres what this process lacks, in the background; returns at once."""
        self._again = True
        if self._reading is None:
            self._reading = asyncio.create_task(self._read(), name=f"live catch-up {self.tenant}")

    async def _read(self) -> None:
        try:
            while self._again:
                self._again = False
                async with self._db.read(Scope.system(self.tenant)) as read:
                    missed = await history.missed(read, self.seen)
                self._take(missed)
        except Busy:
            logger.warning("Live messages can't be read just now; tried again in 2 s.")
        except Exception:
            logger.exception("Live messages of tenant %s could not be read; tried again in 2 s.", self.tenant)
        finally:
            self._reading = None

    def _take(self, missed: history.Missed) -> None:
        if missed.messages is None:
            self.seen = missed.head
            for subscriber in {one for several in self._subscribers.values() for one in several}:
                subscriber.restart(missed.head)
            return
        for message in missed.messages:
            self._tell(message)
        self.seen = missed.head

    def _tell(self, message: Message) -> None:
        self.seen = message.version
        for subscriber in tuple(self._subscribers.get(message.topic, ())):
            subscriber.hear(message)

    async def close(self) -> None:
        """Stop reading."""
        if self._reading is not None:
            await end([self._reading])
