"""Marking goods as scarce, writing shares down, working them out again, and counting what came late."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from retail.catalog.products.traits import GOODS
from retail.identity.permissions import MOVE_STOCK
from retail.kit.errors import Conflict, Invalid, NotFound
from retail.kit.quantity import LINE_MOST, quantity_text, to_milli
from retail.kit.text import _
from retail.runtime.db import Row, Tx
from retail.stock.allotting.rules import WAYS, WHOLE, Claimant, shares
from retail.stock.events import StockAllotted
from retail.stock.places.blocked import blocked
from retail.stock.queries import on_hand
from retail.stock.reserving.queries import reserved

AWAY: Final = timedelta(minutes=10)
"""Not heard of for so long, a till can't be told of another share, and keeps the one that it has."""
GONE: Final = timedelta(days=7)
"""Longer than any till may sell without a network: who was not heard of for so long keeps nothing back."""
_WEIGHED_FOR: Final = timedelta(days=1)
MOST: Final = to_milli(LINE_MOST)

_LOCK: Final = """
SELECT a.id, a.store_id, a.product_id, a.shared_by, a.weighed_at,
       (SELECT p.decimals FROM product p WHERE p.tenant_id = $1 AND p.id = a.product_id) AS decimals
  FROM scarce a JOIN unnest($2::uuid[], $3::uuid[]) AS u (store_id, product_id)
    ON a.store_id = u.store_id AND a.product_id = u.product_id
 WHERE a.tenant_id = $1 ORDER BY a.id FOR UPDATE OF a
"""
_TILLS: Final = """
SELECT k.id AS till, coalesce(g.milli, 0) AS milli, coalesce(g.known_milli, 0) AS known_milli,
       coalesce(g.wanted_milli, 0) AS wanted_milli, coalesce(g.weight_milli, 0) AS weight_milli,
       g.late_since, coalesce(g.late_of_milli, 0) AS late_of_milli, coalesce(g.late_milli, 0) AS late_milli,
       c.away_since, coalesce(greatest(c.seen_at, c.claimed_at) BETWEEN $4 AND $5, false) AS away
  FROM till k
  LEFT JOIN till_allotment g ON g.tenant_id = $1 AND g.scarce_id = $2 AND g.till_id = k.id
  LEFT JOIN till_claim c ON c.tenant_id = $1 AND c.till_id = k.id AND c.released_at IS NULL
 WHERE k.tenant_id = $1 AND k.store_id = $3 AND k.retired_at IS NULL
 ORDER BY k.code, k.id
"""
_SOLD: Final = """
SELECT s.till_id, (sum(l.quantity) * 1000)::bigint AS milli
  FROM sale s JOIN sale_line l ON l.tenant_id = $1 AND l.sale_id = s.id
 WHERE s.tenant_id = $1 AND s.store_id = $2 AND s.kind = 'sale' AND s.occurred_at > $4 AND l.product_id = $3
 GROUP BY s.till_id
"""
_WRITE: Final = """
INSERT INTO till_allotment AS g (tenant_id, scarce_id, till_id, milli, known_milli, wanted_milli, weight_milli,
                                 late_since, late_of_milli, late_milli, updated_at)
SELECT $1, $2, u.till, u.milli, u.known, u.wanted, u.weight, u.since, u.late_of, u.late, $3
  FROM unnest($4::uuid[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::timestamptz[], $10::bigint[],
              $11::bigint[]) AS u (till, milli, known, wanted, weight, since, late_of, late)
ON CONFLICT (tenant_id, scarce_id, till_id) DO UPDATE
   SET milli = excluded.milli, known_milli = excluded.known_milli, wanted_milli = excluded.wanted_milli,
       weight_milli = excluded.weight_milli, late_since = excluded.late_since,
       late_of_milli = excluded.late_of_milli, late_milli = excluded.late_milli, updated_at = excluded.updated_at
"""
_HELD: Final = """
SELECT g.scarce_id, a.product_id, g.known_milli, g.late_since, g.late_of_milli, g.late_milli
  FROM till_allotment g JOIN scarce a ON a.tenant_id = g.tenant_id AND a.id = g.scarce_id
 WHERE g.tenant_id = $1 AND g.till_id = $2 AND a.product_id = ANY($3::uuid[])
 ORDER BY g.scarce_id FOR UPDATE OF g
"""


class AllotmentChanged(Conflict):
    """Somebody else has changed these shares since they were looked at."""

    code = "allotment_changed"

    def sentence(self) -> str:
        """Say to look again."""
        return _("Somebody else has changed these shares since you opened the page. Look at them again, then save.")


