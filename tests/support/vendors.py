"""Suppliers for tests."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from retail.catalog.suppliers.operations import add_supplier
from retail.catalog.suppliers.rules import Supplier, Supply
from retail.catalog.suppliers.supplies import put_supply
from retail.kit.ids import new_id
from tests.support.world import Shop


async def a_supplier(shop: Shop, name: str = "Nordmühle", **facts: Any) -> UUID:
    """Add a supplier with these facts."""
    id = new_id()
    await shop.db.run(shop.scope, add_supplier, id, Supplier(**{"name": name, "currency": "EUR"} | facts))
    return id


async def sells(shop: Shop, supplier: UUID, place: int = 0, **terms: Any) -> UUID:
    """Have a supplier sell one of the shop's products on these terms; gives the product."""
    product = shop.products[place].id
    await shop.db.run(shop.scope, put_supply, Supply(product, supplier, **terms))
    return product
