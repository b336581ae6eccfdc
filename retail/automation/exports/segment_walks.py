"""Segments as they go out: how customers stand, who moved, and who came back month by month."""

from __future__ import annotations

from typing import Final

from retail.automation.columns import said
from retail.automation.exports.walking import AT_ONCE, Col, Walk, Walked, at_once
from retail.identity.permissions import VIEW_CUSTOMERS, VIEW_DASHBOARD
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.segments import moving, queries
from retail.segments.asking import month_in, moved_in, wanted_in, whole


async def _standings(read: Read, asked: Asked) -> Walk:
    queries.require_all(read)
    wanted, order = wanted_in(asked), asked.order(queries.ORDERS)
    return lambda after: queries.customers(read, wanted, limit=AT_ONCE, after=after, order=order)


async def _moves(read: Read, asked: Asked) -> Walk:
    queries.require_all(read)
    days = whole(month_in(asked, await moving.months(read)))
    was, became = moved_in(asked)
    return lambda after: moving.moves(read, limit=AT_ONCE, after=after, was=was, became=became, days=days)


async def _cohorts(read: Read, _asked: Asked) -> Walk:
    queries.require_all(read)
    return at_once(lambda: queries.cohorts(read))


SEGMENTED: Final[dict[str, Walked]] = {
    "segments": Walked(
        said("Segments of customers"), VIEW_DASHBOARD,
        (Col("name"), Col("segment"), Col("recency", "plain"), Col("frequency", "plain"),
         Col("money", "plain"), Col("visits", "plain"), Col("sales", "plain"), Col("spent", "money", "spend_minor"),
         Col("value", "money", "value_minor"), Col("risk_permille", "plain", "risk"),
         Col("first_visit", "plain", "first_on"),
         Col("last_visit", "plain", "last_on"), Col("next_visit", "plain", "next_on"),
         Col("interval_days", "plain"), Col("id", "plain", "customer")),
        _standings, also=VIEW_CUSTOMERS,
    ),
    "segment-moves": Walked(
        said("Moves between segments"), VIEW_DASHBOARD,
        (Col("moved_on", "plain"), Col("name"), Col("from", "text", "was"), Col("to", "text", "became"),
         Col("id", "plain", "customer")),
        _moves, also=VIEW_CUSTOMERS,
    ),
    "cohorts": Walked(
        said("Who came back"), VIEW_DASHBOARD,
        (Col("first_month", "plain"), Col("months_later", "plain", "later"), Col("customers", "plain"),
         Col("came", "plain")),
        _cohorts, also=VIEW_CUSTOMERS,
    ),
}  # fmt: skip
