"""Builders of a valid world: a business with a store, two tills, tax classes and products."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from retail.catalog import operations as catalog
from retail.kit.barcode import check_digit
from retail.kit.ids import new_id
from retail.ledger import open_books
from retail.runtime.db import Database
from retail.runtime.tenancy import Actor, Scope, TenantFacts
from retail.tenants import operations as tenants


@dataclass(frozen=True)
class Ware:
    """A product of the built world."""

    id: UUID
    sku: str
    name: str
    price_minor: int
    barcode: str
    rate_micros: int
    unit_cost: Decimal


@dataclass(frozen=True)
class Shop:
    """A business that a test owns."""

    db: Database
    tenant: TenantFacts
    scope: Scope
    store: UUID
    second_store: UUID
    till: UUID
    second_till: UUID
    standard: UUID
    reduced: UUID
    category: UUID
    products: list[Ware]

    def as_role(self, role: str) -> Scope:
        """Give the scope of somebody with a role."""
        from retail.identity.permissions import ROLES, TEMPLATES

        actor = Actor("person", new_id(), role.title())
        return Scope(self.tenant.id, actor, ROLES[role], role, rights=TEMPLATES[role])


def ean13(item: int) -> str:
    """Make a valid EAN-13 in the range for in-house use."""
    body = f"400{item:09d}"
    return body + str(check_digit(body))


WARES = (
    ("Sourdough loaf 800 g", 420, 70_000, "168"),
    ("Whole milk 1 l", 135, 70_000, "81"),
    ("Dark chocolate 70 %", 245, 70_000, "110"),
    ("Cola 330 ml", 110, 190_000, "42"),
    ("Kitchen roll x4", 375, 190_000, "190"),
    ("Bananas", 199, 70_000, "95"),
)


async def open_shop(
    db: Database,
    *,
    currency: str = "EUR",
    prices_include_tax: bool = True,
    cash_unit_minor: int = 1,
    timezone: str = "Europe/Berlin",
) -> Shop:
    """Open a business with two stores, two tills in the first, two rates of tax and six products."""
    tenant_id = new_id()
    facts = TenantFacts(
        tenant_id,
        f"t{tenant_id.hex[:12]}{tenant_id.hex[-8:]}",
        "Corner & Co",
        "DE",
        currency,
        "en-GB",  # as a business has it: a tag with a region
        timezone,
        prices_include_tax,
        cash_unit_minor,
    )
    scope = Scope(tenant_id, Actor("person", new_id(), "Olga Owner"), role="owner")
    store, second_store, till, second_till = new_id(), new_id(), new_id(), new_id()
    standard, reduced, category = new_id(), new_id(), new_id()
    wares = [
        Ware(new_id(), f"SKU-{n:03d}", name, price, ean13(n), rate, Decimal(cost))
        for n, (name, price, rate, cost) in enumerate(WARES, start=1)
    ]
    async with db.begin(scope) as tx:
        await tenants.open_tenant(tx, facts)
        await tenants.open_store(tx, tenants.NewStore(store, "ALT", "Altstadt", timezone))
        await tenants.open_store(tx, tenants.NewStore(second_store, "HAF", "Hafen", timezone))
        await tenants.set_up_till(tx, tenants.NewTill(till, store, "T1", "Till 1"))
        await tenants.set_up_till(tx, tenants.NewTill(second_till, store, "T2", "Till 2"))
        await open_books(tx)
        await catalog.add_tax_class(tx, standard, "S", "Standard 19 %", 190_000)
        await catalog.add_tax_class(tx, reduced, "R", "Reduced 7 %", 70_000)
        await catalog.add_category(tx, category, "Groceries", 120, 1)
        await catalog.put_products(
            tx,
            [
                catalog.Draft(
                    ware.id,
                    ware.sku,
                    ware.name,
                    standard if ware.rate_micros == 190_000 else reduced,
                    ware.price_minor,
                    category,
                    (ware.barcode,),
                    unit="kg" if ware.name == "Bananas" else "each",
                    decimals=3 if ware.name == "Bananas" else 0,
                    unit_cost=ware.unit_cost,
                    reorder_point=Decimal(5),
                )
                for ware in wares
            ],
        )
    owner = Scope(tenant_id, scope.actor, _owner_permissions(), "owner")
    return Shop(db, facts, owner, store, second_store, till, second_till, standard, reduced, category, wares)


def _owner_permissions() -> frozenset[str]:
    from retail.identity.permissions import ROLES

    return ROLES["owner"]
