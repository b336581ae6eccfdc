"""Forecasts as they go out: which models they were made by, run by run, and how those did."""

from __future__ import annotations

from typing import Final

from retail.automation.columns import said
from retail.automation.exports.walking import Col, Walk, Walked
from retail.foresight import queries
from retail.identity.permissions import VIEW_DASHBOARD
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked

AT_ONCE: Final = 50


async def _models(read: Read, _asked: Asked) -> Walk:
    return lambda after: queries.register(read, limit=AT_ONCE, after=after)


FORESEEN: Final[dict[str, Walked]] = {
    "forecast-models": Walked(
        said("Models of forecasts"), VIEW_DASHBOARD,
        (Col("version", "plain", "run"), Col("made_at", "moment"), Col("level"), Col("measure"), Col("model"),
         Col("before"), Col("first_day", "plain"), Col("last_day", "plain"), Col("series", "plain"),
         Col("days", "plain"), Col("wape", "plain"), Col("bias", "plain"), Col("mase", "plain"), Col("rmsse", "plain"),
         Col("cover", "plain"), Col("naive_wape", "plain"), Col("naive_rmsse", "plain")),
        _models,
    ),
}  # fmt: skip
