"""Which shelf labels are due: of products whose price or name changed since their store last printed one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from retail.catalog.products.deposits import carriers, deposits_of
from retail.kit.ids import new_id
from retail.kit.paging import Page
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Tx
from retail.runtime.ordering import Key, Order

BY_NAME: Final = Order("name", (Key("p.sort_name", "sort_name", str), Key("p.id", "id", UUID)))

_DUE: Final = """
  FROM product p
  JOIN (SELECT d.product_id, max(d.changed_at) AS changed_at FROM label_due d
         WHERE d.tenant_id = $1 AND (d.store_id IS NULL OR d.store_id = $2) GROUP BY d.product_id) d
    ON d.product_id = p.id
  LEFT JOIN label_print l ON l.tenant_id = $1 AND l.store_id = $2 AND l.product_id = p.id
  LEFT JOIN store_price o ON o.tenant_id = $1 AND o.store_id = $2 AND o.product_id = p.id
 WHERE p.tenant_id = $1 AND p.archived_at IS NULL AND d.changed_at > coalesce(l.printed_at, '-infinity')
"""


@dataclass(frozen=True, slots=True)
class Due:
    """A label that is due in a store; `printed_minor` is the price on the one that hangs there, None for none known."""

    id: UUID
    sku: str
    name: str
    unit: str
    price_minor: int
    printed_minor: int | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class LabelFacts:
    """What a label of a product says; `code` is its first barcode, or its SKU, `deposit_minor` what goes along."""

    id: UUID
    sku: str
    name: str
    code: str
    unit: str
    price_minor: int
    content_milli: int | None
    content_unit: str | None
    deposit_minor: int = 0


async def labels_due(tx: Tx, products: Collection[UUID], store: UUID | None = None) -> None:
    """Have new labels printed for products, and for what they are the deposit of: in one store, or in all."""
    if not products:
        return
    ids = sorted({*products, *await carriers(tx, list(products))})
    await tx.execute(
        """INSERT INTO label_due (tenant_id, id, product_id, store_id, changed_at)
           SELECT $1, u.id, u.product_id, $4, $5 FROM unnest($2::uuid[], $3::uuid[]) AS u (id, product_id)
           ON CONFLICT (tenant_id, product_id, store_id) DO UPDATE SET changed_at = excluded.changed_at""",
        tx.tenant,
        [new_id() for _ in ids],
        ids,
        store,
        tx.now,
    )


async def relabel(tx: Tx, before: Mapping[UUID, Mapping[str, object]]) -> None:
    """Have new labels printed for those products that no longer are what a label says, as `before` was told of them."""
    if not before:
        return
    rows = await tx.fetch(
        """SELECT p.id, p.name, p.price_minor, p.unit, d.sku AS deposit,
                  trim_scale(p.content_milli * 0.001) || ' ' || p.content_unit AS content
             FROM product p LEFT JOIN product d ON d.tenant_id = $1 AND d.id = p.deposit_id
            WHERE p.tenant_id = $1 AND p.id = ANY($2)""",
        tx.tenant,
        list(before),
    )
    said = ("name", "price_minor", "unit", "content", "deposit")
    changed = [row["id"] for row in rows if any(row[one] != before[row["id"]].get(one) for one in said)]
    carried = [row["id"] for row in rows if row["deposit"] != before[row["id"]].get("deposit")]
    await labels_due(tx, [*changed, *(await carriers(tx, [], carried) if carried else [])])


async def due(read: Read, store: UUID, *, limit: int, after: str | None) -> Page[Due]:
    """Give a page of the labels that are due in a store, by name."""
    conditions = Conditions(read.tenant, store)
    BY_NAME.go_on(conditions, after)
    rows = await read.fetch(
        f"""SELECT p.id, p.sku, p.name, p.unit, coalesce(o.price_minor, p.price_minor) AS price_minor,
                   l.price_minor AS printed_minor, d.changed_at, p.sort_name {_DUE} {conditions.sql}
             ORDER BY {BY_NAME.sql} LIMIT {limit + 1}""",
        *conditions.args,
    )
    shown = [Due(**{name: value for name, value in row.items() if name != "sort_name"}) for row in rows[:limit]]
    return Page(shown, BY_NAME.following(rows, limit))


async def due_ids(read: Read, store: UUID, most: int | None = None) -> list[UUID]:
    """Give the products whose labels are due in a store, by name: the first `most`, or all."""
    rows = await read.fetch(f"SELECT p.id {_DUE} ORDER BY p.sort_name, p.id LIMIT $3", read.tenant, store, most)
    return [row["id"] for row in rows]


async def due_count(read: Read, store: UUID) -> int:
    """Count the labels that are due in a store."""
    counted: int = await read.fetchval(f"SELECT count(*) {_DUE}", read.tenant, store)
    return counted


async def label_facts(read: Read, products: Sequence[UUID], store: UUID | None = None) -> list[LabelFacts]:
    """Give what labels of these products say in a store, in this order; what isn't there is left out."""
    rows = await read.fetch(
        """SELECT p.id, p.sku, p.name, p.unit, coalesce(o.price_minor, p.price_minor) AS price_minor,
                  p.content_milli, p.content_unit,
                  coalesce((SELECT b.code FROM barcode b WHERE b.tenant_id = $1 AND b.product_id = p.id
                             ORDER BY b.position, b.id LIMIT 1), p.sku) AS code
             FROM product p
             LEFT JOIN store_price o ON o.tenant_id = $1 AND o.store_id = $3 AND o.product_id = p.id
            WHERE p.tenant_id = $1 AND p.id = ANY($2)""",
        read.tenant,
        list(products),
        store,
    )
    along = await _deposits(read, products, store)
    known = {row["id"]: LabelFacts(**row, deposit_minor=along.get(row["id"], 0)) for row in rows}
    return [known[id] for id in dict.fromkeys(products) if id in known]


async def _deposits(read: Read, products: Sequence[UUID], store: UUID | None) -> dict[UUID, int]:
    """Give what the deposits of products come to in a store, of a kit with those of its parts."""
    along = await deposits_of(read, products)
    rows = await read.fetch(
        """SELECT p.id, coalesce(o.price_minor, p.price_minor) AS price_minor FROM product p
             LEFT JOIN store_price o ON o.tenant_id = $1 AND o.store_id = $3 AND o.product_id = p.id
            WHERE p.tenant_id = $1 AND p.id = ANY($2) AND p.archived_at IS NULL""",
        read.tenant,
        list({deposit for found in along.values() for deposit, _each in found}),
        store,
    )
    prices = {row["id"]: row["price_minor"] for row in rows}
    return {id: sum(prices.get(deposit, 0) * each for deposit, each in found) for id, found in along.items()}


async def labels_printed(tx: Tx, store: UUID, prices: Mapping[UUID, int], *, on_paper: bool = True) -> None:
    """Note that a store has these products' labels with these prices; or, not `on_paper`, that it needs none."""
    ids = sorted(prices)
    await tx.execute(
        """INSERT INTO label_print (tenant_id, store_id, product_id, printed_at, price_minor)
           SELECT $1, $2, u.product_id, $3, u.price_minor
             FROM unnest($4::uuid[], $5::bigint[]) AS u (product_id, price_minor)
           ON CONFLICT (tenant_id, store_id, product_id)
           DO UPDATE SET printed_at = excluded.printed_at, price_minor = excluded.price_minor""",
        tx.tenant,
        store,
        tx.now,
        ids,
        [prices[id] for id in ids],
    )
    action = "labels.printed" if on_paper else "labels.dismissed"
    tx.audit(action, "store", store, products=len(ids))
