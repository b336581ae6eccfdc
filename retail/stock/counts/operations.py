"""Starting a count, recording what people find, counting again, finishing, cancelling.

A count is locked by whoever changes it; people who record entries hold it open (FOR KEY SHARE), so they never wait for
each other, and a finish waits for the entries that are on their way.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.identity.permissions import COUNT_STOCK, MOVE_STOCK
from retail.kit.errors import IdempotencyConflict, Invalid, NotFound
from retail.kit.quantity import LINE_MOST
from retail.kit.text import _
from retail.runtime.db import Row, Tx
from retail.stock.admitting import refuse_closed, refuse_parts_of
from retail.stock.counts import queries
from retail.stock.counts.choosing import chosen
from retail.stock.counts.errors import CountOver
from retail.stock.counts.rules import CLASSES, KINDS, MODES, MOST_ROUNDS, UNCOUNTED, overdrawn
from retail.stock.errors import NotStocked

NAME_MOST: Final = 80
AREA_MOST: Final = 60
MOST: Final = LINE_MOST
_HELD_OPEN: Final = "SELECT * FROM stock_count WHERE tenant_id = $1 AND id = $2 FOR KEY SHARE"
_TO_CHANGE: Final = "SELECT * FROM stock_count WHERE tenant_id = $1 AND id = $2 FOR UPDATE"


@dataclass(frozen=True, slots=True)
class NewArea:
    """A part of the store that is counted by itself; customers take goods from those that sell."""

    id: UUID
    name: str
    sells: bool = True


@dataclass(frozen=True, slots=True)
class NewCount:
    """A count to start. kind full: all that the store has; cycle: the products of some classes; some: as narrowed.

    `recount_minor`: a product that differs by more is counted a second time. `uncounted`: what nobody counted keeps its
    stock, or is taken to be gone.
    """

    id: UUID
    store: UUID
    name: str
    areas: Sequence[NewArea]
    kind: str = "full"
    blind: bool = False
    classes: tuple[str, ...] = ()
    category: UUID | None = None
    uncounted: str = "keep"
    recount_minor: int | None = None


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What somebody found of a product in an area at a moment."""

    id: UUID
    product: UUID
    area: UUID
    quantity: Decimal
    mode: str = "add"
    at: datetime | None = None


async def start(tx: Tx, new: NewCount) -> UUID:
    """Start a count; the same id again is the same count. Raises Invalid, NotFound, StoreIsClosed, Forbidden."""
    tx.scope.require_in(MOVE_STOCK, new.store)
    _check(new)
    if not await tx.fetchval(
        "SELECT true FROM store WHERE tenant_id = $1 AND id = $2 FOR KEY SHARE", tx.tenant, new.store
    ):
        raise NotFound("store")
    await refuse_closed(tx, new.store)
    made = await tx.fetchval(
        """INSERT INTO stock_count (tenant_id, id, store_id, name, kind, classes, category_id, blind, uncounted,
                                    recount_minor, started_at, started_by_name)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING RETURNING id""",
        tx.tenant, new.id, new.store, new.name, new.kind, list(new.classes), new.category, new.blind, new.uncounted,
        new.recount_minor, tx.now, tx.actor.name,
    )  # fmt: skip
    if made is None:
        return await _same(tx, new)
    await tx.execute(
        """INSERT INTO stock_count_area (tenant_id, id, count_id, name, sells, position)
           SELECT $1, u.id, $2, u.name, u.sells, u.position
             FROM unnest($3::uuid[], $4::text[], $5::boolean[]) WITH ORDINALITY AS u (id, name, sells, position)""",
        tx.tenant,
        new.id,
        [one.id for one in new.areas],
        [one.name for one in new.areas],
        [one.sells for one in new.areas],
    )
    products = await chosen(tx, new.store, new.kind, new.classes, new.category)
    if not products and new.kind != "full":  # what is found in a store that never had anything joins the count
        said = _(
            "There is nothing to count: this store never had a product that fits. Choose other groups or classes, or"
            " Everything: what you find joins the count."
        )
        raise Invalid({"kind": [said]})
    await _add_lines(tx, new.id, products)
    tx.audit("count.started", "count", new.id, store=new.store, name=new.name, kind=new.kind, products=len(products))
    return new.id


