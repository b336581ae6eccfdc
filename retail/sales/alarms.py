"""What a business hears of at once: a till's journal that can't be proved to be its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from retail.runtime.db import Tx
from retail.runtime.notices import post_once

KIND: Final = "journal_doubted"
DOUBTS: Final = frozenset({"signature_broken", "chain_broken"})


async def sound(tx: Tx, till: UUID, device: UUID, marks: Iterable[str]) -> None:
    """Post a notice where records came without their device's signature, or don't follow from those before.

    One per device until somebody has read it: the marks are on each sale anyhow.
    """
    found = sorted(DOUBTS.intersection(marks))
    if found:
        name = await tx.fetchval("SELECT name FROM till WHERE tenant_id = $1 AND id = $2", tx.tenant, till)
        await post_once(tx, KIND, device, till=name or "", doubts=found)
