"""Prices that changed or are going to: who, when, why, from what to what; and taking back what isn't applied yet.

A change that lies ahead is a row without `applied_at`. A job applies what is due; tills know it beforehand and change
their prices at the moment itself (docs/algorithms/prices.md, section 7).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from retail.catalog.prices.ahead import AHEAD, own_price_at
from retail.catalog.prices.applying import APPLY_JOB, apply_due, tell_tills
from retail.catalog.prices.errors import ChangeApplied, LaterInThePast
from retail.catalog.prices.reworking import rework
from retail.catalog.products.versions import lock_catalogue
from retail.kit.errors import NotFound
from retail.kit.ids import new_id
from retail.kit.money import currency, major
from retail.kit.paging import Page
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Row, Tx
from retail.runtime.jobs import enqueue
from retail.runtime.ordering import Key, Order

NEWEST: Final = Order(
    "newest", (Key("c.effective_at", "effective_at", datetime), Key("c.id", "id", UUID)), descending=True
)

_RECORD: Final = """
INSERT INTO price_change (tenant_id, id, product_id, from_minor, to_minor, effective_at, applied_at, source, reason,
                          actor_id, actor_name, created_at)
SELECT $1, u.id, u.product_id, u.from_minor, u.to_minor, $2, $2, 'product', '', $3, $4, $2
  FROM unnest($5::uuid[], $6::uuid[], $7::bigint[], $8::bigint[]) AS u (id, product_id, from_minor, to_minor)
"""
# What lies ahead changes what holds right before it: what the last plan before it sets, or else what holds now. What it
# changed is written down only when it is applied, for plans come and go until then.
_LISTED: Final = f"""
SELECT c.id, c.product_id, p.name AS product_name, p.sku, c.list_id, l.name AS list_name, c.batch_id,
       CASE WHEN c.applied_at IS NOT NULL OR c.undone_at IS NOT NULL THEN c.from_minor
            WHEN w.id IS NOT NULL THEN w.to_minor
            WHEN c.list_id IS NULL THEN p.price_minor ELSE i.price_minor END AS from_minor,
       c.to_minor, c.effective_at, c.applied_at, c.undone_at, c.source, c.reason, c.actor_name, c.created_at,
       coalesce(l.currency, (SELECT t.currency FROM tenant t WHERE t.id = $1)) AS currency
  FROM price_change c
  JOIN product p ON p.tenant_id = c.tenant_id AND p.id = c.product_id
  LEFT JOIN price_list l ON l.tenant_id = c.tenant_id AND l.id = c.list_id
  LEFT JOIN list_price i ON i.tenant_id = $1 AND i.list_id = c.list_id AND i.product_id = c.product_id
                        AND i.min_quantity = 0
  LEFT JOIN LATERAL (
    SELECT a.id, a.to_minor {AHEAD} AND c.applied_at IS NULL AND c.undone_at IS NULL AND a.product_id = c.product_id
       AND a.list_id IS NOT DISTINCT FROM c.list_id AND (a.effective_at, a.id) < (c.effective_at, c.id)
     ORDER BY a.effective_at DESC, a.id DESC LIMIT 1) w ON true
 WHERE c.tenant_id = $1
