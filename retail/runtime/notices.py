"""Notices: what the shop's people should see at the bell, stored as rows and told live."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
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
    tx: Tx,
    kind: str,
    *,
    subject: UUID | None = None,
    store: UUID | None = None,
    people: Sequence[UUID] | None = None,
    key: str | None = None,
    **facts: object,
) -> UUID | None:
    """Store a notice of a kind ("stock_low", "checks_failed") with JSON-able facts. Emits NoticePosted.

    `people`: only these are told; without it, whoever may do what the kind asks for (retail/notifications/kinds.py).
    `key` names what happened: a second notice of the kind with the same key is not stored, and gives None.
    """
    id = new_id()
    made = await tx.fetchval(
        """INSERT INTO notice (tenant_id, id, kind, subject_id, store_id, people, key, facts, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           ON CONFLICT (tenant_id, kind, key) WHERE key IS NOT NULL DO NOTHING RETURNING id""",
        tx.tenant, id, kind, subject, store, None if people is None else list(people), key,
        json.dumps(facts, default=str), tx.now,
    )  # fmt: skip
    if made is None:
        return None
    tx.emit(NoticePosted(id, kind))
    return id


async def post_once(tx: Tx, kind: str, subject: UUID, *, store: UUID | None = None, **facts: Any) -> None:  # noqa: ANN401 - facts
    """Store a notice of a kind about a subject, unless one of the newest that nobody has read yet says the same."""
    waits = await tx.fetchval(
        """SELECT EXISTS (SELECT 1 FROM (SELECT kind, subject_id, read_at FROM notice WHERE tenant_id = $1
                                          ORDER BY created_at DESC, id LIMIT 100) n
                           WHERE n.kind = $2 AND n.subject_id = $3 AND n.read_at IS NULL)""",
        tx.tenant, kind, subject,
    )  # fmt: skip
    if not waits:
        await post_notice(tx, kind, subject=subject, store=store, **facts)
