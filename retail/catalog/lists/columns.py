"""The columns of the list of products: which there are, which somebody chose, and what only some of them need."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.identity.permissions import MOVE_STOCK, VIEW_COSTS, VIEW_STOCK
from retail.kit.text import _
from retail.runtime.db import Read
from retail.runtime.tenancy import Scope
from retail.runtime.web.asked import Asked

USUAL: Final = ("sku", "category", "tax", "barcodes", "cost", "price")
_NEEDS: Final = {"cost": VIEW_COSTS, "stock": VIEW_STOCK}
_EXTRA: Final = frozenset({"stock", "tags", "kind", "scheduled"})


@dataclass(frozen=True, slots=True)
class Extra:
    """What is read for chosen columns only; `on_hand` sums the stores that the person may see up.

    `hidden`: it is in a blind count, and the person only counts, so what is on hand isn't told.
    """

    tags: tuple[str, ...]
    kind: str
    available_from: datetime | None
    available_until: datetime | None
    on_hand: Decimal
    low: bool
    hidden: bool


def column_names() -> dict[str, str]:
    """Name every column there is, in the order they stand in."""
    return {
        "sku": _("SKU"),
        "category": _("Category"),
        "kind": _("Kind"),
        "tags": _("Tags"),
        "tax": _("Tax"),
        "barcodes": _("Barcodes"),
        "stock": _("In stock"),
        "reorder_point": _("Reorder at"),
        "scheduled": _("Scheduled"),
        "changed": _("Changed"),
        "cost": _("Cost"),
        "price": _("Price"),
    }


def columns_for(scope: Scope) -> dict[str, str]:
    """Name the columns that a person may see."""
    return {name: words for name, words in column_names().items() if name not in _NEEDS or scope.holds(_NEEDS[name])}


def chosen_in(asked: Asked, known: Collection[str]) -> list[str]:
    """Read which columns an address asks for, "sku.price"; the usual ones where it doesn't say."""
    typed = asked.raw("columns")
    names = typed.split(".") if typed else [name for name in USUAL if name in known]
    if typed == "none":
        return []
    if not set(names) <= set(known):
        asked.error("columns", _("The list has no such column. Pick its columns anew."))
        return []
    return [name for name in known if name in names]


def told(names: Sequence[str], known: Collection[str]) -> str:
    """Write a choice of columns as an address has it: '' for the usual ones."""
    kept = [name for name in known if name in names]
    if kept == [name for name in known if name in USUAL]:
        return ""
    return ".".join(kept) or "none"


_EXTRAS: Final = """
SELECT p.id, p.tags, p.kind, p.available_from, p.available_until,
       CASE p.kind WHEN 'goods' THEN coalesce(b.on_hand, 0) + coalesce(d.waiting, 0)
                   WHEN 'kit' THEN (SELECT coalesce(sum(kit_on_hand(s.id, p.id)), 0) FROM store s
                                     WHERE s.tenant_id = $1 AND s.archived_at IS NULL)
                   ELSE 0 END AS on_hand, coalesce(b.low, false) AS low,
       $3::boolean AND EXISTS (SELECT FROM stock_count c
                                 JOIN stock_count_line l
                                   ON l.tenant_id = $1 AND l.count_id = c.id AND l.product_id = p.id
                                WHERE c.tenant_id = $1 AND c.blind AND c.finished_at IS NULL
                                  AND c.cancelled_at IS NULL) AS hidden
  FROM product p
  LEFT JOIN LATERAL (SELECT sum(on_hand) AS on_hand, bool_or(low_since IS NOT NULL AND open) AS low FROM stock_balance
                        JOIN (SELECT id AS store_id, archived_at IS NULL AS open FROM store WHERE tenant_id = $1) s
                       USING (store_id)
                      WHERE tenant_id = $1 AND product_id = p.id) b ON true
  LEFT JOIN LATERAL (SELECT sum(w.quantity) AS waiting FROM store s
                       JOIN stock_delta w ON w.tenant_id = $1 AND w.store_id = s.id AND w.product_id = p.id
                      WHERE s.tenant_id = $1) d ON true
 WHERE p.tenant_id = $1 AND p.id = ANY ($2::uuid[])
"""


async def extras(read: Read, names: Collection[str], ids: Sequence[UUID]) -> dict[UUID, Extra]:
    """Read what the chosen columns show beyond a product's facts; {} where they show no more."""
    if not _EXTRA & set(names) or not ids:
        return {}
    rows = await read.fetch(_EXTRAS, read.tenant, list(ids), not read.scope.may(MOVE_STOCK))
    return {row[0]: Extra(tuple(row[1]), *tuple(row)[2:]) for row in rows}
