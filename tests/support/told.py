"""What the people of a shop are told of: its events relayed, and the rows that came of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from retail.live import projections, switchboard
from retail.runtime.outbox import Event
from retail.runtime.realtime.message import Message
from retail.runtime.relay import Relay
from tests.support.world import Shop


async def _quiet(_tenant: UUID, _events: Sequence[Event], _messages: Sequence[Message]) -> None:
    """Tell nobody."""


async def relay(shop: Shop) -> None:
    """Relay all that waits of a shop, with what follows of it."""
    relayed = Relay(shop.db, switchboard(), projections(), _quiet)
    for _round in range(20):
        if not await relayed.relay(shop.tenant.id):
            break
    async with shop.db.read(shop.scope) as read:
        aside = await read.fetch("SELECT args, error FROM job WHERE tenant_id = $1 AND error IS NOT NULL", read.tenant)
    assert [tuple(row) for row in aside] == []


async def posted(shop: Shop) -> list[tuple[str, dict[str, Any]]]:
    """Give the kinds and the facts of a shop's notices, newest first."""
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch(
            "SELECT kind, facts FROM notice WHERE tenant_id = $1 ORDER BY created_at DESC, id", read.tenant
        )
    return [(row["kind"], json.loads(row["facts"])) for row in rows]
