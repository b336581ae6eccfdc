"""The tills' copy of the catalogue: all of it, or what changed since a version, as arrays of columns."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from retail.catalog.prices.on_tills import prices_on_tills
from retail.catalog.products import modifiers
from retail.catalog.products.deposits import deposits_of
from retail.catalog.products.on_tills import families_on_tills
from retail.catalog.queries import categories, tax_classes
from retail.catalog.taxes.on_tills import taxes_on_tills
from retail.runtime.db import Read, Row

_CHANGED = """
SELECT p.id, p.sku, p.name, p.price_minor AS own, coalesce(o.price_minor, p.price_minor) AS price,
       p.category_id, p.tax_class_id, p.unit, p.decimals, p.favourite,
       p.archived_at IS NULL AND p.on_sale AS active, p.open_price, p.min_age, p.deposit_id, p.kind, p.tracking,
       p.family_id, p.options,
       ARRAY(SELECT tag FROM unnest(p.tags) AS tag WHERE tag = ANY ($4::text[])) AS offered,
       CASE WHEN p.archived_at IS NULL AND NOT p.on_sale THEN p.available_from END AS sold_from,
       CASE WHEN p.archived_at IS NULL AND NOT p.on_sale THEN p.available_until END AS sold_until,
       nullif(ARRAY(SELECT g.group_id FROM product_modifier_group g
                     WHERE g.tenant_id = $1 AND g.product_id = p.id ORDER BY g.position), '{}') AS groups,
       coalesce((SELECT array_agg(b.normalised ORDER BY b.position) FROM barcode b
                  WHERE b.tenant_id = p.tenant_id AND b.product_id = p.id), '{}') AS barcodes
  FROM product p
  LEFT JOIN store_price o ON o.tenant_id = $1 AND o.store_id = $3 AND o.product_id = p.id
 WHERE p.tenant_id = $1
   AND p.id IN (SELECT c.id FROM product c WHERE c.tenant_id = $1 AND c.version > $2
                UNION SELECT s.product_id FROM store_price s
                 WHERE s.tenant_id = $1 AND s.store_id = $3 AND s.version > $2)
   AND (p.archived_at IS NULL OR $2 > 0)
 ORDER BY p.sort_name
"""


async def snapshot(read: Read, since: int, store: UUID | None = None) -> dict[str, Any]:
    """Give the catalogue as the till keeps it: `since` 0 for everything, else the rows with a later version.

    `products` holds one array per column, all of one length; `category` and `tax_class` are indexes into the lists
    beside it (-1: none). Prices in minor units, the `store`'s where one is named; `later` and `offers` say what they
    become, and what groups and quantities pay (retail/catalog/prices/on_tills.py).
    A delta names archived products with active 0.
    `kits` gives the goods in each kit, by its place: [[product, thousandths of it in one], ...]. `traits` gives by
    place what few products have: "open" (the price is typed), "age", "deposit" (a product), "deposits" of a kit
    (its own and those of its parts, [[product, how many with one], ...]; "deposit" is the first), "choices" (groups of
    `choices`), "service" (never in stock), "tracked" (by "lot" or "serial"), "family" (one
    of `families`) with "options" (its value of each), "from" and "until" (of one that isn't on
    sale now: what its schedule says), "tags" (those that a running offer names). `promotions` is the version of the
    set of offers (GET /offers/set), 0: there never was one.
    """
    head = await read.fetchrow(
        "SELECT version, offers_version, offer_tags FROM catalogue_head WHERE tenant_id = $1", read.tenant
    )
    if head is None:
        raise LookupError("the transaction's tenant has no catalogue")
    version: int = head["version"]
    if since > version:
        since = 0  # the till knows a future that a restored database does not: start over
    rows = await read.fetch(_CHANGED, read.tenant, since, store, head["offer_tags"])
    groups, taxes = await categories(read), await tax_classes(read)
    along = await deposits_of(read, [row["id"] for row in rows if row["kind"] == "kit"])
    group_at: dict[UUID | None, int] = {None: -1, **{group.id: place for place, group in enumerate(groups)}}
    tax_at = {tax.id: place for place, tax in enumerate(taxes)}
    return {
        "version": version,
        "full": since == 0,
        "promotions": head["offers_version"],
        "products": {
            "id": [str(row["id"]) for row in rows],
            "sku": [row["sku"] for row in rows],
            "name": [row["name"] for row in rows],
            "price": [row["price"] for row in rows],
            "category": [group_at[row["category_id"]] for row in rows],
            "tax_class": [tax_at[row["tax_class_id"]] for row in rows],
            "unit": [row["unit"] for row in rows],
            "decimals": [row["decimals"] for row in rows],
            "active": [int(row["active"]) for row in rows],
            "barcodes": [row["barcodes"] for row in rows],
            "favourite": [int(row["favourite"]) for row in rows],
        },
        "kits": await _kits(read, rows),
        "traits": {str(at): traits for at, row in enumerate(rows) if (traits := _traits(row, along.get(row["id"])))},
        "families": await families_on_tills(read),
        "choices": [_choice(one) for one in await modifiers.groups(read)],
        "categories": [
            {"id": str(one.id), "name": one.called, "hue": one.hue, "parent": str(one.parent) if one.parent else None}
            for one in groups
        ],
        **await prices_on_tills(read, store, rows),
        **await taxes_on_tills(read, taxes),
    }


async def _kits(read: Read, rows: Sequence[Row]) -> dict[str, list[list[object]]]:
    """Give the goods in each kit among the rows, in thousandths, so that a till knows by itself how many there are."""
    places = {row["id"]: at for at, row in enumerate(rows) if row["kind"] == "kit"}
    found: dict[str, list[list[object]]] = {str(at): [] for at in places.values()}
    if places:
        parts = await read.fetch(
            """SELECT k.kit_id, k.part_id, ceil(k.quantity * 1000)::bigint AS milli
                 FROM kit_parts($2::uuid[]) k
                 JOIN product p ON p.tenant_id = $1 AND p.id = k.part_id AND p.kind = 'goods'
                ORDER BY k.kit_id, k.part_id""",
            read.tenant,
            list(places),
        )
        for kit, part, milli in parts:
            found[str(places[kit])].append([str(part), milli])
    return found


def _traits(row: Row, along: Sequence[tuple[UUID, int]] | None) -> dict[str, object]:
    own = along[0][0] if along else row["deposit_id"]
    traits = {
        "open": row["open_price"],
        "age": row["min_age"],
        "deposit": str(own) if own else None,
        "deposits": [[str(id), each] for id, each in along or ()],
        "choices": [str(id) for id in row["groups"] or ()],
        "service": row["kind"] == "service",
        "tracked": row["tracking"] if row["tracking"] != "none" else None,
        "family": str(row["family_id"]) if row["family_id"] else None,
        "options": json.loads(row["options"]) if row["family_id"] else None,
        "from": row["sold_from"] and row["sold_from"].isoformat(),
        "until": row["sold_until"] and row["sold_until"].isoformat(),
        "tags": row["offered"],
    }
    return {name: value for name, value in traits.items() if value}


def _choice(one: modifiers.Group) -> dict[str, object]:
    return {
        "id": str(one.id),
        "name": one.name,
        "least": one.least,
        "most": one.most,
        "modifiers": [{"id": str(m.id), "name": m.name, "price": m.price_minor} for m in one.modifiers],
    }
