"""Trying an offer on past baskets: what it would have taken off, and what that does to the margin.

Each basket is worked out as it was sold, with this offer alone; a line never gives more than was paid for it. It goes
part after part, each one transaction, and can be stopped between two of them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from retail.kit.errors import NotFound
from retail.kit.ids import new_id
from retail.kit.money import mul_div
from retail.promotions.conditions import occasion_at
from retail.promotions.facts import engine_offer
from retail.promotions.offers import offer
from retail.promotions.rules import Offer, OutOfRange, apply_offers
from retail.promotions.shelving import Known, item, known_products
from retail.runtime.db import Read, Row, Tx

DAYS: Final = 30
AT_ONCE: Final = 500
_TOP: Final = 10
_KEPT: Final = 200

_COUNT: Final = """
SELECT count(*) FROM sale WHERE tenant_id = $1 AND kind = 'sale' AND business_date BETWEEN $2 AND $3
"""
_SALES: Final = """
SELECT s.id, s.store_id, p.timezone, s.occurred_at, s.price_group FROM sale s
  JOIN store p ON p.tenant_id = $1 AND p.id = s.store_id
 WHERE s.tenant_id = $1 AND s.kind = 'sale' AND s.business_date BETWEEN $2 AND $3 AND s.id > $4
 ORDER BY s.id LIMIT $5
"""
_LINES: Final = """
SELECT sale_id, id, product_id, name, (quantity * 1000)::bigint AS milli, unit_price_minor AS price,
       total_minor AS total, net_minor AS net, cost_minor AS cost
  FROM sale_line WHERE tenant_id = $1 AND sale_id = ANY ($2::uuid[]) ORDER BY sale_id, position
"""
_BEFORE_ALL: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial and how far it is; amounts of `result` in minor units, without tax."""

    id: UUID
    offer: UUID
    state: str
    from_day: date
    to_day: date
    wanted: int
    walked: int
    result: Mapping[str, Any]
    created_at: datetime

    def figure(self, name: str) -> int:
        """Give one of the sums."""
        return int(self.result.get(name, 0))

    @property
    def uplift(self) -> int | None:
        """Say by how many percent the touched baskets must grow to earn as much as before; None: they never would."""
        after = self.figure("margin_after")
        return None if after <= 0 else max(0, mul_div(100, self.figure("margin_before") - after, after))


async def begin(tx: Tx, id: UUID) -> UUID:
    """Make a trial of an offer on the last 30 days; one that is under way is the answer. Raises NotFound."""
    of = await offer(tx, id)
    running = await tx.fetchval(
        "SELECT id FROM offer_trial WHERE tenant_id = $1 AND offer_id = $2 AND state = 'running'", tx.tenant, id
    )
    if running is not None:
        return UUID(str(running))
    last, trial = tx.now.date(), new_id()
    first = last - timedelta(days=DAYS)
    wanted = await tx.fetchval(_COUNT, tx.tenant, first, last)
    await tx.execute(
        """INSERT INTO offer_trial (tenant_id, id, offer_id, offer_version, state, from_day, to_day, wanted, walked,
                                    result, created_at)
           VALUES ($1, $2, $3, $4, 'running', $5, $6, $7, 0, '{}', $8)""",
        tx.tenant, trial, id, of.version, first, last, wanted, tx.now,
    )  # fmt: skip
    tx.audit("offer.tried", "offer", id, name=of.name)
    return trial


async def stop(tx: Tx, trial: UUID) -> None:
    """Have a trial go no further; what it has found stays. Raises NotFound."""
    row = await _row(tx, trial)
    if row["state"] == "running":
        await _end(tx, trial, "stopped")
        tx.audit("offer.trial_stopped", "offer", row["offer_id"], taken=row["walked"], wanted=row["wanted"])


async def trial(read: Read, id: UUID) -> Trial:
    """Give one trial. Raises NotFound."""
    return _trial(await _row(read, id))


async def trials_of(read: Read, of: UUID) -> list[Trial]:
    """Give the last trials of an offer, the newest first."""
    rows = await read.fetch(
        "SELECT * FROM offer_trial WHERE tenant_id = $1 AND offer_id = $2 ORDER BY id DESC LIMIT 10", read.tenant, of
    )
    return [_trial(row) for row in rows]


