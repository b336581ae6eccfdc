"""The sealer: gives every committed record its place in its business's chain, and signs the head.

It runs beside the relay, so that no sale ever waits for a chain. It signs only over what it recognises: a chain whose
end isn't the last signed head, or that is shorter than its anchors, is left as it is until somebody has looked.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from retail.audit.anchors import Outside, SignedHead
from retail.audit.watched import COUNTED
from retail.kit.errors import Busy
from retail.runtime.audit_record import GENESIS, hash_of, link
from retail.runtime.db import Database, Read, Row, Tx
from retail.runtime.tenancy import Scope

logger = logging.getLogger(__name__)

BATCH: Final = 1000
POLL_SECONDS: Final = 0.5
_LOCK: Final = "SELECT pg_try_advisory_xact_lock(hashtextextended('audit chain ' || $1::text, 0))"
_TAKE: Final = """
WITH oldest AS (SELECT id FROM audit_waiting WHERE tenant_id = $1 ORDER BY id LIMIT $2),
     taken AS (DELETE FROM audit_waiting w USING oldest o WHERE w.tenant_id = $1 AND w.id = o.id
            RETURNING w.id, w.hash)
SELECT t.id, t.hash, e.record FROM taken t
  LEFT JOIN audit_event e ON e.tenant_id = $1 AND e.id = t.id ORDER BY t.id
"""


class Unrecognised(RuntimeError):
    """The chain isn't as it was signed; nothing is sealed onto it. The message says what is wrong."""


