"""What a fold does with pieces: what was sold and what came back by its number, and how much moved without one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.kit.ids import new_id
from retail.runtime.db import Tx
from retail.stock.rules import TRACE_MOST, Moved, names_in
from retail.stock.serials.rules import HERE, RETURNED, SOLD, may_become

Key = tuple[UUID, UUID]

_HOLD: Final = """
SELECT s.id, s.product_id, s.number, s.state, s.store_id FROM serial s
  JOIN unnest($2::uuid[], $3::text[]) AS u (product_id, number) ON s.product_id = u.product_id AND s.number = u.number
 WHERE s.tenant_id = $1 ORDER BY s.id FOR UPDATE OF s
"""

_PUT: Final = """
WITH put AS (
  INSERT INTO serial AS s (tenant_id, id, product_id, number, state, store_id, created_at, updated_at)
  SELECT $1, u.id, u.product_id, u.number, u.state, u.store_id, $2, $2
    FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::uuid[])
         AS u (id, product_id, number, state, store_id)
   ORDER BY u.id
  ON CONFLICT (tenant_id, id) DO UPDATE SET state = excluded.state, store_id = excluded.store_id, updated_at = $2)
INSERT INTO serial_event (tenant_id, id, serial_id, store_id, before, state, source_id, odd, reason, actor_name, at)
SELECT $1, u.id, u.serial_id, u.store_id, u.before, u.state, u.source_id, u.odd, u.reason, u.actor_name, u.at
  FROM unnest($8::uuid[], $9::uuid[], $10::uuid[], $11::text[], $12::text[], $13::uuid[], $14::boolean[], $15::text[],
              $16::text[], $17::timestamptz[])
       AS u (id, serial_id, store_id, before, state, source_id, odd, reason, actor_name, at)
"""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece as it stands."""

    id: UUID
    product: UUID
    number: str
    state: str
    store: UUID | None


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a piece: its state, in which store it lies then, by which document, and whether it was odd.

    `at_store` is where it happened; `before` None: the number is new.
    """

    piece: UUID
    product: UUID
    number: str
    before: str | None
    state: str
    store: UUID | None
    at_store: UUID
    source: UUID | None
    reason: str
    actor_name: str
    at: datetime
    odd: bool = False


async def hold_pieces(tx: Tx, wanted: Sequence[tuple[UUID, str]]) -> dict[tuple[UUID, str], Piece]:
    """Lock pieces by product and number, in the order of their ids; what nobody knows is left out."""
    rows = await tx.fetch(_HOLD, tx.tenant, [product for product, _ in wanted], [number for _, number in wanted])
    return {(row["product_id"], row["number"]): Piece(*row) for row in rows}


async def put(tx: Tx, changes: Sequence[Change]) -> None:
    """Write what became of pieces, with its record in each one's history. The last change of a piece stands."""
    if not changes:
        return
    last = {one.piece: one for one in changes}
    await tx.execute(
        _PUT,
        tx.tenant,
        tx.now,
        list(last),
        [one.product for one in last.values()],
        [one.number for one in last.values()],
        [one.state for one in last.values()],
        [one.store for one in last.values()],
        [new_id() for _one in changes],
        [one.piece for one in changes],
        [one.at_store for one in changes],
        [one.before for one in changes],
        [one.state for one in changes],
        [one.source for one in changes],
        [one.odd for one in changes],
        [one.reason for one in changes],
        [one.actor_name for one in changes],
        [one.at for one in changes],
    )


async def mark_pieces(tx: Tx, moved: Mapping[Key, Sequence[Moved]]) -> None:
    """Mark pieces as sold or brought back; what moved without a number adds to what the store has without one.

    The balances of all keys are held. Moves of the stockroom that name a piece have changed it themselves.
    """
    wanted = {
        (product, number[:TRACE_MOST]): None
        for (_store, product), moves in moved.items()
        for one in moves
        for number in names_in(one.trace)
    }
    pieces = await hold_pieces(tx, list(wanted)) if wanted else {}
    changes: list[Change] = []
    unnamed: dict[Key, Decimal] = {}
    for key, moves in moved.items():
        for one in moves:
            without = _mark(key, one, pieces, changes)
            if without:
                unnamed[key] = unnamed.get(key, Decimal(0)) + without
    await put(tx, changes)
    await add_unnamed(tx, unnamed)


async def add_unnamed(tx: Tx, unnamed: Mapping[Key, Decimal]) -> None:
    """Add to what stores have without a number; the balances of all keys (store, product) are held."""
    if not unnamed:
        return
    await tx.execute(
        """UPDATE traced t SET unnamed = t.unnamed + u.quantity
             FROM unnest($2::uuid[], $3::uuid[], $4::numeric[]) AS u (store_id, product_id, quantity)
            WHERE t.tenant_id = $1 AND t.store_id = u.store_id AND t.product_id = u.product_id""",
        tx.tenant,
        [store for store, _product in unnamed],
        [product for _store, product in unnamed],
        list(unnamed.values()),
    )


def _mark(key: Key, one: Moved, pieces: dict[tuple[UUID, str], Piece], changes: list[Change]) -> Decimal:
    """Note what a move does to the pieces it names; give how much of it has no number."""
    if not one.trace:
        return one.quantity
    if one.kind not in {"sale", "return"}:
        return one.quantity - (len(names_in(one.trace)) if one.quantity > 0 else -len(names_in(one.trace)))
    return one.quantity - sum(_change(key, one, number, pieces, changes) for number in names_in(one.trace))


def _change(key: Key, one: Moved, number: str, pieces: dict[tuple[UUID, str], Piece], changes: list[Change]) -> int:
    """Note what a sale or a return does to a piece; give by how many the pieces that lie in the store changed."""
    store, product = key
    number = number[:TRACE_MOST]
    state = RETURNED if one.quantity > 0 else SOLD
    known = pieces.get((product, number))
    before = known.state if known else None
    was_here = known is not None and known.store == store and known.state in HERE
    fits = known is not None and may_become(known.state, state) and (state == RETURNED or was_here)
    if known is None:
        known = Piece(new_id(), product, number, state, store)
    # An odd sale of a piece that lies elsewhere leaves it there; the label was misread, or a shelf was.
    elsewhere = not fits and before in HERE and not was_here
    after = known if elsewhere else Piece(known.id, product, number, state, store)
    pieces[product, number] = after
    changes.append(
        Change(
            known.id, product, number, before, after.state, after.store, store, one.source, one.reason,
            one.actor_name, one.at, not fits,
        )
    )  # fmt: skip
    return (after.store == store and after.state in HERE) - was_here
