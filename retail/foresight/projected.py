"""Keeping what each product is expected to sell, where the stock's own pages read it: `demand_ahead`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from retail.foresight.history import Subject
from retail.foresight.operations import PORTION
from retail.runtime.db import Tx
from retail.runtime.jobs import hold
from retail.stock.insights import classes_of

_KEPT_FOR: Final = 180
"""How long goods keep is read from the lots of so many days."""
_PROJECT: Final = """
INSERT INTO demand_ahead (tenant_id, store_id, product_id, run, first_day, expected, middle, spread)
SELECT $1, u.store_id, u.product_id, $2, $3, u.expected, u.middle, u.spread
  FROM jsonb_to_recordset($4::jsonb) AS u (store_id uuid, product_id uuid, expected bigint[], middle bigint[],
       spread integer[])
  JOIN product p ON p.tenant_id = $1 AND p.id = u.product_id
    ON CONFLICT (tenant_id, store_id, product_id) DO UPDATE
   SET run = excluded.run, first_day = excluded.first_day, expected = excluded.expected, middle = excluded.middle,
       spread = excluded.spread
"""
_FORGET: Final = """
DELETE FROM demand_ahead WHERE tenant_id = $1 AND ctid = ANY (ARRAY(
  SELECT f.ctid FROM demand_ahead f WHERE f.tenant_id = $1 AND f.run < $2 LIMIT $3))
"""
_CLASSES: Final = """
UPDATE demand_ahead f SET abc = u.abc FROM (
  SELECT a.store_id, a.product_id, coalesce(c.abc, 'C') AS abc
    FROM demand_ahead a LEFT JOIN unnest($2::uuid[], $3::text[]) AS c (product_id, abc) USING (product_id)
   WHERE a.tenant_id = $1) u
 WHERE f.tenant_id = $1 AND f.store_id = u.store_id AND f.product_id = u.product_id AND f.abc <> u.abc
"""
_KEEPS: Final = """
UPDATE demand_ahead f SET keeps_days = u.days FROM (
  SELECT a.store_id, a.product_id, l.days
    FROM demand_ahead a LEFT JOIN (
      SELECT o.product_id, percentile_disc(0.5) WITHIN GROUP (ORDER BY o.expires_on - o.received_at::date) AS days
        FROM lot o
       WHERE o.tenant_id = $1 AND o.expires_on > o.received_at::date
         AND o.received_at > $2::timestamptz - make_interval(days => $3)
       GROUP BY 1) l USING (product_id)
   WHERE a.tenant_id = $1) u
 WHERE f.tenant_id = $1 AND f.store_id = u.store_id AND f.product_id = u.product_id
   AND f.keeps_days IS DISTINCT FROM u.days
"""


@dataclass(frozen=True, slots=True)
class Projected:
    """A series as the table keeps it; all in thousandths, `expected` and `middle` cumulated by day."""

    subject: Subject
    expected: list[int]
    middle: list[int]
    spread: list[list[int]]


def portions(all_of_it: Sequence[Projected]) -> Iterator[str]:
    """Cut a projection into JSON lists that one transaction each writes."""
    for at in range(0, len(all_of_it), PORTION):
        yield json.dumps([
            {
                "store_id": str(one.subject[0]), "product_id": str(one.subject[1]), "expected": one.expected,
                "middle": one.middle, "spread": one.spread,
            }
            for one in all_of_it[at : at + PORTION]
        ])  # fmt: skip


async def project(tx: Tx, run: int, first: date, rows: str) -> None:
    """Write a portion: from now on it says when to order those products. Raises LostClaim."""
    await hold(tx)
    await tx.execute(_PROJECT, tx.tenant, run, first, rows)


async def settle(tx: Tx, run: int) -> bool:
    """Forget a portion of what earlier runs said of what isn't forecast any more; with the last, sort the rest.

    Each product gets its class, and how long its lots keep. False once that is done. Raises LostClaim.
    """
    await hold(tx)
    if await tx.execute(_FORGET, tx.tenant, run, PORTION) != "DELETE 0":
        return True
    classes = await classes_of(tx, None)
    await tx.execute(_CLASSES, tx.tenant, list(classes), list(classes.values()))
    await tx.execute(_KEEPS, tx.tenant, tx.now, _KEPT_FOR)
    return False
