"""Families of variants: made of options as a matrix, added to and left again. A variant is a product like any other."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

import asyncpg

from retail.catalog.errors import FamilyInUse, FamilyTaken, VariantTaken
from retail.catalog.events import CatalogueChanged
from retail.catalog.operations import Draft, put_products
from retail.catalog.products.reading import traits_of
from retail.catalog.products.variants import Choice
from retail.catalog.products.versions import next_version
from retail.catalog.remembering import audit_products, products_now
from retail.kit.errors import Invalid, NotFound
from retail.kit.paging import Page
from retail.kit.stamps import stamp
from retail.kit.text import _
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Tx
from retail.runtime.ordering import Key, Order


@dataclass(frozen=True, slots=True)
class Variant:
    """A product of a family as its matrix shows it."""

    id: UUID
    sku: str
    name: str
    price_minor: int
    barcode: str
    choice: Choice
    archived: bool


@dataclass(frozen=True, slots=True)
class FamilyFacts:
    """A family with its variants, by when they came."""

    id: UUID
    name: str
    options: tuple[str, ...]
    variants: tuple[Variant, ...] = ()


@dataclass(frozen=True, slots=True)
class Usual:
    """What most variants of a family have, so that the next ones begin with it."""

    tax_class: UUID
    category: UUID | None
    price_minor: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A family in the list."""

    id: UUID
    name: str
    options: tuple[str, ...]
    variants: int
    least_minor: int | None
    most_minor: int | None


_VARIANTS: Final = """
SELECT p.id, p.sku, p.name, p.price_minor,
       coalesce((SELECT b.code FROM barcode b WHERE b.tenant_id = $1 AND b.product_id = p.id
                  ORDER BY b.position LIMIT 1), '') AS barcode,
       p.options, p.archived_at IS NOT NULL AS archived
  FROM product p WHERE p.tenant_id = $1 AND p.family_id = $2 ORDER BY p.created_at, p.id
"""
_LISTED: Final = """
SELECT f.id, f.name, f.options, count(p.id) AS variants, min(p.price_minor) AS least, max(p.price_minor) AS most,
       lower(f.name) AS sort_name
  FROM family f LEFT JOIN product p ON p.tenant_id = $1 AND p.family_id = f.id AND p.archived_at IS NULL
 WHERE f.tenant_id = $1{where} GROUP BY f.id, f.name, f.options ORDER BY {order} LIMIT {limit}
"""
_USUAL: Final = """
WITH v AS (
    SELECT p.tax_class_id, p.category_id, p.price_minor, p.created_at, p.id FROM product p
     WHERE p.tenant_id = $1 AND p.family_id = $2
       AND (p.archived_at IS NULL OR NOT EXISTS (
            SELECT 1 FROM product o WHERE o.tenant_id = $1 AND o.family_id = $2 AND o.archived_at IS NULL)))
SELECT (SELECT tax_class_id FROM v GROUP BY 1 ORDER BY count(*) DESC, min(created_at), 1 LIMIT 1) AS tax_class,
       (SELECT category_id FROM v GROUP BY 1 ORDER BY count(*) DESC, min(created_at), 1 LIMIT 1) AS category,
       (SELECT price_minor FROM v GROUP BY 1 ORDER BY count(*) DESC, min(created_at), 1 LIMIT 1) AS price_minor
 WHERE EXISTS (SELECT 1 FROM v)
"""
_BY_NAME: Final = Order("name", (Key("lower(f.name)", "sort_name", str), Key("f.id", "id", UUID)))
_MANY: Final = 1000
_JOIN: Final = """
UPDATE product p SET family_id = $2, options = u.options::jsonb, version = $3, updated_at = $4
  FROM unnest($5::uuid[], $6::text[]) AS u (id, options) WHERE p.tenant_id = $1 AND p.id = u.id
"""


async def families(read: Read) -> list[Listed]:
    """List the families by name."""
    return (await families_page(read, limit=_MANY)).items


async def families_page(read: Read, *, text: str = "", limit: int, after: str | None = None) -> Page[Listed]:
    """Give a page of families by name; `text`: every word of it is in the name. Raises Invalid for another's cursor."""
    where = Conditions(read.tenant)
    for word in text.lower().split():
        where.add("strpos(lower(f.name), {}) > 0", word)
    _BY_NAME.go_on(where, after)
    sql = _LISTED.format(where=where.sql, order=_BY_NAME.sql, limit=int(limit) + 1)
    rows = await read.fetch(sql, *where.args)
    found = [Listed(row[0], row[1], tuple(row[2]), row[3], row[4], row[5]) for row in rows[:limit]]
    return Page(found, _BY_NAME.following(rows, limit))


def version_of(one: FamilyFacts | Listed) -> str:
    """Give the stamp of a family by itself; its variants have versions of their own."""
    return stamp(one.id, one.name, *one.options)


