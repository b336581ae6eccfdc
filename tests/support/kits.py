"""Builders of kits and services."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from retail.catalog.operations import Draft, put_products
from retail.catalog.products.traits import Part, Traits
from retail.kit.ids import new_id
from tests.support.world import Shop, Ware


async def make_kit(shop: Shop, name: str, price: int, parts: dict[UUID, Decimal], id: UUID | None = None) -> Ware:
    """Put a kit on sale, or change it."""
    inside = tuple(Part(part, quantity) for part, quantity in parts.items())
    return await put(shop, name, price, Traits(kind="kit", parts=inside), id=id)


async def make_service(
    shop: Shop, name: str, price: int, *, unit_cost: Decimal = Decimal(0), open_price: bool = False
) -> Ware:
    """Put a service on sale."""
    return await put(shop, name, price, Traits(kind="service", open_price=open_price), unit_cost=unit_cost)


async def put(
    shop: Shop, name: str, price: int, traits: Traits, *, id: UUID | None = None, unit_cost: Decimal = Decimal(0)
) -> Ware:
    """Put a product with traits on sale."""
    id = id or new_id()
    sku = f"X-{id.hex[-12:]}"
    draft = Draft(id, sku, name, shop.reduced, price, unit_cost=unit_cost, traits=traits)
    await shop.db.run(shop.scope, put_products, [draft])
    return Ware(id, sku, name, price, "", 70_000, unit_cost)
