"""Prices that were right when the sale was made: a till without a network, a group's price, a change a second ago.

A sale is compared with what its store asks now, which costs nothing more. Only where that differs it is asked what held
at the moment of the sale; a remark stays where neither was charged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from retail.catalog.prices.past import Bought, prices_then
from retail.catalog.taxes.rules import MILLION
from retail.kit.money import mul_div
from retail.runtime.db import Tx
from retail.sales.documents import StoredLine, StoredSale
from retail.sales.remarks import Remark

OTHER: Final = "price_changed"


async def sure_prices(tx: Tx, sales: Sequence[StoredSale]) -> Sequence[StoredSale]:
    """Take the remark of another price off the lines that were charged what held then."""
    doubted = [
        (sale, line, one) for sale in sales for one in sale.remarks if one.code == OTHER for line in _lines(sale, one)
    ]
    if not doubted:
        return sales
    rates = await _lifted(tx, sales)
    bought = [
        Bought(line.product or UUID(int=0), sale.store, sale.occurred_at, sale.price_group, line.quantity_milli)
        for sale, line, _one in doubted
    ]
    held = await prices_then(tx, bought)
    right: dict[UUID, list[Remark]] = {}
    for (sale, line, one), price in zip(doubted, held, strict=True):
        if price is None:
            continue
        whole = max(0, price + int(one.facts.get("extra", 0)))
        if line.unit_price in {whole, _untaxed(whole, sale, line, rates)}:
            right.setdefault(sale.id, []).append(one)
    return [
        replace(sale, remarks=tuple(one for one in sale.remarks if not _among(one, right[sale.id])))
        if sale.id in right
        else sale
        for sale in sales
    ]


def _lines(sale: StoredSale, remark: Remark) -> list[StoredLine]:
    return [line for line in sale.lines if str(line.id) == remark.facts.get("line")]


def _among(remark: Remark, some: Sequence[Remark]) -> bool:
    return any(remark is one for one in some)


async def _lifted(tx: Tx, sales: Sequence[StoredSale]) -> dict[str, int]:
    """Give the rates of tax by class, where any of the sales is exempt."""
    if not any(sale.exemption for sale in sales):
        return {}
    rows = await tx.fetch("SELECT code, rate_micros FROM tax_class WHERE tenant_id = $1", tx.tenant)
    return {row["code"]: row["rate_micros"] for row in rows}


def _untaxed(price: int, sale: StoredSale, line: StoredLine, rates: Mapping[str, int]) -> int:
    """Give the price without the tax that an exempt customer need not pay."""
    if sale.exemption is None or line.rate_micros or not sale.prices_include_tax:
        return price
    return mul_div(price, MILLION, MILLION + rates.get(line.tax_code, 0))
