"""Stock counts from a file (sku, store, quantity): what was counted becomes what is on hand, all of it or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final
from uuid import UUID

from retail.imports.files import opened, rows
from retail.imports.report import RefusedRows
from retail.kit.guard import unguarded
from retail.kit.ids import new_id
from retail.kit.quantity import NotAQuantity, from_milli, to_milli
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.stock import Counted, Document, count

COLUMNS: Final = ("sku", "store", "quantity")
_DECIMALS: Final = 3
_MOST_MILLI: Final = 10**12
_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True)
class _Known:
    products: dict[str, tuple[UUID, int]]
    stores: dict[str, UUID]


async def import_counts(tx: Tx, path: Path, refused: RefusedRows) -> int:
    """Count the file's products; `store` is a store's code or name. Gives how many were counted. Raises Invalid."""
    known = await _known(tx)
    counted: dict[UUID, dict[UUID, Decimal]] = {}
    with opened(path) as text:
        for line, cells in rows(text, COLUMNS):
            found = _judge([unguarded(cell.strip()) for cell in cells], known)
            if isinstance(found, str):
                refused.add(line, cells, found)
                continue
            store, product, quantity = found
            if product in counted.setdefault(store, {}):
                refused.add(line, cells, _("This product stands in the file twice for this store; the first counts."))
                continue
            counted[store][product] = quantity
    for store, quantities in sorted(counted.items()):
        goods = sorted(quantities.items())
        for start in range(0, len(goods), _AT_ONCE):
            document = Document(new_id(), store, _("Count from a file"), tx.now)
            await count(tx, document, [Counted(*one) for one in goods[start : start + _AT_ONCE]])
    return sum(map(len, counted.values()))


async def _known(tx: Tx) -> _Known:
    products = await tx.fetch("SELECT id, sku, decimals FROM product WHERE tenant_id = $1", tx.tenant)
    stores = await tx.fetch("SELECT id, code, name FROM store WHERE tenant_id = $1", tx.tenant)
    by_name = {row["name"].lower(): row["id"] for row in stores}
    return _Known(
        {row["sku"]: (row["id"], row["decimals"]) for row in products},
        by_name | {row["code"].lower(): row["id"] for row in stores},
    )


def _judge(cells: Sequence[str], known: _Known) -> tuple[UUID, UUID, Decimal] | str:
    """Give store, product and quantity, or why the row can't be used."""
    sku, store, text = cells
    if sku not in known.products:
        return _("There is no product with this SKU.")
    if store.lower() not in known.stores:
        return _("There is no store with this code or name.")
    product, decimals = known.products[sku]
    try:
        milli = to_milli(text.replace(",", "."))
    except NotAQuantity:
        return _("The quantity is no number with at most three decimals.")
    if not 0 <= milli <= _MOST_MILLI:
        return _("A count can't be below zero or beyond a billion.")
    if milli % 10 ** (_DECIMALS - decimals):
        return (
            _("This product is counted in whole pieces.") if decimals == 0 else _("The quantity has too many decimals.")
        )
    return known.stores[store.lower()], product, from_milli(milli)
