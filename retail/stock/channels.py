"""Live stock: every till and list hears a store's new balances within a moment of the sale."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from retail.identity.permissions import VIEW_STOCK
from retail.runtime.db import Read
from retail.runtime.realtime.channels import Channel, Facts, Names, Partial
from retail.stock.events import StockAllotted, StockChanged, StockReserved, TransferMoved
from retail.stock.levels import low_stock


def _levels(event: StockChanged) -> list[Facts]:
    return list(event.levels)


def _products(event: StockReserved | StockAllotted) -> list[Facts]:
    return [{"product": product} for product in event.products]


async def _low(read: Read, names: Names) -> dict[str, Any]:
    store = UUID(names["store"])
    return {"store": store, "low": await low_stock(read, store)}


CHANNELS: Final = [
    Channel(
        StockChanged,
        "stock:{store}",
        "stock.changed",
        VIEW_STOCK,
        facts=_levels,
        partials=(Partial("stock/_low.html", "#low-stock-{store}", _low),),
    ),
    Channel(StockReserved, "stock:{store}", "stock.reserved", VIEW_STOCK, facts=_products),
    Channel(StockAllotted, "stock:{store}", "stock.allotted", VIEW_STOCK, facts=_products),
    Channel(TransferMoved, "stock:{store}", "stock.transfer_moved", VIEW_STOCK),
]