async def mark_scarce(tx: Tx, id: UUID, store: UUID, product: UUID, way: str) -> UUID:
    """Share a store's article out among its tills from now on; one that is scarce already stays as it is.

    Gives the article's id. Raises NotFound, Invalid, Forbidden. Emits StockAllotted.
    """
    tx.scope.require_in(MOVE_STOCK, store)
    if way not in WAYS:
        raise Invalid({"way": [_("Shares are written down by hand, or follow sales.")]})
    kind = await tx.fetchval(
        "SELECT kind FROM product WHERE tenant_id = $1 AND id = $2 AND archived_at IS NULL", tx.tenant, product
    )
    if kind is None:
        raise NotFound("product")
    if kind != GOODS:
        raise Invalid({"code": [_("This has no stock of its own. Mark what it is made of.")]})
    if not await tx.fetchval(
        "SELECT EXISTS (SELECT FROM store WHERE tenant_id = $1 AND id = $2 AND archived_at IS NULL)", tx.tenant, store
    ):
        raise NotFound("store")
    made = await tx.execute(
        """INSERT INTO scarce (tenant_id, id, store_id, product_id, shared_by, version, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, 1, $6, $6) ON CONFLICT DO NOTHING""",
        tx.tenant, id, store, product, way, tx.now,
    )  # fmt: skip
    if made == "INSERT 0 0":
        found: UUID | None = await tx.fetchval(
            "SELECT id FROM scarce WHERE tenant_id = $1 AND store_id = $2 AND product_id = $3",
            tx.tenant, store, product,
        )  # fmt: skip
        if found is None:
            raise NotFound("allotment")
        return found
    tx.audit("stock.scarce_marked", "product", product, store=store, shared_by=way)
    await work_out(tx, [(store, product)], always=True)
    return id


async def set_shares(tx: Tx, id: UUID, way: str, wanted: Mapping[UUID, int], version: int) -> None:
    """Say how a scarce article is shared, and by hand how much each till wants, in thousandths.

    Raises NotFound, Invalid, Forbidden, AllotmentChanged. Emits StockAllotted.
    """
    row = await _article(tx, id)
    if row["version"] != version:
        raise AllotmentChanged
    if way not in WAYS:
        raise Invalid({"way": [_("Shares are written down by hand, or follow sales.")]})
    tills = {one["till"] for one in await _tills(tx, id, row["store_id"])}
    if set(wanted) - tills:
        raise NotFound("till")
    if wrong := [till for till, milli in wanted.items() if not 0 <= milli <= MOST]:
        raise Invalid({f"till-{one}": [_("Type a quantity of zero or more.")] for one in wrong})
    await tx.execute(
        """UPDATE scarce SET shared_by = $3, version = version + 1, updated_at = $4 WHERE tenant_id = $1 AND id = $2""",
        tx.tenant, id, way, tx.now,
    )  # fmt: skip
    await tx.execute(
        """INSERT INTO till_allotment AS g (tenant_id, scarce_id, till_id, milli, known_milli, wanted_milli,
                                            weight_milli, late_of_milli, late_milli, updated_at)
           SELECT $1, $2, u.till, 0, 0, u.milli, 0, 0, 0, $5 FROM unnest($3::uuid[], $4::bigint[]) AS u (till, milli)
           ON CONFLICT (tenant_id, scarce_id, till_id) DO UPDATE SET wanted_milli = excluded.wanted_milli""",
        tx.tenant, id, list(wanted), list(wanted.values()), tx.now,
    )  # fmt: skip
    tx.audit(
        "stock.scarce_shared", "product", row["product_id"], store=row["store_id"], shared_by=way,
        tills={str(till): quantity_text(milli) for till, milli in wanted.items()},
    )  # fmt: skip
    await work_out(tx, [(row["store_id"], row["product_id"])], always=True)


async def unmark(tx: Tx, id: UUID) -> None:
    """Share it out no more: tills sell it like everything else. Raises NotFound, Forbidden. Emits StockAllotted."""
    row = await _article(tx, id)
    await tx.execute("DELETE FROM till_allotment WHERE tenant_id = $1 AND scarce_id = $2", tx.tenant, id)
    await tx.execute("DELETE FROM scarce WHERE tenant_id = $1 AND id = $2", tx.tenant, id)
    tx.audit("stock.scarce_unmarked", "product", row["product_id"], store=row["store_id"])
    tx.emit(StockAllotted(row["store_id"], [str(row["product_id"])]))