"""  # noqa: S608 - of constants


@dataclass(frozen=True, slots=True)
class ChangeFacts:
    """A change of a price, of a product's own or (with a list) of a list's; `applied_at` None: it lies ahead."""

    id: UUID
    product: UUID
    product_name: str
    sku: str
    of: UUID | None
    list_name: str | None
    batch: UUID | None
    from_minor: int | None
    to_minor: int | None
    effective_at: datetime
    applied_at: datetime | None
    undone_at: datetime | None
    source: str
    reason: str
    actor_name: str
    created_at: datetime
    currency: str
    """In whose minor units its prices are: the list's own, or the business's."""

    @property
    def before(self) -> str:
        """Write the price before, as a plain number; empty where there was none."""
        return self._plain(self.from_minor)

    @property
    def after(self) -> str:
        """Write the price it becomes, as a plain number; empty where it goes."""
        return self._plain(self.to_minor)

    def _plain(self, minor: int | None) -> str:
        return "" if minor is None else f"{major(minor, currency(self.currency)):f}"

    @property
    def waits(self) -> bool:
        """Whether it lies ahead and can be taken back."""
        return self.applied_at is None and self.undone_at is None


async def record_prices(tx: Tx, before: Mapping[UUID, Mapping[str, object]]) -> None:
    """Note which of the products that were told of `before` a change have another price since.

    What is planned by a part or an amount of that follows. The caller holds the catalogue head.
    """
    if not before:
        return
    rows = await tx.fetch(
        "SELECT id, price_minor FROM product WHERE tenant_id = $1 AND id = ANY($2) ORDER BY id", tx.tenant, list(before)
    )
    news = [(row["id"], before[row["id"]]["price_minor"], row["price_minor"]) for row in rows]
    news = [one for one in news if one[1] != one[2]]
    if news:
        await tx.execute(
            _RECORD,
            tx.tenant,
            tx.now,
            tx.actor.id,
            tx.actor.name,
            [new_id() for _ in news],
            [product for product, _old, _new in news],
            [old for _product, old, _new in news],
            [new for _product, _old, new in news],
        )
        await rework(tx, [product for product, _old, _new in news])


_KNOWN: Final = "SELECT 1 FROM price_change WHERE tenant_id = $1 AND id = $2 AND product_id = $3"


async def schedule_price(  # noqa: PLR0917
    tx: Tx, id: UUID, product: UUID, to_minor: int, at: datetime | None, reason: str
) -> None:
    """Give a product another price of its own, now (`at` None) or at a moment to come. Tills hear of either at once.

    The id of a change that the product has already does nothing: what is sent twice changes a price once.
    Raises NotFound, LaterInThePast. Emits CatalogueChanged.
    """
    await lock_catalogue(tx)
    price = await own_price_at(tx, product, at)
    if price is None:
        raise NotFound("product")
    if await tx.fetchval(_KNOWN, tx.tenant, id, product):
        return
    if at is not None and at <= tx.now:
        raise LaterInThePast
    await tx.execute(
        """INSERT INTO price_change (tenant_id, id, product_id, from_minor, to_minor, effective_at, source, reason,
                                     actor_id, actor_name, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $11, $7, $8, $9, $10)""",
        tx.tenant, id, product, price, to_minor, at or tx.now, reason, tx.actor.id, tx.actor.name, tx.now,
        "schedule" if at else "product",
    )  # fmt: skip
    tx.audit(
        "price.scheduled", "product", product, before={"price_minor": price}, after={"price_minor": to_minor},
        effective_at=at or tx.now, reason=reason, change=id,
    )  # fmt: skip
    if at is None:
        await apply_due(tx)
    else:
        await tell_tills(tx, [product])
        await enqueue(tx, APPLY_JOB, {}, at)


async def undo_change(tx: Tx, id: UUID) -> None:
    """Take back a change that isn't applied yet; once more does nothing. Raises NotFound, ChangeApplied."""
    await lock_catalogue(tx)
    row = await tx.fetchrow(
        "SELECT product_id, to_minor, applied_at, undone_at FROM price_change WHERE tenant_id = $1 AND id = $2",
        tx.tenant,
        id,
    )
    if row is None:
        raise NotFound("price_change")
    if row["applied_at"] is not None:
        raise ChangeApplied
    if row["undone_at"] is not None:
        return
    await tx.execute("UPDATE price_change SET undone_at = $3 WHERE tenant_id = $1 AND id = $2", tx.tenant, id, tx.now)
    tx.audit("price.unscheduled", "product", row["product_id"], change=id, price_minor=row["to_minor"])
    await tell_tills(tx, [row["product_id"]])


async def changes_of(read: Read, product: UUID, most: int = 50) -> list[ChangeFacts]:
    """Give a product's changes of price, of its own and in lists: those that lie ahead first, then the newest."""
    rows = await read.fetch(
        f"""{_LISTED} AND c.product_id = $2
            ORDER BY (c.applied_at IS NULL AND c.undone_at IS NULL) DESC, c.effective_at DESC, c.id DESC LIMIT $3""",
        read.tenant,
        product,
        most,
    )
    return [_facts(row) for row in rows]


async def changes(
    read: Read, *, limit: int, after: str | None, waiting: bool = False, batch: UUID | None = None
) -> Page[ChangeFacts]:
    """Give a page of changes, the newest first; `waiting`: only those that lie ahead; of one batch if one is named."""
    conditions = Conditions(read.tenant)
    if batch is not None:
        conditions.add("c.batch_id = {}", batch)
    if waiting:
        conditions.add("c.applied_at IS NULL AND c.undone_at IS NULL")
    NEWEST.go_on(conditions, after)
    rows = await read.fetch(f"{_LISTED}{conditions.sql} ORDER BY {NEWEST.sql} LIMIT {limit + 1}", *conditions.args)
    return Page([_facts(row) for row in rows[:limit]], NEWEST.following(rows, limit))


def _facts(row: Row) -> ChangeFacts:
    return ChangeFacts(*row.values())
