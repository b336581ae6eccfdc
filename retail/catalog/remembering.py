"""What a product, a group or a tax is at a moment, in words that an audit record keeps: for before and after."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from retail.runtime.audit_record import changed
from retail.runtime.db import Row, Tx

Told = dict[str, object]

_TRAITS = frozenset(
    {
        "kind", "open_price", "min_age", "deposit", "tags", "attributes", "notes", "available_from", "available_until",
        "tracking", "content", "family", "options", "parts", "modifier_groups",
    }
)  # fmt: skip

_PRODUCTS = """
SELECT p.id, p.sku, p.name, c.name AS category, t.code AS tax_class, p.price_minor, p.unit, p.decimals, p.unit_cost,
       p.reorder_point, p.favourite, p.archived_at IS NOT NULL AS archived,
       nullif(p.kind, 'goods') AS kind, nullif(p.open_price, false) AS open_price, p.min_age,
       (SELECT d.sku FROM product d WHERE d.tenant_id = $1 AND d.id = p.deposit_id) AS deposit,
       nullif(p.tags, '{}') AS tags, nullif(p.attributes::text, '{}') AS attributes, nullif(p.notes, '') AS notes,
       p.available_from::text, p.available_until::text, nullif(p.tracking, 'none') AS tracking,
       trim_scale(p.content_milli * 0.001) || ' ' || p.content_unit AS content,
       (SELECT f.name FROM family f WHERE f.tenant_id = $1 AND f.id = p.family_id) AS family,
       nullif(p.options, '{}')::text AS options,
       (SELECT array_agg(trim_scale(k.quantity) || ' x ' || d.sku ORDER BY k.position)
          FROM component k JOIN product d ON d.tenant_id = $1 AND d.id = k.part_id
         WHERE k.tenant_id = $1 AND k.kit_id = p.id) AS parts,
       (SELECT array_agg(g.name ORDER BY h.position)
          FROM product_modifier_group h JOIN modifier_group g ON g.tenant_id = $1 AND g.id = h.group_id
         WHERE h.tenant_id = $1 AND h.product_id = p.id) AS modifier_groups,
       ARRAY(SELECT b.code FROM barcode b
              WHERE b.tenant_id = $1 AND b.product_id = p.id ORDER BY b.position) AS barcodes
  FROM product p
  LEFT JOIN category c ON c.tenant_id = $1 AND c.id = p.category_id
  JOIN tax_class t ON t.tenant_id = $1 AND t.id = p.tax_class_id
 WHERE p.tenant_id = $1 AND p.id = ANY ($2::uuid[])
"""


async def products_now(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Told]:
    """Tell what these products are; those that don't exist are left out."""
    rows = await tx.fetch(_PRODUCTS, tx.tenant, list(ids))
    return {row["id"]: _told(row) for row in rows}


def _told(row: Row) -> Told:
    """Leave out the traits that a product hasn't: most have none."""
    traits = {name: row[name] for name in _TRAITS if row[name] is not None}
    return {name: _plain(value) for name, value in row.items() if name != "id" and name not in _TRAITS} | traits


async def audit_products(tx: Tx, action: str, before: dict[UUID, Told], ids: Sequence[UUID], **facts: object) -> None:
    """Record what became of each product since `before` was told; who is as it was leaves no record."""
    after = await products_now(tx, ids)
    for id in ids:
        told = changed(before.get(id, {}), after.get(id, {}))
        if told:
            now = after.get(id) or before.get(id, {})
            tx.audit(action, "product", id, sku=now.get("sku"), name=now.get("name"), **told, **facts)


async def category_now(tx: Tx, id: UUID) -> Told:
    """Tell what a group is; {} where there is none."""
    row = await tx.fetchrow("SELECT name, hue, position FROM category WHERE tenant_id = $1 AND id = $2", tx.tenant, id)
    return dict(row) if row else {}


def _plain(value: object) -> object:
    """Write decimals without the zeros that only the column adds: 5 and 5.000 are no change."""
    return f"{value.normalize():f}" if hasattr(value, "normalize") else value
