"""Changing a handful of ticked products at once: one transaction, and no change over somebody else's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.catalog.changes import running
from retail.catalog.changes.acts import Act
from retail.catalog.changes.running import Pick as Pick  # noqa: PLC0414 - for all who change ticked products
from retail.catalog.products.versions import lock_catalogue
from retail.runtime.db import Tx

MOST_AT_ONCE: Final = 500
_NAMES: Final[dict[str, str]] = {
    "category": "category_id",
    "tax_class": "tax_class_id",
    "reorder_point": "reorder_point",
}


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of the picked ones; `value` is the category or tax class, or the reorder point, None for none."""

    act: Act
    value: UUID | Decimal | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """What came of it: how many were changed, and which were not as somebody else has changed or removed them.

    `change` is what can be undone; None where nothing was changed.
    """

    products: int
    passed_over: frozenset[UUID]
    change: UUID | None = None


async def change_products(tx: Tx, picks: Sequence[Pick], change: Change) -> Changed:
    """Change the picked products that are still at their version; each is audited. Locks the catalogue head.

    The caller has checked that category and tax class are the shop's own. One that is as wanted already counts as
    changed, and stays as it is. Where none is at its version nothing is written.
    Raises PlanFull where more would be on sale than there is room for.
    """
    await lock_catalogue(tx)
    there = await tx.fetchval(
        """SELECT count(*) FROM unnest($2::uuid[], $3::bigint[]) AS u (id, version)
             JOIN product p ON p.tenant_id = $1 AND p.id = u.id AND p.version = u.version""",
        tx.tenant,
        [pick.id for pick in picks],
        [pick.version for pick in picks],
    )
    if not there:
        return Changed(0, frozenset(pick.id for pick in picks))
    named = _NAMES.get(change.act)
    value = {named: None if change.value is None else str(change.value)} if named else {}
    id = await running.start(tx, change.act, value, picks)
    await running.take(tx, id, MOST_AT_ONCE)
    rows = await tx.fetch(
        "SELECT product_id, outcome FROM bulk_change_row WHERE tenant_id = $1 AND change_id = $2", tx.tenant, id
    )
    done = frozenset(row["product_id"] for row in rows if row["outcome"] != "passed")
    changed = any(row["outcome"] == "changed" for row in rows)
    return Changed(len(done), frozenset(pick.id for pick in picks) - done, id if changed else None)
