"""Putting products, categories and tax classes on sale, changing and archiving them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import asyncpg

from retail.catalog.codes.numbering import named
from retail.catalog.codes.skus import refuse_alike
from retail.catalog.errors import BarcodeTaken, SkuTaken, TaxCodeTaken
from retail.catalog.events import CatalogueChanged
from retail.catalog.grouping import add_category as add_category  # noqa: PLC0414 - verbs of the catalogue like the rest
from retail.catalog.grouping import change_category as change_category  # noqa: PLC0414
from retail.catalog.grouping import remove_category as remove_category  # noqa: PLC0414
from retail.catalog.labels.shelf import relabel
from retail.catalog.lists.words import remember_words
from retail.catalog.prices.folding import fold_after_put
from retail.catalog.prices.history import record_prices
from retail.catalog.products.limits import refuse_beyond
from retail.catalog.products.measuring import refuse_unmeasured
from retail.catalog.products.putting import put_traits, refuse_wrong
from retail.catalog.products.traits import Traits
from retail.catalog.products.versions import lock_catalogue as lock_catalogue  # noqa: PLC0414 - for all who change it
from retail.catalog.products.versions import next_version as next_version  # noqa: PLC0414
from retail.catalog.remembering import audit_products, products_now
from retail.catalog.tables import TaxClass
from retail.catalog.taxes.dating import rate_changed_now
from retail.catalog.taxes.parting import refuse_parted
from retail.kit.barcode import normalise
from retail.kit.errors import NotFound
from retail.kit.ids import new_id
from retail.runtime.audit_record import changed
from retail.runtime.db import Tx


@dataclass(frozen=True, slots=True)
class Draft:
    """All that is said of a product. Amounts in minor units; `unit_cost` may have six decimals.

    Without a SKU a new product gets the next of its category, and a known one keeps what it has.
    Without `traits` it keeps those that it has; a new product is plain goods then.
    """

    id: UUID
    sku: str
    name: str
    tax_class: UUID
    price_minor: int
    category: UUID | None = None
    barcodes: tuple[str, ...] = ()
    unit: str = "each"
    decimals: int = 0
    unit_cost: Decimal = Decimal(0)
    reorder_point: Decimal | None = None
    favourite: bool = False
    traits: Traits | None = None


async def add_tax_class(tx: Tx, id: UUID, code: str, name: str, rate_micros: int) -> None:
    """Add a rate of tax; `rate_micros` in millionths. Raises TaxCodeTaken."""
    version = await next_version(tx)
    if await tx.fetchval("SELECT 1 FROM tax_class WHERE tenant_id = $1 AND lower(code) = lower($2)", tx.tenant, code):
        raise TaxCodeTaken
    await TaxClass.insert(TaxClass(tenant_id=tx.tenant, id=id, code=code, name=name, rate_micros=rate_micros))
    tx.audit("tax_class.added", "tax_class", id, after={"code": code, "name": name, "rate_micros": rate_micros})
    tx.emit(CatalogueChanged(version))


async def change_tax_class(tx: Tx, id: UUID, name: str, rate_micros: int) -> None:
    """Give a tax class another name or rate, from now on; audited with the old rate. Raises NotFound, Invalid."""
    version = await next_version(tx)
    before = await tx.fetchrow(
        "SELECT name, rate_micros FROM tax_class WHERE tenant_id = $1 AND id = $2", tx.tenant, id
    )
    if before is None:
        raise NotFound("tax_class")
    if rate_micros != before["rate_micros"]:
        await refuse_parted(tx, id, "rate")
    await tx.execute(
        "UPDATE tax_class SET name = $3, rate_micros = $4 WHERE tenant_id = $1 AND id = $2",
        tx.tenant,
        id,
        name,
        rate_micros,
    )
    if rate_micros != before["rate_micros"]:
        await rate_changed_now(tx, id, rate_micros)
    told = changed(dict(before), {"name": name, "rate_micros": rate_micros})
    tx.audit("tax_class.changed", "tax_class", id, name=name, version=version, **told)
    tx.emit(CatalogueChanged(version))


_PUT = """
INSERT INTO product (tenant_id, id, sku, name, category_id, tax_class_id, price_minor, unit, decimals, unit_cost,
                     reorder_point, favourite, version, created_at, updated_at)
SELECT $1, u.id, u.sku, u.name, u.category_id, u.tax_class_id, u.price_minor, u.unit, u.decimals, u.unit_cost,
       u.reorder_point, u.favourite, $2, $3, $3
  FROM unnest($4::uuid[], $5::text[], $6::text[], $7::uuid[], $8::uuid[], $9::bigint[], $10::text[], $11::smallint[],
              $12::numeric[], $13::numeric[], $14::boolean[])
       AS u (id, sku, name, category_id, tax_class_id, price_minor, unit, decimals, unit_cost, reorder_point, favourite)
ON CONFLICT (tenant_id, id) DO UPDATE
   SET sku = excluded.sku, name = excluded.name, category_id = excluded.category_id,
       tax_class_id = excluded.tax_class_id, price_minor = excluded.price_minor, unit = excluded.unit,
       decimals = excluded.decimals, unit_cost = excluded.unit_cost, reorder_point = excluded.reorder_point,
       favourite = excluded.favourite, version = excluded.version, updated_at = excluded.updated_at
"""

_PUT_BARCODES = """
INSERT INTO barcode (tenant_id, id, product_id, code, normalised, position)
SELECT $1, u.id, u.product_id, u.code, u.normalised, u.position
  FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::integer[])
       AS u (id, product_id, code, normalised, position)