async def family(read: Read, id: UUID) -> FamilyFacts:
    """Give a family with its variants. Raises NotFound."""
    row = await read.fetchrow("SELECT id, name, options FROM family WHERE tenant_id = $1 AND id = $2", read.tenant, id)
    if row is None:
        raise NotFound("family")
    found = [
        Variant(one["id"], one["sku"], one["name"], one["price_minor"], one["barcode"], json.loads(one["options"]),
                one["archived"])
        for one in await read.fetch(_VARIANTS, read.tenant, id)
    ]  # fmt: skip
    return FamilyFacts(row["id"], row["name"], tuple(row["options"]), tuple(found))


async def usual_of(read: Read, id: UUID) -> Usual | None:
    """Give the tax class, category and price of most variants on sale, or of all where none is; None without any.

    Of two that are as common, the one that came first.
    """
    row = await read.fetchrow(_USUAL, read.tenant, id)
    return Usual(*row.values()) if row else None


async def put_family(tx: Tx, made: FamilyFacts, new: Sequence[tuple[Draft, Choice]]) -> None:
    """Make a family, or give it another name, with `new` variants; made.variants is not looked at.

    Locks the catalogue's head. Raises FamilyTaken, VariantTaken, Invalid and what put_products raises.
    """
    version = await next_version(tx)
    await _write(tx, made)
    if new:
        await put_products(tx, [draft for draft, _choice in new])
        await _join(tx, made, [(draft.id, choice) for draft, choice in new], version)
    tx.audit("family.put", "family", made.id, name=made.name, options=list(made.options), variants=len(new))
    tx.emit(CatalogueChanged(version))


async def adopt(tx: Tx, family_id: UUID, product: UUID, choice: Choice) -> None:
    """Take a product that is there into a family. Raises NotFound, VariantTaken, Invalid."""
    version = await next_version(tx)
    known = await family(tx, family_id)
    before = await products_now(tx, [product])
    if not before:
        raise NotFound("product")
    await _join(tx, known, [(product, choice)], version)
    await audit_products(tx, "product.joined_family", before, [product], version=version)
    tx.emit(CatalogueChanged(version))


async def leave(tx: Tx, product: UUID) -> None:
    """Take a product out of its family; it stays a product like any other. Raises NotFound."""
    version = await next_version(tx)
    before = await products_now(tx, [product])
    tag = await tx.execute(
        """UPDATE product SET family_id = NULL, options = '{}', version = $3, updated_at = $4
            WHERE tenant_id = $1 AND id = $2 AND family_id IS NOT NULL""",
        tx.tenant,
        product,
        version,
        tx.now,
    )
    if tag != "UPDATE 1":
        raise NotFound("product")
    await audit_products(tx, "product.left_family", before, [product], version=version)
    tx.emit(CatalogueChanged(version))


async def remove_family(tx: Tx, id: UUID) -> str:
    """Remove a family without variants; give its name. Raises NotFound, FamilyInUse."""
    version = await next_version(tx)
    known = await family(tx, id)
    if known.variants:
        raise FamilyInUse(len(known.variants))
    await tx.execute("DELETE FROM family WHERE tenant_id = $1 AND id = $2", tx.tenant, id)
    tx.audit("family.removed", "family", id, before={"name": known.name}, version=version)
    return known.name


async def like(read: Read, draft: Draft, sibling: UUID) -> Draft:
    """Give a new variant what its sibling has beside name and price: kind, age, deposit, choices, tags."""
    return replace(draft, traits=(await traits_of(read, [sibling])).get(sibling))


async def _write(tx: Tx, made: FamilyFacts) -> None:
    try:
        async with tx.savepoint():
            await tx.execute(
                """INSERT INTO family (tenant_id, id, name, options, created_at, updated_at)
                   VALUES ($1, $2, $3, $4, $5, $5)
                   ON CONFLICT (tenant_id, id) DO UPDATE SET name = excluded.name, updated_at = excluded.updated_at""",
                tx.tenant,
                made.id,
                made.name,
                list(made.options),
                tx.now,
            )
    except asyncpg.UniqueViolationError as taken:
        raise FamilyTaken from taken


async def _join(tx: Tx, known: FamilyFacts, joining: Sequence[tuple[UUID, Choice]], version: int) -> None:
    if any(set(choice) != set(known.options) or not all(choice.values()) for _id, choice in joining):
        raise Invalid({"options": [_("Give each variant one value of each option.")]})
    try:
        async with tx.savepoint():
            await tx.execute(
                _JOIN,
                tx.tenant,
                known.id,
                version,
                tx.now,
                [id for id, _choice in joining],
                [json.dumps(dict(choice)) for _id, choice in joining],
            )
    except asyncpg.UniqueViolationError as taken:
        raise VariantTaken from taken
