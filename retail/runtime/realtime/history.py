"""The live messages in Postgres, which is their truth: given versions under a lock, read again after a loss, pruned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from retail.runtime.db import Read, Tx
from retail.runtime.realtime.channels import Draft
from retail.runtime.realtime.message import Message

KEPT: Final = timedelta(hours=1)
KEPT_AT_LEAST: Final = 1000
MOST_RESUMED: Final = 1000


@dataclass(frozen=True, slots=True)
class Missed:
    """What a reader lacks. `messages` is None where they are pruned, too many, or of a past that was restored away."""

    head: int
    messages: list[Message] | None


async def lock_head(tx: Tx) -> int | None:
    """Take the tenant's head, so that no other relay gives versions; None: another one holds it just now."""
    head: int | None = await tx.fetchval(
        "SELECT version FROM live_head WHERE tenant_id = $1 FOR UPDATE SKIP LOCKED", tx.tenant
    )
    if head is not None:
        return head
    made = await tx.fetchval(
        """INSERT INTO live_head (tenant_id, version) VALUES ($1, 0)
           ON CONFLICT (tenant_id) DO NOTHING RETURNING version""",
        tx.tenant,
    )
    return None if made is None else int(made)


async def append(tx: Tx, head: int, drafts: Sequence[Draft]) -> list[Message]:
    """Store drafts as versions head + 1, head + 2 …; `head` comes from lock_head in the same transaction."""
    if not drafts:
        return []
    messages = [Message(head + place, d.topic, d.type, d.facts) for place, d in enumerate(drafts, start=1)]
    await tx.execute(
        """WITH told AS (
             INSERT INTO live_message (tenant_id, version, topic, type, facts, created_at)
             SELECT $1, m.version, m.topic, m.type, m.facts::jsonb, $2
               FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[]) AS m (version, topic, type, facts))
           UPDATE live_head SET version = $7 WHERE tenant_id = $1""",
        tx.tenant,
        tx.now,
        [message.version for message in messages],
        [message.topic for message in messages],
        [message.type for message in messages],
        [message.facts for message in messages],
        messages[-1].version,
    )
    return messages


async def head(read: Read) -> int:
    """Tell the newest version of the tenant; 0 before its first message."""
    return int(await read.fetchval("SELECT version FROM live_head WHERE tenant_id = $1", read.tenant) or 0)


async def missed(read: Read, since: int, topics: Sequence[str] | None = None) -> Missed:
    """Read what came after version `since`, on these topics (None: on all)."""
    row = await read.fetchrow(
        """SELECT h.version AS head, (SELECT min(m.version) FROM live_message m WHERE m.tenant_id = $1) AS oldest
             FROM live_head h WHERE h.tenant_id = $1""",
        read.tenant,
    )
    newest = 0 if row is None else int(row["head"])
    if since == newest:
        return Missed(newest, [])
    if row is None or since > newest or row["oldest"] is None or since < row["oldest"] - 1:
        return Missed(newest, None)
    rows = await read.fetch(
        """SELECT version, topic, type, facts FROM live_message
            WHERE tenant_id = $1 AND version > $2 AND version <= $3 AND ($4::text[] IS NULL OR topic = ANY ($4))
            ORDER BY version LIMIT $5""",
        read.tenant,
        since,
        newest,
        None if topics is None else list(topics),
        MOST_RESUMED + 1,
    )
    if len(rows) > MOST_RESUMED:
        return Missed(newest, None)
    return Missed(newest, [Message(row["version"], row["topic"], row["type"], row["facts"]) for row in rows])


async def prune(tx: Tx) -> int:
    """Forget messages older than an hour, but keep the newest thousand; give how many went."""
    tag = await tx.execute(
        """DELETE FROM live_message
            WHERE tenant_id = $1 AND created_at < $2
              AND version <= (SELECT version FROM live_head WHERE tenant_id = $1) - $3""",
        tx.tenant,
        tx.now - KEPT,
        KEPT_AT_LEAST,
    )
    return int(tag.split()[-1])
