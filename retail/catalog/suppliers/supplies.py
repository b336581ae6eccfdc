"""On which terms suppliers sell products: setting, removing, and who is preferred. Locks the suppliers; audited.

A product has at most one preferred supplier: who becomes it takes the place of the one before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from retail.catalog.products.traits import KIT
from retail.catalog.suppliers.errors import SupplierArchived
from retail.catalog.suppliers.operations import lock_suppliers
from retail.catalog.suppliers.queries import SupplyFacts, supplier, supply
from retail.catalog.suppliers.rules import MOST_PER_PRODUCT, Supply, supply_problems
from retail.kit.errors import ChangedMeanwhile, Invalid, NotFound
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.audit_record import changed
from retail.runtime.db import Row, Tx

TERMS: Final = ("supplier_sku", "pack_quantity", "cost", "min_order_quantity", "lead_days", "preferred")
Pair = tuple[UUID, UUID]

_NOW: Final = """
SELECT q.product_id, q.supplier_id, q.supplier_sku, q.pack_quantity, q.cost, q.min_order_quantity, q.lead_days,
       q.preferred, q.version
  FROM product_supplier q WHERE q.tenant_id = $1 AND q.product_id = ANY ($2::uuid[])
"""
_NOT_PREFERRED: Final = """
UPDATE product_supplier q SET preferred = false, version = q.version + 1, updated_at = $2
  FROM unnest($3::uuid[], $4::uuid[]) AS u (product_id, supplier_id)
 WHERE q.tenant_id = $1 AND q.product_id = u.product_id AND q.supplier_id = u.supplier_id
"""
_PUT: Final = """
INSERT INTO product_supplier AS q (tenant_id, id, product_id, supplier_id, supplier_sku, pack_quantity, cost,
                                   min_order_quantity, lead_days, preferred, version, created_at, updated_at)
SELECT $1, u.id, u.product_id, u.supplier_id, u.supplier_sku, u.pack_quantity, u.cost, u.least, u.lead_days,
       u.preferred, 1, $2, $2
  FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::numeric[], $8::numeric[], $9::numeric[],
              $10::smallint[], $11::boolean[])
       AS u (id, product_id, supplier_id, supplier_sku, pack_quantity, cost, least, lead_days, preferred)
ON CONFLICT (tenant_id, product_id, supplier_id) DO UPDATE
   SET supplier_sku = excluded.supplier_sku, pack_quantity = excluded.pack_quantity, cost = excluded.cost,
       min_order_quantity = excluded.min_order_quantity, lead_days = excluded.lead_days,
       preferred = excluded.preferred, version = q.version + 1, updated_at = excluded.updated_at
