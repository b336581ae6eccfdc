"""What to order as it goes out: with a budget also what of it that buys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from retail.automation.columns import said
from retail.automation.exports.walking import Col, Walk, Walked, at_once
from retail.catalog.suppliers.queries import preferred_ones
from retail.identity.permissions import VIEW_STOCK
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.stock.reordering.queries import Suggested, suggestions
from retail.stock.reordering.spending import budget_in, within
from retail.stock.reordering.words import left_out, why
from retail.tenants import queries as tenants
from retail.tenants.queries import this_tenant


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What should be ordered, and why."""

    of: Suggested
    reason: str
    in_budget: Decimal | None = None
    in_budget_cost: int | None = None
    left_out: str = ""

    @property
    def reorder_at(self) -> Decimal:
        """Give the point to three decimals: what sells in a lead time has as many as it likes."""
        return self.of.suggestion.point.quantize(Decimal("0.001"))


async def _suggestions(read: Read, asked: Asked) -> Walk:
    store, text = asked.one_of("store", {one.id for one in await tenants.stores(read)}), asked.search()
    supplier = asked.one_of("supplier", {id for id, _name in await preferred_ones(read)})
    budget = await budget_in(read, asked)

    async def found() -> Sequence[_Wanted]:
        every = await suggestions(read, store=store, text=text, supplier=supplier)
        if budget is None:
            return [_Wanted(one, why(one)) for one in every]
        plan, facts = await within(read, every, budget), await this_tenant(read)
        bought = [(one, plan[one.store, one.product]) for one in every]
        return [
            _Wanted(one, why(one), what.quantity, what.cost_minor, left_out(one, what, facts)) for one, what in bought
        ]

    return at_once(found)


TO_ORDER: Final = Walked(
    said("What to order"), VIEW_STOCK,
    (Col("sku", at="of.sku"), Col("name", at="of.name"), Col("store", at="of.store_name"),
     Col("on_hand", "quantity", "of.need.on_hand"), Col("order", "quantity", "of.suggestion.order"),
     Col("unit", at="of.unit"), Col("runs_out_on", "plain", "of.runs_out"),
     Col("reorder_at", "quantity"), Col("supplier", at="of.supplier_name"),
     Col("reason"), Col("unit_cost", "cost", "of.unit_cost"),
     Col("gone_percent", "plain", "of.ending.chance"), Col("gone_by", "plain", "of.ending.before"),
     Col("in_budget", "quantity"), Col("in_budget_cost", "money"), Col("left_out")),
    _suggestions,
)  # fmt: skip
