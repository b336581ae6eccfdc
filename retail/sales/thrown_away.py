"""Goods that came back and can't be sold again: they return to stock with the return, and leave it again as waste."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID, uuid5

from retail.kit.errors import DomainError
from retail.kit.quantity import from_milli
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.sales.documents import StoredLine, StoredSale
from retail.sales.remarks import Remark
from retail.sales.writing import remark
from retail.stock import Document, Taken, waste
from retail.stock.operations import fold_these
from retail.stock.queries import lock_levels
from retail.stock.rules import trace_of


async def throw_away(tx: Tx, made: StoredSale, lines: Collection[UUID]) -> None:
    """Write off what of a stored return is waste, a document per line; what stock refuses is remarked on."""
    for line in made.lines:
        goods = _goods(line) if line.id in lines else []
        if not goods:
            continue
        document = Document(uuid5(made.id, str(line.id)), made.store, _("Came back, can't be sold"), made.received_at)
        try:
            async with tx.savepoint():
                if line.named.serials:  # a piece is written off where it lies: it has to be back first
                    keys = [(made.store, one.product) for one in goods]
                    await lock_levels(tx, keys)
                    await fold_these(tx, keys)
                await waste(tx, document, goods)
        except DomainError:
            facts = {"name": line.name, "return": str(made.id)}
            await remark(tx, made.till, [Remark("waste_not_written", facts, line.product)])


def _goods(line: StoredLine) -> list[Taken]:
    if line.parts is not None:
        return [Taken(one.product, from_milli(-one.quantity_milli)) for one in line.parts if one.product is not None]
    if line.product is None:
        return []
    return [Taken(line.product, from_milli(-line.quantity_milli), trace_of(line.named, line.quantity_milli))]
