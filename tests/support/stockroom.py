"""Moves, documents and what to ask of them, for the tests of stock."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from decimal import Decimal

from retail import stock
from retail.kit.ids import new_id
from retail.ledger import queries as ledger
from retail.stock import Document, Move
from retail.stock.checks import shelf
from tests.support.world import Shop

D = Decimal
AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def moved(shop: Shop, quantity: str, product: int = 0, kind: str = "sale", at: datetime = AT) -> Move:
    return Move(new_id(), shop.store, shop.products[product].id, kind, D(quantity), D("168"), "", new_id(), at)


def document(shop: Shop, reason: str = "because", at: datetime = AT) -> Document:
    return Document(new_id(), shop.store, reason, at)


async def on_hand(shop: Shop, product: int = 0, store: uuid.UUID | None = None) -> Decimal:
    async with shop.db.read(shop.scope) as read:
        return (await stock.on_hand(read, store or shop.store, [shop.products[product].id]))[shop.products[product].id]


async def cost(shop: Shop, product: int = 0, store: uuid.UUID | None = None) -> Decimal:
    async with shop.db.read(shop.scope) as read:
        wanted = shop.products[product].id
        return (await stock.unit_costs(read, store or shop.store, [wanted]))[wanted]


async def balances(shop: Shop) -> dict[str, int]:
    async with shop.db.read(shop.scope) as read:
        return {str(one.purpose): one.balance_minor for one in await ledger.accounts(read) if one.balance_minor}


async def count(shop: Shop, table: str) -> int:
    async with shop.db.read(shop.scope) as read:
        return int(await read.fetchval(f"SELECT count(*) FROM {table}"))


async def told(shop: Shop, name: str) -> list[str]:
    async with shop.db.read(shop.scope) as read:
        return [row["body"] for row in await read.fetch("SELECT body FROM outbox WHERE name = $1 ORDER BY id", name)]


async def every_check_holds(shop: Shop) -> None:
    """Claim that the shelf is right; moves that a test makes by themselves post nothing, so the books are apart."""
    async with shop.db.read(shop.scope) as read:
        assert [one for one in await shelf(read) if not one.ok] == []
