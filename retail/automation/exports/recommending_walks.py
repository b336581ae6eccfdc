"""Recommendations as they go out: pairs that are bought together, and what is never suggested."""

from __future__ import annotations

from typing import Final

from retail.automation.columns import said
from retail.automation.exports.walking import Col, Walk, Walked
from retail.identity.permissions import EDIT_CATALOGUE, VIEW_DASHBOARD
from retail.recommending import queries
from retail.recommending.pages import wanted_in
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked

AT_ONCE: Final = 500


async def _pairs(read: Read, asked: Asked) -> Walk:
    wanted, order = await wanted_in(read, asked), asked.order(queries.ORDERS)
    return lambda after: queries.pairs(read, wanted, limit=AT_ONCE, after=after, order=order)


async def _excludes(read: Read, asked: Asked) -> Walk:
    text = asked.search()
    return lambda after: queries.excludes(read, text=text, limit=AT_ONCE, after=after)


RECOMMENDED: Final[dict[str, Walked]] = {
    "also-bought": Walked(
        said("Bought together"), VIEW_DASHBOARD,
        (Col("sku"), Col("name"), Col("other_sku", at="other.sku"), Col("other_name", at="other.name"),
         Col("together", "plain", "other.figures.together"), Col("baskets", "plain", "other.figures.baskets"),
         Col("other_baskets", "plain", "other.figures.other_baskets"),
         Col("all_baskets", "plain", "other.figures.all_baskets"), Col("support", "share", "other.figures.share"),
         Col("lift", "share", "other.figures.lift"), Col("score_micros", "plain", "other.score")),
        _pairs,
    ),
    "never-suggested": Walked(
        said("Never suggested"), EDIT_CATALOGUE,
        (Col("sku"), Col("name"), Col("other_sku"), Col("other_name"), Col("since", "moment", "created_at")),
        _excludes,
    ),
}  # fmt: skip
