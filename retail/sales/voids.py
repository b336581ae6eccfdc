"""What was taken out of a sale before it was paid: on record, with who and why; it moves neither stock nor money."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from retail.identity.approval_rules import Act, ActLine
from retail.kit.errors import Invalid
from retail.kit.money import MAX_MINOR
from retail.kit.paging import Page, decode_cursor, encode_cursor
from retail.kit.quantity import quantity_text
from retail.kit.text import _
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Tx
from retail.sales.events import VoidedAfterTender
from retail.sales.members import MAX_QUANTITY_MILLI, Reader

_LINES_MOST: Final = 1000
_LISTED: Final = """
SELECT v.id, v.kind, s.name AS store_name, t.code AS till_code, v.shift_id AS shift, v.cashier_name, v.reason, v.lines,
       v.amount_minor, v.occurred_at,
       (SELECT min(u.occurred_at) FROM voided u WHERE u.tenant_id = v.tenant_id AND u.void_id = v.id) AS undone_at,
       (SELECT min(a.decided_by_name) FROM approval a
         WHERE a.tenant_id = v.tenant_id AND a.act_id = v.id AND a.state = 'used') AS approved_by
  FROM voided v
  JOIN store s ON s.tenant_id = v.tenant_id AND s.id = v.store_id
  JOIN till t ON t.tenant_id = v.tenant_id AND t.id = v.till_id
 WHERE v.tenant_id = $1 AND v.kind <> 'undo'"""


@dataclass(frozen=True, slots=True)
class VoidIn:
    """Lines that a cashier took out of an open sale ("line"), or the whole of one ("sale")."""

    id: UUID
    kind: str
    basket: UUID
    shift: UUID | None
    reason: str
    lines: Sequence[tuple[ActLine, str]]
    amount: int
    at: datetime
    tendered: bool = False
    """Payment was begun for it."""

    @property
    def act(self) -> Act:
        """Give it as approvals see it."""
        return Act(self.id, 0, [line for line, _name in self.lines])


@dataclass(frozen=True, slots=True)
class Undone:
    """A void that was brought back."""

    id: UUID
    void: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Void:
    """A void as the list shows it."""

    id: UUID
    kind: str
    store_name: str
    till_code: str
    shift: UUID | None
    cashier_name: str
    reason: str
    lines: Sequence[Mapping[str, Any]] = field(hash=False)
    amount_minor: int
    occurred_at: datetime
    undone_at: datetime | None
    approved_by: str | None


def read_void(read: Reader, kind: str, at: datetime) -> VoidIn:
    """Read {"id", "basket", "shift"?, "reason"?, "lines", "amount"}. Raises Invalid."""
    found = VoidIn(
        read.uuid("id"),
        kind.removesuffix("_voided"),
        read.uuid("basket"),
        read.optional_uuid("shift"),
        read.text("reason", 200),
        read.items("lines", _line, _LINES_MOST, least=1),
        read.whole("amount", 0, MAX_MINOR),
        at,
        tendered=read.of.get("tendered") is True,
    )
    read.check()
    return found


def read_undone(read: Reader, at: datetime) -> Undone:
    """Read {"id", "void"}. Raises Invalid."""
    found = Undone(read.uuid("id"), read.uuid("void"), at)
    read.check()
    return found


async def note_void(tx: Tx, till: UUID, void: VoidIn) -> None:
    """Store a void; the same one again changes nothing."""
    lines = [
        {
            "name": name,
            "quantity": quantity_text(line.quantity_milli),
            "unit_price": line.unit_price,
            "amount": line.amount - line.discount,
        }
        for line, name in void.lines
    ]
    await _insert(
        tx, till, void.id, void.kind, None, (void.shift, void.basket), void.reason, lines, void.amount, void.at
    )
    if void.tendered:
        tx.emit(VoidedAfterTender(void.id))
    tx.audit(f"sales.{void.kind}_voided", "till", till, void=void.id, amount=void.amount, reason=void.reason)


async def note_undone(tx: Tx, till: UUID, undone: Undone) -> None:
    """Note that what was voided is back in its sale. Raises Invalid for a void that this till doesn't know."""
    known = await tx.fetchval(
        "SELECT amount_minor FROM voided WHERE tenant_id = $1 AND id = $2 AND till_id = $3 AND kind <> 'undo'",
        tx.tenant,
        undone.void,
        till,
    )
    if known is None:
        raise Invalid({"void": [_("Nothing like this was taken out at this till.")]})
    await _insert(tx, till, undone.id, "undo", undone.void, (None, None), "", [], known, undone.at)
    tx.audit("sales.void_undone", "till", till, void=undone.void, amount=known)


async def voids(read: Read, *, store: UUID | None, kind: str, limit: int, after: str | None) -> Page[Void]:
    """List voids, newest first. Raises Invalid for a cursor that is none."""
    where = Conditions(read.tenant)
    if store is not None:
        where.add("v.store_id = {}", store)
    if kind:
        where.add("v.kind = {}", kind)
    if after:
        at, id = decode_cursor(after, str, str)
        where.add("v.occurred_at <= {0} AND (v.occurred_at < {0} OR v.id > {1})", *_keys(str(at), str(id)))
    rows = await read.fetch(
        _LISTED + where.sql + f" ORDER BY v.occurred_at DESC, v.id LIMIT {int(limit) + 1}",
        *where.args,
    )
    last = rows[limit - 1] if len(rows) > limit else None
    following = encode_cursor(last["occurred_at"].isoformat(), str(last["id"])) if last else None
    return Page([Void(**dict(row) | {"lines": json.loads(row["lines"])}) for row in rows[:limit]], following)


async def _insert(  # noqa: PLR0917 - a row has these columns
    tx: Tx,
    till: UUID,
    id: UUID,
    kind: str,
    void: UUID | None,
    of: tuple[UUID | None, UUID | None],
    reason: str,
    lines: Sequence[Mapping[str, Any]],
    amount: int,
    at: datetime,
) -> None:
    await tx.execute(
        """INSERT INTO voided (tenant_id, id, kind, void_id, store_id, till_id, shift_id, basket_id, cashier_id,
                               cashier_name, reason, lines, amount_minor, occurred_at, created_at)
           SELECT $1, $2, $3, $4, k.store_id, k.id,
                  (SELECT h.id FROM shift h WHERE h.tenant_id = $1 AND h.id = $6 AND h.till_id = k.id), $7, $8, $9, $10,
                  $11, $12, $13, $14
             FROM till k WHERE k.tenant_id = $1 AND k.id = $5
           ON CONFLICT (tenant_id, id) DO NOTHING""",
        tx.tenant, id, kind, void, till, of[0], of[1], tx.actor.id, tx.actor.name, reason, json.dumps(list(lines)),
        amount, at, tx.now,
    )  # fmt: skip


def _line(read: Reader) -> tuple[ActLine, str]:
    line = ActLine(
        read.uuid("line"),
        read.optional_uuid("product"),
        read.whole("quantity_milli", 1, MAX_QUANTITY_MILLI),
        read.whole("unit_price", 0, MAX_MINOR),
        read.whole("discount", 0, MAX_MINOR) if read.of.get("discount") is not None else 0,
    )
    return line, read.text("name", 160)


def _keys(at: str, id: str) -> tuple[datetime, UUID]:
    try:
        return datetime.fromisoformat(at), UUID(id)
    except ValueError as broken:
        raise Invalid({"after": [_("This page link is not valid; start again from the first page.")]}) from broken
