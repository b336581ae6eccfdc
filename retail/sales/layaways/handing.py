"""Sales that hand kept goods over: what was agreed raises no remark, the goods are free, the keeping is over.

Asked only where a sale names kept goods; every other sale costs nothing here.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from retail.runtime.db import Row, Tx
from retail.sales.documents import SaleIn, StoredSale, TenderIn
from retail.sales.layaways.keeping import end
from retail.sales.layaways.reading import kept_lines
from retail.sales.layaways.rules import Handed, as_agreed, label
from retail.sales.remarks import Remark
from retail.stock.reserving.operations import end_of
from retail.value.rules import DOWN_PAYMENT

_LOCK: Final = """
SELECT id, number, basket, total_minor, ended_at, ended_how, ended_id FROM layaway
 WHERE tenant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR UPDATE"""
_BALANCES: Final = """
SELECT id, balance_minor FROM value_account WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND balance_minor > 0"""


async def agreed(tx: Tx, sales: Sequence[SaleIn], stored: Collection[UUID]) -> list[SaleIn]:
    """Say of each sale which lines are handed over as they were agreed; one that names unknown goods names none.

    Locks the kept goods, in the order of their ids.
    """
    wanted = {sale.layaway for sale in sales if sale.layaway is not None}
    if not wanted:
        return list(sales)
    found: dict[UUID | None, Row] = {row["id"]: row for row in await tx.fetch(_LOCK, tx.tenant, sorted(wanted))}
    return [_agreed(sale, found.get(sale.layaway), stored) for sale in sales]


def apart(sale: SaleIn) -> SaleIn:
    """Give a sale without what was agreed before: the rest is the cashier's own."""
    if not sale.agreed:
        return sale
    lines = tuple(line for line in sale.lines if line.id not in sale.agreed)
    return replace(sale, lines=lines, basket_discount=min(sale.basket_discount, sum(line.discount for line in lines)))


async def handed_over(tx: Tx, sales: Sequence[StoredSale]) -> Sequence[StoredSale]:
    """Let go of the goods that sales hand over, and end their keeping; what is odd about it is remarked on.

    Goods that were handed over or cancelled before stay as they ended. Comes after the down payments were taken.
    """
    wanted = {sale.layaway for sale in sales if sale.layaway is not None}
    if not wanted:
        return sales
    rows = {row["id"]: row for row in await tx.fetch(_LOCK, tx.tenant, sorted(wanted))}
    marked = []
    for sale in sales:
        if sale.layaway is None:
            marked.append(sale)
            continue
        row = rows[sale.layaway]
        odd = []
        if row["ended_at"] is not None and row["ended_id"] != sale.id:
            odd.append(Remark("layaway_over", {"layaway": label(row["number"])}))
        elif row["ended_at"] is None:
            await end_of(tx, row["id"], "used")
            await end(tx, row["id"], "fetched", sale.id)
            tx.audit("layaway.fetched", "layaway", row["id"], name=label(row["number"]), sale=sale.id)
        marked.append(replace(sale, remarks=(*sale.remarks, *odd)))
    left = {row["id"]: row["balance_minor"] for row in await tx.fetch(_BALANCES, tx.tenant, sorted(wanted))}
    return [_with_rest(sale, rows, left) for sale in marked]


def _agreed(sale: SaleIn, row: Row | None, stored: Collection[UUID]) -> SaleIn:
    if sale.layaway is None or row is None:
        return replace(sale, layaway=None) if sale.layaway is not None else sale
    if sale.id in stored:
        return sale
    handed = [Handed(one.id, one.product, one.quantity_milli, one.unit_price, one.discount) for one in sale.lines]
    same = as_agreed(kept_lines(json.loads(row["basket"])), handed, row["total_minor"])
    return replace(sale, tenders=_change_in_cash(sale.tenders), agreed=same)


def _change_in_cash(tenders: Sequence[TenderIn]) -> tuple[TenderIn, ...]:
    """Take change for down payments out of the drawer: what was paid ahead is used up whole."""
    change = sum(one.change for one in tenders if one.type == DOWN_PAYMENT)
    if not change:
        return tuple(tenders)
    plain = [replace(one, change=0) if one.type == DOWN_PAYMENT else one for one in tenders]
    return (*plain, TenderIn("cash", 0, change))


def _with_rest(sale: StoredSale, rows: dict[UUID, Row], left: dict[UUID, int]) -> StoredSale:
    amount = left.get(sale.layaway, 0) if sale.layaway else 0
    if not amount or sale.layaway is None:
        return sale
    facts = {"layaway": label(rows[sale.layaway]["number"]), "amount": amount}
    return replace(sale, remarks=(*sale.remarks, Remark("down_payment_unexpected", facts)))