async def work_out(tx: Tx, places: Collection[tuple[UUID, UUID]], *, always: bool = False) -> None:
    """Work the shares of (store, product) pairs out again, where they are scarce; emits StockAllotted for what changed.

    Locks the articles, sorted; what is on hand is read behind the lock. Goods that aren't scarce cost one query in all.
    `always`: tell also where no share is another.
    """
    if not places:
        return
    rows = await tx.fetch(_LOCK, tx.tenant, [store for store, _one in places], [one for _store, one in places])
    changed: dict[UUID, list[str]] = {}
    for row in rows:
        if await _share_out(tx, row) or always:
            changed.setdefault(row["store_id"], []).append(str(row["product_id"]))
    for store, products in changed.items():
        tx.emit(StockAllotted(store, products))


async def _share_out(tx: Tx, row: Row) -> bool:
    """Share one article out; gives whether a till's share is another now."""
    store, product = row["store_id"], row["product_id"]
    here, kept = await on_hand(tx, store, [product]), await reserved(tx, store, [product])
    aside = (await blocked(tx, store, [product]))[product]
    free = to_milli(here.get(product, 0)) - to_milli(kept[product] + aside)
    tills = await _tills(tx, row["id"], store)
    sold = {one["till"]: one["weight_milli"] for one in tills}
    if row["shared_by"] == "sales" and (row["weighed_at"] is None or row["weighed_at"] < tx.now - _WEIGHED_FOR):
        counted = await tx.fetch(_SOLD, tx.tenant, store, product, tx.now - timedelta(days=28))
        sold = dict.fromkeys(sold, 0) | {one["till_id"]: max(one["milli"], 0) for one in counted}
        await tx.execute(
            "UPDATE scarce SET weighed_at = $3 WHERE tenant_id = $1 AND id = $2", tx.tenant, row["id"], tx.now
        )
    given = shares(
        free,
        row["shared_by"],
        [Claimant(one["till"], one["milli"], one["wanted_milli"], sold[one["till"]], one["away"]) for one in tills],
        1 if row["decimals"] else WHOLE,
    )
    late = [_late(one) for one in tills]
    await tx.execute(
        _WRITE, tx.tenant, row["id"], tx.now,
        [one["till"] for one in tills],
        [given[one["till"]] for one in tills],
        [one["known_milli"] if one["away"] else given[one["till"]] for one in tills],
        [one["wanted_milli"] for one in tills],
        [sold[one["till"]] for one in tills],
        [since for since, _of, _used in late],
        [of for _since, of, _used in late],
        [used for _since, _of, used in late],
    )  # fmt: skip
    return any(given[one["till"]] != one["milli"] for one in tills)


async def use_up(
    tx: Tx, till: UUID, since: datetime, sold: Sequence[tuple[UUID, UUID, int]]
) -> list[tuple[UUID, UUID, int, int]]:
    """Count what a till sold while it was away since a moment: (sale, product, thousandths), in the journal's order.

    Gives what went beyond the share that the till knew then: (sale, product, sold in all, share). Costs one query.
    """
    rows = await tx.fetch(_HELD, tx.tenant, till, list({product for _sale, product, _milli in sold}))
    beyond: list[tuple[UUID, UUID, int, int]] = []
    for row in rows:
        _since, of, used = _late({**row, "away_since": since})
        for sale, product, milli in sold:
            if product != row["product_id"]:
                continue
            used += max(milli, 0)
            if used > of:
                beyond.append((sale, product, used, of))
        await tx.execute(
            """UPDATE till_allotment SET late_since = $4, late_of_milli = $5, late_milli = $6
                WHERE tenant_id = $1 AND scarce_id = $2 AND till_id = $3""",
            tx.tenant, row["scarce_id"], till, since, of, used,
        )  # fmt: skip
    return beyond


def _late(row: Row | Mapping[str, object]) -> tuple[datetime | None, int, int]:
    """Give of which share a till's last time away counts, and what was used: what it knew when that time began."""
    if row["away_since"] is None or row["away_since"] == row["late_since"]:
        return row["late_since"], row["late_of_milli"], row["late_milli"]  # type: ignore[return-value]
    return row["away_since"], row["known_milli"], 0  # type: ignore[return-value]


async def _article(tx: Tx, id: UUID) -> Row:
    row = await tx.fetchrow(
        "SELECT store_id, product_id, version FROM scarce WHERE tenant_id = $1 AND id = $2 FOR UPDATE", tx.tenant, id
    )
    if row is None:
        raise NotFound("allotment")
    tx.scope.require_in(MOVE_STOCK, row["store_id"])
    return row


async def _tills(tx: Tx, id: UUID, store: UUID) -> list[Row]:
    return list(await tx.fetch(_TILLS, tx.tenant, id, store, tx.now - GONE, tx.now - AWAY))
