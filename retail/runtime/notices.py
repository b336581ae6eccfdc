"""Notices: what the shop's people should see at the bell, stored as rows and told live."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from retail.kit.ids import new_id
from retail.runtime.db import Tx
from retail.runtime.outbox import Event


@dataclass(frozen=True)
class NoticePosted(Event):
    """A notice waits at the bell."""

    name: ClassVar[str] = "notice.posted"
    notice: UUID
    kind: str


async def post_notice(
    tx: Tx, kind: str, *, subject: UUID | None = None, store: UUID | None = None, **facts: object
) -> UUID:
    """Store a notice of a kind ("stock_low", "checks_failed") with JSON-able facts. Emits NoticePosted."""
    id = new_id()
    await tx.execute(
        """INSERT INTO notice (tenant_id, id, kind, subject_id, store_id, facts, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7)""",
        tx.tenant, id, kind, subject, store, json.dumps(facts, default=str), tx.now,
    )  # fmt: skip
    tx.emit(NoticePosted(id, kind))
    return id
