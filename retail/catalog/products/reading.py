"""Reading traits back, as they were put."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.catalog.codes.skus import MEANT
from retail.catalog.products.traits import Part, Traits
from retail.kit.barcode import normalise
from retail.kit.folding import folded
from retail.runtime.db import Read

_NAMED: Final = MEANT.format("u.code")

_TRAITS: Final = """
SELECT p.id, p.kind, p.open_price, p.min_age, p.deposit_id, p.tags, p.attributes, p.notes, p.available_from,
       p.available_until, p.tracking, p.content_milli, p.content_unit,
       (SELECT json_agg(json_build_array(c.part_id, c.quantity::text) ORDER BY c.position) FROM component c
         WHERE c.tenant_id = $1 AND c.kit_id = p.id) AS parts,
       ARRAY(SELECT g.group_id FROM product_modifier_group g
              WHERE g.tenant_id = $1 AND g.product_id = p.id ORDER BY g.position) AS groups
  FROM product p WHERE p.tenant_id = $1 AND p.id = ANY ($2::uuid[])
"""


@dataclass(frozen=True, slots=True)
class Named:
    """A product by name, as a kit's list of parts shows it."""

    id: UUID
    sku: str
    name: str
    unit: str
    kind: str
    quantity: Decimal


async def traits_of(read: Read, ids: Sequence[UUID]) -> dict[UUID, Traits]:
    """Give the traits of products; unknown ones are left out."""
    found = {}
    for row in await read.fetch(_TRAITS, read.tenant, list(ids)):
        found[row["id"]] = Traits(
            row["kind"],
            tuple(Part(UUID(id), Decimal(quantity)) for id, quantity in json.loads(row["parts"] or "[]")),
            row["open_price"],
            row["min_age"],
            row["deposit_id"],
            tuple(row["tags"]),
            json.loads(row["attributes"]),
            row["notes"],
            row["available_from"],
            row["available_until"],
            row["tracking"],
            row["content_milli"],
            row["content_unit"],
            tuple(row["groups"]),
        )
    return found


async def parts_of(read: Read, kit: UUID) -> list[Named]:
    """List what is in a kit, in its order."""
    rows = await read.fetch(
        """SELECT p.id, p.sku, p.name, p.unit, p.kind, c.quantity
             FROM component c JOIN product p ON p.tenant_id = c.tenant_id AND p.id = c.part_id
            WHERE c.tenant_id = $1 AND c.kit_id = $2 ORDER BY c.position""",
        read.tenant,
        kit,
    )
    return [Named(*row) for row in rows]


async def kits_with(read: Read, part: UUID) -> list[Named]:
    """List the kits and packs that hold a product themselves, by name."""
    rows = await read.fetch(
        """SELECT p.id, p.sku, p.name, p.unit, p.kind, c.quantity
             FROM component c JOIN product p ON p.tenant_id = c.tenant_id AND p.id = c.kit_id
            WHERE c.tenant_id = $1 AND c.part_id = $2 AND p.archived_at IS NULL ORDER BY p.sort_name, p.id""",
        read.tenant,
        part,
    )
    return [Named(*row) for row in rows]


async def services(read: Read) -> list[tuple[str, str]]:
    """List what may be a deposit: services on sale, as choices of a form."""
    rows = await read.fetch(
        """SELECT id, name FROM product WHERE tenant_id = $1 AND kind = 'service' AND archived_at IS NULL
            ORDER BY sort_name LIMIT 200""",
        read.tenant,
    )
    return [(str(row["id"]), row["name"]) for row in rows]


async def by_codes(read: Read, codes: Sequence[str]) -> dict[str, UUID]:
    """Find products by what somebody typed: a SKU, else a barcode; what nobody has is left out."""
    rows = await read.fetch(
        f"""SELECT u.code, coalesce(
                    {_NAMED},
                    (SELECT b.product_id FROM barcode b WHERE b.tenant_id = $1 AND b.normalised = u.normalised)) AS id
             FROM unnest($2::text[], $3::text[]) AS u (code, normalised)""",  # noqa: S608
        read.tenant,
        list(codes),
        [normalise(code) for code in codes],
    )
    return {row["code"]: row["id"] for row in rows if row["id"]}


async def look_up(read: Read, text: str, most: int = 8) -> list[Named]:
    """Find products on sale by parts of their name or SKU, or by a whole barcode: what a kit may hold."""
    words = folded(text).split()
    rows = await read.fetch(
        """SELECT p.id, p.sku, p.name, p.unit, p.kind, 1::numeric AS quantity FROM product p
            WHERE p.tenant_id = $1 AND p.archived_at IS NULL
              AND ((SELECT bool_and(strpos(p.search_text, w) > 0) FROM unnest($2::text[]) w)
                   OR p.id = (SELECT b.product_id FROM barcode b WHERE b.tenant_id = $1 AND b.normalised = $3))
            ORDER BY p.sort_name, p.id LIMIT $4""",
        read.tenant,
        words,
        normalise(text.strip()),
        most,
    )
    return [Named(*row) for row in rows] if words else []
