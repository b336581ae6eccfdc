"""Notices at the bell: how many wait unread, the list with the names it speaks of, and the moment they were read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from retail.kit.errors import Invalid
from retail.kit.paging import Page, decode_cursor, encode_cursor
from retail.kit.text import _
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Tx

MOST_COUNTED: Final = 100

# Nobody is asked any more for an approval that was answered or withdrawn, or that has run out: it is told, not counted.
_STANDS: Final = """(n.kind <> 'approval_asked' OR EXISTS (
    SELECT FROM approval a
     WHERE a.tenant_id = $1 AND a.id = n.subject_id AND a.state = 'asked' AND a.expires_at > $2))"""
# The newest ones only, by their index: what was read long ago costs nothing.
_UNREAD: Final = f"""
SELECT count(*) FILTER (WHERE n.read_at IS NULL AND {_STANDS})
  FROM (SELECT kind, subject_id, read_at FROM notice WHERE tenant_id = $1 ORDER BY created_at DESC, id LIMIT $3) n"""  # noqa: S608

_LISTED: Final = """
SELECT n.id, n.kind, n.facts, n.created_at, n.read_at, p.id AS product, p.name AS product_name, p.unit,
       s.name AS store_name, a.state AS outcome, a.decided_by_name AS decided_by, a.expires_at <= $2 AS is_over
  FROM notice n
  LEFT JOIN product p ON p.tenant_id = n.tenant_id AND p.id = n.subject_id AND n.kind = 'stock_low'
  LEFT JOIN store s ON s.tenant_id = n.tenant_id AND s.id = n.store_id
  LEFT JOIN approval a ON a.tenant_id = n.tenant_id AND a.id = n.subject_id AND n.kind = 'approval_asked'
 WHERE n.tenant_id = $1 AND (n.kind <> 'approval_asked' OR a.id IS NOT NULL)"""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice with what it speaks of; product and store, or the state of a request, where its kind has them."""

    id: UUID
    kind: str
    facts: dict[str, Any]
    created_at: datetime
    read_at: datetime | None
    product: UUID | None
    product_name: str | None
    unit: str | None
    store_name: str | None
    outcome: str | None
    decided_by: str | None
    is_over: bool | None

    @property
    def waits(self) -> bool:
        """Claim that it is news, or asks for something that can still be done."""
        return self.outcome is None or (self.outcome == "asked" and not self.is_over)

    @property
    def became(self) -> str:
        """Say what became of a request for an approval that waits no longer."""
        told = {"who": self.facts.get("name", "?"), "by": self.decided_by or "?"}
        if self.outcome in {"granted", "used"}:
            return _("%(who)s asked for an approval, and %(by)s gave it.") % told
        if self.outcome == "refused":
            return _("%(who)s asked for an approval, and %(by)s refused it.") % told
        if self.outcome == "withdrawn":
            return _("%(who)s asked for an approval and took it back.") % told
        return _("%(who)s asked for an approval, and nobody answered in time.") % told


async def unread(read: Read) -> int:
    """Count the unread ones among the newest 100; requests that wait no longer count for nothing."""
    return int(await read.fetchval(_UNREAD, read.tenant, read.now, MOST_COUNTED))


async def notices(read: Read, *, limit: int, after: str | None = None) -> Page[Notice]:
    """List notices, newest first. Raises Invalid for a cursor that is none."""
    where = Conditions(read.tenant, read.now)
    if after:
        at, id = decode_cursor(after, str, str)
        where.add("n.created_at <= {0} AND (n.created_at < {0} OR n.id > {1})", *_keys(str(at), str(id)))
    order = f" ORDER BY n.created_at DESC, n.id LIMIT {int(limit) + 1}"
    rows = await read.fetch(_LISTED + where.sql + order, *where.args)
    last = rows[limit - 1] if len(rows) > limit else None
    following = encode_cursor(last["created_at"].isoformat(), str(last["id"])) if last else None
    return Page([Notice(**{**row, "facts": json.loads(row["facts"])}) for row in rows[:limit]], following)


async def mark_read(tx: Tx) -> None:
    """Mark every notice read."""
    await tx.execute("UPDATE notice SET read_at = $2 WHERE tenant_id = $1 AND read_at IS NULL", tx.tenant, tx.now)


def _keys(at: str, id: str) -> tuple[datetime, UUID]:
    try:
        return datetime.fromisoformat(at), UUID(id)
    except ValueError as broken:
        raise Invalid({"after": [_("This page link is not valid; start again from the first page.")]}) from broken