async def walk(tx: Tx, id: UUID, most: int = AT_ONCE) -> bool:
    """Work out the next baskets of a trial; claims that some are left."""
    row = await tx.fetchrow("SELECT * FROM offer_trial WHERE tenant_id = $1 AND id = $2 FOR UPDATE", tx.tenant, id)
    if row is None or row["state"] != "running":
        return False
    facts = await offer(tx, row["offer_id"])
    tried = engine_offer(replace(facts, starts_at=None, ends_at=None).wire())
    sales = await tx.fetch(_SALES, tx.tenant, row["from_day"], row["to_day"], row["after"] or _BEFORE_ALL, most)
    result = await _add(tx, json.loads(row["result"]), sales, tried)
    last = sales[-1]["id"] if sales else row["after"]
    await tx.execute(
        "UPDATE offer_trial SET walked = walked + $3, after = $4, result = $5 WHERE tenant_id = $1 AND id = $2",
        tx.tenant, id, len(sales), last, json.dumps(result),
    )  # fmt: skip
    if len(sales) < most:
        await _end(tx, id, "done")
        return False
    return True


async def _add(tx: Tx, before: dict[str, Any], sales: Sequence[Row], tried: Offer) -> dict[str, Any]:
    if not sales:
        return before
    inclusive = await tx.fetchval("SELECT prices_include_tax FROM tenant WHERE id = $1", tx.tenant)
    rows = await tx.fetch(_LINES, tx.tenant, [sale["id"] for sale in sales])
    lines: dict[UUID, list[Row]] = {}
    for row in rows:
        lines.setdefault(row["sale_id"], []).append(row)
    known = await known_products(tx, {row["product_id"] for row in rows if row["product_id"]})
    sums = Counter({name: value for name, value in before.items() if isinstance(value, int)})
    top = Counter(dict(before.get("top", [])))
    for sale in sales:
        _try(sums, top, sale, lines.get(sale["id"], []), known, tried, inclusive=inclusive)
    return {**sums, "top": top.most_common(_KEPT)}


def _try(  # noqa: PLR0917 - one basket with all that it is added to
    sums: Counter[str],
    top: Counter[str],
    sale: Row,
    lines: Sequence[Row],
    known: Mapping[UUID, Known],
    tried: Offer,
    *,
    inclusive: bool,
) -> None:
    items = [item(one["id"], one["product_id"], one["milli"], one["price"], known, by_hand=False) for one in lines]
    coupons = [tried.id] if tried.coupon else []
    occasion = occasion_at(
        str(sale["store_id"]), sale["timezone"], sale["occurred_at"], sale["price_group"] or "", coupons
    )
    try:
        outcome = apply_offers(items, [tried], occasion)
    except OutOfRange:
        return
    sums["baskets"] += 1
    sums["revenue"] += sum(one["net"] for one in lines)
    given = 0
    for one, taken in zip(lines, outcome.lines, strict=True):
        off = min(sum(part.amount for part in taken), one["total"] if inclusive else one["net"])
        if off > 0:
            net = mul_div(off, one["net"], one["total"]) if inclusive and one["total"] else off
            given += net
            top[one["name"]] += net
    if given:
        margin = sum(one["net"] - one["cost"] for one in lines)
        sums["touched"] += 1
        sums["given"] += given
        sums["touched_revenue"] += sum(one["net"] for one in lines)
        sums["margin_before"] += margin
        sums["margin_after"] += margin - given


async def _row(read: Read, id: UUID) -> Row:
    row = await read.fetchrow("SELECT * FROM offer_trial WHERE tenant_id = $1 AND id = $2", read.tenant, id)
    if row is None:
        raise NotFound("offer_trial")
    return row


async def _end(tx: Tx, id: UUID, state: str) -> None:
    await tx.execute(
        """UPDATE offer_trial SET state = $3, finished_at = $4
            WHERE tenant_id = $1 AND id = $2 AND state = 'running'""",
        tx.tenant,
        id,
        state,
        tx.now,
    )


def _trial(row: Row) -> Trial:
    result = json.loads(row["result"])
    result["top"] = [(name, given) for name, given in result.get("top", [])[:_TOP]]
    return Trial(
        row["id"], row["offer_id"], row["state"], row["from_day"], row["to_day"], row["wanted"], row["walked"], result,
        row["created_at"],
    )  # fmt: skip
