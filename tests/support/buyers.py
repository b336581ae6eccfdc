"""Builders of customers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from retail.customers.operations import add_customer
from retail.customers.rules import Customer
from retail.kit.ids import new_id
from tests.support.world import Shop


async def a_customer(shop: Shop, name: str = "Anna Berg", **facts: Any) -> UUID:
    """Add a customer with these facts."""
    id = new_id()
    await shop.db.run(shop.scope, add_customer, id, Customer(name, **facts))
    return id
