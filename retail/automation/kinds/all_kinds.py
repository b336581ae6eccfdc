"""The kinds there are, by name, and what of a kind somebody may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from retail.automation.columns import Column
from retail.automation.kinds.base import Kind
from retail.automation.kinds.customers import Customers
from retail.automation.kinds.pictures import Pictures
from retail.automation.kinds.products import PRICE_ROWS, PRODUCT_ROWS
from retail.automation.kinds.stock import Stock
from retail.automation.kinds.suppliers import Suppliers
from retail.automation.kinds.supplies import Supplies
from retail.kit.errors import NotFound

KINDS: Final[dict[str, Kind]] = {
    kind.name: kind for kind in (PRODUCT_ROWS, PRICE_ROWS, Stock(), Suppliers(), Supplies(), Customers(), Pictures())
}


def kind_of(name: str) -> Kind:
    """Give a kind by its name. Raises NotFound."""
    if name not in KINDS:
        raise NotFound("import")
    return KINDS[name]


def columns_for(kind: Kind, *, with_costs: bool) -> Sequence[Column]:
    """Give a kind's columns; without the right to see costs, none of those."""
    return [column for column in kind.columns if with_costs or not column.cost]
