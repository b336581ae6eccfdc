"""Sales in which a cashier changed a price or gave a discount of their own are told to the features above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from retail.identity.approval_rules import asks_of
from retail.runtime.db import Tx
from retail.sales.allowance import act_of
from retail.sales.documents import SaleIn, StoredSale
from retail.sales.events import PriceAltered


def tell_altered(
    tx: Tx, created: Sequence[StoredSale], came: Mapping[UUID, SaleIn], off: Mapping[UUID, Mapping[UUID, int]]
) -> None:
    """Emit PriceAltered for each stored sale that took what approvals are about; others cost nothing."""
    for sale in created:
        one = came[sale.id]
        plain = not one.basket_discount and all(line.list_price is None and not line.discount for line in one.lines)
        if not plain and asks_of(act_of(one, off.get(sale.id, {}))):
            tx.emit(PriceAltered(sale.id))
