"""The relay's wiring: its doorbell, what it publishes, its heartbeat."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from retail.live import projections, switchboard
from retail.runtime.db import Database
from retail.runtime.doorbell import BEAT_CHANNEL, OUTBOX_CHANNEL, Ear, Voice, live_channel
from retail.runtime.jobs import JobQueued
from retail.runtime.outbox import Event
from retail.runtime.realtime.message import Message, pack
from retail.runtime.relay import Relay
from workers.ringing import Bell

BEAT_SECONDS: Final = 2.0
_MOVED_WITHIN: Final = 5.0
_HEADS_FOR: Final = 10.0


class OutboxRelay:
    """A relay that publishes, rings for queued jobs and tells every 2 s that it gets on."""

    def __init__(self, db: Database, redis_url: str, bell: Bell) -> None:
        self._db, self._bell = db, bell
        self._voice = Voice(redis_url)
        self.relay = Relay(db, switchboard(), projections(), self._relayed)
        self.ear = Ear(redis_url, [OUTBOX_CHANNEL], lambda _channel, _payload: self.relay.wake(), up=self.relay.wake)

    async def _relayed(self, tenant: UUID, events: Sequence[Event], messages: Sequence[Message]) -> None:
        if messages:
            await self._voice.publish([(live_channel(tenant), pack(messages))])
        now = self._db.clock.now()
        queued = [event for event in events if isinstance(event, JobQueued) and event.run_after <= now]
        await self._bell.ring([(tenant, event.job) for event in queued])

    async def beat(self) -> None:
        """Tell the hubs, until cancelled, that the relay gets on, and the newest version of tenants lately busy."""
        while True:
            now = time.monotonic()
            if now - self.relay.moved_at < _MOVED_WITHIN:
                heads = {str(t): version for t, (version, at) in self.relay.heads.items() if now - at < _HEADS_FOR}
                await self._voice.publish([(BEAT_CHANNEL, json.dumps({"heads": heads}))])
            await asyncio.sleep(BEAT_SECONDS)

    async def close(self) -> None:
        """Let the connections go."""
        await self._voice.close()