def _check(new: NewCount) -> None:
    errors: dict[str, list[str]] = {}
    if not new.name.strip() or len(new.name) > NAME_MOST:
        errors["name"] = [_("Give the count a name of at most %(most)d letters.") % {"most": NAME_MOST}]
    if new.kind not in KINDS or new.uncounted not in UNCOUNTED or not set(new.classes) <= set(CLASSES):
        errors["kind"] = [_("Pick one of the choices.")]
    if new.kind == "cycle" and not new.classes:
        errors["classes"] = [_("Pick at least one class to count.")]
    if new.kind == "some" and new.category is None:
        errors["category"] = [_("Pick the group to count.")]
    names = [one.name.strip().lower() for one in new.areas]
    if not names or len(set(names)) < len(names) or any(not 0 < len(name) <= AREA_MOST for name in names):
        errors["areas"] = [_("Name at least one area, each once, one per line.")]
    if new.recount_minor is not None and new.recount_minor < 0:
        errors["recount"] = [_("This can't be below zero.")]
    if errors:
        raise Invalid(errors)


async def _same(tx: Tx, new: NewCount) -> UUID:
    known = await queries.count(tx, new.id)
    if (known.store, known.name, known.kind) != (new.store, new.name, new.kind):
        raise IdempotencyConflict
    return known.id


async def hold(tx: Tx, id: UUID, *, change: bool = False) -> Row:
    """Hold a count open, or lock it to change it. Raises NotFound, CountOver, Forbidden."""
    row = await tx.fetchrow(_TO_CHANGE if change else _HELD_OPEN, tx.tenant, id)
    if row is None:
        raise NotFound("count")
    tx.scope.require_in(COUNT_STOCK, row["store_id"])
    if row["finishing_at"] is not None or row["cancelled_at"] is not None:
        raise CountOver(row["name"], cancelled=row["cancelled_at"] is not None)
    return row


async def record(tx: Tx, id: UUID, entries: Sequence[NewEntry]) -> int:
    """Append what somebody found; gives how many entries are new. The same entry again changes nothing.

    A product that is not on the list joins it. A time after now, or before the count began, becomes now. Raises
    Invalid at "entries.0.quantity" and its like, also where more is taken off than was found in an area, and where it
    is no goods; NotFound, CountOver, Forbidden.
    """
    row = await hold(tx, id)
    _check_entries(entries)
    known = {one.id for one in await queries.areas(tx, id)}
    for at, one in enumerate(entries):
        if one.area not in known:
            raise Invalid({f"entries.{at}.area": [_("Pick one of the count's areas.")]})
    wanted = sorted({one.product for one in entries})
    await _refuse_no_goods(tx, entries)
    if any(one.quantity > 0 for one in entries):
        await refuse_closed(tx, row["store_id"])
    await _refuse_parts(tx, entries)
    await _add_lines(tx, id, wanted)
    new = await tx.fetch(
        """INSERT INTO stock_count_entry (tenant_id, id, count_id, product_id, area_id, round, mode, quantity,
                                          counted_at, created_at, actor_id, actor_name)
           SELECT $1, u.id, $2, u.product, u.area, l.round, u.mode, u.quantity,
                  CASE WHEN u.at BETWEEN $3 AND $4 THEN u.at ELSE $4 END, $4, $5, $6
             FROM unnest($7::uuid[], $8::uuid[], $9::uuid[], $10::text[], $11::numeric[], $12::timestamptz[])
                  AS u (id, product, area, mode, quantity, at)
             JOIN stock_count_line l ON l.tenant_id = $1 AND l.count_id = $2 AND l.product_id = u.product
           ON CONFLICT DO NOTHING RETURNING id""",
        tx.tenant, id, row["started_at"], tx.now, tx.actor.id, tx.actor.name, [one.id for one in entries],
        [one.product for one in entries], [one.area for one in entries], [one.mode for one in entries],
        [one.quantity for one in entries], [one.at for one in entries],
    )  # fmt: skip
    await _refuse_overdrawn(tx, id, entries, {row["id"] for row in new})
    return len(new)