"""


async def put_supply(tx: Tx, wanted: Supply, seen: int | None = None) -> None:
    """Set the terms on which a supplier sells a product, if they still have the version that was seen.

    `seen` 0: it doesn't sell it yet; None never looked. Raises Invalid, NotFound, SupplierArchived, ChangedMeanwhile.
    """
    await lock_suppliers(tx)
    await _require(tx, wanted)
    known = {(row["product_id"], row["supplier_id"]): row for row in await _now(tx, [wanted.product])}
    now = known.get((wanted.product, wanted.supplier))
    if seen is not None and seen != (now["version"] if now else 0):
        raise ChangedMeanwhile
    if now is None:
        await _refuse_new(tx, wanted, len(known))
    await put_supplies(tx, [wanted])


async def put_supplies(tx: Tx, wanted: Sequence[Supply]) -> int:
    """Set the terms of many pairs of product and supplier, each at most once; the caller holds the lock.

    Products and suppliers are there. Gives how many differ from before. Raises Invalid.
    """
    errors = {name: said for one in wanted for name, said in supply_problems(one).items()}
    if errors:
        raise Invalid(errors)
    rows = await _now(tx, [one.product for one in wanted])
    before: dict[Pair, dict[str, Any]] = {(row["product_id"], row["supplier_id"]): _terms(row) for row in rows}
    settled = _settled(wanted, before)
    news = [one for one in settled if before.get((one.product, one.supplier)) != _terms_of(one)]
    if not news:
        return 0
    chosen = {one.product: one.supplier for one in news if one.preferred}
    dropped = {
        product: other
        for (product, other), terms in before.items()
        if terms["preferred"] and chosen.get(product, other) != other
    }
    if dropped:  # first, for there is one at every moment at most
        await tx.execute(_NOT_PREFERRED, tx.tenant, tx.now, list(dropped), list(dropped.values()))
    await tx.execute(_PUT, tx.tenant, tx.now, [new_id() for _ in news], *_columns(news))
    for one in news:
        told = changed(before.get((one.product, one.supplier), {}), _terms_of(one))
        instead = {"instead_of": dropped[one.product]} if one.preferred and one.product in dropped else {}
        tx.audit("supply.put", "product", one.product, supplier=one.supplier, **told, **instead)
    return len(news)


async def prefer(tx: Tx, product: UUID, of: UUID) -> None:
    """Make a supplier the one a product is usually bought from. Raises NotFound, SupplierArchived."""
    await lock_suppliers(tx)
    now = await supply(tx, product, of)
    if now.supplier_archived:
        raise SupplierArchived
    await put_supplies(tx, [replace(as_supply(now), preferred=True)])


async def remove_supply(tx: Tx, product: UUID, of: UUID) -> None:
    """Note that a supplier no longer sells a product. Raises NotFound."""
    await lock_suppliers(tx)
    now = as_supply(await supply(tx, product, of))
    await tx.execute(
        "DELETE FROM product_supplier WHERE tenant_id = $1 AND product_id = $2 AND supplier_id = $3",
        tx.tenant,
        product,
        of,
    )
    tx.audit("supply.removed", "product", product, supplier=of, before=_terms_of(now))


def as_supply(facts: SupplyFacts) -> Supply:
    """Give stored terms as ones that somebody wants."""
    own = {name: getattr(facts, name) for name in TERMS} | {"lead_days": facts.own_lead_days}
    return Supply(facts.product, facts.supplier, **own)


def is_as(facts: SupplyFacts, wanted: Supply) -> bool:
    """Claim that stored terms are what somebody wants."""
    stored = as_supply(facts)
    return stored == (replace(wanted, preferred=stored.preferred) if wanted.preferred is None else wanted)


async def _require(tx: Tx, wanted: Supply) -> None:
    if not await tx.fetchval("SELECT 1 FROM product WHERE tenant_id = $1 AND id = $2", tx.tenant, wanted.product):
        raise NotFound("product")
    if (await supplier(tx, wanted.supplier)).archived_at is not None:
        raise SupplierArchived


async def _refuse_new(tx: Tx, wanted: Supply, there: int) -> None:
    """Refuse a further supplier of a product that can't have one. Raises Invalid."""
    kind = await tx.fetchval("SELECT kind FROM product WHERE tenant_id = $1 AND id = $2", tx.tenant, wanted.product)
    if kind == KIT:
        raise Invalid({"product": [_("A kit is not bought as such. Give its parts their suppliers.")]})
    if there >= MOST_PER_PRODUCT:
        said = _("A product has at most %(most)d suppliers. Remove one first.")
        raise Invalid({"supplier": [said % {"most": MOST_PER_PRODUCT}]})


async def _now(tx: Tx, products: Sequence[UUID]) -> list[Row]:
    return list(await tx.fetch(_NOW, tx.tenant, list(dict.fromkeys(products))))


def _settled(wanted: Sequence[Supply], before: Mapping[Pair, Mapping[str, Any]]) -> list[Supply]:
    """Decide about those that say nothing of preferred: they stay as they are, or are the first one's."""
    taken = {product for (product, _of), terms in before.items() if terms["preferred"]}
    taken |= {one.product for one in wanted if one.preferred}
    settled = []
    for one in wanted:
        stands = before.get((one.product, one.supplier))
        preferred = one.preferred
        if preferred is None:
            preferred = stands["preferred"] if stands else one.product not in taken
            taken |= {one.product} if preferred else set()
        settled.append(replace(one, preferred=preferred))
    return settled


def _terms(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in TERMS}


def _terms_of(one: Supply) -> dict[str, Any]:
    return {name: getattr(one, name) for name in TERMS}


def _columns(news: Sequence[Supply]) -> tuple[list[object], ...]:
    names = ("product", "supplier", *TERMS)
    return tuple([getattr(one, name) for one in news] for name in names)
