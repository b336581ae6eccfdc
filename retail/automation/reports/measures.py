"""What a report of figures can show: its measures, its sides, and which of them have a total.

docs/algorithms/reports.md, 2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from retail.analytics.rules import Totals
from retail.analytics.sections.reading import Side
from retail.automation.columns import said
from retail.automation.reports.sheet import Kind
from retail.kit.text import _


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of a row. `costs`: for who may see costs; `of_sales`: goods alone don't know it.

    `adds`: several of them together are a sum, and not a mean or a share.
    """

    label: str
    kind: Kind
    value: Callable[[Totals], Any]
    costs: bool = False
    of_sales: bool = False
    adds: bool = True

    @property
    def words(self) -> str:
        """Name it."""
        return _(self.label)


MEASURES: Final[Mapping[str, Measure]] = {
    "revenue": Measure(said("Revenue"), "money", lambda one: one.revenue),
    "net": Measure(said("Without tax"), "money", lambda one: one.revenue - one.tax),
    "sales": Measure(said("Sales"), "count", lambda one: one.sales),
    "units": Measure(said("Units"), "quantity", lambda one: one.units),
    "basket": Measure(said("Average basket"), "money", lambda one: one.average_basket, of_sales=True, adds=False),
    "tax": Measure(said("Tax"), "money", lambda one: one.tax),
    "refunds": Measure(said("Refunds"), "money", lambda one: one.refunds, of_sales=True),
    "returns": Measure(said("Returns"), "count", lambda one: one.returns, of_sales=True),
    "discount": Measure(said("Discounts"), "money", lambda one: one.discount),
    "cost": Measure(said("Cost"), "money", lambda one: one.cost, costs=True),
    "margin": Measure(said("Margin"), "money", lambda one: one.margin, costs=True),
    "share": Measure(said("Gross margin"), "share", lambda one: one.gross_margin, costs=True, adds=False),
}
SIDES: Final[Mapping[Side, str]] = {
    "day": said("Day"), "week": said("Week"), "month": said("Month"), "weekday": said("Weekday"), "hour": said("Hour"),
    "store": said("Store"), "till": said("Till"), "cashier": said("Cashier"), "tender": said("Paid with"),
    "group": said("Customer group"), "category": said("Category"), "product": said("Product"),
}  # fmt: skip
TIMES: Final = frozenset({"day", "week", "month", "weekday", "hour"})
WARES: Final = frozenset({"product", "category"})


def known(name: str, sides: frozenset[str]) -> bool:
    """Claim that a measure of a row is known where rows are of these sides, or narrowed to them.

    A sale may hold several products: how often one of a category was sold can't be told from the products' sums.
    """
    if not sides & WARES:
        return True
    if name == "sales":
        return "product" in sides
    return not MEASURES[name].of_sales