class Sealer:
    """Seals what waits, of every business and of the platform; any number of them may run beside each other.

    `alarm` is called with the chain and the reason once a chain is found not to be as it was signed.
    """

    def __init__(
        self, db: Database, outside: Outside, alarm: Callable[[Database, UUID, str], Awaitable[None]] | None = None
    ) -> None:
        self._db, self._outside, self._alarm = db, outside, alarm
        self._anchored: dict[UUID, int] | None = None
        self._refused: set[UUID] = set()

    async def run(self) -> None:
        """Seal until cancelled, whatever happens to Postgres."""
        while True:
            try:
                while await self.round():
                    continue
            except Busy:
                logger.warning("The sealer can't reach the database; it tries again.")
            await asyncio.sleep(POLL_SECONDS)

    async def round(self) -> int:
        """Seal one batch of every chain that waits; give the number of records. Raises Busy."""
        async with self._db.platform() as unit:
            waiting = [row["tenant_id"] for row in await unit.fetch("SELECT tenant_id FROM audit_chains_waiting()")]
        return sum([await self._patiently(chain) for chain in waiting])

    async def _patiently(self, chain: UUID) -> int:
        """Seal one chain; what goes wrong with it never stops the others."""
        try:
            count = await self.seal(chain)
        except Busy:
            raise
        except Unrecognised as refused:
            await self._stopped(chain, str(refused))
            return 0
        except Exception:
            logger.exception("Sealing audit chain %s failed.", chain)
            return 0
        self._refused.discard(chain)
        return count

    async def _stopped(self, chain: UUID, why: str) -> None:
        """Say once that a chain is left alone. Raises Busy: then it is said in the next round."""
        if chain in self._refused:
            return
        logger.critical("Audit chain %s is not sealed any more: %s", chain, why)
        try:
            if self._alarm is not None:
                await self._alarm(self._db, chain, why)
        except Busy:
            raise
        except Exception:
            logger.exception("Nobody could be told that audit chain %s is not sealed any more.", chain)
        self._refused.add(chain)

    async def seal(self, chain: UUID) -> int:
        """Seal the oldest waiting records of a chain in one transaction, then anchor the head; give their number.

        0 also where another sealer is at it: the chain's advisory lock lets one at a time. Raises Unrecognised, where
        everything is left as it was.
        """
        async with self._db.begin(Scope.system(chain)) as tx:
            mine = await tx.fetchval(_LOCK, str(chain))
            rows = await self._take(tx) if mine else []
            if not rows:
                return 0
            head = await self._extend(tx, await self._recognised(tx), rows)
        await asyncio.to_thread(self._outside.anchors.append, head.line())
        if self._anchored is not None:
            self._anchored[chain] = head.seq
        return len(rows)

    async def _take(self, tx: Tx) -> list[Row]:
        return await tx.fetch(_TAKE, tx.tenant, BATCH)

    async def _recognised(self, tx: Tx) -> tuple[int, bytes]:
        """Give the chain's end if it is the one that was signed last. Raises Unrecognised."""
        end = await tx.fetchrow(
            "SELECT seq, hash FROM audit_seal WHERE tenant_id = $1 ORDER BY seq DESC LIMIT 1", tx.tenant
        )
        seq, hash = (end["seq"], end["hash"]) if end else (0, GENESIS)
        head = await signed_head(tx)
        if (head.seq, head.hash) != (seq, hash) if head else end is not None:
            raise Unrecognised(f"its last record {seq} is not what was signed last")
        if head and not self._outside.recognises(head):
            raise Unrecognised(f"its head at record {seq} is signed by an unknown key ({head.key_id})")
        if self._anchored is None or self._anchored.get(tx.tenant, 0) > seq:  # a restore may be accepted by now
            self._anchored = await asyncio.to_thread(self._outside.newest)
        if self._anchored.get(tx.tenant, 0) > seq:
            raise Unrecognised(f"it ends at record {seq}, but its anchors know {self._anchored[tx.tenant]}")
        return seq, hash

    async def _extend(self, tx: Tx, end: tuple[int, bytes], rows: Sequence[Row]) -> SignedHead:
        seq, hash = end
        hashes = []
        for row in rows:
            seq += 1
            hash = link(tx.tenant, seq, row["hash"], hash)
            hashes.append(hash)
        _tell_what_changed(tx, rows)
        await tx.execute("SELECT auth_count_security($1, $2)", [row["id"] for row in rows], sorted(COUNTED))
        await tx.execute(
            """INSERT INTO audit_seal (tenant_id, seq, event_id, record_hash, hash, sealed_at)
               SELECT $1, u.seq, u.id, u.record_hash, u.hash, $2
                 FROM unnest($3::bigint[], $4::uuid[], $5::bytea[], $6::bytea[]) AS u (seq, id, record_hash, hash)""",
            tx.tenant,
            tx.now,
            list(range(end[0] + 1, seq + 1)),
            [row["id"] for row in rows],
            [row["hash"] for row in rows],
            hashes,
        )
        head = self._outside.sign(tx.tenant, seq, hash, tx.now)
        await tx.execute(
            "INSERT INTO audit_head (tenant_id, seq, hash, at, key_id, signature) VALUES ($1, $2, $3, $4, $5, $6)",
            tx.tenant,
            seq,
            hash,
            tx.now,
            head.key_id,
            head.signature,
        )
        return head


def _tell_what_changed(tx: Tx, rows: Sequence[Row]) -> None:
    """Put on the chain that a record was changed or removed before it was sealed, with the hash that it had."""
    for row in rows:
        if row["record"] is None or hash_of(row["record"]) != row["hash"]:
            logger.critical("Audit record %s of chain %s was changed before it was sealed.", row["id"], tx.tenant)
            tx.audit("audit.changed_before_sealing", "audit_record", row["id"], hash=row["hash"].hex())


async def signed_head(read: Read) -> SignedHead | None:
    """Give the newest signed head of the scope's chain; None before its first record is sealed."""
    row = await read.fetchrow(
        """SELECT seq, hash, at, key_id, signature FROM audit_head WHERE tenant_id = $1
            ORDER BY seq DESC LIMIT 1""",
        read.tenant,
    )
    return SignedHead(read.tenant, **row) if row else None


async def waiting_since(read: Read) -> datetime | None:
    """Tell since when the oldest record waits to be sealed; None where none does."""
    found: datetime | None = await read.fetchval(
        "SELECT min(since) FROM audit_waiting WHERE tenant_id = $1", read.tenant
    )
    return found
