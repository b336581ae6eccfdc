"""Changing many products at once: one transaction, one catalogue version, and no change over somebody else's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal
from uuid import UUID

from retail.catalog.events import CatalogueChanged
from retail.catalog.operations import lock_catalogue, next_version
from retail.catalog.products.limits import refuse_beyond
from retail.catalog.remembering import audit_products, products_now
from retail.runtime.db import Tx

Act = Literal["archive", "restore", "category", "tax_class", "reorder_point"]
MOST_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Pick:
    """A product that somebody ticked, at the version that they saw."""

    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of the picked ones; `value` is the category or tax class, or the reorder point, None for none."""

    act: Act
    value: UUID | Decimal | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """What came of it: how many were changed, and which were not as somebody else has changed or removed them."""

    products: int
    passed_over: frozenset[UUID]


_SET: Final[dict[Act, str]] = {
    "archive": "archived_at = coalesce(p.archived_at, $3)",
    "restore": "archived_at = NULL",
    "category": "category_id = $5::uuid",
    "tax_class": "tax_class_id = $5::uuid",
    "reorder_point": "reorder_point = $5::numeric",
}
_AUDITED: Final[dict[Act, str]] = {
    "archive": "product.archived",
    "restore": "product.restored",
    "category": "product.category_set",
    "tax_class": "product.tax_class_set",
    "reorder_point": "product.reorder_point_set",
}


async def change_products(tx: Tx, picks: Sequence[Pick], change: Change) -> Changed:
    """Change the picked products that are still at their version; each is audited. Locks the catalogue head.

    Where none is, nothing is written. The caller has checked that category and tax class are the shop's own.
    Raises PlanFull where more would be on sale than there is room for.
    """
    await lock_catalogue(tx)
    ids, versions = [pick.id for pick in picks], [pick.version for pick in picks]
    fresh = await tx.fetch(
        """SELECT p.id FROM product p JOIN unnest($2::uuid[], $3::bigint[]) AS u (id, version)
              ON p.id = u.id AND p.version = u.version WHERE p.tenant_id = $1""",
        tx.tenant,
        ids,
        versions,
    )
    found = frozenset(row["id"] for row in fresh)
    passed_over = frozenset(ids) - found
    if not found:
        return Changed(0, passed_over)
    if change.act == "restore":
        off = "SELECT count(*) FROM product WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND archived_at IS NOT NULL"
        await refuse_beyond(tx, await tx.fetchval(off, tx.tenant, list(found)))
    version, before = await next_version(tx), await products_now(tx, sorted(found))
    valued = change.act in {"category", "tax_class", "reorder_point"}
    await tx.execute(
        f"""UPDATE product p SET {_SET[change.act]}, updated_at = $3, version = $4
             WHERE p.tenant_id = $1 AND p.id = ANY($2::uuid[])""",  # noqa: S608 - one of the constants above
        tx.tenant,
        list(found),
        tx.now,
        version,
        *([change.value] if valued else []),
    )
    await audit_products(tx, _AUDITED[change.act], before, sorted(found), version=version, at_once=len(found))
    tx.emit(CatalogueChanged(version))
    return Changed(len(found), passed_over)
