"""Followed products, transfers and reservations, for the tests of the stockroom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from retail import stock
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.runtime.db import Tx
from retail.stock import Arrival
from retail.stock.checks import checks as stock_checks
from retail.stock.checks import shelf
from retail.stock.lots.operations import Delivery, receive_lot
from retail.stock.rules import Document
from retail.stock.serials.operations import receive_pieces
from retail.stock.stockroom_checks import checks as stockroom_checks
from retail.stock.transfers.operations import NewTransfer, Wanted, draft, put_line, send
from retail.stock.transfers.queries import LineFacts, lines
from tests.support.stockroom import AT
from tests.support.world import Shop

D = Decimal


@contextmanager
def invalid(sentence: str) -> Iterator[None]:
    """Claim that something is refused with a sentence at one of its fields."""
    with pytest.raises(Invalid) as refused:
        yield
    assert any(sentence in one for of in refused.value.errors.values() for one in of), refused.value.errors


async def follow_by(shop: Shop, tracking: str, product: int = 0) -> UUID:
    """Switch a product's tracking, as its page does; gives the product."""
    id = shop.products[product].id
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE product SET tracking = $2 WHERE id = $1", id, tracking)
    return id


async def fold(shop: Shop) -> None:
    await shop.db.run(shop.scope, stock.fold)


async def stocked(shop: Shop, quantity: str, product: int = 0, cost: str = "50", store: UUID | None = None) -> None:
    document = Document(new_id(), store or shop.store, "delivery", AT)
    await shop.db.run(shop.scope, stock.receive, document, [Arrival(shop.products[product].id, D(quantity), D(cost))])
    await fold(shop)


async def lot_in(  # noqa: PLR0917 - a lot has these facts
    shop: Shop, code: str, quantity: str, expires: date | None, product: int = 0, store: UUID | None = None
) -> None:
    document = Document(new_id(), store or shop.store, "delivery", AT)
    delivery = Delivery(shop.products[product].id, D(quantity), D(50), code, expires)
    await shop.db.run(shop.scope, receive_lot, document, delivery)
    await fold(shop)


async def pieces_in(shop: Shop, numbers: Sequence[str], product: int = 0, store: UUID | None = None) -> None:
    document = Document(new_id(), store or shop.store, "delivery", AT)
    await shop.db.run(shop.scope, receive_pieces, document, shop.products[product].id, D(50), numbers)
    await fold(shop)


async def drafted(shop: Shop, *wanted: tuple[int, str, str]) -> UUID:
    """Draft a transfer to the second store; each of `wanted` is (product, quantity, trace)."""
    id = new_id()

    async def make(tx: Tx) -> None:
        await draft(tx, NewTransfer(id, shop.store, shop.second_store, "for the weekend"))
        for product, quantity, trace in wanted:
            await put_line(tx, id, Wanted(shop.products[product].id, D(quantity), trace))

    await shop.db.run(shop.scope, make)
    return id


async def sent(shop: Shop, *wanted: tuple[int, str, str]) -> UUID:
    id = await drafted(shop, *wanted)
    await shop.db.run(shop.scope, send, id)
    return id


async def lines_of(shop: Shop, transfer: UUID) -> list[LineFacts]:
    async with shop.db.read(shop.scope) as read:
        return list(await lines(read, transfer))


async def lots_of(shop: Shop, store: UUID | None = None, product: int = 0) -> dict[str, str]:
    """Give what a store has by lot, "" for what has none."""
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch(
            """SELECT l.code, b.on_hand FROM lot_balance b JOIN lot l ON l.id = b.lot_id
                WHERE b.store_id = $1 AND b.product_id = $2 AND b.on_hand <> 0
                UNION ALL SELECT '', unnamed FROM traced
                WHERE store_id = $1 AND product_id = $2 AND unnamed <> 0 ORDER BY 1""",
            store or shop.store,
            shop.products[product].id,
        )
    return {row["code"]: f"{row['on_hand'].normalize():f}" for row in rows}


async def pieces_of(shop: Shop, product: int = 0) -> dict[str, tuple[str, UUID | None]]:
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch(
            "SELECT number, state, store_id FROM serial WHERE product_id = $1 ORDER BY number",
            shop.products[product].id,
        )
    return {row["number"]: (row["state"], row["store_id"]) for row in rows}


async def all_holds(shop: Shop) -> None:
    """Claim that every check of stock and stockroom is green; sales that a test makes as bare moves post nothing."""
    async with shop.db.read(shop.scope) as read:
        bare = await read.fetchval("SELECT EXISTS (SELECT FROM stock_move WHERE kind IN ('sale', 'return'))")
        proved = await (shelf if bare else stock_checks)(read)
        assert [one for one in [*proved, *await stockroom_checks(read)] if not one.ok] == []