"""


async def put_products(tx: Tx, drafts: Sequence[Draft], *, listed: bool = False) -> int:
    """Put products on sale or change them, as one set of any size; give the catalogue's new version.

    A draft with a known id replaces that product and its barcodes. Locks the catalogue head. `listed`: the caller keeps
    a list of the new ones itself, so the trail has a record of each that changed, and of the new ones none.
    Raises SkuTaken, BarcodeTaken, SeriesFull, PlanFull, Invalid.
    """
    version, ids = await next_version(tx), [draft.id for draft in drafts]
    before = await products_now(tx, ids)
    given = {draft.id: (draft.unit, draft.traits) for draft in drafts if draft.traits}
    await refuse_beyond(tx, len(set(ids) - before.keys()))
    await refuse_unmeasured(tx, {draft.id: (draft.unit, draft.reorder_point) for draft in drafts}, before)
    if given:
        await refuse_wrong(tx, given)
    drafts = await named(tx, drafts, before)
    await refuse_alike(tx, drafts, before)
    try:
        await tx.execute(_PUT, tx.tenant, version, tx.now, *_columns(drafts))
    except asyncpg.UniqueViolationError as taken:
        raise SkuTaken from taken
    await _put_barcodes(tx, drafts)
    await remember_words(tx, [draft.name for draft in drafts])
    if given:
        await put_traits(tx, given, version)
    await audit_products(tx, "product.put", before, list(before) if listed else ids, version=version)
    await relabel(tx, before)
    await record_prices(tx, before)
    await fold_after_put(tx, ids)
    if len(drafts) != 1 and not listed:
        tx.audit("products.put", "catalogue", None, products=len(drafts), version=version)
    tx.emit(CatalogueChanged(version))
    return version


async def _put_barcodes(tx: Tx, drafts: Sequence[Draft]) -> None:
    """Give each product just the codes of its draft. Raises BarcodeTaken."""
    ids = [draft.id for draft in drafts]
    await tx.execute("DELETE FROM barcode WHERE tenant_id = $1 AND product_id = ANY($2)", tx.tenant, ids)
    await _refuse_taken_barcodes(tx, drafts)
    codes = [(draft.id, code, place) for draft in drafts for place, code in enumerate(draft.barcodes)]
    await tx.execute(
        _PUT_BARCODES,
        tx.tenant,
        [new_id() for _code in codes],
        [product for product, _code, _place in codes],
        [code for _product, code, _place in codes],
        [normalise(code) for _product, code, _place in codes],
        [place for _product, _code, place in codes],
    )


async def archive_product(tx: Tx, product: UUID) -> None:
    """Take a product off sale; its history stays. Raises NotFound."""
    version, before = await next_version(tx), await products_now(tx, [product])
    tag = await tx.execute(
        """UPDATE product SET archived_at = coalesce(archived_at, $3), updated_at = $3, version = $4
            WHERE tenant_id = $1 AND id = $2""",
        tx.tenant,
        product,
        tx.now,
        version,
    )
    if tag != "UPDATE 1":
        raise NotFound("product")
    await audit_products(tx, "product.archived", before, [product], version=version)
    tx.emit(CatalogueChanged(version))


async def restore_product(tx: Tx, product: UUID) -> None:
    """Put an archived product back on sale; once more does nothing. Raises NotFound, PlanFull."""
    await lock_catalogue(tx)
    before = await products_now(tx, [product])
    if product not in before:
        raise NotFound("product")
    if not before[product]["archived"]:
        return
    await refuse_beyond(tx, 1)
    version = await next_version(tx)
    await tx.execute(
        "UPDATE product SET archived_at = NULL, updated_at = $3, version = $4 WHERE tenant_id = $1 AND id = $2",
        tx.tenant,
        product,
        tx.now,
        version,
    )
    await audit_products(tx, "product.restored", before, [product], version=version)
    tx.emit(CatalogueChanged(version))


def _columns(drafts: Sequence[Draft]) -> tuple[list[object], ...]:
    return (
        [draft.id for draft in drafts],
        [draft.sku for draft in drafts],
        [draft.name for draft in drafts],
        [draft.category for draft in drafts],
        [draft.tax_class for draft in drafts],
        [draft.price_minor for draft in drafts],
        [draft.unit for draft in drafts],
        [draft.decimals for draft in drafts],
        [draft.unit_cost for draft in drafts],
        [draft.reorder_point for draft in drafts],
        [draft.favourite for draft in drafts],
    )


async def _refuse_taken_barcodes(tx: Tx, drafts: Sequence[Draft]) -> None:
    """Raise BarcodeTaken for a code of another product; nobody else can take one while the head is locked."""
    owners = {normalise(code): draft.id for draft in reversed(drafts) for code in draft.barcodes}
    for draft in drafts:
        for code in draft.barcodes:
            if owners[normalise(code)] != draft.id:
                raise BarcodeTaken(code, next(one.name for one in drafts if one.id == owners[normalise(code)]))
    taken = await tx.fetchrow(
        """SELECT b.code, p.id, p.name FROM unnest($2::text[], $3::uuid[]) AS u (normalised, product_id)
             JOIN barcode b ON b.tenant_id = $1 AND b.normalised = u.normalised AND b.product_id <> u.product_id
             JOIN product p ON p.tenant_id = $1 AND p.id = b.product_id LIMIT 1""",
        tx.tenant,
        list(owners),
        list(owners.values()),
    )
    if taken is not None:
        raise BarcodeTaken(taken["code"], taken["name"], taken["id"])