def _check_entries(entries: Sequence[NewEntry]) -> None:
    if not entries:
        raise Invalid({"entries": [_("Add at least one product.")]})
    for at, one in enumerate(entries):
        quantity = f"entries.{at}.quantity"
        if one.mode not in MODES:
            raise Invalid({f"entries.{at}.mode": [_("Pick one of the choices.")]})
        if one.mode == "set" and one.quantity < 0:
            raise Invalid({quantity: [_("A count can't be below zero. Type how many you counted, or 0.")]})
        if one.mode == "add" and not one.quantity:
            raise Invalid({quantity: [_("Type how many to add, or with a minus how many to take off.")]})
        if abs(one.quantity) > MOST:
            raise Invalid({quantity: [_("This is more than any shelf holds. Type a smaller quantity.")]})


async def _refuse_no_goods(tx: Tx, entries: Sequence[NewEntry]) -> None:
    """Refuse kits and services: nothing of them lies on a shelf. Raises NotFound, Invalid at each entry's product."""
    rows = await tx.fetch(
        "SELECT id, kind FROM product WHERE tenant_id = $1 AND id = ANY ($2)",
        tx.tenant,
        sorted({one.product for one in entries}),
    )
    kinds = {row["id"]: row["kind"] for row in rows}
    if any(one.product not in kinds for one in entries):
        raise NotFound("product")
    errors = {
        f"entries.{at}.product": [NotStocked(one.product).sentence()]
        for at, one in enumerate(entries)
        if kinds[one.product] != "goods"
    }
    if errors:
        raise Invalid(errors)


async def _refuse_parts(tx: Tx, entries: Sequence[NewEntry]) -> None:
    try:
        await refuse_parts_of(tx, [(one.product, one.quantity) for one in entries])
    except Invalid:
        for at, one in enumerate(entries):
            await refuse_parts_of(tx, [(one.product, one.quantity)], f"entries.{at}.quantity")


async def _refuse_overdrawn(tx: Tx, id: UUID, entries: Sequence[NewEntry], new: Collection[UUID]) -> None:
    """Refuse new entries that take off what nobody found; looked at once they are written, in one transaction."""
    taken = {at: one for at, one in enumerate(entries) if one.id in new and one.mode == "add" and one.quantity < 0}
    if not taken:
        return
    products = sorted({one.product for one in taken.values()})
    rows = await tx.fetch(
        """SELECT product_id, round FROM stock_count_line
            WHERE tenant_id = $1 AND count_id = $2 AND product_id = ANY ($3)""",
        tx.tenant, id, products,
    )  # fmt: skip
    wrong = overdrawn(await queries.entries(tx, id, products), {row["product_id"]: row["round"] for row in rows})
    said = _("More is taken off than was counted in this area. Look at what was counted, or type all that lies there.")
    errors = {f"entries.{at}.quantity": [said] for at, one in taken.items() if (one.product, one.area) in wrong}
    if errors:
        raise Invalid(errors)


async def _add_lines(tx: Tx, id: UUID, products: Sequence[UUID]) -> None:
    await tx.execute(
        """INSERT INTO stock_count_line (tenant_id, count_id, product_id, round)
           SELECT $1, $2, u, 1 FROM unnest($3::uuid[]) AS u ORDER BY u ON CONFLICT DO NOTHING""",
        tx.tenant,
        id,
        list(products),
    )


async def count_again(tx: Tx, id: UUID, products: Sequence[UUID]) -> int:
    """Have products counted anew: what was found so far no longer counts. Locks the count. Raises as hold()."""
    await hold(tx, id, change=True)
    rows = await tx.fetch(
        """UPDATE stock_count_line l SET round = l.round + 1
            WHERE l.tenant_id = $1 AND l.count_id = $2 AND l.product_id = ANY ($3) AND l.round < $4
              AND EXISTS (SELECT FROM stock_count_entry e WHERE e.tenant_id = $1 AND e.count_id = $2
                             AND e.product_id = l.product_id AND e.round = l.round)
        RETURNING l.product_id""",
        tx.tenant,
        id,
        list(products),
        MOST_ROUNDS,
    )
    tx.audit("count.again", "count", id, products=len(rows))
    return len(rows)


async def cancel(tx: Tx, id: UUID) -> None:
    """Give a count up: its entries stay to be read, the stock stays as it is. Locks the count. Raises as hold()."""
    row = await hold(tx, id, change=True)
    tx.scope.require_in(MOVE_STOCK, row["store_id"])
    await tx.execute("UPDATE stock_count SET cancelled_at = $3 WHERE tenant_id = $1 AND id = $2", tx.tenant, id, tx.now)
    tx.audit("count.cancelled", "count", id, store=row["store_id"], name=row["name"])
