"""The catalogue's version: taken behind the lock of its head, so that versions become visible in order."""

from __future__ import annotations

from retail.runtime.db import Tx


async def lock_catalogue(tx: Tx) -> None:
    """Have the catalogue to oneself until the end: for a change that depends on what it reads."""
    await tx.execute("SELECT 1 FROM catalogue_head WHERE tenant_id = $1 FOR UPDATE", tx.tenant)


async def next_version(tx: Tx) -> int:
    """Take the next catalogue version; the head row stays locked until the end, so versions appear in order."""
    version: int = await tx.fetchval(
        "UPDATE catalogue_head SET version = version + 1 WHERE tenant_id = $1 RETURNING version", tx.tenant
    )
    return version
